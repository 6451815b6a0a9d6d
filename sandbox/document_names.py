"""Identities in an order document: those of its relatives, and synthetic ones that stay the same.

Source: domain fact sheet "HTTP surface", section 1 (identifiers).
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

from orderflow.sandbox.store import Held

AFFILIATE = "SBX"
"""Affiliate under which a document handles another store's order (sandbox decision)."""

OWN_SELLER = "1"
"""What every store is called as its own seller."""


@lru_cache(maxsize=16_384)  # an order is asked for more than once
def mark(*parts: str) -> str:
    """32 capital hexadecimal digits, the same for the same *parts*."""
    return _hashed(parts).hex().upper()


def dashed_mark(*parts: str) -> str:
    """Do as :func:`mark`, in the form of a UUID."""
    digits = _hashed(parts).hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def number(*parts: str) -> int:
    """The number that :func:`mark` writes."""
    return int.from_bytes(_hashed(parts), "big")


def digits(length: int, *parts: str) -> str:
    """*length* decimal digits, the same for the same *parts*; the first is never 0."""
    least = 10 ** (length - 1)
    return str(int.from_bytes(_hashed(parts), "big") % (9 * least) + least)


def _hashed(parts: tuple[str, ...]) -> bytes:
    return blake2b("/".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def upper_id(held: Held) -> str:
    """Id of the document this one handles the order for; empty for an order of the store's own.

    A lower document is called like the upper one, with two digits and a dash before it.
    """
    if held.placed.marketplace is not None:
        return held.placed.marketplace.order_id
    order_id = held.order_id
    return order_id[3:] if order_id[2:3] == "-" and order_id[:2].isdecimal() else ""


def seller_order_id(held: Held) -> str:
    """Id of the document of whoever handles the order now, this one when nobody below does."""
    deal = held.sale.deal
    lower = [each.name for each in deal.lower(held.participant)]
    if deal.instant or not lower:
        return held.order_id if upper_id(held) else f"00-{held.order_id}"
    current = held.sale.current(held.participant)
    place = lower.index(current) if current in lower else 0
    return held.seller_order_ids.get(lower[place]) or f"{place:02d}-{held.order_id}"


def seller_name(held: Held) -> str:
    """Id of who sells the items, ``1`` for the store itself.

    A seller of whom no other id is known is called like the participant.
    """
    below = held.sale.deal.lower(held.participant)
    if held.sale.deal.instant or not below:
        return OWN_SELLER
    name = held.sale.current(held.participant) or below[0].name
    return held.seller_ids.get(name, name)


def product_name(sku: str) -> str:
    """What documents call the product of an SKU."""
    return f"Sandbox product {sku}"


def cart_id(held: Held) -> str:
    """Id of the cart that an order was placed from, where none was told."""
    return mark(held.group, "order form").lower()


def payment_id(held: Held) -> str | None:
    """Id of the order's payment; None where the store above is the one that is paid."""
    return None if upper_id(held) else mark(held.group, "payment")
