"""The courier delivers what the sandbox sends, and nothing that a receiver does holds it up."""

from __future__ import annotations

import http.client
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from orderflow.pytesting.sandboxed import renewed
from orderflow.sandbox.control.asking import trouble
from orderflow.sandbox.courier import Courier
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.hooks import PING, Hooks
from orderflow.sandbox.outbox import Message, Outcome
from orderflow.sandbox.part import Part
from orderflow.sandbox.routes import Call
from orderflow.sandbox.server import Sandbox
from orderflow.sandbox.service import Service
from tests.sandbox.receivers import Receiver, raw, receiver, saying, silent_receiver

PATH = "/api/orders/hook/config"
FILTER = {"type": "FromWorkflow", "status": ["handling"]}
MINUTE = 60_000


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    with renewed(running) as renewed_sandbox:
        yield renewed_sandbox


def call(sandbox: Sandbox, method: str, path: str, body: object = None) -> tuple[int, bytes]:
    parts = urlsplit(sandbox.url)
    link = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=15)
    link.request(method, path, None if body is None else json.dumps(body), sandbox.headers)
    answer = link.getresponse()
    found = answer.status, answer.read()
    link.close()
    return found


def save(sandbox: Sandbox, url: str) -> int:
    config = {"filter": FILTER, "hook": {"url": url, "headers": {"key": "s3cret"}}}
    return call(sandbox, "POST", PATH, config)[0]


def lines(sandbox: Sandbox) -> list[tuple[str, str, int]]:
    log = json.loads(call(sandbox, "GET", "/_sandbox/hooks/log")[1])["log"]
    told = [line for line in log if line["what"] == "notification"]
    return [(line["orderId"], line["outcome"], line["attempt"]) for line in told]


def place(sandbox: Sandbox, count: int = 1) -> list[str]:
    sent = {"status": "handling", "count": count}
    made = json.loads(call(sandbox, "POST", "/_sandbox/orders", sent)[1])
    return [order["orderId"] for order in made["orders"]]


def advance(sandbox: Sandbox, minutes: int = 0) -> None:
    assert call(sandbox, "POST", "/_sandbox/clock/advance", {"minutes": minutes})[0] == 200


def test_a_save_waits_for_the_ping(sandbox: Sandbox) -> None:
    with receiver(saying(200)) as hook:
        assert save(sandbox, hook.url) == 200

    assert hook.bodies == [PING]
    assert b"key: s3cret" in hook.requests[0]
    assert save(sandbox, hook.url) == 400  # nobody is there any more
    assert call(sandbox, "GET", PATH)[0] == 200


@pytest.mark.parametrize("status", [201, 302, 404, 500])
def test_a_save_fails_unless_the_ping_is_answered_with_200(sandbox: Sandbox, status: int) -> None:
    with receiver(saying(status)) as hook:
        assert save(sandbox, hook.url) == 400
    assert call(sandbox, "GET", PATH)[0] == 404


def test_time_waits_for_each_try_and_its_answer(sandbox: Sandbox) -> None:
    answers = iter([200, 500, 500, 200])

    def script(link: socket.socket, request: bytes) -> None:
        saying(next(answers))(link, request)

    with receiver(script) as hook:
        assert save(sandbox, hook.url) == 200
        (order,) = place(sandbox)
        advance(sandbox, 60)

    assert lines(sandbox) == [(order, "500", 1), (order, "500", 2), (order, "200", 3)]


def test_a_receiver_that_calls_back_is_answered(sandbox: Sandbox) -> None:
    found: list[tuple[bytes, int]] = []

    def script(link: socket.socket, request: bytes) -> None:
        body = request.partition(b"\r\n\r\n")[2]
        path = "/_sandbox/health" if body == PING else _order_of(body)
        found.append((body, call(sandbox, "GET", path)[0]))
        saying(200)(link, request)

    with receiver(script) as hook:
        assert save(sandbox, hook.url) == 200
        (order,) = place(sandbox)
        advance(sandbox)

    assert [status for _, status in found] == [200, 200]
    assert lines(sandbox) == [(order, "200", 1)]


def _order_of(body: bytes) -> str:
    return f"/api/oms/pvt/orders/{json.loads(body)['OrderId']}"


def test_a_receiver_may_save_again_while_it_is_told_something(sandbox: Sandbox) -> None:
    saved: list[int] = []

    def script(link: socket.socket, request: bytes) -> None:
        if PING not in request:
            saved.append(save(sandbox, hook.url))
        saying(200)(link, request)

    with receiver(script) as hook:
        assert save(sandbox, hook.url) == 200
        (order,) = place(sandbox)
        advance(sandbox)

    assert saved == [200]
    assert lines(sandbox) == [(order, "200", 1)]


def test_outcomes_are_told_in_order_whoever_was_quicker(sandbox: Sandbox) -> None:
    chance = random.Random(4)

    def script(link: socket.socket, request: bytes) -> None:
        time.sleep(chance.choice([0, 0.02, 0.05]) if PING not in request else 0)
        saying(200)(link, request)

    with receiver(script) as hook:
        assert save(sandbox, hook.url) == 200
        orders = place(sandbox, 100)
        advance(sandbox)

    assert lines(sandbox) == [(order, "200", 1) for order in orders]
    assert len(hook.requests) == 101


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(b"HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", "301"), (b"", "broken")],
)
def test_a_bad_answer_is_a_failed_try(sandbox: Sandbox, answer: bytes, outcome: str) -> None:
    with receiver(saying(200)) as hook:
        assert save(sandbox, hook.url) == 200
    with receiver(raw(answer)) as bad:
        (order,) = place_at(sandbox, bad)
        advance(sandbox)
    assert lines(sandbox) == [(order, outcome, 1)]


def place_at(sandbox: Sandbox, other: Receiver) -> list[str]:
    """Place an order whose notification goes to *other*, which never answered a ping."""
    service = sandbox.service
    with service.lock:
        (hook,) = service.part(Hooks).all
        hook.reconfigure(type(hook.settings)(other.url, {}, hook.settings.filter), service.now)
    return place(sandbox)


class Sender(Part):
    """Sends what it is told to, and keeps what comes of it."""

    name = "sender"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.outcomes: list[tuple[str, Outcome]] = []
        self.told = threading.Semaphore(0)

    def send(self, url: str, token: str, patience: int = 5_000) -> Message:
        with self.service.lock:
            return self.service.outbox.send(
                lambda number: Message(number, self.name, token, "POST", url, patience=patience)
            )

    def answered(self, message: Message, outcome: Outcome) -> None:
        self.outcomes.append((message.token, outcome))
        self.told.release()


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def courier(service: Service) -> Iterator[Courier]:
    courier = Courier(service)
    courier.start()
    yield courier
    courier.stop()


def test_an_answer_is_handed_on_with_its_body(service: Service, courier: Courier) -> None:
    sender = service.part(Sender)
    with receiver(saying(418, b'{"a": 1}')) as other:
        sender.send(other.url, "a")
        assert sender.told.acquire(timeout=5)
    assert sender.outcomes == [("a", Outcome(418, b'{"a": 1}'))]
    assert not service.outbox.waiting


def test_nobody_is_called_who_may_not_be(service: Service, courier: Courier) -> None:
    sender = service.part(Sender)
    sender.send("http://192.0.2.1/", "a")
    assert sender.told.acquire(timeout=5)
    assert sender.outcomes == [("a", Outcome(0, trouble="not allowed"))]


def test_a_hanging_receiver_keeps_others_from_nothing_but_their_turn(
    service: Service, courier: Courier
) -> None:
    sender = service.part(Sender)
    with silent_receiver() as hanging, receiver(saying(200)) as ok:
        sender.send(hanging.url, "slow", patience=500)
        sender.send(ok.url, "quick")
        assert sender.told.acquire(timeout=5)
        assert len(ok.requests) == 1
        assert sender.told.acquire(timeout=5)
    assert [(token, each.status or each.trouble) for token, each in sender.outcomes] == [
        ("slow", "timeout"),
        ("quick", 200),
    ]


def test_stopping_breaks_off_what_hangs_and_the_next_one_delivers_it(service: Service) -> None:
    sender, first, threads = service.part(Sender), Courier(service), set(threading.enumerate())
    first.start()
    with silent_receiver() as hanging:
        sender.send(hanging.url, "a")
        until = time.monotonic() + 5
        while not hanging.requests and time.monotonic() < until:
            time.sleep(0.005)
        began = time.monotonic()
        first.stop()
        assert time.monotonic() - began < 1
    assert (len(service.outbox.waiting), service.outbox.delivering) == (1, False)
    assert set(threading.enumerate()) <= threads

    second = Courier(service)
    second.start()  # nobody listens there any more
    assert sender.told.acquire(timeout=5)
    second.stop()
    assert sender.outcomes == [("a", Outcome(0, trouble="refused"))]


def test_stopping_twice_and_without_a_start_is_nothing(service: Service) -> None:
    courier = Courier(service)
    courier.stop()
    courier.start()
    courier.stop()
    courier.stop()
    assert not service.outbox.changed


def test_a_reset_breaks_off_what_is_under_way(service: Service, courier: Courier) -> None:
    with silent_receiver() as hanging, receiver(saying(200)) as ok:
        service.part(Sender).send(hanging.url, "old")
        with service.lock:
            service.reset()
        sender = service.part(Sender)
        sender.send(ok.url, "new")
        assert sender.told.acquire(timeout=3)
    assert [token for token, _ in sender.outcomes] == ["new"]


def test_a_number_that_comes_again_is_another_message(service: Service, courier: Courier) -> None:
    with silent_receiver() as hanging, receiver(saying(200)) as ok:
        sender = service.part(Sender)
        with service.lock:
            sender.send(hanging.url, "old")
        time.sleep(0.05)
        with service.lock:
            service.outbox.clear()
            service.outbox.sent = 0
            sender.send(ok.url, "new")
        assert sender.told.acquire(timeout=3)
    assert sender.outcomes == [("new", Outcome(200))]


class Full:
    """A journal that has no room for a while."""

    def __init__(self, refusals: int) -> None:
        self.left = refusals

    def __call__(self, call: Call) -> None:
        del call
        if self.left:
            self.left -= 1
            raise trouble(507, "the disk is full")

    def answered(self, answer: Answer) -> None:
        del answer


def test_an_outcome_that_cannot_be_written_is_told_again(
    service: Service, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orderflow.sandbox.courier._TELL_AGAIN", 0.1)
    service.journal = Full(3)
    sender, began = service.part(Sender), time.monotonic()
    with receiver(saying(200)) as ok:
        sender.send(ok.url, "a")
        assert sender.told.acquire(timeout=5)
    assert time.monotonic() - began >= 0.3  # it does not ask again and again
    assert len(ok.requests) == 1
    assert sender.outcomes == [("a", Outcome(200))]


def test_a_hook_and_what_it_waits_for_outlive_the_process(tmp_path: Path) -> None:
    kept = tmp_path / "orders.db"
    with receiver(saying(200)) as hook, Sandbox(db=kept) as first:
        assert save(first, hook.url) == 200
        place(first)
        advance(first)
    with Sandbox(db=kept) as second:  # nobody listens there any more
        (order,) = place(second)
        advance(second, 1)
        hooks, log = call(second, "GET", "/_sandbox/hooks"), lines(second)
    with Sandbox(db=kept) as third:
        assert call(third, "GET", "/_sandbox/hooks") == hooks
        assert lines(third) == log
        advance(third, 2)
        assert lines(third)[-3:] == [(order, "refused", attempt) for attempt in (1, 2, 3)]


def test_a_snapshot_holds_what_a_hook_waits_for(sandbox: Sandbox) -> None:
    with receiver(saying(200)) as hook:
        assert save(sandbox, hook.url) == 200
    (order,) = place(sandbox)
    advance(sandbox, 1)
    before = call(sandbox, "GET", "/_sandbox/hooks")
    assert call(sandbox, "POST", "/_sandbox/snapshots", {"name": "waiting"})[0] == 201
    assert call(sandbox, "DELETE", PATH)[0] == 200
    assert call(sandbox, "POST", "/_sandbox/snapshots/waiting/restore")[0] == 204

    assert call(sandbox, "GET", "/_sandbox/hooks") == before
    advance(sandbox, 2)
    assert lines(sandbox) == [(order, "refused", attempt) for attempt in (1, 2, 3)]


def test_a_receiver_that_turns_the_clock_before_it_answers_is_too_late(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orderflow.sandbox.hooks.PATIENCE", 300)
    turned: list[int] = []

    def script(link: socket.socket, request: bytes) -> None:
        if PING not in request and not turned:
            turned.append(1)
            advance(sandbox, 1)  # waits for the answer to this very notification
        saying(200)(link, request)

    with receiver(script) as hook:
        assert save(sandbox, hook.url) == 200
        (order,) = place(sandbox)
        advance(sandbox, 2)

    assert lines(sandbox) == [(order, "timeout", 1), (order, "200", 2)]
