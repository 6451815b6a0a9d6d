"""Systems with more than one mistake, for command lines that end in ``--target MODULE:NAME``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from orderflow.conformance.drive import Start
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import Answer, Call, Outcome
from orderflow.flows.loader import bundled
from orderflow.flows.settings import defaults
from orderflow.simulator.machine import compile_plan

HERE = "tests.cli.bent_systems"
PLAN = compile_plan(bundled("seller").view(), defaults())


class Bent(Inside):
    """A sound seller, but for what *bend* makes of its answers.

    Attributes:
        past: Events that its order has been asked for.
    """

    def __init__(self, bend: Callable[[Bent, Call, Answer], Answer]) -> None:
        self.bend = bend
        self.past: list[str] = []
        super().__init__(PLAN)

    def begin(self, start: Start) -> Answer:
        """Prepare another order."""
        self.past = []
        return super().begin(start)

    def fire(self, call: Call) -> Answer:
        """Let something happen, and spoil the answer."""
        answer = self.bend(self, call, super().fire(call))
        self.past.append(call.event)
        return answer


def twice_wrong() -> Bent:
    """It takes start_handling anywhere, and deny_cancel spoils the next authorization."""

    def bend(system: Bent, call: Call, answer: Answer) -> Answer:
        if call.event == "start_handling" and answer.outcome is Outcome.REFUSED:
            return Answer(Outcome.ACCEPTED, "handling")
        poisoned = call.event == "await_authorization" and "deny_cancel" in system.past
        return replace(answer, status="canceled") if poisoned else answer

    return Bent(bend)


def stuck() -> Bent:
    """It answers yes to complete_checkout and does nothing."""

    def bend(_: Bent, call: Call, answer: Answer) -> Answer:
        lost = call.event == "complete_checkout"
        return replace(answer, status="order-accepted") if lost else answer

    return Bent(bend)


def silent() -> Bent:
    """It does not answer to complete_checkout."""

    def bend(_: Bent, call: Call, answer: Answer) -> Answer:
        gone = Answer(Outcome.INDETERMINATE, "", "no answer in 5 s")
        return gone if call.event == "complete_checkout" else answer

    return Bent(bend)


def sound() -> Inside:
    """It follows the flow."""
    return Inside(PLAN)
