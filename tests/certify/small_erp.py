"""A small ERP for tests: follows the feed, starts handling, invoices.

Its first word bends it, or says how many seconds it lets pass between two reads."""

from __future__ import annotations

import json
import os
import sys
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

URL = os.environ.get("ORDERFLOW_URL", "")
HEADERS = {
    "X-VTEX-API-AppKey": os.environ.get("ORDERFLOW_APP_KEY", ""),
    "X-VTEX-API-AppToken": os.environ.get("ORDERFLOW_APP_TOKEN", ""),
    "Content-Type": "application/json",
}
BENT = sys.argv[1] if len(sys.argv) > 1 else ""


def ask(method: str, path: str, body: object = None) -> tuple[int, object]:
    data = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(URL + path, data, HEADERS, method=method), timeout=10) as answer:  # noqa: S310
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except HTTPError as refused:
        return refused.code, None


def handle(order_id: str) -> None:
    status, order = ask("GET", f"/api/oms/pvt/orders/{order_id}")
    if status != 200 or not isinstance(order, dict):
        return
    if order["status"] == "ready-for-handling":
        while ask("POST", f"/api/oms/pvt/orders/{order_id}/start-handling")[0] >= 500:
            if BENT == "gives-up":
                return
    if order["status"] == "handling":
        ask(
            "POST",
            f"/api/oms/pvt/orders/{order_id}/invoice",
            {
                "type": "Output",
                "invoiceNumber": order["sequence"],
                "invoiceValue": order["value"],
                "issuanceDate": "2024-01-01T12:00:00Z",
                "items": [
                    {"id": each["id"], "quantity": each["quantity"], "price": each["price"]}
                    for each in order["items"]
                ],
            },
        )


def main() -> None:
    sys.stdout.write(f"working with {HEADERS['X-VTEX-API-AppToken']}\n")
    sys.stdout.flush()
    if BENT == "ends":
        sys.exit("nothing to do")
    if BENT == "silent":
        time.sleep(600)
    settings = {"visibilityTimeoutInSeconds": 240, "MessageRetentionPeriodInSeconds": 345600}
    kept = {"type": "FromWorkflow", "status": ["ready-for-handling", "handling"]}
    ask("POST", "/api/orders/feed/config", {"filter": kept, "queue": settings})
    while True:
        _, items = ask("GET", "/api/orders/feed?maxlot=10")
        for item in items if isinstance(items, list) else ():
            if BENT == "crashes":
                sys.exit("cannot read this")
            if BENT == "hangs":
                time.sleep(600)
            handle(item["orderId"])
            if BENT != "never-commits":
                ask("POST", "/api/orders/feed", {"handles": [item["handle"]]})
        if BENT != "floods":
            time.sleep(float(BENT) if BENT[:1].isdecimal() else 0.02)


if __name__ == "__main__":
    main()
