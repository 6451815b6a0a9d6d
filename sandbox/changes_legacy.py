"""Order modifications of the first version: synchronous, once for each ``requestId``.

It moves the value by what the client has worked out, ``incrementValue`` less ``discountValue``;
the items that come and go are noted and no more. Its route is off since 2026-03-01; the sandbox
goes on answering, and remarks on it (sandbox decision).
Source: domain fact sheet "HTTP surface", section 8.1 and decision D-A12; help center, adapting
your integration for order modifications, "Manual values".
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from orderflow.flows.model import INCOMPLETE
from orderflow.sandbox.changes_amendment import CURRENT, LEGACY, Amendment
from orderflow.sandbox.changes_asked import is_name
from orderflow.sandbox.changes_codes import (
    ABOVE_PRICE,
    BELOW_ZERO,
    CHAIN,
    IN_HANDLING,
    IN_PAYMENT_APPROVED,
    INVALID,
    INVALID_ID,
    NO_REASON,
    NO_WORKFLOW,
    QUANTITY,
    TOO_MANY,
    legacy_refused,
)
from orderflow.sandbox.changes_rules import HANDLING, is_chain
from orderflow.sandbox.changes_shown import amendments, placed_lines, versions
from orderflow.sandbox.dialect import bad_request, required, text_in
from orderflow.sandbox.held import Held
from orderflow.sandbox.placed import MOST_CENTS
from orderflow.simulator.order import Item

MOST = 50
"""Modifications that one order takes. Source: timer sheet, T-36."""

_MOST_UNITS = 10**9
_MOST_ITEMS = 1_000
_LONGEST = 5_000
"""Characters of a reason that are kept (sandbox decision)."""


@dataclass(frozen=True, slots=True)
class LegacyRequest:
    """A modification of the first version, as it was sent.

    Attributes:
        request_id: What the client calls it.
        reason: Why.
        discount: Cents to take off.
        increment: Cents to put on.
        removed: Items that go.
        added: Items that come.
    """

    request_id: str
    reason: str
    discount: int
    increment: int
    removed: tuple[Item, ...]
    added: tuple[Item, ...]

    def amendment(self, now: int, receipt: str) -> Amendment:
        """What is kept of it; its value goes where other values set by hand do."""
        return Amendment(
            LEGACY,
            self.request_id,
            now,
            self.reason,
            moved=(("Discounts", self.increment - self.discount),),
            discount=self.discount,
            increment=self.increment,
            added=self.added,
            removed=self.removed,
            receipt=receipt,
        )


def request_id_of(sent: dict[str, object]) -> str:
    """The ``requestId`` in a body.

    Raises:
        DialectError: There is none that can be used.
    """
    required(sent, "requestId")
    found = text_in(sent, "requestId").strip()
    if not is_name(found):
        raise bad_request("requestId must have 1 to 100 characters")
    return found


def read_legacy(sent: dict[str, object]) -> LegacyRequest:
    """The request in a body.

    Raises:
        DialectError: It cannot be read.
    """
    reason = text_in(sent, "reason").strip()
    if not reason:
        raise legacy_refused(NO_REASON)
    required(sent, "discountValue", "incrementValue")
    return LegacyRequest(
        request_id_of(sent),
        reason[:_LONGEST],
        _cents(sent, "discountValue"),
        _cents(sent, "incrementValue"),
        _items(sent, "itemsRemoved"),
        _items(sent, "itemsAdded"),
    )


def check_legacy(held: Held, asked: LegacyRequest, *, is_free: bool) -> None:
    """See that the order takes the modification.

    Args:
        held: The document.
        asked: What is asked for.
        is_free: Somebody who handles the order takes modifications, and none is under way.

    Raises:
        DialectError: It does not.
    """
    _check_order(held, is_free=is_free)
    if len([pair for pair in amendments(held) if pair[1] is not None]) >= MOST:
        raise legacy_refused(TOO_MANY, str(MOST))
    _check_items(held, asked)
    if held.order.value + asked.increment - asked.discount < 0:
        raise legacy_refused(ABOVE_PRICE)


def _check_order(held: Held, *, is_free: bool) -> None:
    if held.status == INCOMPLETE:
        raise legacy_refused(NO_WORKFLOW, held.order_id)
    if is_chain(held):
        raise legacy_refused(CHAIN)
    if held.flow.family == "marketplace":
        if held.status != "payment-approved":
            raise legacy_refused(IN_PAYMENT_APPROVED)
    elif held.status not in HANDLING:
        raise legacy_refused(IN_HANDLING)
    # No source says how these three are refused (sandbox decision).
    if CURRENT in versions(held) or held.order.outputs or not is_free:
        raise legacy_refused(INVALID)


def _check_items(held: Held, asked: LegacyRequest) -> None:
    """See that no more units go than are there, and have not gone before."""
    there: Counter[str] = Counter()
    for line in placed_lines(held):
        there[line.id] += line.quantity
    for _, amendment in amendments(held):
        if amendment is not None:
            there.update({item.id: item.quantity for item in amendment.added})
            there.subtract({item.id: item.quantity for item in amendment.removed})
    for item in asked.removed:
        if item.id not in there:
            raise legacy_refused(INVALID_ID)
        there[item.id] -= item.quantity
        if there[item.id] < 0:
            raise legacy_refused(QUANTITY, item.id)


def _items(sent: dict[str, object], name: str) -> tuple[Item, ...]:
    given = sent.get(name)
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > _MOST_ITEMS:
        raise bad_request(f"The field {name} must be an array of at most {_MOST_ITEMS} objects")
    return tuple(_item(each, name) for each in given)


def _item(given: object, name: str) -> Item:
    if not isinstance(given, dict):
        raise bad_request(f"The field {name} must hold objects")
    known: dict[str, object] = given
    required(known, "id", "price", "quantity")
    sku = known["id"]
    if not isinstance(sku, str) or not is_name(sku):
        raise legacy_refused(INVALID_ID)
    quantity = known["quantity"]
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity > _MOST_UNITS:
        raise bad_request("The field quantity must be a whole number")
    if quantity < 1:
        raise legacy_refused(QUANTITY, sku)
    return Item(sku, quantity, _cents(known, "price"))


def _cents(sent: dict[str, object], name: str) -> int:
    found = sent[name]
    if not isinstance(found, int) or isinstance(found, bool) or found > MOST_CENTS:
        raise bad_request(f"The field {name} must be a whole number of cents")
    if found < 0:
        raise legacy_refused(BELOW_ZERO)
    return found
