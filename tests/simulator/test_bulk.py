"""Columns drawn in bulk are histories of the same kind as those of the walk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from orderflow.flows.model import Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.space import Edge, Space, search
from orderflow.simulator.workload import Walk, wait_of
from tests.simulator.runs import VIEWS, space_of, viewed

np = pytest.importorskip("numpy", reason="bulk generation needs numpy (the `bulk` extra)")

if TYPE_CHECKING:
    from orderflow.simulator.bulk import Columns


def drawn(space: Space, seed: int, orders: int) -> Columns:
    from orderflow.simulator.bulk import Bulk

    return Bulk(space, seed).generate(orders)


def histories(columns: Columns) -> Iterator[list[tuple[Edge, int]]]:
    """Steps of each order, with their times."""
    found: dict[int, list[tuple[Edge, int]]] = {}
    for order, edge, at in zip(columns.order, columns.edge, columns.at, strict=True):
        found.setdefault(int(order), []).append((columns.edges[int(edge)], int(at)))
    return iter(found.values())


def check_times(space: Space, steps: list[tuple[Edge, int]]) -> None:
    entered = before = steps[0][1]
    for edge, at in steps:
        source, target = space.orders[edge.source].status, space.orders[edge.target].status
        assert at >= before
        if edge.timed:
            assert at - entered == wait_of(space, edge)
        else:
            assert all(at - entered < max(ms, 1) for ms, _ in space.plan.alarms.get(source, ()))
        entered = at if source != target else entered
        before = at


@pytest.mark.parametrize(("name", "profile"), VIEWS)
def test_the_columns_of_each_order_are_a_legal_path_in_time(name: str, profile: Profile) -> None:
    space = space_of(name, profile)
    columns = drawn(space, 3, 400)
    numbers: set[int] = set()

    for steps in histories(columns):
        edges = [edge for edge, _ in steps]
        assert [edge.source for edge in edges] == [0, *(edge.target for edge in edges)][:-1]
        last = space.orders[edges[-1].target].status
        assert last in space.plan.flow.final or not space.out[edges[-1].target]
        check_times(space, steps)
        numbers.add(len(numbers) + 1)
    assert numbers == set(map(int, columns.order)) == set(range(1, 401))


def test_a_window_of_no_length_takes_none() -> None:
    space = search(viewed("seller"), defaults().override({"cancellation_window": 0}))

    for steps in histories(drawn(space, 3, 400)):
        check_times(space, steps)


def test_the_same_seed_gives_the_same_columns_and_another_seed_others() -> None:
    space = space_of("complete")
    one, same, other = (drawn(space, seed, 2_000) for seed in (7, 7, 8))

    assert all(
        np.array_equal(getattr(one, name), getattr(same, name)) for name in ("order", "edge", "at")
    )
    assert len(one) != len(other) or not np.array_equal(one.edge, other.edge)


@pytest.mark.parametrize(("name", "profile"), VIEWS)
def test_an_order_takes_few_bytes(name: str, profile: Profile) -> None:
    columns = drawn(space_of(name, profile), 1, 20_000)

    assert columns.nbytes == len(columns) * 14
    assert columns.nbytes / 20_000 <= 200


@pytest.mark.parametrize("name", ["seller", "marketplace", "complete", "chain"])
def test_transitions_are_as_frequent_as_in_the_walk(name: str) -> None:
    space, orders = space_of(name), 20_000
    columns, walk = drawn(space, 5, orders), Walk(space, 5)
    ours = Counter(int(edge) for edge in columns.edge)
    theirs = Counter(edge for history in walk.histories(orders) for edge, _, _ in history.rows)

    for number in range(len(space.edges)):
        expected = theirs[number]
        # Six standard deviations of the difference of two such counts, and a little for rare ones.
        assert abs(ours[number] - expected) <= 6 * (2 * (expected + 10)) ** 0.5 + 10


def test_a_number_of_orders_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="orders must be at least 1, got 0"):
        drawn(space_of("seller"), 1, 0)
