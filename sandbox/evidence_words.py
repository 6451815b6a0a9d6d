"""What each fact of a trace's line means; the reference shows it, and a test holds lines to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """Facts that lines of the same kind have.

    Attributes:
        title: Which lines.
        operations: Those of calls and deliveries; empty where the title says all.
        facts: By name, what they mean.
        others: Facts that some of these lines have.
    """

    title: str
    operations: tuple[str, ...]
    facts: Mapping[str, str]
    others: Mapping[str, str]


def _told(
    title: str,
    operations: tuple[str, ...],
    facts: Mapping[str, str],
    others: Mapping[str, str] | None = None,
) -> Told:
    return Told(title, operations, facts, others or {})


_OMS = "/api/oms/pvt/orders"
_DOCUMENT = "/api/orders/pvt/document/{orderId}"
_SELLER = "/pvt/orders/{orderId}"
_PACKAGE = "/invoice/{invoiceNumber}"
_CHANGES = "/api/order-system/orders/{changeOrderId}/changes"
_CHANGE = _CHANGES + "/{changeRequestId}"
_FULFILLMENT = "/api/fulfillment/pvt/orders"
_INTEGRATION = "/api/order-integration/orders"

_FILTER = {
    "type": "`FromWorkflow`, `FromOrders`, `other`, or empty without one",
    "statuses": "statuses asked for",
    "unknown": "those of them that no source knows",
    "mixed": "whether fields of both types are there",
    "single_fire": "whether an order comes once; null when not said",
    "retention": "seconds for which items are kept; null when not said",
    "visibility": "seconds for which a read hides them; null when not said",
}
_INVOICE = {
    "type": "`Output`, `Input`, or empty for anything else",
    "number": "invoice number, 60 characters at most",
    "cents": "value, null when it is no whole number",
    "value_type": "`integer`, `string`, `decimal`, `other` or `missing`",
    "issued": "form of the date: `offset` (date, time and offset), `time` (without an offset), "
    "`date`, `sql`, `other` or `missing`",
    "missing": "required fields that are absent or null",
    "items": "`id`, `quantity` and `price` of each, null when it is no whole number",
    "item_fields": "fields of items that are absent, of a wrong type, or called `itemId`",
    "tracking": "whether tracking number, URL or courier are there",
}
_HANDED_IN = {
    "missing": "names that have to be there and are not; null is there",
    "affiliate": "affiliate",
    "marketplace_order": "mark of what the marketplace calls the order",
    "orders": "how many orders are in the body",
    "result": "code of the answer, empty for none",
}
_CHANGED = {
    "request_id": "mark of the request's id, empty when there is none",
    "reason": "whether a reason is given",
    "asked": "kinds of changes that are asked for",
}
_SAID = {"said": "status that is handed in: `new`, `approved` or `other`"}
_ANSWER = {
    "attempt": "1 for the first try to tell the same",
    "duplicate": "whether the same is told twice at the same moment",
    "burst": "how many messages were under way together, this one counted",
    "answer": "of the answer: whether it is `json`, `empty`, speaks of an error (`error_text`), "
    "and which required names are `missing`; to a placement also `(array)` when it is none, "
    "`(order)` when it says nothing of the order, and `seller_order`, the mark of the seller's id",
    "mistakes": "as for calls",
}

TOLD: tuple[Told, ...] = (
    _told(
        "every call",
        (),
        {
            "code": "code of the error that is answered, empty for none",
            "done": "status that the sandbox gave before a fault changed or hid it",
            "body": "mark of the body: equal bodies have equal marks; empty without a body",
            "auth": "`ok`, `none`, `wrong`, `body` (credentials in the body), `forbidden` (403), "
            "`revoked`",
            "agent": "mark of the program that calls",
            "mistakes": "`code` and `message` of each mistake that was seen in the call",
            "media": "whether the answer has a body of JSON",
        },
        {
            "json": "whether the body is JSON; only when there is one",
            "retry_after": "seconds after which to come again; only of a 429 that says so",
        },
    ),
    _told(
        "reading a feed",
        ("GET /api/orders/feed",),
        {
            "lot": "`maxlot` as it was sent, null when it is no number",
            "items": "of each item, as it was sent: `event` and `handle` (marks), `order`, `state` "
            "(null when the answer has null), `last`, `domain`, `delivery` (1 for the first, also "
            "of those that a fault hid) and `at`, virtual ms",
            "waiting": "visible items that were left behind",
        },
    ),
    _told(
        "committing to a feed",
        ("POST /api/orders/feed",),
        {
            "handles": "of each: `handle` (mark), `order`, `state`, and what it `was`: `live`, "
            "`late` (its time was over), `replaced` (given again before that), `gone` (committed "
            "before) or `unknown`",
        },
    ),
    _told("configuring a feed", ("POST /api/orders/feed/config",), _FILTER),
    _told(
        "configuring a hook",
        ("POST /api/orders/hook/config",),
        {
            **_FILTER,
            "https": "whether the address is one of https",
            "headers": "how many headers of its own it wants",
            "loopback": "whether the address is on this machine",
        },
    ),
    _told(
        "reading an order",
        (
            f"GET {_OMS}/{{orderId}}",
            "GET /api/oms/user/orders/{orderId}",
            f"GET {_DOCUMENT}",
        ),
        {},
        {
            "shown": "what was sent: `status` (null when it was null), `description`, `value`, "
            "`complete`, `changes` (modifications so far), `delivery_ids` (some item has one), "
            "`changed_seller` (no item has one); only when an order was answered",
        },
    ),
    _told(
        "listing orders",
        (f"GET {_OMS}", "GET /api/oms/user/orders", "POST /api/orders/extendsearch/orders"),
        {
            "statuses": "statuses asked for",
            "page": "page, null when not said",
            "per_page": "rows of a page, null when not said",
            "span": "ms between the dates of creation that are asked for, null when not said",
            "rows": "rows that were answered",
        },
    ),
    _told(
        "cancelling",
        (f"POST {_OMS}/{{orderId}}/cancel", f"POST {_DOCUMENT}/cancel", f"POST {_SELLER}/cancel"),
        {"reason": "whether a reason is given"},
    ),
    _told(
        "denying a cancellation",
        (f"POST {_DOCUMENT}/deny-cancellation-request",),
        {
            "request": "`known`, `unknown`, or empty when none is named",
            "reason": "whether a reason is given",
            "own": "whether the seller had asked for it itself",
        },
    ),
    _told(
        "invoicing",
        (
            f"POST {_OMS}/{{orderId}}/invoice",
            f"POST {_DOCUMENT}/invoices",
            f"POST {_SELLER}/invoice",
        ),
        _INVOICE,
    ),
    _told(
        "giving a tracking number",
        (f"PATCH {_OMS}/{{orderId}}{_PACKAGE}", f"POST {_SELLER}{_PACKAGE}"),
        {"number": "invoice number", "tracking": "whether there is a tracking number"},
    ),
    _told(
        "telling of a package",
        (
            f"PUT {_OMS}/{{orderId}}{_PACKAGE}/tracking",
            f"POST {_SELLER}{_PACKAGE}/tracking",
        ),
        {
            "number": "invoice number",
            "delivered": "`isDelivered`, null when it is neither true nor false",
            "delivered_at": "whether there is a date of delivery",
            "events": "how many movements, null without them",
            "dated": "whether each of them has a date",
        },
    ),
    _told(
        "modifying an order",
        (
            f"PATCH {_CHANGES}",
            f"POST {_CHANGES}/preview",
            f"POST {_CHANGE}/retry",
            f"POST {_CHANGE}/cancel",
            f"POST {_OMS}/{{orderId}}/changes",
        ),
        _CHANGED,
    ),
    _told(
        "agreeing to a modification",
        (f"POST {_SELLER}/changes/{{changeRequestId}}/send-agreement",),
        {
            "request_id": "mark of the modification's id",
            "agreement": "`Acknowledgment`, `Confirmation` or `other`",
        },
    ),
    _told(
        "handing in an order, or that it is paid",
        (f"POST {_FULFILLMENT}", f"POST {_FULFILLMENT}/{{orderId}}/fulfill"),
        _HANDED_IN,
    ),
    _told(
        "handing in by the order integration",
        (f"POST {_INTEGRATION}", f"PUT {_INTEGRATION}/status"),
        {**_HANDED_IN, **_SAID},
    ),
    _told(
        "a delivery of a hook",
        ("hook ping", "hook notification"),
        _ANSWER,
        {
            "notification": "mark of the news: the same for the same event",
            "state": "status that is told, null when it is null",
            "last": "status before",
            "domain": "`Marketplace` or `Fulfillment`",
            "changed_at": "when it changed, in virtual ms",
            "wrong_origin": "whether it names an account that is none of the sandbox",
        },
    ),
    _told(
        "a call to a seller outside the platform",
        (
            "seller simulation",
            "seller placement",
            "seller fulfillment",
            "seller cancellation",
        ),
        _ANSWER,
    ),
    _told(
        "a call to a marketplace outside the platform",
        ("marketplace invoice", "marketplace cancel", "integration result"),
        _ANSWER,
        {
            "number": "invoice number",
            "cents": "value of the invoice",
            "tracking": "whether it tells a tracking number",
            "result": "code of the order integration",
            "marketplace_order": "mark of what the marketplace calls the order",
        },
    ),
    _told(
        "every step",
        (),
        {
            "event": "what happened",
            "actor": "through whom",
            "cause": "`call`, or the message that brought it",
            "participant": "whose document it is",
            "flow": "its flow",
            "group": "order group",
            "value": "what the order is worth afterwards, in cents",
            "complete": "whether the purchase was finished",
        },
        {
            "items": "`id`, `quantity` and `price` of each; on the first step of an order",
            "affiliate": "marketplace outside the platform; on the first step of an order",
        },
    ),
    _told(
        "every record",
        (),
        {"what": "what stands in the integration's books", "value": "what they say of it"},
    ),
)
"""Every kind of line that a sandbox makes; lines of scenarios have what the runner tells."""
