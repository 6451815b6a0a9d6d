"""A hook: what is told to the address that one app key has named, tried again and given up.

Nothing here knows a clock or a network: each call is told the virtual time in ms, and the tries
are somebody else's work.

Source: domain fact sheets "HTTP surface", sections 6 and 11 (D-A8), and "Timers", T-24 to T-27
and R-3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from orderflow.sandbox.account import AppKey
from orderflow.sandbox.filters import Document, FromOrders, News, Sieve
from orderflow.sandbox.hook_config import HookSettings
from orderflow.sandbox.moments import iso
from orderflow.sandbox.outbox import pause_after

_HOUR = 3_600_000
_DAY = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class HookRules:
    """When a notification is given up, and when a configuration is deleted.

    Attributes:
        name: What the control API calls them.
        tries: How often a notification is tried.
        patience: Ms after its first try in which it may be tried again; None for any.
        idle: Ms without news after which the configuration is deleted; None for never.
        failures: Tries that failed since the last that went well, after which the configuration
            is deleted; None for never.
        failing: Ms after the first of those with the same consequence.
    """

    name: str
    tries: int
    patience: int | None = None
    idle: int | None = None
    failures: int | None = None
    failing: int | None = None


CURRENT = HookRules("current", tries=20, idle=3 * _DAY)
"""3 days without news; 20 tries are a sandbox decision (R-3)."""

OLDER = HookRules("older", tries=100, patience=_HOUR, failures=100, failing=4 * _DAY)
"""The archived page: lost after an hour without 200; up to 100 tries in 4 days, then deleted.

That the 100 tries are those of all notifications since the last 200 is a sandbox decision.
"""


@dataclass(slots=True, eq=False)
class Notice:
    """One notification.

    Attributes:
        news: What it tells.
        first: Virtual time of its first try, in ms.
        tries: How often it has been tried, counting the try that is under way.
        again: When it is tried again; None while a try is under way.
    """

    news: News
    first: int
    tries: int = 1
    again: int | None = None


class Hook:
    """The hook of one app key.

    Args:
        key: Whose it is.
        settings: Where it tells what.
        now: Virtual time in ms at which it is configured.

    Attributes:
        key: Whose it is.
        settings: Where it tells what.
        notices: The notifications that are neither answered with 200 nor given up, oldest first.
        last_news: When there was something to tell, or it was configured, whichever came later.
    """

    def __init__(self, key: AppKey, settings: HookSettings, now: int) -> None:
        self.key, self.settings, self.last_news = key, settings, now
        self.notices: dict[Notice, None] = {}
        self._sieve = Sieve(settings.filter)
        self._failures = 0
        self._failing_since = now

    def reconfigure(self, settings: HookSettings, now: int) -> None:
        """Take new settings; what waits for another try goes to the new address."""
        self._sieve.replace(settings.filter)
        self.settings, self.last_news = settings, now

    def offer(self, news: News, document: Document, now: int) -> Notice | None:
        """The notification of *news*, of which the first try begins; None if it is not wanted."""
        if not self._sieve.admits(news, document):
            return None
        notice = Notice(news, now)
        self.notices[notice] = None
        self.last_news = now
        return notice

    def forget(self, order_id: str) -> None:
        """Forget that an order was told of, since nothing will happen to it any more."""
        self._sieve.forget(order_id)

    def repeat(self, notice: Notice) -> Notice:
        """One more notification of the same news."""
        again = Notice(notice.news, notice.first)
        self.notices[again] = None
        return again

    def put_off(self, notice: Notice, until: int) -> None:
        """The first try of *notice* comes later than usual."""
        notice.tries, notice.first, notice.again = 0, until, until

    def begin(self, notice: Notice) -> None:
        """Another try of *notice* begins."""
        notice.tries += 1
        notice.again = None

    def went_well(self, notice: Notice) -> None:
        """A try of *notice* was answered with 200."""
        del self.notices[notice]
        self._failures = 0

    def failed(self, notice: Notice, now: int, rules: HookRules) -> bool:
        """A try of *notice* was not; false when the configuration is to be deleted for it."""
        self._failing_since = self._failing_since if self._failures else now
        self._failures += 1
        again = now + pause_after(notice.tries)
        late = rules.patience is not None and again - notice.first > rules.patience
        if late or notice.tries >= rules.tries:
            del self.notices[notice]
        else:
            notice.again = again
        too_many = rules.failures is not None and self._failures >= rules.failures
        too_long = rules.failing is not None and now - self._failing_since > rules.failing
        return not (too_many or too_long)

    def ends(self, rules: HookRules) -> int | None:
        """When the configuration is deleted unless there is something to tell before."""
        return None if rules.idle is None else self.last_news + rules.idle

    @property
    def by_expression(self) -> bool:
        """Whether it looks at documents, and not at statuses."""
        return isinstance(self.settings.filter, FromOrders)

    @property
    def origin(self) -> dict[str, str]:
        """Whose news it tells."""
        return {"Account": self.key.account, "Key": self.key.name}

    def payload(self, notice: Notice, origin: Mapping[str, str]) -> bytes:
        """The body of a notification.

        Source: Orders API, schema HookConfiguration, which is shown for the answer to a save but
        holds the notification.
        """
        news = notice.news
        told = {
            "Domain": news.domain,
            "OrderId": news.order_id,
            "State": news.state,
            "LastState": news.last_state,
            "LastChange": iso(news.last_change),
            "CurrentChange": iso(news.current_change),
            "Origin": dict(origin),
        }
        return json.dumps(told, separators=(",", ":")).encode("ascii")
