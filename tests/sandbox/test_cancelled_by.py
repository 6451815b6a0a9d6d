"""``cancellationData`` of every document names whoever wanted the sale cancelled.

Source: Orders API, Get order; that a seller who cancels before the payment is not the shopper
follows from the description of ``RequestedBySellerNotification``.
"""

from __future__ import annotations

import pytest

from tests.sandbox.shop import ORDERS, Shop

DAY = 86_400_000
FLAGS = ("User", "System", "SellerNotification", "PaymentNotification")


def flags(shop: Shop) -> set[tuple[str, ...]]:
    """The flags that are true, of all documents there are."""
    found = set()
    for held in shop.service.store.orders():
        data = shop.document(held)["cancellationData"]
        assert isinstance(data, dict)
        found.add(tuple(flag for flag in FLAGS if data[f"RequestedBy{flag}"]))
    return found


@pytest.mark.parametrize("deal", ["marketplace-seller", "marketplace-chain-seller"])
def test_a_seller_that_cancels_before_the_payment_is_named_as_the_one_who_did(deal: str) -> None:
    shop = Shop()
    market = shop.place("payment-pending", deal)
    *_, seller = shop.service.store.group(market.group)
    assert seller.status == "waiting-ffmt-authorization"

    sent = {"reason": "sold out", "requestedByUser": False}
    assert shop.call("POST", f"{ORDERS}/{seller.order_id}/cancel", sent).status == 200
    shop.service.advance(DAY)

    assert market.status == "canceled"
    assert flags(shop) == {("SellerNotification",)}


@pytest.mark.parametrize("deal", ["complete", "marketplace-seller", "marketplace-chain-seller"])
@pytest.mark.parametrize("by_user", [True, None])
def test_a_shopper_is_named_by_all(deal: str, by_user: bool | None) -> None:
    shop = Shop()
    market = shop.place("payment-pending", deal)

    sent = {"requestedByUser": by_user}
    assert shop.call("POST", f"{ORDERS}/{market.order_id}/cancel", sent).status == 200
    shop.service.advance(DAY)

    assert flags(shop) == {("User",)}


def test_a_seller_that_cancels_a_store_of_its_own_is_named() -> None:
    shop = Shop()
    held = shop.place("window-to-cancel")

    sent = {"requestedByUser": False}
    assert shop.call("POST", f"{ORDERS}/{held.order_id}/cancel", sent).status == 200

    assert flags(shop) == {("SellerNotification",)}


@pytest.mark.parametrize("deal", ["marketplace-seller", "marketplace-chain-seller"])
def test_nobody_is_named_when_the_seller_waited_too_long_for_its_authorization(deal: str) -> None:
    shop = Shop()
    market = shop.place("payment-pending", deal)

    shop.service.advance(31 * DAY)

    assert market.status == "canceled"
    assert flags(shop) == {("System",)}
