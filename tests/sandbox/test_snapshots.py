"""A sandbox goes back to a snapshot as if nothing had happened since, as often as wanted."""

from __future__ import annotations

import gc
import json
import time
import weakref
from pathlib import Path
from typing import Any

import pytest

from orderflow.sandbox.answering import Asked, answer, replay
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.outbox import Message, Outcome
from orderflow.sandbox.part import Part
from orderflow.sandbox.routes import Call
from orderflow.sandbox.server import Sandbox
from orderflow.sandbox.service import Service
from orderflow.sandbox.snapshots import MOST_KEPT, restore, take
from tests.sandbox.shop import DOCUMENTS, ORDERS, Shop, invoice

FEED = "/api/orders/feed"
HOUR = 3_600_000


@pytest.fixture
def shop() -> Shop:
    return Shop(Service(seed=4))


def control(shop: Shop, method: str, path: str, body: object = None) -> Answer:
    sent = b"" if body is None else json.dumps(body).encode()
    return answer(shop.service, Asked(method, f"/_sandbox/{path}", "", {}, sent))


def keep(shop: Shop, name: str = "a") -> None:
    assert control(shop, "POST", "snapshots", {"name": name}).status == 201


def go_back(shop: Shop, name: str = "a") -> None:
    assert control(shop, "POST", f"snapshots/{name}/restore").status == 204


def told(shop: Shop) -> list[object]:
    """All that a client can see of a sandbox without changing it."""
    service = shop.service
    ids = sorted(held.order_id for held in service.store.orders())
    return [
        service.now,
        shop.get(ORDERS),
        [shop.get(f"{DOCUMENTS}/{each}") for each in ids],
        shop.call("GET", f"{FEED}/config").body,
        json.loads(control(shop, "GET", "faults").body)["on"],
        [control(shop, "GET", f"orders/{each}").body for each in ids],
    ]


def live(shop: Shop) -> list[Answer]:
    """Some calls that change much, and all that they were answered."""
    orders = [held.order_id for held in shop.service.store.orders()]
    given = [
        shop.call("POST", f"{ORDERS}/{order_id}/{what}", body)
        for order_id in orders
        for what, body in (("start-handling", {}), ("invoice", invoice()), ("cancel", {}))
    ]
    read = shop.call("GET", f"{FEED}?maxlot=10")
    given += [read, control(shop, "POST", "clock/advance", {"days": 3})]
    handles = [each["handle"] for each in json.loads(read.body)]
    given.append(shop.call("POST", FEED, {"handles": handles}))
    given.append(control(shop, "POST", "orders", {"deal": "marketplace-seller"}))
    return [*given, shop.call("GET", f"{FEED}?maxlot=10")]


def furnish(shop: Shop) -> None:
    shop.call("POST", f"{FEED}/config", {})
    for status in ("ready-for-handling", "handling", "payment-pending", "invoiced"):
        shop.place(status)
    shop.place("", deal="marketplace-seller")
    control(shop, "POST", "faults", {"fault": "feed.disorder", "chance": 0.5, "lasts": HOUR})
    shop.call("GET", f"{FEED}?maxlot=3")


def test_everything_is_as_it_was_and_goes_on_as_it_did(shop: Shop) -> None:
    furnish(shop)
    before = told(shop)
    keep(shop)
    first = live(shop)
    assert told(shop) != before

    for _ in range(2):
        go_back(shop)
        assert told(shop) == before
        assert live(shop) == first


def test_a_snapshot_is_not_touched_by_what_happens_afterwards(shop: Shop) -> None:
    furnish(shop)
    snapshot = take(shop.service, "x")
    before = told(shop)
    live(shop)
    restore(shop.service, snapshot)
    live(shop)
    restore(shop.service, snapshot)

    assert told(shop) == before


def test_one_can_go_back_and_forth(shop: Shop) -> None:
    furnish(shop)
    keep(shop, "one")
    one = told(shop)
    live(shop)
    keep(shop, "two")
    two = told(shop)

    go_back(shop, "one")
    assert told(shop) == one
    go_back(shop, "two")
    assert told(shop) == two


def test_trace_mistakes_and_keys_are_of_today(shop: Shop) -> None:
    furnish(shop)
    keep(shop)
    key = shop.service.accounts.add("other")
    live(shop)
    traced, found = len(shop.service.trace), len(shop.service.findings)

    go_back(shop)

    assert (len(shop.service.trace), len(shop.service.findings)) == (traced, found)
    assert key in shop.service.accounts.keys


class Bell(Part):
    """Rings, and counts."""

    name = "bell"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.rung: list[object] = []

    def due(self, token: object) -> None:
        self.rung.append(token)

    def answered(self, message: Message, outcome: Outcome) -> None:
        self.rung.append(outcome.status)


def test_reminders_and_messages_on_their_way_come_again(shop: Shop) -> None:
    service = shop.service
    service.remind(service.now + HOUR, service.part(Bell), "an hour")
    sent = service.outbox.send(lambda n: Message(n, "bell", "t", "POST", "http://localhost/"))
    woken: list[int] = []
    service.outbox.changed.append(lambda: woken.append(len(service.outbox.waiting)))
    keep(shop)
    for _ in range(2):
        service.advance(HOUR)
        service.deliver(sent.number, Outcome(200))
        assert service.part(Bell).rung == ["an hour", 200]
        assert service.part(Bell).service is service

        go_back(shop)
        assert service.part(Bell).rung == []
        assert list(service.outbox.waiting) == [sent.number]
    assert woken == [1, 1]
    assert service.outbox.send(lambda n: Message(n, "bell", "u", "POST", "x")).number == 2


def test_a_journal_goes_back_and_forth_alike(shop: Shop) -> None:
    class Notes:
        def __init__(self) -> None:
            self.calls: list[Call] = []

        def __call__(self, call: Call) -> None:
            self.calls.append(call)

        def answered(self, answer: Answer) -> None:
            del answer

    notes = shop.service.journal = Notes()
    shop.call("POST", f"{FEED}/config", {})
    control(shop, "POST", "orders", {"status": "handling", "count": 3})
    keep(shop)
    live(shop)
    go_back(shop)
    live(shop)
    same = Shop(Service(seed=4))
    for each in notes.calls:
        replay(same.service, each)

    assert told(same) == told(shop)
    assert len(told(same)[2]) == 4  # type: ignore[arg-type]  # the documents


def test_snapshots_are_listed_replaced_and_forgotten(shop: Shop) -> None:
    keep(shop, "a")
    shop.place("handling")
    keep(shop, "b")
    keep(shop, "a")

    kept: list[dict[str, Any]] = json.loads(control(shop, "GET", "snapshots").body)["snapshots"]

    assert [(each["name"], each["orders"]) for each in kept] == [("a", 1), ("b", 1)]
    assert all(each["bytes"] > 100 for each in kept)
    assert control(shop, "DELETE", "snapshots/a").status == 204
    assert list(shop.service.snapshots) == ["b"]
    control(shop, "POST", "reset")
    assert not shop.service.snapshots


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "snapshots/c/restore", None, 404, "no snapshot 'c'; there are: a"),
        ("DELETE", "snapshots/c", None, 404, "there are: a"),
        ("POST", "snapshots", {}, 400, "1 to 100 characters"),
        ("POST", "snapshots", {"name": "a/b"}, 400, "without a slash"),
        ("POST", "snapshots", {"name": 7}, 400, "name must be a string"),
    ],
)
def test_what_makes_no_sense_is_told(
    shop: Shop, method: str, path: str, body: object, status: int, words: str
) -> None:
    keep(shop)

    given = control(shop, method, path, body)

    assert given.status == status
    assert words in json.loads(given.body)["error"]


def test_there_is_an_end_to_how_many_are_kept(shop: Shop) -> None:
    for number in range(MOST_KEPT):
        keep(shop, f"n{number}")

    assert control(shop, "POST", "snapshots", {"name": "more"}).status == 400
    keep(shop, "n0")


def test_going_back_to_a_hundred_orders_takes_less_than_a_tenth_of_a_second(shop: Shop) -> None:
    control(shop, "POST", "orders", {"status": "ready-for-handling", "count": 100})
    keep(shop)

    took = []
    for _ in range(5):
        began = time.perf_counter()
        go_back(shop)
        took.append(time.perf_counter() - began)

    assert min(took) < 0.1
    assert len(shop.service.store.orders()) == 100


def test_a_reset_of_a_thousand_orders_takes_less_than_five_milliseconds(shop: Shop) -> None:
    took = []
    for _ in range(2):
        control(shop, "POST", "orders", {"status": "ready-for-handling", "count": 1_000})
        shop.get(ORDERS)
        began = time.perf_counter()
        control(shop, "POST", "reset")
        took.append(time.perf_counter() - began)

    assert min(took) < 0.005
    assert not shop.service.store.orders()


def test_what_a_reset_forgot_goes_bit_by_bit(shop: Shop) -> None:
    class Weight:
        """Something heavy that an order carries."""

    weights = [Weight() for _ in range(50)]
    gone = [weakref.ref(weight) for weight in weights]
    while weights:
        shop.place("handling").papers["weight"] = weights.pop()  # type: ignore[assignment]  # seen
    control(shop, "POST", "reset")
    there = sum(each() is not None for each in gone)
    for _ in range(10):
        control(shop, "GET", "health")
    gc.collect()

    assert there > 20
    assert [each() for each in gone] == [None] * 50


def test_what_was_forgotten_does_not_pile_up_when_nobody_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("orderflow.sandbox.service._MOST_DUST", 50)
    service = Service()
    gone = []
    for _ in range(10):
        gone += [weakref.ref(service.store.place()[0].sale) for _ in range(10)]
        service.reset()
    gc.collect()

    assert gone[0]() is None
    assert gone[-1]() is not None


def test_a_sandbox_in_a_file_comes_back_with_faults_limits_and_snapshots(tmp_path: Path) -> None:
    def seen(shop: Shop) -> list[object]:
        return [*told(shop), control(shop, "GET", "limits").body, list(shop.service.snapshots)]

    path = tmp_path / "sandbox.db"
    with Sandbox(db=path, seed=4) as sandbox:
        shop = Shop(sandbox.service)
        shop.call("POST", f"{FEED}/config", {})
        control(shop, "POST", "orders", {"status": "ready-for-handling", "count": 5})
        posts = ["POST */start-handling", "POST */invoice"]
        some = {"fault": "http.error_503", "operations": posts, "chance": 0.5}
        control(shop, "POST", "faults", some)
        control(shop, "POST", "faults", {"fault": "feed.skips_versions", "times": 2})
        control(shop, "POST", "limits", {"perMinute": 100_000})
        keep(shop)
        first = [given.status for given in live(shop)]
        go_back(shop)
        before = seen(shop)
        second = [given.status for given in live(shop)]

    with Sandbox(db=path, seed=4) as sandbox:
        same = Shop(sandbox.service)
        go_back(same)
        assert seen(same) == before
        assert [given.status for given in live(same)] == second
    assert 503 in first
    assert first == second
