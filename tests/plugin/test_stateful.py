"""A stateful test finds what a system does wrong, prints it as code, and leaves profiles alone."""

import ast
import dataclasses
from collections.abc import Callable

import hypothesis
import pytest
from hypothesis import Phase
from hypothesis.stateful import run_state_machine_as_test

from orderflow.conformance.stateful import state_machine
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import LOOK, Abilities, Answer, Call, Outcome
from orderflow.conformance.suites.execute import Kind
from orderflow.conformance.suites.pytest_case import DeviationError, UnjudgedError, shortest
from orderflow.flows.loader import bundled
from orderflow.flows.model import Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.machine import compile_plan

SELLER = bundled("seller").view(Profile.DOCUMENTED, ())
PLAN = compile_plan(SELLER, defaults())
QUICK = hypothesis.settings(
    max_examples=15, stateful_step_count=12, database=None, deadline=None, derandomize=True
)


class Store(Inside):
    """The simulator, with what *wrong* makes of an answer."""

    def __init__(self, wrong: Callable[[Call, Answer], Answer] = lambda _, answer: answer) -> None:
        self.wrong = wrong
        super().__init__(PLAN)

    def fire(self, call: Call) -> Answer:
        return self.wrong(call, super().fire(call))


def run_on(store: Callable[[], Store]) -> None:
    run_state_machine_as_test(state_machine(SELLER, store), settings=QUICK)


def steps_of(error: BaseException) -> list[str]:
    """The lines of code that Hypothesis prints."""
    notes = [line for note in getattr(error, "__notes__", ()) for line in note.splitlines()]
    return [line for line in notes if line.startswith("state")]


def moved(call: Call, answer: Answer) -> Answer:
    """Says no to an invoice, and moves all the same."""
    refused = call.event == "verify_invoice" and answer.outcome is Outcome.REFUSED
    return dataclasses.replace(answer, status="invoice") if refused else answer


def stayed(call: Call, answer: Answer) -> Answer:
    """Says yes to a cancellation, and does nothing."""
    done = call.event == "request_cancel" and answer.outcome is Outcome.ACCEPTED
    return dataclasses.replace(answer, status="handling") if done else answer


def test_a_store_that_conforms_passes() -> None:
    run_on(Store)


@pytest.mark.parametrize("wrong", [moved, stayed])
def test_what_deviates_is_found_and_its_steps_run_as_they_are_printed(
    wrong: Callable[[Call, Answer], Answer],
) -> None:
    with pytest.raises(DeviationError) as caught:
        run_on(lambda: Store(wrong))
    steps = [line for line in steps_of(caught.value) if "teardown" not in line]

    machine = state_machine(SELLER, lambda: Store(wrong))
    assert steps[0] == f"state = {machine.__name__}()"
    assert len(steps) <= 3
    with pytest.raises(DeviationError) as again:
        play(machine(), steps[1:])
    assert again.value.checked.told == caught.value.checked.told


def play(state: object, lines: list[str]) -> None:
    """Do what lines such as ``state.goto(transition='S07')`` say."""
    for line in lines:
        (statement,) = ast.parse(line).body
        assert isinstance(statement, ast.Expr)
        call = statement.value
        assert isinstance(call, ast.Call)
        assert isinstance(call.func, ast.Attribute)
        given = {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}
        getattr(state, call.func.attr)(**given)


def test_an_answer_that_does_not_come_fails_as_such() -> None:
    def silent(call: Call, answer: Answer) -> Answer:
        silent = call.event == "place_order"
        return dataclasses.replace(answer, outcome=Outcome.INDETERMINATE) if silent else answer

    with pytest.raises(UnjudgedError, match="could not be judged: step 1, place_order"):
        run_on(lambda: Store(silent))


def test_a_store_is_not_asked_for_what_it_cannot_do() -> None:
    asked: set[str] = set()

    def listening(call: Call, answer: Answer) -> Answer:
        asked.add(call.event)
        return answer

    def store() -> Store:
        made = Store(listening)
        made.abilities = Abilities(  # type: ignore[attr-defined]
            asked=frozenset({"place_order", "complete_checkout"}), turns_clock=False
        )
        return made

    run_on(store)

    assert asked == {"place_order", "complete_checkout"}


def test_a_store_that_goes_on_by_itself_before_it_is_read_conforms() -> None:
    awaited = ("complete_checkout", "begin_preparation", "finish_cancel")

    class Prompt(Store):
        abilities = Abilities(awaited=frozenset(awaited))

        def fire(self, call: Call) -> Answer:
            outcome = super().fire(call).outcome
            for event in awaited:
                self.simulator.attempt(event)
            return dataclasses.replace(super().fire(Call(LOOK)), outcome=outcome)

    run_on(Prompt)


def test_what_led_to_a_deviation_is_told_with_what_was_refused_on_the_way() -> None:
    """A random order is played once, so nothing can be left out of it unseen."""
    with pytest.raises(DeviationError) as caught:
        run_on(lambda: Store(moved))

    checked = caught.value.checked
    assert checked.run.deviations[0].kind is Kind.MOVED
    assert len(shortest(checked).steps) == len(checked.script.rehearsed)


def test_the_profile_of_whoever_runs_it_holds() -> None:
    before = hypothesis.settings()
    with_profile = state_machine(SELLER, Store).TestCase.settings

    assert repr(hypothesis.settings()) == repr(before)
    assert with_profile.max_examples == before.max_examples
    assert with_profile.derandomize == before.derandomize
    assert Phase.shrink in with_profile.phases
