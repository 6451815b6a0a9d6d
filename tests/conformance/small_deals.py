"""Bundled deals made small, so that the plain search can follow, and ways to look into a search."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from orderflow.conformance.deal_search import Search
from orderflow.flows.deal import Deal
from orderflow.flows.deal_loader import bundled_deal
from orderflow.flows.model import Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.product import NO_FAULTS, Faults, Product
from orderflow.simulator.space import Space
from tests.conformance.naive_deal import Letter, Naive, State

KINDS = {
    "none": NO_FAULTS,
    "lost": Faults(lost=True),
    "doubled": Faults(doubled=True),
    "reordered": Faults(reordered=True),
    "delayed": Faults(delayed=True),
}

PLAIN = "M27 S28 M30 M30r S29 S30 M29 M29n M29g M29c M29x M25 M11 M09 M12 M13 S16 S17"
"""Transitions without which the orders of a group can be looked at together to their end."""


@cache
def deal_of(name: str, profile: Profile = Profile.DOCUMENTED) -> Deal:
    return bundled_deal(name).view(profile)


def small(name: str, mailbox: int, without: str = "") -> Deal:
    """A bundled deal with little room for messages, and without some transitions."""
    deal = deal_of(name)
    left_out = dict.fromkeys(without.split(), "to keep it small")
    return replace(deal, mailbox=mailbox, without={**deal.without, **left_out})


@cache
def spaces_of(name: str, profile: Profile = Profile.DOCUMENTED) -> dict[str, Space]:
    """Spaces of a bundled deal by participant, searched once for all tests."""
    product = Product(deal_of(name, profile), defaults())
    return {seat.part.who.name: seat.part.space for seat in product.seats}


def search_of(name: str, deal: Deal, faults: Faults = NO_FAULTS, *, whole: bool = True) -> Search:
    """A search of a variant of a bundled deal, nothing sliced off."""
    product = Product(deal, defaults(), faults=faults, spaces=spaces_of(name), whole=whole)
    search = Search(product)
    search.run()
    return search


def naive_of(name: str, deal: Deal, faults: Faults = NO_FAULTS) -> Naive:
    naive = Naive(deal, spaces_of(name), faults)
    naive.search()
    return naive


def told(product: Product, code: int) -> State:
    """A configuration as the plain search knows it."""
    here = [seat.here(code) for seat in product.seats]
    boxes = tuple(
        tuple(Letter(product.world.links[each.link].id, *each[1:]) for each in word)
        for word in (product.words.contents[box.of(code)] for box in product.boxes)
    )
    places, phases = zip(*here, strict=True)
    return State(places, phases, boxes, product.faults_in(code))
