"""The applications of the benchmark for uWSGI, as a Python programmer writes them (PEP 3333)."""

import json
import os

PAYLOADS = os.environ["BENCH_PAYLOADS"]
OCTETS = "application/octet-stream"


def read_payload(name):
    with open(os.path.join(PAYLOADS, name), "rb") as payload:
        return payload.read()


def answer(start_response, content_type, body):
    start_response("200 OK", [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return [body]


def make_hello():
    return lambda environ, start_response: answer(start_response, "text/html", b"Hello World")


def make_json():
    document = json.loads(read_payload("document.json"))

    def application(environ, start_response):
        body = json.dumps(document, separators=(",", ":")).encode()
        return answer(start_response, "application/json", body)

    return application


def make_echo():
    return lambda environ, start_response: answer(start_response, OCTETS, environ["wsgi.input"].read())


def make_large():
    body = read_payload("large.bin")
    return lambda environ, start_response: answer(start_response, OCTETS, body)


def make_file():
    path = os.path.join(PAYLOADS, "file.bin")
    length = str(os.path.getsize(path))

    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", OCTETS), ("Content-Length", length)])
        return environ["wsgi.file_wrapper"](open(path, "rb"))

    return application


FACTORIES = {
    "hello": make_hello,
    "json": make_json,
    "echo": make_echo,
    "large": make_large,
    "file": make_file,
}

application = FACTORIES[os.environ["BENCH_APP"]]()
