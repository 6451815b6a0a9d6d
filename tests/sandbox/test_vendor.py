"""The vendor's routes answer with the documented status, body and effect on the order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderflow.sandbox.account import (
    CANCEL_ORDER,
    NOTIFY_INVOICE,
    NOTIFY_REFUND,
    VIEW_ORDER,
    AppKey,
)
from orderflow.sandbox.answering import ALL, Asked, answer
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from tests.sandbox.shop import DOCUMENTS, ORDERS, Shop, code, invoice, listed, packages


@pytest.fixture
def shop() -> Shop:
    return Shop()


# Who may call


def test_every_vendor_route_refuses_a_call_without_credentials(shop: Shop) -> None:
    for route in ALL.all:
        if route.path.startswith("/_sandbox"):
            continue
        path = route.path.replace("{", "").replace("}", "")
        given = answer(shop.service, Asked(route.method, path))
        assert given.status == 401, route.path
        problem = json.loads(given.body)
        if route.path.startswith(DOCUMENTS):
            assert problem["title"] == "Unauthorized"
        else:
            assert problem["error"] == {
                "code": "1",
                "message": "Unauthorized access",
                "exception": None,
            }


def test_a_wrong_token_is_401_and_a_missing_permission_403(shop: Shop) -> None:
    held = shop.place("ready-for-handling")
    path = f"{ORDERS}/{held.order_id}/start-handling"
    shop.key = shop.service.accounts.add("sandbox", [VIEW_ORDER])
    wrong = Shop(shop.service, AppKey(shop.key.name, "wrong", "sandbox"))

    assert wrong.call("POST", path).status == 401
    assert shop.call("POST", path).status == 403
    assert shop.call("POST", path).body == b"No authorized"
    assert held.status == "ready-for-handling"
    assert shop.call("GET", f"{ORDERS}/{held.order_id}").status == 200


def test_a_route_needs_one_of_its_permissions_and_no_other(shop: Shop) -> None:
    held = shop.place("handling")
    every = {name for route in ALL.all for name in route.permissions}
    for route in ALL.all:
        if not route.permissions:
            continue
        others = every - set(route.permissions)
        shop.key = shop.service.accounts.add("sandbox", sorted(others))
        path = route.path.replace("{orderId}", held.order_id)
        assert shop.call(route.method, path).status == 403, route.path


@pytest.mark.parametrize(
    ("may", "kind", "status"),
    [
        (NOTIFY_INVOICE, "Output", 200),
        (NOTIFY_REFUND, "Output", 403),
        (NOTIFY_INVOICE, "Input", 403),
        (NOTIFY_REFUND, "Input", 200),
    ],
)
def test_invoices_and_returns_need_permissions_of_their_own(
    shop: Shop, may: str, kind: str, status: int
) -> None:
    held = shop.place("handling" if kind == "Output" else "invoiced")
    shop.key = shop.service.accounts.add("sandbox", [may])

    sent = invoice(number="NF-9", type=kind)
    assert shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", sent).status == status


@pytest.mark.parametrize(
    ("method", "path", "permissions"),
    [
        ("PATCH", "/api/oms/pvt/orders/{orderId}/invoice/{invoiceNumber}", {"Notify invoice"}),
        ("POST", "/pvt/orders/{orderId}/invoice/{invoiceNumber}/tracking", {"Notify invoice"}),
        (
            "PUT",
            "/api/order-system/orders/changes/settings",
            {"Orders Full Access", "Cancel order", "Change order"},
        ),
        (
            "POST",
            "/api/orders/feed/config",
            {"Feed v3 and Hook view only", "Feed v3 and Hook Admin"},
        ),
    ],
)
def test_permissions_are_those_that_the_reference_names(
    method: str, path: str, permissions: set[str]
) -> None:
    (route,) = [each for each in ALL.all if (each.method, each.path) == (method, path)]
    assert set(route.permissions) == permissions


def test_a_user_token_works_as_header_and_as_cookie(shop: Shop) -> None:
    token = shop.service.accounts.first.token
    for headers in (
        {"vtexidclientautcookie": token},
        {"cookie": f"a=b; VtexIdclientAutCookie={token}"},
    ):
        assert answer(shop.service, Asked("GET", ORDERS, "", headers)).status == 200


def test_a_key_sees_its_own_account_only(shop: Shop) -> None:
    held = shop.place("handling")
    other = Shop(shop.service, shop.service.accounts.add("elsewhere"))

    assert code(other.call("GET", f"{ORDERS}/{held.order_id}")) == (404, "OMS007")
    other.host = "sandbox.vtexcommercestable.com.br"
    assert other.call("GET", f"{ORDERS}/{held.order_id}").status == 403


# Reading


def test_get_order_takes_the_sequence_a_trailing_slash_and_parameters_it_ignores(
    shop: Shop,
) -> None:
    held = shop.place("handling")

    for path in (
        held.order_id,
        f"seq{held.sequence}",
        f"{held.order_id}/",
        f"{held.order_id}?page=2",
    ):
        found = shop.get(f"{ORDERS}/{path}")
        assert isinstance(found, dict)
        assert found["orderId"] == held.order_id


def test_the_group_has_all_documents_of_a_checkout(shop: Shop) -> None:
    held = shop.place("payment-approved", deal="marketplace-seller")

    found = shop.get(f"{ORDERS}/order-group/{held.group}")

    assert isinstance(found, list)
    expected = [each.order_id for each in shop.service.store.group(held.group)]
    assert [each["orderId"] for each in found] == expected
    assert len(found) == 2


def test_a_page_after_the_last_is_empty_and_echoes_its_number(shop: Shop) -> None:
    made = [shop.place("handling").order_id for _ in range(5)]

    pages = [listed(shop, f"per_page=2&page={page}") for page in (1, 2, 3, 4)]

    assert [rows for rows, _ in pages] == [made[4:2:-1], made[2:0:-1], made[:1], []]
    assert pages[3][1] == {"total": 5, "pages": 3, "currentPage": 4, "perPage": 2}
    assert shop.call("GET", f"{ORDERS}?page=31").status == 400


BOTH = {"handling", "ready-for-handling"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("f_status=handling,invoiced", {"handling"}),
        ("f_Status=ready-for-handling", {"ready-for-handling"}),
        ("f_status=waiting-for-sellers-confirmation", set()),
        ("f_creationDate=creationDate:[2020-01-01T00:00:00.000Z+TO+2030-01-01T00:00:00Z]", BOTH),
        ("f_creationDate=creationDate:[2030-01-01T00:00:00Z TO 2031-01-01T00:00:00Z]", set()),
        ("f_invoicedDate=invoicedDate:[* TO *]", set()),
        ("incompleteOrders=true", set()),
        ("f_hasInputInvoice=false&_stats=1", BOTH),
        ("f_hasInputInvoice=true", set()),
        ("f_salesChannel=1", BOTH),
        ("f_salesChannel=99", set()),
        ("q=seq100001", {"handling"}),
        ("q=nobody-has-this", set()),
    ],
)  # fmt: skip
def test_filters_let_pass_what_they_say(shop: Shop, query: str, expected: set[str]) -> None:
    status = {shop.place(to).order_id: to for to in ("handling", "ready-for-handling")}

    rows, _ = listed(shop, query)

    assert {status[row] for row in rows} == expected


def test_a_date_range_includes_both_of_its_ends_to_the_millisecond(shop: Shop) -> None:
    held = shop.place("handling")
    created = str(shop.document(held)["creationDate"]).replace("0000+00:00", "Z")
    later = created.replace("000Z", "001Z")

    assert listed(shop, f"f_creationDate=creationDate:[{created} TO {created}]")[1]["total"] == 1
    assert listed(shop, f"f_creationDate=creationDate:[{later} TO {later}]")[1]["total"] == 0


def test_order_by_sorts_both_ways(shop: Shop) -> None:
    cheap, dear = shop.place("handling", price=5), shop.place("handling", price=9)

    assert listed(shop, "orderBy=totalValue,asc")[0] == [cheap.order_id, dear.order_id]
    assert listed(shop, "orderBy=totalValue,desc")[0] == [dear.order_id, cheap.order_id]
    assert shop.call("GET", f"{ORDERS}?orderBy=color,asc").status == 400


@pytest.mark.parametrize(
    "query", ["page=x", "per_page=1e9", "f_creationDate=yesterday", "f_shippingEstimate=soon"]
)
def test_a_query_that_cannot_be_read_is_400(shop: Shop, query: str) -> None:
    assert shop.call("GET", f"{ORDERS}?{query}").status == 400


def test_statistics_add_up(shop: Shop) -> None:
    shop.place("handling", price=100)
    shop.place("handling", price=300)

    found = shop.get(ORDERS)

    assert isinstance(found, dict)
    figures = found["stats"]["stats"]["totalValue"]
    assert (figures["Count"], figures["Sum"], figures["Mean"]) == (2, 400, 200)
    assert (figures["Min"], figures["Max"], figures["SumOfSquares"]) == (100, 300, 100_000)


# Handling


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]"])
def test_start_handling_takes_every_form_of_an_empty_body(shop: Shop, raw: bytes) -> None:
    held = shop.place("ready-for-handling")
    path = f"{ORDERS}/{held.order_id}/start-handling"

    assert shop.call("POST", path, raw=raw) == Answer(204)
    assert held.status == "handling"
    assert code(shop.call("POST", path, raw=raw)) == (409, "OMS003")
    assert held.status == "handling"


def test_start_handling_in_payment_pending_is_409(shop: Shop) -> None:
    held = shop.place("payment-pending")

    given = shop.call("POST", f"{DOCUMENTS}/{held.order_id}/actions/start-handling")

    assert code(given) == (409, "OMS003")


def test_a_payment_notification_releases_a_pending_payment_once(shop: Shop) -> None:
    held = shop.place("payment-pending")
    path = f"{ORDERS}/{held.order_id}/payments/P1/payment-notification"

    assert shop.call("POST", path).status == 200
    status = held.status
    assert status not in ("payment-pending", "approve-payment")
    assert shop.call("POST", path).status == 200
    assert held.status == status


def test_a_notification_of_a_payment_that_the_order_does_not_have_is_written_down(
    shop: Shop,
) -> None:
    held = shop.place("payment-pending")
    path = f"{ORDERS}/{held.order_id}/payments"
    shown: Any = shop.document(held)
    payment_id = shown["paymentData"]["transactions"][0]["payments"][0]["id"]

    assert shop.call("POST", f"{path}/P1/payment-notification").status == 200
    assert shop.call("POST", f"{path}/{payment_id}/payment-notification").status == 200
    assert [each.call for each in shop.service.findings] == [shop.service.calls - 1]

    shop.service.strict, other = True, shop.place("payment-pending")
    path = f"{ORDERS}/{other.order_id}/payments/P1/payment-notification"
    assert (shop.call("POST", path).status, other.status) == (400, "payment-pending")


def test_an_order_keeps_the_latest_lines_of_its_log(shop: Shop) -> None:
    held = shop.place("handling")
    path = f"{ORDERS}/{held.order_id}/interactions"
    for number in range(1_001):
        shop.call("POST", path, {"source": "erp", "message": str(number)})
    shop.call("POST", path, {"source": "erp", "message": "x" * 20_000})

    kept = shop.service.interactions[held.account, held.order_id]
    assert (len(kept), kept[0].message, len(kept[-1].message)) == (1_000, "2", 10_000)


def test_a_payment_notification_for_a_cancelled_order_is_refused(shop: Shop) -> None:
    held = shop.place("canceled")

    given = shop.call("POST", f"{DOCUMENTS}/{held.order_id}/payment/P1/notify-payment")

    assert code(given) == (400, "CHK0242")


# Cancelling


@pytest.mark.parametrize(
    ("status", "then"),
    [
        ("payment-pending", "canceled"),
        ("window-to-cancel", "canceled"),
        ("ready-for-handling", "waiting-for-seller-decision"),
        ("handling", "waiting-for-seller-decision"),
        ("waiting-for-seller-decision", "canceled"),
    ],
)
def test_cancel_leads_where_the_status_table_says(shop: Shop, status: str, then: str) -> None:
    held = shop.place(status)

    given = shop.call("POST", f"{ORDERS}/{held.order_id}/cancel", {"reason": "wrong size"})

    assert given.status == 200
    assert set(json.loads(given.body)) == {"date", "orderId", "receipt"}
    assert held.status == then


@pytest.mark.parametrize(
    ("status", "refused"),
    [
        ("null", "CHK0200"),
        ("order-created", "CHK0202"),
        ("start-handling", "CHK0202"),
        ("invoice", "CHK0202"),
        ("invoiced", "CHK0202"),
        ("cancel", "CHK0202"),
        ("canceled", "CHK0202"),
    ],
)
def test_cancel_is_refused_where_the_status_table_says(
    shop: Shop, status: str, refused: str
) -> None:
    held = shop.place(status)

    assert code(shop.call("POST", f"{ORDERS}/{held.order_id}/cancel")) == (400, refused)
    assert held.status == status


def test_a_partly_invoiced_order_cannot_be_cancelled(shop: Shop) -> None:
    held = shop.place("handling")
    shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice(4_000))
    assert held.status == "handling"

    assert code(shop.call("POST", f"{ORDERS}/{held.order_id}/cancel")) == (400, "CHK0202")
    assert held.status == "handling"


def test_a_partly_invoiced_marketplace_order_cannot_be_cancelled(shop: Shop) -> None:
    held, seller = sold_and_handled(shop)
    shop.call("POST", f"{ORDERS}/{seller.order_id}/invoice", invoice(4_000))
    shop.service.store.advance(60_000)
    assert held.status == "payment-approved"

    assert code(shop.call("POST", f"{ORDERS}/{held.order_id}/cancel")) == (400, "CHK0202")
    assert held.status == "payment-approved"


@pytest.mark.parametrize("deal", ["marketplace-seller", "marketplace-chain-seller"])
def test_the_second_cancel_of_what_a_marketplace_sold_is_its_sellers_yes(
    shop: Shop, deal: str
) -> None:
    held = shop.place("payment-approved", deal=deal)
    path = f"{ORDERS}/{held.order_id}/cancel"
    shop.service.store.advance(3_600_000)
    shop.call("POST", path, {"reason": "too late"})
    shop.service.store.advance(10_000)
    assert held.status == "waiting-for-seller-decision"

    assert shop.call("POST", path, {"reason": "too late"}).status == 200
    assert {each.status for each in shop.service.store.group(held.group)} == {"canceled"}


@pytest.mark.parametrize("deal", ["marketplace-seller", "marketplace-chain-seller"])
def test_who_denies_at_the_marketplace_denies_for_its_seller(shop: Shop, deal: str) -> None:
    held = shop.place("payment-approved", deal=deal)
    shop.service.store.advance(3_600_000)
    shop.call("POST", f"{ORDERS}/{held.order_id}/cancel")
    shop.service.store.advance(10_000)
    (request,) = held.order.requests

    path = f"{DOCUMENTS}/{held.order_id}/deny-cancellation-request"
    sent = {"cancellationRequestId": request.id, "denyReason": "on its way"}
    assert shop.call("POST", path, sent).status == 200
    documents = shop.service.store.group(held.group)
    *above, seller = (each.status for each in documents)
    assert (set(above), seller) == ({"payment-approved"}, "ready-for-handling")
    found = shop.document(held)["cancellationRequests"]
    assert isinstance(found, list)
    assert found[0]["deniedBySellerReason"] == "on its way"


def sold_and_handled(shop: Shop) -> tuple[Held, Held]:
    """The order of a marketplace, and that of its seller, which is being handled."""
    held = shop.place("payment-approved", deal="marketplace-seller")
    shop.service.store.advance(3_600_000)
    seller = shop.service.order(f"00-{held.order_id}", held.account)
    assert shop.call("POST", f"{ORDERS}/{seller.order_id}/start-handling").status == 204
    return held, seller


def test_what_a_seller_sends_shows_at_the_marketplace_once_the_news_is_there(shop: Shop) -> None:
    held, seller = sold_and_handled(shop)
    path = f"{ORDERS}/{seller.order_id}/invoice"
    shop.call("POST", path, invoice(courier="PAC"))
    assert (seller.status, held.status) == ("invoiced", "payment-approved")

    shop.service.store.advance(60_000)

    assert held.status == "invoiced"
    assert [package["courier"] for package in packages(shop, held)] == ["PAC"]


def test_a_denied_request_brings_the_order_back_to_where_it_was(shop: Shop) -> None:
    held = shop.place("handling")
    shop.call("POST", f"{ORDERS}/{held.order_id}/cancel")
    requests = shop.document(held)["cancellationRequests"]
    assert isinstance(requests, list)
    path = f"{DOCUMENTS}/{held.order_id}/deny-cancellation-request"
    sent = {"cancellationRequestId": requests[-1]["id"], "denyReason": "packed"}

    assert shop.call("POST", path, {**sent, "cancellationRequestId": "no"}).status == 400
    assert shop.call("POST", path, {"denyReason": "packed"}).status == 400
    assert held.status == "waiting-for-seller-decision"
    assert shop.call("POST", path, sent) == Answer(200)
    assert held.status == "handling"
    assert shop.call("POST", path, sent).status == 400


# Invoices and tracking


@pytest.mark.parametrize("value", [10_000, "10000", 10_000.0], ids=repr)
def test_an_invoice_of_the_whole_value_ends_in_invoiced(shop: Shop, value: object) -> None:
    held = shop.place("handling")

    given = shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice(value, courier="PAC"))

    assert given.status == 200
    assert held.status == "invoiced"
    package = packages(shop, held)[0]
    assert (package["invoiceNumber"], package["invoiceValue"]) == ("NF-1", 10_000)
    assert (package["courier"], package["trackingNumber"]) == ("PAC", None)
    assert package["issuanceDate"] == "2026-11-23T00:00:00.0000000+00:00"


def test_parts_add_up_and_none_goes_above_the_order(shop: Shop) -> None:
    held = shop.place("handling")
    path = f"{ORDERS}/{held.order_id}/invoice"

    assert shop.call("POST", path, invoice(4_000, "A")).status == 200
    assert held.status == "handling"
    assert shop.call("POST", path, invoice(6_001, "B")).status == 400
    assert shop.call("POST", path, invoice(6_000, "B")).status == 200
    assert held.status == "invoiced"
    assert [package["invoiceNumber"] for package in packages(shop, held)] == ["A", "B"]


def test_the_same_number_gives_a_new_receipt_and_no_second_package(shop: Shop) -> None:
    held = shop.place("handling")
    path = f"{ORDERS}/{held.order_id}/invoice"

    receipts = [json.loads(shop.call("POST", path, invoice()).body)["receipt"] for _ in range(2)]

    assert len(set(receipts)) == 2
    assert len(packages(shop, held)) == 1


@pytest.mark.parametrize("status", ["ready-for-handling", "payment-pending", "canceled"])
def test_an_invoice_in_the_wrong_status_is_409(shop: Shop, status: str) -> None:
    held = shop.place(status)

    assert shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice()).status == 409
    assert held.status == status


def test_an_invoice_answers_a_cancellation_request(shop: Shop) -> None:
    held = shop.place("waiting-for-seller-decision")

    assert shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice()).status == 200
    assert held.status == "invoiced"


@pytest.mark.parametrize(
    "wrong",
    [
        {"invoiceValue": 0},
        {"invoiceValue": "12.50"},
        {"invoiceValue": True},
        {"invoiceValue": "9" * 5_000},
        {"type": "Sale"},
        {"invoiceNumber": " "},
        {"issuanceDate": "soon"},
        {"issuanceDate": "0001-01-01T00:00:00+14:00"},
        {"items": "all"},
        {"items": [{"id": "sku-1", "quantity": "one"}]},
        {"courier": 7},
    ],
)
def test_an_invoice_that_cannot_be_read_is_400(shop: Shop, wrong: dict[str, object]) -> None:
    held = shop.place("handling")

    given = shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", {**invoice(), **wrong})

    assert given.status == 400
    assert held.status == "handling"


def test_a_return_is_taken_up_to_what_was_invoiced(shop: Shop) -> None:
    held = shop.place("handling")
    path = f"{ORDERS}/{held.order_id}/invoice"
    shop.call("POST", path, invoice())

    assert shop.call("POST", path, invoice(10_001, "R1", type="Input")).status == 400
    assert shop.call("POST", path, invoice(9_000, "R1", type="input")).status == 200
    assert shop.call("POST", path, invoice(1_001, "R2", type="Input")).status == 400
    assert held.status == "invoiced"
    shop.key = shop.service.accounts.add("sandbox", [NOTIFY_INVOICE, CANCEL_ORDER])
    assert shop.call("POST", path, invoice(1_000, "R2", type="Input")).status == 403


def test_tracking_needs_its_number_first_and_ends_with_the_delivery(shop: Shop) -> None:
    held = shop.place("handling")
    path = f"{ORDERS}/{held.order_id}/invoice"
    shop.call("POST", path, invoice())
    move = {"city": "Rio", "state": "RJ", "description": "on its way", "date": "2026-11-24"}
    moved = {"isDelivered": False, "events": [move]}
    done = {"isDelivered": True, "deliveredDate": "2026-11-25 10:30"}

    assert shop.call("PUT", f"{path}/NF-1/tracking", moved).status == 400
    assert (
        shop.call("PATCH", f"{path}/NF-1", {"trackingNumber": "T1", "courier": None}).status == 200
    )
    assert shop.call("PUT", f"{path}/NF-1/tracking", moved).status == 200
    assert shop.call("PUT", f"{path}/NF-1/tracking", done).status == 200
    assert shop.call("PATCH", f"{path}/NF-2", {"trackingNumber": "T1"}).status == 404

    package = packages(shop, held)[0]
    assert package["trackingNumber"] == "T1"
    status = package["courierStatus"]
    assert isinstance(status, dict)
    assert (status["finished"], status["deliveredDate"]) == (
        True,
        "2026-11-25T10:30:00.0000000+00:00",
    )
    assert [move["city"] for move in status["data"]] == ["Rio"]
    assert held.order.outputs[0].finished, "the simulated order knows of the delivery, too"


def test_broken_json_is_400_in_dialect(shop: Shop) -> None:
    held = shop.place("invoiced")
    for raw in (b'{"trackingNumber": "1, "courier": "x"}', b"[" * 100_000, b"\xff\xfe", b"NaN"):
        given = shop.call("PATCH", f"{ORDERS}/{held.order_id}/invoice/N", raw=raw)
        assert given.status in (400, 404)
        assert shop.call("POST", f"{ORDERS}/{held.order_id}/cancel", raw=raw).status == 400


# The feed


def read(shop: Shop, query: str = "maxlot=10") -> list[dict[str, str]]:
    found = shop.get(f"/api/orders/feed?{query}")
    assert isinstance(found, list)
    return found


def test_a_feed_tells_each_change_until_it_is_committed(shop: Shop) -> None:
    held = shop.place("ready-for-handling")
    assert shop.call("GET", "/api/orders/feed?maxlot=1").status == 404
    assert shop.call("POST", "/api/orders/feed/config", {}).status == 200
    assert read(shop) == []

    shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")
    items = read(shop, "maxLot=10")

    assert [(item["lastState"], item["state"]) for item in items] == [
        ("ready-for-handling", "start-handling"),
        ("start-handling", "handling"),
    ]
    assert {item["orderId"] for item in items} == {held.order_id}
    assert {item["domain"] for item in items} == {"Fulfillment"}
    assert read(shop) == []
    shop.call("POST", "/api/orders/feed", {"handles": [items[0]["handle"]]})
    shop.service.store.advance(300_000)
    assert [item["state"] for item in read(shop)] == ["handling"]


def test_keys_have_feeds_of_their_own_and_hear_of_their_account_only(shop: Shop) -> None:
    same = Shop(shop.service, shop.service.accounts.add("sandbox"))
    other = Shop(shop.service, shop.service.accounts.add("elsewhere"))
    for each in (shop, same, other):
        each.call(
            "POST",
            "/api/orders/feed/config",
            {"filter": {"type": "FromWorkflow", "status": ["handling"]}},
        )

    shop.place("handling")

    assert [len(read(each)) for each in (shop, same, other)] == [1, 1, 0]


def test_a_filter_on_documents_sees_the_document(shop: Shop) -> None:
    sent = {
        "filter": {
            "type": "FromOrders",
            "expression": 'status = "handling"',
            "disableSingleFire": False,
        }
    }
    assert shop.call("POST", "/api/orders/feed/config", sent).status == 200

    shop.place("handling")

    assert [item["state"] for item in read(shop)] == ["handling"]


def test_mixed_filters_are_409_and_a_deleted_configuration_404(shop: Shop) -> None:
    mixed = {"filter": {"type": "FromWorkflow", "status": ["handling"], "expression": "true"}}
    path = "/api/orders/feed/config"

    assert shop.call("POST", path, mixed).status == 409
    assert shop.call("GET", path).status == 404
    shop.call("POST", path, {})
    assert shop.call("DELETE", path).status == 200
    assert shop.call("GET", path).status == 404


def test_an_expression_can_be_tried(shop: Shop) -> None:
    path, document = "/api/orders/expressions/jsonata", '{"status": "handling"}'
    for expression, expected in (('status = "handling"', b"true"), ('status = "x"', b"false")):
        sent = {"Expression": expression, "Document": document}
        assert shop.call("POST", path, sent).body == expected
    assert shop.call("POST", path, {"Expression": "((", "Document": document}).status == 400
    assert shop.call("POST", path, {"Expression": "true"}).status == 400


# What is not there


def test_what_is_not_simulated_is_counted_and_said_in_dialect(shop: Shop) -> None:
    held = shop.place("handling")

    unknown = [shop.call("GET", "/api/catalog/pvt/product/1") for _ in range(2)]
    wrong = shop.call("PUT", f"{ORDERS}/{held.order_id}/invoice", invoice())

    assert {code(each) for each in unknown} == {(404, "001")}
    assert code(wrong) == (405, "001")
    assert wrong.headers == (("allow", "POST"),)
    assert shop.service.not_simulated["GET /api/catalog/pvt/product/1"] == 2
    assert len(shop.service.not_simulated) == 2


def test_the_trace_tells_the_status_before_and_after_and_no_credentials(shop: Shop) -> None:
    held = shop.place("ready-for-handling")
    shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")

    traced = shop.service.trace[-1]
    key = shop.service.accounts.first

    assert (traced.before, traced.after, traced.status) == ("ready-for-handling", "handling", 204)
    assert key.token not in repr(shop.service.trace)
    assert key.name not in repr(shop.service.trace)


def test_the_same_calls_give_the_same_bytes() -> None:
    def played(seed: int) -> list[bytes]:
        shop = Shop(Service(seed=seed))
        shop.call("POST", "/api/orders/feed/config", {})
        held = shop.place("handling")
        shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice())
        paths = (f"{ORDERS}/{held.order_id}", ORDERS, "/api/orders/feed?maxlot=10")
        return [shop.call("GET", path).body for path in paths]

    assert played(5) == played(5)
    assert played(5) != played(6)
