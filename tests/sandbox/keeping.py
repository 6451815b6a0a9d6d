"""For tests of sandboxes in files: clients that make calls, and everything that can be read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.journal import Journal
from orderflow.sandbox.service import Service

FEED = "/api/orders/feed"
OMS = "/api/oms/pvt/orders"
CONFIG = {
    "filter": {"type": "FromWorkflow", "status": ["handling", "invoiced", "canceled"]},
    "queue": {"visibilityTimeoutInSeconds": 240, "MessageRetentionPeriodInSeconds": 345_600},
}


@dataclass(frozen=True, slots=True)
class Client:
    """Calls a service as an integration does, without a network.

    Attributes:
        service: The sandbox.
        log: Every answer.
    """

    service: Service
    log: list[Answer] = field(default_factory=list, init=False)

    @property
    def headers(self) -> dict[str, str]:
        key = self.service.accounts.first
        return {"x-vtex-api-appkey": key.name, "x-vtex-api-apptoken": key.token}

    def call(self, method: str, path: str, body: object = None) -> Answer:
        sent = b"" if body is None else json.dumps(body).encode()
        path, _, query = path.partition("?")
        self.log.append(answer(self.service, Asked(method, path, query, self.headers, sent)))
        return self.log[-1]

    def told(self, method: str, path: str, body: object = None) -> dict[str, object]:
        given = self.call(method, path, body)
        assert given.status < 300, given.body
        found: dict[str, object] = json.loads(given.body or b"{}")
        return found

    def place(self, status: str = "ready-for-handling") -> str:
        made = self.told("POST", "/_sandbox/orders", {"status": status})["orders"]
        assert isinstance(made, list)
        return str(made[0]["orderId"])

    def start_handling(self, order_id: str) -> int:
        return self.call("POST", f"{OMS}/{order_id}/start-handling").status

    def cancel(self, order_id: str) -> int:
        return self.call("POST", f"{OMS}/{order_id}/cancel", {"reason": "test"}).status

    def invoice(self, order_id: str) -> int:
        value = self.service.order(order_id, self.service.accounts.first.account).order.value
        return self.call("POST", f"{OMS}/{order_id}/invoice", invoice_of(value)).status

    def feed(self) -> list[str]:
        """Configure the feed, read it, and give the handles."""
        assert self.call("POST", FEED + "/config", CONFIG).status == 200
        return [str(item["handle"]) for item in json.loads(self.call("GET", FEED).body)]

    def advance(self, **time: int) -> int:
        return self.call("POST", "/_sandbox/clock/advance", time).status

    def everything(self) -> list[bytes]:
        """What every call that only reads answers, the count of calls left out."""
        account = self.service.accounts.first.account
        orders = [held.order_id for held in self.service.store.orders(account)]
        paths = [f"{OMS}?per_page=100", FEED + "/config", "/_sandbox/orders"]
        paths += [f"{OMS}/{order_id}" for order_id in orders]
        paths += [f"/_sandbox/orders/{order_id}" for order_id in orders]
        return [self.call("GET", path).body for path in paths]


def invoice_of(value: int, number: str = "1") -> dict[str, object]:
    """The body of an invoice of everything."""
    facts = {"type": "Output", "invoiceNumber": number, "issuanceDate": "2026-01-02"}
    return {**facts, "invoiceValue": value, "items": []}


@dataclass(frozen=True, slots=True)
class Kept(Client):
    """A client of a sandbox in a file."""

    journal: Journal


def kept(path: Path, service: Service | None = None) -> Kept:
    """Open a sandbox in a file; a usual one when no other is handed in."""
    service = service or Service()
    return Kept(service, Journal(service, path))
