"""A failing sale becomes nearly as short as the shortest there is, and still fails the same way."""

from __future__ import annotations

import pytest

from orderflow.conformance.deal_drive import DealDriver, Identity, deal_trouble_in, run_deal
from orderflow.conformance.deal_explore import Walk
from orderflow.conformance.deal_shrink import (
    MOST_RUNS,
    DealActs,
    DealShrinker,
    unfolded,
    without_refused,
)
from orderflow.conformance.drive import Start
from orderflow.conformance.explore import Budget
from orderflow.conformance.prove_deal import prove_deal
from orderflow.flows.settings import defaults
from orderflow.simulator.deal_scenario import Carry, format_deal_acts, parse_deal_acts
from orderflow.simulator.product import Faults
from tests.conformance.deal_subjects import (
    HANDLED,
    INVOICED,
    PAID,
    deal_of,
    explored,
    ground,
    sold,
    ways,
)

MIRROR: Identity = ("A-53", "market", "M06d")


def shrunk(acts: str, identity: Identity = MIRROR, name: str = "marketplace-seller") -> DealActs:
    shrinker = DealShrinker(ground(name), ways(name), identity, Start())
    found = shrinker.shrink(parse_deal_acts(acts))
    assert shrinker.runs <= MOST_RUNS
    assert deal_trouble_in(run_deal(ground(name), found, Start()), identity) is not None
    return found


def test_needless_acts_refusals_waits_and_amounts_go() -> None:
    messy = (
        f"advance:5m seller.start_handling {HANDLED} market.modify_order:more@30 advance:1h "
        "market.request_cancel settle seller.deny_cancel settle "
        "seller.verify_invoice:rest@7 seller.add_invoice_full:settled seller>market:lost "
        "seller.update_tracking:number settle advance:2d"
    )
    shortest = f"{INVOICED} seller>market:lost"
    identity = next(t.identity for t in sold(messy).troubles if t.rule == "A-53")

    found = shrunk(messy, identity)

    assert len(found) <= len(parse_deal_acts(shortest)) + 3
    text = f" {format_deal_acts(found)} "
    assert not any(word in text for word in (" settle ", "advance:", "@", "modify_order"))


def test_what_the_search_found_is_short_already() -> None:
    shortest = f"{INVOICED} seller>market:lost"

    assert len(shrunk(shortest)) == len(parse_deal_acts(shortest))


def test_explored_failures_come_near_the_shortest_that_the_search_knows() -> None:
    search = prove_deal(
        deal_of("marketplace-seller"),
        defaults(),
        faults=Faults(lost=True),
        spaces=ground().spaces,
        prompt=True,
    )
    shortest = {each.rule: len(each.steps) for each in search.divergences}
    _, sightings = explored(
        ground(), Budget(examples=12, steps=40, seed=0), frozenset({"lost"}), ways()
    )

    lengths: dict[str, int] = {}
    for identity, sighting in sightings.found.items():
        shrinker = DealShrinker(ground(), ways(), identity, sighting.start)
        acts = shrinker.shrink(sighting.acts)
        lengths[identity[0]] = min(len(acts), lengths.get(identity[0], 99))

    assert {"A-53", "A-65"} & lengths.keys()
    assert all(length <= shortest[rule] + 6 for rule, length in lengths.items())


def test_a_fault_that_does_not_matter_goes() -> None:
    acts = f"{INVOICED} seller>market:lost".replace("market>seller ", "market>seller:doubled ", 1)

    found = shrunk(acts)

    fates = [act.fate for act in found if isinstance(act, Carry) and act.fate]
    assert fates == ["lost"]


def test_upper_participants_go_first_where_it_does_not_matter() -> None:
    acts = f"{INVOICED} seller>market:lost".replace(
        "market.complete_checkout market.open_flow seller>market market.payment_approved "
        "seller.complete_checkout",
        "seller.complete_checkout market.complete_checkout market.open_flow seller>market "
        "market.payment_approved",
    )

    found = format_deal_acts(shrunk(acts))

    assert found.index("market.complete_checkout") < found.index("seller.complete_checkout")


def test_waiting_unfolds_into_what_came_of_it() -> None:
    driver = sold(f"{PAID} seller.confirm_reservation:reserved advance:31m settle")

    text = format_deal_acts(unfolded(driver))

    assert text.endswith("seller.confirm_reservation:reserved seller.grace_period_over")
    assert "advance" not in text


def test_refused_acts_are_left_out() -> None:
    driver = sold("seller.start_handling market.place_order market>seller")

    assert format_deal_acts(without_refused(driver)) == "market.place_order market>seller"


def test_a_way_of_the_search_is_taken_instead_of_a_detour() -> None:
    detour = f"{HANDLED} market.request_cancel settle seller.deny_cancel settle "
    detour += "seller.verify_invoice:rest seller.add_invoice_full:settled seller>market:lost"
    identity = next(t.identity for t in sold(detour).troubles if t.rule == "A-53")
    driver = DealDriver(ground())

    found = shrunk(detour, identity)

    assert len(found) < len(parse_deal_acts(detour))
    assert Walk(driver).follow(())


@pytest.mark.parametrize("times", [2])
def test_shrinking_twice_gives_the_same(times: int) -> None:
    messy = f"{HANDLED} settle market.request_cancel settle seller.deny_cancel advance:1h "
    messy += "seller.verify_invoice:rest seller.add_invoice_full:settled seller>market:lost settle"
    identity = next(t.identity for t in sold(messy).troubles if t.rule == "A-53")

    assert len({shrunk(messy, identity) for _ in range(times)}) == 1
