"""From what a run exercised to the coverage vector of its flow."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TypeVar

from orderflow.conformance.coverage import Coverage
from orderflow.conformance.reach import Reach, cell_item, guard_item, pair_item, reach_of
from orderflow.conformance.vector import Dimension, Vector, dimension_of
from orderflow.simulator.space import Space

Item = TypeVar("Item", bound=Hashable)


def vector_of(
    coverage: Coverage, space: Space, *, named: str = "", reach: Reach | None = None
) -> Vector:
    """Compare what was exercised with what there is to exercise.

    Args:
        coverage: What was exercised.
        space: The flow's configurations.
        named: How a command line names the flow; its name when empty.
        reach: What there is to cover, when the caller knows it already.
    """
    flow = space.plan.flow
    return Vector(
        flow.name,
        flow.digest,
        str(flow.profile or ""),
        tuple(sorted(flow.modules)),
        dimensions(coverage, reach or reach_of(space)),
        named or flow.name,
    )


def dimensions(coverage: Coverage, reach: Reach) -> tuple[Dimension, ...]:
    """The dimensions of :func:`vector_of`."""
    found = {
        "states": _met(coverage.states),
        "transitions": _met(coverage.transitions),
        "pairs": (pair_item(*pair) for pair in _met(coverage.pairs)),
        "cells": _refused(coverage, reach),
        "guards": _sides(coverage),
        # a stage still to come has a name, too; only the one the order is in counts
        "triggers": (name for name in _met(coverage.triggers) if name in reach.ways["triggers"]),
        "actors": _met(coverage.actors),
    }
    return (
        *(
            dimension_of(
                name,
                covered=covered,
                reachable=reach.ways[name],
                unreachable=reach.unreachable.get(name, {}).items(),
            )
            for name, covered in found.items()
        ),
        *_of_cases(coverage),
    )


def _met(counted: Mapping[Item, int]) -> Iterator[Item]:
    return (item for item, count in counted.items() if count)


def _refused(coverage: Coverage, reach: Reach) -> Iterator[str]:
    """Illegal cells that were tried and always refused, with nothing changed."""
    legal = reach.space.plan.flow.leaving
    return (
        cell_item(*cell)
        for cell in _met(coverage.refused)
        if cell not in legal and cell not in coverage.wrong
    )


def _sides(coverage: Coverage) -> Iterator[str]:
    for (transition, predicate), counts in coverage.guards.items():
        for holds in (True, False):
            if counts[holds]:
                yield guard_item(transition, predicate, holds)


def _of_cases(coverage: Coverage) -> Iterator[Dimension]:
    """What only cases bring along, as far as they do."""
    tags, scenarios = coverage.tags, coverage.scenarios
    if tags:
        met = (tag for tag, holds in tags.items() if holds)
        yield dimension_of("tags", covered=met, reachable=tags)
    if scenarios:
        done = (name for name, (passed, steps) in scenarios.items() if passed >= steps)
        yield dimension_of("scenarios", covered=done, reachable=scenarios, progress=scenarios)
