"""Invoices: of a sale, in one or several parts, and of a return.

Source: domain fact sheets "HTTP surface", section 4, and "What real clients send and read",
section 2.4.
"""

from __future__ import annotations

from dataclasses import dataclass

from orderflow.sandbox.account import NOTIFY_REFUND
from orderflow.sandbox.dialect import (
    GENERIC,
    Answer,
    as_json,
    bad_request,
    forbidden,
    read_object,
    refusal,
    required,
    text_in,
)
from orderflow.sandbox.document import receipt
from orderflow.sandbox.moments import iso, moment
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.sandbox.vendor.packages import INVOICE_TEXTS, add_papers
from orderflow.simulator.simulator import Refused

_KINDS = {"output": "Output", "input": "Input"}
_ANSWERS_REQUEST = frozenset({"cancellation-requested", "waiting-for-seller-decision"})
_MOST_DIGITS = 12
_LONGEST_NUMBER = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """An invoice as it was sent, once it can be read.

    Attributes:
        number: Invoice number.
        kind: ``Output`` or ``Input``.
        value: Cents.
        papers: The other fields, by the names a package has.
    """

    number: str
    kind: str
    value: int
    papers: dict[str, object]


def add_invoice(service: Service, call: Call) -> Answer:
    """200 with a receipt; the same number again gives a new receipt and no second package."""
    held = service.order(call.parameters["orderId"], call.account)
    sent = read_invoice(held, read_object(call.body))
    if sent.kind == "Input" and call.key is not None and not call.key.may((NOTIFY_REFUND,)):
        return forbidden()
    known = any(invoice.number == sent.number for invoice in held.order.invoices)
    if not known:
        _post(service, held, sent)
    add_papers(held, sent.number, sent.papers)
    return as_json(receipt(held, service.now, again=service.again(held, sent.number)))


def read_invoice(held: Held, given: dict[str, object]) -> Sent:
    """The invoice in a body.

    Items may be left out, ``invoiceValue`` may be a number or a string, and ``issuanceDate`` a
    bare date: real clients send all of these.

    Raises:
        DialectError: A required field is missing or cannot be read.
    """
    required(given, "type", "issuanceDate", "invoiceNumber", "invoiceValue")
    kind = _KINDS.get(text_in(given, "type").lower())
    number = text_in(given, "invoiceNumber").strip()
    value = whole(given["invoiceValue"])
    if kind is None:
        raise bad_request("The field type must be Output or Input")
    if not number or len(number) > _LONGEST_NUMBER:
        raise bad_request(f"invoiceNumber must have 1 to {_LONGEST_NUMBER} characters")
    if value is None or value < 1:
        raise bad_request("invoiceValue must be a whole number of cents above 0")
    issued = _date(text_in(given, "issuanceDate"))
    papers: dict[str, object] = {
        name: text_in(given, name) or None for name in INVOICE_TEXTS if given.get(name)
    }
    papers["issuanceDate"] = issued
    items = _items(held, given.get("items"))
    if items:
        papers["items"] = items
    return Sent(number, kind, value, papers)


def whole(given: object) -> int | None:
    """The whole number that a client means, be it a number or a text; None when it is neither.

    >>> whole("2499"), whole(2499.0), whole("24.99"), whole(True)
    (2499, 2499, None, None)
    """
    if isinstance(given, bool):
        return None
    if isinstance(given, float) and given.is_integer() and abs(given) < 10**_MOST_DIGITS:
        return int(given)
    if isinstance(given, int):
        return given if abs(given) < 10**_MOST_DIGITS else None
    if isinstance(given, str) and given.isascii() and given.isdigit():
        return int(given) if len(given) <= _MOST_DIGITS else None
    return None


def _date(given: str) -> str:
    """The date that was sent, as the API writes it."""
    try:
        return iso(moment(given))
    except (ValueError, OverflowError) as wrong:
        raise bad_request(f"issuanceDate {given[:60]!r} is no date") from wrong


def _items(held: Held, given: object) -> list[dict[str, object]]:
    """The lines of a package; those whose item the order does not have are left out."""
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise bad_request("The field items must be an array of objects")
    places = {item.id: place for place, item in enumerate(held.order.items)}
    found: list[dict[str, object]] = []
    for each in given:
        place = places.get(str(each.get("id", each.get("itemId"))))
        quantity, price = whole(each.get("quantity", 1)), whole(each.get("price", 0))
        if quantity is None or price is None:
            raise bad_request("quantity and price of an item must be whole numbers")
        if place is not None:
            found.append(
                {
                    "itemIndex": place,
                    "quantity": quantity,
                    "price": price,
                    "description": text_in(each, "description") or None,
                    "unitMultiplier": 1.0,
                }
            )
    return found


def _post(service: Service, held: Held, sent: Sent) -> None:
    """Let the invoice happen to the order.

    Raises:
        DialectError: The order does not take it.
    """
    data: dict[str, object] = {"value": sent.value, "number": sent.number}
    order = held.order
    if sent.kind == "Input":
        if order.returned + sent.value > order.invoiced:  # Source: known issue 376077.
            raise bad_request("The value of the Input invoices is above the invoiced total")
        event = "add_return_invoice"
    else:
        if order.invoiced + sent.value > order.value:
            raise bad_request("The value of the invoices is above the value of the order")
        event = _output_event(held, sent.value)
    if isinstance(service.fire(held, event, data), Refused):
        told = f"Order {held.order_id} takes no {sent.kind} invoice in status {held.status}"
        raise refusal(409, GENERIC, told)


def _output_event(held: Held, value: int) -> str:
    if held.status not in _ANSWERS_REQUEST:
        return "verify_invoice"
    whole_value = held.order.invoiced + value == held.order.value
    return "add_invoice_full" if whole_value else "add_invoice_partial"
