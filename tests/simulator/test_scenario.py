"""What is typed is what is played, and what is written can be read back."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.flows.loader import bundled, load_events
from orderflow.flows.settings import LONGEST
from orderflow.simulator.choices import realise, timer_choice
from orderflow.simulator.clock import START
from orderflow.simulator.order import Item
from orderflow.simulator.scenario import (
    Act,
    ScenarioError,
    duration,
    format_acts,
    format_items,
    milliseconds,
    parse_acts,
    parse_items,
    play,
)
from orderflow.simulator.simulator import Refused, Simulator, timer_data
from tests.simulator.runs import BILLABLE, MINUTE, READY, WINDOW, error_of, go, started, unplaced

WORDS = st.from_regex(r"[^\s,:@]+", fullmatch=True).filter(lambda word: word != "advance")
ACTS = st.one_of(
    st.builds(
        Act,
        WORDS,
        st.one_of(st.just(""), st.from_regex(r"[a-z0-9]+", fullmatch=True)),
        st.integers(0, 100),
    ),
    st.builds(Act, st.just("advance"), st.integers(0, LONGEST).map(duration)),
)
EVENTS = tuple(load_events())
ITEMS = st.tuples(
    st.integers(1, 999_999),
    st.integers(1, 10**12 - 1),
    st.sampled_from(["delivery", "pickup-in-point"]),
    st.one_of(st.none(), st.integers(-999_999, 999_999).map(lambda h: START + h * 3_600_000)),
)


@given(st.lists(ACTS, min_size=1))
def test_acts_survive_writing_and_reading(acts: list[Act]) -> None:
    assert parse_acts(format_acts(acts)) == tuple(acts)
    assert parse_acts(", ".join(map(str, acts)) + "\n,") == tuple(acts)


@given(st.integers(0, LONGEST))
def test_durations_survive_writing_and_reading(length: int) -> None:
    assert milliseconds(duration(length)) == length


@given(st.lists(ITEMS, min_size=1, max_size=5))
def test_items_survive_writing_and_reading(
    lines: list[tuple[int, int, str, int | None]],
) -> None:
    items = tuple(
        Item(f"item-{number}", quantity, price, channel, estimate)  # type: ignore[arg-type]  # one of two
        for number, (quantity, price, channel, estimate) in enumerate(lines, 1)
    )

    assert parse_items(format_items(items)) == items


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    for read in (parse_acts, parse_items, milliseconds):
        error = error_of(partial(read, text))
        assert error is None or (isinstance(error, ScenarioError) and str(error))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "act 1: '' is not an act"),
        ("place_order pay:rest@101", "act 2: 'pay:rest@101' is not an act"),
        ("place_order, pay:RE:ST", "act 2: 'pay:RE:ST' is not an act"),
        ("a b c:d:e", "act 3: 'c:d:e' is not an act"),
        ("advance", "'' is not a duration; write it like 90s, 30m, 4h or 2d"),
        ("advance:5y", "'5y' is not a duration"),
        ("advance:999999d", "'999999d' is too long; at most 36525d"),
    ],
)
def test_a_wrong_act_is_named_with_its_place(text: str, reason: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_acts(text)

    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1x100,2y3", "item 2: '2y3' is not an item; write 2x4990 or 1x1500:pickup"),
        ("", "item 1: '' is not an item"),
        ("0x100,3x0", "must be worth at least one cent"),
    ],
)
def test_a_wrong_item_is_named_with_its_place(text: str, reason: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_items(text)

    assert reason in str(caught.value)


def test_an_act_waits_for_its_timer_and_early_does_not() -> None:
    (late,), (early,) = parse_acts("grace_period_over"), parse_acts("grace_period_over:early")
    simulator = started("seller", WINDOW["seller"])
    began = simulator.now

    refused = play(simulator, early)
    assert isinstance(refused, Refused)
    assert (simulator.now, simulator.status) == (began, "window-to-cancel")
    assert not isinstance(play(simulator, late), Refused)
    assert (simulator.now, simulator.status) == (began + 30 * MINUTE, "ready-for-handling")


def test_early_fires_what_no_timer_holds_back() -> None:
    assert go(unplaced("seller"), "place_order:early") == "order-accepted"


def test_an_act_refused_for_another_reason_waits_for_nothing() -> None:
    simulator = started("seller", READY["seller"])
    now = simulator.now

    assert isinstance(play(simulator, Act("grace_period_over")), Refused)
    assert simulator.now == now


def test_time_let_pass_brings_its_timers() -> None:
    simulator = started("seller", WINDOW["seller"])
    happened = play(simulator, Act("advance", "31m"))

    assert not isinstance(happened, Refused)
    assert [event.event for event in happened] == ["grace_period_over"]


def test_the_percent_picks_the_amount_in_its_range() -> None:
    found = []
    for percent in (0, 50, 100):
        simulator = started("seller", BILLABLE["seller"] + f"verify_invoice:part@{percent}")
        found.append(simulator.order.invoiced)

    assert found == [1, 5_000, 9_999]


def test_a_choice_that_does_not_exist_names_those_that_do() -> None:
    simulator = started("seller", BILLABLE["seller"])
    with pytest.raises(
        ScenarioError, match=r"verify_invoice cannot come with 'half' here; it can "
    ):
        play(simulator, Act("verify_invoice", "half"))

    assert simulator.status == "handling"


def test_an_early_timer_brings_what_the_timer_would() -> None:
    data = {event: timer_data(event) for event in EVENTS}

    assert {event for event in EVENTS if timer_choice(event)} == {e for e in EVENTS if data[e]}
    for event in EVENTS:
        if data[event]:
            assert realise(event, timer_choice(event), unplaced("marketplace").order) == data[event]


def test_what_a_timer_does_is_refused_before_its_time_even_if_others_may_do_it() -> None:
    simulator = Simulator(bundled("marketplace").view())
    simulator.fire("place_order")

    assert isinstance(play(simulator, Act("create_error", "early")), Refused)
    assert simulator.status == "order-created"
