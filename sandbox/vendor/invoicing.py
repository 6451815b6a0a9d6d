"""Invoices: of a sale, in one or several parts, and of a return.

Source: domain fact sheets "HTTP surface", section 4, and "What real clients send and read",
section 2.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from orderflow.sandbox.account import NOTIFY_INVOICE, NOTIFY_REFUND
from orderflow.sandbox.changes_shown import lines
from orderflow.sandbox.dialect import (
    GENERIC,
    Answer,
    DialectError,
    as_json,
    bad_request,
    forbidden,
    refusal,
    required,
    text_in,
)
from orderflow.sandbox.document import receipt
from orderflow.sandbox.document_packages import packages
from orderflow.sandbox.external_seller import ExternalSellers
from orderflow.sandbox.handled import bring_up, documents_to_seller
from orderflow.sandbox.line_places import LinePlaces
from orderflow.sandbox.order_statuses import ASKED_TO_CANCEL
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.sandbox.vendor.fields import date_in, objects, whole
from orderflow.sandbox.vendor.mistakes import body_of, invoice_refused
from orderflow.sandbox.vendor.packages import INVOICE_TEXTS, add_papers
from orderflow.sandbox.vendor.waiting_invoices import WaitingInvoices
from orderflow.simulator.simulator import Refused

_KINDS = {"output": "Output", "input": "Input"}
_TAKES_SELLERS_INVOICE = frozenset({"payment-approved", "waiting-for-seller-decision"})
"""Where a document takes the invoice of the seller below it; the second refuses a cancellation."""

_NOT_YET = frozenset(
    {"order-accepted", "on-order-completed-ffm", "waiting-ffmt-authorization"}
    | {"waiting-for-fulfillment", "authorize-fulfillment", "window-to-cancel"}
)
"""Statuses of a seller's document in which an invoice waits until it is ready for handling."""

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
    given = body_of(service, call)
    sent = _read(service, call, held, given)
    if not may_send(call, sent):
        return forbidden()
    for code, told in oddities(given):
        service.remark(call, code, told, held.order_id)
    return posted(service, call, held, sent)


def _read(service: Service, call: Call, held: Held, given: dict[str, object]) -> Sent:
    """The invoice; one without a value and without items is written down as the mistake it is."""
    try:
        return read_invoice(held, given)
    except DialectError:
        if whole(given.get("invoiceValue")) == 0 and not given.get("items"):
            told = "an invoice of 0 without items never reaches the value of the order"
            service.remark(call, "CM-10", told, held.order_id, refused=True)
        raise


def may_send(call: Call, sent: Sent) -> bool:
    """Whether the caller may send it: a sale and a return need each a permission of its own."""
    needed = NOTIFY_REFUND if sent.kind == "Input" else NOTIFY_INVOICE
    return call.key is None or call.key.may((needed,))


def posted(service: Service, call: Call, held: Held, sent: Sent) -> Answer:
    """200 with a receipt, once the order has taken the invoice.

    Raises:
        DialectError: It does not; nothing has changed.
    """
    if sent.number not in numbers(service, held):
        _see_whether_it_fits(service, call, held, sent)
        if not post_invoice(service, held, sent):
            invoice_refused(service, call, held)
            told = f"Order {held.order_id} takes no {sent.kind} invoice in status {held.status}"
            raise refusal(409, GENERIC, told)
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
    issued = date_in("issuanceDate", text_in(given, "issuanceDate"))
    papers: dict[str, object] = {
        name: text_in(given, name) or None for name in INVOICE_TEXTS if given.get(name)
    }
    papers["issuanceDate"] = issued
    items = _items(held, number, kind, given.get("items"))
    if items:
        papers["items"] = items
    return Sent(number, kind, value, papers)


def _places(held: Held, number: str, kind: str) -> LinePlaces:
    """The lines of the order, without the units that other invoices of that kind are about."""
    found = LinePlaces(lines(held))
    for package in packages(held) if found.has_twins else ():
        if package["type"] == kind and package["invoiceNumber"] != number:
            for row in objects(package["items"]):
                found.name(whole(row["itemIndex"]) or 0, whole(row["quantity"]) or 0)
    return found


def _items(held: Held, number: str, kind: str, given: object) -> list[dict[str, object]]:
    """The lines of a package; those whose item the order does not have are left out."""
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise bad_request("The field items must be an array of objects")
    if not given:
        return []
    places = _places(held, number, kind)
    found: list[dict[str, object]] = []
    for each in given:
        quantity, price = whole(each.get("quantity", 1)), whole(each.get("price", 0))
        if quantity is None or price is None:
            raise bad_request("quantity and price of an item must be whole numbers")
        place = places.take(str(each.get("id", each.get("itemId"))), quantity, price)
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


def oddities(given: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """(code, text) of each mistake in a readable body that the platform lets pass."""
    if "/" in str(given.get("invoiceNumber")):
        yield "CM-24", "invoiceNumber has a slash: no tracking route will match; letters and digits"
    if given.get("items") is None:
        yield "CM-31", "items are missing: send id, price and quantity of each"
    elif any(_is_odd(item) for item in objects(given["items"])):
        yield "CM-31", "an item needs an id, and price and quantity as whole numbers"
    date = str(given.get("issuanceDate")).strip()
    if "T" not in date:
        yield "CM-32", f"issuanceDate {date[:40]!r}: write date and time with offset, 2026-11-23T…Z"


def _is_odd(item: Mapping[str, object]) -> bool:
    numbers = (item.get("price"), item.get("quantity"))
    return "id" not in item or any(isinstance(each, str) or each is None for each in numbers)


def numbers(service: Service, held: Held) -> frozenset[str]:
    """Numbers of the invoices that the order has, or that wait for its seller."""
    seller = documents_to_seller(service, held)[-1]
    waiting = service.part(WaitingInvoices).numbers(seller)
    orders = (held.order, seller.order)
    return frozenset(waiting) | {one.number for order in orders for one in order.invoices}


def _see_whether_it_fits(service: Service, call: Call, held: Held, sent: Sent) -> None:
    """See that its value and those before it do not go above what there is.

    Raises:
        DialectError: They do.
    """
    seller = documents_to_seller(service, held)[-1]
    order, waiting = seller.order, service.part(WaitingInvoices).value(seller)
    if sent.kind == "Input":
        if order.returned + sent.value > order.invoiced:  # Source: known issue 376077.
            raise bad_request("The value of the Input invoices is above the invoiced total")
    elif order.invoiced + waiting + sent.value > order.value:
        if order.invoiced + waiting == order.value:
            told = "another invoice for an order that is invoiced: repeat the number of the first"
            service.remark(call, "CM-07", told, held.order_id, refused=True)
        raise bad_request("The value of the invoices is above the value of the order")


def post_invoice(service: Service, held: Held, sent: Sent) -> bool:
    """Let an invoice happen to whoever handles the order, and let *held* hear of it at once.

    Args:
        service: The sandbox.
        held: The document whose invoice it is; its own, or that of the store that sold it.
        sent: The invoice, whose value fits.

    Returns:
        Whether it is taken; when not, nothing has changed.
    """
    outside = service.part(ExternalSellers)
    if outside.plays(held):
        return outside.invoice(held, sent.kind, sent.number, sent.value)
    documents = documents_to_seller(service, held)
    seller = documents[-1]
    if seller is not held and sent.kind == "Output":
        if held.status not in _TAKES_SELLERS_INVOICE:
            return False
        if seller.status in _NOT_YET:
            work = partial(_let_happen, service, documents, sent)
            service.part(WaitingInvoices).add(seller, sent.number, sent.value, work)
            return True
    return _let_happen(service, documents, sent)


def _let_happen(service: Service, documents: tuple[Held, ...], sent: Sent) -> bool:
    seller = documents[-1]
    if len(documents) > 1 and seller.status == "ready-for-handling":
        service.fire(seller, "start_handling")  # who sends an invoice has handled the order
    data: dict[str, object] = {"value": sent.value, "number": sent.number}
    event = "add_return_invoice" if sent.kind == "Input" else _output_event(seller, sent.value)
    if isinstance(service.fire(seller, event, data), Refused):
        return False
    bring_up(service, documents)
    return True


def _output_event(held: Held, value: int) -> str:
    if held.status not in ASKED_TO_CANCEL:
        return "verify_invoice"
    whole_value = held.order.invoiced + value == held.order.value
    return "add_invoice_full" if whole_value else "add_invoice_partial"
