"""The order integration for connectors: hand in an order, hand in that it is paid.

Source: domain fact sheet "HTTP surface", section 7.1; reference "Marketplace Protocol - External
Marketplace Orders". What cannot be enqueued is answered at once with the code of a validation
error, in the envelope and with 200 (sandbox decision; the fact sheet knows these codes there only).
"""

from __future__ import annotations

from dataclasses import replace

from orderflow.sandbox.dialect import (
    Answer,
    DialectError,
    as_json,
    bad_request,
    forbidden,
)
from orderflow.sandbox.integration import (
    ENQUEUED,
    Flow,
    Handed,
    Integration,
    Result,
    envelope,
    refusal_of,
)
from orderflow.sandbox.outside_order import affiliate_of, marketplace_order_id
from orderflow.sandbox.placing_fields import has, named, word
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.vendor.mistakes import body_of

_STATUSES = {"new": False, "approved": True}
_EXPECTED = (
    "connectorName",
    "marketplaceOrderStatus",
    "marketplacePaymentValue",
    "allowFranchises",
    "items",
    "clientProfileData",
    "shippingData",
    "invoiceData",
)


def integrate(service: Service, call: Call) -> Answer:
    """200 with the code for an order that is enqueued; what came of it is told later."""
    if _elsewhere(call):
        return forbidden()
    given = body_of(service, call)
    try:
        affiliate, handed = affiliate_of(call.query), _handed(call, given, "PlaceOrder")
    except DialectError as wrong:
        return _invalid(call, "PlaceOrder", wrong)
    missing = [name for name in _EXPECTED if not has(given, name)]
    if missing:
        told = f"not sent: {', '.join(missing)}; send null for what is empty"
        service.remark(call, "", told, handed.order_id)
    _see_endpoint(service, call, handed)
    channel = word(call.query, "sc") or "1"
    order = replace(handed, affiliate=affiliate, body=given, sales_channel=channel)
    service.part(Integration).hand_in(order)
    return as_json(envelope(call.account, Result("PlaceOrder", ENQUEUED)))


def update_status(service: Service, call: Call) -> Answer:
    """200 with the code for a status that is enqueued; what came of it is told later."""
    if _elsewhere(call):
        return forbidden()
    given = body_of(service, call)
    try:
        handed = _handed(call, given, "ApproveOrder")
    except DialectError as wrong:
        return _invalid(call, "ApproveOrder", wrong)
    if not has(given, "connectorName"):
        service.remark(call, "", "not sent: connectorName", handed.order_id)
    _see_endpoint(service, call, handed)
    service.part(Integration).hand_in(handed)
    return as_json(envelope(None, Result("ApproveOrder", ENQUEUED), handed.order_id))


def _handed(call: Call, given: dict[str, object], flow: Flow) -> Handed:
    status = word(given, "marketplaceOrderStatus").lower()
    endpoint = named(given, "connectorEndpoint")
    order_id = marketplace_order_id(given)
    if status not in _STATUSES:
        raise bad_request("marketplaceOrderStatus must be new or approved")
    if not isinstance(endpoint, str) or not endpoint.strip():
        raise bad_request("connectorEndpoint must be a URL")
    return Handed(flow, call.account, order_id, endpoint.strip(), _STATUSES[status])


def _see_endpoint(service: Service, call: Call, handed: Handed) -> None:
    wrong = service.outbox.wrong_with(handed.endpoint)
    if wrong:
        told = f"connectorEndpoint cannot be called, so it is told nothing: {wrong}"
        service.remark(call, "", told, handed.order_id)


def _elsewhere(call: Call) -> bool:
    """Whether a call names another account than that of its key."""
    return call.query.get("an", call.account) != call.account


def _invalid(call: Call, flow: Flow, wrong: DialectError) -> Answer:
    return as_json(envelope(call.account, refusal_of(flow, wrong)))


_ORDERS = "/api/order-integration/orders"
ROUTES: tuple[Route, ...] = (
    Route("POST", _ORDERS, integrate),
    Route("PUT", _ORDERS + "/status", update_status),
)
