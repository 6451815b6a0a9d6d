"""Flows searched, checked and driven for the tests of the exploration, once for each process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from orderflow.conformance.check import Sightings, check_flow
from orderflow.conformance.drive import Driver, Start
from orderflow.conformance.explore import Budget
from orderflow.conformance.verdict import Failure, FlowVerdict
from orderflow.flows.loader import bundled_names, find_flow
from orderflow.flows.model import Flow, Profile, Transition
from orderflow.flows.settings import defaults
from orderflow.simulator.machine import compile_plan
from orderflow.simulator.order import Item
from orderflow.simulator.scenario import Act, parse_acts
from orderflow.simulator.space import Space, search

ROOT = Path(__file__).parents[2]
NAMES = tuple(bundled_names())
EXAMPLES = tuple(sorted((ROOT / "examples" / "broken").glob("*.yaml")))
SMALL = Budget(examples=5, steps=10, seed=0, proof=False)

PLACED = "place_order complete_checkout await_authorization"
AUTHORIZED = f"{PLACED} authorize_dispatch"
WINDOW = f"{AUTHORIZED} confirm_reservation:reserved"
HANDLING = f"{WINDOW} grace_period_over start_handling begin_preparation"
INVOICED = f"{HANDLING} verify_invoice:rest add_invoice_full:settled"
"""Ways through the seller flow."""

PICKUP = (Item("item-1", 2, 4_990, "pickup-in-point"),)


@cache
def view(name: str, profile: str = "documented", modules: tuple[str, ...] = ()) -> Flow:
    return find_flow(name).view(Profile(profile), modules)


@cache
def space_of(name: str, profile: str = "documented", modules: tuple[str, ...] = ()) -> Space:
    return search(view(name, profile, modules), defaults())


@cache
def checked(
    name: str, profile: str = "documented", modules: tuple[str, ...] = (), budget: Budget = SMALL
) -> tuple[FlowVerdict, tuple[Failure, ...]]:
    return check_flow(view(name, profile, modules), budget, defaults(), reference=name)


def driven(
    acts: str, *, name: str = "seller", driver: Driver | None = None, start: Start | None = None
) -> Driver:
    """Play acts, judge, and return the driver."""
    driver = driver or Driver(space_of(name), defaults())
    if start is not None:
        driver.begin(start)
    for act in parse_acts(acts):
        driver.act(act)
    driver.judge()
    return driver


def against(changed: Flow, *, name: str = "seller") -> Driver:
    """A driver that holds a system running *changed* to the bundled flow."""
    return Driver(space_of(name), defaults(), subject=compile_plan(changed, defaults()))


def edited(flow: Flow, name: str, **changes: object) -> Flow:
    """*flow* with one transition changed."""
    steps = tuple(
        replace(step, **changes) if step.id == name else step  # type: ignore[arg-type]
        for step in flow.transitions
    )
    return replace(flow, transitions=steps)


def without(flow: Flow, name: str) -> Flow:
    return replace(flow, transitions=tuple(step for step in flow.transitions if step.id != name))


def plus(flow: Flow, *steps: Transition) -> Flow:
    return replace(flow, transitions=(*flow.transitions, *steps))


def broken(driver: Driver) -> set[tuple[str, str]]:
    return {trouble.identity for trouble in driver.troubles}


def collecting(driver: Driver, sightings: Sightings) -> Callable[[], None]:
    """A visit as the check makes it."""
    return lambda: sightings.visit(driver)


def acts_of(driver: Driver) -> tuple[Act, ...]:
    return tuple(done.act for done in driver.done)
