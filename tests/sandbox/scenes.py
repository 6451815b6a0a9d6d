"""For each operation a sandbox in which it makes sense, and a call that the platform takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.outbox import Outcome
from orderflow.sandbox.store import Held
from tests.sandbox.changing import Desk, some
from tests.sandbox.outside_seller import Outside
from tests.sandbox.reference import Operation
from tests.sandbox.shop import ORDERS, Shop, invoice

HOUR = 3_600_000
USER, DOCUMENT = "/api/oms/user/orders", "/api/orders/pvt/document"
FEED, HOOK = "/api/orders/feed", "/api/orders/hook/config"
CHANGES = "/api/order-system/orders"
OLD_FEED = "/api/oms/pvt/feed/orders/status"


@dataclass(frozen=True)
class Scene:
    """A call, ready to be made.

    Attributes:
        shop: Where.
        path: Path with its query.
        body: What is sent; None for nothing.
    """

    shop: Shop
    path: str
    body: Any = None

    def call(self, method: str, body: Any) -> Answer:
        """Make the call with this body, and wait for its answer."""
        given = self.shop.call(method, self.path, body)
        if given.later is not None:  # a ping is on its way
            for number in tuple(self.shop.service.outbox.waiting):
                self.shop.service.deliver(number, Outcome(200))
            given = given.later() or given
        return given


def tracked() -> tuple[Shop, Held, str]:
    """A shop, an invoiced order with a tracking number, and the path of its invoices."""
    shop = Shop()
    held = shop.service.store.place(to="handling")[0]
    path = f"{ORDERS}/{held.order_id}/invoice"
    shop.call("POST", path, invoice(held.order.value))
    shop.call("PATCH", f"{path}/NF-1", {"trackingNumber": "T"})
    return shop, held, path


def order(status: str, path: str, base: str = ORDERS) -> Callable[[Operation], Scene]:
    """An order in *status*; *path* goes on after its id."""

    def make(operation: Operation) -> Scene:
        shop = Shop()
        held = shop.service.store.place(to=status)[0]
        return Scene(shop, f"{base}/{held.order_id}{path}", operation.example())

    return make


def fixed(path: str, body: Any = None) -> Callable[[Operation], Scene]:
    """A call about no order, in a shop that has one and a feed."""

    def make(operation: Operation) -> Scene:
        shop = Shop()
        shop.call("POST", f"{FEED}/config", {})
        shop.call("GET", OLD_FEED)
        shop.place("handling")
        return Scene(shop, path, body if body is not None else operation.example())

    return make


def invoiced(path: str) -> Callable[[Operation], Scene]:
    """An invoiced order that is tracked."""

    def make(operation: Operation) -> Scene:
        shop, _, invoices = tracked()
        return Scene(shop, f"{invoices}{path}", operation.example())

    return make


def post_invoice(operation: Operation) -> Scene:
    """An order that is worth as much as the example's invoice."""
    shop = Shop()
    sent = operation.example()
    held = shop.place("handling", price=int(sent["invoiceValue"]))
    return Scene(shop, f"{ORDERS}/{held.order_id}/invoice", sent)


def group(operation: Operation) -> Scene:
    """The documents of a marketplace and its seller."""
    shop = Shop()
    held = shop.service.store.place(deal="marketplace-seller", to="payment-approved")[0]
    return Scene(shop, f"{ORDERS}/order-group/{held.group}")


def feed_items(operation: Operation) -> Scene:
    """A feed with news."""
    shop = Shop()
    shop.call("POST", f"{FEED}/config", {})
    shop.place("invoiced")
    return Scene(shop, f"{FEED}?maxlot=10")


def hook(method: str) -> Callable[[Operation], Scene]:
    """A hook that is configured, or is going to be."""
    sent = {
        "filter": {"type": "FromWorkflow", "status": ["handling"]},
        "hook": {"url": "http://127.0.0.1:9/hook", "headers": {"key": "value"}},
    }

    def make(operation: Operation) -> Scene:
        shop = Shop()
        shop.service.outbox.delivering = True
        scene = Scene(shop, HOOK, sent)
        if method != "POST":
            scene.call("POST", sent)
        return Scene(shop, HOOK, sent if method == "POST" else None)

    return make


def change(path: str) -> Callable[[Operation], Scene]:
    """An order that is being handled; ``{}`` in *path* is a modification that is under way."""

    def make(operation: Operation) -> Scene:
        desk = Desk()
        held = desk.handled()
        sent = {"reason": "weighed", "replace": [{"from": some("sku-2"), "to": some("sku-3")}]}
        given = "" if operation.name in _FIRST else desk.change(held, **sent)
        if path.endswith("/retry"):
            desk.put(held, given, "waiting-confirmation")
        body = sent if operation.request() is not None else None
        where = f"{CHANGES}/{held.order_id}{path.format(given)}"
        return Scene(desk, f"{where}?an=sandbox&accountName=sandbox", body)

    return make


_FIRST = (
    "PATCH /api/order-system/orders/{}/changes",
    "POST /api/order-system/orders/{}/changes/preview",
)
"""Operations that are refused while a modification is under way."""


def legacy_change(operation: Operation) -> Scene:
    """An order that is being handled."""
    desk = Desk()
    held = desk.handled()
    body = {"requestId": "r-1", "reason": "stock", "discountValue": 100, "incrementValue": 0}
    return Scene(desk, f"{ORDERS}/{held.order_id}/changes", body)


def summary(operation: Operation) -> Scene:
    """An order that has been modified."""
    desk = Desk()
    held = desk.handled()
    desk.change(held, replace=[{"from": some("sku-2"), "to": some("sku-3", price=450)}])
    desk.finish()
    return Scene(desk, f"{DOCUMENT}/{held.order_id}/change-summary")


def sold(path: str) -> Callable[[Operation], Scene]:
    """An order of the platform's marketplace, about which its seller tells."""

    def make(operation: Operation) -> Scene:
        shop = Shop()
        held = shop.place("payment-approved", deal="marketplace-seller")
        shop.service.advance(HOUR)
        if "NF-1" in path:
            shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice())
            shop.call("PATCH", f"{ORDERS}/{held.order_id}/invoice/NF-1", {"trackingNumber": "T"})
        return Scene(shop, f"/pvt/orders/{held.order_id}{path}", operation.example())

    return make


def agreement(operation: Operation) -> Scene:
    """An order whose seller is not on the platform, and a modification that waits for it."""
    outside = Outside()
    held = outside.allowed()
    path = f"{CHANGES}/{held.order_id}/changes?accountName=sandbox"
    given = outside.shop.call("PATCH", path, {"reason": "x", "manualDiscountValue": 100})
    outside.pass_time(HOUR)
    change_id = json.loads(given.body)["requestId"]
    where = f"/pvt/orders/{held.order_id}/changes/{change_id}/send-agreement"
    return Scene(outside.shop, where, {"agreementType": "Acknowledgment"})


ORDER: dict[str, Any] = {
    "marketplaceOrderId": "123",
    "marketplaceServicesEndpoint": "http://localhost:9/base",
    "marketplacePaymentValue": 3_500,
    "isCreatedAsync": True,
    "items": [{"id": "7", "quantity": 2, "seller": "1", "price": 1_500}],
    "clientProfileData": {
        "email": "clark.kent@example.com",
        "firstName": "Clark",
        "lastName": "Kent",
        "documentType": "cpf",
        "document": "1",
    },
    "shippingData": {
        "address": {"city": "Recife"},
        "logisticsInfo": [{"itemIndex": 0, "price": 500}],
    },
}


def offered(path: str, body: Any = None) -> Callable[[Operation], Scene]:
    """A marketplace outside the platform, and an order of it."""

    def make(operation: Operation) -> Scene:
        shop = Shop()
        if "/ABC-" in path:
            shop.call("POST", "/api/fulfillment/pvt/orders?affiliateId=ABC&sc=1", ORDER)
        return Scene(shop, path, operation.example() if body is None else body)

    return make


SCENES: dict[str, Callable[[Operation], Scene]] = {
    "GET /api/oms/pvt/orders": fixed(ORDERS),
    "GET /api/oms/pvt/orders/{}": order("handling", ""),
    "GET /api/oms/pvt/orders/order-group/{}": group,
    "GET /api/oms/user/orders": fixed(USER),
    "GET /api/oms/user/orders/{}": order("invoiced", "", USER),
    "GET /api/oms/pvt/orders/{}/conversation-message": order("invoiced", "/conversation-message"),
    "GET /api/oms/pvt/orders/{}/payment-transaction": order("handling", "/payment-transaction"),
    "POST /api/oms/pvt/orders/{}/start-handling": order("ready-for-handling", "/start-handling"),
    "POST /api/oms/pvt/orders/{}/cancel": order("handling", "/cancel"),
    "POST /api/oms/pvt/orders/{}/interactions": order("handling", "/interactions"),
    "POST /api/oms/pvt/orders/{}/payments/{}/payment-notification": order(
        "payment-pending", "/payments/P1/payment-notification"
    ),
    "POST /api/oms/pvt/orders/{}/invoice": post_invoice,
    "PATCH /api/oms/pvt/orders/{}/invoice/{}": invoiced("/NF-1"),
    "PUT /api/oms/pvt/orders/{}/invoice/{}/tracking": invoiced("/NF-1/tracking"),
    "GET /api/oms/pvt/feed/orders/status": fixed(f"{OLD_FEED}?maxLot=5"),
    "GET /api/orders/feed": feed_items,
    "POST /api/orders/feed": fixed(FEED),
    "GET /api/orders/feed/config": fixed(f"{FEED}/config"),
    "POST /api/orders/feed/config": fixed(f"{FEED}/config"),
    "DELETE /api/orders/feed/config": fixed(f"{FEED}/config"),
    "POST /api/orders/expressions/jsonata": fixed(
        "/api/orders/expressions/jsonata",
        {"Expression": 'status = "canceled"', "Document": '{"status":"canceled"}'},
    ),
    "GET /api/orders/hook/config": hook("GET"),
    "POST /api/orders/hook/config": hook("POST"),
    "DELETE /api/orders/hook/config": hook("DELETE"),
    "GET /api/checkout/pvt/configuration/window-to-change-seller": fixed(
        "/api/checkout/pvt/configuration/window-to-change-seller"
    ),
    "POST /api/checkout/pvt/configuration/window-to-change-seller": fixed(
        "/api/checkout/pvt/configuration/window-to-change-seller"
    ),
    "POST /api/oms/pvt/orders/{}/changes": legacy_change,
    "GET /api/orders/pvt/document/{}/change-summary": summary,
    "PATCH /api/order-system/orders/{}/changes": change("/changes"),
    "GET /api/order-system/orders/{}/changes": change("/changes"),
    "GET /api/order-system/orders/{}/changes/{}": change("/changes/{}"),
    "POST /api/order-system/orders/{}/changes/preview": change("/changes/preview"),
    "POST /api/order-system/orders/{}/changes/{}/retry": change("/changes/{}/retry"),
    "POST /api/order-system/orders/{}/changes/{}/cancel": change("/changes/{}/cancel"),
    "GET /api/order-system/orders/changes/settings": fixed(f"{CHANGES}/changes/settings"),
    "PUT /api/order-system/orders/changes/settings": fixed(f"{CHANGES}/changes/settings"),
    "POST /pvt/orders/{}/invoice": sold("/invoice"),
    "POST /pvt/orders/{}/invoice/{}": sold("/invoice/NF-1"),
    "POST /pvt/orders/{}/invoice/{}/tracking": sold("/invoice/NF-1/tracking"),
    "POST /pvt/orders/{}/cancel": sold("/cancel"),
    "POST /pvt/orders/{}/changes/{}/send-agreement": agreement,
    "POST /api/fulfillment/pvt/orders": offered(
        "/api/fulfillment/pvt/orders?affiliateId=ABC&sc=1", ORDER
    ),
    "POST /api/fulfillment/pvt/orders/{}/fulfill": offered(
        "/api/fulfillment/pvt/orders/ABC-123/fulfill?affiliateId=ABC&sc=1",
        {"marketplaceOrderId": "123"},
    ),
    "POST /api/order-integration/orders": offered(
        "/api/order-integration/orders?affiliateId=ABC&an=sandbox"
    ),
    "PUT /api/order-integration/orders/status": offered(
        "/api/order-integration/orders/status?an=sandbox"
    ),
    "POST /api/checkout/pub/orderForms/simulation": offered(
        "/api/checkout/pub/orderForms/simulation?affiliateId=ABC&sc=1"
    ),
}
"""By name of the operation."""

_STATUSES = ("null", "order-created", "payment-pending", "invoiced", "canceled")


def returned(path: str, base: str = ORDERS) -> Callable[[Operation], Scene]:
    """An order with a package that was delivered, and one that came back."""

    def make(operation: Operation) -> Scene:
        shop, held, invoices = tracked()
        move = {"city": "Rio", "state": "RJ", "description": "moved", "date": "2026-11-24"}
        done = {"isDelivered": True, "deliveredDate": "2026-11-25", "events": [move]}
        shop.call("PUT", f"{invoices}/NF-1/tracking", done)
        shop.call("POST", invoices, invoice(100, "R", type="Input"))
        return Scene(shop, f"{base}/{held.order_id}{path}")

    return make


def asked_to_cancel(path: str, base: str = ORDERS) -> Callable[[Operation], Scene]:
    """An order of a marketplace whose shopper does not want it any more."""

    def make(operation: Operation) -> Scene:
        shop = Shop()
        held = shop.service.store.place(deal="marketplace-seller", to="payment-approved")[0]
        shop.service.advance(HOUR)
        shop.call("POST", f"{ORDERS}/{held.order_id}/cancel", {"reason": "too late"})
        return Scene(shop, f"{base}/{held.order_id}{path}")

    return make


def of_many(path: str, base: str = ORDERS) -> tuple[Callable[[Operation], Scene], ...]:
    """The same about orders in many situations."""
    plain = (order(status, path, base) for status in _STATUSES)
    return (*plain, returned(path, base), asked_to_cancel(path, base))


def listed(path: str) -> Callable[[Operation], Scene]:
    """A list of orders that differ in all that a row shows."""

    def make(operation: Operation) -> Scene:
        shop, _, _ = tracked()
        for status in ("payment-pending", "handling", "canceled"):
            shop.service.store.place(to=status)
        shop.service.store.place(deal="marketplace-seller", to="payment-approved")
        return Scene(shop, path)

    return make


FURTHER: dict[str, tuple[Callable[[Operation], Scene], ...]] = {
    "GET /api/oms/pvt/orders/{}": of_many(""),
    "GET /api/oms/user/orders/{}": of_many("", USER),
    "GET /api/oms/pvt/orders/{}/conversation-message": of_many("/conversation-message"),
    "GET /api/oms/pvt/orders/{}/payment-transaction": of_many("/payment-transaction"),
    "GET /api/oms/pvt/orders": (listed(ORDERS), listed(f"{ORDERS}?q=nobody")),
    "GET /api/oms/user/orders": (listed(USER), listed(f"{USER}?text=nobody")),
}
"""Situations in which the same operation answers something else."""
