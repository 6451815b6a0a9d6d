"""The search of a whole deal visits everything and finds what is wrong by a shortest way."""

from __future__ import annotations

import copy
from collections import defaultdict
from dataclasses import replace
from functools import cache

import pytest

from orderflow.conformance.prove_deal import (
    ANSWERED,
    ENDED,
    NO_NEWS,
    NO_WAY,
    NOBODY_WAITS,
    STANDSTILL,
    DealSearch,
    prove_deal,
    silent,
)
from orderflow.flows.deal import Deal
from orderflow.flows.deal_loader import bundled_deal_names
from orderflow.flows.model import Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.product import NO_FAULTS, Faults, Product
from tests.conformance.small_deals import (
    KINDS,
    PLAIN,
    deal_of,
    naive_of,
    small,
    spaces_of,
)

BUNDLED = [(name, profile) for name in bundled_deal_names() for profile in Profile]

LEFT_OUT = "left out"

# Transitions that no bundled deal takes in any profile, and why; a row stands for all its sources.
NEVER = {
    "marketplace": {
        "M16L": {NO_NEWS},  # the seller's answer takes the way through waiting-for-seller-decision
        "M17": {ANSWERED},
        "M20": {LEFT_OUT},
        "M21@waiting-for-seller-decision": {NOBODY_WAITS, NO_NEWS},
        "M22@waiting-for-seller-decision": {NO_NEWS},  # what the seller says there is an answer
        "M28": {LEFT_OUT},
    },
    "seller": {"S05": {LEFT_OUT}},
    "chain": {
        "H13t": {ANSWERED},
        "H14": {NO_NEWS},
        "H14L": {NO_NEWS},
        "H15i": {LEFT_OUT},
        "H18n": {LEFT_OUT},
    },
    "complete": {
        "C21L": {NO_NEWS},
        "C22": {NO_NEWS},  # the other instance keeps the time
        "C23": {LEFT_OUT},
        "C28": {LEFT_OUT},
        "C29": {NO_NEWS},
    },
}

# What one message that goes wrong breaks, and in how many steps.
FAULTS = {
    ("marketplace-seller", "lost"): {"I-10": 3, "A-65": 7, "A-58": 13, "A-53": 16},
    ("marketplace-seller", "doubled"): {},
    ("marketplace-seller", "reordered"): {"A-65": 7, "A-58": 17, "A-53": 19},
    ("marketplace-seller", "delayed"): {"A-58": 14, "A-65": 15, "A-53": 19},
    ("complete", "lost"): {"I-10": 4, "A-65": 7, "A-58": 18, "A-53": 23},
    ("complete", "doubled"): {},
    ("complete", "reordered"): {},
    ("complete", "delayed"): {},
}


@cache
def proof_of(name: str, profile: Profile = Profile.DOCUMENTED) -> DealSearch:
    return prove_deal(deal_of(name, profile), defaults(), spaces=spaces_of(name, profile))


def broken(search: DealSearch) -> dict[str, int]:
    """Rules that break, with the length of the shortest way to each."""
    found: dict[str, int] = {}
    for each in search.divergences:
        found.setdefault(each.rule, len(each.steps))
    return found


def verdict(search: DealSearch) -> set[tuple[str, str, str]]:
    assert search.complete
    return {(each.rule, each.upper, each.lower) for each in search.divergences}


@pytest.mark.parametrize(("name", "profile"), BUNDLED)
def test_every_bundled_deal_holds(name: str, profile: Profile) -> None:
    proof = proof_of(name, profile)

    assert proof.holds
    assert proof.divergences == ()
    assert {"A-28", "A-38", "A-53", "A-58", "A-65"} <= set(proof.properties)
    assert proof.configurations <= proof.edges


def test_every_transition_is_taken_in_some_deal_or_has_a_reason() -> None:
    fired: set[tuple[str, str]] = set()
    every: set[tuple[str, str]] = set()
    why: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, profile in BUNDLED:
        deal, proof = deal_of(name, profile), proof_of(name, profile)
        families = {each.name: each.family for each in deal.participants}
        fired |= {(families[who], step) for who, step in proof.fired}
        every |= {(each.family, s.id) for each in deal.participants for s in each.flow.transitions}
        for who, step, reason in silent(deal, proof):
            why[families[who], step].add(reason.partition(": it")[0].partition(":")[0])
    never = {
        (family, _row_or_id(family, step, fired)): {_short(each) for each in why[family, step]}
        for family, step in every - fired
    }

    expected = {
        (family, step): reasons for family in NEVER for step, reasons in NEVER[family].items()
    }
    assert never == {key: {_short(each) for each in reasons} for key, reasons in expected.items()}


def _row_or_id(family: str, step: str, fired: set[tuple[str, str]]) -> str:
    row = step.partition("@")[0]
    some = any(other == family and each.partition("@")[0] == row for other, each in fired)
    return step if some else row


def _short(reason: str) -> str:
    return reason.partition(":")[0]


@pytest.mark.parametrize(("name", "profile"), BUNDLED)
def test_nothing_is_silent_without_a_reason(name: str, profile: Profile) -> None:
    deal, proof = deal_of(name, profile), proof_of(name, profile)
    reasons = {(who, step): reason for who, step, reason in silent(deal, proof)}

    assert NO_WAY not in reasons.values()
    assert set(reasons).isdisjoint(proof.fired)
    steps = sum(len(each.flow.transitions) for each in deal.participants)
    assert len(reasons) + len(proof.fired) == steps


def test_what_a_missing_link_silences_is_told_with_its_reason() -> None:
    deal = deal_of("marketplace-seller")
    deal = replace(deal, links=tuple(link for link in deal.links if link.id != "paid"))
    reasons = {(who, step): why for who, step, why in silent(deal, prove_deal(deal, defaults()))}

    assert reasons["seller", "S04"] == NO_NEWS
    assert reasons["seller", "S06"] == NO_WAY
    assert reasons["market", "M20"].startswith("left out: Support cancels an order whose invoice")
    assert reasons["market", "M24"] == NOBODY_WAITS


def test_what_slicing_leaves_out_is_said() -> None:
    deal = deal_of("complete")
    sliced = silent(deal, prove_deal(deal, defaults(), sliced=True))
    full = silent(deal, prove_deal(deal, defaults(), sliced=False))

    assert {each[:2] for each in sliced if each[2] == ENDED} == {
        ("main", "C30"),
        ("main", "C30r"),
        ("fulfillment", "S29"),
        ("fulfillment", "S30"),
    }
    assert set(sliced) - set(full) == {each for each in sliced if each[2] == ENDED}
    assert silent(deal, prove_deal(deal, defaults())) == full


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["marketplace-seller", "complete"])
def test_slicing_changes_no_verdict(name: str, kind: str) -> None:
    sliced, full = (
        prove_deal(
            deal_of(name), defaults(), faults=KINDS[kind], spaces=spaces_of(name), sliced=each
        )
        for each in (True, False)
    )

    assert verdict(sliced) == verdict(full)
    assert sliced.configurations < full.configurations
    assert [each.steps for each in sliced.divergences] == [each.steps for each in full.divergences]


@pytest.mark.parametrize(
    ("mailbox", "without", "faults"),
    [
        (1, "M27 S28 M30 M30r S29 S30 M29 M29n M29g M29c M29x", NO_FAULTS),
        (2, PLAIN, NO_FAULTS),
        (2, PLAIN, Faults(links=frozenset({"group-paid"}))),
        (2, PLAIN, Faults(links=frozenset({"group-placed"}))),
        (2, PLAIN, Faults(links=frozenset({"payment-denied"}))),
        (1, PLAIN, Faults(lost=True)),
        (1, PLAIN, Faults(doubled=True)),
        (1, PLAIN, Faults(delayed=True)),
        (2, PLAIN + " S18 S19 S20 S20p S21 S24 S24r S14 M19 M22", NO_FAULTS),
    ],
)
def test_taking_a_group_apart_changes_no_verdict(
    mailbox: int, without: str, faults: Faults
) -> None:
    deal = small("split-order", mailbox, without)
    spaces = spaces_of("split-order")
    whole = prove_deal(deal, defaults(), faults=faults, spaces=spaces, whole=True)
    apart = prove_deal(deal, defaults(), faults=faults, spaces=spaces, sliced=False)

    assert verdict(apart) == verdict(whole)
    assert apart.fired == whole.fired
    by_rule = {(each.rule, each.upper, each.lower): each.steps for each in whole.divergences}
    for each in apart.divergences:
        assert len(each.steps) <= len(by_rule[each.rule, each.upper, each.lower])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "mailbox"), [("complete", 6), ("marketplace-seller", 1)])
def test_what_is_found_is_what_a_plain_search_finds_as_near(
    name: str, mailbox: int, kind: str
) -> None:
    deal = small(name, mailbox)
    naive = naive_of(name, deal, KINDS[kind])
    near: dict[tuple[str, str, str], int] = {}
    for state, far in naive.distance.items():
        for each in naive.broken(state):
            near.setdefault(each, far)
    stuck = naive.stuck()
    if stuck is not None:
        near[STANDSTILL, "", ""] = stuck

    proof = prove_deal(deal, defaults(), faults=KINDS[kind], whole=True)

    assert {(d.rule, d.upper, d.lower): len(d.steps) for d in proof.divergences} == near


@pytest.mark.parametrize(("name", "kind"), FAULTS)
def test_what_one_message_that_goes_wrong_breaks(name: str, kind: str) -> None:
    proof = prove_deal(
        deal_of(name), defaults(), faults=KINDS[kind], spaces=spaces_of(name), sliced=True
    )

    assert proof.complete
    assert broken(proof) == FAULTS[name, kind]


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("marketplace-seller", Faults(lost=True)),
        ("marketplace-seller", Faults(reordered=True)),
        ("marketplace-seller", Faults(delayed=True)),
        ("seller-change", Faults(links=frozenset({"seller-dismissed"}))),
        ("marketplace-chain-seller", Faults(links=frozenset({"seller-out"}))),
        ("split-order", Faults(links=frozenset({"payment-denied"}))),
    ],
)
def test_the_steps_to_what_is_wrong_lead_there(name: str, faults: Faults) -> None:
    deal, spaces = deal_of(name), spaces_of(name)
    proof = prove_deal(deal, defaults(), faults=faults, spaces=spaces, sliced=True)
    product = Product(deal, defaults(), faults=faults, spaces=spaces, whole=True)

    assert proof.divergences
    for each in proof.divergences:
        code = product.start
        for step in each.steps:
            code = dict(product.steps(code))[step]
        for claimed, reached in zip(each.statuses, product.statuses(code), strict=True):
            assert claimed in {reached, "(none)"}


def _renamed(deal: Deal) -> Deal:
    def new(name: str) -> str:
        return name and f"new {name}"

    return replace(
        deal,
        participants=tuple(
            replace(each, name=new(each.name), below=new(each.below), beside=new(each.beside))
            for each in deal.participants
        ),
    )


@pytest.mark.parametrize("name", ["marketplace-seller", "complete", "split-order"])
def test_names_change_nothing(name: str) -> None:
    faults = Faults(links=frozenset({"seller-out"}))
    first, second = (
        prove_deal(each, defaults(), faults=faults)
        for each in (deal_of(name), _renamed(deal_of(name)))
    )

    counts = [(each.configurations, each.edges, each.depth) for each in (first, second)]
    assert counts[0] == counts[1]
    assert [(d.rule, f"new {d.upper}", d.statuses) for d in first.divergences if d.upper] == [
        (d.rule, d.upper, d.statuses) for d in second.divergences if d.upper
    ]


@pytest.mark.parametrize("name", ["marketplace-seller", "complete", "split-order"])
def test_a_search_changes_nothing_and_finds_the_same_again(name: str) -> None:
    deal, faults = deal_of(name), Faults(lost=True, most=1)
    before = copy.deepcopy(deal)
    first, second = (prove_deal(deal, defaults(), faults=faults, limit=20_000) for _ in range(2))

    assert first == second
    assert deal == before


def test_a_search_that_had_to_stop_claims_nothing() -> None:
    proof = prove_deal(deal_of("marketplace-seller"), defaults(), limit=1_000)

    assert not proof.complete
    assert not proof.holds
    assert 1_000 < proof.configurations < 1_050


def test_a_search_stops_at_its_limit_and_not_before() -> None:
    size = proof_of("complete").configurations

    assert prove_deal(deal_of("complete"), defaults(), limit=size).complete
    assert not prove_deal(deal_of("complete"), defaults(), limit=size - 1).complete


def test_a_long_search_says_how_far_it_is() -> None:
    said: list[str] = []
    deal = deal_of("seller-change")
    proof = prove_deal(deal, defaults(), spaces=spaces_of("seller-change"), progress=said.append)

    assert len(said) == proof.configurations // 100_000
    assert said[0].endswith("waiting")
    assert int(said[0].partition(" ")[0].replace(",", "")) < 100_000
