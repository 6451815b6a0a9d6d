"""What a suite covers of a system is what the system answered as it must: a step that went wrong,
was left out or could not be judged covers nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderflow.conformance.coverage import Coverage
from orderflow.conformance.drive import Driver
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import Abilities, Answer, Call, Outcome
from orderflow.conformance.suites.case import Case, Step
from orderflow.conformance.suites.execute import Result, Run, Runner, Script, script_of
from orderflow.conformance.suites.measured import measured
from orderflow.conformance.vector_of import vector_of
from orderflow.conformance.verdict import CellOutcome
from orderflow.flows.settings import defaults
from orderflow.simulator.scenario import parse_acts
from tests.conformance.subjects import HANDLING, INVOICED, PLACED, space_of

SPACE = space_of("seller")
PLAN = SPACE.plan


class Odd(Inside):
    """A system that is sound but for one event in one status.

    Args:
        status: Where it is odd.
        event: At which event.
        outcome: What it answers there.
        moves: It takes the event, whatever it answers.
    """

    abilities = Abilities()

    def __init__(
        self, status: str, event: str, outcome: Outcome, *, moves: bool = False, shown: str = ""
    ) -> None:
        self.odd, self.outcome, self.moves, self.shown = (status, event), outcome, moves, shown
        super().__init__(PLAN)

    def fire(self, call: Call) -> Answer:
        if (self.simulator.status, call.event) != self.odd:
            return super().fire(call)
        if self.moves:
            super().fire(call)
        return Answer(self.outcome, self.shown or self.simulator.status, "odd")


def script(steps: str, *, name: str = "case-1", cover: str = "pairs", **more: object) -> Script:
    acts = tuple(Step(act, "") for act in parse_acts(steps))
    case = Case(name, more.pop("title", "a case"), cover, acts, **more)  # type: ignore[arg-type]
    return script_of(case, PLAN)


def tried(subject: Inside, *scripts: Script, reread: bool = True) -> tuple[Coverage, list[Run]]:
    runner = Runner(subject, PLAN.flow, reread=reread)
    runs = [runner.run(each) for each in scripts]
    return measured(runs, scripts, SPACE), runs


@pytest.mark.parametrize(
    "acts",
    [
        INVOICED,
        f"{PLACED} cancel_order start_handling authorize_dispatch",
        f"{HANDLING} verify_invoice:part add_invoice_partial verify_invoice:rest add_invoice_full",
        f"{HANDLING} verify_invoice:over cancel_order:early request_cancel",
    ],
)
def test_a_sound_system_covers_what_a_run_of_the_simulator_covers(acts: str) -> None:
    driver = Driver(SPACE, defaults(), judged=False)
    for act in parse_acts(acts):
        driver.act(act)

    found, (run,) = tried(Inside(PLAN), script(acts))

    assert run.result is Result.PASSED
    mine, its = vector_of(found, SPACE), vector_of(driver.coverage, SPACE)
    for name in ("states", "transitions", "pairs", "cells", "guards", "actors"):
        assert mine.dimension(name) == its.dimension(name), name
    assert mine.dimension("transitions").covered
    assert found.orders == driver.coverage.orders == 1


def test_triggers_are_those_the_system_shows() -> None:
    shown, _ = tried(Inside(PLAN), script(PLACED))
    silent, _ = tried(Inside(PLAN, shows=None), script(PLACED))

    assert set(shown.triggers) == {
        "order.progress.orderConfirmed",
        "order.progress.confirmingOrder",
        "order.progress.approvingPayment",
    }
    assert not silent.triggers
    assert silent.transitions == shown.transitions


def test_a_step_that_went_wrong_covers_nothing_and_marks_its_cell() -> None:
    subject = Odd("order-accepted", "complete_checkout", Outcome.REFUSED)

    found, (run,) = tried(subject, script(INVOICED))

    assert run.result is Result.FAILED
    assert set(found.transitions) == {"S01"}
    assert found.wrong == {("order-accepted", "complete_checkout")}
    outcomes = {(s, e): told for s, e, told in found.cells(PLAN.flow)}
    assert outcomes["order-accepted", "complete_checkout"] is CellOutcome.DIVERGES


def test_a_refusal_after_which_the_order_is_elsewhere_covers_no_cell() -> None:
    moved = Odd("order-accepted", "start_handling", Outcome.REFUSED, shown="handling")
    sound, _ = tried(Inside(PLAN), script("place_order start_handling"))

    found, (run,) = tried(moved, script("place_order start_handling"))

    assert sound.refused["order-accepted", "start_handling"] == 1
    assert run.result is Result.FAILED
    assert not found.refused
    assert found.wrong == {("order-accepted", "start_handling")}


def test_a_refusal_of_which_the_status_is_not_read_again_covers_no_cell() -> None:
    blind = Odd("order-accepted", "start_handling", Outcome.REFUSED, shown="handling")

    found, (run,) = tried(blind, script("place_order start_handling"), reread=False)

    assert run.result is Result.PASSED
    assert not found.refused


def test_a_refusal_without_any_status_covers_no_cell() -> None:
    class Silent(Inside):
        def fire(self, call: Call) -> Answer:
            return replace(super().fire(call), status="")

    found, (run,) = tried(Silent(PLAN), script("place_order start_handling"), reread=False)

    assert run.result is Result.PASSED
    assert found.transitions == {"S01": 1}
    assert not found.refused


def test_what_is_gone_on_with_after_a_wrong_refusal_counts() -> None:
    subject = Odd("order-accepted", "start_handling", Outcome.ACCEPTED)

    found, (run,) = tried(subject, script("place_order start_handling complete_checkout"))

    assert run.result is Result.FAILED
    assert found.pairs == {("S01", "S02"): 1}
    assert found.orders == 2


def test_an_order_that_goes_on_by_itself_covers_what_it_took() -> None:
    class Eager(Inside):
        abilities = Abilities(awaited=frozenset({"await_authorization"}))

        def fire(self, call: Call) -> Answer:
            answer = super().fire(call)
            if self.simulator.status == "on-order-completed-ffm":
                return super().fire(Call("await_authorization"))
            return answer

    found, (run,) = tried(Eager(PLAN), script(PLACED))

    assert run.result is Result.PASSED
    assert run.answers[1] is not None
    assert run.answers[1].status == "waiting-ffmt-authorization"
    assert len(found.transitions) == 3


def test_an_answer_that_did_not_come_covers_nothing() -> None:
    subject = Odd("order-accepted", "complete_checkout", Outcome.INDETERMINATE, moves=True)

    found, (run,) = tried(subject, script(PLACED, tags=("REQ-1",)))

    assert run.result is Result.INDETERMINATE
    assert set(found.transitions) == {"S01"}
    assert not found.wrong
    assert found.tags == {"REQ-1": False}


def test_an_answer_without_a_status_covers_nothing() -> None:
    class Silent(Inside):
        def fire(self, call: Call) -> Answer:
            return replace(super().fire(call), status="")

    found, (run,) = tried(Silent(PLAN), script(PLACED))

    assert run.result is Result.INDETERMINATE
    assert not found.transitions


def test_a_case_left_out_covers_nothing() -> None:
    subject = Inside(PLAN)
    subject.abilities = Abilities(asked=frozenset({"place_order"}))  # type: ignore[attr-defined]

    found, (run,) = tried(subject, script(PLACED, tags=("REQ-1",), cover="scenario"))

    assert run.result is Result.LEFT_OUT
    assert not found.transitions
    assert found.orders == 0
    assert found.tags == {"REQ-1": False}
    assert found.scenarios == {"a case": (0, 3)}


def test_a_requirement_is_covered_when_every_case_of_it_passed() -> None:
    subject = Odd("order-accepted", "complete_checkout", Outcome.REFUSED)
    good = script("place_order", name="good", tags=("REQ-1", "REQ-2"))
    bad = script(PLACED, name="bad", tags=("REQ-2", "REQ-3"))

    for order in ((good, bad), (bad, good)):
        found, _ = tried(subject, *order)
        vector = vector_of(found, SPACE)
        assert vector.dimension("tags").covered == ("REQ-1",)
        assert vector.missing("tags") == ("REQ-2", "REQ-3")


def test_a_scenario_that_broke_half_way_tells_how_far_it_got() -> None:
    subject = Odd("authorize-fulfillment", "confirm_reservation", Outcome.REFUSED)
    whole = script(PLACED, name="s-1", cover="scenario", title="order is placed")
    broken = script(INVOICED, name="s-2", cover="scenario:happy", title="order is invoiced")
    other = script(INVOICED, name="p-1", cover="pairs", title="no scenario")

    found, _ = tried(subject, whole, broken, other)

    dimension = vector_of(found, SPACE).dimension("scenarios")
    assert dimension.covered == ("order is placed",)
    assert dimension.missing == ("order is invoiced",)
    assert dimension.progress == (("order is invoiced", 4, 10), ("order is placed", 3, 3))


def test_two_scenarios_of_one_title_are_told_apart() -> None:
    one = script("place_order", name="s-1", cover="scenario", title="refund")
    two = script(PLACED, name="s-2", cover="scenario", title="refund")

    found, _ = tried(Inside(PLAN), one, two)

    assert found.scenarios == {"refund": (1, 1), "refund (s-2)": (3, 3)}


def test_a_case_without_a_script_is_refused() -> None:
    (known,) = (script(PLACED),)
    run = Run(replace(known.case, id="unknown"), Result.PASSED)

    with pytest.raises(KeyError, match="unknown"):
        measured([run], [known], SPACE)


class Unsent(Inside):
    """A system that is answered for where there is no order yet: nothing is sent to it."""

    abilities = Abilities()

    def fire(self, call: Call) -> Answer:
        answer = super().fire(call)
        unsent = answer.outcome is Outcome.REFUSED and answer.status == "(none)"
        return replace(answer, asked=False) if unsent else answer


def test_a_refusal_that_did_not_come_from_the_system_covers_nothing() -> None:
    asked, (one,) = tried(Inside(PLAN), script("request_cancel place_order place_order"))
    unsent, (other,) = tried(Unsent(PLAN), script("request_cancel place_order place_order"))

    assert one.result is other.result is Result.PASSED
    assert asked.refused.keys() - unsent.refused.keys() == {("(none)", "request_cancel")}
    assert ("order-accepted", "place_order") in unsent.refused
