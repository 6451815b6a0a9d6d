"""What a sandbox in a file has acknowledged is there after kill -9 at any moment."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from orderflow.sandbox.server import Sandbox
from orderflow.sandbox.service import Service
from tests.sandbox.keeping import CONFIG, FEED, OMS, Kept, invoice_of, kept
from tests.sandbox.receivers import receiver, saying

ROOT = Path(__file__).parents[2]
KILLS, LANES = 50, 2
EACH_RESET = 3
"""Kills between two resets, so that the file stays short."""

SECOND, VISIBLE = 1_000, 240


@dataclass
class Running:
    """A sandbox in another process."""

    process: int
    url: str
    headers: dict[str, str]
    wait: Callable[[], object] = lambda: None

    def kill(self) -> None:
        """End it at once; gone with this call are its files, too."""
        os.kill(self.process, signal.SIGKILL)
        self.wait()


class Forks:
    """Sandboxes in processes of their own, one after the other."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.sandbox.forked"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )

    def start(self, path: Path) -> Running:
        assert self._parent.stdin
        assert self._parent.stdout
        self._parent.stdin.write(f"{path}\n")
        self._parent.stdin.flush()
        process, url, key, token = self._parent.stdout.readline().split()
        headers = {"x-vtex-api-appkey": key, "x-vtex-api-apptoken": token}
        return Running(int(process), url, headers, self._parent.stdout.readline)

    def close(self) -> None:
        os.killpg(self._parent.pid, signal.SIGKILL)  # with the sandbox that may still run in it
        self._parent.communicate()


@dataclass
class Caller:
    """A client with one connection; remembers the call that got no answer.

    Attributes:
        lost: What that call was, None when all were answered.
    """

    running: Running
    lost: object = None
    link: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.running.url)
        assert parts.hostname
        self.link = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)

    def call(self, what: object, method: str, path: str, body: object = None) -> object:
        """What a call is answered; raises an OSError when it is not."""
        self.lost = what
        try:
            self.link.request(method, path, json.dumps(body), self.running.headers)
            answer = self.link.getresponse()
            text = answer.read()
        except http.client.HTTPException as wrong:
            raise ConnectionError from wrong
        self.lost = None
        assert answer.status < 300, (method, path, text)
        return json.loads(text) if text else None


@dataclass
class Known:
    """What clients know of a sandbox from the answers that they got.

    Attributes:
        orders: Steps of each order that were acknowledged.
        time: Seconds by which the clock was turned.
        committed: Order and state of feed items whose commit was acknowledged.
        held: Of those that were read last and not committed: by handle.
        lost: Calls that got no answer.
    """

    orders: dict[str, list[str]] = field(default_factory=dict)
    time: int = 0
    committed: set[tuple[str, str]] = field(default_factory=set)
    held: dict[str, tuple[str, str]] = field(default_factory=dict)
    lost: list[tuple[str, object]] = field(default_factory=list)


def work(caller: Caller, known: Known) -> None:
    """Orders are placed three at a time, handled and invoiced."""
    while True:
        sent = {"status": "ready-for-handling", "count": 3}
        made = caller.call(("placed", None), "POST", "/_sandbox/orders", sent)
        assert isinstance(made, dict)
        placed = {str(each["orderId"]): int(each["value"]) for each in made["orders"]}
        known.orders.update({order_id: [] for order_id in placed})
        for order_id, value in placed.items():
            path = f"{OMS}/{order_id}"
            caller.call(("handling", order_id), "POST", f"{path}/start-handling")
            known.orders[order_id].append("handling")
            if value % 2 == 0:
                caller.call(("invoiced", order_id), "POST", f"{path}/invoice", invoice_of(value))
                known.orders[order_id].append("invoiced")


def follow(caller: Caller, known: Known) -> None:
    """The feed is read, and every second lot committed."""
    caller.call(("config", None), "POST", FEED + "/config", CONFIG)
    turn = 0
    while True:
        items = caller.call(("read", None), "GET", FEED)
        assert isinstance(items, list)
        known.held = {each["handle"]: (each["orderId"], each["state"]) for each in items}
        turn += 1
        if items and turn % 2:
            lot = frozenset(known.held.values())
            caller.call(("committed", lot), "POST", FEED, {"handles": list(known.held)})
            known.committed |= lot
            known.held = {}


def wait(caller: Caller, known: Known) -> None:
    """The clock is turned, slower than feed items come back."""
    for _ in range(VISIBLE // 2):
        caller.call(("time", 1), "POST", "/_sandbox/clock/advance", {"seconds": 1})
        known.time += 1
    raise ConnectionError


def until_killed(act: Callable[[Caller, Known], None], caller: Caller, known: Known) -> None:
    try:
        act(caller, known)
    except OSError:
        if caller.lost is not None:
            assert isinstance(caller.lost, tuple)
            known.lost.append(caller.lost)
    finally:
        caller.link.close()


def burst(running: Running, known: Known, seconds: float) -> None:
    """Load the sandbox from three sides, and kill it after so many *seconds*."""
    threads = [
        threading.Thread(target=until_killed, args=(act, Caller(running), known))
        for act in (work, follow, wait)
    ]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    running.kill()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def lost(known: Known, what: str) -> list[object]:
    return [which for name, which in known.lost if name == what]


def see_orders(found: Kept, known: Known) -> None:
    """Every acknowledged step is there; a step without an answer is there, or is not."""
    stored = {held.order_id: held for held in found.service.store.orders()}
    more = stored.keys() - known.orders.keys()
    assert known.orders.keys() <= stored.keys()
    assert len(more) in ((0, 3) if lost(known, "placed") else (0,))
    for order_id, steps in known.orders.items():
        held = stored[order_id]
        told = ["handling", "invoiced"][: len(steps) + 1]
        doubtful = len(told) > len(steps) and order_id in lost(known, told[-1])
        assert held.status in ({(steps or ["ready-for-handling"])[-1]} | set(told[-1:] * doubtful))
        known.orders[order_id] = [each.target for each in held.events if each.target in told]
        assert known.orders[order_id][: len(steps)] == steps
    known.orders.update({order_id: [] for order_id in more})


def see_time(found: Kept, known: Known) -> None:
    passed = found.service.now - Service().now
    assert passed - known.time * SECOND in ((0, SECOND) if lost(known, "time") else (0,))
    known.time = passed // SECOND


def read_all(found: Kept) -> set[tuple[str, str]]:
    items: set[tuple[str, str]] = set()
    while lot := json.loads(found.call("GET", FEED).body):
        items |= {(each["orderId"], each["state"]) for each in lot}
    return items


def see_feed(found: Kept, known: Known) -> None:
    """A handle that was given commits; then everything that was not committed comes again."""
    if found.call("GET", FEED + "/config").status == 404:
        assert not known.committed
        assert lost(known, "config")
        return
    handle, item = next(iter(known.held.items()), ("", None))
    if item is not None:
        found.told("POST", FEED, {"handles": [handle]})
        known.committed.add(item)
    known.held = {}
    assert found.advance(seconds=VISIBLE) == 200
    known.time += VISIBLE
    seen, doubtful = read_all(found), lost(known, "committed")
    entered = {(order_id, step) for order_id, steps in known.orders.items() for step in steps}
    assert not seen & known.committed
    missing = entered - known.committed - seen
    assert missing in (set(), *doubtful)  # a commit takes all of its lot, or nothing
    assert not seen - entered
    known.committed |= missing
    assert found.advance(seconds=VISIBLE) == 200
    known.time += VISIBLE


def see(path: Path, known: Known) -> None:
    """Open the file as a new process would, and compare."""
    found = kept(path)
    see_orders(found, known)
    see_time(found, known)
    if known.orders:
        see_feed(found, known)
    known.lost.clear()
    found.journal.close()


def begin_anew(path: Path) -> Known:
    found = kept(path)
    assert found.call("POST", "/_sandbox/reset").status == 204
    found.feed()
    found.journal.close()
    return Known()


@pytest.fixture
def forks() -> Iterator[Forks]:
    started = Forks()
    yield started
    started.close()


@pytest.mark.parametrize("lane", range(LANES))
def test_what_was_acknowledged_survives_a_kill_at_any_moment(
    lane: int, forks: Forks, tmp_path: Path
) -> None:
    path, chance = tmp_path / "shop.db", random.Random(lane)
    known, calls = begin_anew(path), 0

    for turn in range(KILLS // LANES):
        burst(forks.start(path), known, chance.uniform(0, 0.12))
        see(path, known)
        calls += len(known.orders)
        if turn % EACH_RESET == EACH_RESET - 1:
            known = begin_anew(path)

    assert calls > KILLS  # else nothing was tried


HOOK = "/api/orders/hook/config"


def test_a_notification_whose_outcome_nobody_wrote_down_comes_once_more(
    forks: Forks, tmp_path: Path
) -> None:
    path, asked = tmp_path / "shop.db", threading.Event()
    waits: object = None

    def script(link: socket.socket, request: bytes) -> None:
        if b"hookConfig" not in request and not asked.is_set():
            asked.set()  # and it is never answered
            link.recv(1)
            return
        saying(200)(link, request)

    with receiver(script) as other:
        running = forks.start(path)
        caller = Caller(running)
        hook = {"filter": CONFIG["filter"], "hook": {"url": other.url, "headers": {}}}
        caller.call(None, "POST", HOOK, hook)
        caller.call(None, "POST", "/_sandbox/orders", {"status": "handling"})
        assert asked.wait(10)
        caller.link.close()
        running.kill()
        told = len(other.requests)

        again = forks.start(path)
        caller = Caller(again)
        for _ in range(500):
            waits = caller.call(None, "GET", "/_sandbox/deliveries")
            if waits == {"deliveries": []}:
                break
            time.sleep(0.01)
        caller.link.close()
        again.kill()

    assert waits == {"deliveries": []}
    assert other.bodies[told:] == other.bodies[told - 1 : told]
    assert len(other.bodies) == told + 1


def test_serve_itself_goes_on_after_a_kill(tmp_path: Path) -> None:
    path, known = tmp_path / "shop.db", Known()
    listed: object = None
    for place in range(2):
        words = [sys.executable, "-m", "orderflow", "serve", "--db", str(path)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            _, url, _, key, _, token = process.stdout.readline().split()
            headers = {"x-vtex-api-appkey": key, "x-vtex-api-apptoken": token}
            running = Running(process.pid, url, headers, process.wait)
            if place == 0:
                burst(running, known, 1.0)
            else:
                caller = Caller(running)
                listed = caller.call(None, "GET", "/_sandbox/orders")
                caller.link.close()
                process.send_signal(signal.SIGTERM)
                assert process.wait(10) == 0

    assert isinstance(listed, dict)
    assert {each["orderId"] for each in listed["orders"]} >= known.orders.keys()
    assert [each.name for each in tmp_path.iterdir()] == ["shop.db"]
    see(path, known)


_FULL = """
import resource, sys
from pathlib import Path
from tests.sandbox.keeping import OMS, kept

path = Path(sys.argv[1])
filed = kept(path)
order_id = filed.place()
room = 4096 * 60
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (room, most))
line = {"source": "erp", "message": "x" * 500}
done = 0
while filed.call("POST", f"{OMS}/{order_id}/interactions", line).status == 200:
    done += 1
refused = filed.call("POST", "/_sandbox/orders", {})
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
again = filed.call("POST", f"{OMS}/{order_id}/interactions", line)
print(done, filed.log[-3].status, refused.status, again.status, order_id, flush=True)
import os, signal
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_file_that_may_not_grow_loses_nothing_and_goes_on_when_it_may(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"

    ended = subprocess.run(
        [sys.executable, "-c", _FULL, str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )

    done, *statuses, order_id = ended.stdout.split()
    assert int(done) > 20
    assert statuses == ["500", "507", "200"]
    assert ended.returncode == -signal.SIGKILL
    found = kept(path)
    assert len(found.service.interactions["sandbox", order_id]) == int(done) + 1
    assert len(found.service.store.orders()) == 1
    found.journal.close()


def test_a_kill_between_writing_and_handling_does_the_call(tmp_path: Path) -> None:
    filed = kept(tmp_path / "shop.db")
    order_id = filed.place()
    copy = tmp_path / "copy"
    copy.mkdir()

    def killed(*_: object) -> None:  # what the disk holds while the call is being handled
        for name in ("shop.db", "shop.db-wal"):
            (copy / name).write_bytes((tmp_path / name).read_bytes())

    filed.service.store.listen(killed)
    assert filed.start_handling(order_id) == 204
    filed.journal.close()

    found = kept(copy / "shop.db")

    assert found.service.order(order_id, "sandbox").status == "handling"
    found.journal.close()


def test_a_stopped_sandbox_leaves_one_file_that_is_done_again_in_full(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with Sandbox(db=path) as sandbox:
        order_id = sandbox.place(to="ready-for-handling").order_id
        running = Running(0, sandbox.url, sandbox.headers)
        caller = Caller(running)
        caller.call(None, "POST", f"{OMS}/{order_id}/start-handling")
        caller.link.close()

    assert [each.name for each in tmp_path.iterdir()] == ["shop.db"]
    found = kept(path)
    assert found.service.order(order_id, "sandbox").status == "handling"
    found.journal.close()
