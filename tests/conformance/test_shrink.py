"""A failing run shrinks to one that breaks the same rule at the same step, as short as can be."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from orderflow.conformance import drive
from orderflow.conformance.check import Sighting, Sightings
from orderflow.conformance.drive import Driver, Start
from orderflow.conformance.explore import Budget, explore
from orderflow.conformance.failure import failure_of, shrunk
from orderflow.conformance.judge import judge
from orderflow.conformance.record import Finding, Outcome, Record
from orderflow.conformance.rules import RULES
from orderflow.conformance.shrink import Acts, Shrinker, run, trouble_in
from orderflow.flows.settings import defaults
from orderflow.simulator.order import Item
from orderflow.simulator.scenario import Act, format_items, parse_acts
from tests.conformance.shortest import shortest
from tests.conformance.subjects import EXAMPLES, HANDLING, INVOICED, acts_of, space_of

MOST_STEPS = 14
"""The breadth-first search looks no deeper: beyond that it takes seconds."""


class Collector:
    """Keeps every failing run, where a check keeps the shortest."""

    def __init__(self, driver: Driver, most: int) -> None:
        self.driver, self.most = driver, most
        self.runs: list[tuple[tuple[str, str], Start, Acts]] = []

    def visit(self) -> None:
        self.driver.judge()
        for trouble in self.driver.troubles[:2]:
            if len(self.runs) < self.most:
                self.runs.append((trouble.identity, self.driver.start, acts_of(self.driver)))


@cache
def best(name: str, identity: tuple[str, str]) -> int | None:
    return shortest(space_of(name), identity, deepest=MOST_STEPS)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_random_failing_runs_shrink_to_the_optimum(path: Path, seed: int) -> None:
    space = space_of(str(path))
    driver = Driver(space, defaults())
    collector = Collector(driver, most=8)
    explore(driver, Budget(10, 12, seed), collector.visit)

    for identity, start, acts in collector.runs:
        shrinker = Shrinker(space, defaults(), identity, start)
        short = shrinker.shrink(acts)

        assert trouble_in(run(space, defaults(), short, start), identity) is not None
        assert len(short) <= len(acts)
        assert shrinker.runs <= 40 + 4 * len(acts)
        optimum = best(str(path), identity)
        assert optimum is None or optimum <= len(short) <= optimum + 2


def test_chance_finds_failing_runs_that_are_worth_shrinking() -> None:
    name = next(str(path) for path in EXAMPLES if path.stem == "denial-to-the-wrong-status")
    driver = Driver(space_of(name), defaults())
    collector = Collector(driver, most=80)

    explore(driver, Budget(60, 30, 0), collector.visit)

    assert len(collector.runs) > 2
    assert max(len(acts) for *_, acts in collector.runs) > 12


def test_a_refusal_shrinks_like_a_step() -> None:
    """A system that does not know an event: the run ends with its refusal."""
    name = "seller"
    long = parse_acts(f"{HANDLING} request_cancel deny_cancel start_handling verify_invoice:rest")
    space = space_of(name)
    identity = ("I-09", "S08")

    class Deaf(Shrinker):
        def fails(self, acts: Acts) -> bool:
            self.runs += 1
            return "start_handling" in [act.event for act in acts]

    assert Deaf(space, defaults(), identity, Start()).shrink(long) == (Act("start_handling"),)


def test_canonical_amounts_are_preferred() -> None:
    name = next(str(path) for path in EXAMPLES if path.stem == "invoiced-on-a-partial-sum")
    acts = parse_acts(f"{HANDLING} verify_invoice:part@3 add_invoice_partial")
    identity = ("A-39", "S11")

    short = Shrinker(space_of(name), defaults(), identity, Start()).shrink(acts)

    assert short == parse_acts(f"{HANDLING} verify_invoice:part add_invoice_partial")


def test_shrinking_stops_when_its_runs_are_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    name = next(str(path) for path in EXAMPLES if path.stem == "out-of-canceled")
    acts = parse_acts("place_order complete_checkout cancel_order finish_cancel change_payment")
    monkeypatch.setattr("orderflow.conformance.shrink.MOST_RUNS", 0)

    shrinker = Shrinker(space_of(name), defaults(), ("A-12", "X01"), Start())

    assert shrinker.shrink(acts) == acts
    assert shrinker.runs == 0


def only_pickup_by_the_dozen(record: Record) -> Outcome:
    """A rule that objects to the full invoice of an order with many items for pickup."""
    items = record.evidence.items or ()
    many = any(item.channel == "pickup-in-point" and item.quantity > 2 for item in items)
    if record.last != "invoiced" or not many:
        return ()
    return (
        Finding(record.first["invoiced"], "many items were invoiced for pickup", "at most two are"),
    )


@pytest.fixture
def picky(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = replace(RULES["A-14"], check=only_pickup_by_the_dozen)
    monkeypatch.setattr(drive, "judge", lambda record, _: judge(record, (rule,)))


def met(start: Start, acts: str) -> Sighting:
    driver = Driver(space_of("seller"), defaults())
    driver.begin(start)
    for act in parse_acts(acts):
        driver.act(act)
    sightings = Sightings()
    sightings.visit(driver)
    return next(iter(sightings.found.values()))


@pytest.mark.usefixtures("picky")
def test_a_failure_that_needs_its_data_keeps_it_and_no_more() -> None:
    items = (
        Item("item-1", 1, 12_345, "delivery", 1_704_067_200_000),
        Item("item-2", 7, 999, "pickup-in-point"),
        Item("item-3", 2, 5_000, "pickup-in-point"),
    )
    sighting = met(Start(items, replaceable=False), f"{INVOICED} update_tracking:number")

    start, acts = shrunk(sighting, space_of("seller"), defaults())

    assert start == Start((Item("item-1", 3, 2, "pickup-in-point"),))
    assert acts == parse_acts(INVOICED)


@pytest.mark.usefixtures("picky")
def test_a_failure_that_needs_its_data_says_so_in_its_command() -> None:
    sighting = met(Start((Item("item-1", 9, 999, "pickup-in-point"),)), INVOICED)

    failure = failure_of(sighting, space_of("seller"), defaults(), "seller")

    assert failure.items == "3x2:pickup"
    assert "--items 3x2:pickup" in failure.replay
    assert "--no-replacement" not in failure.replay


@pytest.mark.usefixtures("picky")
def test_exploration_meets_failures_that_depend_on_data() -> None:
    driver, sightings = Driver(space_of("seller"), defaults()), Sightings()

    explore(driver, Budget(40, 20, 1), lambda: sightings.visit(driver))

    assert sightings.found
    for sighting in sightings.found.values():
        start, acts = shrunk(sighting, driver.space, defaults())
        assert format_items(start.items) == "3x2:pickup"
        assert len(acts) <= len(sighting.acts)


def test_data_that_does_not_matter_is_dropped() -> None:
    name = next(str(path) for path in EXAMPLES if path.stem == "out-of-canceled")
    driver = Driver(space_of(name), defaults())
    driver.begin(Start((Item("item-1", 3, 70, "pickup-in-point"),), replaceable=False))
    for act in parse_acts("create_error:creation cancel_order finish_cancel change_payment"):
        driver.act(act)
    sightings = Sightings()
    sightings.visit(driver)

    start, _ = shrunk(sightings.found["A-12", "X01"], driver.space, defaults())

    assert start == Start()
