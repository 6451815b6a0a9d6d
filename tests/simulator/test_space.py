"""The space holds every situation an order can get into, and nothing else."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderflow.flows.model import ABSENT, Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.choices import choices, realise
from orderflow.simulator.scenario import Act, play
from orderflow.simulator.simulator import Refused, Simulator
from orderflow.simulator.space import Space, SpaceError, key_of, reachable_statuses, search
from tests.simulator.runs import VIEWS, space_of, viewed

# Statuses that are documented without a way into them (D-21).
NO_WAY_IN = {
    "waiting-for-fulfillment",
    "window-to-change-payment",
    "ready-for-invoicing",
}


def at(space: Space, number: int) -> Simulator:
    """The document of configuration *number*, with its time limits running."""
    order = space.orders[number]
    simulator = Simulator(space.plan.flow, order=order, plan=space.plan, now=order.entered_at)
    simulator._rearm(order.status)
    return simulator


@pytest.mark.parametrize(("name", "profile"), VIEWS)
def test_every_edge_replays_to_the_configuration_it_leads_to(name: str, profile: Profile) -> None:
    space = space_of(name, profile)
    for edge in space.edges:
        simulator = at(space, edge.source)
        happened = play(simulator, Act(edge.event, edge.choice))

        assert not isinstance(happened, Refused), edge
        assert [event.transition for event in happened] == [edge.transition]
        assert (happened[0].cause == "timer") is edge.timed
        assert space.number(simulator.order) == edge.target


@pytest.mark.parametrize(("name", "profile"), VIEWS)
def test_what_is_no_edge_is_refused(name: str, profile: Profile) -> None:
    space = space_of(name, profile)
    for number, order in enumerate(space.orders):
        taken = {(edge.event, edge.choice) for edge in space.out[number]}
        for event in space.plan.flow.events:
            for choice in set(choices(event, order)) - {c for e, c in taken if e == event}:
                data = realise(event, choice, order)
                assert isinstance(at(space, number).attempt(event, data), Refused)


@pytest.mark.parametrize(("name", "profile"), VIEWS)
def test_each_configuration_has_one_number_and_can_be_reached(name: str, profile: Profile) -> None:
    space = space_of(name, profile)
    keys = [key_of(order, space.facts) for order in space.orders]

    assert len(set(keys)) == len(keys)
    assert [space.numbers[key] for key in keys] == list(range(len(keys)))
    assert all(order.status == ABSENT for order in space.orders[: space.roots])
    for number in range(len(keys)):
        assert any(space.path(root, number) is not None for root in range(space.roots))


@pytest.mark.parametrize(("name", "profile"), VIEWS)
def test_paths_are_shortest_and_hang_together(name: str, profile: Profile) -> None:
    space = space_of(name, profile)
    far = {0: 0}
    queue = deque([0])
    while queue:
        here = queue.popleft()
        for edge in space.edges:
            if edge.source == here and edge.target not in far:
                far[edge.target] = far[here] + 1
                queue.append(edge.target)

    for number in range(len(space.orders)):
        path = space.path(0, number)
        assert (path is None) is (number not in far)
        if path:
            assert len(path) == far[number]
            assert [e.source for e in path] == [0, *(e.target for e in path)][:-1]
            assert path[-1].target == number


@pytest.mark.parametrize(("name", "profile"), VIEWS)
def test_every_transition_can_be_taken_unless_nothing_leads_to_its_status(
    name: str, profile: Profile
) -> None:
    space, flow = space_of(name, profile), viewed(name, profile)
    reached = reachable_statuses(space) | {ABSENT}
    missing = [s.id for s in flow.transitions if s.id not in space.by_transition]

    assert {flow.transition[step].source for step in missing}.isdisjoint(reached)
    assert {state.name for state in flow.states} - reached <= NO_WAY_IN
    for transition in space.by_transition:
        way = space.way_to(transition)
        assert way is not None
        assert way[-1].transition == transition
        shortest = [
            space.path(root, e.source)
            for e in space.by_transition[transition]
            for root in range(space.roots)
        ]
        assert len(way) == 1 + min(len(path) for path in shortest if path is not None)
    for transition in missing:
        assert space.way_to(transition) is None


@settings(max_examples=150)
@given(st.sampled_from(VIEWS), st.lists(st.tuples(*(4 * [st.integers(0, 99)])), max_size=40))
def test_no_walk_leaves_the_space(
    view: tuple[str, Profile], picks: list[tuple[int, int, int, int]]
) -> None:
    space = space_of(*view)
    simulator = at(space, 0)
    for which, how, percent, wait in picks:
        if wait % 3 == 0:
            simulator.advance(wait * wait * 300_000)
        events = simulator.accepts()
        if not events:
            break
        event = events[which % len(events)]
        kinds = choices(event, simulator.order)
        draw = Act(event, "", percent).draw
        data = realise(event, kinds[how % len(kinds)], simulator.order, draw)
        before = space.number(simulator.order)
        result = simulator.attempt(event, data)
        if isinstance(result, Refused):
            continue
        after = space.number(simulator.order)
        assert before is not None
        assert (result.transition, after) in {(e.transition, e.target) for e in space.out[before]}


def test_a_search_gives_up_at_its_limit() -> None:
    flow = viewed("seller")
    size = len(space_of("seller").orders)

    assert len(search(flow, defaults(), limit=size).orders) == size
    with pytest.raises(SpaceError, match=f"seller flow has more than {size - 1} configurations"):
        search(flow, defaults(), limit=size - 1)
