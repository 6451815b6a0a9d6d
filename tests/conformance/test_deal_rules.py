"""Every cross-flow rule can fail alone, is kept by a sale it speaks about, waits for news that is
under way, and never guesses; and with them the catalogue is complete."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.conformance.deal_record import DealFinding, DealRecord, Party
from orderflow.conformance.deal_rule import Example, deal_of, history_of
from orderflow.conformance.judge import judge
from orderflow.conformance.judge_deal import DealJudgement, judge_deal, without_folded
from orderflow.conformance.record import Missing
from orderflow.conformance.rule import ALL
from orderflow.conformance.rules import DEAL_RULES, EXAMPLES, RULES
from tests.conformance import rule_cases
from tests.conformance.deal_rule_cases import (
    ASKED,
    BROKEN,
    CHAIN_OUT,
    HANDLED,
    HANDLING,
    KEPT,
    MARKET,
    OUT,
    PASSED_ON,
    RELEASED,
    SELLER_ASKED,
    SELLER_OUT,
    SOLD,
    UNKNOWN,
    WAITS,
    WINDOW,
    chain,
    deal,
    market,
    seller,
    truncated,
)
from tests.conformance.histories import APPROVED, CREATED, DAY, HOUR, START, history

BY_ID = {each.id: each for each in DEAL_RULES}
PATIENT = ("A-53", "A-58", "A-65", "A-69", "A-70", "A-74")
"""Rules that allow for delay."""


def broken(record: DealRecord) -> tuple[str, ...]:
    return judge_deal(record).broken


def told(judgement: DealJudgement) -> list[tuple[str, str, str]]:
    return [
        (rule.id, finding.party, rule.severity_of(finding)) for rule, finding in judgement.findings
    ]


@pytest.mark.parametrize("id_", BY_ID)
def test_every_rule_can_fail_alone(id_: str) -> None:
    judgement = judge_deal(BROKEN[id_])

    assert judgement.broken == (id_,)
    assert id_ in judgement.evaluated
    assert judgement.missing == ()
    for _, finding in judgement.findings:
        assert finding.observed
        assert finding.expected
        assert not finding.observed.endswith(".")


@pytest.mark.parametrize("id_", BY_ID)
def test_every_rule_is_kept_by_a_sale_it_speaks_about(id_: str) -> None:
    judgement = judge_deal(KEPT[id_])

    assert judgement.findings == ()
    assert id_ in judgement.evaluated


@pytest.mark.parametrize("id_", BY_ID)
def test_no_rule_guesses(id_: str) -> None:
    record, evidence = UNKNOWN[id_]

    judgement = judge_deal(record)

    assert judgement.findings == ()
    assert {rule.id: lacks for rule, lacks in judgement.missing}[id_] == evidence
    assert id_ not in judgement.evaluated


def test_every_rule_of_the_fact_sheet_is_in_the_catalogue_and_has_its_cases() -> None:
    every = {f"A-{number:02}" for number in range(1, 87)}

    assert RULES.keys() | BY_ID.keys() == every
    assert not RULES.keys() & BY_ID.keys()
    assert rule_cases.BROKEN.keys() == rule_cases.KEPT.keys() == RULES.keys()
    assert BROKEN.keys() == KEPT.keys() == UNKNOWN.keys() == BY_ID.keys()


def test_the_catalogue_is_written_for_people() -> None:
    for each in DEAL_RULES:
        assert len(each.title.split()) <= 6, each.id
        assert each.statement.endswith("."), each.id
        assert 2 <= each.explanation.count(". ") + 1 <= 4, each.id
        assert each.source, each.id
        assert each.needs <= each.families <= ALL, each.id
        assert {*each.folds, *each.folds_anywhere} <= BY_ID.keys() - {each.id}
    assert "ki-1400005" in BY_ID["A-70"].explanation


@pytest.mark.parametrize("id_", EXAMPLES)
def test_an_example_breaks_exactly_the_rule_it_explains(id_: str) -> None:
    example = EXAMPLES[id_]

    if id_ in BY_ID:
        sale = judge_deal(deal_of(example))
        assert (sale.broken, len(sale.findings), sale.missing) == ((id_,), 1, ())
    else:
        (role,) = example.roles
        alone = judge(history_of(example, role))
        assert (alone.broken, len(alone.findings)) == ((id_,), 1)


@pytest.mark.parametrize("id_", EXAMPLES)
def test_an_example_is_told_in_order_and_between_neighbours(id_: str) -> None:
    example: Example = EXAMPLES[id_]
    places = {role.name: place for place, role in enumerate(example.roles)}

    assert [row.at for row in example.rows] == sorted(row.at for row in example.rows)
    assert example.rows[0].at == 0
    for row in example.rows[:-1]:
        assert row.party
        assert bool(row.status) is not bool(row.to)
    for row in example.rows:
        if row.to:
            assert abs(places[row.party] - places[row.to]) == 1
            assert row.news


@pytest.mark.parametrize("id_", PATIENT)
def test_what_news_under_way_can_put_right_is_no_breach_yet(id_: str) -> None:
    judgement = judge_deal(replace(BROKEN[id_], waiting=1))

    assert judgement.findings == ()
    assert id_ in judgement.evaluated


@pytest.mark.parametrize("id_", PATIENT)
def test_a_record_from_outside_is_judged_once_the_delay_is_over(id_: str) -> None:
    record = replace(BROKEN[id_], waiting=None, settings={"deal_delay": HOUR})
    parties = record.parties
    last = max(
        *(each.record.steps[-1].at for each in parties),
        *(each.dismissed_at or 0 for each in parties),
    )

    early = judge_deal(replace(record, now=last + HOUR - 1))
    late = judge_deal(replace(record, now=last + HOUR))

    assert early.findings == ()
    assert id_ in {rule.id for rule, _ in early.missing}
    assert late.broken == (id_,)


@pytest.mark.parametrize(
    "parties",
    [
        (market(SOLD), seller(HANDLED)),
        (market(OUT), seller(SELLER_OUT)),
        (market(SOLD), chain(PASSED_ON), seller(HANDLED, above="chain")),
        (market(OUT), chain(CHAIN_OUT), seller(SELLER_OUT, above="chain")),
        (market(ASKED), seller(SELLER_ASKED)),
        (
            Party("main", history("complete", SOLD)),
            Party("fulfillment", history("seller", HANDLED), "main"),
        ),
    ],
)
def test_an_undisturbed_sale_keeps_every_rule(parties: tuple[Party, ...]) -> None:
    judgement = judge_deal(deal(*parties))

    assert judgement.findings == ()
    assert judgement.missing == ()


def test_a_rule_is_not_put_to_the_test_where_it_has_nothing_to_judge() -> None:
    pair = judge_deal(deal(MARKET, seller(WINDOW)))
    levels = judge_deal(deal(MARKET, chain(RELEASED), seller(WINDOW, above="chain")))
    one = judge_deal(deal(Party("main", MARKET.record), waiting=0))

    assert set(pair.evaluated) == BY_ID.keys() - {"A-71", "A-74"}
    assert set(levels.evaluated) == BY_ID.keys()
    assert one.evaluated == ("A-65", "A-69")


BY_HAND = f"{WAITS} authorize-fulfillment:authorize_manually"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (BY_HAND, [("A-28", "seller", "warning")]),
        (f"{BY_HAND} start-handling+1m handling+1m", [("A-28", "seller", "warning")]),
        (f"{WAITS} authorize-fulfillment", [("A-28", "seller", "error")]),
        (f"{WAITS} start-handling handling+1m", [("A-38", "seller", "error")]),
    ],
)
def test_who_authorises_by_hand_takes_the_risk(
    path: str, expected: list[tuple[str, str, str]]
) -> None:
    assert told(judge_deal(deal(market(CREATED), seller(path)))) == expected


def test_handling_after_an_authorisation_by_hand_is_mild() -> None:
    early = deal(market(CREATED), seller(f"{BY_HAND} start-handling handling+1m"))

    outcome = BY_ID["A-38"].check(early)

    assert not isinstance(outcome, Missing)
    assert [finding.mild for finding in outcome] == [True]


def test_below_a_chain_the_marketplace_is_what_counts() -> None:
    early = deal(market(CREATED), chain(RELEASED), seller(WINDOW, above="chain"))
    known = deal(MARKET, chain(RELEASED), seller(WINDOW, above="chain"))

    assert told(judge_deal(early)) == [("A-28", "seller", "error"), ("A-71", "chain", "error")]
    assert broken(known) == ()


def test_a_seller_record_without_its_beginning_may_hide_an_early_step() -> None:
    cut = seller("handling+9h invoice")
    early = seller(f"{WAITS} authorize-fulfillment")

    hidden = judge_deal(deal(MARKET, truncated(cut)))
    seen = judge_deal(deal(MARKET, truncated(early)))

    assert {"A-28", "A-38"} <= {rule.id for rule, _ in hidden.missing}
    assert seen.broken == ("A-28",)


@pytest.mark.parametrize(
    ("parties", "expected"),
    [
        ((market(OUT), seller(SELLER_ASKED)), [("A-65", "seller", "error")]),
        ((market(OUT), seller(HANDLED)), [("A-65", "market", "error")]),
        ((MARKET, seller(SELLER_OUT)), [("A-65", "market", "error")]),
        ((market(OUT), seller(f"{SELLER_ASKED} cancel")), []),
        ((market(f"{ASKED} cancel"), seller(SELLER_OUT)), []),
        ((market(f"{APPROVED} replaced"), seller(SELLER_OUT)), []),
        (
            (MARKET, chain(CHAIN_OUT), seller(SELLER_OUT, above="chain")),
            [("A-65", "market", "error")],
        ),
        (
            (MARKET, chain(RELEASED), seller(SELLER_OUT, above="chain")),
            [("A-65", "chain", "error")],
        ),
        (
            (MARKET, chain(PASSED_ON), seller(HANDLED, above="chain")),
            [("A-74", "market", "warning")],
        ),
        (
            (MARKET, chain(RELEASED), seller(HANDLED, above="chain")),
            [("A-53", "chain", "warning")],
        ),
        (
            (
                market(f"{APPROVED} request-cancel"),
                chain(PASSED_ON),
                seller(HANDLED, above="chain"),
            ),
            [("A-70", "market", "warning")],
        ),
    ],
)
def test_each_cause_is_told_once(
    parties: tuple[Party, ...], expected: list[tuple[str, str, str]]
) -> None:
    judgement = judge_deal(deal(*parties))

    assert sorted(told(judgement)) == sorted(expected)
    assert judgement.conforms is all(severity != "error" for *_, severity in expected)


def test_a_warning_does_not_hide_an_error() -> None:
    finding = DealFinding("market", 1, "seen", "wanted")
    told_twice = [(BY_ID["A-70"], finding), (BY_ID["A-65"], finding)]
    harsh = replace(BY_ID["A-53"], severity="error")

    assert [rule.id for rule, _ in without_folded([*told_twice, (harsh, finding)])] == [
        "A-70",
        "A-65",
    ]
    assert len(without_folded([(BY_ID["A-70"], finding), (harsh, finding)])) == 2


def test_a_seller_that_was_replaced_is_no_longer_asked_to_agree() -> None:
    substitute = Party("substitute", history("seller", WINDOW), "market")
    former = seller(SELLER_OUT, dismissed_at=START + DAY)

    assert broken(deal(MARKET, former, substitute)) == ()


def test_an_order_that_was_never_placed_breaks_nothing() -> None:
    unplaced = Party("seller", history("seller", WAITS), "market")
    unplaced = replace(unplaced, record=replace(unplaced.record, steps=()))

    assert judge_deal(deal(market(OUT), unplaced)).findings == ()


def test_clocks_of_two_documents_may_differ() -> None:
    apart = deal(MARKET, seller(f"{WAITS} authorize-fulfillment+61m"))

    assert broken(apart) == ()
    assert broken(replace(apart, settings={"tolerance": 0})) == ("A-28",)


PATHS = st.sampled_from(
    [
        *(CREATED, APPROVED, SOLD, ASKED, OUT, f"{APPROVED} request-cancel"),
        *(RELEASED, CHAIN_OUT, PASSED_ON),
        *(WAITS, WINDOW, HANDLING, HANDLED, SELLER_ASKED, SELLER_OUT),
    ]
)
NAMES = st.sampled_from(["market", "chain", "seller", "nobody", ""])


@st.composite
def parties(draw: st.DrawFn, name: str) -> Party:
    record = history(draw(st.sampled_from([*sorted(ALL), ""])), draw(PATHS))
    steps = record.steps[draw(st.integers(0, 3)) * len(record.steps) // 2 :]
    record = replace(record, steps=steps, whole=draw(st.booleans()))
    dismissed = draw(st.sampled_from([None, None, START + DAY]))
    return Party(name, record, draw(NAMES), dismissed)


SALES = st.builds(
    DealRecord,
    st.just("deal-1"),
    st.tuples(parties("market"), parties("chain"), parties("seller")),
    st.sampled_from([None, {}, {"deal_delay": HOUR}, {"deal_delay": 100 * DAY}]),
    st.sampled_from([None, 0, 3]),
    st.sampled_from([None, START + DAY, START + 10 * DAY]),
)


@given(SALES)
def test_any_sale_can_be_judged(record: DealRecord) -> None:
    judgement = judge_deal(record)

    missing = {rule.id for rule, _ in judgement.missing}
    assert missing.isdisjoint(judgement.evaluated)
    for rule, finding in judgement.findings:
        assert rule.id in judgement.evaluated
        steps = record.party[finding.party].record.steps
        assert -1 <= finding.step < max(len(steps), 1)


@given(SALES)
def test_more_knowledge_of_messages_never_hides_what_was_certain(record: DealRecord) -> None:
    certain = replace(record, waiting=0)
    unsure = replace(record, waiting=None)

    assert set(broken(unsure)) <= {rule.id for rule in DEAL_RULES if rule.check(certain)}
