"""Servers for tests: scripted ones in a thread, and the example sellers in a process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar, NamedTuple

from orderflow.conformance.subjects.mapping import METHODS

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "subjects"


class Scripted(NamedTuple):
    """One response: a JSON document, or bytes as they are."""

    code: int = 200
    body: object = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    body: object
    headers: Mapping[str, str]


@dataclass
class Shop:
    """What a scripted server answers: the responses to each request, the last one for ever."""

    script: dict[str, list[Scripted]]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Scripted:
        self.asked.append(asked)
        known = self.script.get(f"{asked.method} {asked.path}", [Scripted(404)])
        return known.pop(0) if len(known) > 1 else known[0]

    def requests(self) -> list[str]:
        return [f"{each.method} {each.path}" for each in self.asked]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65_536
    shop: ClassVar[Shop]

    def handle_any(self) -> None:
        given = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(given) if given else None
        found = self.shop.answer(Asked(self.command, self.path, body, dict(self.headers.items())))
        if found.code == 0:  # hangs up without a word
            self.close_connection = True
            return
        sent = found.body if isinstance(found.body, bytes) else json.dumps(found.body).encode()
        self.send_response(found.code, "Name Of A Customer")
        for name, value in (*found.headers, ("Content-Length", str(len(sent)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's
        pass


@contextmanager
def serving(script: Mapping[str, list[Scripted]]) -> Iterator[Shop]:
    """A server in a thread that answers ``METHOD /path`` as *script* says."""
    shop = Shop({key: list(each) for key, each in script.items()})
    methods = {f"do_{method.upper()}": _Handler.handle_any for method in METHODS}
    handler = type("Handler", (_Handler,), {"shop": shop, **methods})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        shop.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield shop
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def example(script: str, *words: str) -> Iterator[str]:
    """One of the example servers in a process of its own; gives its URL."""
    command = [sys.executable, str(EXAMPLES / script), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(10)
