"""Amounts, moments and orders as the page writes them."""

from __future__ import annotations

from urllib.parse import urlencode

from orderflow.sandbox.held import Held
from orderflow.sandbox.moments import iso

PATH = "/_sandbox/page/order"
"""Where the page of an order is."""


def place_of(held: Held) -> str:
    """The address of a document's page."""
    named = {"account": held.account, "id": held.order_id}
    return f"{PATH}?{urlencode(named, errors='replace')}"  # it may hold half a character


def money(cents: int) -> str:
    """An amount for a person.

    >>> money(1234567), money(-550)
    ('12,345.67', '-5.50')
    """
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}.{rest:02d}"


def time(ms: int) -> str:
    """A virtual moment for a person, in UTC.

    >>> time(1_704_067_200_000)
    '2024-01-01 00:00:00'
    """
    return iso(ms)[:19].replace("T", " ")
