"""Identities in an order document: those of its relatives, and synthetic ones that stay the same.

Source: domain fact sheet "HTTP surface", section 1 (identifiers).
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from orderflow.sandbox.store import Held

AFFILIATE = "SBX"
"""Affiliate under which a document handles another store's order (sandbox decision)."""

OWN_SELLER = "1"
"""What every store is called as its own seller."""

_PREFIX = re.compile(r"\d\d-")


@lru_cache(maxsize=16_384)  # an order is asked for more than once
def mark(*parts: str) -> str:
    """32 capital hexadecimal digits, the same for the same *parts*."""
    text = "/".join(parts)
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest().upper()


def dashed_mark(*parts: str) -> str:
    """Do as :func:`mark`, in the form of a UUID."""
    digits = mark(*parts).lower()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def digits(length: int, *parts: str) -> str:
    """*length* decimal digits, the same for the same *parts*; the first is never 0."""
    number = int(mark(*parts), 16) % (9 * 10 ** (length - 1))
    return str(number + 10 ** (length - 1))


def upper_id(held: Held) -> str:
    """Id of the document this one handles the order for; empty for an order of the store's own.

    A lower document is called like the upper one, with two digits and a dash before it.
    """
    if held.placed.marketplace is not None:
        return held.placed.marketplace.order_id
    return held.order_id[3:] if _PREFIX.match(held.order_id) else ""


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


def payment_id(held: Held) -> str | None:
    """Id of the order's payment; None where the store above is the one that is paid."""
    return None if upper_id(held) else mark(held.group, "payment")
