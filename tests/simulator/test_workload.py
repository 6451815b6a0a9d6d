"""A generated history is one that the simulator lives through, and the same seed gives the same."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice, pairwise
from types import GeneratorType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.flows.model import Flow, Profile, State, Timer, Transition
from orderflow.flows.settings import defaults
from orderflow.simulator.history import COLUMNS, Writer, rfc3339
from orderflow.simulator.order import Item
from orderflow.simulator.scenario import play
from orderflow.simulator.simulator import Refused, Simulator, new_order
from orderflow.simulator.space import Space, search
from orderflow.simulator.workload import Walk, acts_of, wait_of
from tests.simulator.runs import VIEWS, space_of, viewed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ORDERS = 250


def lines(space: Space, seed: int, orders: int = ORDERS) -> list[dict[str, Any]]:
    walk = Walk(space, seed)
    return [json.loads(line) for line in Writer(walk).jsonl(walk.histories(orders))]


def orders_of(space: Space, seed: int) -> list[list[dict[str, Any]]]:
    return [list(found) for _, found in groupby(lines(space, seed), lambda line: line["order_id"])]


def milliseconds(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)


@pytest.mark.parametrize(("name", "profile"), VIEWS)
def test_the_simulator_lives_through_every_history_as_written(name: str, profile: Profile) -> None:
    space, flow = space_of(name, profile), viewed(name, profile)
    walk = Walk(space, 11)

    for history, written in zip(walk.histories(ORDERS), orders_of(space, 11), strict=True):
        order = new_order(flow, "o", (Item("item-1", 1, history.value),))
        simulator = Simulator(flow, order=order, plan=space.plan)
        value = 0
        for act, line in zip(acts_of(walk, history), written, strict=True):
            happened = play(simulator, act)
            assert not isinstance(happened, Refused)
            (event,) = happened
            target = None if event.target == "null" else event.target
            value = line.get("value", value)
            assert (event.seq, event.event, event.transition, event.actor, target) == (
                line["seq"], line["event"], line["transition"], line["actor"], line["status"],
            )  # fmt: skip
            assert dict(event.data).get("value") == line.get("invoice")
            assert simulator.order.value == value
        assert written[-1]["seq"] == len(simulator.events)


@pytest.mark.parametrize(("name", "profile"), VIEWS)
def test_time_never_runs_backwards_and_timers_are_exact(name: str, profile: Profile) -> None:
    space = space_of(name, profile)
    timed = {edge.transition: wait_of(space, edge) for edge in space.edges if edge.timed}
    seen: Counter[str] = Counter()

    for written in [*orders_of(space, 3), *orders_of(space, 4)]:
        entered, before = 0, 0
        for line in written:
            at = milliseconds(line["at"])
            assert at >= before
            if line["transition"] in timed:
                assert at - entered == timed[line["transition"]]
                seen[line["transition"]] += 1
            elif before:
                limits = dict(space.plan.alarms).get(line["from"] or "", ())
                assert all(at - entered < wait for wait, _ in limits)
            if line["from"] != line["status"]:
                entered = at
            before = at
    assert seen


@pytest.mark.parametrize("name", ["seller", "marketplace", "complete", "chain"])
def test_orders_are_named_once_and_every_amount_is_positive(name: str) -> None:
    found = orders_of(space_of(name), 5)

    assert len({written[0]["order_id"] for written in found}) == len(found) == ORDERS
    for written in found:
        assert [line["seq"] for line in written] == list(range(1, len(written) + 1))
        assert written[0]["value"] >= 10_000
        amounts = [line[key] for line in written for key in ("value", "invoice") if key in line]
        assert all(isinstance(cents, int) and cents > 0 for cents in amounts)


@pytest.mark.parametrize("name", ["seller", "marketplace", "complete", "chain"])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(name: str) -> None:
    space = space_of(name)

    assert lines(space, 7) == lines(space, 7) == lines(search(viewed(name), defaults()), 7)
    assert lines(space, 7) != lines(space, 8)
    assert lines(space, 7)[:300] == lines(space, 7, ORDERS * 2)[:300]


def test_what_is_mixed_in_is_there() -> None:
    found = {line["event"] for line in lines(space_of("marketplace"), 1, 1_500)}

    assert {"add_invoice_partial", "add_return_invoice", "deny_cancel", "create_error"} <= found
    assert {"modify_order", "finish_cancel", "update_tracking", "change_seller"} <= found


def test_however_many_parts_are_taken_a_cent_is_left() -> None:
    """A walk of nothing but parts: the few long ones are drawn again."""
    space = space_of("marketplace")
    walk = Walk(space, 2)
    shrinking = {"part", "less"}
    most = 0
    for history in walk.histories(20_000):
        most = max(most, sum(walk.edges[edge].choice in shrinking for edge, _, _ in history.rows))

    assert 4 <= most <= 8
    assert walk._harmless < 16


def test_csv_and_json_lines_hold_the_same() -> None:
    for name, profile in VIEWS:
        walk = Walk(space_of(name, profile), 9)
        text = "".join(Writer(walk).csv(walk.histories(60)))
        table = list(csv.DictReader(io.StringIO(text, newline="")))

        assert text.splitlines()[0] == ",".join(COLUMNS)
        assert "\r" not in text
        expected = [
            {key: "" if line.get(key) is None else str(line[key]) for key in COLUMNS}
            for line in lines(space_of(name, profile), 9, 60)
        ]
        assert table == expected


def odd_flow() -> Flow:
    """A flow whose names hold everything that means something in CSV or JSON."""
    name = 'a"b,c'
    return Flow(
        'f",\\',
        "Odd",
        name,
        (State(name), State("fin ü")),
        (
            Transition('T"0', "T0", "(none)", "place_order", name),
            Transition("T,1", "T1", name, "go, on", "fin ü", actors=("timer",)),
        ),
        success=("fin ü",),
        timers=(Timer(name, "gateway_callback", "go, on"),),
    )


def test_odd_names_survive_both_forms() -> None:
    walk = Walk(search(odd_flow(), defaults()), 1)
    history = list(walk.histories(1))
    (first, second) = map(json.loads, Writer(walk).jsonl(history))
    table = list(csv.DictReader(io.StringIO("".join(Writer(walk).csv(history)), newline="")))

    assert (first["status"], second["event"]) == ('a"b,c', "go, on")
    assert [(row["order_id"], row["status"], row["transition"]) for row in table] == [
        (line["order_id"], line["status"], line["transition"]) for line in (first, second)
    ]


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001  # made UTC below
def test_times_are_written_as_datetime_writes_them(moment: datetime) -> None:
    at = (moment.replace(tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)
    expected = (EPOCH + timedelta(milliseconds=at)).isoformat(timespec="milliseconds")

    assert rfc3339(at) == expected.replace("+00:00", "Z")
    assert milliseconds(rfc3339(at)) == at


def test_histories_are_drawn_as_they_are_asked_for() -> None:
    walk = Walk(space_of("seller"), 1)
    endless = walk.histories(10**12)
    text = Writer(walk).jsonl(endless)

    assert isinstance(endless, GeneratorType)
    assert len(list(islice(text, 1_000))) == 1_000


def test_a_window_of_no_length_takes_none() -> None:
    none = defaults().override({"cancellation_window": 0})
    space = search(viewed("seller"), none)
    for written in orders_of(space, 6):
        times = [milliseconds(line["at"]) for line in written]

        assert times == sorted(times)
        for before, after in pairwise(written):
            if after["from"] == "window-to-cancel":
                assert after["at"] == before["at"]


def test_of_two_timers_the_sooner_one_moves_the_order() -> None:
    flow = Flow(
        "two",
        "Two",
        "a",
        tuple(map(State, "ab")),
        (
            Transition("T0", "T0", "(none)", "place_order", "a"),
            Transition("late", "T1", "a", "late", "b", actors=("timer",)),
            Transition("soon", "T2", "a", "soon", "b", actors=("timer",)),
        ),
        success=("b",),
        timers=(Timer("a", "cancellation_window", "late"), Timer("a", "gateway_callback", "soon")),
    )
    walk = Walk(search(flow, defaults()), 1)

    went = {walk.edges[history.rows[-1][0]].transition for history in walk.histories(50)}
    assert went == {"soon"}
