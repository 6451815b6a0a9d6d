"""Tries walks out on orders of a sound system, and remembers what came of each beginning.

The graph knows kinds of data only, an order has cents: what is left to invoice can be halved a
dozen times, and then there is no part of it any more. So no walk is believed before an order has
gone it. A refusal leaves an order as it is; what was done without being refused says all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from orderflow.conformance.drive import Start
from orderflow.conformance.suites.case import Step
from orderflow.conformance.suites.graph import Arc, Graph
from orderflow.conformance.suites.rehearse import Rehearsal
from orderflow.simulator.scenario import Act, ScenarioError


class Stride(NamedTuple):
    """One step an order has gone.

    Attributes:
        step: The step.
        source: Node before, None when the order is in none.
        target: Node after, None when the order is in none.
    """

    step: Step
    source: int | None
    target: int | None


class _Place:
    """Where an order stands after certain acts, and what is known to come of more of them."""

    __slots__ = ("acts", "known", "node", "start")

    def __init__(self, start: Start, acts: tuple[Act, ...], node: int | None) -> None:
        self.start, self.acts, self.node = start, acts, node
        self.known: dict[Act, tuple[Stride, _Place] | str] = {}


class Practice:
    """Orders to try walks out on.

    Args:
        graph: The graph the walks lead through.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._steps: dict[Step, Step] = {}
        self._places: dict[Start, _Place] = {}
        self._at: _Place | None = None
        self._rehearsal = Rehearsal(graph.space.plan, Start())

    def walk(self, start: Start, acts: Iterable[Act]) -> tuple[Stride, ...]:
        """Go as far as an order can; fewer strides than acts when data does not exist."""
        return self._walked(start, acts)[0]

    def trouble(self, start: Start, acts: Iterable[Act]) -> str:
        """Why an order cannot go the whole walk, empty when it can."""
        return self._walked(start, acts)[1]

    def _walked(self, start: Start, acts: Iterable[Act]) -> tuple[tuple[Stride, ...], str]:
        place = self._beginning(start)
        strides: list[Stride] = []
        for act in acts:
            known = place.known.get(act)
            if known is None:
                known = place.known[act] = self._learn(place, act)
            if isinstance(known, str):
                return tuple(strides), known
            strides.append(known[0])
            place = known[1]
        return tuple(strides), ""

    def followed(self, start: Start, arcs: Iterable[Arc]) -> int:
        """How many of *arcs*, from the first, an order takes as the graph says."""
        arcs = tuple(arcs)
        strides = self.walk(start, (arc.act for arc in arcs))
        for number, (arc, stride) in enumerate(zip(arcs, strides, strict=False)):
            took = (stride.source, stride.step.transition, stride.target)
            if stride.step.refused or took != (arc.source, arc.transition, arc.target):
                return number
        return len(strides)

    def _beginning(self, start: Start) -> _Place:
        place = self._places.get(start)
        if place is None:
            rehearsal = Rehearsal(self.graph.space.plan, start)
            place = self._places[start] = _Place(start, (), self._node(rehearsal))
        return place

    def _learn(self, place: _Place, act: Act) -> tuple[Stride, _Place] | str:
        """Do *act* there for the first time; why an order cannot, when it cannot."""
        if self._at is not place:
            self._rehearsal = Rehearsal(self.graph.space.plan, place.start)
            for before in place.acts:
                self._rehearsal.play(before)
            self._at = place
        try:
            step = self._rehearsal.play(act).step
        except ScenarioError as error:
            return str(error)
        step = self._steps.setdefault(step, step)
        if step.refused:
            return Stride(step, place.node, place.node), place
        node = self._node(self._rehearsal)
        self._at = _Place(place.start, (*place.acts, act), node)
        return Stride(step, place.node, node), self._at

    def _node(self, rehearsal: Rehearsal) -> int | None:
        """Node the order is in, None when the search did not meet its like."""
        number = self.graph.space.number(rehearsal.simulator.order)
        return None if number is None else self.graph.node_of[number]


def reached(graph: Graph) -> tuple[int, ...]:
    """The nodes that are a beginning or that some arc leads to, in order."""
    return tuple(sorted({root for root, _ in graph.roots} | {arc.target for arc in graph.arcs}))


def walkable(graph: Graph) -> Graph:
    """The part of *graph* that orders can really go.

    A timer that another one of the same status always forestalls is in the graph, and no order
    ever sees it fire.
    """
    practice = Practice(graph)
    ways: dict[int, tuple[Start, tuple[Arc, ...]]] = {
        root: (start, ()) for root, start in graph.roots
    }
    queue, found = list(ways), []
    for node in queue:
        start, way = ways[node]
        for arc in graph.out[node]:
            if practice.followed(start, (*way, arc)) <= len(way):
                continue
            found.append(arc)
            if arc.target not in ways:
                ways[arc.target] = (start, (*way, arc))
                queue.append(arc.target)
    if len(found) == len(graph.arcs):
        return graph
    kept = sorted(found, key=lambda arc: arc.number)
    arcs = tuple(replace(arc, number=number) for number, arc in enumerate(kept))
    return replace(graph, arcs=arcs, _ways={})
