"""Chance alone reaches every step, tries what is forbidden, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from orderflow.conformance.check import Sightings
from orderflow.conformance.drive import Driver, Start
from orderflow.conformance.explore import Budget, Moves, explore, simplest_start
from orderflow.conformance.strategies import items, number, random_start, starts, waits
from orderflow.flows.settings import defaults
from orderflow.simulator.order import Item
from orderflow.simulator.scenario import format_items, milliseconds, parse_items
from tests.conformance.subjects import NAMES, collecting, space_of, view

MODEST = Budget(examples=30, steps=30, seed=0)


def explored(name: str, budget: Budget) -> tuple[Driver, Sightings]:
    driver, sightings = Driver(space_of(name), defaults()), Sightings()
    explore(driver, budget, collecting(driver, sightings))
    return driver, sightings


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", NAMES)
def test_every_transition_is_reached_without_a_tour_and_forbidden_events_are_poked_at(
    name: str, seed: int
) -> None:
    driver, sightings = explored(name, Budget(60, 30, seed))

    taken = {step for step, count in driver.coverage.transitions.items() if count}
    assert taken == set(driver.space.by_transition)
    assert sightings.found == {}
    refused = driver.coverage.refused
    illegal = {cell for cell in refused if cell not in view(name).leaving}
    assert len(illegal) > 50
    assert refused.total() > driver.coverage.steps // 10


def test_one_poke_ends_when_the_order_moves() -> None:
    driver = Driver(space_of("seller"), defaults())
    moves = Moves(driver, lambda: None)
    for salt in range(50):
        driver.begin()
        moves.poke(moves.chance(salt))

        assert all(not done.events for done in driver.done[:-1])


def test_orders_differ_in_what_they_hold() -> None:
    held: set[str] = set()
    driver = Driver(space_of("seller"), defaults())

    explore(driver, MODEST, lambda: held.add(format_items(driver.start.items)))

    assert len(held) > 40
    assert any(":pickup" in text for text in held)
    assert any("," in text for text in held)
    assert any("@" in text for text in held)


def test_no_examples_no_moves() -> None:
    driver, _ = explored("seller", Budget(0, 30, 0))

    assert driver.coverage.steps == 0


def test_the_same_seed_explores_the_same_and_another_does_not() -> None:
    once, again, other = (explored("seller", Budget(6, 12, seed))[0] for seed in (1, 1, 2))

    assert once.coverage.pairs == again.coverage.pairs
    assert once.coverage.refused == again.coverage.refused
    assert once.simulator.history() == again.simulator.history()
    assert once.coverage.pairs != other.coverage.pairs


@pytest.mark.parametrize("name", ["default", "ci", "loud"])
def test_the_profile_of_somebodys_tests_changes_nothing(name: str) -> None:
    usual = hypothesis.settings.get_current_profile_name()
    expected = explored("chain", Budget(5, 10, 3))[0].coverage
    found_start = Start(tuple(Item(f"item-{n}", n, n * 700) for n in (1, 2, 3)), replaceable=False)
    hypothesis.settings.register_profile(
        "loud",
        verbosity=hypothesis.Verbosity.debug,
        max_examples=1,
        stateful_step_count=1,
        print_blob=True,
        phases=[hypothesis.Phase.explicit],
    )
    spoken = io.StringIO()
    try:
        hypothesis.settings.load_profile(name)
        with contextlib.redirect_stdout(spoken):
            found = explored("chain", Budget(5, 10, 3))[0].coverage
            simple = simplest_start(lambda start: len(start.items) > 1, found_start, 0)
    finally:
        hypothesis.settings.load_profile(usual)

    assert (found.pairs, found.refused) == (expected.pairs, expected.refused)
    assert simple == Start((Item("item-1", 1, 2), Item("item-2", 1, 0)))
    assert spoken.getvalue() == ""


def test_no_example_is_kept_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    set_hypothesis_home_dir(tmp_path / "home")
    try:
        explored("chain", Budget(5, 10, 0))
    finally:
        set_hypothesis_home_dir(None)

    assert not list(tmp_path.rglob("examples"))


@pytest.mark.parametrize("patience", [0, 7, 100])
def test_what_the_subject_throws_comes_through(patience: int) -> None:
    driver = Driver(space_of("chain"), defaults())
    visits = iter(range(1_000))

    def breaking() -> None:
        if next(visits) == patience:
            raise LookupError("out of order")

    with pytest.raises(LookupError, match="out of order"):
        explore(driver, MODEST, breaking)


def test_the_simplest_order_that_still_fails_is_found() -> None:
    def fails(start: Start) -> bool:
        return any(item.channel == "pickup-in-point" and item.quantity > 2 for item in start.items)

    found = Start((Item("item-1", 1, 700), Item("item-2", 9, 88_000, "pickup-in-point")))

    assert simplest_start(fails, found, 0).items == (Item("item-1", 3, 2, "pickup-in-point"),)


def test_an_order_that_nothing_simpler_replaces_is_kept() -> None:
    found = Start((Item("item-1", 7, 77_777),), replaceable=False)

    assert simplest_start(lambda start: start == found, found, 0) == found
    assert simplest_start(lambda _: False, found, 0) == found


@given(items())
def test_items_can_be_typed_and_split(found: tuple[Item, ...]) -> None:
    assert parse_items(format_items(found)) == found
    assert sum(item.quantity * item.price for item in found) >= 2
    assert len({item.id for item in found}) == len(found)


@given(st.randoms(use_true_random=False))
def test_a_drawn_start_is_one_the_strategy_knows(chance: object) -> None:
    start = random_start(chance)  # type: ignore[arg-type]  # as good as a Random

    assert parse_items(format_items(start.items)) == start.items
    assert sum(item.quantity * item.price for item in start.items) >= 2


@given(number(3, 99, 99), waits(), starts())
def test_numbers_and_spans_keep_their_bounds(found: int, wait: str, start: Start) -> None:
    assert 0 <= found < 40_000
    assert milliseconds(wait) > 0
    assert all(0 <= item.price < 100_002 for item in start.items)
