"""What is kept of the orders that sellers outside the platform handle, and of the calls to them."""

from __future__ import annotations

from dataclasses import dataclass

from orderflow.sandbox.external_seller_calls import CallName, Seller

Key = tuple[str, str]
"""Account and id of a marketplace's order."""


@dataclass(slots=True)
class Errand:
    """A call that a seller has to be made, until it has answered.

    Attributes:
        call: Which one.
        news: Number of the news it carries, 0 for none.
        serial: Number of the latest attempt, among those to all sellers.
        tries: How many attempts there have been.
        under_way: The latest attempt has no outcome yet.
        again: It asks once more about a cancellation that the seller has been evaluating.
    """

    call: CallName
    news: int = 0
    serial: int = 0
    tries: int = 0
    under_way: bool = False
    again: bool = False


@dataclass(slots=True)
class Handled:
    """A marketplace's order that a seller outside handles.

    Attributes:
        seller: Who handles it.
        participant: Its name in the sale.
        errand: The call that is not answered yet, None when there is none.
        told_off: The seller knows of a cancellation, or it is its own.
        simulated: The seller has said that it has the goods.
    """

    seller: Seller
    participant: str
    errand: Errand | None = None
    told_off: bool = False
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Logged:
    """One attempt to call a seller, and what came of it.

    Attributes:
        at: Virtual time in ms.
        account: Account of the marketplace.
        seller: Id of the seller.
        order_id: The marketplace's order.
        call: Which call.
        attempt: 1 for the first.
        result: ``yes``, ``no``, ``evaluating`` or ``failed``.
        note: What was wrong, empty for nothing.
        next_at: When it is called again, None when it is not.
    """

    at: int
    account: str
    seller: str
    order_id: str
    call: str
    attempt: int
    result: str
    note: str
    next_at: int | None
