"""The clock of the sandbox."""

from __future__ import annotations

from orderflow.sandbox.control.asking import body_of, trouble, whole
from orderflow.sandbox.dialect import Answer, as_json
from orderflow.sandbox.moments import iso
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Change

PATH = "/_sandbox/clock/advance"

_UNITS = {"milliseconds": 1, "seconds": 1_000, "minutes": 60_000, "hours": 3_600_000}
_UNITS["days"] = 24 * _UNITS["hours"]
_MOST_TIME = 3_700 * _UNITS["days"]
_LAST_MOMENT = 7_258_118_400_000
"""2200-01-01: nearer than the last date that can be written."""


def advance(service: Service, call: Call) -> Answer:
    """Turn the clock of all orders and feeds; ``{"minutes": 30}``."""
    sent = body_of(call, _UNITS)
    if not sent:
        raise trouble(400, f"say how long: one of {', '.join(_UNITS)}")
    parts = [whole(sent, name, 0, most=_MOST_TIME) * _UNITS[name] for name in sent]
    if sum(parts) > _MOST_TIME:
        raise trouble(400, "no more than 3700 days at once")
    if service.now + sum(parts) > _LAST_MOMENT:
        raise trouble(400, "the clock ends in the year 2200; reset the sandbox")
    service.advance(sum(parts))
    given = turned(service)
    return given if service.until is None else given._replace(later=lambda: _done(service))


def _done(service: Service) -> Answer | None:
    """What the turn brought; None while somebody's answer to a notification is waited for."""
    waits = service.until is not None and service.outbox.delivering
    return None if waits else turned(service)


def turned(service: Service) -> Answer:
    """What the latest turn of the clock brought."""
    return as_json({"now": iso(service.now), "changes": [_change(each) for each in service.turned]})


def _change(change: Change) -> dict[str, object]:
    event = change.event
    return {"orderId": change.held.order_id, "event": event.event, "status": event.target}


ROUTES: tuple[Route, ...] = (Route("POST", PATH, advance),)
