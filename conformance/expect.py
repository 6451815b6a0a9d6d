"""What must happen to an event, read off the configurations of the flow: invariant I-09.

The simulator decides by looking at one order document; the space was searched beforehand. Both
must come to the same answer, whatever the amounts, dates and packages of the order are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orderflow.conformance.invariants import Breach
from orderflow.simulator.choices import NONE, choices, timer_choice
from orderflow.simulator.events import Event
from orderflow.simulator.order import Order
from orderflow.simulator.scenario import EARLY, Act
from orderflow.simulator.space import Edge, Space


@dataclass(frozen=True, slots=True)
class Told:
    """A breach of I-09 and the transition it concerns."""

    breach: Breach
    transition: str


def _told(observed: str, expected: str, transition: str) -> Told:
    return Told(Breach("I-09", observed, expected), transition)


class Expectations:
    """Says what the flow allows, one table for each configuration, made when first asked for.

    Args:
        space: The flow's configurations.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self._tables: dict[int, Mapping[tuple[str, str], Edge | None]] = {}
        self._waits = {
            branch.step.id: branch.wait
            for branches in space.plan.branches.values()
            for branch in branches
            if branch.wait is not None
        }

    def table(self, place: int) -> Mapping[tuple[str, str], Edge | None]:
        """(event, choice) to the step it takes in a configuration, None where it is refused.

        Events that no transition out of the status takes are left out: they are always refused.
        """
        known = self._tables.get(place)
        if known is None:
            known = self._tables[place] = self._made(place)
        return known

    def _made(self, place: int) -> Mapping[tuple[str, str], Edge | None]:
        order = self.space.orders[place]
        edges = {(edge.event, edge.choice): edge for edge in self.space.out[place]}
        table: dict[tuple[str, str], Edge | None] = {}
        for event in self.space.plan.events_from.get(order.status, ()):
            offered = choices(event, order)
            for choice in offered:
                table[event, choice] = edges.get((event, choice))
            table.setdefault((event, NONE), table[event, offered[0]])  # see scenario.play
        return table

    def of_refusal(self, act: Act, place: int, before: Order, now: int) -> Told | None:
        """Judge a refusal.

        Args:
            act: What was refused.
            place: Configuration the order was in.
            before: Its document.
            now: Virtual time of the refusal.
        """
        early = act.choice == EARLY
        edge = self.table(place).get((act.event, timer_choice(act.event) if early else act.choice))
        if edge is None or (early and self._is_early(edge, before, now)):
            return None  # without `early` the time of a timer has been waited for
        observed = f"{act} was refused in {before.status}"
        return _told(observed, f"the flow leads it on by {edge.transition}", edge.transition)

    def of_step(self, act: Act, event: Event, place: int, before: Order) -> Told | None:
        """Judge the step that an act brought about at once.

        Args:
            act: What was done.
            event: What happened.
            place: Configuration the order was in.
            before: Its document.
        """
        table = self.table(place)
        early = act.choice == EARLY
        key = (act.event, timer_choice(act.event) if early else act.choice)
        if key not in table and (before.status, act.event) in self.space.plan.branches:
            return None  # data the order of that configuration could not come with
        edge = table.get(key)
        if edge is None:
            observed = f"{act} was taken in {before.status} by {event.transition}"
            return _told(observed, "the flow refuses it there", event.transition)
        return self._along(edge, event) or self._in_time(edge, event, before)

    def of_timer(self, event: Event, place: int, before: Order) -> Told | None:
        """Judge a step that time brought about.

        Args:
            event: What happened.
            place: Configuration the order was in.
            before: Its document.
        """
        edges = [edge for edge in self.space.out[place] if edge.event == event.event]
        if not edges:
            observed = f"the timer's {event.event} was taken in {before.status}"
            return _told(observed, "the flow refuses it there", event.transition)
        for edge in edges:
            if edge.transition == event.transition:
                known = self._along(edge, event) or self._in_time(edge, event, before)
                return known or self._late(edge, event, before)
        return self._along(edges[0], event)

    def of_wait(self, place: int, before: Order, since: int, now: int) -> Told | None:
        """Judge time that passed without a step.

        Args:
            place: Configuration the order is in.
            before: Its document.
            since: Virtual time before the wait.
            now: Virtual time after it.
        """
        for edge in self.space.out[place]:
            due = self._is_early(edge, before, since) and not self._is_early(edge, before, now)
            if due and edge.choice == NONE:  # no timer brings data
                observed = f"{before.status} was left by no {edge.event} when its time was over"
                return _told(
                    observed, f"the flow leads it on by {edge.transition}", edge.transition
                )
        return None

    def _along(self, edge: Edge, event: Event) -> Told | None:
        target = self.space.orders[edge.target].status
        if edge.transition == event.transition and target == event.target:
            return None
        observed = f"{event.event} led from {event.source} to {event.target} by {event.transition}"
        expected = f"it leads to {target} by {edge.transition}"
        return _told(observed, expected, event.transition)

    def _in_time(self, edge: Edge, event: Event, before: Order) -> Told | None:
        if not self._is_early(edge, before, event.at):
            return None
        observed = f"{event.event} was taken in {event.source} before its time was over"
        return _told(observed, "a timer's event waits for its time", event.transition)

    def _late(self, edge: Edge, event: Event, before: Order) -> Told | None:
        waits = {b.wait for b in self.space.plan.branches[event.source, event.event]}
        if len(waits) > 1 or event.at == before.entered_at + self._waits.get(edge.transition, 0):
            return None  # with several times the event may come at a later one
        observed = f"{event.event} was taken in {event.source} after its time"
        return _told(observed, "a timer's event comes when its time is over", event.transition)

    def _is_early(self, edge: Edge, before: Order, now: int) -> bool:
        return edge.timed and now < before.entered_at + self._waits[edge.transition]
