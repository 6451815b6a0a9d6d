"""What is typed of a sale is what is played, and what is written can be read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.flows.settings import LONGEST
from orderflow.simulator.deal_scenario import (
    Carry,
    DealAct,
    format_deal_acts,
    parse_deal_acts,
    play_deal,
)
from orderflow.simulator.message import DealEvent, Delivery, Doubled, Lost
from orderflow.simulator.scenario import Act, ScenarioError, duration
from orderflow.simulator.simulator import Refused
from tests.simulator.runs import error_of
from tests.simulator.sales import HANDLING, PAID, WINDOW, go, refusal, sale, story

WORDS = st.from_regex(r"[^\s,:@.>]+", fullmatch=True)
EVENTS = WORDS.filter(lambda word: word not in {"advance", "settle"})
CHOICES = st.one_of(st.just(""), st.from_regex(r"[a-z0-9]+", fullmatch=True))
ACTS = st.one_of(
    st.builds(DealAct, WORDS, st.builds(Act, EVENTS, CHOICES, st.integers(0, 100))),
    st.builds(Carry, WORDS, WORDS, st.integers(0, 998), st.sampled_from(["", "lost"])),
    st.builds(Carry, WORDS, WORDS, st.just(0), st.just("doubled")),
    st.integers(0, LONGEST).map(lambda length: DealAct("", Act("advance", duration(length)))),
    st.just(DealAct("", Act("settle"))),
)


@given(st.lists(ACTS, min_size=1))
def test_acts_survive_writing_and_reading(acts: list[DealAct | Carry]) -> None:
    assert parse_deal_acts(format_deal_acts(acts)) == tuple(acts)
    assert parse_deal_acts(", ".join(map(str, acts)) + "\n,") == tuple(acts)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    error = error_of(lambda: parse_deal_acts(text))
    assert error is None or (isinstance(error, ScenarioError) and str(error))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "act 1: '' is not an act; write market.event"),
        ("settle place_order", "act 2: 'place_order' is not an act"),
        ("market.advance:30m", "act 1: 'market.advance:30m' is not an act"),
        ("market.pay:part@101", "act 1: 'market.pay:part@101' is not an act"),
        ("advance:soon", "'soon' is not a duration"),
        ("a>b:0", "act 1: 'a>b:0' is not an act"),
        ("a>b:2:doubled", "only the next message can be doubled"),
    ],
)
def test_what_is_not_an_act_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_deal_acts(text)

    assert reason in str(caught.value)


def test_playing_an_act_returns_what_happened() -> None:
    placed = sale()
    (act, carry) = parse_deal_acts("market.place_order market>seller")

    happened = play_deal(placed, act)
    assert not isinstance(happened, Refused)
    assert [entry.participant for entry in happened if isinstance(entry, DealEvent)] == ["market"]
    happened = play_deal(placed, carry)
    assert not isinstance(happened, Refused)
    assert isinstance(happened[0], Delivery)
    assert [entry.participant for entry in happened if isinstance(entry, DealEvent)] == ["seller"]


def test_a_message_that_is_let_arrive_arrives_when_it_is_due() -> None:
    placed = sale(acts="market.place_order")
    due = placed.mailbox[0].due_at
    assert placed.now < due
    go(placed, "market>seller")

    assert placed.now == due
    go(placed, "market.complete_checkout market.open_flow advance:1h")
    assert story(placed, "market")[-1] == "payment-pending"


def test_a_message_that_is_overdue_takes_no_more_time() -> None:
    placed = sale(acts="market.place_order market>seller advance:4m")
    go(placed, "market.complete_checkout market.open_flow")
    before = placed.now
    go(placed, "seller>market")

    assert placed.now == before


def test_an_event_that_a_timer_fires_waits_for_its_timer_and_for_what_is_due_on_the_way() -> None:
    window = sale(acts=WINDOW)
    before = window.now
    go(window, "seller.grace_period_over")

    assert window.now == before + 30 * 60_000
    assert window.events[-1].event.cause == "timer"


def test_an_event_can_be_fired_early_and_is_refused() -> None:
    assert "its time is over only in" in refusal(
        sale(acts=WINDOW), "seller.grace_period_over:early"
    )


def test_a_message_on_the_way_can_forestall_a_timer() -> None:
    window = sale(acts=WINDOW + "market.request_cancel")

    assert "no transition takes it there" in refusal(window, "seller.grace_period_over")
    assert window.statuses["seller"] == "cancel"


def test_each_fault_is_an_act() -> None:
    lost = sale(acts="market.place_order market>seller:lost settle")
    doubled = sale(acts="market.place_order market>seller:doubled settle")
    invoices = HANDLING + "seller.verify_invoice:part seller.add_invoice_partial "
    second = sale(acts=invoices + "seller.verify_invoice:rest seller.add_invoice_full ")
    go(second, "seller>market:2:lost settle market.add_invoice_partial")

    assert [type(entry) for entry in lost.log if isinstance(entry, Lost)] == [Lost]
    assert lost.statuses["seller"] == "(none)"
    assert [type(entry) for entry in doubled.log if isinstance(entry, Doubled)] == [Doubled]
    assert [e.effect for e in doubled.log if isinstance(e, Delivery)][:2] == ["acted", "ignored"]
    assert second.simulators["market"].order.invoiced == 5_000


def test_settling_leaves_nothing_that_can_arrive() -> None:
    paid = sale(acts=PAID.replace("settle", "advance:2s"))
    go(paid, "settle")

    assert paid.deliverable() == ()


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        ("buyer.place_order", "'buyer' has no part in deal marketplace-seller"),
        ("seller>buyer", "no news goes seller>buyer"),
        ("buyer>seller:lost", "no news goes buyer>seller"),
        ("market.confirm_reservation:lots", "cannot come with 'lots' here"),
    ],
)
def test_an_act_that_makes_no_sense_in_the_deal_is_an_error(act: str, reason: str) -> None:
    simulator = sale()

    with pytest.raises(ScenarioError) as caught:
        play_deal(simulator, parse_deal_acts(act)[0])
    assert reason in str(caught.value)


def test_a_refused_act_changes_nothing() -> None:
    paid = sale(acts=PAID)
    before = (paid.now, list(paid.log), paid.statuses)

    assert refusal(paid, "seller>market").startswith("0 messages are under way")
    assert refusal(paid, "seller.add_invoice_full") == "no transition takes it there"
    assert (paid.now, list(paid.log), paid.statuses) == before
