"""A marketplace outside the platform: what it sends, and what it is told."""

from __future__ import annotations

import json
from typing import Any

from orderflow.sandbox.outbox import Message, Outcome
from orderflow.sandbox.prices import RULES, Prices
from orderflow.sandbox.store import Held
from tests.sandbox.shop import Shop

FULFILLMENT = "/api/fulfillment/pvt/orders"
INTEGRATION = "/api/order-integration/orders"
ENDPOINT = "http://localhost:9/base?an=x"
RECEIPT = json.dumps({"orderId": "123", "receipt": "r", "date": "2026-11-24"}).encode()

ORDER: dict[str, Any] = {
    "marketplaceOrderId": "123",
    "marketplaceServicesEndpoint": ENDPOINT,
    "marketplacePaymentValue": 3_500,
    "isCreatedAsync": True,
    "items": [{"id": "7", "quantity": 2, "seller": "1", "price": 1_500}],
    "clientProfileData": {
        "email": "clark.kent@example.com",
        "firstName": "Clark",
        "lastName": "Kent",
        "documentType": None,
        "document": "1",
        "phone": None,
    },
    "shippingData": {
        "address": {"city": "Recife"},
        "logisticsInfo": [{"itemIndex": 0, "price": 500, "lockTTL": "8d"}],
    },
    "paymentData": None,
    "marketingData": None,
    "openTextField": None,
}
HANDED: dict[str, Any] = {
    **ORDER,
    "marketplaceOrderStatus": "NEW",
    "connectorName": "Hub",
    "connectorEndpoint": ENDPOINT,
    "allowFranchises": False,
    "invoiceData": None,
}


def hand_over(shop: Shop, order_id: str = "123", **changes: Any) -> Held:
    """Place an order as the marketplace ``MKP`` does, alone."""
    sent = {**ORDER, "marketplaceOrderId": order_id, **changes}
    given = shop.call("POST", f"{FULFILLMENT}?affiliateId=MKP&sc=3", sent)
    assert given.status == 200, given
    held = shop.service.store.find(f"MKP-{order_id}")
    assert held is not None
    return held


def integrate(shop: Shop, order_id: str = "123", **changes: Any) -> list[tuple[str, str]]:
    """Hand in an order; (flow, code) of each result the connector is told."""
    sent = {**HANDED, "marketplaceOrderId": order_id, **changes}
    given = shop.call("POST", f"{INTEGRATION}?affiliateId=MKP&an=sandbox", sent)
    assert json.loads(given.body)["code"] == "SOI003", given
    return told(shop)


def approve(shop: Shop, order_id: str = "123", status: str = "approved") -> list[tuple[str, str]]:
    """Hand in that an order is paid; (flow, code) of each result the connector is told."""
    sent = {
        "marketplaceOrderId": order_id,
        "marketplaceOrderStatus": status,
        "connectorName": "Hub",
        "connectorEndpoint": ENDPOINT,
    }
    given = shop.call("PUT", f"{INTEGRATION}/status", sent)
    assert json.loads(given.body)["code"] == "SOI003", given
    return told(shop)


def taken(shop: Shop, outcome: Outcome | None = None) -> list[Message]:
    """The messages on their way, each answered like that: by a receipt when nothing is said."""
    found = list(shop.service.outbox.waiting.values())
    for message in found:
        shop.service.deliver(message.number, outcome or Outcome(200, RECEIPT))
    return found


def told(shop: Shop) -> list[tuple[str, str]]:
    """(flow, code) of each result that was on its way."""
    bodies = [json.loads(message.body) for message in taken(shop)]
    return [(body["flow"], body["code"]) for body in bodies]


def rule(shop: Shop, name: str) -> None:
    """Let the store decide so about prices that differ."""
    shop.service.part(Prices).rules["sandbox"] = RULES[name]
