"""Each code of the guide comes for its own reason, and what is refused leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from orderflow.sandbox.account import LIST_ORDERS, NOTIFY_INVOICE
from orderflow.sandbox.changes_codes import MESSAGES
from orderflow.sandbox.placed import Payment
from orderflow.sandbox.store import Held
from tests.sandbox.changing import CHANGES, GOODS, HOUR, SECOND, VALUE, Desk, shipped, some, why
from tests.sandbox.shop import ORDERS, invoice

REMOVED: dict[str, object] = {"remove": some("sku-1")}

ALL = [{"id": item.id, "quantity": item.quantity} for item in GOODS]
TWICE = [
    {
        "itemIndex": 0,
        "selectedSla": "Normal",
        "selectedDeliveryChannel": "delivery",
        "addressId": "a",
        "price": 0,
    }
] * 2

# What the body of a request must not say of an order of two sku-1 and one sku-2.
WRONG_BODIES: list[tuple[str, dict[str, object]]] = [
    ("CHK0022", {"remove": some("sku-9")}),
    ("CHK0022", {"remove": some("")}),
    ("CHK0022", {"add": some(7)}),  # type: ignore[arg-type]  # what the client got wrong
    ("CHK0022", {"remove": {"items": []}}),
    ("CHK0022", {"add": some("\ud800")}),
    ("CHK0022", {"add": some("s" * 101)}),
    ("CHK0023", {"remove": some("sku-1", 0)}),
    ("CHK0023", {"add": some("sku-1", 1.5)}),
    ("CHK0023", {"add": some("sku-1", "2")}),
    ("CHK0023", {"add": {"items": [{"id": "sku-1"}]}}),
    ("CHK0098", {"add": some("sku-1", price=-1)}),
    ("CHK0098", {"manualDiscountValue": -1}),
    ("CHK0098", {"add": some("sku-1", manualIncrementValue=-1)}),
    ("CHK0124", {}),
    ("CHK0124", {"manualDiscountValue": 0, "add": None}),
    ("SalesOrderSystem010", {"remove": {"items": ALL}}),
    ("SalesOrderSystem011", {"remove": some("sku-1", 3)}),
    ("SalesOrderSystem012", {"add": {**some("sku-9"), "shippingData": {"logisticsInfo": TWICE}}}),
    ("SalesOrderSystem013", {"add": {**some("sku-9"), **shipped(1, "{address}")}}),
    ("SalesOrderSystem026", {"remove": some("sku-1", uniqueId="another")}),
    ("SalesOrderSystem045", {"add": {**some("sku-9"), **shipped(0, "elsewhere")}}),
    ("SalesOrderSystem055", {"add": some("sku-1", measurementUnit="kg")}),
]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def everything(desk: Desk, held: Held) -> list[bytes]:
    """All that can be read of a sale and its modifications."""
    documents = [
        desk.call("GET", f"{ORDERS}/{each.order_id}").body
        for each in desk.service.store.group(held.group)
    ]
    return [*documents, desk.ask(held, None, "", "GET").body]


def refusals(desk: Desk, held: Held, body: dict[str, object]) -> set[tuple[int, str]]:
    """(HTTP status, code) of the request and of its preview; neither may leave anything."""
    before = everything(desk, held)
    sent = {"reason": "wanted", **body}
    given = [desk.ask(held, sent), desk.ask(held, sent, "/preview", "POST")]
    assert everything(desk, held) == before
    desk.finish()
    assert everything(desk, held) == before
    return {why(each)[:2] for each in given}


@pytest.mark.parametrize(("code", "body"), WRONG_BODIES)
def test_a_request_that_makes_no_sense_is_refused(
    desk: Desk, code: str, body: dict[str, object]
) -> None:
    held = desk.handled()
    address = desk.document(held)["shippingData"]
    assert isinstance(address, dict)
    text = json.dumps(body).replace("{address}", address["address"]["addressId"])

    assert refusals(desk, held, json.loads(text)) == {(400, code)}


@pytest.mark.parametrize(
    "body",
    [
        {"reason": ""},
        {"reason": None},
        {"reason": "r" * 5_001},
        {"reason": 7},
        {"replace": [{"from": some("sku-1")}]},
        {"replace": ["sku-1"]},
        {"add": some("sku-1", unitMultiplier=0)},
        {"add": some("sku-1", unitMultiplier=1e300)},
        {"add": some("sku-1", price="1")},
        {"add": some("sku-1", price=10**13)},
        {"add": {**some("sku-1"), **shipped("0")}},
        {"settings": 3},
        {"remove": {"items": [{"id": "sku-1", "quantity": 1}] * 1_001}},
    ],
)
def test_a_field_of_the_wrong_type_is_refused(desk: Desk, body: dict[str, object]) -> None:
    held = desk.handled()

    assert refusals(desk, held, body) == {(400, "001")}


def test_two_addresses_are_refused_before_a_wrong_one(desk: Desk) -> None:
    held = desk.handled()
    one, two = shipped(0, "a")["shippingData"], shipped(1, "b")["shippingData"]
    assert isinstance(one, dict)
    assert isinstance(two, dict)
    info = {"logisticsInfo": [*one["logisticsInfo"], *two["logisticsInfo"]]}
    items = {"items": [*ALL]}

    found = refusals(desk, held, {"add": {**items, "shippingData": info}})
    assert found == {(400, "SalesOrderSystem029")}


def canceled(desk: Desk) -> Held:
    held = desk.handled()
    for _ in range(2):
        desk.call("POST", f"{ORDERS}/{held.order_id}/cancel", {"reason": "no"})
    return held


def modified_before(desk: Desk) -> Held:
    held = desk.handled()
    assert desk.legacy(held, discountValue=1).status == 200
    return held


def partly_invoiced(desk: Desk) -> Held:
    held = desk.handled()
    desk.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice(100))
    desk.service.advance(HOUR)
    assert held.status == "handling"
    return held


def not_yet_handled(desk: Desk) -> Held:
    return desk.below(desk.sold())


def incomplete(desk: Desk) -> Held:
    return desk.sold("null")


def chained(desk: Desk) -> Held:
    return desk.below(desk.sold(deal="marketplace-chain-seller"))


def chained_above(desk: Desk) -> Held:
    return desk.sold(deal="marketplace-chain-seller")


@pytest.mark.parametrize(
    ("code", "arranged"),
    [
        ("CHK0095", chained),
        ("CHK0095", chained_above),
        ("CHK0124", not_yet_handled),
        ("CHK0124", lambda desk: desk.sold()),
        ("CHK0229", incomplete),
        ("SalesOrderSystem008", canceled),
        ("SalesOrderSystem015", modified_before),
        ("SalesOrderSystem046", partly_invoiced),
    ],
)
def test_an_order_that_cannot_be_modified_says_why(
    desk: Desk, code: str, arranged: Callable[[Desk], Held]
) -> None:
    held = arranged(desk)
    sent = {"reason": "wanted", **REMOVED}
    given = [desk.ask(held, sent), desk.ask(held, sent, "/preview", "POST")]
    assert {why(each)[:2] for each in given} == {(400, code)}
    told = MESSAGES[code].format(held.order_id)
    assert {why(each)[2] for each in given} == {told}


def test_packages_keep_the_address(desk: Desk) -> None:
    held = partly_invoiced(desk)
    body: dict[str, object] = {"add": {**some("sku-9"), **shipped(0, "a")}}

    assert refusals(desk, held, body) == {(400, "SalesOrderSystem048")}


def test_one_modification_at_a_time(desk: Desk) -> None:
    held = desk.handled()
    desk.change(held, **REMOVED)
    given = desk.ask(held, {"reason": "more", **REMOVED})
    assert why(given) == (400, "SalesOrderSystem014", "Change In Progress.")
    desk.finish()

    assert desk.lines(held) == [("sku-1", 1, 10_000), ("sku-2", 1, 500)]


@pytest.mark.parametrize(("system", "allowed"), [("6", False), ("2", True)])
def test_only_some_payments_can_be_charged_more(desk: Desk, system: str, *, allowed: bool) -> None:
    held = desk.handled(Payment(system, VALUE, VALUE))
    body = {"reason": "x", "manualIncrementValue": 1}
    given = desk.ask(held, body, "/preview", "POST")
    own = {"settings": {"paymentConfiguration": {"customPaymentSystemsAllowed": [system]}}}
    named = desk.ask(held, {**body, **own}, "/preview", "POST")
    less = desk.ask(held, {"reason": "x", "manualDiscountValue": 1}, "/preview", "POST")
    change = desk.change(held, manualIncrementValue=1)
    desk.finish()

    assert given.status == (200 if allowed else 400)
    if not allowed:
        assert why(given)[1] == "CHK00342"
    assert (named.status, less.status) == (200, 200)
    assert desk.stage(held, change) == ("done" if allowed else "canceled")
    assert desk.document(held)["value"] == VALUE + allowed


def test_an_order_and_a_request_that_are_not_there(desk: Desk) -> None:
    held = desk.handled()
    path = f"{CHANGES}/none-01/changes?an=sandbox"
    assert why(desk.call("GET", path))[:2] == (404, "CHK0201")
    for method, more in (("GET", ""), ("POST", "/retry"), ("POST", "/cancel")):
        given = desk.ask(held, {"reason": "x"}, f"/no-such-change{more}", method)
        assert why(given) == (404, "CHK0289", "Change request no-such-change not found")
    summary = desk.call("GET", "/api/orders/pvt/document/none-01/change-summary")
    assert why(summary)[:2] == (404, "OMS007")


def test_a_line_that_is_there_twice_is_told_apart_by_its_unique_id(desk: Desk) -> None:
    held = desk.handled()
    desk.change(held, add=some("sku-1", 1, price=9_000))
    desk.finish()
    assert refusals(desk, held, REMOVED) == {(400, "SalesOrderSystem026")}
    items = desk.document(held)["items"]
    assert isinstance(items, list)
    desk.change(held, remove=some("sku-1", 1, uniqueId=items[2]["uniqueId"]))
    desk.finish()

    assert desk.lines(held) == [("sku-1", 2, 10_000), ("sku-2", 1, 500)]


@pytest.mark.parametrize("permission", [LIST_ORDERS, NOTIFY_INVOICE])
def test_a_key_without_the_permission_gets_403(desk: Desk, permission: str) -> None:
    held = desk.handled()
    desk.key = desk.service.accounts.add("sandbox", [permission])

    assert desk.ask(held, {"reason": "x", **REMOVED}).status == 403
    assert desk.ask(held, None, "", "GET").status == 403
    assert desk.legacy(held, discountValue=1).status == 403


def test_a_modification_of_another_account_is_not_found(desk: Desk) -> None:
    held = desk.handled()
    change = desk.change(held, **REMOVED)
    desk.key = desk.service.accounts.add("elsewhere", ["Orders Full Access"])
    path = f"{CHANGES}/{held.order_id}/changes/{change}?an=elsewhere"

    assert why(desk.call("GET", path))[1] == "CHK0201"


def test_what_is_refused_later_says_so_in_its_details(desk: Desk) -> None:
    """The sale changes between request and preparation: the platform gives the request up."""
    held = desk.handled()
    change = desk.change(held, manualDiscountValue=VALUE)
    desk.call(
        "POST",
        f"/_sandbox/orders/{held.order_id}/events",
        {"event": "modify_order", "data": {"delta": -1}},
    )
    desk.service.advance(SECOND)

    assert desk.stage(held, change) == "canceled"
    assert desk.document(held)["value"] == VALUE - 1
