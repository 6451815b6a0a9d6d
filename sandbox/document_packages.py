"""What an order document says of its invoices: one package each, with the carrier's news."""

from __future__ import annotations

from orderflow.sandbox.moments import iso, iso_or_null
from orderflow.sandbox.store import Held
from orderflow.simulator.order import Invoice, InvoiceLine, TrackingEvent


def packages(held: Held) -> list[dict[str, object]]:
    """``packageAttachment.packages[]``, in the order in which the invoices were posted."""
    return [_package(held, invoice) for invoice in held.order.invoices]


def _package(held: Held, invoice: Invoice) -> dict[str, object]:
    """One package; what its sender gave beyond the order's own record stands over the rest."""
    return {
        "items": [
            {
                "itemIndex": _place(held, line),
                "quantity": line.quantity,
                "price": line.price,
                "description": None,
                "unitMultiplier": 1.0,
            }
            for line in invoice.lines
        ],
        "courier": None,
        "invoiceNumber": invoice.number,
        "invoiceValue": invoice.value,
        "invoiceUrl": None,
        "issuanceDate": iso(invoice.at),
        "trackingNumber": invoice.tracking_number or None,
        "invoiceKey": None,
        "trackingUrl": None,
        "embeddedInvoice": "",
        "type": invoice.kind,
        "courierStatus": _courier_status(invoice),
        "cfop": None,
        "restitutions": {} if invoice.kind == "Output" else {"Refund": _refund(invoice)},
        "volumes": 1,
        "EnableInferItems": False,
        **held.papers.get(invoice.number, {}),
    }


def _place(held: Held, line: InvoiceLine) -> int:
    """Position in the order of the item that an invoice line means."""
    return [item.id for item in held.order.items].index(line.item)


def _courier_status(invoice: Invoice) -> dict[str, object] | None:
    """What the carrier has said; None before it has said anything."""
    if not invoice.events and not invoice.finished:
        return None
    return {
        "status": None,
        "finished": invoice.finished,
        "deliveredDate": iso_or_null(invoice.delivered_at),
        "data": [_movement(event) for event in invoice.events],
    }


def _movement(event: TrackingEvent) -> dict[str, object]:
    return {
        "lastChange": iso(event.at),
        "city": "",
        "state": "",
        "description": event.description,
        "createDate": iso(event.at),
    }


def _refund(invoice: Invoice) -> dict[str, object]:
    return {
        "value": invoice.value,
        "giftCardData": None,
        "items": [
            {
                "useFreight": False,
                "isCompensation": False,
                "compensationValue": 0,
                "id": line.item,
                "quantity": line.quantity,
                "price": line.price,
                "description": "",
            }
            for line in invoice.lines
        ],
    }
