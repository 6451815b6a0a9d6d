"""The order document: everything guards, rules and the timeline read of one order.

All values are immutable; a step makes a new :class:`Order` and shares what did not change.
Money is integer cents, time is integer milliseconds of virtual time since the Unix epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from orderflow.flows.model import ABSENT

Channel = Literal["delivery", "pickup-in-point"]
InvoiceKind = Literal["Output", "Input"]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the order: *quantity* units at *price* cents each."""

    id: str
    quantity: int
    price: int
    channel: Channel = "delivery"
    estimate: int | None = None
    """Shipping estimate date in ms, None when the document has none."""


class InvoiceLine(NamedTuple):
    """One line of an invoice: *quantity* units of *item* at *price* cents each."""

    item: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    """One movement reported by the carrier."""

    at: int
    description: str = ""


class Invoice(NamedTuple):
    """An invoice and the package it stands for.

    Attributes:
        number: Invoice number as sent.
        kind: ``Output`` for a sale, ``Input`` for a return.
        value: Cents.
        at: Time it was posted.
        lines: Invoiced items; () when the sender left them out.
        accepted: The platform has verified it (the order left ``invoice`` with it).
        tracking_number: Empty until the carrier has the package.
        events: Carrier movements, oldest first.
        finished: Delivered: ``courierStatus.finished``.
        delivered_at: Time of delivery, None before.
    """

    number: str
    kind: InvoiceKind
    value: int
    at: int
    lines: tuple[InvoiceLine, ...] = ()
    accepted: bool = False
    tracking_number: str = ""
    events: tuple[TrackingEvent, ...] = ()
    finished: bool = False
    delivered_at: int | None = None


@dataclass(frozen=True, slots=True)
class CancellationRequest:
    """One entry of ``cancellationRequests[]``.

    Attributes:
        id: Identity of the request.
        at: Time it was made.
        by: Actor that asked.
        held: Status the order held when it was made.
        reason: Free text, synthetic.
        denied: ``deniedBySeller``.
        denied_at: Time of the denial, None while open or accepted.
        deny_reason: Free text, synthetic.
    """

    id: str
    at: int
    by: str
    held: str
    reason: str = ""
    denied: bool = False
    denied_at: int | None = None
    deny_reason: str = ""


@dataclass(frozen=True, slots=True)
class Cancellation:
    """``cancellationData``: who wanted the cancellation, why, and when.

    Attributes:
        at: Time the order entered the cancellation.
        origins: Names of the origin flags that are true, such as ``shopper`` or ``system``.
        reason: Free text, synthetic.
    """

    at: int
    origins: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """An applied order modification: the value moved by *delta* cents at *at*."""

    id: str
    at: int
    delta: int
    held: str
    """Status the order was in."""


class Order(NamedTuple):
    """One order document.

    Attributes:
        order_id: Identity, such as ``v100001abcd-01``.
        flow: Name of the flow it moves through.
        status: Current status; ``(none)`` before placement.
        entered_at: When the status was entered (a step that keeps the status does not count).
        created_at: When it was placed, None before.
        items: Order lines.
        totals: (id, cents) pairs that add up to *value*.
        value: Order value in cents.
        invoices: All invoices in the order they were posted.
        requests: Cancellation requests, oldest first.
        cancellation: Set when the order enters ``cancel``.
        changes: Applied modifications, oldest first.
        is_completed: ``isCompleted``: the purchase was finished.
        paid: Payment (or the marketplace's authorisation) was recorded.
        authorized_at: ``authorizedDate``.
        invoiced_at: ``invoicedDate``.
        denied_payment: The gateway refused the payment.
        settlement: ``pending``, ``settled`` or ``refused``.
        settles: The order has a settlement of its own: its flow asks for one.
        stock: ``reserved`` or ``gone``: answer of the reservation.
        seller: ``inside-window`` or ``past-window``: where the seller order stands.
        creation_error: ``none``, ``callback``, ``gateway`` or ``creation``.
        change_seller: Another seller may be chosen when this one cancels.
        replaceable: Order replacement is switched on in the store.
    """

    order_id: str
    flow: str
    status: str = ABSENT
    entered_at: int = 0
    created_at: int | None = None
    items: tuple[Item, ...] = ()
    totals: tuple[tuple[str, int], ...] = ()
    value: int = 0
    invoices: tuple[Invoice, ...] = ()
    requests: tuple[CancellationRequest, ...] = ()
    cancellation: Cancellation | None = None
    changes: tuple[Change, ...] = ()
    is_completed: bool = False
    paid: bool = False
    authorized_at: int | None = None
    invoiced_at: int | None = None
    denied_payment: bool = False
    settlement: Literal["pending", "settled", "refused"] = "pending"
    settles: bool = True
    stock: Literal["reserved", "gone"] = "reserved"
    seller: Literal["inside-window", "past-window"] = "inside-window"
    creation_error: Literal["none", "callback", "gateway", "creation"] = "none"
    change_seller: bool = True
    replaceable: bool = True

    def entering(self, status: str, now: int) -> Order:
        """The document as it enters *status*; what every step does, so it is done in one go."""
        return Order._make((*self[:2], status, now, *self[4:]))

    @property
    def outputs(self) -> tuple[Invoice, ...]:
        """Invoices of type ``Output``, oldest first."""
        return tuple(invoice for invoice in self.invoices if invoice.kind == "Output")

    @property
    def inputs(self) -> tuple[Invoice, ...]:
        """Invoices of type ``Input`` (returns), oldest first."""
        return tuple(invoice for invoice in self.invoices if invoice.kind == "Input")

    @property
    def invoiced(self) -> int:
        """Cents on ``Output`` invoices."""
        return sum([each.value for each in self.invoices if each.kind == "Output"])

    @property
    def returned(self) -> int:
        """Cents on ``Input`` invoices."""
        return sum([each.value for each in self.invoices if each.kind == "Input"])

    @property
    def waiting(self) -> bool:
        """Whether an ``Output`` invoice waits to be verified."""
        for invoice in self.invoices:  # noqa: SIM110  # asked so often that any() would be felt
            if invoice.kind == "Output" and not invoice.accepted:
                return True
        return False

    @property
    def open_request(self) -> CancellationRequest | None:
        """The cancellation request that waits for an answer, if any."""
        if self.requests and not self.requests[-1].denied:
            return self.requests[-1]
        return None
