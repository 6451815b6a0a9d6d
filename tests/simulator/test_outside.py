"""News for a participant that somebody else plays wait until they are handed over."""

from __future__ import annotations

import pytest

from orderflow.flows.deal_loader import bundled_deal
from orderflow.flows.settings import defaults
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.machine import compile_plan

DEAL = bundled_deal("marketplace-seller").view()
WINDOW = {"cancellation_window": 0}
MINUTE = 60_000


def outside() -> DealSimulator:
    sale = DealSimulator(DEAL)
    flow = DEAL.participant["seller"].flow
    sale.play_outside("seller", compile_plan(flow, defaults().override(WINDOW)))
    return sale


def test_no_news_reach_it_by_themselves() -> None:
    sale = outside()
    sale.fire("market", "place_order")
    sale.advance(MINUTE)
    assert sale.statuses == {"market": "order-created", "seller": "(none)"}
    assert [message.notice for message in sale.mailbox] == ["order"]
    assert not sale.deliverable()
    assert sale.next_due() != sale.now

    plain = DealSimulator(DEAL)
    plain.fire("market", "place_order")
    plain.advance(MINUTE)
    assert plain.statuses["seller"] == "order-accepted"


def test_what_is_handed_over_arrives_and_its_own_news_travel() -> None:
    sale = outside()
    sale.fire("market", "place_order")
    (order,) = sale.mailbox
    assert sale.hand_over(order) is not None
    assert sale.statuses["seller"] == "order-accepted"
    assert [(message.notice, message.receiver) for message in sale.mailbox] == [
        ("accepted", "market")
    ]
    with pytest.raises(ValueError, match="does not wait"):
        sale.hand_over(order)


def test_what_has_to_wait_for_it_is_not_handed_over() -> None:
    sale = outside()
    sale.fire("market", "place_order")
    sale.hand_over(sale.mailbox[0])
    for event in ("complete_checkout", "open_flow"):
        sale.fire("market", event)
    sale.deliver("seller", "market")
    sale.fire("market", "payment_approved")
    (leave,) = sale.mailbox
    assert sale.hand_over(leave) is None
    assert sale.mailbox == (leave,)
    for event in ("complete_checkout", "await_authorization"):
        sale.fire("seller", event)
    assert sale.hand_over(leave) is not None
    assert sale.statuses["seller"] == "authorize-fulfillment"


def test_its_time_limits_are_its_own() -> None:
    sale = outside()
    sale.fire("market", "place_order")
    sale.hand_over(sale.mailbox[0])
    for who, event in (
        ("market", "complete_checkout"),
        ("market", "open_flow"),
        ("seller", "complete_checkout"),
        ("seller", "await_authorization"),
    ):
        sale.fire(who, event)
    sale.deliver("seller", "market")
    sale.fire("market", "payment_approved")
    sale.hand_over(sale.mailbox[0])
    sale.fire("seller", "confirm_reservation", stock="reserved")
    sale.advance(0)
    assert sale.statuses["seller"] == "ready-for-handling"


def test_one_that_is_there_already_stays_whose_it_is() -> None:
    sale = DealSimulator(DEAL)
    sale.fire("market", "place_order")
    plan = compile_plan(DEAL.participant["seller"].flow, defaults())
    with pytest.raises(ValueError, match="has been placed"):
        sale.play_outside("market", plan)
    with pytest.raises(ValueError, match="has no part"):
        sale.play_outside("nobody", plan)
