"""A seller takes orders of a marketplace outside the platform and tells what becomes of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderflow.sandbox.outbox import Outcome
from orderflow.sandbox.prices import Prices
from orderflow.sandbox.service import Service
from tests.sandbox.outside import (
    ENDPOINT,
    FULFILLMENT,
    ORDER,
    hand_over,
    rule,
    taken,
)
from tests.sandbox.shop import ORDERS, Shop, code, invoice

PLACE = f"{FULFILLMENT}?affiliateId=MKP"
MINUTE = 60_000


@pytest.fixture
def shop() -> Shop:
    return Shop()


def fulfill(shop: Shop, order_id: str = "MKP-123", **sent: Any) -> Any:
    return shop.call("POST", f"{FULFILLMENT}/{order_id}/fulfill?affiliateId=MKP", sent or None)


def handling(shop: Shop) -> Any:
    """An order that is handled."""
    held = hand_over(shop)
    fulfill(shop)
    shop.service.advance(30 * MINUTE)
    shop.call("POST", f"{ORDERS}/MKP-123/start-handling")
    assert held.status == "handling"
    return held


def test_an_order_is_placed_under_the_affiliates_name_and_waits_to_be_authorised(
    shop: Shop,
) -> None:
    held = hand_over(shop)
    shown: Any = shop.document(held)

    assert held.status == "waiting-ffmt-authorization"
    assert (shown["orderId"], shown["marketplaceOrderId"]) == ("MKP-123", "123")
    assert (shown["affiliateId"], shown["salesChannel"]) == ("MKP", "3")
    assert (shown["origin"], shown["value"]) == ("Fulfillment", 3_500)
    assert shown["marketplaceServicesEndpoint"] == ENDPOINT
    paid = shown["paymentData"]["transactions"][0]
    assert paid["transactionId"] is None
    assert paid["payments"][0]["paymentSystemName"] == "Assumed value by affiliate MKP"
    assert shown["clientProfileData"]["firstName"] == "Clark"


def test_an_array_is_answered_by_an_array_and_an_order_by_the_references_object(
    shop: Shop,
) -> None:
    second = {**ORDER, "marketplaceOrderId": "124"}
    many = json.loads(shop.call("POST", PLACE, [ORDER, second]).body)
    one = json.loads(shop.call("POST", PLACE, {**ORDER, "marketplaceOrderId": "125"}).body)

    assert [each["orderId"] for each in many] == ["MKP-123", "MKP-124"]
    assert many[0]["items"] == ORDER["items"]
    assert (one["orderId"], one["status"]) == ("MKP-125", "success")
    assert one["orderData"]["marketplaceOrderId"] == "125"


def test_an_array_is_placed_as_a_whole_or_not_at_all(shop: Shop) -> None:
    wrong = {**ORDER, "marketplaceOrderId": "124", "items": []}

    assert code(shop.call("POST", PLACE, [ORDER, wrong])) == (400, "FMT0026")
    assert code(shop.call("POST", PLACE, [ORDER, ORDER])) == (400, "FMT009")
    assert shop.service.store.orders() == ()


def test_an_order_is_placed_once_even_after_it_was_cancelled(shop: Shop) -> None:
    held = hand_over(shop)
    assert code(shop.call("POST", PLACE, ORDER)) == (400, "FMT009")
    other = f"{FULFILLMENT}?affiliateId=ABC"
    assert shop.call("POST", other, ORDER).status == 200

    shop.call("POST", f"{ORDERS}/MKP-123/cancel", {"reason": "x"})
    taken(shop)
    assert held.status == "canceled"

    assert code(shop.call("POST", PLACE, ORDER)) == (400, "FMT0060")


def test_a_paid_order_is_authorised_once(shop: Shop) -> None:
    held = hand_over(shop)

    first = fulfill(shop, marketplaceOrderId="123")
    again = fulfill(shop, marketplaceOrderId="123")

    assert first.status == 201
    assert json.loads(first.body)["orderId"] == "MKP-123"
    assert json.loads(first.body)["receipt"]
    assert held.status == "window-to-cancel"
    assert code(again) == (400, "CHK0231")


def test_an_authorisation_names_the_order_as_its_marketplace_does(shop: Shop) -> None:
    hand_over(shop)
    own = shop.place("payment-pending")

    assert code(fulfill(shop, marketplaceOrderId="124")) == (400, "FMT0071")
    assert code(fulfill(shop, "MKP-124")) == (404, "OMS007")
    assert code(fulfill(shop, own.order_id)) == (404, "OMS007")
    other = f"{FULFILLMENT}/MKP-123/fulfill?affiliateId=ABC"
    assert code(shop.call("POST", other)) == (404, "OMS007")


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"marketplaceOrderId": None}, "FMT015"),
        ({"marketplaceOrderId": "1/2"}, "001"),
        ({"marketplaceServicesEndpoint": None}, "FMT0070"),
        ({"marketplacePaymentValue": None}, "FMT0042"),
        ({"marketplacePaymentValue": 0}, "FMT0042"),
        ({"marketplacePaymentValue": "35.00"}, "001"),
        ({"items": None}, "FMT0026"),
        ({"items": [{"id": "7", "quantity": 1.5}]}, "FMT0038"),
        ({"items": [{"id": None, "quantity": 1}]}, "FMT0039"),
        ({"items": [{"id": "7", "quantity": 1, "price": "1"}]}, "FMT0041"),
        ({"items": [{"id": "gone", "quantity": 1}]}, "FMT005"),
        ({"clientProfileData": None}, "FMT0045"),
        ({"shippingData": {}}, "FMT001"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(
    shop: Shop, changes: dict[str, Any], refused: str
) -> None:
    shop.service.part(Prices).set("sandbox", "gone", None)

    assert code(shop.call("POST", PLACE, {**ORDER, **changes})) == (400, refused)
    assert shop.service.store.orders() == ()


@pytest.mark.parametrize(
    ("query", "refused"),
    [("", "FMT0021"), ("?affiliateId=%C3%A9ab", "FMT0021"), ("?affiliateId=MARKET", "FMT0031")],
)
def test_an_affiliate_has_three_characters(shop: Shop, query: str, refused: str) -> None:
    assert code(shop.call("POST", FULFILLMENT + query, ORDER)) == (400, refused)


# Prices


def test_a_price_that_differs_is_refused_where_the_store_has_no_rule(shop: Shop) -> None:
    wrong_total = {**ORDER, "marketplacePaymentValue": 3_400}
    assert code(shop.call("POST", PLACE, wrong_total)) == (400, "FMT007")

    shop.service.part(Prices).set("sandbox", "7", 1_600)
    assert code(shop.call("POST", PLACE, ORDER)) == (400, "FMT007")
    assert shop.service.store.orders() == ()


def test_a_person_decides_about_a_price_that_differs_where_the_rule_says_so(shop: Shop) -> None:
    rule(shop, "task")
    wrong: dict[str, Any] = {"marketplacePaymentValue": 3_400}
    sync = {**ORDER, **wrong, "isCreatedAsync": False}
    assert code(shop.call("POST", PLACE, sync)) == (400, "FMT007")

    held = hand_over(shop, **wrong)
    assert held.status == "waiting-for-manual-authorization"
    assert code(fulfill(shop)) == (400, "CHK0242")
    totals: Any = shop.document(held)["totals"]
    assert [total["value"] for total in totals] == [3_000, -100, 500, 0]
    shop.service.fire(held, "approve_divergence")

    assert fulfill(shop).status == 201


def test_a_rule_can_let_every_price_pass(shop: Shop) -> None:
    rule(shop, "authorize")

    held = hand_over(shop, marketplacePaymentValue=4_000)

    assert (held.status, held.order.value) == ("waiting-ffmt-authorization", 4_000)


# What the marketplace is told


def test_every_invoice_and_its_tracking_is_told(shop: Shop) -> None:
    held = handling(shop)
    path = f"{ORDERS}/MKP-123/invoice"
    items = [{"id": "7", "quantity": 1, "price": 1_500}]
    shop.call("POST", path, invoice(1_500, "A", items=items))
    shop.call("POST", path, invoice(2_000, "B"))
    assert held.status == "invoiced"
    sent = taken(shop)

    assert {each.url for each in sent} == {"http://localhost:9/base/pub/orders/123/invoice?an=x"}
    bodies = [json.loads(each.body) for each in sent]
    assert [(each["invoiceNumber"], each["invoiceValue"]) for each in bodies] == [
        ("A", 1_500),
        ("B", 2_000),
    ]
    assert bodies[0]["items"] == items
    assert bodies[0]["trackingNumber"] is None
    number = {"trackingNumber": "T", "trackingUrl": None, "courier": "C", "dispatchedDate": None}
    assert shop.call("PATCH", f"{path}/A", number).status == 200
    (tracked,) = [json.loads(each.body) for each in taken(shop)]
    assert (tracked["invoiceNumber"], tracked["trackingNumber"]) == ("A", "T")


def test_an_order_is_cancelled_for_good_when_its_marketplace_knows(shop: Shop) -> None:
    held = hand_over(shop)
    shop.call("POST", f"{ORDERS}/MKP-123/cancel", {"reason": "x"})
    assert held.status == "cancel"
    shop.service.advance(90 * 24 * 60 * MINUTE)
    assert held.status == "cancel"

    (message,) = taken(shop)

    assert message.url == "http://localhost:9/base/pvt/orders/123/cancel?an=x"
    assert held.status == "canceled"
    assert not shop.service.findings


def test_a_marketplace_that_does_not_answer_200_is_told_again_later_and_later(shop: Shop) -> None:
    held = hand_over(shop)
    shop.call("POST", f"{ORDERS}/MKP-123/cancel")
    start, moments = shop.service.now, []
    for _ in range(40):
        shop.service.advance(MINUTE)
        if shop.service.outbox.waiting:
            moments.append((shop.service.now - start) // MINUTE)
            taken(shop, Outcome(500))

    assert moments == [1, 2, 4, 8, 16, 32]
    assert held.status == "cancel"
    assert "answered 500 instead of 200" in shop.service.findings[0].message
    shop.service.advance(60 * MINUTE)
    taken(shop)
    assert held.status == "canceled"


def test_after_twenty_tries_the_order_is_in_error(shop: Shop) -> None:
    held = hand_over(shop)
    shop.call("POST", f"{ORDERS}/MKP-123/cancel")
    tries = 0
    for _ in range(25):
        tries += len(taken(shop, Outcome(0, trouble="timeout")))
        shop.service.advance(60 * MINUTE)

    assert tries == 20
    assert shop.document(held)["workflowIsInError"] is True
    assert "answered timeout" in shop.service.findings[-1].message


def test_an_answer_without_a_receipt_is_a_mistake_that_passes(shop: Shop) -> None:
    held = hand_over(shop)
    shop.call("POST", f"{ORDERS}/MKP-123/cancel")
    taken(shop, Outcome(200, b"OK"))

    assert held.status == "canceled"
    assert "receipt" in shop.service.findings[-1].message


def test_an_endpoint_that_may_not_be_called_is_told_nothing(shop: Shop) -> None:
    held = hand_over(shop, marketplaceServicesEndpoint="https://example.com/mkp")
    assert "example.com is not on this machine" in shop.service.findings[-1].message

    shop.call("POST", f"{ORDERS}/MKP-123/cancel")

    assert not shop.service.outbox.waiting
    assert held.status == "canceled"


def test_parameters_that_are_missing_are_mistakes_and_null_ones_are_not(shop: Shop) -> None:
    hand_over(shop)
    assert not shop.service.findings

    without = {name: value for name, value in ORDER.items() if name != "openTextField"}
    shop.call("POST", PLACE, {**without, "marketplaceOrderId": "124"})
    assert "openTextField" in shop.service.findings[-1].message
    strict = Shop(Service(strict=True))

    assert strict.call("POST", PLACE, without).status == 400
    assert strict.service.store.orders() == ()
    assert strict.call("POST", PLACE, ORDER).status == 200


def test_an_order_of_a_marketplace_is_no_order_of_the_store(shop: Shop) -> None:
    hand_over(shop)

    assert shop.service.store.of_marketplace("123") is shop.service.store.find("MKP-123")
    assert shop.service.store.of_marketplace("123", "other") is None
    row: Any = shop.get(ORDERS)
    assert row["list"][0]["affiliateId"] == "MKP"
    assert row["list"][0]["marketPlaceOrderId"] == "123"


def test_a_simulation_gives_the_price_that_an_order_would_have(shop: Shop) -> None:
    prices = shop.service.part(Prices)
    prices.set("sandbox", "7", 1_999)
    prices.set("sandbox", "gone", None)
    items = [{"id": name, "quantity": 2, "seller": "1"} for name in ("7", "other", "gone")]
    path = "/api/checkout/pub/orderForms/simulation"
    told = json.loads(shop.call("POST", path, {"items": items, "country": "BRA"}).body)

    known, made, gone = told["items"]
    assert (known["price"], known["priceDefinition"]["total"]) == (1_999, 3_998)
    assert made["price"] == prices.of("sandbox", "other")
    assert gone["availability"] == "withoutStock"
    assert (told["logisticsInfo"][0]["slas"][0]["id"], told["logisticsInfo"][2]["slas"]) == (
        "Normal",
        [],
    )
    assert told["totals"][0]["value"] == 3_998 + 2 * made["price"]
    assert code(shop.call("POST", path, {"items": [{"id": "7"}]})) == (400, "CHK0023")
