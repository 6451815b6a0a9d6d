"""The first version of order modifications, which the platform has switched off.

Source: domain fact sheet "HTTP surface", section 8.1.
"""

from __future__ import annotations

from orderflow.sandbox.account import CANCEL_ORDER, CHANGE_ORDER, ORDERS_FULL_ACCESS
from orderflow.sandbox.changes import Changes
from orderflow.sandbox.changes_applied import apply, leader
from orderflow.sandbox.changes_codes import INVALID, legacy_refused
from orderflow.sandbox.changes_legacy import check_legacy, read_legacy, request_id_of
from orderflow.sandbox.changes_rules import outside_seller
from orderflow.sandbox.dialect import Answer, as_json
from orderflow.sandbox.document_names import dashed_mark
from orderflow.sandbox.moments import iso
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.sandbox.vendor.mistakes import body_of

_OFF = (
    "POST .../changes was switched off on 2026-03-01; use PATCH "
    "/api/order-system/orders/{changeOrderId}/changes"
)


def modify(service: Service, call: Call) -> Answer:
    """200 with a receipt; the same ``requestId`` again gives that receipt and changes nothing."""
    held = service.order(call.parameters["orderId"], call.account)
    service.remark(call, "", _OFF, held.order_id)
    sent = body_of(service, call)
    receipts = service.part(Changes).receipts.setdefault((held.account, held.order_id), {})
    known = receipts.get(request_id_of(sent))
    if known is not None:
        return as_json(known)
    asked = read_legacy(sent)
    check_legacy(held, asked, is_free=_is_free(service, held))
    receipt = dashed_mark(held.order_id, "change", asked.request_id)
    if apply(service, held, asked.amendment(service.now, receipt)) is not None:
        raise legacy_refused(INVALID)
    answer: dict[str, object] = {
        "date": iso(service.now),
        "orderId": held.order_id,
        "receipt": receipt,
    }
    receipts[asked.request_id] = answer
    return as_json(answer)


def _is_free(service: Service, held: Held) -> bool:
    taken = bool(outside_seller(held)) or leader(service, held) is not None
    return taken and not service.part(Changes).is_busy(held)


ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/api/oms/pvt/orders/{orderId}/changes",
        modify,
        (ORDERS_FULL_ACCESS, CANCEL_ORDER, CHANGE_ORDER),
    ),
)
