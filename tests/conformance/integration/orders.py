"""Lines about an order for the tests of rules: its calls with the facts that the sandbox gives."""

from __future__ import annotations

from itertools import pairwise

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import (
    DENY,
    FULFILLMENT,
    PLACEMENT,
)
from orderflow.conformance.integration.rule import Sighting
from orderflow.conformance.integration.rules import RULES
from orderflow.conformance.integration.seen import CANCEL, INVOICE, START
from tests.conformance.integration.traces import Part, breaches, call, outcome, step, told

NUMBER = "PATCH /api/oms/pvt/orders/{orderId}/invoice/{invoiceNumber}"
TRACKING = "PUT /api/oms/pvt/orders/{orderId}/invoice/{invoiceNumber}/tracking"

Broken = list[tuple[str, str, Part]]
"""Rule, what is told of its breach, and the trace that shows it."""

Kept = list[tuple[str, Part]]
"""Rule, and a trace."""

Counted = tuple[str, int, int, Part]
"""Rule, how often it was kept, how often broken, and the trace."""


def start(status: int = 204, before: str = "ready-for-handling", **facts: object) -> Line:
    """Start handling of the order ``o``."""
    return call(START, "o", status, **{"before": before, **facts})


def invoice(number: str = "1", cents: int | None = 10_000, **facts: object) -> Line:
    """An invoice of the order ``o``: in handling, one item that costs all, nothing wrong with it.

    ``status`` and ``operation`` are those of the call.
    """
    made: dict[str, object] = {
        "before": "handling",
        "type": "Output",
        "number": number,
        "cents": cents,
        "value_type": "integer",
        "issued": "offset",
        "missing": (),
        "item_fields": (),
        "items": ({"id": "sku-1", "quantity": 1, "price": cents},),
        "tracking": False,
        "json": True,
        **facts,
    }
    operation, status = str(made.pop("operation", INVOICE)), made.pop("status", 200)
    assert isinstance(status, int)
    return call(operation, "o", status, **made)


def returned(number: str = "9", cents: int = 10_000, **facts: object) -> Line:
    """A return invoice of the order ``o``, once it is invoiced."""
    return invoice(number, cents, **{"type": "Input", "before": "invoiced", **facts})


def cancel(before: str, after: str, status: int = 200, **facts: object) -> Line:
    """A cancel of the order ``o``."""
    return call(CANCEL, "o", status, **{"before": before, "after": after, "reason": True, **facts})


def deny(status: int = 200, **facts: object) -> Line:
    """A good refusal of a cancellation of the order ``o``, which somebody else asked for."""
    known = {"before": "cancellation-requested", "request": "known", "reason": True, "own": False}
    return call(DENY, "o", status, **{**known, **facts})


def number(of: str = "1", status: int = 200, **facts: object) -> Line:
    """A tracking number for an invoice of the order ``o``."""
    return call(NUMBER, "o", status, **{"number": of, "tracking": True, **facts})


def tracked(of: str = "1", status: int = 200, *, delivered: bool = False, **facts: object) -> Line:
    """Where the package of an invoice of the order ``o`` is."""
    known = {"number": of, "delivered": delivered, "delivered_at": delivered, "events": 1}
    return call(TRACKING, "o", status, **{**known, **facts})


def fulfilled() -> tuple[Part, ...]:
    """The seller outside was placed the order ``o``, and called to fulfill it."""
    return (told(PLACEMENT, "o"), told(FULFILLMENT, "o"))


def steps(*statuses: str, value: int = 10_000) -> tuple[Line, ...]:
    """The order ``o`` goes on through *statuses*, the first of which it stands in."""
    return tuple(step("o", before, after, value=value) for before, after in pairwise(statuses))


def says(rule: str, *parts: Part) -> str:
    """Whether a rule is broken, kept or not observed."""
    return outcome(RULES[rule], *parts)


def found(rule: str, *parts: Part) -> tuple[Sighting, ...]:
    """On which occasions a rule is broken."""
    return breaches(RULES[rule], *parts)
