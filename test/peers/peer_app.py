"""The application of test/apps/peer.ts for uWSGI: the same paths, the same bytes, the same notes for the test."""

import hashlib
import os
import time

DIRECTORY = os.environ["PEER_DIRECTORY"]
PIECE = 65536
PERIOD = 65521
BLOCK = 65536


def make_pattern():
    state, pattern = 1, bytearray()
    for _ in range(PERIOD):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        pattern.append(state >> 24)
    return bytes(pattern + pattern[:PIECE])


PATTERN = make_pattern()


def pieces(length):
    for at in range(0, length, PIECE):
        start = at % PERIOD
        yield PATTERN[start : start + min(PIECE, length - at)]


def note(name, text):
    with open(os.path.join(DIRECTORY, name), "a") as file:
        file.write(text)


def begin(name):
    note("begun", f"{name} {os.getpid()}\n")


def wait_for_release():
    while not os.path.exists(os.path.join(DIRECTORY, "released")):
        time.sleep(0.005)


def start(start_response, status="200 OK", length=None):
    declared = [] if length is None else [("Content-Length", str(length))]
    start_response(status, [("Content-Type", "text/plain"), *declared])


def answer(start_response, text, status="200 OK"):
    start(start_response, status)
    return [text.encode()]


def hello(environ, start_response, _):
    return answer(start_response, "hello") if environ["REQUEST_METHOD"] != "HEAD" else answer(start_response, "")


def digest(environ, start_response, _):
    digest, length = hashlib.sha256(), 0
    left = int(environ.get("CONTENT_LENGTH") or 0)
    while left > 0:
        piece = environ["wsgi.input"].read(min(left, BLOCK))
        digest.update(piece)
        length += len(piece)
        left -= len(piece)
    return answer(start_response, f"{length} {digest.hexdigest()}")


def known_length(_, start_response, length):
    start(start_response, length=int(length))
    return pieces(int(length))


def unknown_length(_, start_response, length):
    start(start_response)
    return pieces(int(length))


def status(_, start_response, code):
    return answer(start_response, f"status {code}", f"{code} As Asked")


def throw(*_):
    raise RuntimeError("thrown on purpose")


def load(_, start_response, name):
    begin(name)
    return answer(start_response, name)


def held(_, start_response, name):
    begin(name)
    wait_for_release()
    return answer(start_response, name)


class Endless:
    """uWSGI closes what it was sending when its peer is gone."""

    def __init__(self, name):
        self.name = name

    def __iter__(self):
        while True:
            yield PATTERN

    def close(self):
        note(f"aborted-{self.name}", "client-gone")


def endless(_, start_response, name):
    begin(name)
    start(start_response)
    return Endless(name)


HANDLERS = {
    "hello": hello,
    "hash": digest,
    "bytes": known_length,
    "stream": unknown_length,
    "status": status,
    "throw": throw,
    "load": load,
    "held": held,
    "endless": endless,
}


def application(environ, start_response):
    _, name, *rest = environ["PATH_INFO"].split("/")
    return HANDLERS[name](environ, start_response, rest[0] if rest else "")
