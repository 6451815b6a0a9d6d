"""The part of a flow that a system can be asked for, and what of the flow lies beyond it.

Not every system can be made to do everything: its mapping names no request for some event, nothing
turns its clock, or it takes some steps by itself before anybody can try anything else. Cases made
for it avoid that, and promise less.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from orderflow.conformance.subjects.subject import ADVANCE, Call, Subject
from orderflow.conformance.suites.case import Guarantee, Step, Suite
from orderflow.conformance.suites.draft import Draft, Walk
from orderflow.conformance.suites.execute import Runner, Script
from orderflow.conformance.suites.graph import Arc, Graph
from orderflow.conformance.suites.practice import reached, walkable
from orderflow.conformance.suites.rehearse import Rehearsed, rehearse
from orderflow.conformance.suites.wording import counted
from orderflow.simulator.choices import NONE
from orderflow.simulator.scenario import Act

BEYOND = "out of reach"
"""Name of what a suite says of the part of its flow that the system cannot be asked for."""

_STILL_TRUE = {"equivalent", "undecided"}
"""Figures of a draft that hold whatever walks it has."""

_HEDGE = f" All this as far as the system can be asked, see {BEYOND}."


@dataclass(frozen=True, slots=True)
class Beyond:
    """What of a flow a system cannot be asked for, everything in the order of the flow.

    Attributes:
        events: Events that cannot be fired, and do not come by themselves.
        chosen: Events that come by themselves, and should come with other data than the usual.
        needs_clock: Time would have to pass, and nothing turns the clock.
        restless: Statuses left by themselves, before anything illegal or a time limit is tried.
        transitions: Ids of transitions that no order can be made to take.
        statuses: Statuses that no order can be brought into.
        cells: Pairs of status and event that are refused, and cannot be tried.
        of_transitions: Transitions that an order of the flow can take.
        of_cells: Pairs that the flow refuses.
    """

    events: tuple[str, ...]
    chosen: tuple[str, ...]
    needs_clock: bool
    restless: tuple[str, ...]
    transitions: tuple[str, ...]
    statuses: tuple[str, ...]
    cells: int
    of_transitions: int
    of_cells: int

    def __bool__(self) -> bool:
        """Whether anything lies beyond."""
        return bool(self.reasons or self.transitions or self.cells)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the system cannot be asked for everything, in a few words each."""
        events, chosen, restless = map(", ".join, (self.events, self.chosen, self.restless))
        found = {
            f"it cannot be asked for {events}": bool(events),
            f"nobody chooses the data of {chosen}, which it brings about itself": bool(chosen),
            "nothing turns its clock": self.needs_clock,
            f"it leaves {restless} by itself": bool(restless),
        }
        return tuple(words for words, holds in found.items() if holds)

    @property
    def guarantee(self) -> Guarantee:
        """What is not known of a system that passes."""
        lost = []
        if self.transitions:
            of = counted(self.of_transitions, "transition")
            lost.append(f"{len(self.transitions)} of {of} ({', '.join(self.transitions)})")
        if self.statuses:
            known = counted(len(self.statuses), "status", "statuses")
            lost.append(f"{known} ({', '.join(self.statuses)})")
        if self.cells:
            lost.append(f"{self.cells} of {counted(self.of_cells, 'refused cell')}")
        told = f"Less is known of this system: {'; '.join(self.reasons)}."
        if lost:
            *most, last = lost
            named = f"{', '.join(most)} and {last}" if most else last
            told += f" Not tested are {named}; the cases made for it avoid them."
        figures = (
            ("transitions not tested", len(self.transitions)),
            ("statuses not reached", len(self.statuses)),
            ("refused cells not tested", self.cells),
        )
        return Guarantee(BEYOND, told, figures)

    def promised(self, suite: Suite) -> Suite:
        """*suite*, promising no more than holds without what lies beyond."""
        if not self:
            return suite
        hedged = (replace(each, sentence=each.sentence + _HEDGE) for each in suite.guarantees)
        return replace(suite, guarantees=(*hedged, self.guarantee))


@dataclass(frozen=True, slots=True)
class Reach:
    """A system, and the part of a flow that it can be asked for.

    Attributes:
        runner: Knows what its subject can be asked.
        graph: The part within reach.
        lost: What lies beyond.
    """

    runner: Runner
    graph: Graph
    lost: Beyond

    @classmethod
    def of(cls, graph: Graph, subject: Subject) -> Reach:
        """What of the flow of *graph* is within the reach of *subject*."""
        runner = Runner(subject, graph.space.plan.flow)
        part = within_reach(graph, runner)
        return cls(runner, part, beyond(graph, part, runner))

    def playable(self, draft: Draft) -> Draft:
        """*draft* without the walks that need what the system cannot be asked for."""
        plan = self.graph.space.plan

        def fits(walk: Walk) -> bool:
            return not _lacking(rehearse(plan, walk.start, walk.acts), self.runner)

        walks = tuple(walk for walk in draft.walks if fits(walk))
        gone = len(draft.walks) - len(walks)
        if not gone:
            return draft
        told = (
            f" {counted(gone, 'case')} more cannot be asked of this system, so what they alone "
            "would notice is not excluded."
        )
        kept = tuple(each for each in draft.guarantee.figures if each[0] in _STILL_TRUE)
        figures = (*kept, ("cases it cannot be asked for", gone))
        guarantee = Guarantee(draft.cover, draft.guarantee.sentence + told, figures)
        return replace(draft, walks=walks, guarantee=guarantee)

    def left_out(self, scripts: Iterable[Script]) -> str:
        """Which cases of a suite the system cannot be asked for, in a line; empty when none.

        Whatever it lacks is named, what most cases need first; a case that needs several things
        counts for each.
        """
        found: dict[str, int] = {}
        cases = 0
        for script in scripts:
            needs = _lacking(script.rehearsed, self.runner)
            cases += bool(needs)
            found |= {name: found.get(name, 0) + 1 for name in needs}
        if not cases:
            return ""
        ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        named = ", ".join(f"{name} ({counted(count, 'case')})" for name, count in ordered)
        return f"left out: {counted(cases, 'case')}, for the system cannot be asked for {named}"


def within_reach(graph: Graph, runner: Runner) -> Graph:
    """The part of *graph* that the subject of *runner* can be asked for.

    Its arcs are those an order can be made to take, its refusals those that can be tried;
    :attr:`~orderflow.conformance.suites.graph.Graph.untried` says in which cells none can.
    """
    untried = _untried(graph, runner)
    taken = [arc for arc in graph.arcs if runner.call(_taken(graph, arc)) is not None]
    if len(taken) == len(graph.arcs) and not untried:
        return graph
    return walkable(
        replace(
            graph,
            arcs=tuple(replace(arc, number=number) for number, arc in enumerate(taken)),
            refused=tuple(
                tuple(each for each in row if (status, each[0]) not in untried)
                for status, row in zip(graph.status, graph.refused, strict=True)
            ),
            untried=untried,
            _ways={},
        )
    )


def beyond(graph: Graph, limited: Graph, runner: Runner) -> Beyond:
    """What *limited*, the part of *graph* within the reach of *runner*, does not have."""
    whole, flow, abilities = walkable(graph), graph.space.plan.flow, runner.abilities
    missing = [arc for arc in whole.arcs if runner.call(_taken(whole, arc)) is None]
    events = {arc.event for arc in missing if not arc.timed}
    events |= {event for row in whole.refused for event, _ in row if not abilities.can(event)}
    left = {whole.status[node] for node in reached(whole)}
    kept = {limited.status[node] for node in reached(limited)}
    cells, tried = _cells(whole), _cells(limited)
    ids = [name for name in whole.by_transition if name not in limited.by_transition]
    chosen = {arc.event for arc in missing if not arc.timed} & abilities.awaited
    return Beyond(
        events=tuple(e for e in flow.events if e in events - abilities.awaited),
        chosen=tuple(event for event in flow.events if event in chosen),
        needs_clock=not abilities.turns_clock and any(arc.timed for arc in whole.arcs),
        restless=tuple(s.name for s in flow.states if s.name in left & runner.restless),
        transitions=tuple(ids),
        statuses=tuple(state.name for state in flow.states if state.name in left - kept),
        cells=len(cells - tried),
        of_transitions=len(whole.by_transition),
        of_cells=len(cells),
    )


def _lacking(rehearsed: Sequence[Rehearsed], runner: Runner) -> tuple[str, ...]:
    """What a case needs that cannot be asked for; () when it can be run."""
    needs = [each for each in rehearsed if not each.step.refused]
    probes = [each for each in rehearsed if each.step.refused]
    missing = [each for each in needs if runner.call(each) is None]
    if not missing and probes and all(runner.call(each) is None for each in probes):
        missing = probes
    return tuple(dict.fromkeys(_what(each) for each in missing))


def _what(each: Rehearsed) -> str:
    """What a step needs."""
    if each.call.event == ADVANCE:
        return f"time that passes in {each.source}"
    if each.step.refused:
        return f"{each.call.event} in {each.source}"
    return each.call.event


def _taken(graph: Graph, arc: Arc) -> Rehearsed:
    """The step that *arc* is, as far as it matters for whether it can be asked for."""
    step = Step(arc.act, graph.status[arc.target], transition=arc.transition)
    call = Call(ADVANCE if arc.timed else arc.event)
    return Rehearsed(step, call, graph.status[arc.source], ())


def _untried(graph: Graph, runner: Runner) -> frozenset[tuple[str, str]]:
    """Cells of status and event, or of status and waiting, in which nothing can be tried."""
    found = set()
    for status in dict.fromkeys(graph.status):
        for event in (*graph.space.plan.flow.events, ADVANCE):
            step = Step(Act(event, NONE), status, refused=event != ADVANCE)
            if runner.call(Rehearsed(step, Call(event), status, ())) is None:
                found.add((status, event))
    return frozenset(found)


def _cells(graph: Graph) -> set[tuple[str, str]]:
    """The pairs of status and event that *graph* refuses in a node an order can be in."""
    return {(graph.status[n], event) for n in reached(graph) for event, _ in graph.refused[n]}
