"""A sandbox without a network, and somebody who calls it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from orderflow.sandbox.account import AppKey
from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.simulator.order import Item

ORDERS = "/api/oms/pvt/orders"
DOCUMENTS = "/api/orders/pvt/document"


@dataclass
class Shop:
    """A sandbox without a network, and somebody who calls it."""

    service: Service = field(default_factory=Service)
    key: AppKey | None = None
    host: str = "127.0.0.1:80"

    def call(self, method: str, path: str, body: object = None, *, raw: bytes = b"") -> Answer:
        key = self.key or self.service.accounts.first
        path, _, query = path.partition("?")
        sent = raw if body is None else json.dumps(body).encode()
        headers = {
            "host": self.host,
            "x-vtex-api-appkey": key.name,
            "x-vtex-api-apptoken": key.token,
        }
        return answer(self.service, Asked(method, path, query, headers, sent))

    def get(self, path: str) -> object:
        given = self.call("GET", path)
        assert given.status == 200, given
        return json.loads(given.body)

    def place(self, to: str, deal: str = "complete", price: int = 10_000) -> Held:
        items = (Item("sku-1", 1, price),)
        return self.service.store.place(deal=deal, items=items, to=to)[0]

    def document(self, held: Held) -> dict[str, object]:
        found = self.get(f"{ORDERS}/{held.order_id}")
        assert isinstance(found, dict)
        return found


def code(given: Answer) -> tuple[int, str]:
    return given.status, json.loads(given.body)["error"]["code"]


def invoice(value: object = 10_000, number: str = "NF-1", **more: object) -> dict[str, object]:
    day = "2026-11-23"
    sent = {"type": "Output", "invoiceNumber": number, "invoiceValue": value, "issuanceDate": day}
    return {**sent, **more}


def listed(shop: Shop, query: str = "") -> tuple[list[str], dict[str, int]]:
    found = shop.get(f"{ORDERS}?{query}")
    assert isinstance(found, dict)
    return [row["orderId"] for row in found["list"]], found["paging"]


def packages(shop: Shop, held: Held) -> list[dict[str, object]]:
    attachment = shop.document(held)["packageAttachment"]
    assert isinstance(attachment, dict)
    found: list[dict[str, object]] = attachment["packages"]
    return found
