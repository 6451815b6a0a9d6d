"""What an integration tells of its own books, for whoever is to judge it (a sandbox decision).

Some duties of an integration leave no trace in its calls, such as keeping one reservation of an
order that it was told of twice. An integration that wants to be judged on them tells what it
writes down; who does not is judged by its calls.
"""

from __future__ import annotations

from orderflow.sandbox.control.asking import body_of, listed, text, trouble
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.trace import shown

WHAT = (
    "status",
    "shipment",
    "reservation",
    "stock",
    "modification",
    "invoice",
    "tracking",
    "delivery",
    "cancellation",
    "received",
)
"""What a record can be of."""

PATH = "/_sandbox/records"
_LONGEST = 100


def tell(service: Service, call: Call) -> Answer:
    """Tell what stands in your own books of an order.

    ``{"orderId": "v100001sbx-01", "what": "shipment", "value": "1"}``. An order of a marketplace
    outside the platform may be called as it calls it. Nobody remembers it but a trace.
    """
    sent = body_of(call, ("orderId", "what", "value"))
    order_id, what = text(sent, "orderId"), text(sent, "what")
    if what not in WHAT:
        raise trouble(400, f"what: {what[:_LONGEST]!r} is none; there are: {listed(WHAT)}")
    value = sent.get("value")
    if value is not None and not isinstance(value, str | int | bool):
        raise trouble(400, "value must be a text, a whole number, true, false or null")
    account = service.accounts.first.account
    store = service.store
    held = store.find(order_id, account) or store.of_marketplace(order_id, account)
    if held is None:
        raise trouble(404, f"account {account!r} has no order {order_id[:_LONGEST]!r}")
    if service.witness is not None:
        kept = shown(value, _LONGEST) if isinstance(value, str) else value
        service.witness.record(held.order_id, what, kept)
    return Answer(204)


ROUTES: tuple[Route, ...] = (Route("POST", PATH, tell, reads=True),)
