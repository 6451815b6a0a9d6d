"""No sale that is really run gets where the search of its deal has not been."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial

import pytest

from orderflow.flows.deal_loader import bundled_deal_names
from orderflow.simulator.choices import choices, realise
from orderflow.simulator.deal import DealSimulator, deal_plans
from orderflow.simulator.product import Product, Seat
from orderflow.simulator.simulator import Refused
from tests.conformance.small_deals import KINDS, deal_of, search_of

# Events that end a sale soon; a walk takes them seldom, to get far.
RARE = {
    "create_error",
    "cancel_order",
    "request_cancel",
    "deny_payment",
    "reject_divergence",
    "seller_cancel",
}


UNDISTURBED = [(name, "none") for name in bundled_deal_names()]
DISTURBED = [("marketplace-seller", kind) for kind in ("lost", "doubled", "reordered")]


@pytest.mark.parametrize(("name", "kind"), [*UNDISTURBED, *DISTURBED])
def test_no_walk_of_the_simulator_leaves_what_was_searched(name: str, kind: str) -> None:
    deal = replace(deal_of(name), mailbox=2)
    if kind == "reordered":  # a search leaves out amounts, and so a modification that is overtaken
        deal = replace(deal, without={**deal.without, "M27": "see above", "S28": "see above"})
    search = search_of(name, deal, KINDS[kind], whole=False)
    families = _families(search.product)
    visited = [
        {tuple(seat.here(code) for seat in family) for code in search.codes} for family in families
    ]
    assert search.complete

    steps = disturbed = 0
    plans = deal_plans(deal)
    for seed in range(40):
        chance = random.Random(seed)
        simulator = DealSimulator(deal, plans=plans)
        good = kind == "none"
        for _ in range(60):
            if not good and chance.random() < 0.3 and _went_wrong(simulator, chance, kind):
                good = True
                disturbed += 1
            elif not _moved(simulator, chance):
                break
            steps += 1
            for family, known in zip(families, visited, strict=True):
                here = tuple(_here(seat, simulator) for seat in family)
                assert here in known, (seed, simulator.statuses)
    assert steps > (800 if kind == "none" else 400)
    assert disturbed >= (0 if kind == "none" else 10)


def _families(product: Product) -> list[list[Seat]]:
    """Participants that are always looked at together: all, or an order of a group and its own."""
    found: dict[int, list[Seat]] = {}
    for seat in product.seats:
        top = seat
        while top.part.upper >= 0:
            top = product.seats[top.part.upper]
        found.setdefault(top.part.number, []).append(seat)
    return list(found.values())


def _here(seat: Seat, simulator: DealSimulator) -> tuple[int | None, int]:
    """Configuration of one document, and how many have taken over below it."""
    name = seat.part.who.name
    order = simulator.simulators[name].order
    below = [each.name for each in simulator.deal.lower(name)]
    phase = below.index(simulator.current(name)) if seat.phase else 0
    return seat.part.space.number(order), phase


def _moved(simulator: DealSimulator, chance: random.Random) -> bool:
    """Let something happen: an act, a message that arrives, or a time limit that is over."""
    simulator.advance(1)
    usual = chance.random() < 0.95
    ways = [partial(_act, simulator, chance, usual=usual), partial(_deliver, simulator, chance)]
    if chance.random() < 0.5:
        ways.reverse()
    ways += [partial(_wait, simulator), partial(_act, simulator, chance, usual=False)]
    return any(way() for way in ways)


def _deliver(simulator: DealSimulator, chance: random.Random) -> bool:
    channels = simulator.open_channels()
    return bool(channels) and not isinstance(simulator.deliver(*chance.choice(channels)), Refused)


def _went_wrong(simulator: DealSimulator, chance: random.Random, kind: str) -> bool:
    """Let one message be lost, be doubled, or overtake another."""
    channels = simulator.open_channels()
    if not channels:
        return False
    way = chance.choice(channels)
    if kind == "reordered":
        return not isinstance(simulator.deliver(*way, 1), Refused)
    happened = simulator.lose(*way) if kind == "lost" else simulator.double(*way)
    return not isinstance(happened, Refused)


def _act(simulator: DealSimulator, chance: random.Random, *, usual: bool) -> bool:
    acts = [
        (name, event, choice)
        for name in simulator.deal.names
        for event in simulator.accepts(name)
        if not (usual and event in RARE)
        for choice in choices(event, simulator.simulators[name].order)
        if (event, choice) != ("modify_order", "less")  # not searched
    ]
    chance.shuffle(acts)
    for name, event, choice in acts:
        data = realise(event, choice, simulator.simulators[name].order, chance.randint)
        if not isinstance(simulator.attempt(name, event, data), Refused):
            return True
    return False


def _wait(simulator: DealSimulator) -> bool:
    due = simulator.next_due()
    if due is not None:
        simulator.advance(due - simulator.now)
    return due is not None
