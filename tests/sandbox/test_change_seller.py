"""Another seller takes an order over while its window is open, and for reasons the platform has."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderflow.sandbox.changes_amendment import CURRENT, Amendment
from orderflow.sandbox.placed import Payment, Placed
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.simulator.order import Item
from tests.sandbox.shop import Shop, code

WINDOW = "/api/checkout/pvt/configuration/window-to-change-seller"
DAY = 86_400_000
MINUTE = 60_000
BODY: dict[str, Any] = {
    "marketplacePaymentValue": 10_000,
    "newSellerId": "other-shop",
    "shippingData": {"logisticsInfo": [{"itemIndex": 0, "selectedSla": "Normal"}]},
}


@pytest.fixture
def shop() -> Shop:
    return Shop()


def order(shop: Shop, to: str = "window-to-change-seller", **more: Any) -> Held:
    return shop.service.store.place(deal="seller-change", to=to, **more)[0]


def change(shop: Shop, held: Held, **changes: Any) -> Any:
    path = f"/api/checkout/pvt/orders/{held.order_id}/sellers"
    return shop.call("PUT", path, {**BODY, **changes})


def said(**more: Any) -> tuple[Placed, ...]:
    return (Placed(items=(Item("7", 1, 10_000),), seller="first-shop", **more),)


def test_the_new_seller_gets_the_order_and_the_former_is_out_of_it(shop: Shop) -> None:
    held = order(shop)
    assert held.status == "window-to-change-seller"

    given = change(shop, held)
    shop.service.advance(2 * MINUTE)
    shown: Any = shop.document(held)

    assert given.status == 200
    assert held.status == "payment-approved"
    assert (shown["items"][0]["seller"], shown["sellers"][0]["id"]) == ("other-shop",) * 2
    assert shown["sellerOrderId"] == f"01-{held.order_id}"
    assert shown["shippingData"]["logisticsInfo"][0]["deliveryIds"] == []
    new = shop.service.store.find(f"01-{held.order_id}")
    assert new is not None
    assert new.status == "window-to-cancel"
    assert shop.document(new)["shippingData"]["logisticsInfo"][0]["deliveryIds"] != []  # type: ignore[index]  # JSON


@pytest.mark.parametrize("status", ["payment-pending", "waiting-for-authorization"])
def test_a_marketplace_may_change_its_mind_before_the_order_is_paid(
    shop: Shop, status: str
) -> None:
    held = order(shop, status)

    assert change(shop, held).status == 200
    shop.service.advance(2 * MINUTE)
    assert shop.service.store.find(f"01-{held.order_id}") is not None


@pytest.mark.parametrize("status", ["payment-approved", "canceled", "order-created"])
def test_in_other_statuses_it_is_refused(shop: Shop, status: str) -> None:
    held = order(shop, status)

    assert code(change(shop, held)) == (400, "CHK0165")
    assert held.status == status


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"newSellerId": None}, "CHK0162"),
        ({"newSellerId": "seller"}, "CHK0195"),
        ({"shippingData": None}, "CHK0191"),
        ({"shippingData": {"logisticsInfo": []}}, "CHK0191"),
        ({"shippingData": {"logisticsInfo": [{"itemIndex": 5}]}}, "CHK0191"),
        (
            {
                "shippingData": {
                    "logisticsInfo": [
                        {"itemIndex": 0, "selectedDeliveryChannel": "pickup-in-point"}
                    ]
                }
            },
            "CHK0189",
        ),
        ({"marketplacePaymentValue": "1"}, "001"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(
    shop: Shop, changes: dict[str, Any], refused: str
) -> None:
    held = order(shop)

    assert code(change(shop, held, **changes)) == (400, refused)
    assert held.status == "window-to-change-seller"


def test_an_order_with_taxes_or_with_payments_other_than_cards_keeps_its_seller(
    shop: Shop,
) -> None:
    taxed = order(shop, parts=said(totals=(("Tax", 100),)))
    half = Payment("2", 5_000, 5_000)
    cards = order(shop, parts=said(payments=(half, half)))
    mixed = order(shop, parts=said(payments=(half, Payment("6", 5_000, 5_000))))

    assert code(change(shop, taxed)) == (400, "CHK0193")
    assert code(change(shop, mixed)) == (400, "CHK0192")
    assert change(shop, cards).status == 200


def test_the_seller_stays_the_same_by_its_id(shop: Shop) -> None:
    held = order(shop, parts=said())

    assert code(change(shop, held, newSellerId="first-shop")) == (400, "CHK0195")
    assert change(shop, held).status == 200


def test_an_order_that_was_modified_keeps_its_seller(shop: Shop) -> None:
    held = order(shop)
    held.amendments[1] = Amendment(CURRENT, "request", shop.service.now, "weighed")

    assert code(change(shop, held)) == (400, "CHK0187")


def test_a_seller_that_is_played_from_outside_stays(shop: Shop) -> None:
    held = order(shop, "order-created")
    plan = held.sale.simulators["seller"].plan
    shop.service.store.play_outside(held, "seller", plan)
    shop.service.advance(0)
    assert held.status == "waiting-for-authorization"

    assert code(change(shop, held)) == (400, "CHK0188")


def test_orders_without_another_seller_are_refused(shop: Shop) -> None:
    changed = order(shop)
    assert change(shop, changed).status == 200
    alone = shop.service.store.place(deal="marketplace-seller", to="payment-pending")[0]

    assert code(change(shop, alone)) == (400, "001")
    assert code(change(shop, shop.place("payment-pending"))) == (400, "001")
    missing = shop.call("PUT", "/api/checkout/pvt/orders/v1sbx-01/sellers", BODY)
    assert code(missing) == (404, "CHK0201")


# The window


def test_the_window_is_two_days_unless_it_is_set(shop: Shop) -> None:
    assert shop.get(WINDOW) == 2
    assert shop.call("POST", WINDOW, {"waitingTime": 5}).status == 201
    assert shop.get(WINDOW) == 5
    other = Shop(shop.service, shop.service.accounts.add("other"))
    assert other.get(WINDOW) == 2


def test_an_order_waits_for_another_seller_as_long_as_the_window_was_when_it_was_placed(
    shop: Shop,
) -> None:
    early = order(shop)
    shop.call("POST", WINDOW, {"waitingTime": 5})
    late = order(shop)
    shop.service.advance(2 * DAY)

    assert (early.status, late.status) == ("canceled", "window-to-change-seller")
    shop.service.advance(3 * DAY)
    assert late.status == "canceled"


def test_with_a_window_of_no_days_the_order_is_cancelled_with_its_seller(shop: Shop) -> None:
    shop.call("POST", WINDOW, {"waitingTime": 0})
    held = order(shop, "payment-approved")
    seller = shop.service.store.find(f"00-{held.order_id}")
    assert seller is not None
    shop.service.advance(MINUTE)
    shop.service.fire(seller, "seller_cancel")
    shop.service.advance(MINUTE)

    assert held.status == "canceled"


@pytest.mark.parametrize("days", [32, -1, 1.5, "2", None, True])
def test_a_window_of_more_than_31_days_is_refused(shop: Shop, days: object) -> None:
    assert code(shop.call("POST", WINDOW, {"waitingTime": days})) == (400, "CHK0228")
    assert shop.get(WINDOW) == 2


def test_a_window_of_31_days_counts_as_30_and_is_a_mistake(shop: Shop) -> None:
    assert shop.call("POST", WINDOW, {"waitingTime": 31}).status == 201
    assert shop.get(WINDOW) == 30
    assert "31 days" in shop.service.findings[-1].message

    strict = Shop(Service(strict=True))
    assert strict.call("POST", WINDOW, {"waitingTime": 31}).status == 400
    assert json.loads(strict.call("GET", WINDOW).body) == 2
