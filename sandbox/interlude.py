"""Between two scenarios: the sandbox forgets its orders, and clients notice nothing else.

What somebody configured stays as it was: feeds, hooks, sellers, accounts and keys. Time does not go
back, and no order gets an id that another one had. Everything that chance decides begins anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderflow.sandbox.external_seller import ExternalSellers
from orderflow.sandbox.filters import parse_filter
from orderflow.sandbox.hooks import Hooks
from orderflow.sandbox.queues import Queues

if TYPE_CHECKING:
    from orderflow.sandbox.feed import Feed
    from orderflow.sandbox.service import Service

_DAY = 86_400_000
_LOOKED_AT = 1_000
_FIRST_ALARM = 1 << 60


def clear(service: Service, chance: int, sequence: int = 0) -> None:
    """Forget orders, what is queued, faults and limits; the clock goes on to the next midnight.

    So two sandboxes with the same *chance* and *sequence* do the same from here on, whatever
    happened before, but for the day on which they do it.

    Args:
        service: The sandbox; hold its lock.
        chance: Decides everything that chance decides from now on.
        sequence: Least sequence of the next order.
    """
    store = service.store
    now = -(-service.now // _DAY) * _DAY
    number = max(store._sequence, sequence)  # noqa: SLF001  # what a reset would begin anew
    feeds = {key: service.queues.of(key, service.now) for key in service.accounts.keys}
    hooks, sellers = service.part(Hooks).all, dict(service.part(ExternalSellers).sellers)
    service.seed = store.seed = chance
    service.forget_orders()
    service.outbox.clear()
    service.accounts.renew()
    service.interactions.clear()
    service.receipts.clear()
    service._soon.clear()  # noqa: SLF001
    service.until = None
    service.turned.clear()
    store.now, store._sequence = now, number  # noqa: SLF001
    service.queues = Queues(chance)
    for key, feed in feeds.items():
        if feed is not None:
            wanted = parse_filter(feed.body(now)["filter"])
            service.queues.configure(key, feed.settings, wanted, now)
    service.part(ExternalSellers).sellers.update(sellers)
    service.part(Hooks).take_over(hooks)


def next_moment(service: Service) -> int | None:
    """When something happens by itself next, or a feed item can be read again, in virtual ms.

    None when nothing is to come. Hold the sandbox's lock.
    """
    store = service.store
    moments = [
        at
        for at, number in store._agenda._due  # noqa: SLF001  # what is due is nobody else's business
        if number > _FIRST_ALARM or store._is_due(at, number)  # noqa: SLF001
    ]
    moments += [
        service.now + feed.settings.visibility_seconds * 1_000
        for feed in _feeds(service)
        if any(hidden for _, hidden in feed.oldest(service.now, _LOOKED_AT))
    ]
    return max(min(moments), service.now) if moments else None


def queued(service: Service) -> tuple[int, int]:
    """How many feed items can be read, and how many have been read and not committed yet."""
    hidden = [each for feed in _feeds(service) for _, each in feed.oldest(service.now, _LOOKED_AT)]
    return hidden.count(False), hidden.count(True)


def _feeds(service: Service) -> tuple[Feed, ...]:
    found = (service.queues.of(key, service.now) for key in service.accounts.keys)
    return tuple(feed for feed in found if feed is not None)
