"""Builds short traces by hand: one function for each kind of line, and what a rule says of them.

Lines get their number, moments and scenario from :func:`trace`: virtual time stands still and each
line is over 10 real ms after the one before, unless :func:`later` or :func:`pause` stands between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from orderflow.conformance.integration.judge import judge
from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.rule import IntegrationRule, Sighting
from orderflow.conformance.integration.seen import COMMIT, CONFIGURE, LIST, ORDER, READ
from orderflow.conformance.integration.verdict import Judged, Outcome

NOON = 1_704_110_400_000
"""Virtual time in ms at which traces begin."""

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

GAP = 10.0
"""Real ms between two lines."""

KEY = "ABCDEF"
"""End of the name of the key that calls use."""

HOOK = "hook notification"
PING = "hook ping"
CONFIGURE_HOOK = "POST /api/orders/hook/config"

READY = ("payment-approved", "window-to-cancel", "ready-for-handling")
HANDLING = (*READY, "start-handling", "handling")
INVOICED = (*HANDLING, "invoice", "invoiced")
"""Courses of an order for :func:`course`."""

CANCELED = (*HANDLING, "cancellation-requested", "cancel", "canceled")


@dataclass(frozen=True)
class Gap:
    """Time that passes between two lines: virtual and real ms."""

    virtual: float = 0
    real: float = 0


Part = Line | Gap | Iterable["Part"]
"""What a trace is made of: lines, gaps, and several of both at once."""


def trace(*parts: Part) -> tuple[Line, ...]:
    """*parts* as a trace: numbered from 1, with moments; a scenario lasts until its end."""
    lines: list[Line] = []
    at, wall, scenario = float(NOON), 0.0, ""
    for part in _flat(parts):
        if isinstance(part, Gap):
            at, wall = at + part.virtual, wall + part.real
            continue
        wall += GAP + part.took
        scenario = part.scenario if part.kind == "scenario" else scenario
        lines.append(
            replace(
                part,
                number=len(lines) + 1,
                at=round(at),
                wall=wall,
                scenario=part.scenario or scenario,
            )
        )
        scenario = "" if part.kind == "end" else scenario
    return tuple(lines)


def _flat(parts: Iterable[Part]) -> Iterator[Line | Gap]:
    for part in parts:
        if isinstance(part, Line | Gap):
            yield part
        else:
            yield from _flat(part)


def later(virtual: float) -> Gap:
    """So many ms of virtual time pass."""
    return Gap(virtual=virtual)


def pause(real: float) -> Gap:
    """So many ms of real time pass."""
    return Gap(real=real)


def call(operation: str, order: str = "", status: int = 200, **facts: object) -> Line:
    """A call of the integration, about *order*, answered *status*.

    ``key``, ``took``, ``before``, ``after``, ``path``, ``faults`` and ``query`` (a mapping) are
    those of the line; whatever else is named becomes a fact. ``auth`` is ``ok`` unless told, and
    ``done`` is *status*.
    """
    made: dict[str, object] = {"auth": "ok", "done": status, "mistakes": (), **facts}
    query = made.pop("query", {})
    assert isinstance(query, dict)
    fields = {name: made.pop(name) for name in tuple(made) if name in _FIELDS}
    return Line(
        **{  # type: ignore[arg-type]  # the names are those of fields, as _FIELDS says
            "number": 0,
            "kind": "call",
            "operation": operation,
            "method": operation.partition(" ")[0],
            "path": operation.partition(" ")[2].replace("{orderId}", order),
            "status": status,
            "key": KEY,
            "order_id": order,
            "query": tuple(query.items()),
            "facts": made,
            **fields,
        }
    )


_FIELDS = ("key", "took", "before", "after", "path", "faults", "trouble", "scenario")


def hidden(operation: str, order: str = "", status: int = 500, **facts: object) -> Line:
    """A call that worked, although the answer says *status* (0: no answer)."""
    return call(operation, order, status, **{"done": 200, "faults": ("http.apply_then",), **facts})


def step(order: str, before: str, after: str, **facts: object) -> Line:
    """*order* moved from *before* to *after*; ``value``, ``cause``, ``actor``… are facts."""
    return Line(0, "step", order_id=order, before=before, after=after, facts=facts)


def placed(order: str, status: str = "order-created", value: int = 10_000, **facts: object) -> Line:
    """The first step of *order*: one item ``sku-1`` worth *value*, unless told."""
    items = ({"id": "sku-1", "quantity": 1, "price": value},)
    return step(order, "", status, **{"value": value, "items": items, "complete": True, **facts})


def course(order: str, *statuses: str, value: int = 10_000) -> tuple[Line, ...]:
    """*order* is placed in the first of *statuses* and goes through the others."""
    pairs = pairwise(statuses)
    return (
        placed(order, statuses[0], value),
        *(step(order, before, after, value=value) for before, after in pairs),
    )


def item(event: str, order: str, state: str, **values: object) -> dict[str, object]:
    """One row of a read: the first delivery of *event*, by the handle ``h-EVENT``, unless told."""
    return {
        "event": event,
        "handle": f"h-{event}",
        "order": order,
        "state": state,
        "last": "",
        "domain": "Fulfillment",
        "delivery": 1,
        "at": NOON,
        **values,
    }


def read(*items: dict[str, object], lot: int | None = 10, **facts: object) -> Line:
    """A read of the feed that brought *items*."""
    return call(READ, **{"lot": lot, "items": items, "waiting": 0, **facts})  # type: ignore[arg-type]


def commit(*handles: str, was: str = "live", **facts: object) -> Line:
    """A commit of *handles*, each being as *was* says."""
    rows = tuple({"handle": each, "was": was, "order": "", "state": ""} for each in handles)
    return call(COMMIT, **{"handles": rows, **facts})  # type: ignore[arg-type]


def configure(*statuses: str, **facts: object) -> Line:
    """A valid configuration of the feed, unless told."""
    known: dict[str, object] = {
        "type": "FromWorkflow",
        "statuses": statuses,
        "unknown": (),
        "mixed": False,
        "retention": 345_600,
        "visibility": 240,
        "single_fire": None,
    }
    return call(CONFIGURE, **{**known, **facts})  # type: ignore[arg-type]


def get(
    order: str, shown: str | Mapping[str, object] = "", status: int = 200, **facts: object
) -> Line:
    """A Get order that showed the status *shown*, or more than that."""
    told = {"status": shown, "description": shown} if isinstance(shown, str) else shown
    view = {"complete": True, "changes": 0, **told}
    return call(ORDER, order, status, **{"shown": view, **facts})


def listed(*statuses: str, **facts: object) -> Line:
    """A List orders by *statuses*."""
    known: dict[str, object] = {"statuses": statuses, "page": 1, "per_page": 15, "rows": 0}
    return call(LIST, **{**known, **facts})  # type: ignore[arg-type]


def told(what: str, order: str = "", state: str = "", status: int = 200, **facts: object) -> Line:
    """A delivery of *what* that was answered *status*, 0 for not at all.

    ``took``, ``trouble`` and ``scenario`` are those of the line; whatever else is named becomes a
    fact.
    """
    made: dict[str, object] = {"state": state, "attempt": 1, "answer": {"json": True}, **facts}
    fields = {name: made.pop(name) for name in tuple(made) if name in _FIELDS}
    return Line(
        **{  # type: ignore[arg-type]  # the names are those of fields, as _FIELDS says
            "number": 0,
            "kind": "delivery",
            "operation": what,
            "method": "POST",
            "path": "http://127.0.0.1:9000/hook",
            "status": status,
            "order_id": order,
            "facts": made,
            **fields,
        }
    )


def note(order: str, what: str, value: object) -> Line:
    """The integration tells what stands in its books about *order*."""
    return Line(0, "record", order_id=order, facts={"what": what, "value": value})


def act(what: str, order: str = "", **facts: object) -> Line:
    """The scenario did something."""
    return Line(0, "act", order_id=order, facts={"what": what, **facts})


def scene(name: str, *parts: Part, **facts: object) -> tuple[Part, ...]:
    """A scenario from its beginning to its end."""
    begin = Line(0, "scenario", scenario=name, facts={"title": name, "expects": (), **facts})
    end = Line(0, "end", scenario=name, facts={"ending": "reached"})
    return (begin, *parts, end)


def judged(rule: IntegrationRule, *parts: Part) -> Judged:
    """What a trace of *parts* says of *rule*."""
    return judge([rule], trace(*parts))[0]


def outcome(rule: IntegrationRule, *parts: Part) -> Outcome:
    """Whether *rule* is broken, kept or not observed in a trace of *parts*."""
    return judged(rule, *parts).outcome


def breaches(rule: IntegrationRule, *parts: Part) -> tuple[Sighting, ...]:
    """On which occasions *rule* is broken in a trace of *parts*."""
    return judged(rule, *parts).breaches
