"""What is known of the operations beyond their routes: parameters, fields of bodies, statuses.

Of the platform's operations it tells what the sandbox makes use of; their own reference tells the
rest. What an operation does and when it refuses stands with its handler.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "whole", "flag", "texts", "object", "objects", "number", "any"]
"""Type of a field: ``whole`` is a number without a fraction, plurals are arrays."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one operation.

    Attributes:
        status: Of the answer when nothing is wrong.
        others: Further statuses of such answers.
        query: Parameters of the query.
        fields: Of the body, by name.
        whole: There are no other fields: a body that has some is refused.
        empty: The answer has no body.
    """

    status: int = 200
    others: tuple[int, ...] = ()
    query: tuple[str, ...] = ()
    fields: Mapping[str, Kind] = field(default_factory=dict)
    whole: bool = False
    empty: bool = False


def _control(status_: int = 200, /, *others: int, **fields: Kind) -> Known:
    return Known(status_, others, fields=fields, whole=True)


_FILTERS = (
    "q",
    "f_status",
    "f_creationDate",
    "f_authorizedDate",
    "f_invoicedDate",
    "f_shippingEstimate",
    "f_salesChannel",
    "f_sellerNames",
    "f_affiliateId",
    "f_paymentNames",
    "f_callCenterOperatorName",
    "f_UtmSource",
    "f_RnB",
    "f_isInstore",
    "f_hasInputInvoice",
    "orderBy",
    "page",
    "per_page",
)
_INVOICE: Mapping[str, Kind] = {
    "type": "text",
    "invoiceNumber": "text",
    "invoiceValue": "number",
    "issuanceDate": "text",
    "invoiceUrl": "text",
    "invoiceKey": "text",
    "courier": "text",
    "trackingNumber": "text",
    "trackingUrl": "text",
    "items": "objects",
}
_NUMBER: Mapping[str, Kind] = {"trackingNumber": "text", "trackingUrl": "text", "courier": "text"}
_MOVES: Mapping[str, Kind] = {"isDelivered": "flag", "deliveredDate": "text", "events": "objects"}
_QUEUE: Mapping[str, Kind] = {"filter": "object", "queue": "object"}
_NOTE: Mapping[str, Kind] = {"target": "object", "description": "text", "domain": "text"}

KNOWN: Mapping[str, Known] = {
    "GET /api/oms/pvt/orders": Known(query=_FILTERS),
    "GET /api/oms/user/orders": Known(query=("clientEmail", "page", "per_page", "status")),
    "GET /api/oms/user/orders/{orderId}": Known(query=("clientEmail",)),
    "POST /api/orders/extendsearch/orders": Known(
        fields={"f_creationDate": "text", "page": "whole", "per_page": "whole", "q": "text"}
    ),
    "POST /api/oms/pvt/orders/{orderId}/start-handling": Known(204),
    "POST /api/orders/pvt/document/{orderId}/actions/start-handling": Known(204),
    "POST /api/oms/pvt/orders/{orderId}/cancel": Known(fields={"reason": "text"}),
    "POST /api/orders/pvt/document/{orderId}/cancel": Known(fields={"reason": "text"}),
    "POST /api/oms/pvt/orders/{orderId}/invoice": Known(fields=_INVOICE),
    "POST /api/orders/pvt/document/{orderId}/invoices": Known(fields=_INVOICE),
    "PATCH /api/oms/pvt/orders/{orderId}/invoice/{invoiceNumber}": Known(fields=_NUMBER),
    "PUT /api/oms/pvt/orders/{orderId}/invoice/{invoiceNumber}/tracking": Known(fields=_MOVES),
    "POST /api/oms/pvt/orders/{orderId}/interactions": Known(
        fields={"source": "text", "message": "text"}, empty=True
    ),
    "POST /api/orders/pvt/document/{orderId}/deny-cancellation-request": Known(empty=True),
    "POST /api/oms/pvt/orders/{orderId}/payments/{paymentId}/payment-notification": Known(
        empty=True
    ),
    "POST /api/orders/pvt/document/{orderId}/payment/{paymentId}/notify-payment": Known(empty=True),
    "POST /api/orders/feed/config": Known(fields=_QUEUE, empty=True),
    "DELETE /api/orders/feed/config": Known(empty=True),
    "DELETE /api/orders/hook/config": Known(empty=True),
    "POST /api/oms/pvt/feed/orders/status/confirm": Known(empty=True),
    "PUT /api/checkout/pvt/orders/{orderId}/sellers": Known(empty=True),
    "POST /api/order-system/orders/{changeOrderId}/changes/{changeRequestId}/cancel": Known(
        empty=True
    ),
    "GET /api/orders/feed": Known(query=("maxlot",)),
    "POST /api/orders/feed": Known(fields={"handles": "texts"}, empty=True),
    "POST /api/orders/hook/config": Known(
        fields={"filter": "object", "hook": "object"}, empty=True
    ),
    "GET /api/oms/pvt/feed/orders/status": Known(query=("maxLot",)),
    "POST /api/checkout/pub/gatewayCallback/{orderGroup}": Known(empty=True),
    "POST /api/checkout/pvt/configuration/window-to-change-seller": Known(201, empty=True),
    "POST /api/fulfillment/pvt/orders/{orderId}/fulfill": Known(201),
    "POST /pvt/orders/{orderId}/invoice": Known(fields=_INVOICE),
    "POST /pvt/orders/{orderId}/invoice/{invoiceNumber}": Known(fields=_NUMBER),
    "POST /pvt/orders/{orderId}/invoice/{invoiceNumber}/tracking": Known(fields=_MOVES),
    "POST /api/do/notes": Known(fields=_NOTE),
    "GET /api/do/notes": Known(query=("target.id", "page", "perPage")),
    "GET /api/do/tasks": Known(
        query=("assignee.email", "target.id", "context", "status", "page", "perPage")
    ),
    "PATCH /api/order-system/orders/{changeOrderId}/changes": Known(202),
    "POST /api/order-system/orders/{changeOrderId}/changes/{changeRequestId}/retry": Known(204),
    "PUT /api/order-integration/orders/status": Known(query=("an",)),
    "POST /api/order-integration/orders": Known(query=("an",)),
    "POST /_sandbox/keys": _control(201, account="text", permissions="texts"),
    "DELETE /_sandbox/keys/{key}": Known(204),
    "POST /_sandbox/keys/{key}/tokens": Known(201),
    "POST /_sandbox/reset": Known(204),
    "POST /_sandbox/clock/advance": _control(
        milliseconds="whole", seconds="whole", minutes="whole", hours="whole", days="whole"
    ),
    "POST /_sandbox/orders": _control(
        201,
        deal="text",
        flow="text",
        account="text",
        status="text",
        count="whole",
        items="objects",
        value="whole",
        channel="text",
        sellers="texts",
        email="text",
        salesChannel="text",
        affiliate="text",
        endpoint="text",
        marketplaceOrderId="text",
    ),
    "POST /_sandbox/orders/{orderId}/events": _control(event="text", data="object", actor="text"),
    "POST /_sandbox/orders/{orderId}/changes/{changeRequestId}": _control(to="text"),
    "POST /_sandbox/carts": Known(201),
    "POST /_sandbox/prices": _control(204, account="text", prices="object", divergence="text"),
    "POST /_sandbox/deliveries/{number}": _control(
        204, status="whole", body="text", trouble="text"
    ),
    "POST /_sandbox/records": _control(204, orderId="text", what="text", value="any"),
    "POST /_sandbox/hooks/rules": _control(rules="text"),
    "POST /_sandbox/changes": _control(hold="flag"),
    "POST /_sandbox/sellers": _control(
        201, 200, account="text", sellerId="text", url="text", headers="object", endpoint="text"
    ),
    "DELETE /_sandbox/sellers/{sellerId}": Known(204),
    "POST /_sandbox/sellers/retry": _control(204, account="text", orderId="text"),
    "POST /_sandbox/tasks/{taskId}": _control(decision="text"),
    "POST /_sandbox/faults": _control(
        201,
        fault="text",
        operations="texts",
        orders="texts",
        chance="number",
        after="whole",
        times="whole",
        milliseconds="whole",
        seconds="whole",
        lasts="whole",
    ),
    "DELETE /_sandbox/faults": Known(204),
    "DELETE /_sandbox/faults/{number}": Known(204),
    "POST /_sandbox/faults/{number}/counts": _control(met="whole", struck="whole"),
    "POST /_sandbox/limits": _control(perMinute="whole"),
    "POST /_sandbox/strict": _control(strict="flag"),
    "POST /_sandbox/snapshots": _control(201, name="text"),
    "POST /_sandbox/snapshots/{name}/restore": Known(204),
    "DELETE /_sandbox/snapshots/{name}": Known(204),
    "GET /_sandbox": Known(200, (204,), query=("seen",)),
    "GET /_sandbox/page/order": Known(200, (204,), query=("seen",)),
}
"""By ``METHOD /path``; of what is not here only the route and its handler's words are known."""

PARAMETERS: Mapping[str, str] = {
    "orderId": "Order id, such as v100001sbx-01; seq and a sequence will do, too.",
    "changeOrderId": "Order id.",
    "orderGroup": "Id that the orders of one checkout share.",
    "invoiceNumber": "Number of an invoice of the order.",
    "account": "Account, the first one when left out.",
    "maxlot": "How many items at most, 1 to 10.",
    "seen": "Version of the page that is known: the answer is 204 as long as it is the newest.",
    "page": "1 for the first.",
    "per_page": "Rows of a page, 100 at most.",
    "key": "Whole name of an app key.",
    "an": "Account.",
}
"""What a parameter is, where its name does not say it."""
