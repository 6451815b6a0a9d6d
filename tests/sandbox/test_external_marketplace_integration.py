"""A connector hands orders in, and is told by code what came of each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderflow.sandbox.outbox import Outcome
from orderflow.sandbox.prices import Prices
from orderflow.sandbox.service import Service
from tests.sandbox.outside import (
    ENDPOINT,
    HANDED,
    INTEGRATION,
    approve,
    integrate,
    rule,
    taken,
    told,
)
from tests.sandbox.shop import ORDERS, Shop

HAND_IN = f"{INTEGRATION}?affiliateId=MKP&an=sandbox"
NEW = [("PlaceOrder", "SOI001")]
PAID = [*NEW, ("ApproveOrder", "SOI002")]
CONTRACT = {
    "marketplaceOrderId",
    "accountName",
    "code",
    "flow",
    "success",
    "operationId",
    "errors",
    "fields",
    "message",
}


@pytest.fixture
def shop() -> Shop:
    return Shop()


def status(shop: Shop, order_id: str = "MKP-123") -> str:
    held = shop.service.store.find(order_id)
    return "" if held is None else held.status


def test_an_order_is_enqueued_at_once_and_integrated_afterwards(shop: Shop) -> None:
    given = json.loads(shop.call("POST", HAND_IN, HANDED).body)
    (message,) = taken(shop)
    result = json.loads(message.body)

    assert (given["code"], given["success"], given["fields"]) == ("SOI003", True, None)
    assert given["message"] == "Order successfully enqueued"
    assert message.url == (
        "http://localhost:9/base/order-integration/notification/processing-result?an=x&an=sandbox"
    )
    assert set(given) == set(result) == CONTRACT
    assert (result["code"], result["marketplaceOrderId"]) == ("SOI001", "123")
    assert result["fields"] == {"mainOrderId": "MKP-123", "franchiseOrderId": None}
    assert status(shop) == "waiting-ffmt-authorization"


def test_a_paid_order_is_integrated_and_approved(shop: Shop) -> None:
    assert integrate(shop, marketplaceOrderStatus="approved") == PAID
    assert status(shop) == "window-to-cancel"


def test_an_order_is_approved_once_it_is_integrated(shop: Shop) -> None:
    assert approve(shop) == [("ApproveOrder", "EOI008")]
    assert integrate(shop) == NEW
    assert approve(shop, status="new") == [("ApproveOrder", "SOI001")]
    assert status(shop) == "waiting-ffmt-authorization"
    assert approve(shop) == [("ApproveOrder", "SOI002")]
    assert approve(shop) == [("ApproveOrder", "EOI009")]


def test_a_cancelled_order_is_out_of_the_status_to_be_approved(shop: Shop) -> None:
    integrate(shop)
    shop.call("POST", f"{ORDERS}/MKP-123/cancel")
    taken(shop)

    assert status(shop) == "canceled"
    assert approve(shop) == [("ApproveOrder", "EOI009")]


def test_an_order_is_integrated_once(shop: Shop) -> None:
    assert integrate(shop) == NEW
    assert integrate(shop) == [("PlaceOrder", "EOI007")]
    assert len(shop.service.store.orders()) == 1

    shop.call("POST", f"{ORDERS}/MKP-123/cancel")
    taken(shop)
    assert integrate(shop) == [("PlaceOrder", "EOI007")]


def test_a_price_that_differs_is_refused_allowed_or_left_to_a_person(shop: Shop) -> None:
    wrong: dict[str, Any] = {"marketplacePaymentValue": 3_400}
    assert integrate(shop, **wrong) == [("PlaceOrder", "EOI003")]
    assert integrate(shop, **wrong, priceDivergenceAllowanceRate=0.02) == [("PlaceOrder", "EOI003")]
    assert integrate(shop, **wrong, priceDivergenceAllowanceRate=0.03) == NEW
    rule(shop, "task")

    paid = integrate(shop, "124", **wrong, marketplaceOrderStatus="approved")

    assert paid == [*NEW, ("ApproveOrder", "EOI011")]
    assert status(shop, "MKP-124") == "waiting-for-manual-authorization"
    held = shop.service.store.find("MKP-124")
    assert held is not None
    shop.service.fire(held, "approve_divergence")
    assert approve(shop, "124") == [("ApproveOrder", "SOI002")]


def test_interest_and_taxes_are_part_of_what_is_paid(shop: Shop) -> None:
    more: dict[str, Any] = {
        "marketplaceInterestValue": 100,
        "taxData": [{"skuId": "7", "value": 50}],
    }

    assert integrate(shop, **more, marketplacePaymentValue=3_650) == NEW
    assert integrate(shop, "124", **more) == [("PlaceOrder", "EOI003")]


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({"items": []}, "EOI004"),
        ({"items": [{"id": "", "quantity": 1}]}, "EOI004"),
        ({"items": [{"id": "gone", "quantity": 1}]}, "EOI002"),
        ({"items": [{"id": "7", "quantity": 0}]}, "EOI005"),
        ({"clientProfileData": {}}, "EOI005"),
        ({"shippingData": None}, "EOI005"),
        ({"marketplacePaymentValue": None}, "EOI005"),
        ({"priceDivergenceAllowanceRate": "5%"}, "EOI005"),
        (
            {
                "shippingData": {
                    "isFob": True,
                    "logisticsInfo": [{"selectedDeliveryChannel": "pickup-in-point"}],
                }
            },
            "EOI005",
        ),
    ],
)
def test_what_makes_no_sense_is_told_by_its_code_and_leaves_nothing(
    shop: Shop, changes: dict[str, Any], result: str
) -> None:
    shop.service.part(Prices).set("sandbox", "gone", None)
    shop.call("POST", HAND_IN, {**HANDED, **changes})
    (message,) = taken(shop)
    body = json.loads(message.body)

    assert (body["code"], body["success"]) == (result, False)
    assert body["errors"][0]["code"]
    assert shop.service.store.orders() == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"marketplaceOrderId": ""},
        {"marketplaceOrderStatus": "shipped"},
        {"connectorEndpoint": None},
        {"connectorEndpoint": 7},
    ],
)
def test_what_cannot_be_enqueued_is_answered_at_once(shop: Shop, changes: dict[str, Any]) -> None:
    given = shop.call("POST", HAND_IN, {**HANDED, **changes})
    body = json.loads(given.body)

    assert (given.status, body["code"], body["success"]) == (200, "EOI005", False)
    assert set(body) == CONTRACT
    assert not shop.service.outbox.waiting


def test_another_account_than_that_of_the_key_is_refused(shop: Shop) -> None:
    other = f"{INTEGRATION}?affiliateId=MKP&an=other"

    assert shop.call("POST", other, HANDED).status == 403
    assert shop.call("PUT", f"{INTEGRATION}/status?an=other", HANDED).status == 403


def test_a_connector_that_does_not_take_its_result_is_told_once(shop: Shop) -> None:
    shop.call("POST", HAND_IN, HANDED)
    taken(shop, Outcome(503))

    assert "answered 503 instead of 200" in shop.service.findings[-1].message
    shop.service.advance(86_400_000)
    assert told(shop) == []


def test_a_connector_that_may_not_be_called_has_its_order_all_the_same(shop: Shop) -> None:
    sent = {**HANDED, "connectorEndpoint": "https://example.com"}

    assert integrate(shop, **{**sent, "marketplaceOrderId": "123"}) == []
    assert status(shop) == "waiting-ffmt-authorization"
    assert "example.com" in shop.service.findings[-1].message
    strict = Shop(Service(strict=True))
    assert strict.call("POST", HAND_IN, sent).status == 400
    assert strict.service.store.orders() == ()


def test_parameters_that_are_missing_are_mistakes(shop: Shop) -> None:
    integrate(shop)
    assert not shop.service.findings
    without = {name: value for name, value in HANDED.items() if name != "invoiceData"}
    shop.call("POST", HAND_IN, {**without, "marketplaceOrderId": "124"})

    assert "invoiceData" in shop.service.findings[-1].message


def test_the_connector_is_told_of_cancellations_where_it_is_told_of_results(shop: Shop) -> None:
    integrate(shop)
    shop.call("POST", f"{ORDERS}/MKP-123/cancel")

    (message,) = taken(shop)

    assert message.url == "http://localhost:9/base/pvt/orders/123/cancel?an=x"
    assert ENDPOINT.endswith("an=x")
