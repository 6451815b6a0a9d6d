"""The order of vertical tracks inside a channel: as few crossings as can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_EXACT = 10
"""Up to so many tracks the best order is found by trying all, cleverly; above, by swapping."""
_NEAR = 9.0
"""Tracks whose ends come closer than this do not share one line."""


@dataclass(frozen=True, slots=True)
class Stub:
    """Where a track is joined from one side.

    Attributes:
        y: Height of the stub.
        side: -1 from the left, 1 from the right.
    """

    y: float
    side: int


@dataclass(frozen=True, slots=True)
class Track:
    """One vertical piece of a net.

    Attributes:
        top: Upper end.
        bottom: Lower end.
        stubs: Everything that joins it.
    """

    top: float
    bottom: float
    stubs: tuple[Stub, ...]


def track_of(stubs: Sequence[Stub]) -> Track:
    """Return the track that joins *stubs*."""
    heights = [stub.y for stub in stubs]
    return Track(min(heights), max(heights), tuple(stubs))


def levels(tracks: Sequence[Track]) -> list[int]:
    """Return the place of each track, 0 for the leftmost; tracks far apart may share one.

    >>> low = track_of([Stub(0, -1), Stub(50, 1)])
    >>> high = track_of([Stub(20, -1), Stub(90, 1)])
    >>> levels([low, high])
    [1, 0]
    """
    order = _best_order(tracks)
    place = [0] * len(tracks)
    for position, one in enumerate(order):
        near = [place[two] + 1 for two in order[:position] if _meet(tracks[one], tracks[two])]
        place[one] = max(near, default=0)
    return place


def _meet(one: Track, two: Track) -> bool:
    return one.top < two.bottom + _NEAR and two.top < one.bottom + _NEAR


def _price(left: Track, right: Track) -> float:
    """Count the crossings when *left* stands left of *right*, and a little for long stubs."""
    crossings = sum(1 for s in left.stubs if s.side > 0 and right.top < s.y < right.bottom)
    crossings += sum(1 for s in right.stubs if s.side < 0 and left.top < s.y < left.bottom)
    return crossings + 0.01 * (_balance(left) - _balance(right))


def _balance(track: Track) -> int:
    return sum(stub.side for stub in track.stubs)


def _best_order(tracks: Sequence[Track]) -> list[int]:
    count = len(tracks)
    price = [
        [_price(one, two) if i != j else 0.0 for j, two in enumerate(tracks)]
        for i, one in enumerate(tracks)
    ]
    if count <= _EXACT:
        return _exact(price)
    order = sorted(range(count), key=lambda i: (_balance(tracks[i]), i))
    swapped = True
    while swapped:
        swapped = False
        for i in range(count - 1):
            one, two = order[i], order[i + 1]
            if price[two][one] < price[one][two] - 1e-9:
                order[i], order[i + 1] = two, one
                swapped = True
    return order


def _exact(price: list[list[float]]) -> list[int]:
    """Solve the linear ordering problem over subsets: the set of tracks already placed."""
    count = len(price)
    best: list[tuple[float, int]] = [(0.0, -1)] * (1 << count)
    for placed in range(1, 1 << count):
        members = [i for i in range(count) if placed >> i & 1]
        options = [
            (
                best[placed & ~(1 << last)][0] + sum(price[i][last] for i in members if i != last),
                last,
            )
            for last in members
        ]
        best[placed] = min(options)
    order: list[int] = []
    placed = (1 << count) - 1
    while placed:
        last = best[placed][1]
        order.append(last)
        placed &= ~(1 << last)
    return order[::-1]
