"""Rules on cancelling: who may, when, and what becomes of it.

Source: domain fact sheet "Conformance rules", section A.7, A-54 to A-57, A-63, A-64, A-66 to A-68.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderflow.conformance.record import Finding, Missing
from orderflow.conformance.rule import (
    ALL,
    ASK,
    CANC,
    COMPLETE,
    CREATE,
    MARKETPLACE,
    NO_INVOICES,
    PAYWAIT,
    REQUESTS,
    SELLER,
    Rule,
    breach,
    overstays,
    setting,
)
from orderflow.conformance.rules.answers import answer_of, requests_of
from orderflow.conformance.rules.finality import ALLOW_CANCEL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orderflow.conformance.record import Outcome, Record

NO_DATA = Missing("cancellationData of the order document")

_ACCEPTED = frozenset({"handling", "payment-approved", "waiting-seller-handling", "invoiced"})
"""Statuses in which ``invoice`` is left once its invoice has been accepted."""

_UNPAID = CREATE | PAYWAIT
_WINDOW = _UNPAID | {"payment-approved", "authorize-fulfillment", "window-to-cancel"}
_ASKED = frozenset({"waiting-for-seller-decision", "cancellation-requested"})
_WORK = frozenset({"ready-for-handling", "handling"})
_STARRED = ("order-created", "start-handling", "cancel", "invoice")
_PLATFORM = frozenset({"support", "platform"})
_NEW_SELLER = frozenset(
    {"payment-approved", "invoice", "invoiced", "cancel", "canceled", "replaced"}
)


def _partly_invoiced(record: Record) -> Outcome:
    path = record.path
    entries = [
        stay for stay in range(1, len(path)) if path[stay] in CANC and path[stay - 1] not in CANC
    ]
    if not entries:
        return ()
    accepted = [
        stay + 1
        for stay in record.visits.get("invoice", ())
        if stay + 1 < len(path) and path[stay + 1] in _ACCEPTED
    ]
    found = [stay for stay in entries if accepted and accepted[0] <= stay]
    if not found:
        if record.outputs is None:
            return NO_INVOICES
        found = [stay for stay in entries if _accepted_unseen(record, stay)]
    expected = "an order with an accepted invoice is not cancelled"
    done = record.visits.get("invoiced", (len(path),))[0] if setting(record, ALLOW_CANCEL) else None
    return tuple(
        breach(record, stay, expected, mild=done is not None and done < stay) for stay in found
    )


def _accepted_unseen(record: Record, entry: int) -> bool:
    """Whether an invoice was accepted before a stay although no earlier step shows it.

    An invoice that was posted before but verified later does not count: it was the denial.
    """
    if record.visits.get("invoice", (0,))[-1] > entry:
        return False
    at = record.entered(entry)
    return any(invoice.accepted and invoice.at < at for invoice in record.outputs or ())


def _cancel_invoiced(record: Record) -> Outcome:
    visits, path = record.visits.get("invoiced"), record.path
    if visits is None or visits[0] + 1 == len(path):
        return ()
    mild = bool(setting(record, ALLOW_CANCEL))
    for stay in range(visits[0] + 1, len(path)):
        if path[stay] in CANC:
            return (
                breach(record, stay, "an invoiced order is returned, not cancelled", mild=mild),
            )
    return ()


def _window_needs_no_consent(record: Record) -> Outcome:
    if ASK.isdisjoint(record.first):
        return ()
    path = record.path
    found: list[Finding] = []
    for start, end in requests_of(record):
        before = path[start - 1] if start else ""
        if not start:
            continue
        if record.family != "marketplace":
            if before in _WINDOW:
                expected = "up to window-to-cancel a request leads straight to cancel"
                found.append(breach(record, start, expected))
        elif before in _UNPAID and answer_of(record, end) in {"denied", "invoiced"}:
            seen = f"a request made in {before or 'null'} was denied"
            expected = "before the payment is approved nobody can deny a cancellation"
            mild = path[end] == "payment-pending"
            found.append(Finding(record.step_of(end), seen, expected, mild))
    return tuple(found)


def _seller_decides(record: Record) -> Outcome:
    visits, path = record.visits.get("cancel"), record.path
    if visits is None:
        return ()
    expected = "once the window is over the seller is asked before an order is cancelled"
    return tuple(
        breach(record, stay, expected)
        for stay in visits
        if stay and path[stay - 1] not in _ASKED and _unasked(record, stay)
    )


def _unasked(record: Record, cancel: int) -> bool:
    """Whether a request that is the seller's to decide led to a ``cancel`` without asking it."""
    path, sale = record.path, record.family == "marketplace"
    before = path[cancel - 1]
    if before in ASK:
        start = cancel - 1
        while start and path[start] in ASK:
            start -= 1
        asked = not _ASKED.isdisjoint(path[start:cancel])
        return not asked and (path[start] == "payment-approved" if sale else path[start] in _WORK)
    event = record.steps[record.step_of(cancel)].event
    if sale:
        # A seller that cancels on its own sends the order to cancel without being asked (M22).
        return before == "payment-approved" and event in {"request_cancel", "cancel_order"}
    return before in _WORK and (event is None or event in REQUESTS)


def _starred(record: Record) -> Outcome:
    path = record.path
    found: list[Finding] = []
    for status in _STARRED:
        for stay in record.visits.get(status, ()):
            if stay + 1 == len(path):
                continue
            after = path[stay + 1]
            step = record.steps[record.step_of(stay + 1)]
            mild = status == "invoice" and after == "cancel"
            if after in ASK or _cancelled_there(status, after, step.event):
                if mild and step.actor in _PLATFORM:
                    continue
                expected = f"nothing can be asked of an order in {status}"
                found.append(breach(record, stay + 1, expected, mild=mild))
    return tuple(found)


def _cancelled_there(status: str, after: str, event: str | None) -> bool:
    if after != "cancel":
        return False
    if status == "order-created":
        # A creation error goes to cancel as well, and records seldom say why.
        return event in REQUESTS
    return event is None or event in REQUESTS


def _through_cancel(record: Record) -> Outcome:
    visits, path = record.visits.get("canceled"), record.path
    if visits is None:
        return ()
    return tuple(
        breach(record, stay, "an order becomes canceled from cancel only")
        for stay in visits
        if (path[stay - 1] not in {"cancel", "canceling"} if stay else record.whole)
    )


def _origin(record: Record) -> Outcome:
    step, data = record.first.get("canceled"), record.evidence.cancellation
    if step is None:
        return ()
    if data is None:
        if record.evidence.has_cancellation is not False:
            return NO_DATA
        seen = "the order is canceled and its cancellationData is empty"
    elif len(data.origins) == 1:
        return ()
    else:
        seen = f"the cancellation has {len(data.origins)} origins"
    return (Finding(step, seen, "exactly one origin of the cancellation is recorded"),)


def _reason(record: Record) -> Outcome:
    step, data = record.first.get("canceled"), record.evidence.cancellation
    if step is None:
        return ()
    if data is None:
        return Missing("cancellationData or cancelReason of the order document")
    if data.reason:
        return ()
    return (Finding(step, "the cancellation has no reason", "the reason is recorded"),)


def _seller_change(record: Record) -> Outcome:
    visits = record.visits.get("window-to-change-seller")
    if visits is None:
        return ()
    expected = "after the window the order goes on with the new seller, or is cancelled"
    found = _left_to(record, visits, _NEW_SELLER, expected)
    late = overstays(
        record, visits, "change_seller_window", "the window ends within its limit", mild=True
    )
    if isinstance(late, Missing):
        return found or late
    return (*found, *late)


def _left_to(
    record: Record, visits: Iterable[int], allowed: frozenset[str], expected: str
) -> tuple[Finding, ...]:
    path = record.path
    return tuple(
        breach(record, stay + 1, expected)
        for stay in visits
        if stay + 1 < len(path) and path[stay + 1] not in allowed
    )


RULES = (
    Rule(
        id="A-54",
        title="no cancellation once partly invoiced",
        severity="error",
        families=ALL,
        statement="No cancellation status comes after an accepted Output invoice; an invoice "
        "sent while a request waits denies that request and is no breach. After invoiced it is a "
        "warning where cancelling after a return is allowed.",
        source=("oas-orders", "hc-flow", "D-05", "D-19"),
        explanation="Part of the order has been invoiced, and a cancellation began all the same. "
        "The invoiced goods may be under way while the payment is given back. Usual cause: a "
        "check that looks at the status only, which is back in handling or payment-approved.",
        check=_partly_invoiced,
    ),
    Rule(
        id="A-55",
        title="an invoiced order is not cancelled",
        severity="error",
        families=ALL,
        statement="No cancellation status comes after invoiced. A warning where cancelling after "
        "a return is allowed.",
        source=("seed", "D-19"),
        explanation="A fully invoiced order is being cancelled. The goods are out and the money "
        "is captured, so only a return invoice can undo the sale. Usual cause: a client that "
        "cancels instead of sending the return.",
        check=_cancel_invoiced,
        folds=("A-04", "A-14", "A-54", "A-82"),
        folds_anywhere=("A-17",),
    ),
    Rule(
        id="A-56",
        title="in the window nobody is asked",
        severity="error",
        families=SELLER | COMPLETE | MARKETPLACE,
        statement="A request made up to window-to-cancel leads straight to cancel (seller, "
        "complete); one made before the payment is approved is never denied (marketplace).",
        source=("dp-cancel step 3", "hc-flow"),
        explanation="The shopper cancelled in time, and the seller was asked or even refused. "
        "The shopper was promised to be able to cancel alone. Usual cause: the end of the "
        "window was computed wrongly.",
        check=_window_needs_no_consent,
        folds=("A-04", "A-59", "A-82"),
    ),
    Rule(
        id="A-57",
        title="later the seller decides",
        severity="error",
        families=SELLER | MARKETPLACE | COMPLETE,
        statement="A request made in ready-for-handling or handling passes cancellation-requested "
        "(seller) or waiting-for-seller-decision (complete; marketplace from payment-approved).",
        source=("dp-cancel", "hc-canceling", "D-12"),
        explanation="An order that is being prepared was cancelled without asking the seller. "
        "The package may leave anyway, and the refund is lost. Usual cause: a cancel call that "
        "takes the shortcut meant for the cancellation window.",
        check=_seller_decides,
        folds=("A-04", "A-82"),
    ),
    Rule(
        id="A-63",
        title="starred statuses refuse requests",
        severity="error",
        families=ALL,
        statement="order-created, start-handling, cancel and invoice are not left by a "
        "cancellation request; invoice to cancel is a warning, and support may do it.",
        source=("hc-flow", "D-05"),
        explanation="The order was cancelled in a status that the platform is just passing "
        "through, where it promises to accept nothing. Two processes now work on one order. "
        "Usual cause: a request checked against a status that was read too early.",
        check=_starred,
        folds=("A-04", "A-15", "A-82"),
    ),
    Rule(
        id="A-64",
        title="canceled comes from cancel",
        severity="error",
        families=ALL,
        statement="canceled is entered from cancel only.",
        source=("diag-mkt", "diag-sel", "diag-cpl", "diag-chn"),
        explanation="The order is canceled without having passed cancel, the step in which the "
        "payment is given back. The customer may still be charged. Usual cause: a status "
        "written directly instead of cancelling the order.",
        check=_through_cancel,
        folds=("A-04", "A-82"),
    ),
    Rule(
        id="A-66",
        title="origin of a cancellation is recorded",
        severity="warning",
        families=ALL,
        statement="A canceled order has exactly one true origin in cancellationData.",
        source=("oas-orders", "ki-1249934"),
        explanation="Nobody can tell who cancelled the order: no origin is recorded, or several. "
        "Seller ratings and fees depend on it. It is a known defect for some ways to cancel.",
        check=_origin,
    ),
    Rule(
        id="A-67",
        title="reason of a cancellation is recorded",
        severity="info",
        families=ALL,
        statement="A canceled order has a reason in cancellationData.",
        source=("oas-orders", "ki-792650"),
        explanation="The order was cancelled without a reason. It may arrive a little later; if "
        "it never does, customer care has nothing to say. Usual cause: a cancel call without "
        "a reason.",
        check=_reason,
    ),
    Rule(
        id="A-68",
        title="a seller change ends",
        severity="error",
        families=MARKETPLACE,
        statement="window-to-change-seller leads to payment-approved, invoice, invoiced, replaced "
        "or a cancellation; longer than change_seller_window is a warning.",
        source=("hc-changeseller", "obs", "D-10"),
        explanation="The first seller gave up, and the order neither found a new one nor was "
        "cancelled. The customer has paid and waits. Usual cause: the timer of the window did "
        "not fire, or the change was applied to the wrong order.",
        check=_seller_change,
        folds=("A-04", "A-82", "A-84"),
    ),
)
