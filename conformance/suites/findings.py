"""From what a system under test did wrong to failures a person can read: shortened, told."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from orderflow.conformance.failure import about, readable
from orderflow.conformance.observe import timeline_of
from orderflow.conformance.scenarios import changed, replay_command
from orderflow.conformance.subjects.subject import ADVANCE
from orderflow.conformance.suites.case import Case, Step
from orderflow.conformance.suites.execute import (
    Deviation,
    Kind,
    Run,
    Runner,
    Script,
    script_of,
)
from orderflow.conformance.suites.explain import Explained, explain
from orderflow.conformance.suites.graph import Graph
from orderflow.conformance.suites.rehearse import Rehearsal, Rehearsed
from orderflow.conformance.verdict import Failure, TraceStep
from orderflow.flows.settings import Settings
from orderflow.simulator.events import Event
from orderflow.simulator.scenario import Act, ScenarioError, duration, format_items

MOST_ORDERS = 6
"""New orders that shortening one failure may take: a real system is slow to place them."""

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
        script: The case.
        deviation: Where it differs.
        told: Why it is wrong.
        seen: How often it was met.
    """

    script: Script
    deviation: Deviation
    told: Explained
    seen: int = 0


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
            known = self.sightings.setdefault(
                (*_place(told), deviation.kind), Sighting(script, deviation, told)
            )
            known.seen += 1
            if deviation.step < known.deviation.step:
                known.script, known.deviation, known.told = script, deviation, told

    def failures(self, runner: Runner) -> tuple[Failure, ...]:
        """Shorten and tell what was met, what takes fewest steps to see first.

        Args:
            runner: Runs cases on the system that was tested.
        """
        ordered = sorted(self.sightings.items(), key=lambda item: (item[1].deviation.step, item[0]))
        failures = [
            _told(_shortened(each, self.system, runner), each, self.system)
            for _, each in ordered[:MOST_FAILURES]
        ]
        return tuple(sorted(failures, key=lambda each: (len(each.trace), each.rule, each.identity)))

    @property
    def left_out(self) -> int:
        """Distinct failures that are counted only."""
        return max(len(self.sightings) - MOST_FAILURES, 0)


def _place(told: Explained) -> tuple[str, str]:
    """The rule that is broken, and the transition or cell at which it is."""
    return told.rule, told.transition or "-".join(told.cell)


def _shortened(sighting: Sighting, system: System, runner: Runner) -> Sighting:
    """The shortest run that shows the same again, as far as a few orders can tell."""
    orders = 0
    for acts in _shorter(sighting, system.graph):
        if orders == MOST_ORDERS:
            break
        steps = tuple(Step(act, "") for act in acts)
        try:
            case = Case("short", "", "", steps, sighting.script.case.start)
            script = script_of(case, system.graph.space.plan)
        except ScenarioError:
            continue
        orders += 1
        run = runner.run(script)
        last = len(acts) - 1
        again = next((each for each in run.deviations if each.step == last), None)
        if again is not None and again.kind == sighting.deviation.kind:
            told = explain(script, again, system.graph.space.plan, system.settings)
            if _place(told) == _place(sighting.told):
                return Sighting(script, again, told, sighting.seen)
    return sighting


def _shorter(sighting: Sighting, graph: Graph) -> Iterator[tuple[Act, ...]]:
    """Shorter ways to the same step, the shortest first.

    The last few acts are kept, more and more of them, and what comes before is replaced by a
    shortest way to where they begin; what was refused on the way is left out.
    """
    upto = sighting.deviation.step
    played = sighting.script.rehearsed[:upto]
    acts = [each.step.act for each in played if not each.step.refused]
    last = sighting.script.rehearsed[upto].step.act
    told: set[tuple[Act, ...]] = set()
    ways = [(_usual_way(sighting, graph), len(acts))]
    for kept in (0, 1, 2, 4, 8, len(acts)):
        first = max(len(acts) - kept, 0)
        ways.append((_way_before(sighting, graph, acts[:first]), first))
    for way, first in ways:
        shorter = (*way, *acts[first:], last)
        if len(shorter) <= upto + 1 and shorter not in told:
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


def _told(short: Sighting, sighting: Sighting, system: System) -> Failure:
    """Put what is wrong, and the run that shows it, into words."""
    told, case, upto = short.told, short.script.case, short.deviation.step
    flow = system.graph.space.plan.flow
    title, kind, explanation, source = about(told.rule)
    rehearsed = short.script.rehearsed[: upto + 1]
    acts = tuple(each.step.act for each in rehearsed)
    place = told.transition or "-".join(told.cell)
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
        explanation=explanation,
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
    )


def _trace(short: Sighting, system: System) -> Iterator[TraceStep]:
    """The run as numbered steps, the last one as the system took it."""
    *before, here = short.script.rehearsed[: short.deviation.step + 1]
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
