"""Invoices are taken in every form that clients send, by whoever's order they are posted on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderflow.sandbox.account import NOTIFY_INVOICE
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.simulator.order import Item
from tests.sandbox.shop import DOCUMENTS, ORDERS, Shop, code, invoice, packages

HOUR = 3_600_000


@pytest.fixture
def shop() -> Shop:
    return Shop()


def post(shop: Shop, held: Held, sent: object) -> int:
    return shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", sent).status


# What real clients send (fact sheet "What real clients send and read", CR-19 to CR-33)


@pytest.mark.parametrize(
    "more",
    [
        {"items": []},
        {"items": [{"id": "sku-1", "price": 10_000, "quantity": 1, "description": "A shirt"}]},
        {"items": [{"itemId": "sku-1", "price": "10000", "quantity": "1"}]},
        {"items": None},
        {"items": [{"id": "unknown", "price": 1, "quantity": 1}]},
        {"issuanceDate": "2026-11-23T10:00:00Z"},
        {"issuanceDate": "2026-11-23"},
        {"issuanceDate": "2022-11-10 07:25:43"},
        {"issuanceDate": "2026-11-23T10:00:00.1234567-03:00"},
        dict.fromkeys(("courier", "trackingNumber", "trackingUrl", "invoiceKey", "dispatchedDate")),
        {"courierStatus": None, "orderId": "another", "embeddedInvoice": "<xml/>"},
    ],
)  # fmt: skip
def test_every_form_that_clients_send_is_taken(shop: Shop, more: dict[str, object]) -> None:
    held = shop.place("handling")

    assert post(shop, held, {**invoice(), **more}) == 200
    assert held.status == "invoiced"


def test_whole_items_of_the_order_are_taken_as_lines(shop: Shop) -> None:
    held = shop.place("handling")

    assert post(shop, held, invoice(items=shop.document(held)["items"])) == 200
    lines: Any = packages(shop, held)[0]["items"]
    assert [(line["itemIndex"], line["quantity"], line["price"]) for line in lines] == [
        (0, 1, 10_000)
    ]


TWICE = (Item("sku-1", 1, 6_000), Item("sku-2", 1, 1_000), Item("sku-1", 1, 3_000))
"""Goods of which one stands on two lines."""


def indexes(shop: Shop, held: Held) -> list[list[object]]:
    """``itemIndex`` of each line of each package."""
    found: Any = packages(shop, held)
    return [[line["itemIndex"] for line in package["items"]] for package in found]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_lines_of_one_sku_are_told_apart(shop: Shop, order: tuple[int, ...]) -> None:
    held = shop.service.store.place(items=TWICE, to="handling")[0]
    items: Any = shop.document(held)["items"]
    sent = invoice(10_000, items=[items[place] for place in order])

    assert [post(shop, held, sent), post(shop, held, sent)] == [200, 200]  # a receipt more
    assert indexes(shop, held) == [list(order)]


def test_invoices_of_one_sku_are_about_the_lines_that_are_left(shop: Shop) -> None:
    items = tuple(Item("sku-1", units, 1_000) for units in (1, 3, 1))
    held = shop.service.store.place(items=items, to="handling")[0]
    row = {"id": "sku-1", "price": 1_000}
    for number, units in (("NF-1", 3), ("NF-1", 3), ("NF-2", 1), ("NF-3", 1)):
        lines = [{**row, "quantity": units}]
        assert post(shop, held, invoice(units * 1_000, number, items=lines)) == 200
    refund = invoice(2_000, "RET-1", type="Input", items=[{**row, "quantity": 2}])
    assert post(shop, held, refund) == 200

    assert indexes(shop, held) == [[1], [0], [2], [1]]


def test_an_invoice_is_about_the_line_that_it_names_in_full(shop: Shop) -> None:
    items = (Item("sku-1", 3, 1_000), Item("sku-1", 1, 1_000))
    held = shop.service.store.place(items=items, to="handling")[0]
    row = {"id": "sku-1", "quantity": 1, "price": 1_000}

    assert post(shop, held, invoice(1_000, items=[row])) == 200
    assert indexes(shop, held) == [[1]]


@pytest.mark.parametrize("value", [0, "0", -1, None, "", "24.99", [], 10**15], ids=repr)
def test_an_invoice_of_nothing_is_refused(shop: Shop, value: object) -> None:
    held = shop.place("handling")

    given = shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice(value))

    assert given.status == 400
    assert json.loads(given.body)["error"]["message"]  # CA-06: JSON on failure, too
    assert packages(shop, held) == []


def test_a_client_that_uses_put_learns_of_the_right_method(shop: Shop) -> None:
    held = shop.place("handling")

    given = shop.call("PUT", f"{ORDERS}/{held.order_id}/invoice", invoice())

    assert (given.status, given.headers) == (405, (("allow", "POST"),))


# Orders of a marketplace


def family(shop: Shop, held: Held) -> list[str]:
    """Statuses of all documents of a sale, the marketplace's first."""
    return [each.status for each in shop.service.store.group(held.group)]


@pytest.mark.parametrize("deal", ["marketplace-seller", "marketplace-chain-seller"])
def test_an_invoice_on_a_marketplace_order_is_its_sellers(shop: Shop, deal: str) -> None:
    held = shop.place("payment-approved", deal=deal)
    shop.service.advance(HOUR)
    assert family(shop, held)[-1] == "ready-for-handling"

    assert post(shop, held, invoice(4_000, "A", courier="PAC")) == 200
    assert family(shop, held)[-1] == "handling"
    assert held.status == "payment-approved"
    assert post(shop, held, invoice(6_000, "B")) == 200
    assert set(family(shop, held)) == {"invoiced"}
    for each in shop.service.store.group(held.group):
        found = packages(shop, each)
        assert [package["invoiceNumber"] for package in found] == ["A", "B"]
        assert found[0]["courier"] == "PAC"


def test_an_invoice_waits_until_the_seller_may_handle_the_order(shop: Shop) -> None:
    held = shop.place("payment-approved", deal="marketplace-seller")

    assert post(shop, held, invoice(4_000, "A")) == 200
    assert post(shop, held, invoice(6_001, "B")) == 400
    assert post(shop, held, invoice(4_000, "A")) == 200, "the same number is no second invoice"
    assert post(shop, held, invoice(6_000, "B")) == 200
    assert packages(shop, held) == []
    shop.service.advance(HOUR)

    assert family(shop, held) == ["invoiced", "invoiced"]
    assert [package["invoiceNumber"] for package in packages(shop, held)] == ["A", "B"]


def test_an_invoice_that_waits_is_dropped_with_the_order(shop: Shop) -> None:
    held = shop.place("payment-approved", deal="marketplace-seller")
    post(shop, held, invoice())
    shop.call("POST", f"{ORDERS}/{held.order_id}/cancel")
    shop.service.advance(HOUR)

    assert set(family(shop, held)) == {"canceled"}
    assert packages(shop, held) == []
    assert post(shop, held, invoice()) == 409


def test_an_invoice_refuses_the_cancellation_of_a_marketplace_order(shop: Shop) -> None:
    held = shop.place("waiting-for-seller-decision", deal="marketplace-seller")

    assert post(shop, held, invoice()) == 200
    assert family(shop, held) == ["invoiced", "invoiced"]


@pytest.mark.parametrize("status", ["payment-pending", "canceled", "order-created"])
def test_a_marketplace_order_takes_no_invoice_elsewhere(shop: Shop, status: str) -> None:
    held = shop.place(status, deal="marketplace-seller")
    before = family(shop, held)

    assert post(shop, held, invoice()) == 409
    assert family(shop, held) == before


def test_returns_and_tracking_of_a_marketplace_order_are_its_sellers_too(shop: Shop) -> None:
    held = shop.place("payment-approved", deal="marketplace-seller")
    shop.service.advance(HOUR)
    post(shop, held, invoice())
    path = f"{ORDERS}/{held.order_id}/invoice"

    assert post(shop, held, invoice(1_000, "R", type="Input")) == 200
    assert shop.call("PATCH", f"{path}/NF-1", {"trackingNumber": "T"}).status == 200
    done: dict[str, object] = {"isDelivered": True, "deliveredDate": None, "events": []}
    assert shop.call("PUT", f"{path}/NF-1/tracking", done).status == 200

    for each in shop.service.store.group(held.group):
        assert each.order.returned == 1_000
        assert each.order.outputs[0].finished


# Tracking (CR-34 to CR-39)


def test_tracking_takes_every_form_that_clients_send(shop: Shop) -> None:
    held = shop.place("handling")
    post(shop, held, invoice(number="NF 1-A"))
    path = f"{ORDERS}/{held.order_id}/invoice/NF 1-A"
    nulls = {"courier": None, "trackingUrl": None, "dispatchedDate": None}

    assert shop.call("PATCH", path, {"trackingNumber": "T1", **nulls}).status == 200
    event = {"city": "Rio", "state": "RJ", "description": "moved", "date": "2026-11-24"}
    for sent in (
        {"isDelivered": False, "events": [event]},
        {"isDelivered": False, "events": [{**event, "date": "2026-11-24T10:00:00Z"}]},
        {"isDelivered": False, "events": [], "trackingNumber": "T1", "trackingUrl": "http://x"},
        {"isDelivered": True, "deliveredDate": "2026-11-25"},
    ):
        assert shop.call("PUT", f"{path}/tracking", sent).status == 200
    status: Any = packages(shop, held)[0]["courierStatus"]
    assert (status["finished"], len(status["data"])) == (True, 2)


@pytest.mark.parametrize(
    "sent",
    [
        {"isDelivered": "yes"},
        {"isDelivered": False, "events": "none"},
        {"isDelivered": False, "events": [7]},
        {"isDelivered": False, "events": [{"date": "soon"}]},
        {"isDelivered": False, "events": [{"city": 7}]},
        {"isDelivered": True, "deliveredDate": "soon"},
    ],
)
def test_tracking_that_cannot_be_read_changes_nothing(shop: Shop, sent: object) -> None:
    held = shop.place("handling")
    post(shop, held, invoice())
    path = f"{ORDERS}/{held.order_id}/invoice/NF-1"
    shop.call("PATCH", path, {"trackingNumber": "T1"})
    before = shop.document(held)

    assert shop.call("PUT", f"{path}/tracking", sent).status == 400
    assert shop.document(held) == before


# The PII version


def personal(**more: object) -> dict[str, object]:
    line = {"itemIndex": 0, "quantity": 1, "price": 10_000}
    sent = {"type": "Output", "invoiceNumber": "NF-1", "issuedDate": "2026-11-23"}
    return {**sent, "invoiceValue": 10_000, "items": [line], **more}


def test_the_pii_invoice_ends_in_invoiced_and_its_number_is_spent(shop: Shop) -> None:
    held = shop.place("handling")
    path = f"{DOCUMENTS}/{held.order_id}/invoices"

    given = shop.call("POST", path, personal(cfop="5.102", volumes=2, courier="PAC"))

    assert given.status == 200
    assert set(json.loads(given.body)) == {"date", "orderId", "receipt"}
    assert held.status == "invoiced"
    (package,) = packages(shop, held)
    assert (package["volumes"], package["cfop"], package["courier"]) == (2, "5.102", "PAC")
    assert package["issuanceDate"] == "2026-11-23T00:00:00.0000000+00:00"
    assert code(shop.call("POST", path, personal())) == (400, "001")


def test_a_line_of_the_pii_invoice_says_what_all_its_units_cost(shop: Shop) -> None:
    held = shop.place("handling")
    line = {"itemIndex": "0", "quantity": 3, "price": 9_999}  # the index is published as text

    shop.call("POST", f"{DOCUMENTS}/{held.order_id}/invoices", personal(items=[line]))

    lines: Any = packages(shop, held)[0]["items"]
    assert (lines[0]["itemIndex"], lines[0]["quantity"], lines[0]["price"]) == (0, 3, 9_999)


@pytest.mark.parametrize("field", ["type", "issuedDate", "invoiceNumber", "invoiceValue", "items"])
def test_the_pii_invoice_needs_each_required_field(shop: Shop, field: str) -> None:
    held = shop.place("handling")
    sent = personal()
    del sent[field]

    given = shop.call("POST", f"{DOCUMENTS}/{held.order_id}/invoices", sent)

    assert given.status == 400
    assert field in given.body.decode()
    assert held.status == "handling"


@pytest.mark.parametrize(
    "wrong",
    [
        {"invoiceValue": "10000"},
        {"invoiceValue": 0},
        {"invoiceValue": 10_001},
        {"issuedDate": "soon"},
        {"issuedDate": None},
        {"items": {}},
        {"items": [1]},
        {"items": [{"itemIndex": 1, "quantity": 1, "price": 1}]},
        {"items": [{"itemIndex": -1, "quantity": 1, "price": 1}]},
        {"items": [{"quantity": 1, "price": 1}]},
        {"volumes": "many"},
        {"type": "Sale"},
    ],
)
def test_a_pii_invoice_that_cannot_be_used_changes_nothing(
    shop: Shop, wrong: dict[str, object]
) -> None:
    held = shop.place("handling")

    assert shop.call(
        "POST", f"{DOCUMENTS}/{held.order_id}/invoices", personal(**wrong)
    ).status == 400  # fmt: skip
    assert (held.status, packages(shop, held)) == ("handling", [])


def test_a_pii_return_needs_the_permission_for_returns(shop: Shop) -> None:
    held = shop.place("handling")
    path = f"{DOCUMENTS}/{held.order_id}/invoices"
    shop.call("POST", path, personal())
    sent = personal(type="Input", invoiceNumber="R", invoiceValue=1)

    shop.key = shop.service.accounts.add("sandbox", [NOTIFY_INVOICE])
    assert shop.call("POST", path, sent).status == 403
    shop.key = None
    assert shop.call("POST", path, sent).status == 200


def test_the_same_calls_make_the_same_sandbox_with_an_invoice_that_waits() -> None:
    def played() -> list[bytes]:
        shop = Shop(Service(seed=3))
        held = shop.place("payment-approved", deal="marketplace-seller")
        post(shop, held, invoice())
        shop.service.advance(HOUR)
        return [
            shop.call("GET", f"{ORDERS}/{each.order_id}").body
            for each in shop.service.store.group(held.group)
        ]

    assert played() == played()


def test_a_number_of_a_part_shows_in_documents_that_were_read_before(shop: Shop) -> None:
    held = shop.place("payment-approved", deal="marketplace-seller")
    shop.service.advance(HOUR)
    post(shop, held, invoice(4_000))
    documents = shop.service.store.group(held.group)
    assert {packages(shop, each)[0]["trackingNumber"] for each in documents} == {None}

    path = f"{ORDERS}/{documents[-1].order_id}/invoice/NF-1"
    assert shop.call("PATCH", path, {"trackingNumber": "T"}).status == 200
    assert {packages(shop, each)[0]["trackingNumber"] for each in documents} == {"T"}


def test_orders_of_a_split_sale_keep_the_papers_of_equal_invoice_numbers_apart() -> None:
    shop = Shop()
    shop.place("payment-approved", deal="split-order")
    first, second = (each for each in shop.service.store.orders() if each.origin == "Marketplace")
    for held, carrier in ((first, "carrier one"), (second, "carrier two")):
        shop.service.store.advance(86_400_000)
        sent = invoice(held.order.value, "1", courier=carrier)
        assert shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", sent).status == 200

    assert [each["courier"] for each in packages(shop, first)] == ["carrier one"]
    assert [each["courier"] for each in packages(shop, second)] == ["carrier two"]
