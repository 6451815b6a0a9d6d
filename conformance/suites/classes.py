"""Refusals in every data class of every status, and every step taken right after refusals.

The suite of refusals tries an event in a status on one order. Two kinds of wrong systems pass it:
one that takes the event in a data class that was not tried, say after two invoices, and one that
refuses it as it must and is spoilt by it, so that a step behind it goes wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from orderflow.conformance.drive import Start
from orderflow.conformance.suites.case import Guarantee
from orderflow.conformance.suites.draft import Draft, Walk
from orderflow.conformance.suites.graph import Arc, Graph, Input
from orderflow.conformance.suites.negative import illegal
from orderflow.conformance.suites.practice import Practice, Stride, reached
from orderflow.conformance.suites.wording import way_of
from orderflow.simulator.scenario import EARLY, Act

COVER = "illegal:classes"


def illegal_classes(graph: Graph) -> Draft:
    """What :func:`~orderflow.conformance.suites.negative.illegal` tries, and what it leaves out.

    Its walks come first; those behind them try what is left, a few long ones.
    """
    practice, usual = Practice(graph), illegal(graph)
    left = _left(graph, practice)
    for walk in usual.walks:
        left.note(practice.walk(walk.start, walk.acts))
    tours = tuple(_tours(practice, left))
    told = (
        "In each data class of each status it refuses each event that the flow refuses there, and "
        "each kind of data that a guard stops, and stays where it was; and each step is taken as "
        "it must be right after all events that its status refuses. No timer fires 1 ms early or "
        "late. A system that counts, or that a refusal spoils for steps further on, may still go "
        "wrong."
    )
    figures = (*usual.guarantee.figures, *left.figures(graph))
    return Draft(COVER, (*usual.walks, *tours), Guarantee(COVER, told, figures))


@dataclass
class _Left:
    """What no walk has tried yet.

    Attributes:
        graph: The graph.
        probes: Inputs that each node refuses, all of them.
        events: Events that no order of a status takes.
        inputs: Those of *probes* that were not refused there yet.
        steps: Transitions that were not taken yet right after all *events* of their status.
        lost: Nodes that no order gets to from where it is looked for, and arcs none can take.
    """

    graph: Graph
    probes: dict[int, tuple[Input, ...]]
    events: dict[str, frozenset[str]]
    inputs: dict[int, dict[Input, None]]
    steps: dict[str, None]
    lost: set[int | Arc]

    def note(self, strides: Iterable[Stride]) -> None:
        """Cross out what was done."""
        refused: set[str] = set()
        for source, step in ((each.source, each.step) for each in strides):
            if source is None:
                refused.clear()
            elif step.refused:
                self.inputs.get(source, {}).pop((step.act.event, step.act.choice), None)
                refused.add(step.act.event)
            else:
                if self.events[self.graph.status[source]] <= refused:
                    self.steps.pop(step.transition, None)
                refused.clear()

    def arc(self, node: int) -> Arc | None:
        """A step out of *node* that is left."""
        arcs = (each for each in self.graph.out[node] if each not in self.lost)
        return next((each for each in arcs if each.transition in self.steps), None)

    def at(self, node: int) -> bool:
        """Whether something is left to do in *node*."""
        return node not in self.lost and bool(self.inputs.get(node) or self.arc(node))

    def figures(self, graph: Graph) -> tuple[tuple[str, int], ...]:
        """What was tried, counted."""
        tried = sum(len(self.probes[node]) - len(self.inputs[node]) for node in self.probes)
        return (
            ("refusals in data classes", tried),
            ("steps right after refusals", len(graph.by_transition) - len(self.steps)),
        )


def _left(graph: Graph, practice: Practice) -> _Left:
    """All there is to try."""
    probes = {node: _probes(graph, practice, node) for node in reached(graph)}
    taken = {(graph.status[arc.source], arc.event) for arc in graph.arcs}
    events = {
        status: frozenset(
            event
            for node, row in probes.items()
            for event, _ in row
            if graph.status[node] == status and (status, event) not in taken
        )
        for status in graph.status
    }
    inputs = {node: dict.fromkeys(row) for node, row in probes.items()}
    return _Left(graph, probes, events, inputs, dict.fromkeys(graph.by_transition), set())


def _probes(graph: Graph, practice: Practice, node: int) -> tuple[Input, ...]:
    """What an order in *node* refuses when it is asked for it."""
    start, way = graph.access(node)
    acts = tuple(arc.act for arc in way)
    found: list[Input] = []
    for event, choice in graph.refused[node]:
        branches = graph.space.plan.branches.get((graph.status[node], event), ())
        if choice != EARLY and branches and all(each.wait is not None for each in branches):
            continue  # there is no asking for it: only time could bring it about
        strides = practice.walk(start, (*acts, Act(event, choice)))
        if len(strides) > len(acts) and strides[-1].step.refused:
            found.append((event, choice))
    return tuple(found)


def _tours(practice: Practice, left: _Left) -> Iterator[Walk]:
    """Long ways through all that is left."""
    while (begun := _nearest(left, left.graph.roots)) is not None:
        tour = _Tour(practice, left, begun[0])
        while (leg := _nearest(left, ((tour.node, tour.start),))) is not None:
            tour.go(leg[1])
        if tour.arcs or tour.acts:
            yield Walk(f"refusals, {way_of(left.graph, tour.arcs)}", tour.start, tour.acts)


_Begun = tuple[int, Start]


def _nearest(left: _Left, places: Iterable[_Begun]) -> tuple[_Begun, tuple[Arc, ...]] | None:
    """The place from which something that is left is nearest, and the way to it."""
    found: tuple[_Begun, tuple[Arc, ...]] | None = None
    for place in places:
        for node in filter(left.at, left.probes):
            way = left.graph.way(place[0], node)
            if way is not None and (found is None or len(way) < len(found[1])):
                found = place, way
    return found


class _Tour:
    """One order that does what is left wherever it gets.

    Attributes:
        start: How it begins.
        node: Where it stands.
        arcs: The steps it took.
        acts: All that was done to it, refusals included.
    """

    def __init__(self, practice: Practice, left: _Left, begun: _Begun) -> None:
        self.practice, self.left = practice, left
        self.node, self.start = begun
        self.arcs: tuple[Arc, ...] = ()
        self.acts: tuple[Act, ...] = ()

    def go(self, way: tuple[Arc, ...]) -> None:
        """Go there, and do what is left there; what no order can do is left out."""
        target = way[-1].target if way else self.node
        if not self._takes(way):
            self.left.lost.add(target)
            return
        arc = self.left.arc(target)
        probes = self.left.probes[target] if arc else tuple(self.left.inputs[target])
        self.acts = (*self.acts, *(Act(*each) for each in probes))
        if arc is not None and not self._takes((arc,)):
            self.left.lost.add(arc)
        self.left.note(self.practice.walk(self.start, self.acts))
        for each in tuple(self.left.inputs[target]):  # none that this order could not be asked
            if each in probes:
                del self.left.inputs[target][each]

    def _takes(self, way: tuple[Arc, ...]) -> bool:
        """Whether the order can go on like this; it does if it can."""
        arcs = (*self.arcs, *way)
        if self.practice.followed(self.start, arcs) < len(arcs):
            return False
        self.arcs, self.acts = arcs, (*self.acts, *(arc.act for arc in way))
        if way:
            self.node = way[-1].target
        return True
