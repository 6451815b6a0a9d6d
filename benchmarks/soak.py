"""Many orders through their life by five clients at once, and whether everything was told of them.

Run it with ``python benchmarks/soak.py``. The clients share one feed. Each places orders, reads
the feed and does what its items ask for: it starts handling, invoices, sometimes cancels, and
commits. An order is done when the feed has told its last status; then its history is fetched, and
the feed must have told each of its steps exactly once. The program ends with 1 when an order did
not end, a step was not told, or something was told that did not happen, and prints the memory of
the server on the way.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CLIENTS = 5
STATUSES = ("ready-for-handling", "handling", "invoiced", "canceled")
PLACED_AT_ONCE = 50
LEAD = 500
"""Orders that may be on their way at once."""

PATIENCE = 60.0
"""Seconds without any news after which the clients give up."""


class Soak:
    """What the clients know together.

    Args:
        orders: How many to place.

    Attributes:
        told: How often the feed told each status of each order that is on its way.
        done: Orders whose end was told and checked.
        wrong: What was not as it should be.
    """

    def __init__(self, orders: int) -> None:
        self.orders, self.placed, self.done = orders, 0, 0
        self.told: dict[str, Counter[str]] = {}
        self.wrong: list[str] = []
        self.heard = time.monotonic()
        self._lock = threading.Lock()

    def wanted(self) -> int:
        """How many orders the client that asks shall place now."""
        with self._lock:
            room = LEAD - (self.placed - self.done)
            count = min(PLACED_AT_ONCE, self.orders - self.placed)
            if room < count:
                return 0
            self.placed += count
            return count

    def hear(self, order_id: str, status: str) -> None:
        """Note an item of the feed."""
        with self._lock:
            self.heard = time.monotonic()
            self.told.setdefault(order_id, Counter())[status] += 1

    def end(self, order_id: str, history: Counter[str]) -> None:
        """Note the end of an order, whose steps were *history*."""
        with self._lock:
            told = self.told.pop(order_id, Counter())
            self.done += 1
            if told != history:
                self.wrong.append(f"{order_id}: told {dict(told)}, happened {dict(history)}")

    @property
    def over(self) -> bool:
        """Whether all is done, or nothing comes any more."""
        return self.done >= self.orders or time.monotonic() - self.heard > PATIENCE


class Client:
    """One of the clients, with its own connection."""

    def __init__(self, soak: Soak, url: str, headers: dict[str, str]) -> None:
        split = urlsplit(url)
        self.soak, self.headers = soak, headers
        self.line = http.client.HTTPConnection(split.hostname or "", split.port, timeout=PATIENCE)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Make one call."""
        raw = None if body is None else json.dumps(body)
        self.line.request(method, path, raw, self.headers)
        answer = self.line.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None

    def run(self) -> None:
        """Work until everything is done."""
        while not self.soak.over:
            count = self.soak.wanted()
            if count:
                self.must("POST", "/_sandbox/orders", {"status": STATUSES[0], "count": count})
            items = self.must("GET", "/api/orders/feed?maxlot=10")
            for item in items:
                self.soak.hear(item["orderId"], item["state"])
            if items:
                handles = {"handles": [item["handle"] for item in items]}
                self.must("POST", "/api/orders/feed", handles)
            for item in items:
                self.act(item["orderId"], item["state"])

    def must(self, method: str, path: str, body: object = None) -> Any:
        """Make a call that has to succeed."""
        status, answer = self.ask(method, path, body)
        if status >= 400:
            self.soak.wrong.append(f"{method} {path}: {status} {answer}")
        return answer or []

    def act(self, order_id: str, status: str) -> None:
        """Do what an order asks for in *status*."""
        path = f"/api/oms/pvt/orders/{order_id}"
        cancels = order_id.endswith("7-01")
        match status:
            case "ready-for-handling" if cancels:
                self.must("POST", path + "/cancel", {"reason": "a change of mind"})
                self.must("POST", path + "/cancel", {"reason": "a change of mind"})
            case "ready-for-handling":
                self.must("POST", path + "/start-handling")
            case "handling":
                invoice = {
                    "type": "Output",
                    "issuanceDate": "2026-01-01T00:00:00Z",
                    "invoiceNumber": "1",
                    "invoiceValue": str(self.must("GET", path)["value"]),
                    "items": [],
                }
                self.must("POST", path + "/invoice", invoice)
            case _:
                found = self.must("GET", f"/_sandbox/orders/{order_id}")
                steps = (each["to"] for each in found["events"] if each["from"] != each["to"])
                self.soak.end(order_id, Counter(each for each in steps if each in STATUSES))


def resident(pid: int) -> int:
    """Bytes of memory that a process has."""
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGESIZE")


def watch(soak: Soak, threads: list[threading.Thread], pid: int, every: int) -> list[int]:
    """Print how it goes until all clients have ended; the memory after each *every* orders."""
    began, sizes = time.monotonic(), [resident(pid)]
    while any(thread.is_alive() for thread in threads):
        threads[0].join(0.2)
        if soak.done >= len(sizes) * every:
            sizes.append(resident(pid))
            rate = soak.done / (time.monotonic() - began)
            told = f"{soak.done:>7,} orders  {sizes[-1] / 1e6:>7.1f} MB  {rate:>6,.0f} orders/s"
            print(told, flush=True)
    return sizes


def soaked(orders: int, url: str, headers: dict[str, str], pid: int, every: int) -> Soak:
    """Let the clients work, and see that the feed is empty when they have ended."""
    soak = Soak(orders)
    clients = [Client(soak, url, headers) for _ in range(CLIENTS)]
    queue = {"visibilityTimeoutInSeconds": 240, "MessageRetentionPeriodInSeconds": 345_600}
    config = {"filter": {"type": "FromWorkflow", "status": STATUSES}, "queue": queue}
    clients[0].must("POST", "/api/orders/feed/config", config)
    threads = [threading.Thread(target=client.run, daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    sizes = watch(soak, threads, pid, every)
    left = clients[0].must("GET", "/api/orders/feed/config")["quantity"]
    if left:
        soak.wrong.append(f"{left} items are still in the feed")
    if soak.done != orders:
        soak.wrong.append(f"{orders - soak.done} orders did not end: {sorted(soak.told)[:5]}")
    grown = [f"{size / 1e6:.0f}" for size in sizes]
    print(f"memory in MB: {' '.join(grown)}")
    return soak


def main() -> int:
    """Start a sandbox, soak it, and tell what was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--every", type=int, default=10_000, help="Orders between two lines.")
    chosen = parser.parse_args()
    command = (sys.executable, "-m", "orderflow", "serve")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            words = (process.stdout.readline() if process.stdout else "").split()
            key, token = (words[words.index(each) + 1] for each in ("key:", "token:"))
            headers = {"X-VTEX-API-AppKey": key, "X-VTEX-API-AppToken": token}
            soak = soaked(chosen.orders, words[1], headers, process.pid, chosen.every)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
    for each in soak.wrong[:20]:
        print(each, file=sys.stderr)
    print(f"{soak.done:,} orders ended, {len(soak.wrong)} things were wrong")
    return 1 if soak.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
