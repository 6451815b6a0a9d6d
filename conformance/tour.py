"""Planned tours: every transition, every pair of transitions, every illegal event.

Chance reaches the far end of a long flow late or never; a tour gets there by construction.
What is left to chance is data, time and order, see :mod:`orderflow.conformance.explore`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from orderflow.conformance.drive import Driver, Start
from orderflow.flows.model import ABSENT
from orderflow.simulator.choices import choices
from orderflow.simulator.scenario import EARLY, Act
from orderflow.simulator.space import Edge, Space

Pair = tuple[str, str]
Visit = Callable[[], None]
"""Called whenever an order has come to its end or is about to be dropped."""


def pairs_of(space: Space) -> dict[Pair, tuple[Edge, Edge]]:
    """Every pair of transitions that can follow each other, with steps that realise it."""
    found: dict[Pair, tuple[Edge, Edge]] = {}
    for first in space.edges:
        for second in space.out[first.target]:
            found.setdefault((first.transition, second.transition), (first, second))
    return found


class PairTour:
    """Walks until every pair of transitions has been taken, as far as it can be.

    Args:
        driver: The driver to walk with; its coverage tells what is still missing.
        visit: Called before an order is dropped, to judge it as a whole.
    """

    def __init__(self, driver: Driver, visit: Visit) -> None:
        self.driver, self.visit = driver, visit
        self.space = driver.space
        self.open = dict.fromkeys(pairs_of(self.space))
        self.singles = dict.fromkeys(self.space.by_transition)

    def run(self) -> None:
        """Walk. Pairs that a failure blocks are left out after one try."""
        while self.open or self.singles:
            self._fresh()
            while self._extend():
                pass
            self.visit()

    def _fresh(self) -> None:
        # Replacement is switched off only where a tour needs it refused, see the illegal tour.
        self.driver.begin()
        self._last = ""

    def _extend(self) -> bool:
        """Go on to the nearest step that shows something new; False when there is none."""
        place = self.driver.place
        path = None if place is None else self._nearest(place)
        if path is None:
            if not self.driver.done:  # nothing new can be reached at all: give up what is left
                self.open.clear()
                self.singles.clear()
            return False
        for edge in path:
            self._note(edge)  # ahead of the walk: what a failure blocks is tried but once
        return self.driver.follow(path)

    def _note(self, edge: Edge) -> None:
        self.open.pop((self._last, edge.transition), None)
        self.singles.pop(edge.transition, None)
        self._last = edge.transition

    def _nearest(self, place: int) -> tuple[Edge, ...] | None:
        """Shortest way to a step that closes an open pair or transition."""
        queue: deque[tuple[int, str, tuple[Edge, ...]]] = deque([(place, self._last, ())])
        seen = {(place, self._last)}
        while queue:
            number, last, path = queue.popleft()
            for edge in self.space.out[number]:
                here = (*path, edge)
                if (last, edge.transition) in self.open or edge.transition in self.singles:
                    return here
                mark = (edge.target, edge.transition)
                if mark not in seen:
                    seen.add(mark)
                    queue.append((edge.target, edge.transition, here))
        return None


def illegal_acts(driver: Driver) -> Iterator[Act]:
    """Every event the flow does not take in the order's status, and every guard's other side.

    Events the status does take come with each kind of data, so that those a guard must stop
    are tried, too; those that would go through are left out.
    """
    simulator, flow = driver.simulator, driver.space.plan.flow
    place = driver.place
    legal = set()
    if place is not None:
        legal = {(e.event, e.choice) for e in driver.space.out[place]}
    for event in flow.events:
        known = choices(event, simulator.order)
        if (simulator.status, event) not in flow.leaving:
            yield Act(event, known[0])
            continue
        branches = driver.space.plan.branches[simulator.status, event]
        if all(branch.wait is not None for branch in branches):
            yield Act(event, EARLY)
        for choice in known:
            if (event, choice) not in legal:
                yield Act(event, choice)


def illegal_tour(driver: Driver, visit: Visit) -> None:
    """Try every illegal event in every status, and every refused kind of data.

    One configuration of each (status, facts the guards there ask for) is visited; a refusal
    leaves the order where it is, so all its illegal events are tried on the spot.
    """
    space = driver.space
    for target in _representatives(space):
        root, path = way_from_start(space, target)
        driver.begin(Start(replaceable=space.orders[root].replaceable))
        if not driver.follow(path):
            visit()
            continue
        for act in list(illegal_acts(driver)):
            if driver.act(act).events:
                break  # accepted: the order has moved, the trouble is told
        visit()


def way_from_start(space: Space, target: int) -> tuple[int, tuple[Edge, ...]]:
    """The starting configuration nearest to *target*, and a shortest way from there."""
    found: tuple[int, tuple[Edge, ...]] | None = None
    for root in range(space.roots):
        path = space.path(root, target)
        if path is not None and (found is None or len(path) < len(found[1])):
            found = (root, path)
    if found is None:
        raise LookupError(f"configuration {target} cannot be reached")
    return found


def _representatives(space: Space) -> list[int]:
    """One configuration for each status and each set of illegal steps in it."""
    kept: dict[tuple[str, frozenset[tuple[str, str]]], int] = {}
    for number, order in enumerate(space.orders):
        legal = frozenset((edge.event, edge.choice) for edge in space.out[number])
        kept.setdefault((order.status, legal), number)
    if space.orders[0].status != ABSENT:
        raise LookupError("configuration 0 must be the unplaced order")
    return sorted(kept.values())
