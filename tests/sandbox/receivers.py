"""Receivers for tests: servers on this machine that answer as a script says, well or badly."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Script = Callable[[socket.socket, bytes], None]
"""Answers one request, which is handed in whole."""


@dataclass
class Receiver:
    """A receiver that runs.

    Attributes:
        port: Where it listens.
        requests: What it was sent, as it came.
    """

    port: int
    host: str = "localhost"
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/hook"

    @property
    def bodies(self) -> list[bytes]:
        return [each.partition(b"\r\n\r\n")[2] for each in self.requests]


def saying(status: int, body: bytes = b"", extra: str = "") -> Script:
    def script(link: socket.socket, _: bytes) -> None:
        head = f"HTTP/1.1 {status} So\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
        link.sendall(head.encode() + body)

    return script


def raw(answer: bytes) -> Script:
    return lambda link, _: link.sendall(answer)


@contextlib.contextmanager
def receiver(
    script: Script, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, 0), family=family, backlog=256)
    running = Receiver(listening.getsockname()[1])
    threads: list[threading.Thread] = []

    def talk(link: socket.socket) -> None:
        with contextlib.suppress(OSError), link:
            link.settimeout(10)
            talking = tls.wrap_socket(link, server_side=True) if tls else link
            with talking:
                request = _request(talking)
                running.requests.append(request)
                script(talking, request)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                link, _ = listening.accept()
                threads.append(threading.Thread(target=talk, args=(link,), daemon=True))
                threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield running
    finally:
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for thread in (accepting, *threads):
            thread.join(5)


@contextlib.contextmanager
def silent_receiver() -> Iterator[Receiver]:
    """A receiver that takes what it is sent and never answers."""
    over = threading.Event()

    def script(link: socket.socket, request: bytes) -> None:
        del link, request
        over.wait(5)

    with receiver(script) as running:
        try:
            yield running
        finally:
            over.set()


def _request(link: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        got += _piece(link)
    head, _, body = got.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
    while len(body) < length:
        body += _piece(link)
    return head + b"\r\n\r\n" + body


def _piece(link: socket.socket) -> bytes:
    piece = link.recv(65_536)
    if not piece:
        raise OSError("the caller has gone")
    return piece
