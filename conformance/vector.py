"""The coverage vector: what a run covered, dimension by dimension, and never as one number.

An item of a dimension (a status, a transition, a pair of transitions ...) is covered, missing or
unreachable. What is unreachable is told apart with the reason, for it is no gap; but an item that
was covered is reachable, whatever anybody thought. So merging is the best that is known of each
item, and it does not matter in which order, or how often, runs are merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from orderflow.flows.errors import OrderflowError

DIMENSIONS = (
    "states",
    "transitions",
    "pairs",
    "cells",
    "guards",
    "triggers",
    "actors",
    "tags",
    "scenarios",
)
"""Names of all dimensions, in the order in which they are told."""

FROM_CASES = frozenset({"tags", "scenarios"})
"""Dimensions that cases bring along. The others lie in the flow."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of what there is to cover. Items are sorted, and each stands in one place.

    Attributes:
        name: One of :data:`DIMENSIONS`.
        covered: Items covered.
        missing: Items that can be covered and were not.
        unreachable: (item, why) of those that no order reaches.
        progress: (item, steps that went as they should, steps) of the scenarios.
    """

    name: str
    covered: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unreachable: tuple[tuple[str, str], ...] = ()
    progress: tuple[tuple[str, int, int], ...] = ()

    @property
    def total(self) -> int:
        """Items that can be covered."""
        return len(self.covered) + len(self.missing)

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means all; 100 when there is nothing to cover."""
        return 100 * len(self.covered) // self.total if self.total else 100

    @property
    def figure(self) -> str:
        """What is covered, in figures.

        >>> Dimension("states", ("a", "b"), ("c",), (("d", "unreachable"),)).figure
        '2 of 3 (+ 1 unreachable)'
        """
        told = f"{len(self.covered)} of {self.total}"
        return told + (f" (+ {len(self.unreachable)} unreachable)" if self.unreachable else "")

    def reaches(self, percent: Fraction) -> bool:
        """Whether so much of it is covered. What cases bring along must exist to be covered."""
        if not self.total:
            return not percent or self.name not in FROM_CASES
        return 100 * len(self.covered) >= percent * self.total


@dataclass(frozen=True, slots=True)
class Vector:
    """What was covered of one view of a flow.

    Attributes:
        flow: Name of the flow.
        digest: Digest of its text.
        profile: Profile it was viewed in.
        modules: Optional modules that were switched on, sorted.
        dimensions: One entry for each dimension, in the order of :data:`DIMENSIONS`.
        source: How a command line names the flow.
    """

    flow: str
    digest: str
    profile: str
    modules: tuple[str, ...]
    dimensions: tuple[Dimension, ...]
    source: str = ""

    @property
    def key(self) -> tuple[str, str, tuple[str, ...], str]:
        """What vectors must share to be merged: flow, profile, modules and digest."""
        return self.flow, self.profile, self.modules, self.digest

    @property
    def view(self) -> str:
        """The flow and how it was viewed, in words."""
        modules = f" with {', '.join(self.modules)}" if self.modules else ""
        return f"{self.flow} ({self.profile}{modules})"

    def dimension(self, name: str) -> Dimension:
        """The dimension called *name*.

        Raises:
            KeyError: There is none.
        """
        for dimension in self.dimensions:
            if dimension.name == name:
                return dimension
        raise KeyError(name)

    def missing(self, name: str) -> tuple[str, ...]:
        """Items of a dimension that can be covered and were not, sorted."""
        return self.dimension(name).missing


class VectorMergeError(OrderflowError):
    """Vectors of different flows, or of different texts of one flow, were to be merged.

    Attributes:
        one: The first vector.
        other: The one that does not go with it.
    """

    def __init__(self, one: Vector, other: Vector) -> None:
        pairs = zip(("flow", "profile", "modules", "digest"), one.key, other.key, strict=True)
        told = "; ".join(
            f"{name} {_told(mine)} and {_told(theirs)}"
            for name, mine, theirs in pairs
            if mine != theirs
        )
        super().__init__(
            f"coverage of {one.view} and of {other.view} cannot be merged, they differ: {told}"
        )
        self.one, self.other = one, other


def _told(value: Sequence[str]) -> str:
    return (value if isinstance(value, str) else ", ".join(value)) or "none"


def merge(vectors: Iterable[Vector]) -> Vector:
    """Return the best that is known of each item.

    Raises:
        VectorMergeError: The vectors are not of the same flow, view and text.
        ValueError: There is no vector.
    """
    every = tuple(vectors)
    if not every:
        raise ValueError("there is no vector to merge")
    first = every[0]
    for other in every:
        if other.key != first.key:
            raise VectorMergeError(first, other)
    named: dict[str, list[Dimension]] = {name: [] for name in DIMENSIONS}
    for vector in every:
        for dimension in vector.dimensions:
            named.setdefault(dimension.name, []).append(dimension)
    merged = tuple(merge_dimension(found) for found in named.values() if found)
    source = min((vector.source for vector in every if vector.source), default="")
    return Vector(*_view_of(first), merged, source)


def _view_of(vector: Vector) -> tuple[str, str, str, tuple[str, ...]]:
    return vector.flow, vector.digest, vector.profile, vector.modules


def merge_dimension(found: Iterable[Dimension]) -> Dimension:
    """Return the best that is known of each item of one dimension."""
    every = tuple(found)
    progress: dict[str, tuple[int, int]] = {}
    for each in every:
        for item, passed, steps in each.progress:
            known = progress.get(item, (0, 0))
            progress[item] = max(known[0], passed), max(known[1], steps)
    return dimension_of(
        every[0].name,
        covered=(item for each in every for item in each.covered),
        reachable=(item for each in every for item in each.missing),
        unreachable=(pair for each in every for pair in each.unreachable),
        progress=progress,
    )


def dimension_of(
    name: str,
    *,
    covered: Iterable[str],
    reachable: Iterable[str],
    unreachable: Iterable[tuple[str, str]] = (),
    progress: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> Dimension:
    """Put every item where it belongs.

    Args:
        name: Name of the dimension.
        covered: Items that were covered; each is reachable, since it was reached.
        reachable: Items that can be covered, those in *covered* or not.
        unreachable: (item, why) of the others.
        progress: (steps passed, steps) by scenario.
    """
    done = set(covered)
    missing = set(reachable) - done
    lost = {item: why for item, why in sorted(unreachable) if item not in done | missing}
    return Dimension(
        name,
        tuple(sorted(done)),
        tuple(sorted(missing)),
        tuple(sorted(lost.items())),
        tuple((item, *steps) for item, steps in sorted(progress.items())),
    )
