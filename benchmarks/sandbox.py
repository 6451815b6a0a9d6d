"""Calls a second of the sandbox, beside a bare server of the same framework, in one run.

Run it with ``python benchmarks/sandbox.py``. The load comes from this process by 16 connections
over loopback; each server is a process of its own. The bare server is Starlette on uvicorn with
the same settings; it gets the same calls with the same bytes of headers, credentials too, and
answers each with a constant of the size that the sandbox answers with: what it does not do is all
that a sandbox is. Each round reads orders that nobody has read yet, and then some of them again,
which a sandbox has written out already. A feed read gives ten items, a commit takes ten; an order
is handled, then invoiced whole, and its news goes into the feed. Rounds alternate between the
servers and medians are quoted; the latency is that of the call at the 99th percentile, as the
client sees it: with 16 calls under way at once that is mostly waiting for the others. With Prism on
the path, its mock answers the same calls from the document of our own; orders are many when the
load begins, for whoever walks through all of them shall be seen.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import selectors
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

CONNECTIONS = 16
PATIENCE = 120.0
"""Seconds that a server may take to begin, or a round to end."""

_PLACED_AT_ONCE = 500
_READ_AGAIN = 500
"""Orders that are read again and again: fewer than a sandbox keeps written out."""


class Server(NamedTuple):
    """A server that runs.

    Attributes:
        name: What the table calls it.
        host: Address.
        port: Port.
        head: Header lines that each call carries.
        pid: Its process.
    """

    name: str
    host: str
    port: int
    head: str
    pid: int


class Asked(NamedTuple):
    """One call."""

    method: str
    path: str
    body: bytes = b""


class Round(NamedTuple):
    """What one round measured.

    Attributes:
        rate: Calls a second.
        slow: Milliseconds of the call at the 99th percentile.
        sizes: Bytes of the answers' bodies.
        statuses: HTTP statuses of the answers.
        bodies: The answers' bodies.
    """

    rate: float
    slow: float
    sizes: tuple[int, ...]
    statuses: frozenset[int]
    bodies: tuple[bytes, ...]


class _Line:
    """One connection: one call at a time."""

    def __init__(self, server: Server) -> None:
        self.socket = socket.create_connection((server.host, server.port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got, self.began = b"", 0.0

    def send(self, raw: bytes) -> None:
        self.got, self.began = b"", time.perf_counter()
        self.socket.sendall(raw)

    def receive(self) -> tuple[int, bytes] | None:
        """(status, body) when all of it is there."""
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError("the server hung up")
        self.got += part
        head, mark, body = self.got.partition(b"\r\n\r\n")
        if not mark:
            return None
        place = head.lower().find(b"content-length:")
        size = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        return (int(head[9:12]), body) if len(body) >= size else None


def load(server: Server, calls: Sequence[Asked]) -> Round:
    """Make all *calls*, in order, by as many connections as there are."""
    raw = [_raw(server, call) for call in calls]
    raw.reverse()
    lines = [_Line(server) for _ in range(min(CONNECTIONS, len(raw)))]
    took: list[float] = []
    bodies: list[bytes] = []
    statuses: set[int] = set()
    with selectors.DefaultSelector() as ready:
        for line in lines:
            ready.register(line.socket, selectors.EVENT_READ, line)
        began = time.perf_counter()
        for line in lines:
            line.send(raw.pop())
        while len(bodies) < len(calls):
            for key, _ in ready.select(PATIENCE):
                line = key.data
                answered = line.receive()
                if answered is None:
                    continue
                took.append(time.perf_counter() - line.began)
                statuses.add(answered[0])
                bodies.append(answered[1])
                if raw:
                    line.send(raw.pop())
        seconds = time.perf_counter() - began
    for line in lines:
        line.socket.close()
    slow = sorted(took)[int(len(took) * 0.99)]
    sizes = tuple(len(body) for body in bodies)
    return Round(len(calls) / seconds, slow * 1000, sizes, frozenset(statuses), tuple(bodies))


def _raw(server: Server, call: Asked) -> bytes:
    head = f"{call.method} {call.path} HTTP/1.1\r\nHost: localhost\r\n{server.head}"
    if call.method != "GET":
        head += f"Content-Type: application/json\r\nContent-Length: {len(call.body)}\r\n"
    return f"{head}\r\n".encode() + call.body


def ask(server: Server, method: str, path: str, body: object = None) -> Any:
    """Make one call and read its answer."""
    raw = b"" if body is None else json.dumps(body).encode()
    found = load(server, [Asked(method, path, raw)])
    if max(found.statuses) >= 400:
        raise SystemExit(f"{method} {path}: {found.statuses} {found.bodies[0][:300]!r}")
    return json.loads(found.bodies[0] or b"null")


# --- the servers -------------------------------------------------------------------------------


@contextmanager
def started(name: str, *command: str) -> Iterator[Server]:
    """Run a server that says where it listens in its first line."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            words = (process.stdout.readline() if process.stdout else "").split()
            url = urlsplit(next(word for word in words if word.startswith("http://")))
            head = ""
            if "key:" in words:
                key, token = (words[words.index(each) + 1] for each in ("key:", "token:"))
                head = f"X-VTEX-API-AppKey: {key}\r\nX-VTEX-API-AppToken: {token}\r\n"
            yield Server(name, url.hostname or "", url.port or 0, head, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def bare() -> None:
    """Answer ``/N`` with N bytes, and with 204 for none: what ``--bare`` runs."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    constants: dict[str, Response] = {}

    async def constant(request: Request) -> Response:
        await request.body()
        size = request.path_params["size"]
        if size not in constants:
            body = b"x" * int(size)
            constants[size] = Response(body, 200 if body else 204, media_type="application/json")
        return constants[size]

    methods = ["GET", "POST"]
    application = Starlette(routes=[Route("/{size}", constant, methods=methods)])
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"ready: http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(application, lifespan="off", ws="none", log_config=None)
    config.access_log = config.server_header = config.date_header = False
    uvicorn.Server(config).run([listening])


def resident(server: Server) -> int:
    """Bytes of memory that the process of *server* has."""
    pages = Path(f"/proc/{server.pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGESIZE")


# --- what is asked -----------------------------------------------------------------------------


class Work:
    """Calls for one sandbox: each changing call needs an order that has not had it.

    Args:
        server: The sandbox; a feed is configured and orders are placed.
        orders: How many.
    """

    def __init__(self, server: Server, orders: int) -> None:
        self.server = server
        queue = {"visibilityTimeoutInSeconds": 43_200, "MessageRetentionPeriodInSeconds": 345_600}
        config = {"filter": {"type": "FromWorkflow", "status": ["handling"]}, "queue": queue}
        ask(server, "POST", "/api/orders/feed/config", config)
        self.ids: list[str] = []
        before = resident(server)
        while len(self.ids) < orders:
            count = min(_PLACED_AT_ONCE, orders - len(self.ids))
            placed = {"status": "ready-for-handling", "count": count}
            made = ask(server, "POST", "/_sandbox/orders", placed)
            self.ids += [each["orderId"] for each in made["orders"]]
        self.memory = (resident(server) - before) / orders
        order = ask(server, "GET", f"/api/oms/pvt/orders/{self.ids[0]}")
        self.value = order["value"]
        self.ready, self.handled = list(self.ids), list[str]()
        self.handles: list[str] = []
        self.unread = self.ids[1:]
        random.Random(0).shuffle(self.unread)
        self.read = [self.ids[0]]

    def reads(self, count: int) -> list[Asked]:
        """Get order, each of them for the first time."""
        self.read, self.unread = self.unread[:count], self.unread[count:]
        return [Asked("GET", f"/api/oms/pvt/orders/{each}") for each in self.read]

    def reads_again(self, count: int) -> list[Asked]:
        """Get order, those that were read last over and over."""
        found = islice(cycle(self.read[-_READ_AGAIN:]), count)
        return [Asked("GET", f"/api/oms/pvt/orders/{each}") for each in found]

    def handlings(self, count: int) -> list[Asked]:
        """Start handling."""
        taken, self.ready = self.ready[:count], self.ready[count:]
        self.handled += taken
        return [Asked("POST", f"/api/oms/pvt/orders/{each}/start-handling") for each in taken]

    def feed_reads(self, count: int) -> list[Asked]:
        """Read ten items of the feed."""
        return [Asked("GET", "/api/orders/feed?maxlot=10")] * count

    def commits(self, count: int) -> list[Asked]:
        """Commit ten items, or as many as there are for each."""
        lot = max(1, min(10, len(self.handles) // count))
        made = []
        for _ in range(count):
            taken, self.handles = self.handles[:lot], self.handles[lot:]
            made.append(Asked("POST", "/api/orders/feed", json.dumps({"handles": taken}).encode()))
        return made

    def invoices(self, count: int) -> list[Asked]:
        """Invoice the whole order."""
        taken, self.handled = self.handled[:count], self.handled[count:]
        body = {
            "type": "Output",
            "issuanceDate": "2026-01-01T00:00:00Z",
            "invoiceNumber": "1",
            "invoiceValue": str(self.value),
            "items": [],
        }
        raw = json.dumps(body).encode()
        return [Asked("POST", f"/api/oms/pvt/orders/{each}/invoice", raw) for each in taken]

    def keep(self, found: Round) -> None:
        """Remember the handles of what a feed read gave."""
        for body in found.bodies:
            self.handles += [item["handle"] for item in json.loads(body)]


KINDS = (
    "get order, not read before",
    "get order, read again",
    "start-handling",
    "feed read",
    "commit",
    "invoice",
)


def calls_of(work: Work, kind: str, count: int) -> list[Asked]:
    """The calls of one kind for one round."""
    match kind:
        case "get order, not read before":
            return work.reads(count)
        case "get order, read again":
            return work.reads_again(count)
        case "start-handling":
            return work.handlings(count)
        case "feed read":
            return work.feed_reads(max(count // 10, 1))
        case "commit":
            return work.commits(max(count // 10, 1))
        case _:
            return work.invoices(count)


def measured(
    works: Sequence[Work], plain: Server, rounds: int, count: int
) -> dict[tuple[str, str], list[Round]]:
    """All rounds, by kind of call and name of the server."""
    found: dict[tuple[str, str], list[Round]] = {}
    for _ in range(rounds):
        for kind in KINDS:
            sizes: list[int] = []
            calls: list[Asked] = []
            for work in works:
                calls = calls_of(work, kind, count)
                made = load(work.server, calls)
                if max(made.statuses) >= 400:
                    raise SystemExit(f"{work.server.name}: {kind} was answered {made.statuses}")
                if kind == "feed read":
                    work.keep(made)
                sizes.append(int(statistics.median(made.sizes)))
                found.setdefault((kind, work.server.name), []).append(made)
            same = [Asked(each.method, f"/{sizes[0]}", each.body) for each in calls]
            found.setdefault((kind, plain.name), []).append(load(plain, same))
    return found


def told(found: dict[tuple[str, str], list[Round]], names: Sequence[str]) -> Iterator[str]:
    """The table."""
    yield f"{'call':<28}{'server':<24}{'calls/s':>9}{'ratio':>8}{'p99 ms':>8}{'bytes':>8}"
    for kind in KINDS:
        base = statistics.median(each.rate for each in found[kind, names[-1]])
        for name in names:
            rounds = found[kind, name]
            rate = statistics.median(each.rate for each in rounds)
            slow = statistics.median(each.slow for each in rounds)
            size = int(statistics.median(rounds[0].sizes))
            yield f"{kind:<28}{name:<24}{rate:>9,.0f}{rate / base:>8.2f}{slow:>8.1f}{size:>8,}"


def prism(stack: ExitStack, ours: Server, folder: Path) -> Server | None:
    """Prism's mock of our own document, None where it is not installed."""
    program = shutil.which("prism")
    if program is None:
        return None
    document = folder / "openapi.json"
    document.write_text(json.dumps(ask(ours, "GET", "/_sandbox/openapi.json")), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = (program, "mock", "-h", "127.0.0.1", "-p", str(port), str(document))
    process = stack.enter_context(subprocess.Popen(command, stdout=subprocess.DEVNULL))
    stack.callback(process.terminate)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return Server("Prism", "127.0.0.1", port, ours.head, process.pid)
    raise SystemExit("Prism did not begin")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000, help="Orders that are there.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=1_000, help="Calls of one kind in a round.")
    parser.add_argument("--bare", action="store_true", help="Be the bare server.")
    chosen = parser.parse_args()
    if chosen.bare:
        bare()
        return
    if chosen.rounds * chosen.calls >= chosen.orders:
        parser.error("--rounds times --calls is to be less than --orders: each needs its own order")
    serve = (sys.executable, "-m", "orderflow", "serve")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        began = time.perf_counter()
        ours = stack.enter_context(started("sandbox", *serve))
        ready = time.perf_counter() - began
        durable = stack.enter_context(started("sandbox --db", *serve, "--db", str(folder / "db")))
        plain = stack.enter_context(started("bare Starlette", sys.executable, __file__, "--bare"))
        plain = plain._replace(head=ours.head)
        works = [Work(ours, chosen.orders), Work(durable, chosen.orders)]
        found = measured(works, plain, chosen.rounds, chosen.calls)
        print("\n".join(told(found, [ours.name, durable.name, plain.name])))
        print(f"ready after {ready:.2f} s; {works[0].memory / 1000:.1f} kB for each order")
        mock = prism(stack, ours, folder)
        if mock is None:
            print("Prism is not installed: npm install -g @stoplight/prism-cli")
        else:
            made = load(mock, works[0].reads_again(chosen.calls))
            print(f"Prism, get order: {made.rate:,.0f} calls/s, p99 {made.slow:.1f} ms")


if __name__ == "__main__":
    main()
