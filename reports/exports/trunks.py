"""Lines that end in a shared trunk, drawn so that the trunk is drawn once.

Dashes over dashes fill each other's gaps, and the trunk would look solid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from orderflow.reports.geometry import Point

_CURVE = 6.0
"""How far a line follows the trunk it joins at a corner, so that the corner is round."""

Points = tuple[Point, ...]
Pieces = Sequence[tuple[Point, Point]]


@dataclass(slots=True)
class Trunks:
    """The lines drawn so far.

    Attributes:
        pieces: Their straight pieces, by where the line ends.
    """

    pieces: dict[Point, list[tuple[Point, Point]]] = field(default_factory=dict)

    def add(self, points: Points) -> tuple[Points, bool]:
        """Note a line, and return the part of it that is not drawn yet.

        Args:
            points: Its corners; every piece is upright or level.

        Returns:
            The corners of that part, and whether it reaches the end of the line.
        """
        drawn = self.pieces.setdefault(points[-1], [])
        part = _part(points, drawn)
        drawn += pairwise(points)
        return part, part == points


def _part(points: Points, drawn: Pieces) -> Points:
    """Corners up to where a line joins what is *drawn*."""
    for place in range(len(points) - 2, -1, -1):
        start, end = points[place], points[place + 1]
        join = _covered(end, start, drawn)
        if join == start and place:
            continue
        if join != end:  # a little further: what is drawn may come round a corner there
            return (*points[: place + 1], _towards(join, end))
        if place + 2 == len(points):
            return points
        return (*points[: place + 2], _towards(end, points[place + 2]))
    return points


def _covered(near: Point, far: Point, drawn: Pieces) -> Point:
    """How far from *near* to *far* there is a drawn line without a gap."""
    reached = near
    while reached != far:
        ends = (_clipped(end, near, far) for end in _through(reached, far, drawn))
        onward = max(ends, key=lambda end: _distance(near, end), default=reached)
        if _distance(near, onward) <= _distance(near, reached):
            break
        reached = onward
    return reached


def _through(point: Point, far: Point, drawn: Pieces) -> Iterator[Point]:
    """Ends of the pieces along the line from *point* to *far* that *point* lies on."""
    axis = 0 if point[0] == far[0] else 1
    for one, other in drawn:
        low, high = sorted((one[1 - axis], other[1 - axis]))
        along = one[axis] == other[axis] == point[axis]
        if along and low <= point[1 - axis] <= high:
            yield from (one, other)


def _clipped(point: Point, near: Point, far: Point) -> Point:
    """The place between *near* and *far* that is closest to *point*."""
    low_x, high_x = sorted((near[0], far[0]))
    low_y, high_y = sorted((near[1], far[1]))
    return min(max(point[0], low_x), high_x), min(max(point[1], low_y), high_y)


def _distance(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(start: Point, goal: Point) -> Point:
    whole = _distance(start, goal) or 1.0
    share = min(_CURVE, whole) / whole
    return start[0] + (goal[0] - start[0]) * share, start[1] + (goal[1] - start[1]) * share
