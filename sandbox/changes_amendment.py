"""What came with an order modification, and the simulator has no use for: lines, reason, receipt.

The simulator knows by how much a modification moves the value of an order, and when. The lines
that the order has afterwards are kept beside it, under the number of the step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from orderflow.simulator.order import Channel, Item

LEGACY: Literal[1] = 1
"""Version of ``POST /api/oms/pvt/orders/{orderId}/changes``."""

CURRENT: Literal[2] = 2
"""Version of ``PATCH /api/order-system/orders/{changeOrderId}/changes``."""


class Line(NamedTuple):
    """One line of an order document.

    Attributes:
        id: SKU.
        unique_id: Stays with the line whatever becomes of the others.
        quantity: Units, at least 1.
        price: Cents for one unit of measure.
        unit: Unit of measure.
        multiplier: Units of measure in one unit of the line.
        channel: How it travels.
        estimate: Shipping estimate in ms, None for none.
    """

    id: str
    unique_id: str
    quantity: int
    price: int
    unit: str = "un"
    multiplier: float = 1.0
    channel: Channel = "delivery"
    estimate: int | None = None

    @property
    def selling_price(self) -> int:
        """Cents for one unit of the line."""
        return round(self.price * self.multiplier)

    @property
    def value(self) -> int:
        """Cents for the whole line."""
        return self.selling_price * self.quantity

    @property
    def item(self) -> Item:
        """The line as an order of the simulator has it."""
        return Item(self.id, self.quantity, self.selling_price, self.channel, self.estimate)


@dataclass(frozen=True, slots=True)
class Amendment:
    """A modification that has happened.

    Attributes:
        version: :data:`LEGACY` or :data:`CURRENT`.
        request_id: What the client calls it (legacy), or the sandbox.
        at: Virtual time in ms at which it was asked for.
        reason: As sent.
        lines: The order's lines afterwards; None when they stay as they are.
        moved: Cents by which it moves the order's totals, by total id.
        discount: Cents taken off by hand.
        increment: Cents put on by hand.
        added: Items that came, as they were sent (legacy).
        removed: Items that went, as they were sent (legacy).
        receipt: Receipt that was given (legacy), empty for none.
    """

    version: Literal[1, 2]
    request_id: str
    at: int
    reason: str
    lines: tuple[Line, ...] | None = None
    moved: tuple[tuple[str, int], ...] = ()
    discount: int = 0
    increment: int = 0
    added: tuple[Item, ...] = ()
    removed: tuple[Item, ...] = ()
    receipt: str = ""

    @property
    def total(self) -> int:
        """Cents by which it moves the value of the order."""
        return sum(cents for _, cents in self.moved)
