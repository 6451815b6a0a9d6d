"""The two methods that make any system testable, and the values they exchange.

A subject keeps one order at a time. It is told to begin another one, or that something happens
to the one it has, and answers with what it did and where the order stands *afterwards*: the
status has to be read again, for a system that says no may have moved all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from orderflow.conformance.drive import Start

ADVANCE = "advance"
"""Event of a call that only lets time pass."""

LOOK = "look"
"""Event of a call that does nothing but read the status, until it is as expected or time is up."""


class Outcome(StrEnum):
    """What a subject did with a call."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    INDETERMINATE = "indeterminate"
    """Nobody knows: no answer in time, a broken connection, an internal error. Never a pass."""


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that happens to the order of a subject.

    Attributes:
        event: Event name, :data:`ADVANCE` or :data:`LOOK`.
        data: What comes with it, names and JSON scalars (see :mod:`orderflow.simulator.inputs`);
            amounts are concrete cents.
        wait: Ms that pass, 0 unless the event is :data:`ADVANCE`.
        leads_to: Status the flow leads to. A subject that is slow to show a new status may stop
            reading again once it sees this one; it must not be sent to the system itself.
        onwards: Statuses in which it may be as well by then, because the system goes on by
            itself; treat them like *leads_to*.
    """

    event: str
    data: Mapping[str, object] = field(default_factory=dict)
    wait: int = 0
    leads_to: str = ""
    onwards: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a subject did, and where its order stands then.

    Attributes:
        outcome: What it did.
        status: Status read after the call, ``(none)`` before placement; empty when unknown.
        told: What it said, in a few words, for a person; never a credential or personal data.
        trigger: Trigger it shows of the stage the order is in; None when it shows none.
        asked: Whether the system was asked at all; what is answered in its place shows nothing of
            it.
    """

    outcome: Outcome
    status: str
    told: str = ""
    trigger: str | None = None
    asked: bool = True


class Subject(Protocol):
    """A system under test. One that cannot do everything says so, see :func:`abilities_of`."""

    def begin(self, start: Start) -> Answer:
        """Forget the order, if there is one, and prepare another, which is not placed yet.

        A subject whose orders exist from the start may create it at the event that places it.
        """
        ...

    def fire(self, call: Call) -> Answer:
        """Let something happen to the order, and read its status again."""
        ...


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a subject can be asked for.

    Attributes:
        asked: Events that can be fired; None for all.
        awaited: Events that the system brings about by itself, soon and without being asked.
        turns_clock: Time can be let pass.
        awaited_in: (event, status) of those that it brings about by itself in some statuses, and
            that can be fired in the others.
    """

    asked: frozenset[str] | None = None
    awaited: frozenset[str] = frozenset()
    turns_clock: bool = True
    awaited_in: frozenset[tuple[str, str]] = frozenset()

    def can(self, event: str, status: str = "") -> bool:
        """Whether *event* can be fired in *status*, or at all when none is named."""
        known = self.asked is None or event in self.asked
        return known and not self.awaits(event, status)

    def awaits(self, event: str, status: str = "") -> bool:
        """Whether the system brings *event* about by itself in *status*, or everywhere."""
        return event in self.awaited or (event, status) in self.awaited_in


def abilities_of(subject: Subject) -> Abilities:
    """What *subject* can be asked for: its ``abilities``, everything when it has none."""
    found = getattr(subject, "abilities", None)
    return found if isinstance(found, Abilities) else Abilities()
