"""A seller outside the platform moves its orders by what it answers and says, and only so."""

from __future__ import annotations

import base64
import json

import pytest

from orderflow.sandbox.answering import replay
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.external_seller import MOST_TRIES, ExternalSellers
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Change
from tests.sandbox.outside_seller import DAY, HOUR, MINUTE, SELLER, Outside, broken_rules
from tests.sandbox.shop import DOCUMENTS, ORDERS, Shop, code, listed, packages

BAD_PLACEMENTS: tuple[dict[str, object], ...] = (
    {"trouble": "timeout", "status": 0},
    {"trouble": "refused", "status": 0},
    {"status": 500},
    {"status": 201, "body": [{"marketplaceOrderId": "v100001sbx-01", "orderId": "7890"}]},
    {"body": b"<html>"},
    {"body": b"[" * 100_000},
    {"body": []},
    {"body": None},
    {"body": {"orderId": "7890"}},
    {"body": [{"marketplaceOrderId": "v100009sbx-01", "orderId": "7890"}]},
    {"body": [{"marketplaceOrderId": "v100001sbx-01"}]},
    {"body": [{"marketplaceOrderId": "v100001sbx-01", "orderId": " "}]},
    {"body": [{"marketplaceOrderId": "v100001sbx-01", "orderId": ["7890"]}]},
    {"body": [{"marketplaceOrderId": "v100001sbx-01", "orderId": "7\ud8009"}]},
    {"body": [{"marketplaceOrderId": "v100001sbx-01", "orderId": "7" * 101}]},
    {"body": [7, None, [], {"marketplaceOrderId": 1}]},
)


def test_a_sale_is_simulated_then_placed_then_released_and_waits_for_each_answer() -> None:
    outside = Outside()
    held = outside.place()
    outside.pass_time(DAY)
    assert outside.stands(held) == ("waiting-for-authorization", "(none)")

    outside.simulate(held)
    outside.pass_time(DAY)
    assert outside.stands(held) == ("waiting-for-authorization", "(none)")

    outside.take(held)
    assert outside.stands(held) == ("payment-pending", "waiting-ffmt-authorization")
    outside.fire(held, "payment_approved")
    assert outside.stands(held) == ("payment-approved", "waiting-ffmt-authorization")

    outside.tell(outside.receipt(held))
    outside.pass_time(DAY)
    assert outside.stands(held) == ("payment-approved", "ready-for-handling")
    assert not outside.waiting
    assert [call for call, _, _ in outside.log()] == ["simulation", "placement", "fulfillment"]


def test_a_simulation_must_be_there_in_two_and_a_half_seconds() -> None:
    outside = Outside()
    outside.place()
    assert outside.waiting[0].patience == 2_500


def test_the_marketplace_order_shows_the_sellers_own_id_and_name() -> None:
    outside = Outside()
    held = outside.taken()
    document = outside.shop.document(held)
    assert document["sellerOrderId"] == "7890"
    assert json.dumps(document["sellers"]).startswith('[{"id": "my-seller"')


def test_the_sellers_order_is_not_on_the_platform() -> None:
    outside = Outside()
    heard: list[Change] = []
    outside.shop.service.store.listen(heard.append)
    held = outside.allowed()
    outside.invoice(held, 10_000)
    assert {change.held.order_id for change in heard} == {held.order_id}
    assert listed(outside.shop)[0] == [held.order_id]
    for order_id in (f"00-{held.order_id}", "7890"):
        assert code(outside.shop.call("GET", f"{ORDERS}/{order_id}")) == (404, "OMS007")
        path = f"/pvt/orders/{order_id}/cancel"
        assert code(outside.shop.call("POST", path, {"reason": "x"})) == (404, "OMS007")


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ({"items": []}, "not in the answer"),
        ({}, "not in the answer"),
        ([], "not an object"),
        (b"{", "not JSON"),
        ({"items": [{"id": "item-1", "requestIndex": 0, "quantity": 0, "price": 1}]}, "quantity 0"),
        ({"items": [{"id": "item-1", "requestIndex": 0, "quantity": "1", "price": 1}]}, "quantity"),
        ({"items": [{"id": "item-1", "requestIndex": 0, "quantity": 1}]}, "price missing"),
        (
            {
                "items": [{"id": "item-1", "requestIndex": 0, "quantity": 1, "price": 1}],
                "logisticsInfo": [{"itemIndex": 0, "stockBalance": 0}],
            },
            "stockBalance 0",
        ),
    ],
)
def test_an_item_that_is_not_available_makes_the_order_fall(body: object, note: str) -> None:
    outside = Outside()
    held = outside.place()
    outside.tell(body)
    outside.pass_time(HOUR)
    assert outside.stands(held) == ("canceled", "canceled")
    assert not outside.waiting  # it has never heard of the order
    log = json.loads(outside.shop.call("GET", "/_sandbox/sellers/log").body)["log"]
    assert [(each["call"], each["result"]) for each in log] == [("simulation", "no")]
    assert note in log[0]["note"]
    assert not broken_rules(held)


@pytest.mark.parametrize("trouble", ["timeout", "refused", "not allowed", "broken"])
def test_no_answer_to_a_simulation_counts_as_not_available(trouble: str) -> None:
    outside = Outside()
    held = outside.place()
    outside.tell(status=0, trouble=trouble)
    outside.pass_time(HOUR)
    assert held.status == "canceled"


@pytest.mark.parametrize("bad", BAD_PLACEMENTS)
def test_a_placement_without_an_answer_of_use_is_repeated_and_shows_as_an_error(
    bad: dict[str, object],
) -> None:
    outside = Outside()
    held = outside.place()
    outside.simulate(held)
    first = outside.waiting[0].body
    outside.tell(**bad)  # type: ignore[arg-type]
    assert outside.shop.document(held)["workflowIsInError"] is True
    assert outside.stands(held) == ("waiting-for-authorization", "(none)")

    outside.pass_time(MINUTE - 1)
    assert not outside.waiting
    outside.pass_time(1)
    assert outside.waiting[0].body == first
    outside.take(held)
    assert outside.shop.document(held)["workflowIsInError"] is False
    assert held.status == "payment-pending"
    assert outside.log()[-2:] == [("placement", 1, "failed"), ("placement", 2, "yes")]


def test_calls_are_repeated_more_and_more_rarely_ten_times_in_all_and_again_on_request() -> None:
    outside = Outside()
    held = outside.place()
    outside.simulate(held)
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60, 60):
        outside.tell(status=500)
        outside.pass_time(minutes * MINUTE - 1)
        assert not outside.waiting
        outside.pass_time(1)
        assert outside.asked == ["/pvt/orders"]
    outside.tell(status=500)
    outside.pass_time(30 * DAY)
    assert not outside.waiting
    assert len([each for each in outside.log() if each[0] == "placement"]) == MOST_TRIES
    assert outside.shop.document(held)["workflowIsInError"] is True

    again = {"orderId": held.order_id}
    assert outside.shop.call("POST", "/_sandbox/sellers/retry", again).status == 204
    outside.take(held)
    assert held.status == "payment-pending"
    assert outside.shop.call("POST", "/_sandbox/sellers/retry", again).status == 409


def test_an_order_that_is_answered_twice_has_the_first_id() -> None:
    outside = Outside()
    held = outside.place()
    outside.simulate(held)
    number = outside.waiting[0].number
    rows = [{"marketplaceOrderId": held.order_id, "orderId": own} for own in ("first", "second")]
    outside.tell([{"marketplaceOrderId": "other", "orderId": "third"}, *rows])
    assert outside.shop.document(held)["sellerOrderId"] == "first"
    before = outside.log()
    late = {"status": 200, "body": ""}
    assert outside.shop.call("POST", f"/_sandbox/deliveries/{number}", late).status == 204
    assert outside.log() == before


def test_a_leave_is_repeated_until_it_is_answered() -> None:
    outside = Outside()
    held = outside.paid()
    outside.tell(status=503)
    assert outside.shop.document(held)["workflowIsInError"] is True
    outside.pass_time(MINUTE)
    outside.tell({"marketplaceOrderId": "wrong"})
    assert outside.stands(held) == ("payment-approved", "ready-for-handling")
    assert outside.shop.document(held)["workflowIsInError"] is False


def test_invoices_move_the_marketplace_order_at_once() -> None:
    outside = Outside()
    held = outside.allowed()
    assert outside.invoice(held, 4_000, "NF-1").status == 200
    assert outside.stands(held) == ("payment-approved", "handling")
    assert outside.invoice(held, 6_000, "NF-2").status == 200
    assert outside.stands(held) == ("invoiced", "invoiced")
    assert [each["invoiceValue"] for each in packages(outside.shop, held)] == [4_000, 6_000]
    assert not broken_rules(held)


def test_the_orders_api_takes_the_sellers_invoice_too() -> None:
    outside = Outside()
    held = outside.allowed()
    sent = {
        "type": "Output",
        "invoiceNumber": "NF-1",
        "invoiceValue": "10000",
        "issuanceDate": "2024-01-01",
    }
    assert outside.shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", sent).status == 200
    assert outside.stands(held) == ("invoiced", "invoiced")


def test_the_other_invoice_route_takes_it_as_well() -> None:
    outside = Outside()
    held = outside.allowed()
    sent = {
        "type": "Output",
        "invoiceNumber": "NF-1",
        "invoiceValue": 10_000,
        "issuedDate": "2024-01-01",
        "items": [{"itemIndex": 0, "price": 10_000, "quantity": 1}],
    }
    assert outside.shop.call("POST", f"{DOCUMENTS}/{held.order_id}/invoices", sent).status == 200
    assert outside.stands(held) == ("invoiced", "invoiced")


def test_the_same_invoice_number_again_gives_a_new_receipt_and_no_second_package() -> None:
    outside = Outside()
    held = outside.allowed()
    first, again = (outside.invoice(held, 4_000, "NF-1") for _ in range(2))
    assert first.status == again.status == 200
    assert first.body != again.body
    assert len(packages(outside.shop, held)) == 1


def test_an_invoice_before_the_leave_is_refused() -> None:
    outside = Outside()
    held = outside.taken()
    assert outside.invoice(held, 10_000).status == 409
    assert outside.stands(held) == ("payment-pending", "waiting-ffmt-authorization")


def test_an_invoice_while_the_leave_is_not_answered_shows_that_it_has_come() -> None:
    outside = Outside()
    held = outside.paid()
    assert outside.invoice(held, 10_000).status == 200
    assert outside.stands(held) == ("invoiced", "invoiced")
    outside.tell(outside.receipt(held))
    assert outside.stands(held) == ("invoiced", "invoiced")
    assert not outside.waiting


@pytest.mark.parametrize("cents", [10_001, 0])
def test_an_invoice_of_a_wrong_value_is_refused_and_changes_nothing(cents: int) -> None:
    outside = Outside()
    held = outside.allowed()
    assert code(outside.invoice(held, cents))[0] == 400
    assert outside.stands(held) == ("payment-approved", "ready-for-handling")


def test_a_return_is_taken_up_to_what_was_invoiced() -> None:
    outside = Outside()
    held = outside.allowed()
    outside.invoice(held, 10_000)
    assert outside.invoice(held, 10_001, "R-1", "Input").status == 400
    assert outside.invoice(held, 3_000, "R-1", "Input").status == 200
    assert held.order.returned == 3_000
    assert held.status == "invoiced"


def test_tracking_reaches_the_marketplace_order() -> None:
    outside = Outside()
    held = outside.allowed()
    outside.invoice(held, 10_000)
    path = f"/pvt/orders/{held.order_id}/invoice/NF-1"
    assert outside.shop.call("POST", f"{path}/tracking", {"isDelivered": True}).status == 400
    number = {"trackingNumber": "T1", "courier": "C", "trackingUrl": "u", "dispatchedDate": None}
    assert outside.shop.call("POST", path, {"courier": "C"}).status == 400
    assert outside.shop.call("POST", path, number).status == 200
    events = [{"city": "Rio", "state": "RJ", "description": "sent", "date": "2024-01-02"}]
    told = {"isDelivered": True, "events": events}
    assert outside.shop.call("POST", f"{path}/tracking", told).status == 200
    (package,) = packages(outside.shop, held)
    assert (package["trackingNumber"], package["courierStatus"]["finished"]) == ("T1", True)  # type: ignore[index]
    assert held.order.outputs[0].finished


def test_a_cancellation_before_the_leave_asks_nobody_and_is_told() -> None:
    outside = Outside()
    held = outside.taken()
    outside.shop.call("POST", f"{ORDERS}/{held.order_id}/cancel", {"reason": "changed my mind"})
    assert outside.asked == ["/pvt/orders/7890/cancel"]
    outside.tell(outside.receipt(held))
    outside.pass_time(HOUR)
    assert outside.stands(held) == ("canceled", "canceled")
    assert not outside.waiting


def test_a_payment_that_is_denied_is_told() -> None:
    outside = Outside()
    held = outside.taken()
    outside.fire(held, "deny_payment")
    assert outside.asked == ["/pvt/orders/7890/cancel"]
    outside.tell(outside.receipt(held))
    assert outside.stands(held) == ("canceled", "canceled")


def test_a_cancellation_is_asked_twice_when_the_seller_evaluates_it() -> None:
    outside = Outside()
    held = outside.allowed()
    outside.shop.call("POST", f"{ORDERS}/{held.order_id}/cancel", {"reason": "too late"})
    body = json.loads(outside.waiting[0].body)
    outside.tell()
    assert outside.stands(held) == ("waiting-for-seller-decision", "cancellation-requested")
    assert body == {
        "marketplaceOrderId": held.order_id,
        "marketplaceOrderGroup": held.group,
        "cancellationRequestId": held.order.requests[0].id,
        "cancellationRequestDate": "2024-01-01T00:00:00.0000000+00:00",
        "reason": "too late",
        "requestedByUser": True,
    }

    outside.pass_time(HOUR)
    assert json.loads(outside.waiting[0].body) == body
    outside.tell(outside.receipt(held))
    assert outside.stands(held) == ("canceled", "canceled")
    assert not outside.waiting
    assert not broken_rules(held)


def test_who_cancels_again_has_the_seller_asked_again() -> None:
    outside = Outside()
    held = outside.allowed()
    path = f"{ORDERS}/{held.order_id}/cancel"
    outside.shop.call("POST", path)
    outside.tell()
    for _ in range(2):
        assert outside.shop.call("POST", path).status == 200
        assert outside.asked == ["/pvt/orders/7890/cancel"]
    outside.tell(outside.receipt(held))
    assert outside.stands(held) == ("canceled", "canceled")
    assert not broken_rules(held)


def test_a_cancellation_may_be_denied_for_a_seller_that_evaluates_it() -> None:
    outside = Outside()
    held = outside.allowed()
    outside.shop.call("POST", f"{ORDERS}/{held.order_id}/cancel")
    outside.tell()
    sent = {"cancellationRequestId": held.order.requests[0].id, "denyReason": "on its way"}
    path = f"{DOCUMENTS}/{held.order_id}/deny-cancellation-request"
    assert outside.shop.call("POST", path, sent).status == 200
    assert outside.stands(held)[0] == "payment-approved"
    outside.pass_time(HOUR)
    assert not outside.waiting
    assert not broken_rules(held)


def test_a_seller_that_goes_on_evaluating_is_not_asked_a_third_time() -> None:
    outside = Outside()
    held = outside.allowed()
    outside.shop.call("POST", f"{ORDERS}/{held.order_id}/cancel")
    outside.tell()
    outside.pass_time(HOUR)
    outside.tell({})
    outside.pass_time(29 * DAY)
    assert not outside.waiting
    assert outside.stands(held) == ("waiting-for-seller-decision", "cancellation-requested")
    outside.pass_time(2 * DAY)
    assert outside.stands(held) == ("canceled", "canceled")
    assert not outside.waiting


def test_a_seller_may_agree_when_it_is_asked_for_the_first_time() -> None:
    outside = Outside()
    held = outside.allowed()
    outside.shop.call("POST", f"{ORDERS}/{held.order_id}/cancel")
    outside.tell(outside.receipt(held))
    assert outside.stands(held) == ("canceled", "canceled")
    assert not broken_rules(held)


@pytest.mark.parametrize("answered", [True, False])
def test_an_invoice_refuses_a_cancellation(answered: bool) -> None:
    outside = Outside()
    held = outside.allowed()
    outside.shop.call("POST", f"{ORDERS}/{held.order_id}/cancel")
    if answered:
        outside.tell()
    assert outside.invoice(held, 10_000).status == 200
    assert outside.stands(held) == ("invoiced", "invoiced")
    assert held.order.requests[0].denied
    outside.pass_time(DAY)
    if not answered:
        outside.tell(outside.receipt(held))
    assert outside.stands(held) == ("invoiced", "invoiced")
    assert not outside.waiting
    assert not broken_rules(held)


@pytest.mark.parametrize("body", [{"marketplaceOrderId": "other"}, b"ok", [1]])
def test_an_answer_that_names_another_order_agrees_to_nothing(body: object) -> None:
    outside = Outside()
    held = outside.allowed()
    outside.shop.call("POST", f"{ORDERS}/{held.order_id}/cancel")
    outside.tell(body)
    assert outside.shop.document(held)["workflowIsInError"] is True
    assert outside.stands(held) == ("request-cancel", "ready-for-handling")
    outside.pass_time(MINUTE)
    assert outside.asked == ["/pvt/orders/7890/cancel"]


@pytest.mark.parametrize("status", ["payment-pending", "payment-approved"])
def test_a_seller_cancels_by_itself_with_one_call(status: str) -> None:
    outside = Outside()
    held = outside.taken() if status == "payment-pending" else outside.allowed()
    path = f"/pvt/orders/{held.order_id}/cancel"
    assert outside.shop.call("POST", path, {}).status == 400
    given = outside.shop.call("POST", path, {"reason": "sold out"})
    assert given.status == 200
    assert set(json.loads(given.body)) == {"date", "orderId", "receipt"}
    assert outside.stands(held) == ("canceled", "canceled")
    assert not outside.waiting
    assert not broken_rules(held)


def test_a_seller_agrees_to_a_cancellation_with_a_call_of_its_own() -> None:
    outside = Outside()
    held = outside.allowed()
    outside.shop.call("POST", f"{ORDERS}/{held.order_id}/cancel")
    outside.tell()
    path = f"/pvt/orders/{held.order_id}/cancel"
    assert outside.shop.call("POST", path, {"reason": "as asked"}).status == 200
    outside.pass_time(DAY)
    assert outside.stands(held) == ("canceled", "canceled")
    assert not outside.waiting


@pytest.mark.parametrize("cents", [4_000, 10_000])
def test_an_invoiced_order_is_not_cancelled_by_its_seller(cents: int) -> None:
    outside = Outside()
    held = outside.allowed()
    outside.invoice(held, cents)
    before = outside.stands(held)
    given = outside.shop.call("POST", f"/pvt/orders/{held.order_id}/cancel", {"reason": "x"})
    assert code(given) == (400, "CHK0202")
    assert outside.stands(held) == before


@pytest.mark.parametrize("answers", [0, 1])
def test_a_cancellation_goes_past_a_placement_that_fails(answers: int) -> None:
    outside = Outside()
    held = outside.place()
    if answers:
        outside.simulate(held)
        outside.tell(status=500)
    outside.shop.call("POST", f"{ORDERS}/{held.order_id}/cancel")
    if not answers:
        outside.simulate(held)
    outside.pass_time(DAY)
    assert held.status == "canceled"
    assert not outside.waiting
    assert outside.shop.document(held)["workflowIsInError"] is False


def test_a_cancellation_goes_past_a_leave_that_fails() -> None:
    outside = Outside()
    held = outside.paid()
    outside.tell(status=500)
    outside.shop.call("POST", f"{ORDERS}/{held.order_id}/cancel")
    assert outside.asked == ["/pvt/orders/7890/cancel"]
    outside.tell(outside.receipt(held))
    assert outside.stands(held) == ("canceled", "canceled")


def test_a_seller_of_an_order_that_was_never_paid_hears_of_its_end() -> None:
    outside = Outside()
    held = outside.taken()
    outside.pass_time(31 * DAY)
    assert outside.asked == ["/pvt/orders/7890/cancel"]
    outside.tell(outside.receipt(held))
    outside.pass_time(DAY)
    assert outside.stands(held) == ("canceled", "canceled")
    assert not outside.waiting


def test_an_order_placed_in_a_status_has_a_seller_of_the_sandbox() -> None:
    outside = Outside()
    held = outside.place(status="payment-approved")
    outside.pass_time(HOUR)
    assert not outside.waiting
    assert outside.shop.document(held)["sellerOrderId"] == f"00-{held.order_id}"


def test_without_a_registered_seller_nobody_is_called() -> None:
    shop = Shop()
    shop.call("POST", "/_sandbox/orders", {"deal": "marketplace-seller"})
    shop.call("POST", "/_sandbox/clock/advance", {"days": 1})
    assert not shop.service.outbox.waiting


def test_each_order_of_a_split_sale_goes_to_its_own_seller() -> None:
    outside = Outside(registration={"sellerId": "seller-b", "url": SELLER["url"]})
    second = {"sellerId": "seller-a", "url": "http://localhost:9001"}
    outside.shop.call("POST", "/_sandbox/sellers", second)
    outside.shop.call("POST", "/_sandbox/orders", {"deal": "split-order"})
    called = {message.url: json.loads(message.body)["items"] for message in outside.waiting}
    assert {url: items[0]["seller"] for url, items in called.items()} == {
        "http://localhost:9001/pvt/orderForms/simulation": "seller-a",
        "http://localhost:9000/api/pvt/orderForms/simulation": "seller-b",
    }


def test_what_a_seller_is_sent_carries_its_headers_and_nobody_else_sees_them() -> None:
    registration = {**SELLER, "headers": {"X-Seller-Key": "s3cret", "Accept": "text/json"}}
    outside = Outside(registration=registration)
    held = outside.place()
    headers = outside.waiting[0].headers
    assert (headers["x-seller-key"], headers["accept"]) == ("s3cret", "text/json")
    outside.simulate(held)
    assert outside.waiting[0].headers["x-vtex-operation-id"] != headers["x-vtex-operation-id"]
    for path in ("sellers", "sellers/log", "trace", "deliveries", f"orders/{held.order_id}"):
        assert b"s3cret" not in outside.shop.call("GET", f"/_sandbox/{path}").body
    token = outside.shop.service.accounts.first.token
    assert token not in str(outside.waiting[0].headers)
    assert token.encode() not in outside.waiting[0].body


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"url": "http://erp.example/"}, "--allow-hook-host erp.example"),
        ({"url": "http://localhost:9000/?an=x"}, "headers"),
        ({"url": "http://me:pass@localhost/"}, "headers"),
        ({"url": "ftp://localhost"}, "write http"),
        ({"url": "http://localhost/\n"}, "no URL"),
        ({"sellerId": ""}, "sellerId"),
        ({"sellerId": "a/b"}, "sellerId"),
        ({"endpoint": "http://a b"}, "endpoint"),
        ({"headers": ["x"]}, "headers"),
        ({"headers": {"a b": "x", "Host": "y", "ok": "z"}}, "a b, Host"),
        ({"headers": {"x": "s3cret\r\ny: z"}}, "cannot be sent: x"),
        ({"account": "nobody"}, "no account"),
        ({"color": "red"}, "unknown: color"),
    ],
)
def test_a_seller_that_cannot_be_called_is_not_registered(
    wrong: dict[str, object], told: str
) -> None:
    shop = Shop()
    given = shop.call("POST", "/_sandbox/sellers", {**SELLER, **wrong})
    assert given.status in (400, 404)
    assert told in json.loads(given.body)["error"]
    assert b"s3cret" not in given.body
    assert shop.get("/_sandbox/sellers") == {"sellers": []}


def test_a_seller_that_is_removed_gets_no_new_orders_and_keeps_its_old_ones() -> None:
    outside = Outside()
    held = outside.taken()
    assert outside.shop.call("DELETE", "/_sandbox/sellers/my-seller").status == 204
    assert outside.shop.call("DELETE", "/_sandbox/sellers/my-seller").status == 404
    outside.place()
    assert not outside.waiting
    outside.fire(held, "payment_approved")
    assert outside.asked == ["/pvt/orders/7890/fulfill"]


class Calls:
    """A journal in memory."""

    def __init__(self) -> None:
        self.made: list[Call] = []

    def __call__(self, call: Call) -> None:
        self.made.append(call)

    def answered(self, answer: Answer) -> None:
        del answer


def test_the_same_calls_make_the_same_sandbox() -> None:
    outside = Outside(Shop(Service(seed=7)))
    journal = outside.shop.service.journal = Calls()
    held = outside.place()
    # as the courier tells them
    for body in (b'{"items":[{"id":"item-1","quantity":1,"price":1}]}', b"no"):
        number = outside.waiting[0].number
        told = {"status": 200, "body": base64.b64encode(body).decode()}
        outside.shop.call("POST", f"/_sandbox/deliveries/{number}", told)
    outside.pass_time(MINUTE)

    other = Service(seed=7)
    register = Call(
        "POST", "/_sandbox/sellers", body=json.dumps(SELLER).encode(), host="127.0.0.1:80"
    )
    for call in (register, *journal.made):
        replay(other, call)
    twin = other.store.find(held.order_id)
    assert twin is not None
    assert (twin.status, twin.events) == (held.status, held.events)
    assert other.outbox.waiting == outside.shop.service.outbox.waiting
    assert other.outbox.waiting


def test_a_finished_order_that_the_store_forgets_is_forgotten_here_too() -> None:
    outside = Outside()
    outside.shop.service.store.keep = 1
    made = []
    for number in range(3):
        held = outside.place()
        made.append(held)
        outside.simulate(held)
        outside.own_id = str(number)
        outside.take(held)
        outside.shop.call("POST", f"/pvt/orders/{held.order_id}/cancel", {"reason": "x"})
    outside.pass_time(DAY)
    sellers = outside.shop.service.part(ExternalSellers)
    assert sum(sellers.plays(held) for held in made) == len(outside.shop.service.store.orders())
    assert len(outside.shop.service.store.orders()) < len(made)


def test_a_snapshot_keeps_the_calls_to_a_seller() -> None:
    outside = Outside()
    held = outside.place()
    outside.simulate(held)
    outside.tell(status=500)
    assert outside.shop.call("POST", "/_sandbox/snapshots", {"name": "one"}).status == 201
    outside.pass_time(MINUTE)
    outside.take(held)
    assert outside.shop.call("POST", "/_sandbox/snapshots/one/restore").status == 204
    again = outside.shop.service.store.find(held.order_id)
    assert again is not None
    assert outside.stands(again) == ("waiting-for-authorization", "(none)")
    assert outside.shop.document(again)["workflowIsInError"] is True
    outside.pass_time(MINUTE)
    outside.take(again)
    assert outside.stands(again) == ("payment-pending", "waiting-ffmt-authorization")


def test_the_cancellation_of_a_seller_on_the_platform_keeps_its_reason() -> None:
    shop = Shop()
    held = shop.place("ready-for-handling")

    given = shop.call("POST", f"/pvt/orders/{held.order_id}/cancel", {"reason": "lost in the fire"})

    assert given.status == 200
    assert [request.reason for request in held.order.requests] == ["lost in the fire"]
