"""What whoever placed an order said of it, beyond what the simulator has a use for.

It stands in the order document over what the sandbox makes up, and nowhere else: it holds
personal data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from orderflow.simulator.order import Item

MOST_CENTS = 10**12
"""The largest amount that a call may name (sandbox decision)."""

SHOPPER_FIELDS = (
    "email",
    "firstName",
    "lastName",
    "documentType",
    "document",
    "phone",
    "corporateName",
    "tradeName",
    "corporateDocument",
    "stateInscription",
    "corporatePhone",
    "isCorporate",
)
"""Fields of ``clientProfileData`` in every call that places an order."""

ADDRESS_FIELDS = (
    "addressType",
    "receiverName",
    "addressId",
    "postalCode",
    "city",
    "state",
    "country",
    "street",
    "number",
    "neighborhood",
    "complement",
    "reference",
)
"""Fields of an address in every call that places an order."""

Fields = Mapping[str, object]
"""Fields of one section of a body, by the names that the document has."""

NO_FIELDS: Fields = {}


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of an order.

    Attributes:
        system: Id of the payment system, a number as text.
        value: Cents.
        reference: Cents without interest.
        installments: In how many parts it is paid.
    """

    system: str
    value: int
    reference: int
    installments: int = 1


@dataclass(frozen=True, slots=True)
class Marketplace:
    """The marketplace outside the platform for which a seller handles an order.

    Attributes:
        affiliate: Three characters that stand for it in the seller's account.
        order_id: What it calls the order.
        endpoint: Where it is told of invoices and cancellations (``marketplaceServicesEndpoint``).
    """

    affiliate: str
    order_id: str
    endpoint: str

    @property
    def seller_order_id(self) -> str:
        """What the seller calls the order.

        Source: domain fact sheet "HTTP surface", section 7.1.
        """
        return f"{self.affiliate}-{self.order_id}"


@dataclass(frozen=True, slots=True)
class Placed:
    """One order as it was placed. What is empty, the sandbox makes up.

    Attributes:
        items: Order lines; () for a sample.
        totals: (id, cents) pairs beside ``Items``.
        seller: Id of the seller of the items.
        sales_channel: Trade policy.
        marketplace: The marketplace outside the platform, None when there is none.
        profile: Fields of ``clientProfileData``.
        address: Fields of ``shippingData.address``.
        logistics: Fields of ``logisticsInfo[]``, one set an item.
        lines: Fields of ``items[]``, one set an item.
        sections: Whole sections of the document, such as ``marketingData``.
        payments: By what it is paid.
        cart: Id of the cart it was placed from.
    """

    items: tuple[Item, ...] = ()
    totals: tuple[tuple[str, int], ...] = ()
    seller: str = ""
    sales_channel: str = "1"
    marketplace: Marketplace | None = None
    profile: Fields = field(default_factory=dict, repr=False)
    address: Fields = field(default_factory=dict, repr=False)
    logistics: tuple[Fields, ...] = field(default=(), repr=False)
    lines: tuple[Fields, ...] = field(default=(), repr=False)
    sections: Fields = field(default_factory=dict, repr=False)
    payments: tuple[Payment, ...] = ()
    cart: str = ""

    @property
    def value(self) -> int:
        """What it costs, in cents."""
        items = sum(item.quantity * item.price for item in self.items)
        return items + sum(cents for _, cents in self.totals)

    def line(self, place: int) -> Fields:
        """What was said of the item at *place*."""
        return self.lines[place] if 0 <= place < len(self.lines) else NO_FIELDS

    def journey(self, place: int) -> Fields:
        """What was said of how the item at *place* travels."""
        return self.logistics[place] if 0 <= place < len(self.logistics) else NO_FIELDS


UNSAID = Placed()
"""An order of which nothing was said."""
