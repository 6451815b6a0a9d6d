"""Of each call a witness tells who made it, what came of it, and what the sandbox saw in it."""

from __future__ import annotations

import json

import pytest

from orderflow.sandbox.account import VIEW_ORDER
from orderflow.sandbox.evidence import Marks
from orderflow.sandbox.outbox import Outcome
from tests.sandbox.shop import ORDERS, invoice
from tests.sandbox.witnessed import FEED, Watched

DOCUMENTS = "/api/orders/pvt/document"
USER = "/api/oms/user/orders"
DENY = "deny-cancellation-request"


@pytest.fixture
def shop() -> Watched:
    return Watched()


def test_a_call_is_told_with_its_operation_its_order_and_what_it_did_to_it(shop: Watched) -> None:
    held = shop.place("ready-for-handling")
    shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")

    line = shop.line

    assert line.kind == "call"
    assert line.operation == "POST /api/oms/pvt/orders/{orderId}/start-handling"
    assert (line.method, line.path) == ("POST", f"{ORDERS}/{held.order_id}/start-handling")
    assert (line.status, line.order_id) == (204, held.order_id)
    assert (line.before, line.after) == ("ready-for-handling", "handling")
    assert line.key == shop.service.accounts.first.masked
    assert line.facts == {
        "code": "",
        "done": 204,
        "body": "",
        "auth": "ok",
        "agent": "",
        "mistakes": [],
        "media": False,
    }


def test_the_steps_of_a_call_stand_before_it(shop: Watched) -> None:
    held = shop.place("ready-for-handling")
    count = len(shop.witness)
    shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")

    told = [(each.kind, each.before, each.after) for each in shop.witness.since(count)]

    assert told == [
        ("step", "ready-for-handling", "start-handling"),
        ("step", "start-handling", "handling"),
        ("call", "ready-for-handling", "handling"),
    ]


def test_an_order_by_its_sequence_is_told_by_its_id(shop: Watched) -> None:
    held = shop.place("handling")
    shop.call("GET", f"{ORDERS}/seq{held.sequence}")

    assert shop.line.order_id == held.order_id


def test_an_order_that_is_not_there_is_told_as_it_was_called(shop: Watched) -> None:
    facts = shop.facts("GET", f"{ORDERS}/mine-01")

    assert (shop.line.order_id, shop.line.before, facts["code"]) == ("mine-01", "", "OMS007")


def test_the_code_of_an_error_is_told_and_whether_its_body_is_json(shop: Watched) -> None:
    path = f"{ORDERS}/{shop.place('payment-pending').order_id}/start-handling"

    refused = shop.facts("POST", path)
    shop.fail("http.text_error")
    text = shop.facts("POST", path)

    assert (refused["code"], refused["media"]) == ("OMS003", True)
    assert (text["code"], text["media"], text["done"]) == ("", False, 500)


@pytest.mark.parametrize("name", ["http.apply_then_500", "http.apply_then_drop"])
def test_what_a_fault_hides_is_told_with_the_fault(shop: Watched, name: str) -> None:
    held = shop.place("ready-for-handling")
    shop.fail(name, times=1)
    shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")

    assert shop.line.status in (0, 500)
    assert shop.line.facts["done"] == 204
    assert shop.line.worked
    assert not shop.line.told_success
    assert shop.line.faults == (name,)


def test_what_a_fault_answers_in_place_of_a_call_did_nothing(shop: Watched) -> None:
    held = shop.place("ready-for-handling")
    for name, done in (("http.error_500", 500), ("http.drop", 0)):
        shop.fail(name, times=1)
        shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")

        assert (shop.line.facts["done"], shop.line.worked) == (done, False)


def test_equal_bodies_have_equal_marks_and_say_nothing(shop: Watched) -> None:
    path = f"{ORDERS}/{shop.place('payment-pending').order_id}/cancel"

    one, two, other = (shop.facts("POST", path, {"reason": text})["body"] for text in "aab")

    assert one == two != other
    assert len(one) == 12
    assert shop.facts("GET", ORDERS)["body"] == ""


def test_marks_of_another_sandbox_are_others() -> None:
    assert Marks(1).of("secret") == Marks(1).of(b"secret") != Marks(2).of("secret")
    assert Marks(1).of("") == ""


def test_the_program_that_calls_is_told_by_a_mark(shop: Watched) -> None:
    def mark(name: str) -> str:
        shop.ask("GET", ORDERS, headers={"user-agent": name})
        return shop.line.text("agent")

    assert mark("erp/1") == mark("erp/1") != mark("cron/2")
    assert len(mark("erp/1")) == 8
    assert mark("") == ""


def test_how_a_caller_shows_who_it_is_is_told(shop: Watched) -> None:
    key = shop.service.accounts.first
    named = {"x-vtex-api-appkey": key.name, "x-vtex-api-apptoken": key.token}
    in_body = json.dumps({"appKey": key.name, "appToken": key.token}).encode()

    def auth(headers: dict[str, str], body: bytes = b"") -> str:
        shop.ask("POST" if body else "GET", f"{ORDERS}/x/cancel" if body else ORDERS, body, headers)
        return shop.line.text("auth")

    assert auth(named) == "ok"
    assert auth({"cookie": f"VtexIdclientAutCookie={key.token}"}) == "ok"
    assert auth({}) == "none"
    assert auth({}, in_body) == "body"
    assert auth({**named, "x-vtex-api-apptoken": "guessed"}) == "wrong"
    assert auth({"cookie": "VtexIdclientAutCookie=guessed"}) == "wrong"
    shop.service.accounts.revoke(key.name)
    assert auth(named) == "revoked"


def test_a_key_that_may_not_is_told_as_forbidden(shop: Watched) -> None:
    shop.key = shop.service.accounts.add("sandbox", (VIEW_ORDER,))

    assert shop.facts("GET", ORDERS)["auth"] == "forbidden"
    assert shop.line.key == shop.key.masked


def test_a_call_without_a_route_is_told_with_its_key(shop: Watched) -> None:
    facts = shop.facts("PUT", f"{ORDERS}/x/invoice", {})

    assert (shop.line.operation, shop.line.status) == ("", 405)
    assert shop.line.key == shop.service.accounts.first.masked
    assert [each["code"] for each in facts["mistakes"]] == ["CM-22"]


def test_the_mistakes_of_a_call_are_its_own(shop: Watched) -> None:
    shop.configure()
    shop.facts("GET", FEED)
    (seen,) = shop.line.rows("mistakes")
    sound = shop.facts("GET", f"{FEED}?maxlot=1")

    assert seen.text("code") == "CM-34"
    assert "maxlot" in seen.text("message")
    assert sound["mistakes"] == []


def test_the_pause_that_is_told_with_429_is_told(shop: Watched) -> None:
    shop.fail("http.too_many", times=1, seconds=3)
    shop.fail("http.too_many_silent", times=1)

    assert shop.facts("GET", ORDERS)["retry_after"] == 3
    assert "retry_after" not in shop.facts("GET", ORDERS)
    assert shop.line.status == 429


def test_whether_a_body_is_json_is_told(shop: Watched) -> None:
    path = f"{ORDERS}/{shop.place('handling').order_id}/cancel"
    key = shop.service.accounts.first
    headers = {"x-vtex-api-appkey": key.name, "x-vtex-api-apptoken": key.token}

    shop.ask("POST", path, b'{"reason": "x}', headers)
    broken = shop.line
    shop.ask("POST", path, b"null", headers)

    assert (broken.facts["json"], shop.line.facts["json"]) == (False, True)
    assert "json" not in shop.facts("GET", ORDERS)


@pytest.mark.parametrize("base", [ORDERS, USER, DOCUMENTS])
def test_what_an_order_is_shown_as_is_told(shop: Watched, base: str) -> None:
    held = shop.place("handling", price=2_500)

    shown = shop.facts("GET", f"{base}/{held.order_id}")["shown"]

    assert shown == {
        "status": "handling",
        "description": "Preparando Entrega",
        "value": 2_500,
        "complete": True,
        "changes": 0,
        "delivery_ids": True,
        "changed_seller": False,
    }


def test_an_order_is_told_as_faults_let_it_be_seen(shop: Watched) -> None:
    held = shop.place("ready-for-handling")
    path = f"{ORDERS}/{held.order_id}"

    shop.fail("answer.null_status", times=1)
    assert shop.facts("GET", path)["shown"]["status"] is None
    shop.fail("http.apply_then_drop", times=1)
    assert "shown" not in shop.facts("GET", path)
    assert shop.facts("GET", path)["shown"]["status"] == "ready-for-handling"


def test_an_incomplete_order_and_a_modified_one_are_told_as_such(shop: Watched) -> None:
    null = shop.place("null")
    market = shop.place("payment-approved", deal="marketplace-seller")
    shop.service.advance(3_600_000)
    held = shop.service.store.group(market.group)[1]
    shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")
    shop.service.fire(held, "modify_order", {"delta": 500})

    assert shop.facts("GET", f"{ORDERS}/{null.order_id}")["shown"]["complete"] is False
    shown = shop.facts("GET", f"{ORDERS}/{held.order_id}")["shown"]
    assert (shown["value"], shown["changes"]) == (10_500, 1)


def test_what_a_list_is_asked_for_is_told(shop: Watched) -> None:
    shop.place("handling")
    dates = "creationDate:[2024-01-01T00:00:00.000Z TO 2024-01-01T03:00:00.000Z]"
    query = f"f_status=handling,invoiced&page=2&per_page=50&f_creationDate={dates}"

    asked = shop.facts("GET", f"{ORDERS}?{query}")
    plain = shop.facts("GET", ORDERS)

    told = ("statuses", "page", "per_page", "span", "rows")
    assert [asked[name] for name in told] == [["handling", "invoiced"], 2, 50, 10_800_000, 0]
    assert [plain[name] for name in told] == [[], None, None, None, 1]


def test_a_list_by_a_body_is_told_alike(shop: Watched) -> None:
    facts = shop.facts("POST", "/api/orders/extendsearch/orders", {"page": 1, "per_page": 10})

    assert (facts["page"], facts["per_page"], facts["rows"]) == (1, 10, 0)


def test_whether_a_cancellation_gives_a_reason_is_told(shop: Watched) -> None:
    path = f"{ORDERS}/{shop.place('handling').order_id}/cancel"

    assert shop.facts("POST", path, {"reason": " "})["reason"] is False
    assert shop.facts("POST", path, {"reason": "too late"})["reason"] is True


@pytest.mark.parametrize(("by", "own"), [("seller", True), ("shopper", False)])
def test_whether_a_seller_denies_its_own_request_is_told(shop: Watched, by: str, own: bool) -> None:
    held = shop.place("handling")
    sent = {"reason": "x", "requestedByUser": by == "shopper"}
    shop.call("POST", f"{ORDERS}/{held.order_id}/cancel", sent)
    (request,) = held.order.requests
    path = f"{DOCUMENTS}/{held.order_id}/{DENY}"

    unknown = shop.facts("POST", path, {"cancellationRequestId": "mine", "denyReason": ""})
    absent = shop.facts("POST", path, {"denyReason": "sent already"})
    right = shop.facts("POST", path, {"cancellationRequestId": request.id, "denyReason": "sent"})

    told = ("request", "reason", "own")
    assert [unknown[name] for name in told] == ["unknown", False, False]
    assert [absent[name] for name in told] == ["", True, False]
    assert [right[name] for name in told] == ["known", True, own]


def test_modifications_are_told_by_what_they_ask_for_and_not_by_what_they_say(
    shop: Watched,
) -> None:
    held = shop.place("handling")
    path = f"/api/order-system/orders/{held.order_id}/changes?accountName=sandbox"

    facts = shop.facts("PATCH", path, {"reason": "weighed", "manualDiscountValue": 100})

    assert shop.line.operation == "PATCH /api/order-system/orders/{changeOrderId}/changes"
    assert shop.line.order_id == held.order_id
    assert (facts["reason"], facts["asked"]) == (True, ["manualDiscountValue"])
    assert shop.line.status != 202 or len(facts["request_id"]) == 12


def test_a_former_modification_is_told_by_the_mark_of_its_request_id(shop: Watched) -> None:
    held = shop.place("handling")
    sent = {"requestId": "r-1", "reason": "", "discountValue": 5, "incrementValue": 0}

    one, two = (shop.facts("POST", f"{ORDERS}/{held.order_id}/changes", sent) for _ in range(2))

    assert one["request_id"] == two["request_id"] == shop.witness._marks.of("r-1")
    assert (one["reason"], one["asked"]) == (False, ["discountValue"])


def test_an_invoice_that_is_done_and_hidden_leaves_the_mark_of_its_repetition(
    shop: Watched,
) -> None:
    path = f"{ORDERS}/{shop.place('handling').order_id}/invoice"
    shop.fail("http.apply_then_500", times=1)

    one, two = (shop.facts("POST", path, invoice()) for _ in range(2))

    assert one["body"] == two["body"]
    assert "CM-08" in {each["code"] for each in two["mistakes"]}


def test_a_call_that_is_answered_later_tells_what_was_done_in_the_end(shop: Watched) -> None:
    shop.service.outbox.delivering = True
    shop.fail("http.apply_then_500", times=1)
    hook = {"url": "http://127.0.0.1:9/hook", "headers": {}}
    filter_ = {"type": "FromWorkflow", "status": ["handling"]}
    given = shop.call("POST", "/api/orders/hook/config", {"filter": filter_, "hook": hook})
    shop.call("GET", ORDERS)
    shop.service.deliver(1, Outcome(200))
    assert given.later is not None
    assert given.later() is not None

    assert (shop.line.status, shop.line.facts["done"]) == (500, 200)
    assert shop.line.faults == ("http.apply_then_500",)
    assert [each.operation for each in shop.of("call")][-2:] == [
        "GET /api/oms/pvt/orders",
        "POST /api/orders/hook/config",
    ]
