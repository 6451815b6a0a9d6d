"""How each line of a picture runs: down its lane, straight across, or through a channel.

Lanes are counted from the left as *columns*; channel *i* lies left of column *i*, and the last
channel right of the last column. All lines that enter one status from one side are one *net*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from orderflow.reports.geometry import EdgeKind
from orderflow.reports.links import Link

LEFT, RIGHT = -1, 1
_PER_PAIR = 2
"""So many vertical lines fit between two boxes; a third would leave no room for labels."""

Net = tuple[str, int, str]
"""Target, side of the target, and a mark that keeps ghosts out of the trunk."""


class Style(Enum):
    """The shape of a line."""

    DOWN = "down"
    STRAIGHT = "straight"
    CHANNEL = "channel"
    LOOP = "loop"
    TOP = "top"
    SIDE = "side"


@dataclass(eq=False, slots=True)
class Route:
    """The way of one link.

    Attributes:
        link: What is drawn.
        style: Its shape.
        out: Side of the source it leaves.
        into: Side of the target it enters.
        net: Trunk it belongs to when it runs through a channel.
        gap: Gap above this row that it crosses lanes in, -1 when it crosses none.
    """

    link: Link
    style: Style
    out: int = RIGHT
    into: int = LEFT
    net: Net = ("", 0, "")
    gap: int = -1


@dataclass(slots=True)
class Grid:
    """Statuses by column and row.

    Attributes:
        cells: Column and row of each status.
        columns: Number of columns.
        rows: Number of rows.
        spine: Column of the spine, or where it would be.
        at: The status in each taken cell.
    """

    cells: Mapping[str, tuple[int, int]]
    columns: int
    rows: int
    spine: int
    at: dict[tuple[int, int], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.at = {cell: state for state, cell in self.cells.items()}

    def clear_down(self, column: int, top: int, bottom: int) -> bool:
        """Whether no box stands between two rows of a column."""
        low, high = sorted((top, bottom))
        return all((column, row) not in self.at for row in range(low + 1, high))

    def clear_across(self, row: int, one: int, two: int) -> bool:
        """Whether no box stands between two columns of a row."""
        low, high = sorted((one, two))
        return all((column, row) not in self.at for column in range(low + 1, high))


def grid_of(cells: Mapping[str, tuple[int, int]]) -> Grid:
    """Count lanes from the left; one in which nothing stands takes no room."""
    lanes = sorted({lane for lane, _ in cells.values()})
    column = {lane: i for i, lane in enumerate(lanes)}
    return Grid(
        {state: (column[lane], row) for state, (lane, row) in cells.items()},
        len(lanes),
        max((row for _, row in cells.values()), default=0) + 1,
        sum(lane < 0 for lane in lanes),
    )


def routes_of(grid: Grid, links: Sequence[Link]) -> tuple[Route, ...]:
    """Decide the shape and the sides of every link, easy ones first."""
    router = _Router(grid)
    kinds = {link: router.easy(link) for link in links}
    for link, route in kinds.items():
        if route is None:
            kinds[link] = router.around(link)
    for link, route in kinds.items():
        if route is None:
            kinds[link] = router.aside(link)
    return tuple(route for route in kinds.values() if route is not None)


class _Router:
    """Routes links one by one, remembering how full each side is."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.pairs: dict[frozenset[str], int] = {}
        self.ports: dict[tuple[str, int], int] = {}
        self.nets: dict[Net, tuple[int, int, int]] = {}
        self.from_above: set[str] = set()

    def easy(self, link: Link) -> Route | None:
        """Route a link whose shape follows from where its ends stand."""
        if link.kind in {EdgeKind.LOOP, EdgeKind.ENTRY} or link.source == link.target:
            return None
        (column, row), (goal, end) = self.grid.cells[link.source], self.grid.cells[link.target]
        if column == goal:
            return self._down(link, column, row, end)
        side = RIGHT if goal > column else LEFT
        self._count(link.source, side)
        if row == end and self.grid.clear_across(row, column, goal):
            self._count(link.target, -side)
            return Route(link, Style.STRAIGHT, side, -side)
        route = Route(link, Style.CHANNEL, side, -side, _net(link, -side))
        self._join(route, goal + (side < 0), row, end)
        if abs(goal - column) > 1:
            route.gap = end if row < end else end + 1
        return route

    def _down(self, link: Link, column: int, row: int, end: int) -> Route | None:
        pair = frozenset((link.source, link.target))
        if not self.grid.clear_down(column, row, end) or self.pairs.get(pair, 0) >= _PER_PAIR:
            return None
        self.pairs[pair] = self.pairs.get(pair, 0) + 1
        self.from_above.add(link.target if end > row else link.source)
        return Route(link, Style.DOWN)

    def around(self, link: Link) -> Route | None:
        """Route a link within one lane around the boxes between its ends."""
        if link.kind in {EdgeKind.LOOP, EdgeKind.ENTRY} or link.source == link.target:
            return None
        (column, row), (_, end) = self.grid.cells[link.source], self.grid.cells[link.target]
        side = min(LEFT, RIGHT, key=lambda side: (self._price(link, side, column), -side))
        route = Route(link, Style.CHANNEL, side, side, _net(link, side))
        self._count(link.source, side)
        self._join(route, column + (side > 0), row, end)
        return route

    def _price(self, link: Link, side: int, column: int) -> float:
        """Say how much it would hurt to go around on *side*."""
        row, end = self.grid.cells[link.source][1], self.grid.cells[link.target][1]
        low, high = sorted((row, end))
        channel = column + (side > 0)
        net = _net(link, side)
        crowd = sum(
            1
            for other, (place, top, bottom) in self.nets.items()
            if other != net and place == channel and top <= high and bottom >= low
        )
        outside = channel in {0, self.grid.columns}
        price = crowd + (0.0 if net in self.nets else 1.5) + (0.0 if outside else 1.2)
        return price + 0.3 * self.ports.get((link.source, side), 0)

    def aside(self, link: Link) -> Route:
        """Route a loop or an entry on the emptier side of its box, or an entry from above."""
        column, row = self.grid.cells[link.target]
        above = all((column, higher) not in self.grid.at for higher in range(row))
        entry = link.kind is EdgeKind.ENTRY
        if entry and above and link.target not in self.from_above:
            return Route(link, Style.TOP)
        outer = LEFT if column <= self.grid.spine else RIGHT
        side = min(
            LEFT, RIGHT, key=lambda side: (self.ports.get((link.target, side), 0), side != outer)
        )
        self._count(link.target, side)
        return Route(link, Style.SIDE if entry else Style.LOOP, side, side)

    def _count(self, state: str, side: int) -> None:
        self.ports[state, side] = self.ports.get((state, side), 0) + 1

    def _join(self, route: Route, channel: int, row: int, end: int) -> None:
        low, high = sorted((row, end))
        if route.net in self.nets:
            _, top, bottom = self.nets[route.net]
            low, high = min(low, top), max(high, bottom)
        else:
            self._count(route.link.target, route.into)
        self.nets[route.net] = (channel, low, high)


def _net(link: Link, side: int) -> Net:
    mark = link.source if link.kind is EdgeKind.GHOST else ""
    return (link.target, side, mark)
