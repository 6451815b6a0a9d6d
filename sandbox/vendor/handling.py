"""Start handling, payment notification and interactions.

Source: domain fact sheet "HTTP surface", section 3.
"""

from __future__ import annotations

from orderflow.sandbox.dialect import Answer, bad_request, refusal, text_in
from orderflow.sandbox.document_money import payments
from orderflow.sandbox.order_statuses import CANCELED, NOT_AN_ORDER
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Interaction, Service
from orderflow.sandbox.vendor.mistakes import body_of, start_accepted, start_refused
from orderflow.simulator.simulator import Refused

_NOT_READY = "Order status should be ready-for-handling to perform this action"
_TOO_EARLY_OR_LATE = (
    NOT_AN_ORDER | CANCELED | {"order-created", "on-order-completed", "waiting-for-authorization"}
)
"""Where a notification is refused: `cancel` and `canceled` as the fact sheet decides, and what
comes before the payment as a sandbox decision."""

_MOST_LINES, _LONGEST = 1_000, 10_000
"""Log lines that an order keeps, the latest ones, and letters that are kept of each (sandbox
decision)."""


def start_handling(service: Service, call: Call) -> Answer:
    """204, or 409 in every status but ``ready-for-handling``; the body means nothing."""
    held = service.order(call.parameters["orderId"], call.account)
    if isinstance(service.fire(held, "start_handling"), Refused):
        start_refused(service, call, held)
        raise refusal(409, "OMS003", _NOT_READY)
    start_accepted(service, call, held)
    return Answer(204)


def notify_payment(service: Service, call: Call) -> Answer:
    """200; it releases ``payment-pending`` and has no effect in a later status.

    The sources do not say what is answered for a payment that the order does not have: it is let
    pass and written down (sandbox decision).
    """
    held = service.order(call.parameters["orderId"], call.account)
    if held.status in _TOO_EARLY_OR_LATE:
        told = f"Order {held.order_id} is in a invalid state to approve payment"
        raise refusal(400, "CHK0242", told)
    if call.parameters["paymentId"] not in {each["id"] for each in payments(held)}:
        told = "a notification of a payment that the order does not have: read paymentData"
        service.remark(call, "", told, held.order_id)
    if held.status == "payment-pending":
        service.fire(held, "approve_payment")
    return Answer(200)


def add_interaction(service: Service, call: Call) -> Answer:
    """200; a line is added to the log of the order."""
    held = service.order(call.parameters["orderId"], call.account)
    sent = body_of(service, call)
    source, message = text_in(sent, "source"), text_in(sent, "message")
    if not source or not message:
        raise bad_request("source and message are required")
    kept = service.interactions.setdefault((held.account, held.order_id), [])
    kept.append(Interaction(service.now, source[:_LONGEST], message[:_LONGEST]))
    del kept[:-_MOST_LINES]
    return Answer(200)
