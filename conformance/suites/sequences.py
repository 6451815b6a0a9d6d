"""Every arc, every pair, every longer sequence of arcs, with the fewest orders and calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from orderflow.conformance.drive import Start
from orderflow.conformance.suites.graph import Arc, Graph
from orderflow.conformance.suites.postman import cheapest_tours
from orderflow.conformance.suites.practice import Practice
from orderflow.flows.errors import OrderflowError

Route = tuple[Start, tuple[Arc, ...]]
"""How an order begins, and the arcs it takes."""

MOST_SEQUENCES = 6_000
"""Sequences beyond which no suite is made of them: it would take hours to run."""

MOST_PLANNED = 1_200
"""Sequences beyond which the cheapest routes take too long to plan, and short ones have to do."""


class SequencesError(OrderflowError):
    """There are too many sequences of arcs for a suite."""


class Routes(NamedTuple):
    """Routes that take all sequences of some length.

    Attributes:
        routes: The routes, as orders can really go them.
        sequences: How many sequences they take.
        lost: Sequences that no order was found to be able to go.
        least: What taking them all costs at least, as the graph has them: calls, and the price of
            a new order for each order. None when there are too many to know.
    """

    routes: tuple[Route, ...]
    sequences: int
    lost: tuple[tuple[Arc, ...], ...]
    least: int | None


def routes_through(graph: Graph, length: int, reset_cost: int) -> Routes:
    """Routes that take every sequence of *length* arcs, and shorter ones that end too early.

    Args:
        graph: The graph.
        length: Arcs of a sequence: 1 for every arc, 2 for every pair.
        reset_cost: What a new order costs, in calls.

    Raises:
        SequencesError: There are more than :data:`MOST_SEQUENCES`.
    """
    count = _count(graph, length)
    if count > MOST_SEQUENCES:
        raise SequencesError(
            f"there are {count:,} sequences of {length} steps, more than {MOST_SEQUENCES:,}; "
            "take shorter ones, or pairs"
        )
    whole, short = _sequences(graph, length), _too_short(graph, length)
    least: int | None = None
    if len(whole) > MOST_PLANNED:
        planned = _chained(graph, whole)
    else:
        planned, least = _planned(graph, whole, length, reset_cost)
        least += sum(len(route[1]) + reset_cost for route in short)
    routes, lost = _tried(graph, sorted([*planned, *short], key=_in_order), length)
    return Routes(routes, len(whole) + len(short) - len(lost), lost, least)


def _in_order(route: Route) -> tuple[int, ...]:
    start, arcs = route
    return (not start.replaceable, *(arc.number for arc in arcs))


def _count(graph: Graph, length: int) -> int:
    """How many sequences of *length* arcs there are."""
    ahead = [1] * len(graph.status)
    for _ in range(length):
        ahead = [sum(ahead[arc.target] for arc in row) for row in graph.out]
    return sum(ahead)


def _sequences(graph: Graph, length: int) -> list[tuple[Arc, ...]]:
    """All sequences of *length* arcs."""
    found: list[tuple[Arc, ...]] = [(arc,) for arc in graph.arcs]
    for _ in range(length - 1):
        found = [(*each, arc) for each in found for arc in graph.out[each[-1].target]]
    return found


def _beginnings(graph: Graph, length: int) -> Iterator[Route]:
    """All routes of *length* arcs from a new order."""
    for root, start in graph.roots:
        found: list[tuple[Arc, ...]] = [()]
        for _ in range(length):
            found = [
                (*each, arc)
                for each in found
                for arc in graph.out[each[-1].target if each else root]
            ]
        yield from ((start, arcs) for arcs in found)


def _too_short(graph: Graph, length: int) -> list[Route]:
    """Routes from a new order that end before there are *length* arcs."""
    return [
        (start, arcs)
        for shorter in range(1, length)
        for start, arcs in _beginnings(graph, shorter)
        if not graph.out[arcs[-1].target]
    ]


def _planned(
    graph: Graph, sequences: list[tuple[Arc, ...]], length: int, reset_cost: int
) -> tuple[list[Route], int]:
    """The cheapest routes, and what they cost."""
    if length == 1:
        ends = [(arc.source, arc.target) for arc in graph.arcs]
        firsts: dict[int, Route] = {root: (start, ()) for root, start in graph.roots}
    else:
        number: dict[tuple[Arc, ...], int] = {}
        for each in sequences:
            number.setdefault(each[:-1], len(number))
            number.setdefault(each[1:], len(number))
        ends = [(number[each[:-1]], number[each[1:]]) for each in sequences]
        firsts = {
            number[arcs]: (start, arcs)
            for start, arcs in _beginnings(graph, length - 1)
            if arcs in number
        }
    tours = cheapest_tours(ends, dict.fromkeys(firsts, length - 1), reset_cost)
    routes = []
    for tour in tours.arcs:
        start, arcs = firsts[ends[tour[0]][0]]
        routes.append((start, (*arcs, *(sequences[place][-1] for place in tour))))
    return routes, tours.price


def _chained(graph: Graph, sequences: list[tuple[Arc, ...]]) -> list[Route]:
    """Routes that get to a sequence the shortest way, and on as long as there are new ones."""
    left, routes = dict.fromkeys(sequences), []
    while left:
        first = next(iter(left))
        last: tuple[Arc, ...] | None = first
        start, way = graph.access(first[0].source)
        arcs = [*way, *first]
        while last is not None:
            del left[last]
            ahead = [(*last[1:], arc) for arc in graph.out[arcs[-1].target]]
            last = next((each for each in ahead if each in left), None)
            if last is not None:
                arcs.append(last[-1])
        routes.append((start, tuple(arcs)))
    return routes


def _tried(
    graph: Graph, routes: list[Route], length: int
) -> tuple[tuple[Route, ...], tuple[tuple[Arc, ...], ...]]:
    """Cut routes that an order cannot go to the end, and say what none can go at all."""
    practice, kept, lost = Practice(graph), [], []
    for start, arcs in routes:
        way: tuple[Arc, ...] = ()
        begin, rest = start, arcs
        while rest:
            taken = practice.followed(begin, (*way, *rest)) - len(way)
            if taken < min(length, len(rest)):
                lost.append(rest[:length])
                rest = rest[1:] if len(rest) > length else ()
            else:
                kept.append((begin, (*way, *rest[:taken])))
                rest = rest[taken - length + 1 :] if taken < len(rest) else ()
            if rest:
                begin, way = graph.access(rest[0].source)
    return tuple(kept), tuple(dict.fromkeys(lost))
