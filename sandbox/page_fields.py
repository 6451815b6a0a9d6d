"""What may come with an event, as the fields of a form, and how a form that was sent is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from orderflow.sandbox.control.asking import trouble
from orderflow.simulator.inputs import accepted_names
from orderflow.simulator.order import Order

PREFIX = "data."
"""Stands before the name of what comes with an event."""

_MOST_FIELDS = 60
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "settlement": ("settled", "refused"),
    "stock": ("reserved", "gone"),
    "cause": ("creation", "gateway", "callback"),
    "seller": ("inside-window", "past-window"),
    "delivered": ("true", "false"),
    "other_seller": ("true", "false"),
}
_NUMBERS = frozenset({"value", "delta", "package"})
_FLAGS = frozenset({"delivered", "other_seller"})
_HINTS: Mapping[str, str] = {
    "value": "in cents",
    "delta": "in cents, below 0 for less",
    "package": "1 for the first",
    "number": "the next one when left out",
}
_NEEDED = frozenset({("verify_invoice", "value")})
_ORDER = ("value", "delta", "number", "package", "movement", "delivered")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    Attributes:
        name: What comes with the event.
        hint: What is meant, in a few words; empty where the name says it.
        kind: ``number``, ``text`` or ``choice``.
        choices: What it may be; for a choice.
        value: What stands in it to begin with.
        needed: It must be filled in.
    """

    name: str
    hint: str
    kind: str
    choices: tuple[str, ...] = ()
    value: str = ""
    needed: bool = False


def fields_of(event: str, order: Order) -> tuple[Field, ...]:
    """The fields for *event*, what decides most first; what is left empty does not come with it."""
    names = sorted(accepted_names(event), key=_rank)
    return tuple(_field(event, name, order) for name in names)


def _rank(name: str) -> tuple[int, str]:
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)


def _field(event: str, name: str, order: Order) -> Field:
    needed = (event, name) in _NEEDED
    kind = "number" if name in _NUMBERS else "choice" if name in _CHOICES else "text"
    still = order.value - order.invoiced
    value = str(still) if needed and still > 0 else ""
    return Field(name, _HINTS.get(name, ""), kind, _CHOICES.get(name, ()), value, needed)


def sent_form(body: bytes) -> dict[str, str]:
    """The fields of a form by name, the first of each.

    Raises:
        DialectError: It is no form.
    """
    try:
        text = body.decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as wrong:
        raise trouble(400, "this is no form of the page") from wrong
    return {name: value.strip() for name, value in reversed(pairs)}


def data_of(form: Mapping[str, str]) -> dict[str, object]:
    """What comes with an event.

    Raises:
        DialectError: A number is none.
    """
    given = {
        name.removeprefix(PREFIX): value
        for name, value in form.items()
        if name.startswith(PREFIX) and value
    }
    return {name: _read(name, value) for name, value in sorted(given.items())}


def _read(name: str, value: str) -> object:
    if name in _NUMBERS:
        return whole(name, value)
    return value == "true" if name in _FLAGS else value


def whole(name: str, value: str) -> int:
    """The whole number in a field.

    Raises:
        DialectError: It is none.
    """
    if not _WHOLE.fullmatch(value):
        raise trouble(400, f"{name}: write a whole number, such as 2499")
    return int(value)
