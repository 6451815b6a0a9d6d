"""How long to wait for a status that a system shows a moment after it has said yes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from orderflow.conformance.subjects.subject import Answer, Call, Outcome
from orderflow.simulator.scenario import duration


class Time(NamedTuple):
    """Where seconds come from, and how they are waited for.

    Attributes:
        now: Seconds on a clock that never goes back.
        sleep: Waits for so many seconds.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Patience:
    """How to read the status of a system that is slow to show it.

    Attributes:
        total: Ms after a call until which it is read again.
        every: Ms between two readings.
        refused: Ms after a refusal at which it is read once more; 0 for not at all.
    """

    total: int
    every: int
    refused: int = 0


class Seen(NamedTuple):
    """What one reading showed.

    Attributes:
        status: The status; empty when it could not be read.
        trigger: Trigger shown; None when none is looked for.
        told: Why the status could not be read.
        soon: It was not there, and may be in a moment.
    """

    status: str
    trigger: str | None = None
    told: str = ""
    soon: bool = False


class Reading(NamedTuple):
    """A system whose status can be read.

    Attributes:
        read: Reads it once.
        patience: How to read it again; None for a system that shows it at once.
        time: Where seconds come from.
        longer: What to do to have more patience.
    """

    read: Callable[[], Seen]
    patience: Patience | None = None
    time: Time = Time()
    longer: str = "raise poll.for"

    def after_acceptance(self, call: Call, before: str, told: str = "") -> Answer:
        """The answer to a call that was taken.

        Args:
            call: The call; reading ends when the status it leads to is seen or, if it does not
                say, another than *before*.
            before: Status before the call.
            told: What the system said.
        """
        seen = self._patiently(call, before)
        if not seen.status:
            return unknown(seen.told)
        patience, wanted = self.patience, call.leads_to
        moves = wanted not in {"", before} and before not in call.onwards
        if patience is not None and seen.status == before and moves:
            return unknown(
                f"still in {before} after {duration(patience.total)}: slow, or the update is lost; "
                f"{self.longer} to tell"
            )
        return Answer(Outcome.ACCEPTED, seen.status, told, seen.trigger)

    def after_refusal(self, told: str = "") -> Answer:
        """The answer to a call that was refused: the order should be where it was."""
        if self.patience is not None and self.patience.refused:
            self.time.sleep(self.patience.refused / 1000)
        seen = self.read()
        if not seen.status:
            return unknown(seen.told)
        return Answer(Outcome.REFUSED, seen.status, told, seen.trigger)

    def _patiently(self, call: Call, before: str) -> Seen:
        """Read until the status is as expected or time is up."""
        seen = self.read()
        if self.patience is None:
            return seen
        until = self.time.now() + self.patience.total / 1000
        while seen.soon or (seen.status and not _as_expected(seen.status, call, before)):
            left = until - self.time.now()
            if left <= 0:
                break
            self.time.sleep(min(left, self.patience.every / 1000))
            seen = self.read()
        return seen


def _as_expected(status: str, call: Call, before: str) -> bool:
    if not call.leads_to:
        return status != before
    return status == call.leads_to or status in call.onwards


def unknown(told: str) -> Answer:
    """The answer when nobody knows what happened."""
    return Answer(Outcome.INDETERMINATE, "", told)
