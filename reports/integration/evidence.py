"""The lines of a trace that show a breach: those that it names, and what happened around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.rule import Sighting
from orderflow.conformance.integration.seen import COMMIT, READ, Seen
from orderflow.reports.words import clip, plain

MOST_LINES = 18
"""Lines that one breach shows."""

_LONGEST = 70
_MOST_CARRIED = 3
_SHOWN = frozenset({"call", "delivery", "step", "record", "act", "client"})


@dataclass(frozen=True, slots=True)
class Shown:
    """One line as it is shown.

    Attributes:
        line: The line.
        skipped: How many lines about the same order were left out before it.
        named: Whether the rule names it.
        decisive: Whether it is the one that broke the rule.
    """

    line: Line
    skipped: int
    named: bool
    decisive: bool


def evidence(seen: Seen, breach: Sighting, most: int = MOST_LINES) -> tuple[Shown, ...]:
    """The lines that show *breach*, in the order of the trace, no more than *most*.

    Those that the rule names come first, then those about the same order that are nearest to the
    decisive one.
    """
    named = set(breach.lines)
    last = breach.lines[-1] if breach.lines else 0
    related = [each for each in _related(seen, breach) if each.number not in named]
    related.sort(key=lambda each: (abs(each.number - last), each.number))
    spoken = sorted(named, key=lambda number: (number != last, number))[:most]
    chosen = [seen.line(number) for number in spoken]
    chosen += related[: max(most - len(chosen), 0)]
    everything = sorted(named | {each.number for each in related})
    return tuple(_with_gaps(sorted(chosen, key=_number), everything, named, last))


def _with_gaps(
    chosen: Iterable[Line], everything: list[int], named: set[int], last: int
) -> Iterator[Shown]:
    place = 0
    for line in chosen:
        found = everything.index(line.number)
        yield Shown(line, found - place, line.number in named, line.number == last)
        place = found + 1


def _related(seen: Seen, breach: Sighting) -> Iterator[Line]:
    """Lines about the order of *breach*, those of the feed that carry it too."""
    if not breach.order_id:
        return
    for line in seen.lines:
        if line.kind not in _SHOWN:
            continue
        if breach.order_id == line.order_id or breach.order_id in _carried(line):
            yield line


def _carried(line: Line) -> tuple[str, ...]:
    if line.operation == READ:
        return tuple(row.text("order") for row in line.rows("items"))
    if line.operation == COMMIT:
        return tuple(row.text("order") for row in line.rows("handles"))
    return ()


def _number(line: Line) -> int:
    return line.number


def doing(line: Line) -> str:
    """What a line tells, in a few words: ``POST …/start-handling``."""
    if line.kind == "call":
        return f"{line.method} {short_path(line)}{_of_feed(line)}"
    if line.kind == "delivery":
        return plain(line.operation) or f"{line.method} {clip(line.path, _LONGEST)}"
    if line.kind == "step":
        return plain(line.text("event").replace("_", " ")) or "step"
    if line.kind == "record":
        return f"own books: {plain(line.text('what'))} {plain(line.text('value'))}".rstrip()
    what = plain(line.text("what"))
    return f"scenario: {what}" if line.kind == "act" else f"integration: {what}"


def _of_feed(line: Line) -> str:
    """Which items a read brought, or a commit named; empty for other calls."""
    if line.operation not in {READ, COMMIT}:
        return ""
    rows = line.rows("items") or line.rows("handles")
    if len(rows) == 1:
        return f": {plain(rows[0].text('state')) or 'an item'}"
    return f": {len(rows) or 'no'} items"


def short_path(line: Line) -> str:
    """The path of a call without what all paths begin with, and without the order's id."""
    path = line.operation.partition(" ")[2] or line.path
    for beginning in ("/api/oms/pvt/", "/api/oms/", "/api/"):
        if path.startswith(beginning):
            path = path.removeprefix(beginning)
            break
    return clip(plain(path), _LONGEST)


def answered(line: Line) -> str:
    """What came of a line: the answer, or the status an order went to."""
    if line.kind == "step":
        return f"{plain(line.before) or 'new'} → {plain(line.after)}"
    if line.kind not in {"call", "delivery"}:
        return ""
    told = str(line.status) if line.status else (plain(line.trouble) or "no answer")
    code = plain(line.text("code"))
    done = line.whole("done")
    hidden = f" (was {done})" if line.faults and done is not None and done != line.status else ""
    return f"{told}{f' {code}' if code else ''}{hidden}"


def carried(line: Line) -> str:
    """What else is worth knowing of a line: the items of a read, the sum of an invoice."""
    parts = [f"fault {plain(name)}" for name in line.faults]
    parts += [
        f"{row.text('state')} of {row.text('order')} {row.text('was')}".strip()
        for row in (*line.rows("items"), *line.rows("handles"))[:_MOST_CARRIED]
        if row.text("handle")
    ]
    if line.whole("cents") is not None:
        parts.append(f"invoice {plain(line.text('number'))} of {line.whole('cents')} cents")
    return "; ".join(clip(plain(part), _LONGEST) for part in parts)
