"""The order of vertical tracks inside a channel: as few crossings as can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

_CROSSING = 1_000_000
"""Price of a crossing; all that stubs could be shorter never adds up to one."""
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

    No swap of two tracks would leave fewer crossings.

    >>> low = track_of([Stub(0, -1), Stub(50, 1)])
    >>> high = track_of([Stub(20, -1), Stub(90, 1)])
    >>> levels([low, high])
    [1, 0]
    """
    price = [[_price(one, two) for two in tracks] for one in tracks]
    place = _packed(tracks, _inserted(price))
    while True:
        # by place, because that is the order a reader would swap two of
        order = sorted(range(len(tracks)), key=lambda i: (place[i], i))
        if not _improved(price, order):
            return place
        place = _packed(tracks, order)


def _packed(tracks: Sequence[Track], order: Sequence[int]) -> list[int]:
    """Push every track as far left as the order allows."""
    place = [0] * len(tracks)
    for position, one in enumerate(order):
        near = [place[two] + 1 for two in order[:position] if _meet(tracks[one], tracks[two])]
        place[one] = max(near, default=0)
    return place


def _meet(one: Track, two: Track) -> bool:
    return one.top < two.bottom + _NEAR and two.top < one.bottom + _NEAR


def _price(left: Track, right: Track) -> int:
    """Count the crossings when *left* stands left of *right*, and a little for long stubs.

    Two tracks that share no height cost nothing either way.
    """
    if not _meet(left, right):
        return 0
    crossings = sum(1 for s in left.stubs if s.side > 0 and right.top < s.y < right.bottom)
    crossings += sum(1 for s in right.stubs if s.side < 0 and left.top < s.y < left.bottom)
    return _CROSSING * crossings + _balance(left) - _balance(right)


def _balance(track: Track) -> int:
    return sum(stub.side for stub in track.stubs)


def _inserted(price: Sequence[Sequence[int]]) -> list[int]:
    """Order the tracks one by one, each where it costs least."""
    order: list[int] = []
    for one in range(len(price)):
        order.insert(_cheapest(price, order, one), one)
    return order


def _cheapest(price: Sequence[Sequence[int]], order: Sequence[int], one: int) -> int:
    cost = sum(price[one][two] for two in order)
    best, least = 0, cost
    for position, two in enumerate(order, 1):
        cost += price[two][one] - price[one][two]
        if cost < least:
            best, least = position, cost
    return best


def _improved(price: Sequence[Sequence[int]], order: list[int]) -> bool:
    """Move and swap tracks of *order* until neither makes it better; say whether anything did."""
    ever = False
    changed = True
    while changed:
        changed = sum(_moved(price, order, one) for one in tuple(order)) > 0
        for i, j in combinations(range(len(order)), 2):
            if _gain(price, order, i, j) > 0:
                order[i], order[j] = order[j], order[i]
                changed = True
        ever |= changed
    return ever


def _moved(price: Sequence[Sequence[int]], order: list[int], one: int) -> bool:
    """Put a track where it costs least, if that is less than where it is."""
    at = order.index(one)
    before = sum(price[two][one] for two in order[:at])
    before += sum(price[one][two] for two in order[at + 1 :])
    del order[at]
    best = _cheapest(price, order, one)
    after = sum(price[two][one] for two in order[:best])
    after += sum(price[one][two] for two in order[best:])
    order.insert(best if after < before else at, one)
    return after < before


def _gain(price: Sequence[Sequence[int]], order: Sequence[int], i: int, j: int) -> int:
    """Say what a swap of the tracks in places *i* < *j* of the order saves."""
    one, two = order[i], order[j]
    gain = price[one][two] - price[two][one]
    for other in order[i + 1 : j]:
        gain += price[one][other] - price[other][one] + price[other][two] - price[two][other]
    return gain
