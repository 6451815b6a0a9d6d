"""What running a case on a subject showed: values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from orderflow.conformance.subjects.subject import Answer
from orderflow.conformance.suites.case import Case


class Kind(StrEnum):
    """How an answer differs from what the flow says."""

    ACCEPTED = "accepted-illegal"
    """It took what the flow refuses."""
    REFUSED = "refused-legal"
    """It refused what the flow takes."""
    MOVED = "refused-but-moved"
    """It refused, as it must, and yet the order is elsewhere."""
    LOST = "accepted-but-stayed"
    """It took the event, as it must, and yet the order is where it was."""
    ASTRAY = "wrong-status"
    """It took the event, as it must, and the order went elsewhere."""
    UNTIMELY = "wrong-after-wait"
    """After time has passed the order is not where a timer should have put, or left, it."""
    TRIGGER = "wrong-trigger"
    """The shopper is shown another stage than the document makes."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One answer that differs.

    Attributes:
        step: Number of the step in its case, from 0.
        kind: How it differs.
        source: Status before the step.
        answer: What the subject answered.
        way: Numbers of the steps that its order took before. An order that took the place of
            another one, on which something had gone wrong, has taken only those that led it there.
    """

    step: int
    kind: Kind
    source: str
    answer: Answer
    way: tuple[int, ...] = ()


class Result(StrEnum):
    """What running one case showed."""

    PASSED = "passed"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"
    """Some answer did not come, so that nothing is known. Not a pass."""
    LEFT_OUT = "left-out"
    """The subject cannot be asked for what the case needs, or not in time. Not a pass."""


@dataclass(frozen=True, slots=True)
class Run:
    """One case as it was run.

    Attributes:
        case: The case.
        result: What it showed.
        deviations: Where the subject differs, the first one first.
        answers: What the subject answered to each step; None for steps that were not played.
        skipped: Steps left out because the subject cannot be asked for them.
        unseen: Steps of which nobody saw where they led, because the order had gone on by itself
            before it was read. What it showed then is judged, what it showed between is not.
        why: Why the result is indeterminate or the case left out, else empty.
        orders: New orders it took.
        calls: Calls it took.
    """

    case: Case
    result: Result
    deviations: tuple[Deviation, ...] = ()
    answers: tuple[Answer | None, ...] = ()
    skipped: tuple[int, ...] = ()
    why: str = ""
    orders: int = 1
    calls: int = 0
    unseen: tuple[int, ...] = ()
