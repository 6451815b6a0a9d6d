"""Orders of the sandbox: place them in any status, look inside, let any event happen."""

from __future__ import annotations

from orderflow.flows.errors import OrderflowError
from orderflow.sandbox.control.asking import (
    account_called,
    body_of,
    listed,
    order_called,
    text,
    trouble,
)
from orderflow.sandbox.control.wishes import NAMES, make, wish_of
from orderflow.sandbox.dialect import Answer, as_json
from orderflow.sandbox.moments import iso
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.simulator.simulator import Refused


def place(service: Service, call: Call) -> Answer:
    """Make sales, and bring each to a status; ``{"status": "ready-for-handling", "count": 3}``.

    What they hold, how they travel and who sells it may be said, too; an unknown field is answered
    with all that there are.
    """
    sent = body_of(call, NAMES)
    account = account_called(service, text(sent, "account"))
    wish = wish_of(service, account, sent)
    made: list[Held] = []
    try:
        for number in range(wish.count):
            made += make(service, account, wish, number)
    except OrderflowError as wrong:
        raise trouble(400, str(wrong)) from wrong
    return as_json({"orders": [_facts(held) for held in made]}, 201)


def orders(service: Service, call: Call) -> Answer:
    """All orders of an account, newest first; ``?account=``."""
    account = call.query.get("account") or service.accounts.first.account
    return as_json({"orders": [_facts(held) for held in service.store.orders(account)]})


def order(service: Service, call: Call) -> Answer:
    """One order with its history and what may happen to it next."""
    held = _held(service, call)
    return as_json(
        {
            **_facts(held),
            "accepts": list(accepts(held)),
            "events": [_step(held, event.seq - 1) for event in held.events],
        }
    )


def fire(service: Service, call: Call) -> Answer:
    """Let an event happen to an order; ``{"event": "approve_payment", "data": {}}``."""
    held = _held(service, call)
    sent = body_of(call, ("event", "data", "actor"))
    event, data = text(sent, "event"), sent.get("data") or {}
    if not event or not isinstance(data, dict):
        raise trouble(400, 'write {"event": NAME}, and what comes with it as {"data": {…}}')
    try:
        result = service.fire(held, event, data, actor=text(sent, "actor") or None)
    except OrderflowError as wrong:
        raise trouble(400, str(wrong)) from wrong
    if isinstance(result, Refused):
        told = f"{event} is refused in {result.status}: {result.reason}"
        raise trouble(409, f"{told}; allowed: {listed(accepts(held))}")
    return as_json(_facts(held))


def _held(service: Service, call: Call) -> Held:
    return order_called(service, call.parameters["orderId"], call.query.get("account", ""))


def accepts(held: Held) -> tuple[str, ...]:
    """Events that a document takes where it stands, in either of its instances; sorted."""
    lower = held.sale.deal.lower(held.participant) if held.sale.deal.instant else ()
    names = (held.participant, *(each.name for each in lower))
    return tuple(sorted({event for name in names for event in held.sale.accepts(name)}))


def _facts(held: Held) -> dict[str, object]:
    return {
        "orderId": held.order_id,
        "sequence": held.sequence,
        "orderGroup": held.group,
        "account": held.account,
        "participant": held.participant,
        "status": held.status,
        "value": held.order.value,
    }


def _step(held: Held, place: int) -> dict[str, object]:
    event = held.events[place]
    return {
        "at": iso(event.at),
        "from": event.source,
        "event": event.event,
        "to": event.target,
        "actor": event.actor,
        "cause": event.cause,
    }


ROUTES: tuple[Route, ...] = (
    Route("GET", "/_sandbox/orders", orders),
    Route("POST", "/_sandbox/orders", place),
    Route("GET", "/_sandbox/orders/{orderId}", order),
    Route("POST", "/_sandbox/orders/{orderId}/events", fire),
)
