"""Feed v2, which is deprecated: the news of an account's orders, in one queue an app key.

It has no configuration: the queue of a key begins with its first call, every change of status
enters, and items are hidden and kept as in a feed of the third version that says nothing of it. It
ends when its key has not called for as long as items are kept, or when more waits in it than
anybody reads (sandbox decisions). Source: Orders API, "Get feed order status" (path and
`commitToken`); the fields of an item are those of the platform's first published description of
the call.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import ClassVar

from orderflow.sandbox.account import FEED_ADMIN, FEED_VIEW, AppKey
from orderflow.sandbox.dialect import Answer, as_json, bad_request, read_json
from orderflow.sandbox.feed import Feed, FeedItem
from orderflow.sandbox.feed_config import QueueSettings
from orderflow.sandbox.filters import FromWorkflow
from orderflow.sandbox.part import Part
from orderflow.sandbox.queues import news_of
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Change
from orderflow.sandbox.vendor.fields import objects, whole

_USUAL_LOT, _MOST_LOT = 10, 100
"""Items in a lot when nothing is said, and at most (sandbox decision)."""

_MOST_WAITING = 20_000
"""Items above which a queue counts as left behind: some MB of memory."""

_OLD = "feed v2 is deprecated; use /api/orders/feed"


@dataclass(slots=True)
class _Queue:
    """The queue of a key, and the virtual time in ms of its latest call."""

    key: AppKey
    feed: Feed
    called: int

    def is_left(self, now: int) -> bool:
        """Whether nobody reads it any more."""
        idle = now - self.called >= self.feed.settings.retention_seconds * 1000
        return idle or self.feed.facts(now).quantity > _MOST_WAITING


class OldFeeds(Part):
    """The queues, by name of the key."""

    name: ClassVar[str] = "feed-v2"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self._queues: dict[str, _Queue] = {}
        self._made = 0

    def of(self, key: AppKey) -> Feed:
        """The queue of *key*; it begins now when there is none."""
        now = self.service.now
        found = self._queues.get(key.name)
        if found is None or found.is_left(now):
            self._made += 1  # a queue that begins anew gives no token of the former one
            chance = random.Random(f"{self.service.seed}/feed-v2/{key.name}/{self._made}")
            feed = Feed(QueueSettings(), FromWorkflow(), rng=chance, now=now)
            found = self._queues[key.name] = _Queue(key, feed, now)
        found.called = now
        return found.feed

    def heard(self, change: Change) -> None:
        """Let the news into the queues of the account's keys."""
        for name, queue in tuple(self._queues.items()):
            if queue.is_left(self.service.now):
                del self._queues[name]
            elif queue.key.account == change.held.account:
                queue.feed.offer(news_of(change), dict, change.event.at)


def read(service: Service, call: Call) -> Answer:
    """200 with at most ``maxLot`` items, each with a new ``commitToken``."""
    lot = whole(call.query.get("maxlot") or _USUAL_LOT)
    if lot is None or not 1 <= lot <= _MOST_LOT:
        raise bad_request(f"maxLot must be a whole number from 1 to {_MOST_LOT}")
    service.remark(call, "CM-35", _OLD)
    feed = _feed(service, call)
    return as_json([_item(item) for item in feed.read(service.now, lot)])


def confirm(service: Service, call: Call) -> Answer:
    """200, also when a token is not live any more; an array of ``{"commitToken": TEXT}``."""
    sent = read_json(call.body)
    given = list(objects(sent if isinstance(sent, list) else [sent]))
    tokens = [each.get("commitToken") for each in given]
    handles = [_handle(token) for token in tokens if isinstance(token, str)]
    if not tokens or len(handles) != len(tokens):
        raise bad_request('write [{"commitToken": TEXT}]')
    service.remark(call, "CM-35", _OLD)
    _feed(service, call).commit(handles, service.now)
    return Answer(200)


def _feed(service: Service, call: Call) -> Feed:
    return service.part(OldFeeds).of(call.caller)


def _item(item: FeedItem) -> dict[str, object]:
    receipt = {
        "Receipt": item.handle,
        "PublisheId": item.event_id,
        "PublisheId_Item": item.event_id,
        "EventId": item.event_id,
        "LastSendOverwrite": None,
    }
    token = f"{item.news.domain}##{json.dumps(receipt, separators=(',', ':'))}"
    return {"orderId": item.news.order_id, "status": item.news.state, "commitToken": token}


def _handle(token: str) -> str:
    """The handle in a token, empty when it has none."""
    try:
        found = json.loads(token.partition("##")[2])
    except (ValueError, RecursionError):
        return ""
    return str(found.get("Receipt", "")) if isinstance(found, dict) else ""


_FEED = "/api/oms/pvt/feed/orders/status"
_ANY_FEED = (FEED_VIEW, FEED_ADMIN)
"""As for the feed of today (sandbox decision)."""

ROUTES: tuple[Route, ...] = (
    Route("GET", _FEED, read, _ANY_FEED, reads=False, apart=True),  # it hides what it gives
    Route("POST", _FEED + "/confirm", confirm, _ANY_FEED, apart=True),
)
