"""The figures that close a list of orders.

Source: the schema of List orders, `stats.stats`, in the Orders API.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from orderflow.sandbox.store import Held

_CURRENCY = "BRL"


def statistics(found: Iterable[Held]) -> dict[str, object]:
    """Count, extremes and sums of ``totalValue`` and ``totalItems``, also by origin."""
    every = tuple(found)
    return {
        "totalValue": _figures(every, lambda held: held.order.value),
        "totalItems": _figures(every, _units),
    }


def _units(held: Held) -> int:
    return sum(item.quantity for item in held.order.items)


def _figures(every: tuple[Held, ...], read: Callable[[Held], int]) -> dict[str, object]:
    origins = sorted({held.origin for held in every})
    facets = {
        "origin": {
            origin: _sums([read(held) for held in every if held.origin == origin])
            for origin in origins
        },
        "currencyCode": {_CURRENCY: _sums([read(held) for held in every])} if every else {},
    }
    return {**_sums([read(held) for held in every]), "Facets": facets}


def _sums(values: list[int]) -> dict[str, object]:
    count, total, squares = len(values), sum(values), sum(value * value for value in values)
    mean = total / count if count else 0
    spread = (
        math.sqrt(sum((value - mean) ** 2 for value in values) / (count - 1)) if count > 1 else 0
    )
    return {
        "Count": count,
        "Max": max(values, default=0),
        "Mean": mean,
        "Min": min(values, default=0),
        "Missing": 0,
        "StdDev": spread,
        "Sum": total,
        "SumOfSquares": squares,
        "Facets": None,
    }
