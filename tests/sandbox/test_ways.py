"""Every status that an order can be left in is reached, by a way that looks usual."""

from __future__ import annotations

import pytest

from orderflow.flows.deal_loader import bundled_deal
from orderflow.flows.settings import defaults
from orderflow.sandbox.course import Course
from orderflow.sandbox.store import Store
from orderflow.sandbox.ways import StatusOutOfReachError, Ways
from orderflow.simulator.order import Item

COMPLETE = (
    "null",
    "order-create-error",
    "order-creation-error",
    "order-created",
    "on-order-completed",
    "payment-pending",
    "approve-payment",
    "payment-approved",
    "authorize-fulfillment",
    "window-to-cancel",
    "ready-for-handling",
    "start-handling",
    "handling",
    "invoice",
    "invoiced",
    "waiting-for-seller-decision",
    "cancel",
    "canceled",
    "invoice-after-cancellation-deny",
)
GROUP = (
    "null",
    "order-create-error",
    "order-creation-error",
    "order-created",
    "on-order-completed",
    "waiting-for-authorization",
    "payment-pending",
    "approve-payment",
    "payment-approved",
    "invoice",
    "invoiced",
    "cancel",
    "canceled",
)
MARKETPLACE = (*GROUP, "request-cancel", "waiting-for-seller-decision")


def ways_of(name: str) -> Ways:
    deal = bundled_deal(name).view()
    return Ways(deal, defaults(), Course(deal))


def events(ways: Ways, status: str) -> list[str]:
    return [act.event for act in ways.to(status).acts if not act.event.startswith("(")]


def test_a_complete_order_of_one_cent_can_be_brought_to_every_status_it_stands_in() -> None:
    store = Store()

    for status in COMPLETE:
        (held,) = store.place(to=status, items=(Item("cent", 1, 1),))
        assert (held.status, held.sale.now) == (status, store.now)


@pytest.mark.parametrize("deal", ["marketplace-seller", "marketplace-chain-seller"])
def test_a_marketplace_order_can_be_brought_to_every_status_it_stands_in(deal: str) -> None:
    store = Store()

    for status in MARKETPLACE:
        held, *_ = store.place(deal=deal, to=status)
        assert (held.status, held.sale.now) == (status, store.now)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("ready-for-handling", ["place_order", "payment_approved"]),
        ("handling", ["place_order", "payment_approved", "start_handling"]),
        ("invoiced", ["place_order", "payment_approved", "start_handling", "verify_invoice"]),
        ("canceled", ["place_order", "cancel_order"]),
        ("waiting-for-seller-decision", ["place_order", "payment_approved", "request_cancel"]),
    ],
)
def test_a_way_has_no_trouble_that_it_does_not_need(status: str, expected: list[str]) -> None:
    assert events(ways_of("complete"), status) == expected


@pytest.mark.parametrize(("deal", "statuses"), [("complete", COMPLETE), ("split-order", GROUP)])
def test_the_order_of_the_questions_does_not_change_the_ways(
    deal: str, statuses: tuple[str, ...]
) -> None:
    forward, backward = ways_of(deal), ways_of(deal)

    first = {status: forward.to(status) for status in statuses}
    second = {status: backward.to(status) for status in reversed(statuses)}

    assert first == second


def test_an_answer_that_does_not_come_is_no_usual_way() -> None:
    assert all(ways_of("complete").to(each).duration < 86_400_000 for each in COMPLETE)


def test_a_way_says_whether_the_document_stays_at_its_end() -> None:
    ways = ways_of("complete")

    passing = {status for status in COMPLETE if not ways.to(status).rests}
    assert passing == {
        "order-created",
        "on-order-completed",
        "approve-payment",
        "authorize-fulfillment",
        "start-handling",
        "invoice",
        "invoice-after-cancellation-deny",
        "cancel",
    }


def test_a_status_with_a_slip_in_it_is_named_with_those_that_would_do() -> None:
    with pytest.raises(StatusOutOfReachError, match="did you mean 'handling'") as caught:
        ways_of("complete").to("handeling")

    assert caught.value.status == "handeling"
    assert "invoiced" in caught.value.choices


def test_a_status_that_no_order_of_the_deal_takes_is_refused() -> None:
    with pytest.raises(StatusOutOfReachError, match="none of a main document in deal complete"):
        ways_of("complete").to("replaced")


def test_a_status_that_is_only_passed_says_so() -> None:
    ways = ways_of("complete")

    with pytest.raises(StatusOutOfReachError, match="left the moment it is entered") as caught:
        ways.to("request-cancel")

    assert set(caught.value.choices) == set(COMPLETE)
