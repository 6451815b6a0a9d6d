"""The flow as a learner sees it: which inputs to learn with, and the machine they should show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from orderflow.conformance.drive import Start
from orderflow.conformance.learned import (
    IMPOSSIBLE,
    Kind,
    Letter,
    Machine,
    Output,
    machine_from,
)
from orderflow.conformance.suites.graph import Arc, Graph, inputs_of, numbered
from orderflow.flows.errors import OrderflowError
from orderflow.simulator.choices import choices
from orderflow.simulator.scenario import EARLY


@dataclass(frozen=True)
class Matter:
    """What is to be learned.

    Attributes:
        graph: The nodes an order gets to with the inputs alone, from one beginning.
        start: How every order begins.
        alphabet: The inputs, in the order of the flow's events.
        expected: What the flow does with them, with no state too many.
    """

    graph: Graph
    start: Start
    alphabet: tuple[Letter, ...]
    expected: Machine


class NothingToLearnError(OrderflowError):
    """No order of the flow begins as asked for."""


def matter_of(graph: Graph, *, every: bool = False, replaceable: bool = True) -> Matter:
    """Decide what to learn.

    Args:
        graph: The flow.
        every: Use every input of the flow, and not only as few as show all of it.
        replaceable: Whether order replacement is switched on in the store of the orders.

    Raises:
        NothingToLearnError: No order of the flow begins so.
    """
    root, start = _root(graph, replaceable)
    letters = inputs_of(graph) if every else usual_inputs(graph, root)
    kept = restricted(graph, letters, root)
    return Matter(kept, start, letters, expected_of(kept, letters))


def _root(graph: Graph, replaceable: bool) -> tuple[int, Start]:
    if len(graph.roots) == 1:
        return graph.roots[0]
    for root, start in graph.roots:
        if start.replaceable == replaceable:
            return root, start
    raise NothingToLearnError(f"no order of this flow begins with replaceable={replaceable}")


def usual_inputs(graph: Graph, root: int) -> tuple[Letter, ...]:
    """One input of each event, and of the others as few as show every node and transition."""
    letters = inputs_of(graph)
    kept = list(letters)
    first: dict[str, Letter] = {}
    for letter in letters:
        first.setdefault(letter[0], letter)
    whole = _shown(graph, frozenset(letters), root)
    for letter in reversed(letters):
        without = frozenset(kept) - {letter}
        if letter != first[letter[0]] and _shown(graph, without, root) == whole:
            kept.remove(letter)
    return tuple(kept)


def _shown(graph: Graph, letters: frozenset[Letter], root: int) -> tuple[int, int]:
    """How many nodes are reached, and how many transitions taken, with *letters* alone."""
    nodes = _reached(graph, letters, root)
    taken = {arc.transition for node in nodes for arc in graph.out[node] if arc.input in letters}
    return len(nodes), len(taken)


def _reached(graph: Graph, letters: frozenset[Letter], root: int) -> dict[int, int]:
    """Nodes reached with *letters* alone, numbered as they are met."""
    number = {root: 0}
    queue = [root]
    for node in queue:
        for arc in graph.out[node]:
            if arc.input in letters and arc.target not in number:
                number[arc.target] = len(number)
                queue.append(arc.target)
    return number


def restricted(graph: Graph, letters: Iterable[Letter], root: int) -> Graph:
    """The part of *graph* that *letters* show, beginning in *root*."""
    known = frozenset(letters)
    number = _reached(graph, known, root)
    arcs: list[Arc] = []
    for node in number:
        for arc in graph.out[node]:
            if arc.input in known:
                source, target = number[node], number[arc.target]
                arcs.append(replace(arc, number=len(arcs), source=source, target=target))
    return Graph(
        space=graph.space,
        status=tuple(graph.status[node] for node in number),
        roots=tuple((0, start) for node, start in graph.roots if node == root),
        arcs=tuple(arcs),
        refused=tuple(
            tuple(each for each in graph.refused[node] if each in known) for node in number
        ),
        node_of=tuple(number.get(node, -1) for node in graph.node_of),
        orders=tuple(graph.orders[node] for node in number),
    )


def expected_of(graph: Graph, letters: Sequence[Letter]) -> Machine:
    """What the flow does with *letters*, with nodes that nobody can tell apart put together."""
    rows = [_row(graph, node, letters) for node in range(len(graph.status))]
    classes = _classes(graph, rows, letters)
    member = {found: node for node, found in reversed(tuple(enumerate(classes)))}

    def table(state: int, letter: Letter) -> tuple[Output, int]:
        output, target = rows[member[state]][letter]
        return output, classes[target]

    status = [graph.status[member[state]] for state in range(len(member))]
    return machine_from(letters, status, table, classes[0])


_Row = dict[Letter, tuple[Output, int]]


def _row(graph: Graph, node: int, letters: Sequence[Letter]) -> _Row:
    """What a node does with each input, and the node after."""
    status, order = graph.status[node], graph.orders[node]
    taken = {arc.input: arc.target for arc in graph.out[node]}
    row: _Row = {}
    for event, choice in letters:
        letter = (event, choice)
        if letter in taken:
            target = taken[letter]
            row[letter] = Output(Kind.TAKEN, graph.status[target]), target
        elif letter in graph.refused[node] or (choice != EARLY and choice in choices(event, order)):
            row[letter] = Output(Kind.REFUSED, status), node
        else:
            row[letter] = IMPOSSIBLE, node
    return row


def _classes(graph: Graph, rows: Sequence[_Row], letters: Sequence[Letter]) -> list[int]:
    """Class of each node, numbered as they are met; two nodes of one class look alike for ever."""
    classes, count = numbered(list(graph.status))
    while True:
        keys: list[object] = [
            (classes[node], tuple((row[x][0], classes[row[x][1]]) for x in letters))
            for node, row in enumerate(rows)
        ]
        classes, new = numbered(keys)
        if new == count:
            return classes
        count = new
