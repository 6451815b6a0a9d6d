"""Single fields in the forms in which real clients send them: numbers, dates, arrays of objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orderflow.sandbox.dialect import bad_request
from orderflow.sandbox.moments import iso, moment

_MOST_DIGITS = 12


def whole(given: object) -> int | None:
    """The whole number that a client means, be it a number or a text; None when it is neither.

    >>> whole("2499"), whole(2499.0), whole("24.99"), whole(True)
    (2499, 2499, None, None)
    """
    if isinstance(given, bool):
        return None
    if isinstance(given, float) and given.is_integer() and abs(given) < 10**_MOST_DIGITS:
        return int(given)
    if isinstance(given, int):
        return given if abs(given) < 10**_MOST_DIGITS else None
    if isinstance(given, str) and given.isascii() and given.isdigit():
        return int(given) if len(given) <= _MOST_DIGITS else None
    return None


def date_in(name: str, given: str) -> str:
    """The date that was sent in the field called *name*, as the API writes it.

    Raises:
        DialectError: It is no date.
    """
    try:
        return iso(moment(given))
    except (ValueError, OverflowError) as wrong:
        raise bad_request(f"{name} {given[:60]!r} is no date") from wrong


def objects(given: object) -> Iterator[Mapping[str, object]]:
    """The objects in an array."""
    return (
        (each for each in given if isinstance(each, dict)) if isinstance(given, list) else iter(())
    )
