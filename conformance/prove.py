"""Exhaustive search: what random runs can only suggest, shown for every situation of one flow.

A *situation* is a configuration of the flow (see :mod:`orderflow.simulator.space`) together with
the past: which transitions have moved the order from one status to another, and which was taken
last. Amounts count as none, part or all, and a timer is over or it is not, so there are finitely
many. Each situation is visited along a shortest way, with a real document, and judged by every
rule and invariant.

What is shown is therefore: no run breaks a rule that looks at these things only. A rule that
counts cents or days is tried on one amount and one moment of each situation; what lies between is
left to exploration.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from orderflow.conformance.invariants import Breach, no_way_out, stage_breaches
from orderflow.conformance.judge import judge
from orderflow.conformance.observe import (
    BREATH_MS,
    completes,
    evidence_of,
    timeline_of,
    without_stuck,
)
from orderflow.conformance.record import Record, Step
from orderflow.flows.model import Transition
from orderflow.flows.settings import Settings
from orderflow.flows.timeline import Timeline
from orderflow.simulator.choices import realise
from orderflow.simulator.clock import START
from orderflow.simulator.effects import Taken, commit
from orderflow.simulator.inputs import draft
from orderflow.simulator.order import Order
from orderflow.simulator.scenario import Act
from orderflow.simulator.space import Edge, Space

MOST_SITUATIONS = 30_000
"""Situations after which a search stops and says that it is not complete."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A shortest way to something that is wrong.

    Attributes:
        rule: Rule or invariant that breaks there.
        transition: Transition at which it breaks.
        severity: ``error``, ``warning`` or ``info``.
        observed: What was seen.
        expected: What should have been.
        acts: What to do to an order to see it.
        root: Number of the configuration it begins in.
    """

    rule: str
    transition: str
    severity: str
    observed: str
    expected: str
    acts: tuple[Act, ...]
    root: int


@dataclass(frozen=True, slots=True)
class Proof:
    """What an exhaustive search found.

    Attributes:
        situations: Situations visited.
        steps: Steps between them.
        depth: Steps to the farthest one.
        complete: Nothing was left out.
        stuck: Statuses an order can be in with no way to a final one, sorted.
        fired: Number of transitions taken.
        counterexamples: Shortest first, one for each rule and transition.
    """

    situations: int
    steps: int
    depth: int
    complete: bool
    stuck: tuple[str, ...]
    fired: int
    counterexamples: tuple[Counterexample, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing that counts as an error was found and nothing was left out."""
        errors = any(found.severity == "error" for found in self.counterexamples)
        return self.complete and not self.stuck and not errors


@dataclass(frozen=True, slots=True)
class _Visit:
    """One situation as it was reached.

    Attributes:
        place: Number of the configuration.
        taken: Transitions that have changed the status so far, as bits.
        last: Number of the transition taken last, -1 for none.
        order: The document.
        steps: The history.
        statuses: Its statuses.
        view: The timeline, None before placement.
        came: The visit before and the step from it; None at a root.
    """

    place: int
    taken: int
    last: int
    order: Order
    steps: tuple[Step, ...]
    statuses: tuple[str, ...]
    view: Timeline | None
    came: tuple[_Visit, Edge] | None


class _Search:
    """The state of one search."""

    def __init__(self, space: Space, settings: Settings, limit: int) -> None:
        self.space, self.limit = space, limit
        self.flow = space.plan.flow
        self.limits = without_stuck(settings)
        self.completes = completes(self.flow)
        self.number = {step.id: number for number, step in enumerate(self.flow.transitions)}
        moves = (step.source != step.target for step in self.flow.transitions)
        self.bit = [move << number for number, move in enumerate(moves)]
        self.seen: set[tuple[int, int, int]] = set()
        self.found: dict[tuple[str, str], Counterexample] = {}
        self.steps = 0
        self.depth = 0
        self.complete = True

    def run(self) -> None:
        """Visit everything, nearest first."""
        queue = deque(self._roots())
        while queue:
            visit = queue.popleft()
            for edge in self.space.out[visit.place]:
                self.steps += 1
                number = self.number[edge.transition]
                key = (edge.target, visit.taken | self.bit[number], number)
                if key in self.seen:
                    continue
                if len(self.seen) >= self.limit:
                    self.complete = False
                    return
                self.seen.add(key)
                queue.append(self._take(visit, edge, key))

    def _roots(self) -> Iterator[_Visit]:
        for place in range(self.space.roots):
            self.seen.add((place, 0, -1))
            yield _Visit(place, 0, -1, self.space.orders[place], (), (), None, None)

    def _take(self, visit: _Visit, edge: Edge, key: tuple[int, int, int]) -> _Visit:
        step = self.flow.transition[edge.transition]
        before = visit.order
        now = self._moment(visit, edge)
        data = realise(edge.event, edge.choice, before)
        actor = step.actors[0]
        order = commit(draft(before, edge.event, data, now), Taken(step, actor, now, data))
        entry = Step(step.target, now, step.event, actor, step.id)
        statuses = (*visit.statuses, step.target)
        view = timeline_of(order, now, statuses)
        reached = _Visit(*key, order, (*visit.steps, entry), statuses, view, (visit, edge))
        self.depth = max(self.depth, len(statuses))
        self._judge(reached, visit.view or view, step, now)
        return reached

    def _moment(self, visit: _Visit, edge: Edge) -> int:
        """When the step is taken.

        A breath after the last one but before any timer is over;
        a timer's own step when its time is over.
        """
        last = visit.steps[-1].at if visit.steps else START
        due = {e: self._due(visit.order, e) for e in self.space.out[visit.place] if e.timed}
        if edge.timed:
            return max(last, due[edge])
        return max(last, min([last + BREATH_MS, *(at - 1 for at in due.values())]))

    def _due(self, order: Order, edge: Edge) -> int:
        branches = self.space.plan.branches[order.status, edge.event]
        return order.entered_at + max(branch.wait or 0 for branch in branches)

    def _judge(self, visit: _Visit, before: Timeline, step: Transition, now: int) -> None:
        if visit.view is not None:
            for breach in stage_breaches(before, visit.view, step, self.flow, visit.order, at=now):
                self._break(visit, breach, step)
        came = visit.came[0].place if visit.came and not step.creates else None
        if visit.place in self.space.lost and came not in self.space.lost:
            self._break(visit, no_way_out(visit.order.status), step)
        record = Record(
            order_id=visit.order.order_id,
            family=self.flow.family,
            steps=visit.steps,
            evidence=evidence_of(visit.order, completes=self.completes),
            flow=self.flow,
            settings=self.limits,  # type: ignore[arg-type]  # rules read numbers and switches
            over=visit.order.status in self.flow.final,
            now=now,
        )
        for rule, finding in judge(record).findings:
            place = finding.step if finding.step >= 0 else len(visit.steps) - 1
            at = visit.steps[place].transition or step.id
            severity = rule.severity_of(finding)
            self._note(visit, (rule.id, at), severity, finding.observed, finding.expected)

    def _break(self, visit: _Visit, breach: Breach, step: Transition) -> None:
        self._note(visit, (breach.invariant, step.id), "error", breach.observed, breach.expected)

    def _note(
        self, visit: _Visit, identity: tuple[str, str], severity: str, observed: str, expected: str
    ) -> None:
        if identity in self.found:
            return
        acts: list[Act] = []
        here = visit
        while here.came is not None:
            here, edge = here.came
            acts.append(Act(edge.event, edge.choice))
        acts.reverse()
        self.found[identity] = Counterexample(
            *identity, severity, observed, expected, tuple(acts), here.place
        )


def prove(space: Space, settings: Settings, *, limit: int = MOST_SITUATIONS) -> Proof:
    """Search every situation of one flow.

    Args:
        space: The flow's configurations.
        settings: Time limits.
        limit: Situations after which to stop.
    """
    search = _Search(space, settings, limit)
    search.run()
    return Proof(
        situations=len(search.seen),
        steps=search.steps,
        depth=search.depth,
        complete=search.complete,
        stuck=tuple(sorted({space.orders[place].status for place in space.lost})),
        fired=len(space.by_transition),
        counterexamples=tuple(search.found.values()),
    )
