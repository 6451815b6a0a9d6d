"""A guard that is wrong by a cent is a mutant, and the search tells whether anybody can see it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderflow.conformance.drive import Start
from orderflow.conformance.mutation.cents import cent_off, closest, wrong_at
from orderflow.conformance.mutation.kill import cases_of, kill_draft
from orderflow.conformance.mutation.mutant import Mutant, Operator, Sign
from orderflow.conformance.mutation.operators import mutants
from orderflow.conformance.mutation.product import Asked, Product, Undecided, shows
from orderflow.conformance.mutation.reach import Word, walked_closely
from orderflow.conformance.mutation.score import score
from orderflow.conformance.mutation.system import System, broken
from orderflow.conformance.suites.graph import Graph, graph_of
from orderflow.conformance.suites.rehearse import rehearse
from orderflow.flows.loader import bundled_names, parse_flow
from orderflow.flows.settings import defaults
from orderflow.flows.vocabulary import PREDICATES
from orderflow.simulator.guards import guard
from orderflow.simulator.order import Invoice, InvoiceKind, Order
from orderflow.simulator.scenario import parse_acts
from orderflow.simulator.space import key_of, search
from tests.conformance.mutation.acting import subject_of
from tests.conformance.mutation.plain_suites import arcs, graph, refused, suite_of

KINDS = {Operator.GUARD_GENEROUS, Operator.GUARD_STRICT}

SHOP = """
flow: shop
title: A flow that counts cents
initial: placed
final: {success: [invoiced]}
states: {placed: {}, invoice: {}, invoiced: {}}
transitions:
  - {id: T1, from: (none), on: place_order, to: placed, actor: shopper}
  - {id: T2, from: placed, on: verify_invoice, to: invoice, actor: seller,
     when: [invoice_posted, not_over_invoiced]}
  - {id: T3, from: invoice, on: add_invoice_partial, to: placed, actor: platform,
     when: [invoiced_partially]}
  - {id: T4, from: invoice, on: add_invoice_full, to: invoiced, actor: platform,
     when: [invoiced_fully]}
"""


@pytest.fixture(scope="module")
def shop() -> Graph:
    return graph_of(search(parse_flow(SHOP).view(), defaults()))


def cents_off(here: Graph) -> list[Mutant]:
    return [each for each in mutants(here) if each.operator in KINDS]


def told(here: Graph, mutant: str, steps: str) -> tuple[str, str]:
    """Outcome and status after the last of *steps*, which are made for a sound order."""
    plan = here.space.plan
    subject = subject_of(next(each for each in cents_off(here) if each.id == mutant), plan)
    answer = subject.begin(Start())
    for each in rehearse(plan, Start(), parse_acts(steps)):
        answer = subject.fire(each.call)
    return answer.outcome.value, answer.status


def order(*, invoiced: int, returned: int = 0) -> Order:
    """An order worth 1,000 cents."""
    kinds: tuple[tuple[InvoiceKind, int], ...] = (("Output", invoiced), ("Input", returned))
    invoices = tuple(Invoice(kind, kind, value, 0) for kind, value in kinds)
    return Order("order-1", "shop", value=1_000, invoices=invoices)


def beyond(predicate: str, cents: int) -> Order:
    """An order so many cents beyond the amount that *predicate* compares with."""
    if PREDICATES[predicate].fact == "returns":
        return order(invoiced=500, returned=500 + cents)
    return order(invoiced=1_000 + cents)


def test_guards_that_compare_amounts_are_those_that_a_cent_changes() -> None:
    assert {name: tuple(wrong_at(name)) for name in PREDICATES if wrong_at(name)} == {
        "invoiced_partially": (-1, 0),
        "invoiced_fully": (-1, 0, 1),
        "not_over_invoiced": (0, 1),
        "returns_within_invoiced": (0, 1),
    }


@pytest.mark.parametrize(
    ("predicate", "cents"), [(name, cents) for name in PREDICATES for cents in wrong_at(name)]
)
def test_a_guard_that_is_a_cent_off_is_wrong_at_one_amount_and_right_at_all_others(
    predicate: str, cents: int
) -> None:
    wrong, right = cent_off(predicate, cents), guard(predicate)
    amounts = range(-400, 400)
    unlike = [
        each for each in amounts if wrong(beyond(predicate, each)) != right(beyond(predicate, each))
    ]

    assert unlike == [cents]
    assert wrong(beyond(predicate, cents)) is wrong_at(predicate)[cents]


@pytest.mark.parametrize(
    ("mutant", "steps", "then"),
    [
        ("T4/guard-generous/invoiced_fully/-1", "part@100 add_invoice_full", "accepted invoiced"),
        ("T4/guard-generous/invoiced_fully/-1", "part add_invoice_full", "refused invoice"),
        ("T4/guard-strict/invoiced_fully/0", "rest add_invoice_full", "refused invoice"),
        ("T3/guard-strict/invoiced_partially/-1", "part@100 add_invoice_partial",
         "refused invoice"),
        ("T3/guard-strict/invoiced_partially/-1", "part add_invoice_partial", "accepted placed"),
        ("T3/guard-generous/invoiced_partially/0", "rest add_invoice_partial", "accepted placed"),
        ("T2/guard-generous/not_over_invoiced/1", "over@0", "accepted invoice"),
        ("T2/guard-generous/not_over_invoiced/1", "over@2", "refused placed"),
        ("T2/guard-strict/not_over_invoiced/0", "rest", "refused placed"),
    ],
)  # fmt: skip
def test_a_system_judges_one_amount_wrongly(
    shop: Graph, mutant: str, steps: str, then: str
) -> None:
    assert " ".join(told(shop, mutant, f"place_order verify_invoice:{steps}")) == then


def test_one_is_called_by_what_it_does(shop: Graph) -> None:
    says = {each.id: (each.sign, each.says) for each in cents_off(shop)}

    assert says["T4/guard-generous/invoiced_fully/-1"] == (
        Sign.NEGATIVE,
        "in T4, invoiced_fully holds when a cent is missing",
    )
    assert says["T2/guard-strict/not_over_invoiced/0"] == (
        Sign.POSITIVE,
        "in T2, not_over_invoiced does not hold when it comes out to the cent",
    )
    assert len(says) == 7


LENGTH = 4


def parts_after(here: Graph, other: System) -> int | None:
    """The number of acts after which both can answer differently, None when LENGTH do not do.

    Every word is tried, a cent beside what is left included, and no two positions are taken for
    one.
    """
    plan = here.space.plan
    asked, sound = Asked(plan, close=True), System(plan)
    layer = [(sound.begin(Start()), other.begin(Start()))]
    for length in range(1, LENGTH + 1):
        later = []
        for one, two in layer:
            for _, call in asked.everything(one):
                yes, after = sound.fire(one, call)
                no, there = other.fire(two, call)
                if (yes, after.status) != (no, there.status):
                    return length
                later.append((after, there))
        layer = later
    return None


def test_the_search_agrees_with_trying_everything(shop: Graph) -> None:
    lengths = {}
    for mutant in cents_off(shop):
        word = Product(shop.space).word(mutant)
        length = parts_after(shop, broken(mutant, shop.space.plan).system)
        assert word is None or isinstance(word, Word)
        assert (len(word.acts) if word else None) == length, mutant.id
        lengths[mutant.id] = length

    assert sorted(each or 0 for each in lengths.values()) == [0, 2, 2, 3, 3, 3, 3]
    assert lengths["T4/guard-generous/invoiced_fully/1"] is None  # T2 lets no such invoice in


@pytest.mark.parametrize("name", bundled_names())
def test_each_is_decided_and_what_shows_it_is_an_amount_at_the_border(name: str) -> None:
    here = graph(name)
    plan, product, found = here.space.plan, Product(here.space), []
    for mutant in cents_off(here):
        word = product.word(mutant)
        assert word is None or isinstance(word, Word), mutant.id
        if word is None:
            continue
        found.append(mutant.id)
        system = broken(mutant, plan).system
        middling = Word(word.start, tuple(replace(act, percent=50) for act in word.acts))
        assert shows(plan, system, word)
        assert not shows(plan, System(plan), word)
        assert shows(plan, system, middling) == mutant.id.endswith("/0"), mutant.id
    assert len(found) >= 8


def test_an_invoice_that_cannot_get_in_is_not_waited_for(shop: Graph) -> None:
    """Without the guard before it, the same break can be seen."""
    loose = parse_flow(SHOP.replace(", not_over_invoiced]", "]")).view()
    open_to_all = graph_of(search(loose, defaults()))
    name = "T4/guard-generous/invoiced_fully/1"
    words = [
        Product(here.space).word(each)
        for here in (shop, open_to_all)
        for each in cents_off(here)
        if each.id == name
    ]

    assert words[0] is None
    assert isinstance(words[1], Word)
    assert [str(act) for act in words[1].acts[1:2]] == ["verify_invoice:over@0"]


def test_what_a_modified_order_may_come_to_is_not_said_to_be_impossible() -> None:
    """No act asks to modify it by a cent more than it takes to be worth its invoices."""
    modified = "  - {id: T5, from: invoice, on: modify_order, to: same, actor: seller}\n"
    here = graph_of(search(parse_flow(SHOP + modified).view(), defaults()))
    found = {each.id: Product(here.space).word(each) for each in cents_off(here)}

    unknown = found.pop("T4/guard-generous/invoiced_fully/1")
    assert isinstance(unknown, Undecided)
    assert "can be modified" in unknown.why
    assert all(isinstance(word, Word) for word in found.values())


@pytest.mark.parametrize("name", bundled_names())
def test_moments_that_a_cent_tells_apart_come_nearest_first(name: str) -> None:
    space = graph(name).space
    asked, facts = Asked(space.plan, close=True), space.facts
    moments = list(walked_closely(space, asked.everything, lambda at: asked.key(at, facts)))
    lengths = [len(moment.word.acts) for moment in moments]
    met = {key_of(moment.position.order, facts) for moment in moments}

    assert lengths == sorted(lengths)
    assert met >= set(space.numbers)
    assert len(moments) > len(met)


def test_amounts_in_the_middle_leave_survivors_and_the_tests_made_for_them_none(
    shop: Graph,
) -> None:
    suite = suite_of(shop, [*arcs(shop), *refused(shop)])
    more = cases_of(kill_draft(shop, suite), shop.space.plan)
    whole = replace(suite, cases=(*suite.cases, *more))
    before, after = (score(each, shop, only=cents_off(shop)) for each in (suite, whole))

    assert {each.id for each in before.survivors} == {
        "T2/guard-generous/not_over_invoiced/1",
        "T3/guard-strict/invoiced_partially/-1",
        "T4/guard-generous/invoiced_fully/-1",
    }
    assert after.survivors == ()
    assert after.total.killed == 6


def test_closest_amounts_are_a_cent_beside_what_is_left() -> None:
    some = order(invoiced=400, returned=100)

    assert [str(act) for act in closest("verify_invoice", order(invoiced=0))] == []
    assert {str(act) for act in closest("add_return_invoice", some)} == {
        "add_return_invoice:part@100",
        "add_return_invoice:over@0",
    }
