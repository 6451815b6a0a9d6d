"""How walks are called: the statuses an order goes through, in few words."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from orderflow.conformance.suites.graph import Arc, Graph

_MOST_NAMED = 4


def way_of(graph: Graph, arcs: Iterable[Arc]) -> str:
    """The statuses that *arcs* lead through, without those in the middle of a long way."""
    names = [name for name, _ in groupby(graph.status[arc.target] for arc in arcs)]
    if len(names) > _MOST_NAMED:
        names = [*names[: _MOST_NAMED - 2], "…", *names[2 - _MOST_NAMED :]]
    return ", ".join(names)


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "order"), counted(2, "order"), counted(2, "status", "statuses")
    ('1 order', '2 orders', '2 statuses')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
