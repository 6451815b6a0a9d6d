"""The cheapest tours that take every arc of a directed graph: the one doorway to networkx here.

This is the rural postman with resets: every arc at least once, and from anywhere, at the price of
a new order, back to where orders begin. Balancing the nodes is a flow of least cost; with the arcs
it doubles every node is entered as often as it is left, and an Euler circuit through the resets
falls into tours, one for each order. Tours never lead from one part of the graph into another that
nothing connects with it, so each part is planned alone, and what is cheapest for each is cheapest.

Source: Edmonds and Johnson, "Matching, Euler tours and the Chinese postman", 1973, section 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import networkx as nx

Ends = tuple[int, int]
"""Tail and head of an arc; nodes are whole numbers from 0."""

_HUB = -1
"""The node all resets lead through; in a network the one where tours end."""

_OUTSET = -2
"""In a network, the node where tours begin."""


class Tours(NamedTuple):
    """Tours that take every arc together.

    Attributes:
        arcs: Places of the arcs each tour takes, one after the other.
        price: What they cost together, beginnings and resets included: no tours cost less.
    """

    arcs: tuple[tuple[int, ...], ...]
    price: int


class _Routes:
    """The arcs of the tours to be; each may be there several times.

    Attributes:
        graph: Nodes and arcs; the key of an arc is its number.
        places: By the number of an arc, the place of what it stands for; -1 for a reset.
    """

    def __init__(self) -> None:
        self.graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
        self.places: list[int] = []

    def add(self, tail: int, head: int, place: int = -1) -> None:
        """Add an arc."""
        self.graph.add_edge(tail, head, key=len(self.places))
        self.places.append(place)

    def tours(self) -> Iterator[tuple[int, ...]]:
        """What an Euler circuit falls into at the resets."""
        tour: list[int] = []
        for _, head, number in nx.eulerian_circuit(self.graph, source=_HUB, keys=True):
            place = self.places[int(number)]
            if place >= 0:
                tour.append(place)
            if head == _HUB:
                yield tuple(tour)
                tour = []


def cheapest_tours(arcs: Sequence[Ends], begins: Mapping[int, int], reset_cost: int) -> Tours:
    """Plan tours that take all *arcs*.

    Args:
        arcs: Each costs 1 every time it is taken; all can be reached from some beginning.
        begins: Nodes where a tour may begin, each with what it costs to get there.
        reset_cost: What a new tour costs besides.
    """
    found = [_planned(arcs, part, begins, reset_cost) for part in _parts(arcs)]
    return Tours(
        tuple(tour for each in found for tour in each.arcs), sum(each.price for each in found)
    )


def _parts(arcs: Sequence[Ends]) -> list[list[int]]:
    """The places of the arcs of each part that nothing connects with the others."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_edges_from(arcs)
    part_of = {
        node: number for number, part in enumerate(nx.connected_components(graph)) for node in part
    }
    found: dict[int, list[int]] = {}
    for place, (tail, _) in enumerate(arcs):
        found.setdefault(part_of[tail], []).append(place)
    return list(found.values())


def _planned(
    arcs: Sequence[Ends], places: Sequence[int], begins: Mapping[int, int], reset_cost: int
) -> Tours:
    """The cheapest tours that take the arcs at *places*, which are one part of the graph."""
    routes, price = _Routes(), len(places)
    first: dict[Ends, int] = {}
    for place in places:
        routes.add(*arcs[place], place)
        first.setdefault(arcs[place], place)
    for tail, head, times, cost in _doubled([arcs[place] for place in places], begins, reset_cost):
        price += times * cost
        ends = (max(tail, _HUB), max(head, _HUB))
        for _ in range(times if ends != (_HUB, _HUB) else 0):
            routes.add(*ends, first.get(ends, -1))
    return Tours(tuple(routes.tours()), price)


def _doubled(
    arcs: Sequence[Ends], begins: Mapping[int, int], reset_cost: int
) -> Iterator[tuple[int, int, int, int]]:
    """(tail, head, times, cost each) of what has to be added so that every node is balanced.

    One tour there has to be: the arc from where tours end to where they begin is taken, too.
    """
    network: nx.DiGraph[int] = nx.DiGraph()
    demand = {_HUB: 1, _OUTSET: -1}
    network.add_edge(_HUB, _OUTSET, weight=0)
    for tail, head in arcs:
        demand[tail] = demand.get(tail, 0) + 1
        demand[head] = demand.get(head, 0) - 1
        network.add_edge(tail, head, weight=1)
    for node in sorted(demand):
        if node >= 0:
            network.add_edge(node, _HUB, weight=reset_cost)
        network.nodes[node]["demand"] = demand[node]
    for node, cost in begins.items():
        if node in demand:
            network.add_edge(_OUTSET, node, weight=cost)
    for tail, flows in nx.min_cost_flow(network).items():
        for head, times in flows.items():
            if times:
                yield tail, head, times, network.edges[tail, head]["weight"]
