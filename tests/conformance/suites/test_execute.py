"""Every way in which an answer can be wrong is told for what it is; no answer is never a pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from orderflow.conformance.drive import Start
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import ADVANCE, LOOK, Abilities, Answer, Call, Outcome
from orderflow.conformance.suites.case import Case, Step
from orderflow.conformance.suites.execute import (
    Kind,
    Result,
    Run,
    Runner,
    Script,
    script_of,
    way_to,
)
from orderflow.flows.loader import bundled
from orderflow.flows.settings import defaults
from orderflow.simulator.machine import compile_plan
from orderflow.simulator.scenario import parse_acts

FLOW = bundled("seller").view()
PLAN = compile_plan(FLOW, defaults())
TO_WINDOW = (
    "place_order complete_checkout await_authorization authorize_dispatch confirm_reservation"
)
TO_READY = f"{TO_WINDOW} grace_period_over"


def script(acts: str) -> Script:
    steps = tuple(Step(act, "") for act in parse_acts(acts))
    return script_of(Case("one", "", "", steps), PLAN)


class Bent:
    """A sound system of which some answers are changed."""

    def __init__(self, bend: Callable[[Call, str, Answer], Answer]) -> None:
        self.inside, self.bend = Inside(PLAN), bend
        self.calls: list[Call] = []
        self.orders = 0

    def begin(self, start: Start) -> Answer:
        self.orders += 1
        return self.inside.begin(start)

    def fire(self, call: Call) -> Answer:
        self.calls.append(call)
        before = self.inside.simulator.status
        return self.bend(call, before, self.inside.fire(call))


class Able(Bent):
    """A sound system that cannot be asked for everything."""

    def __init__(self, abilities: Abilities) -> None:
        super().__init__(lambda call, before, answer: answer)
        self.abilities = abilities


def at(event: str, **change: object) -> Callable[[Call, str, Answer], Answer]:
    """Change the answer to one event."""

    def bend(call: Call, _: str, answer: Answer) -> Answer:
        return replace(answer, **change) if call.event == event else answer  # type: ignore[arg-type]

    return bend


def kinds(run: Run) -> list[tuple[int, Kind]]:
    return [(deviation.step, deviation.kind) for deviation in run.deviations]


def test_a_sound_system_passes_and_every_answer_is_kept() -> None:
    found = Runner(Inside(PLAN), FLOW).run(script(f"{TO_READY} grace_period_over start_handling"))

    assert found.result is Result.PASSED
    assert [answer.status for answer in found.answers if answer] == [
        step.then for step in found.case.steps
    ]
    assert (found.orders, found.calls) == (1, 8)


WRONG = [
    (Kind.ACCEPTED, "place_order start_handling", at("start_handling", outcome=Outcome.ACCEPTED)),
    (Kind.REFUSED, "place_order", at("place_order", outcome=Outcome.REFUSED, status="(none)")),
    (Kind.MOVED, "place_order start_handling", at("start_handling", status="handling")),
    (Kind.LOST, "place_order complete_checkout", at("complete_checkout", status="order-accepted")),
    (Kind.ASTRAY, "place_order complete_checkout", at("complete_checkout", status="canceled")),
    (Kind.UNTIMELY, TO_READY, at(ADVANCE, status="window-to-cancel")),
    (Kind.TRIGGER, "place_order", at("place_order", trigger="order.progress.delivering")),
]


@pytest.mark.parametrize(("kind", "acts", "bend"), WRONG, ids=[kind for kind, *_ in WRONG])
def test_a_wrong_answer_is_told_for_what_it_is(
    kind: Kind, acts: str, bend: Callable[[Call, str, Answer], Answer]
) -> None:
    one = script(acts)
    found = Runner(Bent(bend), FLOW).run(one)

    assert found.result is Result.FAILED
    assert kinds(found) == [(len(one.rehearsed) - 1, kind)]


def test_each_kind_of_deviation_has_been_shown() -> None:
    assert {kind for kind, *_ in WRONG} == set(Kind)


def test_without_reading_the_status_again_only_yes_and_no_count() -> None:
    blind = {
        kind: Runner(Bent(bend), FLOW, reread=False).run(script(acts)).result
        for kind, acts, bend in WRONG
    }

    seen = {kind for kind, result in blind.items() if result is Result.FAILED}
    assert seen == {Kind.ACCEPTED, Kind.REFUSED}


def test_after_a_wrong_refusal_the_others_are_tried_on_another_order() -> None:
    def bend(call: Call, _: str, answer: Answer) -> Answer:
        wrong = call.event in {"start_handling", "accept_cancel"}
        return replace(answer, outcome=Outcome.ACCEPTED) if wrong else answer

    acts = "place_order start_handling begin_preparation accept_cancel complete_checkout"
    subject = Bent(bend)
    found = Runner(subject, FLOW).run(script(acts))

    assert kinds(found) == [(1, Kind.ACCEPTED), (3, Kind.ACCEPTED)]
    assert subject.orders == found.orders == 3
    assert found.answers[-1] is not None
    assert found.calls == len(subject.calls)
    once = Runner(Bent(bend), FLOW, resume=False).run(script(acts))
    assert kinds(once) == [(1, Kind.ACCEPTED)]


def test_a_deviation_knows_the_steps_its_own_order_took() -> None:
    def bend(call: Call, _: str, answer: Answer) -> Answer:
        if call.event == "start_handling":
            return replace(answer, outcome=Outcome.ACCEPTED)
        return replace(answer, status="canceled") if call.event == "await_authorization" else answer

    acts = (
        "place_order accept_cancel start_handling complete_checkout deny_cancel await_authorization"
    )
    one = script(acts)
    found = Runner(Bent(bend), FLOW).run(one)
    first, second = found.deviations

    assert kinds(found) == [(2, Kind.ACCEPTED), (5, Kind.ASTRAY)]
    assert [str(act) for act in way_to(one, first)] == acts.split()[:3]
    # The second order was led past what was refused and what went wrong, and then took the rest.
    assert [str(act) for act in way_to(one, second)] == [
        "place_order",
        "complete_checkout",
        "deny_cancel",
        "await_authorization",
    ]


def test_a_wrong_stage_hides_nothing_that_goes_wrong_behind_it() -> None:
    def bend(call: Call, _: str, answer: Answer) -> Answer:
        answer = replace(answer, trigger="order.progress.delivering")
        wrong = call.event == "complete_checkout"
        return replace(answer, status="canceled") if wrong else answer

    subject = Bent(bend)
    found = Runner(subject, FLOW, resume=False).run(
        script("place_order deny_cancel complete_checkout await_authorization")
    )

    assert kinds(found) == [(0, Kind.TRIGGER), (1, Kind.TRIGGER), (2, Kind.ASTRAY)]
    assert found.deviations[-1].way == (0, 1)
    assert subject.orders == 1


class Prompt(Bent):
    """A sound system that completes the checkout, and dispatches, before anybody can look."""

    steps: tuple[str, ...] = ("complete_checkout", "await_authorization")
    abilities = Abilities(awaited=frozenset(steps))

    def fire(self, call: Call) -> Answer:
        before, answer = self.inside.simulator.status, self.inside.fire(call)
        for event in self.steps:
            self.inside.simulator.attempt(event)
        self.calls.append(call)
        now = self.inside.fire(Call(LOOK))
        return self.bend(call, before, replace(answer, status=now.status, trigger=now.trigger))


CHAIN = "place_order complete_checkout await_authorization"


def test_what_nobody_could_see_of_a_chain_of_steps_is_counted() -> None:
    found = Runner(Prompt(at("")), FLOW).run(script(CHAIN))

    assert found.result is Result.PASSED
    assert found.unseen == (0, 1)  # the last status only was there to be read
    assert Runner(Inside(PLAN), FLOW).run(script(CHAIN)).unseen == ()


def test_a_wrong_stage_of_an_order_that_has_gone_on_is_told_where_it_has_gone_on_to() -> None:
    """Later readings are right, so that nothing but the first one can tell."""
    wrong = "order.progress.delivering"
    found = Runner(Prompt(at("place_order", trigger=wrong)), FLOW).run(script(CHAIN))
    (one,) = found.deviations

    assert (one.step, one.kind, one.way) == (2, Kind.TRIGGER, (0, 1))
    assert one.answer.trigger == wrong


def test_a_stage_that_a_case_says_nothing_of_is_not_judged_but_counted() -> None:
    wrong = at("place_order", trigger="order.progress.delivering")
    found = Runner(Prompt(wrong), FLOW).run(script("place_order"))

    assert (found.result, found.unseen) == (Result.PASSED, (0,))


def test_a_refusal_of_an_order_that_went_on_before_it_was_asked_shows_nothing() -> None:
    acts = "place_order complete_checkout price_divergence"
    found = Runner(Prompt(at("")), FLOW).run(script(acts))
    stays = at("price_divergence", outcome=Outcome.REFUSED, status="on-order-completed-ffm")
    refused = Runner(Bent(stays), FLOW).run(script(acts))

    assert (found.result, found.deviations) == (Result.LEFT_OUT, ())
    assert found.why == (
        "it left on-order-completed-ffm by itself before it could be asked for price_divergence"
    )
    assert kinds(refused) == [(2, Kind.REFUSED)]


def test_a_status_between_that_shows_is_judged() -> None:
    class Slow(Prompt):
        steps = ()

    stuck = at("place_order", status="canceled")
    assert kinds(Runner(Slow(stuck), FLOW).run(script(CHAIN))) == [(0, Kind.ASTRAY)]


def test_an_answer_that_does_not_come_is_no_pass() -> None:
    silent = at("complete_checkout", outcome=Outcome.INDETERMINATE, told="no answer in 2 s")
    found = Runner(Bent(silent), FLOW).run(script(TO_WINDOW))

    assert found.result is Result.INDETERMINATE
    assert found.why == "step 2, complete_checkout: no answer in 2 s"


def test_a_status_that_cannot_be_read_is_no_pass() -> None:
    found = Runner(Bent(at("complete_checkout", status="")), FLOW).run(script(TO_WINDOW))

    assert found.result is Result.INDETERMINATE


def test_an_order_that_cannot_be_begun_is_no_pass() -> None:
    class Closed(Bent):
        def begin(self, start: Start) -> Answer:
            return Answer(Outcome.INDETERMINATE, "", "connection refused")

    found = Runner(Closed(at("")), FLOW).run(script("place_order"))

    assert found.result is Result.INDETERMINATE
    assert "connection refused" in found.why


def test_a_case_that_the_system_cannot_be_asked_for_is_left_out() -> None:
    no_clock = Able(Abilities(turns_clock=False))
    deaf = Able(Abilities(asked=frozenset({"place_order"})))

    timed = Runner(no_clock, FLOW).run(script(TO_READY))
    unasked = Runner(deaf, FLOW).run(script("place_order complete_checkout"))
    probes = Runner(deaf, FLOW).run(script("place_order start_handling accept_cancel"))

    assert {timed.result, unasked.result, probes.result} == {Result.LEFT_OUT}
    assert "nothing turns its clock" in timed.why
    assert unasked.why == "it cannot be asked for complete_checkout"
    assert probes.why == "it cannot be asked for start_handling in order-accepted"
    assert not no_clock.calls


def test_a_refusal_that_cannot_be_asked_for_is_skipped_and_counted() -> None:
    deaf = Able(Abilities(asked=frozenset({"place_order", "accept_cancel"})))
    found = Runner(deaf, FLOW).run(script("place_order start_handling accept_cancel"))

    assert found.result is Result.PASSED
    assert found.skipped == (1,)


def test_what_the_system_does_by_itself_is_awaited_and_not_asked_for() -> None:
    able = Able(Abilities(awaited=frozenset({"complete_checkout"})))

    def look(call: Call, _: str, answer: Answer) -> Answer:
        if call.event == LOOK:
            return able.inside.fire(Call("complete_checkout"))
        return answer

    able.bend = look
    acts = "place_order start_handling complete_checkout start_handling"
    found = Runner(able, FLOW).run(script(acts))

    assert found.result is Result.PASSED
    assert [call.event for call in able.calls] == ["place_order", LOOK, "start_handling"]
    assert able.calls[1].leads_to == "on-order-completed-ffm"
    assert found.skipped == (1,)  # the order may move on while it is asked


def test_no_time_is_let_pass_where_the_order_does_not_stay() -> None:
    able = Able(Abilities(awaited=frozenset({"confirm_reservation"})))
    acts = "place_order complete_checkout await_authorization authorize_dispatch"
    found = Runner(able, FLOW).run(script(f"{acts} authorization_timeout"))

    assert found.result is Result.LEFT_OUT
    assert "authorize-fulfillment, which it leaves by itself" in found.why


def test_what_the_system_decides_by_itself_cannot_be_chosen() -> None:
    able = Able(Abilities(awaited=frozenset({"confirm_reservation"})))
    acts = "place_order complete_checkout await_authorization authorize_dispatch"
    gone = Runner(able, FLOW).run(script(f"{acts} confirm_reservation:gone"))

    assert gone.result is Result.LEFT_OUT
    assert gone.why == "it cannot be asked for confirm_reservation:gone"
