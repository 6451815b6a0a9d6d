"""What the sandbox tells marketplaces outside the platform: invoices, tracking, cancellations.

An order that is being cancelled stands in ``cancel`` until its marketplace has answered 200. A
marketplace that answers something else, or nothing, is told again after 1, 2, 4 ... minutes, at
most an hour apart and 20 times in all (sandbox decision, as for hooks); then the order is in error.
Source: domain fact sheet "HTTP surface", section 7.1; links ``external-marketplace-invoice`` and
``external-marketplace-cancel`` of the simulator's deals. That every invoice is told of when the
platform has checked it, partial ones too, and a tracking number when it becomes known, is a
sandbox decision.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote, urlsplit, urlunsplit

from orderflow.sandbox.changes_shown import lines
from orderflow.sandbox.deals import FINISH_CANCEL, SELLER
from orderflow.sandbox.dialect import JSON
from orderflow.sandbox.document_packages import packages
from orderflow.sandbox.findings import Finding
from orderflow.sandbox.outbox import Message, Outcome, pause_after
from orderflow.sandbox.part import Part
from orderflow.sandbox.store import Change, Held

_CHECKED = frozenset({"add_invoice_partial", "add_invoice_full"})
_MOST_TRIES = 20
_OK = 200
_TEXTS = (
    "invoiceKey",
    "invoiceUrl",
    "embeddedInvoice",
    "courier",
    "trackingNumber",
    "trackingUrl",
)


@dataclass(frozen=True, slots=True)
class News:
    """Something that a marketplace is to be told.

    Attributes:
        kind: ``invoice`` or ``cancel``.
        account: The seller.
        order_id: What the seller calls the order.
        number: Invoice number, empty for a cancellation.
        attempt: 1 for the first.
    """

    kind: str
    account: str
    order_id: str
    number: str = ""
    attempt: int = 1

    @property
    def token(self) -> str:
        """The news as text, from which :func:`news_in` reads it."""
        return json.dumps([self.kind, self.account, self.order_id, self.number, self.attempt])


def news_in(token: str) -> News:
    """The news that :attr:`News.token` wrote."""
    kind, account, order_id, number, attempt = json.loads(token)
    return News(kind, account, order_id, number, attempt)


class Marketplaces(Part):
    """Tells marketplaces what becomes of the orders that they placed."""

    name: ClassVar[str] = "marketplaces"

    def heard(self, change: Change) -> None:
        """Note what a marketplace is to be told when the call is over."""
        held, event = change.held, change.event
        if held.placed.marketplace is None:
            return
        if event.target == "cancel" and event.source != "cancel":
            self.service.soon(self, News("cancel", held.account, held.order_id))
        elif event.source == "invoice" and event.event in _CHECKED:
            number = held.order.outputs[-1].number
            self.service.soon(self, News("invoice", held.account, held.order_id, number))
        elif event.event == "update_tracking" and "number" in dict(event.data):
            package = dict(event.data).get("package", 1)
            place = package - 1 if isinstance(package, int) else 0
            number = held.order.outputs[place].number
            self.service.soon(self, News("invoice", held.account, held.order_id, number))

    def due(self, token: object) -> None:
        """Tell it."""
        if not isinstance(token, News):
            raise TypeError(f"{token!r} is no news for a marketplace")
        held = self.service.store.find(token.order_id, token.account)
        if held is None or held.placed.marketplace is None:
            return
        marketplace = held.placed.marketplace
        if self.service.outbox.wrong_with(marketplace.endpoint):
            return
        way = "pvt" if token.kind == "cancel" else "pub"
        name = quote(marketplace.order_id, safe="")
        url = below(marketplace.endpoint, f"{way}/orders/{name}/{token.kind}")
        body = b"" if token.kind == "cancel" else _invoice(held, token.number)
        self.service.outbox.send(message_for(self.name, token.token, url, body))

    def answered(self, message: Message, outcome: Outcome) -> None:
        """Go on with the order when the marketplace knows, else tell it again later."""
        news = news_in(message.token)
        held = self.service.store.find(news.order_id, news.account)
        if held is None:
            return
        if outcome.status == _OK:
            self._see_receipt(news, outcome)
            if news.kind == "cancel":
                held.stuck.discard(SELLER)
                self.service.store.release(held, FINISH_CANCEL, SELLER)
            return
        self._find(news, f"answered {outcome.status or outcome.trouble} instead of 200")
        if news.attempt >= _MOST_TRIES:
            held.stuck.add(SELLER)
            return
        again = News(news.kind, news.account, news.order_id, news.number, news.attempt + 1)
        self.service.remind(self.service.now + pause_after(news.attempt), self, again)

    def _see_receipt(self, news: News, outcome: Outcome) -> None:
        """The answer has a body of its own: order, receipt, date."""
        try:
            body = json.loads(outcome.body or b"null")
        except (ValueError, RecursionError):
            body = None
        names = ("orderId", "receipt", "date")
        if not isinstance(body, dict) or any(name not in body for name in names):
            self._find(news, f"answered without {', '.join(names)}")

    def _find(self, news: News, what: str) -> None:
        service = self.service
        told = f"the marketplace's {news.kind} endpoint {what}"
        service.findings.append(
            Finding("", told, service.calls, service.now, order_id=news.order_id)
        )


def message_for(part: str, token: str, url: str, body: bytes) -> Callable[[int], Message]:
    """Makes a message with a JSON body, or with none, from its number."""
    headers = {"accept": "application/json"}
    if body:
        headers["content-type"] = JSON
    return lambda number: Message(number, part, token, "POST", url, headers, body)


def below(endpoint: str, path: str) -> str:
    """The URL of *path* below an endpoint, whose query stays behind it.

    >>> below("http://localhost:1/base/?an=shop", "pub/orders/7/invoice")
    'http://localhost:1/base/pub/orders/7/invoice?an=shop'
    """
    split = urlsplit(endpoint)
    whole = f"{split.path.rstrip('/')}/{path}"
    return urlunsplit((split.scheme, split.netloc, whole, split.query, ""))


def _invoice(held: Held, number: str) -> bytes:
    """The body that tells of an invoice; a field that is not known is null."""
    package = next(each for each in packages(held) if each["invoiceNumber"] == number)
    rows = package["items"]
    skus = [line.id for line in lines(held)]
    told: dict[str, object] = {
        "type": package["type"],
        "invoiceNumber": number,
        "invoiceValue": package["invoiceValue"],
        "issuanceDate": package["issuanceDate"],
        "items": [
            {"id": skus[row["itemIndex"]], "quantity": row["quantity"], "price": row["price"]}
            for row in (rows if isinstance(rows, list) else [])
        ],
        **{name: package.get(name) or None for name in _TEXTS},
        "dispatchedDate": package.get("dispatchedDate"),
    }
    return json.dumps(told, separators=(",", ":")).encode("ascii")
