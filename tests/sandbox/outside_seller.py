"""A seller outside the platform that answers as a test tells it to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from orderflow.conformance.judge import judge
from orderflow.conformance.observe import record_of, step_of
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.external_seller import ExternalSellers
from orderflow.sandbox.outbox import Message, Outcome
from orderflow.sandbox.store import Held
from tests.sandbox.shop import Shop

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
SELLER: dict[str, object] = {"sellerId": "my-seller", "url": "http://localhost:9000/api"}


@dataclass
class Outside:
    """A marketplace in the sandbox and its seller; the seller calls the order ``7890``."""

    shop: Shop = field(default_factory=Shop)
    own_id: str = "7890"
    registration: dict[str, object] = field(default_factory=lambda: dict(SELLER))

    def __post_init__(self) -> None:
        made = self.shop.call("POST", "/_sandbox/sellers", self.registration)
        assert made.status == 201, made

    def place(self, deal: str = "marketplace-seller", **more: object) -> Held:
        """A new order; the seller has been asked for a simulation and not answered."""
        made = self.shop.call("POST", "/_sandbox/orders", {"deal": deal, **more})
        assert made.status == 201, made
        held = self.shop.service.store.find(json.loads(made.body)["orders"][0]["orderId"])
        assert held is not None
        return held

    @property
    def waiting(self) -> list[Message]:
        return list(self.shop.service.outbox.waiting.values())

    @property
    def asked(self) -> list[str]:
        """Paths of the calls that wait for an answer."""
        return [message.url.removeprefix("http://localhost:9000/api") for message in self.waiting]

    def tell(self, body: object = None, status: int = 200, trouble: str = "") -> None:
        """Answer the oldest call."""
        if not isinstance(body, bytes):
            body = b"" if body is None else json.dumps(body).encode()
        self.shop.service.deliver(self.waiting[0].number, Outcome(status, body, trouble))
        self.shop.service.settle()

    def simulate(self, held: Held) -> None:
        """Say that the goods are there."""
        assert self.asked == ["/pvt/orderForms/simulation"]
        rows = [
            {"id": item.id, "requestIndex": place, "quantity": item.quantity, "price": item.price}
            for place, item in enumerate(held.order.items)
        ]
        self.tell({"items": rows, "logisticsInfo": []})

    def take(self, held: Held) -> None:
        """Take the order."""
        assert self.asked == ["/pvt/orders"]
        ids = {"marketplaceOrderId": held.order_id, "orderId": self.own_id}
        self.tell([{**ids, "followUpEmail": "seller@example.com"}])

    def receipt(self, held: Held) -> dict[str, object]:
        """What answers a leave, or agrees to a cancellation."""
        day = "2024-01-01 10:00:00"
        ids = {"marketplaceOrderId": held.order_id, "orderId": self.own_id}
        return {"date": day, **ids, "receipt": "e39d05f9"}

    def taken(self, deal: str = "marketplace-seller", **more: object) -> Held:
        """An order that the seller has taken and that is not paid."""
        held = self.place(deal, **more)
        self.simulate(held)
        self.take(held)
        return held

    def fire(self, held: Held, event: str, data: object = None) -> None:
        body = {"event": event, "data": data or {}}
        fired = self.shop.call("POST", f"/_sandbox/orders/{held.order_id}/events", body)
        assert fired.status == 200, fired

    def paid(self) -> Held:
        """An order that is paid; the seller has been sent its leave and not answered."""
        held = self.taken()
        self.fire(held, "payment_approved")
        assert self.asked == [f"/pvt/orders/{self.own_id}/fulfill"]
        return held

    def allowed(self) -> Held:
        """An order that the seller handles."""
        held = self.paid()
        self.tell(self.receipt(held))
        assert not self.waiting
        return held

    def invoice(self, held: Held, cents: int, number: str = "NF-1", kind: str = "Output") -> Answer:
        items = [{"id": held.order.items[0].id, "quantity": 1, "price": cents}]
        sent = {"type": kind, "invoiceNumber": number, "items": items}
        return self.shop.call("POST", f"/pvt/orders/{held.order_id}/invoice", sent)

    def log(self) -> list[tuple[str, int, str]]:
        """(call, attempt, result) of each call that was answered."""
        found = self.shop.service.part(ExternalSellers).log
        return [(each.call, each.attempt, each.result) for each in found]

    def stands(self, held: Held) -> tuple[str, str]:
        """Status of the marketplace's order, and of the seller's."""
        return held.status, held.sale.simulators["seller"].status

    def pass_time(self, ms: int) -> None:
        moved = self.shop.call("POST", "/_sandbox/clock/advance", {"milliseconds": ms})
        assert moved.status == 200


def broken_rules(held: Held) -> tuple[str, ...]:
    """Rules that the marketplace's order breaks as an error."""
    settings: dict[str, object] = dict(held.sale.settings)
    steps = [step_of(event) for event in held.events]
    record = record_of(held.flow, held.order, steps, settings, held.sale.now)
    return tuple(rule.id for rule, _ in judge(record).of("error"))
