"""A feed delivers each item at least once, until it is committed in time or kept long enough."""

import random

import pytest

from orderflow.sandbox.feed import MOST_DELIVERIES, Delivery, Feed, FeedItem
from orderflow.sandbox.feed_config import QueueSettings
from orderflow.sandbox.filters import Filter, FromOrders, FromWorkflow, News
from orderflow.sandbox.queues import news_of
from orderflow.sandbox.store import Change, Store

NEWS = News("v1-01", "Fulfillment", "ready-for-handling", "window-to-cancel", 500, 1_000)
SECOND = 1_000
DAY = 86_400 * SECOND


def feed(filter_: Filter | None = None, seed: int = 1, delivery: Delivery | None = None) -> Feed:
    return Feed(
        QueueSettings(60, 345_600),
        filter_ or FromWorkflow(),
        rng=random.Random(seed),
        now=0,
        delivery=delivery,
    )


def fill(queue: Feed, orders: int, now: int = 0) -> None:
    for number in range(orders):
        queue.offer(NEWS._replace(order_id=f"v{number}-01"), dict, now)


def orders(items: tuple[FeedItem, ...]) -> list[str]:
    return [item.news.order_id for item in items]


def test_a_row_has_the_fields_of_the_platform() -> None:
    queue = feed()
    queue.offer(NEWS, dict, 1_000)
    row = queue.read(1_000, 1)[0].body()

    assert set(row) == {
        "eventId", "handle", "domain", "state", "lastState", "orderId", "lastChange",
        "currentChange",
    }  # fmt: skip
    assert row["lastState"] == "window-to-cancel"
    assert str(row["currentChange"]).startswith("1970-01-01T00:00:01")
    assert all(isinstance(value, str) and value for value in row.values())


def test_an_item_comes_back_with_a_new_handle_and_only_that_one_commits() -> None:
    queue = feed()
    queue.offer(NEWS, dict, 0)
    first = queue.read(0, 10)[0]
    assert queue.read(60 * SECOND - 1, 10) == ()

    second = queue.read(60 * SECOND, 10)[0]

    assert second.event_id == first.event_id
    assert second.handle != first.handle
    assert queue.commit([first.handle], 60 * SECOND) == 0
    assert queue.commit([second.handle], 60 * SECOND) == 1
    assert queue.facts(60 * SECOND).quantity == 0
    assert queue.read(600 * SECOND, 10) == ()


def test_a_late_commit_has_no_effect() -> None:
    queue = feed()
    queue.offer(NEWS, dict, 0)
    handle = queue.read(0, 10)[0].handle

    assert queue.commit([handle], 60 * SECOND) == 0
    assert orders(queue.read(60 * SECOND, 10)) == ["v1-01"]


def test_the_same_handle_twice_commits_once() -> None:
    queue = feed()
    fill(queue, 2)
    handle = queue.read(0, 1)[0].handle

    assert queue.commit([handle, handle], 1) == 1
    assert queue.commit([handle], 1) == 0
    assert queue.facts(1).quantity == 1


def test_who_does_not_commit_sees_the_rest_first_and_the_same_again_later() -> None:
    queue = feed()
    fill(queue, 3)

    assert orders(queue.read(0, 2)) == ["v0-01", "v1-01"]
    assert orders(queue.read(1, 2)) == ["v2-01"]
    assert orders(queue.read(60 * SECOND, 2)) == ["v0-01", "v1-01"]


def test_items_go_after_their_time_committed_or_not() -> None:
    queue = feed()
    queue.offer(NEWS, dict, 0)
    handle = queue.read(4 * DAY - 1, 1)[0].handle

    assert queue.facts(4 * DAY - 1).quantity == 1
    assert queue.commit([handle], 4 * DAY) == 0
    assert queue.facts(4 * DAY).quantity == 0


def test_an_item_is_dropped_after_more_than_a_hundred_failed_deliveries() -> None:
    queue = feed()
    queue.offer(NEWS, dict, 0)
    reads = [queue.read(turn * 60 * SECOND, 1) for turn in range(MOST_DELIVERIES + 1)]

    assert [len(read) for read in reads] == [1] * MOST_DELIVERIES + [0]
    assert queue.facts(MOST_DELIVERIES * 60 * SECOND).quantity == 0


def test_from_workflow_tells_of_wanted_statuses_and_not_of_other_changes() -> None:
    queue = feed(FromWorkflow(("ready-for-handling", "reddy-for-handling")))

    assert queue.offer(NEWS, dict, 0)
    assert not queue.offer(NEWS._replace(state="handling"), dict, 0)
    assert not queue.offer(NEWS._replace(moved=False), dict, 0)
    assert orders(queue.read(0, 10)) == ["v1-01"]


def test_single_fire_lets_an_order_in_once_after_it_first_holds() -> None:
    queue = feed(FromOrders("value > 100"))
    changed = NEWS._replace(moved=False)

    assert not queue.offer(changed, lambda: {"value": 100}, 0)
    assert queue.offer(changed, lambda: {"value": 101}, 0)
    assert not queue.offer(NEWS, lambda: {"value": 102}, 0)
    assert queue.offer(NEWS._replace(order_id="v2-01"), lambda: {"value": 102}, 0)


def test_without_single_fire_an_order_comes_at_each_change() -> None:
    queue = feed(FromOrders("value > 100", single_fire=False))

    assert [queue.offer(NEWS, lambda: {"value": 101}, 0) for _ in range(3)] == [True] * 3
    assert len({item.event_id for item in queue.read(0, 10)}) == 3


def test_an_expression_that_fails_lets_nothing_in() -> None:
    queue = feed(FromOrders("value > 100"))

    assert not queue.offer(NEWS, lambda: {"value": "a lot"}, 0)


def test_an_expression_is_told_the_time_of_the_news() -> None:
    queue = feed(FromOrders("$millis() = 1000"))

    assert queue.offer(NEWS, dict, 9_999)


def test_a_new_configuration_keeps_the_items_and_forgets_who_fired() -> None:
    queue = feed(FromOrders("value > 100"))
    queue.offer(NEWS, lambda: {"value": 101}, 0)
    queue.reconfigure(QueueSettings(300, 345_600), FromOrders("value > 100"), 1)
    again_same = queue.offer(NEWS, lambda: {"value": 101}, 1)
    queue.reconfigure(QueueSettings(300, 345_600), FromOrders("value > 99"), 2)
    again_other = queue.offer(NEWS, lambda: {"value": 101}, 2)

    assert (again_same, again_other) == (False, True)
    assert len(queue.read(2, 10)) == 2
    assert queue.read(300 * SECOND, 10) == ()
    assert len(queue.read(300 * SECOND + 2, 10)) == 2


def test_a_configuration_lapses_when_nothing_entered_for_the_retention_time() -> None:
    queue = feed(FromWorkflow(("ready-for-handling",)))
    queue.offer(NEWS, dict, DAY)
    queue.offer(NEWS._replace(state="handling"), dict, 2 * DAY)

    assert not queue.lapsed(5 * DAY - 1)
    assert queue.lapsed(5 * DAY)


def test_the_answer_of_the_configuration_counts_hidden_items_too() -> None:
    queue = feed(FromOrders('status = "invoiced"', single_fire=False))
    queue.offer(NEWS, lambda: {"status": "invoiced"}, 1_000)
    queue.read(2_000, 10)

    assert queue.body(3_500) == {
        "filter": {
            "type": "FromOrders",
            "expression": 'status = "invoiced"',
            "disableSingleFire": True,
        },
        "queue": {"visibilityTimeoutInSeconds": 60, "MessageRetentionPeriodInSeconds": 345_600},
        "quantity": 1,
        "approximateAgeOfOldestMessageInSeconds": 2.5,
    }


def test_duplicates_deliver_again_and_only_the_newest_handle_commits() -> None:
    queue = feed(delivery=Delivery(duplicates=1.0))
    queue.offer(NEWS, dict, 0)
    first, second = queue.read(0, 10)[0], queue.read(0, 10)[0]

    assert first.event_id == second.event_id
    assert queue.commit([first.handle], 0) == 0
    assert queue.commit([second.handle], 0) == 1
    assert queue.read(0, 10) == ()


def test_disorder_loses_and_doubles_nothing() -> None:
    queue = feed(delivery=Delivery(disorder=1.0))
    fill(queue, 50)
    got = [name for _ in range(5) for name in orders(queue.read(0, 10))]

    assert sorted(got) == sorted(f"v{number}-01" for number in range(50))
    assert got != [f"v{number}-01" for number in range(50)]


def test_the_same_seed_gives_the_same_ids_and_handles() -> None:
    def read(seed: int) -> list[FeedItem]:
        queue = feed(seed=seed)
        fill(queue, 3)
        return [*queue.read(0, 2), *queue.read(0, 2)]

    assert read(1) == read(1)
    assert not {item.event_id for item in read(1)} & {item.event_id for item in read(2)}
    assert len({item.handle for item in read(1)}) == 3


def test_the_id_of_an_item_does_not_depend_on_who_read_before_it_came() -> None:
    quiet, busy = feed(), feed()
    fill(quiet, 2)
    fill(busy, 1)
    busy.read(0, 1)
    fill(busy, 1)

    assert quiet.read(0, 2)[1].event_id == busy.read(0, 2)[0].event_id


def test_a_lot_of_nothing_is_a_wrong_call() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        feed().read(0, 0)


def test_memory_follows_what_is_queued() -> None:
    queue = feed()
    for turn in range(5_000):
        queue.offer(NEWS, dict, turn)
        queue.commit([queue.read(turn, 1)[0].handle], turn)

    sizes = [len(queue._ready), len(queue._hidden), len(queue._expiring), len(queue._handles)]
    assert max(sizes) < 1_100
    assert queue.facts(5_000).quantity == 0


def test_what_is_hidden_or_waiting_outlives_the_tidying_of_what_is_gone() -> None:
    queue = feed()
    fill(queue, 1_100)
    queue.read(0, 1)
    for _ in range(1_098):
        queue.commit([queue.read(0, 1)[0].handle], 0)

    assert len(queue._expiring) < 1_100
    assert orders(queue.read(0, 10)) == ["v1099-01"]
    assert orders(queue.read(60 * SECOND, 10)) == ["v0-01", "v1099-01"]


def test_a_queue_that_nobody_reads_lets_go_of_what_was_kept_long_enough() -> None:
    queue = feed()
    fill(queue, 3)
    fill(queue, 2, now=4 * DAY)

    assert len(queue._entries) == 2


@pytest.mark.parametrize(
    ("deal", "status"),
    [
        ("complete", "ready-for-handling"),
        ("marketplace-chain-seller", "payment-approved"),
        ("seller-change", "window-to-change-seller"),
    ],
)
def test_the_change_before_is_the_one_before_of_that_document(deal: str, status: str) -> None:
    store, latest = Store(), dict[str, int]()
    told, expected = list[int](), list[int]()

    def heard(change: Change) -> None:
        expected.append(latest.get(change.held.order_id, change.event.at))
        latest[change.held.order_id] = change.event.at
        told.append(news_of(change).last_change)

    store.listen(heard)
    for held in store.place(deal=deal, to=status):
        store.fire(held, "start_handling")
    store.advance(DAY)

    assert told == expected
    assert len(set(told)) > 1
