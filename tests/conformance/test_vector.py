"""The coverage vector tells of every dimension what is covered, what is missing and what nobody
reaches; merging it never depends on order, and it never says that all is covered when it is not."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.conformance.drive import Driver, Start
from orderflow.conformance.reach import Reach, reach_of
from orderflow.conformance.tour import way_from_start
from orderflow.conformance.vector import (
    FROM_CASES,
    Dimension,
    Vector,
    VectorMergeError,
    dimension_of,
    merge,
)
from orderflow.conformance.vector_of import vector_of
from orderflow.flows.settings import defaults
from orderflow.simulator.scenario import Act
from tests.conformance.subjects import NAMES, checked, space_of
from tests.conformance.vectors import ITEMS, VECTORS, a_vector, covered_by, shop, shop_reach

HAPPY = "place_order complete_checkout payment_approved start_handling"


def shop_vector(*runs: str) -> Vector:
    return vector_of(covered_by(shop(), *runs), shop(), reach=shop_reach())


def test_one_run_covers_what_it_took_and_no_more() -> None:
    vector = shop_vector(HAPPY)

    assert vector.dimension("transitions").covered == ("T1", "T2", "T3", "T4")
    assert vector.missing("transitions") == ("T5",)
    assert vector.dimension("pairs").covered == ("T1 T2", "T2 T3", "T3 T4")
    assert vector.missing("pairs") == ("T2 T5",)
    assert vector.missing("states") == ("dropped",)
    assert vector.dimension("actors").covered == ("checkout", "gateway", "seller", "shopper")
    assert vector.dimension("cells").covered == ()


def test_a_refused_event_covers_its_cell() -> None:
    vector = shop_vector("place_order payment_approved")

    assert vector.dimension("cells").covered == ("order-created/payment_approved",)
    assert "(none)/payment_approved" in vector.missing("cells")


def test_an_event_that_a_guard_refuses_is_no_illegal_cell() -> None:
    vector = shop_vector("place_order complete_checkout start_handling")

    assert vector.dimension("cells").covered == ()
    assert vector.dimension("guards").covered == ("T6 invoiced_fully false",)


def test_what_nobody_reaches_is_told_apart_with_the_reason() -> None:
    vector = shop_vector(HAPPY)

    lost = {each.name: dict(each.unreachable) for each in vector.dimensions}
    assert lost["states"] == {"lost": "no order gets there"}
    assert lost["transitions"] == {
        "T6": "its guard is never true",
        "T7": "no order gets to lost",
    }
    assert lost["pairs"] == {"T2 T6": "no order takes T6"}
    assert lost["guards"] == {"T6 invoiced_fully true": "no order shows it"}
    assert lost["actors"] == {"carrier": "acts only in place of seller, who is usual at T4"}
    assert lost["cells"]["lost/place_order"] == "no order gets to lost"
    assert vector.dimension("transitions").figure == "4 of 5 (+ 2 unreachable)"


def test_a_total_does_not_shrink_because_a_run_fell_short() -> None:
    short, long = shop_vector("place_order"), shop_vector(HAPPY)

    assert [each.total for each in short.dimensions] == [each.total for each in long.dimensions]
    assert [each.unreachable for each in short.dimensions] == [
        each.unreachable for each in long.dimensions
    ]


def test_what_was_covered_is_reachable_whatever_was_thought() -> None:
    found = dimension_of("states", covered=["b"], reachable=["a"], unreachable=[("b", "never")])

    assert (found.covered, found.missing, found.unreachable) == (("b",), ("a",), ())


def test_a_cell_in_which_a_failure_lies_is_not_covered() -> None:
    coverage = covered_by(shop(), "place_order payment_approved")
    coverage.wrong.add(("order-created", "payment_approved"))

    assert vector_of(coverage, shop()).dimension("cells").covered == ()


def test_a_stage_still_to_come_is_not_shown() -> None:
    coverage = covered_by(shop(), "place_order")
    coverage.triggers["order.progress.ship"] += 1

    covered = vector_of(coverage, shop()).dimension("triggers").covered
    assert "order.progress.ship" not in covered
    assert covered


@pytest.mark.parametrize("name", NAMES)
def test_the_planned_tours_cover_all_that_can_be_reached(name: str) -> None:
    verdict, _ = checked(name)

    gaps = {each.name: each.missing for each in verdict.vector if each.name != "triggers"}
    assert not any(gaps.values()), gaps
    assert {"states", "transitions", "pairs", "cells", "guards", "actors"} == set(gaps)


def taken(reach: Reach, dimension: str, item: str) -> Vector:
    """What the way to an item covers."""
    way, space = reach.ways[dimension][item], reach.space
    root, path = way_from_start(space, way.place)
    driver = Driver(space, defaults(), judged=False)
    driver.begin(Start(way.items, space.orders[root].replaceable))
    for act in (*(Act(edge.event, edge.choice) for edge in path), *way.acts):
        driver.act(act)
    return vector_of(driver.coverage, space, reach=reach)


@pytest.mark.parametrize("name", [*NAMES, "shop"])
def test_the_way_to_an_item_covers_it(name: str) -> None:
    reach = shop_reach() if name == "shop" else reach_of(space_of(name))
    asked = 0

    for dimension, ways in reach.ways.items():
        step = 1 if len(ways) <= 60 else 7  # each small dimension whole, of the others every 7th
        for item in islice(ways, 0, None, step):
            assert item in taken(reach, dimension, item).dimension(dimension).covered, item
            asked += 1
    assert asked > 20


def test_the_command_for_an_item_is_the_way_to_it() -> None:
    command = shop_reach().command("pairs", "T2 T5", "shop.yaml")

    acts = "place_order complete_checkout cancel_order"
    assert command == f"orderflow replay --flow shop.yaml --steps '{acts}'"
    assert shop_reach().command("transitions", "T7", "shop.yaml") == ""


@given(VECTORS, VECTORS, VECTORS)
def test_merging_does_not_depend_on_the_order(one: Vector, two: Vector, three: Vector) -> None:
    assert merge([one, two]) == merge([two, one])
    assert merge([merge([one, two]), three]) == merge([one, merge([two, three])])
    assert merge([one, two, three]) == merge([three, one, two])


@given(VECTORS, VECTORS)
def test_merging_twice_is_merging_once(one: Vector, two: Vector) -> None:
    once = merge([one, two])

    assert merge([one]) == merge([one, one]) == one
    assert merge([once, one]) == once


@given(VECTORS, VECTORS)
def test_merging_loses_nothing_and_invents_nothing(one: Vector, two: Vector) -> None:
    for found in merge([one, two]).dimensions:
        parts = [d for vector in (one, two) for d in vector.dimensions if d.name == found.name]

        assert set(found.covered) == {item for part in parts for item in part.covered}
        known = {item for d in parts for item in (*d.covered, *d.missing, *dict(d.unreachable))}
        every = (*found.covered, *found.missing, *dict(found.unreachable))
        assert sorted(every) == sorted(known)


@given(VECTORS)
def test_all_is_covered_only_when_nothing_is_missing(vector: Vector) -> None:
    for found in vector.dimensions:
        assert (found.percent == 100) == (not found.missing)
        if found.name not in FROM_CASES:
            assert found.reaches(Fraction(100)) == (not found.missing)


@given(st.integers(1, 3_000))
def test_one_missing_of_many_is_never_rounded_up(count: int) -> None:
    names = tuple(f"{number:04}" for number in range(count))

    found = Dimension("pairs", names[1:], names[:1])

    assert found.percent < 100
    assert not found.reaches(Fraction(100))
    assert found.reaches(Fraction(found.percent))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"digest": "f" * 16}, "digest 0123456789abcdef and ffffffffffffffff"),
        ({"profile": "observed"}, "profile documented and observed"),
        ({"modules": ("wms",)}, "modules none and wms"),
        ({"flow": "seller"}, "flow shop and seller"),
    ],
)
def test_vectors_of_different_flows_are_not_merged(changed: dict[str, str], said: str) -> None:
    found = Dimension("states", ITEMS)

    with pytest.raises(VectorMergeError, match=said):
        merge([a_vector(found), a_vector(found, **changed)])


def test_nothing_cannot_be_merged() -> None:
    with pytest.raises(ValueError, match="no vector"):
        merge([])
