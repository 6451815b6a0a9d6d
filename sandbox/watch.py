"""Mistakes of a client that show in no handler: in calls that none answers, or in a repetition.

Source: domain fact sheet "What real clients send and read", section 4.
"""

from __future__ import annotations

from hashlib import sha256
from typing import ClassVar

from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.part import Part
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service
from orderflow.simulator.clock import START

_SERVER_ERROR = 500
_MOST_KNOWN = 1_000
_MARKS = (b"apptoken", b"app_token")
_READABLE = 731 * 86_400_000
"""Ms for which an order can be read: two years, of which one may be a leap year.

Source: domain fact sheet "Timers", T-32.
"""

_NO_OLD_ORDERS = START + _READABLE // 2
"""Virtual time before which no order can be so old: nothing has to be looked up until then."""


class Watch(Part):
    """Which calls were done although their answer said otherwise.

    Attributes:
        hidden: By key and operation, the digest of the body.
    """

    name: ClassVar[str] = "watch"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.hidden: dict[tuple[str, str, str], bytes] = {}


def before(service: Service, call: Call) -> None:
    """See whether a call does again what was done, or reads what is too old.

    Raises:
        DialectError: It does, and the sandbox is strict.
    """
    if call.method == "GET" and service.now > _NO_OLD_ORDERS:
        _see_age(service, call)
    if call.method != "POST":
        return
    hidden = service.part(Watch).hidden
    known = hidden.pop(_place(call), None) if hidden else None
    if known is not None and known == sha256(call.body).digest():
        told = "the same POST again after an answer of 500: look first whether it was done"
        service.remark(call, "CM-08", told, call.parameters.get("orderId", ""))


def _see_age(service: Service, call: Call) -> None:
    """See whether an order is read that the platform does not show any more.

    How it answers then is not said, so the order is shown here (sandbox decision).
    """
    order_id = call.parameters.get("orderId")
    held = service.store.find(order_id, call.account) if order_id else None
    placed = None if held is None else held.order.created_at
    if placed is not None and service.now - placed > _READABLE:
        told = "T-32: reads an order placed more than two years ago; the platform has it no more"
        service.remark(call, "", told, order_id or "")


def after(service: Service, call: Call, done: Answer, told: Answer) -> None:
    """Remember a call that was done if its answer hides it."""
    if call.method != "POST" or done.status >= _SERVER_ERROR:
        return
    if told.dropped or told.status >= _SERVER_ERROR:
        hidden = service.part(Watch).hidden
        hidden[_place(call)] = sha256(call.body).digest()
        if len(hidden) > _MOST_KNOWN:
            del hidden[next(iter(hidden))]


def without_credentials(service: Service, call: Call) -> None:
    """See whether a call that is refused has its credentials in the wrong place."""
    if any(mark in call.body.lower() for mark in _MARKS):
        told = "credentials belong into the headers X-VTEX-API-AppKey and X-VTEX-API-AppToken"
        service.remark(call, "CM-21", told, refused=True)


def without_route(service: Service, call: Call) -> None:
    """See whether a call that no route answers is a known mistake."""
    if call.method == "PUT" and call.path.endswith("/invoice"):
        told = "an invoice is sent by POST, and its tracking by PATCH behind its number"
        service.remark(call, "CM-22", told, refused=True)
    if "/changestate/" in call.path:
        told = "changestate is not in the reference; start handling has a route of its own"
        service.remark(call, "CM-35", told, refused=True)


def _place(call: Call) -> tuple[str, str, str]:
    return (call.key.name if call.key else "", call.method, call.path)
