"""Of calls to and from sellers, marketplaces and hooks a witness tells both sides."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderflow.sandbox.outbox import Outcome
from orderflow.sandbox.service import Service
from tests.sandbox.outside import FULFILLMENT, ORDER, hand_over
from tests.sandbox.outside_seller import Outside
from tests.sandbox.shop import ORDERS, invoice
from tests.sandbox.witnessed import Watched

HOOK = "/api/orders/hook/config"
INTEGRATION = "/api/order-integration/orders"
MINUTE = 60_000
RECEIPT = {"orderId": "123", "receipt": "r", "date": "2024-01-01"}


@pytest.fixture
def shop() -> Watched:
    return Watched()


def told(shop: Watched, outcome: Outcome) -> dict[str, Any]:
    """Answer the oldest message; the facts of its delivery."""
    shop.service.deliver(next(iter(shop.service.outbox.waiting)), outcome)
    shop.service.settle()
    (*_, line) = shop.of("delivery")
    return dict(line.facts)


def hooked(shop: Watched) -> None:
    shop.service.outbox.delivering = True
    hook = {"url": "http://127.0.0.1:9/hook", "headers": {}}
    filter_ = {"type": "FromWorkflow", "status": ["ready-for-handling", "handling"]}
    given = shop.call("POST", HOOK, {"filter": filter_, "hook": hook})
    told(shop, Outcome(200))
    assert given.later is not None
    assert given.later() is not None


def test_a_ping_and_a_notification_are_told(shop: Watched) -> None:
    hooked(shop)
    ping = shop.of("delivery")[0]
    held = shop.place("ready-for-handling")
    facts = told(shop, Outcome(200))

    assert (ping.operation, ping.order_id, ping.status) == ("hook ping", "", 200)
    line = shop.of("delivery")[1]
    assert (line.operation, line.order_id) == ("hook notification", held.order_id)
    assert (line.method, line.path) == ("POST", "http://127.0.0.1:9/hook")
    assert (line.before, line.after) == ("ready-for-handling", "ready-for-handling")
    assert (facts["state"], facts["last"]) == ("ready-for-handling", "window-to-cancel")
    assert (facts["changed_at"], facts["attempt"]) == (shop.service.now, 1)
    assert (facts["duplicate"], facts["wrong_origin"], facts["burst"]) == (False, False, 1)
    assert facts["answer"] == {"json": False, "empty": True, "missing": [], "error_text": False}


def test_a_notification_that_failed_comes_again_as_another_attempt(shop: Watched) -> None:
    hooked(shop)
    shop.place("ready-for-handling")
    first = told(shop, Outcome(0, trouble="timeout"))
    failed = shop.of("delivery")[-1]
    shop.service.advance(MINUTE)
    second = told(shop, Outcome(201))

    assert (failed.status, failed.trouble) == (0, "timeout")
    assert (first["attempt"], second["attempt"]) == (1, 2)
    assert first["notification"] == second["notification"]
    assert not second["duplicate"]
    assert second["mistakes"] == []  # the first answer is what is looked at


def test_the_mistake_of_a_receiver_stands_with_its_answer(shop: Watched) -> None:
    hooked(shop)
    shop.place("ready-for-handling")

    (mistake,) = told(shop, Outcome(201))["mistakes"]

    assert mistake["code"] == "CM-29"


def test_news_that_are_told_twice_at_once_are_a_duplicate(shop: Watched) -> None:
    hooked(shop)
    shop.fail("hook.duplicate", times=1)
    shop.place("ready-for-handling")
    one, two = told(shop, Outcome(200)), told(shop, Outcome(200))

    assert one["notification"] == two["notification"]
    assert [(each["duplicate"], each["attempt"]) for each in (one, two)] == [(False, 1), (True, 1)]


def test_news_of_two_orders_differ(shop: Watched) -> None:
    hooked(shop)
    shop.place("ready-for-handling")
    shop.place("ready-for-handling")
    one, two = told(shop, Outcome(200)), told(shop, Outcome(200))

    assert one["notification"] != two["notification"]
    assert not two["duplicate"]


@pytest.mark.parametrize(
    ("fault", "name", "value"),
    [
        ("hook.wrong_origin", "wrong_origin", True),
        ("hook.unknown_status", "state", "status-of-tomorrow"),
        ("hook.null_status", "state", None),
    ],
)
def test_what_a_fault_makes_of_a_notification_is_told(
    shop: Watched, fault: str, name: str, value: object
) -> None:
    hooked(shop)
    shop.fail(fault, times=1)
    shop.place("ready-for-handling")
    shop.place("ready-for-handling")
    wrong, right = told(shop, Outcome(200)), told(shop, Outcome(200))

    assert wrong[name] == value
    assert right[name] != value


def test_the_calls_to_a_seller_are_told_by_name_and_order(shop: Watched) -> None:
    outside = Outside(shop)
    held = outside.allowed()
    shop.call("POST", f"{ORDERS}/{held.order_id}/cancel", {"reason": "x"})
    shop.service.settle()
    outside.tell()

    deliveries = shop.of("delivery")
    assert [each.operation for each in deliveries] == [
        "seller simulation",
        "seller placement",
        "seller fulfillment",
        "seller cancellation",
    ]
    assert {each.order_id for each in deliveries} == {held.order_id}
    answers: list[Any] = [each.facts["answer"] for each in deliveries]
    assert [(each["empty"], each["missing"]) for each in answers] == [
        *((False, []), (False, []), (False, []), (True, []))
    ]
    assert len(answers[1]["seller_order"]) == 12


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ([{"marketplaceOrderId": "{}", "orderId": "7"}], ["followUpEmail"]),
        ({"marketplaceOrderId": "{}", "orderId": "7", "followUpEmail": "x"}, ["(array)"]),
        (
            [{"marketplaceOrderId": "other"}],
            ["(order)", "orderId", "followUpEmail"],
        ),
        ("text", ["(array)", "(order)", "marketplaceOrderId", "orderId", "followUpEmail"]),
    ],
)
def test_what_the_answer_to_a_placement_lacks_is_told(
    shop: Watched, body: object, missing: list[str]
) -> None:
    outside = Outside(shop)
    held = outside.place()
    outside.simulate(held)
    answer = json.dumps(body).replace("{}", held.order_id).encode()

    assert told(shop, Outcome(200, answer))["answer"]["missing"] == missing


def test_a_placement_whose_answer_is_lost_comes_again(shop: Watched) -> None:
    shop.fail("seller.answer_lost", times=1)
    outside = Outside(shop)
    held = outside.place()
    outside.simulate(held)
    outside.take(held)
    lost = shop.of("delivery")[-1]
    shop.service.advance(MINUTE)
    shop.service.settle()
    outside.take(held)
    again = shop.of("delivery")[-1]

    assert (lost.status, lost.faults) == (200, ("seller.answer_lost",))
    assert (again.operation, again.faults) == ("seller placement", ())
    assert [lost.facts["attempt"], again.facts["attempt"]] == [1, 2]
    assert [each[2] for each in outside.log()] == ["yes", "failed", "yes"]


def test_what_a_marketplace_hands_in_is_told_by_what_it_lacks(shop: Watched) -> None:
    shop.call("POST", f"{FULFILLMENT}?affiliateId=MKP", ORDER)
    line = shop.line

    assert (line.order_id, line.after) == ("MKP-123", "waiting-ffmt-authorization")
    assert (line.facts["affiliate"], line.facts["orders"]) == ("MKP", 1)
    assert line.facts["result"] == ""
    assert len(line.text("marketplace_order")) == 12
    assert set(line.words("missing")) == {
        name for name in ("paymentData", "marketingData", "openTextField") if name not in ORDER
    } | ({"isCreatedAsync"} - ORDER.keys()) | (
        {"email", "firstName", "lastName", "documentType", "document", "phone"}
        - ORDER["clientProfileData"].keys()
    )


def test_an_order_that_is_handed_in_twice_is_told_by_the_first(shop: Watched) -> None:
    for _ in range(2):
        shop.call("POST", f"{FULFILLMENT}?affiliateId=MKP", ORDER)

    assert (shop.line.order_id, shop.line.facts["result"]) == ("MKP-123", "FMT009")
    assert shop.line.before == "waiting-ffmt-authorization"


def test_several_orders_at_once_are_about_none(shop: Watched) -> None:
    orders = [ORDER, {**ORDER, "marketplaceOrderId": "124"}]
    shop.call("POST", f"{FULFILLMENT}?affiliateId=MKP", orders)

    assert (shop.line.order_id, shop.line.facts["orders"]) == ("", 2)


def test_the_leave_to_handle_is_told(shop: Watched) -> None:
    hand_over(shop)
    path = f"{FULFILLMENT}/MKP-123/fulfill?affiliateId=MKP"

    first = shop.facts("POST", path, {"marketplaceOrderId": "123"})
    mark = shop.line.text("marketplace_order")
    second = shop.facts("POST", path)

    assert (first["missing"], first["result"]) == ([], "")
    assert mark == shop.witness._marks.of("123")
    assert second["missing"] == ["marketplaceOrderId"]
    assert second["result"] == "CHK0231"


def test_the_order_integration_is_told_on_both_ways(shop: Watched) -> None:
    sent = {
        **ORDER,
        "marketplaceOrderStatus": "new",
        "connectorEndpoint": "http://localhost:9/in",
        "connectorName": "c",
    }
    shop.call("POST", f"{INTEGRATION}?affiliateId=MKP", sent)
    handed = shop.line
    result = told(shop, Outcome(200))
    update = {"marketplaceOrderId": "123", "marketplaceOrderStatus": "approved"}
    refused = shop.facts("PUT", f"{INTEGRATION}/status", update)

    assert (handed.order_id, handed.facts["said"]) == ("MKP-123", "new")
    assert handed.text("result").startswith("SOI")
    delivery = shop.of("delivery")[0]
    assert (delivery.operation, delivery.order_id) == ("integration result", "MKP-123")
    assert result["result"] == "SOI001"
    assert result["marketplace_order"] == handed.facts["marketplace_order"]
    assert refused["missing"] == ["connectorEndpoint", "connectorName"]
    assert (refused["said"], shop.line.order_id) == ("approved", "MKP-123")


def test_what_a_marketplace_answers_is_told(shop: Watched) -> None:
    held = hand_over(shop)
    shop.call("POST", f"{FULFILLMENT}/MKP-123/fulfill?affiliateId=MKP")
    shop.service.advance(30 * MINUTE)
    shop.call("POST", f"{ORDERS}/MKP-123/start-handling")
    shop.call("POST", f"{ORDERS}/MKP-123/invoice", invoice(held.order.value, trackingNumber="T"))
    shop.service.settle()
    short = told(shop, Outcome(200, b'{"orderId": "123"}'))

    line = shop.of("delivery")[-1]
    assert (line.operation, line.order_id) == ("marketplace invoice", "MKP-123")
    assert (short["number"], short["cents"], short["tracking"]) == ("NF-1", 3_500, True)
    assert short["answer"]["missing"] == ["receipt", "date"]


def test_a_cancellation_is_told_to_the_marketplace_until_it_answers(shop: Watched) -> None:
    hand_over(shop)
    shop.call("POST", f"{ORDERS}/MKP-123/cancel", {"reason": "x"})
    shop.service.settle()
    first = told(shop, Outcome(500, b"Internal error"))
    shop.service.advance(MINUTE)
    second = told(shop, Outcome(200, json.dumps(RECEIPT).encode()))

    assert shop.of("delivery")[-1].operation == "marketplace cancel"
    assert (first["attempt"], second["attempt"]) == (1, 2)
    assert (first["answer"]["error_text"], second["answer"]["error_text"]) == (True, False)
    assert second["answer"]["missing"] == []


def test_a_message_that_was_sent_before_anybody_looked_is_told_too() -> None:
    service = Service()
    shop = Watched(service)
    shop.service.outbox.heard.clear()
    outside = Outside(shop)
    held = outside.place()
    outside.simulate(held)

    assert shop.of("delivery")[0].operation == "seller simulation"
