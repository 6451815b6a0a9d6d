"""Rules on creation and payment.

Source: domain fact sheet "Conformance rules", section A.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderflow.conformance.record import Finding, Missing
from orderflow.conformance.rule import (
    ALL,
    CHAIN,
    COMPLETE,
    CREATE,
    FULFIL,
    MARKETPLACE,
    NO_START,
    PAYWAIT,
    Rule,
    breach,
    overstays,
    tolerance,
    unprepared,
)

if TYPE_CHECKING:
    from orderflow.conformance.record import Outcome, Record

PAST_PAYMENT = FULFIL | {
    "approve-payment",
    "payment-approved",
    "waiting-seller-handling",
    "window-to-change-seller",
    "invoiced",
}
"""Statuses of the main line behind the payment step."""

_INVOICE = frozenset({"invoice"})
_UNDONE = CREATE | {"cancel", "canceled"}
_UNPAID = CREATE | PAYWAIT | {"payment-denied", "cancel", "canceled"}
_CLOSED = frozenset({"cancel", "canceled"})
_APPROVED = ("payment-approved",)
_CHAIN_APPROVED = ("payment-approved", "waiting-seller-handling")
_PENDING = ("payment-pending",)
_CHAIN_PENDING = ("payment-pending", "waiting-for-mkt-authorization")


def _creation_first(record: Record) -> Outcome:
    path = record.path
    if not path or (path[0] not in CREATE and CREATE.isdisjoint(path)):
        return ()
    begun = False
    for stay, status in enumerate(path):
        if status not in CREATE:
            begun = True
        elif begun:
            return (breach(record, stay, "an order is created once, before anything else"),)
    return ()


def _payment_step(record: Record) -> Outcome:
    early = _CHAIN_PENDING if record.family == "chain" else _PENDING
    return unprepared(record, PAST_PAYMENT, early, "every order passes payment-pending")


def _approval_before_handling(record: Record) -> Outcome:
    return unprepared(record, FULFIL, _APPROVED, "handling begins after payment-approved")


def _approval_before_invoice(record: Record) -> Outcome:
    early = _CHAIN_APPROVED if record.family == "chain" else _APPROVED
    return unprepared(record, _INVOICE, early, "an invoice is verified after payment-approved")


def _refused_payment(record: Record) -> Outcome:
    refusals = [k for k, step in enumerate(record.steps) if step.event == "deny_payment"]
    told = record.evidence.payment_denied
    handled = min([k for name, k in record.first.items() if name in FULFIL], default=None)
    if not (told or refusals or "payment-denied" in record.first):
        harmless = handled is None and record.last in _CLOSED
        return () if told is False or harmless else Missing("whether the payment was refused")
    wrong = [k for k in refusals if record.statuses[k] not in _UNPAID]
    if wrong or handled is not None:
        step = (wrong[0] if wrong else handled) or 0
        seen = f"the order reached {record.statuses[step]} although its payment was refused"
        expected = "an unpaid order is cancelled, never handled"
        return (Finding(step, seen, expected, mild=_paid_before(record, refusals, step)),)
    if record.last in _CLOSED or (not record.over and record.last in _UNPAID):
        return ()
    seen = f"the payment was refused and the order is in {record.last or 'null'}"
    return (Finding(len(record.steps) - 1, seen, "a refused payment leads to cancel"),)


def _paid_before(record: Record, refusals: list[int], step: int) -> bool:
    """Whether the order was paid and handled first and asked to pay again after a denial (D-01)."""
    approved = record.first.get("payment-approved")
    return bool(refusals) and approved is not None and approved < step < refusals[0]


def _approve_passes(record: Record) -> Outcome:
    visits = record.visits.get("approve-payment")
    if visits is None:
        return ()
    expected = "approve-payment is passed through at once"
    return overstays(record, visits, "stuck_approve_payment", expected)


def _stuck_payment(record: Record) -> Outcome:
    if record.last != "payment-pending":
        return ()
    stay = record.visits["payment-pending"][-1:]
    expected = "an approved transaction moves the order on"
    outcome = overstays(record, stay, "stuck_payment_pending", expected)
    if not outcome or isinstance(outcome, Missing):
        return outcome
    authorized, settlement = record.evidence.has_authorized_at, record.evidence.settlement
    if authorized or settlement == "settled":
        return outcome
    if authorized is None and settlement is None:
        return Missing("whether the transaction is approved")
    return ()


def _authorized_date(record: Record) -> Outcome:
    has, at = record.evidence.has_authorized_at, record.evidence.authorized_at
    if has is None:
        return Missing("authorizedDate of the order document")
    visits = record.visits.get("payment-approved")
    if visits is None:
        if not has or not record.whole:
            return NO_START if has else ()
        seen = "authorizedDate is filled, but the order was never payment-approved"
        return (Finding(-1, seen, "the date is set when the payment is approved"),)
    early = record.entered(visits[0]) - tolerance(record)
    if has and (at is None or at >= early or not record.whole):
        return ()
    seen = "authorizedDate lies before the approval" if has else "authorizedDate is empty"
    expected = "payment-approved sets the date"
    return (Finding(record.step_of(visits[0]), seen, expected),)


def _incomplete(record: Record) -> Outcome:
    completed = record.evidence.is_completed
    if completed or _UNDONE.issuperset(record.first):
        return ()
    if completed is None:
        return Missing("isCompleted of the order document")
    step, status = next((k, s) for s, k in record.first.items() if s not in _UNDONE)
    seen = f"the order reached {status} although it is incomplete"
    return (Finding(step, seen, "an incomplete order does nothing but get cancelled"),)


RULES = (
    Rule(
        id="A-18",
        title="creation comes first",
        severity="error",
        families=ALL,
        statement="Creation statuses come before all others.",
        source=("hc-flow",),
        explanation="An order that was already on its way is being created again. The workflow "
        "was started twice, or two orders share one id in the record; both may be charged.",
        check=_creation_first,
        folds=("A-04", "A-82"),
    ),
    Rule(
        id="A-19",
        title="the payment step is mandatory",
        severity="error",
        families=MARKETPLACE | COMPLETE | CHAIN,
        statement="payment-pending (chain: or waiting-for-mkt-authorization) comes before any "
        "later status of the main line. An order cancelled before it got there keeps the rule.",
        source=("hc-flow",),
        explanation="The order went on without ever waiting for its payment. Goods may leave "
        "although nobody asked the gateway for the money. Usual cause: a shortcut for orders "
        "paid elsewhere, or a lost history entry.",
        check=_payment_step,
        folds=("A-04", "A-82"),
    ),
    Rule(
        id="A-20",
        title="approval before handling",
        severity="error",
        families=MARKETPLACE | COMPLETE,
        statement="payment-approved comes before every status of handling and invoicing.",
        source=("diag-cpl", "hc-flow"),
        explanation="Handling began on an order whose payment was not approved. If the payment "
        "fails later, goods are gone and money never comes. Usual cause: the dispatch was "
        "authorised by the wrong event.",
        check=_approval_before_handling,
        folds=("A-04", "A-82", "A-84"),
        folds_anywhere=("A-21",),
    ),
    Rule(
        id="A-21",
        title="approval before invoice",
        severity="error",
        families=MARKETPLACE | COMPLETE | CHAIN,
        statement="payment-approved (chain: or waiting-seller-handling) comes before invoice.",
        source=("diag-mkt", "diag-cpl", "diag-chn"),
        explanation="An invoice is being verified for an order whose payment was not approved. "
        "Taxes fall due for a sale that may never be paid. Usual cause: an invoice call was "
        "accepted too early.",
        check=_approval_before_invoice,
        folds=("A-04", "A-20", "A-82"),
    ),
    Rule(
        id="A-22",
        title="refused payment is never handled",
        severity="error",
        families=MARKETPLACE | COMPLETE | CHAIN,
        statement="After a refused payment no handling status appears and the order ends in "
        "cancel, canceled.",
        source=("hc-flow", "diag-mkt dm4"),
        explanation="The gateway refused the payment and the order went on as if it were paid, "
        "or was left hanging. Usual cause: the refusal was lost, or a late approval for another "
        "attempt was taken for this one.",
        check=_refused_payment,
    ),
    Rule(
        id="A-23",
        title="approve-payment is passed through",
        severity="info",
        families=MARKETPLACE | COMPLETE,
        statement="An order does not stay in approve-payment longer than stuck_approve_payment.",
        source=("hc-flow",),
        explanation="Recording an approval takes moments; this order stood there for long. It "
        "stops there only when the platform met an error, so look at the transaction.",
        check=_approve_passes,
    ),
    Rule(
        id="A-24",
        title="approved payment moves on",
        severity="warning",
        families=MARKETPLACE | COMPLETE,
        statement="An order whose transaction is approved does not stay in payment-pending "
        "longer than stuck_payment_pending.",
        source=("ki-1031035", "ki-1343830", "ki-1349138"),
        explanation="The customer has paid and the order still waits for the payment. Nobody "
        "will ship it, and it may even be cancelled. Usual cause: the gateway's notification "
        "was lost or refused.",
        check=_stuck_payment,
        folds_anywhere=("A-25",),
    ),
    Rule(
        id="A-25",
        title="authorised dates agree",
        severity="warning",
        families=MARKETPLACE | COMPLETE,
        statement="authorizedDate is filled exactly when the order was payment-approved, and is "
        "not before that time; partial invoices may rewrite it to a later one.",
        source=("oas-orders", "known-issues F-35"),
        explanation="The approval date of the document and the history tell different stories. "
        "Reports by payment date will be wrong. Usual cause: a date written by another step "
        "than the approval.",
        check=_authorized_date,
    ),
    Rule(
        id="A-26",
        title="incomplete orders do nothing",
        severity="error",
        families=ALL,
        statement="An order with isCompleted false shows creation statuses, cancel and canceled "
        "only.",
        source=("hc-incomplete",),
        explanation="The purchase was never finished, yet the order moves through the flow. Its "
        "address, items or payment may be missing. Usual cause: a seller order that was "
        "started before its marketplace order was complete.",
        check=_incomplete,
    ),
)
