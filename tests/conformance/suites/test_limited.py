"""A suite made for a system that cannot do everything avoids that, and promises no more than holds.

What lies within its reach is tested all the same, by other ways; what does not is named.
"""

from __future__ import annotations

import pytest

from orderflow.conformance.mutation.kill import kill_draft
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import Abilities, Answer, Call
from orderflow.conformance.suites.case import Suite
from orderflow.conformance.suites.execute import Result, Runner, scripts_of
from orderflow.conformance.suites.generate import assemble, drafts, generate, parse_covers
from orderflow.conformance.suites.limited import BEYOND, Reach
from orderflow.conformance.suites.practice import walkable
from orderflow.flows.model import ABSENT
from orderflow.simulator.choices import every_choice
from orderflow.simulator.machine import Plan
from orderflow.simulator.simulator import Refused
from tests.conformance.suites.generated import NAMES, graph, small

DETOUR = """\
flow: shop
title: Shop
seen_by: nobody
initial: bought
final: {success: [shipped], failure: [dropped]}
states: {bought: {waits_for: shopper}, packed: {waits_for: seller}, shipped: {}, dropped: {}}
transitions:
  - {id: T1, from: (none), on: place_order, to: bought, actor: shopper}
  - {id: T2, from: bought, on: start_handling, to: packed, actor: seller}
  - {id: T3, from: bought, on: begin_preparation, to: packed, actor: seller}
  - {id: T4, from: packed, on: finish_cancel, to: shipped, actor: seller}
  - {id: T5, from: packed, on: request_cancel, to: dropped, actor: shopper}
"""
"""A flow with two ways to a status; the one that comes first in the flow is the usual one."""

COVERS = "states,transitions,pairs,illegal,illegal:classes,timers,hsi,random:100"


class Limited(Inside):
    """The simulator with fewer abilities, which takes by itself what nobody asks it for."""

    def __init__(self, plan: Plan, abilities: Abilities) -> None:
        super().__init__(plan)
        self.abilities = abilities

    def fire(self, call: Call) -> Answer:
        answer, awaited = super().fire(call), sorted(self.abilities.awaited)
        if not [e for e in awaited if not isinstance(self.simulator.attempt(e), Refused)]:
            return answer
        return self._answer(answer.outcome)


def reach_of(name: str, abilities: Abilities) -> Reach:
    found = small(DETOUR) if name == "detour" else graph(name)
    return Reach.of(found, Limited(found.space.plan, abilities))


def without(name: str, *events: str) -> Abilities:
    found = small(DETOUR) if name == "detour" else graph(name)
    return Abilities(asked=frozenset(found.space.plan.flow.events) - set(events))


def results(suite: Suite, reach: Reach) -> tuple[set[Result], int]:
    """How the cases end on the system of *reach*, and how many of their steps are left out."""
    runner = reach.runner
    runs = [runner.run(script) for script in scripts_of(suite, reach.graph.space.plan)]
    return {run.result for run in runs}, sum(len(run.skipped) for run in runs)


LIMITS = {
    "events": without("seller", "deny_cancel", "add_invoice_partial"),
    "clock": Abilities(turns_clock=False),
    "by itself": Abilities(awaited=frozenset({"complete_checkout", "begin_preparation"})),
}
CHOSEN = Abilities(awaited=frozenset({"update_tracking"}))


@pytest.mark.parametrize("limit", LIMITS)
def test_every_case_made_for_a_limited_system_can_be_run_on_it_as_a_whole(limit: str) -> None:
    reach = reach_of("seller", LIMITS[limit])
    ends: dict[str, tuple[set[Result], int]] = {}
    for cover in COVERS.split(","):
        suite = generate(reach.graph, cover, named="seller")
        assert suite.cases or cover == "timers", cover
        ends[cover] = results(suite, reach)

    assert reach.lost
    assert {cover for cover, (_, skipped) in ends.items() if skipped} == set()
    assert set().union(*(found for found, _ in ends.values())) == {Result.PASSED}


def test_a_suite_for_any_system_is_left_out_in_part() -> None:
    """The opposite: without the limits cases and steps are left out."""
    reach = reach_of("seller", LIMITS["events"])
    suite = generate(graph("seller"), "pairs,illegal", named="seller")

    found, skipped = results(suite, reach)

    assert found == {Result.PASSED, Result.LEFT_OUT}
    assert skipped > 0


def test_a_status_is_reached_by_the_way_that_is_left() -> None:
    usual = generate(small(DETOUR), "pairs", named="shop")
    reach = reach_of("detour", without("detour", "start_handling"))

    suite = generate(reach.graph, "pairs", named="shop")

    assert "start_handling" in {step.act.event for case in usual.cases for step in case.steps}
    taken = {step.transition for case in suite.cases for step in case.steps}
    assert taken == {"T1", "T3", "T4", "T5"}
    assert reach.lost.transitions == ("T2",)
    assert reach.lost.statuses == ()


def test_what_cannot_be_reached_is_named_and_counted() -> None:
    reach = reach_of("detour", without("detour", "start_handling", "begin_preparation"))
    suite = reach.lost.promised(generate(reach.graph, "transitions,illegal", named="shop"))

    lost = reach.lost
    assert lost.events == ("start_handling", "begin_preparation")
    assert lost.transitions == ("T2", "T3", "T4", "T5")
    assert lost.statuses == ("packed", "shipped", "dropped")
    told = suite.guarantees[-1]
    assert told.cover == BEYOND
    assert "it cannot be asked for start_handling, begin_preparation." in told.sentence
    assert (
        "Not tested are 4 of 5 transitions (T2, T3, T4, T5), 3 statuses (packed, " in told.sentence
    )
    assert dict(told.figures)["transitions not tested"] == 4
    assert all(each.sentence.endswith(f"see {BEYOND}.") for each in suite.guarantees[:-1])
    assert dict(suite.guarantees[0].figures) == {"transitions": 1, "steps": 1}


def test_whoever_can_do_everything_is_promised_everything() -> None:
    for name in NAMES:
        reach = reach_of(name, Abilities())
        suite = generate(reach.graph, "states", named=name)

        assert reach.graph is graph(name)
        assert not reach.lost
        assert reach.lost.promised(suite) is suite


def test_without_a_clock_nothing_waits() -> None:
    reach = reach_of("seller", LIMITS["clock"])

    assert reach.lost.reasons == ("nothing turns its clock",)
    assert not any(arc.timed for arc in reach.graph.arcs)
    assert set(reach.lost.transitions) < set(walkable(graph("seller")).by_transition)


def test_steps_it_takes_by_itself_stay_and_nothing_illegal_is_tried_before_them() -> None:
    reach = reach_of("seller", LIMITS["by itself"])

    taken = {arc.event for arc in reach.graph.arcs}
    assert {"complete_checkout", "begin_preparation"} <= taken
    assert reach.lost.transitions == ()
    assert reach.lost.restless == ("order-accepted", "start-handling")
    refused = zip(reach.graph.status, reach.graph.refused, strict=True)
    assert {status for status, row in refused if row}.isdisjoint(reach.lost.restless)


def test_data_that_nobody_chooses_is_not_asked_for() -> None:
    reach = reach_of("seller", CHOSEN)

    choices = {arc.choice for arc in reach.graph.arcs if arc.event == "update_tracking"}
    assert reach.lost.chosen == ("update_tracking",)
    assert choices == {every_choice("update_tracking")[0]}


def test_the_cases_that_are_left_out_are_counted_by_what_they_need() -> None:
    reach = reach_of("detour", without("detour", "start_handling", "finish_cancel"))
    suite = generate(small(DETOUR), "transitions", named="shop")

    told = reach.left_out(scripts_of(suite, reach.graph.space.plan))

    assert len(suite.cases) == 2
    assert told.startswith("left out: 2 cases, for the system cannot be asked for ")
    assert "start_handling (1 case)" in told
    assert "finish_cancel (1 case)" in told
    assert reach.left_out(()) == ""


def test_tests_for_broken_systems_are_kept_where_the_system_can_take_them() -> None:
    reach = reach_of("detour", without("detour", "start_handling"))
    whole = kill_draft(small(DETOUR))

    part = reach.playable(whole)

    events = {act.event for walk in part.walks for act in walk.acts}
    assert 0 < len(part.walks) < len(whole.walks)
    assert part.guarantee.sentence.endswith("what they alone would notice is not excluded.")
    assert dict(part.guarantee.figures)["cases it cannot be asked for"] == len(whole.walks) - len(
        part.walks
    )
    suite = assemble([part], reach.graph, named="shop")
    assert results(suite, reach)[0] == {Result.PASSED}
    assert events


def test_the_ways_of_a_limited_graph_start_where_orders_do() -> None:
    reach = reach_of("complete", without("complete", "request_cancel", "cancel_order"))
    known = {(arc.source, arc.input) for arc in reach.graph.arcs}

    (draft,) = drafts(reach.graph, parse_covers("illegal"))

    assert known
    refused = {"request_cancel", "cancel_order"}
    assert refused.isdisjoint(act.event for walk in draft.walks for act in walk.acts)
    assert ABSENT in {reach.graph.status[root] for root, _ in reach.graph.roots}
    assert isinstance(reach.runner, Runner)
