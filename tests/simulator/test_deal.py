"""The documents of one sale move as the links say, on one clock, and nobody is told too much."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from orderflow.flows.deal import Cause, Link, Participant, Towards
from orderflow.flows.settings import defaults
from orderflow.simulator.choices import choices
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.deal_scenario import DealAct, play_deal
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.history import deal_lines
from orderflow.simulator.message import DealEvent, Delivery, Message, Sent
from orderflow.simulator.scenario import Act
from tests.simulator.sales import (
    ASKED,
    BILLED,
    HANDLING,
    HAPPY,
    NAMES,
    PAID,
    READY,
    WAITING,
    WINDOW,
    arrivals,
    deal_of,
    go,
    refusal,
    sale,
    story,
)

MINUTE, DAY = 60_000, 86_400_000


@pytest.mark.parametrize("name", NAMES)
def test_a_sale_goes_from_first_to_last_status_of_every_document(name: str) -> None:
    done = sale(name, HAPPY[name])

    assert done.mailbox == ()
    for participant in done.deal.participants:
        if participant.name not in done.dismissed and name != "seller-change":
            assert story(done, participant.name) == participant.flow.happy_path
    ends = {status for who, status in done.statuses.items() if who not in done.dismissed}
    assert ends == {"invoiced"}


@pytest.mark.parametrize("name", NAMES)
def test_every_message_of_an_undisturbed_sale_arrives_once(name: str) -> None:
    done = sale(name, HAPPY[name])

    sent = [entry.message.number for entry in done.log if isinstance(entry, Sent)]
    arrived = [entry.message.number for entry in done.log if isinstance(entry, Delivery)]
    assert sent == list(range(1, len(sent) + 1))
    assert sorted(arrived) == sent


@pytest.mark.parametrize("name", NAMES)
def test_two_runs_of_the_same_acts_are_the_same(name: str) -> None:
    one, other = sale(name, HAPPY[name]), sale(name, HAPPY[name])

    assert one.log == other.log
    assert one.history() == other.history()
    assert all(event.event.digest for event in one.history())


def test_a_step_tells_what_made_it_happen() -> None:
    done = sale(acts=WINDOW + "advance:30m")

    causes = {each.event.event: each.event.cause for each in done.events}
    assert causes["payment_approved"] == "call"
    assert causes["authorize_dispatch"] == "message 3"
    assert causes["grace_period_over"] == "timer"
    assert [each.seq for each in done.events] == list(range(1, len(done.events) + 1))
    assert [each.message for each in done.events if each.event.event == "authorize_dispatch"] == [3]


def test_an_arrival_is_followed_by_what_it_makes_happen() -> None:
    placed = sale(acts="market.place_order settle")

    kinds = [type(entry) for entry in placed.log]
    assert kinds == [DealEvent, Sent, Delivery, DealEvent, Sent]
    delivery = placed.log[2]
    assert isinstance(delivery, Delivery)
    assert (delivery.effect, delivery.events) == ("acted", (2,))


def test_inside_the_window_a_cancellation_needs_nobodys_consent() -> None:
    done = sale(acts=WINDOW + "market.request_cancel settle market.finish_cancel")

    assert story(done, "seller")[-2:] == ("window-to-cancel", "cancel")
    assert story(done, "market")[-4:] == (
        "request-cancel",
        "waiting-for-seller-decision",
        "cancel",
        "canceled",
    )
    assert done.simulators["market"].order.seller == "inside-window"


def test_after_the_window_the_seller_is_asked_and_may_agree() -> None:
    asked = sale(acts=HANDLING + "market.request_cancel settle")

    assert asked.statuses == {
        "market": "waiting-for-seller-decision",
        "seller": "cancellation-requested",
    }
    go(asked, "seller.accept_cancel settle")
    assert asked.statuses == {"market": "cancel", "seller": "cancel"}


def test_a_denial_leads_both_documents_back_and_both_note_it() -> None:
    done = sale(acts=READY + "market.request_cancel settle seller.deny_cancel settle")

    assert done.statuses == {"market": "payment-approved", "seller": "ready-for-handling"}
    for simulator in done.simulators.values():
        (request,) = simulator.order.requests
        assert request.denied


def test_an_invoice_instead_of_an_answer_is_a_denial() -> None:
    asked = sale(acts=HANDLING + "market.request_cancel settle")
    go(asked, "seller.add_invoice_full:rest settle seller.verify_invoice")
    go(asked, "seller.add_invoice_full settle market.add_invoice_full")

    assert asked.statuses == {"market": "invoiced", "seller": "invoiced"}
    for simulator in asked.simulators.values():
        assert simulator.order.requests[0].denied
        assert simulator.order.invoiced == 10_000


@pytest.mark.parametrize(
    ("kind", "last"), [("part", "add_invoice_partial"), ("rest", "add_invoice_full")]
)
def test_a_request_that_crosses_an_invoice_is_answered_with_a_denial_at_once(
    kind: str, last: str
) -> None:
    crossed = sale(acts=HANDLING + f"seller.verify_invoice:{kind} market.request_cancel settle")
    assert crossed.mailbox == ()  # nobody waits for the invoice
    assert crossed.statuses == {"market": "payment-approved", "seller": "invoice"}
    assert arrivals(crossed)[-2:] == [
        ("seller", "cancel-request", "acted"),
        ("market", "denial", "acted"),
    ]
    deliveries = [entry for entry in crossed.log if isinstance(entry, Delivery)]
    (asked,) = [each for each in deliveries if each.message.notice == "cancel-request"]
    (answer,) = [each.message for each in deliveries if each.message.notice == "denial"]
    assert asked.answers == (answer.number,)
    assert answer.answers == asked.message.number

    go(crossed, f"seller.{last} settle")
    market, seller = (crossed.simulators[name].order for name in ("market", "seller"))
    assert market.requests[0].denied
    assert not seller.requests
    assert market.invoiced == seller.invoiced == (5_000 if kind == "part" else 10_000)


def test_partial_invoices_are_relayed_to_the_cent() -> None:
    acts = HANDLING
    for percent in (1, 33, 78):
        acts += f"seller.verify_invoice:part@{percent} seller.add_invoice_partial settle "
        acts += "market.add_invoice_partial "
    done = sale(acts=acts + BILLED.format("seller") + "market.add_invoice_full", value=9_973)

    market, seller = (done.simulators[name].order for name in ("market", "seller"))
    assert [each.value for each in market.invoices] == [each.value for each in seller.invoices]
    assert [each.number for each in market.invoices] == [each.number for each in seller.invoices]
    assert market.invoiced == 9_973
    assert len(market.invoices) == 4


def test_an_invoice_waits_until_the_one_before_it_has_been_looked_at() -> None:
    both = sale(acts=HANDLING + "seller.verify_invoice:part seller.add_invoice_partial ")
    go(both, BILLED.format("seller"))

    assert both.statuses == {"market": "invoice", "seller": "invoiced"}
    assert [message.notice for message in both.mailbox] == ["invoiced"]
    assert both.deliverable() == ()
    go(both, "market.add_invoice_partial settle")
    assert both.mailbox == ()


def test_tracking_and_returns_reach_every_document_above() -> None:
    done = sale("marketplace-chain-seller", HAPPY["marketplace-chain-seller"])
    go(done, "seller.update_tracking:number settle seller.update_tracking:delivered settle")
    go(done, "seller.add_return_invoice:part@20 settle")

    for simulator in done.simulators.values():
        (output,) = simulator.order.outputs
        assert (output.tracking_number, output.finished) == ("TRACK-1", True)
        assert [each.value for each in simulator.order.inputs] == [2_000]


def test_a_seller_that_drops_out_ends_the_sale_when_nobody_else_waits() -> None:
    done = sale(acts=PAID + "seller.seller_cancel settle")

    assert done.statuses == {"market": "cancel", "seller": "cancel"}


def test_another_seller_takes_over() -> None:
    changed = sale("seller-change", PAID + "seller.seller_cancel settle")
    assert changed.statuses["market"] == "window-to-change-seller"
    assert changed.current("market") == "seller"
    go(changed, "market.change_seller")

    assert changed.current("market") == "substitute"
    assert changed.dismissed == {"seller": changed.now}
    told = [(each.receiver, each.notice) for each in changed.mailbox]
    assert told == [("substitute", "authorized"), ("substitute", "order"), ("seller", "dismissed")]
    go(changed, "settle " + ASKED.format("substitute"))
    assert changed.statuses["substitute"] == "authorize-fulfillment"


def test_a_sale_whose_seller_changes_leaves_the_other_sales_of_the_deal_as_they_are() -> None:
    before = sale("seller-change", PAID)
    sale("seller-change", PAID + "seller.seller_cancel settle market.change_seller settle")
    after = sale("seller-change", PAID)

    for other in (before, after):
        assert (other.current("market"), other.dismissed) == ("seller", {})
        assert not other.has_joined("substitute")
        go(other, "seller.seller_cancel settle market.change_seller settle")
        assert other.current("market") == "substitute"


def test_a_changed_step_is_not_taken_for_the_one_whose_id_it_keeps() -> None:
    deal = deal_of("marketplace-seller")
    flow = deal.participant["market"].flow
    step = next(step for step in flow.transitions if step.event == "deny_payment")
    changed = replace(step, event="seller_confirmed")
    assert deal.is_free("market", step)
    assert deal.news_of("market", step, "")

    assert not deal.is_free("market", changed)
    assert not deal.news_of("market", changed, "")
    assert deal.is_free("market", step)


def test_a_second_seller_that_drops_out_ends_the_sale() -> None:
    changed = sale(
        "seller-change", PAID + "seller.seller_cancel settle market.change_seller settle "
    )
    go(changed, ASKED.format("substitute") + "substitute.seller_cancel settle")

    assert changed.statuses["market"] == "cancel"


def test_without_time_to_look_for_another_seller_there_is_none() -> None:
    settings = defaults().override({"change_seller_window": 0})
    done = sale("seller-change", PAID + "seller.seller_cancel settle", settings=settings)

    assert done.statuses["market"] == "cancel"


def test_whoever_was_replaced_is_no_longer_listened_to() -> None:
    changed = sale("seller-change", WAITING + "market.change_seller ")
    go(changed, "settle")

    assert changed.statuses["seller"] == "cancel"
    assert ("seller", "dismissed", "acted") in arrivals(changed)
    assert ("market", "out", "ignored") in arrivals(changed)
    assert changed.statuses["market"] == "payment-pending"


def test_whoever_was_replaced_still_talks_to_those_below() -> None:
    """A chain whose place another seller took tells its own seller what becomes of the order."""
    levels = deal_of("marketplace-chain-seller")
    other = Participant("other", levels.participant["seller"].flow, "market", joins="change_seller")
    without = {row: why for row, why in levels.without.items() if row != "M25"}
    deal = replace(levels, participants=(*levels.participants, other), without=without)
    changed = go(DealSimulator(deal), "market.place_order market>chain market.complete_checkout")
    go(changed, "market.open_flow market.change_seller")

    delivery = changed.deliver("chain", "seller")

    assert "chain" in changed.dismissed
    assert isinstance(delivery, Delivery)
    assert (delivery.effect, changed.statuses["seller"]) == ("acted", "order-accepted")
    assert isinstance(news := changed.deliver("chain", "market"), Delivery)
    assert news.effect == "ignored"


def test_news_whose_answer_finds_no_room_holds_up_what_is_behind_it() -> None:
    usual = deal_of("marketplace-seller")
    kept, harmless = (
        Link(name, (), name, (cause,), notice, towards, at_most=0)
        for name, cause, notice, towards in (
            (
                "kept",
                Cause("marketplace", ("complete_checkout", "open_flow")),
                "dismissed",
                Towards.BELOW,
            ),
            ("harmless", Cause("seller", ("finish_cancel",)), "on-its-way", Towards.ABOVE),
        )
    )
    deal = replace(usual, links=(*usual.links, kept, harmless), mailbox=2)
    crowded = go(
        DealSimulator(deal),
        "market.place_order market>seller seller.complete_checkout seller.price_divergence "
        "market.complete_checkout market.open_flow seller>market "
        "seller.reject_divergence seller.finish_cancel",
    )
    behind = [each for each in crowded.mailbox if each.sender == "seller"]

    assert [each.notice for each in behind] == ["out", "on-its-way"]
    assert crowded.statuses == {"market": "payment-pending", "seller": "canceled"}
    assert {each.receiver for each in crowded.deliverable()} <= {"seller"}
    assert refusal(crowded, "seller>market") == (
        "2 messages are under way, 0 of which could arrive now"
    )


def test_orders_of_one_sale_are_paid_together() -> None:
    both = sale("split-order", HAPPY["split-order"].split("seller-a")[0])
    go(both, "order-b.approve_payment")
    assert (both.statuses["order-a"], both.statuses["order-b"]) == ("approve-payment",) * 2
    go(both, "order-a.payment_approved")

    assert (both.statuses["order-a"], both.statuses["order-b"]) == ("payment-approved",) * 2
    paid = [each.event.at for each in both.events if each.event.event == "payment_approved"]
    assert len(set(paid)) == 1


def test_news_does_not_come_back_to_the_one_who_told_it() -> None:
    both = sale(
        "split-order", HAPPY["split-order"].split("seller-a")[0] + "order-a.approve_payment"
    )

    moved = [each.receiver for each in _messages(both) if each.notice == "paid-together"]
    assert moved == ["order-b"]


def _messages(simulator: DealSimulator) -> list[Message]:
    return [entry.message for entry in simulator.log if isinstance(entry, Sent)]


def test_an_order_that_is_behind_follows_when_it_can() -> None:
    half = sale("split-order", "order-a.place_order settle order-a.complete_checkout ")
    go(half, "order-a.open_flow settle order-a.payment_approved")
    assert half.statuses["order-b"] == "order-created"
    go(half, "order-b.complete_checkout order-b.open_flow settle")

    assert half.statuses["order-b"] == "payment-approved"


def test_two_instances_of_one_document_move_in_the_same_moment() -> None:
    done = sale("complete", HAPPY["complete"])

    times = {name: {} for name in done.deal.names}  # type: dict[str, dict[str, int]]
    for each in done.events:
        times[each.participant].setdefault(each.event.target, each.event.at)
    for status in ("authorize-fulfillment", "window-to-cancel", "ready-for-handling", "handling"):
        assert times["main"][status] == times["fulfillment"][status]
    assert not [entry for entry in done.log if isinstance(entry, Sent) and _travels(entry)]


def _travels(entry: Sent) -> bool:
    return entry.message.due_at != entry.message.sent_at


def test_a_time_limit_that_is_told_is_not_over_by_itself() -> None:
    instance = sale("complete", HAPPY["complete"].split("fulfillment.grace")[0])
    instance.advance(30 * MINUTE)

    over = [each for each in instance.events if each.event.event == "grace_period_over"]
    assert [(each.participant, each.event.cause) for each in over] == [
        ("fulfillment", "timer"),
        ("main", f"message {over[1].message}"),
    ]


def test_what_is_due_happens_in_the_order_of_time() -> None:
    window = sale(acts=WINDOW)
    over = window.now + 30 * MINUTE
    window.advance(30 * MINUTE - 1_000)
    go(window, "market.request_cancel")
    assert [message.due_at for message in window.mailbox] == [over]
    window.advance(1_000)

    assert story(window, "seller")[-1] == "cancel", "a message goes before a time limit"


def test_a_channel_is_first_in_first_out() -> None:
    done = sale(acts=HANDLING + "seller.verify_invoice:part seller.add_invoice_partial")
    first = done.mailbox[0]
    done.advance(400)
    go(done, BILLED.format("seller"))

    numbers = [entry.message.number for entry in done.log if isinstance(entry, Delivery)]
    assert numbers == sorted(numbers)
    assert first.number in numbers


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="time does not run backwards"):
        sale().advance(-1)


def test_what_happens_next_is_known() -> None:
    simulator = sale()
    assert simulator.next_due() is None
    go(simulator, "market.place_order")

    assert simulator.next_due() == simulator.mailbox[0].due_at
    simulator.deliver("market", "seller")
    go(simulator, "settle")
    assert simulator.next_due() == simulator.simulators["market"].order.entered_at + 5 * MINUTE


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_tried_the_sale_stays_in_order(name: str, seed: int) -> None:
    simulator, chance = sale(name), random.Random(seed)
    deal = simulator.deal
    for _ in range(150):
        _try_something(simulator, chance)

        for channel in deal.channels:
            way = [message for message in simulator.mailbox if message.channel == channel]
            assert len(way) <= deal.mailbox
            assert [message.due_at for message in way] == sorted(m.due_at for m in way)
    assert [e.event.at for e in simulator.events] == sorted(e.event.at for e in simulator.events)
    for each in simulator.events:
        who = deal.participant[each.participant]
        step = who.flow.transition[each.event.transition]
        assert deal.takes(step)
        assert each.message or not deal.is_told(who, step)


def _try_something(simulator: DealSimulator, chance: random.Random) -> None:
    if chance.random() < 0.25:
        simulator.advance(chance.choice([500, 1_000, 30 * MINUTE, DAY]))
        return
    name = chance.choice(simulator.deal.names)
    rare = {"create_error", "cancel_order", "deny_payment", "replace_order", "reject_divergence"}
    events = [e for e in simulator.accepts(name) if e not in rare or chance.random() < 0.1]
    if events:
        event = chance.choice(events)
        choice = chance.choice(choices(event, simulator.simulators[name].order))
        try:
            play_deal(simulator, DealAct(name, Act(event, choice, chance.randrange(101))))
        except EventDataError:
            return


def test_the_history_of_a_sale_names_sale_and_participant() -> None:
    done = sale("complete", HAPPY["complete"])

    rows = [json.loads(line) for line in deal_lines([done])]
    assert len(rows) == len(done.events)
    assert {row["deal_id"] for row in rows} == {"order-1"}
    assert [row["participant"] for row in rows[:2]] == ["main", "fulfillment"]
    assert rows[0]["value"] == 10_000
    assert "value" not in rows[2]
    assert [row["invoice"] for row in rows if "invoice" in row] == [10_000, 10_000]
    assert rows[1]["cause"] == "message 1"


def test_an_order_prepared_by_hand_takes_part() -> None:
    deal = deal_of("marketplace-seller")
    market = sale().simulators["market"].order._replace(order_id="v1-01", replaceable=False)
    simulator = DealSimulator(deal, orders={"market": market}, deal_id="v1")

    assert simulator.simulators["market"].order.order_id == "v1-01"
    assert simulator.simulators["seller"].order.order_id == "v1-seller"
