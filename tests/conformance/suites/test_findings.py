"""What a system does wrong is told with the rule it breaks, in few steps that show it again."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from orderflow.conformance.drive import Start
from orderflow.conformance.mutation.flow_operators import flow_mutants
from orderflow.conformance.mutation.mutant import Mutant
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import Abilities, Answer, Call, Outcome, Subject
from orderflow.conformance.suites.case import Case, Step, Suite
from orderflow.conformance.suites.execute import Kind, Result, Runner, script_of
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


class Bent(Inside):
    """A sound system, but for what *bend* makes of its answers; counts its orders."""

    def __init__(self, bend: Callable[[Bent, Call, Answer], Answer]) -> None:
        self.bend, self.orders = bend, 0
        self.past: list[str] = []
        super().__init__(PLAN)

    def begin(self, start: Start) -> Answer:
        self.orders, self.past = self.orders + 1, []
        return super().begin(start)

    def fire(self, call: Call) -> Answer:
        answer = self.bend(self, call, super().fire(call))
        self.past.append(call.event)
        return answer


def scripted(acts: str) -> Suite:
    case = Case("one", "", "", tuple(Step(act, "") for act in parse_acts(acts)))
    return Suite("seller", FLOW.digest, "documented", (case,))


def yes(answer: Answer) -> Answer:
    return replace(answer, outcome=Outcome.ACCEPTED)


def test_what_lies_behind_another_failure_of_its_case_is_told_by_what_its_own_order_did() -> None:
    """The second order never did what went wrong first, and neither do the steps that are told."""

    def bend(system: Bent, call: Call, answer: Answer) -> Answer:
        if call.event == "start_handling":
            return yes(answer)
        poisoned = call.event == "await_authorization" and "deny_cancel" in system.past
        return replace(answer, status="canceled") if poisoned else answer

    acts = "place_order start_handling complete_checkout deny_cancel await_authorization"
    first, second = failures_of(Bent(bend), scripted(acts))

    assert first.acts == ("place_order", "start_handling")
    assert second.acts == (
        "place_order",
        "complete_checkout",
        "deny_cancel",
        "await_authorization",
    )
    assert (second.tried, second.again) == (3, 3)
    assert [step.accepted for step in second.trace] == [True, True, False, True]


def test_a_refusal_is_left_out_only_if_the_failure_is_seen_without_it() -> None:
    def poisoned(system: Bent, call: Call, answer: Answer) -> Answer:
        wrong = call.event == "complete_checkout" and "accept_cancel" in system.past
        return replace(answer, status="canceled") if wrong else answer

    def always(system: Bent, call: Call, answer: Answer) -> Answer:
        wrong = call.event == "complete_checkout"
        return replace(answer, status="canceled") if wrong else answer

    suite = scripted("place_order accept_cancel deny_cancel complete_checkout")
    (needed,) = failures_of(Bent(poisoned), suite)
    (needless,) = failures_of(Bent(always), suite)

    assert needed.acts == ("place_order", "accept_cancel", "deny_cancel", "complete_checkout")
    assert needless.acts == ("place_order", "complete_checkout")


def test_a_stage_that_is_wrong_in_a_status_is_one_failure_whatever_is_asked_there() -> None:
    def bend(system: Bent, call: Call, answer: Answer) -> Answer:
        wrong = answer.status == "order-accepted"
        return replace(answer, trigger="order.progress.delivering") if wrong else answer

    (told,) = failures_of(Bent(bend), scripted("place_order deny_cancel accept_cancel"))

    assert told.identity == "I-05/order-accepted/wrong-trigger"
    assert (told.acts, told.seen) == (("place_order",), 3)


def test_a_failure_that_does_not_come_again_is_told_with_its_tries() -> None:
    def once(system: Bent, call: Call, answer: Answer) -> Answer:
        wrong = call.event == "complete_checkout" and system.orders == 2
        return replace(answer, status="canceled") if wrong else answer

    def sometimes(system: Bent, call: Call, answer: Answer) -> Answer:
        wrong = call.event == "complete_checkout" and system.orders % 2 == 0
        return replace(answer, status="canceled") if wrong else answer

    suite = scripted("place_order complete_checkout")
    (gone,) = failures_of(Bent(once), suite)
    (flaky,) = failures_of(Bent(sometimes), suite)

    assert (gone.tried, gone.again) == (3, 0)
    assert 0 < flaky.again < flaky.tried == 3


def test_each_try_takes_one_order_even_if_something_else_goes_wrong_in_it() -> None:
    def bend(system: Bent, call: Call, answer: Answer) -> Answer:
        if call.event == "start_handling" and system.orders > 2:
            return yes(answer)  # so that no other order is poisoned as the first one is
        poisoned = call.event == "complete_checkout" and "start_handling" in system.past
        return replace(answer, status="canceled") if poisoned else answer

    system = Bent(bend)
    (told,) = failures_of(system, scripted("place_order start_handling complete_checkout"))

    assert (told.tried, told.again) == (3, 0)
    assert system.orders == 2 + 2 + 3  # one unused, the case, two ways to shorten it, three tries


def test_our_own_simulator_is_not_asked_again() -> None:
    def always(system: Bent, call: Call, answer: Answer) -> Answer:
        return yes(answer) if call.event == "start_handling" else answer

    suite = scripted("place_order start_handling")
    (told,) = try_out(replace(SYSTEM, words=()), suite, Bent(always)).failures

    assert (told.tried, told.again) == (0, 0)


def test_an_answer_that_does_not_come_counts_as_no_try_and_ends_them_soon() -> None:
    dead = Answer(Outcome.INDETERMINATE, "", "connection refused")

    def dying(system: Bent, call: Call, answer: Answer) -> Answer:
        if system.orders > 3:
            return dead
        return yes(answer) if answer.outcome is Outcome.REFUSED else answer

    system = Bent(dying)
    failures = failures_of(system, scripted("place_order start_handling deny_cancel"))

    assert [(each.tried, each.again) for each in failures] == [(0, 0), (0, 0)]
    assert system.orders == 5  # one unused, two of the case, and two that nobody answered


@pytest.mark.parametrize("kind", [Kind.REFUSED, Kind.LOST, Kind.ASTRAY, Kind.MOVED, Kind.TRIGGER])
def test_an_invariant_that_is_broken_is_explained_by_what_was_done(kind: Kind) -> None:
    wrong = {
        Kind.REFUSED: ("complete_checkout", {"outcome": Outcome.REFUSED}),
        Kind.LOST: ("complete_checkout", {"status": "order-accepted"}),
        Kind.ASTRAY: ("complete_checkout", {"status": "authorize-fulfillment"}),
        Kind.MOVED: ("start_handling", {"status": "handling"}),
        Kind.TRIGGER: ("complete_checkout", {"trigger": "order.progress.delivering"}),
    }
    event, change = wrong[kind]

    def bend(_: Bent, call: Call, answer: Answer) -> Answer:
        return replace(answer, **change) if call.event == event else answer  # type: ignore[arg-type]

    (told,) = failures_of(Bent(bend), scripted(f"place_order {event}"))

    assert told.identity.endswith(f"/{kind}")
    done, allowed, cause, rest = [*told.explanation.split(". "), ""]
    assert done == f"In order-accepted, {event} was asked"
    led = "; complete_checkout leads to on-order-completed-ffm by S02"
    assert allowed.removesuffix(led) == "There the flow takes complete_checkout"
    assert allowed.endswith(led) == (event == "complete_checkout")
    assert cause.startswith("Usual cause: ")
    assert not rest


def test_what_a_guard_asks_for_is_said_in_words() -> None:
    acts = "place_order complete_checkout await_authorization authorize_dispatch"
    acts += " confirm_reservation:reserved grace_period_over start_handling"
    acts += " begin_preparation verify_invoice:part"

    def bend(_: Bent, call: Call, answer: Answer) -> Answer:
        return yes(answer) if call.event == "add_invoice_full" else answer

    (told,) = failures_of(Bent(bend), scripted(f"{acts} add_invoice_full"))

    assert "S12 needs the invoices to cover the whole order" in told.sentence
