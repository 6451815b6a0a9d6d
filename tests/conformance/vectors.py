"""A small flow with corners that no order reaches, and vectors made by hand and at random."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from orderflow.conformance.coverage import Coverage
from orderflow.conformance.drive import Driver, Start
from orderflow.conformance.reach import Reach, reach_of
from orderflow.conformance.vector import DIMENSIONS, Dimension, Vector, dimension_of
from orderflow.flows.loader import parse_flow
from orderflow.flows.settings import defaults
from orderflow.simulator.scenario import parse_acts
from orderflow.simulator.space import Space, search

SHOP = """\
flow: shop
title: Shop
seen_by: nobody
initial: order-created
final: {success: [shipped], failure: [dropped]}
states:
  order-created: {waits_for: shopper}
  bought: {waits_for: shopper}
  paid: {waits_for: seller}
  lost: {waits_for: seller}
  shipped: {}
  dropped: {}
transitions:
  - {id: T1, from: (none), on: place_order, to: order-created, actor: shopper}
  - {id: T2, from: order-created, on: complete_checkout, to: bought, actor: checkout}
  - {id: T3, from: bought, on: payment_approved, to: paid, actor: gateway}
  - {id: T4, from: paid, on: start_handling, to: shipped, actor: [seller, carrier]}
  - {id: T5, from: bought, on: cancel_order, to: dropped, actor: shopper}
  - {id: T6, from: bought, on: start_handling, to: shipped, actor: seller, when: invoiced_fully}
  - {id: T7, from: lost, on: cancel_order, to: dropped, actor: shopper}
"""

ITEMS = ("a", "b", "c")
WHY = ("nobody goes there", "not today")


@cache
def shop() -> Space:
    return search(parse_flow(SHOP).view(), defaults())


@cache
def shop_reach() -> Reach:
    return reach_of(shop())


def covered_by(space: Space, *runs: str) -> Coverage:
    """What orders of the simulator cover, each driven by acts as they are typed."""
    driver = Driver(space, defaults(), judged=False)
    for acts in runs:
        driver.begin(Start())
        for act in parse_acts(acts):
            driver.act(act)
    return driver.coverage


def a_vector(*found: Dimension, digest: str = "0123456789abcdef", **more: object) -> Vector:
    view = {"flow": "shop", "profile": "documented", "modules": (), **more}
    return Vector(digest=digest, dimensions=found, **view)  # type: ignore[arg-type]  # by name


def dimensions(name: str) -> st.SearchStrategy[Dimension]:
    """Dimensions in which an item may stand anywhere, as runs that know more or less see it."""
    items = st.lists(st.sampled_from(ITEMS), max_size=3)
    lost = st.lists(st.tuples(st.sampled_from(ITEMS), st.sampled_from(WHY)), max_size=3)
    return st.builds(
        lambda covered, reachable, unreachable, progress: dimension_of(
            name,
            covered=covered,
            reachable=reachable,
            unreachable=unreachable,
            progress={item: (min(two), max(two)) for item, two in progress.items()},
        ),
        items,
        items,
        lost,
        st.dictionaries(
            st.sampled_from(ITEMS), st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=2
        )
        if name == "scenarios"
        else st.just({}),
    )


VECTORS = st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=4).flatmap(
    lambda names: st.tuples(*(dimensions(n) for n in DIMENSIONS if n in names)).map(
        lambda found: a_vector(*found)
    )
)
