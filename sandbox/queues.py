"""The feeds of all app keys, and what each of them hears of the orders.

Source: domain fact sheet "HTTP surface", section 5.2.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from orderflow.flows.model import ABSENT
from orderflow.sandbox.account import AppKey
from orderflow.sandbox.document import pii_document
from orderflow.sandbox.feed import Delivery, Feed
from orderflow.sandbox.feed_config import QueueSettings
from orderflow.sandbox.filters import Filter, News
from orderflow.sandbox.store import Change


def _never(order_id: str) -> bool:
    del order_id
    return False


class Queues:
    """One feed for each app key that has configured one.

    Args:
        seed: Handles and event ids are made from it.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made = 0
        self._feeds: dict[str, Feed] = {}
        self._delivery = Delivery()

    def deliver(self, delivery: Delivery) -> None:
        """Let all feeds deliver so badly, those to come too."""
        self._delivery = delivery
        for feed in self._feeds.values():
            feed.delivery = delivery

    def of(self, key: AppKey, now: int) -> Feed | None:
        """The feed of *key*, None when there is no configuration, or none any more."""
        feed = self._feeds.get(key.name)
        if feed is not None and feed.lapsed(now):
            del self._feeds[key.name]
            return None
        return feed

    def configure(self, key: AppKey, settings: QueueSettings, wanted: Filter, now: int) -> Feed:
        """Begin the feed of *key*, or change it; what it holds stays."""
        feed = self.of(key, now)
        if feed is None:
            self._made += 1  # a feed made anew gives no handle of the former one
            chance = random.Random(f"{self._seed}/{key.name}/{self._made}")
            feed = self._feeds[key.name] = Feed(
                settings, wanted, rng=chance, now=now, delivery=self._delivery
            )
        else:
            feed.reconfigure(settings, wanted, now)
        return feed

    def delete(self, key: AppKey) -> bool:
        """Drop the feed of *key*; false when there is none."""
        return self._feeds.pop(key.name, None) is not None

    def clear(self) -> None:
        """Drop all feeds."""
        self._feeds.clear()
        self._made, self._delivery = 0, Delivery()

    def forget(self, order_id: str) -> None:
        """Keep nothing by the id of an order that is not there any more; what is queued stays."""
        for feed in self._feeds.values():
            feed.forget(order_id)

    def offer(
        self, change: Change, keys: Iterable[AppKey], skipped: Callable[[str], bool] = _never
    ) -> None:
        """Tell the feeds of the account that a document took a step.

        Args:
            change: The step.
            keys: All keys.
            skipped: Whether a feed that filters by expression misses the news of an order.
        """
        held = change.held
        if not self._feeds:
            return
        news = news_of(change)
        for key in keys:
            feed = self.of(key, change.event.at) if key.account == held.account else None
            if feed is not None and not (feed.by_expression and skipped(news.order_id)):
                feed.offer(news, lambda: pii_document(held), change.event.at)


def news_of(change: Change) -> News:
    """What a step of a document is to a feed or a hook."""
    held, event = change.held, change.event
    steps = held.sale.simulators[held.participant].events
    return News(
        order_id=held.order_id,
        domain=_domain(change),
        state=event.target,
        last_state="" if event.source == ABSENT else event.source,
        last_change=steps[event.seq - 2].at if event.seq > 1 else event.at,
        current_change=event.at,
        moved=event.source != event.target,
    )


def _domain(change: Change) -> str:
    """Which instance of the flow moved: the sources know these two names only.

    On the document of a store that both sells and ships it is the one that took the step first
    (sandbox decision).
    """
    held = change.held
    if held.sale.deal.instant:
        return "Fulfillment" if change.event.cause.startswith("message") else "Marketplace"
    return "Fulfillment" if held.origin == "Fulfillment" else "Marketplace"
