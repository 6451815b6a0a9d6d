"""Rules on handling.

Source: domain fact sheet "Conformance rules", section A.5.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from orderflow.conformance.record import Finding
from orderflow.conformance.rule import (
    ASK,
    CHAIN,
    COMPLETE,
    MARKETPLACE,
    SELLER,
    Rule,
    breach,
    overstays,
)

if TYPE_CHECKING:
    from orderflow.conformance.record import Outcome, Record

_BEFORE_HANDLING = frozenset(
    {"start-handling", "invoice", "cancellation-requested", "waiting-for-seller-decision"}
)
_SELLER_WORK = frozenset({"handling", "start-handling", "ready-for-handling", "window-to-cancel"})


def _handling_after_start(record: Record) -> Outcome:
    visits, path = record.visits.get("handling"), record.path
    if visits is None:
        return ()
    found: list[Finding] = []
    for stay in visits:
        if stay and path[stay - 1] in _BEFORE_HANDLING:
            continue
        if stay or record.whole:
            mild = bool(stay) and path[stay - 1] == "ready-for-handling"
            found.append(breach(record, stay, "handling begins with start-handling", mild=mild))
    return tuple(found)


def _start_once(record: Record) -> Outcome:
    visits, path = record.visits.get("start-handling"), record.path
    if visits is None or len(visits) == 1:
        return ()
    found: list[Finding] = []
    for one, two in pairwise(visits):
        # payment-pending is where the old diagrams send a denied request (D-01).
        put_back = any(
            path[stay] in {"ready-for-handling", "payment-pending"} and path[stay - 1] in ASK
            for stay in range(one + 1, two)
        )
        if not put_back:
            found.append(breach(record, two, "handling is started once"))
    return tuple(found)


def _start_passes(record: Record) -> Outcome:
    visits = record.visits.get("start-handling")
    if visits is None:
        return ()
    return overstays(record, visits, "stuck_start_handling", "start-handling is passed through")


def _no_handling(record: Record) -> Outcome:
    if _SELLER_WORK.isdisjoint(record.first):
        return ()
    return tuple(
        Finding(
            step,
            f"the {record.family} order was in {status}",
            "the seller's work does not show here: the order waits for the invoice",
        )
        for status, step in record.first.items()
        if status in _SELLER_WORK
    )


RULES = (
    Rule(
        id="A-34",
        title="handling only after start",
        severity="error",
        families=SELLER | COMPLETE,
        statement="handling is entered from start-handling, invoice, cancellation-requested or "
        "waiting-for-seller-decision; straight from ready-for-handling is only information.",
        source=("diag-sel", "hc-flow", "D-17"),
        explanation="Preparation began although nobody started it. The ERP may not know the "
        "order, so nothing is picked while the shopper reads that it is on its way. Usual "
        "cause: the status was set by hand or by a stale message.",
        check=_handling_after_start,
        folds=("A-04", "A-82"),
        mild="info",
    ),
    Rule(
        id="A-35",
        title="handling is started once",
        severity="warning",
        families=SELLER | COMPLETE,
        statement="start-handling is entered once, unless a denied cancellation put the order "
        "back to ready-for-handling in between.",
        source=("dp-erp-int",),
        explanation="Handling of one order was started again. An ERP that books each start will "
        "pick and ship twice. Usual cause: a feed item read twice by a client that does not "
        "remember what it has done.",
        check=_start_once,
    ),
    Rule(
        id="A-36",
        title="start-handling is passed through",
        severity="info",
        families=SELLER | COMPLETE,
        statement="An order does not stay in start-handling longer than stuck_start_handling.",
        source=("hc-flow", "ki-1218606"),
        explanation="The platform moves an order out of start-handling by itself; this one "
        "stood there for long. While it stands there, nobody can cancel or invoice it. It is "
        "a known defect of the platform.",
        check=_start_passes,
    ),
    Rule(
        id="A-37",
        title="marketplace orders show no handling",
        severity="error",
        families=MARKETPLACE | CHAIN,
        statement="handling, start-handling, ready-for-handling and window-to-cancel do not "
        "appear in a marketplace or chain order.",
        source=("diag-mkt", "diag-chn", "L22"),
        explanation="The order of the store that made the sale shows the work of the store "
        "that ships. Integrations of the marketplace would start handling goods they do not "
        "have. Usual cause: the seller's events were written to the marketplace's order.",
        check=_no_handling,
        folds=("A-04", "A-03", "A-82"),
    ),
)
