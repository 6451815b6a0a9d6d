"""Where the lines of an invoice stand in an order, of which several may have the same SKU."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orderflow.sandbox.changes_amendment import Line


@dataclass(slots=True)
class _Open:
    """One line of the order: where it stands, and its units that no invoice has named yet."""

    place: int
    price: int
    left: int


class LinePlaces:
    """Positions of an order's lines, for lines of invoices that name an SKU.

    Args:
        lines: The lines of the order.

    >>> places = LinePlaces((Line("a", "1", 2, 500), Line("b", "2", 1, 70), Line("a", "3", 1, 450)))
    >>> [places.take(sku, 1, price) for sku, price in (("a", 450), ("a", 500), ("a", 500))]
    [2, 0, 0]
    >>> places.take("c", 1, 500) is None
    True
    """

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines: dict[str, list[_Open]] = {}
        self._at: list[_Open] = []
        for place, line in enumerate(lines):
            found = _Open(place, line.selling_price, line.quantity)
            self._at.append(found)
            self._lines.setdefault(line.id, []).append(found)

    @property
    def has_twins(self) -> bool:
        """Whether two lines have the same SKU: only then other invoices matter."""
        return len(self._lines) < len(self._at)

    def name(self, place: int, units: int) -> None:
        """An earlier invoice is about the line at *place*."""
        if 0 <= place < len(self._at):
            self._at[place].left -= units

    def take(self, sku: str, units: int, price: int) -> int | None:
        """Position of the line that an invoice names by its SKU; None when the order has none.

        Of several with that SKU it is one that has so many units left, at that price if there is
        one; of those again the one that it would name in full, or else the first.
        """
        same = self._lines.get(sku)
        if not same:
            return None
        found = min(
            same, key=lambda each: (each.left < units, each.price != price, each.left != units)
        )
        found.left -= units
        return found.place
