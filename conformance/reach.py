"""What there is to cover in a flow, how an order gets there, and what none gets to.

Everything is read off the configurations of the flow, so that a total cannot shrink because a run
fell short: what the flow file names and no configuration shows is told as unreachable, and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from orderflow.conformance.drive import Start
from orderflow.conformance.scenarios import replay_command
from orderflow.conformance.subjects.inside import trigger_of
from orderflow.conformance.tour import pairs_of, way_from_start
from orderflow.flows.model import ABSENT, Transition
from orderflow.flows.settings import Settings
from orderflow.simulator.choices import choices, realise
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.inputs import draft
from orderflow.simulator.order import Item, Order
from orderflow.simulator.scenario import Act, parse_items
from orderflow.simulator.simulator import SAMPLE_ITEMS
from orderflow.simulator.space import Edge, Space, reachable_statuses

_WAYS_TO_TRAVEL: tuple[tuple[Item, ...], ...] = (
    SAMPLE_ITEMS,
    parse_items("1x10000:pickup"),
    parse_items("1x10000:pickup@720"),
)
"""Orders of which the shopper is shown different stages: delivered, ready to be picked up at once,
and after thirty days, which is later than any sale is over."""


class Way(NamedTuple):
    """How to cover an item.

    Attributes:
        place: Configuration to go to.
        acts: What to do there.
        items: Lines of the order.
    """

    place: int
    acts: tuple[Act, ...] = ()
    items: tuple[Item, ...] = SAMPLE_ITEMS


@dataclass(frozen=True)
class Reach:
    """What there is to cover in one view of a flow.

    Attributes:
        space: Its configurations.
        ways: A way to each item that can be covered, by dimension.
        unreachable: Why the others of the flow cannot be, by dimension and item.
    """

    space: Space
    ways: Mapping[str, Mapping[str, Way]]
    unreachable: Mapping[str, Mapping[str, str]]

    def command(
        self, dimension: str, item: str, named: str, settings: Settings | None = None
    ) -> str:
        """The command line that covers an item, empty when there is none.

        Args:
            dimension: One of :data:`~orderflow.conformance.vector.DIMENSIONS`.
            item: One of its items.
            named: How a command line names the flow.
            settings: Time limits; the defaults when None.
        """
        way = self.ways.get(dimension, {}).get(item)
        if way is None:
            return ""
        root, path = way_from_start(self.space, way.place)
        start = Start(way.items, self.space.orders[root].replaceable)
        acts = (*(_act(edge) for edge in path), *way.acts)
        return replay_command(self.space, acts, start, named, settings)


def reach_of(space: Space) -> Reach:
    """Find what there is to cover in the flow of *space*."""
    ways = {
        "states": _first(_states(space)),
        "transitions": _first(_transitions(space)),
        "pairs": _first(_pairs(space)),
        "cells": _first(_cells(space)),
        "guards": _first(_guards(space)),
        "triggers": _first(_triggers(space)),
        "actors": _first(_actors(space)),
    }
    never = {
        "states": _lost_states(space),
        "transitions": _lost_transitions(space),
        "pairs": _lost_pairs(space),
        "cells": _lost_cells(space),
        "guards": _lost_guards(space),
        "actors": _lost_actors(space),
    }
    return Reach(
        space,
        ways,
        {
            name: {item: why for item, why in lost.items() if item not in ways[name]}
            for name, lost in never.items()
        },
    )


def pair_item(first: str, second: str) -> str:
    """How a pair of transitions is written."""
    return f"{first} {second}"


def cell_item(status: str, event: str) -> str:
    """How a cell is written."""
    return f"{status}/{event}"


def guard_item(transition: str, predicate: str, holds: bool) -> str:
    """How one side of a guard is written."""
    return f"{transition} {predicate} {'true' if holds else 'false'}"


Found = Iterator[tuple[str, Way]]
"""Items with a way to each, nearest first; an item may be met again."""


def _first(found: Found) -> dict[str, Way]:
    ways: dict[str, Way] = {}
    for item, way in found:
        ways.setdefault(item, way)
    return ways


def _act(edge: Edge) -> Act:
    return Act(edge.event, edge.choice)


def _states(space: Space) -> Found:
    for place, order in enumerate(space.orders):
        if order.status != ABSENT:
            yield order.status, Way(place)


def _transitions(space: Space) -> Found:
    for edge in space.edges:
        yield edge.transition, Way(edge.source, (_act(edge),))


def _pairs(space: Space) -> Found:
    for (first, second), (one, other) in pairs_of(space).items():
        yield pair_item(first, second), Way(one.source, (_act(one), _act(other)))


def _cells(space: Space) -> Found:
    flow = space.plan.flow
    for place, order in enumerate(space.orders):
        for event in flow.events:
            if (order.status, event) not in flow.leaving:
                act = Act(event, choices(event, order)[0])
                yield cell_item(order.status, event), Way(place, (act,))


def _guards(space: Space) -> Found:
    """Both sides of every guard, as orders with every kind of data show them."""
    for place, order in enumerate(space.orders):
        for event in space.plan.events_from.get(order.status, ()):
            for choice in choices(event, order):
                for item in _sides(space, order, event, choice):
                    yield item, Way(place, (Act(event, choice),))


def _sides(space: Space, order: Order, event: str, choice: str) -> Iterator[str]:
    try:
        drafted = draft(order, event, realise(event, choice, order), order.entered_at)
    except EventDataError:  # an order like this cannot come with such data
        return
    for branch in space.plan.branches[order.status, event]:
        for name, holds in zip(branch.step.when, branch.guards, strict=False):
            yield guard_item(branch.step.id, name, holds(drafted))


def _triggers(space: Space) -> Found:
    """Triggers of the stage that an order can be in."""
    for place, order in enumerate(space.orders):
        if order.status == ABSENT:
            continue
        _, path = way_from_start(space, place)
        history = [space.orders[edge.target].status for edge in path]
        for items in _WAYS_TO_TRAVEL:
            trigger = trigger_of(order._replace(items=items), order.entered_at, history)
            if trigger:
                yield trigger, Way(place, items=items)


def _actors(space: Space) -> Found:
    """Who is usual at some transition: an act does not say who fires it."""
    steps = space.plan.flow.transition
    for edge in space.edges:
        yield steps[edge.transition].actors[0], Way(edge.source, (_act(edge),))


def _lost_states(space: Space) -> dict[str, str]:
    return {state.name: "no order gets there" for state in space.plan.flow.states}


def _lost_transitions(space: Space) -> dict[str, str]:
    reached = reachable_statuses(space) | {ABSENT}
    return {step.id: why_never(step, reached) for step in space.plan.flow.transitions}


def why_never(step: Transition, reached: frozenset[str]) -> str:
    """Why no order takes *step*, which none does, when these statuses can be reached."""
    if step.source not in reached:
        return f"no order gets to {step.source}"
    return "its guard is never true" if step.when or step.held else "another one goes first"


def _lost_pairs(space: Space) -> dict[str, str]:
    """Transitions that meet in a status, and that no order takes one after the other."""
    flow, taken = space.plan.flow, space.by_transition
    found: dict[str, str] = {}
    for first in flow.transitions:
        for second in flow.out.get(first.target, ()):
            lost = [step.id for step in (first, second) if step.id not in taken]
            why = f"no order takes {lost[0]}" if lost else "the first rules the second out"
            found[pair_item(first.id, second.id)] = why
    return found


def _lost_cells(space: Space) -> dict[str, str]:
    flow = space.plan.flow
    return {
        cell_item(state.name, event): f"no order gets to {state.name}"
        for state in flow.states
        for event in flow.events
        if (state.name, event) not in flow.leaving
    }


def _lost_guards(space: Space) -> dict[str, str]:
    reached = reachable_statuses(space) | {ABSENT}
    found: dict[str, str] = {}
    for step in space.plan.flow.transitions:
        why = "no order shows it" if step.source in reached else f"no order gets to {step.source}"
        for name in step.when:
            for holds in (True, False):
                found[guard_item(step.id, name, holds)] = why
    return found


def _lost_actors(space: Space) -> dict[str, str]:
    found: dict[str, str] = {}
    for step in space.plan.flow.transitions:
        for actor in step.actors:
            usual = step.actors[0]
            why = f"acts only in place of {usual}, who is usual at {step.row}"
            if step.id not in space.by_transition or actor == usual:
                why = f"no order takes {step.id}"
            found.setdefault(actor, why)
    return found
