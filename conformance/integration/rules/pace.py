"""B-75 to B-78: how fast an integration calls, and how long it waits when it was told to.

Pauses are real time. Under a time scale a minute is that much shorter; what ``Retry-After`` says
is not.

Source: domain fact sheet "Conformance rules", section B.6.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.operations import READS
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.seen import Seen

TOO_MANY = 429

_MINUTE = 60_000
_TOLERANCE = 0.9
_UNDER_WAY = 25
"""Real ms in which other calls may have been sent before the answer was read (judgement)."""

_GROWTH = 1.25
"""By how much a second pause is longer at least: twice, less what jitter takes (judgement)."""

_LIMIT = 6_000
"""Get order calls a minute. Source: domain fact sheet "HTTP surface", section 2."""

_WASTE = 10
"""Reads of each order from which on they are a waste (judgement)."""

_LOOKED_AT = 100
"""So many answers of the limit are looked into: a flood must not take for ever to judge."""

_HAMMERING, _AT_ONCE = 50, 100
"""So many reads of one order in a row, each so many real ms after the other (judgement)."""


def _refused(seen: Seen) -> Iterator[tuple[Line, Line | None]]:
    """Each 429, and the first call of its key that came in after it was answered."""
    for calls in seen.by_key.values():
        for place, line in enumerate(calls):
            if line.status == TOO_MANY:
                yield line, _next(calls, place)


def _next(calls: Sequence[Line], place: int) -> Line | None:
    told = calls[place]
    later = (calls[each] for each in range(place + 1, len(calls)))
    return next((each for each in later if _knew(told, each)), None)


def _knew(told: Line, line: Line) -> bool:
    """Whether a call was made after its caller could have read the answer *told*."""
    if line.began < told.wall:
        return False
    return _is_repeated(told, line) or line.began - told.wall > _UNDER_WAY


def _is_repeated(told: Line, line: Line) -> bool:
    """Whether two calls are the same; one that places an order knows its id only when it works."""
    about = {told.order_id, line.order_id}
    same = len(about) == 1 or ("" in about and told.text("body") == line.text("body"))
    return same and told.operation == line.operation


def _minute(seen: Seen, line: Line) -> float:
    return _MINUTE / seen.scale(line)


def _asked(seen: Seen, line: Line) -> float:
    """Real ms that a 429 asks to wait: as it says, a minute when it says nothing."""
    told = line.whole("retry_after")
    usual = _minute(seen, line)
    return usual if told is None else min(told * 1000.0, usual)


def _back_off(seen: Seen) -> Iterator[Sighting]:
    for line, later in _refused(seen):
        asked = _asked(seen, line) * _TOLERANCE
        if later is None:
            if seen.lines[-1].wall - line.wall >= asked:
                yield kept(line)
            continue
        pause = later.began - line.wall
        if pause >= asked:
            yield kept(line, later)
        else:
            yield broken(
                line,
                later,
                told=f"calls again {_seconds(pause)} after it was answered 429",
                instead="call nothing with that key for as long as Retry-After says, without it"
                f" for 60 s{_scaled(seen, line)}",
            )


def _seconds(pause: float) -> str:
    return f"{pause:.0f} ms" if pause < 1000 else f"{pause / 1000:.1f} s"  # noqa: PLR2004


def _scaled(seen: Seen, line: Line) -> str:
    scale = seen.scale(line)
    return "" if scale == 1 else f", here {_MINUTE / scale / 1000:.2g} s"


def _back_off_further(seen: Seen) -> Iterator[Sighting]:
    """Of each row of 429 the first two pauses, where the platform did not say how long."""
    for calls in seen.by_key.values():
        row: list[tuple[Line, Line]] = []
        expected: Line | None = None
        for place, line in enumerate(calls):
            if expected is not None and line is not expected:
                continue
            expected = _next(calls, place) if line.status == TOO_MANY else None
            if line.status != TOO_MANY:
                row = []
            elif expected is not None:
                row.append((line, expected))
                if len(row) == 2:  # noqa: PLR2004 - a row of two pauses
                    yield from _longer(row)


def _longer(row: Sequence[tuple[Line, Line]]) -> Iterator[Sighting]:
    if any(told.whole("retry_after") is not None for told, _ in row):
        return
    first, second = (later.began - told.wall for told, later in row)
    lines = (row[0][0], row[1][0], row[1][1])
    if second >= first * _GROWTH:
        yield kept(*lines)
    else:
        yield broken(
            *lines,
            told=f"waits {_seconds(second)} after the second 429, after {_seconds(first)} the first"
            " time",
            instead="double the pause with each 429 in a row, and add some chance",
        )


def _obey_retry_after(seen: Seen) -> Iterator[Sighting]:
    for line, later in _refused(seen):
        told = line.whole("retry_after")
        if not told:
            continue
        until = later.began if later is not None else seen.lines[-1].wall
        if until - line.wall >= told * 1000 * _TOLERANCE:
            yield kept(line, *([later] if later else []))
        elif later is not None:
            yield broken(
                line,
                later,
                told=f"waits {_seconds(until - line.wall)} where Retry-After says {told} s",
                instead="wait as long as Retry-After says, whatever the usual pause is",
            )


def _stay_under_limit(seen: Seen) -> Iterator[Sighting]:
    for calls in seen.by_key.values():
        reads = [each for each in calls if each.operation in READS]
        if reads:
            found = _too_fast(reads) or _hammered(calls) or _wasted(calls)
            yield found or kept(reads[-1], order_id=reads[-1].order_id)


def _too_fast(reads: Sequence[Line]) -> Sighting | None:
    for place in range(_LIMIT, len(reads)):
        first, last = reads[place - _LIMIT], reads[place]
        if last.wall - first.wall < _MINUTE:
            return _over(first, last, told=f"reads orders more than {_LIMIT} times a minute")
    return None


def _hammered(calls: Sequence[Line]) -> Sighting | None:
    """Whether one order is read again and again, with nothing in between."""
    length = 0
    for first, last in pairwise(calls):
        same = first.order_id == last.order_id and {first.operation, last.operation} <= {*READS}
        at_once = last.began - first.wall < _AT_ONCE
        length = length + 1 if same and at_once and last.told_success else 0
        if length >= _HAMMERING:
            told = f"reads one order {length} times in a row without a pause"
            return _over(first, last, told=told)
    return None


def _wasted(calls: Sequence[Line]) -> Sighting | None:
    """Whether the limit was met by reading the same orders over and over."""
    walls = [each.wall for each in calls]
    met = (place for place, line in enumerate(calls) if _meets_limit(line))
    for place in islice(met, _LOOKED_AT):
        line = calls[place]
        begin = bisect_right(walls, line.wall - _MINUTE)
        read = Counter(
            each.order_id
            for each in calls[begin:place]
            if each.operation in READS and each.told_success
        )
        if read.total() > _WASTE * len(read) > 0:
            return _over(line, told="meets the limit by reading the same orders over and over")
    return None


def _meets_limit(line: Line) -> bool:
    return line.status == TOO_MANY and not line.faults and line.operation in READS


def _over(*lines: Line, told: str) -> Sighting:
    return broken(
        *lines,
        told=told,
        instead="GET .../orders/{orderId} once for each event, and wait for the next event instead"
        " of asking again",
    )


RULES = (
    IntegrationRule(
        id="B-75",
        title="Back off when told 429",
        part="every",
        severity="error",
        statement="After a 429 the key calls nothing for a minute, or as long as the answer says.",
        source=("dp-feed",),
        explanation="The limit counts refused calls as well. Who calls on keeps it closed, for all"
        " programs of the account, until somebody is asked to switch the integration off.",
        check=_back_off,
        mistakes=("CM-25",),
    ),
    IntegrationRule(
        id="B-76",
        title="Back off further each time",
        part="every",
        severity="info",
        statement="A second 429 in a row doubles the pause, with some chance in it.",
        source=("guide",),
        explanation="If a minute was not enough, the next one will not be either, and clients that"
        " all come back at the same moment close the limit again at once.",
        check=_back_off_further,
    ),
    IntegrationRule(
        id="B-77",
        title="Honour Retry-After",
        part="every",
        severity="info",
        statement="The pause after a 429 is at least as long as its Retry-After says.",
        source=("guide",),
        explanation="It is the platform's own word on when there will be room again.",
        check=_obey_retry_after,
    ),
    IntegrationRule(
        id="B-78",
        title="Stay under the limits",
        part="every",
        severity="warning",
        statement="Orders are read fewer than 6000 times a minute, and not over and over.",
        source=("oas-orders",),
        explanation="The limit holds for the whole account. An integration that asks an order"
        " again and again for its status takes the room of all others, and of itself on the day"
        " on which there are many orders.",
        check=_stay_under_limit,
    ),
)
"""The rules of this module by id."""
