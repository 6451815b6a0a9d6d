"""The planned tours take every arc, and no tours that do cost less."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.conformance.suites.positive import pairs, switch, transitions
from orderflow.conformance.suites.postman import cheapest_tours
from orderflow.conformance.suites.sequences import SequencesError, routes_through
from tests.conformance.suites.generated import APART, LOOP, NAMES, STOCK, graph, price, small

Arcs = tuple[tuple[int, int], ...]


def cheapest(arcs: Arcs, begins: dict[int, int], reset_cost: int) -> int:
    """The least price, by searching all there is: where the tour stands, and what it has taken."""
    queue: deque[tuple[int, int, int]] = deque()
    best: dict[tuple[int, int], int] = {}
    for node, cost in begins.items():
        best[node, 0] = cost + reset_cost
        queue.append((node, 0, cost + reset_cost))
    while queue:
        at, taken, paid = queue.popleft()
        if best[at, taken] < paid:
            continue
        ahead = [
            (head, taken | 1 << place, paid + 1)
            for place, (tail, head) in enumerate(arcs)
            if tail == at
        ]
        ahead += [(node, taken, paid + cost + reset_cost) for node, cost in begins.items()]
        for node, more, cost in ahead:
            if cost < best.get((node, more), 10**9):
                best[node, more] = cost
                queue.append((node, more, cost))
    return min(paid for (_, taken), paid in best.items() if taken == (1 << len(arcs)) - 1)


@st.composite
def graphs(draw: st.DrawFn) -> Arcs:
    """Up to seven arcs between up to five nodes, each of which can be reached from node 0."""
    count = draw(st.integers(1, 4))
    arcs = [(draw(st.integers(0, node - 1)), node) for node in range(1, count + 1)]
    nodes = st.integers(0, len(arcs))
    arcs += draw(st.lists(st.tuples(nodes, nodes), max_size=7 - len(arcs)))
    return tuple(arcs)


@given(graphs(), st.integers(0, 6))
def test_no_tours_that_take_all_arcs_cost_less(arcs: Arcs, reset_cost: int) -> None:
    tours = cheapest_tours(arcs, {0: 0}, reset_cost)

    for tour in tours.arcs:
        assert arcs[tour[0]][0] == 0
        assert all(arcs[one][1] == arcs[two][0] for one, two in pairwise(tour))
    assert {place for tour in tours.arcs for place in tour} == set(range(len(arcs)))
    assert sum(len(tour) + reset_cost for tour in tours.arcs) == tours.price
    assert tours.price == cheapest(arcs, {0: 0}, reset_cost)


def test_parts_of_a_graph_that_nothing_connects_each_get_their_tour() -> None:
    tours = cheapest_tours([(0, 1), (1, 0), (2, 3), (3, 2)], {0: 0, 2: 1}, 5)

    assert sorted(tours.arcs) == [(0, 1), (2, 3)]
    assert tours.price == 4 + 1 + 2 * 5


def test_a_part_that_could_be_a_circle_is_left_where_that_saves_a_step() -> None:
    # A circle through all three arcs takes one of them twice; an order need not come back.
    tours = cheapest_tours([(0, 1), (2, 3), (2, 3), (3, 2)], {0: 0, 2: 0}, 5)

    assert sorted(map(len, tours.arcs)) == [1, 3]
    assert tours.price == 4 + 2 * 5


@given(graphs(), graphs(), st.integers(0, 6), st.integers(0, 3))
def test_two_parts_cost_what_each_costs_alone(
    one: Arcs, two: Arcs, reset_cost: int, begin: int
) -> None:
    apart = tuple((tail + 10, head + 10) for tail, head in two)

    tours = cheapest_tours((*one, *apart), {0: 0, 10: begin}, reset_cost)

    alone = cheapest(one, {0: 0}, reset_cost), cheapest(two, {0: begin}, reset_cost)
    assert tours.price == sum(alone)
    assert {place for tour in tours.arcs for place in tour} == set(range(len(one) + len(two)))


def test_a_flow_whose_stores_never_meet_costs_the_least() -> None:
    found = small(APART)

    assert len(found.roots) == 2
    for length in (1, 2):
        routes = routes_through(found, length, 5)
        assert not routes.lost
        assert sum(len(arcs) + 5 for _, arcs in routes.routes) == routes.least
        assert {start.replaceable for start, _ in routes.routes} == {True, False}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("reset_cost", [0, 1, 5, 50])
def test_transitions_and_pairs_cost_the_least(name: str, reset_cost: int) -> None:
    found = graph(name)

    assert price(transitions(found, reset_cost), reset_cost) == (
        routes_through(found, 1, reset_cost).least
    )
    assert price(pairs(found, reset_cost), reset_cost) == routes_through(found, 2, reset_cost).least


def test_the_dearer_a_new_order_the_fewer_there_are() -> None:
    # place, start, come back, start, cancel: with cheap orders two, with dear ones one
    assert [len(transitions(small(LOOP), cost).walks) for cost in (0, 5)] == [1, 1]
    # every order of the other flow ends for good, and three steps lead to the two ends
    assert [len(transitions(small(STOCK), cost).walks) for cost in (0, 5, 50)] == [3, 3, 3]


def test_a_small_flow_has_the_suite_a_person_would_write() -> None:
    (walk,) = transitions(small(LOOP), 5).walks

    assert [str(act) for act in walk.acts] == [
        "place_order",
        "start_handling",
        "request_cancel",
        "start_handling",
        "cancel_order",
    ]


def test_a_walk_that_runs_out_of_money_goes_on_with_another_order() -> None:
    found = routes_through(graph("marketplace"), 3, 5)
    paid = sum(len(arcs) + 5 for _, arcs in found.routes)

    assert found.least is not None
    assert paid > found.least  # some tours had to be cut
    assert not found.lost


def test_too_many_sequences_are_counted_and_refused() -> None:
    with pytest.raises(SequencesError, match=r"there are 25,234 sequences of 6 steps"):
        switch(graph("marketplace"), 5, 5)
