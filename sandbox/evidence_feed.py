"""Facts of feeds and of configurations: what was asked for, given, and committed in time.

A handle is ``live`` when committing it removes its item; ``late`` when its visibility time-out is
over, or its item was kept long enough; ``replaced`` when the item was given again, under a newer
handle, before that; ``gone`` when the item has been committed before; ``unknown`` when no read of
this key gave it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from orderflow.flows.statuses import catalogue
from orderflow.sandbox.evidence import (
    Facts,
    Sight,
    folded,
    inner,
    keep_newest,
    number,
    objects,
    read,
    word,
    words,
)
from orderflow.sandbox.moments import moment

_MOST_KNOWN = 100_000
_MOST_WAITING = 1_000
_KINDS = ("FromWorkflow", "FromOrders")
_LONGEST_URL = 2_048


@dataclass(slots=True)
class Given:
    """What is known of one handle.

    Attributes:
        event: Mark of the item.
        order_id: Order of the item.
        state: Status it told of.
        until: Virtual time in ms at which its visibility time-out is over.
    """

    event: str
    order_id: str
    state: str
    until: int


class FeedMemory:
    """What feeds have given so far: the sandbox itself forgets handles that are over.

    Attributes:
        handles: By key and handle.
        deliveries: How often each item was given, by key and mark.
        committed: Items that were committed, by key and mark.
    """

    def __init__(self) -> None:
        self.handles: dict[tuple[str, str], Given] = {}
        self.deliveries: dict[tuple[str, str], int] = {}
        self.committed: dict[tuple[str, str], None] = {}

    def tidy(self) -> None:
        """Forget the oldest of what is too much."""
        keep_newest(self.handles, _MOST_KNOWN)
        keep_newest(self.deliveries, _MOST_KNOWN)
        keep_newest(self.committed, _MOST_KNOWN)


def read_facts(sight: Sight) -> Facts:
    """GET of a feed."""
    _remember(sight)
    return {
        "lot": number(sight.call.query.get("maxlot")),
        "items": [_item(sight, row) for row in sight.rows()],
        "waiting": _waiting(sight),
    }


def _remember(sight: Sight) -> None:
    """Remember what the feed gave, even if a fault hid it."""
    feed = sight.service.queues.of(sight.key, sight.service.now) if sight.key else None
    if sight.done is None or feed is None:
        return
    until = sight.service.now + feed.settings.visibility_seconds * 1000
    for row in objects(read(sight.done.body)):
        event = sight.marks.of(str(row.get("eventId")))
        place = (sight.key_name, event)
        sight.feeds.deliveries[place] = sight.feeds.deliveries.get(place, 0) + 1
        given = Given(event, word(row.get("orderId")), word(row.get("state")), until)
        sight.feeds.handles[sight.key_name, str(row.get("handle"))] = given
    sight.feeds.tidy()


def _item(sight: Sight, row: Mapping[str, object]) -> Facts:
    event = sight.marks.of(str(row.get("eventId")))
    state = row.get("state")
    return {
        "event": event,
        "handle": sight.marks.of(str(row.get("handle"))),
        "order": word(row.get("orderId")),
        "state": None if state is None else word(state),
        "last": word(row.get("lastState")),
        "domain": word(row.get("domain")),
        "delivery": sight.feeds.deliveries.get((sight.key_name, event), 1),
        "at": _moment(row.get("currentChange")),
    }


def _moment(given: object) -> int | None:
    try:
        return moment(given) if isinstance(given, str) else None
    except (ValueError, OverflowError):
        return None


def _waiting(sight: Sight) -> int:
    """Visible items that the read left behind."""
    feed = sight.service.queues.of(sight.key, sight.service.now) if sight.key else None
    if feed is None:
        return 0
    return sum(not hidden for _, hidden in feed.oldest(sight.service.now, _MOST_WAITING))


def commit_foretold(sight: Sight) -> Facts:
    """What the handles of a commit are, before it removes their items."""
    handles = folded(sight.sent()).get("handles")
    texts = [each for each in handles if isinstance(each, str)] if isinstance(handles, list) else []
    return {"handles": [_handle(sight, each) for each in texts[:200]]}


def _handle(sight: Sight, handle: str) -> Facts:
    known = sight.feeds.handles.get((sight.key_name, handle))
    return {
        "handle": sight.marks.of(handle),
        "was": _was(sight, handle, known),
        "order": known.order_id if known else "",
        "state": known.state if known else "",
    }


def _was(sight: Sight, handle: str, known: Given | None) -> str:
    now = sight.service.now
    feed = sight.service.queues.of(sight.key, now) if sight.key else None
    if feed is not None and feed.live([handle], now):
        return "live"
    if known is None:
        return "unknown"
    if (sight.key_name, known.event) in sight.feeds.committed:
        return "gone"
    return "late" if now >= known.until else "replaced"


def commit_facts(sight: Sight) -> Facts:
    """POST of handles; what they were is told before."""
    if sight.worked:
        handles = folded(sight.sent()).get("handles")
        rows = objects(sight.foretold.get("handles"))
        texts = (
            [each for each in handles if isinstance(each, str)] if isinstance(handles, list) else []
        )
        for handle, row in zip(texts, rows, strict=False):
            known = sight.feeds.handles.get((sight.key_name, handle))
            if known is not None and row["was"] == "live":
                sight.feeds.committed[sight.key_name, known.event] = None
    return {}


def config_facts(sight: Sight) -> Facts:
    """POST of a feed's configuration."""
    sent = folded(sight.sent())
    queue = folded(inner(sent, "queue"))
    return {
        **_filter(folded(inner(sent, "filter"))),
        "retention": number(queue.get("messageretentionperiodinseconds")),
        "visibility": number(queue.get("visibilitytimeoutinseconds")),
    }


def hook_facts(sight: Sight) -> Facts:
    """POST of a hook's configuration."""
    sent = folded(sight.sent())
    hook = folded(inner(sent, "hook"))
    url, headers = hook.get("url"), hook.get("headers")
    scheme, host = _address(url if isinstance(url, str) else "")
    return {
        **_filter(folded(inner(sent, "filter"))),
        "retention": None,
        "visibility": None,
        "https": scheme == "https",
        "headers": len(headers) if isinstance(headers, dict) else 0,
        "loopback": _is_here(host),
    }


def _filter(given: Mapping[str, object]) -> Facts:
    kind, single = given.get("type"), given.get("disablesinglefire")
    statuses = words(given.get("status"))
    names = {name.lower(): name for name in _KINDS}
    known = names.get(kind.lower(), "other") if isinstance(kind, str) else ""
    other = given.get("status") if known == "FromOrders" else given.get("expression")
    return {
        "type": known,
        "statuses": statuses,
        "unknown": [each for each in statuses if each not in catalogue().statuses],
        "mixed": bool(other) or (known == "FromWorkflow" and single is not None),
        "single_fire": not single if isinstance(single, bool) else None,
    }


def _address(url: str) -> tuple[str, str]:
    try:
        split = urlsplit(url[:_LONGEST_URL])
        return split.scheme.lower(), split.hostname or ""
    except ValueError:
        return "", ""


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
