"""What is to happen at which moment of the virtual clock: to sales, and to parts of a sandbox."""

from __future__ import annotations

import heapq
from collections.abc import Callable

_ALARMS = 1 << 60
"""Numbers of alarms begin here, those of sales at 0: what falls due together goes by number."""

_STALE = 4
"""Moments kept for each that is still of use, before the others are thrown away."""

_ALWAYS_KEPT = 100


class Agenda:
    """Moments, the next one first."""

    def __init__(self) -> None:
        self._due: list[tuple[int, int]] = []
        self._alarms: dict[int, Callable[[], None]] = {}
        self._last = _ALARMS

    def __len__(self) -> int:
        """How many moments are kept, of use or not."""
        return len(self._due)

    def next_at(self) -> int | None:
        """When something is to happen next, in virtual ms; None when nothing is."""
        return self._due[0][0] if self._due else None

    def remind(self, at: int, call: Callable[[], None]) -> None:
        """Let *call* happen when it is *at*, after what befalls the sales then."""
        self._last += 1
        self._alarms[self._last] = call
        heapq.heappush(self._due, (at, self._last))

    def expect(self, at: int, number: int) -> None:
        """Look at sale *number* when it is *at*."""
        heapq.heappush(self._due, (at, number))

    def pop(self) -> tuple[int, int, Callable[[], None] | None]:
        """Take out what is next: when it is due, and the number of a sale or what to call."""
        at, number = heapq.heappop(self._due)
        return at, number, self._alarms.pop(number, None)

    def tidy(self, sales: int, of_use: Callable[[int, int], bool]) -> None:
        """Throw away moments of sales that have been put off since, if they have become many.

        Args:
            sales: How many sales there are.
            of_use: Tells whether something befalls a sale: (when, number of the sale).
        """
        if len(self._due) <= _STALE * (sales + len(self._alarms)) + _ALWAYS_KEPT:
            return
        self._due = [each for each in self._due if each[1] > _ALARMS or of_use(*each)]
        heapq.heapify(self._due)
