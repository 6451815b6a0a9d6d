"""Where each status stands: the spine straight down, everything else in lanes beside it.

Statuses off the spine go where their lines are shortest. Lines into one status from one side
share a trunk, so a trunk's length counts once, not once a line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Cell = tuple[int, int]
"""Lane and row."""
Pair = tuple[str, str]

_MAX_ROUNDS = 8
_UP = 4.0
_UP_ROW = 0.6
_LANE = 6.0
_WRONG_SIDE = 1.5
_SMALL = 20
"""Up to so many statuses off the spine every cell is tried; above, only cells near neighbours."""


@dataclass(frozen=True, slots=True)
class Board:
    """What a placement is judged by.

    Attributes:
        states: All statuses, in the order of the flow.
        spine: Statuses of the spine, first to last.
        pairs: (source, target) of the lines between different statuses.
        back: Lines that lead back; they may go upwards at no extra cost.
        fixed: Cells a flow file asks for.
        left: Statuses that would rather stand left of the spine.
    """

    states: tuple[str, ...]
    spine: tuple[str, ...]
    pairs: tuple[Pair, ...]
    back: frozenset[Pair]
    fixed: Mapping[str, Cell]
    left: frozenset[str]


def place(board: Board) -> dict[str, Cell]:
    """Return the cell of every status; no two share one. Rows start at 0 and none is empty."""
    cells: dict[str, Cell] = {}
    for state, cell in board.fixed.items():
        if cell not in cells.values():
            cells[state] = cell
    for row, state in enumerate(board.spine):
        if state not in cells:
            cells[state] = _first_free(row, set(cells.values()))
    loose = [state for state in _by_nearness(board) if state not in cells]
    for state in loose:
        cells[state] = min(
            _candidates(board, state, cells, len(loose)),
            key=lambda cell, state=state: (_cost(board, {**cells, state: cell}), cell),  # type: ignore[misc]
        )
    _improve(board, cells, loose)
    return _without_gaps(cells)


def _first_free(row: int, taken: set[Cell]) -> Cell:
    while (0, row) in taken:
        row += 1
    return (0, row)


def _by_nearness(board: Board) -> list[str]:
    """Order statuses by their distance from the spine, so that each finds a neighbour placed."""
    near: dict[str, list[str]] = {state: [] for state in board.states}
    for source, target in board.pairs:
        near[source].append(target)
        near[target].append(source)
    seen = dict.fromkeys(board.spine)
    queue = deque(board.spine)
    while queue:
        for state in near[queue.popleft()]:
            if state not in seen:
                seen[state] = None
                queue.append(state)
    return [*seen, *(state for state in board.states if state not in seen)]


def _candidates(board: Board, state: str, cells: Mapping[str, Cell], loose: int) -> Iterable[Cell]:
    taken = {cell for name, cell in cells.items() if name != state}
    rows = max((row for _, row in cells.values()), default=0) + 1
    crowded = loose > 2 * rows + 1
    lanes = (-2, -1, 1, 2) if crowded else (-1, 1)
    wanted: set[int] = set(range(rows + 2))
    if loose > _SMALL:
        near = {
            cells[other][1]
            for pair in board.pairs
            if state in pair
            for other in pair
            if other in cells
        }
        wanted = {row + step for row in near or {0} for step in range(-2, 4)} | {rows}
    free = ((lane, row) for lane in lanes for row in sorted(wanted) if row >= 0)
    return [cell for cell in free if cell not in taken] or [(1, rows + 2)]


def _improve(board: Board, cells: dict[str, Cell], loose: Sequence[str]) -> None:
    """Move and swap loose statuses while that makes the picture better."""
    if len(loose) > _SMALL:
        return
    best = _cost(board, cells)
    for _ in range(_MAX_ROUNDS):
        before = best
        for state in loose:
            for cell in _candidates(board, state, cells, len(loose)):
                best = _try(board, cells, {state: cell}, best)
        for i, one in enumerate(loose):
            for two in loose[i + 1 :]:
                best = _try(board, cells, {one: cells[two], two: cells[one]}, best)
        if best == before:
            return


def _try(board: Board, cells: dict[str, Cell], change: dict[str, Cell], best: float) -> float:
    old = {state: cells[state] for state in change}
    cells.update(change)
    cost = _cost(board, cells)
    if cost < best - 1e-9:
        return cost
    cells.update(old)
    return best


def _cost(board: Board, cells: Mapping[str, Cell]) -> float:
    """Add up what makes a picture hard to read: long trunks, detours, upward lines, crossings."""
    taken = set(cells.values())
    trunks: dict[tuple[str, int], tuple[int, int]] = {}
    total = 0.0
    for source, target in board.pairs:
        if source not in cells or target not in cells:
            continue
        (lane, row), (goal, end) = cells[source], cells[target]
        total += _line_cost((lane, row), (goal, end), taken)
        if end < row and (source, target) not in board.back:
            total += _UP + _UP_ROW * (row - end)
        side = (goal < lane) - (lane < goal)
        low, high = trunks.get((target, side), (end, end))
        trunks[target, side] = (min(low, row), max(high, row))
    total += sum(0.5 * (high - low) for low, high in trunks.values())
    depth = max((row for _, row in cells.values()), default=0)
    total += 1.5 * max(0, depth + 1 - len(board.spine))
    total += _LANE * len({lane for lane, _ in taken} - {0})
    for state in cells:
        lane = cells[state][0]
        total += _WRONG_SIDE * ((lane > 0) == (state in board.left) and lane != 0)
    return total


def _line_cost(start: Cell, end: Cell, taken: set[Cell]) -> float:
    (lane, row), (goal, last) = start, end
    rows = abs(last - row)
    across = abs(goal - lane)
    if across == 0:
        step = 1 if last > row else -1
        free = all((lane, between) not in taken for between in range(row + step, last, step))
        return 0.6 * rows if free else 2.5 + 0.25 * rows
    if across == 1:
        return 1.0 if rows == 0 else 1.6 + 0.1 * rows
    return 6.0 * (across - 1) + 2 + 0.1 * rows


def _without_gaps(cells: dict[str, Cell]) -> dict[str, Cell]:
    rows = {row: i for i, row in enumerate(sorted({row for _, row in cells.values()}))}
    return {state: (lane, rows[row]) for state, (lane, row) in cells.items()}
