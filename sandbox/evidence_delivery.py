"""Facts of what the sandbox sends to an integration, and of what is answered.

Two notifications of the same news that are sent at the same moment are ``duplicate``; one that is
sent later is another attempt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orderflow.sandbox.evidence import (
    Facts,
    Marks,
    keep_newest,
    missing,
    number,
    objects,
    read,
    word,
)
from orderflow.sandbox.external_seller import ExternalSellers
from orderflow.sandbox.hooks import Hooks
from orderflow.sandbox.integration import Integration
from orderflow.sandbox.marketplaces import Marketplaces, news_in
from orderflow.sandbox.moments import moment
from orderflow.sandbox.trace import shown_path

if TYPE_CHECKING:
    from orderflow.sandbox.outbox import Message, Outcome
    from orderflow.sandbox.service import Service

MOST_READ = 4_096
"""Bytes of an answer that are looked at where the sandbox itself has no use for any."""

_MOST_KNOWN = 50_000
_RECEIPT = ("orderId", "receipt", "date")
_SELLERS_RECEIPT = ("date", "marketplaceOrderId", "orderId", "receipt")
_PLACED = ("marketplaceOrderId", "orderId", "followUpEmail")
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "marketplace invoice": _RECEIPT,
    "marketplace cancel": _RECEIPT,
    "seller simulation": ("items", "logisticsInfo"),
    "seller placement": _PLACED,
    "seller fulfillment": _SELLERS_RECEIPT,
    "seller cancellation": _SELLERS_RECEIPT,
}
_ENDS = {"/fulfill": "fulfillment", "/cancel": "cancellation", "/simulation": "simulation"}
_BAD_WORDS = (b"error", b"exception", b"erro ", b"falha", b"failed", b"failure")


@dataclass(slots=True)
class Posted:
    """One message on its way.

    Attributes:
        at: Virtual time in ms at which it was put into the outbox.
        operation: What it is.
        order_id: Order it is about, empty for none.
        status: Status of that order when it was put in.
        facts: What is known from the message itself.
        began: When its exchange began, on the monotonic clock in seconds.
        ended: When that was over.
        burst: Messages that were under way at the same time, itself counted.
        answer: What was answered, None while that is not known.
    """

    at: int
    operation: str
    order_id: str
    status: str
    facts: Facts
    began: float = 0.0
    ended: float = 0.0
    burst: int = 1
    answer: Facts | None = None


@dataclass(slots=True)
class _Known:
    """How often the same news were sent.

    Attributes:
        attempt: How often, at different moments.
        at: When the latest time, in virtual ms.
    """

    attempt: int
    at: int


@dataclass(slots=True)
class Post:
    """The messages on their way, and which news were sent before."""

    _posted: dict[int, Posted] = field(default_factory=dict)
    _known: dict[str, _Known] = field(default_factory=dict)

    def sent(self, service: Service, message: Message, marks: Marks) -> None:
        """A message was put into the outbox."""
        posted = self._posted[message.number] = _posted(service, message, marks)
        sent = marks.of(f"{message.address} {posted.operation} {_same(posted, message)}")
        known = self._known.get(sent)
        posted.facts["duplicate"] = known is not None and known.at == posted.at
        if known is None:
            known = self._known[sent] = _Known(1, posted.at)
        elif known.at != posted.at:
            known.attempt, known.at = known.attempt + 1, posted.at
        posted.facts["attempt"] = known.attempt
        keep_newest(self._posted, _MOST_KNOWN)
        keep_newest(self._known, _MOST_KNOWN)

    def find(self, service: Service, message: Message, marks: Marks) -> Posted:
        """What is known of a message; one that was sent before anybody looked is looked at now."""
        if message.number not in self._posted:
            self.sent(service, message, marks)
        return self._posted[message.number]

    def take(self, service: Service, message: Message, marks: Marks) -> Posted:
        """As :meth:`find`, for the last time."""
        found = self.find(service, message, marks)
        del self._posted[message.number]
        return found


def _same(posted: Posted, message: Message) -> str:
    """What two attempts to tell the same have in common beside the address."""
    mark = posted.facts.get("notification")  # its body tells an origin, too, which may be wrong
    return str(mark) if mark else message.body.hex()


def _posted(service: Service, message: Message, marks: Marks) -> Posted:
    operation, order_id, facts = _told(service, message, marks)
    held = service.store.find(order_id, service.accounts.first.account) if order_id else None
    status = "" if held is None else held.status
    return Posted(service.now, operation, shown_path(order_id), status, facts)


def _told(service: Service, message: Message, marks: Marks) -> tuple[str, str, Facts]:
    """What a message is, the order it is about, and its facts."""
    sent = read(message.body)
    body = sent if isinstance(sent, dict) else {}
    if message.part == Hooks.name:
        return _of_hook(body, marks, service.accounts.names)
    if message.part == Marketplaces.name:
        news = news_in(message.token)
        return f"marketplace {news.kind}", news.order_id, _invoice(body) if body else {}
    if message.part == ExternalSellers.name:
        order_id = service.part(ExternalSellers).order_of(message)
        return f"seller {_call_of(message)}", order_id, {}
    if message.part == Integration.name:
        return "integration result", *_result(service, message, body, marks)
    return message.part, "", {}


def _invoice(body: Mapping[str, object]) -> Facts:
    return {
        "number": word(body.get("invoiceNumber")),
        "cents": number(body.get("invoiceValue")),
        "tracking": bool(body.get("trackingNumber")),
    }


def _result(
    service: Service, message: Message, body: Mapping[str, object], marks: Marks
) -> tuple[str, Facts]:
    """The order, and what the order integration says of it."""
    name = str(body.get("marketplaceOrderId") or "")
    held = service.store.of_marketplace(name, service.accounts.first.account) if name else None
    order_id = message.token or (held.order_id if held else "")
    return order_id, {"result": word(body.get("code")), "marketplace_order": marks.of(name)}


def _call_of(message: Message) -> str:
    return next((name for end, name in _ENDS.items() if message.address.endswith(end)), "placement")


def _of_hook(
    body: Mapping[str, object], marks: Marks, accounts: tuple[str, ...]
) -> tuple[str, str, Facts]:
    if "hookConfig" in body:
        return "hook ping", "", {}
    names = ("OrderId", "State", "LastState", "LastChange", "CurrentChange")
    news = json.dumps([body.get(name) for name in names])
    origin, state = body.get("Origin"), body.get("State")
    account = origin.get("Account") if isinstance(origin, dict) else None
    facts: Facts = {
        "state": None if state is None else word(state),
        "last": word(body.get("LastState")),
        "domain": word(body.get("Domain")),
        "changed_at": _moment(body.get("CurrentChange")),
        "notification": marks.of(news),
        "wrong_origin": account not in accounts,
    }
    return "hook notification", word(body.get("OrderId")), facts


def _moment(given: object) -> int | None:
    try:
        return moment(given) if isinstance(given, str) else None
    except (ValueError, OverflowError):
        return None


def delivery_facts(posted: Posted) -> Facts:
    """All that is known of a delivery that is over."""
    return {**posted.facts, "burst": posted.burst, "answer": posted.answer or {}}


def answer_facts(posted: Posted, outcome: Outcome, marks: Marks) -> Facts:
    """What was answered."""
    body = read(outcome.body)
    empty = not outcome.body.strip()
    found: Facts = {
        "json": body is not None,
        "empty": empty,
        "missing": [] if empty and not _must_speak(posted) else _missing(posted, body),
        "error_text": any(each in outcome.body[:MOST_READ].lower() for each in _BAD_WORDS),
    }
    if posted.operation == "seller placement":
        row = _own(posted, body)
        given = row.get("orderId") if row else None
        found["seller_order"] = marks.of(str(given)) if given else ""
    return found


def _must_speak(posted: Posted) -> bool:
    """Whether an answer has a body: a seller that thinks about a cancellation sends none."""
    return posted.operation in _REQUIRED and posted.operation != "seller cancellation"


def _missing(posted: Posted, body: object) -> list[str]:
    names = _REQUIRED.get(posted.operation, ())
    if posted.operation != "seller placement":
        return missing(body if isinstance(body, dict) else {}, names)
    rows, row = objects(body if isinstance(body, list) else [body]), _own(posted, body)
    found = [] if isinstance(body, list) else ["(array)"]
    if row is None:
        return [*found, "(order)", *missing(rows[0] if rows else {}, names)]
    return [*found, *(name for name in names if not row.get(name))]


def _own(posted: Posted, body: object) -> Mapping[str, object] | None:
    """What a seller answers about the order that was placed, None when it says nothing of it."""
    rows = objects(body if isinstance(body, list) else [body])
    return next((each for each in rows if each.get("marketplaceOrderId") == posted.order_id), None)
