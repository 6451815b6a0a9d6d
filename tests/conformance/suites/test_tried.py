"""A system that does not answer is not asked for ever: nothing is known, and that is said at once.

What was known before it fell silent is kept, and what was not run is no pass.
"""

from __future__ import annotations

from orderflow.conformance.drive import Start
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.patience import Time
from orderflow.conformance.subjects.subject import Abilities, Answer, Call, Outcome
from orderflow.conformance.suites.execute import Result, scripts_of
from orderflow.conformance.suites.findings import System
from orderflow.conformance.suites.generate import generate
from orderflow.conformance.suites.limited import BEYOND, Reach
from orderflow.conformance.suites.trial import SILENT_ORDERS, Trial, trial
from orderflow.conformance.suites.tried import OUT_OF_REACH, Tried, try_out
from orderflow.flows.settings import defaults
from orderflow.simulator.machine import Plan
from tests.conformance.suites.generated import STOCK, graph, small

UNKNOWN = Answer(Outcome.INDETERMINATE, "", "gone")
FLOW = graph("seller").space.plan.flow


class Dying(Inside):
    """Answers so many calls, and then none; or none of some, here and there."""

    def __init__(self, plan: Plan, *, calls: int = 0, deaf: frozenset[int] = frozenset()) -> None:
        self.left, self.deaf, self.asked, self.begun = calls, deaf, 0, 0
        super().__init__(plan)
        self.begun = 0

    def begin(self, start: Start) -> Answer:
        self.begun += 1
        return super().begin(start)

    def fire(self, call: Call) -> Answer:
        self.asked += 1
        if self.asked > self.left or self.begun in self.deaf:
            return UNKNOWN
        return super().fire(call)


def tried(subject: Inside, covers: str = "pairs", words: tuple[str, ...] = ()) -> Tried:
    found = graph("seller")
    suite = generate(found, covers, named="seller")
    return try_out(System(found, defaults(), "seller", words), suite, subject)


def test_a_system_that_dies_is_asked_for_a_few_orders_more_and_not_again() -> None:
    subject = Dying(graph("seller").space.plan, calls=100)
    found = tried(subject)

    ends = [run.result for run in found.runs]
    passed = ends.index(Result.INDETERMINATE)
    assert ends == [Result.PASSED] * passed + [Result.INDETERMINATE] * (len(ends) - passed)
    assert 0 < passed < len(ends) - SILENT_ORDERS - 1
    assert [run.orders for run in found.runs[passed + SILENT_ORDERS + 1 :]] == [0] * (
        len(ends) - passed - SILENT_ORDERS - 1
    )
    assert subject.asked == 100 + 1 + SILENT_ORDERS
    figures = found.verdict.suite
    assert figures is not None
    assert (figures.passed, len(figures.indeterminate)) == (passed, len(ends) - passed)
    assert not figures.conforms
    assert figures.indeterminate[-1][1].startswith("not run: 3 orders in a row got no answer")


def test_what_was_wrong_before_the_system_died_is_told_and_not_tried_again() -> None:
    class Wrong(Dying):
        def fire(self, call: Call) -> Answer:
            answer = super().fire(call)
            if call.event == "place_order" and answer.outcome is Outcome.ACCEPTED:
                return Answer(answer.outcome, "canceled", trigger=answer.trigger)
            return answer

    subject = Wrong(graph("seller").space.plan, calls=5)
    found = tried(subject, words=("--target", "http://127.0.0.1:1"))

    assert len(found.failures) == 1
    assert subject.asked == 5 + SILENT_ORDERS


def test_two_orders_without_an_answer_do_not_end_a_run() -> None:
    subject = Dying(graph("seller").space.plan, calls=10**9, deaf=frozenset({6, 7, 9, 10}))
    found = tried(subject)

    unknown = [run for run in found.runs if run.result is Result.INDETERMINATE]
    assert len(unknown) == 4
    assert all(run.orders for run in found.runs)


def test_no_command_is_offered_for_what_the_system_cannot_be_asked_for() -> None:
    class Short(Inside):
        abilities = Abilities(asked=frozenset(FLOW.events) - {"deny_cancel"})

    subject = Short(graph("seller").space.plan)
    reach = Reach.of(graph("seller"), subject)
    suite = reach.lost.promised(generate(reach.graph, "states", named="seller"))

    found = try_out(
        System(reach.graph, defaults(), "seller"), suite, subject, lost=reach.lost
    ).verdict

    never = {each.transition: each for each in found.never}
    assert {n for n, each in never.items() if each.reason == OUT_OF_REACH} == set(
        reach.lost.transitions
    )
    assert all(not never[name].command for name in reach.lost.transitions)
    assert any(each.command for each in found.never)
    assert found.suite is not None
    assert found.suite.name == "states"
    assert found.suite.guarantees[-1][0] == BEYOND


def asked(subject: Inside, *, ticks: float = 0.25) -> Trial | None:
    now = [0.0]

    def tick() -> float:
        now[0] += ticks
        return now[0]

    found = small(STOCK)
    suite = generate(found, "illegal,pairs", named="shop")
    return trial(scripts_of(suite, found.space.plan), subject, found.space.plan.flow, Time(tick))


def test_a_trial_takes_one_order_and_times_what_it_asks() -> None:
    subject = Dying(small(STOCK).space.plan, calls=10**9)

    assert asked(subject) == Trial(0.25, 0.25, 1, "")
    assert (subject.begun, 1 <= subject.asked <= 4) == (1, True)


def test_a_trial_gives_up_after_a_few_orders_without_an_answer() -> None:
    found = asked(Dying(small(STOCK).space.plan))

    assert found is not None
    assert (found.orders, found.why) == (SILENT_ORDERS, "step 1, place_order: gone")


def test_a_trial_that_is_answered_late_is_answered() -> None:
    found = asked(Dying(small(STOCK).space.plan, calls=10**9, deaf=frozenset({1, 2})))

    assert found is not None
    assert (found.orders, found.why) == (SILENT_ORDERS, "")


def test_there_is_no_trial_of_a_system_on_which_no_order_can_be_placed() -> None:
    class Short(Inside):
        abilities = Abilities(asked=frozenset({"request_cancel"}))

    assert asked(Short(small(STOCK).space.plan)) is None
