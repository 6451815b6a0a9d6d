"""A sandbox in a file is the same after it was closed, and no file is harmed by a wrong one."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderflow.sandbox import journal
from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.control.catalogue import ROUTES
from orderflow.sandbox.journal import Journal
from orderflow.sandbox.journal_identity import JournalError
from orderflow.sandbox.outbox import Message
from orderflow.sandbox.part import Part
from orderflow.sandbox.routes import Call
from orderflow.sandbox.server import Sandbox
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Store
from orderflow.simulator.order import Item
from tests.sandbox.keeping import FEED, OMS, Client, Kept, invoice_of, kept


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


def busy(client: Client) -> list[str]:
    """Let something of everything happen; gives the handles of a read that was not committed."""
    client.told("POST", "/_sandbox/keys", {"account": "other", "permissions": []})
    client.feed()
    orders = [client.place() for _ in range(4)]
    for order_id in orders[:3]:
        assert client.start_handling(order_id) == 204
    assert client.invoice(orders[0]) == 200
    assert client.cancel(orders[1]) == 200
    assert client.start_handling(orders[0]) == 409
    assert client.call("POST", f"{OMS}/{orders[0]}/invoice", {"type": "?"}).status == 400
    client.call("POST", f"{OMS}/{orders[2]}/interactions", {"source": "erp", "message": "hi"})
    assert client.advance(minutes=45) == 200
    return client.feed()


BUSY = 18
"""Calls of :func:`busy` that write."""


def alter(path: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as link, link:
        assert link.execute(sql, values).rowcount == 1


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as link:
        return int(link.execute("SELECT count(*) FROM calls").fetchone()[0])


def beside(path: Path) -> dict[str, bytes]:
    """All files of the folder."""
    return {each.name: each.read_bytes() for each in path.parent.iterdir() if each.is_file()}


_ACT = st.sampled_from(["place", "handle", "invoice", "cancel", "read", "commit", "time", "reset"])


def act(client: Client, name: str, order: int, handles: list[str]) -> None:
    """Do something that may or may not be possible."""
    known = [held.order_id for held in client.service.store.orders()] or ["none-01"]
    order_id = known[order % len(known)]
    value = 100 * (order + 1)
    acts: dict[str, Callable[[], object]] = {
        "place": lambda: client.place(["handling", "ready-for-handling", ""][order % 3]),
        "handle": lambda: client.start_handling(order_id),
        "invoice": lambda: client.call("POST", f"{OMS}/{order_id}/invoice", invoice_of(value)),
        "cancel": lambda: client.cancel(order_id),
        "read": lambda: handles.extend(client.feed()),
        "commit": lambda: client.call("POST", FEED, {"handles": handles[: order + 1]}),
        "time": lambda: client.advance(minutes=17 * order),
        "reset": lambda: client.call("POST", "/_sandbox/reset"),
    }
    acts[name]()


@given(acts=st.lists(st.tuples(_ACT, st.integers(0, 9)), max_size=25), seed=st.integers(0, 99))
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_was_called_a_file_tells_the_same_as_memory(
    tmp_path: Path, acts: list[tuple[str, int]], seed: int
) -> None:
    path = tmp_path / "any.db"
    path.unlink(missing_ok=True)
    memory, filed = Client(Service(seed=seed)), kept(path, Service(seed=seed))
    for client in (memory, filed):
        handles: list[str] = []
        for name, order in acts:
            act(client, name, order, handles)
    assert filed.log == memory.log
    assert filed.everything() == memory.everything()
    filed.journal.close()

    again = kept(path, Service(seed=seed))

    assert again.everything() == memory.everything()
    assert again.service.now == memory.service.now
    assert again.feed() == memory.feed()
    again.journal.close()


def test_it_goes_on_where_it_stood(path: Path) -> None:
    memory, filed = Client(Service()), kept(path)
    handles = busy(memory)
    assert busy(filed) == handles
    filed.journal.close()

    again = kept(path)

    assert again.everything() == memory.everything()
    assert again.service.accounts.names == ("sandbox", "other")
    assert again.service.interactions == memory.service.interactions
    assert list(again.service.findings) == list(memory.service.findings)
    for client in (memory, again):
        assert client.call("POST", FEED, {"handles": handles}).status == 200
        client.advance(minutes=10)
    assert handles
    assert again.feed() == memory.feed()
    again.journal.close()


def test_a_closed_file_stands_alone(path: Path) -> None:
    filed = kept(path)
    busy(filed)
    assert path.with_name("shop.db-wal").exists()

    filed.journal.close()

    assert list(beside(path)) == ["shop.db"]
    assert filed.service.journal is None


def test_rows_that_are_not_in_the_file_yet_but_in_its_log_count(path: Path, tmp_path: Path) -> None:
    filed = kept(path)
    busy(filed)
    (tmp_path / "copy").mkdir()
    for name, content in beside(path).items():  # what a kill would leave
        (tmp_path / "copy" / name).write_bytes(content)

    again = kept(tmp_path / "copy" / "shop.db")

    assert again.everything() == filed.everything()
    again.journal.close()
    filed.journal.close()


def test_a_row_keeps_every_part_of_a_call() -> None:
    kept_parts = {"method", "path", "key", "query", "host", "body"}
    assert set(Call._fields) - kept_parts == {"parameters"}  # in the path


def test_host_query_and_key_of_a_call_are_in_its_row(path: Path) -> None:
    filed = kept(path)
    order_id = filed.place()
    body = b'{"source":"\\ud800", "message":"\xc3\xa9"}'
    target = Asked(
        "POST",
        f"/{OMS}/{order_id}/interactions/",
        "A=1&a=2&b=%00",
        {**filed.headers, "host": "shop.example:80"},
        body,
    )

    assert answer(filed.service, target).status == 200

    filed.journal.close()
    with closing(sqlite3.connect(path)) as link:
        head, kept_body = link.execute("SELECT head, body FROM calls WHERE number = 2").fetchone()
    assert kept_body == body
    assert {**json.loads(head), "query": json.loads(json.loads(head)["query"])} == {
        "method": "POST",
        "path": f"{OMS}/{order_id}/interactions",
        "query": {"b": "\0", "a": "1"},
        "key": filed.service.accounts.first.name,
        "host": "shop.example:80",
    }
    again = kept(path)
    assert again.service.interactions == filed.service.interactions
    again.journal.close()


def test_no_token_is_written_and_nobody_else_may_read(path: Path) -> None:
    filed = kept(path)
    busy(filed)
    content = b"".join(beside(path).values())
    filed.journal.close()

    assert filed.service.accounts.first.token.encode() not in content
    assert path.stat().st_mode & 0o777 == 0o600


# A file that is not for this sandbox


def other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as link, link:
        link.execute("CREATE TABLE orders (id)")


def begun_with(service: Service) -> Callable[[Path], None]:
    def begin(path: Path) -> None:
        filed = kept(path, service)
        filed.place()
        filed.journal.close()

    return begin


def of_format(number: int) -> Callable[[Path], None]:
    def begin(path: Path) -> None:
        begun_with(Service())(path)
        with closing(sqlite3.connect(path)) as link:
            link.execute(f"PRAGMA user_version = {number << 24}")

    return begin


def of_version(path: Path) -> None:
    begun_with(Service())(path)
    with closing(sqlite3.connect(path)) as link, link:
        mark = link.execute("PRAGMA user_version").fetchone()[0]
        link.execute(f"PRAGMA user_version = {mark ^ 1}")
        link.execute("UPDATE facts SET value = '0.0.1' WHERE name = 'version'")


def text_file(path: Path) -> None:
    path.write_text("my notes")


@pytest.mark.parametrize(
    ("begin", "words"),
    [
        (text_file, "holds something else, and was left as it is; name a file that does not"),
        (other_database, "holds something else"),
        (of_format(2), "has format 2, this orderflow knows format 1; take the orderflow that"),
        (of_format(0), "has format 0"),
        (of_version, "begun with version 0.0.1 (now "),
        (begun_with(Service(seed=7)), "begun with seed 7 (now 0); begin with the same, or name"),
        (begun_with(Service(account="mystore")), "account mystore (now sandbox)"),
        (begun_with(Service(strict=True)), "strict yes (now no)"),
        (begun_with(Service(hosts=frozenset({"erp.example"}))), "hosts erp.example (now none)"),
        (begun_with(Service(store=Store(keep=9))), "keep 9 (now 20000)"),
    ],
)
def test_a_file_that_is_for_something_else_is_told_and_left_untouched(
    path: Path, begin: Callable[[Path], None], words: str
) -> None:
    begin(path)
    before, changed = beside(path), path.stat().st_mtime_ns

    with pytest.raises(JournalError) as refused:
        kept(path)

    assert words in str(refused.value)
    assert str(path) in str(refused.value)
    assert (beside(path), path.stat().st_mtime_ns) == (before, changed)


def test_a_file_with_a_log_beside_it_is_left_untouched_too(path: Path, tmp_path: Path) -> None:
    filed = kept(path, Service(seed=7))
    filed.place()
    (tmp_path / "copy").mkdir()
    copy = tmp_path / "copy" / "shop.db"
    for name, content in beside(path).items():
        (copy.parent / name).write_bytes(content)
    filed.journal.close()
    before = beside(copy)
    assert "shop.db-wal" in before

    with pytest.raises(JournalError, match=r"seed 7 \(now 0\)"):
        kept(copy)

    assert beside(copy) == before


def test_what_is_no_file_is_refused(path: Path, tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")
    for wrong, words in [
        (tmp_path, "is no file"),
        (Path("/dev/null"), "is no file"),
        (tmp_path / "none" / "x.db", "cannot be made: No such file or directory"),
        (tmp_path / "circle", "cannot be made"),
    ]:
        with pytest.raises(JournalError, match=words):
            kept(wrong)


def test_an_empty_file_and_a_link_to_none_are_begun(path: Path, tmp_path: Path) -> None:
    path.touch()
    link = tmp_path / "link.db"
    link.symlink_to("target.db")
    for place in (path, link):
        filed = kept(place)
        filed.place()
        filed.journal.close()

    assert rows(path) == rows(tmp_path / "target.db") == 1


# One writer at a time


def test_a_second_sandbox_of_this_process_is_refused_and_the_first_goes_on(path: Path) -> None:
    filed = kept(path)
    filed.place()
    link = path.with_name("same.db")
    link.symlink_to(path)

    for name in (path, link):
        with pytest.raises(JournalError, match="another sandbox is kept in it; stop that one"):
            kept(name)

    filed.place()
    filed.journal.close()
    again = kept(path)
    assert again.journal.redone.done == 2
    again.journal.close()


def test_a_second_process_is_refused_and_the_first_goes_on(path: Path) -> None:
    filed = kept(path)
    filed.place()
    before = beside(path)
    words = [sys.executable, "-m", "orderflow", "serve", "--db", str(path)]

    second = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)

    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr.startswith(f"{path}: another sandbox is kept in it; stop that one")
    assert beside(path) == before
    filed.place()
    filed.journal.close()
    assert rows(path) == 2


# What cannot be written does not happen


def fill(filed: Kept) -> None:
    """Let the file take no further page."""
    link = filed.journal._file._link
    link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = link.execute("PRAGMA page_count").fetchone()[0]
    link.execute(f"PRAGMA max_page_count = {pages}")


def until_full(filed: Kept, order_id: str) -> int:
    """Leave lines on an order until one is refused; how many there were."""
    line = {"source": "erp", "message": "x" * 900}
    for done in range(100):
        given = filed.call("POST", f"{OMS}/{order_id}/interactions", line)
        if given.status != 200:
            assert given.status == 500
            assert json.loads(given.body)["error"]["message"] == "An error has occurred"
            return done
    pytest.fail("the disk is never full")


def test_a_full_disk_refuses_writing_calls_and_loses_nothing(path: Path) -> None:
    filed = kept(path)
    order_id = filed.place()
    fill(filed)
    lines = until_full(filed, order_id)
    before = filed.everything()

    refused = filed.call("POST", "/_sandbox/orders", {"items": [{"id": "x" * 9_000}]})
    assert refused.status == 507
    told = json.loads(refused.body)["error"]
    assert told == f"nothing was changed: {path}: database or disk is full"
    assert filed.everything() == before
    assert filed.call("GET", "/_sandbox/health").status == 200

    filed.journal._file._link.execute("PRAGMA max_page_count = 100000")
    assert filed.start_handling(order_id) == 204
    filed.journal.close()
    again = kept(path)
    assert again.everything() == filed.everything()
    assert len(again.service.interactions["sandbox", order_id]) == lines
    again.journal.close()


@pytest.mark.parametrize("name", ["shop.db", "shop.db-wal"])
def test_a_file_that_was_taken_away_takes_no_further_call(path: Path, name: str) -> None:
    filed = kept(path)
    filed.place()
    (path.parent / name).rename(path.parent / "elsewhere")

    refused = filed.call("POST", "/_sandbox/orders", {})
    assert refused.status == 507
    assert f"{name}: was moved or deleted" in json.loads(refused.body)["error"]

    (path.parent / "elsewhere").rename(path.parent / name)
    filed.place()
    filed.journal.close()
    assert rows(path) == 2


def test_what_happens_around_the_calls_is_refused_and_never_spoils_the_file(path: Path) -> None:
    filed = kept(path)
    filed.place()

    with pytest.raises(ValueError, match="changes by calls only"):
        filed.service.store.place(to="handling")

    refused = filed.call("POST", "/_sandbox/orders", {})
    assert "around the calls; start the sandbox again" in json.loads(refused.body)["error"]
    filed.journal.close()
    again = kept(path)
    assert len(again.service.store.orders()) == 1
    again.service.store.advance(5)
    assert again.call("POST", "/_sandbox/orders", {}).status == 507
    again.journal.close()


# A file that was changed


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE calls SET now = now + 1 WHERE number = 4", "row 3 did not come out as it did"),
        ("UPDATE calls SET course = 5 WHERE number = 4", "row 3 did not come out"),
        ("UPDATE calls SET body = X'7B7D' WHERE number = 4", "row 4 did not come out"),
        ("UPDATE facts SET value = '18 1 1' WHERE name = 'end'", "row 18 did not come out"),
        ("DELETE FROM calls WHERE number = 3", "row 3 is missing"),
        ("DELETE FROM calls WHERE number = 1", "row 1 is missing"),
        ("UPDATE calls SET head = '[' WHERE number = 5", "row 5 is damaged"),
        ("UPDATE calls SET head = '{}' WHERE number = 5", "row 5 is damaged"),
        ("UPDATE calls SET body = 'text' WHERE number = 5", "row 5 is damaged"),
        (
            "UPDATE calls SET head = json_set(head, '$.key', 'x') WHERE number = 2",
            "row 2 names a key that there is not",
        ),
        (
            "UPDATE calls SET head = json_set(head, '$.path', '/none') WHERE number = 6",
            "row 6 did not come out",
        ),
    ],
)
def test_a_row_that_does_not_do_what_it_did_is_named(path: Path, sql: str, words: str) -> None:
    filed = kept(path)
    busy(filed)
    assert filed.journal._last == BUSY
    filed.journal.close()
    alter(path, sql)

    with pytest.raises(JournalError) as refused:
        kept(path)

    assert words in str(refused.value)
    assert rows(path) >= BUSY - 1  # and the file is free again


def test_a_damaged_page_is_told(path: Path) -> None:
    filed = kept(path)
    busy(filed)
    filed.journal.close()
    content = bytearray(path.read_bytes())
    content[2 * 4096 :] = b"\xa5" * (len(content) - 2 * 4096)
    path.write_bytes(content)

    with pytest.raises(JournalError, match="malformed"):
        kept(path)


def test_our_own_mistake_is_made_again_and_what_follows_still_counts(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Service, "again", mistaken)
    filed = kept(path)
    order_id = filed.place("handling")
    with pytest.raises(ZeroDivisionError):
        filed.invoice(order_id)
    other = filed.place()
    with pytest.raises(ZeroDivisionError):
        filed.invoice(order_id)
    filed.journal.close()

    again = kept(path)

    assert again.everything() == filed.everything()
    assert again.start_handling(other) == 204
    again.journal.close()


# A new beginning


def test_what_came_before_a_reset_is_not_done_again_but_its_keys_are(path: Path) -> None:
    filed = kept(path)
    busy(filed)
    filed.call("POST", "/_sandbox/reset")
    busy(filed)
    handled, keys = filed.place(), filed.service.accounts.keys
    filed.journal.close()
    assert rows(path) == 2 * BUSY + 2

    again = kept(path)

    assert (again.journal.redone.rows, again.journal.redone.done) == (2 * BUSY + 2, BUSY + 3)
    assert again.everything() == filed.everything()
    assert again.service.accounts.keys == keys
    again.start_handling(handled)
    again.journal.close()
    assert rows(path) == BUSY + 4
    once_more = kept(path)
    assert once_more.everything() == again.everything()
    once_more.journal.close()


def test_of_every_control_call_it_is_known_whether_a_reset_forgets_it() -> None:
    writing = {route.path for route in ROUTES if route.writes}

    unknown = {path for path in writing if not path.startswith(journal._FORGOTTEN)}

    assert unknown == {journal._OUTLASTING}


def test_what_nobody_knows_to_be_forgotten_by_a_reset_is_done_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed = kept(path)
    filed.place()
    filed.call("POST", "/_sandbox/reset")
    filed.journal.close()
    monkeypatch.setattr("orderflow.sandbox.journal._FORGOTTEN", ("/_sandbox/reset",))

    again = kept(path)

    assert again.journal.redone.done == 2
    again.journal.close()


class Letters(Part):
    """Sends a message for every interaction, as hooks do for every step."""

    name = "letters"

    def due(self, token: object) -> None:
        self.service.outbox.send(
            lambda number: Message(number, self.name, str(token), "POST", "http://localhost:1/")
        )


def test_a_message_without_an_outcome_waits_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = Service.settle

    def writing(service: Service) -> None:
        service.part(Letters).due("a")
        settle(service)

    monkeypatch.setattr(Service, "settle", writing)
    filed = kept(path)
    filed.place()
    filed.call("POST", "/_sandbox/reset")
    filed.place()
    number = filed.service.outbox.sent
    assert filed.call("POST", f"/_sandbox/deliveries/{number}", {"status": 200}).status == 204
    waiting = dict(filed.service.outbox.waiting)
    filed.journal.close()

    again = kept(path)

    assert again.service.outbox.waiting == waiting
    assert next(iter(waiting)) > 1
    assert (number in waiting, number + 1 in waiting) == (False, True)
    again.journal.close()


# From Python


def test_a_sandbox_is_kept_in_a_file_by_its_own_methods(path: Path) -> None:
    with Sandbox(db=path, seed=3) as sandbox:
        first = sandbox.place(to="window-to-cancel")
        two = sandbox.place(items=(Item("a", 2, 50),), to="handling")
        sandbox.advance(30 * 60_000)
        now = sandbox.service.now
        assert (first.status, two.order.value) == ("ready-for-handling", 100)
    with Sandbox(db=path, seed=3) as sandbox:
        found = {held.order_id: held.status for held in sandbox.service.store.orders()}
        assert found == {first.order_id: "ready-for-handling", two.order_id: "handling"}
        assert sandbox.service.now == now
        assert sandbox.redone is not None
        assert sandbox.redone.done == 3
        sandbox.reset()
        assert not sandbox.service.store.orders()
        sandbox.stop()
        sandbox.start()  # as often as one likes
        assert sandbox.redone.rows == 4
        assert not sandbox.service.store.orders()


def test_a_sandbox_in_a_file_says_what_it_cannot_do(path: Path) -> None:
    sandbox = Sandbox(db=path)
    with pytest.raises(ValueError, match="start the sandbox first"):
        sandbox.place()
    with sandbox:
        with pytest.raises(ValueError, match="id, quantity and price only"):
            sandbox.place(items=(Item("a", 1, 1, channel="pickup-in-point"),))
        with pytest.raises(Exception, match="no-such"):
            sandbox.place(to="no-such")
    assert rows(path) == 1


def test_a_start_that_fails_gives_everything_back(path: Path) -> None:
    begun_with(Service(seed=9))(path)
    sandbox = Sandbox(db=path)
    with pytest.raises(JournalError):
        sandbox.start()
    assert sandbox._socket is None
    with Sandbox(db=path, seed=9, port=int(sandbox.url.rpartition(":")[2])) as other:
        assert other.redone is not None


def test_the_progress_of_doing_calls_again_is_told(path: Path) -> None:
    filed = kept(path)
    for _ in range(300):
        filed.call("POST", f"{FEED}/config", {})
    filed.journal.close()
    told: list[tuple[int, int]] = []

    again = Journal(Service(), path, lambda done, count: told.append((done, count)))

    again.close()
    assert told == [(0, 300), (256, 300), (300, 300)]


def test_serve_says_what_is_wrong_with_its_file(path: Path) -> None:
    text_file(path)
    words = [sys.executable, "-m", "orderflow", "serve", "--db", str(path)]

    ended = subprocess.run(
        words, capture_output=True, text=True, timeout=30, check=False, env={**os.environ}
    )

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"{path}: holds something else")
    assert "Traceback" not in ended.stderr
