"""From what a system under test did wrong to failures a person can read: shortened, told."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile

from orderflow.conformance.drive import Start
from orderflow.conformance.failure import about, readable
from orderflow.conformance.flow_check import quiet
from orderflow.conformance.observe import timeline_of
from orderflow.conformance.scenarios import changed, replay_command
from orderflow.conformance.subjects.subject import ADVANCE
from orderflow.conformance.suites.case import Case, Step
from orderflow.conformance.suites.execute import (
    Deviation,
    Kind,
    Result,
    Run,
    Runner,
    Script,
    script_of,
    way_to,
)
from orderflow.conformance.suites.explain import Explained, explain
from orderflow.conformance.suites.graph import Graph
from orderflow.conformance.suites.rehearse import Rehearsal, Rehearsed
from orderflow.conformance.verdict import Failure, TraceStep
from orderflow.flows.settings import Settings
from orderflow.simulator.events import Event
from orderflow.simulator.scenario import Act, ScenarioError, duration, format_items

MOST_ORDERS = 8
"""New orders that shortening one failure may take: a real system is slow to place them."""

TRIES = 3
"""New orders on which what is told of a system under test is played again."""

MOST_SILENT = 2
"""Plays without an answer, one after the other, after which nothing more is played again."""

MOST_FAILURES = 40
"""Distinct failures that are shortened and shown; of the others there is but a count."""


@dataclass(frozen=True, slots=True)
class System:
    """What was tested, and how a command line names it.

    Attributes:
        graph: The flow it should follow.
        settings: Time limits.
        named: How a command line names the flow.
        words: Words that name the system on a command line, such as ``--target URL``.
    """

    graph: Graph
    settings: Settings
    named: str
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class Sighting:
    """One distinct thing that is wrong, and the shortest run that showed it.

    Attributes:
        script: What the order really did up to where it differs, and no more.
        deviation: Where it differs, which is its last step.
        told: Why it is wrong.
        seen: How often it was met.
    """

    script: Script
    deviation: Deviation
    told: Explained
    seen: int = 0

    @property
    def key(self) -> tuple[str, str, Kind]:
        """Rule, place and kind: what makes it the same as another one."""
        return self.told.rule, _place(self.told, self.deviation), self.deviation.kind


@dataclass(slots=True)
class Found:
    """Collects what is wrong by identity.

    Attributes:
        system: What was tested.
        sightings: What was met, by rule, place and kind.
    """

    system: System
    sightings: dict[tuple[str, str, Kind], Sighting] = field(default_factory=dict)

    def add(self, script: Script, run: Run) -> None:
        """Note what one run showed."""
        for deviation in run.deviations:
            told = explain(script, deviation, self.system.graph.space.plan, self.system.settings)
            met = Sighting(script, deviation, told)
            known = self.sightings.get(met.key)
            if known is None or len(deviation.way) < len(known.deviation.way):
                met = self.sightings[met.key] = _alone(met, self.system)
                met.seen = known.seen if known else 0
            self.sightings[met.key].seen += 1

    def failures(
        self, runner: Runner, *, progress: Callable[[str], None] = quiet
    ) -> tuple[Failure, ...]:
        """Shorten and tell what was met, what takes fewest steps to see first.

        What a system under test did wrong is played again :data:`TRIES` times; our own simulator,
        which does the same each time, is not asked again.

        Args:
            runner: Runs cases on the system that was tested.
            progress: Told what is going on.
        """
        ordered = sorted(self.sightings.items(), key=lambda item: (item[1].deviation.step, item[0]))
        shown = ordered[:MOST_FAILURES]
        replays = _Replays(runner, self.system)
        failures = []
        for number, (_, sighting) in enumerate(shown, 1):
            progress(f"shortening and repeating failure {number} of {len(shown)}")
            short = _shortened(sighting, self.system, replays)
            tries = replays.tries(short) if self.system.words else (0, 0)
            failures.append(_told(short, sighting, self.system, tries))
        return tuple(sorted(failures, key=lambda each: (len(each.trace), each.rule, each.identity)))

    @property
    def left_out(self) -> int:
        """Distinct failures that are counted only."""
        return max(len(self.sightings) - MOST_FAILURES, 0)


def _place(told: Explained, deviation: Deviation) -> str:
    """Where a rule is broken: transition or cell, and the status of which a wrong stage is shown.

    A stage is shown as long as the order stands there, whatever was asked of it.
    """
    if deviation.kind is Kind.TRIGGER:
        return deviation.answer.status
    return told.transition or "-".join(told.cell)


def _script(acts: Iterable[Act], start: Start, system: System) -> Script:
    steps = tuple(Step(act, "") for act in acts)
    return script_of(Case("short", "", "", steps, start), system.graph.space.plan)


def _alone(met: Sighting, system: System) -> Sighting:
    """The same with nothing but what the order did that deviates."""
    script = _script(way_to(met.script, met.deviation), met.script.case.start, system)
    last = len(script.rehearsed) - 1
    deviation = replace(met.deviation, step=last, way=tuple(range(last)))
    return Sighting(script, deviation, met.told)


class _Replays:
    """Plays short cases on new orders of a system, until it answers no more.

    Args:
        runner: Runs cases on the system.
        system: What was tested.
    """

    def __init__(self, runner: Runner, system: System) -> None:
        # An order that has gone wrong before shows nothing of the last step.
        flow = system.graph.space.plan.flow
        self.runner = Runner(runner.subject, flow, reread=runner.reread, resume=False)
        self.system, self.silent = system, 0

    def play(self, script: Script, key: tuple[str, str, Kind]) -> tuple[bool, Sighting | None]:
        """Play *script* once.

        Returns:
            Whether it was answered, and what is wrong at its last step if that is *key* again.
        """
        if self.silent >= MOST_SILENT:
            return False, None
        run = self.runner.run(script)
        if run.result in {Result.INDETERMINATE, Result.LEFT_OUT}:
            self.silent += 1
            return False, None
        self.silent, last = 0, len(script.rehearsed) - 1
        for each in run.deviations:
            told = explain(script, each, self.system.graph.space.plan, self.system.settings)
            met = Sighting(script, each, told)
            if each.step == last and met.key == key:
                return True, met
        return True, None

    def tries(self, short: Sighting) -> tuple[int, int]:
        """How often *short* was played again, and how often it was seen again."""
        shown = [self.play(short.script, short.key) for _ in range(TRIES)]
        return sum(answered for answered, _ in shown), sum(met is not None for _, met in shown)


def _shortened(sighting: Sighting, system: System, replays: _Replays) -> Sighting:
    """The shortest run that shows the same again, as far as a few orders can tell."""
    orders = 0
    for acts in _shorter(sighting, system.graph):
        if orders == MOST_ORDERS:
            break
        try:
            script = _script(acts, sighting.script.case.start, system)
        except ScenarioError:
            continue
        orders += 1
        _, again = replays.play(script, sighting.key)
        if again is not None:
            return again
    return sighting


def _shorter(sighting: Sighting, graph: Graph) -> Iterator[tuple[Act, ...]]:
    """Shorter ways to the same step, the shortest first.

    The last few acts are kept, more and more of them, and what comes before is replaced by a
    shortest way to where they begin. What was refused on the way is left out, but once for what was
    refused just before: a system may be thrown off by it.
    """
    *before, here = sighting.script.rehearsed
    acts = [each.step.act for each in before if not each.step.refused]
    refused = [e.step.act for e in takewhile(lambda e: e.step.refused, reversed(before))][::-1]
    told: set[tuple[Act, ...]] = set()
    nearest = _way_before(sighting, graph, acts)
    ways: list[tuple[Act, ...]] = [_usual_way(sighting, graph), nearest]
    ways += [(*nearest, *refused[-1:]), (*nearest, *refused)]
    for kept in (1, 2, 4, 8, len(acts)):
        first = max(len(acts) - kept, 0)
        ways.append((*_way_before(sighting, graph, acts[:first]), *acts[first:]))
    for way in ways:
        shorter = (*way, here.step.act)
        if len(shorter) <= len(before) + 1 and shorter not in told:
            told.add(shorter)
            yield shorter


def _usual_way(sighting: Sighting, graph: Graph) -> tuple[Act, ...]:
    """The shortest way to the status in which it went wrong, whatever else the order then is."""
    start = sighting.script.case.start
    status = sighting.script.rehearsed[sighting.deviation.step].source
    roots = [root for root, known in graph.roots if known.replaceable == start.replaceable]
    ways = (
        graph.way(root, node)
        for root in roots
        for node, known in enumerate(graph.status)
        if known == status
    )
    found = min((way for way in ways if way is not None), key=len, default=())
    return tuple(arc.act for arc in found)


def _way_before(sighting: Sighting, graph: Graph, acts: list[Act]) -> tuple[Act, ...]:
    """A shortest way to where *acts* lead."""
    rehearsal = Rehearsal(graph.space.plan, sighting.script.case.start)
    for act in acts:
        rehearsal.play(act)
    place = graph.space.number(rehearsal.simulator.order)
    if place is None:
        return tuple(acts)
    for root, start in graph.roots:
        if start.replaceable == sighting.script.case.start.replaceable:
            way = graph.way(root, graph.node_of[place])
            return tuple(acts) if way is None else tuple(arc.act for arc in way)
    return tuple(acts)


def _told(short: Sighting, sighting: Sighting, system: System, tries: tuple[int, int]) -> Failure:
    """Put what is wrong, and the run that shows it, into words."""
    told, case = short.told, short.script.case
    flow = system.graph.space.plan.flow
    title, kind, explanation, source = about(told.rule)
    rehearsed = short.script.rehearsed
    acts = tuple(each.step.act for each in rehearsed)
    place = _place(told, short.deviation)
    replay = replay_command(system.graph.space, acts, case.start, system.named, system.settings)
    observed = told.observed[:1].upper() + told.observed[1:]
    here = rehearsed[-1]
    return Failure(
        identity=f"{told.rule}/{place}/{short.deviation.kind}",
        rule=told.rule,
        title=title,
        severity="error",
        kind=kind,
        flow=flow.name,
        transition=told.transition,
        sentence=f"{observed}; {told.expected} ({told.rule}, {flow.name} flow).",
        expected=told.expected,
        observed=told.observed,
        explanation=told.why or explanation,
        source=", ".join(source),
        trace=tuple(_trace(short, system)),
        shrunk_from=sighting.deviation.step + 1,
        seen=sighting.seen,
        expected_target="" if here.step.refused else here.step.then,
        replay=shlex.join([*shlex.split(replay), *system.words]),
        acts=tuple(str(act) for act in acts),
        statuses=(*(each.step.then for each in rehearsed[:-1]), short.deviation.answer.status),
        items=format_items(case.start.items),
        replaceable=case.start.replaceable,
        settings=changed(system.settings),
        tried=tries[0],
        again=tries[1],
    )


def _trace(short: Sighting, system: System) -> Iterator[TraceStep]:
    """The run as numbered steps, the last one as the system took it."""
    *before, here = short.script.rehearsed
    rehearsal = Rehearsal(system.graph.space.plan, short.script.case.start)
    number, began = 0, rehearsal.simulator.now
    for each in before:
        first = len(rehearsal.simulator.events)
        rehearsal.play(each.step.act)
        happened = rehearsal.simulator.events[first:]
        for step in _passed(each, happened, rehearsal, began):
            number += 1
            yield replace(step, number=number)
    yield replace(_last(here, short, rehearsal.simulator.now - began), number=number + 1)


def _passed(
    each: Rehearsed, happened: Iterable[Event], rehearsal: Rehearsal, began: int
) -> Iterator[TraceStep]:
    """One step that went as it should, as the trace shows it."""
    events = tuple(happened)
    now = rehearsal.simulator.now - began
    for event in events:
        document = rehearsal.simulator.documents[event.seq - 1]
        statuses = [known.target for known in rehearsal.simulator.events[: event.seq]]
        stages = timeline_of(document, event.at, statuses).stages
        reached = max((stage.number for stage in stages if stage.slot != "todo"), default=0)
        at, data = event.at - began, readable(event.data)
        told = (event.actor, event.event, event.source, event.target, True, event.transition)
        yield TraceStep(0, at, *told, stage=reached, data=data)
    if not events and each.call.event == ADVANCE:
        yield _wait(each, now)
    elif not events:
        asked, source = each.step.act.event, each.source
        yield TraceStep(0, now, "anyone", asked, source, source, accepted=False, data=_given(each))


def _wait(each: Rehearsed, at: int) -> TraceStep:
    data = (("for", duration(each.call.wait)),)
    return TraceStep(0, at, "clock", ADVANCE, each.source, each.step.then, data=data)


def _given(each: Rehearsed) -> tuple[tuple[str, str], ...]:
    return readable(tuple(sorted(each.call.data.items())))


def _last(here: Rehearsed, short: Sighting, at: int) -> TraceStep:
    """The step that went wrong, as the system took it."""
    kind, status = short.deviation.kind, short.deviation.answer.status
    if here.call.event == ADVANCE:
        return replace(_wait(here, at + here.call.wait), target=status)
    return TraceStep(
        0,
        at,
        "anyone",
        here.step.act.event,
        here.source,
        status,
        accepted=kind not in {Kind.REFUSED, Kind.MOVED},
        data=_given(here),
    )
