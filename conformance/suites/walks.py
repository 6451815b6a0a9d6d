"""Random walks over a flow: no guarantee, and now and then what nobody thought of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

from orderflow.conformance.suites.case import Guarantee
from orderflow.conformance.suites.draft import Draft, Walk
from orderflow.conformance.suites.graph import Arc, Graph
from orderflow.conformance.suites.practice import Practice
from orderflow.conformance.suites.wording import counted, way_of
from orderflow.simulator.scenario import Act

MOST_CALLS = 100_000
"""Calls beyond which no random suite is made."""

_LONGEST = 40
"""Calls after which a new order begins: most orders have ended long before."""

_MOST_REPEATS = 1_000
"""Orders in a row that do what was done before, after which there is nothing new to find."""

_TOLD = (
    "Nothing is guaranteed: it is no system that goes wrong on one of these walks, and nobody "
    "knows what else it is not."
)


def walks(graph: Graph, calls: int, seed: int, *, weighted: bool = False) -> Draft:
    """Orders that wander about, every other one with any event, refused ones included.

    Args:
        graph: The graph.
        calls: Calls they take together.
        seed: Where chance begins.
        weighted: Prefer what was done least often so far.
    """
    wanderer = _Wanderer(graph, Random(seed), weighted=weighted)
    found: dict[Walk, None] = {}
    left, again, strays = calls, 0, False
    while left > 0 and again < _MOST_REPEATS:
        walk, strays = wanderer.walk(min(left, _LONGEST), strays=strays), not strays
        if walk in found:
            again += 1
            continue
        again, left = 0, left - len(walk.acts)
        found[walk] = None
    cover = f"{'weighted' if weighted else 'random'}:{calls}"
    figures = (("calls", calls - left), ("orders", len(found)))
    return Draft(cover, tuple(found), Guarantee(cover, _TOLD, figures))


class _Wanderer:
    """Chooses what to do next.

    Attributes:
        times: How often each thing was done in each node.
    """

    def __init__(self, graph: Graph, chance: Random, *, weighted: bool) -> None:
        self.graph, self.chance, self.weighted = graph, chance, weighted
        self.practice = Practice(graph)
        self.roots = [(root, start) for root, start in graph.roots if graph.out[root]]
        self.times: Counter[tuple[int, Act]] = Counter()

    def walk(self, most: int, *, strays: bool) -> Walk:
        """One order: at most so many calls, and whether it is asked what it must refuse, too."""
        node, start = self.chance.choice(self.roots)
        acts: list[Act] = []
        arcs: list[Arc] = []
        while len(acts) < most:
            chosen = self._chosen(node, strays=strays)
            if chosen is None:
                break
            act = chosen if isinstance(chosen, Act) else chosen.act
            if self.practice.trouble(start, (*acts, act)):
                break  # such data does not exist any more
            self.times[node, act] += 1
            acts.append(act)
            if isinstance(chosen, Arc):
                arcs.append(chosen)
                node = chosen.target
        refusals = len(acts) - len(arcs)
        title = way_of(self.graph, arcs) or "a new order"
        return Walk(
            title + f"; {counted(refusals, 'refusal')}" * bool(refusals), start, tuple(acts)
        )

    def _chosen(self, node: int, *, strays: bool) -> Act | Arc | None:
        """What to do in *node*; None when there is nothing to do but what it refuses."""
        legal: Sequence[Arc] = self.graph.out[node]
        if strays and self.chance.random() < 1 / 2:  # there are so many that few steps were left
            refused = [Act(*each) for each in self.graph.refused[node]]
            if refused:
                return self._pick(node, refused, refused)
        return self._pick(node, legal, [arc.act for arc in legal]) if legal else None

    def _pick(self, node: int, things: Sequence[Act | Arc], acts: Sequence[Act]) -> Act | Arc:
        if not self.weighted:
            return self.chance.choice(things)
        least = min(self.times[node, act] for act in acts)
        rare = [
            each for each, act in zip(things, acts, strict=True) if self.times[node, act] == least
        ]
        return self.chance.choice(rare)
