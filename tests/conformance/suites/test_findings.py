"""What a system does wrong is told with the rule it breaks, in few steps that show it again."""

from __future__ import annotations

import shlex
from dataclasses import replace
from functools import cache

import pytest

from orderflow.conformance.drive import Start
from orderflow.conformance.mutation.flow_operators import flow_mutants
from orderflow.conformance.mutation.mutant import Mutant
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import Abilities, Answer, Call, Outcome, Subject
from orderflow.conformance.suites.case import Case, Step, Suite
from orderflow.conformance.suites.execute import Result, Runner, script_of
from orderflow.conformance.suites.explain import explain
from orderflow.conformance.suites.findings import MOST_FAILURES, Found, System
from orderflow.conformance.suites.generate import generate
from orderflow.conformance.suites.graph import graph_of
from orderflow.conformance.suites.suite_file import parse_suite, render_suite
from orderflow.conformance.suites.tried import try_out
from orderflow.conformance.verdict import Failure
from orderflow.flows.loader import bundled
from orderflow.flows.settings import defaults
from orderflow.reports.suite_words import guarantee_head, suite_sentence
from orderflow.simulator.machine import compile_plan
from orderflow.simulator.scenario import Act, parse_acts
from orderflow.simulator.space import search

FLOW = bundled("seller").view()
GRAPH = graph_of(search(FLOW, defaults()))
PLAN = GRAPH.space.plan
SYSTEM = System(GRAPH, defaults(), "seller", ("--target", "http://127.0.0.1:1"))
SUITE = generate(GRAPH, "pairs,illegal", named="seller")
MUTANTS = {mutant.id: mutant for mutant in flow_mutants(FLOW)}

PLANTED = {
    "window-to-cancel+start_handling/accept-illegal/start-handling": "A-29",
    "invoiced+request_cancel/accept-illegal/cancel": "A-55",
    "canceled+place_order/accept-illegal/handling": "A-12",
    "S19>handling/redirect/ready-for-handling": "A-59",
    "S11/redirect/invoiced": "A-39",
    "S12/redirect/handling": "A-86",
    "S10/guard-dropped/not_over_invoiced": "A-40",
    "S18/redirect/canceled": "A-64",
    "S08/delete": "I-09",
    "S07/delete": "I-09",
    "S01/wrong-initial/handling": "A-05",
}
"""Breaks of the seller flow, and the rule that says best what is wrong with each."""


def subject_of(mutant: Mutant) -> Inside:
    return Inside(compile_plan(mutant.flow, defaults()))


def failures_of(subject: Subject, suite: Suite = SUITE) -> tuple[Failure, ...]:
    return try_out(SYSTEM, suite, subject).failures


@cache
def first_of(name: str) -> Failure:
    """What is told first of a planted break."""
    return failures_of(subject_of(MUTANTS[name]))[0]


@pytest.mark.parametrize("name", PLANTED)
def test_the_rule_that_explains_best_is_named(name: str) -> None:
    told = first_of(name)

    assert told.rule == PLANTED[name], told.sentence
    assert told.sentence.endswith(f"({told.rule}, seller flow).")


@pytest.mark.parametrize("name", PLANTED)
def test_the_steps_that_are_told_show_it_again_on_that_system_only(name: str) -> None:
    told = first_of(name)
    acts = [act for text in told.acts for act in parse_acts(text)]
    script = script_of(Case("again", "", "", tuple(Step(act, "") for act in acts)), PLAN)

    wrong = Runner(subject_of(MUTANTS[name]), FLOW).run(script)
    sound = Runner(Inside(PLAN), FLOW).run(script)

    assert [each.step for each in wrong.deviations] == [len(acts) - 1]
    assert sound.result is Result.PASSED
    assert told.trace[-1].number == len(told.trace)
    assert told.statuses[-1] == wrong.deviations[0].answer.status
    assert told.replay.startswith("orderflow replay --flow seller --steps ")
    assert shlex.split(told.replay)[-2:] == ["--target", "http://127.0.0.1:1"]


def test_no_step_can_be_left_out_of_what_is_told() -> None:
    """Each way is as long as a shortest way to where it breaks, and one step."""
    for name in PLANTED:
        told = first_of(name)
        status = told.trace[-1].source
        ways = [GRAPH.access(node)[1] for node, known in enumerate(GRAPH.status) if known == status]

        assert len(told.acts) <= min(map(len, ways)) + 3, (name, told.acts)
        assert len(told.acts) <= told.shrunk_from


def test_what_a_sound_system_does_is_no_failure() -> None:
    tried = try_out(SYSTEM, SUITE, Inside(PLAN))

    assert tried.failures == ()
    assert tried.verdict.suite is not None
    assert tried.verdict.suite.conforms
    assert tried.verdict.suite.passed == len(SUITE.cases)
    assert all(count for _, count in tried.verdict.transitions)
    assert tried.verdict.rules == ()


def test_one_thing_that_is_wrong_is_told_once_however_often_it_shows() -> None:
    told = failures_of(subject_of(MUTANTS["S08/delete"]))

    assert len({failure.identity for failure in told}) == len(told)
    assert max(failure.seen for failure in told) > 1


def test_of_very_many_failures_the_rest_is_counted() -> None:
    class Yes(Inside):
        def fire(self, call: Call) -> Answer:
            return replace(super().fire(call), outcome=Outcome.ACCEPTED)

    found = Found(SYSTEM)
    runner = Runner(Yes(PLAN), FLOW)
    for case in SUITE.cases:
        script = script_of(case, PLAN)
        found.add(script, runner.run(script))

    assert found.left_out == len(found.sightings) - MOST_FAILURES > 0
    assert len(found.failures(runner)) == MOST_FAILURES


def test_what_the_system_said_is_told_beside_a_refusal() -> None:
    class Strict(Inside):
        def fire(self, call: Call) -> Answer:
            answer = super().fire(call)
            if call.event != "place_order":
                return answer
            return Answer(Outcome.REFUSED, "(none)", "409 no such store")

    told = failures_of(Strict(PLAN))

    assert "(409 no such store)" in told[0].sentence


def test_a_wrong_stage_is_told_by_both_triggers() -> None:
    wrong = Inside(PLAN, shows=lambda order, now, statuses: "order.progress.delivering")
    script = script_of(Case("one", "", "", (Step(Act("place_order"), ""),)), PLAN)
    run = Runner(wrong, FLOW).run(script)
    told = explain(script, run.deviations[0], PLAN, defaults())

    assert told.rule == "I-05"
    assert "order.progress.delivering" in told.observed
    assert "order.progress.orderConfirmed" in told.expected


def test_an_order_begins_as_the_case_says() -> None:
    complete = graph_of(search(bundled("complete").view(), defaults()))
    suite = generate(complete, "illegal", named="complete")
    starts = {case.start.replaceable for case in suite.cases}
    system = System(complete, defaults(), "complete")

    tried = try_out(system, suite, Inside(complete.space.plan))

    assert starts == {True, False}
    assert tried.failures == ()
    assert Start().replaceable


def test_a_shortened_failure_is_still_the_one_that_was_met() -> None:
    class NeverDenies(Inside):
        def fire(self, call: Call) -> Answer:
            if call.event != "deny_cancel":
                return super().fire(call)
            return Answer(Outcome.REFUSED, self.simulator.status)

    found, runner = Found(SYSTEM), Runner(NeverDenies(PLAN, shows=None), FLOW)
    for case in SUITE.cases:
        script = script_of(case, PLAN)
        found.add(script, runner.run(script))

    met = {f"{rule}/{place}/{kind}" for rule, place, kind in found.sightings}
    assert {failure.identity for failure in found.failures(runner)} == met
    assert len(met) == 2


def test_refusals_that_cannot_be_asked_for_are_told() -> None:
    class Deaf(Inside):
        abilities = Abilities(asked=frozenset(FLOW.events) - {"cancel_order"})

    tried = try_out(SYSTEM, generate(GRAPH, "illegal", named="seller"), Deaf(PLAN))

    assert tried.verdict.suite is not None
    assert tried.verdict.suite.untried > 0
    assert "it cannot be asked for" in suite_sentence(tried.verdict.suite)
    assert "but for the refusals" in guarantee_head(tried.verdict.suite) or (
        tried.verdict.suite.left_out
    )


def test_a_suite_from_which_cases_were_taken_promises_nothing() -> None:
    text = render_suite(SUITE)
    whole = parse_suite(text)
    cut = parse_suite(
        render_suite(replace(SUITE, cases=SUITE.cases[:1])).replace(
            f"orders: 1, calls: {SUITE.cases[0].calls}", "orders: 89, calls: 1233"
        )
    )

    assert whole.guarantees == SUITE.guarantees
    assert [each.cover for each in cut.guarantees] == ["pairs", "illegal"]
    assert all(each.sentence.startswith("Nothing is known") for each in cut.guarantees)
