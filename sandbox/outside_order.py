"""An order that a marketplace outside the platform hands to a seller: read, judged, placed, paid.

What it is worth is what the marketplace pays. That differs from the seller's value when the sum of
the items (at the price that was set for them, else as sent), their shipping and taxes is another
one; what is between the two stands in the total ``Discounts`` (sandbox decision).
Source: domain fact sheet "HTTP surface", section 7.1; developer portal guide "Checkout error
codes" (2026-05-21).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from orderflow.sandbox.deals import EXTERNAL_MARKETPLACE, FINISH_CANCEL, SELLER
from orderflow.sandbox.dialect import DialectError, bad_request, refusal
from orderflow.sandbox.marketplaces import Marketplaces
from orderflow.sandbox.placed import Marketplace, Placed
from orderflow.sandbox.placing import FULFILLMENT, address_of, items_of, profile_of, sections_of
from orderflow.sandbox.placing_fields import cents, listed, part, word
from orderflow.sandbox.prices import Prices
from orderflow.sandbox.purchase import filled
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.simulator.simulator import Refused

_AWAIT = "await_authorization"
_MARKETPLACE = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """An order as a marketplace sent it.

    Attributes:
        placed: What becomes of it.
        expected: What the seller would ask for it, in cents.
    """

    placed: Placed
    expected: int

    @property
    def marketplace(self) -> Marketplace:
        """Who sent it."""
        found = self.placed.marketplace
        if found is None:
            raise ValueError("an order of no marketplace is no offer")
        return found

    @property
    def differs(self) -> bool:
        """Whether the marketplace pays something else than the seller would ask for."""
        return self.placed.value != self.expected

    def allowed(self, rate: float) -> bool:
        """Whether the difference is no more than *rate*, a part of the seller's value."""
        return abs(self.placed.value - self.expected) <= rate * self.expected


def affiliate_of(query: Mapping[str, str]) -> str:
    """The affiliate that a call names.

    Raises:
        DialectError: There is none, or it does not have three letters or digits.
    """
    found = query.get("affiliateid", "").strip()
    if not found or not found.isascii() or not found.isalnum():
        raise refusal(400, "FMT0021", "Invalid affiliate id")
    if len(found) != _MARKETPLACE:
        raise refusal(400, "FMT0031", "Affiliate id must have 3 characters")
    return found


def read_offer(
    service: Service,
    account: str,
    given: Mapping[str, object],
    marketplace: Marketplace,
    sales_channel: str = "1",
) -> Offer:
    """The order in a body.

    Raises:
        DialectError: It makes no sense, or an item cannot be bought.
    """
    prices = service.part(Prices)
    if not part(given, "shippingData"):
        raise refusal(400, "FMT001", "Cannot reserve items without shipping data")
    if not part(given, "clientProfileData"):
        raise refusal(400, "FMT0045", "The purchase cannot be done without a profile")
    ordered = items_of(given, FULFILLMENT, lambda sku: prices.of(account, sku), service.now)
    for each in ordered:
        if not prices.sells(account, each.item.id):
            raise refusal(400, "FMT005", f"Item {each.item.id} is not available")
    said = Placed(
        sales_channel=sales_channel,
        marketplace=marketplace,
        profile=profile_of(given, FULFILLMENT),
        address=address_of(given, FULFILLMENT),
        sections=sections_of(given),
    )
    placed = filled(said, (replace(each, seller="1") for each in ordered))
    taxes = _taxes(given)
    asked = taxes + (cents(given, "marketplaceInterestValue") or 0)
    asked += sum(value for _, value in placed.totals)
    for item in placed.items:
        known = prices.known(account, item.id)
        asked += item.quantity * (item.price if known is None else known)
    return Offer(_worth(placed, taxes, _payment(given)), asked)


def refuse_known(service: Service, account: str, marketplace: Marketplace) -> None:
    """See that the marketplace has not placed this order before.

    Raises:
        DialectError: It has.
    """
    known = service.store.find(marketplace.seller_order_id, account)
    if known is None:
        return
    told = f"order id {marketplace.order_id} for affiliate {marketplace.affiliate}"
    if known.status == "canceled":
        told += " is already canceled and cannot be recreated"
        raise refusal(400, "FMT0060", f"The request order with marketplace {told}")
    raise refusal(400, "FMT009", f"The request order with marketplace {told} already exists")


def differing(offer: Offer) -> DialectError:
    """The refusal of an order whose value differs."""
    told = f"Payment total ({offer.placed.value}) differs from store desired value"
    return refusal(400, "FMT007", f"{told} ({offer.expected})")


def take(service: Service, account: str, offer: Offer, *, by_hand: bool = False) -> Held:
    """Place an order; it is cancelled for good only when the marketplace knows of it.

    Args:
        service: The sandbox.
        account: The seller.
        offer: The order.
        by_hand: A person decides about its price first.
    """
    service.part(Marketplaces)  # from now on it hears of the order
    reached = not service.outbox.wrong_with(offer.marketplace.endpoint)
    waits = [(SELLER, FINISH_CANCEL)] if reached else []
    waits += [(SELLER, _AWAIT)] if by_hand else []
    (held,) = service.store.place(
        deal=EXTERNAL_MARKETPLACE, account=account, parts=(offer.placed,), waits=waits
    )
    if by_hand:
        service.fire(held, "price_divergence")
        service.store.release(held, _AWAIT)
    return held


def authorize(service: Service, held: Held) -> bool:
    """Let the seller begin: the marketplace has been paid. False when the order does not wait."""
    return not isinstance(service.fire(held, "authorize_dispatch"), Refused)


def marketplace_order_id(given: object) -> str:
    """What the marketplace calls its order.

    Raises:
        DialectError: There is no such name, or it could not stand in a path.
    """
    found = word(given, "marketplaceOrderId")
    if not found:
        raise refusal(400, "FMT015", "Marketplace id has not been provided")
    if "/" in found or not found.isascii():
        raise bad_request("The field marketplaceOrderId must be ASCII without slashes")
    return found


def _payment(given: Mapping[str, object]) -> int:
    value = cents(given, "marketplacePaymentValue")
    if not value:
        raise refusal(400, "FMT0042", "Invalid marketplace payment value or payment data")
    return value


def _taxes(given: Mapping[str, object]) -> int:
    return sum(cents(each, "value") or 0 for each in listed(given, "taxData"))


def _worth(placed: Placed, taxes: int, value: int) -> Placed:
    """*placed*, worth *value*."""
    totals = (*placed.totals, ("Tax", taxes)) if taxes else placed.totals
    rest = value - placed.value - taxes
    return replace(placed, totals=(*totals, ("Discounts", rest)) if rest else totals)
