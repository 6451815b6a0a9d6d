"""A witness tells what happened, in its order, and the same in memory and in a file."""

from __future__ import annotations

import json
import socket
import threading
import time
from pathlib import Path

import pytest

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.trace_file import read_trace
from orderflow.sandbox.answering import perform
from orderflow.sandbox.outbox import Outcome
from orderflow.sandbox.routes import Call
from orderflow.sandbox.server import Sandbox
from orderflow.sandbox.service import Service
from orderflow.sandbox.trace_file import TraceFile
from orderflow.sandbox.witness import Witness, attach
from tests.sandbox.outside_seller import Outside
from tests.sandbox.receivers import Receiver, receiver, saying
from tests.sandbox.shop import ORDERS, Shop, invoice
from tests.sandbox.witnessed import FEED, Watched

RECORDS = "/_sandbox/records"
HOOK = "/api/orders/hook/config"


@pytest.fixture
def shop() -> Watched:
    return Watched()


def a_day(shop: Watched) -> None:
    """Something of everything."""
    shop.configure()
    outside = Outside(shop)
    sold = outside.allowed()
    outside.invoice(sold, 10_000)
    held = shop.place("ready-for-handling")
    shop.fail("http.apply_then_drop", times=1)
    shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")
    shop.commit(*shop.handles())
    shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice())
    shop.call("POST", RECORDS, {"orderId": held.order_id, "what": "shipment", "value": "1"})
    shop.call("GET", "/nowhere/ção")
    shop.service.advance(3_600_000)
    for kind in ("scenario", "act", "end", "client"):
        shop.witness.note(kind, facts={"what": kind, "count": 1, "expects": [{"status": ["x"]}]})


def test_without_a_witness_nothing_is_seen_and_it_is_asked_for_once() -> None:
    service = Service()

    assert service.witness is None
    assert attach(service) is attach(service) is service.witness


def test_lines_are_counted_and_begin_with_no_time(shop: Watched) -> None:
    a_day(shop)

    lines = shop.witness.lines

    assert [each.number for each in lines] == list(range(1, len(lines) + 1))
    assert lines[0].wall == 0
    assert {each.kind for each in lines} == {
        *("call", "delivery", "step", "record", "scenario", "act", "end", "client")
    }
    assert shop.witness.since(3) == lines[3:]
    assert len(shop.witness) == len(lines)


def test_a_file_reads_back_to_the_same_lines(shop: Watched, tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    kept = TraceFile(shop.service, path)
    a_day(shop)
    kept.close()

    assert read_trace(path) == shop.witness.lines
    assert len(shop.witness) > 30


def test_half_a_pair_of_letters_does_not_end_a_file(shop: Watched, tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    kept = TraceFile(shop.service, path)
    shop.call("GET", f"{ORDERS}/\ud800")
    kept.close()

    assert kept.trouble == ""
    assert read_trace(path) == shop.witness.lines


def test_the_first_step_of_an_order_tells_what_it_holds(shop: Watched) -> None:
    held = shop.place("handling", price=2_500)

    first, *others = shop.of("step")

    assert (first.before, first.after, first.order_id) == ("", "order-created", held.order_id)
    assert first.facts["items"] == [{"id": "sku-1", "quantity": 1, "price": 2_500}]
    assert first.facts["value"] == 2_500
    assert (first.facts["flow"], first.facts["group"]) == ("complete", held.group)
    assert (first.facts["affiliate"], first.facts["event"]) == ("", "place_order")
    assert [each.facts["complete"] for each in (first, others[-1])] == [False, True]
    assert all("items" not in each.facts for each in others)
    assert [each.before for each in others] == [each.after for each in (first, *others[:-1])]
    assert first.at < shop.service.now == others[-1].at


def test_every_document_of_a_sale_has_steps_of_its_own(shop: Watched) -> None:
    market = shop.place("payment-approved", deal="marketplace-seller")

    told = {each.order_id: each.text("participant") for each in shop.of("step")}

    assert told == {market.order_id: "market", f"00-{market.order_id}": "seller"}


def test_a_line_about_an_order_belongs_to_the_scenario_that_placed_it(shop: Watched) -> None:
    shop.witness.scenario = "one"
    held = shop.place("ready-for-handling")
    shop.witness.scenario = "two"
    shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")
    shop.call("GET", ORDERS)
    shop.witness.scenario = ""
    shop.call("GET", ORDERS)

    assert {each.scenario for each in shop.of("step")} == {"one"}
    assert [each.scenario for each in shop.of("call")] == ["one", "two", ""]


def test_an_id_that_is_used_anew_belongs_to_the_scenario_that_used_it_last(shop: Watched) -> None:
    for name in ("one", "two"):
        shop.witness.scenario = name
        held = shop.place("handling")
        shop.call("GET", f"{ORDERS}/{held.order_id}")
        shop.call("POST", "/_sandbox/reset")

    assert [each.scenario for each in shop.of("call")] == ["one", "two"]
    assert len({each.order_id for each in shop.of("call")}) == 1


def test_what_does_not_fit_is_counted(shop: Watched) -> None:
    shop.witness.most = 3
    for _ in range(5):
        shop.call("GET", ORDERS)

    assert (len(shop.witness), shop.witness.overflow) == (3, 2)
    assert [each.number for each in shop.witness.lines] == [1, 2, 3]


def test_a_file_alone_keeps_nothing_in_memory(tmp_path: Path) -> None:
    shop = Shop()
    kept = TraceFile(shop.service, tmp_path / "trace.jsonl")
    shop.call("GET", ORDERS)
    witness = shop.service.witness
    kept.close()

    assert witness is not None
    assert (len(witness), witness.overflow) == (0, 0)
    assert shop.service.witness is None
    assert shop.service.outbox.heard == []


def test_a_file_that_is_closed_takes_no_witness_away(shop: Watched, tmp_path: Path) -> None:
    one, two = (TraceFile(shop.service, tmp_path / name) for name in ("one", "two"))
    one.close()
    shop.call("GET", ORDERS)
    two.close()

    assert shop.service.witness is shop.witness
    assert len(shop.witness) == len((tmp_path / "two").read_text("utf-8").splitlines()) == 1


def test_a_listener_may_make_calls_and_hears_of_what_they_did_afterwards(shop: Watched) -> None:
    held = shop.place("ready-for-handling")
    heard: list[Line] = []

    def act(line: Line) -> None:
        if line.kind == "call":
            path = f"/_sandbox/orders/{held.order_id}/events"
            body = json.dumps({"event": "request_cancel"}).encode()
            assert perform(shop.service, Call("POST", path, body=body)).status == 200

    shop.witness.listeners += [act, heard.append]
    given = shop.call("GET", f"{ORDERS}/{held.order_id}")

    assert json.loads(given.body)["status"] == "ready-for-handling"
    assert [each.kind for each in heard][:2] == ["call", "step"]
    assert [each.number for each in heard] == sorted(each.number for each in heard)
    assert held.status != "ready-for-handling"
    assert sum(each.kind == "call" for each in heard) == 1


def test_an_answer_that_is_not_out_yet_is_in_flight(shop: Watched) -> None:
    assert shop.witness.in_flight == 0
    shop.fail("http.apply_then_delay", milliseconds=60_000, times=1)
    shop.call("GET", ORDERS)

    assert shop.witness.in_flight == 1
    shop.call("GET", ORDERS)
    assert shop.witness.in_flight == 1


def test_a_call_that_waits_for_a_receiver_is_in_flight_until_it_is_answered(
    shop: Watched,
) -> None:
    shop.service.outbox.delivering = True
    hook = {"url": "http://127.0.0.1:9/hook", "headers": {}}
    filter_ = {"type": "FromWorkflow", "status": ["handling"]}
    given = shop.call("POST", HOOK, {"filter": filter_, "hook": hook})

    assert shop.witness.in_flight == 2  # the call, and the ping that it waits for
    assert shop.of("call") == []
    shop.service.deliver(1, Outcome(200))
    assert given.later is not None
    given.later()
    assert shop.witness.in_flight == 0
    assert [(each.kind, each.status) for each in shop.witness.lines] == [
        ("delivery", 200),
        ("call", 200),
    ]


def test_the_latest_call_and_delivery_are_on_the_clock(shop: Watched) -> None:
    began = shop.witness.last
    shop.call("GET", ORDERS)
    called = shop.witness.last
    shop.service.advance(60_000)

    assert began < called == shop.witness.last <= time.monotonic()


def test_a_feed_is_drained_when_it_was_read_empty_twice_and_nothing_else_was_called(
    shop: Watched,
) -> None:
    key = shop.service.accounts.first.masked
    shop.configure()
    held = shop.place("handling")
    assert not shop.witness.drained(key)

    shop.handles()
    shop.handles()
    assert not shop.witness.drained(key)
    shop.handles()
    assert shop.witness.drained(key)
    assert shop.witness.drained()
    shop.call("GET", f"{ORDERS}/{held.order_id}")
    assert not shop.witness.drained()


def test_a_feed_that_cannot_be_read_is_not_drained(shop: Watched) -> None:
    for _ in range(3):
        shop.call("GET", f"{FEED}?maxlot=10")

    assert not shop.witness.drained()


def test_all_feeds_have_to_be_drained(shop: Watched) -> None:
    shop.configure()
    for _ in range(2):
        shop.handles()
    shop.key = shop.service.accounts.add("sandbox")
    shop.configure()
    shop.handles()

    assert not shop.witness.drained()
    assert shop.witness.drained(shop.service.accounts.first.masked)
    shop.handles()
    assert shop.witness.drained()


@pytest.mark.parametrize("value", ["1 of 2", 7, True, None])
def test_an_integration_tells_what_stands_in_its_books(shop: Watched, value: object) -> None:
    held = shop.place("handling")
    sent = {"orderId": held.order_id, "what": "reservation", "value": value}

    assert shop.call("POST", RECORDS, sent).status == 204
    line = shop.line
    assert (line.kind, line.order_id) == ("record", held.order_id)
    assert (line.before, line.after) == ("handling", "handling")
    assert line.facts == {"what": "reservation", "value": value}


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"what": "mood"}, 400, "there are: status, shipment"),
        ({"value": [1]}, 400, "value must be"),
        ({"value": 1.5}, 400, "value must be"),
        ({"orderId": "v0-01"}, 404, "has no order 'v0-01'"),
        ({"orderid": "x"}, 400, "unknown: orderid"),
    ],
)
def test_a_record_that_makes_no_sense_is_refused(
    shop: Watched, sent: dict[str, object], status: int, words: str
) -> None:
    held = shop.place("handling")
    given = shop.call("POST", RECORDS, {"orderId": held.order_id, "what": "stock", **sent})

    assert given.status == status
    assert words in json.loads(given.body)["error"]
    assert shop.of("record") == []


def test_records_are_taken_when_nobody_looks() -> None:
    shop = Shop()
    held = shop.place("handling")

    given = shop.call("POST", RECORDS, {"orderId": held.order_id, "what": "stock", "value": 1})

    assert given.status == 204


def hooked(sandbox: Sandbox, running: Receiver) -> None:
    """Let a real receiver be told of orders that are handled."""
    hook = {"url": running.url, "headers": {}}
    filter_ = {"type": "FromWorkflow", "status": ["handling"]}
    given = Shop(sandbox.service).call("POST", HOOK, {"filter": filter_, "hook": hook})
    while given.later is not None:
        with sandbox.service.lock:
            if given.later() is not None:
                return
        time.sleep(0.002)


def test_real_deliveries_are_timed_apart_from_when_they_are_told() -> None:
    slow = threading.Lock()

    def script(link: socket.socket, request: bytes) -> None:
        if b"hookConfig" not in request and slow.acquire(blocking=False):
            time.sleep(0.1)  # the first one takes its time
        saying(200, b'{"error": "no room"}')(link, request)

    with Sandbox() as sandbox, receiver(script) as running:
        witness = sandbox.witness()
        hooked(sandbox, running)
        for _ in range(3):
            sandbox.place(to="handling")
        sandbox.advance(1)
        lines = [each for each in witness.lines if each.operation == "hook notification"]

    late = max(lines, key=lambda each: each.took)
    quick = [each for each in lines if each is not late]
    assert late.took >= 100 > max(each.took for each in quick)
    assert all(each.wall < late.wall and each.took > 0 for each in quick)
    assert {each.text("state") for each in lines} == {"handling"}
    answers = [answer_of(each) for each in lines]
    assert [(each["error_text"], each["json"]) for each in answers] == [(True, True)] * 3
    assert max(each.whole("burst") or 0 for each in lines) in (2, 3)
    assert "no room" not in str(lines)


def answer_of(line: Line) -> dict[str, object]:
    found = line.facts["answer"]
    assert isinstance(found, dict)
    return found


def test_a_witness_comes_to_a_sandbox_that_runs() -> None:
    with Sandbox() as sandbox:
        witness = sandbox.witness()
        held = sandbox.place(to="handling")

    assert isinstance(witness, Witness)
    assert witness.lines[-1].order_id == held.order_id
