"""What was asked of the sandbox, and what it asked of others."""

from __future__ import annotations

from orderflow.sandbox.control.asking import trouble
from orderflow.sandbox.dialect import Answer, as_json
from orderflow.sandbox.release import own_version
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.trace import MOST_TRACED, Traced, chosen
from orderflow.sandbox.trace_har import archive

_MOST_DIGITS = 12


def trace(service: Service, call: Call) -> Answer:
    """The latest calls and deliveries, oldest first.

    ``?order=`` and ``?status=`` choose some, where ``status=5`` means all from 500 to 599;
    ``?since=`` those after the call of that number, ``?limit=`` so many at most.
    """
    return as_json({"calls": [each.body() for each in _asked_for(service, call)]})


def trace_har(service: Service, call: Call) -> Answer:
    """The same as an HTTP archive, for the tools that show those."""
    return as_json(archive(_asked_for(service, call), own_version()))


def _asked_for(service: Service, call: Call) -> tuple[Traced, ...]:
    return chosen(
        service.trace,
        order_id=call.query.get("order", ""),
        status=_number(call, "status"),
        since=-1 if (since := _number(call, "since")) is None else since,
        most=MOST_TRACED if (most := _number(call, "limit")) is None else most,
    )


def _number(call: Call, name: str) -> int | None:
    given = call.query.get(name, "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS):
        raise trouble(400, f"{name} must be a whole number")
    return int(given)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/_sandbox/trace", trace),
    Route("GET", "/_sandbox/trace.har", trace_har),
)
