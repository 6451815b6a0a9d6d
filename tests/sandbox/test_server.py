"""A running sandbox answers clients over a socket, and stops when it is told to."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from orderflow.pytesting.sandboxed import renewed
from orderflow.sandbox.server import ListenError, Sandbox


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    with renewed(running) as renewed_sandbox:
        yield renewed_sandbox


def connection(sandbox: Sandbox) -> http.client.HTTPConnection:
    parts = urlsplit(sandbox.url)
    assert parts.hostname
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)


def call(
    sandbox: Sandbox, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, object]:
    link = connection(sandbox)
    sent = None if body is None else json.dumps(body)
    link.request(method, path, sent, {**sandbox.headers, **headers})
    answer = link.getresponse()
    text = answer.read()
    link.close()
    return answer.status, json.loads(text) if text else None


def test_an_order_is_handled_and_read_over_http(sandbox: Sandbox) -> None:
    order_id = sandbox.place(to="ready-for-handling").order_id

    handled = call(sandbox, "POST", f"/api/oms/pvt/orders/{order_id}/start-handling")
    status, document = call(sandbox, "GET", f"/api/oms/pvt/orders/{order_id}")

    assert handled == (204, None)
    assert status == 200
    assert isinstance(document, dict)
    assert document["status"] == "handling"


def test_a_chunked_body_without_json_content_type_is_read(sandbox: Sandbox) -> None:
    order_id = sandbox.place(to="ready-for-handling").order_id
    link = connection(sandbox)

    link.request(
        "POST",
        f"/api/oms/pvt/orders/{order_id}/interactions",
        iter([b'{"source": "erp",', b' "message": "hello"}']),
        {**sandbox.headers, "Content-Type": "text/plain; charset=utf-8"},
        encode_chunked=True,
    )
    answer = link.getresponse()
    answer.read()
    link.close()

    assert answer.status == 200
    lines = sandbox.service.interactions[sandbox.key.account, order_id]
    assert [(line.source, line.message) for line in lines] == [("erp", "hello")]


def test_an_absolute_target_is_answered_like_a_path(sandbox: Sandbox) -> None:
    order_id = sandbox.place(to="handling").order_id
    target = f"http://shop.vtexcommercestable.com.br/api/oms/pvt/orders/{order_id}"
    parts = urlsplit(sandbox.url)
    keys = "".join(f"{name}: {value}\r\n" for name, value in sandbox.headers.items())

    with socket.create_connection((parts.hostname, parts.port), timeout=5) as link:
        link.sendall(
            f"GET {target} HTTP/1.1\r\nHost: x\r\n{keys}Connection: close\r\n\r\n".encode()
        )
        answer = link.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert order_id.encode() in answer


def test_a_body_above_the_limit_is_refused_and_the_sandbox_lives_on(sandbox: Sandbox) -> None:
    status, _ = call(sandbox, "POST", "/api/orders/feed/config", "x" * 2_000_000)

    assert status == 413
    assert call(sandbox, "GET", "/_sandbox/health")[0] == 200


def test_our_own_mistake_shows_no_traceback(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = sandbox.place(to="handling").order_id

    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(sandbox.service, "order", broken)
    status, body = call(sandbox, "GET", f"/api/oms/pvt/orders/{order_id}")

    assert status == 500
    assert body == {"error": {"code": "001", "message": "An error has occurred", "exception": None}}


def test_a_reset_leaves_the_keys_and_nothing_else(sandbox: Sandbox) -> None:
    key, order_id = sandbox.key, sandbox.place(to="handling").order_id
    call(sandbox, "POST", "/api/orders/feed/config", {})
    assert call(sandbox, "GET", "/api/orders/feed/config")[0] == 200

    sandbox.reset()

    assert sandbox.key is key
    assert call(sandbox, "GET", f"/api/oms/pvt/orders/{order_id}")[0] == 404
    assert call(sandbox, "GET", "/api/orders/feed/config")[0] == 404


def test_leaving_it_frees_the_port_and_the_thread() -> None:
    before = set(threading.enumerate())
    with Sandbox() as sandbox:
        port = urlsplit(sandbox.url).port
        assert port
        link = connection(sandbox)
        link.request("GET", "/_sandbox/health")
        assert link.getresponse().status == 200  # and the connection stays open

    link.close()
    assert set(threading.enumerate()) == before
    with Sandbox(port=port) as again:
        assert urlsplit(again.url).port == port


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /_sandbox/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
        (
            b"GET /api/oms/pvt/orders HTTP/1.1\r\nHost: x\r\nX-VTEX-API-AppKey: %b\r\n"
            b"X-VTEX-API-AppToken: %b\r\n\r\n"
        ),
    ],
    ids=["a body under way", "an answer under way"],
)
def test_a_call_under_way_does_not_hold_up_the_end_and_gets_no_answer(
    sent: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("orderflow.sandbox.server._GRACE", 0)
    with Sandbox() as sandbox:
        sandbox.fail("http.apply_then_delay:milliseconds=60000")
        key = sandbox.key
        if b"%b" in sent:
            sent %= (key.name.encode(), key.token.encode())
        link = socket.create_connection(("127.0.0.1", urlsplit(sandbox.url).port or 0), timeout=5)
        link.sendall(sent)
        _pass_by(sandbox)

    with link:
        assert link.recv(100) == b""
    assert not [record for record in caplog.records if record.exc_info]


def _pass_by(sandbox: Sandbox) -> None:
    """Make a call on a connection of its own: those that came before have begun."""
    for _ in range(3):
        link = http.client.HTTPConnection("127.0.0.1", urlsplit(sandbox.url).port, timeout=5)
        link.request("GET", "/_sandbox/health")
        link.getresponse().read()
        link.close()


def test_a_taken_port_is_said_with_what_would_work(sandbox: Sandbox) -> None:
    port = urlsplit(sandbox.url).port
    assert port

    with pytest.raises(ListenError, match="port 0 takes any that is free"):
        Sandbox(port=port).start()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_where_it_is_and_stops_cleanly(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "orderflow", "serve", "--account", "shop", "--seed", "3"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout
        words = process.stdout.readline().split()
        url, key, token = words[1], words[3], words[5]
        parts = urlsplit(url)
        assert parts.hostname
        link = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
        headers = {"x-vtex-api-appkey": key, "x-vtex-api-apptoken": token}
        link.request("GET", "/api/oms/pvt/orders", headers=headers)
        answer = link.getresponse()
        listed = json.loads(answer.read())
        link.close()
        process.send_signal(number)
        _, told = process.communicate(timeout=15)
    finally:
        process.kill()
        process.wait(timeout=5)

    assert answer.status == 200
    assert listed["list"] == []
    assert (process.returncode, told) == (0, "stopped\n")
