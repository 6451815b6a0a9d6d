"""A case in a test of any framework: what deviates is raised, what is unknown is no pass."""

import shlex
from dataclasses import replace
from unittest import SkipTest

import pytest

from orderflow.conformance.drive import Start
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import Abilities, Answer, Call, Outcome
from orderflow.conformance.suites.case import Case, Step
from orderflow.conformance.suites.execute import Kind, Result
from orderflow.conformance.suites.pytest_case import (
    Checked,
    DeviationError,
    LeftOutError,
    UnjudgedError,
    check_case,
    in_words,
    listening,
    replay_of,
    shortest,
)
from orderflow.flows.loader import bundled
from orderflow.flows.model import Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.machine import compile_plan
from orderflow.simulator.scenario import parse_acts
from tests.cli.running import run

SELLER = bundled("seller").view(Profile.DOCUMENTED, ())
WAY = (
    "place_order complete_checkout await_authorization authorize_dispatch "
    "confirm_reservation:reserved start_handling grace_period_over start_handling"
)


class Store:
    """A store that follows the flow, but for what *wrong* makes of its answers."""

    def __init__(self, event: str = "", **wrong: object) -> None:
        self.inner, self.event, self.wrong = Inside(compile_plan(SELLER, defaults())), event, wrong

    def begin(self, start: Start) -> Answer:
        return self.inner.begin(start)

    def fire(self, call: Call) -> Answer:
        answer = self.inner.fire(call)
        return replace(answer, **self.wrong) if call.event == self.event else answer  # type: ignore[arg-type]


def case(acts: str = WAY) -> Case:
    return Case("way-001", "the way", "hand", tuple(Step(act, "") for act in parse_acts(acts)))


def failure(store: Store) -> DeviationError:
    with pytest.raises(DeviationError) as caught:
        check_case(case(), store, SELLER)
    return caught.value


def test_a_store_that_conforms_passes() -> None:
    found = check_case(case(), Store(), SELLER)

    assert found.result is Result.PASSED
    assert found.calls == 8


@pytest.mark.parametrize(
    ("store", "kind", "step"),
    [
        (Store("start_handling", outcome=Outcome.ACCEPTED), Kind.ACCEPTED, 6),
        (Store("complete_checkout", outcome=Outcome.REFUSED), Kind.REFUSED, 2),
        (Store("complete_checkout", status="order-accepted"), Kind.LOST, 2),
        (Store("complete_checkout", status="handling"), Kind.ASTRAY, 2),
        (Store("complete_checkout", trigger="delivered"), Kind.TRIGGER, 2),
        (Store("advance", status="window-to-cancel"), Kind.UNTIMELY, 7),
    ],
    ids=lambda value: str(value) if isinstance(value, Kind) else "",
)
def test_what_deviates_is_told_for_a_person(store: Store, kind: Kind, step: int) -> None:
    error = failure(store)
    first, text = str(error).splitlines()[0], str(error)

    told = error.checked.told[0]
    assert first.startswith("way-001: ")
    assert f"({told.rule}, seller flow)" in first
    assert f"expected: {told.expected}" in text
    assert f"observed: {told.observed}" in text
    assert f"{in_words(kind)} ({kind}), step {step}" in text
    assert text.count("<-- here the system") == 1


def test_the_way_is_told_without_what_was_refused_as_it_must_be() -> None:
    lines = str(failure(Store("advance", status="window-to-cancel"))).splitlines()

    steps = [line.split() for line in lines if line[:3].strip().isdigit()]
    assert [words[1] for words in steps[-2:]] == [
        "confirm_reservation:reserved",
        "grace_period_over",
    ]
    assert "  (1 more step was refused on the way, as they must be, or not asked)" in lines


def test_the_command_in_a_failure_shows_what_the_flow_does() -> None:
    error = failure(Store("complete_checkout", outcome=Outcome.REFUSED))
    (line,) = [each for each in str(error).splitlines() if each.startswith("what the flow does")]
    words = shlex.split(line.partition(": ")[2])

    outcome = run(*words[1:])
    assert outcome.code == 0
    assert "order-accepted -> on-order-completed-ffm" in outcome.out
    assert words[-1] == "place_order complete_checkout"
    assert replay_of(error.checked) in line


def test_all_that_deviates_in_one_case_is_told_up_to_a_limit() -> None:
    pokes = " ".join(["deny_cancel"] * 7)
    store = Store("deny_cancel", outcome=Outcome.ACCEPTED)
    with pytest.raises(DeviationError) as caught:
        check_case(case(f"place_order {pokes}"), store, SELLER)

    text = str(caught.value)
    assert text.count("also:     step ") == 4
    assert "also:     2 more steps of this case deviate" in text
    assert len(shortest(caught.value.checked).steps) == 2


class Poisoned(Store):
    """A store in which a refused start of handling spoils a later step."""

    def begin(self, start: Start) -> Answer:
        self.spoiled, self.orders = False, getattr(self, "orders", 0) + 1
        return self.inner.begin(start)

    def fire(self, call: Call) -> Answer:
        answer = self.inner.fire(call)
        refused = answer.outcome is Outcome.REFUSED
        self.spoiled = self.spoiled or (refused and call.event == "start_handling")
        wrong = self.spoiled and call.event == self.event
        return replace(answer, status="canceled") if wrong else answer


def events_of(shown: Case) -> list[str]:
    return [step.act.event for step in shown.steps]


def test_a_refusal_is_dropped_only_if_the_failure_comes_again_without_it() -> None:
    acts = "place_order start_handling complete_checkout await_authorization"
    poisoned = Poisoned("await_authorization")
    with pytest.raises(DeviationError) as needed:
        check_case(case(acts), poisoned, SELLER)
    with pytest.raises(DeviationError) as needless:
        check_case(case(acts), Store("await_authorization", status="canceled"), SELLER)

    assert events_of(shortest(needed.value.checked)) == acts.split()
    assert events_of(shortest(needless.value.checked)) == [
        "place_order",
        "complete_checkout",
        "await_authorization",
    ]
    assert poisoned.orders == 2  # the second one to see whether it comes again
    assert acts in replay_of(needed.value.checked)


def test_one_more_is_no_plural() -> None:
    store = Store("deny_cancel", outcome=Outcome.ACCEPTED)
    with pytest.raises(DeviationError) as caught:
        check_case(case("place_order" + " deny_cancel" * 6), store, SELLER)

    assert "also:     1 more step of this case deviates" in str(caught.value)


def test_an_answer_that_does_not_come_is_neither_a_pass_nor_a_deviation() -> None:
    store = Store("await_authorization", outcome=Outcome.INDETERMINATE, told="no answer in 5 s")
    with pytest.raises(UnjudgedError) as caught:
        check_case(case(), store, SELLER)

    first = str(caught.value).splitlines()[0]
    assert first == "way-001 could not be judged: step 3, await_authorization: no answer in 5 s"
    assert isinstance(caught.value, AssertionError)


def test_what_cannot_be_asked_is_left_out_with_the_reason() -> None:
    store = Store()
    store.abilities = Abilities(asked=frozenset({"place_order"}))  # type: ignore[attr-defined]
    with pytest.raises(LeftOutError, match="left out: it cannot be asked for complete_checkout"):
        check_case(case(), store, SELLER)

    assert issubclass(LeftOutError, SkipTest)


def test_what_a_system_says_cannot_move_the_cursor() -> None:
    told = "\x1b[2Jgone\r\x07"
    text = str(failure(Store("complete_checkout", outcome=Outcome.REFUSED, told=told)))

    assert all(char.isprintable() or char == "\n" for char in text)
    assert "\\x1b[2Jgone" in text


def test_who_listens_is_told_of_every_case_before_anything_is_raised() -> None:
    heard: list[Checked] = []
    with listening(heard.append):
        check_case(case(), Store(), SELLER)
        failure(Store("complete_checkout", status="handling"))
    check_case(case(), Store(), SELLER)

    assert [each.run.result for each in heard] == [Result.PASSED, Result.FAILED]
    assert heard[0].subject == "Store"


def test_settings_reach_the_flow() -> None:
    settings = defaults().override({"cancellation_window": 90})
    with pytest.raises(DeviationError) as caught:  # this store waits for 30 minutes only
        check_case(case(WAY.replace("grace", "advance:40m grace")), Store(), SELLER, settings)

    assert "--set cancellation_window=90" in replay_of(caught.value.checked)
