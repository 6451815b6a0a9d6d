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


Entries = tuple[Entry, ...]
_Break = Callable[[Flow, Entries], Entries | None]
"""Returns the broken history, None when the order offers nothing to break."""


def _places(entries: Entries, status: str) -> list[int]:
    return [place for place, entry in enumerate(entries) if entry.status == status]


def _without(entries: Entries, place: int, rule: str) -> Entries | None:
    """Leave one entry out; the one behind it is where the rule breaks."""
    if place + 1 >= len(entries):
        return None
    marked = replace(entries[place + 1], defect=rule)
    return (*entries[:place], marked, *entries[place + 2 :])


def _skip_window(flow: Flow, entries: Entries) -> Entries | None:
    places = _places(entries, "window-to-cancel")
    follower = places and places[0] + 1 < len(entries) and entries[places[0] + 1].status
    if flow.family not in {"seller", "complete"} or follower != "ready-for-handling":
        return None
    return _without(entries, places[0], "A-29")


def _skip_approval(flow: Flow, entries: Entries) -> Entries | None:
    places = _places(entries, "payment-approved")
    rule = "A-20" if flow.family == "complete" else "A-21"
    wanted = "authorize-fulfillment" if flow.family == "complete" else "invoice"
    if len(places) != 1 or places[0] + 1 >= len(entries):
        return None
    return _without(entries, places[0], rule) if entries[places[0] + 1].status == wanted else None


def _after_the_end(entries: Entries, end: str, status: str, rule: str) -> Entries | None:
    if entries[-1].status != end:
        return None
    last = entries[-1]
    return (*entries, Entry(status, last.at + 60_000, "cancel_order", "support", "", 0, rule))


def _revive(flow: Flow, entries: Entries) -> Entries | None:
    return _after_the_end(entries, "canceled", flow.happy_path[-3], "A-12")


def _cancel_invoiced(flow: Flow, entries: Entries) -> Entries | None:  # noqa: ARG001
    return _after_the_end(entries, "invoiced", "cancel", "A-55")


def _skip_canceling(flow: Flow, entries: Entries) -> Entries | None:  # noqa: ARG001
    places = _places(entries, "cancel")
    return _without(entries, places[-1], "A-64") if places else None


def _short_invoice(flow: Flow, entries: Entries) -> Entries | None:  # noqa: ARG001
    """Take a cent off the last sales invoice of an invoiced order."""
    done = _places(entries, "invoiced")
    invoiced = [n for n, e in enumerate(entries[: done[0]]) if e.invoice > 1] if done else []
    if not invoiced:
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
    """

    def __init__(self, flow: Flow, rate: float, seed: int) -> None:
        self.flow, self.rate = flow, rate
        self._random = Random(f"defects of {seed}")

    def due(self) -> bool:
        """Whether the next order is to be broken."""
        return self._random.random() < self.rate

    def applied(self, entries: Iterable[Entry]) -> Entries:
        """Return *entries* with one defect, chosen among those that fit."""
        whole = tuple(entries)
        breaks = list(_BREAKS)
        self._random.shuffle(breaks)
        for attempt in breaks:
            broken = attempt(self.flow, whole)
            if broken is not None:
                return broken
        return whole
