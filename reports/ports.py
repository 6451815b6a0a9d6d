"""Where lines touch boxes, and how tall boxes are: heights relative to the axis of each row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from orderflow.reports.geometry import EdgeKind
from orderflow.reports.links import Link
from orderflow.reports.routing import LEFT, RIGHT, Grid, Net, Route, Style

LOOP_HALF = 7.0
"""Half the height of the bracket that draws a loop."""
TOUCH = 5.0
"""Lines from the two sides of a channel keep so far apart, or they could be taken for one."""
_GRIP = 9.0
_LOOP_GRIP = 12.0
_MARGIN = 1.5
_ENTRY_HALF = 6.0
_BOX_HALF = 16.0
_LINE = 14.0
_NUDGE = 2.5
_AROUND = 1e4
_OUTERMOST = 1e6


@dataclass(eq=False, slots=True)
class Port:
    """A height at which a line runs through a channel next to a row.

    Attributes:
        row: The row.
        channel: The channel.
        half: Half of the height it needs for itself.
        up: -1 when its line comes from or goes above, 1 below, 0 straight on.
        key: Orders ports of one direction from above.
        boxes: Statuses it touches: two when the line runs straight from one to the other.
        grip: Its box reaches so far above and below it.
        short: The line ends next to the box: it meets no other.
        y: Height, relative to the row's axis.
    """

    row: int
    channel: int
    half: float
    up: int
    key: float
    boxes: tuple[str, ...]
    grip: float = _GRIP
    short: bool = False
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Ports:
    """All heights relative to the axes of their rows.

    Attributes:
        exits: The port a route leaves through; none for vertical lines.
        entries: The port through which a net enters its target.
        spans: Upper and lower edge of each box.
    """

    exits: Mapping[Route, Port]
    entries: Mapping[Net, Port]
    spans: Mapping[str, tuple[float, float]]

    def every(self) -> tuple[Port, ...]:
        """Return each port once."""
        return tuple(dict.fromkeys((*self.exits.values(), *self.entries.values())))


def ports_of(grid: Grid, routes: Sequence[Route], lines: Mapping[str, int]) -> Ports:
    """Give every line its height, and every box as much as it needs.

    Args:
        grid: Where statuses stand.
        routes: How lines run.
        lines: Number of text lines in each box.
    """
    found = ((route, _exit(grid, route)) for route in routes)
    exits = {route: port for route, port in found if port is not None}
    ports = Ports(exits, _entries(grid, routes, exits), {})
    rows: list[list[Port]] = [[] for _ in range(grid.rows)]
    for port in ports.every():
        rows[port.row].append(port)
    half = {state: _BOX_HALF + _LINE / 2 * (count - 1) for state, count in lines.items()}
    spans: dict[str, tuple[float, float]] = {}
    for row, group in enumerate(rows):
        spans.update(_stacked(grid, row, group, half))
    return Ports(exits, ports.entries, spans)


def _exit(grid: Grid, route: Route) -> Port | None:
    link = route.link
    if route.style in {Style.DOWN, Style.TOP}:
        return None
    start = link.target if link.kind is EdgeKind.ENTRY else link.source
    column, row = grid.cells[start]
    channel = column + (route.out == RIGHT)
    half = link.height / 2 + _MARGIN
    if route.style is Style.LOOP:
        half = max(half, LOOP_HALF * 2)
        return Port(row, channel, half, 1, _OUTERMOST, (start,), _LOOP_GRIP, short=True)
    if route.style is Style.SIDE:
        return Port(row, channel, half, -1, -_OUTERMOST, (start,), short=True)
    goal, end = grid.cells[link.target]
    if route.style is Style.STRAIGHT:
        return Port(row, min(column, goal) + 1, half, 0, end, (start, link.target))
    above = route.gap <= row if route.gap >= 0 else end < row
    up = -1 if above else 1
    key = _key(up, end, around=route.out == route.into and route.gap < 0)
    return Port(row, channel, half, up, key, (start,))


def _key(up: int, end: int, *, around: bool) -> float:
    """Say where among its like a port stands so that lines cross the least.

    Lines to the other side of a channel fan out; lines that come back to their own lane lie
    inside each other, next to the corner of the box.
    """
    return up * _AROUND - end if around else end


def _entries(grid: Grid, routes: Sequence[Route], exits: Mapping[Route, Port]) -> dict[Net, Port]:
    """Find where nets enter; a net joins a straight line into the same side if there is one."""
    straight: dict[tuple[str, int], Port] = {}
    for route, port in exits.items():
        if route.link.kind is EdgeKind.STEP and route.style is Style.STRAIGHT:
            straight.setdefault((route.link.target, route.into), port)
    members: dict[Net, list[Route]] = {}
    for route in routes:
        if route.style is Style.CHANNEL:
            members.setdefault(route.net, []).append(route)
    entries: dict[Net, Port] = {}
    for net, group in members.items():
        target, side, mark = net
        joined = None if mark else straight.get((target, side))
        entries[net] = joined or _entry(grid, net, group)
    return entries


def _entry(grid: Grid, net: Net, group: Sequence[Route]) -> Port:
    target, side, _ = net
    column, row = grid.cells[target]
    starts = [grid.cells[route.link.source][1] for route in group]
    gaps = [route.gap for route in group if route.gap >= 0]
    starts += [gap - 1 if gap <= row else gap for gap in gaps]
    up = -1 if max(starts) < row else 1 if min(starts) > row else 0
    around = up != 0 and not gaps and all(route.out == route.into for route in group)
    key = _key(up, min(starts) if up < 0 else max(starts), around=around)
    return Port(row, column + (side == RIGHT), _ENTRY_HALF, up, key, (target,))


def _stacked(
    grid: Grid, row: int, ports: Iterable[Port], half: Mapping[str, float]
) -> dict[str, tuple[float, float]]:
    """Set ``y`` of the ports of a row and return how far its boxes reach.

    Straight lines lie about the axis, the other lines of that side above and below them. The
    lines of a side without straight ones stand about the middle of what its box is anyway.
    """
    straights = [port for port in ports if len(port.boxes) > 1]
    blocks, levels = _blocks(grid, straights)
    sides: dict[tuple[str, int], list[Port]] = {}
    for port in ports:
        if len(port.boxes) == 1:
            sides.setdefault((port.boxes[0], port.channel), []).append(port)
    spans: dict[str, tuple[float, float]] = {}
    for column in range(grid.columns):
        state = grid.at.get((column, row))
        if state is None:
            continue
        channels = sorted((column, column + 1), key=lambda channel: channel not in blocks)
        held = [port for port in straights if state in port.boxes]
        for channel in channels:
            group = sides.get((state, channel), [])
            group.sort(key=lambda port: (port.up, port.key))
            if channel in blocks:
                _beside(blocks[channel], group, levels[channel])
            else:
                _about(sum(_reach(held)) / 2, group, levels.setdefault(channel, []))
            held += group
        top, bottom = _reach(held)
        more = max(0.0, half[state] - (bottom - top) / 2)
        spans[state] = (top - more, bottom + more)
    return spans


def _reach(ports: Iterable[Port]) -> tuple[float, float]:
    edges = [port.y + sign * port.grip for port in ports for sign in (-1, 1)]
    return min(edges, default=0.0), max(edges, default=0.0)


def _blocks(
    grid: Grid, straights: Sequence[Port]
) -> tuple[dict[int, tuple[float, float]], dict[int, list[float]]]:
    """Set the heights of straight lines; those that share no channel may be equally high.

    Returns:
        By channel, how far its straight lines reach, and their heights.
    """
    blocks: dict[int, tuple[float, float]] = {}
    levels: dict[int, list[float]] = {}
    group: list[Port] = []
    channels: set[int] = set()
    ordered = sorted(straights, key=lambda port: port.channel)
    for port, after in zip(ordered, (*ordered[1:], None), strict=False):
        group.append(port)
        channels.update(passed(grid, port))
        if after is not None and channels.intersection(passed(grid, after)):
            continue
        half = sum(each.half for each in group)
        _downwards(-half, group, ())
        for channel in channels:
            blocks[channel] = (-half, half)
            levels[channel] = [each.y for each in group]
        group, channels = [], set()
    return blocks, levels


def passed(grid: Grid, port: Port) -> range:
    """Return the channels a port's line runs through at its height."""
    columns = sorted(grid.cells[state][0] for state in port.boxes)
    return (
        range(columns[0] + 1, columns[-1] + 1)
        if len(columns) > 1
        else range(port.channel, port.channel + 1)
    )


def _beside(block: tuple[float, float], group: Sequence[Port], taken: list[float]) -> None:
    above = [port for port in group if port.up < 0]
    below = [port for port in group if port.up >= 0]
    _downwards(block[1], below, taken)
    y = block[0]
    for port in reversed(above):
        port.y = y - port.half
        while not port.short and not _clear(port.y, taken):
            port.y -= _NUDGE
        y = port.y - port.half
    taken.extend(port.y for port in group if not port.short)


def _about(middle: float, group: Sequence[Port], taken: list[float]) -> None:
    _downwards(middle - sum(port.half for port in group), group, taken)
    taken.extend(port.y for port in group if not port.short)


def _downwards(y: float, ports: Iterable[Port], taken: Sequence[float]) -> None:
    """Put *ports* below each other from *y* on, none on a height that is *taken*."""
    for port in ports:
        port.y = y + port.half
        while not port.short and not _clear(port.y, taken):
            port.y += _NUDGE
        y = port.y + port.half


def _clear(y: float, taken: Iterable[float]) -> bool:
    return all(abs(y - other) >= TOUCH for other in taken)


def label_side(offset: float) -> int:
    """Return the side of a vertical line on which its label stands."""
    return LEFT if offset < 0 else RIGHT


def upward(grid: Grid, link: Link) -> bool:
    """Whether a link leads to a higher row."""
    return grid.cells[link.target][1] < grid.cells[link.source][1]
