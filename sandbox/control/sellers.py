"""Sellers outside the platform: which there are, and how the calls to them went.

The platform registers them in its Admin; that the control API does is a sandbox decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from orderflow.sandbox.control.asking import (
    account_called,
    body_of,
    listed,
    order_called,
    text,
    trouble,
)
from orderflow.sandbox.dialect import Answer, as_json
from orderflow.sandbox.external_seller import ExternalSellers
from orderflow.sandbox.external_seller_calls import Seller
from orderflow.sandbox.external_seller_errands import Logged
from orderflow.sandbox.hook_config import is_header
from orderflow.sandbox.moments import iso, iso_or_null
from orderflow.sandbox.outbox import shown
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service

_MOST_SELLERS, _MOST_HEADERS, _LONGEST, _LONGEST_ID = 1_000, 50, 8_192, 100


def register(service: Service, call: Call) -> Answer:
    """Let a seller handle orders placed from now on.

    ``{"sellerId": "my-seller", "url": "http://localhost:9000/api", "headers": {…}}``. It handles
    those whose items are its own; where an order names no seller, the first one registered does.
    """
    sent = body_of(call, ("account", "sellerId", "url", "headers", "endpoint"))
    account = account_called(service, text(sent, "account"))
    seller_id, url = text(sent, "sellerId"), text(sent, "url").rstrip("/")
    endpoint = text(sent, "endpoint") or f"http://{call.host or 'localhost'}"
    part = service.part(ExternalSellers)
    known = (account, seller_id) in part.sellers
    problems = [
        *_wrong_id(seller_id),
        *_wrong_with(service, url),
        *([] if _is_plain(endpoint) else ["endpoint is no URL"]),
        *_wrong_headers(sent.get("headers")),
        *([] if known or len(part.sellers) < _MOST_SELLERS else ["there are too many sellers"]),
    ]
    if problems:
        raise trouble(400, "; ".join(problems))
    headers = tuple((str(name), str(value)) for name, value in _fields(sent.get("headers")).items())
    seller = Seller(account, seller_id, url, headers, endpoint.rstrip("/"))
    part.sellers[account, seller_id] = seller
    return as_json(_facts(seller), 200 if known else 201)


def sellers(service: Service, call: Call) -> Answer:
    """All sellers in the order of registration; of their headers the names only."""
    del call
    found = service.part(ExternalSellers).sellers.values()
    return as_json({"sellers": [_facts(each) for each in found]})


def remove(service: Service, call: Call) -> Answer:
    """204; the orders that it handles stay its own. ``?account=``."""
    account = account_called(service, call.query.get("account", ""))
    seller_id = call.parameters["sellerId"]
    if service.part(ExternalSellers).sellers.pop((account, seller_id), None) is None:
        raise trouble(404, f"account {account!r} has no seller {seller_id[:_LONGEST_ID]!r}")
    return Answer(204)


def log(service: Service, call: Call) -> Answer:
    """The latest calls to sellers and what came of them, oldest first."""
    del call
    return as_json({"log": [_line(each) for each in service.part(ExternalSellers).log]})


def retry(service: Service, call: Call) -> Answer:
    """Repeat at once a call that failed; ``{"orderId": "v100001sbx-01"}``."""
    sent = body_of(call, ("account", "orderId"))
    account, order_id = account_called(service, text(sent, "account")), text(sent, "orderId")
    held = order_called(service, order_id, account)
    if not service.part(ExternalSellers).retry(held):
        raise trouble(409, f"no call about order {order_id} waits to be repeated")
    return Answer(204)


def _wrong_id(seller_id: str) -> list[str]:
    if 0 < len(seller_id) <= _LONGEST_ID and seller_id.isprintable() and "/" not in seller_id:
        return []
    return [f"sellerId must have 1 to {_LONGEST_ID} printable characters, none of them a slash"]


def _is_plain(url: str) -> bool:
    return len(url) <= _LONGEST and url.isascii() and url.isprintable() and " " not in url


def _wrong_with(service: Service, url: str) -> list[str]:
    if not _is_plain(url):
        return ["url is no URL"]
    wrong = service.outbox.wrong_with(url)
    if wrong:
        return [f"url: {wrong}"]
    split = urlsplit(url)
    if split.query or split.fragment or "@" in split.netloc:
        return ["url: only scheme, host and path; what is secret goes into headers"]
    return []


def _wrong_headers(given: object) -> list[str]:
    """Names only: a value may be secret."""
    if given is None:
        return []
    if not isinstance(given, dict) or len(given) > _MOST_HEADERS:
        return [f"headers must be an object of at most {_MOST_HEADERS} texts"]
    bad = [
        name[:40]
        for name, value in given.items()
        if not is_header(name, value) or len(value) > _LONGEST
    ]
    return [f"headers that cannot be sent: {listed(bad)}"] if bad else []


def _fields(given: object) -> Mapping[str, object]:
    return given if isinstance(given, dict) else {}


def _facts(seller: Seller) -> dict[str, object]:
    return {
        "account": seller.account,
        "sellerId": seller.id,
        "url": shown(seller.url),
        "headers": sorted(name for name, _ in seller.headers),
        "endpoint": shown(seller.endpoint),
    }


def _line(logged: Logged) -> dict[str, object]:
    return {
        "at": iso(logged.at),
        "account": logged.account,
        "sellerId": logged.seller,
        "orderId": logged.order_id,
        "call": logged.call,
        "attempt": logged.attempt,
        "result": logged.result,
        "note": logged.note,
        "nextTry": iso_or_null(logged.next_at),
    }


ROUTES: tuple[Route, ...] = (
    Route("GET", "/_sandbox/sellers", sellers),
    Route("POST", "/_sandbox/sellers", register),
    Route("DELETE", "/_sandbox/sellers/{sellerId}", remove),
    Route("GET", "/_sandbox/sellers/log", log),
    Route("POST", "/_sandbox/sellers/retry", retry),
)
