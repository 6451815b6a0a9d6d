"""Drives orders through one flow and judges every step.

The driver knows nothing of chance: planned tours, Hypothesis, the shrinker and the replay all
hand it acts, and it hands back what broke.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orderflow.conformance.coverage import Coverage
from orderflow.conformance.expect import Expectations
from orderflow.conformance.invariants import Breach, no_way_out, stage_breaches
from orderflow.conformance.judge import judge
from orderflow.conformance.observe import (
    BREATH_MS,
    completes,
    record_of,
    step_of,
    timeline_of,
    without_stuck,
)
from orderflow.conformance.record import Finding, Step
from orderflow.conformance.rule import Rule
from orderflow.conformance.rules import CATALOGUE, DOCUMENT_RULES
from orderflow.flows.model import ABSENT, Transition
from orderflow.flows.settings import Settings
from orderflow.flows.timeline import Timeline
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.events import Event
from orderflow.simulator.machine import Plan
from orderflow.simulator.order import Item, Order
from orderflow.simulator.scenario import EARLY, Act, ScenarioError, play
from orderflow.simulator.simulator import SAMPLE_ITEMS, Refused, Simulator, new_order
from orderflow.simulator.space import Edge, Space


@dataclass(frozen=True, slots=True)
class Start:
    """How an order begins.

    Attributes:
        items: Its lines.
        replaceable: Order replacement is switched on in its store.
    """

    items: tuple[Item, ...] = SAMPLE_ITEMS
    replaceable: bool = True


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that broke, where it broke.

    Attributes:
        rule: Id of the rule or invariant.
        severity: ``error``, ``warning`` or ``info``.
        transition: Id of the transition at which it broke, or empty.
        cell: (status, event) in which it lies.
        event: Number of the event in the order's history that broke it, from 0; -1 for a refusal.
        observed: What was seen.
        expected: What should have been.
    """

    rule: str
    severity: str
    transition: str
    cell: tuple[str, str]
    event: int
    observed: str
    expected: str

    @property
    def identity(self) -> tuple[str, str]:
        """What makes two troubles the same: rule, and transition or else (status, event)."""
        return (self.rule, self.transition or "-".join(self.cell))


@dataclass(frozen=True, slots=True)
class Done:
    """One act as it was played, for the trace.

    Attributes:
        act: The act.
        events: What happened; empty for a refusal or time that passed without a timer.
        refused: The refusal, if it was one.
        at: Virtual time after the act.
        source: Status before.
    """

    act: Act
    events: tuple[Event, ...]
    refused: Refused | None
    at: int
    source: str


class Driver:
    """One order after another through one flow, judged at every step.

    Args:
        space: The flow's configurations.
        settings: Time limits.
        coverage: Where to count; nowhere when None.
        judged: Whether to evaluate rules (a tour that only measures needs none).
        subject: Plan the orders are run by, the flow's own when None. One that differs is a
            faulty system, and the invariants must find out.

    Attributes:
        simulator: The order being driven.
        done: Acts played on it.
        troubles: What broke on it, first found first.
    """

    def __init__(
        self,
        space: Space,
        settings: Settings,
        *,
        coverage: Coverage | None = None,
        judged: bool = True,
        subject: Plan | None = None,
    ) -> None:
        self.space, self.settings, self.judged = space, settings, judged
        self.subject = subject or space.plan
        self._limits = without_stuck(settings)
        self._switched = settings.milliseconds("change_seller_window") > 0
        self._expect = Expectations(space)
        self._completes = completes(space.plan.flow)
        self.coverage = coverage or Coverage()
        self._begun = 0
        self.done: list[Done] = []
        self.begin()

    def begin(self, start: Start | None = None) -> None:
        """Drop the current order and prepare another one."""
        self.start = start or Start()
        if self.done or not self._begun:  # an order nothing happened to leaves its number free
            self._begun += 1
        flow = self.space.plan.flow
        order = new_order(
            flow,
            f"order-{self._begun}",
            self.start.items,
            replaceable=self.start.replaceable,
            change_seller=self._switched,
        )
        self.simulator = Simulator(flow, order=order, plan=self.subject)
        self.steps: list[Step] = []
        self.statuses: list[str] = []
        self.view: Timeline | None = None
        self.done = []
        self.troubles: list[Trouble] = []
        self._told: set[tuple[str, str]] = set()
        self._last = ""
        self._moved = False
        self._seen_at = (order, self.space.number(order))

    @property
    def place(self) -> int | None:
        """Number of the configuration the order is in."""
        return self._place_of(self.simulator.order)

    def _place_of(self, order: Order) -> int | None:
        if order is not self._seen_at[0]:
            self._seen_at = (order, self.space.number(order))
        return self._seen_at[1]

    def follow(self, path: Iterable[Edge], *, percent: int = 50) -> bool:
        """Walk along *path*; stop and return False where the order does not follow."""
        for edge in path:
            events = self.act(Act(edge.event, edge.choice, percent)).events
            if not events or events[-1].transition != edge.transition:
                return False
        return True

    def act(self, act: Act) -> Done:
        """Play one act and judge each of its steps.

        Rules that look at the history alone wait for :meth:`judge`: a history only grows, so
        what breaks them once is still there to be seen, and at which step.
        """
        simulator, seen = self.simulator, len(self.simulator.events)
        if self._moved and (pause := self._breath()):
            simulator.advance(pause)
        before, now = simulator.order, simulator.now
        try:
            result = play(simulator, act)
        except (ScenarioError, EventDataError) as error:  # data that this order cannot come with
            refused: Refused | None = Refused(act.event, before.status, str(error))
            self._unchanged(act, before, now)
        else:
            refused = result if isinstance(result, Refused) else None
            self._count_guards(act, before.status)
            self._happened(seen, before, act)
            if refused is not None:
                self._refused(act, before, now)
            elif simulator.order is before:
                self._waited(before, now)
        events = tuple(simulator.events[seen:])
        self._moved = bool(events)
        done = Done(act, events, refused, simulator.now, before.status)
        self.done.append(done)
        return done

    def _breath(self) -> int:
        """Time to pass before the next act: short enough for no timer to come first."""
        due = self.simulator.clock.next_due()
        left = BREATH_MS + 1 if due is None else due.at - self.simulator.now
        return min(BREATH_MS, max(left - 1, 0))

    def judge(self) -> list[Trouble]:
        """Evaluate all A-rules on the order's history so far; return what is new.

        Those on the document were asked after every step already.
        """
        if not self.judged or not self.steps:
            return []
        before = len(self.troubles)
        self._judged(CATALOGUE, self.simulator.order, self.simulator.now)
        return self.troubles[before:]

    def _judged(self, rules: tuple[Rule, ...], order: Order, now: int) -> None:
        flow = self.space.plan.flow
        record = record_of(flow, order, self.steps, self._limits, now, completes=self._completes)
        judgement = judge(record, rules)
        self.coverage.judged(judgement)
        for rule, finding in judgement.findings:
            self._tell(self._broken(rule, finding))

    def _broken(self, rule: Rule, finding: Finding) -> Trouble:
        number = finding.step if finding.step >= 0 else len(self.steps) - 1
        event = self.simulator.events[number]
        severity = rule.severity_of(finding)
        cell = (event.source, event.event)
        return Trouble(
            rule.id, severity, event.transition, cell, number, finding.observed, finding.expected
        )

    def _tell(self, trouble: Trouble) -> None:
        if trouble.identity not in self._told:
            self._told.add(trouble.identity)
            self.troubles.append(trouble)
            if trouble.severity == "error":
                self.coverage.wrong.add(trouble.cell)

    def _breach(self, breach: Breach, cell: tuple[str, str], transition: str, number: int) -> None:
        seen, wanted = breach.observed, breach.expected
        self._tell(Trouble(breach.invariant, "error", transition, cell, number, seen, wanted))

    def _happened(self, first: int, before: Order, act: Act) -> None:
        """Count and judge the events from number *first* on.

        Args:
            first: Number of the first new event.
            before: Document before it.
            act: What brought it about.
        """
        for number in range(first, len(self.simulator.events)):
            event, document = self.simulator.events[number], self.simulator.documents[number]
            self._count(event)
            self.statuses.append(event.target)
            self.steps.append(step_of(event))
            new = timeline_of(document, event.at, self.statuses)
            for stage in new.stages:
                self.coverage.triggers[stage.trigger] += 1
            if self.judged:
                step = self.subject.flow.transition[event.transition]
                self._staged(step, self.view or new, new, document, number)
                self._agreement(event, number, document, before)
                self._decided(event, number, before, act)
                self._way_out(event, number, before, document)
                self._judged(DOCUMENT_RULES, document, event.at)
            self.view, before = new, document

    def _count(self, event: Event) -> None:
        cover = self.coverage
        cover.steps += 1
        if not self.steps:
            cover.orders += 1
        cover.transitions[event.transition] += 1
        cover.actors[event.actor] += 1
        if event.target != event.source:
            cover.states[event.target] += 1
        if self._last:
            cover.pairs[self._last, event.transition] += 1
        self._last = event.transition

    def _staged(
        self, step: Transition, old: Timeline, new: Timeline, document: Order, number: int
    ) -> None:
        for breach in stage_breaches(
            old, new, step, self.space.plan.flow, document, at=self.simulator.events[number].at
        ):
            self._breach(breach, (step.source, step.event), step.id, number)

    def _decided(self, event: Event, number: int, before: Order, act: Act) -> None:
        place = self._place_of(before)
        if place is None:
            return
        if event.cause == "timer":
            told = self._expect.of_timer(event, place, before)
        else:
            told = self._expect.of_step(act, event, place, before)
        if told is not None:
            cell = (event.source, event.event)
            self._breach(told.breach, cell, told.transition, number)

    def _way_out(self, event: Event, number: int, before: Order, document: Order) -> None:
        lost = self.space.lost
        was_lost = event.source != ABSENT and self._place_of(before) in lost
        if lost and not was_lost and self._place_of(document) in lost:
            cell = (event.source, event.event)
            self._breach(no_way_out(document.status), cell, event.transition, number)

    def _agreement(self, event: Event, number: int, document: Order, before: Order) -> None:
        history = self.steps[number - 1].status if number else ABSENT
        wrong = ""
        if document.status != event.target:
            wrong = f"the document says {document.status}, the event {event.target}"
        elif event.source != history or before.status != history:
            wrong = f"the event leaves {event.source}, the history stands at {history}"
        if wrong:
            breach = Breach("I-07", wrong, "document, event and history agree")
            self._breach(breach, (event.source, event.event), event.transition, number)

    def _refused(self, act: Act, before: Order, now: int) -> None:
        """Count and judge a refusal; *before* and *now* are how things stood ahead of it."""
        cell = (before.status, act.event)
        self.coverage.refused[cell] += 1
        self.coverage.steps += 1
        if not self.judged:
            return
        self._unchanged(act, before, now)
        place = self._place_of(before)
        if place is not None:
            told = self._expect.of_refusal(act, place, before, self.simulator.now)
            if told is not None:
                self._breach(told.breach, cell, told.transition, -1)

    def _waited(self, before: Order, since: int) -> None:
        place = self._place_of(before) if self.judged else None
        if place is None:
            return
        told = self._expect.of_wait(place, before, since, self.simulator.now)
        if told is not None:
            event = self.space.plan.flow.transition[told.transition].event
            self._breach(told.breach, (before.status, event), told.transition, -1)

    def _unchanged(self, act: Act, before: Order, now: int) -> None:
        simulator = self.simulator
        if simulator.order is before and (simulator.now == now or self._waits(act, before)):
            return
        observed = f"{act} was refused in {before.status} and yet something changed"
        breach = Breach("I-08", observed, "a refused event changes nothing")
        self._breach(breach, (before.status, act.event), "", -1)

    def _waits(self, act: Act, before: Order) -> bool:
        """Whether playing *act* lets time pass until a timer is over."""
        if act.choice == EARLY:
            return False
        branches = self.subject.branches.get((before.status, act.event), ())
        return any(branch.wait is not None for branch in branches)

    def _count_guards(self, act: Act, status: str) -> None:
        drafted = self.simulator.drafted
        for branch in self.space.plan.branches.get((status, act.event), ()):
            for name, holds in zip(branch.step.when, branch.guards, strict=False):
                self.coverage.guard(branch.step.id, name, holds(drafted))
