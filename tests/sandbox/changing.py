"""Orders that can be modified, and calls that modify them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.placed import Payment, Placed
from orderflow.sandbox.store import Held
from orderflow.simulator.order import Item
from tests.sandbox.shop import ORDERS, Shop

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
CHANGES = "/api/order-system/orders"
GOODS = (Item("sku-1", 2, 10_000), Item("sku-2", 1, 500))
VALUE = 20_500


@dataclass
class Desk(Shop):
    """A shop where somebody modifies orders."""

    def sold(self, to: str = "payment-approved", deal: str = "marketplace-seller") -> Held:
        """The marketplace's document of a sale of :data:`GOODS`."""
        return self.service.store.place(deal=deal, items=GOODS, to=to)[0]

    def below(self, market: Held) -> Held:
        """The seller's document of a sale."""
        return self.service.store.group(market.group)[1]

    def handled(self, *payments: Payment) -> Held:
        """The seller's document, in handling."""
        parts = (Placed(items=GOODS, payments=payments),)
        market = self.service.store.place(
            deal="marketplace-seller", parts=parts, to="payment-approved"
        )[0]
        self.service.advance(HOUR)
        held = self.below(market)
        assert self.call("POST", f"{ORDERS}/{held.order_id}/start-handling").status == 204
        assert held.status == "handling"
        return held

    def market_of(self, held: Held) -> Held:
        """The marketplace's document of the same sale."""
        return self.service.store.group(held.group)[0]

    def ask(self, held: Held, body: object, path: str = "", method: str = "PATCH") -> Answer:
        """One call about the modifications of an order."""
        query = "?accountName=sandbox&an=sandbox"
        return self.call(method, f"{CHANGES}/{held.order_id}/changes{path}{query}", body)

    def change(self, held: Held, **body: object) -> str:
        """Id of a modification that has just been asked for."""
        given = self.ask(held, {"reason": "wanted", **body})
        assert given.status == 202, given
        found: str = json.loads(given.body)["requestId"]
        return found

    def details(self, held: Held, request_id: str) -> dict[str, object]:
        """What the platform says of a modification."""
        given = self.ask(held, None, f"/{request_id}", "GET")
        assert given.status == 200, given
        found: dict[str, object] = json.loads(given.body)
        return found

    def stage(self, held: Held, request_id: str) -> object:
        """Where a modification stands."""
        return self.details(held, request_id)["status"]

    def finish(self) -> None:
        """Let every modification go its way."""
        self.service.advance(10 * SECOND)

    def put(self, held: Held, request_id: str, stage: str) -> Answer:
        """Move a modification by hand."""
        path = f"/_sandbox/orders/{held.order_id}/changes/{request_id}"
        return self.call("POST", path, {"to": stage})

    def legacy(self, held: Held, request_id: object = "r-1", **body: object) -> Answer:
        """A modification of the first version."""
        usual = {"reason": "wanted", "discountValue": 0, "incrementValue": 0}
        path = f"{ORDERS}/{held.order_id}/changes"
        return self.call("POST", path, {"requestId": request_id, **usual, **body})

    def lines(self, held: Held) -> list[tuple[object, ...]]:
        """(id, quantity, selling price) of each item in the document."""
        found = self.document(held)["items"]
        assert isinstance(found, list)
        return [(each["id"], each["quantity"], each["sellingPrice"]) for each in found]

    def totals(self, held: Held) -> dict[str, int]:
        """The totals of the document, by id."""
        found = self.document(held)["totals"]
        assert isinstance(found, list)
        return {each["id"]: each["value"] for each in found}


def some(sku: str, quantity: object = 1, **more: object) -> dict[str, object]:
    """An operation on one item."""
    return {"items": [{"id": sku, "quantity": quantity, **more}]}


def shipped(place: object = 0, address: str = "", price: int = 0) -> dict[str, object]:
    """How an item that comes is shipped."""
    known = {"selectedSla": "Normal", "selectedDeliveryChannel": "delivery"}
    info = {"itemIndex": place, "addressId": address, "price": price, **known}
    return {"shippingData": {"logisticsInfo": [info]}}


def why(given: Answer) -> tuple[int, str, str]:
    """(HTTP status, code, message) of a refusal."""
    error = json.loads(given.body)["error"]
    return given.status, error["code"], error["message"]
