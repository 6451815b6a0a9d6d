"""Chance alone finds what is wrong with a deal, and finds nothing wrong with a sound one."""

from __future__ import annotations

from random import Random

import pytest

from orderflow.conformance.deal_check import DealSightings
from orderflow.conformance.deal_drive import DealDriver
from orderflow.conformance.deal_explore import DealMoves, Walk, act_of, deal_tour
from orderflow.conformance.deal_observe import ground_of
from orderflow.conformance.drive import Start
from orderflow.conformance.explore import Budget
from orderflow.conformance.prove_deal import prove_deal
from orderflow.conformance.strategies import random_start
from orderflow.flows.settings import defaults
from orderflow.simulator.deal_scenario import Carry, DealAct, format_deal_acts, parse_deal_acts
from orderflow.simulator.product import Step
from orderflow.simulator.scenario import Act
from tests.conformance.deal_subjects import (
    DEALS,
    HANDLED,
    TWO,
    broken,
    deal_of,
    explored,
    ground,
    sold,
    ways,
    without_link,
)

SMALL = Budget(examples=4, steps=25, seed=0)


@pytest.mark.parametrize("name", DEALS)
def test_a_tour_takes_every_transition_and_breaks_nothing(name: str) -> None:
    driver, sightings = DealDriver(ground(name)), DealSightings()

    deal_tour(driver, ways(name), lambda: sightings.visit(driver))

    assert sightings.found == {}
    assert {goal for goal, count in driver.coverage.transitions.items() if count} == {
        *ways(name).goals
    }


@pytest.mark.parametrize("name", DEALS)
def test_the_tour_goes_for_all_that_the_exhaustive_search_takes(name: str) -> None:
    fired = prove_deal(deal_of(name), defaults(), spaces=ground(name).spaces).fired

    assert fired <= {*ways(name).goals}


@pytest.mark.parametrize("name", DEALS)
def test_exploration_finds_nothing_wrong_with_a_sound_deal(name: str) -> None:
    driver, sightings = explored(ground(name), SMALL, known=ways(name))

    assert sightings.found == {}
    assert driver.coverage.delivered > 20
    assert driver.coverage.refused > 5


def test_every_move_does_something() -> None:
    driver = DealDriver(ground())
    moves = DealMoves(driver, ways(), lambda: None, random_start)
    for move in (moves.new_sale, moves.goto, moves.poke, moves.deliver):
        before = driver.coverage.steps
        move(moves.chance(0))
        assert driver.coverage.steps > before
    now = driver.simulator.now

    moves.advance("1d")

    assert driver.simulator.now >= now + 86_400_000
    assert moves.made == 4


def run_of(seed: int, faults: frozenset[str] = frozenset()) -> list[str]:
    """Everything that one exploration did."""
    found: list[str] = []
    driver = DealDriver(ground())
    moves = DealMoves(driver, ways(), lambda: None, random_start, seed, faults)
    for salt in range(40):
        chance = moves.chance(salt)
        chance.choice((moves.goto, moves.goto, moves.poke, moves.deliver, moves.new_sale))(chance)
        found.append(format_deal_acts(done.act for done in driver.done))
    return found


def test_the_same_seed_does_the_same_and_another_does_not() -> None:
    assert run_of(1) == run_of(1)
    assert run_of(1) != run_of(2)


@pytest.mark.parametrize("seed", range(2))
def test_two_explorations_with_one_seed_are_equal(seed: int) -> None:
    budget = Budget(examples=3, steps=20, seed=seed)

    once, again = (explored(ground(), budget, known=ways())[0] for _ in range(2))

    assert once.coverage.transitions == again.coverage.transitions
    assert once.coverage.links == again.coverage.links
    assert once.coverage.steps == again.coverage.steps


@pytest.mark.parametrize("fault", ["lost", "doubled", "reordered"])
def test_faults_are_acts_and_only_those_asked_for(fault: str) -> None:
    acts = [
        act
        for text in run_of(3, frozenset({fault}))
        for act in parse_deal_acts(text)
        if isinstance(act, Carry)
    ]
    wrong = {act.fate or ("reordered" if act.position else "") for act in acts} - {""}

    assert wrong <= {fault}
    if fault != "reordered":  # there is not always something to overtake
        assert wrong == {fault}


def test_without_faults_no_message_is_lost() -> None:
    assert not any(fate in text for text in run_of(3) for fate in (":lost", ":doubled", ":2"))


def test_a_faulty_run_replays_from_its_acts() -> None:
    driver, sightings = explored(
        ground(), Budget(examples=12, steps=40, seed=0), frozenset({"lost"}), ways()
    )

    assert sightings.found
    for (rule, *_), sighting in sightings.found.items():
        text = format_deal_acts(sighting.acts)
        assert rule in broken(sold(text, start=sighting.start))
    assert driver.coverage.deals > 12


@pytest.mark.parametrize(
    ("link", "rule"),
    [("fully-invoiced", "A-53"), ("order-called-off", "A-65"), ("seller-out", "A-65")],
)
def test_a_link_that_is_missing_is_found_by_exploration_alone(link: str, rule: str) -> None:
    changed = ground_of(without_link(deal_of(TWO), link), defaults())

    _, sightings = explored(changed, Budget(examples=15, steps=40, seed=0))

    assert rule in {identity[0] for identity in sightings.found}


def test_a_walk_stops_where_the_sale_does_not_follow() -> None:
    way = ways().from_start(("seller", "S13"))
    driver = DealDriver(ground())

    assert way is not None
    assert not Walk(driver).follow(way[1:])
    assert len(driver.done) < len(way)


def test_a_walk_skips_what_has_happened_by_itself() -> None:
    name = "complete"
    goal = next(goal for goal in ways(name).goals if goal[0] == "fulfillment")
    way = ways(name).from_start(goal)
    driver = DealDriver(ground(name))

    assert way is not None
    assert Walk(driver).follow(way)
    assert driver.taken[goal] == 1
    assert all(isinstance(done.act, DealAct) for done in driver.done)  # news takes no time there


def test_ways_lead_on_from_where_a_sale_stands() -> None:
    driver = sold(f"{HANDLED} settle")
    watched = driver.watched
    here = ways().here(driver.simulator, lambda name, order: watched[name].place_of(order))
    busy = sold("market.place_order")

    around = ways().near(here)
    invoicing = next(g for g, way in around.items() if way[-1].event == "verify_invoice")

    assert Walk(driver).follow(around[invoicing])
    assert ways().here(busy.simulator, lambda name, order: 0) == -1


def test_steps_of_a_search_become_acts() -> None:
    act = Step("market", "verify_invoice", "part", taken=("M10",))
    lost = Step("seller", sender="market", place=1, ready=-1, fate="lost")
    late = Step("seller", sender="market", place=2, ready=1)
    twice = Step("seller", sender="market", fate="doubled")

    assert act_of(act, 70) == DealAct("market", Act("verify_invoice", "part", 70))
    assert act_of(lost) == Carry("market", "seller", 1, "lost")
    assert act_of(late) == Carry("market", "seller", 1)
    assert act_of(twice) == Carry("market", "seller", 0, "doubled")


def test_sales_differ_in_what_they_hold() -> None:
    starts = {random_start(Random(seed)) for seed in range(5)}

    assert len(starts) == 5
    assert Start() not in starts
