"""Orders in one node behave alike for ever; orders in two nodes can be told apart."""

from __future__ import annotations

import pytest

from orderflow.conformance.suites.graph import Graph, graph_of, inputs_of
from orderflow.conformance.suites.rehearse import Rehearsal
from orderflow.flows.loader import bundled, bundled_names
from orderflow.flows.model import Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.choices import choices
from orderflow.simulator.scenario import Act
from orderflow.simulator.space import search

EVERY_VIEW = [(name, profile) for name in bundled_names() for profile in Profile]


def graph(name: str, profile: Profile = Profile.DOCUMENTED) -> Graph:
    return graph_of(search(bundled(name).view(profile), defaults()))


@pytest.mark.parametrize(("name", "profile"), EVERY_VIEW)
def test_configurations_of_one_node_take_the_same_inputs_to_the_same_nodes(
    name: str, profile: Profile
) -> None:
    found = graph(name, profile)
    space = found.space
    for place, node in enumerate(found.node_of):
        mine = {
            (edge.event, edge.choice): (edge.transition, found.node_of[edge.target], edge.timed)
            for edge in space.out[place]
        }
        nodes = {arc.input: (arc.transition, arc.target, arc.timed) for arc in found.out[node]}

        assert mine == nodes
        assert space.orders[place].status == found.status[node]
        for event in space.plan.flow.events:
            known = choices(event, space.orders[place])
            assert known == choices(event, found.orders[node])


@pytest.mark.parametrize("name", bundled_names())
def test_two_nodes_of_one_status_differ_in_what_some_word_shows(name: str) -> None:
    found = graph(name)
    moves = [{arc.input: arc.target for arc in row} for row in found.out]
    exists = [frozenset({*moves[node], *found.refused[node]}) for node in range(len(moves))]
    nodes = range(len(found.status))
    apart = {
        (one, other)
        for one in nodes
        for other in nodes
        if found.status[one] != found.status[other]
        or set(moves[one]) != set(moves[other])
        or exists[one] != exists[other]
    }
    grown = True
    while grown:
        more = {
            (one, other)
            for one in nodes
            for other in nodes
            if (one, other) not in apart
            and any((moves[one][key], moves[other][key]) in apart for key in moves[one])
        }
        grown = bool(more)
        apart |= more

    same = {(one, other) for one in nodes for other in nodes} - apart
    names = {
        (one, other)
        for one, other in same
        if {arc.transition for arc in found.out[one]}
        == {arc.transition for arc in found.out[other]}
    }
    assert {(one, other) for one, other in names if one != other} == set()


@pytest.mark.parametrize("name", bundled_names())
def test_what_a_node_refuses_is_refused_and_nothing_else(name: str) -> None:
    found = graph(name)
    for node in range(len(found.status)):
        start, way = found.access(node)
        for event, choice in (*found.refused[node], *(arc.input for arc in found.out[node])):
            rehearsal = Rehearsal(found.space.plan, start)
            for arc in way:
                rehearsal.play(arc.act)
            step = rehearsal.play(Act(event, choice)).step

            assert step.refused == ((event, choice) in found.refused[node]), (node, event, choice)


def test_inputs_are_listed_once_in_the_order_of_the_flow() -> None:
    found = graph("seller")
    inputs = inputs_of(found)

    assert len(set(inputs)) == len(inputs)
    assert {arc.input for arc in found.arcs} <= set(inputs)
    assert ("grace_period_over", "early") in inputs
    events = list(dict.fromkeys(event for event, _ in inputs))
    assert events == [event for event in found.space.plan.flow.events if event in events]
