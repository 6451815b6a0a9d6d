"""Taking a configuration apart: an order of a group that has nothing to say to it any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from orderflow.simulator.seat import Field, Seat


class Solitary(NamedTuple):
    """A participant of a group that goes its way alone in some places.

    Attributes:
        bits: Bits of its place.
        places: Those places.
        others: Bits of the places of all others.
        left: Value of those bits when the others are looked at elsewhere.
        own: Bits to keep of it and all below it; the rest becomes *left*.
        rest: Bits to keep of the others; the rest becomes *gone*.
        gone: Value of its bits when it is looked at elsewhere.
    """

    bits: int
    places: frozenset[int]
    others: int
    left: int
    own: int
    rest: int
    gone: int


def loners(seats: tuple[Seat, ...], boxes: tuple[Field, ...]) -> Iterator[Solitary]:
    """Participants of a group, as far as each goes its way alone.

    Args:
        seats: All participants.
        boxes: Mailboxes by number of the channel.
    """
    for seat in seats:
        if seat.part.past:
            own = _family(seat, seats)
            others = [each for each in seats if each not in own]
            yield Solitary(
                seat.place.bits,
                frozenset(place << seat.place.shift for place in seat.part.past),
                sum(each.place.bits for each in others),
                _gone(others),
                ~_bits(others, boxes),
                ~_bits(own, boxes, said=True),
                _gone(own),
            )


def _family(seat: Seat, seats: tuple[Seat, ...]) -> list[Seat]:
    """A participant and all below it."""
    found = [seat]
    for each in found:
        found += [seats[number] for number in each.part.lower]
    return found


def _bits(seats: list[Seat], boxes: tuple[Field, ...], *, said: bool = False) -> int:
    """Bits of some participants; not of what they have *said* to others."""
    heard = {channel for seat in seats for channel in seat.part.inbox}
    found = 0
    for seat in seats:
        found |= seat.mask
        for channel in (*seat.part.inbox, *seat.part.outbox):
            if not said or channel in heard:
                found |= boxes[channel].bits
    return found


def _gone(seats: list[Seat]) -> int:
    return sum(seat.part.gone << seat.place.shift for seat in seats)
