"""Calls that mean the same, by the names that lines give them: most acts have several routes.

And what the answers to them mean.
"""

from __future__ import annotations

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.seen import CANCEL, INVOICE, ORDER, START

_DOCUMENT = "/api/orders/pvt/document/{orderId}"
_OUTSIDE = "POST /pvt/orders/{orderId}"
_PACKAGE = "/api/oms/pvt/orders/{orderId}/invoice/{invoiceNumber}"

PERSONAL_INVOICE = f"POST {_DOCUMENT}/invoices"
DENY = f"POST {_DOCUMENT}/deny-cancellation-request"
FULFILL = "POST /api/fulfillment/pvt/orders/{orderId}/fulfill"
PLACE = "POST /api/fulfillment/pvt/orders"
INTEGRATE = "POST /api/order-integration/orders"
APPROVE = "PUT /api/order-integration/orders/status"
CHANGE = "PATCH /api/order-system/orders/{changeOrderId}/changes"
OLD_CHANGE = "POST /api/oms/pvt/orders/{orderId}/changes"
AGREE = f"{_OUTSIDE}/changes/{{changeRequestId}}/send-agreement"
SELLER_INVOICE = f"{_OUTSIDE}/invoice"
SELLER_CANCEL = f"{_OUTSIDE}/cancel"

READS = (ORDER, f"GET {_DOCUMENT}", "GET /api/oms/user/orders/{orderId}")
STARTS = (START, f"POST {_DOCUMENT}/actions/start-handling")
CANCELS = (CANCEL, f"POST {_DOCUMENT}/cancel", SELLER_CANCEL)
INVOICES = (INVOICE, PERSONAL_INVOICE, SELLER_INVOICE)
NUMBERS = (f"PATCH {_PACKAGE}", f"{_OUTSIDE}/invoice/{{invoiceNumber}}")
TRACKINGS = (f"PUT {_PACKAGE}/tracking", f"{_OUTSIDE}/invoice/{{invoiceNumber}}/tracking")
PLACINGS = (PLACE, INTEGRATE)
HANDING_IN = (PLACE, INTEGRATE, APPROVE)

SIMULATION = "seller simulation"
PLACEMENT = "seller placement"
FULFILLMENT = "seller fulfillment"
CANCELLATION = "seller cancellation"
INVOICE_NEWS = "marketplace invoice"
CANCEL_NEWS = "marketplace cancel"
RESULT = "integration result"
"""What the sandbox delivers, by the names that lines give it."""

DENIED = frozenset({401, 403, 404})
"""Answers that say nothing about the order: the caller may not, or there is none."""

_AGAIN = frozenset({0, 408, 429})
_SERVER_ERROR = 500


def unclear(line: Line) -> bool:
    """Whether the answer to a call leaves open what became of it, so that it has to be repeated."""
    return line.status in _AGAIN or line.status >= _SERVER_ERROR


def answered(line: Line) -> str:
    """How a call was answered, in words.

    >>> answered(Line(1, "call", status=500)), answered(Line(1, "call"))
    ('was answered 500', 'was not answered')
    """
    return f"was answered {line.status}" if line.status else "was not answered"


def is_output(line: Line) -> bool:
    """Whether an invoice is that of a sale, not of a return."""
    return line.text("type").lower() != "input"
