"""What a seller outside the platform tells the marketplace: invoice, tracking, cancel, agreement.

The paths stand behind the ``marketplaceServicesEndpoint`` that the placement says, which is the
sandbox's own address. Orders that no seller outside handles take the same calls as those of the
Orders API. Source: domain fact sheet "HTTP surface", section 7.3.
"""

from __future__ import annotations

import json

from orderflow.sandbox.account import CANCEL_ORDER, NOTIFY_INVOICE, NOTIFY_REFUND
from orderflow.sandbox.changes import Changes
from orderflow.sandbox.dialect import (
    Answer,
    as_json,
    bad_request,
    forbidden,
    refusal,
    required,
    text_in,
)
from orderflow.sandbox.document import receipt
from orderflow.sandbox.external_seller import ExternalSellers
from orderflow.sandbox.moments import iso
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.vendor import cancelling, tracking
from orderflow.sandbox.vendor.fields import objects, whole
from orderflow.sandbox.vendor.invoicing import (
    may_send,
    oddities,
    posted,
    read_invoice,
)
from orderflow.sandbox.vendor.mistakes import body_of

_ORDER = "/pvt/orders/{orderId}"
_INVOICE = (NOTIFY_INVOICE, NOTIFY_REFUND)
_TRACKING = (NOTIFY_INVOICE,)


def send_invoice(service: Service, call: Call) -> Answer:
    """200 with a receipt.

    Sandbox decisions: an invoice without a value has that of its items, one without a date is of
    now.
    """
    held = service.order(call.parameters["orderId"], call.account)
    given = body_of(service, call)
    required(given, "type", "invoiceNumber", "items")
    said = {name: value for name, value in given.items() if value is not None}
    usual = {"issuanceDate": iso(service.now), "invoiceValue": _total(given["items"])}
    sent = read_invoice(held, {**usual, **said})
    if not may_send(call, sent):
        return forbidden()
    for code, told in oddities({**usual, **said}):
        service.remark(call, code, told, held.order_id)
    return posted(service, call, held, sent)


def _total(items: object) -> int:
    """What the items of an invoice cost; 0 when that cannot be told."""
    prices = ((whole(each.get("price")), whole(each.get("quantity"))) for each in objects(items))
    return sum((price or 0) * (quantity or 0) for price, quantity in prices)


def send_tracking(service: Service, call: Call) -> Answer:
    """200 with a receipt; the package gets its number, URL and carrier."""
    required(body_of(service, call), "courier", "trackingNumber", "trackingUrl", "dispatchedDate")
    return tracking.add_number(service, call)


def update_tracking(service: Service, call: Call) -> Answer:
    """200 with a receipt; the package has moved, or is there."""
    required(body_of(service, call), "isDelivered")
    return tracking.update(service, call)


def cancel(service: Service, call: Call) -> Answer:
    """200 with a receipt: the seller cancels, or agrees to a cancellation it was asked for."""
    held = service.order(call.parameters["orderId"], call.account)
    given = body_of(service, call)
    required(given, "reason")
    reason = text_in(given, "reason")
    sellers = service.part(ExternalSellers)
    if not sellers.plays(held):
        sent = json.dumps({"requestedByUser": False, "reason": reason}).encode("ascii")
        return cancelling.cancel(service, call._replace(body=sent))
    if not sellers.cancel(held, reason):
        told = f"Order {held.order_id} cannot be cancelled in status {held.status}"
        raise refusal(400, "CHK0202", told)
    return as_json(receipt(held, service.now))


def send_agreement(service: Service, call: Call) -> Answer:
    """200 with what was agreed to: the seller knows of a modification, or has made it."""
    held = service.order(call.parameters["orderId"], call.account)
    wanted = call.parameters["changeRequestId"]
    agreement = text_in(body_of(service, call), "agreementType")
    if not service.part(ExternalSellers).plays(held):
        raise bad_request(f"Order {held.order_id} has no seller outside the platform")
    service.part(Changes).agree(held, wanted, agreement)
    said = {"orderId": held.order_id, "changeRequestId": wanted, "agreementType": agreement}
    return as_json(said)


ROUTES: tuple[Route, ...] = (
    Route("POST", _ORDER + "/invoice", send_invoice, _INVOICE),
    Route("POST", _ORDER + "/invoice/{invoiceNumber}", send_tracking, _TRACKING),
    Route("POST", _ORDER + "/invoice/{invoiceNumber}/tracking", update_tracking, _TRACKING),
    Route("POST", _ORDER + "/cancel", cancel, (CANCEL_ORDER,)),
    Route("POST", _ORDER + "/changes/{changeRequestId}/send-agreement", send_agreement),
)
"""The last needs no permission that a source names."""
