"""Of a feed a witness tells what was given, how often, and whether it was committed in time."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.witnessed import FEED, Watched

READY = {"type": "FromWorkflow", "status": ["ready-for-handling"]}
MINUTE = 60_000


@pytest.fixture
def shop() -> Watched:
    shop = Watched()
    shop.configure(filter=READY, queue={"visibilityTimeoutInSeconds": 60})
    return shop


def test_what_a_read_asks_for_and_brings_is_told(shop: Watched) -> None:
    held = shop.place("ready-for-handling")
    shop.place("ready-for-handling")

    facts = shop.facts("GET", f"{FEED}?maxlot=1")

    (item,) = facts["items"]
    assert (facts["lot"], facts["waiting"]) == (1, 1)
    assert (item["order"], item["state"]) == (held.order_id, "ready-for-handling")
    assert (item["last"], item["domain"]) == ("window-to-cancel", "Fulfillment")
    assert (item["delivery"], item["at"]) == (1, shop.service.now)
    assert len(item["event"]) == len(item["handle"]) == 12


@pytest.mark.parametrize(
    ("query", "lot"), [("", None), ("?maxlot=x", None), ("?maxlot=50", 50), ("?maxLot=2", 2)]
)
def test_a_lot_is_told_as_it_is_asked_for(shop: Watched, query: str, lot: int | None) -> None:
    assert shop.facts("GET", f"{FEED}{query}")["lot"] == lot


def test_an_item_that_comes_again_is_the_same_item_under_another_handle(shop: Watched) -> None:
    shop.place("ready-for-handling")
    shop.handles()
    (first,) = shop.line.rows("items")
    shop.service.advance(MINUTE)
    shop.handles()
    (second,) = shop.line.rows("items")

    assert first.text("event") == second.text("event")
    assert first.text("handle") != second.text("handle")
    assert [each.whole("delivery") for each in (first, second)] == [1, 2]


def test_a_read_that_is_hidden_counts_as_a_delivery_and_shows_nothing(shop: Watched) -> None:
    shop.place("ready-for-handling")
    shop.fail("http.apply_then_drop", times=1)
    assert shop.facts("GET", f"{FEED}?maxlot=10")["items"] == []
    shop.service.advance(MINUTE)

    (item,) = shop.facts("GET", f"{FEED}?maxlot=10")["items"]

    assert item["delivery"] == 2


def test_a_status_that_is_null_is_told_as_null(shop: Watched) -> None:
    shop.place("ready-for-handling")
    shop.fail("answer.null_status")

    assert shop.facts("GET", f"{FEED}?maxlot=10")["items"][0]["state"] is None


def test_a_handle_is_live_once_and_gone_afterwards(shop: Watched) -> None:
    held = shop.place("ready-for-handling")
    (handle,) = shop.handles()

    assert shop.commit(handle) == ["live"]
    (row,) = shop.line.rows("handles")
    assert (row.text("order"), row.text("state")) == (held.order_id, "ready-for-handling")
    assert shop.commit(handle) == ["gone"]


def test_a_commit_that_was_refused_leaves_its_handle_live(shop: Watched) -> None:
    shop.place("ready-for-handling")
    (handle,) = shop.handles()
    shop.fail("http.error_500", times=1)

    assert shop.commit(handle) == ["live"]
    assert not shop.line.worked
    assert shop.commit(handle) == ["live"]
    assert shop.line.worked


def test_a_commit_that_was_done_and_hidden_may_be_repeated(shop: Watched) -> None:
    shop.place("ready-for-handling")
    (handle,) = shop.handles()
    shop.fail("http.apply_then_500", times=1)

    assert shop.commit(handle) == ["live"]
    assert shop.line.worked
    assert shop.commit(handle) == ["gone"]


def test_a_handle_is_late_when_its_time_is_over_whether_or_not_it_came_again(
    shop: Watched,
) -> None:
    shop.place("ready-for-handling")
    (first,) = shop.handles()
    shop.service.advance(MINUTE)

    assert shop.commit(first) == ["late"]
    (second,) = shop.handles()
    assert shop.commit(first, second) == ["late", "live"]


def test_a_handle_is_replaced_when_the_feed_gave_the_item_twice(shop: Watched) -> None:
    shop.place("ready-for-handling")
    shop.fail("feed.duplicate")
    (first,), (second,) = shop.handles(), shop.handles()

    assert shop.commit(first, second) == ["replaced", "live"]


def test_a_handle_that_the_key_was_not_given_is_unknown(shop: Watched) -> None:
    shop.place("ready-for-handling")
    (handle,) = shop.handles()
    shop.key = shop.service.accounts.add("sandbox")
    shop.configure(filter=READY)

    assert shop.commit(handle, "made up") == ["unknown", "unknown"]


def test_the_handle_of_a_commit_has_the_mark_that_the_read_gave_it(shop: Watched) -> None:
    shop.place("ready-for-handling")
    (handle,) = shop.handles()
    (given,) = shop.line.rows("items")
    shop.commit(handle)

    (committed,) = shop.line.rows("handles")
    assert given.text("handle") == committed.text("handle")
    assert handle not in json.dumps([dict(each.facts) for each in shop.witness.lines])


def test_a_feed_that_begins_anew_knows_nothing_of_the_former_one(shop: Watched) -> None:
    shop.place("ready-for-handling")
    shop.commit(*shop.handles())
    shop.call("POST", "/_sandbox/reset")
    shop.configure(filter=READY, queue={"visibilityTimeoutInSeconds": 60})
    shop.place("ready-for-handling")
    (handle,) = shop.handles()

    assert [row.whole("delivery") for row in shop.line.rows("items")] == [1]
    assert shop.commit(handle) == ["live"]


def test_what_a_feed_is_configured_for_is_told(shop: Watched) -> None:
    sent = {
        "filter": {"type": "FromWorkflow", "status": ["handling", "handlign"]},
        "queue": {"visibilityTimeoutInSeconds": 30, "MessageRetentionPeriodInSeconds": 400_000},
    }
    facts = shop.facts("POST", f"{FEED}/config", sent)

    assert (facts["type"], facts["statuses"]) == ("FromWorkflow", ["handling", "handlign"])
    assert (facts["unknown"], facts["mixed"], facts["single_fire"]) == (["handlign"], False, None)
    assert (facts["visibility"], facts["retention"]) == (30, 400_000)


@pytest.mark.parametrize(
    ("filter_", "kind", "mixed", "single"),
    [
        ({"type": "fromworkflow", "disableSingleFire": False}, "FromWorkflow", True, True),
        ({"type": "FromOrders", "expression": "true", "status": ["x"]}, "FromOrders", True, None),
        ({"type": "FromOrders", "expression": "true"}, "FromOrders", False, None),
        ({"expression": "true", "disableSingleFire": True}, "", True, False),
        ({"type": "Both"}, "other", False, None),
        ({}, "", False, None),
    ],
)
def test_a_filter_is_told_by_its_kind_and_what_does_not_belong_to_it(
    shop: Watched, filter_: object, kind: str, mixed: bool, single: bool | None
) -> None:
    facts = shop.facts("POST", f"{FEED}/config", {"filter": filter_})

    assert (facts["type"], facts["mixed"], facts["single_fire"]) == (kind, mixed, single)


@pytest.mark.parametrize(
    ("url", "https", "loopback"),
    [
        ("http://127.0.0.1:9/hook", False, True),
        ("https://localhost/hook", True, True),
        ("http://shop.example.com/", False, False),
        ("no url", False, False),
        ("http://[", False, False),
    ],
)
def test_what_a_hook_is_configured_for_is_told_without_its_address(
    shop: Watched, url: str, https: bool, loopback: bool
) -> None:
    hook = {"url": url, "headers": {"x-secret": "hidden", "x-more": "hidden"}}
    facts = shop.facts("POST", "/api/orders/hook/config", {"filter": READY, "hook": hook})

    assert (facts["https"], facts["loopback"], facts["headers"]) == (https, loopback, 2)
    assert facts["statuses"] == ["ready-for-handling"]
    assert "hook" not in facts
