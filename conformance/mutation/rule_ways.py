"""The ways into a break: where a broken flow decides otherwise than the sound one, and what then.

Up to the first step that is decided otherwise a broken flow does what the sound one does. So all
that can differ begins at one of the configurations of the sound flow, which are few and searched
once, and no broken flow has to be searched from its beginning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from orderflow.conformance.mutation.mutant import Mutant
from orderflow.conformance.observe import BREATH_MS, timeline_of
from orderflow.conformance.record import Step
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings
from orderflow.flows.timeline import Timeline
from orderflow.simulator.choices import NONE, choices, realise
from orderflow.simulator.clock import START
from orderflow.simulator.effects import Taken, commit
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.inputs import draft
from orderflow.simulator.machine import Branch, Plan, guards_of
from orderflow.simulator.order import Order
from orderflow.simulator.space import Edge, Key, Space, key_of, search

Cell = tuple[str, str]
"""(status, event)."""


@dataclass(frozen=True, slots=True)
class Trail:
    """An order with all that has happened to it.

    Attributes:
        order: The document.
        steps: The history.
        statuses: Its statuses.
        view: The timeline, None before placement.
    """

    order: Order
    steps: tuple[Step, ...] = ()
    statuses: tuple[str, ...] = ()
    view: Timeline | None = None

    @property
    def now(self) -> int:
        """Time of the last step, in ms."""
        return self.steps[-1].at if self.steps else START


class Decision(NamedTuple):
    """What becomes of an event.

    Attributes:
        branch: The branch it takes.
        drafted: The document with the event's data in it.
        at: When it is taken, in ms of virtual time.
        taken: The step with what came with it.
    """

    branch: Branch
    drafted: Order
    at: int
    taken: Taken

    def same_as(self, other: Decision) -> bool:
        """Whether nobody can tell the two apart: status, actors and waiting time are the same."""
        one, two = self.branch, other.branch
        return (one.step.target, one.step.actors, one.wait) == (
            two.step.target,
            two.step.actors,
            two.wait,
        )


class Difference(NamedTuple):
    """An event that a broken flow decides otherwise than the sound one.

    Attributes:
        place: Number of the configuration of the sound flow.
        event: The event.
        choice: Data it comes with.
        taken: Whether the broken flow takes it; if not, the sound one does.
    """

    place: int
    event: str
    choice: str
    taken: bool


def decide(plan: Plan, trail: Trail, event: str, choice: str) -> Decision | None:
    """Say what a flow makes of an event, now or once its time is over; None when it refuses it."""
    order = trail.order
    branches = plan.branches.get((order.status, event), ())
    if not branches:
        return None
    data, waits = realise(event, choice, order), {b.wait for b in branches if b.wait is not None}
    for at in (_soon(plan, trail), *(order.entered_at + wait for wait in sorted(waits))):
        now = max(trail.now, at)
        try:
            drafted = draft(order, event, data, now)
        except EventDataError:  # an order like this cannot come with such data
            return None
        branch = plan.find(order, drafted, event, now)
        if branch is not None:
            return Decision(
                branch, drafted, now, Taken(branch.step, branch.step.actors[0], now, data)
            )
    return None


def _soon(plan: Plan, trail: Trail) -> int:
    """A breath after the last step, but before any time limit is over."""
    alarms = plan.alarms.get(trail.order.status, ())
    due = (trail.order.entered_at + wait - 1 for wait, _ in alarms)
    return max(trail.now, min([trail.now + BREATH_MS, *due]))


def followed(trail: Trail, decision: Decision) -> Trail:
    """The trail with the step that was decided on."""
    order, step = commit(decision.drafted, decision.taken), decision.branch.step
    entry = Step(step.target, decision.at, step.event, decision.taken.actor, step.id)
    statuses = (*trail.statuses, step.target)
    view = timeline_of(order, decision.at, statuses)
    return Trail(order, (*trail.steps, entry), statuses, view)


def onward(plan: Plan, trail: Trail) -> Iterator[Trail]:
    """The trails that are one step longer."""
    for event in plan.events_from.get(trail.order.status, ()):
        for choice in choices(event, trail.order):
            decision = decide(plan, trail, event, choice)
            if decision is not None:
                yield followed(trail, decision)


def rests(plan: Plan, trail: Trail) -> bool:
    """Whether neither time nor the platform leads an order on, but for a cancellation."""
    status = trail.order.status
    if status in plan.flow.final or not trail.steps:
        return False
    for event in plan.events_from.get(status, ()):
        for choice in choices(event, trail.order):
            decision = decide(plan, trail, event, choice)
            if decision is None:
                continue
            step = decision.branch.step
            leads_on = step.automatic and step.target not in {status, "cancel"}
            if leads_on or decision.branch.wait is not None:
                return False
    return True


def ends_in_time(plan: Plan, trail: Trail) -> bool:
    """Whether a time limit leads an order on, however long nobody acts."""
    for _, event in plan.alarms.get(trail.order.status, ()):
        decision = decide(plan, trail, event, NONE)
        if decision is not None and decision.branch.wait is not None:
            return True
    return False


@dataclass(frozen=True)
class Ground:
    """A sound flow, all its configurations, and a shortest trail to each.

    Attributes:
        flow: One profile of a flow.
        settings: Time limits.
        space: Its configurations.
    """

    flow: Flow
    settings: Settings
    space: Space

    @cached_property
    def ways(self) -> tuple[Edge | None, ...]:
        """The step by which each configuration is reached first; None for a root."""
        found: dict[int, Edge | None] = dict.fromkeys(range(self.space.roots))
        queue = list(found)
        for place in queue:  # grows while it is walked
            for edge in self.space.out[place]:
                if edge.target not in found:
                    found[edge.target] = edge
                    queue.append(edge.target)
        return tuple(found.get(place) for place in range(len(self.space.orders)))

    @cached_property
    def by_status(self) -> dict[str, tuple[int, ...]]:
        """Configurations by status, those that are reached with the fewest steps first."""
        found: dict[str, list[int]] = {}
        for place, order in enumerate(self.space.orders):
            found.setdefault(order.status, []).append(place)
        return {
            status: tuple(sorted(places, key=lambda place: len(self.path(place))))
            for status, places in found.items()
        }

    @cached_property
    def _trails(self) -> dict[int, Trail]:
        return {}

    def path(self, place: int) -> tuple[Edge, ...]:
        """A shortest way to a configuration."""
        edge = self.ways[place]
        return () if edge is None else (*self.path(edge.source), edge)

    def key(self, trail: Trail) -> Key:
        """What tells the configuration of an order from others."""
        return key_of(trail.order, self.space.facts)

    def root(self, place: int) -> int:
        """Number of the configuration in which that way begins."""
        path = self.path(place)
        return path[0].source if path else place

    def trail(self, place: int) -> Trail:
        """An order in a configuration, with a shortest history."""
        known = self._trails.get(place)
        if known is None:
            known = self._trails[place] = self._walked(place)
        return known

    def _walked(self, place: int) -> Trail:
        edge = self.ways[place]
        if edge is None:
            return Trail(self.space.orders[place])
        before = self.trail(edge.source)
        decision = decide(self.space.plan, before, edge.event, edge.choice)
        if decision is None:  # the space was made of the very same steps
            raise ValueError(f"{edge.event} does not lead from configuration {edge.source}")
        return followed(before, decision)

    def broken(self, mutant: Mutant) -> tuple[Plan, tuple[Cell, ...]]:
        """The plan of a broken flow, and the cells in which it may decide otherwise."""
        sound, flow = {id(step) for step in self.flow.transitions}, mutant.flow
        kept = {id(step) for step in flow.transitions}
        changed = [s for s in flow.transitions if id(s) not in sound]
        changed += [s for s in self.flow.transitions if id(s) not in kept]
        cells = dict.fromkeys([mutant.cell, *((s.source, s.event) for s in changed)])
        branches = dict(self.space.plan.branches)
        for cell in cells:
            branches[cell] = self._branches(flow, cell)
        taken = {cell: found for cell, found in branches.items() if found}
        return Plan(flow, taken), tuple(cells)

    def _branches(self, flow: Flow, cell: Cell) -> tuple[Branch, ...]:
        wait = None
        for timer in flow.timers:
            if (timer.state, timer.fires) == cell:
                wait = self.settings.milliseconds(timer.after)
        return tuple(
            Branch(step, guards_of(step), wait if step.actors == ("timer",) else None)
            for step in flow.transitions
            if (step.source, step.event) == cell
        )

    def differences(self, plan: Plan, cells: tuple[Cell, ...]) -> Iterator[Difference]:
        """Where a broken flow decides otherwise, nearest first.

        Nothing is found when, and only when, no run can tell it from the sound one.
        """
        for place in self.by_status.get(cells[0][0], ()):
            trail = self.trail(place)
            for _, event in cells:
                for choice in choices(event, trail.order):
                    right = decide(self.space.plan, trail, event, choice)
                    wrong = decide(plan, trail, event, choice)
                    if right is None and wrong is None:
                        continue
                    if right is None or wrong is None or not wrong.same_as(right):
                        yield Difference(place, event, choice, wrong is not None)


def ground_of(flow: Flow, settings: Settings) -> Ground:
    """Search a sound flow.

    Args:
        flow: One profile of a flow.
        settings: Time limits.
    """
    return Ground(flow, settings, search(flow, settings))
