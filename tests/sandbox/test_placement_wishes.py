"""Orders are made as somebody who tests an integration wishes for them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.service import Service
from tests.sandbox.outside import taken
from tests.sandbox.shop import ORDERS, Shop, code

Made = list[dict[str, Any]]


@pytest.fixture
def shop() -> Shop:
    return Shop()


def ask(service: Service, path: str, **wish: Any) -> Any:
    return answer(service, Asked("POST", f"/_sandbox/{path}", body=json.dumps(wish).encode()))


def make(shop: Shop, **wish: Any) -> Made:
    given = ask(shop.service, "orders", **wish)
    assert given.status == 201, given.body
    found: Made = json.loads(given.body)["orders"]
    return found


def document(shop: Shop, made: dict[str, Any]) -> Any:
    return shop.get(f"{ORDERS}/{made['orderId']}")


def test_one_item_of_a_value_is_collected_by_a_shopper_of_ones_own(shop: Shop) -> None:
    wish = {"value": 4_250, "channel": "pickup-in-point", "email": "me@example.com"}
    (made,) = make(shop, **wish, status="ready-for-handling", salesChannel="9")
    shown = document(shop, made)

    assert (shown["value"], shown["salesChannel"]) == (4_250, "9")
    assert shown["clientProfileData"]["email"].startswith("me@example.com-")
    journey = shown["shippingData"]["logisticsInfo"][0]
    assert journey["deliveryChannel"] == "pickup-in-point"
    assert journey["shippingEstimateDate"] is not None


@pytest.mark.parametrize(
    ("wish", "documents"),
    [
        ({}, ["main"]),
        ({"flow": "complete"}, ["main"]),
        ({"flow": "marketplace", "status": "payment-approved"}, ["market", "seller"]),
        ({"flow": "chain", "status": "payment-approved"}, ["market", "chain", "seller"]),
        ({"sellers": ["a"], "status": "payment-approved"}, ["market", "seller"]),
        ({"deal": "seller-change", "status": "payment-approved"}, ["market", "seller"]),
        ({"affiliate": "MKP"}, ["seller"]),
    ],
)
def test_a_flow_or_a_seller_decides_which_documents_there_are(
    shop: Shop, wish: dict[str, Any], documents: list[str]
) -> None:
    assert [each["participant"] for each in make(shop, **wish)] == documents


def test_two_sellers_split_the_items(shop: Shop) -> None:
    items = [{"id": str(number), "price": 100 * number} for number in (1, 2, 3)]
    made = make(shop, sellers=["a", "b"], items=items, status="payment-approved")
    first, second, *_ = (document(shop, each) for each in made)

    assert [item["id"] for item in first["items"]] == ["1", "3"]
    assert [item["id"] for item in second["items"]] == ["2"]
    assert (first["sellers"][0]["id"], second["sellers"][0]["id"]) == ("a", "b")
    assert (first["value"], second["value"]) == (400, 200)


def test_two_sellers_of_one_item_sell_it_each(shop: Shop) -> None:
    first, second = make(shop, sellers=["a", "b"], value=700)

    assert (first["value"], second["value"]) == (700, 700)


def test_orders_of_a_marketplace_are_counted_on(shop: Shop) -> None:
    make(shop, affiliate="MKP", marketplaceOrderId="2")
    made = make(shop, affiliate="MKP", count=3, status="ready-for-handling")

    assert [each["orderId"] for each in made] == ["MKP-1", "MKP-3", "MKP-4"]
    assert {each["status"] for each in made} == {"ready-for-handling"}
    assert document(shop, made[0])["affiliateId"] == "MKP"


def test_a_marketplace_with_an_endpoint_is_told(shop: Shop) -> None:
    (made,) = make(shop, affiliate="MKP", endpoint="http://localhost:9/x")
    shop.call("POST", f"{ORDERS}/{made['orderId']}/cancel")
    (message,) = taken(shop)
    (alone,) = make(shop, affiliate="MKP")
    shop.call("POST", f"{ORDERS}/{alone['orderId']}/cancel")

    assert message.url == "http://localhost:9/x/pvt/orders/1/cancel"
    assert document(shop, alone)["status"] == "canceled"


def test_the_same_wishes_make_the_same_orders() -> None:
    def story() -> list[bytes]:
        shop = Shop(Service(seed=4))
        make(shop, sellers=["a", "b"], count=2, status="payment-approved")
        make(shop, affiliate="MKP", count=2, status="handling")
        return [shop.call("GET", f"{ORDERS}?per_page=100").body]

    assert story() == story()


@pytest.mark.parametrize(
    ("wish", "status", "words"),
    [
        ({"flow": "barter"}, 400, "there are: complete"),
        ({"flow": "complete", "deal": "complete"}, 400, "not both"),
        ({"deal": "barter"}, 400, "external-marketplace"),
        ({"affiliate": "MKP", "deal": "complete"}, 400, "external-marketplace"),
        ({"deal": "external-marketplace"}, 400, "affiliate"),
        ({"affiliate": "MARKET"}, 400, "3 letters"),
        ({"affiliate": "MKP", "marketplaceOrderId": "1", "count": 2}, 400, "several"),
        ({"affiliate": "MKP", "marketplaceOrderId": "a/b"}, 400, "slashes"),
        ({"affiliate": "MKP", "endpoint": "https://example.com"}, 400, "--allow-hook-host"),
        ({"marketplaceOrderId": "1"}, 400, "affiliate"),
        ({"sellers": ["a", "a"]}, 400, "an id of its own"),
        ({"sellers": ["a", "b", "c"]}, 400, "2 ids at most"),
        ({"sellers": ["a", "b"], "deal": "seller-change"}, 400, "split-order"),
        ({"sellers": ["a"], "flow": "complete"}, 400, "the store itself"),
        ({"value": 5, "items": [{"id": "a"}]}, 400, "not both"),
        ({"value": 0}, 400, "at least 1"),
        ({"channel": "drone"}, 400, "pickup-in-point"),
        ({"email": "a\x00"}, 400, "printable"),
        ({"items": [{}] * 201}, 400, "200"),
    ],
)
def test_a_wish_that_makes_no_sense_is_told_what_would(
    shop: Shop, wish: dict[str, Any], status: int, words: str
) -> None:
    given = ask(shop.service, "orders", **wish)

    assert given.status == status
    assert words in json.loads(given.body)["error"]
    assert shop.service.store.orders() == ()


def test_an_order_id_is_given_once(shop: Shop) -> None:
    make(shop, affiliate="MKP", marketplaceOrderId="7")

    assert ask(shop.service, "orders", affiliate="MKP", marketplaceOrderId="7").status == 409


# Prices


def test_prices_and_the_rule_for_others_are_set(shop: Shop) -> None:
    assert ask(shop.service, "prices", prices={"7": 1_999, "gone": None}).status == 204
    items = [{"id": name, "quantity": 1} for name in ("7", "gone")]
    path = "/api/checkout/pub/orderForms/simulation"
    told = json.loads(shop.call("POST", path, {"items": items}).body)["items"]

    assert [each["availability"] for each in told] == ["available", "withoutStock"]
    assert told[0]["price"] == 1_999
    assert code(shop.call("PUT", "/api/checkout/pub/orders", {"items": items})) == (400, "ORD027")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"divergence": "shrug"}, "deny, task, authorize"),
        ({"prices": [1]}, "in cents"),
        ({"prices": {"7": 0}}, "above 0"),
        ({"prices": {"7": 1.5}}, "above 0"),
        ({"prices": {"": 1}}, "above 0"),
        ({"account": "nobody"}, "there are: sandbox"),
        ({"price": {}}, "unknown: price"),
    ],
)
def test_prices_that_make_no_sense_are_told_what_would(
    shop: Shop, sent: dict[str, Any], words: str
) -> None:
    given = ask(shop.service, "prices", **sent)

    assert given.status in (400, 404)
    assert words in json.loads(given.body)["error"]
