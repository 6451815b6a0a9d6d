"""A hook is saved once its address answers, is told what it wants, and is told again on failure."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator

import pytest

from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.fault_part import Setting
from orderflow.sandbox.hook import CURRENT, OLDER, Hook, HookRules, Notice
from orderflow.sandbox.hooks import PING, Hooks
from orderflow.sandbox.outbox import Message, Outcome
from orderflow.sandbox.service import Service

URL = "http://localhost:8080/hook?token=s3cret"
SECRET = {"Authorization": "Bearer s3cret"}
PATH = "/api/orders/hook/config"
MINUTE = 60_000
HOUR, DAY = 60 * MINUTE, 1_440 * MINUTE
HANDLED = {"type": "FromWorkflow", "status": ["handling"]}
GAPS = (1, 2, 4, 8, 16, 32, *(60,) * 13)
"""Minutes between the 20 tries of a notification."""


@pytest.fixture
def service() -> Service:
    return Service()


def ask(service: Service, method: str, path: str, body: object = None) -> Answer:
    key = service.accounts.first
    headers = {"x-vtex-api-appkey": key.name, "x-vtex-api-apptoken": key.token}
    sent = b"" if body is None else json.dumps(body).encode()
    return answer(service, Asked(method, path, headers=headers, body=sent))


def said(service: Service, path: str) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = json.loads(ask(service, "GET", path).body)
    return found


def begin_save(service: Service, filter_: object = HANDLED) -> Answer:
    sent = {"filter": filter_, "hook": {"url": URL, "headers": SECRET}}
    return ask(service, "POST", PATH, sent)


def save(service: Service, filter_: object = HANDLED) -> Hook:
    service.outbox.delivering = True
    given = begin_save(service, filter_)
    assert given.status == 202, given.body
    service.deliver(waiting(service)[-1].number, Outcome(200))
    assert given.later
    final = given.later()
    assert final
    assert (final.status, final.body) == (200, b"")
    hook = service.part(Hooks).of(service.accounts.first)
    assert hook
    return hook


def waiting(service: Service) -> list[Message]:
    return list(service.outbox.waiting.values())


def fail_all(service: Service, status: int = 500) -> None:
    for message in waiting(service):
        service.deliver(message.number, Outcome(status))


def tries(service: Service, until: int, status: int = 500) -> Iterator[int]:
    """Minutes after now at which something is sent; each message is answered with *status*."""
    began = service.now
    service.advance(until)
    while waiting(service):
        yield from ((service.now - began) // MINUTE for _ in waiting(service))
        fail_all(service, status)


def test_without_a_configuration_it_is_404_to_read_and_to_delete(service: Service) -> None:
    assert ask(service, "GET", PATH).status == 404
    assert ask(service, "DELETE", PATH).status == 404


def test_the_ping_goes_to_the_address_with_the_headers_and_decides(service: Service) -> None:
    service.outbox.delivering = True
    given = begin_save(service)
    (ping,) = waiting(service)

    assert (ping.method, ping.url, ping.body) == ("POST", URL, b'{"hookConfig":"ping"}')
    assert ping.headers == {"Content-Type": "application/json", **SECRET}
    assert (ping.awaited, ping.patience) == (True, 5_000)
    assert given.later
    assert given.later() is None
    assert ask(service, "GET", PATH).status == 404
    service.deliver(ping.number, Outcome(200))
    final = given.later()
    assert final
    assert final.status == 200
    sent = {"filter": HANDLED, "hook": {"url": URL, "headers": SECRET}}
    assert json.loads(ask(service, "GET", PATH).body) == sent


@pytest.mark.parametrize(
    "outcome",
    [Outcome(500), Outcome(201), Outcome(204), Outcome(302), Outcome(0, trouble="timeout")],
)
def test_another_answer_than_200_fails_the_save_and_keeps_what_was(
    service: Service, outcome: Outcome
) -> None:
    save(service)
    given = begin_save(service, {"type": "FromWorkflow", "status": ["invoiced"]})
    service.deliver(waiting(service)[0].number, outcome)

    assert given.later
    final = given.later()
    assert final
    assert final.status == 400
    told = json.loads(final.body)["error"]["message"]
    assert told.startswith("Unable to check address")
    assert (outcome.trouble or str(outcome.status)) in told
    assert json.loads(ask(service, "GET", PATH).body)["filter"] == HANDLED


def test_a_save_ends_when_nobody_delivers_or_the_sandbox_is_reset(service: Service) -> None:
    nobody = begin_save(service)
    service.outbox.delivering = True
    forgotten = begin_save(service)
    service.reset()

    for given in (nobody, forgotten):
        assert given.later
        final = given.later()
        assert final
        assert final.status == 400


def test_a_refused_configuration_pings_nobody(service: Service) -> None:
    for sent in ({}, {"filter": HANDLED, "hook": {"url": "https://10.1.2.3/"}}, {"filter": 7}):
        assert ask(service, "POST", PATH, sent).status == 400
    mixed = {"filter": {**HANDLED, "expression": "a"}, "hook": {"url": URL, "headers": {}}}
    assert ask(service, "POST", PATH, mixed).status == 409
    assert not waiting(service)


def test_odd_filters_are_let_pass_with_a_finding_and_refused_when_strict() -> None:
    odd = {"type": "FromWorkflow", "status": ["handlin"]}
    lenient, strict = Service(), Service(strict=True)
    save(lenient, odd)

    assert "handlin" in lenient.findings[-1].message
    assert begin_save(strict, odd).status == 400
    assert not waiting(strict)


def test_a_notification_has_the_fields_of_the_platform(service: Service) -> None:
    save(service)
    (held,) = service.store.place(to="handling")
    (message,) = waiting(service)
    told = json.loads(message.body)

    assert list(told) == [
        "Domain", "OrderId", "State", "LastState", "LastChange", "CurrentChange", "Origin",
    ]  # fmt: skip
    assert (told["OrderId"], told["State"], told["LastState"]) == (
        held.order_id, "handling", "start-handling",
    )  # fmt: skip
    assert told["Domain"] in {"Fulfillment", "Marketplace"}
    key = service.accounts.first
    assert told["Origin"] == {"Account": key.account, "Key": key.name}
    assert message.headers["Authorization"] == "Bearer s3cret"
    assert (message.awaited, message.keeps) == (False, 0)


def test_feed_and_hook_hear_the_same_and_know_nothing_of_each_other(service: Service) -> None:
    statuses = {"type": "FromWorkflow", "status": ["ready-for-handling", "handling"]}
    save(service, statuses)
    ask(service, "POST", "/api/orders/feed/config", {"filter": statuses})
    service.store.place(to="handling")
    items = json.loads(ask(service, "GET", "/api/orders/feed").body)

    fields = ("OrderId", "State", "LastState", "LastChange", "CurrentChange", "Domain")
    assert [
        tuple(json.loads(message.body)[name] for name in fields) for message in waiting(service)
    ] == [tuple(item[name[0].lower() + name[1:]] for name in fields) for item in items]
    assert len(items) == 2
    assert ask(service, "DELETE", PATH).status == 200
    assert ask(service, "GET", "/api/orders/feed/config").status == 200


def test_a_hook_of_another_account_hears_nothing_and_each_key_has_its_own(
    service: Service,
) -> None:
    save(service)
    second = service.accounts.add(service.accounts.first.account)
    other = service.accounts.add("elsewhere")
    for key in (second, other):
        service.part(Hooks).save(key, service.part(Hooks).all[0].settings)
    for message in waiting(service):
        service.deliver(message.number, Outcome(200))
    service.store.place(to="handling", account=second.account)

    keys = [json.loads(message.body)["Origin"]["Key"] for message in waiting(service)]
    assert keys == [service.accounts.first.name, second.name]


def test_an_expression_sees_the_document_and_fires_once_or_each_time(service: Service) -> None:
    expression = 'status = "handling" or status = "ready-for-handling"'
    once = {"type": "FromOrders", "expression": expression, "disableSingleFire": False}
    save(service, once)
    service.store.place(to="handling")
    assert len(waiting(service)) == 1
    fail_all(service, 200)

    save(service, {**once, "disableSingleFire": True})
    service.store.place(to="handling")
    assert len(waiting(service)) > 1


def test_it_is_tried_20_times_after_1_2_4_minutes_up_to_an_hour(service: Service) -> None:
    save(service)
    service.store.place(to="handling")
    fail_all(service)

    assert list(tries(service, 2 * DAY)) == [sum(GAPS[: n + 1]) for n in range(len(GAPS))]
    lines = [line for line in service.part(Hooks).log if line.what == "notification"]
    assert [line.attempt for line in lines] == list(range(1, 21))
    assert [line.outcome for line in lines] == ["500"] * 19 + ["500, given up"]
    assert lines[-1].again is None
    assert lines[0].again == lines[0].at + MINUTE
    assert not service.part(Hooks).all[0].notices


def test_200_ends_it(service: Service) -> None:
    save(service)
    service.store.place(to="handling")
    fail_all(service)

    assert list(tries(service, DAY, 200)) == [1]
    assert not service.part(Hooks).all[0].notices


def test_what_waits_goes_to_the_new_address_and_nowhere_after_deletion(service: Service) -> None:
    save(service)
    service.store.place(to="handling")
    fail_all(service)
    sent = {"filter": HANDLED, "hook": {"url": "http://127.0.0.1:9/new", "headers": {}}}
    ask(service, "POST", PATH, sent)
    fail_all(service, 200)
    service.advance(MINUTE)

    (message,) = waiting(service)
    assert (message.url, dict(message.headers)) == (
        "http://127.0.0.1:9/new", {"Content-Type": "application/json"},
    )  # fmt: skip
    fail_all(service)
    assert ask(service, "DELETE", PATH).status == 200
    assert list(tries(service, DAY)) == []


def test_a_hook_made_anew_hears_nothing_of_the_old_one(service: Service) -> None:
    old = save(service)
    service.store.place(to="handling")
    (message,) = waiting(service)
    ask(service, "DELETE", PATH)
    new = save(service)
    service.deliver(message.number, Outcome(500))

    line = service.part(Hooks).log[-1]
    assert (line.what, line.outcome, line.again) == ("notification", "500", None)
    assert new is not old
    assert not new.notices
    assert list(tries(service, DAY)) == []


def test_three_days_without_news_remove_it_to_the_millisecond(service: Service) -> None:
    save(service)
    service.advance(DAY)
    service.store.place(to="handling")
    fail_all(service, 200)

    service.advance(3 * DAY - 1)
    assert ask(service, "GET", PATH).status == 200
    service.advance(1)
    assert ask(service, "GET", PATH).status == 404
    assert service.part(Hooks).log[-1].outcome == "removed: no news for 3 days"
    service.store.place(to="handling")
    assert not waiting(service)


def test_saving_again_counts_as_a_beginning(service: Service) -> None:
    save(service)
    service.advance(2 * DAY)
    save(service)
    service.advance(2 * DAY)

    assert ask(service, "GET", PATH).status == 200
    service.advance(DAY)
    assert ask(service, "GET", PATH).status == 404


def test_by_the_older_rules_news_is_lost_after_an_hour(service: Service) -> None:
    save(service)
    assert ask(service, "POST", "/_sandbox/hooks/rules", {"rules": "older"}).status == 200
    service.store.place(to="handling")
    fail_all(service)

    assert list(tries(service, DAY)) == [1, 3, 7, 15, 31]
    assert ask(service, "GET", PATH).status == 200
    service.advance(10 * DAY)
    assert ask(service, "GET", PATH).status == 200


def test_by_the_older_rules_a_hook_goes_after_100_failed_tries(service: Service) -> None:
    save(service)
    service.part(Hooks).follow(OLDER)
    for _ in range(16):
        service.store.place(to="handling")
        fail_all(service)
        list(tries(service, HOUR))
    service.store.place(to="handling")
    fail_all(service)
    assert ask(service, "GET", PATH).status == 200

    assert list(tries(service, DAY)) == [1, 3, 7]
    assert ask(service, "GET", PATH).status == 404
    assert service.part(Hooks).log[-1].outcome == "removed: too many tries failed"


def test_by_the_older_rules_a_hook_goes_after_4_days_of_failures(service: Service) -> None:
    save(service)
    service.part(Hooks).follow(OLDER)
    service.store.place(to="handling")
    fail_all(service)
    list(tries(service, 4 * DAY))
    service.store.place(to="handling")
    fail_all(service)
    assert ask(service, "GET", PATH).status == 200

    assert list(tries(service, DAY)) == [1]
    assert ask(service, "GET", PATH).status == 404


def test_going_back_to_todays_rules_counts_from_the_latest_news(service: Service) -> None:
    save(service)
    service.part(Hooks).follow(OLDER)
    service.advance(2 * DAY)
    service.part(Hooks).follow(CURRENT)
    service.advance(DAY - 1)
    assert ask(service, "GET", PATH).status == 200
    service.advance(1)
    assert ask(service, "GET", PATH).status == 404


@pytest.mark.parametrize("sent", [{}, {"rules": "none"}, {"rules": 7}, {"what": 1}])
def test_other_rules_are_refused_with_those_that_there_are(
    service: Service, sent: dict[str, object]
) -> None:
    assert ask(service, "POST", "/_sandbox/hooks/rules", sent).status == 400
    assert service.part(Hooks).rules is CURRENT


def test_the_control_api_shows_what_waits_and_what_happened_without_secrets(
    service: Service,
) -> None:
    save(service)
    (held,) = service.store.place(to="handling")
    fail_all(service)
    (shown,) = said(service, "/_sandbox/hooks")["hooks"]
    lines = said(service, "/_sandbox/hooks/log")["log"]

    assert shown["url"] == "http://localhost:8080/hook"
    assert shown["headers"] == ["Authorization"]
    assert shown["waiting"] == [
        {
            "orderId": held.order_id,
            "state": "handling",
            "attempts": 1,
            "nextTry": "2024-01-01T00:01:00.0000000+00:00",
        }
    ]
    assert [line["what"] for line in lines] == ["ping", "configuration", "notification"]
    assert lines[-1]["nextTry"] == "2024-01-01T00:01:00.0000000+00:00"
    for path in ("hooks", "hooks/log", "trace", "deliveries", "findings"):
        assert b"s3cret" not in ask(service, "GET", f"/_sandbox/{path}").body


def test_a_receiver_that_says_another_success_is_a_finding_once(service: Service) -> None:
    save(service)
    service.store.place(to="handling")
    fail_all(service, 201)
    list(tries(service, DAY, 201))

    assert [(found.code, "201" in found.message) for found in service.findings] == [("CM-29", True)]


def test_who_may_only_look_may_not_save(service: Service) -> None:
    looker = service.accounts.add("sandbox", ["Feed v3 and Hook view only"])
    headers = {"x-vtex-api-appkey": looker.name, "x-vtex-api-apptoken": looker.token}
    statuses = [
        answer(service, Asked(method, PATH, headers=headers)).status
        for method in ("GET", "POST", "DELETE")
    ]
    assert statuses == [404, 403, 403]


def test_the_trace_has_the_final_answer_of_a_save(service: Service) -> None:
    save(service)
    assert [(each.path, each.status) for each in service.trace if each.path == PATH] == [
        (PATH, 200)
    ]


def test_a_reset_forgets_hooks_and_what_they_wait_for(service: Service) -> None:
    save(service)
    service.store.place(to="handling")
    fail_all(service)
    ask(service, "POST", "/_sandbox/reset")
    service.store.place(to="handling")

    assert ask(service, "GET", PATH).status == 404
    assert list(tries(service, 5 * DAY)) == []


def test_the_same_calls_and_outcomes_give_the_same_log() -> None:
    logs = []
    for _ in range(2):
        service = Service(seed=5)
        save(service)
        for status in (500, 200, 0):
            service.store.place(to="handling")
            fail_all(service, status)
        list(tries(service, DAY))
        logs.append(ask(service, "GET", "/_sandbox/hooks/log").body)
    assert logs[0] == logs[1]


@pytest.mark.parametrize(
    ("fault", "orders", "sent"),
    [("hook.duplicate", 1, [0, 0]), ("hook.late", 1, [10]), ("hook.duplicate", 0, [0])],
)
def test_a_fault_tells_twice_or_late(
    service: Service, fault: str, orders: int, sent: list[int]
) -> None:
    save(service)
    service.faults.switch_on(Setting(fault, orders=("v100001sbx-01",) if orders else ("other",)))
    service.store.place(to="handling")

    now = [0 for _ in waiting(service)]
    fail_all(service, 200)
    assert now + list(tries(service, DAY, 200)) == sent


def test_a_late_notification_is_tried_as_often_as_any_other(service: Service) -> None:
    save(service)
    service.faults.switch_on(Setting("hook.late", milliseconds=5 * MINUTE))
    service.store.place(to="handling")

    found = list(tries(service, 2 * DAY))
    assert found == [5, *(5 + sum(GAPS[: n + 1]) for n in range(len(GAPS)))]


def test_a_fault_tells_of_somebody_elses_order(service: Service) -> None:
    save(service)
    service.faults.switch_on(Setting("hook.wrong_origin", times=1))
    for _ in range(2):
        service.store.place(to="handling")
    wrong, right = (json.loads(each.body)["Origin"] for each in waiting(service))
    assert wrong == {"Account": "other-account", "Key": "other-key"}
    assert right["Account"] == "sandbox"


@pytest.mark.parametrize("fault", ["", "hook.from_orders_missing"])
def test_a_fault_hides_payment_approved_from_an_expression_alone(
    service: Service, fault: str
) -> None:
    if fault:
        service.faults.switch_on(Setting(fault))
    states: dict[str, set[str]] = {}
    by_expression = {"type": "FromOrders", "expression": "true", "disableSingleFire": True}
    by_status = {"type": "FromWorkflow", "status": ["payment-approved", "handling"]}
    for filter_ in (by_expression, by_status):
        save(service, filter_)
        service.store.place(to="handling")
        found = {json.loads(message.body)["State"] for message in waiting(service)}
        states[str(filter_["type"])] = found & {"payment-approved", "handling"}
        fail_all(service, 200)

    hidden = {"payment-approved"} if fault else set()
    assert states["FromWorkflow"] == {"payment-approved", "handling"}
    assert states["FromOrders"] == {"payment-approved", "handling"} - hidden


def test_what_a_hook_knows_can_be_kept_and_brought_back(service: Service) -> None:
    hook = save(service)
    service.store.place(to="handling")
    fail_all(service)
    copy = pickle.loads(pickle.dumps(hook))  # noqa: S301  # our own bytes

    (notice,) = copy.notices
    assert (notice.tries, notice.again) == (1, service.now + MINUTE)
    copy.went_well(notice)
    assert not copy.notices
    assert hook.notices


def test_single_fire_forgets_the_orders_that_the_store_forgets() -> None:
    service = Service()
    service.store.keep = 1
    filter_ = {"type": "FromOrders", "expression": "true", "disableSingleFire": False}
    hook = save(service, filter_)
    for _ in range(4):
        service.store.place(to="canceled")
        fail_all(service, 200)
        service.advance(DAY)
    assert service.store.forgotten
    assert len(hook._sieve._passed) < 4


def test_rules_without_limits_never_give_up() -> None:
    forever = HookRules("forever", tries=10**9)
    service = Service()
    hook = save(service)
    service.store.place(to="handling")
    (notice,) = hook.notices
    notice.tries = 500

    assert isinstance(notice, Notice)
    assert hook.failed(notice, service.now, forever)
    assert notice.again == service.now + HOUR
    assert PING == b'{"hookConfig":"ping"}'
