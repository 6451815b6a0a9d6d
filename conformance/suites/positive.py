"""Suites of legal steps only: every status, every step, every pair, every longer sequence."""

from __future__ import annotations

from orderflow.conformance.suites.case import Guarantee
from orderflow.conformance.suites.draft import Draft, Walk
from orderflow.conformance.suites.graph import Graph
from orderflow.conformance.suites.practice import reached
from orderflow.conformance.suites.sequences import Route, Routes, routes_through
from orderflow.conformance.suites.wording import way_of


def states(graph: Graph) -> Draft:
    """The shortest ways that visit every node together."""
    routes = [graph.access(node) for node in reached(graph)]
    ways = {(start, tuple(arc.number for arc in arcs)) for start, arcs in routes}
    inner = {(start, way[:end]) for start, way in ways for end in range(len(way))}
    leaves = [
        (start, arcs)
        for start, arcs in routes
        if arcs and (start, tuple(arc.number for arc in arcs)) not in inner
    ]
    figures = (
        ("statuses", len({graph.status[arc.target] for arc in graph.arcs})),
        ("data classes", len({arc.target for arc in graph.arcs})),
    )
    told = (
        "It is no system that an order cannot be brought into some status, or with some kind of "
        "data, by the shortest way. Whether its other steps exist is not tried."
    )
    walks = tuple(_walk(graph, route) for route in leaves)
    return Draft("states", walks, Guarantee("states", told, figures))


def transitions(graph: Graph, reset_cost: int) -> Draft:
    """Every arc, with the fewest calls and new orders."""
    told = (
        "It takes each legal step with each kind of data once, and ends where the flow does. What "
        "it does after other steps, the next time, or with illegal ones, is not tried."
    )
    return _draft(graph, "transitions", routes_through(graph, 1, reset_cost), told, "steps")


def pairs(graph: Graph, reset_cost: int) -> Draft:
    """Every two arcs in a row, with the fewest calls and new orders."""
    told = (
        "It takes each legal step after each legal step before it, and ends where the flow does. A "
        "system that counts, or remembers more than its last step, may still go wrong; illegal "
        "steps are not tried."
    )
    return _draft(graph, "pairs", routes_through(graph, 2, reset_cost), told, "pairs of steps")


def switch(graph: Graph, number: int, reset_cost: int) -> Draft:
    """Every *number* + 1 arcs in a row.

    Raises:
        SequencesError: There are too many.
    """
    told = (
        f"It takes each legal step after each {number} legal steps before it, and ends where the "
        "flow does. A system that counts, or remembers more, may still go wrong; illegal steps are "
        "not tried."
    )
    routes = routes_through(graph, number + 1, reset_cost)
    return _draft(graph, f"switch:{number}", routes, told, f"sequences of {number + 1}")


def _draft(graph: Graph, cover: str, found: Routes, told: str, counts: str) -> Draft:
    figures = [("transitions", len(graph.by_transition)), ("steps", len(graph.arcs))]
    if counts != "steps":
        figures.append((counts, found.sequences))
    if found.lost:
        figures.append((f"{counts} no order can go", len(found.lost)))
    walks = tuple(_walk(graph, route) for route in found.routes)
    return Draft(cover, walks, Guarantee(cover, told, tuple(figures)))


def _walk(graph: Graph, route: Route) -> Walk:
    start, arcs = route
    return Walk(way_of(graph, arcs), start, tuple(arc.act for arc in arcs))
