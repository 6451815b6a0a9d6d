"""What a system behind a URL answers is taken for what it is: no answer is never a yes or a no."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from orderflow.conformance.drive import Start
from orderflow.conformance.subjects.http import MOST_BYTES, HttpSubject
from orderflow.conformance.subjects.mapping_file import PLAIN, parse_mapping, plain_mapping
from orderflow.conformance.subjects.patience import Time
from orderflow.conformance.subjects.subject import ADVANCE, LOOK, Answer, Call, Outcome
from orderflow.simulator.order import Item
from tests.conformance.targets.loopback import Scripted, Shop, serving

NEW = {"POST /orders": [Scripted(201, {"id": "o/1"})]}
EVENT = "POST /orders/o%2F1/events"
STATUS = "GET /orders/o%2F1"
HANDLING = Scripted(200, {"status": "handling"})
INVOICE = Scripted(200, {"status": "invoice"})
POLLED = PLAIN + "poll: {for: 2s, every: 500ms}\n"


@dataclass
class Clock:
    """Seconds that pass only while somebody sleeps."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def time(self) -> Time:
        return Time(lambda: self.now, self.sleep)


@contextmanager
def order(
    script: Mapping[str, list[Scripted]], mapping: str = PLAIN, **secrets: str
) -> Iterator[tuple[HttpSubject, Shop, Clock]]:
    """An order that was made, in a shop that answers as *script* says."""
    clock = Clock()
    with (
        serving({**NEW, STATUS: [HANDLING], **script}) as shop,
        HttpSubject(
            parse_mapping(mapping), base=shop.url, time=clock.time(), secrets=secrets
        ) as subject,
    ):
        assert subject.begin(Start()).outcome is Outcome.ACCEPTED
        clock.slept.clear()
        yield subject, shop, clock


def fired(script: Mapping[str, list[Scripted]], mapping: str = PLAIN) -> Answer:
    """The answer to an invoice that should lead from handling to invoice."""
    with order(script, mapping) as (subject, _, _):
        return subject.fire(Call("verify_invoice", {"value": 5}, leads_to="invoice"))


def test_the_plain_protocol_needs_no_mapping() -> None:
    items = (Item("a", 2, 50), Item("b", 1, 9, "pickup-in-point"))
    with (
        serving({**NEW, STATUS: [HANDLING], EVENT: [Scripted(200, {})]}) as shop,
        HttpSubject(plain_mapping(), base=shop.url) as subject,
    ):
        begun = subject.begin(Start(items, replaceable=False))
        subject.fire(Call("verify_invoice", {"value": 5}, leads_to="invoice"))

    assert begun == Answer(Outcome.ACCEPTED, "handling", "201 Created")
    assert shop.requests() == ["POST /orders", STATUS, EVENT, STATUS]
    assert shop.asked[0].body == {
        "items": [
            {"id": "a", "quantity": 2, "price": 50, "channel": "delivery"},
            {"id": "b", "quantity": 1, "price": 9, "channel": "pickup-in-point"},
        ],
        "replaceable": False,
    }
    assert shop.asked[2].body == {"event": "verify_invoice", "data": {"value": 5}}


def test_where_the_flow_leads_is_never_sent() -> None:
    with order({EVENT: [Scripted(200)]}) as (subject, shop, _):
        subject.fire(Call("request_cancel", leads_to="cancellation-requested"))

        assert "cancellation-requested" not in repr(shop.asked)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (200, Outcome.ACCEPTED),
        (204, Outcome.ACCEPTED),
        (400, Outcome.REFUSED),
        (409, Outcome.REFUSED),
        (422, Outcome.REFUSED),
        (302, Outcome.INDETERMINATE),
        (401, Outcome.INDETERMINATE),
        (403, Outcome.INDETERMINATE),
        (404, Outcome.INDETERMINATE),
        (408, Outcome.INDETERMINATE),
        (429, Outcome.INDETERMINATE),
        (500, Outcome.INDETERMINATE),
        (503, Outcome.INDETERMINATE),
        (599, Outcome.INDETERMINATE),
    ],
)
def test_what_a_status_code_means(code: int, outcome: Outcome) -> None:
    answer = fired({EVENT: [Scripted(code)]})

    assert answer.outcome is outcome
    assert bool(answer.status) is (outcome is not Outcome.INDETERMINATE)


@pytest.mark.parametrize(
    ("response", "hint"),
    [
        (Scripted(302, b"", (("Location", "/orders/o%2F1"),)), "302 Found (redirects are not"),
        (Scripted(401), "401 Unauthorized (credentials?)"),
        (Scripted(404), "404 Not Found (wrong base or path?)"),
        (Scripted(503), "503 Service Unavailable (its own trouble, no answer)"),
    ],
)
def test_a_response_that_is_no_answer_says_what_may_be_wrong(response: Scripted, hint: str) -> None:
    with order({EVENT: [response]}) as (subject, shop, _):
        asked = len(shop.asked)
        answer = subject.fire(Call("request_cancel"))

        assert answer.told.startswith(hint)
        assert shop.requests()[asked:] == [EVENT]


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    assert fired({EVENT: [Scripted(200)]}).outcome is Outcome.ACCEPTED


def test_a_mapping_may_know_better_what_a_code_means() -> None:
    event = (
        'events: {verify_invoice: {post: "/orders/{id}/events", refused: [403], accepted: 409}}\n'
    )

    assert fired({EVENT: [Scripted(403)]}, PLAIN + event).outcome is Outcome.REFUSED
    assert fired({EVENT: [Scripted(409)]}, PLAIN + event).outcome is Outcome.ACCEPTED


def test_the_status_is_read_again_after_a_refusal() -> None:
    answer = fired({EVENT: [Scripted(409)], STATUS: [HANDLING, INVOICE]})

    assert answer == Answer(Outcome.REFUSED, "invoice", "409 Conflict")


def test_a_status_that_cannot_be_read_is_no_status() -> None:
    for trouble in (
        Scripted(500),
        Scripted(200, b"<html>"),
        Scripted(200, b"\xff\xfe"),
        Scripted(200, {"state": "handling"}),
        Scripted(200, {"status": {"name": "handling"}}),
        Scripted(200, {"status": ""}),
        Scripted(200, {"status": "hand\u202eling"}),
        Scripted(200, {"status": "x" * 101}),
    ):
        answer = fired({EVENT: [Scripted(200)], STATUS: [HANDLING, trouble]})

        assert answer.outcome is Outcome.INDETERMINATE
        assert answer.status == ""
        assert "status" in answer.told


def test_no_answer_is_neither_yes_nor_no() -> None:
    hung_up = fired({EVENT: [Scripted(0)]})
    too_long = fired({EVENT: [Scripted(200, b"x" * (MOST_BYTES + 1))]})

    assert (hung_up.outcome, too_long.outcome) == (Outcome.INDETERMINATE,) * 2
    assert "connection broke" in hung_up.told
    assert "longer than 1000000 bytes" in too_long.told


def test_a_system_that_does_not_answer_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with HttpSubject(parse_mapping(PLAIN + "timeout: 50ms\n"), base=base) as subject:
            answer = subject.begin(Start())

    assert answer.outcome is Outcome.INDETERMINATE
    assert answer.told == "no response within 50ms: slow, or stuck; see timeout"


HEAD = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"


@contextmanager
def dripping(first: bytes, drop: bytes) -> Iterator[str]:
    """A server that sends *first* and then *drop* after *drop*, each in time; gives its URL."""
    stopped = threading.Event()

    def drip(server: socket.socket) -> None:
        with contextlib.suppress(OSError), server.accept()[0] as line:
            line.recv(65_536)
            line.sendall(first)
            for _ in range(200):  # about 4 s, so that who waits for the end does not wait for ever
                if stopped.wait(0.02):
                    return
                line.sendall(drop)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            stopped.set()
            thread.join()


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"HTTP/1.1 201 Created\r\n", b"X-Wait: 1\r\n"),
        (b"", b"H"),
        (HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
    ],
)
def test_a_response_that_drips_is_not_waited_for(first: bytes, drop: bytes) -> None:
    begun = time.monotonic()
    with (
        dripping(first, drop) as url,
        HttpSubject(parse_mapping(PLAIN + "timeout: 300ms\n"), base=url) as subject,
    ):
        answer = subject.begin(Start())
        took = time.monotonic() - begun

    assert answer.outcome is Outcome.INDETERMINATE
    assert answer.told == "no response within 300ms: slow, or stuck; see timeout"
    assert 0.25 < took < 3


def test_after_a_response_that_did_not_end_the_system_is_asked_on_another_connection() -> None:
    with (
        dripping(b"", b"H") as slow,
        serving({**NEW, STATUS: [HANDLING]}) as shop,
        HttpSubject(parse_mapping(PLAIN + "timeout: 200ms\n"), base=slow) as subject,
    ):
        late = subject.begin(Start())
        subject._base = shop.url
        answers = [subject.begin(Start()) for _ in range(3)]

    assert late.outcome is Outcome.INDETERMINATE
    assert {each.outcome for each in answers} == {Outcome.ACCEPTED}


def test_a_system_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        base = f"http://127.0.0.1:{gone.getsockname()[1]}"
    with HttpSubject(plain_mapping(), base=base) as subject:
        answer = subject.begin(Start())

    assert answer == Answer(Outcome.INDETERMINATE, "", "no connection: is it running there?")


def test_an_order_that_does_not_say_what_it_is_called() -> None:
    for body in ({}, {"id": None}, {"id": ""}, {"id": True}, b"created"):
        with (
            serving({"POST /orders": [Scripted(201, body)]}) as shop,
            HttpSubject(plain_mapping(), base=shop.url) as subject,
        ):
            answer = subject.begin(Start())

        assert answer == Answer(Outcome.INDETERMINATE, "", "no order id at 'id' in the response")


def test_without_polling_a_lost_update_is_reported_as_it_is() -> None:
    answer = fired({EVENT: [Scripted(200)]})

    assert answer == Answer(Outcome.ACCEPTED, "handling", "200 OK")


def test_a_status_that_comes_late_is_waited_for() -> None:
    script = {EVENT: [Scripted(202)], STATUS: [HANDLING, HANDLING, HANDLING, INVOICE]}
    with order(
        {**script, STATUS: [Scripted(200, {"status": "(none)"}), *script[STATUS]]}, POLLED
    ) as (
        subject,
        _,
        clock,
    ):
        subject.fire(Call(LOOK, leads_to="handling"))
        answer = subject.fire(Call("verify_invoice", {"value": 5}, leads_to="invoice"))

    assert answer == Answer(Outcome.ACCEPTED, "invoice", "202 Accepted")
    assert clock.slept == [0.5, 0.5]


def test_a_status_that_never_comes_tells_nothing() -> None:
    with order({EVENT: [Scripted(200)]}, POLLED) as (subject, _, clock):
        answer = subject.fire(Call("verify_invoice", {"value": 5}, leads_to="invoice"))

    assert answer.outcome is Outcome.INDETERMINATE
    assert answer.told == (
        "still in handling after 2s: slow, or the update is lost; raise poll.for to tell"
    )
    assert sum(clock.slept) == 2.0


def test_another_status_than_expected_is_told_once_patience_is_over() -> None:
    astray = Scripted(200, {"status": "canceled"})
    with order({EVENT: [Scripted(200)], STATUS: [HANDLING]}, POLLED) as (subject, shop, clock):
        shop.script[STATUS] = [astray]
        answer = subject.fire(Call("verify_invoice", {"value": 5}, leads_to="invoice"))

    assert answer == Answer(Outcome.ACCEPTED, "canceled", "200 OK")
    assert sum(clock.slept) == 2.0


def test_a_step_that_keeps_the_status_is_not_waited_for() -> None:
    with order({EVENT: [Scripted(200)]}, POLLED) as (subject, _, clock):
        answer = subject.fire(Call("modify_order", {"delta": 5}, leads_to="handling"))

    assert answer.status == "handling"
    assert clock.slept == []


def test_an_order_that_can_be_read_a_moment_after_it_was_made() -> None:
    clock = Clock()
    script = {**NEW, STATUS: [Scripted(404), Scripted(404), Scripted(200, {"status": "(none)"})]}
    with (
        serving(script) as shop,
        HttpSubject(parse_mapping(POLLED), base=shop.url, time=clock.time()) as subject,
    ):
        answer = subject.begin(Start())

    assert answer == Answer(Outcome.ACCEPTED, "(none)", "201 Created")
    assert clock.slept == [0.5, 0.5]


def test_a_refusal_is_read_once_more_only_where_the_mapping_says_so() -> None:
    late = PLAIN + "poll: {for: 2s, every: 500ms, refused: 100ms}\n"
    for mapping, slept in ((POLLED, []), (late, [0.1])):
        with order({EVENT: [Scripted(409)]}, mapping) as (subject, _, clock):
            subject.fire(Call("place_order", leads_to="handling"))

        assert clock.slept == slept


def test_a_busy_system_is_asked_again_when_it_says_when() -> None:
    busy = Scripted(429, b"", (("Retry-After", "1"),))
    with order({EVENT: [busy, Scripted(200)]}) as (subject, shop, clock):
        answer = subject.fire(Call("request_cancel"))

        assert answer.outcome is Outcome.ACCEPTED
        assert clock.slept == [1]
        assert shop.requests().count(EVENT) == 2


@pytest.mark.parametrize("pause", ["3", "Mon, 23 Nov 2026 10:00:00 GMT", "-1", "1" * 5000])
def test_a_system_that_stays_busy_tells_nothing(pause: str) -> None:
    busy = Scripted(429, b"", (("Retry-After", pause),))
    with order({EVENT: [busy]}) as (subject, _, clock):
        answer = subject.fire(Call("request_cancel"))

    assert answer.outcome is Outcome.INDETERMINATE
    assert clock.slept == []


def test_a_system_that_is_busy_for_ever_is_left_alone_in_the_end() -> None:
    for pause, tries in (("1", 2), ("0", 6)):
        busy = Scripted(429, b"", (("Retry-After", pause),))
        with order({EVENT: [busy]}) as (subject, shop, _):
            assert subject.fire(Call("request_cancel")).outcome is Outcome.INDETERMINATE

            assert shop.requests().count(EVENT) == tries


def test_time_passes_where_the_mapping_says_how() -> None:
    with order({"POST /orders/o%2F1/clock": [Scripted(200), Scripted(409)]}) as (subject, shop, _):
        passed = subject.fire(Call(ADVANCE, wait=1500, leads_to="handling"))
        stuck = subject.fire(Call(ADVANCE, wait=1500, leads_to="handling"))

        assert passed.outcome is Outcome.ACCEPTED
        assert shop.asked[2].body == {"milliseconds": 1500}
        assert (stuck.outcome, stuck.told) == (
            Outcome.INDETERMINATE,
            "time does not pass: 409 Conflict",
        )


@pytest.mark.parametrize(
    ("mapped", "body", "trigger"),
    [
        ("trigger: t", {"t": "order.progress.delivering"}, "order.progress.delivering"),
        ("trigger: t", {}, ""),
        ("trigger: t?", {}, None),
        ("trigger: t?", {"t": None}, ""),
        ("", {"trigger": "x"}, None),
    ],
)
def test_the_trigger_is_read_where_the_mapping_says(
    mapped: str, body: dict[str, object], trigger: str | None
) -> None:
    shown = f'status: {{get: "/orders/{{id}}", at: status, {mapped}}}'
    mapping = "\n".join(shown if "status:" in line[:7] else line for line in PLAIN.splitlines())
    status = Scripted(200, {"status": "handling", **body})
    with order({STATUS: [status]}, mapping) as (subject, _, _):
        assert subject.fire(Call(LOOK)).trigger == trigger


def test_other_names_of_statuses_are_translated() -> None:
    names = 'translate: {OPEN: handling, "null": (none), "7": invoice}'
    shown = f'status: {{get: "/orders/{{id}}", at: status, {names}}}'
    mapping = "\n".join(shown if "status:" in line[:7] else line for line in PLAIN.splitlines())
    for sent, status in (("OPEN", "handling"), (None, "(none)"), (7, "invoice"), ("new", "new")):
        with order({STATUS: [Scripted(200, {"status": sent})]}, mapping) as (subject, _, _):
            assert subject.fire(Call(LOOK)).status == status


PLACED = """
new: {post: /orders, json: {sum: "{value}"}, id: id, at: place_order}
status: {get: "/orders/{id}", at: status}
events: {start_handling: {put: "/orders/{id}/start"}}
"""


def test_an_order_may_come_into_being_when_it_is_placed() -> None:
    with (
        serving({**NEW, STATUS: [Scripted(200, {"status": "order-accepted"})]}) as shop,
        HttpSubject(parse_mapping(PLACED), base=shop.url) as subject,
    ):
        begun = subject.begin(Start())
        early = subject.fire(Call("start_handling"))
        waited = subject.fire(Call(ADVANCE, wait=5))
        assert shop.asked == []
        placed = subject.fire(Call("place_order", leads_to="order-accepted"))
        again = subject.fire(Call("place_order"))

    assert (begun.outcome, begun.status) == (Outcome.ACCEPTED, "(none)")
    assert (early.outcome, early.status) == (Outcome.REFUSED, "(none)")
    assert (early.asked, again.asked, placed.asked) == (False, False, True)
    assert (waited.outcome, waited.status) == (Outcome.ACCEPTED, "(none)")
    assert (placed.outcome, placed.status) == (Outcome.ACCEPTED, "order-accepted")
    assert (again.outcome, again.status) == (Outcome.REFUSED, "order-accepted")
    assert shop.requests() == ["POST /orders", STATUS, STATUS]
    assert shop.asked[0].body == {"sum": 10_000}


def test_an_order_that_is_refused_where_it_is_placed() -> None:
    with (
        serving({"POST /orders": [Scripted(422)]}) as shop,
        HttpSubject(parse_mapping(PLACED), base=shop.url) as subject,
    ):
        subject.begin(Start())
        answer = subject.fire(Call("place_order", leads_to="order-accepted"))

    assert (answer.outcome, answer.status) == (Outcome.REFUSED, "(none)")


def test_an_event_without_a_request_is_not_made_up() -> None:
    with order({}, PLACED.replace(", at: place_order", "")) as (subject, shop, _):
        asked = len(shop.asked)

        assert subject.fire(Call("request_cancel")).outcome is Outcome.INDETERMINATE
        assert len(shop.asked) == asked
        assert subject.abilities.asked == frozenset({"start_handling"})
        assert not subject.abilities.turns_clock


def test_secrets_are_sent_and_never_told() -> None:
    mapping = PLAIN + 'headers: {X-Key: {env: SHOP_KEY, prefix: "Key "}}\nsays: error\n'
    echo = Scripted(409, {"error": "key s3cret is not allowed to"})
    with order({EVENT: [echo]}, mapping, **{"X-Key": "Key s3cret"}) as (subject, shop, _):
        answer = subject.fire(Call("request_cancel"))

        assert {each.headers["X-Key"] for each in shop.asked} == {"Key s3cret"}
        assert answer.told == "409 Conflict: key *** is not allowed to"


def test_of_a_response_nothing_is_told_but_what_the_mapping_allows() -> None:
    body = {"message": "Jane Doe, 5 Main Street", "code": "OMS003\n\u202e" + "x" * 500}
    silent = fired({EVENT: [Scripted(409, body)]})
    telling = fired({EVENT: [Scripted(409, body)]}, PLAIN + "says: code\n")

    assert silent.told == "409 Conflict"
    assert telling.told.startswith("409 Conflict: OMS003 xxx")
    assert len(telling.told) == 120
