"""Plays acts on the simulator to learn what a subject must answer.

A case is never believed: whatever made it, what it expects is what the flow does, and what it
sends is what the flow's own document makes of it. A choice such as ``part`` becomes an amount
here, by the books of a sound order, and no subject is asked what it would like to be sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from orderflow.conformance.drive import Start
from orderflow.conformance.subjects.inside import trigger_of
from orderflow.conformance.subjects.subject import ADVANCE, Call
from orderflow.conformance.suites.case import Step
from orderflow.simulator.choices import NONE, choices, realise, timer_choice
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.events import Event
from orderflow.simulator.inputs import draft
from orderflow.simulator.machine import Plan
from orderflow.simulator.scenario import EARLY, Act, ScenarioError, milliseconds
from orderflow.simulator.simulator import Refused, Simulator, new_order


class Rehearsed(NamedTuple):
    """A step as it was rehearsed.

    Attributes:
        step: The step, with what must come of it.
        call: What to ask of a subject.
        source: Status before.
        events: What happened in the simulator, oldest first; () for a refusal.
    """

    step: Step
    call: Call
    source: str
    events: tuple[Event, ...]


class Rehearsal:
    """One order of a sound system, on which acts are tried out one after the other.

    Args:
        plan: The compiled flow.
        start: How the order begins.
    """

    def __init__(self, plan: Plan, start: Start) -> None:
        order = new_order(plan.flow, "order-1", start.items, replaceable=start.replaceable)
        self.simulator = Simulator(plan.flow, order=order, plan=plan)

    @property
    def status(self) -> str:
        """Where the order stands."""
        return self.simulator.status

    def call(self, act: Act) -> Call:
        """What *act* asks of a subject now.

        Raises:
            ScenarioError: The event cannot come with the act's choice as the order stands.
        """
        if act.event == ADVANCE:
            return Call(ADVANCE, wait=milliseconds(act.choice))
        wait = None if act.choice == EARLY else self._wait(act)
        if wait is not None:
            return Call(ADVANCE, wait=wait)
        return Call(act.event, self._data(act))

    def _wait(self, act: Act) -> int | None:
        """Ms until the timer that alone does *act* here is over, None when there is none."""
        order, branches = self.simulator.order, self.simulator.plan.branches
        found = branches.get((order.status, act.event), ())
        waits = [each.wait for each in found if each.wait is not None]
        if not waits or (len(waits) < len(found) and not self._is_for_timer(act, min(waits))):
            return None
        return max(min(waits) + order.entered_at - self.simulator.now, 0)

    def _is_for_timer(self, act: Act, wait: int) -> bool:
        """Whether *act*, which others may do with other data, goes once *wait* ms are over only."""
        order, plan = self.simulator.order, self.simulator.plan
        try:
            drafted = draft(order, act.event, self._data(act), self.simulator.now)
        except EventDataError:
            return False
        if plan.find(order, drafted, act.event, self.simulator.now) is not None:
            return False
        late = plan.find(order, drafted, act.event, order.entered_at + wait)
        return late is not None and late.wait is not None

    def _data(self, act: Act) -> dict[str, object]:
        order = self.simulator.order
        choice = timer_choice(act.event) if act.choice == EARLY else act.choice
        if not choice:
            known = choices(act.event, order)
            choice = known[0] if NONE not in known else NONE
        try:
            return realise(act.event, choice, order, act.draw)
        except ValueError as error:
            raise ScenarioError(str(error)) from None

    def play(self, act: Act) -> Rehearsed:
        """Do *act* and say what a subject must do.

        Raises:
            ScenarioError: The event cannot come with the act's choice as the order stands.
        """
        simulator, source = self.simulator, self.simulator.status
        call, seen = self.call(act), len(self.simulator.events)
        refused = False
        if call.event == ADVANCE:
            simulator.advance(call.wait)
        else:
            try:
                refused = isinstance(simulator.attempt(call.event, call.data), Refused)
            except EventDataError:
                refused = True
        events = tuple(simulator.events[seen:])
        taken = events[-1].transition if events else ""
        step = Step(act, simulator.status, refused, self._trigger(), taken)
        return Rehearsed(step, call, source, events)

    def _trigger(self) -> str:
        simulator = self.simulator
        statuses = [event.target for event in simulator.events]
        return trigger_of(simulator.order, simulator.now, statuses) if statuses else ""


def rehearse(plan: Plan, start: Start, acts: Iterable[Act]) -> tuple[Rehearsed, ...]:
    """Play *acts* on a new order.

    Raises:
        ScenarioError: An event cannot come with its choice as the order stands then.
    """
    rehearsal = Rehearsal(plan, start)
    return tuple(rehearsal.play(act) for act in acts)
