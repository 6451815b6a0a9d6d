"""From routes to numbers: the widths of a picture, its lines and its labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orderflow.flows.model import Flow
from orderflow.reports.geometry import Band, Edge, EdgeKind, Layout, Node, Point, Rect
from orderflow.reports.metrics import shortened, text_width
from orderflow.reports.ports import LOOP_HALF, label_side, upward
from orderflow.reports.routing import LEFT, RIGHT, Grid, Net, Route, Style
from orderflow.reports.rows import DOT, LABEL_GAP, Heights, Sizes, heights_of
from orderflow.reports.tracks import Stub, levels, track_of
from orderflow.reports.words import jointed

NODE_SIZE = 12.5
_NODE_TEXT = 150.0
_NODE_PAD = 24.0
_NODE_MIN = 112.0
_TRACK = 11.0
_TRACK_MARGIN = 4.0
_ARROW = 12.0
"""Room between a track and a box into which it leads."""
_LABEL_GAP = 9.0
_LOOP = 14.0
_MARGIN = 26.0
_PAIR = 12.0
_CHANNEL_MIN = 40.0
_STAGE_WIDTH = 76.0
_ALIGN = {RIGHT: "start", LEFT: "end"}


@dataclass(slots=True)
class _Channel:
    """One channel while widths are found: label columns left and right of its tracks."""

    left: float = 0.0
    right: float = 0.0
    tracks: int = 0
    x: float = 0.0

    def widen(self, side: int, room: float) -> None:
        """Leave at least *room* beside the boxes of whose *side* the channel is."""
        if side == RIGHT:
            self.left = max(self.left, room)
        else:
            self.right = max(self.right, room)

    def width(self, *, outer: bool) -> float:
        tracks = _TRACK * self.tracks + 2 * _TRACK_MARGIN if self.tracks else 0.0
        total = self.left + tracks + self.right
        return max(total, _MARGIN) if outer else max(total, _CHANNEL_MIN)


@dataclass(slots=True)
class _Picture:
    """Everything needed to turn a route into an edge."""

    grid: Grid
    heights: Heights
    columns: list[Rect]
    track: dict[tuple[Net, int], float]
    pairs: dict[Route, float]


def draw(flow: Flow, grid: Grid, routes: Sequence[Route], stages: Mapping[int, int]) -> Layout:
    """Give every box, line and label its numbers."""
    lines = {state: node_lines(state) for state in grid.cells}
    breaks = frozenset(
        row for row in range(1, grid.rows) if _stage(stages, row) != _stage(stages, row - 1)
    )
    pairs = _offsets(grid, routes)
    widths = _column_widths(grid, lines)
    counts = {state: len(text) for state, text in lines.items()}
    sizes = Sizes(counts, widths, pairs, breaks, any(stages.values()))
    heights = heights_of(grid, routes, sizes)
    channels = _channels(grid, routes, widths, pairs)
    places = _levels(grid, routes, heights)
    for (_, channel), level in places.items():
        channels[channel].tracks = max(channels[channel].tracks, level + 1)
    if channels[0].tracks and any(stages.values()):
        channels[0].left = max(channels[0].left, _STAGE_WIDTH)
    columns, total = _columns(channels, widths)
    track = {
        (net, channel): channels[channel].x
        + channels[channel].left
        + _TRACK_MARGIN
        + _TRACK * (level + 0.5)
        for (net, channel), level in places.items()
    }
    picture = _Picture(grid, heights, columns, track, pairs)
    nodes = tuple(_node(flow, picture, state, lines[state]) for state in grid.cells)
    edges = [_edge(picture, route) for route in routes]
    edges.sort(key=lambda edge: edge.kind is EdgeKind.GHOST)
    bands = _bands(heights, stages, breaks)
    return Layout(nodes, tuple(edges), bands, round(total, 1), round(heights.total, 1))


def node_lines(state: str) -> tuple[str, ...]:
    """Break a status name, at its joints if possible, so that it fits a box.

    >>> node_lines("Waiting for seller's confirmation")
    ("Waiting for seller's", 'confirmation')
    """
    return tuple(shortened(jointed(state) or ("",), _NODE_TEXT, NODE_SIZE, bold=True, joint=""))


def _stage(stages: Mapping[int, int], row: int) -> int:
    """Stage of a row; rows without a spine status belong to the stage above them."""
    while row >= 0 and row not in stages:
        row -= 1
    return stages.get(row, 0)


def _bands(heights: Heights, stages: Mapping[int, int], breaks: frozenset[int]) -> tuple[Band, ...]:
    if not any(stages.values()):
        return ()
    cuts = [0, *sorted(breaks)]
    edges = [0.0, *(heights.cuts[row] for row in cuts[1:]), heights.total]
    return tuple(
        Band(_stage(stages, row), round(edges[i], 1), round(edges[i + 1], 1))
        for i, row in enumerate(cuts)
    )


def _column_widths(grid: Grid, lines: Mapping[str, tuple[str, ...]]) -> list[float]:
    widths = [_NODE_MIN] * grid.columns
    for state, (column, _) in grid.cells.items():
        text = max(text_width(line, NODE_SIZE, bold=True) for line in lines[state])
        widths[column] = max(widths[column], round(text + _NODE_PAD))
    return widths


def _offsets(grid: Grid, routes: Sequence[Route]) -> dict[Route, float]:
    """Say how far from the middle of its lane each vertical line runs: pairs run side by side."""
    groups: dict[frozenset[str], list[Route]] = {}
    for route in routes:
        if route.style is Style.DOWN:
            groups.setdefault(frozenset((route.link.source, route.link.target)), []).append(route)
    offsets: dict[Route, float] = {}
    for group in groups.values():
        group.sort(key=lambda route: upward(grid, route.link))
        if len(group) == 1:
            offsets[group[0]] = 0.0
        else:
            offsets[group[0]], offsets[group[1]] = -_PAIR, _PAIR
    return offsets


def _channels(
    grid: Grid, routes: Sequence[Route], widths: Sequence[float], pairs: Mapping[Route, float]
) -> list[_Channel]:
    """Find how wide the label columns of every channel must be."""
    channels = [_Channel() for _ in range(grid.columns + 1)]
    for route in routes:
        link = route.link
        state = link.target if link.kind is EdgeKind.ENTRY else link.source
        column = grid.cells[state][0]
        room = link.width + _LABEL_GAP + 5
        side = route.out
        if route.style in {Style.DOWN, Style.TOP}:
            offset = pairs.get(route, 0.0)
            side = label_side(offset)
            room = abs(offset) + LABEL_GAP + link.width + 4 - widths[column] / 2
        elif route.style is Style.LOOP:
            room += _LOOP
        elif route.style is Style.SIDE:
            room += DOT
        channel = channels[column + (side == RIGHT)]
        channel.widen(side, room)
        if route.style is Style.CHANNEL:
            column = grid.cells[link.target][0]
            channels[column + (route.into == RIGHT)].widen(route.into, _ARROW)
    return channels


def _columns(channels: Sequence[_Channel], widths: Sequence[float]) -> tuple[list[Rect], float]:
    x = 0.0
    columns: list[Rect] = []
    for i, channel in enumerate(channels):
        channel.x = x
        x += channel.width(outer=i in {0, len(widths)})
        if i < len(widths):
            columns.append(Rect(x, 0, widths[i], 0))
            x += widths[i]
    return columns, x


def _levels(grid: Grid, routes: Sequence[Route], heights: Heights) -> dict[tuple[Net, int], int]:
    """Order the tracks of every channel."""
    pieces: list[dict[Net, list[Stub]]] = [{} for _ in range(grid.columns + 1)]
    for route in routes:
        if route.style is Style.CHANNEL:
            for channel, stubs in _stubs(grid, heights, route):
                pieces[channel].setdefault(route.net, []).extend(stubs)
    places: dict[tuple[Net, int], int] = {}
    for channel, nets in enumerate(pieces):
        found = levels([track_of(list(dict.fromkeys(stubs))) for stubs in nets.values()])
        places.update({(net, channel): level for net, level in zip(nets, found, strict=True)})
    return places


def _stubs(grid: Grid, heights: Heights, route: Route) -> list[tuple[int, list[Stub]]]:
    """List what a route joins in each channel it runs through."""
    first, last = _ends(grid, route)
    leave = Stub(heights.ports[route], -route.out)
    enter = Stub(heights.nets[route.net], -route.into)
    if first == last:
        return [(first, [leave, enter])]
    height = heights.corridors[route.net]
    onward, arrive = Stub(height, route.out), Stub(height, -route.out)
    return [(first, [leave, onward]), (last, [arrive, enter])]


def _ends(grid: Grid, route: Route) -> tuple[int, int]:
    """Return the channel next to the source and the one next to the target."""
    start, goal = grid.cells[route.link.source][0], grid.cells[route.link.target][0]
    return start + (route.out == RIGHT), goal + (route.into == RIGHT)


def _node(flow: Flow, picture: _Picture, state: str, lines: tuple[str, ...]) -> Node:
    column, row = picture.grid.cells[state]
    top, bottom = picture.heights.boxes[state]
    place = picture.columns[column]
    rect = _rect(place.x, top, place.width, bottom - top)
    return Node(state, lines, rect, column - picture.grid.spine, row, state in flow.final)


def _rect(x: float, y: float, width: float, height: float) -> Rect:
    return Rect(round(x, 1), round(y, 1), round(width, 1), round(height, 1))


def _edge(picture: _Picture, route: Route) -> Edge:
    shape = {
        Style.DOWN: _down,
        Style.STRAIGHT: _straight,
        Style.CHANNEL: _channel,
        Style.LOOP: _loop,
        Style.TOP: _top,
        Style.SIDE: _side,
    }[route.style]
    points, x, y, align = shape(picture, route)
    link = route.link
    left = x - {"start": 0.0, "middle": link.width / 2, "end": link.width}[align]
    return Edge(
        link.source,
        link.target,
        link.kind,
        link.transitions,
        _corners(points),
        _rect(left, y - link.height / 2, link.width, link.height),
        link.lines,
        align,
    )


_Shape = tuple[list[Point], float, float, str]


def _border(picture: _Picture, state: str, side: int) -> float:
    place = picture.columns[picture.grid.cells[state][0]]
    return place.right if side == RIGHT else place.x


def _beside(picture: _Picture, route: Route, extra: float = 0.0) -> tuple[float, str]:
    """Return where the label of a line that leaves sideways is anchored, and how."""
    link = route.link
    state = link.target if link.kind is EdgeKind.ENTRY else link.source
    x = _border(picture, state, route.out) + route.out * (_LABEL_GAP + extra)
    return x, _ALIGN[route.out]


def _down(picture: _Picture, route: Route) -> _Shape:
    link, cells = route.link, picture.grid.cells
    x = picture.columns[cells[link.source][0]].middle[0] + picture.pairs[route]
    one, two = picture.heights.boxes[link.source], picture.heights.boxes[link.target]
    up = upward(picture.grid, link)
    points = [(x, one[0]), (x, two[1])] if up else [(x, one[1]), (x, two[0])]
    side = label_side(picture.pairs[route])
    return points, x + side * LABEL_GAP, picture.heights.labels[route], _ALIGN[side]


def _straight(picture: _Picture, route: Route) -> _Shape:
    y = picture.heights.ports[route]
    start = _border(picture, route.link.source, route.out)
    end = _border(picture, route.link.target, route.into)
    x, align = _beside(picture, route)
    return [(start, y), (end, y)], x, y, align


def _channel(picture: _Picture, route: Route) -> _Shape:
    first, last = _ends(picture.grid, route)
    leave, enter = picture.heights.ports[route], picture.heights.nets[route.net]
    start = _border(picture, route.link.source, route.out)
    end = _border(picture, route.link.target, route.into)
    one = picture.track[route.net, first]
    points = [(start, leave), (one, leave)]
    if first != last:
        height, two = picture.heights.corridors[route.net], picture.track[route.net, last]
        points += [(one, height), (two, height), (two, enter)]
    else:
        points.append((one, enter))
    points.append((end, enter))
    x, align = _beside(picture, route)
    return points, x, leave, align


def _loop(picture: _Picture, route: Route) -> _Shape:
    y = picture.heights.ports[route]
    start = _border(picture, route.link.source, route.out)
    out = start + route.out * _LOOP
    x, align = _beside(picture, route, _LOOP - 4)
    points = [(start, y - LOOP_HALF), (out, y - LOOP_HALF), (out, y + LOOP_HALF)]
    return [*points, (start, y + LOOP_HALF)], x, y, align


def _top(picture: _Picture, route: Route) -> _Shape:
    x = picture.columns[picture.grid.cells[route.link.target][0]].middle[0]
    top = picture.heights.boxes[route.link.target][0]
    y = picture.heights.labels[route]
    return [(x, top - DOT), (x, top)], x + LABEL_GAP, y, "start"


def _side(picture: _Picture, route: Route) -> _Shape:
    y = picture.heights.ports[route]
    end = _border(picture, route.link.target, route.into)
    x, align = _beside(picture, route)
    dot = x + route.out * (route.link.width + 8)
    return [(dot, y), (end, y)], x, y, align


def _corners(points: Sequence[Point]) -> tuple[Point, ...]:
    """Round the numbers and drop points that lie on a straight line between their neighbours."""
    kept: list[Point] = []
    for point in ((round(x, 1), round(y, 1)) for x, y in points):
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and (
            kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]
        ):
            kept[-1] = point
        else:
            kept.append(point)
    return tuple(kept)
