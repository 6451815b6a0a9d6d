"""Tells nodes of the graph apart: which inputs each has, what is seen of them, which words differ.

A node takes some inputs, refuses others, and knows nothing of the rest (no part of an invoice can
be posted when there is no part left). Two nodes can be told apart by inputs only that both have.
An input is here what reaches the system: an event with its data, or time that passes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

from orderflow.conformance.suites.graph import Arc, Graph
from orderflow.conformance.suites.practice import reached
from orderflow.simulator.choices import NONE, choices
from orderflow.simulator.scenario import ADVANCE, EARLY, Act, duration

Symbol = tuple[str, str]
"""Event and choice of data, or :data:`ADVANCE` and how long."""

Word = tuple[Symbol, ...]
"""Inputs one after the other."""


class Response(NamedTuple):
    """What a node does with an input.

    Attributes:
        seen: What is seen of it.
        target: Node after.
        act: The act that is this input there.
    """

    seen: str
    target: int
    act: Act


class Teller:
    """What can be seen of each node.

    Args:
        graph: The graph.
        blind: Nothing is seen but whether a call is accepted; else the status after it, too.

    Attributes:
        nodes: The nodes an order can be in.
        rows: What each node does with each of its inputs.
        tried: Inputs of each node that a suite tries: where no step takes an event, with the usual
            data only.
    """

    def __init__(self, graph: Graph, *, blind: bool = False) -> None:
        self.graph, self.blind = graph, blind
        self.nodes = reached(graph)
        self._waits = _waits(graph)
        rows: list[dict[Symbol, Response]] = [{} for _ in graph.status]
        for node in self.nodes:
            rows[node].update(self._row(node))
        self.tried: tuple[tuple[Symbol, ...], ...] = tuple(tuple(row) for row in rows)
        for node in self.nodes:
            for symbol, response in self._more(node):
                rows[node].setdefault(symbol, response)
        self.rows: tuple[dict[Symbol, Response], ...] = tuple(rows)

    def _seen(self, outcome: str, node: int) -> str:
        return outcome if self.blind else f"{outcome} {self.graph.status[node]}"

    def _row(self, node: int) -> Iterator[tuple[Symbol, Response]]:
        """What the graph says of a node."""
        graph = self.graph
        for arc in graph.out[node]:
            symbol, outcome = arc.input, "accepted"
            if arc.timed:
                symbol, outcome = (ADVANCE, duration(_wait(graph, arc))), "waited"
            yield symbol, Response(self._seen(outcome, arc.target), arc.target, arc.act)
        for event, choice in graph.refused[node]:
            branches = graph.space.plan.branches.get((graph.status[node], event), ())
            if branches and choice == NONE and all(each.wait is not None for each in branches):
                continue  # only time could bring it about
            usual = NONE if choice == EARLY else choice
            response = Response(self._seen("refused", node), node, Act(event, choice))
            yield (event, usual), response

    def _more(self, node: int) -> Iterator[tuple[Symbol, Response]]:
        """What follows from it: out of place is refused with any data, and no timer, no change."""
        graph, status = self.graph, self.graph.status[node]
        plan = graph.space.plan
        for event in plan.flow.events:
            if (status, event) not in plan.branches and (status, event) not in graph.untried:
                for choice in choices(event, graph.orders[node]):
                    response = Response(self._seen("refused", node), node, Act(event, choice))
                    yield (event, choice), response
        if not plan.alarms.get(status) and (status, ADVANCE) not in graph.untried:
            for wait in self._waits:
                act = Act(ADVANCE, duration(wait))
                yield (ADVANCE, act.choice), Response(self._seen("waited", node), node, act)

    @cached_property
    def words(self) -> dict[tuple[int, int], Word]:
        """A shortest word that tells two nodes apart, for all pairs that some word does.

        The smaller node number comes first. It is the empty word when their statuses differ and
        can be seen.
        """
        before = self._before()
        found: dict[tuple[int, int], Word] = {}
        queue: deque[tuple[int, int]] = deque()
        for pair in combinations(self.nodes, 2):
            word = self._at_once(*pair)
            if word is not None:
                found[pair] = word
        # The shortest first, so that what is built on them is shortest, too.
        queue.extend(sorted(found, key=lambda pair: (len(found[pair]), pair)))
        while queue:
            pair = queue.popleft()
            for symbol, earlier in before.get(pair, ()):
                if earlier not in found:
                    found[earlier] = (symbol, *found[pair])
                    queue.append(earlier)
        return found

    def _before(self) -> dict[tuple[int, int], list[tuple[Symbol, tuple[int, int]]]]:
        """From which pairs of nodes an input that is seen alike leads to each pair."""
        found: dict[tuple[int, int], list[tuple[Symbol, tuple[int, int]]]] = {}
        for one, other in combinations(self.nodes, 2):
            for symbol, first, second in self._shared(one, other):
                targets = sorted((first.target, second.target))
                if targets[0] != targets[1] and targets != [one, other]:
                    found.setdefault((targets[0], targets[1]), []).append((symbol, (one, other)))
        return found

    def _shared(self, one: int, other: int) -> Iterator[tuple[Symbol, Response, Response]]:
        """What two nodes do with the inputs both have."""
        row = self.rows[other]
        for symbol, response in self.rows[one].items():
            if symbol in row:
                yield symbol, response, row[symbol]

    def _at_once(self, one: int, other: int) -> Word | None:
        """The empty word or a single input that tells two nodes apart, None when none does."""
        if not self.blind and self.graph.status[one] != self.graph.status[other]:
            return ()
        for symbol, first, second in self._shared(one, other):
            if first.seen != second.seen:
                return (symbol,)
        return None

    def differ(self, word: Word, one: int, other: int) -> bool:
        """Whether *word*, which both nodes have, is seen to do different things to them."""
        if not self.blind and self.graph.status[one] != self.graph.status[other]:
            return True
        for symbol in word:
            first, second = self.rows[one].get(symbol), self.rows[other].get(symbol)
            if first is None or second is None:
                return False
            if first.seen != second.seen:
                return True
            one, other = first.target, second.target
        return False

    def acts(self, node: int, word: Iterable[Symbol]) -> tuple[tuple[Act, ...], int]:
        """The acts that are *word* in *node*, and the node after them."""
        acts = []
        for symbol in word:
            response = self.rows[node][symbol]
            acts.append(response.act)
            node = response.target
        return tuple(acts), node

    @cached_property
    def identifiers(self) -> tuple[tuple[Word, ...], ...]:
        """Harmonised identifiers: words for each node, so that any two nodes have one in common.

        "One in common" that tells them apart, that is, when any word does. The words that tell
        most pairs apart are taken first; those that begin another one of the same node are left
        out.
        """
        told = self._told()
        sets: list[list[Word]] = [[] for _ in self.rows]
        while told:
            best = max(told, key=lambda word: len(told[word]))  # the first one of several
            done = told.pop(best)
            for node in sorted({node for pair in done for node in pair}):
                sets[node].append(best)
            told = {word: left for word, pairs in told.items() if (left := pairs - done)}
        return tuple(tuple(_longest(words)) for words in sets)

    def _told(self) -> dict[Word, set[tuple[int, int]]]:
        """The pairs of nodes that each word tells apart, without those told without a word."""
        pairs = {pair: word for pair, word in self.words.items() if word}
        words = sorted(set(pairs.values()), key=lambda word: (len(word), word))
        return {
            word: {pair for pair in pairs if self.differ(word, *pair) and self._have(word, pair)}
            for word in words
        }

    def _have(self, word: Word, pair: Iterable[int]) -> bool:
        """Whether both nodes have all inputs of *word*, and the nodes after them, too."""
        for node in pair:
            there = node
            for symbol in word:
                if symbol not in self.rows[there]:
                    return False
                there = self.rows[there][symbol].target
        return True

    @cached_property
    def alike(self) -> int:
        """How many pairs of nodes no word tells apart."""
        count = len(self.nodes)
        return count * (count - 1) // 2 - len(self.words)


def _wait(graph: Graph, arc: Arc) -> int:
    """Ms after which a timed arc opens."""
    branches = graph.space.plan.branches[graph.status[arc.source], arc.event]
    return next(each.wait or 0 for each in branches if each.step.id == arc.transition)


def _waits(graph: Graph) -> tuple[int, ...]:
    return tuple(sorted({_wait(graph, arc) for arc in graph.arcs if arc.timed}))


def _longest(words: list[Word]) -> Iterator[Word]:
    """*words* without those that others begin with, in order."""
    for word in words:
        if not any(len(more) > len(word) and more[: len(word)] == word for more in words):
            yield word
