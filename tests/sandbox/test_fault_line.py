"""A connection is closed without a byte when a fault says so, and the sandbox lives on."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from orderflow.pytesting.sandboxed import renewed
from orderflow.sandbox.server import Sandbox


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    with renewed(running) as renewed_sandbox:
        yield renewed_sandbox


def link(sandbox: Sandbox) -> http.client.HTTPConnection:
    parts = urlsplit(sandbox.url)
    assert parts.hostname
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)


def fail(sandbox: Sandbox, **setting: object) -> None:
    connection = link(sandbox)
    connection.request("POST", "/_sandbox/faults", json.dumps(setting))
    assert connection.getresponse().status == 201
    connection.close()


def raw(sandbox: Sandbox, path: str, method: str = "GET", body: bytes = b"") -> bytes:
    """All bytes that come back until the connection is closed from the other side."""
    parts = urlsplit(sandbox.url)
    keys = "".join(f"{name}: {value}\r\n" for name, value in sandbox.headers.items())
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{keys}\r\n"
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(head.encode() + body)
        return connection.makefile("rb").read()


@pytest.mark.parametrize(
    ("fault", "status"),
    [("http.drop", "ready-for-handling"), ("http.apply_then_drop", "handling")],
)
def test_not_a_byte_comes_back_whether_the_call_was_done_or_not(
    sandbox: Sandbox, fault: str, status: str
) -> None:
    held = sandbox.place(to="ready-for-handling")
    fail(sandbox, fault=fault, times=1)

    given = raw(sandbox, f"/api/oms/pvt/orders/{held.order_id}/start-handling", "POST", b"{}")

    assert given == b""
    assert held.status == status
    connection = link(sandbox)
    connection.request("GET", "/api/oms/pvt/orders", headers=sandbox.headers)
    assert connection.getresponse().status == 200
    connection.close()


def test_a_client_library_sees_a_connection_that_broke(sandbox: Sandbox) -> None:
    fail(sandbox, fault="http.drop", after=1, times=1)
    connection = link(sandbox)
    connection.request("GET", "/api/oms/pvt/orders", headers=sandbox.headers)
    connection.getresponse().read()

    connection.request("GET", "/api/oms/pvt/orders", headers=sandbox.headers)
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()

    connection.close()


def test_only_the_connection_that_was_struck_is_closed(sandbox: Sandbox) -> None:
    other = link(sandbox)
    other.request("GET", "/_sandbox/health")
    other.getresponse().read()
    fail(sandbox, fault="http.drop", times=1)

    assert raw(sandbox, "/api/oms/pvt/orders") == b""

    known = other.sock
    other.request("GET", "/_sandbox/health")
    assert other.getresponse().status == 200
    assert other.sock is known
    other.close()


def test_a_late_answer_is_late_and_holds_nobody_up(sandbox: Sandbox) -> None:
    fail(sandbox, fault="http.apply_then_delay", times=1, milliseconds=700)
    late, quick = link(sandbox), link(sandbox)
    began = time.monotonic()
    late.request("GET", "/api/oms/pvt/orders", headers=sandbox.headers)
    while not sandbox.service.faults.every[0].struck:
        assert time.monotonic() - began < 5
    quick.request("GET", "/api/oms/pvt/orders", headers=sandbox.headers)
    assert quick.getresponse().status == 200
    meanwhile = time.monotonic() - began
    assert late.getresponse().status == 200
    took = time.monotonic() - began

    assert meanwhile < 0.7 <= took
    late.close()
    quick.close()
