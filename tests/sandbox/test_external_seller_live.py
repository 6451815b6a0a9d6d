"""A seller behind a real address is called, calls back while it is called, and moves its order."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from orderflow.sandbox.server import Sandbox


class Store(BaseHTTPRequestHandler):
    """A seller that invoices an order before it has answered that it may handle it."""

    sandbox: Sandbox
    seen: list[str]
    slow = 0.0

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        type(self).seen.append(self.path)
        if self.path.endswith("/simulation"):
            time.sleep(self.slow)
            rows = [{"id": i["id"], "quantity": i["quantity"], "price": 1} for i in body["items"]]
            self.answer({"items": rows})
        elif self.path.endswith("/fulfill"):
            self.invoice(body["marketplaceOrderId"])
            self.answer({**body, "orderId": "7890", "date": "2024-01-01", "receipt": None})
        else:
            mail = "seller@example.com"
            self.answer([{**order, "orderId": "7890", "followUpEmail": mail} for order in body])

    def invoice(self, order_id: str) -> None:
        items = [{"id": "item-1", "quantity": 1, "price": 10_000}]
        sent = {"type": "Output", "invoiceNumber": "NF-1", "items": items}
        call(self.sandbox, f"/pvt/orders/{order_id}/invoice", sent)

    def answer(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name
        del format, args


def call(sandbox: Sandbox, path: str, body: object = None) -> Any:
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(sandbox.url + path, data=sent, headers=sandbox.headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as given:  # noqa: S310
        return json.loads(given.read() or b"null")


@contextmanager
def store(sandbox: Sandbox, slow: float = 0.0) -> Iterator[type[Store]]:
    handler = type("Handler", (Store,), {"sandbox": sandbox, "seen": [], "slow": slow})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/api"
        call(sandbox, "/_sandbox/sellers", {"sellerId": "live", "url": url})
        yield handler
        server.shutdown()
        thread.join()


def until(sandbox: Sandbox, order_id: str, status: str) -> None:
    """Wait for an order to come to a status."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if call(sandbox, f"/_sandbox/orders/{order_id}")["status"] == status:
            return
        time.sleep(0.01)
    raise AssertionError(call(sandbox, "/_sandbox/sellers/log"))


def place(sandbox: Sandbox) -> str:
    made = call(sandbox, "/_sandbox/orders", {"deal": "marketplace-seller"})
    return str(made["orders"][0]["orderId"])


def test_a_sale_goes_through_a_real_seller() -> None:
    with Sandbox() as sandbox, store(sandbox) as seller:
        order_id = place(sandbox)
        until(sandbox, order_id, "payment-pending")
        path = f"/_sandbox/orders/{order_id}/events"
        call(sandbox, path, {"event": "payment_approved"})
        until(sandbox, order_id, "invoiced")
        assert seller.seen == [
            "/api/pvt/orderForms/simulation",
            "/api/pvt/orders",
            "/api/pvt/orders/7890/fulfill",
        ]
        assert call(sandbox, f"/api/oms/pvt/orders/{order_id}")["sellerOrderId"] == "7890"


def test_a_simulation_that_takes_longer_than_two_and_a_half_seconds_loses_the_sale() -> None:
    with Sandbox() as sandbox, store(sandbox, slow=3.0) as seller:
        order_id = place(sandbox)
        until(sandbox, order_id, "canceled")
        assert seller.seen == ["/api/pvt/orderForms/simulation"]
