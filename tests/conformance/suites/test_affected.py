"""A case is said to fail on a changed flow when it fails on a system that follows that flow."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.suites.affected import affected, untaken
from orderflow.conformance.suites.case import Suite
from orderflow.conformance.suites.execute import Result, Runner, scripts_of
from orderflow.conformance.suites.generate import generate
from orderflow.conformance.suites.graph import graph_of
from orderflow.flows.difference import Fate, Part, difference
from orderflow.flows.loader import bundled
from orderflow.flows.model import Transition
from orderflow.flows.settings import defaults
from orderflow.simulator.machine import Plan, compile_plan
from orderflow.simulator.space import search

CHAIN = bundled("chain").view()
OLD = compile_plan(CHAIN, defaults())


@cache
def suite() -> Suite:
    return generate(graph_of(search(CHAIN, defaults())), "pairs,illegal", named="chain")


def with_steps(*steps: Transition) -> Plan:
    return compile_plan(replace(CHAIN, transitions=steps), defaults())


def changes() -> list[Plan]:
    """The chain without each of its transitions, and with each of them leading elsewhere."""
    steps = CHAIN.transitions
    less = [with_steps(*steps[:n], *steps[n + 1 :]) for n in range(len(steps))]
    astray = [
        with_steps(*steps[:n], replace(step, target="canceled"), *steps[n + 1 :])
        for n, step in enumerate(steps)
        if step.target != "canceled"
    ]
    return [*less, *astray]


def test_nothing_is_affected_when_nothing_changed() -> None:
    assert affected(suite(), OLD, OLD, ()) == ()


@pytest.mark.parametrize("number", range(0, len(changes()), 3))
def test_cases_that_break_are_those_that_fail_on_the_new_flow(number: int) -> None:
    new = changes()[number]
    found = difference(CHAIN, new.flow)

    told = affected(suite(), OLD, new, found.outdated)

    runner = Runner(Inside(new), CHAIN)
    runs = [runner.run(script) for script in scripts_of(suite(), OLD)]
    failed = {run.case.id: run.deviations[0].step for run in runs if run.result is Result.FAILED}
    assert failed
    # what cannot be sent to the new flow at all a system refuses, or takes as it likes
    assert {each.case.id: each.step for each in told if each.breaks}.keys() >= failed.keys()
    for each in told:
        if each.case.id in failed:
            assert each.step <= failed[each.case.id]
            assert each.was != each.now


def test_cases_that_pass_and_take_what_changed_are_told_apart() -> None:
    steps = CHAIN.transitions
    new = with_steps(*steps[:4], replace(steps[4], actors=("carrier",)), *steps[5:])

    told = affected(suite(), OLD, new, (steps[4].id,))

    assert told
    assert not any(each.breaks for each in told)
    assert all(steps[4].id in each.over for each in told)


def test_a_transition_that_no_case_takes_is_named() -> None:
    extra = Transition(
        "X01", "X01", "payment-approved", "put_on_hold", "payment-approved", actors=("seller",)
    )
    new = with_steps(*CHAIN.transitions, extra)
    added = difference(CHAIN, new.flow).fates(Part.TRANSITION)

    assert added == {"X01": Fate.ADDED}
    assert untaken(suite(), new, added) == ("X01",)
    assert untaken(suite(), new, [CHAIN.transitions[0].id]) == ()
