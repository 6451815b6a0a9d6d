"""An order as the vendor's API shows it: Get order, its PII version, a row of List orders.

The documents hold every field that known clients read, whatever the status; what has not happened
is null. Names, addresses and the like are synthetic and stay the same for the same order.
Source: domain fact sheets "HTTP surface", section 2, and "What real clients send and read",
sections 3.3, 3.4 and 3.8.
"""

from __future__ import annotations

from orderflow.flows.model import INCOMPLETE
from orderflow.sandbox.changes_shown import changes_attachment, lines
from orderflow.sandbox.document_cancellation import cancellation, capital_cancellation, requests
from orderflow.sandbox.document_goods import item_metadata, items, shipping
from orderflow.sandbox.document_money import payment, payment_name, totals
from orderflow.sandbox.document_names import cart_id, dashed_mark, seller_order_id, upper_id
from orderflow.sandbox.document_packages import packages
from orderflow.sandbox.document_shopper import email, email_alias, full_name, profile
from orderflow.sandbox.document_store import (
    affiliate,
    endpoint,
    extras,
    marketplace,
    preferences,
    sellers,
)
from orderflow.sandbox.document_workflow import workflow_data
from orderflow.sandbox.moments import iso, iso_or_null
from orderflow.sandbox.order_statuses import CREATION_ERRORS
from orderflow.sandbox.store import Held

_PORTUGUESE = {
    "payment-pending": "Pagamento Pendente",
    "payment-approved": "Pagamento Aprovado",
    "window-to-cancel": "Carência para Cancelamento",
    "ready-for-handling": "Pronto para o manuseio",
    "handling": "Preparando Entrega",
    "invoiced": "Faturado",
    "canceled": "Cancelado",
}
"""``statusDescription`` as recorded answers have it; it is deprecated, and null where none has."""

_CANCELLABLE = frozenset(
    {
        "waiting-for-authorization",
        "payment-pending",
        "waiting-ffmt-authorization",
        "authorize-fulfillment",
        "payment-approved",
        "window-to-change-seller",
        "window-to-cancel",
        "ready-for-handling",
        "handling",
        "cancellation-requested",
        "waiting-for-seller-decision",
    }
)
"""Statuses in which a cancellation is taken. Source: fact sheet "HTTP surface", section 3.1."""


def order_document(held: Held, *, host: str) -> dict[str, object]:
    """The answer of Get order.

    Args:
        held: A document that has been placed.
        host: Host and port under which the API is reached; it stands in the endpoints.

    Raises:
        ValueError: The document has not been placed.
    """
    order, shown = held.order, lines(held)
    return {
        **_identity(held, host),
        **_state(held),
        **_dates(held),
        "value": order.value,
        "totals": totals(held),
        "items": items(held, shown),
        "itemMetadata": item_metadata(held, shown),
        "clientProfileData": profile(held, address=email_alias(held)),
        "shippingData": shipping(held, shown),
        "paymentData": payment(held),
        "packageAttachment": {"packages": packages(held)},
        "sellers": sellers(held, host),
        "marketplace": marketplace(held, host),
        "changesAttachment": changes_attachment(held),
        "cancellationData": capital_cancellation(held),
        "cancellationRequests": requests(held) or None,
        "cancelReason": order.cancellation.reason if order.cancellation else None,
        "storePreferencesData": preferences(),
        **extras(held),
    }


def group_document(held: Held, *, host: str) -> dict[str, object]:
    """One of the answer to order group: as Get order, but for ``cancellationData``.

    Raises:
        ValueError: The document has not been placed.
    """
    return {**order_document(held, host=host), "cancellationData": cancellation(held)}


def pii_document(held: Held, *, host: str = "") -> dict[str, object]:
    """The answer of the PII version: real e-mail address and ``workflowData``.

    Args:
        held: A document that has been placed.
        host: As for :func:`order_document`.

    Raises:
        ValueError: The document has not been placed.
    """
    shown = group_document(held, host=host)
    return {
        **shown,
        "id": held.order_id,
        "state": shown["status"],
        "clientProfileData": profile(held, address=email(held)),
        "itemMetadata": {"items": _lower(item_metadata(held, lines(held))["Items"])},
        "emailTracked": email_alias(held),
        "piiHidden": False,
        "creationEnvironment": "STABLE",
        "workflowData": workflow_data(held),
    }


def _lower(rows: object) -> object:
    """The same with names that begin with a small letter, as the PII version has them."""
    if isinstance(rows, list):
        return [_lower(row) for row in rows]
    if isinstance(rows, dict):
        return {name[0].lower() + name[1:]: _lower(value) for name, value in rows.items()}
    return rows


def _identity(held: Held, host: str) -> dict[str, object]:
    placed, account = held.placed, held.account
    return {
        "orderId": held.order_id,
        "sequence": held.sequence,
        "orderGroup": held.group,
        "marketplaceOrderId": upper_id(held),
        "marketplaceServicesEndpoint": endpoint(held, host),
        "sellerOrderId": seller_order_id(held),
        "origin": held.origin,
        "affiliateId": affiliate(held),
        "salesChannel": placed.sales_channel,
        "merchantName": account,
        "hostname": account,
        "orderFormId": placed.cart or cart_id(held),
        "followUpEmail": email_alias(held),
        "lastMessage": None,
        "roundingError": 0,
    }


def _state(held: Held) -> dict[str, object]:
    order = held.order
    status = order.status
    return {
        "status": _shown(status),
        "statusDescription": _PORTUGUESE.get(status),
        "workflowIsInError": _in_error(held, status),
        "isCompleted": order.is_completed,
        # when it would be taken: the status allows it, and no part is invoiced
        "allowCancellation": status in _CANCELLABLE and not order.outputs,
        "allowEdition": False,  # as every published sample has it
        "isCheckedIn": False,
        "checkedInPickupPointId": None,
    }


def _in_error(held: Held, status: str) -> bool:
    return status in CREATION_ERRORS or held.participant in held.stuck


def _shown(status: str) -> str | None:
    """The API status; null for an incomplete order, which has none."""
    return None if status == INCOMPLETE else status


def _dates(held: Held) -> dict[str, object]:
    return {
        "creationDate": iso(_created_at(held)),
        "lastChange": iso(held.events[-1].at),
        "authorizedDate": iso_or_null(held.authorized_at),
        "invoicedDate": iso_or_null(held.order.invoiced_at),
    }


def _created_at(held: Held) -> int:
    at = held.order.created_at
    if at is None:
        raise ValueError(f"{held.order_id} has not been placed, so there is no document of it")
    return at


def list_row(held: Held) -> dict[str, object]:
    """One of ``list[]`` of List orders, with the fields that the reference does not have.

    Raises:
        ValueError: The document has not been placed.
    """
    order = held.order
    return {
        "orderId": held.order_id,
        "clientName": " ".join(full_name(held)),
        "items": None,
        "totalValue": order.value,
        "totalItems": sum(line.quantity for line in lines(held)),
        "paymentNames": payment_name(held),
        "status": _shown(order.status),
        "statusDescription": _PORTUGUESE.get(order.status),
        "marketPlaceOrderId": upper_id(held) or None,
        "sequence": held.sequence,
        "salesChannel": held.placed.sales_channel,
        "affiliateId": affiliate(held),
        "origin": held.origin,
        "workflowInErrorState": _in_error(held, order.status),
        "workflowInRetry": False,
        "lastMessageUnread": None,
        "orderIsComplete": order.is_completed,
        "listId": None,
        "listType": None,
        "callCenterOperatorName": None,
        "currencyCode": "BRL",
        **_list_dates(held),
        **_beyond_reference(held),
    }


def _list_dates(held: Held) -> dict[str, object]:
    estimates = [item.estimate for item in held.order.items if item.estimate is not None]
    latest = iso_or_null(max(estimates, default=None))
    return {
        "creationDate": iso(_created_at(held)),
        "authorizedDate": iso_or_null(held.authorized_at),
        "ShippingEstimatedDate": latest,
        "ShippingEstimatedDateMax": latest,
        "ShippingEstimatedDateMin": iso_or_null(min(estimates, default=None)),
    }


def _beyond_reference(held: Held) -> dict[str, object]:
    """Fields of a row that are served, and read by clients, but stand in no reference."""
    order = held.order
    delivered = [invoice.finished for invoice in order.outputs]
    return {
        "lastChange": iso(held.events[-1].at),
        "hostname": held.account,
        "orderFormId": held.placed.cart or cart_id(held),
        "invoiceOutput": [invoice.number for invoice in order.outputs],
        "invoiceInput": [invoice.number for invoice in order.inputs],
        "isAllDelivered": bool(delivered) and all(delivered),
        "isAnyDelivered": any(delivered),
        "giftCardProviders": [],
        "paymentApprovedDate": iso_or_null(order.authorized_at),
        "readyForHandlingDate": iso_or_null(_entered_at(held, "ready-for-handling")),
        "deliveryDates": [iso(i.delivered_at) for i in order.outputs if i.delivered_at is not None],
    }


def _entered_at(held: Held, status: str) -> int | None:
    """When the order entered *status* for the first time."""
    return next((event.at for event in held.events if event.target == status), None)


def receipt(held: Held, now: int, *, again: int = 0) -> dict[str, object]:
    """The body that acknowledges an invoice, tracking or a cancellation.

    Args:
        held: The document after the call.
        now: Virtual time in ms.
        again: Counts calls that change nothing of the document, so that each has its own receipt.
    """
    known = (held.order_id, str(len(held.events)), str(now), str(again))
    return {"date": iso(now), "orderId": held.order_id, "receipt": dashed_mark(*known, "receipt")}
