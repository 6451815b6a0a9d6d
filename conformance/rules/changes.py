"""Rules on order modifications and tracking.

Source: domain fact sheet "Conformance rules", section A.9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderflow.conformance.record import Finding, Missing
from orderflow.conformance.rule import (
    ALL,
    COMPLETE,
    MARKETPLACE,
    NO_INVOICES,
    SELLER,
    Rule,
    money,
    tolerance,
    was_in,
)

if TYPE_CHECKING:
    from orderflow.conformance.record import Outcome, Record

NO_CHANGES = Missing("the modifications of the order")
NO_EVENTS = Missing("the events that led to the steps")

_PLACES = {
    "marketplace": frozenset({"payment-approved"}),
    "seller": frozenset({"handling", "waiting-for-fulfillment", "ready-for-invoicing"}),
    "complete": frozenset({"handling", "waiting-for-fulfillment", "ready-for-invoicing"}),
}
"""Statuses in which an order may be modified, by family."""


def _keeps_status(record: Record) -> Outcome:
    steps = record.steps
    events = [step.event for step in steps]
    if "modify_order" not in events:
        known = record.evidence.changes == () or any(events)
        return () if known else NO_EVENTS
    return tuple(
        Finding(
            index,
            f"a modification took the order from {steps[index - 1].status} to {step.status}",
            "a modification keeps the status",
        )
        for index, step in enumerate(steps)
        if index and step.event == "modify_order" and step.status != steps[index - 1].status
    )


def _allowed_place(record: Record) -> Outcome:
    changes = record.evidence.changes
    if not changes:
        return NO_CHANGES if changes is None else ()
    places = _PLACES[record.family]
    found: list[Finding] = []
    for change in changes:
        wrong = [status for status in (change.held,) if status and status not in places]
        if not wrong and not was_in(record, places, change.at):
            wrong = [record.statuses[max(record.step_at(change.at), 0)]]
        if wrong:
            seen = f"the order was modified in {wrong[0] or 'null'}"
            expected = f"modifications happen in {', '.join(sorted(places))} only"
            found.append(Finding(record.step_at(change.at), seen, expected))
    return tuple(found)


def _before_invoices(record: Record) -> Outcome:
    changes, outputs = record.evidence.changes, record.outputs
    if not changes:
        return NO_CHANGES if changes is None else ()
    if not outputs:
        return NO_INVOICES if outputs is None else ()
    earliest = min([invoice.at for invoice in outputs])
    return tuple(
        Finding(
            record.step_at(change.at),
            "the order was modified after its first invoice",
            "an invoiced order is not modified any more",
        )
        for change in changes
        if change.at > earliest
    )


def _value_adds_up(record: Record) -> Outcome:
    value, totals = record.evidence.value, record.evidence.totals
    if value is None or totals is None:
        return Missing("value and totals of the order document")
    total = sum([cents for _, cents in totals])
    if total == value:
        return ()
    seen = f"the order is worth {money(value)} and its totals add up to {money(total)}"
    return (Finding(-1, seen, "the totals add up to the value"),)


def _tracked_packages(record: Record) -> Outcome:
    invoices = record.evidence.invoices
    if not invoices:
        return NO_INVOICES if invoices is None else ()
    return tuple(
        Finding(
            record.step_at(invoice.events[0].at),
            f"package {invoice.number} has carrier events and no tracking number",
            "only packages with a tracking number are tracked",
        )
        for invoice in invoices
        if invoice.events and not invoice.tracking_number
    )


def _delivered_last(record: Record) -> Outcome:
    invoices = record.evidence.invoices
    if "invoiced" in record.first:
        return ()
    if not invoices:
        return NO_INVOICES if invoices is None else ()
    return tuple(
        Finding(
            len(record.steps) - 1,
            f"package {invoice.number} is delivered and the order is in {record.last or 'null'}",
            "a delivered order is invoiced",
        )
        for invoice in invoices
        if invoice.finished
    )


def _delivery_date(record: Record) -> Outcome:
    invoices = record.evidence.invoices
    if not invoices:
        return NO_INVOICES if invoices is None else ()
    slack = tolerance(record)
    return tuple(
        Finding(
            record.step_at(invoice.delivered_at),
            f"package {invoice.number} was delivered before its first carrier event",
            "delivery is the last thing a carrier reports",
        )
        for invoice in invoices
        if invoice.delivered_at is not None
        and invoice.events
        and invoice.delivered_at < min([event.at for event in invoice.events]) - slack
    )


RULES = (
    Rule(
        id="A-75",
        title="modification keeps the status",
        severity="error",
        families=ALL,
        statement="Applying a modification does not change the status.",
        source=("dp-ordmod",),
        explanation="Changing the contents of the order also moved it in the flow. Whoever "
        "waits for the former status loses the order. Usual cause: the modified order was "
        "written back with a status of its own.",
        check=_keeps_status,
        folds=("A-82",),
    ),
    Rule(
        id="A-76",
        title="modifications only where allowed",
        severity="error",
        families=SELLER | COMPLETE | MARKETPLACE,
        statement="A modification is applied in handling, waiting-for-fulfillment or "
        "ready-for-invoicing (seller, complete) or payment-approved (marketplace).",
        source=("dp-ordmod",),
        explanation="The order was modified at a moment when its contents must stand still. "
        "The payment or the invoice may refer to the old contents. Usual cause: a change asked "
        "for earlier was applied late.",
        check=_allowed_place,
        folds=("A-82",),
    ),
    Rule(
        id="A-77",
        title="no modification after an invoice",
        severity="error",
        families=SELLER | COMPLETE,
        statement="No modification is applied after the first Output invoice.",
        source=("dp-ordmod SalesOrderSystem046",),
        explanation="The order was changed after part of it had been invoiced. The invoices can "
        "then never add up to the new value exactly, and the order hangs. Usual cause: the "
        "change was approved while the ERP was invoicing.",
        check=_before_invoices,
        folds=("A-82",),
    ),
    Rule(
        id="A-78",
        title="totals add up to the value",
        severity="warning",
        families=ALL,
        statement="The order value is the sum of its totals.",
        source=("oas-orders",),
        explanation="Items, discounts, shipping and taxes do not add up to what the order is "
        "worth. Invoices computed from the items will miss the order value. Usual cause: a "
        "modification that updated one and not the other.",
        check=_value_adds_up,
    ),
    Rule(
        id="A-79",
        title="tracking needs a tracking number",
        severity="error",
        families=ALL,
        statement="Carrier events belong to packages that have a tracking number.",
        source=("oas-orders",),
        explanation="A package has carrier events but no tracking number. The events cannot be "
        "checked with the carrier and may belong to another package. Usual cause: events sent "
        "before the number, or to the wrong invoice.",
        check=_tracked_packages,
    ),
    Rule(
        id="A-80",
        title="delivered only when invoiced",
        severity="error",
        families=ALL,
        statement="A package is delivered only on an order that is invoiced.",
        source=("hc-flow",),
        explanation="The carrier reports delivery while the order is not completely invoiced. "
        "The shopper has the goods and the sale is not booked. Usual cause: the last invoice "
        "was never sent, or tracking was reported for the wrong order.",
        check=_delivered_last,
    ),
    Rule(
        id="A-81",
        title="delivery is the last event",
        severity="warning",
        families=ALL,
        statement="A package is not delivered before its first carrier event.",
        source=("oas-orders", "known-issues F-36"),
        explanation="The package was delivered before it was on its way. Delivery times in "
        "reports will be negative. Usual cause: a carrier integration that confirms delivery "
        "by default, or dates without their offset.",
        check=_delivery_date,
    ),
)
