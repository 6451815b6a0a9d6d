"""Where each participant of a deal lies in a configuration, and what can happen as it sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from orderflow.simulator.part import Outcome, Part, Symbol
from orderflow.simulator.words import Step


class Field(NamedTuple):
    """Some bits of a configuration."""

    shift: int
    mask: int

    def of(self, code: int) -> int:
        """Its value."""
        return code >> self.shift & self.mask

    @property
    def bits(self) -> int:
        """The mask where it lies."""
        return self.mask << self.shift


Debt = tuple[int, frozenset[int]]
"""Bits of a place, and the places in which somebody owes an answer."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a participant lies in a configuration.

    Attributes:
        part: The participant.
        place: Bits that say where it stands.
        phase: Bits that count who has taken over below it, None when nobody can.
    """

    part: Part
    place: Field
    phase: Field | None

    @property
    def mask(self) -> int:
        """All its bits."""
        return self.place.bits | (self.phase.bits if self.phase else 0)

    def here(self, code: int) -> tuple[int, int]:
        """Where it stands, and how many have taken over below it."""
        return self.place.of(code), self.phase.of(code) if self.phase else 0

    def to(self, code: int, outcome: Outcome) -> int:
        """What to add to *code* for it to stand where a step leads."""
        place, phase = self.here(code)
        found = (outcome.place - place) << self.place.shift
        return found + ((outcome.phase - phase) << self.phase.shift if self.phase else 0)


class Move(NamedTuple):
    """Something that can happen if there is room for its news.

    Attributes:
        step: What happens.
        delta: What it adds to a configuration, its news left out.
        sent: Its news, and the mailboxes they go into.
        urgent: It takes no time, so nothing happens before it.
    """

    step: Step
    delta: int
    sent: tuple[tuple[Field, Symbol], ...] = ()
    urgent: bool = False


class Arrivals(NamedTuple):
    """What the messages of one mailbox can do; numbers to add to a configuration.

    Attributes:
        moves: Deliveries that take time, and faults.
        urgent: Deliveries of news that takes no time.
        busy: One can be delivered, so no time limit is over.
    """

    moves: tuple[int, ...]
    urgent: tuple[int, ...]
    busy: bool


@dataclass(slots=True)
class Row:
    """What can happen when some bits are as they are.

    Attributes:
        moves: What can happen if there is room for its news.
        debts: While one of them is owed, no time limit is over.
        needs: Bits of the mailboxes the news goes into.
        calm: By those bits, what acts add to a configuration.
        late: The same, with what time limits add.
        arrivals: The same, of deliveries.
    """

    moves: tuple[Move, ...]
    debts: tuple[Debt, ...] = ()
    needs: int = 0
    calm: dict[int, tuple[int, ...]] = field(default_factory=dict)
    late: dict[int, tuple[int, ...]] = field(default_factory=dict)
    arrivals: dict[int, Arrivals] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for box in {box for move in self.moves for box, _ in move.sent}:
            self.needs |= box.bits

    def owed(self, code: int) -> bool:
        """Whether somebody owes an answer for whose time limit this one has to wait."""
        return any(code & bits in places for bits, places in self.debts)


@dataclass(frozen=True, slots=True)
class Table:
    """What one participant can do by itself, or on the news of one mailbox.

    Attributes:
        seat: The participant.
        mask: Bits that decide it.
        channel: Number of the mailbox, -1 for none.
        bits: Bits of the mailbox, 0 for none.
        rows: What can happen, by the bits of *mask*.
    """

    seat: Seat
    mask: int
    channel: int = -1
    bits: int = 0
    rows: dict[int, Row] = field(default_factory=dict)
