"""Drives orders through one flow and judges every step.

The driver knows nothing of chance: planned tours, Hypothesis, the shrinker and the replay all
hand it acts, and it hands back what broke.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orderflow.conformance.coverage import Coverage
from orderflow.conformance.invariants import Breach, stage_breaches
from orderflow.conformance.judge import judge
from orderflow.conformance.observe import record_of, step_of, timeline_of
from orderflow.conformance.record import Finding, Step
from orderflow.conformance.rule import Rule
from orderflow.flows.model import ABSENT
from orderflow.flows.settings import Settings
from orderflow.flows.timeline import Timeline
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.events import Event
from orderflow.simulator.order import Item, Order
from orderflow.simulator.scenario import ADVANCE, Act, ScenarioError, play
from orderflow.simulator.simulator import SAMPLE_ITEMS, Refused, Simulator, new_order
from orderflow.simulator.space import Edge, Space

BREATH_MS = 1_000
"""Virtual time between two steps, so that no two of them happen at once."""


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
        """What makes two troubles the same: rule and transition."""
        return (self.rule, self.transition)


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
    ) -> None:
        self.space, self.settings, self.judged = space, settings, judged
        # Time is the driver's to spend: an order that waits because nobody acts is not stuck.
        # Being stuck is judged on recorded histories only.
        self._limits = {n: v for n, v in settings.items() if not n.startswith("stuck_")}
        self.coverage = coverage or Coverage()
        self.begin()

    def begin(self, start: Start | None = None) -> None:
        """Drop the current order and prepare another one."""
        start = start or Start()
        flow = self.space.plan.flow
        self.coverage.orders += 1
        switched = self.settings.milliseconds("change_seller_window") > 0
        order = new_order(
            flow,
            f"order-{self.coverage.orders}",
            start.items,
            replaceable=start.replaceable,
            change_seller=switched,
        )
        self.start = start
        self.simulator = Simulator(flow, order=order, plan=self.space.plan)
        self.steps: list[Step] = []
        self.statuses: list[str] = []
        self.view: Timeline | None = None
        self.done: list[Done] = []
        self.troubles: list[Trouble] = []
        self._told: set[tuple[str, str]] = set()
        self._last = ""
        self._moved = False

    @property
    def place(self) -> int | None:
        """Number of the configuration the order is in."""
        return self.space.number(self.simulator.order)

    @property
    def over(self) -> bool:
        """Whether the order has reached a final status."""
        return self.simulator.status in self.space.plan.flow.final

    def follow(self, path: Iterable[Edge], *, percent: int = 50) -> bool:
        """Walk along *path*; stop and return False where the order does not follow."""
        for edge in path:
            events = self.act(Act(edge.event, edge.choice, percent)).events
            if not events or events[-1].transition != edge.transition:
                return False
        return True

    def act(self, act: Act) -> Done:
        """Play one act and judge it, all but the A-rules (see :meth:`judge`)."""
        simulator, seen = self.simulator, len(self.simulator.events)
        if self._moved:
            simulator.advance(BREATH_MS)
            for offset, event in enumerate(tuple(simulator.events[seen:])):
                self._accepted(event, seen + offset, None)
        before, now = simulator.order, simulator.now
        ticked = len(simulator.events)
        try:
            result = play(simulator, act)
            self._count_guards(act, before.status)
        except (ScenarioError, EventDataError) as error:
            result = Refused(act.event, before.status, str(error))
        events = tuple(simulator.events[seen:])
        refused = result if isinstance(result, Refused) else None
        for number in range(ticked, len(simulator.events)):
            self._accepted(simulator.events[number], number, before if number == ticked else None)
        if refused is not None:
            self._refused(refused, before, now, len(simulator.events) > ticked)
        if act.event != ADVANCE:
            self.coverage.steps += 1
        self._moved = bool(events)
        done = Done(act, events, refused, simulator.now, before.status)
        self.done.append(done)
        return done

    def judge(self) -> list[Trouble]:
        """Evaluate the A-rules on the order's history so far; return what is new."""
        if not self.judged or not self.steps:
            return []
        before = len(self.troubles)
        record = record_of(self.simulator, self.steps, self._limits)
        for rule, finding in judge(record).findings:
            self._tell(self._broken(rule, finding))
        return self.troubles[before:]

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
        self._tell(
            Trouble(
                breach.invariant,
                "error",
                transition,
                cell,
                number,
                breach.observed,
                breach.expected,
            )
        )

    def _accepted(self, event: Event, number: int, before: Order | None) -> None:
        cover, flow = self.coverage, self.space.plan.flow
        step = flow.transition[event.transition]
        cover.transitions[step.id] += 1
        cover.actors[event.actor] += 1
        if step.target != step.source:
            cover.states[step.target] += 1
        if self._last:
            cover.pairs[self._last, step.id] += 1
        self._last = step.id
        document = self.simulator.documents[number]
        old = self.view
        self.statuses.append(event.target)
        self.steps.append(step_of(event))
        new = timeline_of(document, event.at, self.statuses)
        for stage in new.stages:
            cover.triggers[stage.trigger] += 1
        self.view = new
        if not self.judged:
            return
        cell = (event.source, event.event)
        for breach in stage_breaches(old or new, new, step, flow, document):
            self._breach(breach, cell, step.id, number)
        self._agreement(event, number, document, before)

    def _agreement(self, event: Event, number: int, document: Order, before: Order | None) -> None:
        told = self.steps[number - 1].status if number else ABSENT
        wrong = ""
        if document.status != event.target:
            wrong = f"the document says {document.status}, the event {event.target}"
        elif event.source != told or (before is not None and before.status != told):
            wrong = f"the event leaves {event.source}, the history stands at {told}"
        if wrong:
            breach = Breach("I-07", wrong, "document, event and history agree")
            self._breach(breach, (event.source, event.event), event.transition, number)

    def _refused(self, refused: Refused, before: Order, now: int, waited: bool) -> None:
        cell = (refused.status, refused.event)
        self.coverage.refused[cell] += 1
        simulator = self.simulator
        if not waited and (simulator.order is not before or simulator.now != now):
            breach = Breach(
                "I-08",
                f"{refused.event} was refused in {refused.status} and yet something changed",
                "a refused event changes nothing",
            )
            self._breach(breach, cell, "", len(self.steps) - 1)

    def _count_guards(self, act: Act, status: str) -> None:
        drafted = self.simulator.drafted
        for branch in self.space.plan.branches.get((status, act.event), ()):
            for name, holds in zip(branch.step.when, branch.guards, strict=False):
                self.coverage.guard(branch.step.id, name, holds(drafted))
