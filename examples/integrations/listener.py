"""The address at which an integration can be called: an HTTP server in a thread of its own."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LONGEST = 1_000_000  # bytes of a body


class Caller(BaseHTTPRequestHandler):
    timeout = 10

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        status, told = 413, None
        if length <= LONGEST:
            status, told = self.server.answer(self.path, self.headers, self.rfile.read(length))
        body = b"" if told is None else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


class Listener(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 512  # many may call at once

    def __init__(self, port, answer, caller=Caller):
        super().__init__(("127.0.0.1", port), caller)
        self.answer = answer


def listen(port, answer, caller=Caller):
    """Let *answer* tell ``(status, body or None)`` for the path, headers and body of each POST."""
    threading.Thread(target=Listener(port, answer, caller).serve_forever, daemon=True).start()


def read(body):
    """The JSON in a body, None when there is none: nothing that is sent may stop us."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def parsed(body):
    """The object in a body, an empty one when there is none."""
    found = read(body)
    return found if isinstance(found, dict) else {}
