"""Of an invoice a witness tells in which form it came, and what it is for, in whole numbers."""

from __future__ import annotations

from typing import Any

import pytest

from orderflow.sandbox.evidence import number
from tests.sandbox.outside_seller import Outside
from tests.sandbox.shop import DOCUMENTS, ORDERS, invoice
from tests.sandbox.witnessed import Watched

ITEM = {"id": "sku-1", "quantity": 1, "price": 10_000}
WHEN = "2024-01-01T10:00:00-03:00"


@pytest.fixture
def shop() -> Watched:
    return Watched()


def sent(shop: Watched, body: dict[str, Any]) -> dict[str, Any]:
    held = shop.place("handling")
    return shop.facts("POST", f"{ORDERS}/{held.order_id}/invoice", body)


def sound(**more: object) -> dict[str, Any]:
    return {**invoice(), "issuanceDate": WHEN, "items": [ITEM], **more}


def test_a_sound_invoice_is_told_as_it_is(shop: Watched) -> None:
    facts = sent(shop, sound())

    assert shop.line.worked
    assert facts["mistakes"] == []
    told = {name: facts[name] for name in ("type", "number", "cents", "value_type", "issued")}
    assert told == {
        "type": "Output",
        "number": "NF-1",
        "cents": 10_000,
        "value_type": "integer",
        "issued": "offset",
    }
    assert (facts["missing"], facts["item_fields"], facts["tracking"]) == ([], [], False)
    assert facts["items"] == [ITEM]


@pytest.mark.parametrize(
    ("value", "cents", "form"),
    [
        (100, 100, "integer"),
        ("100", 100, "string"),
        (100.0, 100, "decimal"),
        (99.5, None, "decimal"),
        ("99,50", None, "decimal"),
        ("1.299,50", None, "decimal"),
        ("a lot", None, "other"),
        (True, None, "other"),
        ([1], None, "other"),
        (None, None, "missing"),
        (10**30, None, "integer"),
    ],
)
def test_a_value_is_told_in_cents_and_in_its_form(
    shop: Watched, value: object, cents: int | None, form: str
) -> None:
    facts = sent(shop, sound(invoiceValue=value))

    assert (facts["cents"], facts["value_type"]) == (cents, form)
    assert ("invoiceValue" in facts["missing"]) == (value is None)


@pytest.mark.parametrize(
    ("date", "form"),
    [
        ("2026-11-23T10:00:00Z", "offset"),
        ("2026-11-23T10:00:00.1234567+00:00", "offset"),
        ("2026-11-23T10:00", "time"),
        ("2026-11-23", "date"),
        ("2026-11-23 10:00:00", "sql"),
        ("2026-11-23 10:00:00 -03:00", "sql"),
        (" 2026-11-23T10:00:00Z", "other"),
        ("23/11/2026", "other"),
        (20_261_123, "other"),
        ("", "missing"),
        (None, "missing"),
    ],
)
def test_a_date_is_told_by_its_form(shop: Watched, date: object, form: str) -> None:
    assert sent(shop, sound(issuanceDate=date))["issued"] == form


def test_required_fields_that_are_absent_or_null_are_told(shop: Watched) -> None:
    assert sent(shop, {})["missing"] == [
        *("type", "issuanceDate", "invoiceNumber", "invoiceValue", "items")
    ]
    assert sent(shop, sound(items=None))["missing"] == ["items"]


@pytest.mark.parametrize(
    ("item", "wrong"),
    [
        (ITEM, []),
        ({"itemId": "sku-1", "quantity": 1, "price": 1}, ["id", "itemId"]),
        ({"id": "sku-1", "quantity": "1", "price": "1"}, ["quantity", "price"]),
        ({"id": 7, "quantity": 1, "price": 1.5}, ["id", "price"]),
        ({}, ["id", "quantity", "price"]),
    ],
)
def test_fields_of_items_that_are_wrong_are_told(
    shop: Watched, item: dict[str, object], wrong: list[str]
) -> None:
    facts = sent(shop, sound(items=[item]))

    assert sorted(facts["item_fields"]) == sorted(wrong)


def test_whether_an_invoice_carries_tracking_is_told(shop: Watched) -> None:
    assert sent(shop, sound(trackingNumber="T"))["tracking"] is True
    assert sent(shop, sound(courier=""))["tracking"] is False


def test_a_body_that_is_none_leaves_empty_facts(shop: Watched) -> None:
    held = shop.place("handling")
    shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", raw=b"[1, {]")

    assert (shop.line.facts["number"], shop.line.facts["cents"]) == ("", None)
    assert shop.line.facts["json"] is False


def test_an_invoice_to_the_personal_version_names_items_by_their_place(shop: Watched) -> None:
    held = shop.place("handling")
    body = {
        "type": "Output",
        "issuedDate": "2024-01-01",
        "invoiceNumber": "NF-1",
        "invoiceValue": 10_000,
        "items": [{"itemIndex": "0", "quantity": 1, "price": 10_000}],
    }

    facts = shop.facts("POST", f"{DOCUMENTS}/{held.order_id}/invoices", body)

    assert (facts["issued"], facts["missing"], facts["item_fields"]) == ("date", [], [])
    assert facts["items"] == [ITEM]


def test_tracking_is_told_by_what_is_there(shop: Watched) -> None:
    held = shop.place("handling")
    path = f"{ORDERS}/{held.order_id}/invoice"
    shop.call("POST", path, sound())

    empty = shop.facts("PATCH", f"{path}/NF-1", {"trackingNumber": None})
    put = shop.facts("PATCH", f"{path}/NF-1", {"trackingNumber": "T"})
    moving = shop.facts("PUT", f"{path}/NF-1/tracking", {"isDelivered": False})
    move = {"city": "Rio", "state": "RJ", "description": "moved", "date": "2024-01-02"}
    there = {"isDelivered": True, "deliveredDate": "2024-01-03", "events": [move, {"city": "X"}]}
    done = shop.facts("PUT", f"{path}/NF-1/tracking", there)

    assert [(each["number"], each["tracking"]) for each in (empty, put)] == [
        ("NF-1", False),
        ("NF-1", True),
    ]
    told = ("number", "delivered", "delivered_at", "events", "dated")
    assert [moving[name] for name in told] == ["NF-1", False, False, None, True]
    assert [done[name] for name in told] == ["NF-1", True, True, 2, False]
    assert shop.facts("PUT", f"{path}/NF-1/tracking", {})["delivered"] is None


def test_a_seller_outside_tells_alike(shop: Watched) -> None:
    outside = Outside(shop)
    held = outside.allowed()
    outside.invoice(held, 10_000)

    line = shop.line
    assert line.operation == "POST /pvt/orders/{orderId}/invoice"
    assert line.order_id == held.order_id
    assert (line.facts["missing"], line.facts["issued"]) == ([], "missing")
    path = f"/pvt/orders/{held.order_id}/invoice/NF-1"
    given = {"courier": "c", "trackingNumber": "T", "trackingUrl": "", "dispatchedDate": ""}
    assert shop.facts("POST", path, given)["tracking"] is True
    assert shop.facts("POST", f"{path}/tracking", {"isDelivered": True})["delivered"] is True
    assert shop.facts("POST", f"/pvt/orders/{held.order_id}/cancel", {})["reason"] is False


def test_a_number_is_whole_or_none() -> None:
    assert [number(each) for each in ("-5", "", "0x1", "१", 10**13, "9" * 13, float("inf"))] == [
        *(-5, None, None, None, None, None, None)
    ]
