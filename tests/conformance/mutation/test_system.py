"""A mutant's system does what the simulator does, but for the one thing its mutant says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice

import pytest

from orderflow.conformance.drive import Start
from orderflow.conformance.mutation.flow_operators import flow_mutants
from orderflow.conformance.mutation.mutant import Mutant, Operator
from orderflow.conformance.mutation.operators import mutants
from orderflow.conformance.mutation.system import System
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import ADVANCE, Answer, Call, Outcome, Subject
from orderflow.conformance.suites.graph import Arc, Graph
from orderflow.conformance.suites.rehearse import rehearse
from orderflow.flows.loader import bundled_names
from orderflow.flows.settings import defaults
from orderflow.simulator.choices import choices, realise
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.inputs import draft
from orderflow.simulator.machine import compile_plan
from orderflow.simulator.order import Order
from orderflow.simulator.scenario import Act, parse_acts
from tests.conformance.mutation.acting import Acting, subject_of
from tests.conformance.mutation.plain_suites import graph, small

HOUR = 3_600_000


def shown(answer: Answer) -> tuple[Outcome, str, str | None]:
    return answer.outcome, answer.status, answer.trigger


def any_call(chance: random.Random, events: tuple[str, ...], order: Order) -> Call:
    """Anything at all, most often something that may go well."""
    if chance.random() < 0.15:
        return Call(ADVANCE, wait=chance.choice((1, HOUR // 60, HOUR, 30 * HOUR, 900 * HOUR)))
    event = chance.choice(events)
    return Call(event, realise(event, chance.choice(choices(event, order)), order))


def walk_both(one: Subject, other: Inside, seed: int, length: int) -> Iterator[tuple[Call, bool]]:
    """Ask both the same and say whether they answer alike."""
    chance, plan = random.Random(seed), other.plan
    events = plan.flow.events
    start = Start(replaceable=chance.random() < 0.5)
    assert shown(one.begin(start)) == shown(other.begin(start))
    for _ in range(length):
        likely = plan.events_from.get(other.simulator.status, ())
        pool = likely if likely and chance.random() < 0.8 else events
        call = any_call(chance, pool, other.simulator.order)
        yield call, shown(one.fire(call)) == shown(other.fire(call))


@pytest.mark.parametrize("name", bundled_names())
def test_without_a_break_it_answers_as_the_simulator_does(name: str) -> None:
    plan = graph(name).space.plan
    moved = 0
    for seed in range(60):
        subject = Acting(System(plan))
        for call, alike in walk_both(subject, Inside(plan), seed, 40):
            assert alike, (seed, call)
        moved += subject.position.status != "(none)"

    assert moved > 20


@pytest.mark.parametrize("name", bundled_names())
def test_a_broken_flow_is_followed_as_if_it_were_compiled(name: str) -> None:
    plan = graph(name).space.plan
    some = list(islice(flow_mutants(plan.flow), 0, None, 97))
    some += [each for each in flow_mutants(plan.flow) if each.operator not in OFTEN]
    assert len(some) > 60
    for number, mutant in enumerate(some):
        compiled = compile_plan(mutant.flow, defaults())
        other = Inside(compiled)
        for call, alike in walk_both(subject_of(mutant, plan), other, number, 30):
            if mutant.operator is Operator.ACCEPT and not makes_sense(other.simulator.order, call):
                break  # the simulator looks at the data first, whatever the flow says
            assert alike, (mutant.id, call)


def makes_sense(order: Order, call: Call) -> bool:
    """Whether the data of a call can be entered."""
    try:
        draft(order, call.event, call.data, order.entered_at)
    except EventDataError:
        return False
    return True


OFTEN = {Operator.ACCEPT, Operator.REDIRECT, Operator.SWAP, Operator.DELETE, Operator.INITIAL}


@pytest.fixture(scope="module")
def here() -> Graph:
    return small()


def told(here: Graph, mutant: str, steps: str) -> list[tuple[str, str]]:
    """Outcome and status after each of *steps*, which are made for a sound order."""
    plan = here.space.plan
    found = next(each for each in mutants(here) if each.id == mutant)
    subject = subject_of(found, plan)
    subject.begin(Start())
    calls = [each.call for each in rehearse(plan, Start(), parse_acts(steps))]
    return [(answer.outcome.value, answer.status) for answer in map(subject.fire, calls)]


def test_a_refusal_moves_the_order(here: Graph) -> None:
    seen = told(here, "placed+finish_cancel/reject-but-move/canceled", "place_order finish_cancel")

    assert seen == [("accepted", "placed"), ("refused", "canceled")]


def test_an_update_is_lost(here: Graph) -> None:
    seen = told(here, "T2/lost-update", "place_order start_handling")

    assert seen == [("accepted", "placed"), ("accepted", "placed")]


def test_a_step_is_refused_once_another_one_was_taken(here: Graph) -> None:
    steps = "place_order start_handling deny_cancel start_handling modify_order"
    seen = told(here, "T2/history/T5", steps)

    assert [status for _, status in seen[:3]] == ["placed", "handling", "placed"]
    assert seen[3:] == [("refused", "placed"), ("refused", "placed")]


def test_a_step_leads_elsewhere_once_another_one_was_taken(here: Graph) -> None:
    steps = "place_order start_handling deny_cancel start_handling"
    seen = told(here, "T2/history/T5>cancel", steps)

    assert seen[1] == ("accepted", "handling")
    assert seen[3] == ("accepted", "cancel")


def test_data_that_cannot_be_entered_is_taken_where_an_event_is_taken_blindly() -> None:
    seller = graph("seller")
    seen = told(seller, "(none)+update_tracking/accept-illegal/handling", "update_tracking")

    assert seen == [("accepted", "handling")]


def test_an_event_is_taken_in_one_data_class_and_refused_in_the_others_of_the_status() -> None:
    seller = graph("seller")
    leaving = seller.space.plan.flow.leaving  # where some step takes it, guards decide
    found = [each for each in mutants(seller) if each.operator is Operator.ONE_CLASS]
    for mutant in [each for each in found if each.cell not in leaving][::7]:
        status, event = mutant.cell
        answers = set()
        for node in (n for n, each in enumerate(seller.status) if each == status):
            start, way = seller.access(node)
            calls = [each.call for each in rehearse(seller.space.plan, start, acts_of(way))]
            subject = subject_of(mutant, seller.space.plan)
            subject.begin(start)
            for call in calls:
                assert subject.fire(call).outcome is Outcome.ACCEPTED
            answer = subject.fire(Call(event))
            answers.add(answer.outcome)
            moved = answer.outcome is Outcome.ACCEPTED and mutant.quirk is not None
            assert answer.status == (mutant.quirk.to if moved and mutant.quirk else status)

        assert answers == {Outcome.ACCEPTED, Outcome.REFUSED}, mutant.id


def acts_of(way: tuple[Arc, ...]) -> list[Act]:
    return [arc.act for arc in way]


@pytest.mark.parametrize(
    ("mutant", "then"),
    [
        ("T2/refusal-poisons/finish_cancel", ("refused", "placed")),
        ("T2/refusal-poisons/finish_cancel>cancel", ("accepted", "cancel")),
    ],
)
def test_a_refusal_spoils_a_step_behind_it(here: Graph, mutant: str, then: tuple[str, str]) -> None:
    clean = told(here, mutant, "place_order deny_cancel start_handling")
    spoilt = told(here, mutant, "place_order finish_cancel start_handling")

    assert clean[1:] == [("refused", "placed"), ("accepted", "handling")]
    assert spoilt[1:] == [("refused", "placed"), then]


@pytest.mark.parametrize("times", [1, 2, 3, 4])
def test_a_step_works_so_many_times(here: Graph, times: int) -> None:
    steps = "place_order start_handling" + " modify_order" * 5
    seen = told(here, f"T4/counter/{times}", steps)

    outcomes = [outcome for outcome, _ in seen[2:]]
    assert outcomes == ["accepted"] * times + ["refused"] * (5 - times)


@pytest.mark.parametrize(
    ("mutant", "before", "after"),
    [
        ("T9/timer-early", "handling", "handling"),
        ("T9/timer-late", "placed", "placed"),
        ("T9/timer-off", "placed", "placed"),
    ],
)
def test_a_timer_is_a_millisecond_off(here: Graph, mutant: str, before: str, after: str) -> None:
    wait = here.space.plan.alarms["placed"][0][0]
    seen = told(here, mutant, f"place_order advance:{wait - 1}ms advance:1ms")

    assert [status for _, status in seen] == ["placed", before, after]


def test_another_stage_is_shown_in_one_status(here: Graph) -> None:
    found = [each for each in mutants(here) if each.id.startswith("handling/projection/")]
    assert found
    for mutant in found:
        assert mutant.quirk is not None
        subject = subject_of(mutant, here.space.plan)
        subject.begin(Start())
        usual = subject.fire(Call("place_order")).trigger
        shown_then = subject.fire(Call("start_handling")).trigger

        assert usual != shown_then == mutant.quirk.shown


def by_id(found: Iterator[Mutant]) -> list[str]:
    return [each.id for each in found]


@pytest.mark.parametrize("name", bundled_names())
def test_mutants_have_ids_of_their_own_that_stay_the_same(name: str) -> None:
    once, again = by_id(mutants(graph(name))), by_id(mutants(graph(name)))

    assert once == again
    assert len(set(once)) == len(once)
    assert {Operator(each.operator) for each in mutants(graph(name))} == set(Operator)
