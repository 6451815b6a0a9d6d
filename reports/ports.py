"""The heights of a picture: where lines touch boxes, how tall boxes are, where rows lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orderflow.reports.geometry import EdgeKind
from orderflow.reports.routing import RIGHT, Grid, Net, Route, Style

LOOP_HALF = 7.0
"""Half the height of the bracket that draws a loop."""
BAND_GAP = 20.0
"""Extra room where one stage ends and the next begins."""
_PAD = 10.0
_MARGIN = 2.5
_ENTRY_HALF = 6.0
_BOX_HALF = 16.0
_LINE = 14.0
_GAP = 30.0
_CORRIDOR = 12.0
_ENDS = 22.0
_TOP_ENTRY = 34.0
_NUDGE = 5.0
_NUDGES = 6


@dataclass(eq=False, slots=True)
class Port:
    """A height at which a line runs through a channel next to a row.

    Attributes:
        row: The row.
        channel: The channel.
        half: Half of the height it needs for itself.
        up: -1 when its line comes from or goes above, 1 below, 0 straight on.
        key: Orders ports of one direction: the row its line goes to.
        boxes: Statuses it touches.
        y: Height, relative to the row's axis at first.
    """

    row: int
    channel: int
    half: float
    up: int
    key: float
    boxes: tuple[str, ...]
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Heights:
    """All heights of a picture.

    Attributes:
        ports: The port a route leaves through.
        nets: The height at which a net enters its target.
        boxes: Upper and lower edge of each box.
        axes: Height of each row's axis.
        rows: Upper and lower edge of each row.
        zones: Height of the labels in the gap above each row, last the gap below all.
        corridors: Height at which a net crosses lanes.
        total: Height of the picture.
    """

    ports: dict[Route, float]
    nets: dict[Net, float]
    boxes: dict[str, tuple[float, float]]
    axes: tuple[float, ...]
    rows: tuple[tuple[float, float], ...]
    zones: tuple[float, ...]
    corridors: dict[Net, float]
    total: float


def heights_of(
    grid: Grid, routes: Sequence[Route], lines: dict[str, int], breaks: frozenset[int]
) -> Heights:
    """Give every line its height.

    Args:
        grid: Where statuses stand.
        routes: How lines run.
        lines: Number of text lines in each box.
        breaks: Rows above which a new stage begins.
    """
    exits = {route: _exit(grid, route) for route in routes}
    entries = _entries(grid, routes, exits)
    ports = [port for port in exits.values() if port is not None] + list(entries.values())
    _stack(grid, ports, {p for r, p in exits.items() if p and r.style is Style.STRAIGHT})
    half = {state: _BOX_HALF + _LINE / 2 * (count - 1) for state, count in lines.items()}
    spans = {state: (-half[state], half[state]) for state in grid.cells}
    extents = [[-_BOX_HALF, _BOX_HALF] for _ in range(grid.rows)]
    for port in ports:
        for state in port.boxes:
            top, bottom = spans[state]
            spans[state] = (min(top, port.y - _PAD), max(bottom, port.y + _PAD))
        extents[port.row][0] = min(extents[port.row][0], port.y - port.half)
        extents[port.row][1] = max(extents[port.row][1], port.y + port.half)
    for state, (_, row) in grid.cells.items():
        extents[row][0] = min(extents[row][0], spans[state][0])
        extents[row][1] = max(extents[row][1], spans[state][1])
    return _settle(grid, routes, exits, entries, (spans, extents, breaks))


def _settle(
    grid: Grid,
    routes: Sequence[Route],
    exits: dict[Route, Port | None],
    entries: dict[Net, Port],
    measures: tuple[dict[str, tuple[float, float]], list[list[float]], frozenset[int]],
) -> Heights:
    """Put rows and gaps below each other and make all heights absolute."""
    spans, extents, breaks = measures
    rooms = _label_rooms(grid, routes)
    crossings: list[list[Net]] = [[] for _ in range(grid.rows + 1)]
    for route in routes:
        if route.gap >= 0 and route.net not in crossings[route.gap]:
            crossings[route.gap].append(route.net)
    y = 0.0
    axes, rows, zones = [], [], []
    corridors: dict[Net, float] = {}
    for row in range(grid.rows + 1):
        zones.append(y + rooms[row] / 2)
        y += rooms[row]
        for net in crossings[row]:
            corridors[net] = y
            y += _CORRIDOR
        if row < grid.rows:
            y += BAND_GAP if row in breaks else 0.0
            top, bottom = extents[row]
            axes.append(y - top)
            rows.append((y, y + bottom - top))
            y += bottom - top
    base = axes.__getitem__
    return Heights(
        {route: base(port.row) + port.y for route, port in exits.items() if port},
        {net: base(port.row) + port.y for net, port in entries.items()},
        {s: (base(r) + spans[s][0], base(r) + spans[s][1]) for s, (_, r) in grid.cells.items()},
        tuple(axes),
        tuple(rows),
        tuple(zones),
        corridors,
        y,
    )


def _label_rooms(grid: Grid, routes: Sequence[Route]) -> list[float]:
    """Say how tall the label zone of each gap is: above row 0 first, below the last row last."""
    rooms = [_GAP] * (grid.rows + 1)
    rooms[0] = rooms[-1] = _ENDS
    for route in routes:
        row = grid.cells[route.link.target][1]
        if route.style is Style.TOP:
            rooms[row] = max(rooms[row], _TOP_ENTRY, route.link.height + 16)
        if route.style is Style.DOWN:
            gap = label_gap(grid, route)
            rooms[gap] = max(rooms[gap], route.link.height + 16)
    return rooms


def label_gap(grid: Grid, route: Route) -> int:
    """Return the gap in which the label of a vertical line stands: next to its source."""
    start, end = grid.cells[route.link.source][1], grid.cells[route.link.target][1]
    return start + 1 if end > start else start


def _exit(grid: Grid, route: Route) -> Port | None:
    link = route.link
    if route.style in {Style.DOWN, Style.TOP}:
        return None
    start = link.target if link.kind is EdgeKind.ENTRY else link.source
    column, row = grid.cells[start]
    channel = column + (route.out == RIGHT)
    half = link.height / 2 + _MARGIN
    if route.style is Style.LOOP:
        return Port(row, channel, max(half, LOOP_HALF * 2), 1, 1e6, (start,))
    if route.style is Style.SIDE:
        return Port(row, channel, half, -1, -1e6, (start,))
    end = grid.cells[link.target][1]
    if route.style is Style.STRAIGHT:
        return Port(row, channel, half, 0, end, (start, link.target))
    above = route.gap <= row if route.gap >= 0 else end < row
    return Port(row, channel, half, -1 if above else 1, end, (start,))


def _entries(
    grid: Grid, routes: Sequence[Route], exits: dict[Route, Port | None]
) -> dict[Net, Port]:
    """Find where nets enter; a net joins a straight line into the same side if there is one."""
    straight: dict[tuple[str, int], Port] = {}
    for route, port in exits.items():
        plain = route.link.kind is EdgeKind.STEP and route.style is Style.STRAIGHT
        if plain and port is not None:
            straight.setdefault((route.link.target, route.into), port)
    members: dict[Net, list[Route]] = {}
    for route in routes:
        if route.style is Style.CHANNEL:
            members.setdefault(route.net, []).append(route)
    entries: dict[Net, Port] = {}
    for net, group in members.items():
        target, side, mark = net
        if not mark and (target, side) in straight:
            entries[net] = straight[target, side]
            continue
        column, row = grid.cells[target]
        starts = [grid.cells[route.link.source][1] for route in group]
        gaps = [route.gap for route in group if route.gap >= 0]
        starts += [gap - 1 if gap <= row else gap for gap in gaps]
        up = -1 if max(starts) < row else 1 if min(starts) > row else 0
        key = min(starts) if up < 0 else max(starts)
        channel = column + (side == RIGHT)
        entries[net] = Port(row, channel, _ENTRY_HALF, up, key, (target,))
    return entries


def _stack(grid: Grid, ports: Sequence[Port], straights: set[Port]) -> None:
    """Set ``y`` of every port, relative to its row's axis, so that no two lines collide.

    Straight lines lie on the axis; the others of a box are stacked above and below. The boxes
    left and right of a channel are stacked apart and then nudged, since only lines that come
    close to the same height could be taken for one.
    """
    blocks: dict[int, list[Port]] = {}
    stacks: dict[tuple[int, int, int], list[Port]] = {}
    for port in dict.fromkeys(ports):
        if port in straights:
            blocks.setdefault(port.row, []).append(port)
        else:
            side = grid.cells[port.boxes[0]][0] - port.channel
            stacks.setdefault((port.row, port.channel, side), []).append(port)
    half = {row: sum(port.half for port in block) for row, block in blocks.items()}
    for row, block in blocks.items():
        _down_from(-half[row], block)
    placed: dict[tuple[int, int], list[float]] = {}
    for (row, channel, _), group in sorted(stacks.items(), key=lambda item: item[0]):
        group.sort(key=lambda port: (port.up, port.key))
        others = placed.setdefault((row, channel), [])
        if row in half:
            above = [port for port in group if port.up < 0]
            below = [port for port in group if port.up >= 0]
            _down_from(-half[row] - 2 * sum(port.half for port in above), above)
            _down_from(half[row], below)
            _nudge(above, others, -_NUDGE)
            _nudge(below, others, _NUDGE)
        else:
            _down_from(-sum(port.half for port in group), group)
            _nudge(group, others, _NUDGE)
        others.extend(port.y for port in group)


def _nudge(ports: Sequence[Port], others: Sequence[float], step: float) -> None:
    """Shift *ports* together until none lies on a line of the box across the channel."""
    for _ in range(_NUDGES):
        if all(abs(port.y - y) >= abs(step) - 1 for port in ports for y in others):
            return
        for port in ports:
            port.y += step


def _down_from(y: float, ports: Sequence[Port]) -> None:
    for port in ports:
        port.y = y + port.half
        y += 2 * port.half
