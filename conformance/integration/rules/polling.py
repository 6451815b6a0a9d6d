"""B-09 to B-15: how an integration reads and configures its feed.

Source: domain fact sheet "Conformance rules", section B.1.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.rule import IntegrationRule, Sighting, broken, kept
from orderflow.conformance.integration.seen import CONFIGURE, LIST, READ, Seen

_MOST = 10
"""Items a read may ask for."""

_SILENCE = 3_000
"""Real ms of silence, at least, that count as having stopped (judgement)."""

_TIMES = 20
"""How many usual pauses that silence lasts, at least (judgement)."""

_LONG_PAUSE, _PAUSES = 2_000, 5
"""Real ms, and usual pauses, after which a next read is no longer at once (judgement)."""

_SCANS, _READS_A_SCAN = 3, 5
"""From so many scans on they are periodic, unless there are so many feed reads for each."""

_RETENTION = range(345_600, 1_209_601)
_VISIBILITY = range(30, 86_401)
"""Seconds. Source: domain fact sheet "HTTP surface", section 5.2, and D-A6."""

_NOT_FOUND = 404
_GIVING_UP = 3
"""Reads answered 404 in a row that show that nobody configures any more (judgement)."""

_SEARCH = "POST /api/orders/extendsearch/orders"
_CONFIGURING = frozenset({CONFIGURE, "POST /api/orders/hook/config"})


def _ask_for_ten(seen: Seen) -> Iterator[Sighting]:
    for line in seen.of(READ):
        if "lot" not in line.facts:
            continue
        lot = line.whole("lot")
        if lot is None:
            yield broken(
                line,
                told="reads the feed without maxlot",
                instead="GET /api/orders/feed?maxlot=10",
                mild=True,
            )
        elif 1 <= lot <= _MOST:
            yield kept(line)
        else:
            yield broken(
                line,
                told=f"asks the feed for {lot} items",
                instead="GET /api/orders/feed?maxlot=10, again and again until it is empty",
            )


def _pauses(reads: Sequence[Line]) -> float:
    """The usual real pause in ms between two reads, 0 when there are too few."""
    found = [later.began - first.wall for first, later in pairwise(reads)]
    return max(median(found), 0.0) if found else 0.0


def _keep_polling(seen: Seen) -> Iterator[Sighting]:
    for key, reads in seen.reads.items():
        for first, later in pairwise(reads):
            if not first.rows("items"):
                yield kept(first, later)
        last = reads[-1]
        if last.rows("items") or any(seen.troubles(key, last.number)):
            continue
        missed = _missed(seen, last)
        if missed is not None and _fell_silent(seen, missed, _pauses(reads)):
            yield broken(
                last,
                missed,
                told="reads the feed no more after it was empty",
                instead="GET /api/orders/feed for ever, with a pause after an empty answer",
            )


def _missed(seen: Seen, last: Line) -> Line | None:
    """The first news that the key's filter lets in and that nobody read."""
    configured = [each for each in seen.of(CONFIGURE) if each.key == last.key and each.worked]
    wanted = configured[-1].words("statuses") if configured else ()
    steps = (each for each in seen.lines if each.number > last.number and each.kind == "step")
    return next((each for each in steps if not wanted or each.after in wanted), None)


def _fell_silent(seen: Seen, line: Line, usual: float) -> bool:
    """Whether there is a long silence behind *line*; a person may stop by hand, so in scenarios."""
    silence = seen.lines[-1].wall - line.wall
    return bool(line.scenario) and silence >= max(_SILENCE, _TIMES * usual)


def _read_on_after_less(seen: Seen) -> Iterator[Sighting]:
    for key, reads in seen.reads.items():
        usual = _pauses(reads)
        for place, read in enumerate(reads):
            lot = read.whole("lot")
            got = len(read.rows("items"))
            if lot is None or not 0 < got < lot or not read.whole("waiting"):
                continue
            later = reads[place + 1] if place + 1 < len(reads) else None
            yield from _after_less(seen, key, read, later, usual)


def _after_less(
    seen: Seen, key: str, read: Line, later: Line | None, usual: float
) -> Iterator[Sighting]:
    if any(seen.troubles(key, read.number, later.number if later else None)):
        return
    if later is None:
        waited = _fell_silent(seen, _latest(seen, key), usual)
    else:
        waited = _idle_before(seen, later) >= max(_LONG_PAUSE, _PAUSES * usual)
    if waited:
        yield broken(
            read,
            *([later] if later else []),
            told="takes a read that brought less than it asked for as the end of the feed",
            instead="GET /api/orders/feed at once until it brings nothing",
        )
    elif later is not None:
        yield kept(read, later)


def _latest(seen: Seen, key: str) -> Line:
    return seen.by_key[key][-1]


def _idle_before(seen: Seen, read: Line) -> float:
    """Real ms in which the key of *read* called nothing before it."""
    calls = seen.by_key[read.key]
    place = bisect_left(calls, read.number, key=lambda each: each.number)
    return read.began - calls[place - 1].wall if place else 0.0


def _scans(calls: Sequence[Line]) -> Iterator[Line]:
    """Lists that look for orders by status or by time, counted by their first pages.

    Those that follow a new configuration see what happened while there was none, and do not count.
    """
    catching_up = False
    for line in calls:
        if line.operation in _CONFIGURING:
            catching_up = True
        elif line.operation == READ and line.told_success:
            catching_up = False
        elif line.operation in (LIST, _SEARCH) and not catching_up:
            first = line.whole("page") in (None, 0, 1)
            if first and (line.words("statuses") or line.whole("span") is not None):
                yield line


def _follow_the_feed(seen: Seen) -> Iterator[Sighting]:
    for key, calls in seen.by_key.items():
        reads = seen.reads.get(key, ())
        scans = tuple(_scans(calls))
        if len(scans) >= _SCANS and len(scans) * _READS_A_SCAN > len(reads):
            yield broken(
                *scans[:_SCANS],
                told=f"looks for orders by List orders, {len(scans)} times",
                instead="GET /api/orders/feed tells of every change, also of orders that were"
                " created long ago",
            )
        elif any(each.rows("items") for each in reads):
            yield kept(next(each for each in reads if each.rows("items")))


def _configure_validly(seen: Seen) -> Iterator[Sighting]:
    for line in seen.of(CONFIGURE):
        if "type" not in line.facts:
            continue
        wrong = tuple(_wrong_in(line))
        unknown = line.words("unknown")
        if wrong or unknown:
            spelt = (f"has the unknown status {', '.join(unknown)}",) if unknown else ()
            yield broken(
                line,
                told=f"configures a feed that {' and '.join((*wrong, *spelt))}",
                instead='POST /api/orders/feed/config {"filter": {"type": "FromWorkflow", "status":'
                ' [...]}, "queue": {"visibilityTimeoutInSeconds": 240,'
                ' "MessageRetentionPeriodInSeconds": 345600}}',
                mild=not wrong,
            )
        else:
            yield kept(line)


def _wrong_in(line: Line) -> Iterator[str]:
    kind = line.text("type")
    if not kind:
        yield "names no type of filter"
    elif line.flag("mixed") or (kind == "FromWorkflow" and line.flag("single_fire") is not None):
        yield "mixes the two types of filters"
    elif kind == "FromWorkflow" and not line.words("statuses"):
        yield "names no status"
    if line.whole("retention") not in _RETENTION:
        yield f"keeps items for {_seconds(line.whole('retention'))}"
    if line.whole("visibility") not in _VISIBILITY:
        yield f"hides items for {_seconds(line.whole('visibility'))}"


def _seconds(found: int | None) -> str:
    return "a time it does not tell" if found is None else f"{found} s"


def _configure_again(seen: Seen) -> Iterator[Sighting]:
    for key, calls in seen.by_key.items():
        lost: list[Line] = []
        for line in calls:
            if line.operation == READ and line.status == _NOT_FOUND:
                lost.append(line)
            elif line.operation == CONFIGURE and lost:
                yield _configured_again(seen, lost, line)
                lost = []
        given_up = lost and (len(lost) >= _GIVING_UP or _over(seen, lost[0]))
        if given_up and not any(seen.troubles(key, lost[0].number)):
            yield _gave_up(lost[0])


def _over(seen: Seen, line: Line) -> bool:
    end = seen.end_of(line)
    return end is not None and end.text("ending") != "out-of-time"


def _configured_again(seen: Seen, lost: list[Line], line: Line) -> Sighting:
    """It counts only if the integration lives on: one that is started anew configures anyway."""
    for each in seen.crashes:
        if lost[0].number < each.number < line.number:
            return _gave_up(lost[0], each)
    return kept(lost[0], line)


def _gave_up(*lines: Line) -> Sighting:
    return broken(
        *lines,
        told="gives up when its feed has no configuration any more",
        instead="POST /api/orders/feed/config again whenever GET /api/orders/feed is answered 404",
    )


def _one_reader(seen: Seen) -> Iterator[Sighting]:
    for reads in seen.reads.values():
        again = _returning(reads)
        crossed = [pair for pair in pairwise(reads) if pair[1].began < pair[0].wall]
        if again is not None:
            yield _two_readers(*again)
        elif len(crossed) > 1:
            yield _two_readers(*crossed[0])
        elif len(reads) > 1:
            yield kept(*reads[:2])


def _returning(reads: Sequence[Line]) -> tuple[Line, ...] | None:
    """Three reads of which the last is by the same program as the first, the second by another."""
    known: list[Line] = []
    for line in reads:
        agent = line.text("agent")
        if not agent or (known and known[-1].text("agent") == agent):
            continue
        for first, second in pairwise(known):
            if first.text("agent") == agent:
                return first, second, line
        known.append(line)
    return None


def _two_readers(*lines: Line) -> Sighting:
    return broken(
        *lines,
        told="reads one feed with two programs that share a key",
        instead="give each program that reads GET /api/orders/feed an app key of its own",
    )


RULES = (
    IntegrationRule(
        id="B-09",
        title="Ask for at most ten items",
        part="feed",
        severity="error",
        statement="A read of the feed asks for ten items at most, and says for how many.",
        source=("oas-orders",),
        explanation="The platform gives no more than ten items at once. Who asks for more, or does"
        " not say, relies on what no page promises.",
        check=_ask_for_ten,
        mistakes=("CM-34",),
    ),
    IntegrationRule(
        id="B-10",
        title="Keep polling",
        part="feed",
        severity="warning",
        statement="The feed is read again and again; an empty answer does not end it.",
        source=("dp-erp-int",),
        explanation="A feed is empty for hours, and then an order comes. Who stops reading hears"
        " of it at the next restart, or never: items are kept for some days only.",
        check=_keep_polling,
    ),
    IntegrationRule(
        id="B-11",
        title="Expect fewer items than asked for",
        part="feed",
        severity="warning",
        statement="A read that brings fewer items than it asked for is not taken as the end.",
        source=("dp-erp-faq",),
        explanation="The queue is spread over several servers, and each read asks some of them. A"
        " short answer says nothing about what is left: only an empty one may be followed by a"
        " pause.",
        check=_read_on_after_less,
    ),
    IntegrationRule(
        id="B-12",
        title="Follow the feed, not lists",
        part="feed",
        severity="warning",
        statement="Changes are learned from the feed, not by listing orders again and again.",
        source=("dp-feed", "seed"),
        explanation="The list is an index that lags behind, and a scan by creation date never sees"
        " an order that is paid a day later. It costs calls that count against the limit, too.",
        check=_follow_the_feed,
        mistakes=("CM-13",),
    ),
    IntegrationRule(
        id="B-13",
        title="Configure a valid filter",
        part="feed",
        severity="error",
        statement="The configuration has one type of filter, statuses that exist, a retention of 4"
        " to 14 days, and a visibility time-out within its limits.",
        source=("dp-feed", "oas-orders"),
        explanation="The platform does not check the spelling of statuses: a wrong one brings"
        " nothing, for ever and without a word. A mixed filter is refused on some days and taken"
        " on others.",
        check=_configure_validly,
        mistakes=("CM-33",),
    ),
    IntegrationRule(
        id="B-14",
        title="Configure again what was lost",
        part="feed",
        severity="warning",
        statement="When the feed is answered 404, it is configured again.",
        source=("dp-feed", "oas-orders"),
        explanation="A configuration without news during its retention is deleted. An integration"
        " that only reads stays deaf from then on, in a season in which few look.",
        check=_configure_again,
    ),
    IntegrationRule(
        id="B-15",
        title="Use one reader for each key",
        part="feed",
        severity="info",
        statement="Each feed, that is each app key, has one reader.",
        source=("dp-feed",),
        explanation="A feed belongs to its key. What one program commits, the other never sees, so"
        " each of them has some of the orders.",
        check=_one_reader,
    ),
)
"""The rules of this module by id."""
