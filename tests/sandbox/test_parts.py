"""A part of a sandbox hears of orders, of time, and of the outcome of what it sends."""

from __future__ import annotations

import json

import pytest

from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.dialect import DialectError, read_object
from orderflow.sandbox.outbox import HostError, Message, Outbox, Outcome
from orderflow.sandbox.part import Part
from orderflow.sandbox.service import Service
from orderflow.sandbox.snapshots import restore, take
from orderflow.sandbox.store import Change

MINUTE = 60_000


class Diary(Part):
    """Writes down what it hears, and sends a message when a moment has come."""

    name = "diary"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.lines: list[str] = []

    def heard(self, change: Change) -> None:
        self.lines.append(change.event.target)

    def due(self, token: object) -> None:
        self.lines.append(f"{token} at {self.service.now - START}")
        self.service.outbox.send(
            lambda number: Message(number, self.name, str(token), "POST", "http://localhost:1/")
        )

    def answered(self, message: Message, outcome: Outcome) -> None:
        self.lines.append(f"{message.token}: {outcome.status or outcome.trouble}")


START = Service().now


def test_it_hears_of_every_step_of_every_order() -> None:
    service = Service()
    diary = service.part(Diary)
    service.store.place(to="ready-for-handling")
    assert diary.lines[-1] == "ready-for-handling"
    assert service.part(Diary) is diary


def test_what_a_reset_forgot_hears_nothing_any_more() -> None:
    service = Service()
    forgotten = service.part(Diary)
    service.reset()
    diary = service.part(Diary)
    service.store.place(to="ready-for-handling")
    assert diary.lines
    assert not forgotten.lines


def test_after_going_back_only_the_part_that_is_there_hears() -> None:
    service = Service()
    former = service.part(Diary)
    before = take(service, "before")
    restore(service, before)
    diary = service.part(Diary)
    service.store.place(to="ready-for-handling")
    assert diary is not former
    assert diary.lines
    assert not former.lines


def test_reminders_come_in_the_order_of_their_moments_and_then_of_asking() -> None:
    service = Service()
    diary = service.part(Diary)
    for minute, token in ((2, "b"), (1, "a"), (2, "c"), (9, "never")):
        service.remind(service.now + minute * MINUTE, diary, token)
    service.advance(5 * MINUTE)
    assert diary.lines == ["a at 60000", "b at 120000", "c at 120000"]
    assert service.now == START + 5 * MINUTE


def test_the_clock_waits_for_an_answer_only_if_somebody_delivers() -> None:
    service = Service()
    diary = service.part(Diary)
    service.outbox.delivering = True
    service.remind(service.now + MINUTE, diary, "a")
    service.remind(service.now + 2 * MINUTE, diary, "b")
    service.advance(5 * MINUTE)
    assert (service.now, service.until) == (START + MINUTE, START + 5 * MINUTE)
    service.deliver(1, Outcome(200))
    assert service.now == START + 2 * MINUTE
    given = answer(
        service,
        Asked("POST", "/_sandbox/deliveries/2", body=json.dumps({"trouble": "timeout"}).encode()),
    )
    assert (given.status, service.now, service.until) == (204, START + 5 * MINUTE, None)
    assert diary.lines == ["a at 60000", "a: 200", "b at 120000", "b: timeout"]


def test_what_is_left_for_soon_is_done_when_the_call_is_over() -> None:
    class Prompt(Diary):
        name = "prompt"

        def heard(self, change: Change) -> None:
            if change.event.target == "handling":
                self.service.soon(self, "handled")

    service = Service()
    prompt = service.part(Prompt)
    (held,) = service.store.place(to="ready-for-handling")
    key = service.accounts.first
    headers = {"x-vtex-api-appkey": key.name, "x-vtex-api-apptoken": key.token}
    path = f"/api/oms/pvt/orders/{held.order_id}/start-handling"
    assert answer(service, Asked("POST", path, headers=headers)).status == 204
    assert prompt.lines == ["handled at 0"]


def test_a_late_outcome_and_one_told_twice_mean_nothing() -> None:
    service = Service()
    diary = service.part(Diary)
    diary.due("a")
    service.deliver(1, Outcome(200))
    service.deliver(1, Outcome(500))
    assert diary.lines == ["a at 0", "a: 200"]
    service.reset()
    service.part(Diary).due("b")
    service.deliver(1, Outcome(200))
    assert service.part(Diary).lines == ["b at 0"]


@pytest.mark.parametrize(
    ("url", "trouble"),
    [
        ("http://127.0.0.1:8080/hook", ""),
        ("https://localhost/hook", ""),
        ("http://[::1]:1/", ""),
        ("https://erp.example/hook", "--allow-hook-host erp.example"),
        ("http://127.0.0.1.example/", "not on this machine"),
        ("http://10.0.0.1/", "not on this machine"),
        ("ftp://localhost/", "write http"),
        ("http://localhost:99999/", "no URL"),
        ("", "write http"),
    ],
)
def test_only_this_machine_is_called_unless_a_host_was_named(url: str, trouble: str) -> None:
    found = Outbox().wrong_with(url)
    assert trouble in found if trouble else not found
    assert not Outbox(frozenset({"erp.example"})).wrong_with("https://erp.example/hook")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("ERP.Example", "https://erp.example/hook"),
        ("[fd00::1]", "https://[fd00::1]:8443/hook"),
        ("10.0.0.1", "https://10.0.0.1/hook"),
    ],
)
def test_a_host_may_be_named_as_in_a_url(host: str, url: str) -> None:
    assert not Outbox(frozenset({host})).wrong_with(url)


@pytest.mark.parametrize("host", ["https://erp.example", "erp.example:8443", "erp/x", "", "a b"])
def test_what_is_no_host_is_not_waited_for_in_vain(host: str) -> None:
    with pytest.raises(HostError, match="is no host; write its name or address alone"):
        Outbox(frozenset({host}))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"value": ' + b"9" * 5_000 + b"}", "a number has too many digits"),
        (b'{"a":' * 100_000, "nested too deep"),
        (b'{"value": NaN}', "NaN is no JSON number"),
    ],
)
def test_a_body_that_cannot_be_read_is_told_why(body: bytes, told: str) -> None:
    with pytest.raises(DialectError, match=f"not valid JSON: {told}"):
        read_object(body)


def test_a_message_shows_no_secret() -> None:
    message = Message(1, "hook", "t", "POST", "http://localhost/", {"Authorization": "s3cret"})
    assert "s3cret" not in repr(message)
