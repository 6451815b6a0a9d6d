"""Order histories by the million, from one seed.

The walk is compiled from the space of configurations: guards are already resolved there (each
configuration knows which steps its facts allow), so a step costs one random number, one look-up
and one appended row. A test holds the rows to what :class:`Simulator` does with the same acts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from orderflow.flows.model import Flow
from orderflow.simulator.choices import cents
from orderflow.simulator.clock import START
from orderflow.simulator.scenario import Act
from orderflow.simulator.space import Edge, Space

_MEAN_MS = {
    "platform": 800,
    "checkout": 1_000,
    "gateway": 3_000,
    "shopper": 600_000,
    "marketplace": 60_000,
    "seller": 7_200_000,
    "picking": 3_600_000,
    "carrier": 43_200_000,
    "support": 86_400_000,
    "timer": 0,
}
"""How long each actor takes on average: a sandbox choice; 800 ms is timer T-17."""

_BETWEEN_ORDERS_MS = 1_000
_HAPPY, _USUAL, _RARE = 24, 2, 1
STOP = 3
"""Weight of ending the history in a final status."""

_LEAST_VALUE, _VALUES = 10_000, 490_000
"""Order values in cents: the least, and how many there are."""

_AMOUNTS = frozenset({"part", "rest", "more", "less"})
_SHRINKING = frozenset({"part", "less"})
_MOST_SHRINKING = 8
"""Each of these takes 40 to 60 per cent of an amount, so eight leave cents of the least value."""

_MAX_STEPS = 400
"""A history is cut off here; chance makes longer ones practically impossible."""

_NEVER = 1 << 52

Row = tuple[int, float, float]
"""One step: number of the edge, virtual ms with a fraction that is to be dropped, and a share in
[0, 1) that picks its amount."""


@dataclass(frozen=True, slots=True)
class History:
    """One generated order.

    Attributes:
        number: 1 for the first order of the run.
        value: Order value in cents.
        rows: Its steps, oldest first.
    """

    number: int
    value: int
    rows: list[Row]


_Move = tuple[int, "_Place", int, int, int, bool]
"""Number of the edge, the configuration it leads to, least delay and span of delays in ms, how
many ms before the status's first timer it happens at the latest (0 for that timer's own step,
which is given an endless delay so that it always happens right then), and whether the status
changes, so that its timers start."""

_Place = tuple[list[_Move | None], int, int]
"""A configuration as the walk sees it: one entry for each unit of weight, so that drawing a place
in the list draws by weight (None ends the history), their number, and the ms after which the first
timer of the status is over (a very long time when none runs)."""


class Walk:
    """Draws histories of one flow.

    Args:
        space: The flow's configurations.
        seed: Decides everything.

    Attributes:
        edges: The edges that rows refer to by number.
    """

    def __init__(self, space: Space, seed: int) -> None:
        self.space, self.edges = space, space.edges
        self._random = Random(seed)
        self._first = _compile(space)[0]
        self._harmless = _least_shrinking(space) + _MOST_SHRINKING

    def histories(self, orders: int) -> Iterator[History]:
        """Draw *orders* histories, one after the other, in constant memory."""
        draw = self._random.random
        for number in range(1, orders + 1):
            value = _LEAST_VALUE + int(draw() * _VALUES)
            at = START + number * _BETWEEN_ORDERS_MS
            rows = self._walk(draw, at)
            while len(rows) > self._harmless and self._crumbles(rows):
                rows = self._walk(draw, at)
            yield History(number, value, rows)

    def _crumbles(self, rows: list[Row]) -> bool:
        """Whether so many amounts are parts of what was left that no cent might be left."""
        return sum(self.edges[edge].choice in _SHRINKING for edge, _, _ in rows) > _MOST_SHRINKING

    def _walk(self, draw: Callable[[], float], at: float) -> list[Row]:
        rows: list[Row] = []
        append = rows.append
        moves, count, wait = place = self._first
        limit = at + wait
        for _ in range(_MAX_STEPS):
            pick = draw() * count
            number = int(pick)
            move = moves[number]
            if move is None:
                break
            edge, following, least, span, before, enters = move
            share = pick - number  # the fraction of the draw is as random as the whole part
            at += least + span * share
            if at >= limit:
                at = limit - before
            append((edge, at, share))
            if following is not place:
                moves, count, wait = place = following
                if enters:
                    limit = at + wait
        return rows


def percent_of(share: float) -> int:
    """Where in its range an amount lies, 40 to 60 per cent (see ``_MOST_SHRINKING``)."""
    return 40 + int(share * 21)


def acts_of(walk: Walk, history: History) -> tuple[Act, ...]:
    """The acts that make :class:`Simulator` live through the same steps."""
    edges = (walk.edges[edge] for edge, _, _ in history.rows)
    return tuple(
        Act(edge.event, edge.choice, percent_of(share))
        for edge, (_, _, share) in zip(edges, history.rows, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Money:
    """Cents in one history, by number of the step (1 for the first).

    Attributes:
        values: Order value after each step that set it.
        invoices: Cents on the invoice that came with a step.
    """

    values: dict[int, int]
    invoices: dict[int, int]


def money_of(walk: Walk, history: History) -> Money:
    """The amounts that the acts of :func:`acts_of` come to."""
    value, invoiced, returned = history.value, 0, 0
    money = Money({1: value}, {})
    for seq, (number, _, share) in enumerate(history.rows, 1):
        edge = walk.edges[number]
        if edge.choice not in _AMOUNTS:
            continue
        draw = Act(edge.event, edge.choice, percent_of(share)).draw
        if edge.event == "modify_order":
            value += cents(edge.choice, value, draw)
            money.values[seq] = value
            continue
        returns = edge.event == "add_return_invoice"
        amount = cents(edge.choice, invoiced - returned if returns else value - invoiced, draw)
        money.invoices[seq] = amount
        if returns:
            returned += amount
        else:
            invoiced += amount
    return money


def _least_shrinking(space: Space) -> int:
    """Fewest steps before the first one that can take a part of an amount."""
    paths = (space.path(0, edge.source) for edge in space.edges if edge.choice in _SHRINKING)
    return min((len(path) for path in paths if path is not None), default=0)


def _compile(space: Space) -> list[_Place]:
    numbers = {edge: number for number, edge in enumerate(space.edges)}
    moves_of: list[list[_Move | None]] = [[] for _ in space.orders]
    places: list[_Place] = []
    table = weights(space)
    for (status, weighted), entries in zip(table, moves_of, strict=True):
        waits = [wait for wait, _ in space.plan.alarms.get(status, ())]
        ends = STOP if status in space.plan.flow.final or not weighted else 0
        count = ends + sum(weight for _, weight in weighted)
        places.append((entries, count, min(waits, default=_NEVER)))
        entries.extend([None] * ends)
    for (status, weighted), entries, (_, _, wait) in zip(table, moves_of, places, strict=True):
        for edge, weight in weighted:
            mean = mean_delay(space, edge)
            least, span, before = mean // 5, mean * 8 // 5, min(wait, 1)
            if edge.timed:
                least, span, before = _NEVER, 0, wait - wait_of(space, edge)
            enters = space.orders[edge.target].status != status
            move = (numbers[edge], places[edge.target], least, span, before, enters)
            entries.extend([move] * weight)
    return places


def weights(space: Space) -> list[tuple[str, list[tuple[Edge, int]]]]:
    """Status of each configuration, and its steps with how often each is taken (whole numbers)."""
    flow = space.plan.flow
    happy = set(zip(flow.happy_path, flow.happy_path[1:], strict=False))
    return [
        (
            order.status,
            [(edge, _weight(space, flow, edge, happy)) for edge in _likely(space, number)],
        )
        for number, order in enumerate(space.orders)
    ]


def _likely(space: Space, number: int) -> list[Edge]:
    """Steps out of a configuration, without those of timers that another one always precedes."""
    steps = space.out[number]
    first = min((wait_of(space, edge) for edge in steps if edge.timed), default=0)
    return [edge for edge in steps if not edge.timed or wait_of(space, edge) == first]


def wait_of(space: Space, edge: Edge) -> int:
    """Ms that must pass in its status before the timer's step *edge* is taken."""
    status = space.orders[edge.source].status
    return max(b.wait or 0 for b in space.plan.branches[status, edge.event])


def mean_delay(space: Space, edge: Edge) -> int:
    """Ms that the step *edge* takes on average."""
    if edge.choice in {"part", "rest"}:
        return _MEAN_MS["seller"]  # the platform verifies at once, but the invoice comes later
    actors = space.plan.flow.transition[edge.transition].actors
    return _MEAN_MS.get(actors[0], _MEAN_MS["platform"])


def _weight(space: Space, flow: Flow, edge: Edge, happy: set[tuple[str, str]]) -> int:
    step = flow.transition[edge.transition]
    if (step.source, step.target) in happy:
        return _HAPPY if edge.choice != "part" else _HAPPY // 4
    if step.creates:
        return _HAPPY * 8 if step.target == flow.initial else _RARE
    if space.orders[edge.source].status in flow.failure or step.event == "create_error":
        return _RARE
    return _USUAL if step.automatic else _RARE
