"""The graph that suites are generated from: status and data class as nodes, one arc a step.

The configurations of a flow (:mod:`orderflow.simulator.space`) hold more than a test can tell
apart. Those with the same status in which the same inputs are possible, taken and refused, and
lead on to the same again, are one *node* here: two orders in one node behave alike for ever.

An *input* is an event with the kind of data it comes with, or with ``early`` for a timer's event
before its time. Which inputs there are depends on the node (no rest can be invoiced when all is),
so each node says which it takes, which it refuses, and all others do not exist there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import cached_property

from orderflow.conformance.drive import Start
from orderflow.simulator.choices import NONE, choices, every_choice
from orderflow.simulator.order import Order
from orderflow.simulator.scenario import EARLY, Act
from orderflow.simulator.space import Space

Input = tuple[str, str]
"""Event, and the choice of data it comes with."""


@dataclass(frozen=True, slots=True)
class Arc:
    """One step between nodes.

    Attributes:
        number: Its place in ``Graph.arcs``.
        source: Node before.
        event: Event name.
        choice: Data it comes with, see :mod:`orderflow.simulator.choices`.
        transition: Id of the transition taken.
        target: Node after.
        timed: Time must pass for it.
    """

    number: int
    source: int
    event: str
    choice: str
    transition: str
    target: int
    timed: bool

    @property
    def input(self) -> Input:
        """Event and choice."""
        return self.event, self.choice

    @property
    def act(self) -> Act:
        """The act that takes it."""
        return Act(self.event, self.choice)


@dataclass(frozen=True)
class Graph:
    """The nodes of one profile of a flow and the arcs between them.

    Attributes:
        space: The configurations it was made from.
        status: Status of each node.
        roots: Nodes that an unplaced order can be in, each with how such an order begins.
        arcs: All steps, by source, in the order of the flow.
        refused: Inputs each node refuses, in the order of the flow's events.
        node_of: Node of each configuration.
        orders: A sample document of each node.
        untried: Cells of status and event, or of status and ``advance``, in which nothing can be
            tried of the system the graph is for, see :mod:`orderflow.conformance.suites.limited`.
    """

    space: Space
    status: tuple[str, ...]
    roots: tuple[tuple[int, Start], ...]
    arcs: tuple[Arc, ...]
    refused: tuple[tuple[Input, ...], ...]
    node_of: tuple[int, ...]
    orders: tuple[Order, ...]
    untried: frozenset[tuple[str, str]] = frozenset()
    _ways: dict[int, dict[int, Arc]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def out(self) -> tuple[tuple[Arc, ...], ...]:
        """Arcs out of each node; those of the happy path first, as the space has them."""
        table: list[list[Arc]] = [[] for _ in self.status]
        for arc in self.arcs:
            table[arc.source].append(arc)
        return tuple(tuple(row) for row in table)

    @cached_property
    def by_transition(self) -> dict[str, tuple[Arc, ...]]:
        """Arcs of each transition, in the order of the flow; those no order can take are absent."""
        found: dict[str, list[Arc]] = {}
        for arc in self.arcs:
            found.setdefault(arc.transition, []).append(arc)
        order = (step.id for step in self.space.plan.flow.transitions)
        return {name: tuple(found[name]) for name in order if name in found}

    def way(self, source: int, target: int) -> tuple[Arc, ...] | None:
        """A shortest way from one node to another, () to itself, None when there is none."""
        back = self._ways.get(source)
        if back is None:
            back = self._ways[source] = self._search(source)
        steps: list[Arc] = []
        while target != source:
            arc = back.get(target)
            if arc is None:
                return None
            steps.append(arc)
            target = arc.source
        return tuple(reversed(steps))

    def access(self, target: int) -> tuple[Start, tuple[Arc, ...]]:
        """A shortest way to a node from a new order, and how that order begins.

        Raises:
            LookupError: No order gets there; nodes of a space are reachable, so never.
        """
        found: tuple[Start, tuple[Arc, ...]] | None = None
        for root, start in self.roots:
            way = self.way(root, target)
            if way is not None and (found is None or len(way) < len(found[1])):
                found = start, way
        if found is None:
            raise LookupError(f"node {target} cannot be reached")
        return found

    def _search(self, source: int) -> dict[int, Arc]:
        back: dict[int, Arc] = {}
        queue = deque([source])
        while queue:
            for arc in self.out[queue.popleft()]:
                if arc.target not in back and arc.target != source:
                    back[arc.target] = arc
                    queue.append(arc.target)
        return back


def graph_of(space: Space) -> Graph:
    """Put the configurations of *space* that behave alike together."""
    moves = _moves(space)
    node_of = _refined(space, moves)
    first: dict[int, int] = {}
    for place, node in enumerate(node_of):
        first.setdefault(node, place)
    arcs: list[Arc] = []
    for node, place in first.items():
        for edge in space.out[place]:
            target = node_of[edge.target]
            told = (node, edge.event, edge.choice, edge.transition, target, edge.timed)
            arcs.append(Arc(len(arcs), *told))
    events = space.plan.flow.events
    roots = {
        node_of[place]: Start(replaceable=space.orders[place].replaceable)
        for place in reversed(range(space.roots))
    }
    return Graph(
        space=space,
        status=tuple(space.orders[place].status for place in first.values()),
        roots=tuple(sorted(roots.items(), key=lambda item: item[0])),
        arcs=tuple(arcs),
        refused=tuple(_refused(space, place, events, moves[place]) for place in first.values()),
        node_of=tuple(node_of),
        orders=tuple(space.orders[place] for place in first.values()),
    )


def _moves(space: Space) -> list[dict[Input, tuple[str, int]]]:
    """(transition, target) of every input each configuration takes."""
    found: list[dict[Input, tuple[str, int]]] = [{} for _ in space.orders]
    for edge in space.edges:
        found[edge.source][edge.event, edge.choice] = (edge.transition, edge.target)
    return found


def _refined(space: Space, moves: list[dict[Input, tuple[str, int]]]) -> list[int]:
    """Node number of each configuration; nodes are numbered as they are first met."""
    events = space.plan.flow.events
    exists = [
        tuple((event, choice) for event in events for choice in choices(event, order))
        for order in space.orders
    ]
    keys: list[object] = [
        (order.status, known) for order, known in zip(space.orders, exists, strict=True)
    ]
    nodes, count = numbered(keys)
    while True:
        keys = [
            (
                nodes[place],
                tuple(
                    (key, told[0], nodes[told[1]])
                    for key in exists[place]
                    if (told := moves[place].get(key)) is not None
                ),
            )
            for place in range(len(space.orders))
        ]
        nodes, new = numbered(keys)
        if new == count:
            return nodes
        count = new


def numbered(keys: list[object]) -> tuple[list[int], int]:
    """The number of each key, in the order in which they are first met, and how many there are."""
    known: dict[object, int] = {}
    return [known.setdefault(key, len(known)) for key in keys], len(known)


def _refused(
    space: Space, place: int, events: tuple[str, ...], taken: dict[Input, tuple[str, int]]
) -> tuple[Input, ...]:
    """Inputs that a configuration refuses.

    An event that no transition takes there comes with its usual data only: the data of a call that
    is out of place makes no difference. Where some transition takes the event, each kind of data is
    an input of its own, since guards decide.
    """
    order, plan = space.orders[place], space.plan
    found: list[Input] = []
    for event in events:
        known = choices(event, order)
        branches = plan.branches.get((order.status, event))
        if branches is None:
            found.append((event, known[0] if NONE not in known else NONE))
            continue
        if all(branch.wait is not None for branch in branches):
            found.append((event, EARLY))
        found += [(event, each) for each in known if (event, each) not in taken]
    return tuple(found)


def inputs_of(graph: Graph) -> tuple[Input, ...]:
    """All inputs some node takes or refuses, in the order of the flow's events."""
    met = {arc.input for arc in graph.arcs} | {each for row in graph.refused for each in row}
    events = graph.space.plan.flow.events
    order = [(event, choice) for event in events for choice in (NONE, *every_choice(event), EARLY)]
    return tuple(each for each in order if each in met)
