"""Which statuses exist, which only look like one, and which family of flows shows which.

Source: domain fact sheet "Order flows", section 1 and the state tables of sections 2 to 5.
"""

from __future__ import annotations

MISSPELT = {
    "cancelation-request": "cancellation-requested or request-cancel",
    "waiting-for-sellers-confirmation": "waiting-for-authorization",
    "canceling": "cancel",
    "ready-for-invoice": "ready-for-invoicing",
    "cancellation-request-denied": "the status the denial led to",
    "cancellation-request-denied-ffm": "the status the denial led to",
    "detail.state.null": "null",
    "end": "invoiced or canceled",
    "authorize-fullfilment": "authorize-fulfillment",
}
"""Strings that are seen in place of a status, and what to write. Source: `flows.md` 1.1."""

UNLISTED = frozenset(
    {
        "payment-denied",
        "waiting-for-order-authorization",
        "order-create-error",
        "order-completed",
        "order-creation-error",
        "invoice-after-cancellation-deny",
        "release-to-fulfillment",
    }
)
"""Statuses for which no source says who sees them: no flow is wrong for showing them."""

_SALE = frozenset(
    {
        "",
        "null",
        "order-created",
        "on-order-completed",
        "waiting-for-authorization",
        "payment-pending",
        "payment-approved",
        "invoice",
        "invoiced",
        "request-cancel",
        "waiting-for-seller-decision",
        "cancel",
        "canceled",
    }
)
_FULFILMENT = frozenset(
    {
        "authorize-fulfillment",
        "window-to-cancel",
        "ready-for-handling",
        "start-handling",
        "handling",
        "ready-for-invoicing",
        "invoice",
        "invoiced",
        "cancel",
        "canceled",
    }
)
_SELLER_ONLY = frozenset(
    {
        "order-accepted",
        "on-order-completed-ffm",
        "waiting-ffmt-authorization",
        "waiting-for-manual-authorization",
        "waiting-for-fulfillment",
    }
)
VISIBLE = {
    "marketplace": _SALE
    | {"approve-payment", "window-to-change-payment", "window-to-change-seller"}
    | {"ready-for-invoicing", "replaced", "waiting-seller-handling"},
    "seller": _FULFILMENT | _SELLER_ONLY | {"", "null", "cancellation-requested"},
    "complete": _SALE | _FULFILMENT | {"approve-payment", "cancellation-requested", "replaced"},
    "chain": _SALE | {"waiting-for-mkt-authorization", "waiting-seller-handling"},
}
"""Statuses each family shows by table or diagram, with decisions D-12 to D-15."""

TOLERATED = {
    "complete": _SELLER_ONLY | {"window-to-change-payment", "window-to-change-seller"},
    "chain": frozenset({"approve-payment", "cancellation-requested", "ready-for-invoicing"}),
}
"""Statuses a family should not show, but the table of who sees what has gaps there (D-14)."""

KNOWN = frozenset().union(*VISIBLE.values()) | UNLISTED
"""Every status of the master table and of the feed filter list."""
