"""What a seller outside is sent has the fields and types of the reference, and no others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.outside_seller import Outside
from tests.sandbox.shop import ORDERS

REFERENCE = (
    Path(__file__).resolve().parents[3]
    / "shared/domain/openapi/vtex-external-seller-fulfillment.json"
)
PATHS = {
    "/pvt/orderForms/simulation": "/pvt/orderForms/simulation",
    "/pvt/orders": "/pvt/orders",
    "/pvt/orders/7890/fulfill": "/pvt/orders/{sellerOrderId}/fulfill",
    "/pvt/orders/7890/cancel": "/pvt/orders/{orderId}/cancel",
}
LEFT_OUT = {
    "/pvt/orders/7890/fulfill": {
        # the reference copies them from the cancellation (decision D-25)
        "cancellationRequestId is missing",
        "cancellationRequestDate is missing",
        "reason is missing",
        "requestedByUser is missing",
    },
}
TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}

needs_reference = pytest.mark.skipif(
    not REFERENCE.exists(), reason="the reference of the platform is not beside the repository"
)


def bodies() -> dict[str, Any]:
    """The body of each of the four calls, by path."""
    outside, found = Outside(), {}

    def note() -> None:
        found[outside.asked[0]] = json.loads(outside.waiting[0].body)

    held = outside.place()
    note()
    outside.simulate(held)
    note()
    outside.take(held)
    outside.fire(held, "payment_approved")
    note()
    outside.tell(outside.receipt(held))
    outside.shop.call("POST", f"{ORDERS}/{held.order_id}/cancel", {"reason": "x"})
    note()
    return found


class Schema:
    """The reference of the calls to a seller."""

    def __init__(self) -> None:
        self.whole = json.loads(REFERENCE.read_text("utf-8"))

    def of(self, path: str) -> Mapping[str, Any]:
        operation = self.whole["paths"][PATHS[path]]["post"]
        found: Mapping[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
        return found

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            found: Any = self.whole
            for part in schema["$ref"].split("/")[1:]:
                found = found[part]
            schema = found
        return schema

    def differences(self, schema: Mapping[str, Any], value: Any, at: str = "") -> Iterator[str]:
        schema = self.resolved(schema)
        if value is None:  # what is empty is null: the reference's own examples have it so
            return
        kind = str(schema.get("type"))
        if kind in TYPES and (type(value) not in TYPES[kind]):
            yield f"{at} is no {kind}"
        elif isinstance(value, dict):
            known = schema.get("properties", {})
            for name in schema.get("required", ()):
                if name not in value:
                    yield f"{at}{name} is missing"
            for name, inner in value.items():
                if name not in known:
                    yield f"{at}{name} is unknown"
                else:
                    yield from self.differences(known[name], inner, f"{at}{name}.")
        elif isinstance(value, list):
            for inner in value:
                yield from self.differences(schema.get("items", {}), inner, f"{at}[]")


@needs_reference
@pytest.mark.parametrize("path", PATHS)
def test_a_body_is_as_the_reference_has_it(path: str) -> None:
    schema, body = Schema(), bodies()[path]
    if path == "/pvt/orders":  # the schema describes one order, the call sends an array
        (body,) = body
    assert set(schema.differences(schema.of(path), body)) == LEFT_OUT.get(path, set())


@needs_reference
def test_a_wrong_name_and_a_wrong_type_are_noticed() -> None:
    schema = Schema()
    wrong = {"postalCode": 1, "items": [{"id": "1", "quantity": "1", "seller": "1"}], "x": 1}
    assert set(schema.differences(schema.of("/pvt/orderForms/simulation"), wrong)) == {
        "postalCode. is no string",
        "items.[]quantity. is no integer",
        "x is unknown",
    }


def test_the_placement_says_who_buys_what_for_how_much_and_where_to_answer() -> None:
    (order,) = bodies()["/pvt/orders"]
    assert order["marketplaceServicesEndpoint"] == "http://127.0.0.1:80"
    assert order["marketplacePaymentValue"] == 10_000
    assert [(item["id"], item["quantity"], item["price"]) for item in order["items"]] == [
        ("item-1", 1, 10_000)
    ]
    assert order["clientProfileData"]["email"]
    assert order["shippingData"]["address"]["postalCode"]


def bought(outside: Outside) -> Any:
    """The placement of an order that a client of the checkout has placed."""
    sent = {
        "items": [{"id": "7", "quantity": 2, "seller": "my-seller", "price": 1_500}],
        "clientProfileData": {"email": "clark.kent@example.com", "firstName": "Clark"},
        "shippingData": {"address": {"city": "Recife"}, "logisticsInfo": []},
        "paymentData": {"payments": [{"paymentSystem": 6, "value": 3_000, "installments": 1}]},
        "openTextField": "ring twice",
    }
    placed = outside.shop.call("PUT", "/api/checkout/pub/orders", sent)
    assert placed.status == 200, placed
    held = outside.shop.service.store.orders()[0]
    outside.simulate(held)
    (order,) = json.loads(outside.waiting[0].body)
    outside.take(held)
    return order


def test_an_order_from_the_checkout_goes_to_the_seller_of_its_items_as_it_was_placed() -> None:
    order = bought(Outside())
    assert order["items"][0]["seller"] == "my-seller"
    assert order["marketplacePaymentValue"] == 3_000
    assert order["clientProfileData"]["firstName"] == "Clark"
    assert order["shippingData"]["address"]["city"] == "Recife"
    assert order["openTextField"] == "ring twice"


@needs_reference
def test_an_order_from_the_checkout_is_as_the_reference_has_it() -> None:
    schema = Schema()
    assert not list(schema.differences(schema.of("/pvt/orders"), bought(Outside())))


def test_a_leave_names_the_order_and_its_group() -> None:
    body = bodies()["/pvt/orders/7890/fulfill"]
    assert body == {"marketplaceOrderId": "v100001sbx-01", "marketplaceOrderGroup": "v100001sbx"}
