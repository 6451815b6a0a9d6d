"""In what order a sale happened: steps, messages that leave and arrive, and long waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations

from orderflow.conformance.verdict import Failure, MessageTrace, TraceStep

GAP_WORTH_WRITING = 60_000
"""Waits of so many ms and more are written out."""

FATES = {"ignored": "no effect", "refused": "refused", "lost": "lost", "under way": "under way"}
"""What is said of a message that did not simply act."""

_FEW = 6


class Kind(StrEnum):
    """What happens in one row of a story."""

    STEP = "step"
    """A participant takes a step."""
    GAP = "gap"
    """Time passes."""
    SENT = "sent"
    """A message leaves; it arrives later, or never."""
    ARRIVED = "arrived"
    """A message arrives that left in an earlier row."""
    WHOLE = "whole"
    """A message leaves and arrives, and neither end does anything in between."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One row of a story.

    Attributes:
        kind: What happens.
        at: Virtual ms since the start.
        step: The step, None for everything else.
        message: The message, None for everything else.
        wait: Length of the gap in ms.
    """

    kind: Kind
    at: int
    step: TraceStep | None = None
    message: MessageTrace | None = None
    wait: int = 0

    @property
    def ends(self) -> frozenset[str]:
        """Names of the participants that take part."""
        if self.step is not None:
            return frozenset([self.step.participant])
        if self.message is None:
            return frozenset()
        heard = [self.message.receiver] if self.kind is not Kind.SENT else []
        return frozenset([self.message.sender, *heard])


def arrives(message: MessageTrace) -> bool:
    """Whether it reached the one it was sent to."""
    return message.fate not in {"lost", "under way"}


def remark(message: MessageTrace) -> str:
    """Return what is to be said of the way a message went, empty when it simply acted."""
    said = [FATES[message.fate]] if message.fate in FATES else []
    return ", ".join([*said, *(["twice"] if message.doubled else [])])


def columns(failure: Failure) -> tuple[str, ...]:
    """Return the participants from left to right, those that talk to each other side by side."""
    named = [name for name, _ in failure.participants]
    named += [step.participant for step in failure.trace if step.participant]
    named += [name for each in failure.messages for name in (each.sender, each.receiver)]
    names = tuple(dict.fromkeys(named))
    if len(names) > _FEW:
        return names
    pairs = {frozenset((each.sender, each.receiver)) for each in failure.messages}
    return min(permutations(names), key=lambda order: _length(order, pairs))


def _length(order: Sequence[str], pairs: Iterable[frozenset[str]]) -> int:
    places = {name: i for i, name in enumerate(order)}
    spots = ([places[name] for name in pair] for pair in pairs)
    return sum(max(spot) - min(spot) for spot in spots)


def happenings(failure: Failure) -> tuple[Happening, ...]:
    """Put steps and messages into one order: by the steps, and by time where these do not tell."""
    waiting = [each for each in failure.messages if arrives(each)]
    numbers = {step.number for step in failure.trace}
    rows = [
        Happening(Kind.SENT, each.sent_at, message=each)
        for each in failure.messages
        if each.sent not in numbers
    ]
    for step in failure.trace:
        for each in [each for each in waiting if _due(each, step, numbers)]:
            waiting.remove(each)
            at = step.at if each.heard else each.arrived_at
            _add(rows, Happening(Kind.ARRIVED, at, message=each))
        _add(rows, Happening(Kind.STEP, step.at, step=step))
        rows += [
            Happening(Kind.SENT, step.at, message=each)
            for each in failure.messages
            if each.sent == step.number
        ]
    for each in waiting:
        _add(rows, Happening(Kind.ARRIVED, each.arrived_at, message=each))
    return _joined(rows)


def _due(message: MessageTrace, step: TraceStep, numbers: set[int]) -> bool:
    """Whether *message* is to be shown as arriving just before *step*."""
    heard = [number for number in message.heard if number in numbers and number > message.sent]
    if heard:
        return min(heard) == step.number
    return message.sent < step.number and 0 <= message.arrived_at < step.at


def _add(rows: list[Happening], row: Happening) -> None:
    wait = row.at - max((before.at for before in rows), default=row.at)
    if wait >= GAP_WORTH_WRITING:
        rows.append(Happening(Kind.GAP, row.at, wait=wait))
    rows.append(row)


def _joined(rows: Sequence[Happening]) -> tuple[Happening, ...]:
    """Show a message in one row where nothing happens to its ends between leaving and arriving."""
    gone: set[int] = set()
    whole: dict[int, Happening] = {}
    for i, row in enumerate(rows):
        if row.kind is not Kind.ARRIVED or row.message is None:
            continue
        start = max(
            (j for j, other in enumerate(rows) if _leaves(other, row.message)), default=None
        )
        if start is None or start > i:
            continue
        between = [other for other in rows[start + 1 : i] if other.kind is not Kind.SENT]
        busy = {row.message.sender, row.message.receiver}
        if not any(other.kind is Kind.GAP or busy & other.ends for other in between):
            gone.add(start)
            whole[i] = Happening(Kind.WHOLE, row.at, message=row.message)
    return tuple(whole.get(i, row) for i, row in enumerate(rows) if i not in gone)


def _leaves(row: Happening, message: MessageTrace) -> bool:
    return row.kind is Kind.SENT and row.message is message
