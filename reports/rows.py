"""The heights of a picture: rows below each other, as close as boxes, labels and lines allow.

A picture is cut into upright *strips*: each column of boxes has two, left and right of its
middle, and each channel has one beside the boxes on either side of it, where their labels stand.
A row moves up until something of it meets, in any strip, what is above.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from orderflow.reports.ports import TOUCH, Port, Ports, label_side, passed, ports_of, upward
from orderflow.reports.routing import RIGHT, Grid, Net, Route, Style

BAND_GAP = 20.0
"""Extra room where one stage ends and the next begins."""
DOT = 28.0
"""Length of the line of an entry."""
LABEL_GAP = 7.0
"""Between a vertical line and its label."""
_ABOVE, _BELOW = 3.0, 4.0
_ARROW = 13.0
_CORRIDOR = 12.0
_EDGE = 8.0
_STAGE_NAME = 22.0
_PITCH = 50.0
_STEP = 2.5
_STRIPS = 4
"""Strips a column: the channel left of it has two, it has two itself."""


@dataclass(frozen=True, slots=True)
class Heights:
    """All heights of a picture.

    Attributes:
        ports: The port a route leaves through.
        nets: The height at which a net enters its target.
        boxes: Upper and lower edge of each box.
        labels: Middle of the labels of vertical lines.
        cuts: Height at which the stage of a row begins, for rows that begin one.
        corridors: Height at which a net crosses lanes.
        total: Height of the picture.
    """

    ports: Mapping[Route, float]
    nets: Mapping[Net, float]
    boxes: Mapping[str, tuple[float, float]]
    labels: Mapping[Route, float]
    cuts: Mapping[int, float]
    corridors: Mapping[Net, float]
    total: float


@dataclass(slots=True)
class _Row:
    """What a row takes up in each strip, relative to its axis, and the heights of its lines."""

    strips: dict[int, tuple[float, float]] = field(default_factory=dict)
    lines: list[tuple[int, float]] = field(default_factory=list)

    def take(self, strips: Iterable[int], top: float, bottom: float) -> None:
        for strip in strips:
            low, high = self.strips.get(strip, (top, bottom))
            self.strips[strip] = (min(low, top), max(high, bottom))


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is known of a picture before it has heights.

    Attributes:
        lines: Number of text lines in each box.
        widths: Width of each column.
        offsets: How far from the middle of its column each vertical line runs.
        breaks: Rows above which a new stage begins.
        banded: Stages have names.
    """

    lines: Mapping[str, int]
    widths: Sequence[float]
    offsets: Mapping[Route, float]
    breaks: frozenset[int]
    banded: bool


def heights_of(grid: Grid, routes: Sequence[Route], sizes: Sizes) -> Heights:
    """Give every line, box and label its height."""
    ports = ports_of(grid, routes, sizes.lines)
    rows = [_Row() for _ in range(grid.rows)]
    for state, (column, row) in grid.cells.items():
        top, bottom = ports.spans[state]
        rows[row].take(_column(column), top - _ABOVE, bottom + _BELOW)
    for port in ports.every():
        _put(grid, rows[port.row], port)
    labels = {
        route: _label(grid, rows, ports, route, sizes)
        for route in routes
        if route.style in {Style.DOWN, Style.TOP}
    }
    axes, cuts, corridors, total = _settled(grid, rows, _crossings(grid, routes), sizes)

    base = {state: axes[row] for state, (_, row) in grid.cells.items()}
    return Heights(
        {route: axes[port.row] + port.y for route, port in ports.exits.items()},
        {net: axes[port.row] + port.y for net, port in ports.entries.items()},
        {s: (base[s] + top, base[s] + bottom) for s, (top, bottom) in ports.spans.items()},
        {route: base[home(route)] + y for route, y in labels.items()},
        cuts,
        corridors,
        total,
    )


def home(route: Route) -> str:
    """Return the status next to which the label of a line stands."""
    return route.link.target if route.style in {Style.TOP, Style.SIDE} else route.link.source


def _column(column: int) -> tuple[int, int]:
    return _STRIPS * column + 2, _STRIPS * column + 3


def _beside(column: int, side: int) -> int:
    """Return the strip of labels on one side of a column."""
    return _STRIPS * column + (4 if side == RIGHT else 1)


def _put(grid: Grid, row: _Row, port: Port) -> None:
    """Enter a line that leaves or reaches a box sideways."""
    top, bottom = port.y - port.half, port.y + port.half
    columns = sorted(grid.cells[state][0] for state in port.boxes)
    if len(columns) > 1:
        row.take(range(_beside(columns[0], RIGHT), _column(columns[-1])[0]), top, bottom)
    else:
        row.take([_STRIPS * port.channel + (port.channel <= columns[0])], top, bottom)
    if not port.short:
        row.lines += [(channel, port.y) for channel in passed(grid, port)]


def _label(grid: Grid, rows: Sequence[_Row], ports: Ports, route: Route, sizes: Sizes) -> float:
    """Put the label of a vertical line right above or below the box it belongs to."""
    state = home(route)
    column, number = grid.cells[state]
    row, link = rows[number], route.link
    offset = sizes.offsets.get(route, 0.0)
    side = label_side(offset)
    strips = [_column(column)[side == RIGHT]]
    wide = abs(offset) + LABEL_GAP + link.width > sizes.widths[column] / 2
    if wide:
        strips.append(_beside(column, side))
    sideways = row.strips.get(strips[-1], (0.0, 0.0)) if wide else (0.0, 0.0)
    top, bottom = ports.spans[state]
    room = max(link.height, DOT) + 2 if route.style is Style.TOP else link.height
    if route.style is Style.TOP or upward(grid, link):
        edge = min(top - _ABOVE, sideways[0])
        row.take(strips, edge - room, edge)
        return edge - room / 2
    edge = max(bottom + _BELOW, sideways[1])
    row.take(strips, edge, edge + room)
    return edge + room / 2


def _crossings(grid: Grid, routes: Iterable[Route]) -> list[list[Net]]:
    """List the nets that cross lanes in the gap above each row, last below all."""
    crossings: list[list[Net]] = [[] for _ in range(grid.rows + 1)]
    for route in routes:
        if route.gap >= 0 and route.net not in crossings[route.gap]:
            crossings[route.gap].append(route.net)
    return crossings


def _settled(
    grid: Grid, rows: Sequence[_Row], crossings: Sequence[Sequence[Net]], sizes: Sizes
) -> tuple[list[float], dict[int, float], dict[Net, float], float]:
    """Return the axis of each row, the cuts between stages, the corridors and the whole height."""
    skyline = {strip: _EDGE - _gap(strip) for strip in range(_STRIPS * (grid.columns + 1))}
    if sizes.banded:
        # the name of the first stage stands at the left edge
        skyline.update(dict.fromkeys((0, 1), _STAGE_NAME))
    taken: dict[int, list[float]] = {}
    axes: list[float] = []
    cuts: dict[int, float] = {}
    corridors: dict[Net, float] = {}
    for number, row in enumerate(rows):
        if crossings[number] or number in sizes.breaks:
            floor = _corridors(max(skyline.values()), crossings[number], corridors)
            if number in sizes.breaks:
                cuts[number] = floor + 2
                floor += BAND_GAP - _ARROW / 2
            skyline = dict.fromkeys(skyline, floor)
        axis = max(skyline[strip] + _gap(strip) - top for strip, (top, _) in row.strips.items())
        axis = max(axis, axes[-1] + _PITCH) if axes else axis
        while any(abs(axis + y - z) < TOUCH for c, y in row.lines for z in taken.get(c, ())):
            axis += _STEP
        axes.append(axis)
        for channel, y in row.lines:
            taken.setdefault(channel, []).append(axis + y)
        for strip, (_, bottom) in row.strips.items():
            skyline[strip] = max(skyline[strip], axis + bottom)
    total = _corridors(max(skyline.values()), crossings[-1], corridors)
    return axes, cuts, corridors, total + _EDGE


def _corridors(y: float, nets: Sequence[Net], corridors: dict[Net, float]) -> float:
    """Put corridors below *y* and return where the next row may begin."""
    for net in nets:
        y += _CORRIDOR
        corridors[net] = y
    return y


def _gap(strip: int) -> float:
    """Between what two rows put into a strip: boxes leave room for an arrowhead."""
    return _ARROW if strip % _STRIPS > 1 else 0.0
