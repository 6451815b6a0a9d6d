"""A Hypothesis state machine that drives a system of one's own through a flow.

It is an ordinary stateful test: the profile, the seed and the database of whoever runs it hold,
since nothing is set here. Its steps print as code: ``state.goto(transition='S07')``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from orderflow.conformance.drive import Start
from orderflow.conformance.subjects.subject import Answer, Outcome, Subject
from orderflow.conformance.suites.case import Case
from orderflow.conformance.suites.execute import (
    Deviation,
    Result,
    Run,
    Runner,
    Script,
)
from orderflow.conformance.suites.explain import explain
from orderflow.conformance.suites.graph import Arc, Graph, graph_of
from orderflow.conformance.suites.pytest_case import Checked, DeviationError, UnjudgedError
from orderflow.conformance.suites.rehearse import Rehearsal, Rehearsed
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings, defaults
from orderflow.simulator.scenario import Act
from orderflow.simulator.space import search

BURST = 12
"""Events fired by one ``poke`` at the most; a refused one leaves the order where it was."""


class Walker:
    """One order of a system, and what the flow says of it.

    Args:
        graph: The flow the system should follow.
        settings: Time limits.
        subject: The system.
    """

    def __init__(self, graph: Graph, settings: Settings, subject: Subject) -> None:
        self.graph, self.settings, self.subject = graph, settings, subject
        self.runner = Runner(subject, graph.space.plan.flow)
        self.renew(Start())

    def renew(self, start: Start) -> None:
        """Begin another order."""
        self.start, self.rehearsal = start, Rehearsal(self.graph.space.plan, start)
        self.played: list[tuple[Rehearsed, Answer | None]] = []
        answer = self.subject.begin(start)
        if answer.outcome is not Outcome.ACCEPTED:
            raise UnjudgedError(self._checked(Result.INDETERMINATE, why="there is no new order"))

    def goto(self, transition: str) -> None:
        """Take a transition, after a shortest way to it; with a new order where none leads."""
        for act in self._way(self.graph.by_transition[transition]):
            if not self.do(act):
                self.renew(Start())  # the system cannot be asked, so this way ends here
                return

    def poke(self, events: Iterable[str]) -> None:
        """Fire events, until one of them moves the order."""
        for event in events:
            status = self.rehearsal.status
            if not self.do(Act(event)):
                self.renew(Start())
            if self.rehearsal.status != status:
                return

    def _way(self, wanted: Iterable[Arc]) -> list[Act]:
        arcs = tuple(wanted)
        place = self.graph.space.number(self.rehearsal.simulator.order)
        if place is not None:
            here = self.graph.node_of[place]
            ways = [
                (way, arc) for arc in arcs if (way := self.graph.way(here, arc.source)) is not None
            ]
            if ways:
                way, arc = min(ways, key=lambda found: len(found[0]))
                return [each.act for each in (*way, arc)]
        start, access = self.graph.access(arcs[0].source)
        self.renew(start)
        return [each.act for each in (*access, arcs[0])]

    def do(self, act: Act) -> bool:
        """Do one act; False when the system cannot be asked for it.

        Raises:
            DeviationError: The system deviates.
            UnjudgedError: No answer came.
        """
        rehearsed = self.rehearsal.play(act)
        call = self.runner.call(rehearsed)
        if call is None:
            self.played.append((rehearsed, None))
            return rehearsed.step.refused
        answer = self.subject.fire(call)
        self.played.append((rehearsed, answer))
        if answer.outcome is Outcome.INDETERMINATE or not answer.status:
            why = f"step {len(self.played)}, {call.event}: {answer.told or 'no answer'}"
            raise UnjudgedError(self._checked(Result.INDETERMINATE, why=why))
        kind = self.runner.verdict(rehearsed, answer)
        if kind is not None:
            *before, last = (n for n, (_, seen) in enumerate(self.played) if seen is not None)
            found = Deviation(last, kind, rehearsed.source, answer, tuple(before))
            raise DeviationError(self._checked(Result.FAILED, found=(found,)))
        return True

    def _checked(
        self, result: Result, *, found: tuple[Deviation, ...] = (), why: str = ""
    ) -> Checked:
        rehearsed = tuple(each for each, _ in self.played)
        case = Case(
            "order", "a random order", "random", tuple(e.step for e in rehearsed), self.start
        )
        plan, script = self.graph.space.plan, Script(case, rehearsed)
        run = Run(case, result, found, tuple(answer for _, answer in self.played), why=why)
        told = tuple(explain(script, each, plan, self.settings) for each in found)
        subject = type(self.subject).__name__
        shown = tuple(number for each in found for number in (*each.way, each.step))
        return Checked(script, run, plan.flow, self.settings, subject, told, shown)


def state_machine(
    flow: Flow, subject: Callable[[], Subject], *, settings: Settings | None = None
) -> type[RuleBasedStateMachine]:
    """Make a stateful test of a system, in a test file ``TestOrders = machine.TestCase``.

    A step goes to a transition and takes it, fires some events where the order stands, legal or
    not, or begins a new order. What deviates is raised at once, and Hypothesis makes it short.

    Args:
        flow: The flow it should follow, as a profile sees it.
        subject: Makes the system, or hands it out; called once for each run.
        settings: Time limits of the flow; the usual ones when None.
    """
    limits = settings or defaults()
    graph = graph_of(search(flow, limits))
    transitions, events = tuple(graph.by_transition), flow.events

    class Orders(RuleBasedStateMachine):
        """What Hypothesis chooses among."""

        def __init__(self) -> None:
            super().__init__()
            self.walker = Walker(graph, limits, subject())

        @rule(transition=st.sampled_from(transitions))
        def goto(self, transition: str) -> None:
            self.walker.goto(transition)

        @rule(events=st.lists(st.sampled_from(events), min_size=1, max_size=BURST))
        def poke(self, events: list[str]) -> None:
            self.walker.poke(events)

        @rule(replaceable=st.booleans())
        def new_order(self, replaceable: bool) -> None:
            self.walker.renew(Start(replaceable=replaceable))

    Orders.__name__ = Orders.__qualname__ = f"Orders_{flow.name.replace('-', '_')}"
    return Orders
