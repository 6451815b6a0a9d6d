"""What a broken system does: the simulator's own steps, with one thing wrong.

Its state is a value, so that a search can go back to any moment, and a run can begin in the
middle of a case: until it meets the break, a broken system does what the flow says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from orderflow.conformance.drive import Start
from orderflow.conformance.mutation.cents import cent_off
from orderflow.conformance.mutation.mutant import DataClass, Mutant, Operator, Quirk
from orderflow.conformance.mutation.position import Position, beginning, trail_of, trigger_at
from orderflow.conformance.subjects.subject import ADVANCE, LOOK, Call, Outcome
from orderflow.flows.model import Transition
from orderflow.simulator.effects import Taken, commit
from orderflow.simulator.errors import EndlessTimersError, EventDataError
from orderflow.simulator.guards import Guard
from orderflow.simulator.machine import Branch, Plan, guards_of
from orderflow.simulator.order import Order
from orderflow.simulator.simulator import MOST_TIMERS, Chosen, Refused, choose, timer_data

Cell = tuple[str, str]
"""Status and event; an empty event stands for merely being in the status."""


@dataclass(frozen=True)
class System:
    """A system that may have one thing wrong.

    Attributes:
        plan: What it does.
        later: What it does once *counted* has been taken, or *poison* refused, *times* times.
        counted: Id of the transition it counts; empty for none.
        poison: The refusal it counts; None for none.
        times: How often; 0 makes *later* meaningless.
        moving: The step that is taken where an event is refused.
        taking: The step by which an event is taken that is refused, whatever comes with it.
        where: Orders for which alone *taking* is there; None for all.
        lost: Id of the transition that is taken and leaves the order as it was.
        showing: Status, and the trigger it always shows there.
    """

    plan: Plan
    later: Plan | None = None
    counted: str = ""
    poison: Cell | None = None
    times: int = 0
    moving: Transition | None = None
    taking: Transition | None = None
    where: DataClass | None = None
    lost: str = ""
    showing: tuple[str, str] | None = None

    def begin(self, start: Start) -> Position:
        """A new order."""
        return beginning(self.plan.flow, start)

    def plan_at(self, at: Position) -> Plan:
        """What it does from there on."""
        return self.plan if self.later is None or at.memory < self.times else self.later

    def fire(self, at: Position, call: Call) -> tuple[Outcome, Position]:
        """Let something happen.

        Raises:
            EndlessTimersError: Timers set each other off for ever.
        """
        if call.event == LOOK:
            return Outcome.ACCEPTED, at
        if call.event == ADVANCE:
            return Outcome.ACCEPTED, self.waited(at, call.wait)
        return self._ask(at, call.event, call.data)

    def trigger(self, at: Position) -> str:
        """Trigger it shows."""
        if self.showing is not None and self.showing[0] == at.order.status:
            return self.showing[1]
        return trigger_at(at)

    def _ask(
        self, at: Position, event: str, data: Mapping[str, object], actor: str | None = None
    ) -> tuple[Outcome, Position]:
        try:
            chosen = choose(self.plan_at(at), at.order, event, data, at.now, actor)
        except EventDataError:  # nobody could enter such data, and a broken system may not look
            return self._refused(at, event)
        if isinstance(chosen, Refused):
            return self._refused(at, event)
        return Outcome.ACCEPTED, self._taken(at, chosen)

    def _refused(self, at: Position, event: str) -> tuple[Outcome, Position]:
        """What comes of an event that the flow refuses."""
        cell = at.order.status, event
        if cell == self.poison and at.memory < self.times:
            return Outcome.REFUSED, at._replace(memory=at.memory + 1)
        for step, outcome in ((self.taking, Outcome.ACCEPTED), (self.moving, Outcome.REFUSED)):
            if step is not None and (step.source, step.event) == cell and self._is_here(at.order):
                chosen = Chosen(Taken(step, step.actors[0], at.now, {}), at.order)
                return outcome, self._taken(at, chosen)
        return Outcome.REFUSED, at

    def _is_here(self, order: Order) -> bool:
        return self.where is None or self.where.holds(order)

    def _taken(self, at: Position, chosen: Chosen) -> Position:
        step = chosen.taken.transition
        if step.id == self.lost:
            return at
        order = commit(chosen.drafted, chosen.taken)
        counts = step.id == self.counted and at.memory < self.times
        heard = at.heard if step.target == step.source else at.now - 1
        trail = trail_of(at.trail, step.target)
        return Position(order, at.now, heard, trail, at.memory + counts)

    def waited(self, at: Position, duration: int) -> Position:
        """Let *duration* ms pass."""
        until, rung = at.now + duration, 0
        while True:
            due = self._due(at, until)
            for moment, event in due:
                before, at = at, at._replace(now=moment)
                outcome, at = self._ask(at, event, timer_data(event), "timer")
                rung += outcome is Outcome.ACCEPTED
                if rung > MOST_TIMERS:
                    raise EndlessTimersError(self.plan.flow.name, event, at.status)
                if at.status != before.status:
                    break  # another status has other timers
            else:
                return at._replace(now=until, heard=max(until, at.heard))

    def _due(self, at: Position, until: int) -> list[tuple[int, str]]:
        """What rings by then in the status the order is in, and when; the first one first."""
        alarms = self.plan_at(at).alarms.get(at.order.status, ())
        since = at.order.entered_at
        due = [(since + wait, event) for wait, event in alarms if at.heard < since + wait <= until]
        return sorted(due, key=lambda each: each[0])


@dataclass(frozen=True)
class Broken:
    """A system as it was made of a mutant.

    Attributes:
        system: What it does.
        cells: Where it may differ from the sound one, or begin to count.
    """

    system: System
    cells: tuple[Cell, ...]


def broken(mutant: Mutant, plan: Plan) -> Broken:
    """What *mutant* does.

    Args:
        mutant: A break of the flow of *plan*.
        plan: The sound flow, compiled.
    """
    quirk, cells = mutant.quirk, [mutant.cell]
    if quirk is None:
        return _of_flow(mutant, plan)
    if quirk.refused:
        cells.append((mutant.cell[0], quirk.refused))
    elif quirk.after:
        first = plan.flow.transition[quirk.after]
        cells.append((first.source, first.event))
    return Broken(_quirky(mutant, plan, quirk), tuple(dict.fromkeys(cells)))


def _quirky(mutant: Mutant, plan: Plan, quirk: Quirk) -> System:
    """A system with something wrong that no flow can say."""
    cell, actors = mutant.cell, mutant.actors or ("platform",)
    if mutant.operator is Operator.MOVED:
        return System(plan, moving=Transition("X", "X", *cell, quirk.to, actors))
    if mutant.operator is Operator.ONE_CLASS:
        step = Transition("X", "X", *cell, quirk.to, actors)
        return System(plan, taking=step, where=quirk.where)
    if mutant.operator is Operator.LOST:
        return System(plan, lost=mutant.transition)
    if mutant.operator is Operator.PROJECTION:
        return System(plan, showing=(cell[0], quirk.shown))
    changed = _with_row(plan, cell, _quirky_row(plan, mutant, quirk))
    if not quirk.times:
        return System(changed)
    poison = (cell[0], quirk.refused) if quirk.refused else None
    return System(plan, changed, quirk.after, poison, quirk.times)


def _quirky_row(plan: Plan, mutant: Mutant, quirk: Quirk) -> tuple[Branch, ...]:
    """The branches of the cell: one is gone, leads elsewhere, is ill-timed, or a cent off."""
    row: list[Branch] = []
    for branch in plan.branches[mutant.cell]:
        if branch.step.id != mutant.transition:
            row.append(branch)
        elif quirk.guard:
            row.append(replace(branch, guards=_guards(branch.step, quirk)))
        elif quirk.shift and branch.wait is not None:
            row.append(replace(branch, wait=branch.wait + quirk.shift))
        elif quirk.to:
            row.append(replace(branch, step=replace(branch.step, target=quirk.to)))
    return tuple(row)


def _guards(step: Transition, quirk: Quirk) -> tuple[Guard, ...]:
    """The guards of *step*, one of them a cent off."""
    others = replace(step, when=tuple(name for name in step.when if name != quirk.guard))
    return (*guards_of(others), cent_off(quirk.guard, quirk.cents))


def _with_row(plan: Plan, cell: Cell, row: tuple[Branch, ...]) -> Plan:
    """*plan* with other branches in one cell; what orders are like stays the flow's own."""
    branches = {**plan.branches, cell: row}
    if not row:
        del branches[cell]
    return Plan(plan.flow, branches)


def _of_flow(mutant: Mutant, plan: Plan) -> Broken:
    """A system that follows the broken flow to the letter."""
    known = {id(step) for step in plan.flow.transitions}
    new = [step for step in mutant.flow.transitions if id(step) not in known]
    cells = tuple(dict.fromkeys([mutant.cell, *((step.source, step.event) for step in new)]))
    timed = {(timer.state, timer.fires) for timer in mutant.flow.timers}
    changed = plan
    for cell in cells:
        row = tuple(
            _branch(plan, step, timed=cell in timed)
            for step in mutant.flow.transitions
            if (step.source, step.event) == cell
        )
        changed = _with_row(changed, cell, row)
    taking = new[0] if mutant.operator is Operator.ACCEPT else None
    return Broken(System(changed, taking=taking), cells)


def _branch(plan: Plan, step: Transition, *, timed: bool) -> Branch:
    row = plan.branches.get((step.source, step.event), ())
    same = next((branch for branch in row if branch.step.id == step.id), None)
    wait = same.wait if same is not None and timed else None
    return Branch(step, guards_of(step), wait)
