"""Whatever stands on the wire, the sandbox answers in time, without a 5xx, and goes on."""

from __future__ import annotations

import json
import os
import random
import re
import socket
import urllib.request
from collections.abc import Iterator

import pytest

from orderflow.sandbox.server import Sandbox
from tests.sandbox.fuzzing import digest

MORE = int(os.environ.get("ORDERFLOW_FUZZ", "1"))
PATIENCE = 5.0
QUIET = 0.3
"""Seconds without a byte after which the sandbox is taken to wait for more."""

MANY = 10 * 1024 * 1024


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def order_id(sandbox: Sandbox) -> str:
    sandbox.reset()
    return sandbox.place(to="ready-for-handling").order_id


def sent(sandbox: Sandbox, *parts: bytes, patience: float = PATIENCE) -> bytes:
    """Everything that is answered to *parts*, until the other side is silent or gone."""
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), patience) as line:
        found = b""
        try:
            for part in parts:
                line.sendall(part)
            line.settimeout(patience)
            while more := line.recv(65_536):
                found += more
                line.settimeout(QUIET)
        except (TimeoutError, ConnectionError):  # it waits for more, or has had enough
            pass
        return found


def head(sandbox: Sandbox, line: str, *more: str) -> bytes:
    """The head of a request, with credentials."""
    named = [f"{name}: {value}" for name, value in sandbox.headers.items()]
    host = [] if any(each.lower().startswith("host") for each in more) else ["Host: localhost"]
    return "\r\n".join([line, *host, *named, *more, "", ""]).encode("latin-1")


def statuses(answered: bytes) -> list[int]:
    return [int(each) for each in re.findall(rb"HTTP/1\.[01] (\d{3})", answered)]


def goes_on(sandbox: Sandbox) -> bool:
    with urllib.request.urlopen(f"{sandbox.url}/_sandbox/health", timeout=PATIENCE) as answered:  # noqa: S310
        found: dict[str, object] = json.load(answered)
    return found["status"] == "ready"


def before(sandbox: Sandbox) -> str:
    with sandbox.service.lock:
        return digest(sandbox.service, sandbox.service.accounts.names)


def handling(order_id: str) -> str:
    return f"POST /api/oms/pvt/orders/{order_id}/start-handling HTTP/1.1"


CHUNKED = "Transfer-Encoding: chunked"
FORMS: dict[str, tuple[str, tuple[str, ...], bytes]] = {
    "a body in chunks": ("{path}", (CHUNKED,), b"2\r\n{}\r\n0\r\n\r\n"),
    "chunks of one byte": ("{path}", (CHUNKED,), b"1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n"),
    "trailers": ("{path}", (CHUNKED,), b"2\r\n{}\r\n0\r\nX-More: 1\r\n\r\n"),
    "absolute form": ("http://shop.example{path}", ("Content-Length: 0",), b""),
    "absolute form of another case": ("HTTP://localhost{path}", ("Content-Length: 0",), b""),
    "odd case of headers": ("{path}", ("cOnTeNt-LeNgTh: 2",), b"{}"),
    "percent-encoding": ("{encoded}", ("Content-Length: 0",), b""),
    "a slash at the end": ("{path}/", ("Content-Length: 0",), b""),
    "a query": ("{path}?%00=%FF&a", ("Content-Length: 0",), b""),
    "an odd media type": ("{path}", ("Content-Type: \xe9/;charset=x", "Content-Length: 2"), b"{}"),
    "a wait for leave": ("{path}", ("Expect: 100-continue", "Content-Length: 2"), b"{}"),
}
"""By form, the target, headers and body of a call that starts the handling of an order."""


@pytest.mark.parametrize("form", FORMS)
def test_forms_that_http_allows_are_understood(sandbox: Sandbox, order_id: str, form: str) -> None:
    target, headers, body = FORMS[form]
    path = f"/api/oms/pvt/orders/{order_id}/start-handling"
    encoded = "".join("/" if each == "/" else f"%{ord(each):02x}" for each in path)
    line = f"POST {target.format(path=path, encoded=encoded)} HTTP/1.1"

    answered = sent(sandbox, head(sandbox, line, *headers) + body)

    held = sandbox.service.order(order_id, sandbox.key.account)
    assert statuses(answered)[-1:] == [204], answered[:300]
    assert held.status == "handling"
    assert goes_on(sandbox)


NOISE = (
    b"GET /api/oms/pvt/orders HTTP/1.1\r\nHost: a\r\n"
    b"X-VTEX-API-AppKey: \xff\xfe\r\nX-VTEX-API-AppToken: \xe9\r\nCookie: \xff=;;=\r\n\r\n"
)
BAD: dict[str, tuple[bytes, ...]] = {
    "no HTTP": (b"hello\r\n\r\n",),
    "zeros": (b"\0" * 1_000 + b"\r\n\r\n",),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 200,),
    "no such version": (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",),
    "no host": (b"GET /_sandbox/health HTTP/1.1\r\n\r\n",),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",),
    "a method of noise": (b"\xc3\xa9\xff / HTTP/1.1\r\nHost: a\r\n\r\n",),
    "a zero in the path": (b"GET /api/\0/x HTTP/1.1\r\nHost: a\r\n\r\n",),
    "an encoded zero": (b"GET /api/oms/pvt/orders/%00%FF HTTP/1.1\r\nHost: a\r\n\r\n",),
    "half an escape": (b"GET /api/oms/pvt/orders/%f HTTP/1.1\r\nHost: a\r\n\r\n",),
    "an absolute form of nothing": (b"GET http:// HTTP/1.1\r\nHost: a\r\n\r\n",),
    "an absolute form of noise": (b"GET http://[::1 HTTP/1.1\r\nHost: a\r\n\r\n",),
    "an asterisk": (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",),
    "a path without end": (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",),
    "a header without end": (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",),
    "many headers": (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: 1\r\n" * 5_000 + b"\r\n",),
    "a zero in a header": (b"GET / HTTP/1.1\r\nHost: a\0b\r\nX-VTEX-API-AppKey: \0\r\n\r\n",),
    "bytes in credentials": (NOISE,),
    "a header without a value": (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Type;\r\n\r\n",),
    "a folded header": (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",),
    "line feeds alone": (b"GET /_sandbox/health HTTP/1.1\nHost: a\n\n",),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_call_breaks_nothing(sandbox: Sandbox, order_id: str, what: str) -> None:
    was = before(sandbox)

    answered = sent(sandbox, *BAD[what])

    assert all(status < 500 for status in statuses(answered)), answered[:300]
    assert b"Traceback" not in answered
    assert before(sandbox) == was
    assert goes_on(sandbox)


LENGTHS: dict[str, tuple[tuple[str, ...], bytes]] = {
    "less than announced": (("Content-Length: 100",), b"{}"),
    "a length below zero": (("Content-Length: -1",), b"{}"),
    "a length of noise": (("Content-Length: 0x10",), b"{}"),
    "a length past all numbers": (("Content-Length: " + "9" * 40,), b"{}"),
    "two lengths": (("Content-Length: 2", "Content-Length: 3"), b"{}"),
    "a length and chunks": (("Content-Length: 3", CHUNKED), b"2\r\n{}\r\n0\r\n\r\n"),
    "a chunk that is cut": ((CHUNKED,), b"ff\r\n{}"),
    "a chunk of noise": ((CHUNKED,), b"zz\r\n{}\r\n0\r\n\r\n"),
    "a chunk below zero": ((CHUNKED,), b"-2\r\n{}\r\n0\r\n\r\n"),
    "chunks without end": ((CHUNKED,), b"2\r\n{}\r\n"),
    "an unknown coding": (("Transfer-Encoding: gzip, chunked",), b"2\r\n{}\r\n0\r\n\r\n"),
}


@pytest.mark.parametrize("what", LENGTHS)
def test_a_body_that_does_not_arrive_whole_changes_nothing_or_all(
    sandbox: Sandbox, order_id: str, what: str
) -> None:
    headers, body = LENGTHS[what]
    was = before(sandbox)

    answered = sent(sandbox, head(sandbox, handling(order_id), *headers) + body, patience=0.5)

    found = statuses(answered)
    assert all(status < 500 for status in found), answered[:300]
    assert (before(sandbox) == was) is (204 not in found)
    assert goes_on(sandbox)


def test_a_body_of_ten_megabytes_is_refused(sandbox: Sandbox, order_id: str) -> None:
    was = before(sandbox)
    announced = head(sandbox, handling(order_id), f"Content-Length: {MANY}")
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    chunks = (chunk * (MANY // 0x10000), b"0\r\n\r\n")

    answered = sent(sandbox, announced, b"a" * MANY)
    in_chunks = sent(sandbox, head(sandbox, handling(order_id), CHUNKED), *chunks)

    assert (statuses(answered), statuses(in_chunks)) == ([413], [413])
    assert before(sandbox) == was
    assert goes_on(sandbox)


def test_calls_one_behind_the_other_are_answered_in_order(sandbox: Sandbox, order_id: str) -> None:
    call = head(sandbox, handling(order_id), "Content-Length: 0")

    answered = sent(sandbox, call * 3)

    assert statuses(answered) == [204, 409, 409]


def test_a_call_whose_caller_is_gone_is_done_once_or_not_at_all(
    sandbox: Sandbox, order_id: str
) -> None:
    call = head(sandbox, handling(order_id), "Content-Length: 0")
    host, port = sandbox.url.removeprefix("http://").split(":")
    for cut in (10, len(call) - 1, len(call)):
        with socket.create_connection((host, int(port)), PATIENCE) as line:
            line.sendall(call[:cut])

    assert goes_on(sandbox)
    held = sandbox.service.order(order_id, sandbox.key.account)
    assert held.status in {"ready-for-handling", "handling"}
    assert [event.event for event in held.events].count("start_handling") <= 1


def test_calls_with_a_byte_changed_break_nothing(sandbox: Sandbox, order_id: str) -> None:
    rng = random.Random(f"wire/{MORE}")
    sent_well = head(sandbox, handling(order_id), "Content-Length: 2", "Connection: close") + b"{}"
    for _ in range(40 * MORE):
        call = bytearray(sent_well)
        for _ in range(rng.choice((1, 1, 3))):
            call[rng.randrange(len(call))] = rng.randrange(256)
        was = before(sandbox)

        answered = sent(sandbox, bytes(call), patience=QUIET)

        assert all(status < 500 for status in statuses(answered)), (bytes(call), answered[:300])
        assert b"Traceback" not in answered
        assert (before(sandbox) == was) is (204 not in statuses(answered)), bytes(call)
        if before(sandbox) != was:
            sandbox.reset()
            assert sandbox.place(to="ready-for-handling").order_id == order_id
    assert goes_on(sandbox)
