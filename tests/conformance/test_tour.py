"""The tours take every pair of steps, try every illegal event, and always come to an end."""

from __future__ import annotations

import pytest

from orderflow.conformance.check import Sightings
from orderflow.conformance.drive import Driver
from orderflow.conformance.tour import PairTour, illegal_acts, illegal_tour, pairs_of
from orderflow.flows.model import Flow, Transition
from orderflow.flows.settings import defaults
from orderflow.simulator.scenario import EARLY
from tests.conformance.subjects import (
    HANDLING,
    NAMES,
    WINDOW,
    against,
    collecting,
    driven,
    edited,
    plus,
    space_of,
    view,
    without,
)


def toured(driver: Driver) -> Sightings:
    sightings = Sightings()
    PairTour(driver, collecting(driver, sightings)).run()
    illegal_tour(driver, collecting(driver, sightings))
    return sightings


@pytest.mark.parametrize("name", NAMES)
def test_every_pair_is_taken_with_few_orders(name: str) -> None:
    driver = Driver(space_of(name), defaults())
    pairs = pairs_of(driver.space)

    PairTour(driver, lambda: None).run()

    assert {pair for pair in pairs if not driver.coverage.pairs[pair]} == set()
    assert driver.coverage.orders <= len(pairs)
    assert driver.coverage.refused.total() == 0


@pytest.mark.parametrize("name", NAMES)
def test_every_illegal_event_is_tried_in_every_status(name: str) -> None:
    driver, flow = Driver(space_of(name), defaults()), view(name)

    illegal_tour(driver, lambda: None)

    illegal = {
        (state.name, event)
        for state in flow.states
        for event in flow.events
        if (state.name, event) not in flow.leaving
    }
    assert {cell for cell in illegal if not driver.coverage.refused[cell]} == set()


def test_events_that_only_a_guard_or_a_timer_stops_are_tried_too() -> None:
    window = {str(act) for act in illegal_acts(driven(WINDOW))}
    handling = {str(act) for act in illegal_acts(driven(HANDLING))}

    assert f"grace_period_over:{EARLY}" in window
    assert "request_cancel" not in window
    assert "verify_invoice:over" in handling
    assert "verify_invoice:part" not in handling


@pytest.mark.parametrize("step", [s.id for s in view("seller").transitions])
@pytest.mark.parametrize("change", ["missing", "redirected"])
def test_a_faulty_system_is_found_out_and_ends_no_tour(step: str, change: str) -> None:
    driver = against(mutant(change, step))

    sightings = toured(driver)

    assert ("I-09", step) in sightings.found


def mutant(change: str, name: str) -> Flow:
    flow = view("seller")
    if change == "missing":
        return without(flow, name)
    elsewhere = "canceled" if flow.transition[name].target != "canceled" else "invoiced"
    return edited(flow, name, target=elsewhere)


def accepting(cells: int) -> list[Transition]:
    """Every so-manieth event that the seller flow refuses, accepted."""
    flow = view("seller")
    illegal = [
        (state.name, event)
        for state in flow.states
        for event in flow.events
        if (state.name, event) not in flow.leaving
    ]
    return [
        Transition(f"X{number}", f"X{number}", status, event, status)
        for number, (status, event) in enumerate(illegal[::cells])
    ]


@pytest.mark.parametrize("extra", accepting(13), ids=lambda step: f"{step.source}-{step.event}")
def test_an_event_accepted_where_it_must_not_be_is_found(extra: Transition) -> None:
    sightings = toured(against(plus(view("seller"), extra)))

    assert ("I-09", extra.id) in sightings.found
