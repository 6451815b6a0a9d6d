"""The reference of traces tells every fact that a line has, and none that no line has."""

from __future__ import annotations

from pathlib import Path

import pytest

from orderflow.conformance.integration.line import Line
from orderflow.sandbox.answering import ALL
from orderflow.sandbox.control.records import WHAT
from orderflow.sandbox.evidence_facts import FACTS
from orderflow.sandbox.evidence_words import TOLD, Told
from orderflow.sandbox.outbox import Outcome
from tests.sandbox.outside import hand_over
from tests.sandbox.outside_seller import Outside
from tests.sandbox.shop import ORDERS, invoice
from tests.sandbox.witnessed import Watched

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "trace.md"
EVERY_CALL, *_ = TOLD
BY_OPERATION = {name: each for each in TOLD for name in each.operations}
ROUTES = {f"{each.method} {each.path}": each for each in ALL.all}


def titled(title: str) -> Told:
    return next(each for each in TOLD if each.title == title)


def assert_told(line: Line, *told: Told) -> None:
    always = {name for each in told for name in each.facts}
    sometimes = {name for each in told for name in each.others}
    assert always <= set(line.facts) <= always | sometimes, line


@pytest.fixture(scope="module")
def shop() -> Watched:
    return Watched()


def test_the_facts_of_all_operations_that_have_some_are_told() -> None:
    calls = {name for name in BY_OPERATION if " /" in name}

    assert calls == set(FACTS)


@pytest.mark.parametrize("operation", sorted(FACTS))
@pytest.mark.parametrize("body", [{}, {"reason": "x", "items": [{"id": "sku-1"}]}, None])
def test_a_call_has_the_facts_that_are_told_of_it(
    shop: Watched, operation: str, body: object
) -> None:
    order_id = (shop.service.store.orders() or (shop.place("handling"),))[0].order_id
    route = ROUTES[operation]
    path = route.path.replace("{orderId}", order_id).replace("{changeOrderId}", order_id)
    given = shop.call(route.method, path, body)

    assert given.later is None
    assert shop.line.operation == operation
    assert_told(shop.line, EVERY_CALL, BY_OPERATION[operation])


def test_other_calls_have_the_facts_of_every_call(shop: Watched) -> None:
    shop.fail("http.too_many", times=1)
    for path in (f"{ORDERS}/x/start-handling", "/nowhere"):
        shop.call("POST", path, {})
        assert_told(shop.line, EVERY_CALL)


def test_steps_and_records_have_the_facts_that_are_told_of_them() -> None:
    shop = Watched()
    held = shop.place("handling")
    shop.call("POST", "/_sandbox/records", {"orderId": held.order_id, "what": "stock"})

    for line in shop.of("step"):
        assert_told(line, titled("every step"))
    assert_told(shop.line, titled("every record"))


def test_deliveries_have_the_facts_that_are_told_of_them() -> None:
    shop = Watched()
    outside = Outside(shop)
    held = outside.allowed()
    shop.call("POST", f"{ORDERS}/{held.order_id}/cancel", {"reason": "x"})
    shop.service.settle()
    outside.tell()
    shop.service.outbox.delivering = True
    hook = {"url": "http://127.0.0.1:9/hook", "headers": {}}
    sent = {"filter": {"type": "FromWorkflow", "status": ["handling"]}, "hook": hook}
    shop.call("POST", "/api/orders/hook/config", sent)
    answer_all(shop)
    market = hand_over(shop)
    shop.call("POST", "/api/fulfillment/pvt/orders/MKP-123/fulfill?affiliateId=MKP")
    shop.service.advance(1_800_000)
    shop.call("POST", f"{ORDERS}/{market.order_id}/start-handling")
    shop.call("POST", f"{ORDERS}/{market.order_id}/invoice", invoice(3_500))
    answer_all(shop)

    seen = {each.operation for each in shop.of("delivery")}
    assert seen >= set(BY_OPERATION) - set(FACTS) - {"marketplace cancel", "integration result"}
    for line in shop.of("delivery"):
        assert_told(line, BY_OPERATION[line.operation])


def answer_all(shop: Watched) -> None:
    for number in tuple(shop.service.outbox.waiting):
        shop.service.deliver(number, Outcome(200))
    shop.service.settle()


def test_the_page_tells_what_a_record_can_be_of() -> None:
    page = PAGE.read_text("utf-8")

    assert all(f"`{name}`" in page for name in WHAT)
