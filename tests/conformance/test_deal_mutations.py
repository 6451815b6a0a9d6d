"""A link that is missing, or says something else, does not go unnoticed.

The first table says which rules find a change; the second lists changes that leave every rule
kept, with the transitions that nothing makes happen any more; the third those that nothing shows.
"""

from __future__ import annotations

from functools import cache

import pytest

from orderflow.conformance.prove_deal import DealSearch, prove_deal
from orderflow.flows.deal import Towards
from orderflow.flows.deal_loader import bundled_deal_names
from orderflow.flows.settings import defaults
from tests.conformance.deal_mutants import mutant
from tests.conformance.small_deals import deal_of, spaces_of

ENOUGH = 200_000
"""Configurations in which every change of a large deal has shown itself."""

CAUGHT = {
    ("complete", "drop order-opened"): "I-10 I-11",
    ("complete", "drop order-accepted"): "I-10 I-11",
    ("complete", "drop payment-denied"): "A-65",
    ("complete", "drop order-called-off"): "A-53 A-58 A-65",
    ("complete", "drop cancel-requested"): "A-53 A-58 A-65 I-10",
    ("complete", "drop seller-decides"): "A-53 A-58 I-10",
    ("complete", "drop seller-out"): "A-65 I-10",
    ("complete", "drop seller-refuses"): "A-53 I-10",
    ("complete", "drop invoice-refuses"): "A-53 I-10",
    ("complete", "drop instance-progress"): "A-53 A-58 A-65 I-11",
    ("complete", "order-accepted says out"): "I-10 I-11",
    ("complete", "payment-denied says authorized"): "A-28 A-38 A-53 A-58 A-65",
    ("complete", "seller-refuses says out"): "A-53 A-58 A-65",
    ("complete", "invoice-refuses says denial"): "A-53 I-10",
    ("complete", "invoice-refuses says out"): "A-53 A-65",
    ("complete", "instance-progress says accepted"): "A-53 A-58 A-65 I-11",
    ("complete", "swap main-paid payment-denied"): "A-28 A-38 A-53 A-58 A-65 I-11",
    ("complete", "swap seller-out seller-refuses"): "A-53 A-58 A-65 I-10",
    ("complete", "swap seller-decides seller-out"): "A-53 A-58 A-65",
    ("complete", "swap instance-progress seller-out"): "A-65 I-11",
    ("marketplace-seller", "drop order-placed"): "I-10 I-11",
    ("marketplace-seller", "drop payment-denied"): "A-65",
    ("marketplace-seller", "drop order-called-off"): "A-65",
    ("marketplace-seller", "drop cancel-requested"): "A-53 A-58 A-65 I-10",
    ("marketplace-seller", "drop seller-decides"): "A-58",
    ("marketplace-seller", "drop seller-out"): "A-65 I-10",
    ("marketplace-seller", "drop seller-refuses"): "A-53 A-58 A-65 I-10",
    ("marketplace-seller", "drop invoice-refuses"): "A-53 A-65",
    ("marketplace-seller", "drop part-invoiced"): "A-53 I-10",
    ("marketplace-seller", "drop fully-invoiced"): "A-53 I-10 I-11",
    ("marketplace-seller", "order-accepted says out"): "A-65 I-11",
    ("marketplace-seller", "payment-denied says authorized"): "A-28 A-38 A-53 A-58 A-65",
    ("marketplace-seller", "order-called-off says authorized"): "A-28 A-38 A-53 A-58 A-65",
    ("marketplace-seller", "cancel-requested says called-off"): "I-10",
    ("marketplace-seller", "seller-decides says out"): "A-53 A-58 A-65",
    ("marketplace-seller", "seller-decides says denial"): "A-58",
    ("marketplace-seller", "seller-out says denial"): "A-65 I-10",
    ("marketplace-seller", "seller-refuses says out"): "A-53 A-58 A-65 I-10",
    ("marketplace-seller", "seller-refuses says answered"): "I-10",
    ("marketplace-seller", "invoice-refuses says out"): "A-53 A-65",
    ("marketplace-seller", "part-invoiced says out"): "A-53 A-65",
    ("marketplace-seller", "fully-invoiced says out"): "A-53 A-65 I-10 I-11",
    ("marketplace-seller", "fully-invoiced says on-its-way"): "I-10 I-11",
    ("marketplace-seller", "modification-agreed says out"): "A-53 A-58 A-65",
    ("marketplace-seller", "swap paid payment-denied"): "A-28 A-38 A-53 A-58 A-65 I-11",
    ("marketplace-seller", "swap paid order-called-off"): "A-28 A-38 A-53 A-58 A-65 I-11",
    ("marketplace-seller", "swap order-accepted seller-out"): "A-65 I-11",
    ("marketplace-seller", "swap seller-decides seller-refuses"): "A-53 A-58 A-65",
    ("marketplace-seller", "swap seller-out seller-refuses"): "A-53 A-58 A-65 I-10",
    ("marketplace-seller", "swap seller-refuses fully-invoiced"): "A-53 A-58 A-65 I-10",
    ("marketplace-seller", "swap part-invoiced invoice-refuses"): "A-53 A-65 I-10",
    ("marketplace-seller", "swap cancel-requested payment-denied"): "I-10",
    ("marketplace-seller", "swap fully-invoiced modification-agreed"): "A-53 A-58 A-65 I-10",
    ("marketplace-chain-seller", "drop chain-order-placed"): "I-10 I-11",
    ("marketplace-chain-seller", "drop order-passed-on"): "I-10 I-11",
    ("marketplace-chain-seller", "drop fully-invoiced"): "A-53 A-74 I-10 I-11",
    ("marketplace-chain-seller", "drop seller-out"): "A-65 A-74 I-10",
    ("marketplace-chain-seller", "order-passed-on to above"): "I-10 I-11",
    ("marketplace-chain-seller", "chain-order-placed says authorized"): "I-10 I-11",
    (
        "marketplace-chain-seller",
        "swap chain-paid payment-denied",
    ): "A-28 A-38 A-53 A-58 A-65 A-71 A-74 I-11",
    ("marketplace-chain-seller", "swap chain-authorized payment-denied"): "A-65 A-71 I-11",
    ("marketplace-chain-seller", "swap seller-out seller-refuses"): "A-53 A-58 A-65 A-74 I-10",
    ("seller-change", "drop seller-changed"): "I-10",
    ("seller-change", "drop seller-dismissed"): "A-69",
    ("seller-change", "seller-dismissed to below"): "A-69",
    ("seller-change", "seller-dismissed says order"): "A-69",
    ("seller-change", "seller-changed to former"): "I-10",
    ("seller-change", "swap seller-changed seller-dismissed"): "A-69 I-10",
    ("complete", "drop main-paid"): "I-11",
    ("complete", "swap order-accepted seller-out"): "I-11",
    ("complete", "swap cancel-requested main-paid"): "I-11",
    ("marketplace-seller", "drop order-accepted"): "I-11",
    ("marketplace-seller", "order-accepted to below"): "I-11",
    ("marketplace-seller", "drop paid"): "I-11",
    ("marketplace-seller", "paid to above"): "I-11",
    ("marketplace-seller", "paid says order"): "I-11",
    ("marketplace-chain-seller", "drop chain-paid"): "I-11",
    ("marketplace-chain-seller", "drop chain-authorized"): "I-11",
    ("marketplace-chain-seller", "chain-authorized to above"): "I-11",
    ("marketplace-chain-seller", "chain-authorized says unpaid"): "I-11",
    ("seller-change", "paid to former"): "I-11",
    ("split-order", "drop group-placed"): "I-11",
    ("split-order", "group-placed to below"): "I-11",
}
"""By deal and change, the rules that break."""

SILENCED = {
    # Packages, returns and modifications change no status, and rules compare statuses only.
    ("complete", "drop package-news"): "main.C30",
    ("complete", "drop return-news"): "main.C30r",
    ("marketplace-seller", "drop package-news"): "market.M30",
    ("marketplace-seller", "drop return-news"): "market.M30r",
    ("marketplace-seller", "drop modification-agreed"): "market.M27",
    # Both mean the end; the seller only notes another reason.
    ("complete", "payment-denied says called-off"): "fulfillment.S13",
}
"""By deal and change that breaks no rule, the first transition that is not taken any more."""

UNSEEN = {
    ("marketplace-seller", "order-called-off says cancel-request"): "where an order can be called "
    "off both mean the same to its seller",
    ("marketplace-seller", "invoice-refuses says denial"): "to a marketplace both mean the same",
    ("split-order", "drop group-paid"): "each order of the group is paid for itself, and no rule "
    "compares the orders of a group; a rule that they are paid together would find it",
    ("split-order", "group-paid says order"): "the same",
}
"""By deal and change that nothing shows, why."""


def changed(name: str, change: str, *, sliced: bool = False, limit: int = ENOUGH) -> DealSearch:
    deal = mutant(deal_of(name), change)
    return prove_deal(deal, defaults(), spaces=spaces_of(name), sliced=sliced, limit=limit)


@cache
def fired(name: str) -> frozenset[tuple[str, str]]:
    """What the deal takes as it is; packages only where there are two documents."""
    proof = prove_deal(deal_of(name), defaults(), spaces=spaces_of(name))
    assert proof.complete
    return proof.fired


@pytest.mark.parametrize(("name", "change"), CAUGHT)
def test_a_changed_link_breaks_these_rules(name: str, change: str) -> None:
    found = {each.rule for each in changed(name, change, sliced=True).divergences}

    assert " ".join(sorted(found)) == CAUGHT[name, change]


@pytest.mark.parametrize(("name", "change"), SILENCED)
def test_a_changed_link_that_breaks_no_rule_silences_a_transition(name: str, change: str) -> None:
    who, _, step = SILENCED[name, change].partition(".")
    proof = changed(name, change)

    assert proof.holds
    assert (who, step) in fired(name) - proof.fired


@pytest.mark.parametrize(("name", "change"), UNSEEN)
def test_nothing_shows_these_changes(name: str, change: str) -> None:
    proof = changed(name, change)

    assert proof.holds
    assert proof.fired == fired(name)


def test_every_link_that_a_bundled_deal_uses_is_dropped_once() -> None:
    links = {
        link.id
        for name in bundled_deal_names()
        for link in deal_of(name).links
        if link.towards not in {Towards.NOBODY, Towards.OUTSIDE}
    }
    changes = (change for _, change in (*CAUGHT, *SILENCED, *UNSEEN))

    assert {change.split()[1] for change in changes if change.startswith("drop ")} == links


def test_most_changes_are_caught_by_a_rule() -> None:
    assert len(UNSEEN) < 0.05 * (len(CAUGHT) + len(SILENCED))
    assert {"A-28", "A-38", "A-53", "A-58", "A-65", "A-69", "A-71", "A-74", "I-10", "I-11"} == {
        rule for rules in CAUGHT.values() for rule in rules.split()
    }
