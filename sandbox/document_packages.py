"""What an order document says of its invoices: one package each, with the carrier's news."""

from __future__ import annotations

from orderflow.sandbox.changes_amendment import CURRENT
from orderflow.sandbox.changes_shown import lines, placed_lines, versions
from orderflow.sandbox.line_places import LinePlaces
from orderflow.sandbox.moments import iso, iso_or_null
from orderflow.sandbox.store import Held
from orderflow.simulator.order import Invoice, TrackingEvent


def packages(held: Held) -> list[dict[str, object]]:
    """``packageAttachment.packages[]``, in the order in which the invoices were posted."""
    return [_package(held, invoice) for invoice in held.order.invoices]


def _package(held: Held, invoice: Invoice) -> dict[str, object]:
    """One package; what its sender gave beyond the order's own record stands over the rest."""
    return {
        "items": _rows(held, invoice),
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


def _rows(held: Held, invoice: Invoice) -> list[dict[str, object]]:
    """The lines of an invoice; those of a whole one are the lines that the order has by now."""
    if not invoice.lines:
        return []
    if CURRENT in versions(held):
        found = [(line.quantity, line.selling_price) for line in lines(held)]
        return [_row(place, *each) for place, each in enumerate(found)]
    places = LinePlaces(placed_lines(held))
    named = [(places.take(each.item, each.quantity, each.price), each) for each in invoice.lines]
    return [_row(place, each.quantity, each.price) for place, each in named if place is not None]


def _row(place: int, quantity: int, price: int) -> dict[str, object]:
    return {
        "itemIndex": place,
        "quantity": quantity,
        "price": price,
        "description": None,
        "unitMultiplier": 1.0,
    }


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
