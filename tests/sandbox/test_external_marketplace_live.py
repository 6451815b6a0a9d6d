"""Over real HTTP the connector hears of its order, and a restart forgets nothing of that."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from orderflow.sandbox.server import Sandbox
from tests.sandbox.outside import FULFILLMENT, HANDED, INTEGRATION, ORDER, RECEIPT
from tests.sandbox.receivers import receiver, saying
from tests.sandbox.shop import ORDERS

_PATIENCE = 10.0


def call(sandbox: Sandbox, method: str, path: str, body: object = None) -> tuple[int, Any]:
    parts = urlsplit(sandbox.url)
    link = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=15)
    link.request(method, path, None if body is None else json.dumps(body), sandbox.headers)
    answer = link.getresponse()
    text = answer.read()
    link.close()
    return answer.status, json.loads(text) if text else None


def status(sandbox: Sandbox, order_id: str) -> str:
    found = call(sandbox, "GET", f"{ORDERS}/{order_id}")[1]
    return str(found["status"])


def dated(sandbox: Sandbox, order_id: str) -> list[object]:
    """What a restart on another port must not change."""
    found = call(sandbox, "GET", f"{ORDERS}/{order_id}")[1]
    return [found[name] for name in ("status", "lastChange", "totals", "items", "sequence")]


def until(claim: Callable[[], bool]) -> bool:
    """Whether something becomes true before one loses patience."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if claim():
            return True
        time.sleep(0.01)
    return claim()


def test_a_cancellation_is_final_when_the_connector_has_answered() -> None:
    with Sandbox() as sandbox, receiver(saying(200, RECEIPT)) as connector:
        sent = {**ORDER, "marketplaceServicesEndpoint": connector.url}
        assert call(sandbox, "POST", f"{FULFILLMENT}?affiliateId=MKP", [sent])[0] == 200
        assert call(sandbox, "POST", f"{ORDERS}/MKP-123/cancel", {"reason": "x"})[0] == 200

        assert until(lambda: status(sandbox, "MKP-123") == "canceled")
        assert connector.requests[0].startswith(b"POST /hook/pvt/orders/123/cancel ")


def test_what_was_handed_in_and_what_is_still_to_be_told_survive_a_restart(tmp_path: Path) -> None:
    kept = tmp_path / "sandbox.db"
    with receiver(saying(500)) as connector:
        with Sandbox(db=kept) as first:
            call(first, "POST", "/_sandbox/prices", {"prices": {"7": 1_500}})
            sent = {**HANDED, "connectorEndpoint": connector.url}
            call(first, "POST", f"{INTEGRATION}?affiliateId=MKP", sent)
            assert until(lambda: len(connector.requests) == 1)
            call(first, "POST", f"{ORDERS}/MKP-123/cancel")
            assert until(lambda: len(connector.requests) == 2)
            before = dated(first, "MKP-123")
        with Sandbox(db=kept) as second:
            assert dated(second, "MKP-123") == before
            call(second, "POST", "/_sandbox/clock/advance", {"minutes": 1})
            assert until(lambda: len(connector.requests) == 3)
            assert status(second, "MKP-123") == "cancel"
