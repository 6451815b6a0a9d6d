"""A broken flow is followed from where it first differs, and that loses nothing."""

from __future__ import annotations

from itertools import islice

import pytest

from orderflow.conformance.mutation.flow_operators import flow_mutants
from orderflow.conformance.mutation.mutant import Mutant, Operator
from orderflow.conformance.mutation.rule_ways import Ground, ends_in_time, ground_of, onward, rests
from orderflow.flows.loader import bundled
from orderflow.flows.model import Flow
from orderflow.flows.settings import defaults
from orderflow.simulator.machine import Plan, compile_plan
from orderflow.simulator.space import Space, key_of, search

NAMES = ("marketplace", "seller", "complete", "chain")
GROUNDS = {name: ground_of(bundled(name).view(), defaults()) for name in NAMES}
each = pytest.mark.parametrize("name", NAMES)


def sample(flow: Flow, every: int) -> list[Mutant]:
    """Some mutants of each operator, always the same."""
    kinds: dict[str, list[Mutant]] = {}
    for mutant in flow_mutants(flow):
        kinds.setdefault(mutant.operator, []).append(mutant)
    return [mutant for found in kinds.values() for mutant in islice(found, 0, None, every)]


def mutant_of(name: str, id_: str) -> Mutant:
    return next(each for each in flow_mutants(GROUNDS[name].flow) if each.id == id_)


def branches(plan: Plan) -> dict[tuple[str, str], list[tuple[str, int, int | None]]]:
    return {
        cell: [(each.step.id, len(each.guards), each.wait) for each in found]
        for cell, found in plan.branches.items()
    }


@each
def test_a_trail_ends_in_the_configuration_it_is_the_way_to(name: str) -> None:
    ground = GROUNDS[name]

    for place, order in enumerate(ground.space.orders):
        trail = ground.trail(place)
        assert ground.key(trail) == key_of(order, ground.space.facts)
        assert len(trail.steps) == len(ground.path(place))
        assert sorted(step.at for step in trail.steps) == [step.at for step in trail.steps]


@each
def test_the_plan_of_a_broken_flow_is_the_one_that_would_be_compiled(name: str) -> None:
    ground = GROUNDS[name]

    for mutant in sample(ground.flow, 60):
        assert branches(ground.broken(mutant)[0]) == branches(
            compile_plan(mutant.flow, defaults())
        ), mutant.id


def configurations(space: Space) -> set[tuple[object, ...]]:
    """What can happen in each configuration, whatever the transitions are called."""
    keys = {number: key for key, number in space.numbers.items()}
    return {
        (
            keys[edge.source],
            (edge.event, edge.choice, edge.timed),
            space.plan.flow.transition[edge.transition].actors,
            keys[edge.target],
        )
        for edge in space.edges
    }


def differs(ground: Ground, mutant: Mutant) -> bool:
    return next(ground.differences(*ground.broken(mutant)), None) is not None


@each
def test_no_difference_is_found_when_and_only_when_there_is_none(name: str) -> None:
    ground = GROUNDS[name]
    sound = configurations(search(ground.flow, defaults(), more=ground.space.facts))
    different = []

    drops = [m for m in flow_mutants(ground.flow) if m.operator is Operator.GUARD_DROPPED]
    for mutant in (*sample(ground.flow, 500), *drops):
        if mutant.transition and ground.flow.transition[mutant.transition].creates:
            continue  # a flow that never begins has no configurations
        space = search(mutant.flow, defaults(), more=ground.space.facts)
        different.append(configurations(space) != sound)
        assert differs(ground, mutant) == different[-1], mutant.id
    assert {*different} == {True, False}


def test_an_order_rests_where_a_step_of_the_platform_is_missing() -> None:
    ground = GROUNDS["seller"]
    place = ground.by_status["start-handling"][0]
    broken, _ = ground.broken(mutant_of("seller", "S09/delete"))

    assert not rests(ground.space.plan, ground.trail(place))
    assert rests(broken, ground.trail(place))
    assert list(onward(broken, ground.trail(place))) == []


def test_a_time_limit_that_is_missing_ends_nothing() -> None:
    ground = GROUNDS["seller"]
    trail = ground.trail(ground.by_status["window-to-cancel"][0])
    broken, _ = ground.broken(mutant_of("seller", "S07/delete"))
    early, _ = ground.broken(mutant_of("seller", "S07/timer-off"))

    assert ends_in_time(ground.space.plan, trail)
    assert not ends_in_time(broken, trail)
    assert not ends_in_time(early, trail)
