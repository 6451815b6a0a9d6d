"""Cancelling an order, and refusing to.

Source: domain fact sheet "HTTP surface", sections 3 and 3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from orderflow.sandbox.dialect import (
    Answer,
    DialectError,
    as_json,
    bad_request,
    refusal,
    required,
    text_in,
)
from orderflow.sandbox.document import receipt
from orderflow.sandbox.external_seller import ExternalSellers
from orderflow.sandbox.external_seller_acts import Desk
from orderflow.sandbox.handled import bring_up, documents_to_seller
from orderflow.sandbox.order_statuses import ASKED_TO_CANCEL, CANCELED, NOT_AN_ORDER
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.sandbox.vendor.mistakes import body_of
from orderflow.simulator.simulator import Refused

_NEVER = CANCELED | {"order-created", "start-handling", "invoice", "invoiced", "replaced"}
_WAYS = ("cancel_order", "request_cancel", "seller_cancel")
"""What a first call may mean, by status; each flow takes one of them at most."""


def cancel(service: Service, call: Call) -> Answer:
    """200 with a receipt: the request is taken note of, and the status says what came of it."""
    held = service.order(call.parameters["orderId"], call.account)
    sent = body_of(service, call)
    reason, by_user = text_in(sent, "reason"), sent.get("requestedByUser")
    if by_user is not None and not isinstance(by_user, bool):
        raise bad_request("The field requestedByUser must be a boolean")
    _refuse_hopeless(held)
    data = {"reason": reason} if reason else {}
    if held.status in ASKED_TO_CANCEL:
        if not _agreed(service, held, data):
            raise _cannot(held)
        return as_json(receipt(held, service.now))
    # all that a seller can do goes first when no shopper asked; the flow may know only the shopper
    actors = ("seller", None) if by_user is False else (None,)
    for actor in actors:
        for way in _WAYS:
            if not isinstance(service.fire(held, way, data, actor=actor), Refused):
                return as_json(receipt(held, service.now))
    raise _cannot(held)


def _agreed(service: Service, held: Held, data: Mapping[str, object]) -> bool:
    """Take the second call as the seller's yes; one outside the platform is asked again instead."""
    outside = service.part(ExternalSellers)
    if outside.plays(held):
        return outside.ask_again(held)
    return _decided(service, held, "accept_cancel", data)


def _decided(service: Service, held: Held, event: str, data: Mapping[str, object]) -> bool:
    """Let whoever handles the order decide on its cancellation; False when it cannot.

    The documents above hear of it at once: no source says how a call on one of them travels
    (sandbox decision).
    """
    documents = documents_to_seller(service, held)
    if isinstance(service.fire(documents[-1], event, data), Refused):
        return False
    bring_up(service, documents)
    return True


def _refuse_hopeless(held: Held) -> None:
    if held.status in NOT_AN_ORDER:
        raise refusal(400, "CHK0200", "Incompleted orders cannot change status")
    if held.status in _NEVER:
        raise _cannot(held)


def _cannot(held: Held) -> DialectError:
    """400; that it has this code for a partly invoiced order, too, is a sandbox decision."""
    told = f"Order {held.order_id} cannot be cancelled in status {held.status}"
    return refusal(400, "CHK0202", told)


def deny_cancellation(service: Service, call: Call) -> Answer:
    """200 with an empty body; the order goes back to where it was before the request."""
    held = service.order(call.parameters["orderId"], call.account)
    sent = body_of(service, call)
    required(sent, "cancellationRequestId", "denyReason")
    wanted, reason = text_in(sent, "cancellationRequestId"), text_in(sent, "denyReason")
    if held.status in CANCELED:
        raise bad_request("The order is already canceled")
    if wanted not in {request.id for request in held.order.requests}:
        raise bad_request(f"Cancellation request {wanted[:100]!r} not found")
    asked = held.order.open_request
    if held.status not in ASKED_TO_CANCEL or asked is None or asked.id != wanted:
        raise bad_request(f"Invalid order status {held.status}")
    if not _denied(service, held, {"reason": reason}):
        raise bad_request(f"Invalid order status {held.status}")
    return Answer(200)


def _denied(service: Service, held: Held, data: Mapping[str, object]) -> bool:
    outside = service.part(ExternalSellers)
    if outside.plays(held):
        return outside.work(held, partial(Desk.say, event="deny_cancel", data=data)) is None
    return _decided(service, held, "deny_cancel", data)
