"""A seller behind HTTP that speaks the plain protocol of ``docs/subjects.md``.

    python examples/subjects/server.py --port 8080
    python examples/subjects/server.py --port 8080 --wrong never-denies

It prints its URL and serves until it is stopped; port 0 takes any that is free.
"""

import argparse
import contextlib
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from seller import RefusedError
from wrong import WRONG, seller_named


class Handler(BaseHTTPRequestHandler):
    """One connection. The server keeps the orders, and the kind of seller that makes them."""

    protocol_version = "HTTP/1.1"  # keeps the connection
    disable_nagle_algorithm = True
    wbufsize = 65_536  # head and body of an answer leave together

    def do_POST(self):
        given = self.document()
        parts = self.path.strip("/").split("/")
        if parts == ["orders"]:
            number = str(len(self.server.orders) + 1)
            self.server.orders[number] = self.server.seller(given["items"])
            return self.answer(201, {"id": number})
        order = self.order(parts)
        if order is None or len(parts) != 3:
            return self.answer(404, {"message": "no such order"})
        if parts[2] == "clock":
            order.advance(given["milliseconds"])
        elif parts[2] == "events":
            try:
                order.fire(given["event"], given["data"])
            except RefusedError as error:
                return self.answer(409, {"message": str(error)})
        else:
            return self.answer(404, {"message": "no such resource"})
        return self.answer(200, {})

    def do_GET(self):
        order = self.order(self.path.strip("/").split("/"))
        if order is None:
            return self.answer(404, {"message": "no such order"})
        return self.answer(200, {"status": order.status, "trigger": order.trigger})

    def order(self, parts):
        known = len(parts) > 1 and parts[0] == "orders"
        return self.server.orders.get(parts[1]) if known else None

    def document(self):
        length = int(self.headers.get("Content-Length") or 0)
        return json.loads(self.rfile.read(length) or b"{}")

    def answer(self, code, document):
        body = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Say nothing of single requests."""


def serve(handler, port, **more):
    """Serve orders on this machine until somebody stops it."""
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        server.orders = {}
        for name, value in more.items():
            setattr(server, name, value)
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A seller behind HTTP.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--wrong", choices=sorted(WRONG), default="")
    asked = parser.parse_args()
    serve(Handler, asked.port, seller=seller_named(asked.wrong))
