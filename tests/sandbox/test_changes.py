"""An order modification takes effect when everybody has agreed to it, once, and wholly."""

from __future__ import annotations

import json

import pytest

from orderflow.sandbox.changes_codes import MESSAGES, NEVER_HERE
from orderflow.sandbox.changes_shown import lines
from tests.sandbox.changing import (
    HOUR,
    MINUTE,
    SECOND,
    VALUE,
    Desk,
    some,
    why,
)
from tests.sandbox.shop import DOCUMENTS, ORDERS, invoice


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_modification_goes_through_the_documented_stages(desk: Desk) -> None:
    held = desk.handled()
    change = desk.change(held, remove=some("sku-1"))
    stages = []
    for _ in range(4):
        stages.append(desk.stage(held, change))
        desk.service.advance(SECOND)

    assert stages == ["preparing", "waiting-acknowledgement", "waiting-confirmation", "done"]


def test_nothing_changes_before_everybody_has_confirmed(desk: Desk) -> None:
    held = desk.handled()
    desk.change(held, remove=some("sku-1"))
    desk.service.advance(3 * SECOND - 1)
    assert desk.document(held)["value"] == VALUE

    desk.service.advance(1)

    assert desk.document(held)["value"] == VALUE - 10_000
    assert held.status == "handling"


def test_lines_totals_and_value_of_both_documents_follow(desk: Desk) -> None:
    held = desk.handled()
    before = desk.document(held)["items"]
    assert isinstance(before, list)
    desk.change(
        held,
        remove=some("sku-1"),
        add={"items": [{"id": "sku-9", "quantity": 2, "price": 700, "manualDiscountValue": 40}]},
        replace=[{"from": some("sku-2"), "to": some("sku-3", 1, price=450)}],
        manualIncrementValue=15,
    )
    desk.finish()

    for each in (held, desk.market_of(held)):
        assert desk.lines(each) == [("sku-1", 1, 10_000), ("sku-3", 1, 450), ("sku-9", 2, 700)]
        assert desk.totals(each) == {"Items": 11_850, "Discounts": -25, "Shipping": 0, "Tax": 0}
        assert desk.document(each)["value"] == 11_825
    after = desk.document(held)["items"]
    assert isinstance(after, list)
    assert after[0]["uniqueId"] == before[0]["uniqueId"]
    assert len({each["uniqueId"] for each in [*after, before[1]]}) == 4


def test_the_new_value_is_what_invoices_must_reach(desk: Desk) -> None:
    held = desk.handled()
    desk.change(held, remove=some("sku-1"))
    desk.finish()
    path = f"{ORDERS}/{held.order_id}/invoice"

    assert desk.call("POST", path, invoice(VALUE)).status == 400
    assert desk.call("POST", path, invoice(VALUE - 10_000)).status == 200
    assert held.status == "invoiced"
    desk.service.advance(HOUR)
    assert desk.market_of(held).status == "invoiced"


def test_the_answer_to_a_request_has_no_values_yet(desk: Desk) -> None:
    held = desk.handled()
    body = {"reason": "size", "remove": some("sku-1"), "manualDiscountValue": 7}
    given = desk.ask(held, body)
    answer = json.loads(given.body)

    assert given.status == 202
    assert (answer["totalChangeValue"], answer["totals"]) == (0, [])
    assert (answer["manualDiscountValue"], answer["manualIncrementValue"]) == (7, 0)
    assert answer["remove"][0]["items"][0]["id"] == "sku-1"
    assert (answer["add"], answer["replace"]) == (None, None)
    assert answer["origin"]["orderId"] == held.order_id


def test_a_preview_says_what_would_come_of_it_and_changes_nothing(desk: Desk) -> None:
    held = desk.handled()
    body = {"reason": "look", "remove": some("sku-1"), "manualDiscountValue": 7}
    before = desk.document(held)
    given = desk.ask(held, body, "/preview", "POST")
    shown = json.loads(given.body)

    assert given.status == 200
    assert shown["totalChangeValue"] == -10_007
    assert {each["id"]: each["value"] for each in shown["totals"]} == {
        "ManualValues": -7,
        "Items": -10_000,
        "Shipping": 0,
    }
    desk.finish()
    assert desk.document(held) == before
    assert json.loads(desk.ask(held, None, "", "GET").body) == {"requests": [], "actions": []}


def test_details_say_whether_it_is_over_in_both_ways(desk: Desk) -> None:
    held = desk.handled()
    change = desk.change(held, remove=some("sku-1"))
    under_way = desk.details(held, change)
    desk.finish()
    done = desk.details(held, change)

    assert (under_way["inProgress"], under_way["finished"]) == (True, False)
    assert (done["inProgress"], done["finished"]) == (False, True)
    assert done["totalChangeValue"] == -10_000
    logs = done["logs"]
    assert isinstance(logs, list)
    assert [each["status"] for each in logs] == [
        "done",
        "waiting-confirmation",
        "waiting-acknowledgement",
        "preparing",
    ]


def test_the_history_has_every_request_and_the_summary_what_was_applied(desk: Desk) -> None:
    held = desk.handled()
    first = desk.change(held, remove=some("sku-1"), manualDiscountValue=50)
    desk.finish()
    second = desk.change(held, add=some("sku-7", price=100))
    desk.ask(held, {"reason": "no"}, f"/{second}/cancel", "POST")
    desk.finish()
    third = desk.change(held, replace=[{"from": some("sku-2"), "to": some("sku-2", 3)}])
    desk.finish()
    history = json.loads(desk.ask(held, None, "", "GET").body)["requests"]
    summary = desk.get(f"{DOCUMENTS}/{held.order_id}/change-summary")
    assert isinstance(summary, dict)

    assert [each["requestId"] for each in history] == [first, second, third]
    assert history[0]["remove"]["items"][0]["sellingPrice"] == 10_000
    assert [each["quantity"] for each in summary["original"]] == [2, 1]
    assert [each["id"] for each in summary["removed"]] == ["sku-1"]
    assert summary["added"] == []
    assert [each["replaceType"] for each in summary["replaced"]] == ["QuantityChange"]
    assert summary["totalChangeValueAggregated"] == -10_050 + 1_000
    assert summary["manualDiscountValueAggregated"] == 50
    assert sum(each["value"] for each in summary["totals"]) == -9_050


def test_a_cancelled_modification_never_happens(desk: Desk) -> None:
    held = desk.handled()
    change = desk.change(held, remove=some("sku-1"))
    desk.service.advance(2 * SECOND)
    given = desk.ask(held, {"reason": "changed my mind"}, f"/{change}/cancel", "POST")
    stages = [desk.stage(held, change)]
    desk.finish()
    stages.append(desk.stage(held, change))

    assert (given.status, given.body) == (200, b"")
    assert stages == ["canceling", "canceled"]
    assert desk.document(held)["value"] == VALUE
    data = desk.details(held, change)["cancellationData"]
    assert isinstance(data, dict)
    assert (data["requestedByUser"], data["reason"]) == (True, "changed my mind")


@pytest.mark.parametrize("stage", ["done", "canceled"])
def test_what_is_over_is_neither_retried_nor_cancelled(desk: Desk, stage: str) -> None:
    held = desk.handled()
    change = desk.change(held, remove=some("sku-1"))
    assert desk.put(held, change, stage).status == 200
    value = desk.document(held)["value"]
    retried = desk.ask(held, {"reason": "again"}, f"/{change}/retry", "POST")
    cancelled = desk.ask(held, {"reason": "no"}, f"/{change}/cancel", "POST")
    desk.finish()

    assert why(retried)[:2] == (400, "SalesOrderSystem016")
    assert why(cancelled)[:2] == (400, "CHK0124")
    assert desk.stage(held, change) == stage
    assert desk.document(held)["value"] == value


def test_a_retry_begins_anew_and_makes_no_second_modification(desk: Desk) -> None:
    held = desk.handled()
    change = desk.change(held, remove=some("sku-1"))
    desk.service.advance(2 * SECOND)
    given = desk.ask(held, {"reason": "again"}, f"/{change}/retry", "POST")
    assert (given.status, given.body) == (204, b"")
    assert desk.stage(held, change) == "preparing"
    desk.service.advance(3 * SECOND - 1)
    assert desk.document(held)["value"] == VALUE
    desk.finish()

    assert desk.document(held)["value"] == VALUE - 10_000
    assert len(json.loads(desk.ask(held, None, "", "GET").body)["requests"]) == 1


def test_a_retry_may_ask_for_something_else(desk: Desk) -> None:
    held = desk.handled()
    change = desk.change(held, remove=some("sku-1"))
    body = {"reason": "less", "remove": some("sku-2")}
    assert desk.ask(held, body, f"/{change}/retry", "POST").status == 204
    desk.finish()

    assert desk.lines(held) == [("sku-1", 2, 10_000)]
    assert desk.details(held, change)["reason"] == "less"


def test_one_goes_after_the_other_as_often_as_wanted(desk: Desk) -> None:
    held = desk.handled()
    for _ in range(52):
        desk.change(held, manualDiscountValue=1)
        desk.finish()

    assert desk.document(held)["value"] == VALUE - 52


def test_an_order_that_is_cancelled_takes_its_modification_with_it(desk: Desk) -> None:
    held = desk.handled()
    change = desk.change(held, remove=some("sku-1"))
    desk.call("POST", f"{ORDERS}/{held.order_id}/cancel", {"reason": "no"})
    desk.call("POST", f"{ORDERS}/{held.order_id}/cancel", {"reason": "no"})
    assert held.status in ("cancel", "canceled")
    desk.finish()

    data = desk.details(held, change)["cancellationData"]
    assert isinstance(data, dict)
    assert data["requestedByUser"] is False
    assert desk.document(held)["value"] == VALUE


def test_a_value_below_zero_cancels_it_when_it_is_prepared(desk: Desk) -> None:
    held = desk.handled()
    change = desk.change(held, manualDiscountValue=VALUE + 1)
    desk.service.advance(SECOND)
    found = desk.details(held, change)
    preview = desk.ask(held, {"reason": "x", "manualDiscountValue": VALUE + 1}, "/preview", "POST")

    assert found["status"] == "canceled"
    assert (found["totalChangeValue"], found["totals"]) == (0, [])
    data = found["cancellationData"]
    assert isinstance(data, dict)
    assert data["reason"] == "The value of the change exceed the order's price"
    assert why(preview)[:2] == (400, "CHK0034")


def test_an_order_may_become_worth_nothing(desk: Desk) -> None:
    held = desk.handled()
    desk.change(held, manualDiscountValue=VALUE)
    desk.finish()

    assert desk.document(held)["value"] == 0


def test_an_invoice_that_overtakes_a_modification_ends_it(desk: Desk) -> None:
    held = desk.handled()
    change = desk.change(held, remove=some("sku-1"))
    desk.service.advance(2 * SECOND)
    assert desk.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice(VALUE)).status == 200
    desk.service.advance(SECOND)
    assert desk.stage(held, change) == "waiting-confirmation"
    desk.service.advance(2 * MINUTE)
    found = desk.details(held, change)
    data, logs = found["cancellationData"], found["logs"]
    assert isinstance(data, dict)
    assert isinstance(logs, list)

    assert found["status"] == "canceled"
    assert data["reason"] == MESSAGES["SalesOrderSystem017"]
    failed = [each["message"] for each in logs if each["message"].startswith("Automatic")]
    assert len(failed) == 3
    assert "Current retry counter is 3." in failed[0]
    assert held.order.invoiced == held.order.value == VALUE


def test_the_same_calls_give_the_same_bytes() -> None:
    def story() -> bytes:
        desk = Desk()
        held = desk.handled()
        change = desk.change(held, remove=some("sku-1"), add=some("sku-9", 3))
        desk.finish()
        return (
            desk.ask(held, None, f"/{change}", "GET").body
            + desk.call("GET", f"{ORDERS}/{held.order_id}").body
        )

    assert story() == story()


def test_every_code_can_be_caused_or_is_known_not_to() -> None:
    documented = {
        *("CHK0022", "CHK0023", "CHK0034", "CHK0095", "CHK0096", "CHK0098", "CHK0124"),
        *("CHK0196", "CHK0199", "CHK0201", "CHK0229", "CHK0289", "CHK00342"),
        *(f"SalesOrderSystem0{number:02d}" for number in (8, 10, 11, 12, 13, 14, 15, 16, 17)),
        *(f"SalesOrderSystem0{number:02d}" for number in (18, 19, 26, 27, 29, 35, 45, 46)),
        *(f"SalesOrderSystem0{number:02d}" for number in (47, 48, 51, 55)),
    }

    assert set(MESSAGES) | set(NEVER_HERE) == documented
    assert not set(MESSAGES) & set(NEVER_HERE)


def test_orders_of_the_complete_deal_are_not_modified(desk: Desk) -> None:
    held = desk.sold("handling", "complete")

    assert why(desk.ask(held, {"reason": "x", "remove": some("sku-1")})) == (
        400,
        "CHK0124",
        "Invalid change for order.",
    )


def test_whoever_hears_of_the_modification_sees_the_new_lines(desk: Desk) -> None:
    held = desk.handled()
    heard: list[tuple[str, list[int]]] = []
    desk.service.store.listen(
        lambda change: heard.append(
            (change.held.order_id, [line.quantity for line in lines(change.held)])
        )
    )
    desk.change(held, remove=some("sku-1"))
    desk.service.advance(HOUR)

    assert heard == [(held.order_id, [1, 1]), (desk.market_of(held).order_id, [1, 1])]


def test_what_the_order_does_not_take_leaves_nothing_behind(desk: Desk) -> None:
    held = desk.handled()
    change = desk.change(held, remove=some("sku-1"))
    desk.call("POST", f"{ORDERS}/{held.order_id}/cancel", {"reason": "no"})
    assert held.status == "cancellation-requested"
    under_way = len(held.sale.mailbox)
    market = desk.document(desk.market_of(held))
    assert desk.put(held, change, "done").status == 409

    assert held.amendments == {}
    assert len(held.sale.mailbox) == under_way > 0
    assert desk.document(desk.market_of(held)) == market


def test_a_modification_may_follow_another_at_once(desk: Desk) -> None:
    """News of the first is still under way to the marketplace, which has room for one."""
    held = desk.handled()
    for _ in range(3):
        change = desk.change(held, manualDiscountValue=1)
        assert desk.put(held, change, "done").status == 200
    desk.service.advance(HOUR)

    assert desk.document(held)["value"] == VALUE - 3
    assert desk.document(desk.market_of(held))["value"] == VALUE - 3
