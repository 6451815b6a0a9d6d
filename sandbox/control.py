"""The control API under ``/_sandbox/``: place orders, turn the clock, fire events, look inside.

Nothing of it is the platform's; all of it is a sandbox decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from orderflow.flows.errors import OrderflowError
from orderflow.sandbox.account import PERMISSIONS
from orderflow.sandbox.dialect import Answer, DialectError, as_json, read_object
from orderflow.sandbox.moments import iso
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Change, Held
from orderflow.simulator.order import Item
from orderflow.simulator.simulator import Refused

_UNITS = {"milliseconds": 1, "seconds": 1_000, "minutes": 60_000, "hours": 3_600_000}
_UNITS["days"] = 24 * _UNITS["hours"]
_MOST_TIME = 3_700 * _UNITS["days"]
_LAST_MOMENT = 7_258_118_400_000
"""2200-01-01: nearer than the last date that can be written."""

_MOST_ORDERS = 10_000
_MOST_CENTS = 10**12


def trouble(status: int, message: str) -> DialectError:
    """What the control API says no with."""
    return DialectError(as_json({"error": message}, status), message)


def health(service: Service, call: Call) -> Answer:
    """What the sandbox is, and what time it is there."""
    del call
    return as_json(
        {
            "status": "ready",
            "now": iso(service.now),
            "accounts": list(service.accounts.names),
            "orders": sum(len(service.store.orders(name)) for name in service.accounts.names),
            "calls": service.calls,
        }
    )


def advance(service: Service, call: Call) -> Answer:
    """Turn the clock of all orders and feeds; ``{"minutes": 30}``."""
    sent = _body(call, _UNITS)
    if not sent:
        raise trouble(400, f"say how long: one of {', '.join(_UNITS)}")
    parts = [_whole(sent, name, 0, most=_MOST_TIME) * _UNITS[name] for name in sent]
    if sum(parts) > _MOST_TIME:
        raise trouble(400, "no more than 3700 days at once")
    if service.now + sum(parts) > _LAST_MOMENT:
        raise trouble(400, "the clock ends in the year 2200; reset the sandbox")
    changes = service.store.advance(sum(parts))
    return as_json({"now": iso(service.now), "changes": [_change(each) for each in changes]})


def place(service: Service, call: Call) -> Answer:
    """Make sales; ``{"status": "ready-for-handling", "count": 3}``."""
    sent = _body(call, ("deal", "account", "status", "count", "items"))
    account = _text(sent, "account") or service.accounts.first.account
    if account not in service.accounts.names:
        raise trouble(404, f"no account {account!r}; there are: {_list(service.accounts.names)}")
    deal, status = _text(sent, "deal") or "complete", _text(sent, "status")
    items, count = _items(sent), _whole(sent, "count", 1, most=_MOST_ORDERS)
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
    sent = _body(call, ("event", "data", "actor"))
    event, data = _text(sent, "event"), sent.get("data") or {}
    if not event or not isinstance(data, dict):
        raise trouble(400, 'write {"event": NAME}, and what comes with it as {"data": {…}}')
    try:
        result = service.fire(held, event, data, actor=_text(sent, "actor") or None)
    except OrderflowError as wrong:
        raise trouble(400, str(wrong)) from wrong
    if isinstance(result, Refused):
        told = f"{event} is refused in {result.status}: {result.reason}"
        raise trouble(409, f"{told}; allowed: {_list(_accepts(held))}")
    return as_json(_facts(held))


def reset(service: Service, call: Call) -> Answer:
    """Forget everything but accounts and keys."""
    del call
    service.reset()
    return Answer(204)


def trace(service: Service, call: Call) -> Answer:
    """The latest calls, oldest first."""
    del call
    return as_json({"calls": [asdict(each) for each in service.trace]})


def unknown(service: Service, call: Call) -> Answer:
    """Which calls were made that the sandbox has no route for, and how often."""
    del call
    return as_json({"calls": dict(sorted(service.not_simulated.items()))})


def add_key(service: Service, call: Call) -> Answer:
    """Make a key with some permissions, for a new account too; ``{"permissions": [...]}``."""
    sent = _body(call, ("account", "permissions"))
    wanted = sent.get("permissions", list(PERMISSIONS))
    if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
        raise trouble(400, "permissions must be an array of names")
    try:
        key = service.accounts.add(_text(sent, "account") or service.accounts.first.account, wanted)
    except OrderflowError as wrong:
        raise trouble(400, str(wrong)) from wrong
    return as_json({"account": key.account, "key": key.name, "token": key.token}, 201)


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


def _change(change: Change) -> dict[str, object]:
    event = change.event
    return {"orderId": change.held.order_id, "event": event.event, "status": event.target}


def _body(call: Call, names: Iterable[str]) -> dict[str, object]:
    """The object in the body, which has no other fields than *names*."""
    known = tuple(names)
    try:
        sent = read_object(call.body)
    except DialectError as wrong_body:
        raise trouble(400, str(wrong_body)) from wrong_body
    wrong = sorted(sent.keys() - set(known))
    if wrong:
        raise trouble(400, f"unknown: {_list(wrong)}; there are: {_list(known)}")
    return sent


def _text(sent: Mapping[str, object], name: str) -> str:
    found = sent.get(name)
    if found is not None and not isinstance(found, str):
        raise trouble(400, f"{name} must be a string")
    return found or ""


def _whole(sent: Mapping[str, object], name: str, usual: int, *, most: int) -> int:
    found = sent.get(name, usual)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= most:
        raise trouble(400, f"{name} must be a whole number from 0 to {most}")
    return found


def _items(sent: Mapping[str, object]) -> tuple[Item, ...] | None:
    """The items asked for, None when none are."""
    given = sent.get("items")
    if given is None:
        return None
    if not isinstance(given, list) or not given or not all(isinstance(i, dict) for i in given):
        raise trouble(400, 'items: write [{"id": "sku-1", "quantity": 1, "price": 2499}]')
    return tuple(
        Item(
            _text(each, "id") or f"item-{place}",
            max(_whole(each, "quantity", 1, most=10**6), 1),
            max(_whole(each, "price", 1, most=_MOST_CENTS), 1),
        )
        for place, each in enumerate(given, start=1)
    )


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"


ROUTES: tuple[Route, ...] = (
    Route("GET", "/_sandbox/health", health),
    Route("POST", "/_sandbox/clock/advance", advance),
    Route("GET", "/_sandbox/orders", orders),
    Route("POST", "/_sandbox/orders", place),
    Route("GET", "/_sandbox/orders/{orderId}", order),
    Route("POST", "/_sandbox/orders/{orderId}/events", fire),
    Route("POST", "/_sandbox/keys", add_key),
    Route("POST", "/_sandbox/reset", reset),
    Route("GET", "/_sandbox/trace", trace),
    Route("GET", "/_sandbox/not-simulated", unknown),
)
