"""Every step of every document of a sale is judged, and every message that goes between them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderflow.conformance.deal_drive import DealDriver, DealTrouble, run_deal
from orderflow.conformance.deal_messages import Post
from orderflow.conformance.deal_observe import deal_record, ground_of, watch
from orderflow.conformance.drive import Start
from orderflow.conformance.judge_deal import judge_deal
from orderflow.conformance.rules import RULES
from orderflow.flows.deal import Deal, Notice, Participant
from orderflow.flows.settings import defaults
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.deal_scenario import Carry, parse_deal_acts
from orderflow.simulator.message import DealEvent, Delivery
from tests.conformance.deal_subjects import (
    DEALS,
    HANDLED,
    INVOICED,
    PLACED,
    TWO,
    broken,
    deal_of,
    ground,
    sold,
    without_link,
)
from tests.conformance.subjects import edited


def test_a_sale_that_goes_well_breaks_nothing_and_every_rule_on_sales_is_asked() -> None:
    driver = sold(f"{INVOICED} settle")

    assert driver.troubles == []
    assert driver.simulator.statuses == {"market": "invoice", "seller": "invoiced"}
    assert {"A-28", "A-53", "A-65", "A-70", "I-08", "I-10"} - {*driver.coverage.evaluated()} == {
        "I-08"  # nothing was refused
    }
    assert driver.coverage.deals == 1
    assert driver.coverage.delivered == driver.coverage.links.total() == 4


def test_steps_refusals_links_and_transitions_are_counted() -> None:
    driver = sold(f"{PLACED} seller.start_handling")

    assert driver.coverage.steps == 6
    assert driver.coverage.refused == 1
    assert driver.coverage.links["order-placed"] == 1
    assert driver.coverage.transitions["market", "M01"] == 1
    assert driver.taken["seller", "S01"] == 1
    assert driver.arrived["market", "seller"] == 1


@pytest.mark.parametrize(
    "act",
    [
        "market.add_invoice_full",
        "seller.place_order",
        "market.confirm_reservation:lots",
        "seller.accept_cancel",
        "seller>market",
        "market>seller:3",
        "market>seller:3:lost",
        "buyer.place_order",
    ],
)
def test_a_refused_act_changes_nothing(act: str) -> None:
    driver = sold(f"{HANDLED} settle")
    sale = driver.simulator
    driver.act(parse_deal_acts("advance:2s")[0])  # the breath after the last step
    orders = [one.order for one in sale.simulators.values()]
    before = (sale.now, sale.mailbox, list(sale.log), list(sale.events), dict(sale.dismissed))

    done = driver.act(parse_deal_acts(act)[0])

    assert done.refused is not None
    assert done.log == ()
    assert [one.order for one in sale.simulators.values()] == orders
    assert (sale.now, sale.mailbox, list(sale.log), list(sale.events), dict(sale.dismissed)) == (
        before
    )
    assert driver.troubles == []


def test_a_lost_cancellation_is_found_and_named_where_it_broke() -> None:
    driver = sold(
        "market.place_order market>seller market.create_error:creation "
        "market.cancel_order market.finish_cancel settle"
    )
    lost = sold(
        "market.place_order market>seller seller>market:lost "
        "market.create_error:creation market.cancel_order market.finish_cancel "
        "market>seller:lost"
    )

    assert driver.troubles == []
    trouble = next(each for each in lost.troubles if each.rule == "A-65")
    assert trouble.identity == ("A-65", "seller", "S01")
    assert trouble.act == len(lost.done)
    assert trouble.severity == "error"


def test_patient_rules_wait_for_the_messages_under_way() -> None:
    waiting = sold(INVOICED)
    lost = sold(f"{INVOICED} seller>market:lost")

    assert waiting.simulator.mailbox
    assert broken(waiting) == set()
    assert broken(lost) == {"A-53"}


def test_rules_on_one_order_are_asked_of_every_document() -> None:
    deal = deal_of(TWO)
    seller = deal.participant["seller"]
    taken = sold(HANDLED).simulator.simulators["seller"].events[-1].transition
    broken_flow = edited(seller.flow, taken, target="invoiced")
    other = replace(deal, participants=(deal.participants[0], replace(seller, flow=broken_flow)))

    found = run_deal(ground_of(other, defaults()), parse_deal_acts(HANDLED), Start())

    assert {each.participant for each in found.troubles if each.rule in RULES} == {"seller"}
    assert {each.transition for each in found.troubles if each.rule in RULES} == {taken}


def test_without_the_documents_only_the_sale_is_judged() -> None:
    acts = parse_deal_acts(f"{INVOICED} seller>market:lost")
    driver = run_deal(ground(), acts, Start(), alone=False)

    assert broken(driver) == {"A-53"}
    assert "A-12" not in driver.coverage.evaluated()


def test_a_record_holds_what_has_been_placed_and_how_much_is_under_way() -> None:
    simulator = DealSimulator(deal_of("seller-change"))
    simulator.fire("market", "place_order")

    record = deal_record(simulator, ground("seller-change"))

    assert [party.name for party in record.parties] == ["market"]
    assert record.waiting == 1
    assert judge_deal(record).findings == ()
    assert set(watch(simulator, ground("seller-change"))) == {"market", "seller", "substitute"}


@pytest.mark.parametrize("name", DEALS)
def test_the_first_act_of_every_deal_is_judged(name: str) -> None:
    first = deal_of(name).names[0]

    driver = sold(f"{first}.place_order settle", name)

    assert driver.troubles == []
    assert driver.coverage.steps >= 2


def test_a_message_that_is_delivered_and_stays_is_told() -> None:
    driver = sold("market.place_order")
    post = Post(driver.simulator)
    message = driver.simulator.mailbox[0]
    log = (Delivery(driver.simulator.now, message, "acted"),)

    wrong = list(post.wrong(Carry("market", "seller"), log))

    assert [each.breach.invariant for each in wrong] == ["I-07"]
    assert "still under way" in wrong[0].breach.observed


def test_a_step_that_names_a_message_which_never_arrived_is_told() -> None:
    driver = sold("market.place_order market>seller")
    heard = next(e for e in driver.simulator.log if isinstance(e, DealEvent) and e.message)

    wrong = list(Post(driver.simulator).wrong(Carry("market", "seller"), (heard,)))

    assert "brought no such step" in wrong[0].breach.observed
    assert wrong[0].participant == "seller"


def test_a_message_that_overtakes_is_told_unless_the_act_says_so() -> None:
    acts = f"{HANDLED} seller.verify_invoice:part seller.add_invoice_partial "
    acts += "seller.verify_invoice:rest seller.add_invoice_full:settled"
    driver = sold(acts)
    post, sale = Post(driver.simulator), driver.simulator
    post.look(Carry("seller", "market"))
    before = len(sale.log)
    sale.deliver("seller", "market", 1)

    wrong = list(post.wrong(Carry("seller", "market"), tuple(sale.log[before:])))

    assert len(sale.mailbox) == 1
    assert "was overtaken" in wrong[0].breach.observed
    assert sold(f"{acts} seller>market:2").troubles == []


def renamed(deal: Deal) -> Deal:
    """*deal* with other names for the same participants."""
    new = {name: f"the-{name}" for name in deal.names}
    return replace(
        deal,
        participants=tuple(
            Participant(
                new[each.name],
                each.flow,
                new.get(each.below, ""),
                new.get(each.beside, ""),
                each.joins,
            )
            for each in deal.participants
        ),
    )


def told(troubles: list[DealTrouble]) -> list[tuple[str, ...]]:
    return [(each.rule, each.participant, each.transition, each.observed) for each in troubles]


def test_renaming_the_participants_renames_what_is_found_and_nothing_else() -> None:
    acts = f"{INVOICED} seller>market:lost"
    other = acts.replace("market", "the-market").replace("seller.", "the-seller.")
    other = other.replace(">seller", ">the-seller").replace("seller>", "the-seller>")

    before = sold(acts)
    after = run_deal(ground_of(renamed(deal_of(TWO)), defaults()), parse_deal_acts(other), Start())

    assert told(before.troubles)
    assert [
        tuple(part.replace("market", "the-market").replace("seller", "the-seller") for part in row)
        for row in told(before.troubles)
    ] == told(after.troubles)


@pytest.mark.parametrize(
    "act", ["market>seller", "seller>market", "market>seller:2", "seller>market:2"]
)
@pytest.mark.parametrize(
    "acts",
    [
        f"{PLACED} market.payment_approved seller.complete_checkout seller.await_authorization",
        f"{HANDLED} market.request_cancel",
        INVOICED,
        f"{HANDLED} seller.seller_cancel:other",
    ],
)
def test_a_message_that_comes_twice_changes_no_verdict(acts: str, act: str) -> None:
    once = sold(f"{acts} {act} settle")
    channel = act.split(":", maxsplit=1)[0]
    twice = sold(f"{acts} {channel}:doubled settle")

    assert broken(twice) == broken(once) == set()
    if not act.endswith(":2"):
        assert twice.simulator.statuses == once.simulator.statuses


def test_a_deal_without_a_link_lacks_its_news() -> None:
    quiet = ground_of(without_link(deal_of(TWO), "fully-invoiced"), defaults())

    driver = run_deal(quiet, parse_deal_acts(f"{INVOICED} settle"), Start())

    assert broken(driver) == {"A-53"}


def test_a_new_sale_knows_nothing_of_the_one_before() -> None:
    driver = DealDriver(ground())
    for act in parse_deal_acts(f"{INVOICED} seller>market:lost"):
        driver.act(act)
    driver.judge()
    seen = len(driver.troubles)

    driver.begin()
    driver.act(parse_deal_acts("market.place_order")[0])

    assert seen == 1
    assert driver.troubles == []
    assert driver.simulator.deal_id == "sale-2"
    assert driver.simulator.statuses["seller"] == "(none)"
    assert isinstance(deal_of(TWO).notices["order"], Notice)
