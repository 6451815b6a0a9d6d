"""Where an order of a sound or broken system stands, as a value that a search can keep."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from orderflow.conformance.drive import Start
from orderflow.conformance.subjects.inside import trigger_of
from orderflow.flows.model import Flow
from orderflow.flows.timeline import Shipment, timeline
from orderflow.simulator.clock import START
from orderflow.simulator.order import Order
from orderflow.simulator.simulator import new_order


class Position(NamedTuple):
    """An order and all that decides what will become of it.

    Attributes:
        order: The document.
        now: Virtual time in ms.
        heard: Time up to which the timers of the status have rung.
        trail: What the stages remember of the statuses so far, the present one last; () before
            anything happened.
        memory: How often the transition that a broken system counts was taken.
    """

    order: Order
    now: int
    heard: int
    trail: tuple[str, ...] = ()
    memory: int = 0

    @property
    def status(self) -> str:
        """Where the order stands."""
        return self.order.status

    def alike(self, other: Position) -> bool:
        """Whether a sound system would treat both alike for ever."""
        return self[:4] == other[:4]


def beginning(flow: Flow, start: Start) -> Position:
    """A new order that is not placed yet."""
    order = new_order(flow, "order-1", start.items, replaceable=start.replaceable)
    return Position(order, START, START)


def trigger_at(position: Position) -> str:
    """Trigger that a sound system shows of the stage the order is in."""
    order, now, _, trail, _ = position
    return trigger_of(order, now, trail) if trail else ""


def trail_of(trail: tuple[str, ...], status: str) -> tuple[str, ...]:
    """The trail after *status* has been entered."""
    if trail and trail[-1] == status:
        return trail
    if remembered(status):
        return (status,)
    return (*(each for each in trail if remembered(each)), status)


@cache
def remembered(status: str) -> bool:
    """Whether the stages of an order that is canceled later depend on its having been there.

    >>> remembered("handling"), remembered("cancel")
    (True, False)
    """
    # two statuses that look back, and assume another past when there is nothing to be seen there
    probes = ("request-cancel", "?")
    nothing = Shipment()
    return any(
        timeline(probe, nothing, 0, history=(status,)) != timeline(probe, nothing, 0)
        for probe in probes
    )
