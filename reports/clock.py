"""Simulated time as people read it."""

from __future__ import annotations

_SECOND = 1000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_UNITS = (("day", _DAY), ("h", _HOUR), ("min", _MINUTE), ("s", _SECOND), ("ms", 1))


def clock(at: int) -> str:
    """Write milliseconds since the start of a trace as a clock.

    >>> clock(31_000), clock(2_823_000), clock(3_661_000), clock(2_592_000_000)
    ('00:31', '47:03', '1:01:01', '30d 00:00')
    """
    days, rest = divmod(at, _DAY)
    hours, rest = divmod(rest, _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    seconds = rest // _SECOND
    if days:
        return f"{days}d {hours:02}:{minutes:02}"
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes:02}:{seconds:02}"


def span(length: int) -> str:
    """Write a length of time in its largest unit, and the next when that is not exact.

    >>> span(1_800_000), span(5_400_000), span(2_592_000_000), span(0)
    ('30 min', '1 h 30 min', '30 days', '0 s')
    """
    for i, (unit, size) in enumerate(_UNITS):
        count, rest = divmod(length, size)
        if not count:
            continue
        text = f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}"
        if rest and i + 1 < len(_UNITS):
            smaller, part = _UNITS[i + 1]
            if rest // part and smaller != "ms":
                text += f" {rest // part} {smaller}"
        return text
    return "0 s"
