"""What goes over a wire and what may be told of what comes back, whatever the wire is."""

from __future__ import annotations

from collections.abc import Mapping

from orderflow.conformance.drive import Start
from orderflow.flows.document import Plain
from orderflow.flows.names import is_plain

_LONGEST_TOLD = 120
_LONGEST_STATUS = 100


def in_short(text: str) -> str:
    """*text* on one line of at most 120 characters, without any that nobody sees.

    >>> in_short("no   stock " + "x" * 200)[-14:]
    'xxxxxxxxxxx...'
    """
    seen = " ".join("".join(each if is_plain(each) else " " for each in text).split())
    return seen if len(seen) <= _LONGEST_TOLD else seen[: _LONGEST_TOLD - 3] + "..."


def is_status(text: str) -> bool:
    """Whether *text* can be the name of a status: there, short, and with nothing hidden in it."""
    return 0 < len(text) <= _LONGEST_STATUS and is_plain(text)


def plain_data(data: Mapping[str, object]) -> dict[str, Plain]:
    """The data of a call as a JSON object."""
    return {name: _scalar(each) for name, each in data.items()}


def _scalar(value: object) -> Plain:
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)


def plain_start(start: Start) -> dict[str, Plain]:
    """How an order begins: ``items``, ``replaceable``, and what it is worth as ``value``."""
    items: list[Plain] = [
        {"id": i.id, "quantity": i.quantity, "price": i.price, "channel": i.channel}
        for i in start.items
    ]
    worth = sum(item.quantity * item.price for item in start.items)
    return {"items": items, "replaceable": start.replaceable, "value": worth}
