"""The invoice of the PII version: the same event, under stricter rules.

Source: domain fact sheet "HTTP surface", section 4, and its decisions D-A2 to D-A4; the published
description of the PII version of the Orders API, which writes `itemIndex` as text.
"""

from __future__ import annotations

from orderflow.sandbox.account import NOTIFY_INVOICE, NOTIFY_REFUND
from orderflow.sandbox.changes_shown import lines
from orderflow.sandbox.dialect import Answer, bad_request, forbidden, required, text_in
from orderflow.sandbox.moments import moment
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.sandbox.vendor.fields import objects, whole
from orderflow.sandbox.vendor.invoicing import (
    Sent,
    may_send,
    numbers,
    posted,
    read_invoice,
)
from orderflow.sandbox.vendor.mistakes import body_of

_REQUIRED = ("type", "issuedDate", "invoiceNumber", "invoiceValue", "items")


def add_invoice(service: Service, call: Call) -> Answer:
    """200 with a receipt; a number that the order knows is 400."""
    held = service.order(call.parameters["orderId"], call.account)
    sent = _read(held, body_of(service, call))
    if not may_send(call, sent):
        return forbidden()
    if sent.number in numbers(service, held):
        raise bad_request(f"The order has an invoice {sent.number!r} already")
    return posted(service, call, held, sent)


def _read(held: Held, given: dict[str, object]) -> Sent:
    """The invoice in a body.

    Raises:
        DialectError: A required field is missing or cannot be read.
    """
    required(given, *_REQUIRED)
    value = given["invoiceValue"]
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad_request("invoiceValue must be a whole number of cents, not a text")
    date = text_in(given, "issuedDate")
    _see_day(date)
    volumes = whole(given.get("volumes") or 0)
    if volumes is None:
        raise bad_request("volumes must be a whole number")
    sent = read_invoice(held, {**given, "issuanceDate": date, "items": None})
    papers = {
        **sent.papers,
        "items": _lines(held, given["items"]),
        **({"volumes": volumes} if volumes else {}),
    }
    return Sent(sent.number, sent.kind, sent.value, papers)


def _see_day(given: str) -> None:
    try:
        moment(given)
    except (ValueError, OverflowError) as wrong:
        raise bad_request(f"issuedDate {given[:60]!r}: write YYYY-MM-DD") from wrong


def _lines(held: Held, given: object) -> list[dict[str, object]]:
    """The lines of a package; the price of a line is for all its units together."""
    sent = list(objects(given))
    if not isinstance(given, list) or len(sent) != len(given):
        raise bad_request("The field items must be an array of objects")
    found: list[dict[str, object]] = []
    for line in sent:
        place, price = whole(line.get("itemIndex")), whole(line.get("price"))
        quantity = whole(line.get("quantity"))
        if place is None or price is None or quantity is None:
            raise bad_request("itemIndex, price and quantity of an item must be whole numbers")
        if not 0 <= place < len(lines(held)):
            raise bad_request(f"itemIndex {place}: the order has {len(lines(held))} items")
        found.append(
            {
                "itemIndex": place,
                "quantity": quantity,
                "price": price,
                "description": None,
                "unitMultiplier": 1.0,
            }
        )
    return found


ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/api/orders/pvt/document/{orderId}/invoices",
        add_invoice,
        (NOTIFY_INVOICE, NOTIFY_REFUND),
    ),
)
