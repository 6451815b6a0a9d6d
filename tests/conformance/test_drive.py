"""The driver plays what it is told, judges every step, and counts nothing twice."""

from __future__ import annotations

from itertools import pairwise

import pytest

from orderflow.conformance.coverage import Coverage
from orderflow.conformance.drive import Driver, Start
from orderflow.conformance.observe import BREATH_MS
from orderflow.conformance.verdict import CellOutcome
from orderflow.flows.model import ABSENT
from orderflow.flows.settings import defaults
from orderflow.simulator.effects import Taken, commit
from orderflow.simulator.order import Order
from orderflow.simulator.scenario import Act, parse_acts
from tests.conformance.subjects import (
    AUTHORIZED,
    HANDLING,
    INVOICED,
    PICKUP,
    PLACED,
    WINDOW,
    against,
    broken,
    driven,
    edited,
    space_of,
    view,
)


def test_an_undisturbed_order_breaks_nothing() -> None:
    driver = driven(INVOICED)

    assert driver.troubles == []
    assert driver.simulator.status == "invoiced"
    assert driver.coverage.steps == len(driver.done) == len(driver.simulator.events)


def test_no_two_steps_happen_at_once() -> None:
    times = [event.at for event in driven(INVOICED).simulator.events]

    assert all(later - earlier >= BREATH_MS for earlier, later in pairwise(times))


def test_a_timers_event_waits_for_its_timer_and_is_told_as_the_timers() -> None:
    driver = driven(f"{WINDOW} grace_period_over")

    fired = driver.simulator.events[-1]
    assert (fired.event, fired.actor, fired.cause) == ("grace_period_over", "timer", "timer")
    assert fired.at - driver.simulator.events[-2].at == defaults().milliseconds(
        "cancellation_window"
    )


def test_time_alone_is_no_step_but_what_it_fires_is() -> None:
    driver = driven(f"{WINDOW} advance:1m")
    before = driver.coverage.steps

    driver.act(Act("advance", "30m"))

    assert before == len(WINDOW.split())
    assert driver.coverage.steps == before + 1
    assert driver.simulator.status == "ready-for-handling"


def test_each_refusal_is_counted_in_its_cell() -> None:
    driver = driven(f"{PLACED} start_handling start_handling no_such_event")

    cell = ("waiting-ffmt-authorization", "start_handling")
    assert driver.coverage.refused[cell] == 2
    assert driver.coverage.refused.total() == 3
    assert driver.coverage.steps == len(driver.simulator.events) + 3
    assert [done.events for done in driver.done[-3:]] == [(), (), ()]


def test_orders_are_counted_once_they_are_placed() -> None:
    driver = Driver(space_of("seller"), defaults())
    driver.begin()
    driver.begin()
    driver.act(Act("start_handling"))

    assert driver.coverage.orders == 0
    driven(PLACED, driver=driver)
    assert driver.coverage.orders == 1
    assert driver.simulator.order.order_id == "order-1"


def test_a_new_order_begins_afresh() -> None:
    driver = driven("place_order start_handling")

    driver.begin(Start(PICKUP, replaceable=False))

    assert driver.simulator.status == ABSENT
    assert driver.simulator.order.items == PICKUP
    assert not driver.simulator.order.replaceable
    assert (driver.done, driver.steps, driver.troubles) == ([], [], [])
    assert driver.place is not None


def test_following_a_path_stops_where_the_order_does_not_follow() -> None:
    space = space_of("seller")
    path = space.way_to("S08")
    assert path is not None
    faulty = against(edited(view("seller"), "S04", source="handling"))

    assert Driver(space, defaults()).follow(path)
    assert not faulty.follow(path)
    assert len(faulty.done) == len(AUTHORIZED.split())


def test_a_driver_that_only_measures_finds_no_trouble() -> None:
    faulty = edited(view("seller"), "S08", target="handling")
    acts = f"{WINDOW} grace_period_over start_handling"

    driver = Driver(space_of("seller"), defaults(), judged=False, subject=against(faulty).subject)
    driven(acts, driver=driver)

    assert driver.troubles == []
    assert driver.coverage.transitions["S08"] == 1
    assert broken(driven(acts, driver=against(faulty))) != set()


def test_a_trouble_is_told_once_an_order() -> None:
    faulty = against(edited(view("seller"), "S04", event="reject_divergence"))

    driven(f"{PLACED} reject_divergence", driver=faulty)
    driver = driven(f"{PLACED} authorize_dispatch authorize_dispatch", driver=begun(faulty))

    assert [trouble.identity for trouble in driver.troubles] == [("I-09", "S04")]
    assert driver.troubles[0].event == -1


def begun(driver: Driver) -> Driver:
    driver.begin()
    return driver


def test_refusals_of_different_events_are_different_troubles() -> None:
    driver = against(edited(view("seller"), "S09", event="reject_divergence"))

    driven(f"{WINDOW} grace_period_over start_handling begin_preparation", driver=driver)

    assert {trouble.cell for trouble in driver.troubles} == {
        ("start-handling", "begin_preparation")
    }


def test_the_cell_of_an_error_diverges() -> None:
    coverage = Coverage()
    driver = against(edited(view("seller"), "S08", target="handling"))
    driver.coverage = coverage

    driven(f"{WINDOW} grace_period_over start_handling", driver=driver)

    cells = {(status, event): outcome for status, event, outcome in coverage.cells(view("seller"))}
    assert cells["ready-for-handling", "start_handling"] is CellOutcome.DIVERGES
    assert cells["window-to-cancel", "grace_period_over"] is CellOutcome.EXERCISED
    assert cells["handling", "verify_invoice"] is CellOutcome.NOT_EXERCISED
    assert cells["handling", "place_order"] is CellOutcome.UNTRIED


def test_the_amount_follows_the_percent() -> None:
    low, high = (driven(f"{HANDLING} verify_invoice:part@{percent}") for percent in (0, 100))

    assert [d.simulator.order.invoiced for d in (low, high)] == [1, 9_999]
    assert low.place == high.place


def test_a_document_that_is_wrong_for_one_step_only_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def spoil(order: Order, taken: Taken) -> Order:
        after = commit(order, taken)
        totals = (("Items", after.value - (after.status == "authorize-fulfillment")),)
        return after._replace(totals=totals)

    monkeypatch.setattr("orderflow.simulator.simulator.commit", spoil)
    driver = Driver(space_of("seller"), defaults())
    for act in parse_acts(
        "place_order complete_checkout await_authorization authorize_dispatch confirm_reservation"
    ):
        driver.act(act)
    driver.judge()

    assert [trouble.identity for trouble in driver.troubles] == [("A-78", "S04")]
