"""Where each status stands: the spine straight down, everything else in lanes beside it.

Statuses off the spine go where their lines are shortest. Lines into one status from one side
share a trunk, so a trunk's length counts once, not once a line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from orderflow.flows.model import OUTERMOST_LANE

Cell = tuple[int, int]
"""Lane and row."""
Hint = tuple[int | None, int | None]
"""Lane and row a flow file asks for; None leaves it to us."""
Pair = tuple[str, str]

_MAX_ROUNDS = 6
_UP = 4.0
_UP_ROW = 0.6
_LANE = 6.0
_WRONG_SIDE = 1.5
_DEEPER = 1.5
_TRUNK = 0.5
_SMALL = 16
"""Up to so many statuses off the spine every cell is tried; above, only cells near neighbours."""
_FEWEST = 1e-9


@dataclass(frozen=True, slots=True)
class Board:
    """What a placement is judged by.

    Attributes:
        states: All statuses, in the order of the flow.
        spine: Statuses of the spine, first to last.
        pairs: (source, target) of the lines between different statuses.
        back: Lines that lead back; they may go upwards at no extra cost.
        hints: Cells, lanes or rows a flow file asks for.
        left: Statuses that would rather stand left of the spine.
    """

    states: tuple[str, ...]
    spine: tuple[str, ...]
    pairs: tuple[Pair, ...]
    back: frozenset[Pair]
    hints: Mapping[str, Hint]
    left: frozenset[str]


def place(board: Board) -> dict[str, Cell]:
    """Return the cell of every status; no two share one. Rows start at 0 and none is empty.

    Hints are followed as far as they make a picture: two statuses never share a cell, the one
    declared first has it, and rows or lanes far away mean the last ones there can be.
    """
    hints = {state: _sensible(board, hint) for state, hint in board.hints.items()}
    table = _Table(board)
    for state, (lane, row) in hints.items():
        column = 0 if lane is None and state in board.spine else lane
        if column is not None and row is not None and (column, row) not in table.at:
            table.put(state, (column, row))
    below = 0
    for state in board.spine:
        if state not in table.cells and hints.get(state, (0, None))[0] in {0, None}:
            while (0, below) in table.at:
                below += 1
            table.put(state, (0, below))
        cell = table.cells.get(state)
        if cell is not None and cell[0] == 0:
            below = cell[1] + 1
    loose = [state for state in _by_nearness(board) if state not in table.cells]
    search = _Search(board, table, {s: hints[s] for s in loose if s in hints}, len(loose))
    for state in loose:
        search.settle(state)
    search.improve(loose)
    rows = {row: i for i, row in enumerate(sorted(table.rows))}
    cells = ((state, table.cells[state]) for state in board.states)
    return {state: (lane, rows[row]) for state, (lane, row) in cells}


def _sensible(board: Board, hint: Hint) -> Hint:
    lane, row = hint
    if lane is not None:
        lane = max(-OUTERMOST_LANE, min(lane, OUTERMOST_LANE))
    if row is not None:
        row = max(0, min(row, len(board.states)))
    return lane, row


def _by_nearness(board: Board) -> list[str]:
    """Order statuses by their distance from the spine, so that each finds a neighbour placed."""
    near: dict[str, list[str]] = {state: [] for state in board.states}
    for source, target in board.pairs:
        near[source].append(target)
        near[target].append(source)
    seen = dict.fromkeys(board.spine)
    for root in (None, *board.states):
        queue = deque(board.spine) if root is None else deque([root] * (root not in seen))
        seen.update(dict.fromkeys(queue))
        while queue:
            for state in near[queue.popleft()]:
                if state not in seen:
                    seen[state] = None
                    queue.append(state)
    return list(seen)


class _Table:
    """Statuses in their cells, and what each status costs for the lines that lead to it."""

    def __init__(self, board: Board) -> None:
        self.cells: dict[str, Cell] = {}
        self.at: dict[Cell, str] = {}
        self.rows: dict[int, int] = {}
        self.lanes: dict[int, int] = {}
        self.back = board.back
        self.left = board.left
        self.depth = len(board.spine)
        self.sources: dict[str, list[str]] = {state: [] for state in board.states}
        self.targets: dict[str, list[str]] = {state: [] for state in board.states}
        for source, target in board.pairs:
            self.sources[target].append(source)
            self.targets[source].append(target)
        self.known: dict[str, float] = {}
        self.upright: list[tuple[int, int, int, str]] = []

    def put(self, state: str, cell: Cell) -> None:
        """Let *state* stand in *cell*, which is free."""
        self.cells[state] = cell
        self.at[cell] = state
        for counts, place in ((self.lanes, cell[0]), (self.rows, cell[1])):
            counts[place] = counts.get(place, 0) + 1

    def lift(self, state: str) -> Cell:
        """Take *state* off the table and return where it was."""
        cell = self.cells.pop(state)
        del self.at[cell]
        for counts, place in ((self.lanes, cell[0]), (self.rows, cell[1])):
            counts[place] -= 1
            if not counts[place]:
                del counts[place]
        return cell

    def refresh(self, changed: Iterable[str] | None = None) -> None:
        """Work out anew what is kept between trials: all prices, or those that *changed*."""
        for state in self.cells if changed is None else changed:
            self.known[state] = self.lines(state)
        self.upright = []
        for target, (lane, row) in self.cells.items():
            for source in self.sources[target]:
                goal = self.cells.get(source)
                if goal is not None and goal[0] == lane and abs(goal[1] - row) > 1:
                    self.upright.append((lane, min(row, goal[1]), max(row, goal[1]), target))

    def touched(self, states: Iterable[str], cells: Iterable[Cell]) -> set[str]:
        """Return the statuses whose price may change when *states* move between *cells*."""
        found: set[str] = set()
        for state in states:
            found.add(state)
            found.update(self.targets[state])
        for lane, row in cells:
            for column, top, bottom, target in self.upright:
                if column == lane and top < row < bottom:
                    found.add(target)
        return found

    def lines(self, target: str) -> float:
        """Add up what the lines into *target* cost, and its own place."""
        if target not in self.cells:
            return 0.0
        lane, row = self.cells[target]
        total = _WRONG_SIDE if lane and (lane > 0) == (target in self.left) else 0.0
        low, high = [row] * 3, [row] * 3
        for source in self.sources[target]:
            if source not in self.cells:
                continue
            start, top = self.cells[source]
            total += self._line(start, top, lane, row)
            if row < top and (source, target) not in self.back:
                total += _UP + _UP_ROW * (top - row)
            side = (lane < start) - (start < lane)
            low[side] = min(low[side], top)
            high[side] = max(high[side], top)
        return total + _TRUNK * (sum(high) - sum(low))

    def _line(self, start: int, top: int, lane: int, row: int) -> float:
        rows, across = abs(row - top), abs(lane - start)
        if across == 0:
            step = 1 if row > top else -1
            free = all((lane, between) not in self.at for between in range(top + step, row, step))
            return 0.6 * rows if free else 2.5 + 0.25 * rows
        if across == 1:
            return 1.0 if rows == 0 else 1.6 + 0.1 * rows
        return 6.0 * (across - 1) + 2 + 0.1 * rows

    def size(self) -> float:
        """Return what the picture costs for its size."""
        deeper = max(self.rows, default=0) + 1 - self.depth
        return _DEEPER * max(0, deeper) + _LANE * (len(self.lanes) - (0 in self.lanes))


class _Search:
    """Looks for better cells, one status or two at a time."""

    def __init__(self, board: Board, table: _Table, hints: Mapping[str, Hint], loose: int) -> None:
        self.board, self.table, self.hints = board, table, hints
        self.loose = loose

    def settle(self, state: str) -> None:
        """Give a status that has no cell the best one."""
        table = self.table
        table.refresh()
        best: tuple[float, Cell] | None = None
        for cell in self._candidates(state):
            touched = table.touched((state,), (cell,))
            before = sum(table.known.get(other, 0.0) for other in touched)
            table.put(state, cell)
            price = sum(map(table.lines, touched)) - before + table.size()
            table.lift(state)
            if best is None or (price, cell) < best:
                best = price, cell
        if best is not None:
            table.put(state, best[1])

    def improve(self, loose: Sequence[str]) -> None:
        """Move and swap statuses while that makes the picture better."""
        table = self.table
        table.refresh()
        stale = set(loose)
        for _ in range(_MAX_ROUNDS):
            moved: set[str] = set()
            for state in loose:
                if state in stale:
                    for cell in self._candidates(state):
                        moved |= self._try({state: cell})
            for one, two in self._swaps(loose, stale | moved):
                moved |= self._try({one: table.cells[two], two: table.cells[one]})
            if not moved:
                return
            stale = {near for state in moved for near in self._near(state)} | moved

    def _swaps(self, loose: Sequence[str], stale: set[str]) -> Iterator[Pair]:
        free = [state for state in loose if state not in self.hints]
        return ((one, two) for one, two in combinations(free, 2) if one in stale or two in stale)

    def _try(self, change: Mapping[str, Cell]) -> set[str]:
        """Make a change if it is for the better; return the statuses that moved."""
        table = self.table
        cells = [*change.values(), *(table.cells[state] for state in change)]
        touched = table.touched(change, cells)
        before = sum(table.known[state] for state in touched) + table.size()
        old = {state: table.lift(state) for state in change}
        for state, cell in change.items():
            table.put(state, cell)
        after = table.size()
        for state in touched:
            after += table.lines(state)
            if after >= before:
                break
        if after < before - _FEWEST:
            table.refresh(touched)
            return set(change)
        for state in change:
            table.lift(state)
        for state, cell in old.items():
            table.put(state, cell)
        return set()

    def _near(self, state: str) -> list[str]:
        table = self.table
        near = dict.fromkeys((*table.sources[state], *table.targets[state]))
        return [other for other in near if other in table.cells]

    def _candidates(self, state: str) -> list[Cell]:
        """List the free cells worth trying, those the flow file asks for if there are any."""
        at = self.table.at
        rows = max(self.table.rows, default=-1) + 1
        lane, row = self.hints.get(state, (None, None))
        lanes: tuple[int, ...] = (-1, 1)
        if lane is not None:
            lanes = (lane,)
        elif self.loose > 2 * rows + 1:
            lanes = (-2, -1, 1, 2)
        wanted = set(range(rows + 2))
        if self.loose > _SMALL:
            near = {self.table.cells[other][1] for other in self._near(state)} or {0, rows}
            wanted = {each + step for each in near for step in range(-2, 3)} | {rows}
        wanted = wanted if row is None else {row}
        ordered = [each for each in sorted(wanted) if 0 <= each <= rows + 1 or each == row]
        cells = [(lane, row) for lane in lanes for row in ordered]
        return [cell for cell in cells if cell not in at] or [(lanes[-1], rows)]
