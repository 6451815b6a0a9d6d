"""Whatever is sent to place an order, the answer is in dialect and no order is half there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.outside import FULFILLMENT, HANDED, INTEGRATION, ORDER
from tests.sandbox.shop import ORDERS, Shop

_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["\ud800", "\x00", "7d", "9" * 30, "delivery", "a/b"]),
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
SAID: dict[str, Any] = {
    **HANDED,
    "paymentData": {"payments": [{"paymentSystem": "2", "value": 3_500, "installments": 1}]},
    "shippingData": {
        "address": {"city": "Recife", "geoCoordinates": [1, 2]},
        "logisticsInfo": [
            {
                "itemIndex": 0,
                "price": 500,
                "shippingEstimate": "7d",
                "selectedDeliveryChannel": "delivery",
                "deliveryWindow": {"price": 1},
            }
        ],
    },
    "customData": {"customApps": []},
    "taxData": [{"skuId": "7", "value": 0}],
    "newSellerId": "x",
    "waitingTime": 1,
}
SHOP = Shop()
"""One for all, which begins anew each time: it knows the ways of its sales by then."""

CALLS = (
    ("PUT", "/api/checkout/pub/orders"),
    ("POST", f"{FULFILLMENT}?affiliateId=MKP"),
    ("POST", f"{INTEGRATION}?affiliateId=MKP"),
    ("PUT", f"{INTEGRATION}/status"),
    ("POST", "/api/checkout/pub/orderForms/simulation"),
    ("POST", f"{FULFILLMENT}/MKP-123/fulfill?affiliateId=MKP"),
    ("PUT", "/api/checkout/pvt/orders/v100001sbx-01/sellers"),
    ("POST", "/api/checkout/pvt/configuration/window-to-change-seller"),
    ("POST", "/_sandbox/carts"),
)


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a JSON value, the value itself aside."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for name, each in inner:
        found.append((*here, name))
        if isinstance(each, dict | list):
            found += places(each, (*here, name))
    return found


def with_junk(place: tuple[Any, ...], junk: Any) -> Any:
    """What is usually sent, with *junk* at one place."""
    whole = json.loads(json.dumps(SAID))
    inner = whole
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = junk
    return whole


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CALLS), st.sampled_from(places(SAID)), _VALUES)
def test_junk_is_answered_in_dialect_and_every_order_can_be_read(
    call: tuple[str, str], place: tuple[Any, ...], junk: Any
) -> None:
    shop = SHOP
    shop.service.reset()
    shop.service.store.place(deal="seller-change", to="payment-pending")
    before = len(shop.service.store.orders())

    answered = shop.call(*call, raw=json.dumps(with_junk(place, junk)).encode())

    assert answered.status < 500
    json.loads(answered.body or b"null")
    made = len(shop.service.store.orders()) - before
    assert made <= 1
    assert made == 0 or answered.status < 300
    for held in shop.service.store.orders():
        document = shop.document(held)
        assert sum(total["value"] for total in document["totals"]) == document["value"]  # type: ignore[attr-defined]  # JSON
    assert shop.call("GET", ORDERS).status == 200


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("raw", [b"{", b"[]", b"null", b"7", b'"x"', b"[[]]", b"[" * 5_000])
def test_a_body_that_is_no_object_is_refused(call: tuple[str, str], raw: bytes) -> None:
    assert Shop().call(*call, raw=raw).status < 500


def test_a_section_too_deep_to_be_shown_is_refused() -> None:
    deep: Any = {}
    for _ in range(60):
        deep = {"a": deep}

    assert Shop().call("PUT", CALLS[0][1], {**ORDER, "customData": deep}).status == 400


def test_a_number_that_is_none_is_refused() -> None:
    raw = json.dumps({**ORDER, "customData": {"x": 1}}).replace('"x": 1', '"x": 1e999')

    assert Shop().call("PUT", CALLS[0][1], raw=raw.encode()).status == 400
