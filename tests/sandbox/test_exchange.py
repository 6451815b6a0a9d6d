"""One exchange ends in time and tells what was answered, whatever the receiver does."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from orderflow.sandbox.exchange import _trust, exchange
from orderflow.sandbox.outbox import Message, Outcome
from tests.sandbox.receivers import Script, raw, receiver, saying

PATIENCE = 400
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def send(url: str, *, keeps: int = 65_536, body: bytes = b"{}") -> Outcome:
    headers = {"X-Key": "v"}
    message = Message(1, "p", "t", "POST", url, headers, body, PATIENCE, keeps)
    return asyncio.run(exchange(message))


def dripping(first: bytes, piece: bytes) -> Script:
    def script(link: socket.socket, _: bytes) -> None:
        link.sendall(first)
        for _turn in range(40):
            time.sleep(0.05)
            link.sendall(piece)

    return script


def test_the_request_says_what_it_should_and_no_more() -> None:
    with receiver(saying(200, b"ok")) as running:
        outcome = send(running.url + "?a=1#part", body=b"hello")

    assert outcome == Outcome(200, b"ok")
    head, _, body = running.requests[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"POST /hook?a=1 HTTP/1.1",
        f"Host: localhost:{running.port}".encode(),
        b"X-Key: v",
        b"Content-Length: 5",
        b"Connection: close",
    ]
    assert body == b"hello"


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (saying(201), Outcome(201)),
        (saying(500, b"no"), Outcome(500, b"no")),
        (raw(b"HTTP/1.1 204 No Content\r\n\r\n"), Outcome(204)),
        (raw(b"HTTP/1.0 200 OK\r\n\r\nto the end"), Outcome(200, b"to the end")),
        (raw(CHUNKED + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"), Outcome(200, b"abc")),
        (
            raw(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
            Outcome(200),
        ),
        (raw(b""), Outcome(0, trouble="broken")),
        (raw(b"HTTP/1.1 999 Hm\r\n\r\n"), Outcome(0, trouble="broken")),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"), Outcome(0, trouble="broken")),
        (raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), Outcome(0, trouble="broken")),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 90_000), Outcome(0, trouble="broken")),
    ],
)
def test_what_is_answered_is_told(script: Script, outcome: Outcome) -> None:
    with receiver(script) as running:
        assert send(running.url) == outcome


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"", b""),
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", b"x"),
        (CHUNKED, b"1\r\nx\r\n"),
    ],
    ids=["silent", "status", "headers", "body", "chunks"],
)
def test_a_receiver_that_drips_or_keeps_silent_is_not_waited_for(
    first: bytes, piece: bytes
) -> None:
    script = dripping(first, piece)
    with receiver(script) as running:
        began = time.monotonic()
        outcome = send(running.url, keeps=0)
        took = time.monotonic() - began

    assert outcome == Outcome(0, trouble="timeout")
    assert PATIENCE / 1_000 <= took < PATIENCE / 1_000 + 0.6


def test_a_dead_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert send(f"http://localhost:{port}/") == Outcome(0, trouble="refused")


def test_no_redirect_is_followed_and_no_proxy_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(saying(200)) as other:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, other.url)
        with receiver(saying(302, extra=f"Location: {other.url}\r\n")) as running:
            assert send(running.url).status == 302

    assert not other.requests


def test_of_a_long_answer_only_the_beginning_is_read() -> None:
    def endless(link: socket.socket, _: bytes) -> None:
        link.sendall(CHUNKED)
        while True:
            link.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")

    with receiver(endless) as running:
        assert send(running.url, keeps=10) == Outcome(200, b"x" * 10)


def test_localhost_is_either_of_its_addresses() -> None:
    try:
        with receiver(saying(200), host="::1") as running:
            assert send(running.url) == Outcome(200)
            assert send(f"http://[::1]:{running.port}/") == Outcome(200)
    except OSError:
        pytest.skip("this machine has no IPv6")


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    folder: Path = tmp_path_factory.mktemp("tls")
    command = [program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-subj", "/CN=nobody", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def test_a_receiver_here_may_show_any_certificate(own_certificate: ssl.SSLContext) -> None:
    with receiver(saying(200), tls=own_certificate) as running:
        assert send(f"https://localhost:{running.port}/") == Outcome(200)
        assert send(f"https://127.0.0.1:{running.port}/") == Outcome(200)
        assert send(f"http://127.0.0.1:{running.port}/").trouble == "broken"


def test_any_other_receiver_must_show_a_good_one() -> None:
    assert _trust(False).verify_mode is ssl.CERT_REQUIRED
    assert _trust(False).check_hostname
    assert _trust(True).verify_mode is ssl.CERT_NONE
