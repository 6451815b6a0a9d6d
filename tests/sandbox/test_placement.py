"""An order that a client places is shown as it was sent, and waits for the gateway's callback."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.prices import Prices
from orderflow.sandbox.store import Held
from tests.sandbox.shop import Shop, code

ORDERS = "/api/checkout/pub/orders"
CALLBACK = "/api/checkout/pub/gatewayCallback"
MINUTE = 60_000
ITEM = {"id": "7", "quantity": 2, "seller": "1", "price": 1_500}
BODY: dict[str, Any] = {
    "items": [ITEM],
    "clientProfileData": {"email": "clark.kent@example.com", "firstName": "Clark", "phone": "+55"},
    "shippingData": {
        "address": {"city": "Recife", "postalCode": "50000-000", "geoCoordinates": [-34.9, -8.05]},
        "logisticsInfo": [
            {
                "itemIndex": 0,
                "price": 500,
                "selectedSla": "Express",
                "shippingEstimate": "2bd",
                "selectedDeliveryChannel": "pickup-in-point",
            }
        ],
    },
    "paymentData": {"payments": [{"paymentSystem": 6, "value": 3_500, "installments": 3}]},
    "marketingData": {"utmSource": "test"},
    "openTextField": "ring twice",
}


@pytest.fixture
def shop() -> Shop:
    return Shop()


def placed(shop: Shop, **changes: Any) -> Held:
    """The order that the store holds after it was placed with *changes*."""
    given = shop.call("PUT", f"{ORDERS}?sc=2", {**BODY, **changes})
    assert given.status == 200, given
    held = shop.service.store.find(json.loads(given.body)["orders"][0]["orderId"])
    assert held is not None
    return held


def statuses(shop: Shop, held: Held) -> list[str]:
    return [each.status for each in shop.service.store.group(held.group)]


def test_what_was_sent_stands_in_the_document(shop: Shop) -> None:
    held = placed(shop)
    shown: Any = shop.document(held)

    assert (held.order.value, shown["value"]) == (3_500, 3_500)
    assert [total["value"] for total in shown["totals"]] == [3_000, 0, 500, 0]
    assert shown["salesChannel"] == "2"
    assert shown["clientProfileData"]["firstName"] == "Clark"
    assert shown["clientProfileData"]["email"].startswith("clark.kent@example.com-")
    assert shown["shippingData"]["address"]["city"] == "Recife"
    assert shown["shippingData"]["address"]["geoCoordinates"] == [-34.9, -8.05]
    journey = shown["shippingData"]["logisticsInfo"][0]
    assert (journey["selectedSla"], journey["price"]) == ("Express", 500)
    assert journey["selectedDeliveryChannel"] == "pickup-in-point"
    assert journey["shippingEstimate"] == "2bd"
    paid = shown["paymentData"]["transactions"][0]["payments"][0]
    assert (paid["paymentSystem"], paid["value"], paid["installments"]) == ("6", 3_500, 3)
    assert shown["marketingData"] == {"utmSource": "test"}
    assert shown["openTextField"] == {"value": "ring twice"}


def test_what_was_left_out_is_made_up_and_typed_as_always(shop: Shop) -> None:
    given = shop.call("PUT", ORDERS, {"items": [{"id": "7", "quantity": 1}]})

    order = json.loads(given.body)["orders"][0]
    assert order["items"][0]["price"] == shop.service.part(Prices).of("sandbox", "7") > 0
    assert order["clientProfileData"]["documentType"] == "cpf"
    assert order["shippingData"]["address"]["country"] == "BRA"


def test_the_answer_says_how_to_pay(shop: Shop) -> None:
    given = shop.call("PUT", ORDERS, BODY)

    told = json.loads(given.body)
    order, transaction = told["orders"][0], told["transactionData"]
    assert (order["state"], order["isCompleted"]) == ("order-created", False)
    assert transaction["merchantTransactions"][0]["payments"][0]["value"] == 3_500
    assert order["orderGroup"] in transaction["gatewayCallbackTemplatePath"]
    assert [name for name, _ in given.headers] == ["set-cookie", "set-cookie"]


def test_an_order_is_processed_when_the_gateway_calls_back_and_only_once(shop: Shop) -> None:
    held = placed(shop)
    shop.service.advance(4 * MINUTE)
    assert held.status == "order-created"

    assert shop.call("POST", f"{CALLBACK}/{held.group}").status == 200
    assert held.status == "payment-pending"
    steps = len(held.events)
    assert shop.call("POST", f"{CALLBACK}/{held.group}").status == 200

    assert len(held.events) == steps


def test_an_order_without_a_callback_for_five_minutes_stays_incomplete(shop: Shop) -> None:
    held = placed(shop)
    shop.service.advance(5 * MINUTE)
    late = shop.call("POST", f"{CALLBACK}/{held.group}")

    assert code(late) == (400, "CHK0200")
    assert held.status == "null"
    assert (shop.document(held)["status"], shop.document(held)["isCompleted"]) == (None, False)


def test_a_callback_for_no_order_is_not_found(shop: Shop) -> None:
    assert code(shop.call("POST", f"{CALLBACK}/v1sbx")) == (404, "CHK0199")


def test_a_paid_order_goes_through_its_life(shop: Shop) -> None:
    held = placed(shop)
    shop.call("POST", f"{CALLBACK}/{held.group}")
    payment = shop.document(held)["paymentData"]
    assert isinstance(payment, dict)
    payment_id = payment["transactions"][0]["payments"][0]["id"]

    path = f"/api/oms/pvt/orders/{held.order_id}"
    paid = shop.call("POST", f"{path}/payments/{payment_id}/payment-notification")
    assert (paid.status, held.status) == (200, "window-to-cancel")
    shop.service.advance(30 * MINUTE)

    assert shop.call("POST", f"{path}/start-handling").status == 204
    assert held.status == "handling"


def test_items_of_another_seller_make_an_order_below(shop: Shop) -> None:
    held = placed(shop, items=[{**ITEM, "seller": "corner-shop"}])
    shop.service.advance(MINUTE)
    shown: Any = shop.document(held)

    assert statuses(shop, held) == ["order-created", "waiting-ffmt-authorization"]
    assert (shown["items"][0]["seller"], shown["sellers"][0]["id"]) == ("corner-shop",) * 2


def test_items_of_two_sellers_make_two_orders_that_share_a_payment(shop: Shop) -> None:
    items = [{**ITEM, "seller": "a"}, {**ITEM, "id": "8", "quantity": 1, "seller": "b"}]
    given = shop.call("PUT", ORDERS, {"items": items})

    orders = json.loads(given.body)["orders"]
    assert [(each["value"], each["items"][0]["id"]) for each in orders] == [
        (3_000, "7"),
        (1_500, "8"),
    ]
    group = orders[0]["orderGroup"]
    shop.call("POST", f"{CALLBACK}/{group}")
    shop.service.advance(MINUTE)
    first = shop.service.store.find(orders[0]["orderId"])
    assert first is not None
    shop.service.fire(first, "approve_payment")
    shop.service.advance(MINUTE)
    assert statuses(shop, first)[:2] == ["payment-approved"] * 2


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"items": []}, "ORD005"),
        ({"items": [{**ITEM, "id": ""}]}, "CHK0022"),
        ({"items": [{**ITEM, "quantity": 0}]}, "CHK0023"),
        ({"items": [{**ITEM, "quantity": "2"}]}, "CHK0023"),
        ({"items": [{**ITEM, "price": -1}]}, "CHK0025"),
        ({"items": [{**ITEM, "price": 0}]}, "CHK0025"),
        ({"items": [{**ITEM, "seller": []}]}, "CHK0024"),
        ({"items": [{**ITEM, "seller": name} for name in "abc"]}, "CHK0024"),
        ({"items": [{**ITEM, "id": "gone"}]}, "ORD027"),
        ({"items": [ITEM] * 201}, "FMT0104"),
        ({"clientProfileData": {"email": 7}}, "ORD007"),
        ({"shippingData": {"address": {"city": 7}}}, "ORD006"),
        ({"shippingData": {"address": {"geoCoordinates": ["nan", 1]}}}, "ORD006"),
        ({"shippingData": {"logisticsInfo": [{"itemIndex": 1}]}}, "ORD006"),
        ({"shippingData": {"logisticsInfo": [{"shippingEstimate": "soon"}]}}, "ORD006"),
        ({"shippingData": {"logisticsInfo": [{"selectedDeliveryChannel": "drone"}]}}, "ORD006"),
        ({"paymentData": {"payments": [{"paymentSystem": "x", "value": 1}]}}, "ORD020"),
        ({"paymentData": {"payments": [{"paymentSystem": "2", "value": 1}]}}, "ORD009"),
        ({"marketingData": [1]}, "001"),
        ({"items": "all"}, "001"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(
    shop: Shop, changes: dict[str, Any], refused: str
) -> None:
    shop.service.part(Prices).set("sandbox", "gone", None)

    assert code(shop.call("PUT", ORDERS, {**BODY, **changes})) == (400, refused)
    assert shop.service.store.orders() == ()


def test_a_cart_is_bought_once(shop: Shop) -> None:
    asked = Asked("POST", "/_sandbox/carts", body=json.dumps(BODY).encode())
    cart = json.loads(answer(shop.service, asked).body)
    path = f"/api/checkout/pub/orderForm/{cart['orderFormId']}/transaction"

    assert code(shop.call("POST", path, {"value": 1})) == (400, "ORD009")
    bought = shop.call("POST", path, {"value": cart["value"], "referenceId": cart["orderFormId"]})
    assert bought.status == 200
    assert json.loads(bought.body)["orders"][0]["orderFormId"] == cart["orderFormId"]
    assert code(shop.call("POST", path, {})) == (404, "CHK0197")


def test_a_cart_without_items_is_refused_with_a_reason(shop: Shop) -> None:
    given = answer(shop.service, Asked("POST", "/_sandbox/carts", body=b'{"items": []}'))

    assert given.status == 400
    assert "without items" in json.loads(given.body)["error"]


def test_personal_data_is_in_documents_only(shop: Shop) -> None:
    held = placed(shop)

    for text in (repr(held.placed), repr(held.order), repr(shop.service.trace)):
        assert "clark.kent" not in text.lower()
        assert "Recife" not in text


def test_the_same_calls_make_the_same_answers() -> None:
    def told() -> list[bytes]:
        shop = Shop()
        return [shop.call("PUT", ORDERS, BODY).body for _ in range(2)]

    assert told() == told()
