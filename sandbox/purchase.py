"""A purchase in a store of the sandbox: which sales it makes, and how it waits for its payment.

Which deal is played is a sandbox decision: one store for items of its own, marketplace and seller
for items of one other seller, who can be changed, and a group of two orders for items of two
sellers; more are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import ClassVar

from orderflow.sandbox.dialect import refusal
from orderflow.sandbox.document_names import OWN_SELLER, dashed_mark
from orderflow.sandbox.part import Part
from orderflow.sandbox.placed import Placed
from orderflow.sandbox.placing import (
    CHECKOUT,
    Ordered,
    address_of,
    items_of,
    payments_of,
    profile_of,
    sections_of,
)
from orderflow.sandbox.prices import Prices
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held

COMPLETE_CHECKOUT = "complete_checkout"
"""The step that waits for the gateway's callback."""

_MOST_SELLERS = 2
_MOST_CARTS = 10_000

Parts = tuple[Placed, ...]
"""The orders of a purchase, one a seller."""


class Carts(Part):
    """Carts that wait to be bought."""

    name: ClassVar[str] = "carts"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self._carts: dict[tuple[str, str], Parts] = {}
        self._made = 0

    def add(self, account: str, parts: Parts) -> str:
        """Keep a cart and return its id; the oldest goes when there are too many."""
        self._made += 1
        cart = dashed_mark(account, "cart", str(self._made)).replace("-", "")
        self._carts[account, cart] = parts
        if len(self._carts) > _MOST_CARTS:
            del self._carts[next(iter(self._carts))]
        return cart

    def find(self, account: str, cart: str) -> Parts | None:
        """What is in a cart, None when there is no such cart (any more)."""
        return self._carts.get((account, cart))

    def drop(self, account: str, cart: str) -> None:
        """Forget a cart that has been bought."""
        self._carts.pop((account, cart), None)


def parts_of(
    service: Service, account: str, given: Mapping[str, object], sales_channel: str = "1"
) -> Parts:
    """The orders that a body asks for.

    Raises:
        DialectError: It makes no sense, or the payments are not worth the order.
    """
    prices = service.part(Prices)
    ordered = items_of(given, CHECKOUT, lambda sku: prices.of(account, sku), service.now)
    for each in ordered:
        if not prices.sells(account, each.item.id):
            raise refusal(400, "ORD027", f"Item {each.item.id} not found or unavailable")
    sellers = tuple(dict.fromkeys(each.seller for each in ordered))
    if len(sellers) > _MOST_SELLERS:
        raise refusal(400, "CHK0024", f"The sandbox sells from {_MOST_SELLERS} sellers at most")
    payments = payments_of(given, CHECKOUT)
    said = Placed(
        sales_channel=sales_channel,
        profile=profile_of(given, CHECKOUT),
        address=address_of(given, CHECKOUT),
        sections=sections_of(given),
        payments=payments,
    )
    parts = tuple(
        filled(said, (each for each in ordered if each.seller == seller)) for seller in sellers
    )
    worth = sum(part.value for part in parts)
    if payments and sum(each.value for each in payments) != worth:
        raise refusal(400, "ORD009", "Payment value is different from order value")
    return parts


def filled(said: Placed, ordered: Iterable[Ordered]) -> Placed:
    """*said*, with items that all have the same seller.

    Raises:
        DialectError: They are worth nothing.
    """
    mine = tuple(ordered)
    shipping = sum(each.shipping for each in mine)
    seller = mine[0].seller
    if not sum(each.item.price for each in mine):
        raise refusal(400, "CHK0025", "Invalid price for item")
    return replace(
        said,
        items=tuple(each.item for each in mine),
        totals=(("Shipping", shipping),) if shipping else (),
        seller="" if seller == OWN_SELLER else seller,
        logistics=tuple(each.journey for each in mine),
        lines=tuple(each.fields for each in mine),
    )


def buy(service: Service, account: str, parts: Parts) -> tuple[Held, ...]:
    """Place the orders; they wait for :func:`pay`.

    Returns:
        The documents of the store's own.
    """
    deal, mains = "complete", ["main"]
    if len(parts) > 1:
        deal, mains = "split-order", ["order-a", "order-b"]
    elif any(part.seller for part in parts):
        deal, mains = "seller-change", ["market"]
    waits = [(main, COMPLETE_CHECKOUT) for main in mains]
    return service.store.place(deal=deal, account=account, parts=parts, waits=waits)


def pay(service: Service, group: Iterable[Held]) -> None:
    """Let the orders of a group go on: the gateway has called back."""
    for held in group:
        service.store.release(held, COMPLETE_CHECKOUT)
