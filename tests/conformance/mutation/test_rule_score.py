"""The rules notice what they can see of a broken flow, and what they cannot see has a reason."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from orderflow.cli.mutate_rules import SCHEMA, GateError, run_rules
from orderflow.conformance.mutation import rule_score
from orderflow.conformance.mutation.blind import UNEXPLAINED, sentence
from orderflow.conformance.mutation.mutant import Mutant, Operator
from orderflow.conformance.mutation.rule_score import Killer, Outcome, measure
from orderflow.conformance.mutation.rule_tally import RuleTally, apart, tally
from orderflow.conformance.mutation.rule_ways import Ground, ground_of
from orderflow.conformance.prove import prove
from orderflow.conformance.rules import RULES
from orderflow.flows.loader import bundled
from orderflow.flows.model import ABSENT, Flow, Profile, Transition
from orderflow.flows.settings import defaults
from orderflow.simulator.space import search
from tests.conformance.mutation.test_rule_ways import GROUNDS, NAMES, mutant_of, sample
from tests.conformance.rule_cases import TIMED

each = pytest.mark.parametrize("name", NAMES)

SMALL = replace(
    TIMED,
    family="",
    transitions=(
        Transition("T0", "T0", ABSENT, "place_order", "order-created", cites=("seed",)),
        *(replace(step, cites=("seed",)) for step in TIMED.transitions),
    ),
)
"""A flow with few mutants."""

_MANY = {Operator.ACCEPT, Operator.SWAP, Operator.REDIRECT}


def chosen(flow: Flow) -> list[Mutant]:
    """All mutants of the rare kinds and some of the frequent ones."""
    rare = [each for each in sample(flow, 1) if each.operator not in _MANY]
    return rare + [each for each in sample(flow, 20) if each.operator in _MANY]


@cache
def outcomes(name: str) -> tuple[Outcome, ...]:
    ground = GROUNDS[name]
    return tuple(measure(ground, chosen(ground.flow), itself=False, everything=False))


def outcome(name: str, id_: str) -> Outcome:
    wanted = [mutant_of(name, id_)]
    return next(iter(measure(GROUNDS[name], wanted, itself=False, everything=False)))


@each
def test_the_rules_notice_most_broken_flows(name: str) -> None:
    flow = GROUNDS[name].flow
    often = [each for each in outcomes(name) if each.mutant.operator in _MANY]

    assert tally(often, flow).total.score >= 0.95
    assert tally(outcomes(name), flow).total.survived == 0


@each
def test_what_no_rule_notices_has_a_reason_and_nothing_else_has_one(name: str) -> None:
    flow = GROUNDS[name].flow

    for found in outcomes(name):
        why = sentence(found, flow)
        if found.killer in {Killer.RULE, Killer.EQUIVALENT}:
            assert why == "", found.mutant.id
        else:
            assert why.endswith("."), found.mutant.id
            assert why != UNEXPLAINED, found.mutant.id


def test_the_exhaustive_search_agrees() -> None:
    ground = GROUNDS["chain"]
    quick = {Operator.ACCEPT, Operator.REDIRECT, Operator.GUARD_DROPPED, Operator.GUARD_NEGATED}
    sampled = [each for each in sample(ground.flow, 200) if each.operator in quick]
    sampled += [each for each in sample(ground.flow, 1) if each.operator in quick - _MANY]
    seen = set()

    for found in measure(ground, sampled, itself=False, everything=False):
        shortest = proved(ground, found.mutant)
        assert (shortest > 0) == (found.killer is Killer.RULE), found.mutant.id
        assert shortest <= found.noticed.steps or not shortest, found.mutant.id
        seen.add(found.killer)
    assert seen == {Killer.RULE, Killer.FLOW, Killer.EQUIVALENT}


def test_what_is_not_noticed_nearby_is_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_score, "FAR", rule_score.Depth(0, 0))
    wanted = [mutant_of("chain", "H08/guard-dropped/invoiced_partially")]

    (near,) = measure(GROUNDS["chain"], wanted, itself=False, everything=False)
    (found,) = measure(GROUNDS["chain"], wanted, itself=False)

    assert near.killer is Killer.FLOW
    assert found.killer is Killer.RULE
    assert found.noticed.rules == ("A-86",)


def proved(ground: Ground, mutant: Mutant) -> int:
    """Steps of the shortest run to which a rule objects, by a search from the beginning."""
    space = search(mutant.flow, defaults(), more=ground.space.facts)
    proof = prove(space, defaults(), reference=ground.flow, first=RULES.keys())
    found = [
        len(each.acts)
        for each in proof.counterexamples
        if each.rule in RULES and each.severity != "info"
    ]
    return min(found, default=0)


@pytest.mark.parametrize(
    ("id_", "rule"),
    [
        ("S12/redirect/start-handling", "A-04"),
        ("S13/swap-event/place_order", "A-82"),
        ("S07/timer-off", "A-83"),
        ("S07/delete", "A-84"),
        ("S11/guard-dropped/invoiced_partially", "A-86"),
        ("S12/guard-dropped/invoiced_fully", "A-39"),
        ("canceled+request_cancel/accept-illegal/canceled", "A-82"),
        ("S01/wrong-initial/on-order-completed-ffm", "A-82"),
    ],
)
def test_a_rule_notices_it(id_: str, rule: str) -> None:
    found = outcome("seller", id_)

    assert found.killer is Killer.RULE
    assert rule in found.noticed.rules
    assert found.noticed.steps > 0


def test_a_timer_that_decides_for_a_person_is_noticed() -> None:
    found = outcome("marketplace", "M29/redirect/order-create-error")

    assert found.noticed.rules == ("A-85",)


@pytest.mark.parametrize(
    ("name", "id_", "killer", "why"),
    [
        ("seller", "S29/delete", Killer.FLOW, "update_tracking is refused in invoiced leaves"),
        ("seller", "S10/delete", Killer.INVARIANT, "what comes of it, I-10 sees"),
        ("seller", "S06x/redirect/window-to-cancel", Killer.FLOW, "has the step S06, "),
        (
            "marketplace",
            "M28@payment-pending/guard-dropped/replacement_on",
            Killer.FLOW,
            "whether its store allows order replacement",
        ),
        ("seller", "S06x/guard-negated/stock_gone", Killer.FLOW, "when the reservation is not gua"),
    ],
)
def test_no_rule_can_see_it(name: str, id_: str, killer: Killer, why: str) -> None:
    found = outcome(name, id_)

    assert found.killer is killer
    assert why in sentence(found, GROUNDS[name].flow)


def test_what_cannot_be_told_from_the_flow_is_no_breach() -> None:
    found = outcome("seller", "S06x/guard-dropped/stock_gone")

    assert found.killer is Killer.EQUIVALENT
    assert found.itself is None


def test_without_the_right_flow_less_is_noticed() -> None:
    ground = GROUNDS["seller"]
    wrong = [mutant_of("seller", "S13/delete"), mutant_of("seller", "S12/redirect/handling")]
    wrong += [mutant_of("seller", "canceled+request_cancel/accept-illegal/canceled")]

    missing, led_back, taken = measure(ground, wrong)

    assert missing.itself is not None
    assert missing.itself.steps == 0
    assert led_back.itself is not None
    assert led_back.itself.rules == ("A-86",)
    assert taken.killer is Killer.RULE
    assert taken.itself is not None
    assert taken.itself.rules == ()


def test_what_no_source_documents_is_counted_apart() -> None:
    chain = GROUNDS["chain"].flow
    wms = bundled("seller").view(Profile.DOCUMENTED, ("wms",))
    by_id = {each.id: each for each in sample(wms, 1)}

    assert apart(mutant_of("chain", "H18g/delete"), chain) == "sandbox decision"
    assert apart(mutant_of("chain", "H02/delete"), chain) == ""
    assert apart(by_id["S25/delete"], wms) == "undocumented status"
    assert apart(by_id["waiting-for-fulfillment+place_order/accept-illegal/cancel"], wms) != ""
    assert apart(by_id["cancel+place_order/accept-illegal/waiting-for-fulfillment"], wms) == ""
    unsourced = replace(chain, transitions=tuple(replace(s, cites=()) for s in chain.transitions))
    assert apart(sample(unsourced, 10_000)[0], unsourced) == "no source"


def test_every_mutant_is_counted_once() -> None:
    found = tally(outcomes("chain"), GROUNDS["chain"].flow)

    for line in (*found.lines, *found.signs, found.total, *found.apart):
        parts = (line.equivalent, line.rules, line.invariants, line.flow, line.survived)
        assert line.mutants == sum(parts)
    counted = found.total.mutants + sum(line.mutants for line in found.apart)
    assert counted == len(outcomes("chain"))
    assert sum(line.mutants for line in found.lines) == found.total.mutants
    unseen = [each for each in outcomes("chain") if sentence(each, GROUNDS["chain"].flow)]
    assert sum(len(each.ids) for each in found.blind) == len(unseen)


def test_a_rule_that_never_objects_alone_is_told() -> None:
    found = tally(outcomes("seller"), GROUNDS["seller"].flow)
    alone = {name: (noticed, only) for name, noticed, only in found.alone}

    assert alone["A-04"][0] > alone["A-04"][1] > 0
    assert alone["A-12"][0] > alone["A-12"][1] == 0
    assert "A-44" in found.silent
    assert not {*found.silent} & alone.keys()


def told(capsys: pytest.CaptureFixture[str], **more: object) -> tuple[bool, str, str]:
    passed = run_rules({"small": SMALL}, defaults(), **more)  # type: ignore[arg-type]  # any option
    out, err = capsys.readouterr()
    return passed, out, err


def test_the_command_tells_scores_reasons_and_rules(capsys: pytest.CaptureFixture[str]) -> None:
    passed, out, err = told(capsys)

    assert passed
    assert err == ""
    assert out.startswith("tiny: the A-rules notice ")
    assert "accept-illegal" in out
    assert "What no A-rule notices, and why:" in out
    assert "that cancel_order is refused in waiting-for-authorization leaves no trace" in out
    assert "At the first place where a rule objects, only it does: A-04 " in out
    assert "Never among the first: A-01" in out


def test_a_gate_that_is_missed_fails(capsys: pytest.CaptureFixture[str]) -> None:
    passed, _, err = told(capsys, gates={"accept-illegal": 1.0, "delete": 0.9})

    assert not passed
    assert err.startswith("tiny: the A-rules notice ")
    assert err.endswith("of delete, and 90.0 % is asked for\n")
    assert err.count("\n") == 1


def test_a_gate_that_is_reached_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, gates={"accept-illegal": 1.0, "negative": 0.9})[0]


def test_a_gate_without_a_score_is_refused() -> None:
    with pytest.raises(GateError, match="no score is called 'posit'; did you mean 'positive'"):
        run_rules({"small": SMALL}, defaults(), gates={"posit": 1.0})


def test_the_numbers_come_as_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    place = tmp_path / "rules.json"
    _, out, _ = told(capsys, json=Path("-"))
    told(capsys, json=place)

    assert place.read_text("utf-8") == out
    document = json.loads(out)
    assert document["schema"] == SCHEMA
    assert document["flows"][0]["name"] == "tiny"
    assert document["flows"][0]["scores"]["accept-illegal"] == 1.0


def test_the_same_flow_gives_the_same_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys) == told(capsys)


def test_a_flow_is_measured_as_its_profile_shows_it() -> None:
    observed = ground_of(bundled("chain").view(Profile.OBSERVED), defaults())
    found: RuleTally = tally(
        measure(observed, sample(observed.flow, 50), everything=False), observed.flow
    )

    assert found.total.score >= 0.95
    assert UNEXPLAINED not in {each.why for each in found.blind}
