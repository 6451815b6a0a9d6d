"""Deals searched, driven and explored for the tests of sales, once for each process."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from orderflow.conformance.deal_check import DealSightings
from orderflow.conformance.deal_drive import DealDriver, run_deal
from orderflow.conformance.deal_explore import DealMoves
from orderflow.conformance.deal_observe import Ground, ground_of
from orderflow.conformance.deal_ways import Ways
from orderflow.conformance.drive import Start
from orderflow.conformance.explore import Budget, explore_deal
from orderflow.conformance.strategies import random_start
from orderflow.flows.deal import Deal
from orderflow.flows.deal_loader import bundled_deal, bundled_deal_names
from orderflow.flows.settings import defaults
from orderflow.simulator.deal_scenario import parse_deal_acts

DEALS = bundled_deal_names()
TWO = "marketplace-seller"

PLACED = "market.place_order market>seller market.complete_checkout market.open_flow seller>market"
"""Ways through the deal of a marketplace and a seller."""

PAID = (
    f"{PLACED} market.payment_approved seller.complete_checkout seller.await_authorization "
    "market>seller"
)
HANDLED = (
    f"{PAID} seller.confirm_reservation:reserved seller.grace_period_over seller.start_handling "
    "seller.begin_preparation"
)
INVOICED = f"{HANDLED} seller.verify_invoice:rest seller.add_invoice_full:settled"


@cache
def deal_of(name: str) -> Deal:
    return bundled_deal(name).view()


@cache
def ground(name: str = TWO) -> Ground:
    return ground_of(deal_of(name), defaults())


@cache
def ways(name: str = TWO) -> Ways:
    return Ways(ground(name))


def sold(acts: str, name: str = TWO, start: Start | None = None) -> DealDriver:
    """Play acts in a sale and judge it."""
    return run_deal(ground(name), parse_deal_acts(acts), start or Start())


def broken(driver: DealDriver) -> set[str]:
    """Rules that a sale broke."""
    return {trouble.rule for trouble in driver.troubles}


def without_link(deal: Deal, link: str) -> Deal:
    return replace(deal, links=tuple(each for each in deal.links if each.id != link))


def explored(
    found: Ground, budget: Budget, faults: frozenset[str] = frozenset(), known: Ways | None = None
) -> tuple[DealDriver, DealSightings]:
    """Explore a deal, without a tour."""
    driver, sightings = DealDriver(found), DealSightings()
    moves = DealMoves(
        driver,
        known or Ways(found),
        lambda: sightings.visit(driver),
        random_start,
        budget.seed,
        faults,
    )
    explore_deal(moves, budget)
    return driver, sightings
