"""A system that is a cent too generous, or too strict, does not pass the suite of refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.suites.case import Case, Suite
from orderflow.conformance.suites.execute import Result, Runner, scripts_of
from orderflow.conformance.suites.generate import generate
from orderflow.flows.loader import bundled_names
from orderflow.simulator.guards import Guard
from orderflow.simulator.machine import Plan
from orderflow.simulator.order import Order
from tests.conformance.suites.generated import graph

TOO_MUCH, TOO_LITTLE = 1, -1


def rounding(plan: Plan, cents: int) -> Plan:
    """A system that follows *plan*, and takes *cents* more than the order is worth for all of it.

    It calls what is invoiced the value of the order if they differ by no more than that.
    """

    def about(holds: Guard) -> Guard:
        def nearly(order: Order) -> bool:
            beyond = order.invoiced - order.value
            return holds(order._replace(value=order.invoiced) if beyond == cents else order)

        return nearly

    branches = {
        cell: tuple(replace(each, guards=tuple(map(about, each.guards))) for each in row)
        for cell, row in plan.branches.items()
    }
    return Plan(plan.flow, branches)


def results(suite: Suite, name: str, plan: Plan) -> set[Result]:
    """What comes of the cases of *suite* on a system that follows *plan*."""
    sound = graph(name).space.plan
    runner = Runner(Inside(plan), sound.flow)
    return {runner.run(script).result for script in scripts_of(suite, sound)}


def halved(case: Case) -> Case:
    """*case* with amounts that lie in the middle of what is allowed."""
    steps = (replace(each, act=replace(each.act, percent=50)) for each in case.steps)
    return replace(case, steps=tuple(steps))


@pytest.mark.parametrize("cents", [TOO_MUCH, TOO_LITTLE])
@pytest.mark.parametrize("cover", ["illegal", "illegal:single", "illegal:classes"])
@pytest.mark.parametrize("name", bundled_names())
def test_a_system_that_rounds_to_a_cent_is_noticed(name: str, cover: str, cents: int) -> None:
    suite, plan = generate(graph(name), cover, named=name), graph(name).space.plan

    assert results(suite, name, plan) == {Result.PASSED}
    assert results(suite, name, rounding(plan, cents)) == {Result.PASSED, Result.FAILED}


@pytest.mark.parametrize("cents", [TOO_MUCH, TOO_LITTLE])
def test_amounts_in_the_middle_would_not_notice_it(cents: int) -> None:
    suite, plan = generate(graph("seller"), "illegal", named="seller"), graph("seller").space.plan
    middling = replace(suite, cases=tuple(map(halved, suite.cases)))

    assert results(middling, "seller", rounding(plan, cents)) == {Result.PASSED}
