"""From a flow to a ``transitions`` machine, and from the machine to a plan that runs fast.

The machine is the definition: statuses, events and conditions live in it, one machine serves
any number of orders, and a property test holds the plan to what the machine does.
The plan is the same table in the form a tight loop wants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import transitions.core

from orderflow.flows.model import ABSENT, Flow, Transition
from orderflow.flows.settings import Settings
from orderflow.simulator.guards import Guard, guard, held_before
from orderflow.simulator.order import Order


class Position:
    """What moves through a ``transitions`` machine: an order document and the time it is seen at.

    Attributes:
        library_state: The status, under the name the library looks for.
        order: The document the conditions judge.
        now: Virtual time in ms; a timer's step is only open once its time is over.
    """

    __slots__ = ("library_state", "now", "order")

    def __init__(self, order: Order, now: int) -> None:
        self.order, self.now, self.library_state = order, now, order.status


class FlowTransition(transitions.core.Transition):
    """A library transition that remembers which of ours it stands for."""

    def __init__(
        self, *args: Any, step: Transition, guards: tuple[Guard, ...], wait: int | None, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.step, self.guards, self.wait = step, guards, wait


class FlowMachine(transitions.core.Machine):
    """A library machine made of :class:`FlowTransition`."""

    transition_cls = FlowTransition
    # Statuses called "*" and "=" are statuses to us; no name holds a control character.
    wildcard_all = wildcard_same = "\0"


def _condition(guards: tuple[Guard, ...], wait: int | None) -> Callable[[Any], bool]:
    """All guards of one transition as a condition the library understands."""

    def check(event: Any) -> bool:
        place: Position = event.model
        if wait is not None and place.now < place.order.entered_at + wait:
            return False
        return all(holds(place.order) for holds in guards)

    return check


def guards_of(step: Transition) -> tuple[Guard, ...]:
    """The guards of *step*, as functions of the drafted order document."""
    guards = tuple(guard(name) for name in step.when)
    return (*guards, held_before(step.held)) if step.held else guards


def waits(flow: Flow, settings: Settings) -> dict[str, int]:
    """How long, in ms, the order must have been in its status before each timer's step opens."""
    found: dict[str, int] = {}
    for timer in flow.timers:
        for step in flow.leaving.get((timer.state, timer.fires), ()):
            if step.actors == ("timer",):
                found[step.id] = settings.milliseconds(timer.after)
    return found


def build_machine(flow: Flow, settings: Settings) -> FlowMachine:
    """Return the ``transitions`` machine of *flow*; its models are :class:`Position` objects.

    Args:
        flow: One profile of a flow.
        settings: Where the timers find their length.
    """
    machine = FlowMachine(
        model=None,
        states=[ABSENT, *(state.name for state in flow.states)],
        initial=ABSENT,
        auto_transitions=False,
        send_event=True,
        model_attribute="library_state",  # `state` is a likely name for an event
    )
    wait = waits(flow, settings)
    for step in flow.transitions:
        guards, pause = guards_of(step), wait.get(step.id)
        bare = not guards and pause is None
        conditions = None if bare else _condition(guards, pause)
        machine.add_transition(
            step.event,
            step.source,
            step.target,
            conditions=conditions,
            step=step,
            guards=guards,
            wait=pause,
        )
    return machine


@dataclass(frozen=True, slots=True)
class Branch:
    """One way an event can go from a status.

    Attributes:
        step: The transition.
        guards: Functions of the drafted document that must all hold.
        wait: Ms the order must have been in the status, None when no timer rules it.
    """

    step: Transition
    guards: tuple[Guard, ...]
    wait: int | None


@dataclass(frozen=True)
class Plan:
    """A machine as a look-up table.

    Attributes:
        flow: The flow it was made from.
        branches: (status, event) to the branches to try, in the order the library tries them.
    """

    flow: Flow
    branches: Mapping[tuple[str, str], tuple[Branch, ...]]

    def find(
        self, order: Order, drafted: Order, event: str, now: int, actor: str | None = None
    ) -> Branch | None:
        """Return the branch that *event* takes, or None when it is refused.

        Args:
            order: The document as it is.
            drafted: The document with the event's data in it.
            event: Event name.
            now: Virtual time in ms.
            actor: Who fires it; anybody when None.
        """
        for branch in self.branches.get((order.status, event), ()):
            if branch.wait is not None and now < order.entered_at + branch.wait:
                continue
            if actor is not None and actor not in branch.step.actors:
                continue
            for holds in branch.guards:
                if not holds(drafted):
                    break
            else:
                return branch
        return None

    @cached_property
    def events_from(self) -> dict[str, tuple[str, ...]]:
        """Events with a branch out of each status, sorted."""
        found: dict[str, set[str]] = {}
        for status, event in self.branches:
            found.setdefault(status, set()).add(event)
        return {status: tuple(sorted(events)) for status, events in found.items()}

    @cached_property
    def alarms(self) -> dict[str, tuple[tuple[int, str], ...]]:
        """What time alone makes happen in each status: (ms after it was entered, event)."""
        found: dict[str, dict[tuple[int, str], None]] = {}
        for (status, event), branches in self.branches.items():
            for branch in branches:
                if branch.wait is not None:
                    found.setdefault(status, {})[branch.wait, event] = None
        return {status: tuple(alarms) for status, alarms in found.items()}


def compile_plan(flow: Flow, settings: Settings) -> Plan:
    """Build the machine of *flow* and read the plan off it."""
    machine = build_machine(flow, settings)
    branches: dict[tuple[str, str], tuple[Branch, ...]] = {}
    for name, event in machine.events.items():
        for source, found in event.transitions.items():
            if found:
                ours = (t for t in found if isinstance(t, FlowTransition))
                branches[source, name] = tuple(Branch(t.step, t.guards, t.wait) for t in ours)
    return Plan(flow, branches)
