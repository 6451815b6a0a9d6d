"""Between two scenarios orders are forgotten, and what clients configured is as it was."""

import json
from urllib.parse import urlsplit

import pytest

from orderflow.sandbox.answering import Asked, answer, perform
from orderflow.sandbox.external_seller import ExternalSellers
from orderflow.sandbox.hook import Hook
from orderflow.sandbox.hook_config import HookSettings, parse_hook
from orderflow.sandbox.hooks import Hooks
from orderflow.sandbox.interlude import clear, next_moment, queued
from orderflow.sandbox.limits import Limits
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service

DAY = 86_400_000


def ask(service: Service, method: str, path: str, body: object = None) -> tuple[int, object]:
    split, key = urlsplit(path), service.accounts.first
    headers = {"x-vtex-api-appkey": key.name, "x-vtex-api-apptoken": key.token}
    sent = b"" if body is None else json.dumps(body).encode()
    given = answer(service, Asked(method, split.path, split.query, headers, sent))
    return given.status, json.loads(given.body) if given.body else None


def control(service: Service, path: str, body: object) -> None:
    assert perform(service, Call("POST", path, body=json.dumps(body).encode())).status < 300


def following() -> Service:
    service = Service()
    wanted = {"type": "FromWorkflow", "status": ["ready-for-handling"]}
    assert ask(service, "POST", "/api/orders/feed/config", {"filter": wanted})[0] == 200
    return service


def hook_at(service: Service, url: str) -> HookSettings:
    body = {
        "filter": {"type": "FromWorkflow", "status": ["handling", "ready-for-handling"]},
        "hook": {"url": url, "headers": {}},
    }
    return parse_hook(body, service.outbox)


def read(service: Service) -> list[dict[str, str]]:
    _, items = ask(service, "GET", "/api/orders/feed?maxlot=10")
    assert isinstance(items, list)
    return items


def test_orders_and_what_is_queued_are_forgotten_and_the_feed_goes_on() -> None:
    service = following()
    service.store.place(to="ready-for-handling")
    (before,) = read(service)

    clear(service, 5)
    empty = read(service)
    service.store.place(to="ready-for-handling")
    (after,) = read(service)

    assert empty == []
    assert after["orderId"] != before["orderId"]
    assert [each.order_id for each in service.store.orders()] == [after["orderId"]]


def test_faults_limits_and_revocations_are_over() -> None:
    service = Service()
    control(service, "/_sandbox/faults", {"fault": "http.error_500"})
    control(service, "/_sandbox/limits", {"perMinute": 1})
    service.accounts.revoke(service.accounts.first.name)

    clear(service, 5)

    assert service.faults.every == []
    assert service.part(Limits).per_minute == 0
    assert ask(service, "GET", "/api/oms/pvt/orders")[0] == 200


def test_sellers_and_hooks_stay_configured_without_what_waits_in_them() -> None:
    service = Service()
    url = "http://127.0.0.1:9"
    control(service, "/_sandbox/sellers", {"sellerId": "mine", "url": url})
    wanted = hook_at(service, url)
    key = service.accounts.first
    service.part(Hooks).take_over([Hook(key, wanted, 0)])
    service.store.place(to="ready-for-handling")
    (hook,) = service.part(Hooks).all
    assert hook.notices

    clear(service, 5)

    (kept,) = service.part(Hooks).all
    assert (kept.key, kept.settings, dict(kept.notices)) == (key, wanted, {})
    assert list(service.part(ExternalSellers).sellers) == [("sandbox", "mine")]
    assert not service.outbox.waiting


def test_a_hook_that_is_kept_is_removed_three_silent_days_later() -> None:
    service = Service()
    wanted = hook_at(service, "http://127.0.0.1:9")
    service.part(Hooks).take_over([Hook(service.accounts.first, wanted, 0)])
    service.advance(2 * DAY)
    clear(service, 5)
    service.advance(2 * DAY)
    there = len(service.part(Hooks).all)
    service.advance(2 * DAY)

    assert (there, len(service.part(Hooks).all)) == (1, 0)


def test_time_goes_on_to_midnight_and_numbers_are_not_used_again() -> None:
    service = Service()
    first = service.store.place()[0]
    service.advance(DAY + 5)
    now = service.now

    clear(service, 5)
    second = service.store.place()[0]

    assert service.now % DAY == 0
    assert 0 < service.now - now < DAY
    assert int(second.sequence) > int(first.sequence)
    clear(service, 5, 123_456)
    assert service.store.place()[0].sequence == "123456"


def test_what_was_due_for_forgotten_orders_does_not_happen() -> None:
    service = Service()
    service.store.place(to="window-to-cancel")

    clear(service, 5)

    assert next_moment(service) is None
    assert service.advance(40 * DAY) == ()


@pytest.mark.parametrize("read_first", [False, True])
def test_next_moment_is_that_of_an_order_or_of_an_item_that_comes_back(read_first: bool) -> None:
    service = following()
    service.store.place(to="ready-for-handling")
    if read_first:
        read(service)
        assert queued(service) == (0, 1)
        assert next_moment(service) == service.now + 240_000
        service.advance(240_000)

    assert queued(service) == (1, 0)
    service.store.place(to="window-to-cancel")
    due = next_moment(service)
    assert due is not None
    changes = service.advance(due - service.now)
    assert [each.event.target for each in changes] == ["ready-for-handling"]


def test_a_clock_that_waits_for_an_answer_stands_still_from_then_on() -> None:
    service = Service()
    service.part(Hooks).take_over(
        [Hook(service.accounts.first, hook_at(service, "http://127.0.0.1:9"), service.now)]
    )
    service.outbox.delivering = True
    service.store.place(to="window-to-cancel")
    service.advance(30 * DAY)
    assert service.until is not None

    clear(service, 5)

    now = service.now
    service.advance(1_000)
    assert service.now - now == 1_000
