"""Time limits hold to the millisecond, start on entering a status and end on leaving it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.flows.loader import parse_flow
from orderflow.flows.model import ABSENT, Flow, State, Timer, Transition
from orderflow.flows.settings import defaults
from orderflow.simulator.errors import EndlessTimersError, RefusedEventError
from orderflow.simulator.simulator import Simulator
from tests.simulator.runs import BILLABLE, DAY, MINUTE, PAID, READY, WINDOW, go, started

LIMITS = [
    ("seller", WINDOW["seller"], 30 * MINUTE, "ready-for-handling"),
    ("complete", WINDOW["complete"], 30 * MINUTE, "ready-for-handling"),
    ("seller", WINDOW["seller"].rsplit(maxsplit=2)[0], 30 * DAY, "cancel"),
    ("seller", WINDOW["seller"].rsplit(maxsplit=1)[0], 30 * DAY, "cancel"),
    ("complete", PAID + "authorize_dispatch", 30 * DAY, "cancel"),
    ("seller", READY["seller"] + "request_cancel", 30 * DAY, "cancel"),
    ("complete", READY["complete"] + "request_cancel notify_seller", 30 * DAY, "cancel"),
    ("marketplace", PAID + "request_cancel notify_seller", 30 * DAY, "cancel"),
    ("chain", BILLABLE["chain"] + "request_cancel notify_seller", 30 * DAY, "cancel"),
    ("marketplace", PAID + "seller_cancel", 2 * DAY, "cancel"),
    ("marketplace", "place_order", 5 * MINUTE, "null"),
    ("complete", "place_order", 5 * MINUTE, "null"),
    ("chain", "place_order", 5 * MINUTE, "null"),
]


@pytest.mark.parametrize(("name", "acts", "limit", "status"), LIMITS)
def test_each_limit_is_over_exactly_when_it_is_over(
    name: str, acts: str, limit: int, status: str
) -> None:
    simulator = started(name, acts)
    entered, before = simulator.now, simulator.status

    assert simulator.advance(limit - 1) == ()
    assert simulator.status == before
    (event,) = simulator.advance(1)
    assert (event.at, event.target, event.cause) == (entered + limit, status, "timer")
    assert event.actor == "timer"


@given(st.lists(st.integers(0, 400_000), max_size=12))
def test_time_in_pieces_does_what_time_at_once_does(pieces: list[int]) -> None:
    one, other = started("seller", WINDOW["seller"]), started("seller", WINDOW["seller"])
    happened = tuple(event for piece in pieces for event in one.advance(piece))

    assert happened == other.advance(sum(pieces))
    assert (one.order, one.now) == (other.order, other.now)


def test_a_step_of_a_timer_is_refused_before_its_time() -> None:
    simulator = started("seller", WINDOW["seller"])
    simulator.advance(30 * MINUTE - 1)

    with pytest.raises(RefusedEventError, match="its time is over only in 1 s"):
        simulator.fire("grace_period_over")


def test_a_limit_starts_again_when_the_status_is_entered_anew() -> None:
    acts = READY["seller"] + "request_cancel advance:20d deny_cancel advance:10d request_cancel"
    simulator = started("seller", acts)

    assert simulator.advance(30 * DAY - 1) == ()
    assert [event.transition for event in simulator.advance(1)] == ["S21"]


def test_a_step_that_keeps_the_status_does_not_start_it_again() -> None:
    acts = PAID + "authorize_dispatch advance:29d confirm_reservation:gone"
    simulator = started("complete", acts)

    assert [event.transition for event in simulator.advance(DAY)] == ["C29"]


@pytest.mark.parametrize(
    ("name", "acts", "limit", "way_out"),
    [
        ("seller", WINDOW["seller"], 30 * MINUTE, "request_cancel"),
        ("seller", WINDOW["seller"].rsplit(maxsplit=1)[0], 30 * DAY, "confirm_reservation"),
        ("seller", READY["seller"] + "request_cancel", 30 * DAY, "deny_cancel"),
        ("complete", READY["complete"] + "request_cancel notify_seller", 30 * DAY, "deny_cancel"),
        ("marketplace", PAID + "request_cancel notify_seller", 30 * DAY, "accept_cancel"),
        ("marketplace", PAID + "seller_cancel", 2 * DAY, "change_seller"),
        ("marketplace", "place_order", 5 * MINUTE, "complete_checkout"),
    ],
)
def test_leaving_the_status_ends_the_limit(name: str, acts: str, limit: int, way_out: str) -> None:
    simulator = started(name, acts)
    left = simulator.status
    go(simulator, f"advance:{limit - 1}ms {way_out}")

    assert [event.transition for event in simulator.advance(limit) if event.source == left] == []


def test_a_window_of_no_length_is_over_at_once() -> None:
    none = defaults().override({"cancellation_window": 0})
    simulator = started("seller", WINDOW["seller"], settings=none)
    asked = started("seller", WINDOW["seller"], settings=none)

    assert [event.target for event in simulator.advance(0)] == ["ready-for-handling"]
    assert go(asked, "request_cancel") == "cancel", "who comes before time moves is in time"


def test_settings_move_the_limit() -> None:
    longer = defaults().override({"cancellation_window": 45})
    simulator = started("seller", WINDOW["seller"], settings=longer)

    assert simulator.advance(45 * MINUTE - 1) == ()
    assert [event.transition for event in simulator.advance_to_next()] == ["S07"]


def test_advance_to_next_takes_no_time_when_nothing_is_due() -> None:
    simulator = started("seller", READY["seller"])
    now = simulator.now

    assert simulator.advance_to_next() == ()
    assert simulator.now == now
    with pytest.raises(ValueError, match="backwards"):
        simulator.advance(-1)


def relay(lengths: list[tuple[int, str]]) -> Flow:
    """Statuses 0, 1, 2, ... each left by a timer for the next one."""
    steps = [Transition("T", "T", ABSENT, "place_order", "0")]
    timers = []
    for number, (_, length) in enumerate(lengths):
        source, event = str(number), f"over_{number}"
        target = str(number + 1)
        steps.append(Transition(event, event, source, event, target, actors=("timer",)))
        timers.append(Timer(source, length, event))
    states = tuple(State(str(number)) for number in range(len(lengths) + 1))
    return Flow("relay", "Relay", "0", states, tuple(steps), timers=tuple(timers))


@given(
    st.lists(
        st.sampled_from([(30 * MINUTE, "cancellation_window"), (5 * MINUTE, "gateway_callback")]),
        min_size=1,
        max_size=8,
    ),
    st.integers(0, 8 * 30 * MINUTE),
)
def test_advance_settles_everything_due_in_order(
    lengths: list[tuple[int, str]], duration: int
) -> None:
    simulator = Simulator(relay(lengths))
    start = simulator.fire("place_order").at
    due = [start + sum(ms for ms, _ in lengths[: n + 1]) for n in range(len(lengths))]

    happened = simulator.advance(duration)
    assert [event.at for event in happened] == [at for at in due if at <= start + duration]
    assert simulator.now == start + duration


def test_a_timer_with_two_branches_rings_once() -> None:
    flow = Flow(
        "small",
        "Small",
        "a",
        (State("a"), State("b")),
        (
            Transition("T0", "T0", ABSENT, "place_order", "a"),
            Transition("T1", "T1", "a", "over", "a", actors=("timer",), when=("unpaid",)),
            Transition("T2", "T2", "a", "over", "b", actors=("timer",), when=("paid",)),
        ),
        timers=(Timer("a", "gateway_callback", "over"),),
    )
    simulator = Simulator(flow)
    simulator.fire("place_order")

    assert [event.transition for event in simulator.advance(DAY)] == ["T1"]


def test_timers_that_set_each_other_off_are_an_error_not_a_hang() -> None:
    flow = parse_flow(
        """
flow: ping-pong
title: Two timers
initial: ping
final: {success: [done]}
states: {ping: {}, pong: {}, done: {}}
transitions:
  - {id: P1, from: (none), on: place_order, to: ping}
  - {id: P2, from: ping, on: grace_period_over, to: pong, actor: timer}
  - {id: P3, from: pong, on: grace_period_over, to: ping, actor: timer}
  - {id: P4, from: ping, on: finish_cancel, to: done}
timers:
  - {in: [ping, pong], after: cancellation_window, fires: grace_period_over}
"""
    ).view()
    slow = Simulator(flow)
    slow.fire("place_order")
    endless = Simulator(flow, settings=defaults().override({"cancellation_window": 0}))
    endless.fire("place_order")

    assert len(slow.advance(100 * 30 * 60_000)) == 100
    with pytest.raises(EndlessTimersError, match="set each other off without end"):
        endless.advance(1)
