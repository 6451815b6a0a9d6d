"""Histories in memory as columns: many orders in lockstep, for loads of millions.

The same configurations and weights as :mod:`orderflow.simulator.workload`, drawn with numpy
(the ``bulk`` extra). The two draw their numbers differently, so one seed gives other orders here
than there; here, too, the same seed gives the same columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from orderflow.simulator.clock import START
from orderflow.simulator.space import Edge, Space
from orderflow.simulator.workload import STOP, mean_delay, wait_of, weights

_BLOCK = 16_384
"""Orders moved together: few enough for their columns to stay in the processor's cache."""

_MOST_STEPS = 400
_FOREVER = np.iinfo(np.int64).max // 4


@dataclass(frozen=True, slots=True)
class Columns:
    """Steps of many orders, one array entry a step; the steps of one order are in order.

    Attributes:
        order: Number of the order, from 1.
        edge: Number of the step in ``edges``.
        at: Virtual ms since the Unix epoch.
        edges: What the step numbers stand for.
    """

    order: npt.NDArray[np.int32]
    edge: npt.NDArray[np.uint16]
    at: npt.NDArray[np.int64]
    edges: tuple[Edge, ...]

    def __len__(self) -> int:
        """Number of steps."""
        return len(self.order)

    @property
    def nbytes(self) -> int:
        """Bytes that the columns take."""
        return self.order.nbytes + self.edge.nbytes + self.at.nbytes


@dataclass(frozen=True, slots=True)
class _Tables:
    """The space as arrays.

    By configuration: its entries in ``pick``, one for each unit of weight, -1 for the end.
    By step: where it leads, how many ms it takes on average, how many ms after the status was
    entered it happens at the latest, and whether the status changes. A timer's own step takes
    endlessly long, so that it always happens at the latest moment, which is when the time is over.
    """

    pick: npt.NDArray[np.int32]
    first: npt.NDArray[np.int64]
    count: npt.NDArray[np.float64]
    target: npt.NDArray[np.int32]
    mean: npt.NDArray[np.float64]
    latest: npt.NDArray[np.int64]
    enters: npt.NDArray[np.bool_]


class Bulk:
    """Draws histories of one flow by the million.

    Args:
        space: The flow's configurations.
        seed: Decides everything.

    Raises:
        ValueError: *space* has more steps than a column can number.
    """

    def __init__(self, space: Space, seed: int) -> None:
        if len(space.edges) > np.iinfo(np.uint16).max:
            raise ValueError(f"{len(space.edges)} steps between configurations are too many")
        self.space = space
        self._tables = _compile(space)
        self._random = np.random.default_rng(seed)

    def generate(self, orders: int) -> Columns:
        """Draw *orders* histories.

        Raises:
            ValueError: *orders* is not positive.
        """
        if orders < 1:
            raise ValueError(f"orders must be at least 1, got {orders}")
        blocks = [
            part
            for start in range(0, orders, _BLOCK)
            for part in self._block(start, min(_BLOCK, orders - start))
        ]
        columns = [np.concatenate(column) for column in zip(*blocks, strict=True)]
        order, edge, at = columns
        return Columns(order, edge, at, self.space.edges)

    def _block(self, start: int, size: int) -> Iterator[tuple[npt.NDArray[np.generic], ...]]:
        tables, draw = self._tables, self._random.random
        order = np.arange(start + 1, start + size + 1, dtype=np.int32)
        at = START + order.astype(np.int64) * 1_000
        place = np.zeros(size, dtype=np.int32)
        entered = at.copy()
        for _ in range(_MOST_STEPS):
            cell = tables.first[place] + (draw(len(place)) * tables.count[place]).astype(np.int64)
            edge = tables.pick[cell]
            going = edge >= 0
            if not going.all():
                order, at, place = order[going], at[going], place[going]
                entered, edge = entered[going], edge[going]
            if not len(order):
                return
            share = draw(len(order), dtype=np.float32)
            at = at + (tables.mean[edge] * (0.2 + 1.6 * share)).astype(np.int64)
            at = np.minimum(at, entered + tables.latest[edge])
            yield order, edge.astype(np.uint16), at
            entered = np.where(tables.enters[edge], at, entered)
            place = tables.target[edge]


def _compile(space: Space) -> _Tables:
    numbers = {edge: number for number, edge in enumerate(space.edges)}
    pick: list[int] = []
    first, count = [], []
    for status, weighted in weights(space):
        first.append(len(pick))
        for edge, weight in weighted:
            pick += [numbers[edge]] * weight
        if status in space.plan.flow.final or len(pick) == first[-1]:
            pick += [-1] * STOP
        count.append(len(pick) - first[-1])
    edges, orders = space.edges, space.orders
    return _Tables(
        pick=np.array(pick, dtype=np.int32),
        first=np.array(first, dtype=np.int64),
        count=np.array(count, dtype=np.float64),
        target=np.array([edge.target for edge in edges], dtype=np.int32),
        mean=np.array([_FOREVER / 2 if e.timed else mean_delay(space, e) for e in edges]),
        latest=np.array([_latest(space, edge) for edge in edges], dtype=np.int64),
        enters=np.array([orders[e.source].status != orders[e.target].status for e in edges]),
    )


def _latest(space: Space, edge: Edge) -> int:
    """Ms in its status after which a step happens at the latest: 1 before the first timer."""
    if edge.timed:
        return wait_of(space, edge)
    alarms = space.plan.alarms.get(space.orders[edge.source].status, ())
    return max(min((wait for wait, _ in alarms), default=_FOREVER) - 1, 0)
