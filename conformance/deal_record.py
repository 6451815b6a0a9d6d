"""What a cross-flow rule judges: the histories of all documents of one sale, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from orderflow.conformance.record import Missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orderflow.conformance.record import Record


@dataclass(frozen=True)
class Party:
    """One document of a sale.

    Attributes:
        name: Name of the participant, such as ``market``.
        record: Its own history and evidence.
        above: Name of the participant it was ordered by, empty for the sale's first.
        dismissed_at: Time in ms at which another seller took its place, None while it counts.
    """

    name: str
    record: Record
    above: str = ""
    dismissed_at: int | None = None


@dataclass(frozen=True)
class DealRecord:
    """The documents of one sale and what is known of the messages between them.

    Attributes:
        deal_id: The sale.
        parties: Its documents, upper ones first.
        settings: Durations in ms by name.
        waiting: Messages under way between any two of them; None when the record does not know.
        now: Time the record was taken, None when unknown.
    """

    deal_id: str
    parties: tuple[Party, ...]
    settings: Mapping[str, int] | None = None
    waiting: int | None = None
    now: int | None = None

    @cached_property
    def party(self) -> dict[str, Party]:
        """The documents by name."""
        return {party.name: party for party in self.parties}

    def pairs(self, above: str, below: str) -> tuple[tuple[Party, Party], ...]:
        """(upper, lower) documents of two families of which the lower was ordered by the upper.

        Sellers that were replaced are among them; see :attr:`Party.dismissed_at`.
        """
        return tuple(
            (self.party[lower.above], lower)
            for lower in self.parties
            if lower.above in self.party
            and lower.record.family == below
            and self.party[lower.above].record.family == above
        )

    def uppers(self, lower: Party) -> tuple[Party, ...]:
        """The documents above *lower*, nearest first, as far as the record holds them."""
        found: list[Party] = []
        above = lower.above
        while above in self.party and self.party[above] not in found:
            found.append(self.party[above])
            above = found[-1].above
        return tuple(found)

    def unknown_above(self, lower: Party) -> str:
        """Name of the document above *lower* that the record lacks, empty when it lacks none."""
        above = (lower, *self.uppers(lower))[-1].above
        return "" if above in self.party else above


@dataclass(frozen=True, slots=True)
class DealFinding:
    """One breach of a cross-flow rule.

    Attributes:
        party: Name of the participant whose step broke the rule.
        step: Index into that participant's ``record.steps``, -1 when no step alone did.
        observed: What was seen, one clause.
        expected: What the rule asks for, one clause.
        mild: Report it as a warning although the rule is an error.
    """

    party: str
    step: int
    observed: str
    expected: str
    mild: bool = False


DealOutcome = tuple[DealFinding, ...] | Missing
"""What a cross-flow rule says of a sale: () when it holds, findings, or what is missing."""
