"""Asks a system a few things before a suite is run: is it there, and how fast does it answer?"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import NamedTuple

from orderflow.conformance.drive import Start
from orderflow.conformance.subjects.patience import Time
from orderflow.conformance.subjects.subject import Answer, Call, Outcome, Subject, abilities_of
from orderflow.conformance.suites.execute import Result, Run, Runner, Script
from orderflow.flows.model import ABSENT, Flow

SILENT_ORDERS = 3
"""Orders one after the other that get no answer, after which there is no asking any more."""

_STEPS = 4


class Trial(NamedTuple):
    """What asking a system a few things showed.

    Attributes:
        call: Seconds a call took.
        order: Seconds it took to prepare a new order.
        orders: Orders that were begun for it.
        why: Why no order got any answer, empty when one did.
    """

    call: float
    order: float
    orders: int
    why: str = ""


class Timed:
    """A :class:`~orderflow.conformance.subjects.subject.Subject` that is timed.

    Args:
        subject: The subject.
        time: Where seconds come from.

    Attributes:
        begins: Seconds that each new order took.
        calls: Seconds that each call took.
    """

    def __init__(self, subject: Subject, time: Time) -> None:
        self.subject, self.abilities = subject, abilities_of(subject)
        self._now = time.now
        self.begins: list[float] = []
        self.calls: list[float] = []

    def begin(self, start: Start) -> Answer:
        """Prepare another order."""
        before = self._now()
        answer = self.subject.begin(start)
        self.begins.append(self._now() - before)
        return answer

    def fire(self, call: Call) -> Answer:
        """Let something happen."""
        before = self._now()
        answer = self.subject.fire(call)
        self.calls.append(self._now() - before)
        return answer


def trial(
    scripts: Iterable[Script], subject: Subject, flow: Flow, time: Time | None = None
) -> Trial | None:
    """Play the first steps of the first case that *subject* can be asked for.

    When nothing answers, they are played on a few orders, one after the other.

    Args:
        scripts: The cases.
        subject: The system.
        flow: The flow it should follow.
        time: Where seconds come from.

    Returns:
        What was seen; None when no case can be run at all.
    """
    timed = Timed(subject, time or Time())
    runner = Runner(timed, flow, resume=False)
    first = next((each for each in scripts if _can_begin(each, runner)), None)
    if first is None:
        return None
    short = Script(first.case, first.rehearsed[:_STEPS])
    why = ""
    for _ in range(SILENT_ORDERS):
        run = runner.run(short)
        why = run.why if silent(run) else ""
        if not why:
            break
    return Trial(_middle(timed.calls), _middle(timed.begins), len(timed.begins), why)


def silent(run: Run) -> bool:
    """Whether nothing in a case shows that there is a system at all.

    A refusal while there is no order does not: some are given without asking anybody.
    """
    return run.result is Result.INDETERMINATE and not any(
        answer is not None
        and answer.outcome is not Outcome.INDETERMINATE
        and (answer.outcome is Outcome.ACCEPTED or answer.status != ABSENT)
        for answer in run.answers
    )


def _can_begin(script: Script, runner: Runner) -> bool:
    """Whether the first step of a case is one that must be taken, and can be asked for."""
    first = script.rehearsed[0]
    return not first.step.refused and runner.call(first) is not None


def _middle(seconds: list[float]) -> float:
    return median(seconds) if seconds else 0.0
