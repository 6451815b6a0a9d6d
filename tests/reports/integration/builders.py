"""Verdicts on integrations that never were, for the pages that show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256

from orderflow.conformance.integration.judge import mistakes
from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.rule import IntegrationRule, Sighting
from orderflow.conformance.integration.seen import COMMIT, ORDER, READ, START
from orderflow.conformance.integration.verdict import Judged, Played, Verdict
from orderflow.conformance.rule import Severity

ORDER_ID = "v100001sbx-01"
COMMAND = "orderflow certify --suite erp-basic --seed 7 -- python erp.py"


def a_rule(id_: str = "B-28", severity: Severity = "error") -> IntegrationRule:
    """A rule that sees nothing by itself."""
    return IntegrationRule(
        id=id_,
        title=f"Do what {id_} says",
        part="erp",
        severity=severity,
        statement=f"Whoever integrates does what {id_} says.",
        source=("oas-orders",),
        explanation="Otherwise an order is lost.",
        check=lambda seen: (),
    )


def lines() -> tuple[Line, ...]:
    """An order is read from the feed, start handling fails, and its item is committed."""
    row = {"event": "e1", "handle": "h1", "order": ORDER_ID, "state": "ready-for-handling"}
    made = (
        step("", "payment-approved"),
        step("payment-approved", "window-to-cancel"),
        step("window-to-cancel", "ready-for-handling", at=1_800_000),
        call(READ, 200, items=(row,)),
        call(ORDER, 200),
        call(START, 500, faults=("http.error_500",), code="001"),
        call(COMMIT, 200, handles=({**row, "was": "live"},)),
    )
    return tuple(
        replace(line, number=place, wall=10.0 * place) for place, line in enumerate(made, start=1)
    )


def step(before: str, after: str, at: int = 0) -> Line:
    """The order moves."""
    facts = {"flow": "complete", "event": "some_event"}
    return _line("step", at=at, before=before, after=after, facts=facts)


def call(operation: str, status: int, faults: tuple[str, ...] = (), **facts: object) -> Line:
    """The integration calls, half an hour after the first step."""
    method, _, path = operation.partition(" ")
    about = ORDER_ID if "{orderId}" in operation else ""
    made = _line("call", at=1_800_000, status=status, faults=faults, facts=facts)
    return replace(made, operation=operation, method=method, path=path, order_id=about)


def _line(kind: str, **fields: object) -> Line:
    made = {"number": 0, "order_id": ORDER_ID, "scenario": "start-refused", **fields}
    return Line(kind=kind, **made)  # type: ignore[arg-type]  # the names are those of fields


def breach(told: str = "commits the feed item although start-handling answered 500") -> Sighting:
    """The commit breaks a rule."""
    instead = "repeat POST …/start-handling until 204"
    return Sighting(False, (6, 7), ORDER_ID, told, instead, scenario="start-refused")


def broken(*ids: str, severity: Severity = "error", times: int = 1) -> tuple[Judged, ...]:
    """Rules that the same deed breaks."""
    return tuple(Judged(a_rule(id_, severity), "broken", (breach(),) * times) for id_ in ids)


def kept(*ids: str) -> tuple[Judged, ...]:
    """Rules that were kept twice."""
    return tuple(Judged(a_rule(id_), "kept", (), 2) for id_ in ids)


def unseen(*ids: str) -> tuple[Judged, ...]:
    """Rules for which there was no occasion."""
    return tuple(Judged(a_rule(id_), "not-observed") for id_ in ids)


REACHED = Played("happy-path", "Orders come and are handled", "reached", shows=("B-01",))
MISSED = Played(
    "start-refused", "Start handling fails twice", "missed", "first stays ready", ("B-28",)
)


def verdict(
    judged: Iterable[Judged],
    played: Iterable[Played] = (REACHED,),
    *,
    strict: bool = False,
    trace: tuple[Line, ...] | None = None,
    happenings: tuple[str, ...] = (),
) -> Verdict:
    """A verdict on a run."""
    told = lines() if trace is None else trace
    return Verdict(
        suite="erp-basic",
        title="An ERP that follows orders by the feed",
        judged=tuple(judged),
        played=tuple(played),
        mistakes=mistakes(told),
        happenings=happenings,
        lines=told,
        seed=7,
        version="0.1",
        digests=tuple((name, sha256(name.encode()).hexdigest()) for name in ("suite", "trace")),
        command=COMMAND,
        strict=strict,
    )


def failing() -> Verdict:
    """Two rules broken by one deed, one kept, one not seen, a scenario missed."""
    judged = (*broken("B-04", "B-28"), *kept("B-01"), *unseen("B-50"))
    return verdict(judged, (REACHED, MISSED), happenings=("it ended with exit code 3",))


def passing() -> Verdict:
    """One rule kept, one not seen, one broken that is only a warning."""
    return verdict((*kept("B-01"), *unseen("B-50"), *broken("B-08", severity="warning")))
