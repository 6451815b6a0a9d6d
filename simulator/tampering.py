"""The closed set of ways in which a faulty system can spoil an order document after a step.

A fault mode names them (:mod:`orderflow.flows.faults`). Each looks at the document before the step,
the document after it, and the step, and returns the document as the faulty system keeps it. What
exactly is written into the document is a sandbox decision in every case: the issues tell what
people see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from orderflow.flows.faults import Tampering
from orderflow.simulator.effects import Taken
from orderflow.simulator.order import Invoice, Order, TrackingEvent
from orderflow.simulator.simulator import Tamper

_CENT = 1


def _forget_completion(_: Order, after: Order, __: Taken) -> Order:
    return after._replace(is_completed=False)


def _approve_transaction(_: Order, after: Order, taken: Taken) -> Order:
    return after._replace(authorized_at=taken.now)


def _settle(_: Order, after: Order, __: Taken) -> Order:
    return after._replace(settlement="settled")


def _drop_reason(_: Order, after: Order, __: Taken) -> Order:
    if after.cancellation is None:
        return after
    return after._replace(cancellation=replace(after.cancellation, reason=""))


def _drop_origin(_: Order, after: Order, __: Taken) -> Order:
    if after.cancellation is None:
        return after
    return after._replace(cancellation=replace(after.cancellation, origins=()))


def _rewrite_authorized_date(_: Order, after: Order, taken: Taken) -> Order:
    return after._replace(authorized_at=taken.now)


def _lower_value(_: Order, after: Order, __: Taken) -> Order:
    off = after.value // 10
    totals = (*after.totals, ("Discounts", -off))
    return after._replace(value=after.value - off, totals=totals)


def _misprice(_: Order, after: Order, __: Taken) -> Order:
    if not after.totals:
        return after
    (name, cents), *rest = after.totals
    return after._replace(totals=((name, cents + cents // 10), *rest))


def _posted(before: Order, after: Order) -> Invoice | None:
    """The sales invoice that came with the step, None when none did."""
    return after.outputs[-1] if len(after.outputs) > len(before.outputs) else None


def _with(order: Order, old: Invoice, new: Invoice) -> Order:
    """Return *order* with one invoice in the place of another."""
    return order._replace(invoices=tuple(new if one is old else one for one in order.invoices))


def _number_by(pattern: str) -> Tamper:
    """Number every sales invoice as it comes; ``{}`` stands for how many there are."""

    def change(before: Order, after: Order, _: Taken) -> Order:
        posted = _posted(before, after)
        if posted is None:
            return after
        number = pattern.format(len(after.outputs))
        return _with(after, posted, posted._replace(number=number))

    return change


def _repeat_lines(before: Order, after: Order, _: Taken) -> Order:
    posted = _posted(before, after)
    if posted is None:
        return after
    return _with(after, posted, posted._replace(lines=posted.lines * 2))


def _deliver_first(before: Order, after: Order, taken: Taken) -> Order:
    posted = _posted(before, after)
    if posted is None:
        return after
    return _with(after, posted, posted._replace(finished=True, delivered_at=taken.now))


def _report_late(_: Order, after: Order, taken: Taken) -> Order:
    moved = TrackingEvent(taken.now, "picked up")
    invoices = tuple(
        one._replace(events=(moved,)) if one.finished and not one.events else one
        for one in after.invoices
    )
    return after._replace(invoices=invoices)


def _store_twice(before: Order, after: Order, _: Taken) -> Order:
    if len(after.inputs) == len(before.inputs):
        return after
    return after._replace(invoices=(*after.invoices, after.inputs[-1]))


def _take_a_cent(_: Order, after: Order, __: Taken) -> Order:
    if not after.outputs or after.outputs[-1].value <= _CENT:
        return after
    last = after.outputs[-1]
    return _with(after, last, last._replace(value=last.value - _CENT))


@dataclass(frozen=True, slots=True)
class Way:
    """One way to spoil a document.

    Attributes:
        says: What it does, one clause.
        change: Does it.
    """

    says: str
    change: Tamper


TAMPERINGS: Mapping[str, Way] = {
    "approve-transaction": Way("the transaction is approved now", _approve_transaction),
    "deliver-first": Way("a package is delivered as it is invoiced", _deliver_first),
    "drop-origin": Way("nobody is on record as the one who cancelled", _drop_origin),
    "drop-reason": Way("the cancellation has no reason", _drop_reason),
    "forget-completion": Way("the purchase is not completed", _forget_completion),
    "lower-value": Way("the order is worth a tenth less, discounts included", _lower_value),
    "misprice": Way("the first total is a tenth too high", _misprice),
    "number-with-signs": Way("invoices are numbered #1/4, #2/4", _number_by("#{}/4")),
    "number-with-slash": Way("invoices are numbered 1/4, 2/4", _number_by("{}/4")),
    "number-with-space": Way("invoices are numbered with a space behind", _number_by("{} ")),
    "repeat-lines": Way("the lines of an invoice stand in it twice", _repeat_lines),
    "report-late": Way("the first movement is reported after the delivery", _report_late),
    "rewrite-authorized-date": Way("the approval is dated now", _rewrite_authorized_date),
    "settle": Way("the document has a settlement of its own", _settle),
    "store-twice": Way("a return invoice is stored twice", _store_twice),
    "take-a-cent": Way("the last sales invoice is a cent short", _take_a_cent),
}
"""Every way by name."""


def tamper_of(
    rows: Iterable[Tampering], family_of: Callable[[Order], str] = lambda order: order.flow
) -> Tamper | None:
    """Return what *rows* do to documents, one after the other; None when they do nothing.

    Args:
        rows: What to do, and when.
        family_of: Tells the family of flows of a document; the name of its flow by default.

    Raises:
        KeyError: There is no way of that name.
    """
    wanted = tuple((row, TAMPERINGS[row.does].change) for row in rows)
    if not wanted:
        return None

    def tamper(before: Order, after: Order, taken: Taken) -> Order:
        for row, change in wanted:
            if _fits(row, family_of(after), taken):
                after = change(before, after, taken)
        return after

    return tamper


def _fits(row: Tampering, family: str, taken: Taken) -> bool:
    step = taken.transition
    return (
        row.flow in {"", family}
        and (not row.events or step.event in row.events)
        and (not row.statuses or step.target in row.statuses)
    )
