"""The control API does what the platform cannot, and says no in a sentence."""

from __future__ import annotations

import json

import pytest

from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.service import Service


@pytest.fixture
def service() -> Service:
    return Service(account="shop")


def call(service: Service, method: str, path: str, body: object = None) -> Answer:
    path, _, query = path.partition("?")
    sent = b"" if body is None else json.dumps(body).encode()
    return answer(service, Asked(method, f"/_sandbox/{path}", query, {}, sent))


def told(given: Answer) -> dict[str, str]:
    found: dict[str, str] = json.loads(given.body)
    return found


def test_orders_are_placed_in_any_status_with_any_items(service: Service) -> None:
    items = [{"id": "a", "quantity": 2, "price": 50}]
    given = call(service, "POST", "orders", {"status": "handling", "count": 2, "items": items})

    assert given.status == 201
    made = json.loads(given.body)["orders"]
    assert [(each["status"], each["value"]) for each in made] == [("handling", 100)] * 2
    assert len(json.loads(call(service, "GET", "orders").body)["orders"]) == 2


def test_time_passes_for_orders_and_says_what_it_brought(service: Service) -> None:
    call(service, "POST", "orders", {"status": "window-to-cancel"})

    given = json.loads(call(service, "POST", "clock/advance", {"minutes": 30}).body)

    assert "ready-for-handling" in [change["status"] for change in given["changes"]]


def test_an_event_is_fired_or_refused_with_what_would_work(service: Service) -> None:
    made = json.loads(call(service, "POST", "orders", {"status": "ready-for-handling"}).body)
    path = f"orders/{made['orders'][0]['orderId']}"

    refused = call(service, "POST", f"{path}/events", {"event": "approve_payment"})
    fired = call(service, "POST", f"{path}/events", {"event": "start_handling"})

    assert refused.status == 409
    assert "start_handling" in told(refused)["error"]
    assert json.loads(fired.body)["status"] == "handling"
    shown = json.loads(call(service, "GET", path).body)
    assert shown["events"][-1]["to"] == "handling"
    assert "verify_invoice" in shown["accepts"]


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("orders", {"status": "no-such"}, 400, "no-such"),
        ("orders", {"deal": "no-such"}, 400, "no-such"),
        ("orders", {"account": "nobody"}, 404, "shop"),
        ("orders", {"state": "handling"}, 400, "unknown: state"),
        ("orders", {"items": []}, 400, "items"),
        ("orders", {"count": 0}, 400, "count"),
        ("clock/advance", {}, 400, "minutes"),
        ("clock/advance", {"minutes": -1}, 400, "minutes"),
        ("clock/advance", {"days": 10**9}, 400, "days"),
        ("orders/v1-01/events", {"event": "x"}, 404, "v1-01"),
        ("keys", {"permissions": ["All"]}, 400, "View order"),
        ("keys", {"account": "My Shop"}, 400, "lower-case"),
        ("no-such", {}, 404, "no-such"),
    ],
)
def test_a_call_that_makes_no_sense_is_told_what_would(
    service: Service, path: str, body: object, status: int, words: str
) -> None:
    given = call(service, "POST", path, body)

    assert given.status == status
    assert words in told(given)["error"]


def test_the_clock_ends_before_dates_do(service: Service) -> None:
    given = [call(service, "POST", "clock/advance", {"days": 3_700}).status for _ in range(20)]

    assert (given[0], given[-1]) == (200, 400)
    assert call(service, "GET", "health").status == 200


def test_a_new_key_works_in_its_account(service: Service) -> None:
    made = json.loads(call(service, "POST", "keys", {"account": "other"}).body)

    headers = {"x-vtex-api-appkey": made["key"], "x-vtex-api-apptoken": made["token"]}
    given = answer(service, Asked("GET", "/api/oms/pvt/orders", "", headers))

    assert given.status == 200
    assert service.accounts.names == ("shop", "other")


def test_calls_without_a_route_are_listed(service: Service) -> None:
    answer(service, Asked("GET", "/api/catalog"))

    given = json.loads(call(service, "GET", "not-simulated").body)

    assert given == {"calls": {"GET /api/catalog": 1}}
    assert [each["path"] for each in json.loads(call(service, "GET", "trace").body)["calls"]] == [
        "/api/catalog"
    ]


def test_a_reset_forgets_orders_and_trace(service: Service) -> None:
    start = service.now
    call(service, "POST", "orders", {})
    call(service, "POST", "clock/advance", {"days": 1})

    assert call(service, "POST", "reset").status == 204
    health = json.loads(call(service, "GET", "health").body)
    assert health["orders"] == 0
    assert service.now == start
