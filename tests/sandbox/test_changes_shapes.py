"""What the operations on modifications answer has the reference's fields and types."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.store import Held
from tests.sandbox.changing import CHANGES, Desk, shipped, some
from tests.sandbox.shop import DOCUMENTS
from tests.sandbox.test_document_shapes import Reference

OF = "/api/order-system/orders/{changeOrderId}/changes"
SUMMARY = "/api/orders/pvt/document/{orderId}/change-summary"
SETTINGS = "/api/order-system/orders/changes/settings"
_TYPED = "the schema says strings, its text the schema of `from` and `to`"
_MORE = "the help center's samples have it"

_SHIPPED = "shippingData.logisticsInfo[].selectedDeliveryChannel"
_CHANNEL = "the reference's examples have it"
_NUMBER = "the schema says a string, the reference's example has a number"

DEVIATIONS = {
    (OF, "patch"): {"add[]": _TYPED, "remove[]": _TYPED, f"replace[].to.{_SHIPPED}": _CHANNEL},
    (OF + "/{changeRequestId}", "get"): {
        "add[]": _TYPED,
        "remove[]": _TYPED,
        f"replace[].to.{_SHIPPED}": _CHANNEL,
        "finished": "decision D-A16: both names are answered",
        "logs": _MORE,
        "cancellationData": _MORE,
    },
    (OF, "get"): {
        "requests[].replace[].from.items[].price": _NUMBER,
        f"requests[].replace[].to.{_SHIPPED}": _CHANNEL,
    },
    (OF + "/preview", "post"): {
        "add[]": _TYPED,
        "remove[]": _TYPED,
        "replace[].from.items[].price": _NUMBER,
        f"replace[].to.{_SHIPPED}": _CHANNEL,
    },
    (SUMMARY, "get"): {
        "totals[]": "the reference's example has an array of totals",
        "totalChangesValueAggregated": "the name in the reference's example",
        "original[].priceDefinition.reason": "null, as in order documents",
        "original[].additionalInfo.offeringTypeId": "null, as in order documents",
        "replaced[].to.items[].totalQuantity": "the reference's example has it",
        f"replaced[].to.{_SHIPPED}": _CHANNEL,
    },
}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def body(desk: Desk, held: Held) -> dict[str, object]:
    """A request with all three operations."""
    data = desk.document(held)["shippingData"]
    assert isinstance(data, dict)
    ship = shipped(0, data["address"]["addressId"], 100)
    return {
        "reason": "all",
        "remove": some("sku-1"),
        "replace": [{"from": some("sku-2"), "to": {**some("sku-3", 1), **ship}}],
        "add": {**some("sku-4", 2, price=30), **ship},
        "manualDiscountValue": 5,
    }


def answers(desk: Desk) -> Iterator[tuple[str, str, Answer]]:
    """(path of the reference, method, real answer) of every operation."""
    held = desk.handled()
    sent = body(desk, held)
    yield OF + "/preview", "post", desk.ask(held, sent, "/preview", "POST")
    made = desk.ask(held, sent)
    yield OF, "patch", made
    change = json.loads(made.body)["requestId"]
    yield OF + "/{changeRequestId}", "get", desk.ask(held, None, f"/{change}", "GET")
    desk.finish()
    yield OF + "/{changeRequestId}", "get", desk.ask(held, None, f"/{change}", "GET")
    yield SUMMARY, "get", desk.call("GET", f"{DOCUMENTS}/{held.order_id}/change-summary")
    other = desk.change(held, manualDiscountValue=1)
    desk.ask(held, {"reason": "no"}, f"/{other}/cancel", "POST")
    desk.finish()
    yield OF + "/{changeRequestId}", "get", desk.ask(held, None, f"/{other}", "GET")
    yield OF, "get", desk.ask(held, None, "", "GET")
    yield SETTINGS, "get", desk.call("GET", f"{CHANGES}/changes/settings?an=sandbox")
    yield SETTINGS, "put", desk.call("PUT", f"{CHANGES}/changes/settings?an=sandbox", {})


def schema_of(path: str, method: str, given: Answer) -> tuple[Reference, Any]:
    """The reference's schema of an answer."""
    reference = Reference("/api/oms/pvt/orders/{orderId}")
    content = reference.document["paths"][path][method]["responses"][str(given.status)]["content"]
    return reference, content["application/json"]["schema"]


def test_answers_differ_from_the_reference_where_it_is_written_down(desk: Desk) -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for path, method, given in answers(desk):
        reference, schema = schema_of(path, method, given)
        seen = reference.differences(json.loads(given.body), schema)
        known = found.setdefault((path, method), set())
        known |= {place for place, _ in seen}

    assert found == {
        (path, method): set(DEVIATIONS.get((path, method), ())) for path, method in found
    }


@pytest.mark.parametrize("broken", ["requestId", "totals"])
def test_an_answer_without_a_required_field_is_noticed(desk: Desk, broken: str) -> None:
    given = desk.ask(held := desk.handled(), body(desk, held))
    reference, schema = schema_of(OF, "patch", given)
    shown = json.loads(given.body)
    del shown[broken]

    assert (broken, "missing") in set(reference.differences(shown, schema))


def test_what_has_no_body_in_the_reference_has_none(desk: Desk) -> None:
    held = desk.handled()
    calls: list[Callable[[str], Answer]] = [
        lambda change: desk.ask(held, {"reason": "x"}, f"/{change}/retry", "POST"),
        lambda change: desk.ask(held, {"reason": "x"}, f"/{change}/cancel", "POST"),
    ]
    change = desk.change(held, manualDiscountValue=1)

    assert [call(change).body for call in calls] == [b"", b""]
