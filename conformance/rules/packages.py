"""Rules on single invoices: their numbers, values and lines, and returns.

Source: domain fact sheet "Conformance rules", section A.6, A-44 to A-49.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orderflow.conformance.record import Finding, Missing
from orderflow.conformance.rule import ALL, NO_INVOICES, Rule, money, tolerance

if TYPE_CHECKING:
    from orderflow.conformance.record import Outcome, Record

NO_ITEMS = Missing("the items of the order")

_CLEAN = re.compile(r"[A-Za-z0-9-]+", re.ASCII)


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


RULES = (
    Rule(
        id="A-44",
        title="one number for one invoice",
        severity="warning",
        families=ALL,
        statement="No two packages of an order have the same invoice number.",
        source=("hc-invoice", "oas-pii"),
        explanation="Two packages carry one invoice number. Tracking is sent by invoice number, "
        "so the second package cannot be told from the first. Usual cause: a call repeated "
        "after a time-out.",
        check=_unique_numbers,
    ),
    Rule(
        id="A-45",
        title="clean invoice numbers",
        severity="warning",
        families=ALL,
        statement="Invoice numbers hold letters, digits and hyphens only.",
        source=("ki-953285", "ki-1302085", "ki-409225", "ki-631970"),
        explanation="The invoice number holds a space, a slash, a hash or the like. The number "
        "is part of the tracking address, so later updates fail with errors that do not say "
        "why. Usual cause: series and number joined with a slash.",
        check=_clean_numbers,
    ),
    Rule(
        id="A-46",
        title="invoices have a positive value",
        severity="error",
        families=ALL,
        statement="Every invoice is worth more than 0, in whole cents.",
        source=("oas-orders",),
        explanation="An invoice of nothing, or of less than nothing, was posted. It moves the "
        "order without covering any of its value. Usual cause: a gift line or a discount "
        "invoiced by itself, or a value that was not read.",
        check=_positive_value,
    ),
    Rule(
        id="A-47",
        title="invoice lines match the order",
        severity="warning",
        families=ALL,
        statement="Every invoiced line is an item of the order, and no item is invoiced in more "
        "units than were ordered.",
        source=("oas-orders", "ki-547053", "ki-1008459"),
        explanation="The invoice lists goods that are not in the order, or more of them than "
        "were ordered. Stock and returns will not add up. Usual cause: items changed after the "
        "ERP read the order, or line numbers were sent instead of item ids.",
        check=_lines_match,
    ),
    Rule(
        id="A-48",
        title="returns come after invoiced",
        severity="warning",
        families=ALL,
        statement="No Input invoice is older than the entry into invoiced.",
        source=("oas-orders",),
        explanation="A return was booked before the whole order was invoiced. The platform then "
        "starts no refund, so the customer waits for the money. Usual cause: a partial delivery "
        "was sent back at the door.",
        check=_returns_after,
    ),
    Rule(
        id="A-49",
        title="returns stay within the invoices",
        severity="error",
        families=ALL,
        statement="The Input invoices do not exceed the Output invoices.",
        source=("ki-376077", "ki-930491"),
        explanation="More was returned than was ever invoiced, so more would be refunded than "
        "was paid. Usual cause: one return booked twice.",
        check=_returns_bounded,
    ),
)
