"""Dates as the vendor's API writes them, and the forms in which clients send them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@lru_cache(maxsize=16_384)  # the dates of an order are written again with every answer
def iso(ms: int) -> str:
    """Write virtual *ms* since the Unix epoch as the API does.

    Always seven fraction digits and an offset: there are clients that parse nothing else.

    Raises:
        OverflowError: *ms* lies outside the years 1 to 9999.

    >>> iso(1_704_067_200_123)
    '2024-01-01T00:00:00.1230000+00:00'
    """
    to_the_millisecond = (_EPOCH + ms * _MILLISECOND).replace(tzinfo=None)
    return f"{to_the_millisecond.isoformat(timespec='milliseconds')}0000+00:00"


def iso_or_null(ms: int | None) -> str | None:
    """Do as :func:`iso`; None for what has not happened."""
    return None if ms is None else iso(ms)


def moment(text: str) -> int:
    """Read a date that a client sent, in ms since the Unix epoch.

    A date without a time is midnight, a time without an offset is UTC (fact sheet "HTTP surface",
    section 1), a blank stands for ``T``, and fractions of a millisecond are dropped.

    Raises:
        ValueError: *text* is no date.

    >>> moment("2022-11-10 07:25:43") == moment("2022-11-10T07:25:43.000Z")
    True
    """
    found = datetime.fromisoformat(text.strip())
    return ((found if found.tzinfo else found.replace(tzinfo=UTC)) - _EPOCH) // _MILLISECOND
