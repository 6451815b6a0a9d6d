"""What makes a picture unreadable, found in its numbers alone: nothing here knows how it was made.

A *trunk* is all that ends in the same point: lines into one status may share their last part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from orderflow.reports.geometry import Edge, EdgeKind, Layout, Point, Rect

Segment = tuple[Point, Point]
Trunk = tuple[Point, str]
"""Where a line ends, and what keeps it apart from others that end there."""
ARROW = 10.0
"""Length of an arrowhead, and a little line before it."""
NEAR = 4.0
"""Lines side by side closer than this could be taken for one."""


def segments(edge: Edge) -> list[Segment]:
    return list(zip(edge.points, edge.points[1:], strict=False))


def trunk_of(edge: Edge) -> Trunk:
    ghost = edge.source if edge.kind is EdgeKind.GHOST else ""
    return edge.points[-1], ghost


def called(edge: Edge) -> str:
    return f"{edge.source}>{edge.target}" + "*" * (edge.kind is EdgeKind.GHOST)


def crosses(rect: Rect, segment: Segment) -> bool:
    """Whether a line runs through the inside of a box."""
    (x1, y1), (x2, y2) = segment
    return (
        min(x1, x2) < rect.right - 1
        and max(x1, x2) > rect.x + 1
        and min(y1, y2) < rect.bottom - 1
        and max(y1, y2) > rect.y + 1
    )


def box_overlaps(shown: Layout) -> list[str]:
    return [
        f"{one.state} and {two.state}"
        for one, two in combinations(shown.nodes, 2)
        if one.rect.overlaps(two.rect)
    ]


def label_overlaps(shown: Layout) -> list[str]:
    """Labels on labels and labels on boxes."""
    found = [
        f"{called(one)} on {called(two)}"
        for one, two in combinations(shown.edges, 2)
        if one.label.overlaps(two.label)
    ]
    return found + [
        f"{called(edge)} on {node.state}"
        for edge in shown.edges
        for node in shown.nodes
        if edge.label.overlaps(node.rect)
    ]


def lines_through_boxes(shown: Layout) -> list[str]:
    return [
        f"{called(edge)} through {node.state}"
        for edge in shown.edges
        for segment in segments(edge)
        for node in shown.nodes
        if crosses(node.rect, segment)
    ]


def lines_through_labels(shown: Layout) -> list[str]:
    """Lines that run under the label of another line, lengthwise or across."""
    return [
        f"{called(edge)} under {called(other)}"
        for edge in shown.edges
        for segment in segments(edge)
        for other in shown.edges
        if edge is not other and crosses(other.label, segment)
    ]


def outside(shown: Layout) -> list[str]:
    """Whatever is not within the picture."""
    page = Rect(0, 0, shown.width, shown.height)
    rects = [(node.state, node.rect) for node in shown.nodes]
    for edge in shown.edges:
        rects.append((f"label of {called(edge)}", edge.label))
        rects += [(called(edge), Rect(*point, 0, 0)) for point in edge.points]
    return [
        name
        for name, rect in rects
        if rect.x < 0 or rect.y < 0 or rect.right > page.right or rect.bottom > page.bottom
    ]


def loose_ends(shown: Layout) -> list[str]:
    """Lines that do not run from the border of their source to the border of their target."""
    found = []
    for edge in shown.edges:
        ends = [(edge.target, edge.points[-1])]
        ends += [(edge.source, edge.points[0])] * (edge.kind is not EdgeKind.ENTRY)
        slanted = any(a[0] != b[0] and a[1] != b[1] for a, b in segments(edge))
        off = any(not _on_border(shown.node(state).rect, point) for state, point in ends)
        if off or slanted:
            found.append(called(edge))
    return found


def _on_border(rect: Rect, point: Point) -> bool:
    x, y = point
    beside = min(abs(x - rect.x), abs(x - rect.right)) < 0.11 and rect.y + 3 < y < rect.bottom - 3
    above = min(abs(y - rect.y), abs(y - rect.bottom)) < 0.11 and rect.x + 3 < x < rect.right - 3
    return beside or above


def far_labels(shown: Layout) -> list[str]:
    """Labels that do not stand close to where their own line leaves its source."""
    tallest: dict[str, float] = defaultdict(float)
    for edge in shown.edges:
        tallest[edge.source] = max(tallest[edge.source], edge.label.height)
    return [
        called(edge)
        for edge in shown.edges
        # next to a label with many lines there is no room for a second one
        if edge.kind is not EdgeKind.ENTRY and not _near(edge, 24 + tallest[edge.source] / 2)
    ]


def _near(edge: Edge, limit: float) -> bool:
    (x, y), label = edge.points[0], edge.label
    dx = max(label.x - x, x - label.right, 0.0)
    dy = max(label.y - y, y - label.bottom, 0.0)
    return dx <= 30 and dy <= limit


def cramped(shown: Layout) -> list[str]:
    """Lines whose last part is too short for an arrowhead."""
    found = []
    for edge in shown.edges:
        (x1, y1), (x2, y2) = segments(edge)[-1]
        if abs(x1 - x2) + abs(y1 - y2) < ARROW:
            found.append(called(edge))
    return found


@dataclass(frozen=True, slots=True)
class Piece:
    """A straight part of a trunk: *at* is its x when upright, else its y."""

    trunk: Trunk
    at: float
    low: float
    high: float
    name: str


def pieces(shown: Layout) -> tuple[list[Piece], list[Piece]]:
    """All horizontal and all vertical parts; what several lines of a trunk share counts once."""
    flat: dict[tuple[Trunk, float, float, float], Piece] = {}
    upright: dict[tuple[Trunk, float, float, float], Piece] = {}
    for edge in shown.edges:
        trunk = trunk_of(edge)
        for (x1, y1), (x2, y2) in segments(edge):
            table, at, ends = (flat, y1, (x1, x2)) if y1 == y2 else (upright, x1, (y1, y2))
            key = (trunk, at, min(ends), max(ends))
            table[key] = Piece(*key, called(edge))
    return list(flat.values()), list(upright.values())


def mistaken(shown: Layout) -> list[str]:
    """Lines of different trunks that run on, or closely beside, each other."""
    return [
        f"{one.name} along {two.name}"
        for group in pieces(shown)
        for one, two in _neighbours(group)
        if one.trunk != two.trunk and min(one.high, two.high) - max(one.low, two.low) > 1
    ]


def _neighbours(group: list[Piece]) -> Iterator[tuple[Piece, Piece]]:
    """Pairs of parts less than :data:`NEAR` apart."""
    group = sorted(group, key=lambda piece: piece.at)
    for i, one in enumerate(group):
        for two in group[i + 1 :]:
            if two.at - one.at >= NEAR:
                break
            yield one, two


def touching(shown: Layout) -> list[str]:
    """Corners and ends that lie on the line of another trunk: does it branch off there?"""
    corners: dict[float, set[tuple[float, Trunk, str]]] = defaultdict(set)
    columns: dict[float, set[tuple[float, Trunk, str]]] = defaultdict(set)
    for edge in shown.edges:
        for x, y in edge.points:
            corners[y].add((x, trunk_of(edge), called(edge)))
            columns[x].add((y, trunk_of(edge), called(edge)))
    flat, upright = pieces(shown)
    return [
        f"{name} touches {piece.name}"
        for table, group in ((corners, flat), (columns, upright))
        for piece in group
        for place, trunk, name in sorted(table.get(piece.at, ()))
        if trunk != piece.trunk and piece.low < place < piece.high
    ]


def crossings(shown: Layout) -> set[Point]:
    """Points in which lines of different trunks cross."""
    flat, upright = pieces(shown)
    return {
        (rise.at, row.at)
        for rise in upright
        for row in flat
        if row.trunk != rise.trunk
        and row.low < rise.at < row.high
        and rise.low < row.at < rise.high
    }


@dataclass(frozen=True, slots=True)
class Track:
    """The upright part of a trunk in one channel, and the flat parts that end on it."""

    trunk: Trunk
    x: float
    low: float
    high: float
    left: tuple[float, ...]
    right: tuple[float, ...]


def tracks(shown: Layout) -> list[list[Track]]:
    """The tracks of every channel, from the left."""
    lines = [e for e in shown.edges if len(e.points) > 2 and e.kind is not EdgeKind.LOOP]
    found: dict[tuple[Trunk, float], list[Point]] = defaultdict(list)
    flat: dict[tuple[Trunk, float], set[Segment]] = defaultdict(set)
    for edge in lines:
        trunk = trunk_of(edge)
        for (x1, y1), (x2, y2) in segments(edge):
            if x1 == x2:
                found[trunk, x1] += [(x1, y1), (x1, y2)]
            else:
                for x in (x1, x2):
                    flat[trunk, x].add(((min(x1, x2), y1), (max(x1, x2), y1)))
    channels: dict[int, list[Track]] = defaultdict(list)
    walls = _walls(shown)
    for (trunk, x), points in found.items():
        heights = [y for _, y in points]
        stubs = flat[trunk, x]
        left = tuple(sorted({a[1] for a, b in stubs if b[0] == x}))
        right = tuple(sorted({a[1] for a, b in stubs if a[0] == x}))
        track = Track(trunk, x, min(heights), max(heights), left, right)
        channels[sum(wall < x for wall in walls)].append(track)
    return [channels[i] for i in sorted(channels)]


def _walls(shown: Layout) -> list[float]:
    """The middle of each column of boxes."""
    return sorted({node.lane: node.rect.middle[0] for node in shown.nodes}.values())


def removable(shown: Layout) -> list[str]:
    """Swaps of two tracks of a channel after which fewer lines cross."""
    return [text for channel in tracks(shown) for text in _better(channel)]


def _better(channel: list[Track]) -> Iterable[str]:
    count = len(channel)
    price = [[_met(one, two) for two in channel] for one in channel]
    order = [track.x for track in channel]
    for i, j in combinations(range(count), 2):
        if order[i] == order[j] or not _may_swap(channel, i, j):
            continue
        before = _crossed(price, order, (i, j))
        order[i], order[j] = order[j], order[i]
        after = _crossed(price, order, (i, j))
        order[i], order[j] = order[j], order[i]
        if after < before:
            yield f"{channel[i]} and {channel[j]}: {before} crossings, swapped {after}"


def _met(left: Track, right: Track) -> int:
    """Count the points in which two tracks cross each other's stubs, one left of the other."""
    return sum(right.low < y < right.high for y in left.right) + sum(
        left.low < y < left.high for y in right.left
    )


def _crossed(price: list[list[int]], place: list[float], moved: tuple[int, int]) -> int:
    total = 0
    for i in moved:
        for j in range(len(place)):
            if place[i] == place[j] or (j in moved and j < i):
                continue
            total += price[i][j] if place[i] < place[j] else price[j][i]
    return total


def _may_swap(channel: list[Track], i: int, j: int) -> bool:
    """Whether neither track would come to lie on a third."""
    return not any(
        other.x == place and other.low < track.high + NEAR and track.low < other.high + NEAR
        for track, place in ((channel[i], channel[j].x), (channel[j], channel[i].x))
        for k, other in enumerate(channel)
        if k not in {i, j}
    )


CHECKS = (
    box_overlaps,
    label_overlaps,
    lines_through_boxes,
    lines_through_labels,
    outside,
    loose_ends,
    far_labels,
    cramped,
    mistaken,
    touching,
    removable,
)


def faults(shown: Layout) -> dict[str, list[str]]:
    """All that is wrong with a picture, by the check that found it."""
    found = {check.__name__: check(shown) for check in CHECKS}
    return {name: texts for name, texts in found.items() if texts}
