"""A system that goes on by itself may be seen where it goes on to, and nowhere else."""

from __future__ import annotations

from collections import Counter

import pytest

from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.patience import Patience, Reading, Seen, Time
from orderflow.conformance.subjects.subject import LOOK, Abilities, Answer, Call, Outcome
from orderflow.conformance.suites.execute import Kind, Result
from tests.conformance.targets.default_suite import FLOW, graph, runner, scripts

AWAITED = frozenset({"complete_checkout", "begin_preparation", "finish_cancel"})


class Prompt(Inside):
    """The simulator, with *steps* taken by itself before anybody can look."""

    abilities = Abilities(awaited=AWAITED)

    def __init__(self, steps: frozenset[str]) -> None:
        self.steps = sorted(steps)
        super().__init__(graph().space.plan)

    def fire(self, call: Call) -> Answer:
        outcome = super().fire(call).outcome
        for _ in self.steps:
            for event in self.steps:
                self.simulator.attempt(event)
        return self._answer(outcome)


def test_a_prompt_system_is_as_right_as_a_slow_one() -> None:
    results = Counter(run.result for run in map(runner(Prompt(AWAITED)).run, scripts()))

    assert results[Result.PASSED] > 80
    assert set(results) == {Result.PASSED, Result.LEFT_OUT}


@pytest.mark.parametrize(
    ("event", "where"),
    [
        ("await_authorization", ("(none)", "place_order")),
        ("authorize_dispatch", ("on-order-completed-ffm", "await_authorization")),
        ("accept_cancel", ("ready-for-handling", "request_cancel")),
    ],
)
def test_a_system_that_goes_on_further_than_it_says_is_wrong(
    event: str, where: tuple[str, str]
) -> None:
    runs = map(runner(Prompt(AWAITED | {event})).run, scripts())
    found = [(run, run.deviations[0]) for run in runs if run.deviations]

    assert {each.kind for _, each in found} <= {Kind.ASTRAY, Kind.LOST}
    assert where in {
        (each.source, run.case.steps[each.step].act.event)
        for run, each in found
        if each.kind is Kind.ASTRAY
    }


def test_who_waits_is_content_with_where_the_order_has_gone_on_to() -> None:
    waits: list[float] = []
    reading = Reading(lambda: Seen("canceled"), Patience(2_000, 50), Time(sleep=waits.append))
    call = Call("accept_cancel", leads_to="cancel", onwards=frozenset({"canceled"}))
    answer = reading.after_acceptance(call, "cancellation-requested")

    assert answer == Answer(Outcome.ACCEPTED, "canceled")
    assert waits == []


def test_an_event_is_awaited_in_one_status_and_asked_for_in_another() -> None:
    event, alone = "authorize_manually", "waiting-ffmt-authorization"
    asked_in = set()

    class Partly(Prompt):
        abilities = Abilities(awaited_in=frozenset({(event, alone)}))

        def fire(self, call: Call) -> Answer:
            if call.event == event:
                asked_in.add(self.simulator.status)
            if call.event == LOOK and self.simulator.status == alone:
                self.simulator.attempt(event)
            return super().fire(call)

    asked = runner(Partly(frozenset()))
    results = Counter(asked.run(each).result for each in scripts())

    assert set(results) == {Result.PASSED, Result.LEFT_OUT}
    assert results[Result.PASSED] > 20
    assert "waiting-for-manual-authorization" in asked_in
    assert alone not in asked_in


def test_nothing_is_illegal_for_sure_in_a_status_that_is_left_by_itself() -> None:
    asked = runner(Prompt(AWAITED))
    restless = {step.source for step in FLOW.transitions if step.event in AWAITED}
    probes = [
        each
        for script in scripts()
        for each in script.rehearsed
        if each.step.refused and each.call.event not in AWAITED
    ]

    assert {each.source for each in probes if asked.call(each) is None} == restless


def test_an_order_that_is_ahead_already_is_not_said_to_stand_still() -> None:
    reading = Reading(lambda: Seen("window-to-cancel"), Patience(1_000, 50))
    call = Call(LOOK, leads_to="authorize-fulfillment", onwards=frozenset({"window-to-cancel"}))

    ahead = reading.after_acceptance(call, "window-to-cancel")

    assert (ahead.outcome, ahead.status) == (Outcome.ACCEPTED, "window-to-cancel")
