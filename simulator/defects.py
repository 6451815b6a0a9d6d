"""Histories broken on purpose, each labelled with the rule it breaks.

A judge of recorded histories is only as good as what it catches: these are its controls. Every
defect changes one thing of an otherwise conforming order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from random import Random

from orderflow.flows.model import Flow


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a history before it is written.

    Attributes:
        status: Status after the step.
        at: Virtual ms.
        event: Event name.
        actor: Who fired it.
        transition: Id of the transition, empty for a step the flow does not have.
        invoice: Cents on the invoice that came with it, 0 for none.
        defect: Id of the rule that this entry breaks, or empty.
        value: Order value in cents where the step set it, 0 elsewhere.
    """

    status: str
    at: int
    event: str
    actor: str
    transition: str
    invoice: int = 0
    defect: str = ""
    value: int = 0


_APPROVAL = {
    "marketplace": ("A-21", "invoice"),
    "chain": ("A-21", "invoice"),
    "complete": ("A-20", "authorize-fulfillment"),
}
"""By family: the rule that asks for payment-approved, and the status that it asks it before."""

_STALE = frozenset(
    {"payment-pending", "waiting-ffmt-authorization", "waiting-for-fulfillment", "approve-payment"}
)
"""Statuses to which a late message takes an order back without breaking any other rule."""

_ANSWERED = frozenset({"waiting-for-manual-authorization"})
"""Statuses that have a rule of their own about what follows them."""

Entries = tuple[Entry, ...]
_Break = Callable[[Flow, Entries], Entries | None]
"""Returns the broken history, None when the order offers nothing to break."""


def _places(entries: Entries, status: str) -> list[int]:
    return [place for place, entry in enumerate(entries) if entry.status == status]


def _without(entries: Entries, place: int, rule: str) -> Entries | None:
    """Leave one entry out; the one behind it takes its time and is where the rule breaks."""
    if place + 1 >= len(entries):
        return None
    marked = replace(entries[place + 1], at=entries[place].at, defect=rule)
    return (*entries[:place], marked, *entries[place + 2 :])


def _status_after(entries: Entries, place: int) -> str:
    """Status of the entry behind *place*, empty when there is none."""
    return entries[place + 1].status if place + 1 < len(entries) else ""


def _after_the_end(entries: Entries, end: str, late: Entry, rule: str) -> Entries | None:
    """Add the step *late* to an order that has ended."""
    last = entries[-1]
    if last.status != end:
        return None
    return (*entries, replace(late, at=last.at + 60_000, invoice=0, value=0, defect=rule))


def _skip_window(flow: Flow, entries: Entries) -> Entries | None:
    places = _places(entries, "window-to-cancel")
    if flow.family not in {"seller", "complete"} or not places:
        return None
    if _status_after(entries, places[0]) != "ready-for-handling":
        return None
    return _without(entries, places[0], "A-29")


def _skip_approval(flow: Flow, entries: Entries) -> Entries | None:
    rule, wanted = _APPROVAL.get(flow.family, ("", ""))
    places = _places(entries, "payment-approved")
    paid_elsewhere = _places(entries, "waiting-seller-handling")  # in chain flows
    if len(places) != 1 or paid_elsewhere or _status_after(entries, places[0]) != wanted:
        return None
    return _without(entries, places[0], rule)


def _revive(flow: Flow, entries: Entries) -> Entries | None:  # noqa: ARG001
    """Take a step that came before the cancellation a second time, as a stale message does."""
    stale = [entry for entry in entries if entry.status in _STALE]
    return _after_the_end(entries, "canceled", stale[-1], "A-12") if stale else None


def _cancel_invoiced(flow: Flow, entries: Entries) -> Entries | None:  # noqa: ARG001
    late = Entry("cancel", 0, "cancel_order", "support", "")
    return _after_the_end(entries, "invoiced", late, "A-55")


def _skip_canceling(flow: Flow, entries: Entries) -> Entries | None:  # noqa: ARG001
    places = _places(entries, "cancel")
    if not places or entries[places[-1] - 1].status in _ANSWERED:
        return None
    return _without(entries, places[-1], "A-64")


def _short_invoice(flow: Flow, entries: Entries) -> Entries | None:  # noqa: ARG001
    """Take a cent off the last sales invoice of an invoiced order that nothing came back from."""
    done = _places(entries, "invoiced")
    invoiced = [number for number, entry in enumerate(entries) if entry.invoice > 1]
    if not done or not invoiced or invoiced[-1] > done[0]:
        return None
    place = invoiced[-1]
    broken = list(entries)
    broken[place] = replace(broken[place], invoice=broken[place].invoice - 1)
    broken[done[0]] = replace(broken[done[0]], defect="A-39")
    return tuple(broken)


_BREAKS: tuple[_Break, ...] = (
    _skip_window,
    _skip_approval,
    _revive,
    _cancel_invoiced,
    _skip_canceling,
    _short_invoice,
)


class Defects:
    """Breaks a share of all orders.

    Args:
        flow: The flow the histories conform to.
        rate: Share of orders to break, 0 to 1; an order that offers nothing to break is left.
        seed: Decides which, and how.

    Attributes:
        tried: Orders that were to be broken so far.
        broken: Those of them that were.
    """

    def __init__(self, flow: Flow, rate: float, seed: int) -> None:
        self.flow, self.rate = flow, rate
        self.tried = self.broken = 0
        self._random = Random(f"defects of {seed}")

    def due(self) -> bool:
        """Whether the next order is to be broken."""
        return self._random.random() < self.rate

    def applied(self, entries: Iterable[Entry]) -> Entries:
        """Return *entries* with one defect, chosen among those that fit."""
        whole = tuple(entries)
        self.tried += 1
        breaks = list(_BREAKS)
        self._random.shuffle(breaks)
        for attempt in breaks:
            broken = attempt(self.flow, whole)
            if broken is not None:
                self.broken += 1
                return broken
        return whole
