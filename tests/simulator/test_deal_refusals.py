"""A sale refuses what its flows, links or mailboxes do not allow, says why, and always ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderflow.flows.deal import Cause, Hearing, Link, Notice, Told, Towards
from orderflow.simulator.deal import DealSimulator, EndlessNewsError
from orderflow.simulator.errors import RefusedEventError
from orderflow.simulator.simulator import Refused
from tests.simulator.sales import (
    ASKED,
    HANDLING,
    HAPPY,
    PAID,
    PLACED,
    arrivals,
    deal_of,
    go,
    plans_of,
    refusal,
    sale,
)

DAY = 86_400_000


def small(mailbox: int) -> DealSimulator:
    """A sale in which few messages may be under way at once."""
    name = "marketplace-seller"
    return DealSimulator(replace(deal_of(name), mailbox=mailbox), plans=plans_of(name))


def test_what_only_news_can_do_nobody_can_do() -> None:
    paid = sale(acts=PAID)

    assert refusal(paid, "market.verify_invoice:rest") == "it happens only when seller says so"
    assert "verify_invoice" not in paid.accepts("market")
    assert refusal(paid, "seller.request_cancel") == "it happens only when market says so"


def test_what_no_document_of_the_deal_does_is_refused_with_the_reason() -> None:
    waiting = sale("marketplace-chain-seller", PLACED)

    assert "who would take over from the chain" in refusal(waiting, "market.change_seller")


def test_nobody_takes_over_where_nobody_waits() -> None:
    waiting = sale(acts=PLACED)

    assert refusal(waiting, "market.change_seller") == "nobody waits to take over"


def test_who_has_not_been_asked_to_take_over_does_nothing() -> None:
    waiting = sale("seller-change", PLACED)

    assert (
        refusal(waiting, "substitute.place_order") == "substitute has not been asked to take over"
    )
    assert waiting.accepts("substitute") == ()


def test_a_refusal_raised_says_what_would_be_accepted() -> None:
    paid = sale(acts=PAID)

    with pytest.raises(RefusedEventError) as caught:
        paid.fire("market", "notify_seller", seller="past-window")
    assert caught.value.status == "payment-approved"
    assert "request_cancel" in caught.value.allowed
    with pytest.raises(ValueError, match="'buyer' has no part in deal marketplace-seller"):
        paid.fire("buyer", "place_order")


def test_what_would_overfill_a_mailbox_is_refused_and_changes_nothing() -> None:
    deal = deal_of("marketplace-seller")
    links = tuple(replace(each, at_most=0) for each in deal.links)  # any number of each kind
    plans = plans_of("marketplace-seller")
    full = go(DealSimulator(replace(deal, mailbox=2, links=links), plans=plans), HANDLING)
    for _ in range(2):
        go(full, "seller.verify_invoice:part@1 seller.add_invoice_partial")
    go(full, "seller.verify_invoice:part")
    order, log = full.simulators["seller"].order, list(full.log)

    why = refusal(full, "seller.add_invoice_partial")
    assert why == "the mailbox from seller to market holds 2 messages"
    assert (full.simulators["seller"].order, full.log) == (order, log)
    go(full, "seller>market seller.add_invoice_partial")


def test_news_of_a_kind_may_be_under_way_only_once() -> None:
    done = sale(acts=HAPPY["marketplace-seller"] + " seller.update_tracking:number")

    why = refusal(done, "seller.update_tracking:delivered")
    assert why == "news of package-news is still under way from seller to market"
    go(done, "seller>market seller.update_tracking:delivered settle")


def test_a_second_partial_invoice_waits_until_the_first_has_arrived() -> None:
    done = sale(acts=HANDLING + "seller.verify_invoice:part@1 seller.add_invoice_partial")
    go(done, "seller.verify_invoice:part@1")
    order = done.simulators["seller"].order

    why = refusal(done, "seller.add_invoice_partial")
    assert why == "news of part-invoiced is still under way from seller to market"
    assert done.simulators["seller"].order == order
    go(done, "seller>market seller.add_invoice_partial")


def test_a_reaction_waits_until_there_is_room_for_its_own_news() -> None:
    tight = go(small(1), HANDLING + "seller.verify_invoice:part")
    go(tight, "market.request_cancel seller.add_invoice_partial")
    assert tight.deliverable() == (), "the answer finds no room"
    assert refusal(tight, "market>seller") == (
        "1 messages are under way, 0 of which could arrive now"
    )
    go(tight, "seller>market:lost")

    assert [message.notice for message in tight.deliverable()] == ["cancel-request"]


def test_a_time_limit_waits_for_room_as_well() -> None:
    tight = small(1)
    go(tight, "market.place_order market.complete_checkout settle " + ASKED.format("seller"))
    tight.advance(60 * DAY)
    assert (tight.statuses["seller"], len(tight.mailbox)) == ("waiting-ffmt-authorization", 1)
    go(tight, "seller>market:lost")

    assert tight.statuses["seller"] == "cancel"
    assert tight.events[-1].event.cause == "timer"


def test_a_refused_delivery_names_the_way() -> None:
    simulator = sale()

    result = simulator.deliver("seller", "market")
    assert isinstance(result, Refused)
    assert (result.event, result.status) == ("seller>market", "(none)")
    with pytest.raises(ValueError, match="no news goes market>buyer"):
        simulator.deliver("market", "buyer")


def test_news_that_answers_itself_for_ever_is_stopped() -> None:
    deal = deal_of("split-order")
    echo = Notice("echo", "?", {"marketplace": (Hearing(("order-created",), answer="echo"),)}, {})
    causes = (Cause("marketplace", ("place_order",)),)
    link = Link("echo", (), "Echo.", causes, "echo", Towards.BESIDE, delay="")
    endless = replace(deal, links=(*deal.links, link), notices={**deal.notices, "echo": echo})
    simulator = DealSimulator(endless, plans=plans_of("split-order"))

    with pytest.raises(EndlessNewsError, match="set each other off without end"):
        simulator.fire("order-a", "place_order")


def test_a_told_event_that_cannot_come_with_its_data_is_refused() -> None:
    deal = deal_of("marketplace-seller")
    hearing = Hearing(("order-created",), (Told("verify_invoice", "none such"),))
    odd = replace(deal.notices["accepted"], heard={"marketplace": (hearing,)}, waits={})
    changed = replace(deal, notices={**deal.notices, "accepted": odd})
    simulator = go(DealSimulator(changed), "market.place_order settle")

    assert arrivals(simulator)[-1] == ("market", "accepted", "refused")
