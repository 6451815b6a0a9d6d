"""The rate limit of reading orders, on the virtual clock.

The platform takes 6000 calls of Get order and of order group a minute and account. Calls are
counted by the minute of the virtual clock, which stands still while nobody turns it: so the limit
is off until it is asked for (sandbox decision). The headers are those that the platform's guidance
names; that ``X-RateLimit-Reset`` tells seconds, and that each of these calls has them, is a sandbox
decision.
Source: domain fact sheets "HTTP surface", section 1, and "Timers", T-30.
"""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from orderflow.sandbox.dialect import GENERIC, Answer, error
from orderflow.sandbox.part import Part
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service

USUAL = 6_000
"""Calls a minute and account."""

_MINUTE, _SECOND = 60_000, 1_000
_LIMITED = frozenset(
    {"/api/oms/pvt/orders/{orderId}", "/api/oms/pvt/orders/order-group/{orderGroup}"}
)


class Limits(Part):
    """The limit, and what has been called in this minute.

    Attributes:
        per_minute: Calls a minute and account, 0 for as many as come.
    """

    name: ClassVar[str] = "limits"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.per_minute = 0
        self._minute = 0
        self._calls: Counter[str] = Counter()

    @property
    def seconds_left(self) -> int:
        """Until the minute is over, rounded up."""
        return -(-(_MINUTE - self.service.now % _MINUTE) // _SECOND)

    def count(self, account: str) -> int:
        """How many more calls the account has after this one; below 0 when it had none left."""
        minute = self.service.now // _MINUTE
        if minute != self._minute:
            self._minute = minute
            self._calls.clear()
        self._calls[account] += 1
        return self.per_minute - self._calls[account]


def limited(service: Service, call: Call, route: Route) -> tuple[Answer | None, int | None]:
    """The refusal of a call above the limit, and how many more there may be; None if it is free."""
    if route.path not in _LIMITED or route.method != "GET":
        return None, None
    limits = service.part(Limits)
    if not limits.per_minute:
        return None, None
    left = limits.count(call.account)
    if left >= 0:
        return None, left
    refused = error(429, GENERIC, "Too many requests")
    pause = (("retry-after", str(limits.seconds_left)),)
    return refused._replace(headers=pause), 0


def with_headers(service: Service, given: Answer, left: int | None) -> Answer:
    """The answer with what is left of the limit, if it counts."""
    if left is None:
        return given
    told = (
        ("x-ratelimit-remaining", str(left)),
        ("x-ratelimit-reset", str(service.part(Limits).seconds_left)),
    )
    return given._replace(headers=(*given.headers, *told))
