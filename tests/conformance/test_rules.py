"""Every rule can fail alone, is kept by a history it speaks about, and never guesses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.conformance.judge import judge
from orderflow.conformance.record import Evidence, Missing, Record, Step
from orderflow.conformance.rule import ALL, UnknownRuleError
from orderflow.conformance.rules import CATALOGUE, DEAL_RULES, PROFILES, RULES, rule
from orderflow.conformance.rules.statuses import KNOWN, MISSPELT
from tests.conformance.histories import (
    DAY,
    HAPPY,
    OBSERVED,
    SETTINGS,
    START,
    full_evidence,
    history,
)
from tests.conformance.rule_cases import BROKEN, KEPT, TINY


@pytest.mark.parametrize("id_", RULES)
def test_every_rule_can_fail_alone(id_: str) -> None:
    judgement = judge(BROKEN[id_])

    assert set(judgement.broken) == {id_}
    assert id_ in judgement.evaluated


@pytest.mark.parametrize("id_", RULES)
def test_every_rule_is_kept_by_a_history_it_speaks_about(id_: str) -> None:
    judgement = judge(KEPT[id_])

    assert judgement.broken == ()
    assert id_ in judgement.evaluated


def test_no_case_is_left_over() -> None:
    assert BROKEN.keys() == RULES.keys() == KEPT.keys()


def test_findings_are_told_in_full() -> None:
    for record in BROKEN.values():
        for _, finding in judge(record).findings:
            assert finding.observed
            assert finding.expected
            assert not finding.observed.endswith(".")
            assert -1 <= finding.step < len(record.steps)


def test_the_catalogue_is_written_for_people() -> None:
    for each in CATALOGUE:
        assert len(each.title.split()) <= 6, each.id
        assert each.statement.endswith("."), each.id
        assert 2 <= each.explanation.count(". ") + 1 <= 3, each.id
        assert each.source, each.id
        assert each.families, each.id
        assert each.families <= ALL, each.id
        assert {*each.folds, *each.folds_anywhere} <= RULES.keys() - {each.id}


def test_a_rule_is_found_by_its_id_and_a_typo_is_answered_with_the_nearest() -> None:
    assert rule("A-39") is RULES["A-39"]
    assert rule("A-28") is DEAL_RULES[0]
    with pytest.raises(UnknownRuleError, match=r"'a-39'; did you mean A-39"):
        rule("a-39")
    with pytest.raises(UnknownRuleError, match=r"'zzz'$"):
        rule("zzz")


def test_profiles_are_those_of_the_fact_sheet() -> None:
    assert [each.id for each in PROFILES["seed"]] == [
        *("A-04", "A-05", "A-12", "A-14", "A-20", "A-29"),
        *("A-39", "A-41", "A-54", "A-56", "A-64"),
    ]
    assert set(PROFILES["audit"]) == {*CATALOGUE, *DEAL_RULES}
    assert [each.id for each in PROFILES["audit"]] == [f"A-{n:02}" for n in range(1, 87)]


@pytest.mark.parametrize("paths", [HAPPY, OBSERVED], ids=["documented", "observed"])
@pytest.mark.parametrize("family", sorted(ALL))
def test_an_undisturbed_order_keeps_every_rule_after_each_step(
    paths: dict[str, str], family: str
) -> None:
    words = paths[family].split()
    borrowed: dict[str, Any] = {"settlement": "pending"} if family == "chain" else {}

    for length in range(1, len(words) + 1):
        path = " ".join(words[:length])
        record = history(
            family,
            path,
            settings=SETTINGS,
            over=length == len(words),
            open_for=1,
            **(full_evidence(path) | borrowed),
        )
        judgement = judge(record)
        assert judgement.findings == ()
        judged_by_a_flow = {"A-04", "A-82", "A-83", "A-84", "A-85"}
        assert {each.id for each, _ in judgement.missing} == {"A-09", *judged_by_a_flow}


def test_the_official_recorded_workflow_keeps_every_rule() -> None:
    record = history(
        "marketplace",
        "order-created on-order-completed+140ms payment-pending+510ms approve-payment+2290ms "
        "payment-approved+1360ms request-cancel+1067800ms waiting-for-seller-decision+780ms "
        "cancel+6750ms canceled+3380ms",
        over=True,
        settings=SETTINGS,
        is_completed=True,
        status="canceled",
        payment_denied=False,
    )

    assert judge(record).findings == ()


STATUSES = st.sampled_from(sorted(KNOWN | MISSPELT.keys() | {"no such status"}))
EVENTS = st.sampled_from([None, "request_cancel", "deny_cancel", "deny_payment", "modify_order"])


@st.composite
def records(draw: st.DrawFn) -> Record:
    family = draw(st.sampled_from([*sorted(ALL), ""]))
    taken = tuple(
        Step(status, START + place * DAY, event)
        for place, (status, event) in enumerate(
            draw(st.lists(st.tuples(STATUSES, EVENTS), max_size=12))
        )
    )
    whole: dict[str, Any] = full_evidence(HAPPY["complete"])
    names = draw(st.sets(st.sampled_from(sorted(whole))))
    evidence = Evidence(**{name: whole[name] for name in names})
    return Record(
        "order-1",
        family,
        taken,
        evidence,
        draw(st.sampled_from([None, TINY])),
        draw(st.sampled_from([None, SETTINGS, {}])),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.sampled_from([None, START + 100 * DAY])),
    )


@given(records())
def test_any_history_can_be_judged(record: Record) -> None:
    judgement = judge(record)

    missing = [each.id for each, _ in judgement.missing]
    assert not {*missing} & {*judgement.evaluated}
    for each, finding in judgement.findings:
        assert each.id in judgement.evaluated
        assert -1 <= finding.step < max(len(record.steps), 1)


@given(records())
def test_the_profile_changes_nothing_about_a_rule(record: Record) -> None:
    for each in CATALOGUE:
        if record.family in each.families or each.families == ALL:
            alone = judge(record, rules=(each,))
            outcome = each.check(record)
            assert len(alone.findings) == (0 if isinstance(outcome, Missing) else len(outcome))
