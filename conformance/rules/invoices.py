"""Rules on invoices and returns.

Source: domain fact sheet "Conformance rules", section A.6.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orderflow.conformance.record import Finding, Missing
from orderflow.conformance.rule import (
    ALL,
    CANC,
    CHAIN,
    COMPLETE,
    MARKETPLACE,
    NO_START,
    SELLER,
    Rule,
    breach,
    money,
    moved,
    overstays,
    tolerance,
)

if TYPE_CHECKING:
    from orderflow.conformance.record import Outcome, Record

NO_INVOICES = Missing("the invoices of the order")
NO_VALUE = Missing("the value of the order")
NO_ITEMS = Missing("the items of the order")

_CLEAN = re.compile(r"[A-Za-z0-9-]+", re.ASCII)
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
    if record.evidence.value is None:
        return NO_VALUE
    times = [invoice.at for invoice in outputs]
    times += [change.at for change in record.evidence.changes or ()]
    for at in sorted(times):
        invoiced, value = invoiced_at(record, at), value_at(record, at) or 0
        if invoiced > value:
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
    step = record.step_at(earliest)
    seen = f"an Output invoice was posted in {record.statuses[step] if step >= 0 else 'null'}"
    return (Finding(step, seen, "invoices are posted once the order is in handling"),)


def _unique_numbers(record: Record) -> Outcome:
    invoices = record.evidence.invoices
    if invoices is None:
        return NO_INVOICES
    if len({invoice.number for invoice in invoices}) == len(invoices):
        return ()
    seen_before: set[str] = set()
    found: list[Finding] = []
    for invoice in invoices:
        if invoice.number in seen_before:
            seen = f"the invoice number {invoice.number!r} is used again"
            expected = "each package has an invoice number of its own"
            found.append(Finding(record.step_at(invoice.at), seen, expected))
        seen_before.add(invoice.number)
    return tuple(found)


def _clean_numbers(record: Record) -> Outcome:
    invoices = record.evidence.invoices
    if not invoices:
        return NO_INVOICES if invoices is None else ()
    return tuple(
        Finding(
            record.step_at(invoice.at),
            f"an invoice has the number {invoice.number!r}",
            "an invoice number has letters, digits and hyphens only",
        )
        for invoice in invoices
        if not _CLEAN.fullmatch(invoice.number)
    )


def _positive_value(record: Record) -> Outcome:
    invoices = record.evidence.invoices
    if not invoices:
        return NO_INVOICES if invoices is None else ()
    return tuple(
        Finding(
            record.step_at(invoice.at),
            f"an invoice is worth {money(invoice.value)}",
            "an invoice is worth more than 0.00",
        )
        for invoice in invoices
        if invoice.value <= 0
    )


def _lines_match(record: Record) -> Outcome:
    invoices = record.evidence.invoices
    if invoices is None:
        return NO_INVOICES
    lines = [(invoice, line) for invoice in invoices for line in invoice.lines]
    if not lines:
        return ()
    if record.evidence.items is None:
        return NO_ITEMS
    ordered: dict[str, int] = {}
    for item in record.evidence.items:
        ordered[item.id] = ordered.get(item.id, 0) + item.quantity
    units: dict[str, int] = {}
    found: list[Finding] = []
    for invoice, line in lines:
        if invoice.kind == "Output":
            units[line.item] = units.get(line.item, 0) + line.quantity
        allowed, seen = ordered.get(line.item), ""
        if allowed is None:
            seen = f"an invoice has the item {line.item!r}, which the order has not"
        elif units.get(line.item, 0) > allowed:
            seen = f"{units[line.item]} of {allowed} units of item {line.item!r} are invoiced"
        if seen:
            expected = "invoices hold ordered items, at most as many as were ordered"
            found.append(Finding(record.step_at(invoice.at), seen, expected))
    return tuple(found)


def _returns_after(record: Record) -> Outcome:
    inputs = record.inputs
    if not inputs:
        return NO_INVOICES if inputs is None else ()
    visits = record.visits.get("invoiced")
    done = None if visits is None else record.entered(visits[0]) - tolerance(record)
    return tuple(
        Finding(
            record.step_at(invoice.at),
            "a return invoice was posted before the order was invoiced",
            "returns come after invoiced, or no refund happens",
        )
        for invoice in inputs
        if done is None or invoice.at < done
    )


def _returns_bounded(record: Record) -> Outcome:
    inputs = record.inputs
    if not inputs:
        return NO_INVOICES if inputs is None else ()
    returned = sum([invoice.value for invoice in inputs])
    invoiced = sum([invoice.value for invoice in record.outputs or ()])
    if returned <= invoiced:
        return ()
    seen = f"{money(returned)} is returned of {money(invoiced)} invoiced"
    return (Finding(record.step_at(inputs[-1].at), seen, "returns stay within what was invoiced"),)


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
