"""Whatever a client sends, no line of a trace holds what it did not mean for everybody's eyes.

A text of a client stands in a line only where a judge needs it: ids of orders and items, invoice
numbers, statuses and affiliates. Everything else is a number, a name of ours, or a mark.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderflow.conformance.integration.trace_file import parse_trace
from orderflow.sandbox.answering import ALL
from orderflow.sandbox.evidence_facts import FACTS
from orderflow.sandbox.openapi_known import KNOWN
from orderflow.sandbox.outbox import Outcome
from orderflow.sandbox.routes import Route
from orderflow.sandbox.trace_file import written
from tests.sandbox.outside import FULFILLMENT, ORDER
from tests.sandbox.outside_seller import Outside
from tests.sandbox.witnessed import Watched

MARK = "Xq7hidden"
SHOWN = {"id", "itemId", "invoiceNumber", "status"}
"""Fields whose texts a judge needs."""

MORE = (
    *("reason", "denyReason", "cancellationRequestId", "issuanceDate", "issuedDate", "courier"),
    *("trackingNumber", "trackingUrl", "invoiceKey", "isDelivered", "deliveredDate", "events"),
    *("invoiceValue", "items", "quantity", "price", "type", "filter", "hook", "url", "headers"),
    *("queue", "expression", "disableSingleFire", "handles", "requestId", "agreementType"),
    *("marketplaceOrderId", "marketplaceOrderStatus", "connectorEndpoint", "connectorName"),
    *("clientProfileData", "email", "firstName", "document", "remove", "replace", "add"),
    *("manualDiscountValue", "visibilityTimeoutInSeconds", "appKey", "appToken"),
)
NAMES = tuple({*MORE, *(name for each in KNOWN.values() for name in each.fields)} - SHOWN)
VENDOR = tuple(each for each in ALL.all if not each.path.startswith("/_sandbox"))
TOLD = tuple(each for each in VENDOR if f"{each.method} {each.path}" in FACTS)
HEADERS = ("user-agent", "cookie", "x-forwarded-for", "referer", "authorization", "x-request-id")

texts = st.integers(0, 99).map(lambda number: f"{MARK}{number}")
values = st.recursive(
    texts | st.integers(-5, 10**6) | st.booleans() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=15,
)
bodies = st.dictionaries(st.sampled_from(NAMES), values, max_size=10)
headers = st.dictionaries(st.sampled_from(HEADERS), texts, max_size=6)


def all_told(shop: Watched) -> str:
    return json.dumps([written(each, shop.witness) for each in shop.witness.lines])


def path_of(route: Route, order_id: str) -> str:
    path = route.path.replace("{orderId}", order_id).replace("{changeOrderId}", order_id)
    return path.replace("{", "").replace("}", "")


SHOP = Watched()
HELD = SHOP.place("handling")
SHOP.configure()


def told_of(route: Route, body: object, more: dict[str, str]) -> str:
    """Call a route with the key of the shop; the lines that come of it."""
    count = len(SHOP.witness)
    path = f"{path_of(route, HELD.order_id)}?q={MARK}&clientEmail={MARK}"
    SHOP.ask(route.method, path, json.dumps(body).encode(), more)
    return json.dumps([written(each, SHOP.witness) for each in SHOP.witness.since(count)])


@pytest.mark.parametrize("route", TOLD, ids=lambda each: f"{each.method} {each.path}")
@pytest.mark.parametrize("known", [True, False])
def test_a_body_of_nothing_but_secrets_leaves_none(route: Route, known: bool) -> None:
    key = SHOP.service.accounts.first
    token = key.token if known else f"{MARK}token"
    credentials = {"x-vtex-api-appkey": key.name, "x-vtex-api-apptoken": token}
    secret = dict.fromkeys(HEADERS, MARK)
    flat: dict[str, object] = dict.fromkeys(NAMES, MARK)

    for body in (flat, dict.fromkeys(NAMES, (flat,)), dict.fromkeys(NAMES, flat), [flat]):
        told = told_of(route, body, {**secret, **credentials})
        assert '"call"' in told
        assert MARK not in told
        assert key.token not in told


@settings(max_examples=200, deadline=None)
@given(
    route=st.sampled_from(TOLD) | st.sampled_from(VENDOR),
    body=bodies | values,
    sent=headers,
    known=st.booleans(),
)
def test_no_field_and_no_header_reaches_a_line(
    route: Route, body: Any, sent: dict[str, str], known: bool
) -> None:
    key = SHOP.service.accounts.first
    token = key.token if known else f"{MARK}token"
    credentials = {"x-vtex-api-appkey": key.name, "x-vtex-api-apptoken": token}

    told = told_of(route, body, {**sent, **credentials})

    assert MARK not in told
    assert key.token not in told
    assert key.name not in told


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from((*NAMES, *SHOWN)) | st.text(max_size=4), inner, max_size=4
        )
    ),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(
    route=st.sampled_from(TOLD),
    body=st.binary(max_size=40) | anything.map(lambda value: json.dumps(value).encode()),
    query=st.dictionaries(
        st.sampled_from(("maxlot", "page", "f_status", "f_creationDate", "affiliateId", "an")),
        st.text(max_size=30) | st.just("creationDate:[2024-01-01 TO 9999-99-99]"),
        max_size=3,
    ),
)
def test_nothing_that_is_sent_upsets_a_witness(
    route: Route, body: bytes, query: dict[str, str]
) -> None:
    key = SHOP.service.accounts.first
    credentials = {"x-vtex-api-appkey": key.name, "x-vtex-api-apptoken": key.token}
    path = f"{path_of(route, HELD.order_id)}?{urlencode(query, errors='replace')}"
    count = len(SHOP.witness)

    SHOP.ask(route.method, path, body, credentials)

    (*_, line) = SHOP.witness.since(count)
    (same,) = parse_trace([json.dumps(written(line, SHOP.witness))])
    assert line.operation == f"{route.method} {route.path}"
    assert same.facts == line.facts


def test_a_path_without_a_route_shows_no_address() -> None:
    shop = Watched()
    shop.call("GET", f"/api/dataentities/CL/{MARK}@example.com")

    assert MARK not in all_told(shop)


def test_an_order_that_was_handed_in_shows_nobody() -> None:
    shop = Watched()
    shopper = dict.fromkeys(("email", "firstName", "document"), f"{MARK}@example.com")
    address = {"street": MARK, "receiverName": MARK}
    logistics = ORDER["shippingData"]["logisticsInfo"]
    sent = {
        **ORDER,
        "clientProfileData": {**ORDER["clientProfileData"], **shopper},
        "shippingData": {"address": address, "logisticsInfo": logistics},
        "openTextField": MARK,
    }
    assert shop.call("POST", f"{FULFILLMENT}?affiliateId=MKP", sent).status == 200
    shop.call("GET", "/api/oms/pvt/orders/MKP-123")

    told = all_told(shop)
    assert MARK not in told
    assert "MKP-123" in told


def test_neither_what_a_seller_is_sent_nor_what_it_answers_is_shown() -> None:
    registration: dict[str, object] = {
        "sellerId": "my-seller",
        "url": f"http://localhost:9000/api?token={MARK}",
        "headers": {"authorization": MARK},
    }
    shop = Watched()
    given = shop.call("POST", "/_sandbox/sellers", registration)
    outside = Outside(shop) if given.status != 201 else Outside(shop, registration=registration)
    held = outside.place()
    number = next(iter(shop.service.outbox.waiting))
    shop.service.deliver(number, Outcome(200, json.dumps({"items": MARK}).encode()))

    told = all_told(shop)
    assert "seller simulation" in told
    assert MARK not in told
    assert held.order_id in told


@pytest.mark.parametrize("operation", sorted(FACTS))
def test_facts_are_told_of_operations_that_there_are(operation: str) -> None:
    assert operation in {f"{each.method} {each.path}" for each in VENDOR}
