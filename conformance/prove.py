"""Exhaustive search: what random runs can only suggest, shown for every situation of one flow.

A *situation* is a configuration of the flow (see :mod:`orderflow.simulator.space`) together with
the past: which transitions have moved the order from one status to another, and which was taken
last. Amounts count as none, part or all, and a timer is over or it is not, so there are finitely
many. Each situation is visited along a shortest way, with a real document, and judged by every
rule and invariant.

A faulty flow is judged by the sound one: what can happen is the one's, what is right the other's.

What is shown is therefore: no run breaks a rule that looks at these things only. A rule that
counts cents or days is tried on one amount and one moment of each situation; what lies between is
left to exploration.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from orderflow.conformance.invariants import Breach, no_way_out, stage_breaches
from orderflow.conformance.judge import Judgement, judge
from orderflow.conformance.observe import (
    BREATH_MS,
    completes,
    evidence_of,
    timeline_of,
    without_stuck,
)
from orderflow.conformance.record import Record, Step
from orderflow.conformance.rules import RULES
from orderflow.flows.model import Flow, Transition
from orderflow.flows.settings import Settings
from orderflow.flows.timeline import Timeline
from orderflow.simulator.choices import realise
from orderflow.simulator.clock import START
from orderflow.simulator.effects import Taken
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.inputs import draft
from orderflow.simulator.order import Order
from orderflow.simulator.scenario import ADVANCE, Act, duration
from orderflow.simulator.simulator import Chosen, Tamper, committed
from orderflow.simulator.space import Edge, Space

MOST_SITUATIONS = 30_000
"""Situations after which a search stops and says that it is not complete."""

WAITING = tuple(RULES[f"A-{each}"] for each in (15, 23, 24, 32, 36, 51, 84))
"""Rules that an order breaks by waiting."""


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
    """The state of one search.

    Args:
        space: The flow's configurations.
        settings: Time limits.
        reference: The flow that judges.
        tamper: What changes the document after every step, None for a sound system.
        patience: Ms that pass where nothing takes an order on, 0 for none.
    """

    def __init__(
        self,
        space: Space,
        settings: Settings,
        reference: Flow,
        tamper: Tamper | None,
        patience: int,
    ) -> None:
        self.space, self.reference, self.tamper = space, reference, tamper
        self.flow, self.patience = space.plan.flow, patience
        self.limits, self.every_limit = without_stuck(settings), dict(settings.items())
        self.rest = resting(space) if patience else frozenset[int]()
        self.completes = completes(reference)
        self.number = {step.id: number for number, step in enumerate(self.flow.transitions)}
        moves = (step.source != step.target for step in self.flow.transitions)
        self.bit = [move << number for number, move in enumerate(moves)]
        self.seen: set[tuple[int, int, int]] = set()
        self.found: dict[tuple[str, str], Counterexample] = {}
        self.steps = 0
        self.depth = 0
        self.complete = True

    def run(self, limit: int, enough: Set[str], first: Set[str]) -> None:
        """Visit everything, nearest first, until *limit* situations, *enough* or *first* rules."""
        queue = deque(self._roots())
        while queue:
            if self._has(enough, first):
                self.complete = False
                return
            visit = queue.popleft()
            for edge in self.space.out[visit.place]:
                self.steps += 1
                number = self.number[edge.transition]
                key = (edge.target, visit.taken | self.bit[number], number)
                if key in self.seen:
                    continue
                if len(self.seen) >= limit:
                    self.complete = False
                    return
                reached = self._take(visit, edge, key)
                if reached is not None:
                    self.seen.add(key)
                    queue.append(reached)

    def _has(self, enough: Set[str], first: Set[str]) -> bool:
        if enough and enough <= {rule for rule, _ in self.found}:
            return True
        found = self.found.values() if first else ()
        return any(each.rule in first and each.severity != "info" for each in found)

    def _roots(self) -> Iterator[_Visit]:
        for place in range(self.space.roots):
            self.seen.add((place, 0, -1))
            yield _Visit(place, 0, -1, self.space.orders[place], (), (), None, None)

    def _take(self, visit: _Visit, edge: Edge, key: tuple[int, int, int]) -> _Visit | None:
        """Take a step; None when the document, having been tampered with, does not allow it."""
        step = self.flow.transition[edge.transition]
        before = visit.order
        now = self._moment(visit, edge)
        chosen = self._chosen(before, edge, now)
        if chosen is None:
            return None
        actor, order = step.actors[0], committed(before, chosen, self.tamper)
        entry = Step(step.target, now, step.event, actor, step.id)
        statuses = (*visit.statuses, step.target)
        view = timeline_of(order, now, statuses)
        reached = _Visit(*key, order, (*visit.steps, entry), statuses, view, (visit, edge))
        self.depth = max(self.depth, len(statuses))
        self._judge(reached, visit.view or view, step, now)
        return reached

    def _chosen(self, before: Order, edge: Edge, now: int) -> Chosen | None:
        step = self.flow.transition[edge.transition]
        if self.tamper is None:
            data = realise(edge.event, edge.choice, before)
            drafted = draft(before, edge.event, data, now)
        else:  # the space knows sound documents only
            try:
                data = realise(edge.event, edge.choice, before)
                drafted = draft(before, edge.event, data, now)
            except (ValueError, EventDataError):
                return None
            branch = self.space.plan.find(before, drafted, edge.event, now)
            if branch is None or branch.step.id != step.id:
                return None
        return Chosen(Taken(step, step.actors[0], now, data), drafted)

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
            for breach in stage_breaches(
                before, visit.view, step, self.reference, visit.order, at=now
            ):
                self._break(visit, breach, step)
        came = visit.came[0].place if visit.came and not step.creates else None
        if visit.place in self.space.lost and came not in self.space.lost:
            self._break(visit, no_way_out(visit.order.status), step)
        self._told(visit, judge(self._record(visit, now, self.limits)))
        if visit.place in self.rest:
            late = self._record(visit, now + self.patience, self.every_limit)
            self._told(visit, judge(late, WAITING), self.patience)

    def _record(self, visit: _Visit, now: int, limits: Mapping[str, object]) -> Record:
        return Record(
            order_id=visit.order.order_id,
            family=self.reference.family,
            steps=visit.steps,
            evidence=evidence_of(visit.order, completes=self.completes),
            flow=self.reference,
            settings=limits,  # type: ignore[arg-type]  # rules read numbers and switches
            over=visit.order.status in self.reference.final,
            now=now,
        )

    def _told(self, visit: _Visit, judgement: Judgement, wait: int = 0) -> None:
        """Note what a judgement says of an order for which *wait* ms have passed."""
        for rule, finding in judgement.findings:
            at = visit.steps[finding.step].transition or ""
            severity, told = rule.severity_of(finding), (finding.observed, finding.expected)
            self._note(visit, (rule.id, at), severity, told, wait)

    def _break(self, visit: _Visit, breach: Breach, step: Transition) -> None:
        told = breach.observed, breach.expected
        self._note(visit, (breach.invariant, step.id), "error", told)

    def _note(
        self,
        visit: _Visit,
        identity: tuple[str, str],
        severity: str,
        told: tuple[str, str],
        wait: int = 0,
    ) -> None:
        if identity in self.found:
            return
        acts = [Act(ADVANCE, duration(wait))] if wait else []
        here = visit
        while here.came is not None:
            here, edge = here.came
            acts.append(Act(edge.event, edge.choice))
        acts.reverse()
        self.found[identity] = Counterexample(*identity, severity, *told, tuple(acts), here.place)


def resting(space: Space) -> frozenset[int]:
    """Configurations that neither time nor the platform leads out of, but for a cancellation."""
    final = space.plan.flow.final
    steps = space.plan.flow.transition

    def leads_on(edge: Edge) -> bool:
        here, there = space.orders[edge.source].status, space.orders[edge.target].status
        return edge.timed or (steps[edge.transition].automatic and there not in {here, "cancel"})

    return frozenset(
        place
        for place, edges in enumerate(space.out)
        if space.orders[place].status not in final and not any(map(leads_on, edges))
    )


def prove(  # noqa: PLR0913  # all but the space and its settings have defaults
    space: Space,
    settings: Settings,
    *,
    reference: Flow | None = None,
    tamper: Tamper | None = None,
    enough: Set[str] = frozenset(),
    first: Set[str] = frozenset(),
    patience: int = 0,
    limit: int = MOST_SITUATIONS,
) -> Proof:
    """Search every situation of one flow.

    Args:
        space: The flow's configurations.
        settings: Time limits.
        reference: The flow that judges, in the same profile; the flow itself when None.
        tamper: What changes the document after every step, None for a sound system.
        enough: Rules that are looked for: when all are found, the search stops. () for any.
        first: Rules of which any one, unless as information only, stops the search; () for none.
        patience: Ms that pass wherever nothing takes an order on by itself; 0 for none, as time
            is the run's to spend.
        limit: Situations after which to stop.
    """
    search = _Search(space, settings, reference or space.plan.flow, tamper, patience)
    search.run(limit, enough, first)
    return Proof(
        situations=len(search.seen),
        steps=search.steps,
        depth=search.depth,
        complete=search.complete,
        stuck=tuple(sorted({space.orders[place].status for place in space.lost})),
        fired=len(space.by_transition),
        counterexamples=tuple(search.found.values()),
    )
