"""A check of a deal takes everything, finds what is wrong, once, and says what nothing can do."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from orderflow.conformance.deal_check import DealSightings, check_deal
from orderflow.conformance.explore import Budget
from orderflow.conformance.verdict import DealVerdict, Failure
from orderflow.flows.deal_loader import bundled_deal
from orderflow.flows.model import Profile
from orderflow.flows.settings import defaults
from tests.conformance.deal_subjects import (
    DEALS,
    INVOICED,
    TWO,
    broken,
    deal_of,
    sold,
    without_link,
)

SMALL = Budget(examples=4, steps=20, seed=0)

Result = tuple[DealVerdict, tuple[Failure, ...]]


@cache
def checked(name: str = TWO, *faults: str) -> Result:
    return check_deal(deal_of(name), SMALL, defaults(), faults=frozenset(faults))


@pytest.mark.parametrize("name", DEALS)
def test_the_bundled_deals_are_sound(name: str) -> None:
    verdict, failures = checked(name)

    assert failures == ()
    assert verdict.left_out == 0
    assert [proof.complete for proof in verdict.proofs] == [True]
    assert "I-10" in verdict.proofs[0].holds
    assert verdict.deals > 4
    assert verdict.delivered == sum(count for _, count in verdict.links)
    assert {"A-65", "I-08"} <= {*verdict.rules}
    assert dict(verdict.missing).keys() == {"A-09", "A-11"}


@pytest.mark.parametrize("name", DEALS)
def test_every_transition_is_taken_or_said_to_be_silent(name: str) -> None:
    verdict, _ = checked(name)

    taken = {(who, step) for who, step, count in verdict.transitions if count}
    silent = {(who, step) for who, step, _ in verdict.silent}
    assert not taken & silent
    assert taken | silent == {(who, step) for who, step, _ in verdict.transitions}
    assert all(why for _, _, why in verdict.silent)


@pytest.mark.parametrize("profile", ["observed", "legacy"])
def test_other_profiles_are_sound_too(profile: str) -> None:
    deal = bundled_deal(TWO).view(Profile(profile))

    verdict, failures = check_deal(deal, SMALL, defaults(), reference="my-deal")

    assert failures == ()
    assert (verdict.profile, verdict.source) == (profile, "my-deal")


def test_lost_messages_are_found_shrunk_and_play_again() -> None:
    verdict, failures = checked(TWO, "lost")

    rules = {failure.rule for failure in failures}
    assert {"A-65", "A-53", "I-10"} <= rules
    assert [proof.fault for proof in verdict.proofs] == ["", "lost"]
    shortest = dict(verdict.proofs[1].fails)
    for failure in failures:
        assert failure.fault == "lost"
        assert "does not show" not in failure.observed
        assert any(":lost" in act for act in failure.acts)
        if failure.rule != "I-10":
            assert failure.rule in broken(sold(" ".join(failure.acts)))
    for rule in ("A-65", "A-53"):
        lengths = [len(failure.acts) for failure in failures if failure.rule == rule]
        assert min(lengths) <= shortest[rule]


def test_failures_come_once_errors_first() -> None:
    _, failures = checked(TWO, "lost")

    identities = [failure.identity for failure in failures]
    assert len({*identities}) == len(identities)
    severities = [failure.severity for failure in failures]
    assert severities == sorted(severities, key=lambda each: each != "error")


def test_doubled_messages_break_nothing() -> None:
    budget = Budget(examples=40, steps=20, seed=0, proof=False)
    _, failures = check_deal(deal_of(TWO), budget, defaults(), faults=frozenset({"doubled"}))

    assert failures == ()


def test_the_same_check_gives_the_same_result() -> None:
    budget = Budget(examples=4, steps=20, seed=5, proof=False)

    once, again = (
        check_deal(deal_of(TWO), budget, defaults(), faults=frozenset({"lost"})) for _ in range(2)
    )

    assert once == again


def test_without_a_proof_there_is_none_and_nothing_is_said_to_be_silent() -> None:
    verdict, _ = check_deal(deal_of("complete"), Budget(2, 5, 0, proof=False), defaults())

    assert verdict.proofs == ()
    assert verdict.silent == ()


def test_a_broken_deal_is_found_without_any_fault() -> None:
    deal = without_link(deal_of(TWO), "fully-invoiced")

    verdict, failures = check_deal(deal, SMALL, defaults())

    found = next(failure for failure in failures if failure.rule == "A-53")
    assert found.fault == ""
    assert found.seen > 1
    assert len(found.acts) <= len(INVOICED.split())
    assert "A-53" not in verdict.proofs[0].holds


def test_what_the_search_finds_in_a_tight_deal_can_be_played() -> None:
    """Of two ways to a standstill the one is told that needs no news in the very last second."""
    tight = replace(deal_of(TWO), mailbox=2)

    _, failures = check_deal(tight, Budget(examples=0), defaults())

    (stuck,) = [each for each in failures if each.rule == "I-10"]
    assert "its mailboxes hold 2" in stuck.observed
    assert all(step.accepted for step in stuck.trace)
    assert len(stuck.trace) > 10


def test_an_unknown_fault_is_a_wrong_call() -> None:
    with pytest.raises(ValueError, match="no fault is called 'burnt'; known: delayed, doubled"):
        check_deal(deal_of(TWO), SMALL, defaults(), faults=frozenset({"burnt"}))


def test_progress_is_told_in_a_few_words() -> None:
    said: list[str] = []

    check_deal(deal_of("complete"), Budget(2, 5, 0), defaults(), progress=said.append)

    assert all(text.startswith("complete: ") for text in said)
    assert len(said) >= 4


def test_the_shortest_sale_that_shows_a_trouble_is_kept() -> None:
    sightings = DealSightings()
    longer = sold(f"{INVOICED} seller.start_handling seller>market:lost settle")
    shorter = sold(f"{INVOICED} seller>market:lost")

    for driver in (longer, shorter, longer):
        sightings.visit(driver)

    (sighting,) = sightings.found.values()
    assert len(sighting.acts) == len(shorter.done)
    assert sighting.seen == 3
