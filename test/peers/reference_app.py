"""What the reference server gives an application: the text entries of the environ, and the length of the body."""

import json


def application(environ, start_response):
    length = len(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    texts = {key: value for key, value in environ.items() if isinstance(value, str)}
    body = json.dumps({**texts, "body.length": str(length)}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
