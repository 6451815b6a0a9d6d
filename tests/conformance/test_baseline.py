"""Of two runs it is told what is new, known and fixed; fixed only what the later run would have
met, and nothing passes for known that is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderflow.conformance.baseline import Changes, compare, key_of, only_known
from orderflow.conformance.figures import ProofFigures, SuiteFigures
from orderflow.conformance.verdict import CellOutcome, Failure, FlowVerdict, Verdict
from tests.reports.builders import a_warning, failing, partial_invoice, verdict, wrong_acceptance
from tests.reports.deals import failing_deals, lost_cancel, race

WRONG = partial_invoice()
SUITE = SuiteFigures("pairs", 14, 13, 1, (), (), 14, 210, (("pairs", "Takes every pair."),))


def run(*failures: Failure, **more: object) -> Verdict:
    """A run over the bundled flows in which everything was asked."""
    value = verdict(failures)
    settings = (("examples", "200"), ("moves", "40"), ("exhaustive search", "on"))
    return replace(value, **{"settings": settings, **more})  # type: ignore[arg-type]  # by name


def with_flow(value: Verdict, name: str = "seller", **more: object) -> Verdict:
    """*value* with something else found for one flow."""
    flows = tuple(
        replace(each, **more) if each.name == name else each  # type: ignore[arg-type]  # by name
        for each in value.flows
    )
    return replace(value, flows=flows)


def seller(value: Verdict) -> FlowVerdict:
    return next(each for each in value.flows if each.name == "seller")


def proof(*, complete: bool = True) -> ProofFigures:
    return ProofFigures(9, 9, 9, complete, ())


def doubt(now: Verdict, before: Verdict) -> str:
    """Why the one failure that is gone is not told to be fixed, empty when it is."""
    changes = compare(now, before)

    assert len(changes.fixed) + len(changes.unasked) == 1
    assert len(changes.reasons) == len(changes.unasked)
    return changes.reasons[0] if changes.reasons else ""


def test_each_failure_is_new_known_or_fixed() -> None:
    now = run(wrong_acceptance(), a_warning())

    changes = compare(now, run(WRONG, a_warning()))

    assert changes.new == (wrong_acceptance(),)
    assert changes.known == (a_warning(),)
    assert changes.fixed == (WRONG,)
    assert changes.unasked == ()
    assert changes.sentence == "Since the earlier run: 1 new, 1 known, 1 fixed."


def test_a_run_beside_itself_has_nothing_new_and_nothing_fixed() -> None:
    for value in (failing(), failing_deals()):
        changes = compare(value, value)

        assert changes == Changes(known=value.failures)


def test_what_one_run_calls_new_the_other_way_round_is_fixed() -> None:
    one, two = run(WRONG), run(wrong_acceptance())

    assert compare(one, two).new == compare(two, one).fixed == (WRONG,)


@pytest.mark.parametrize(
    "other",
    [
        replace(WRONG, flow="chain"),
        replace(WRONG, identity="A-17/S12/rule"),
        replace(WRONG, fault="message.lost"),
        replace(WRONG, deal="complete"),
    ],
    ids=["flow", "identity", "fault", "deal"],
)
def test_another_flow_deal_fault_or_identity_is_another_failure(other: Failure) -> None:
    assert compare(run(other), run(WRONG)).new == (other,)
    assert compare(run(WRONG, other), run(WRONG)).known == (WRONG,)


def test_other_words_for_the_same_failure_are_no_other_failure() -> None:
    told = replace(WRONG, sentence="Otherwise.", seen=1, trace=(), replay="")

    assert compare(run(told), run(WRONG)).known == (told,)


def test_a_warning_that_is_an_error_now_is_new_and_not_fixed() -> None:
    worse = replace(a_warning(), severity="error")

    changes = compare(run(worse), run(a_warning()))

    assert (changes.new, changes.known, changes.fixed) == ((worse,), (), ())
    assert compare(run(a_warning()), run(worse)).known == (a_warning(),)


def test_a_mark_for_each_failure() -> None:
    changes = compare(run(WRONG, a_warning()), run(WRONG))

    assert changes.words == {key_of(WRONG): "known", key_of(a_warning()): "new"}


def test_what_would_have_been_met_and_was_not_is_fixed() -> None:
    assert doubt(run(), run(WRONG)) == ""


LESS = (
    *("seed", "examples", "search", "setting", "target", "flow", "profile", "module"),
    *("unproved", "unfinished", "unjudged", "counted", "untaken"),
)
BEFORE = with_flow(run(WRONG), proof=proof(), elsewhere=(("legacy", proof()),))
GOOD = with_flow(run(), proof=proof(), elsewhere=(("legacy", proof()),))


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (replace(GOOD, seed=1), "other random runs: seed 1 now, 8271 then"),
        (replace(GOOD, settings=(("examples", "199"), *GOOD.settings[1:])), "a smaller budget"),
        (replace(GOOD, settings=GOOD.settings[:2]), "a smaller budget"),
        (replace(GOOD, settings=(*GOOD.settings, ("seller_answer", "9"))), "other settings"),
        (replace(GOOD, target="http://shop.test"), "the earlier run tested the simulator, this"),
        (replace(GOOD, flows=GOOD.flows[:1]), "seller was not checked"),
        (with_flow(GOOD, profile="legacy"), "seller was viewed otherwise"),
        (with_flow(GOOD, modules=("wms",)), "seller was viewed otherwise"),
        (with_flow(GOOD, proof=None, elsewhere=()), "no exhaustive search"),
        (with_flow(GOOD, proof=proof(complete=False)), "the exhaustive search is not finished"),
        (with_flow(GOOD, missing=(("A-17", "no feed"),)), "A-17 could not be judged"),
        (with_flow(GOOD, left_out=3), "3 more of seller were counted only: it may be among them"),
        (with_flow(GOOD, transitions=(("S11", 0),)), "S11 was not taken"),
    ],
    ids=LESS,
)
def test_what_this_run_need_not_have_met_is_not_fixed(now: Verdict, said: str) -> None:
    assert doubt(GOOD, BEFORE) == ""

    assert doubt(now, BEFORE).startswith(said)


def test_more_of_everything_is_enough() -> None:
    more = (("examples", "900"), ("moves", "41"), ("exhaustive search", "on"))
    now = replace(GOOD, settings=more, version="9", flows=(*GOOD.flows, SHOP))

    assert doubt(with_flow(now, elsewhere=()), BEFORE) == ""


SHOP = replace(seller(GOOD), name="shop")


def test_a_rule_that_was_asked_then_has_to_be_asked_now() -> None:
    before = with_flow(run(WRONG), rules=("A-17",))

    assert doubt(run(), before) == "A-17 was not asked"
    assert doubt(with_flow(run(), rules=("A-17", "A-18")), before) == ""


def test_without_chance_the_seed_does_not_matter() -> None:
    settings = (("examples", "0"), ("moves", "40"), ("exhaustive search", "on"))
    before, now = run(WRONG, settings=settings), run(settings=settings, seed=5)

    assert doubt(now, before) == ""


def test_a_cell_that_was_not_tried_hides_what_was_wrong_there() -> None:
    refused = wrong_acceptance()
    last = refused.trace[-1]
    before = run(refused)

    for outcome, said in (
        (CellOutcome.REFUSED, ""),
        (CellOutcome.UNTRIED, "start_handling was not tried in order-accepted"),
    ):
        now = with_flow(run(), cells=((last.source, last.event, outcome),))
        assert doubt(now, before) == said


def test_where_warnings_are_told_no_error_was_left_out() -> None:
    mild = replace(a_warning(), flow="seller")
    before = with_flow(run(WRONG), left_out=0)

    changes = compare(with_flow(run(mild), left_out=9), before)

    assert changes.fixed == (WRONG,)
    faulty = replace(mild, fault="message.lost")
    assert compare(with_flow(run(faulty), left_out=9), before).unasked == (WRONG,)
    gone = compare(with_flow(run(mild), left_out=9), run(replace(mild, identity="other")))
    assert gone.unasked == (replace(mild, identity="other"),)


def test_a_flaky_failure_is_not_fixed_by_staying_away_once() -> None:
    before = run(replace(WRONG, tried=3, again=1))

    assert doubt(run(), before) == "it came in 1 of 3 tries then"
    assert doubt(run(), run(replace(WRONG, tried=3, again=3))) == ""


def test_a_flow_that_was_mended_is_fixed_and_the_change_is_noted() -> None:
    now = with_flow(run(), digest="changed", transitions=(("S12", 1),))

    changes = compare(now, run(WRONG))

    assert changes.fixed == (WRONG,)
    assert changes.notes == ("The text of seller has changed since.",)


def test_what_makes_runs_hard_to_compare_is_noted() -> None:
    before = with_flow(run(), left_out=2)

    notes = compare(
        replace(run(), target="http://a", version="2", flows=(*run().flows, SHOP)), before
    )

    assert notes.notes == (
        "The earlier run tested the simulator, this one http://a.",
        "The earlier run was one of orderflow 0.1.0, this is 2.",
        "The earlier run only counted 2 more of seller: what is new there may be among them.",
        "The earlier run did not ask about shop.",
    )


def on_target(
    *failures: Failure, suite: SuiteFigures = SUITE, digest: str = "0123456789abcdef"
) -> Verdict:
    value = replace(run(*failures, settings=()), target="http://a", rules=())
    return with_flow(value, suite=suite, digest=digest)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (on_target(), ""),
        (replace(on_target(), target="http://b"), ""),
        (on_target(suite=replace(SUITE, name="states")), "other cases were run"),
        (on_target(suite=replace(SUITE, cases=13)), "other cases were run"),
        (on_target(suite=replace(SUITE, indeterminate=(("a", "b"),))), "cases could not be judged"),
        (on_target(suite=replace(SUITE, left_out=(("a", "b"),))), "more was left out"),
        (on_target(suite=replace(SUITE, untried=1)), "more was left out"),
        (on_target(digest="new"), "the text of seller, by which it was judged, has changed"),
        (replace(on_target(), seed=1), "other random runs: seed 1 now, 8271 then"),
    ],
    ids=["same", "url", "name", "fewer", "unjudged", "left-out", "untried", "digest", "seed"],
)
def test_a_system_is_only_mended_when_all_its_cases_were_run_again(now: Verdict, said: str) -> None:
    assert doubt(now, on_target(WRONG)) == said


def test_deals_are_told_apart_from_flows() -> None:
    before = failing_deals()
    now = replace(before, failures=())

    changes = compare(now, before)

    assert changes.fixed == before.failures
    alone = replace(now, deals=())
    unasked = compare(alone, before)
    assert {each.deal for each in unasked.fixed} == {""}
    assert {each.deal for each in unasked.unasked} == {
        each.deal for each in before.failures if each.deal
    }


def test_a_fault_that_was_not_switched_on_hides_what_it_does() -> None:
    before = replace(failing_deals(), failures=(lost_cancel(),))

    assert doubt(replace(before, failures=()), before) == ""
    said = doubt(replace(before, failures=(), faults=()), before)
    assert said == f"the fault {lost_cancel().fault} was not switched on"


def test_a_deal_has_to_be_searched_again() -> None:
    before = replace(failing_deals(), failures=(race(),), faults=())
    deals = tuple(replace(each, proofs=()) for each in before.deals)

    said = doubt(replace(before, failures=(), deals=deals), before)
    assert said == "its configurations were not all searched"


def test_a_search_under_a_fault_is_not_missed_where_nothing_was_wrong_with_messages() -> None:
    before = replace(failing_deals(), failures=(race(),))
    plain = tuple(
        replace(each, proofs=tuple(p for p in each.proofs if p.fault not in before.faults))
        for each in before.deals
    )

    assert plain != before.deals
    assert doubt(replace(before, failures=(), deals=plain, faults=()), before) == ""


def test_of_two_of_one_name_the_graver_one_is_known() -> None:
    error = replace(a_warning(), severity="error")

    assert compare(run(error), run(a_warning(), error)).known == (error,)


def excused(now: Verdict, before: Verdict) -> bool:
    return only_known(now, compare(now, before))


def test_known_failures_alone_are_excused() -> None:
    assert excused(run(WRONG, a_warning()), run(WRONG))
    assert excused(run(WRONG), run(WRONG, wrong_acceptance()))


def test_nothing_new_is_excused() -> None:
    assert not excused(run(WRONG, wrong_acceptance()), run(WRONG))
    assert not excused(run(replace(a_warning(), severity="error")), run(a_warning()))
    faulty = replace(a_warning(), fault="message.lost")
    assert not excused(run(WRONG, faulty), run(WRONG))
    assert excused(run(WRONG, faulty), run(WRONG, faulty))


def test_what_was_only_counted_is_not_known() -> None:
    more = with_flow(run(WRONG), left_out=1)

    assert not excused(more, more)
    mild = replace(a_warning(), flow="seller")
    told = with_flow(run(WRONG, mild), left_out=1)
    assert excused(told, told)
    for other in (replace(mild, deal="complete"), replace(mild, flow="chain")):
        elsewhere = with_flow(run(WRONG, other), left_out=1)
        assert not excused(elsewhere, elsewhere)
    faulty = with_flow(run(WRONG, replace(mild, fault="message.lost")), left_out=1)
    assert not excused(faulty, faulty)


def test_what_was_only_counted_of_a_deal_is_not_known() -> None:
    before = replace(failing_deals(), failures=(race(),))
    deals = tuple(replace(each, left_out=int(each.name == race().deal)) for each in before.deals)

    assert excused(before, before)
    assert not excused(replace(before, deals=deals), before)


@pytest.mark.parametrize(
    ("suite", "good"),
    [
        (SUITE, True),
        (replace(SUITE, passed=0, failed=14), True),
        (replace(SUITE, passed=12, indeterminate=(("pairs-1", "no answer"),)), False),
        (replace(SUITE, passed=0, failed=0), False),
    ],
    ids=["some", "all", "unjudged", "nothing"],
)
def test_a_case_that_could_not_be_judged_is_not_known(suite: SuiteFigures, good: bool) -> None:
    now = on_target(WRONG, suite=suite)

    assert excused(now, now) is good


def test_a_suite_that_fails_without_a_known_failure_is_not_excused() -> None:
    now = on_target(suite=SUITE)

    assert not excused(now, now)
