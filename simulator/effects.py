"""What a step leaves behind in the order document, apart from the status itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from orderflow.flows.model import ABSENT, Transition
from orderflow.simulator.order import Cancellation, CancellationRequest, Change, Order

REQUESTED = frozenset({"request-cancel", "cancellation-requested"})
"""Statuses entered when somebody asks for a cancellation."""

COMPLETING = "complete_checkout"
"""Event that finishes the purchase."""

COMPLETED = frozenset({"on-order-completed", "on-order-completed-ffm"})
"""Statuses that say the purchase was finished, however the order got there (D-02)."""

_ORIGINS = {
    "shopper": "requestedByUser",
    "marketplace": "requestedByUser",
    "seller": "requestedBySellerNotification",
    "gateway": "requestedByPaymentNotification",
}


class Taken(NamedTuple):
    """A step as it is being taken.

    Attributes:
        transition: The transition.
        actor: Who fired it.
        now: Virtual time in ms.
        data: What came with the event.
        wanted_by: Who wants the cancellation it is about, where that is another one: the step is
            taken for somebody who acted on another document of the sale.
    """

    transition: Transition
    actor: str
    now: int
    data: Mapping[str, object]
    wanted_by: str = ""

    @property
    def asker(self) -> str:
        """Who wants the cancellation that the step is about."""
        return self.wanted_by or self.actor


def _deny(order: Order, taken: Taken) -> Order:
    if not order.requests:
        return order
    reason = str(taken.data.get("reason", "denied by the seller"))
    last = replace(order.requests[-1], denied=True, denied_at=taken.now, deny_reason=reason)
    return order._replace(requests=(*order.requests[:-1], last))


def _invoice(order: Order, taken: Taken) -> Order:
    if "value" in taken.data:  # posted while a cancellation was requested: it is the refusal
        return _deny(order, taken._replace(data={"reason": "answered with an invoice"}))
    verified = tuple(i if i.accepted else i._replace(accepted=True) for i in order.invoices)
    return order._replace(invoices=verified)


def _modify(order: Order, taken: Taken) -> Order:
    delta = taken.data.get("delta", 0)
    if not isinstance(delta, int) or not delta:
        return order
    change = Change(f"change-{len(order.changes) + 1}", taken.now, delta, order.status)
    totals = (*order.totals, ("Change", delta))
    changes = (*order.changes, change)
    return order._replace(value=order.value + delta, totals=totals, changes=changes)


_Effect = Callable[[Order, Taken], Order]

_BY_EVENT: dict[str, _Effect] = {
    "payment_approved": lambda order, _: order._replace(paid=True),
    "authorize_mkt_order": lambda order, _: order._replace(paid=True),
    "authorize_dispatch": lambda order, _: order._replace(paid=True),
    COMPLETING: lambda order, _: order._replace(is_completed=True),
    "deny_payment": lambda order, _: order._replace(denied_payment=True),
    "deny_cancel": _deny,
    "add_invoice_full": _invoice,
    "add_invoice_partial": _invoice,
    "modify_order": _modify,
    "change_seller": lambda order, _: order._replace(seller="inside-window"),
}


def _asked(order: Order, taken: Taken) -> tuple[CancellationRequest, ...]:
    name = f"{order.order_id}-request-{len(order.requests) + 1}"
    reason = str(taken.data.get("reason", f"asked for by the {taken.asker}"))
    held = taken.transition.source
    request = CancellationRequest(name, taken.now, taken.asker, held, reason)
    return (*order.requests, request)


def _canceled(order: Order, taken: Taken) -> Cancellation:
    asked = order.open_request
    origin = _ORIGINS.get(asked.by if asked else taken.asker, "requestedBySystem")
    reason = asked.reason if asked else str(taken.data.get("reason", _why_canceled(order, taken)))
    return Cancellation(taken.now, (origin,), reason)


def _why_canceled(order: Order, taken: Taken) -> str:
    # Source: domain fact sheet "Order flows", section 6 (mark of an incomplete order).
    return f"canceled by the {taken.asker}" if order.creation_error == "none" else "Creation error"


def _entered(order: Order, taken: Taken) -> dict[str, object]:
    """What entering the new status changes, whatever event led there; by field."""
    status = order.status
    if status in REQUESTED and taken.transition.source not in REQUESTED:
        return {"requests": _asked(order, taken)}
    if status == "cancel":
        return {"cancellation": _canceled(order, taken)}
    if status in COMPLETED:
        return {"is_completed": True}
    if status == "payment-approved" and order.authorized_at is None:
        return {"authorized_at": taken.now}
    if status == "invoiced" and order.invoiced_at is None:
        return {"invoiced_at": taken.now}
    return {}


def commit(order: Order, taken: Taken) -> Order:
    """Return the drafted *order* after the step: new status, dates, requests and flags."""
    step = taken.transition
    effect = _BY_EVENT.get(step.event)
    if effect is not None:
        order = effect(order, taken)
    if step.target == step.source:
        return order
    order = order.entering(step.target, taken.now)
    changes = _entered(order, taken)
    if step.source == ABSENT:
        changes["created_at"] = taken.now
    # the names are those of the fields
    return order._replace(**changes) if changes else order  # type: ignore[arg-type]
