"""The trace tells of every call and delivery what is on its list, and nothing of anybody."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.outbox import Message, Outcome
from orderflow.sandbox.part import Part
from orderflow.sandbox.service import Service
from orderflow.sandbox.trace import MOST_TRACED, Trace, Traced, chosen
from orderflow.sandbox.trace_har import archive
from tests.sandbox.shop import ORDERS, Shop

SIZES = {"headersSize": {"type": "integer"}, "bodySize": {"type": "integer"}}
PAIRS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "value"],
        "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
    },
}


def closed(required: dict[str, Any]) -> dict[str, Any]:
    """An object with all of these; besides only what the format leaves to programs."""
    return {
        "type": "object",
        "required": sorted(required),
        "properties": {**required, "comment": {"type": "string"}},
        "patternProperties": {"^_": {}},
        "additionalProperties": False,
    }


TEXT, NUMBER = {"type": "string"}, {"type": "number", "minimum": -1}
REQUEST = closed(
    {"method": TEXT, "url": {"type": "string", "format": "uri", "pattern": "^https?://[^ ]+$"}}
    | {"httpVersion": TEXT, "cookies": PAIRS, "headers": PAIRS, "queryString": PAIRS, **SIZES}
)
RESPONSE = closed(
    {"status": {"type": "integer"}, "statusText": TEXT, "httpVersion": TEXT, "cookies": PAIRS}
    | {"headers": PAIRS, "content": closed({"size": {"type": "integer"}, "mimeType": TEXT})}
    | {"redirectURL": TEXT, **SIZES}
)
ENTRY = closed(
    {"startedDateTime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+"}}
    | {"time": NUMBER, "request": REQUEST, "response": RESPONSE, "cache": {"type": "object"}}
    | {"timings": closed({"send": NUMBER, "wait": NUMBER, "receive": NUMBER})}
)
HAR = closed(
    {
        "log": closed(
            {"version": {"const": "1.2"}, "creator": closed({"name": TEXT, "version": TEXT})}
            | {"entries": {"type": "array", "items": ENTRY}}
        )
    }
)
"""Written from the specification, section by section: what it calls optional is left out."""


@pytest.fixture
def shop() -> Shop:
    return Shop(Service(seed=3))


def trace(shop: Shop, query: str = "") -> list[dict[str, Any]]:
    given = answer(shop.service, Asked("GET", "/_sandbox/trace", query))
    assert given.status == 200, given
    found: list[dict[str, Any]] = json.loads(given.body)["calls"]
    return found


def test_a_call_is_told_with_key_order_and_the_status_before_and_after(shop: Shop) -> None:
    held = shop.place("ready-for-handling")
    shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")

    (record,) = trace(shop)

    key = shop.service.accounts.first
    assert record["key"] == "…" + key.name[-4:]
    assert (record["account"], record["order_id"]) == (key.account, held.order_id)
    assert (record["before"], record["after"]) == ("ready-for-handling", "handling")
    assert (record["status"], record["method"], record["kind"]) == (204, "POST", "call")


def test_records_are_chosen_by_order_status_and_number(shop: Shop) -> None:
    one, two = (shop.place("ready-for-handling").order_id for _ in range(2))
    for order_id in (one, two, one, "v0-01"):
        shop.call("POST", f"{ORDERS}/{order_id}/start-handling")

    assert [each["status"] for each in trace(shop, f"order={one}")] == [204, 409]
    assert [each["order_id"] for each in trace(shop, "status=4")] == [one, "v0-01"]
    assert [each["status"] for each in trace(shop, "status=404")] == [404]
    first = trace(shop)[0]["number"]
    assert len(trace(shop, f"since={first}")) == 3
    assert [each["order_id"] for each in trace(shop, f"since={first}&limit=1")] == [two]


@pytest.mark.parametrize("query", ["since=x", "status=-1", "limit=1e3", "since=9999999999999"])
def test_a_choice_that_is_no_number_is_refused(shop: Shop, query: str) -> None:
    given = answer(shop.service, Asked("GET", "/_sandbox/trace", query))

    assert given.status == 400
    assert "whole number" in json.loads(given.body)["error"]


def test_the_trace_holds_no_credentials_and_nobody_s_data(shop: Shop) -> None:
    key, secret, mail = shop.service.accounts.first, "s3cret-word", "ana@example.com"
    held = shop.place("ready-for-handling")
    headers = {"x-vtex-api-appkey": key.name, "x-vtex-api-apptoken": key.token}
    asked = [
        Asked("GET", ORDERS, f"q={mail}&page=1&clientEmail={mail}&apptoken={secret}", headers),
        Asked("GET", f"/api/dataentities/CL/{mail}", "", headers),
        Asked("POST", f"{ORDERS}/{held.order_id}/invoice", "", headers, secret.encode()),
        Asked("GET", ORDERS, "", {"x-vtex-api-appkey": key.name, "x-vtex-api-apptoken": secret}),
        Asked("GET", ORDERS, "", {"cookie": f"VtexIdclientAutCookie={secret}"}),
    ]
    for each in asked:
        answer(shop.service, each)

    har = answer(shop.service, Asked("GET", "/_sandbox/trace.har")).body.decode()
    unknown = answer(shop.service, Asked("GET", "/_sandbox/not-simulated")).body.decode()
    told = json.dumps(trace(shop)) + har + unknown

    assert len(trace(shop)) == len(asked)
    assert dict(trace(shop)[0]["query"]) == {
        "q": "…",
        "page": "1",
        "clientemail": "…",
        "apptoken": "…",
    }
    for hidden in (key.token, key.name, secret, mail, "ana%40"):
        assert hidden not in told


def test_an_address_is_hidden_wherever_a_client_puts_it(shop: Shop) -> None:
    mail, twice = "ana@example.com", "ana%40example.com"
    shop.call("GET", f"{ORDERS}?{mail}=1&f_status={mail}")
    shop.call("GET", f"{ORDERS}/{mail}")
    shop.call("GET", f"/api/dataentities/CL/{twice}")
    shop.call("POST", f"/pvt/orders/{mail}/cancel")

    paths = ("trace", "trace.har", "not-simulated", "findings")
    told = [shop.call("GET", f"/_sandbox/{path}").body.decode() for path in paths]

    assert [each["order_id"] for each in trace(shop)] == ["", "…", "", "…"]
    assert trace(shop)[0]["query"] == [["…", "…"], ["f_status", "…"]]
    assert all("example.com" not in each for each in told)


def test_what_the_sandbox_sends_is_told_without_what_the_address_hides(shop: Shop) -> None:
    class Sender(Part):
        name = "sender"

    part = shop.service.part(Sender)
    url = "http://erp:s3cret@localhost:9/hook?token=s3cret"
    for outcome in (Outcome(200), Outcome(0, trouble="timeout")):
        sent = shop.service.outbox.send(lambda n: Message(n, part.name, "t", "POST", url))
        shop.service.deliver(sent.number, outcome)

    told = trace(shop)

    assert [(each["kind"], each["status"], each["trouble"]) for each in told] == [
        ("delivery", 200, ""),
        ("delivery", 0, "timeout"),
    ]
    assert {each["path"] for each in told} == {"http://localhost:9/hook"}


def test_the_archive_is_one_by_its_specification(shop: Shop) -> None:
    held = shop.place("ready-for-handling")
    shop.call("GET", f"{ORDERS}?page=1&q=ana")
    shop.call("GET", f"{ORDERS}/ü {held.order_id}")
    answer(shop.service, Asked("POST", "/_sandbox/faults", "", {}, b'{"fault": "http.drop"}'))
    shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")

    found = json.loads(answer(shop.service, Asked("GET", "/_sandbox/trace.har")).body)

    jsonschema.validate(found, HAR)
    entries = found["log"]["entries"]
    assert [each["response"]["status"] for each in entries] == [200, 404, 0]
    assert entries[2]["_faults"] == ["http.drop"]
    assert entries[0]["request"]["queryString"] == [
        {"name": "page", "value": "1"},
        {"name": "q", "value": "…"},
    ]


def test_the_schema_of_the_archive_refuses_what_is_none() -> None:
    record = Traced(1, 0, "GET", "/x", 200)
    for broken in ("startedDateTime", "request", "timings"):
        found = json.loads(json.dumps(archive([record], "1")))
        jsonschema.validate(found, HAR)
        del found["log"]["entries"][0][broken]
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(found, HAR)


def test_the_same_calls_give_the_same_archive() -> None:
    def made() -> bytes:
        shop = Shop(Service(seed=1))
        shop.call("GET", f"{ORDERS}/{shop.place('handling').order_id}")
        return answer(shop.service, Asked("GET", "/_sandbox/trace.har")).body

    assert made() == made()


def test_the_trace_keeps_the_latest_only() -> None:
    kept = Trace()
    for number in range(MOST_TRACED + 5):
        kept.append(Traced(number, 0, "GET", "/", 200))

    assert len(kept) == MOST_TRACED
    assert kept[0].number == 5
    assert len(chosen(kept, most=3)) == 3
