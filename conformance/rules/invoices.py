"""Rules on invoicing: how invoices move the order, and when.

Source: domain fact sheet "Conformance rules", section A.6, A-39 to A-43 and A-50 to A-52.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderflow.conformance.record import Finding, Missing
from orderflow.conformance.rule import (
    ALL,
    ASK,
    CANC,
    CHAIN,
    COMPLETE,
    MARKETPLACE,
    NO_INVOICES,
    NO_START,
    SELLER,
    Rule,
    breach,
    money,
    moved,
    overstays,
    tolerance,
    was_in,
)

if TYPE_CHECKING:
    from orderflow.conformance.record import Outcome, Record

NO_VALUE = Missing("the value of the order")

_BACK = {
    "marketplace": frozenset({"payment-approved"}),
    "chain": frozenset({"payment-approved", "waiting-seller-handling"}),
    "seller": frozenset({"handling"}),
    "complete": frozenset({"handling"}),
    "": frozenset({"handling", "payment-approved", "waiting-seller-handling"}),
}
"""Where a partial invoice leads back to, by family (D-09, D-13)."""

_NOT_BACK = CANC | {"replaced"}
_EITHER = frozenset({"handling", "payment-approved"})


def value_at(record: Record, at: int) -> int | None:
    """Return the order value in cents at a time, None when the record does not know the value.

    Unknown modifications count as none.
    """
    value = record.evidence.value
    if value is not None and record.evidence.changes:
        value -= sum([change.delta for change in record.evidence.changes if change.at > at])
    return value


def invoiced_at(record: Record, at: int) -> int:
    """Return the cents on Output invoices posted up to a time."""
    return sum([invoice.value for invoice in record.outputs or () if invoice.at <= at])


def _full_value(record: Record) -> Outcome:
    visits = record.visits.get("invoiced")
    if visits is None:
        return ()
    at = record.entered(visits[0])
    value = value_at(record, at)
    if value is None:
        return NO_VALUE
    if record.outputs is None:
        return NO_INVOICES
    invoiced = invoiced_at(record, at)
    if invoiced == value:
        return ()
    seen = f"{moved(record, visits[0])} with {money(invoiced)} of {money(value)} invoiced"
    expected = "only the full order value leads to invoiced"
    return (Finding(record.step_of(visits[0]), seen, expected),)


def _never_above(record: Record) -> Outcome:
    outputs = record.outputs
    if not outputs:
        return NO_INVOICES if outputs is None else ()
    value = record.evidence.value
    if value is None:
        return NO_VALUE
    if not record.evidence.changes and sum([invoice.value for invoice in outputs]) <= value:
        return ()
    times = [invoice.at for invoice in outputs]
    times += [change.at for change in record.evidence.changes or ()]
    for at in sorted(times):
        invoiced, value = invoiced_at(record, at), value_at(record, at)
        if value is not None and invoiced > value:
            seen = f"{money(invoiced)} is invoiced of an order of {money(value)}"
            expected = "the invoices never exceed the order value"
            return (Finding(record.step_at(at), seen, expected),)
    return ()


def _partial_back(record: Record) -> Outcome:
    visits, path = record.visits.get("invoice"), record.path
    if visits is None or (len(visits) == 1 and path[-1] == "invoice"):
        return ()
    right, found = _BACK[record.family], []
    for stay in visits:
        after = path[stay + 1] if stay + 1 < len(path) else ""
        if not after or after in right or after in _NOT_BACK:
            continue
        if record.outputs is None:
            return NO_INVOICES
        at = record.entered(stay + (after == "invoiced"))
        invoiced, value = invoiced_at(record, at), value_at(record, at)
        if value is None:
            return NO_VALUE
        if 0 < invoiced < value:
            seen = f"{moved(record, stay + 1)} with {money(invoiced)} of {money(value)} invoiced"
            expected = f"a partial invoice leads back to {' or '.join(sorted(right))}"
            mild = after in _EITHER
            found.append(Finding(record.step_of(stay + 1), seen, expected, mild))
    return tuple(found)


def _closes(record: Record) -> Outcome:
    visits, path = record.visits.get("invoice"), record.path
    if visits is None or (len(visits) == 1 and path[-1] == "invoice"):
        return ()
    found: list[Finding] = []
    for stay in visits:
        if stay + 1 == len(path) or path[stay + 1] not in _BACK[record.family] | _EITHER:
            continue
        if record.outputs is None:
            return NO_INVOICES
        at = record.entered(stay)
        if any(each > stay and record.entered(each) == at for each in visits):
            continue  # what was posted at that moment may have come with the next verification
        value = value_at(record, at)
        if value is None:
            return NO_VALUE
        if invoiced_at(record, at) == value:
            seen = f"{moved(record, stay + 1)} with all of {money(value)} invoiced"
            expected = "the full order value leads to invoiced"
            found.append(Finding(record.step_of(stay + 1), seen, expected))
    return tuple(found)


def _has_invoice(record: Record) -> Outcome:
    visits = record.visits.get("invoice")
    if visits is None:
        return ()
    outputs = record.outputs
    if outputs is None:
        return NO_INVOICES
    earliest = min([invoice.at for invoice in outputs], default=None)
    if earliest is not None and earliest <= record.entered(visits[0]) + tolerance(record):
        return ()
    expected = "an Output invoice is posted before it is verified"
    return (breach(record, visits[0], expected),)


def _after_handling(record: Record) -> Outcome:
    outputs = record.outputs
    if not outputs:
        return NO_INVOICES if outputs is None else ()
    earliest = min([invoice.at for invoice in outputs])
    visits = record.visits.get("handling")
    if visits is None and not record.whole:
        return NO_START
    if visits is not None and earliest >= record.entered(visits[0]) - tolerance(record):
        return ()
    if was_in(record, ASK, earliest):
        return ()
    step = record.step_at(earliest)
    seen = f"an Output invoice was posted in {record.statuses[step] if step >= 0 else 'null'}"
    return (Finding(step, seen, "invoices are posted once the order is in handling"),)


def _settled(record: Record) -> Outcome:
    visits = record.visits.get("invoiced")
    if visits is None or record.evidence.settlement == "settled":
        return ()
    if record.evidence.settlement is None:
        return Missing("whether the payment was settled")
    seen = f"the order is invoiced and its settlement is {record.evidence.settlement}"
    return (Finding(record.step_of(visits[0]), seen, "the payment is settled before invoiced"),)


def _stuck_invoice(record: Record) -> Outcome:
    visits = record.visits.get("invoice")
    if visits is None:
        return ()
    return overstays(record, visits, "stuck_invoice", "verifying an invoice ends within the limit")


def _invoiced_date(record: Record) -> Outcome:
    has, at = record.evidence.has_invoiced_at, record.evidence.invoiced_at
    if has is None:
        return Missing("invoicedDate of the order document")
    visits = record.visits.get("invoiced")
    if visits is None:
        if not has:
            return ()
        seen = "invoicedDate is filled, but the order was never invoiced"
        return (Finding(-1, seen, "the date is set when the order is invoiced"),)
    step, entered = record.step_of(visits[0]), record.entered(visits[0])
    if not has:
        return (Finding(step, "the order is invoiced without an invoicedDate", "the date is set"),)
    cut_off = not record.whole and not visits[0]
    if at is None or cut_off or abs(at - entered) <= tolerance(record):
        return ()
    return (Finding(step, "invoicedDate is not the time of invoiced", "both are the same time"),)


RULES = (
    Rule(
        id="A-39",
        title="invoiced only with full value",
        severity="error",
        families=ALL,
        statement="When an order becomes invoiced, its Output invoices add up to the order value "
        "of that moment.",
        source=("hc-flow", "hc-invoice"),
        explanation="The order counts as completely invoiced although the invoices do not add up "
        "to its value. The rest is never shipped or never charged, and nothing can be mended "
        "after invoiced. Usual cause: a partial invoice was taken for the last one, or cents "
        "were taken for whole units.",
        check=_full_value,
        folds=("A-41",),
    ),
    Rule(
        id="A-40",
        title="never invoiced above the value",
        severity="error",
        families=ALL,
        statement="At no time do the Output invoices exceed the order value of that time.",
        source=("hc-flow", "ki-1348894"),
        explanation="More was invoiced than the order is worth. The customer is charged too "
        "much, or settlement fails and the order hangs. Known cause: an invoice and an order "
        "change at the same moment; otherwise an invoice sent twice.",
        check=_never_above,
        folds_anywhere=("A-39",),
    ),
    Rule(
        id="A-41",
        title="a partial invoice goes back",
        severity="error",
        families=ALL,
        statement="After a partial invoice the order goes from invoice to handling (seller, "
        "complete) or payment-approved (marketplace, chain; chain also waiting-seller-handling); "
        "the other family's target is a warning.",
        source=("diag-mkt dm6", "diag-sel ds9", "diag-cpl dc11", "diag-chn dh6", "D-09", "D-13"),
        explanation="Part of the order was invoiced, and the order did not go back to wait for "
        "the rest. The remaining items may never be shipped. Usual cause: the sum of the "
        "invoices was compared with the wrong value.",
        check=_partial_back,
        folds=("A-04", "A-82"),
    ),
    Rule(
        id="A-42",
        title="invoice status needs an invoice",
        severity="error",
        families=ALL,
        statement="An Output invoice was posted at or before the first time the order enters "
        "invoice.",
        source=("diag-mkt", "diag-sel", "diag-cpl", "diag-chn"),
        explanation="The platform is verifying an invoice that nobody has sent. The order will "
        "hang there, since nothing can be verified. Usual cause: a status relayed without its "
        "invoice, or only a return invoice posted.",
        check=_has_invoice,
    ),
    Rule(
        id="A-43",
        title="invoices only after handling",
        severity="error",
        families=SELLER | COMPLETE,
        statement="The first Output invoice is not older than the first handling, unless it "
        "refuses a cancellation request.",
        source=("diag-sel", "hc-flow", "hc-canceling", "D-11"),
        explanation="The order was invoiced before its handling began. It may not even be "
        "authorised, and shoppers who may still cancel get an invoice. Usual cause: an ERP "
        "that skips start-handling.",
        check=_after_handling,
    ),
    Rule(
        id="A-50",
        title="settlement before closing",
        severity="warning",
        families=MARKETPLACE | COMPLETE,
        statement="An invoiced order's payment is settled.",
        source=("hc-verifying",),
        explanation="The order is closed as a success while the money has not been captured. "
        "The goods may be out without payment. Usual cause: the capture failed after the "
        "invoice was accepted.",
        check=_settled,
    ),
    Rule(
        id="A-51",
        title="verification ends",
        severity="warning",
        families=MARKETPLACE | COMPLETE | CHAIN,
        statement="An order does not stay in invoice longer than stuck_invoice.",
        source=("hc-verifying", "ki-500245", "ki-1349027", "ki-376646"),
        explanation="The order hangs while its invoice is verified. Usually the payment could "
        "not be captured, or the invoice is not worth what the order is; until that is mended "
        "nobody can cancel or close the order.",
        check=_stuck_invoice,
    ),
    Rule(
        id="A-52",
        title="invoiced date agrees",
        severity="warning",
        families=ALL,
        statement="invoicedDate is filled exactly when the order was invoiced, with that time.",
        source=("oas-orders",),
        explanation="The document's invoice date and the history differ. Reports by invoice "
        "date put the sale into the wrong day. Usual cause: the date of a partial or a return "
        "invoice was written there.",
        check=_invoiced_date,
    ),
    Rule(
        id="A-86",
        title="a full invoice closes the order",
        severity="error",
        families=ALL,
        statement="From invoice an order whose Output invoices add up to its value does not go "
        "back to where invoices are waited for.",
        source=("diag-mkt", "diag-sel", "diag-cpl", "diag-chn", "hc-flow"),
        explanation="Everything is invoiced and the order waits for another invoice. None can "
        "come that does not exceed the value, so the order never closes. Usual cause: the sum "
        "was compared before the last invoice was counted, or with an older value of the order.",
        check=_closes,
        folds=("A-04", "A-82"),
    ),
)
