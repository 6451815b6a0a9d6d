"""A message that is lost, doubled or overtaken does just that; while nothing is, nothing is."""

from __future__ import annotations

import pytest

from orderflow.flows.deal import Link, Towards
from orderflow.flows.settings import defaults
from orderflow.simulator.mailbox import Mailbox, Parcel
from orderflow.simulator.message import Delivery, Doubled, Lost
from orderflow.simulator.order import Order
from orderflow.simulator.reaction import choice_of
from orderflow.simulator.simulator import Refused
from tests.simulator.runs import BILLABLE, started
from tests.simulator.sales import (
    BILLED,
    HANDLING,
    HAPPY,
    NAMES,
    READY,
    arrivals,
    deal_of,
    go,
    refusal,
    sale,
)

TWO_INVOICES = HANDLING + (
    "seller.verify_invoice:part@30 seller.add_invoice_partial "
    "seller.verify_invoice:rest seller.add_invoice_full "
)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_goes_wrong_unless_it_is_asked_for(name: str) -> None:
    done = sale(name, HAPPY[name])

    assert not [entry for entry in done.log if isinstance(entry, Lost | Doubled)]
    assert not [e for e in done.log if isinstance(e, Delivery) and e.message.copy]


def test_a_lost_message_never_arrives() -> None:
    placed = sale(acts="market.place_order")
    (message,) = placed.mailbox
    lost = placed.lose("market", "seller")
    placed.advance(60_000)

    assert lost == Lost(message.sent_at, message)
    assert placed.statuses["seller"] == "(none)"
    assert placed.mailbox == ()
    assert placed.log[-1] == lost


def test_a_message_that_is_kept_can_be_lost_as_well() -> None:
    billed = sale(acts=TWO_INVOICES + "settle")
    assert billed.deliverable() == ()

    result = billed.lose("seller", "market", 1)
    assert isinstance(result, Refused)
    assert result.reason == "1 messages are under way"
    assert isinstance(billed.lose("seller", "market"), Lost)
    assert billed.mailbox == ()


def test_a_doubled_invoice_counts_once() -> None:
    billed = sale(acts=HANDLING + BILLED.format("seller").replace("settle", ""))
    delivery = billed.double("seller", "market")
    assert isinstance(delivery, Delivery)
    assert delivery.effect == "acted"
    (copy,) = billed.mailbox
    assert copy == delivery.message._replace(copy=True)
    go(billed, "market.add_invoice_full settle")

    assert billed.mailbox == ()
    assert billed.simulators["market"].order.invoiced == 10_000
    assert arrivals(billed)[-1] == ("market", "invoiced", "ignored")


def test_a_doubled_partial_invoice_counts_once() -> None:
    billed = sale(acts=TWO_INVOICES + "seller>market:doubled market.add_invoice_partial settle ")
    go(billed, "market.add_invoice_full")

    values = [each.value for each in billed.simulators["market"].order.invoices]
    assert values == [3_000, 7_000]


@pytest.mark.parametrize("name", NAMES)
def test_an_order_that_is_sent_twice_is_placed_once(name: str) -> None:
    upper = deal_of(name).names[0]
    placed = sale(name, f"{upper}.place_order")
    for sender, receiver in placed.open_channels():
        placed.double(sender, receiver)
    go(placed, "settle")

    creations = [each.participant for each in placed.events if each.event.event == "place_order"]
    assert len(creations) == len(set(creations))


def test_a_message_can_overtake_another() -> None:
    billed = sale(acts=TWO_INVOICES + "seller>market:2")

    assert [each.value for each in billed.simulators["market"].order.invoices] == [7_000]
    (late,) = billed.mailbox
    assert dict(late.data)["value"] == 3_000
    go(billed, "market.add_invoice_partial settle market.add_invoice_full")
    assert billed.statuses["market"] == "invoiced"


def test_only_what_could_arrive_can_be_doubled() -> None:
    billed = sale(acts=TWO_INVOICES + "settle")

    assert refusal(billed, "seller>market:doubled") == (
        "1 messages are under way, 0 of which could arrive now"
    )
    assert not [entry for entry in billed.log if isinstance(entry, Doubled)]


def test_a_message_to_one_that_cannot_hear_it_yet_is_kept() -> None:
    early = sale(acts="market.place_order settle")
    assert [each.notice for each in early.mailbox] == ["accepted"]
    go(early, "market.complete_checkout advance:1m")
    assert [each.notice for each in early.mailbox] == ["accepted"]
    go(early, "market.open_flow advance:0s")

    assert early.mailbox == ()
    assert early.statuses["market"] == "payment-pending"


def test_a_denial_is_heard_before_the_invoice_that_follows_it() -> None:
    asked = sale(acts=READY + "market.request_cancel settle seller.deny_cancel ")
    go(asked, "seller.start_handling seller.begin_preparation seller.verify_invoice:part ")
    go(asked, "seller.add_invoice_partial settle")

    assert asked.statuses["market"] == "invoice"
    assert asked.mailbox == ()


def test_messages_one_way_arrive_in_the_order_they_were_sent() -> None:
    link = Link("slow", (), "", (), "order", Towards.BELOW)
    box = Mailbox(deal_of("marketplace-seller"), defaults())
    first = box.send(Parcel(link, "market", "seller"), 5_000)
    second = box.send(Parcel(link, "market", "seller"), 4_000)
    back = box.send(Parcel(link, "seller", "market"), 4_000)

    assert (first.number, second.number, back.number) == (1, 2, 3)
    assert first.due_at == second.due_at > back.due_at
    assert box.between("market", "seller") == (first, second)


def test_what_takes_no_time_is_due_when_it_is_sent() -> None:
    link = Link("prompt", (), "", (), "order", Towards.BESIDE, delay="")
    box = Mailbox(deal_of("split-order"), defaults())

    assert box.send(Parcel(link, "order-a", "order-b"), 7).due_at == 7


@pytest.mark.parametrize(
    ("event", "data", "choice"),
    [
        ("verify_invoice", {"value": 1}, "part"),
        ("verify_invoice", {"value": 10_000, "number": "7"}, "rest"),
        ("verify_invoice", {"value": 10_001}, "over"),
        ("verify_invoice", {}, ""),
        ("modify_order", {"delta": -1}, "less"),
        ("modify_order", {"delta": 1}, "more"),
        ("modify_order", {}, ""),
        ("notify_seller", {"seller": "past-window"}, "past"),
        ("seller_cancel", {"other_seller": False, "reason": "sold out"}, "alone"),
        ("confirm_reservation", {"stock": "gone"}, "gone"),
        ("place_order", {}, ""),
    ],
)
def test_data_has_the_name_it_can_be_asked_for_by(
    event: str, data: dict[str, object], choice: str
) -> None:
    assert choice_of(event, data, started("seller", BILLABLE["seller"]).order) == choice


def test_the_answer_of_a_payment_has_a_name() -> None:
    posted = started("marketplace", BILLABLE["marketplace"] + "verify_invoice:rest").order

    assert choice_of("add_invoice_full", {"settlement": "refused"}, posted) == "refused"
    assert choice_of("add_return_invoice", {"value": 1}, Order("o", "seller")) == "over"
