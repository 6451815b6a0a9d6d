"""A sale that nobody disturbs goes on by itself, and only as far as that."""

from __future__ import annotations

import pytest

from orderflow.flows.deal_loader import bundled_deal
from orderflow.sandbox.course import ALL, TROUBLE, Course
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.simulator import Refused

DEALS = (
    "complete",
    "marketplace-seller",
    "marketplace-chain-seller",
    "split-order",
    "seller-change",
)


def test_it_takes_an_order_from_placement_to_the_wait_for_its_payment() -> None:
    deal = bundled_deal("complete").view()
    sale = DealSimulator(deal)
    sale.fire("main", "place_order")

    taken = [(each.participant, each.event.event) for each in Course(deal).moves(sale)]

    assert ("main", "complete_checkout") in taken
    assert ("fulfillment", "await_authorization") in taken
    assert sale.statuses["main"] == "payment-pending"
    assert not Course(deal).would_move(sale)


def test_whoever_stops_listening_leaves_the_sale_there() -> None:
    deal = bundled_deal("complete").view()
    sale = DealSimulator(deal)
    sale.fire("main", "place_order")

    next(Course(deal).moves(sale))

    assert sale.statuses["main"] == "on-order-completed"
    assert Course(deal).would_move(sale)


@pytest.mark.parametrize("name", DEALS)
def test_an_order_that_was_never_placed_stays_so(name: str) -> None:
    deal = bundled_deal(name).view()
    sale = DealSimulator(deal)

    assert list(Course(deal).moves(sale)) == []
    assert sale.events == []


@pytest.mark.parametrize("name", DEALS)
def test_it_brings_no_trouble_and_no_decision_of_anybody(name: str) -> None:
    deal = bundled_deal(name).view()
    sale, course = DealSimulator(deal), Course(deal)
    sale.fire(deal.names[0], "place_order")

    found = []
    for _ in range(10):
        found += [each.event for each in course.moves(sale)]
        sale.advance(1_000)

    assert found
    assert not {event.event for event in found} & TROUBLE
    assert {event.actor for event in found} <= {"platform", "checkout"}


def test_stock_that_is_gone_is_not_found_again_by_itself() -> None:
    deal = bundled_deal("complete").view()
    sale, course = DealSimulator(deal), Course(deal)
    sale.fire("main", "place_order")
    list(course.moves(sale))
    sale.fire("main", "payment_approved")
    sale.fire("fulfillment", "confirm_reservation", stock="gone")

    assert list(course.moves(sale)) == []
    assert sale.statuses["main"] == "authorize-fulfillment"


def test_the_marketplace_looks_at_the_invoice_of_its_seller_by_itself() -> None:
    deal = bundled_deal("marketplace-seller").view()
    sale, course = DealSimulator(deal), Course(deal)
    acts: tuple[tuple[str, str, dict[str, object]], ...] = (
        ("market", "place_order", {}),
        ("market", "payment_approved", {}),
        ("seller", "start_handling", {}),
        ("seller", "verify_invoice", {"value": 10_000}),
    )
    for participant, event, data in acts:
        assert not isinstance(sale.attempt(participant, event, data), Refused)
        for _ in range(8):
            list(course.moves(sale))
            sale.advance(600_000)

    assert sale.statuses == {"market": "invoiced", "seller": "invoiced"}


def test_one_that_is_left_alone_takes_no_step_until_it_is_followed() -> None:
    deal = bundled_deal("marketplace-seller").view()
    sale, course, waits = DealSimulator(deal), Course(deal), (("seller", ALL),)
    sale.fire("market", "place_order")
    for _ in range(10):
        list(course.moves(sale, waits))
        sale.advance(60_000)
    assert sale.statuses == {"market": "payment-pending", "seller": "order-accepted"}
    before = sale.simulators["market"].events[:]

    course.follow(sale, "seller")

    assert sale.statuses["seller"] == "waiting-ffmt-authorization"
    assert sale.simulators["market"].events == before


def test_to_follow_one_moves_no_other() -> None:
    deal = bundled_deal("marketplace-seller").view()
    sale = DealSimulator(deal)
    sale.fire("market", "place_order")

    Course(deal).follow(sale, "seller")

    assert sale.statuses == {"market": "order-created", "seller": "(none)"}
