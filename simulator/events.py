"""One step of an order as a value, and its line in a history file."""

from __future__ import annotations

from typing import NamedTuple

Data = tuple[tuple[str, object], ...]
"""What came with an event, as sorted (name, value) pairs; values are JSON scalars."""


class Event(NamedTuple):
    """A step that an order took.

    Attributes:
        seq: 1 for the first step of the order.
        at: Virtual time in ms since the Unix epoch.
        order_id: The order.
        flow: Name of its flow.
        source: Status before; ``(none)`` for the step that created it.
        event: Event name.
        target: Status after.
        actor: Who fired it.
        transition: Id of the transition taken.
        cause: What made it happen: ``call``, ``timer``, or ``message 3`` and the like in a sale.
        data: What came with the event, such as the invoice.
        digest: 16 hexadecimal digits that identify the document after the step.
    """

    seq: int
    at: int
    order_id: str
    flow: str
    source: str
    event: str
    target: str
    actor: str
    transition: str
    cause: str = "call"
    data: Data = ()
    digest: str = ""
