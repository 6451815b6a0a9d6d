"""Single fields of what somebody sends to place an order, whatever the case of their names.

A connector's guide writes them with capitals, the reference without.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeGuard

from orderflow.sandbox.dialect import DialectError, bad_request, refusal
from orderflow.sandbox.placed import MOST_CENTS

_LONGEST_ID = 100
_DEEPEST = 40
"""Levels of a section that is kept as it was sent; no real one is deeper."""


def named(given: object, name: str) -> object:
    """The value called *name*, in whatever case; None when *given* has none."""
    if not isinstance(given, Mapping):
        return None
    if name in given:
        return given[name]
    wanted = name.lower()
    return next((value for key, value in given.items() if key.lower() == wanted), None)


def has(given: object, name: str) -> bool:
    """Whether there is a value called *name*, in whatever case, be it null."""
    keys = given if isinstance(given, Mapping) else ()
    return any(key.lower() == name.lower() for key in keys)


def listed(given: object, name: str) -> list[Mapping[str, object]]:
    """The objects in the array called *name*; none when it is absent or null.

    Raises:
        DialectError: It is something else.
    """
    found = named(given, name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise bad_request(f"The field {name} must be an array of objects")
    return found


def part(given: object, name: str) -> Mapping[str, object]:
    """The object called *name*; empty when it is absent or null.

    Raises:
        DialectError: It is something else.
    """
    found = named(given, name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise bad_request(f"The field {name} must be an object")
    return found


def cents(given: object, name: str) -> int | None:
    """The whole number of cents called *name*, None when it is absent or null.

    Raises:
        DialectError: It is something else.
    """
    found = named(given, name)
    if found is None:
        return None
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= MOST_CENTS:
        raise bad_request(f"The field {name} must be a whole number of cents")
    return found


def word(given: object, name: str) -> str:
    """The short text called *name*, or a number as text; empty when it is absent or null.

    Raises:
        DialectError: It is something else, or too long.
    """
    found = named(given, name)
    if found is None:
        return ""
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) < 10**18:
        return str(found)
    if not isinstance(found, str) or len(found) > _LONGEST_ID or not found.isprintable():
        raise bad_request(f"The field {name} must be a string of at most {_LONGEST_ID} characters")
    return found.strip()


def checked(given: object, name: str, code: str) -> str:
    """Do as :func:`word`, and refuse with *code*.

    Raises:
        DialectError: It is no short text.
    """
    try:
        return word(given, name)
    except DialectError as wrong:
        raise refusal(400, code, str(wrong)) from wrong


def is_whole(given: object, least: int, most: int) -> TypeGuard[int]:
    """Whether *given* is a whole number from *least* to *most*."""
    return isinstance(given, int) and not isinstance(given, bool) and least <= given <= most


def kept(given: object, name: str) -> object:
    """The value called *name* as it was sent, None when it is absent or null.

    Raises:
        DialectError: It is nested too deep, or holds a number that is none.
    """
    found = named(given, name)
    if not _is_sound(found, _DEEPEST):
        raise bad_request(f"The field {name} is invalid")
    return found


def _is_sound(given: object, depth: int) -> bool:
    if isinstance(given, float):
        return math.isfinite(given)
    if not isinstance(given, dict | list):
        return True
    inner = given.values() if isinstance(given, dict) else given
    return depth > 0 and all(_is_sound(each, depth - 1) for each in inner)
