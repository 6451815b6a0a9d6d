"""A seller with an interface of its own, and in no hurry; ``own_names.yaml`` translates.

    python examples/subjects/own_names.py --port 8081

Statuses have other names, an order exists only once it is placed, its platform takes some steps
by itself, and what is read may be a moment old: every reading is of a copy, which is brought up
to date behind the reader's back.
"""

import argparse

from seller import STEPS, RefusedError, Seller
from server import Handler, serve

STATES = {
    "order-accepted": "RECEIVED",
    "on-order-completed-ffm": "COMPLETING",
    "waiting-ffmt-authorization": "AWAITING_PAYMENT",
    "waiting-for-manual-authorization": "PRICE_CHECK",
    "authorize-fulfillment": "RESERVING",
    "window-to-cancel": "GRACE_PERIOD",
    "ready-for-handling": "OPEN",
    "start-handling": "STARTING",
    "handling": "IN_PREPARATION",
    "invoice": "CHECKING_INVOICE",
    "invoiced": "SHIPPED",
    "cancellation-requested": "CANCEL_ASKED",
    "invoice-after-cancellation-deny": "INVOICE_INSTEAD",
    "cancel": "CANCELING",
    "canceled": "CANCELED",
}

BY_ITSELF = ("complete_checkout", "begin_preparation", "finish_cancel")


class Unhurried(Seller):
    """A seller whose readers see a copy, and whose platform works between two readings."""

    def __init__(self, items):
        super().__init__(items)
        self.fire("place_order", {})
        self.copy = self.status

    def read(self):
        """The state as a reader sees it; then the copy is renewed and the platform does a step."""
        seen, self.copy = self.copy, self.status
        for event in BY_ITSELF:
            if (self.status, event) in STEPS:
                self.fire(event, {})
                break
        return STATES[seen]


class OwnHandler(Handler):
    """POST /sales, GET /sales/REF, POST /sales/REF/start, /invoice, /wait or /do/SOMETHING."""

    def do_POST(self):  # noqa: N802
        given = self.document()
        parts = self.path.strip("/").split("/")
        if parts == ["sales"]:
            reference = f"S-{len(self.server.orders) + 1}"
            self.server.orders[reference] = Unhurried(given["basket"])
            return self.answer(201, {"sale": {"ref": reference}})
        order = self.server.orders.get(parts[1]) if len(parts) > 2 else None
        if order is None:
            return self.answer(404, {"error": {"code": "unknown-sale"}})
        if parts[2] == "wait":
            order.advance(given["ms"])
            return self.answer(202, {})
        event, data = self.event(parts[2:], given)
        try:
            order.fire(event, data)
        except RefusedError:
            return self.answer(422, {"error": {"code": "not-now"}})
        return self.answer(202, {})

    def event(self, words, given):
        """What happens, and what comes with it."""
        if words == ["start"]:
            return "start_handling", {}
        if words == ["invoice"]:
            return "verify_invoice", {"value": given["cents"]} if "cents" in given else {}
        return words[-1], given

    def do_GET(self):  # noqa: N802
        order = self.server.orders.get(self.path.strip("/").split("/")[-1])
        if order is None:
            return self.answer(404, {"error": {"code": "unknown-sale"}})
        return self.answer(200, {"sale": {"state": order.read()}})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A seller with an interface of its own.")
    parser.add_argument("--port", type=int, default=0)
    serve(OwnHandler, parser.parse_args().port)
