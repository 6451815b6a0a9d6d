"""Rules on what is final: nothing follows ``invoiced``, ``canceled`` or ``replaced``.

Source: domain fact sheet "Conformance rules", section A.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderflow.conformance.record import Finding
from orderflow.conformance.rule import (
    ALL,
    CANC,
    COMPLETE,
    MARKETPLACE,
    Rule,
    breach,
    overstays,
    setting,
)

if TYPE_CHECKING:
    from orderflow.conformance.record import Outcome, Record

ALLOW_CANCEL = "allow_cancel_after_return"
"""Setting: 1 when a store lets orders be cancelled after a return invoice (D-19)."""


def _after_canceled(record: Record) -> Outcome:
    visits = record.visits.get("canceled")
    if visits is None:
        return ()
    return tuple(
        breach(record, stay + 1, "nothing follows canceled")
        for stay in visits
        if stay + 1 < len(record.path)
    )


def _flips_back(record: Record) -> Outcome:
    visits, path = record.visits.get("canceled"), record.path
    if visits is None or visits[0] + 1 == len(path):
        return ()
    return tuple(
        breach(record, stay + 1, "a canceled order stays canceled")
        for stay in visits
        if stay + 1 < len(path) and path[stay + 1] == "cancel"
    )


def _after_invoiced(record: Record) -> Outcome:
    visits, path = record.visits.get("invoiced"), record.path
    if visits is None or visits[0] + 1 == len(path):
        return ()
    allowed = bool(setting(record, ALLOW_CANCEL))
    return tuple(
        breach(
            record,
            stay + 1,
            "the status never changes again after invoiced",
            mild=allowed and path[stay + 1] in CANC,
        )
        for stay in visits
        if stay + 1 < len(path)
    )


def _cancel_resolves(record: Record) -> Outcome:
    visits, path = record.visits.get("cancel"), record.path
    if visits is None:
        return ()
    found = tuple(
        breach(record, stay + 1, "from cancel an order goes to canceled only")
        for stay in visits
        if stay + 1 < len(path) and path[stay + 1] != "canceled"
    )
    if found or path[-1] != "cancel":
        return found
    expected = "a cancellation is carried out within the limit"
    return overstays(record, visits[-1:], "stuck_cancel", expected, mild=True)


def _after_replaced(record: Record) -> Outcome:
    visits, path = record.visits.get("replaced"), record.path
    if visits is None:
        return ()
    for stay in range(visits[0] + 1, len(path)):
        if path[stay] not in {"replaced", "cancel", "canceled"}:
            return (breach(record, stay, "a replaced order is at most cancelled"),)
    return ()


def _one_final(record: Record) -> Outcome:
    invoiced, canceled = record.first.get("invoiced"), record.first.get("canceled")
    if invoiced is None or canceled is None:
        return ()
    mild = invoiced < canceled and bool(setting(record, ALLOW_CANCEL))
    seen = f"the order was {'invoiced' if invoiced < canceled else 'canceled'} and is now "
    seen += "canceled" if invoiced < canceled else "invoiced"
    return (Finding(max(invoiced, canceled), seen, "an order ends once", mild),)


RULES = (
    Rule(
        id="A-12",
        title="nothing follows canceled",
        severity="error",
        families=ALL,
        statement="After canceled no other status appears.",
        source=("hc-canceling", "hc-flow"),
        explanation="A cancelled order came back to life. Its payment is refunded and its stock "
        "is free, so whoever works on it ships goods nobody has paid for. Usual cause: a late "
        "or repeated message was applied without looking at the current status.",
        check=_after_canceled,
        folds=("A-04", "A-82"),
    ),
    Rule(
        id="A-13",
        title="canceled never flips back to cancel",
        severity="error",
        families=ALL,
        statement="An order that is canceled does not go back to cancel.",
        source=("ki-1242813",),
        explanation="The order was cancelled and is being cancelled again. This is a known "
        "platform defect when marketplace and seller cancel at the same moment; a consumer may "
        "refund or restock twice.",
        check=_flips_back,
        folds=("A-04", "A-12", "A-82"),
    ),
    Rule(
        id="A-14",
        title="nothing follows invoiced",
        severity="error",
        families=ALL,
        statement="After invoiced no other status appears; tracking and returns keep the status. "
        "A warning where cancelling after a return is allowed.",
        source=("seed", "hc-flow", "dp-erp-proc", "D-19"),
        explanation="The order was fully invoiced and its status changed again. Invoiced is the "
        "success end: the money is captured and the goods are on their way. Usual cause: a "
        "return or a tracking update was booked as a status change.",
        check=_after_invoiced,
        folds=("A-04", "A-82"),
    ),
    Rule(
        id="A-15",
        title="cancel always resolves",
        severity="error",
        families=ALL,
        statement="cancel is followed by canceled only; a cancel that stays open beyond the "
        "limit stuck_cancel is a warning.",
        source=("hc-flow", "ki-1198719", "ki-1089344"),
        explanation="Cancelling was begun and not carried out. The customer was told the order "
        "is off while payment or stock may still be held. Usual cause: the payments side failed "
        "or was never called.",
        check=_cancel_resolves,
        folds=("A-04", "A-82"),
    ),
    Rule(
        id="A-16",
        title="replaced closes the original order",
        severity="error",
        families=MARKETPLACE | COMPLETE,
        statement="After replaced only cancel and canceled may follow.",
        source=("hc-replace", "D-22"),
        explanation="The shopper replaced this order by a new one, and the old one went on "
        "anyway. Both may be delivered and charged. Usual cause: the seller side was not told "
        "of the replacement.",
        check=_after_replaced,
        folds=("A-04", "A-82"),
    ),
    Rule(
        id="A-17",
        title="at most one final status",
        severity="error",
        families=ALL,
        statement="An order is never both invoiced and canceled. A warning where cancelling "
        "after a return is allowed.",
        source=("hc-flow", "D-19"),
        explanation="The order has two endings: delivered and cancelled. Accounting will count "
        "the sale and the refund in different months, and stock will be wrong. Usual cause: "
        "an invoice and a cancellation crossed each other.",
        check=_one_final,
        folds=("A-04", "A-82"),
        folds_anywhere=("A-12", "A-14"),
    ),
)
