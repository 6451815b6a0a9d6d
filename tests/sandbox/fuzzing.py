"""Makes bodies, paths and queries that no client should send, out of some that clients do send."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable, Mapping, Sequence

from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.document import order_document, pii_document
from orderflow.sandbox.outbox import Outcome
from orderflow.sandbox.service import Service
from tests.sandbox.changing import some
from tests.sandbox.outside import HANDED

_INVOICE = {
    "type": "Output",
    "invoiceNumber": "NF-9",
    "invoiceValue": 5_000,
    "issuanceDate": "2026-11-23T10:00:00Z",
    "items": [{"id": "sku-1", "itemIndex": 0, "quantity": 1, "price": 5_000}],
    "courier": "Mail",
    "trackingNumber": "T-1",
}
_FILTER = {"type": "FromWorkflow", "status": ["handling"]}
_SPEC = {"type": "FromOrders", "expression": "value > 100", "disableSingleFire": False}
_QUEUE = {"visibilityTimeoutInSeconds": 240, "messageRetentionPeriodInSeconds": 345_600}
_MOVES = {
    "isDelivered": False,
    "events": [{"city": "Rio", "state": "RJ", "description": "on its way", "date": "2026-11-23"}],
}
_CHANGE = {
    "reason": "a gift",
    "requestId": "r-1",
    "discountValue": 100,
    "incrementValue": 0,
    "remove": [some("sku-2")],
    "itemsRemoved": [],
}
_ORDER = {**HANDED, "paymentData": {"payments": [{"paymentSystem": "1", "value": 3_500}]}}
_NOTE = {"target": {"id": "v100001sbx-01", "type": "order"}, "domain": "oms", "description": "hi"}
_TASK = {
    "target": [{"id": "v100001sbx-01", "type": "order", "url": "https://x/orders/1"}],
    "domain": "oms",
    "context": "Marketplace",
    "name": "pricing",
    "priority": "Critical",
    "surrogateKey": "505224-0",
    "description": "look at it",
    "dueDate": "2026-12-01",
    "assignee": {"email": "ana@example.com"},
    "followers": [],
    "parentTaskId": None,
}
USUAL: Sequence[tuple[str, object]] = (
    ("/orders/{orderId}/invoice", _INVOICE),
    ("/invoices", {**_INVOICE, "issuedDate": "2026-11-23", "invoiceValue": 10_000}),
    ("/tracking", _MOVES),
    (
        "/invoice/{invoiceNumber}",
        {"trackingNumber": "T-1", "courier": "Mail", "trackingUrl": "u", "dispatchedDate": None},
    ),
    ("/feed/config", {"filter": _FILTER, "queue": _QUEUE}),
    ("/feed/config", {"filter": _SPEC, "queue": _QUEUE}),
    ("/hook/config", {"filter": _SPEC, "hook": {"url": "http://localhost:1/", "headers": {}}}),
    ("/orders/feed", {"handles": ["a", "b"]}),
    ("/confirm", [{"commitToken": "a"}]),
    ("/changes", _CHANGE),
    ("/preview", _CHANGE),
    ("/sellers", {"newSellerId": "other-shop", "marketplacePaymentValue": 10_000}),
    ("/window-to-change-seller", {"waitingTime": 3}),
    ("/notes", _NOTE),
    ("/tasks", _TASK),
    ("/tasks/{taskId}", {"status": "Closed"}),
    ("/comments", {"text": "done"}),
    ("/jsonata", {"Expression": "value > 1", "Document": json.dumps({"value": 2})}),
    ("/simulation", _ORDER),
    ("/pub/orders", _ORDER),
    ("/fulfillment/pvt/orders", [{**_ORDER, "marketplaceOrderId": "124"}]),
    ("/order-integration/orders", {**_ORDER, "marketplaceOrderId": "125"}),
    (
        "/orders/status",
        {
            "marketplaceOrderId": "123",
            "marketplaceOrderStatus": "approved",
            "connectorName": "Hub",
            "connectorEndpoint": HANDED["connectorEndpoint"],
        },
    ),
    ("/fulfill", {"marketplaceOrderId": "123"}),
    ("", {"reason": "none", "message": "hello", "source": "test"}),
)
"""By how a path ends, a body that makes sense there."""

_ODD: tuple[object, ...] = (
    None,
    True,
    -1,
    0,
    10**30,
    1e308,
    "",
    "\0",
    "\ud800",
    "a" * 20_000,
    "9999-12-31T23:59:59.999Z",
    "0001-01-01T00:00:00+14:00",
    "2026-13-45",
    "../../etc/passwd",
    "%00%ff",
    [],
    {},
    [None],
    [[]],
    {"": {"": ""}},
    ["x"] * 3_000,
)
DEEP = b"[" * 100_000
_RAW: tuple[bytes, ...] = (
    b"",
    b"{",
    b"null",
    b"[]",
    b"true",
    b'"text"',
    b"NaN",
    b'{"a": Infinity}',
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\0}\0",
    b"\0",
    b"\xff" * 50,
    b'{"a": "\xed\xa0\x80"}',
    b'{"a":' * 20_000,
    DEEP,
    b'{"invoiceValue": ' + b"9" * 5_000 + b"}",
    b'{"value": 1, "value": {}, "VALUE": []}',
    b"a=b&c=%00",
)
_SEGMENTS = ("%00", "\0", "..", "x" * 3_000, "é", "%2F", "'; drop", "{orderId}", "0", "-1")
_USUAL_QUERY = "affiliateId=MKP&sc=3&an=sandbox&target.id=v100001sbx-01&maxlot=5"
_QUERIES = (
    "page=%00",
    "page=99999999999999999999",
    "per_page=-1",
    "q=%FF%FE",
    "f_creationDate=creationDate:[x TO y]",
    "f_status=" + "a," * 2_000,
    "orderBy=;",
    "&" * 3_000,
    "maxlot=1e9",
    "maxLot=" + "9" * 5_000,
    "=&==&%",
    "target.id=%00",
)


def a_place(rng: random.Random, path: str, names: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """A path like *path*, mostly to what is there, and mostly a query that makes sense."""

    def chosen(name: re.Match[str]) -> str:
        known = names.get(name[1], ())
        return rng.choice(known if known and rng.random() < 0.8 else _SEGMENTS)

    path = re.sub(r"\{(\w+)\}", chosen, path)
    return path, rng.choice(_QUERIES) if rng.random() < 0.3 else _USUAL_QUERY


def a_body(rng: random.Random, route: str) -> bytes:
    """A body for a route, with something wrong in it, mostly."""
    if rng.random() < 0.25:
        return rng.choice(_RAW)
    fitting = [body for end, body in USUAL if end and route.endswith(end)] or [USUAL[-1][1]]
    body = json.loads(json.dumps(rng.choice(fitting)))
    for _ in range(rng.choice((0, 1, 1, 2))):
        body = _changed(rng, body)
    written = json.dumps(body).encode()
    return rng.choice(_BYTES)(rng, written) if rng.random() < 0.3 else written


def _changed(rng: random.Random, value: object) -> object:
    """*value* with one of its parts replaced, left out, or under a name of another case."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        name = rng.choice(sorted(value))
        kept = {each: part for each, part in value.items() if each != name}
        chance = rng.random()
        if chance < 0.15:
            return kept
        if chance < 0.3:
            return {**kept, name.swapcase(): value[name]}
        return {**kept, name: _changed(rng, value[name])}
    if isinstance(value, list) and value and rng.random() < 0.7:
        place = rng.randrange(len(value))
        return [*value[:place], _changed(rng, value[place]), *value[place + 1 :]]
    return rng.choice(_ODD)


def _cut(rng: random.Random, body: bytes) -> bytes:
    return body[: rng.randrange(len(body) + 1)]


def _flipped(rng: random.Random, body: bytes) -> bytes:
    place = rng.randrange(len(body))
    return body[:place] + bytes([body[place] ^ (1 << rng.randrange(8))]) + body[place + 1 :]


def _with_more(rng: random.Random, body: bytes) -> bytes:
    place = rng.randrange(len(body) + 1)
    return body[:place] + rng.choice((b"\0", b"\xff", b"{", b"}", b"]", b"\\", b'"')) + body[place:]


_BYTES: tuple[Callable[[random.Random, bytes], bytes], ...] = (_cut, _flipped, _with_more)


def answered(service: Service, asked: Asked) -> Answer:
    """The final answer; whomever the sandbox calls meanwhile takes note."""
    given = answer(service, asked)
    while service.outbox.waiting:
        service.deliver(next(iter(service.outbox.waiting)), Outcome(200))
    final = given if given.later is None else given.later()
    assert final is not None
    return final


def digest(service: Service, accounts: Sequence[str]) -> str:
    """What tells every order as it is, its documents and all that is kept beside them."""
    found = hashlib.sha256()
    for account in accounts:
        for held in service.store.orders(account):
            parts = (
                held.order_id,
                order_document(held, host="host"),
                pii_document(held, host="host"),
                held.events,
                sorted(held.papers.items()),
                sorted(held.amendments.items()),
                sorted(held.stuck),
                service.interactions.get((account, held.order_id)),
            )
            found.update(repr(parts).encode("utf-8", "replace"))
    return found.hexdigest()
