"""Counts, from what orders really did, what a draft says it covers.

Nothing here knows how walks are made. A draft whose walks do not do what it says is our mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from orderflow.conformance.suites.draft import Draft
from orderflow.conformance.suites.graph import Arc, Graph
from orderflow.conformance.suites.practice import Stride
from orderflow.flows.model import ABSENT
from orderflow.simulator.scenario import ADVANCE, Act

Strides = Sequence[Stride]


class BrokenPromiseError(RuntimeError):
    """The walks of a draft do not cover what it says they cover."""


def keep(graph: Graph, draft: Draft, walked: Sequence[Strides]) -> None:
    """See that the walks of a draft do what its figures say.

    Args:
        graph: The graph the draft was made from.
        draft: The draft.
        walked: What an order did on each of its walks.

    Raises:
        BrokenPromiseError: They do not.
    """
    for walk, strides in zip(draft.walks, walked, strict=True):
        if len(strides) < len(walk.acts):
            act = walk.acts[len(strides)]
            raise BrokenPromiseError(f"{draft.cover}, {walk.title!r}: no order can do {act} then")
    for name, promised in draft.guarantee.figures:
        counted = _count(name, graph, walked)
        if counted is not None and counted < promised:
            raise BrokenPromiseError(
                f"{draft.cover}: {promised} {name} promised, {counted} covered"
            )


def _count(name: str, graph: Graph, walked: Sequence[Strides]) -> int | None:
    """How many of what a figure counts are covered; None when it cannot be counted."""
    if name in _COUNTS:
        return _COUNTS[name](graph, walked)
    length = {"steps": 1, "pairs of steps": 2}.get(name) or _length(name)
    return len(set(_sequences(graph, walked, length))) if length else None


def _all(walked: Sequence[Strides]) -> Iterator[Stride]:
    return (stride for strides in walked for stride in strides)


def _inputs(graph: Graph, walked: Sequence[Strides]) -> int:
    """Inputs that the graph says some node takes or refuses, in that node."""
    known = {(arc.source, arc.act) for arc in graph.arcs}
    known |= {(n, Act(*each)) for n, row in enumerate(graph.refused) for each in row}
    return len(known & {(each.source, each.step.act) for each in _all(walked)})


_COUNTS: dict[str, Callable[[Graph, Sequence[Strides]], int]] = {
    "statuses": lambda _, walked: len({each.step.then for each in _all(walked)} - {ABSENT}),
    "data classes": lambda _, walked: len(
        {each.target for each in _all(walked) if not each.step.refused} - {None}
    ),
    "transitions": lambda _, walked: len({each.step.transition for each in _all(walked)} - {""}),
    "refused cells": lambda _, walked: len(
        {(each.step.then, each.step.act.event) for each in _all(walked) if each.step.refused}
    ),
    "refusals": lambda _, walked: sum(each.step.refused for each in _all(walked)),
    "time limits": lambda _, walked: len({limit for each in walked for limit in _limits(each)}),
    "inputs of every data class": _inputs,
}
"""How what a figure names is counted."""


def _length(name: str) -> int:
    head, _, number = name.rpartition(" ")
    return int(number) if head == "sequences of" and number.isdecimal() else 0


def _limits(strides: Strides) -> Iterator[str]:
    """Transitions that came when 1 ms had passed, and not before."""
    for each in strides:
        if each.step.act == Act(ADVANCE, "1ms") and each.step.transition:
            yield each.step.transition


def _sequences(graph: Graph, walked: Iterable[Strides], length: int) -> Iterator[tuple[Arc, ...]]:
    """Sequences of so many arcs that were taken; shorter ones if they cannot be made longer."""
    known = {(arc.source, arc.event, arc.choice): arc for arc in graph.arcs}
    for strides in walked:
        arcs: list[Arc] = []
        for source, step, target in ((each.source, each.step, each.target) for each in strides):
            arc = None if source is None else known.get((source, step.act.event, step.act.choice))
            right = arc is not None and (arc.transition, arc.target) == (step.transition, target)
            arcs = [*arcs, arc] if arc is not None and right else []
            if len(arcs) >= length:
                yield tuple(arcs[-length:])
        if arcs and len(arcs) < length and not graph.out[arcs[-1].target]:
            yield tuple(arcs)
