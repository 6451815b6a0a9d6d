"""A configuration of a deal is an integer, and its steps are exactly those the deal describes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from orderflow.flows.settings import defaults
from orderflow.simulator.part import Symbol
from orderflow.simulator.product import NO_FAULTS, Faults, Product, ProductError
from orderflow.simulator.words import MOST_WORDS, Words
from tests.conformance.small_deals import (
    KINDS,
    PLAIN,
    deal_of,
    naive_of,
    search_of,
    small,
    spaces_of,
    told,
)

# (deal, messages under way at once, faults); each small enough for the plain search.
SMALL = [
    *(("complete", 6, kind) for kind in KINDS),
    *(("marketplace-seller", 1, kind) for kind in KINDS),
    *(("marketplace-seller", 2, kind) for kind in KINDS),
    ("seller-change", 1, "none"),
    ("marketplace-chain-seller", 1, "none"),
]


@pytest.mark.parametrize(("name", "mailbox", "kind"), SMALL)
def test_the_configurations_and_steps_are_those_of_a_plain_search(
    name: str, mailbox: int, kind: str
) -> None:
    deal = small(name, mailbox)
    naive = naive_of(name, deal, KINDS[kind])
    search = search_of(name, deal, KINDS[kind])

    assert {told(search.product, code) for code in search.codes} == set(naive.distance)
    assert (len(search.codes), search.edges) == (len(naive.distance), naive.edges)
    assert search.depth() == max(naive.distance.values())


def test_a_slow_link_lets_either_time_limit_be_over_first() -> None:
    quick = small("marketplace-seller", 1)
    slow = next(link for link in quick.links if link.id == "cancel-requested")
    links = [replace(each, delay="seller_answer") if each is slow else each for each in quick.links]
    uneven = replace(quick, links=tuple(links))
    naive = naive_of("marketplace-seller", uneven)
    search = search_of("marketplace-seller", uneven)

    found = {told(search.product, code) for code in search.codes}
    assert found == set(naive.distance)
    assert search.edges == naive.edges
    usual = search_of("marketplace-seller", quick)
    assert {told(usual.product, code) for code in usual.codes} < found


def test_where_news_takes_no_time_the_steps_are_those_of_a_plain_search_too() -> None:
    deal = replace(small("marketplace-seller", 2), instant=True)
    naive = naive_of("marketplace-seller", deal)
    search = search_of("marketplace-seller", deal)

    assert {told(search.product, code) for code in search.codes} == set(naive.distance)
    assert search.edges == naive.edges


def test_a_copy_of_news_that_no_number_tells_apart_acts_again() -> None:
    """A copy whose row relays an invoice does nothing at all, not even what stands before it."""
    deal = small("marketplace-seller", 1)
    search = search_of("marketplace-seller", deal, KINDS["doubled"])
    product, copied = search.product, set()
    for code in search.codes:
        state = told(product, code)
        for step, after in product.steps(code):
            if not step.sender or step.fate:
                continue
            channel = deal.channels.index((step.sender, step.participant))
            letter = state.boxes[channel][step.place]
            if letter.copy:
                copied.add((letter.link, after != code and bool(step.taken)))

    numbered = {link for link, _ in copied if link in {"part-invoiced", "fully-invoiced"}}
    assert numbered == {"part-invoiced", "fully-invoiced"}
    assert {link for link, acted in copied if acted}.isdisjoint({*numbered, "return-news"})
    assert {link for link, acted in copied if acted}


def test_the_orders_of_a_group_are_those_of_a_plain_search() -> None:
    deal = small("split-order", 1, PLAIN + " M03 S03p S06x S14 S24 M19 M05 S20 S20p S18 S19 S21")
    naive, search = naive_of("split-order", deal), search_of("split-order", deal)

    assert {told(search.product, code) for code in search.codes} == set(naive.distance)
    assert search.edges == naive.edges


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["complete", "marketplace-seller"])
def test_steps_told_in_full_are_the_steps_of_the_search(name: str, kind: str) -> None:
    search = search_of(name, small(name, 2), KINDS[kind])
    product = search.product

    for code in search.codes:
        found = Counter(after - code for _, after in product.steps(code))
        assert found == Counter(product.deltas(code))


def test_a_step_says_who_does_what_and_what_became_of_the_message() -> None:
    product = search_of("marketplace-seller", small("marketplace-seller", 2)).product
    ((placed, after), *_) = product.steps(product.start)
    heard = [step for step, _ in product.steps(after) if step.sender]

    assert (placed.participant, placed.event, placed.taken) == ("market", "place_order", ("M01",))
    assert not placed.regular
    assert [(step.sender, step.participant, step.taken) for step in heard] == [
        ("market", "seller", ("S01",))
    ]
    assert heard[0].regular


def test_a_message_that_waits_does_not_hold_up_the_one_behind_it() -> None:
    search = search_of("marketplace-seller", small("marketplace-seller", 3))

    overtaking = {
        step.place
        for code in search.codes
        for step, _ in search.product.steps(code)
        if step.sender and not step.fate
    }
    assert overtaking == {0, 1, 2}


def test_one_fault_is_one_fault_and_any_number_is_more() -> None:
    deal = small("complete", 6)
    once = search_of("complete", deal, Faults(lost=True))
    often = search_of("complete", deal, Faults(lost=True, most=0))
    twice = search_of("complete", deal, Faults(lost=True, most=2))

    assert max(once.product.faults_in(code) for code in once.codes) == 1
    assert max(twice.product.faults_in(code) for code in twice.codes) == 2
    first, second, last = (
        {told(search.product, code)._replace(faults=0) for code in search.codes}
        for search in (once, twice, often)
    )
    assert first < second <= last


def test_a_broken_link_sends_nothing_and_a_broken_step_is_never_taken() -> None:
    deal = small("complete", 6)
    unsent = search_of("complete", deal, Faults(links=frozenset({"order-opened"})))
    untaken = search_of("complete", deal, Faults(steps=frozenset({("seller", "S01")})))

    for search in (unsent, untaken):
        assert {search.product.statuses(code)[1] for code in search.codes} == {"(none)"}


def test_an_answer_that_a_fault_has_cut_off_is_not_given() -> None:
    faults = Faults(links=frozenset({"seller-refuses", "invoice-refuses"}))
    search = search_of("marketplace-seller", small("marketplace-seller", 2), faults)

    assert search.complete
    assert ("market", "M16") not in search.product.fired()


def test_the_halves_of_a_configuration_say_together_what_it_says() -> None:
    product = Product(deal_of("split-order"), defaults(), spaces=spaces_of("split-order"))
    apart = {}
    queue = [product.start]
    for code in queue:
        if halves := product.apart(code):
            apart[code] = halves
        elif len(queue) < 30_000:
            queue += [after for _, after in product.steps(code) if after not in queue[-2_000:]]
        if len(apart) == 5:
            break

    assert apart
    for code, halves in apart.items():
        both = zip(*(product.statuses(half) for half in halves), strict=True)
        joined = tuple(next((s for s in pair if s != "(none)"), "(none)") for pair in both)
        assert joined == product.statuses(code)
        assert product.deltas(code) == [half - code for half in halves]
        assert all(product.apart(half) == () for half in halves)


def test_a_whole_product_is_never_taken_apart() -> None:
    product = Product(
        deal_of("split-order"), defaults(), spaces=spaces_of("split-order"), whole=True
    )
    last = sum((len(seat.part.space.orders) - 1) << seat.place.shift for seat in product.seats)

    assert product.apart(last) == ()


def test_fields_do_not_overlap() -> None:
    product = Product(deal_of("seller-change"), defaults(), faults=Faults(lost=True, most=3))
    fields = [seat.place for seat in product.seats]
    fields += [seat.phase for seat in product.seats if seat.phase]
    fields += product.boxes

    assert sum(each.bits for each in fields) == _joined(each.bits for each in fields)
    assert product.traffic == _joined(box.bits for box in product.boxes)


def _joined(bits) -> int:  # type: ignore[no-untyped-def]
    found = 0
    for each in bits:
        found |= each
    return found


def test_a_full_mailbox_takes_no_more_and_a_link_no_more_than_its_share() -> None:
    deal = small("marketplace-seller", 2)
    words = Words(deal, deal.links)
    package = next(n for n, link in enumerate(deal.links) if link.at_most == 1)
    one = words.push(0, Symbol(package))

    assert words.push(one, Symbol(package)) == -1
    two = words.push(one, Symbol(0))
    assert words.contents[two] == (Symbol(package), Symbol(0))
    assert words.push(two, Symbol(0)) == -1
    assert words.push(0, Symbol(package)) == one


def test_too_many_different_mailboxes_are_told_with_what_would_help() -> None:
    deal = deal_of("complete")
    words = Words(deal, deal.links)
    for number in range(1, MOST_WORDS):
        words.number((Symbol(number),))

    with pytest.raises(ProductError, match=r"deal complete: .* 65,536 .* lower `mailbox`"):
        words.number((Symbol(0),))


def test_spaces_are_searched_once_for_each_flow_and_use() -> None:
    seats = Product(deal_of("split-order"), defaults(), faults=NO_FAULTS).seats
    spaces = {seat.part.who.name: seat.part.space for seat in seats}

    assert spaces["order-a"] is spaces["order-b"]
    assert spaces["seller-a"] is spaces["seller-b"]
    assert spaces["order-a"].more == ("paid",)
