"""Bodies, headers, paths and queries are taken in every form in which real clients send them.

Source: fact sheet "What real clients send and read", sections 1.2, 1.3 and 3.1 to 3.2.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from orderflow.sandbox.answering import ALL, Asked, answer
from orderflow.sandbox.server import Sandbox
from tests.sandbox.shop import ORDERS, Shop, invoice, listed

FEED = "/api/orders/feed"


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def sent(
    sandbox: Sandbox, method: str, path: str, body: bytes | list[bytes] | None, **headers: str
) -> tuple[int, bytes]:
    """Status and body of one call over the wire; a list of parts goes out in chunks."""
    target = urlsplit(sandbox.url)
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(
            method,
            path,
            body if isinstance(body, bytes) else iter(body) if body else None,
            {**sandbox.headers, **named},
            encode_chunked=isinstance(body, list),
        )
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


# Over the wire


def test_a_body_in_chunks_is_read(running: Sandbox) -> None:
    held = running.place(to="handling")
    text = json.dumps({"reason": "wrong size"}).encode()

    status, _ = sent(
        running,
        "POST",
        f"{ORDERS}/{held.order_id}/cancel",
        [text[:5], text[5:]],
        Transfer_Encoding="chunked",
    )

    assert status == 200  # CT-10
    with running.service.lock:
        assert held.order.requests[-1].reason == "wrong size"


@pytest.mark.parametrize(
    "media", ["text/plain; charset=utf-8", "application/json;charset=utf8", "", "image/png"]
)
def test_json_is_read_whatever_its_header_says(running: Sandbox, media: str) -> None:
    assert sent(running, "POST", f"{FEED}/config", b"{}", Content_Type=media)[0] == 200  # CT-11
    body = json.dumps({"handles": ["a"]}).encode()

    assert sent(running, "POST", FEED, body, Content_Type=media)[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "application/json"},  # CT-13: on a GET without a body
        {"Accept": "application/vnd.vtex.ds.v10+json"},  # CT-21
        {"Accept": "*/*", "Accept_Encoding": "gzip, deflate, br"},  # CT-08
        {"accountName": "tst", "Connection": "keep-alive"},  # CT-19
    ],
)
def test_odd_headers_change_nothing(running: Sandbox, headers: dict[str, str]) -> None:
    status, body = sent(running, "GET", ORDERS, None, **headers)

    assert status == 200
    assert json.loads(body)["paging"]["currentPage"] == 1


def test_names_of_headers_are_read_in_any_case(running: Sandbox) -> None:
    for change in (str.lower, str.upper, str.title):  # CT-18
        headers = {change(name): value for name, value in running.headers.items()}
        target = urlsplit(running.url)
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=10)
        connection.request("GET", ORDERS, headers=headers)
        assert connection.getresponse().status == 200
        connection.close()


def test_an_empty_post_says_so_or_not(running: Sandbox) -> None:
    for headers in ({}, {"Content_Type": "application/json"}):  # CT-16, CT-17
        held = running.place(to="ready-for-handling")
        path = f"{ORDERS}/{held.order_id}/start-handling"
        assert sent(running, "POST", path, b"", **headers)[0] == 204


# Paths and queries


@pytest.mark.parametrize(
    "query",
    [
        "f_Status=handling",
        "F_STATUS=handling",
        "f_status=handling&_stats=1",
        "f_status=handling%2Cinvoiced",
        "f_status=handling,invoiced",
        "f_creationDate=creationDate:[2020-01-01T00:00:00Z TO 2030-01-01T00:00:00Z]",
        "f_creationDate=creationDate%3A%5B2020-01-01T00%3A00%3A00Z%20TO%20*%5D",
        "f_creationDate=creationDate:[2020-01-01T00:00:00Z+TO+2030-01-01T00:00:00Z]",
        "orderBy=creationDate,desc&per_page=100&page=1&incompleteOrders=false",
        "orderBy=orderId%2Cdesc",
    ],
)
def test_a_query_is_read_in_every_form(shop: Shop, query: str) -> None:
    shop.place("handling")  # CT-22, CT-24 to CT-27, CT-29

    assert listed(shop, query)[1]["total"] == 1


@pytest.mark.parametrize("query", ["?maxlot=5", "?maxLot=5", "?MAXLOT=5", "", "/", "/?maxlot=5"])
def test_the_feed_is_read_in_every_form(shop: Shop, query: str) -> None:
    shop.call("POST", f"{FEED}/config", {})  # CT-22, CT-23, CT-28

    assert shop.get(FEED + query) == []


def test_a_number_in_the_path_comes_decoded(running: Sandbox) -> None:
    held = running.place(to="handling")
    number = "NF 1-ç"
    body = json.dumps(invoice(6_980, number)).encode()
    with running.service.lock:
        body = json.dumps(invoice(held.order.value, number)).encode()
    assert sent(running, "POST", f"{ORDERS}/{held.order_id}/invoice", body)[0] == 200

    path = f"{ORDERS}/{held.order_id}/invoice/NF%201-%C3%A7"
    assert sent(running, "PATCH", path, b'{"trackingNumber": "T"}')[0] == 200  # CR-36


# Statuses and bodies of answers


def test_every_refusal_with_a_body_is_json_but_403(shop: Shop) -> None:
    held = shop.place("invoiced")
    path = f"{ORDERS}/{held.order_id}"
    refused = [
        shop.call("POST", f"{path}/start-handling"),
        shop.call("POST", f"{path}/cancel"),
        shop.call("POST", f"{path}/invoice", invoice(1)),
        shop.call("PATCH", f"{path}/invoice/none", {"trackingNumber": "1"}),
        shop.call("GET", f"{ORDERS}/none"),
        shop.call("GET", FEED),
        shop.call("GET", "/api/nothing"),
    ]

    for given in refused:  # CA-06, CA-17
        problem = json.loads(given.body)["error"]
        assert set(problem) == {"code", "message", "exception"}
        assert given.status >= 400
        assert problem["message"]


def test_credentials_that_are_missing_differ_from_a_permission_that_is(shop: Shop) -> None:
    held = shop.place("ready-for-handling")
    path = f"{ORDERS}/{held.order_id}/start-handling"
    nobody = answer(shop.service, Asked("POST", path))
    shop.key = shop.service.accounts.add("sandbox", [])

    assert (nobody.status, shop.call("POST", path).status) == (401, 403)  # CA-16


def test_credentials_in_the_body_are_none(shop: Shop) -> None:
    key = shop.service.accounts.first
    body = json.dumps({"appKey": key.name, "appToken": key.token}).encode()

    given = answer(shop.service, Asked("POST", FEED, body=body))

    assert given.status == 401  # CM-21
    assert key.token not in given.body.decode()


def test_changestate_is_counted_as_not_simulated(shop: Shop) -> None:
    held = shop.place("handling")
    path = f"{ORDERS}/{held.order_id}/changestate/ready-for-handling"  # CR-15

    assert shop.call("POST", path).status == 404
    assert shop.service.not_simulated[f"POST {path}"] == 1
    assert held.status == "handling"


def test_reading_calls_are_said_to_read_and_others_to_write() -> None:
    reads = {route.path for route in ALL.all if route.method != "GET" and not route.writes}
    hides = {route.path for route in ALL.all if route.method == "GET" and route.writes}

    assert {"/api/orders/extendsearch/orders", "/api/orders/expressions/jsonata"} <= reads
    assert {FEED, "/api/oms/pvt/feed/orders/status"} <= hides
