"""What can come with an event: invoices, tracking, the answers of payment and stock.

Data is a flat set of named JSON scalars, so that a trace can be read and typed by a person.
Each event accepts only its own names; :func:`draft` turns them into the order document that
the guards then judge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import NamedTuple

from orderflow.simulator.errors import EventDataError
from orderflow.simulator.order import Invoice, InvoiceLine, Order, TrackingEvent

Values = Mapping[str, object]

OUTPUT_EVENTS = frozenset({"verify_invoice", "add_invoice_full", "add_invoice_partial"})
"""Events an Output invoice can come with."""


class Given(NamedTuple):
    """An event as it was handed in.

    Attributes:
        event: Its name.
        data: What came with it.
        now: Virtual time in ms.
    """

    event: str
    data: Values
    now: int

    def wrong(self, name: str, reason: str) -> EventDataError:
        """The error that says what is wrong with the value called *name*."""
        return EventDataError(self.event, name, reason)

    def cents(self, name: str, default: int | None = None) -> int:
        """The whole, positive number called *name*."""
        given = self.data.get(name, default)
        if not isinstance(given, int) or isinstance(given, bool):
            raise self.wrong(name, f"wants a whole number, got {given!r}")
        if given < 1:
            raise self.wrong(name, f"must be at least 1, got {given}")
        return given

    def choice(self, name: str, *allowed: str) -> str:
        """The value called *name*, one of *allowed*; the first of them when it was not given."""
        given = self.data.get(name, allowed[0])
        if given not in allowed:
            raise self.wrong(name, f"{given!r} is not one of {', '.join(allowed)}")
        return str(given)

    def text(self, name: str, default: str = "") -> str:
        """The text called *name*."""
        given = self.data.get(name, default)
        if not isinstance(given, str):
            raise self.wrong(name, f"wants a text, got {given!r}")
        return given

    def flag(self, name: str, *, default: bool) -> bool:
        """The truth value called *name*."""
        given = self.data.get(name, default)
        if not isinstance(given, bool):
            raise self.wrong(name, f"wants true or false, got {given!r}")
        return given


def _number(order: Order, given: Given, prefix: str) -> str:
    """The invoice's ``number``, or *prefix* and the next number that is free."""
    taken = {invoice.number for invoice in order.invoices}
    number = given.text("number")
    if number in taken:  # Source: the PII route forbids it; the other one has no second invoice
        raise given.wrong("number", f"invoice {number!r} is there already; leave it out")
    if number:
        return number
    free = (f"{prefix}{place}" for place in count(len(taken) + 1))
    return next(name for name in free if name not in taken)


def _post(order: Order, given: Given) -> Order:
    """Post an Output invoice of ``value`` cents."""
    value = given.cents("value")
    if order.waiting:
        raise given.wrong("value", "an invoice is being verified; wait for the result")
    number = _number(order, given, f"{order.order_id}-")
    whole = value == order.value and not order.invoices
    lines = tuple(InvoiceLine(i.id, i.quantity, i.price) for i in order.items) if whole else ()
    posted = Invoice(number, "Output", value, given.now, lines)
    return order._replace(invoices=(*order.invoices, posted))


def _invoice(order: Order, given: Given) -> Order:
    if given.event == "add_invoice_full":
        answer = given.choice("settlement", "settled", "refused")
        if answer != order.settlement and order.settles:
            order = order._replace(settlement=answer)  # type: ignore[arg-type]  # checked above
    return _post(order, given) if "value" in given.data else order


def _return(order: Order, given: Given) -> Order:
    value = given.cents("value", order.invoiced)
    number = _number(order, given, f"{order.order_id}-R")
    return order._replace(invoices=(*order.invoices, Invoice(number, "Input", value, given.now)))


def _track(order: Order, given: Given) -> Order:
    """Change the tracking of Output invoice number ``package`` (1 is the first, the default)."""
    places = [i for i, invoice in enumerate(order.invoices) if invoice.kind == "Output"]
    package = given.cents("package", 1)
    if package > len(places):
        raise given.wrong("package", f"there are {len(places)} packages")
    place = places[package - 1]
    old = order.invoices[place]
    moves = old.events
    movement = given.text("movement")
    if movement:
        if old.finished:
            raise given.wrong("movement", "the package is delivered; nothing moves it any more")
        moves = (*moves, TrackingEvent(given.now, movement))
    delivered = given.flag("delivered", default=old.finished)
    new = old._replace(
        tracking_number=given.text("number", old.tracking_number),
        events=moves,
        finished=delivered,
        delivered_at=(old.delivered_at or given.now) if delivered else None,
    )
    return order._replace(invoices=(*order.invoices[:place], new, *order.invoices[place + 1 :]))


def _stock(order: Order, given: Given) -> Order:
    answer = given.choice("stock", "reserved", "gone")
    return order._replace(stock=answer)  # type: ignore[arg-type]  # checked above


def _settlement(order: Order, given: Given) -> Order:
    answer = given.choice("settlement", "refused", "settled")
    return order._replace(settlement=answer)  # type: ignore[arg-type]  # checked above


def _creation(order: Order, given: Given) -> Order:
    answer = given.choice("cause", "creation", "gateway", "callback")
    return order._replace(creation_error=answer)  # type: ignore[arg-type]  # checked above


def _seller(order: Order, given: Given) -> Order:
    answer = given.choice("seller", "inside-window", "past-window")
    if not order.paid:
        answer = "inside-window"  # an unpaid order was never authorised, so no window has ended
    return order._replace(seller=answer)  # type: ignore[arg-type]  # checked above


def _other_seller(order: Order, given: Given) -> Order:
    return order._replace(change_seller=given.flag("other_seller", default=order.change_seller))


def _modify(order: Order, given: Given) -> Order:
    delta = given.data.get("delta", 0)
    if not isinstance(delta, int) or isinstance(delta, bool):
        raise given.wrong("delta", f"wants whole cents, got {delta!r}")
    if order.value + delta < 0:
        raise given.wrong("delta", f"the order is worth {order.value} cents")
    return order


_Reader = Callable[[Order, Given], Order]

_READERS: dict[str, tuple[_Reader, frozenset[str]]] = {
    "verify_invoice": (_invoice, frozenset({"value", "number"})),
    "add_invoice_full": (_invoice, frozenset({"value", "number", "settlement"})),
    "add_invoice_partial": (_invoice, frozenset({"value", "number"})),
    "add_return_invoice": (_return, frozenset({"value", "number"})),
    "update_tracking": (_track, frozenset({"package", "number", "movement", "delivered"})),
    "confirm_reservation": (_stock, frozenset({"stock"})),
    "settlement_failed": (_settlement, frozenset({"settlement"})),
    "create_error": (_creation, frozenset({"cause"})),
    "notify_seller": (_seller, frozenset({"seller"})),
    "seller_cancel": (_other_seller, frozenset({"other_seller", "reason"})),
    "modify_order": (_modify, frozenset({"delta"})),
}
_REASON_ONLY = frozenset({"reason"})


def accepted_names(event: str) -> frozenset[str]:
    """Names of the values that may come with *event*."""
    return _READERS[event][1] if event in _READERS else _REASON_ONLY


def draft(order: Order, event: str, data: Values, now: int) -> Order:
    """Return the document as it would be with the event's data in it, before guards judge it.

    Raises:
        EventDataError: A value has an unknown name or is out of range.
    """
    reader, names = _READERS.get(event, (None, _REASON_ONLY))
    if data:
        for name in data:
            if name not in names:
                wanted = ", ".join(sorted(names))
                raise EventDataError(event, name, f"unknown; {event} takes {wanted}")
        if "reason" in data:
            Given(event, data, now).text("reason")
    return order if reader is None else reader(order, Given(event, data, now))
