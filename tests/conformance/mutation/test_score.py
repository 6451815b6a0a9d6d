"""A score counts what the suite really notices: no error, no lie of the suite, nothing twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest

from orderflow.conformance.mutation.mutant import Mutant, Operator, Sign
from orderflow.conformance.mutation.operators import mutants
from orderflow.conformance.mutation.position import Position
from orderflow.conformance.mutation.score import MutationError, score, sound_scripts
from orderflow.conformance.mutation.system import Broken, System, broken
from orderflow.conformance.mutation.tally import Fate, Score
from orderflow.conformance.subjects.subject import Call, Outcome
from orderflow.conformance.suites.case import Suite
from orderflow.conformance.suites.draft import Walk
from orderflow.conformance.suites.execute import Result, Runner
from orderflow.conformance.suites.generate import generate
from orderflow.conformance.suites.graph import Graph
from orderflow.flows.loader import bundled_names
from orderflow.simulator.machine import Plan
from orderflow.simulator.scenario import Act
from tests.conformance.mutation.acting import subject_of
from tests.conformance.mutation.plain_suites import (
    arcs,
    full,
    graph,
    only,
    pairs,
    refused,
    small,
    suite_of,
    usual,
)


@pytest.fixture(scope="module")
def here() -> Graph:
    return small()


@cache
def thorough(name: str) -> Score:
    here = graph(name)
    return score(full(here), here)


@pytest.mark.parametrize("name", bundled_names())
def test_the_usual_suite_notices_all_but_what_counts_or_remembers(name: str) -> None:
    _, _, found = usual(name)

    assert found.signs[Sign.POSITIVE].score >= 0.99
    assert found.signs[Sign.NEGATIVE].score == 1.0
    assert found.operators[Operator.ONE_CLASS].mutants > 100
    assert found.operators[Operator.POISON].score == 1.0
    assert found.total.errors == found.total.undecided == 0


def test_an_event_out_of_place_is_taken_also_with_data_that_nobody_could_enter() -> None:
    here = graph("seller")
    tracking = [
        each
        for each in mutants(here)
        if each.operator is Operator.ACCEPT and each.cell[1] == "update_tracking"
    ]
    found = score(usual("seller")[1], here, only=tracking)

    assert found.total.killed == found.total.mutants > 100


def test_trying_an_event_on_one_order_of_a_status_does_not_notice_another_data_class() -> None:
    here = graph("seller")
    only_some = [m for m in mutants(here) if m.operator in {Operator.ONE_CLASS, Operator.POISON}]
    found = score(generate(here, "pairs,illegal", named="seller"), here, only=only_some)

    assert found.operators[Operator.ONE_CLASS].score < 0.5
    assert found.operators[Operator.POISON].score < 0.5
    assert found.total.equivalent == 0


@pytest.mark.parametrize("name", ["chain", "seller"])
def test_pairs_and_refusals_at_every_node_notice_all(name: str) -> None:
    found = thorough(name)

    assert all(tally.score >= 0.999 for tally in found.signs.values())
    assert found.signs[Sign.NEGATIVE].score == 1.0
    assert found.operators[Operator.COUNTER].score < 1
    assert found.operators[Operator.HISTORY].score < 1


@pytest.mark.parametrize("name", ["seller", "chain"])
def test_a_case_kills_a_mutant_exactly_when_its_run_fails(name: str) -> None:
    here = graph(name)
    suite = suite_of(here, [*list(pairs(here))[::12], *list(refused(here))[::5]])
    plan = here.space.plan
    scripts = sound_scripts(suite, plan)
    some = [each for number, each in enumerate(mutants(here)) if number % 173 == 0]
    some += [each for each in mutants(here) if each.operator in RARE]
    found = score(suite, here, only=some)
    kills = 0
    for mutant, judged in zip(some, found.judged, strict=True):
        runner = Runner(subject_of(mutant, plan), plan.flow)
        failed = [runner.run(script).result is Result.FAILED for script in scripts]
        assert failed == [bool(judged.killers >> place & 1) for place in range(len(scripts))], (
            mutant
        )
        kills += sum(failed)
    assert kills > 100


RARE = {Operator.TIMER_EARLY, Operator.TIMER_LATE, Operator.TIMER_OFF, Operator.LOST} | {
    Operator.COUNTER,
    Operator.GUARD_DROPPED,
    Operator.GUARD_NEGATED,
    Operator.GUARD_GENEROUS,
    Operator.GUARD_STRICT,
}


def test_without_reading_the_status_again_much_goes_unnoticed() -> None:
    here = graph("chain")
    suite = full(here)
    blind = score(suite, here, reread=False)
    plan = here.space.plan
    runner_sees = 0
    for script in sound_scripts(suite, plan)[:1]:
        moved = next(each for each in mutants(here) if each.operator is Operator.MOVED)
        run = Runner(subject_of(moved, plan), plan.flow, reread=False).run(script)
        runner_sees += run.result is Result.FAILED

    assert thorough("chain").total.score > 0.99
    assert blind.total.score < 0.92
    assert blind.operators[Operator.MOVED].score < 0.95
    assert blind.operators[Operator.PROJECTION].killed == 0
    assert blind.operators[Operator.DELETE].score > 0.9
    assert runner_sees == 0


def test_a_suite_of_steps_notices_nothing_that_is_forbidden(here: Graph) -> None:
    found = score(suite_of(here, arcs(here)), here)

    assert found.operators[Operator.REDIRECT].score == 1
    assert found.operators[Operator.POISON].killed == 0
    assert found.operators[Operator.ACCEPT].killed == 0
    assert found.operators[Operator.MOVED].killed == 0


def test_counters_and_histories_are_counted_apart(here: Graph) -> None:
    found = score(suite_of(here, arcs(here)), here)
    apart = sum(found.operators[each].mutants for each in (Operator.COUNTER, Operator.HISTORY))
    positive = sum(each.sign is Sign.POSITIVE for each in found.judged)

    assert apart > 10
    assert found.signs[Sign.POSITIVE].mutants == positive - apart


def test_what_no_order_can_meet_is_equivalent_and_does_not_count(here: Graph) -> None:
    found = score(full(here), here)
    fates = {each.id: each.fate for each in found.judged}

    assert fates["T8/delete"] is Fate.EQUIVALENT
    assert fates["archived+place_order/accept-illegal/placed"] is Fate.EQUIVALENT
    assert fates["T7/delete"] is Fate.KILLED
    assert found.signs[Sign.NEGATIVE].equivalent > 0
    assert found.signs[Sign.NEGATIVE].score == 1.0


def test_a_survivor_comes_with_a_test_that_notices_it(here: Graph) -> None:
    found = score(suite_of(here, arcs(here)), here)
    by_id = {each.id: each for each in mutants(here)}
    assert len(found.survivors) > 50
    for each in found.survivors[::7]:
        assert each.word is not None
        walk = Walk("", each.word.start, each.word.acts)
        again = score(suite_of(here, [walk]), here, only=[by_id[each.id]])
        assert again.judged[0].fate is Fate.KILLED, each.id


def wrong(suite: Suite, **new: object) -> Suite:
    """The suite with another expectation at the end of its first case."""
    case = suite.cases[0]
    steps = (*case.steps[:-1], replace(case.steps[-1], **new))  # type: ignore[arg-type]  # of a test
    return replace(suite, cases=(replace(case, steps=steps), *suite.cases[1:]))


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ({"then": "canceled"}, "expects taken and then canceled; the flow: taken and then placed"),
        ({"refused": True}, "expects refused and then placed"),
        ({"trigger": "no.such.trigger"}, "expects no.such.trigger"),
        ({"act": Act("place_order", "gold")}, "cannot come with 'gold'"),
    ],
)
def test_a_suite_that_a_sound_system_fails_is_not_scored(
    here: Graph, new: Mapping[str, object], told: str
) -> None:
    suite = wrong(suite_of(here, [only("place_order")]), **new)

    with pytest.raises(MutationError, match="plain-001") as refusal:
        score(suite, here)
    assert told in str(refusal.value)


class Raising(System):
    """Breaks down when it is asked anything."""

    def fire(self, at: Position, call: Call) -> tuple[Outcome, Position]:
        raise RuntimeError(f"{call.event} is too much")


class Silent(System):
    """Never answers."""

    def fire(self, at: Position, call: Call) -> tuple[Outcome, Position]:
        return Outcome.INDETERMINATE, at


@pytest.mark.parametrize(
    ("kind", "why"),
    [(Raising, "RuntimeError: place_order is too much"), (Silent, "no answer")],
)
def test_breaking_down_is_an_error_and_no_kill(here: Graph, kind: type[System], why: str) -> None:
    def make(mutant: Mutant, plan: Plan) -> Broken:
        return replace(broken(mutant, plan), system=kind(plan))

    suite = suite_of(here, [only("place_order")])
    mutant = next(each for each in mutants(here) if each.id == "T1/delete")
    assert score(suite, here, only=[mutant]).total.killed == 1
    found = score(suite, here, only=[mutant], make=make)

    assert found.judged[0].fate is Fate.ERROR
    assert found.judged[0].why == why
    assert (found.total.killed, found.total.errors, found.total.score) == (0, 1, 0.0)


def test_a_mutant_that_cannot_be_made_is_an_error(here: Graph) -> None:
    flow = here.space.plan.flow
    mutant = next(each for each in mutants(here) if each.id == "T1/delete")
    bad = replace(flow.transition["T1"], when=("no_such_predicate",))
    steps = tuple(bad if step.id == "T1" else step for step in flow.transitions)
    found = score(
        suite_of(here, [only("place_order")]),
        here,
        only=[replace(mutant, flow=replace(flow, transitions=steps))],
    )

    assert found.judged[0].fate is Fate.ERROR
    assert "no_such_predicate" in found.judged[0].why


def test_a_case_that_another_one_repeats_is_redundant(here: Graph) -> None:
    walks = [only("place_order"), only("place_order"), only("finish_cancel")]
    found = score(suite_of(here, walks), here)
    (of, own), (again, its_own), (_, third) = found.kills

    assert of == again > 0
    assert own == its_own == 0
    assert third > 0
    assert found.redundant == ("plain-001", "plain-002")


def test_the_matrix_tells_which_case_kills_which_mutant(here: Graph) -> None:
    found = score(suite_of(here, [only("place_order"), only("finish_cancel")]), here)
    matrix = found.matrix()
    killed = {each.id for each in found.judged if each.fate is Fate.KILLED}

    assert set(matrix["plain-001"]) | set(matrix["plain-002"]) == killed
    assert "T1/delete" in matrix["plain-001"]
    assert "T1/delete" not in matrix["plain-002"]
    assert [len(row) for row in matrix.values()] == [of for of, _ in found.kills]


def test_counts_add_up_in_every_way(here: Graph) -> None:
    found = score(full(here), here)
    total = found.total

    assert sum(each.mutants for each in found.operators.values()) == total.mutants
    assert sum(each.mutants for each in found.participants.values()) == total.mutants
    assert {"shopper", "seller", "platform", "timer"} <= set(found.participants)
