"""Orders of the sandbox: place them in any status, look inside, let any event happen."""

from __future__ import annotations

from collections.abc import Mapping

from orderflow.flows.errors import OrderflowError
from orderflow.sandbox.control.asking import body_of, listed, text, trouble, whole
from orderflow.sandbox.dialect import Answer, as_json
from orderflow.sandbox.moments import iso
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.simulator.order import Item
from orderflow.simulator.simulator import Refused

_MOST_ORDERS = 10_000
_MOST_CENTS = 10**12


def place(service: Service, call: Call) -> Answer:
    """Make sales; ``{"status": "ready-for-handling", "count": 3}``."""
    sent = body_of(call, ("deal", "account", "status", "count", "items"))
    account = text(sent, "account") or service.accounts.first.account
    if account not in service.accounts.names:
        raise trouble(404, f"no account {account!r}; there are: {listed(service.accounts.names)}")
    deal, status = text(sent, "deal") or "complete", text(sent, "status")
    items, count = _items(sent), whole(sent, "count", 1, most=_MOST_ORDERS)
    if count < 1:
        raise trouble(400, "count must be at least 1")
    made: list[Held] = []
    try:
        for _ in range(count):
            made += service.store.place(deal=deal, account=account, items=items, to=status)
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
            "accepts": list(_accepts(held)),
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
        raise trouble(409, f"{told}; allowed: {listed(_accepts(held))}")
    return as_json(_facts(held))


def _held(service: Service, call: Call) -> Held:
    order_id = call.parameters["orderId"]
    account = call.query.get("account") or service.accounts.first.account
    held = service.store.find(order_id, account)
    if held is None:
        raise trouble(404, f"account {account!r} has no order {order_id!r}")
    return held


def _accepts(held: Held) -> tuple[str, ...]:
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


def _items(sent: Mapping[str, object]) -> tuple[Item, ...] | None:
    """The items asked for, None when none are."""
    given = sent.get("items")
    if given is None:
        return None
    if not isinstance(given, list) or not given or not all(isinstance(i, dict) for i in given):
        raise trouble(400, 'items: write [{"id": "sku-1", "quantity": 1, "price": 2499}]')
    return tuple(
        Item(
            text(each, "id") or f"item-{place}",
            max(whole(each, "quantity", 1, most=10**6), 1),
            max(whole(each, "price", 1, most=_MOST_CENTS), 1),
        )
        for place, each in enumerate(given, start=1)
    )


ROUTES: tuple[Route, ...] = (
    Route("GET", "/_sandbox/orders", orders),
    Route("POST", "/_sandbox/orders", place),
    Route("GET", "/_sandbox/orders/{orderId}", order),
    Route("POST", "/_sandbox/orders/{orderId}/events", fire),
)
