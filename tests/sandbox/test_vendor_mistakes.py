"""What clients do wrong is written down by its number; a strict sandbox refuses what is let pass.

The numbers are those of the fact sheet "What real clients send and read", section 4.
"""

from __future__ import annotations

from typing import Any

import pytest

from orderflow.sandbox.document_names import payment_id
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from tests.sandbox.shop import ORDERS, Shop, invoice

FEED = "/api/orders/feed"
EMPTY: dict[str, object] = {}


@pytest.fixture
def shop() -> Shop:
    return Shop()


def codes(shop: Shop) -> list[str]:
    return [finding.code for finding in shop.service.findings]


def start(shop: Shop, held: Held) -> int:
    return shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling").status


def post(shop: Shop, held: Held, **more: object) -> int:
    sent = {**invoice(), "issuanceDate": "2026-11-23T10:00:00Z", "items": [], **more}
    return shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", sent).status


def read(shop: Shop, query: str = "maxlot=10") -> list[dict[str, str]]:
    found: Any = shop.get(f"{FEED}?{query}")
    return list(found)


def commit(shop: Shop, items: list[dict[str, str]]) -> int:
    sent = {"handles": [item["handle"] for item in items]}
    return shop.call("POST", FEED, sent).status


def test_a_client_that_does_everything_right_is_blamed_for_nothing(shop: Shop) -> None:
    config = {
        "filter": {"type": "FromWorkflow", "status": ["ready-for-handling"]},
        "queue": {"visibilityTimeoutInSeconds": 240, "MessageRetentionPeriodInSeconds": 345_600},
    }
    assert shop.call("POST", f"{FEED}/config", config).status == 200
    held = shop.place("ready-for-handling")
    items = read(shop)
    start(shop, held)
    commit(shop, items)
    line = {"id": "sku-1", "price": 10_000, "quantity": 1}
    post(shop, held, items=[line], type="Output")
    path = f"{ORDERS}/{held.order_id}/invoice/NF-1"
    number = {"trackingNumber": "T", "trackingUrl": None, "courier": None, "dispatchedDate": None}
    shop.call("PATCH", path, number)
    done: dict[str, object] = {"isDelivered": True, "deliveredDate": "2026-11-25", "events": []}
    shop.call("PUT", f"{path}/tracking", done)
    shop.get(f"{ORDERS}?f_creationDate=creationDate:[2020-01-01T00:00:00Z+TO+*]")

    assert held.status == "invoiced"
    assert codes(shop) == []


# Start handling


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("payment-pending", "CM-03"),
        ("handling", "CM-03"),
        ("invoiced", "CM-03"),
        ("canceled", "CM-19"),
        ("waiting-for-seller-decision", "CM-19"),
    ],
)
def test_start_handling_in_the_wrong_status(shop: Shop, status: str, expected: str) -> None:
    held = shop.place(status)

    assert start(shop, held) == 409
    assert codes(shop) == [expected]
    assert shop.service.findings[0].order_id == held.order_id


def test_what_is_refused_anyway_is_answered_as_usual_by_a_strict_sandbox() -> None:
    strict = Shop(Service(strict=True))
    held = strict.place("payment-pending")

    assert start(strict, held) == 409
    assert codes(strict) == ["CM-03"]


def test_a_client_that_repeats_what_was_refused(shop: Shop) -> None:
    held = shop.place("payment-pending")

    assert [start(shop, held) for _ in range(3)] == [409, 409, 409]
    assert codes(shop) == ["CM-03", "CM-09", "CM-09"]


def test_a_client_that_tries_again_once_things_have_changed_does_right(shop: Shop) -> None:
    held = shop.place("payment-pending")
    start(shop, held)
    shop.call("POST", f"{ORDERS}/{held.order_id}/payments/{payment_id(held)}/payment-notification")
    shop.service.advance(3_600_000)

    assert start(shop, held) == 204
    assert codes(shop) == ["CM-03"]


def test_invoice_first_and_start_handling_afterwards(shop: Shop) -> None:
    held = shop.place("ready-for-handling")

    assert (post(shop, held), start(shop, held)) == (409, 204)
    assert codes(shop) == ["CM-12", "CM-11"]
    assert post(shop, held) == 200
    assert codes(shop) == ["CM-12", "CM-11"]


# Invoices and tracking


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"items": None}, "CM-31"),
        ({"items": [{"itemId": "sku-1", "price": 1, "quantity": 1}]}, "CM-31"),
        ({"items": [{"id": "sku-1", "price": "1", "quantity": 1}]}, "CM-31"),
        ({"items": [{"id": "sku-1"}]}, "CM-31"),
        ({"issuanceDate": "2026-11-23"}, "CM-32"),
        ({"issuanceDate": "2026-11-23 10:00:00"}, "CM-32"),
        ({"invoiceNumber": "NF/1"}, "CM-24"),
    ],
)
def test_an_invoice_that_is_taken_although_it_is_wrong(
    shop: Shop, sent: dict[str, object], expected: str
) -> None:
    held = shop.place("handling")

    assert post(shop, held, **sent) == 200
    assert codes(shop) == [expected]

    strict = Shop(Service(strict=True))
    held = strict.place("handling")
    assert post(strict, held, **sent) == 400
    assert codes(strict) == [expected]
    assert (held.status, held.papers) == ("handling", {})


def test_an_invoice_of_nothing_at_all(shop: Shop) -> None:
    held = shop.place("handling")

    assert post(shop, held, invoiceValue=0) == 400
    assert codes(shop) == ["CM-10"]


def test_a_new_number_for_an_order_that_is_invoiced(shop: Shop) -> None:
    held = shop.place("handling")

    assert (post(shop, held), post(shop, held)) == (200, 200)
    assert codes(shop) == []
    assert post(shop, held, invoiceNumber="NF-1-1700000000") == 400
    assert codes(shop) == ["CM-07"]


def test_an_invoice_for_a_cancelled_order(shop: Shop) -> None:
    held = shop.place("canceled")

    assert post(shop, held) == 409
    assert codes(shop) == ["CM-19"]


def test_tracking_without_events(shop: Shop) -> None:
    held = shop.place("handling")
    post(shop, held)
    path = f"{ORDERS}/{held.order_id}/invoice/NF-1"
    shop.call("PATCH", path, {"trackingNumber": "T"})

    assert shop.call("PUT", f"{path}/tracking", {"isDelivered": False}).status == 200
    assert codes(shop) == ["CM-36"]


def test_tracking_that_does_not_say_whether_it_is_delivered(shop: Shop) -> None:
    held = shop.place("handling")
    post(shop, held)
    path = f"{ORDERS}/{held.order_id}/invoice/NF-1"
    shop.call("PATCH", path, {"trackingNumber": "T"})
    sent: dict[str, object] = {"events": []}

    assert shop.call("PUT", f"{path}/tracking", sent).status == 200
    (finding,) = shop.service.findings
    assert "isDelivered" in finding.message
    shop.service.strict = True
    assert shop.call("PUT", f"{path}/tracking", sent).status == 400
    assert shop.call("PUT", f"{path}/tracking", {**sent, "isDelivered": False}).status == 200


def test_an_order_of_more_than_two_years_ago_is_read(shop: Shop) -> None:
    day, held = 86_400_000, shop.place("invoiced")
    path = f"{ORDERS}/{held.order_id}"
    assert held.order.created_at is not None
    shop.service.advance(731 * day - (shop.service.now - held.order.created_at))
    young = shop.call("GET", path)
    assert [each.message for each in shop.service.findings] == []

    shop.service.advance(1)

    assert shop.call("GET", path).body == young.body
    (finding,) = shop.service.findings
    assert (finding.order_id, finding.message[:5]) == (held.order_id, "T-32:")
    shop.service.strict = True
    assert shop.call("GET", path).status == 400
    assert shop.call("GET", f"{ORDERS}?per_page=1").status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "{}/invoice/NF-1"),
        ("POST", "{}/invoice"),
        ("POST", "{}/cancel"),
        ("POST", "{}/interactions"),
        ("PUT", "{}/invoice/NF-1/tracking"),
    ],
)
def test_broken_json(shop: Shop, method: str, path: str) -> None:
    held = shop.place("handling")
    post(shop, held)
    raw = b'{"trackingNumber": "1, "courier": "x"}'

    given = shop.call(method, path.format(f"{ORDERS}/{held.order_id}"), raw=raw)

    assert given.status == 400
    assert codes(shop) == ["CM-23"]


# The feed


def test_a_filter_that_mixes_types_or_has_none(shop: Shop) -> None:
    path = f"{FEED}/config"
    mixed = {"type": "FromWorkflow", "status": ["handling"], "disableSingleFire": True}
    typo = {"type": "FromWorkflow", "status": ["handeling"]}

    for given in (mixed, {"status": ["handling"]}, typo):
        assert shop.call("POST", path, {"filter": given}).status == 200
    assert codes(shop) == ["CM-33", "CM-33", ""]
    assert "did you mean" in shop.service.findings[-1].message

    strict = Shop(Service(strict=True))
    assert strict.call("POST", path, {"filter": mixed}).status == 400
    assert strict.call("GET", path).status == 404, "nothing was configured"


def test_a_read_without_its_lot(shop: Shop) -> None:
    shop.call("POST", f"{FEED}/config", {})

    assert read(shop, "") == []
    assert codes(shop) == ["CM-34"]


def test_a_commit_after_the_time_is_over(shop: Shop) -> None:
    shop.call("POST", f"{FEED}/config", {})
    shop.place("handling")
    items = read(shop)
    shop.service.advance(240_000)

    assert commit(shop, items) == 200
    assert codes(shop) == ["CM-05"]


def test_an_item_is_committed_although_its_order_was_not_started(shop: Shop) -> None:
    shop.call("POST", f"{FEED}/config", {})
    held = shop.place("payment-pending")
    items = read(shop)
    start(shop, held)

    assert commit(shop, items) == 200
    assert set(codes(shop)) == {"CM-03", "CM-02"}


@pytest.mark.parametrize("status", ["handling", "canceled", "invoiced"])
def test_committing_is_right_where_nothing_is_lost(shop: Shop, status: str) -> None:
    shop.call("POST", f"{FEED}/config", {})
    held = shop.place(status)
    items = read(shop)
    start(shop, held)
    commit(shop, items)

    assert "CM-02" not in codes(shop)


def test_the_old_feed_is_deprecated(shop: Shop) -> None:
    path = "/api/oms/pvt/feed/orders/status"

    assert shop.call("GET", path).status == 200
    assert shop.call("POST", f"{path}/confirm", {"commitToken": "x"}).status == 200
    assert codes(shop) == ["CM-35", "CM-35"]
    strict = Shop(Service(strict=True))
    assert strict.call("GET", path).status == 400


# Lists


def test_a_client_that_polls_the_list_by_creation_date(shop: Shop) -> None:
    narrow = "f_creationDate=creationDate:[2024-01-01T00:00:00Z+TO+2024-01-01T03:00:00Z]"

    for _ in range(4):
        shop.get(f"{ORDERS}?{narrow}")

    assert codes(shop) == ["CM-13", "CM-13"]


def test_what_is_remembered_of_an_order_is_forgotten_with_it(shop: Shop) -> None:
    from orderflow.sandbox.vendor.mistakes import Mistakes

    held = shop.place("ready-for-handling")
    post(shop, held)
    canceled = shop.place("canceled")
    start(shop, canceled)
    known = shop.service.part(Mistakes)
    assert (len(known.start_refused), len(known.invoiced_early)) == (1, 1)

    known.forgot(held)
    known.forgot(canceled)

    assert (known.start_refused, known.invoiced_early) == ({}, set())


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/orders/hook/config"),
        ("POST", "/api/orders/feed/config"),
        ("PUT", "/api/checkout/pub/orders"),
        ("POST", "/api/checkout/pub/orderForms/simulation"),
        ("POST", "/api/checkout/pvt/configuration/window-to-change-seller"),
        ("POST", "/api/order-integration/orders"),
        ("POST", "/api/do/notes"),
        ("POST", "/api/do/tasks"),
    ],
)
def test_a_body_that_is_no_json_is_written_down_wherever_it_is_sent(method: str, path: str) -> None:
    shop = Shop()

    assert shop.call(method, path, raw=b"{").status == 400
    assert [each.code for each in shop.service.findings] == ["CM-23"]
