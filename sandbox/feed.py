"""A feed: the queue of order news that belongs to one app key.

Reading hides an item and gives it a new handle; committing that handle in time removes the item,
otherwise it comes back. Nothing here knows a clock: each call is told the virtual time in ms.

Source: domain fact sheets "HTTP surface", section 5.2, and "Timers", T-19 to T-22 and R-3.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from orderflow.sandbox.feed_config import QueueSettings
from orderflow.sandbox.filters import Document, Filter, FromOrders, News, Sieve, filter_body
from orderflow.sandbox.moments import iso

MOST_DELIVERIES = 101
"""More than 100 failed deliveries, and an item is dropped."""

_HANDLE_BYTES = 128
_HANDLE_BITS = 8 * _HANDLE_BYTES
_SPARE, _SHORT = 1_000, 3


@dataclass(frozen=True, slots=True)
class Delivery:
    """How badly the feed delivers, as it may: at least once and in no fixed order.

    Attributes:
        duplicates: Chance that an item is not hidden when it is read, so the next read has it too.
        disorder: Chance that a lot is not taken from the oldest items on.
        shortness: Chance that a lot is smaller than was asked for, though more waits.
    """

    duplicates: float = 0.0
    disorder: float = 0.0
    shortness: float = 0.0


class FeedItem(NamedTuple):
    """One delivery of one item.

    Attributes:
        event_id: Names the item: 32 hexadecimal digits, the same in each delivery.
        handle: Names this delivery, and commits it.
        news: What happened.
    """

    event_id: str
    handle: str
    news: News

    def body(self) -> dict[str, object]:
        """The item as a response writes it."""
        news = self.news
        return {
            "eventId": self.event_id,
            "handle": self.handle,
            "domain": news.domain,
            "state": news.state,
            "lastState": news.last_state,
            "orderId": news.order_id,
            "lastChange": iso(news.last_change),
            "currentChange": iso(news.current_change),
        }


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """What the configuration tells of the queue.

    Attributes:
        quantity: Items in it, hidden ones too.
        oldest_age_seconds: How long the oldest has been there; 0 when there is none.
    """

    quantity: int
    oldest_age_seconds: float


@dataclass(slots=True)
class _Entry:
    """An item in the queue.

    Attributes:
        event_id: See :class:`FeedItem`.
        news: What happened.
        entered: When it came in, in ms.
        expires: When it goes, in ms: as the queue kept its items when it came in.
        deliveries: How often it was read.
        handle: Of the newest delivery, empty before the first.
        hidden_until: When that delivery is over, in ms.
    """

    event_id: str
    news: News
    entered: int
    expires: int
    deliveries: int = 0
    handle: str = ""
    hidden_until: int = 0


class Feed:
    """The queue of one app key, with its configuration.

    Args:
        settings: How long items are hidden and kept.
        filter_: What enters.
        rng: Makes ids and handles, and decides about duplicates and disorder.
        now: Virtual time in ms at which it is configured.
        delivery: How badly it delivers.
    """

    def __init__(
        self,
        settings: QueueSettings,
        filter_: Filter,
        *,
        rng: random.Random,
        now: int,
        delivery: Delivery | None = None,
    ) -> None:
        self.settings, self.delivery = settings, delivery or Delivery()
        self._sieve = Sieve(filter_)
        # Ids of items have their own chance, so they do not depend on who reads when.
        self._ids, self._rng = random.Random(rng.getrandbits(64)), rng
        self._last_entry = now
        self._entered = 0
        self._entries: dict[int, _Entry] = {}
        self._handles: dict[str, int] = {}
        # Heaps hold numbers of entries that may be gone by now: they are passed over.
        self._ready: list[int] = []
        self._hidden: list[tuple[int, int]] = []
        self._expiring: list[tuple[int, int]] = []

    @property
    def by_expression(self) -> bool:
        """Whether its filter looks into documents."""
        return isinstance(self._sieve.filter, FromOrders)

    def reconfigure(self, settings: QueueSettings, filter_: Filter, now: int) -> None:
        """Take a new configuration; what the queue holds stays until committed or expired."""
        self._sieve.replace(filter_)
        self.settings, self._last_entry = settings, now

    def offer(self, news: News, document: Document, now: int) -> bool:
        """Let *news* enter if the filter lets it; *document* is asked for only when needed."""
        if not self._sieve.admits(news, document):
            return False
        self._enter(news, now)
        return True

    def forget(self, order_id: str) -> None:
        """Forget that an order has come, since it will not come again."""
        self._sieve.forget(order_id)

    def _enter(self, news: News, now: int) -> None:
        self.expire(now)  # a queue that nobody reads must not grow for ever
        self._entered += 1
        number, expires = self._entered, now + self.settings.retention_seconds * 1000
        event_id = f"{self._ids.getrandbits(128):032X}"
        self._entries[number] = _Entry(event_id, news, now, expires)
        heapq.heappush(self._ready, number)
        heapq.heappush(self._expiring, (expires, number))
        self._last_entry = now

    def read(self, now: int, lot: int) -> tuple[FeedItem, ...]:
        """Deliver up to *lot* visible items, oldest first, and hide them.

        Raises:
            ValueError: *lot* is less than 1.
        """
        if lot < 1:
            raise ValueError("a lot is at least 1")
        self.expire(now)
        self._uncover(now)
        until = now + self.settings.visibility_seconds * 1000
        if self._by_chance(self.delivery.shortness):
            lot = max(1, lot // _SHORT)
        return tuple([self._deliver(number, until) for number in self._lot(lot)])

    def _uncover(self, now: int) -> None:
        while self._hidden and self._hidden[0][0] <= now:
            _, number = heapq.heappop(self._hidden)
            entry = self._entries.get(number)
            if entry is None:
                continue
            if entry.deliveries >= MOST_DELIVERIES:
                self._remove(number)
            else:
                heapq.heappush(self._ready, number)

    def _lot(self, lot: int) -> list[int]:
        wanted = len(self._ready) if self._by_chance(self.delivery.disorder) else lot
        taken: list[int] = []
        while self._ready and len(taken) < wanted:
            number = heapq.heappop(self._ready)
            if number in self._entries:
                taken.append(number)
        if wanted > lot:
            self._rng.shuffle(taken)
        for number in taken[lot:]:
            heapq.heappush(self._ready, number)
        return taken[:lot]

    def _deliver(self, number: int, until: int) -> FeedItem:
        entry = self._entries[number]
        self._handles.pop(entry.handle, None)
        entry.deliveries += 1
        handle = self._rng.getrandbits(_HANDLE_BITS).to_bytes(_HANDLE_BYTES, "big").hex()
        entry.handle, entry.hidden_until = handle, until
        self._handles[handle] = number
        if self._by_chance(self.delivery.duplicates) and entry.deliveries < MOST_DELIVERIES:
            heapq.heappush(self._ready, number)
        else:
            heapq.heappush(self._hidden, (until, number))
        return FeedItem(entry.event_id, handle, entry.news)

    def _by_chance(self, chance: float) -> bool:
        return chance > 0 and self._rng.random() < chance

    def commit(self, handles: Iterable[str], now: int) -> int:
        """Remove the items whose newest delivery is among *handles* and not over.

        Late, replaced and unknown handles have no effect (sandbox decision).

        Returns:
            How many were removed.
        """
        self.expire(now)
        removed = 0
        for handle in handles:
            number = self._handles.get(handle)
            if number is not None and now < self._entries[number].hidden_until:
                self._remove(number)
                removed += 1
        return removed

    def live(self, handles: Iterable[str], now: int) -> tuple[str, ...]:
        """Order ids of the items that :meth:`commit` would remove, one an item."""
        known = self._handles
        numbers = {known[handle] for handle in handles if handle in known}
        entries = [self._entries[number] for number in sorted(numbers)]
        return tuple(
            [
                each.news.order_id
                for each in entries
                if now < each.hidden_until and now < each.expires
            ]
        )

    def expire(self, now: int) -> int:
        """Remove the items that were kept long enough, committed or not; how many there were."""
        removed = 0
        while self._expiring and self._expiring[0][0] <= now:
            _, number = heapq.heappop(self._expiring)
            if number in self._entries:
                self._remove(number)
                removed += 1
        return removed

    def _remove(self, number: int) -> None:
        entry = self._entries.pop(number)
        self._handles.pop(entry.handle, None)
        if len(self._expiring) > 2 * len(self._entries) + _SPARE:
            self._tidy()

    def _tidy(self) -> None:
        """Forget the numbers of entries that are gone, for memory to follow what is queued."""
        live = self._entries
        self._ready = [number for number in self._ready if number in live]
        self._hidden = [each for each in self._hidden if each[1] in live]
        self._expiring = [each for each in self._expiring if each[1] in live]
        heapq.heapify(self._ready)
        heapq.heapify(self._hidden)
        heapq.heapify(self._expiring)

    def lapsed(self, now: int) -> bool:
        """Whether nothing entered for the time items are kept: the configuration is deleted."""
        return now - self._last_entry >= self.settings.retention_seconds * 1000

    def facts(self, now: int) -> FeedFacts:
        """What is in the queue at *now*."""
        self.expire(now)
        first = next(iter(self._entries.values()), None)
        return FeedFacts(len(self._entries), (now - first.entered) / 1000 if first else 0.0)

    def oldest(self, now: int, most: int) -> tuple[tuple[News, bool], ...]:
        """The items that have been there longest, *most* of them, and whether each is hidden."""
        self.expire(now)
        entries = islice(self._entries.values(), most)
        return tuple((each.news, each.hidden_until > now) for each in entries)

    def body(self, now: int) -> dict[str, object]:
        """The configuration as a response writes it."""
        facts = self.facts(now)
        return {
            "filter": filter_body(self._sieve.filter),
            "queue": self.settings.body(),
            "quantity": facts.quantity,
            "approximateAgeOfOldestMessageInSeconds": facts.oldest_age_seconds,
        }
