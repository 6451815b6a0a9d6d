"""The figures that close a list of orders.

Source: the schema of List orders, `stats.stats`, in the Orders API.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from operator import mul

from orderflow.sandbox.list_index import Shelf

_CURRENCY = "BRL"
_ALWAYS = ("Fulfillment", "Marketplace")
"""Origins that have figures even when no order has them: clients made from the schema need both."""


def statistics(found: Iterable[Shelf]) -> dict[str, object]:
    """Count, extremes and sums of ``totalValue`` and ``totalItems``, also by origin."""
    shelves = tuple(shelf for shelf in found if shelf.keys)
    return {
        "totalValue": _figures(shelves, lambda shelf: shelf.values),
        "totalItems": _figures(shelves, lambda shelf: shelf.units),
    }


def _figures(shelves: tuple[Shelf, ...], column: Callable[[Shelf], list[int]]) -> dict[str, object]:
    origins = sorted({*_ALWAYS, *(shelf.origin for shelf in shelves)})
    together = _sums([column(shelf) for shelf in shelves])
    facets = {
        "origin": {
            origin: _sums([column(shelf) for shelf in shelves if shelf.origin == origin])
            for origin in origins
        },
        "currencyCode": {_CURRENCY: together},
    }
    return {**together, "Facets": facets}


def _sums(columns: list[list[int]]) -> dict[str, object]:
    count, total = sum(map(len, columns)), sum(map(sum, columns))
    squares = sum(sum(map(mul, column, column)) for column in columns)
    # Whole numbers to the last step: what is left of a difference of large floats is no spread.
    spread = (count * squares - total * total) / (count * (count - 1)) if count > 1 else 0
    return {
        "Count": count,
        "Max": max(map(max, columns), default=0),
        "Mean": total / count if count else 0,
        "Min": min(map(min, columns), default=0),
        "Missing": 0,
        "StdDev": math.sqrt(spread),
        "Sum": total,
        "SumOfSquares": squares,
        "Facets": None,
    }
