"""Virtual time: a queue of things that are due, in one total order.

Nothing here reads the machine's clock. Two entries due at the same time come out by priority
(lower first), then in the order in which they were scheduled.
"""

from __future__ import annotations

import heapq
from typing import Generic, NamedTuple, TypeVar

START = 1_704_067_200_000
"""Virtual time at which runs start: 2024-01-01T00:00:00Z in ms since the Unix epoch."""

What = TypeVar("What")


class Due(NamedTuple, Generic[What]):
    """One scheduled thing; they sort by time, priority and number, which is never the same twice.

    Attributes:
        at: Virtual ms at which it is due.
        priority: Lower goes first among things due together.
        number: Counts schedulings; settles the remaining ties.
        what: The thing itself.
    """

    at: int
    priority: int
    number: int
    what: What


class Clock(Generic[What]):
    """The time of one run and everything scheduled in it."""

    __slots__ = ("_number", "_queue", "_waiting", "now")

    def __init__(self, now: int = START) -> None:
        self.now = now
        self._queue: list[Due[What]] = []
        self._waiting: set[int] = set()
        self._number = 0

    def schedule(self, at: int, what: What, *, priority: int = 0) -> int:
        """Make *what* due at *at* and return the number to cancel it by.

        Raises:
            ValueError: *at* is in the past.
        """
        if at < self.now:
            raise ValueError(f"cannot schedule at {at}: it is already {self.now}")
        self._number += 1
        self._waiting.add(self._number)
        heapq.heappush(self._queue, Due(at, priority, self._number, what))
        return self._number

    def cancel(self, number: int) -> None:
        """Forget what was scheduled under *number*; no harm if it is gone already."""
        self._waiting.discard(number)

    def next_due(self) -> Due[What] | None:
        """What comes next, or None when nothing is scheduled."""
        while self._queue and self._queue[0].number not in self._waiting:
            heapq.heappop(self._queue)
        return self._queue[0] if self._queue else None

    def pop(self, until: int) -> Due[What] | None:
        """Take out the next thing due at or before *until*, moving time to it."""
        due = self.next_due()
        if due is None or due.at > until:
            return None
        heapq.heappop(self._queue)
        self._waiting.remove(due.number)
        self.now = due.at
        return due

    def move_to(self, at: int) -> None:
        """Move time forward to *at*; whatever is due before must have been taken out.

        Raises:
            ValueError: Time would go back, or jump over something that is due.
        """
        due = self.next_due()
        if at < self.now or (due is not None and due.at < at):
            raise ValueError(f"cannot move from {self.now} to {at}")
        self.now = at
