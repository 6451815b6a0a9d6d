"""Reading orders is limited when asked for, by the minute of the virtual clock; mistakes are told.

A strict sandbox refuses what a lenient one writes down.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import orderflow.sandbox
from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.findings import SEEN
from orderflow.sandbox.service import Service
from tests.sandbox.shop import ORDERS, Shop, code, invoice


@pytest.fixture
def shop() -> Shop:
    return Shop(Service(seed=2))


def control(shop: Shop, method: str, path: str, body: object = None) -> Answer:
    path, _, query = path.partition("?")
    sent = b"" if body is None else json.dumps(body).encode()
    return answer(shop.service, Asked(method, f"/_sandbox/{path}", query, {}, sent))


def told(given: Answer) -> Any:
    return json.loads(given.body)


def codes(shop: Shop) -> list[str]:
    return [each["code"] for each in told(control(shop, "GET", "findings"))["findings"]]


def test_nothing_is_limited_until_it_is_asked_for(shop: Shop) -> None:
    given = shop.call("GET", f"{ORDERS}/{shop.place('handling').order_id}")

    assert (given.status, given.headers) == (200, ())
    assert told(control(shop, "GET", "limits")) == {"perMinute": 0, "usual": 6000}


def test_a_call_above_the_limit_is_told_when_to_come_again(shop: Shop) -> None:
    path = f"{ORDERS}/{shop.place('handling').order_id}"
    control(shop, "POST", "limits", {"perMinute": 2})
    shop.service.advance(10_500)

    given = [shop.call("GET", path) for _ in range(4)]

    assert [each.status for each in given] == [200, 200, 429, 429]
    assert code(given[2])[0] == 429
    left = [dict(each.headers)["x-ratelimit-remaining"] for each in given]
    assert left == ["1", "0", "0", "0"]
    assert dict(given[2].headers)["retry-after"] == "50"
    assert dict(given[0].headers)["x-ratelimit-reset"] == "50"
    assert "retry-after" not in dict(given[0].headers)


def test_the_next_minute_begins_anew(shop: Shop) -> None:
    path = f"{ORDERS}/{shop.place('handling').order_id}"
    control(shop, "POST", "limits", {"perMinute": 1})

    before = [shop.call("GET", path).status for _ in range(2)]
    shop.service.advance(60_000)

    assert before == [200, 429]
    assert shop.call("GET", path).status == 200


def test_group_and_order_share_the_limit_and_accounts_do_not(shop: Shop) -> None:
    held = shop.place("handling")
    other = shop.service.accounts.add("other")
    control(shop, "POST", "limits", {"perMinute": 1})

    assert shop.call("GET", f"{ORDERS}/order-group/{held.group}").status == 200
    assert shop.call("GET", f"{ORDERS}/{held.order_id}").status == 429
    assert shop.call("GET", ORDERS).status == 200
    assert shop.call("POST", f"{ORDERS}/{held.order_id}/cancel").status == 200
    shop.key = other
    assert shop.call("GET", f"{ORDERS}/{held.order_id}").status == 404


def test_the_limit_goes_with_a_zero_and_with_a_reset(shop: Shop) -> None:
    for off in (("limits", {"perMinute": 0}), ("reset", None)):
        control(shop, "POST", "limits", {"perMinute": 1})
        control(shop, "POST", *off)
        path = f"{ORDERS}/{shop.place('handling').order_id}"
        assert [shop.call("GET", path).status for _ in range(3)] == [200] * 3


def test_a_mistake_is_let_pass_and_written_down(shop: Shop) -> None:
    shop.call("POST", "/api/orders/feed/config", {})

    assert shop.call("GET", "/api/orders/feed").status == 200

    found = told(control(shop, "GET", "findings?code=CM-34"))
    assert [each["code"] for each in found["findings"]] == ["CM-34"]
    assert found["findings"][0]["key"] == shop.service.accounts.first.masked
    assert found["findings"][0]["call"] == 2
    assert found["strict"] is False
    assert told(control(shop, "GET", "findings?code=CM-24"))["findings"] == []


def test_strictness_is_switched_while_it_runs_and_a_reset_brings_the_usual_back(
    shop: Shop,
) -> None:
    shop.call("POST", "/api/orders/feed/config", {})
    control(shop, "POST", "strict", {"strict": True})

    refused = shop.call("GET", "/api/orders/feed")

    assert refused.status == 400
    assert "CM-34" in refused.body.decode()
    assert told(control(shop, "GET", "strict")) == {"strict": True}
    control(shop, "POST", "reset")
    assert not shop.service.strict
    strict = Service(strict=True)
    strict.strict = False
    strict.reset()
    assert strict.strict


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("POST", "strict", {"strict": "yes"}, "true"),
        ("POST", "strict", {}, "true"),
        ("POST", "limits", {"perMinute": -1}, "perMinute"),
        ("POST", "limits", {"perHour": 1}, "unknown: perHour"),
        ("GET", "findings?code=CM-99", None, "CM-34"),
    ],
)
def test_a_call_that_makes_no_sense_is_told_what_would(
    shop: Shop, method: str, path: str, body: object, words: str
) -> None:
    given = control(shop, method, path, body)

    assert given.status == 400
    assert words in told(given)["error"]


def test_credentials_in_the_body_are_a_finding_that_does_not_repeat_them(shop: Shop) -> None:
    sent = json.dumps({"appKey": "my-key", "appToken": "s3cret"}).encode()

    given = answer(shop.service, Asked("GET", ORDERS, "", {}, sent))

    assert given.status == 401
    assert codes(shop) == ["CM-21"]
    assert "s3cret" not in control(shop, "GET", "findings").body.decode()


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("PUT", "/invoice", ["CM-22"]),
        ("PUT", "/invoices", []),
        ("POST", "/changestate/ready-for-handling", ["CM-35"]),
    ],
)
def test_calls_that_no_route_answers_can_be_known_mistakes(
    shop: Shop, method: str, path: str, found: list[str]
) -> None:
    given = shop.call(method, f"{ORDERS}/v1-01{path}")

    assert given.status in (404, 405)
    assert codes(shop) == found


def test_doing_again_what_was_done_behind_a_500_is_a_finding(shop: Shop) -> None:
    held = shop.place("handling")
    control(shop, "POST", "faults", {"fault": "http.apply_then_500", "times": 1})
    path = f"{ORDERS}/{held.order_id}/invoice"

    first = shop.call("POST", path, invoice())
    control(shop, "DELETE", "faults")
    again = shop.call("POST", path, invoice())
    once_more = shop.call("POST", path, invoice())

    assert (first.status, again.status, once_more.status) == (500, 200, 200)
    assert codes(shop).count("CM-08") == 1


def test_another_body_is_no_repetition(shop: Shop) -> None:
    path = f"{ORDERS}/{shop.place('handling').order_id}/invoice"
    control(shop, "POST", "faults", {"fault": "http.apply_then_500", "times": 1})

    given = [shop.call("POST", path, invoice(3_000, number)).status for number in ("1", "2")]

    assert given == [500, 200]
    assert "CM-08" not in codes(shop)


def test_looking_first_whether_it_was_done_is_none(shop: Shop) -> None:
    held = shop.place("handling")
    control(shop, "POST", "faults", {"fault": "http.error_500", "times": 1})
    path = f"{ORDERS}/{held.order_id}/invoice"

    assert shop.call("POST", path, invoice()).status == 500
    assert shop.call("POST", path, invoice()).status == 200

    assert "CM-08" not in codes(shop)  # nothing had been done


def test_a_strict_sandbox_refuses_the_repetition(shop: Shop) -> None:
    shop.service.strict = True
    held = shop.place("ready-for-handling")
    control(shop, "POST", "faults", {"fault": "http.apply_then_drop", "times": 1})
    path = f"{ORDERS}/{held.order_id}/start-handling"

    assert shop.call("POST", path).dropped
    assert shop.call("POST", path).status == 400
    assert held.status == "handling"


def test_every_code_that_is_said_to_be_seen_is_remarked_somewhere() -> None:
    folder = Path(orderflow.sandbox.__file__).parent
    texts = [
        each.read_text("utf-8") for each in folder.rglob("*.py") if "findings" not in each.name
    ]

    assert {each for each in SEEN if not any(f'"{each}"' in text for text in texts)} == set()
    assert {word for text in texts for word in re.findall(r'"(CM-\d\d)"', text)} <= set(SEEN)
