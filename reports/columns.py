"""A sale as plain text: a column for each document, arrows for what they tell each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from orderflow.conformance.verdict import Failure, MessageTrace, TraceStep
from orderflow.reports.clock import clock, span
from orderflow.reports.happenings import Happening, Kind, arrives, columns, happenings, remark
from orderflow.reports.words import fold, plain

WIDTH = 100
"""So wide is a story of up to four documents."""

_NARROWEST, _WIDEST = 20, 42
_TURNED = {"▶": "◀", "▷": "◁"}
_LINE, _GAP_LINE = "│", "┊"


@dataclass(slots=True)
class _Sheet:
    """The rows written so far.

    Attributes:
        failure: What is told.
        places: Character column of each document's line.
        width: Distance between two lines.
        clock: Width of the clock.
        born: Documents that have been heard of.
        lines: The rows.
    """

    failure: Failure
    places: dict[str, int]
    width: int
    clock: int
    born: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)

    def put(self, gutter: str, marks: Iterable[tuple[int, str]], *, line: str = _LINE) -> None:
        """Write one row: *gutter*, the lines of all documents, and *marks* over them."""
        marks = tuple(marks)
        ends = [at + len(text) for at, text in marks] + [max(self.places.values(), default=0) + 1]
        row = list(gutter.ljust(max(*ends, len(gutter))))
        for name, at in self.places.items():
            if name in self.born:
                row[at] = line
        for at, text in marks:
            row[at : at + len(text)] = text
        self.lines.append("".join(row).rstrip())


def sequence(failure: Failure) -> list[str]:
    """Draw the trace of a sale as rows of text, up to :data:`WIDTH` characters for four documents.

    Statuses stand in the column of their document, below the event that led there; a row with an
    arrow is a message.
    """
    names = columns(failure)
    width = max((len(clock(step.at)) for step in failure.trace), default=5)
    waits = [len(span(row.wait)) + 1 for row in happenings(failure) if row.kind is Kind.GAP]
    width = max([width, *(wait - 4 for wait in waits)])
    start = 11 + width
    room = min(max((WIDTH - start) // max(len(names), 1), _NARROWEST), _WIDEST)
    sheet = _Sheet(failure, {n: start + room * i for i, n in enumerate(names)}, room, width)
    _header(sheet)
    rows = happenings(failure)
    for row, after in zip(rows, (*rows[1:], None), strict=True):
        _tell(sheet, row, after)
    return sheet.lines


def _header(sheet: _Sheet) -> None:
    flows = dict(sheet.failure.participants)
    heads = []
    for name in sheet.places:
        flow = flows.get(name, name)
        lines = fold(plain(name), sheet.width - 2)
        heads.append([*lines, *(fold(f"({plain(flow)})", sheet.width - 2) if flow != name else [])])
    for i in range(max(map(len, heads), default=0)):
        marks = zip(sheet.places.values(), heads, strict=True)
        sheet.put("", [(at, lines[i]) for at, lines in marks if i < len(lines)])


def _tell(sheet: _Sheet, row: Happening, after: Happening | None) -> None:
    if row.step is not None:
        _step(sheet, row.step)
    elif row.message is not None:
        quiet = after is not None and after.step is not None and after.at == row.at
        shown = row.kind is not Kind.SENT and not (quiet and row.message.heard)
        _message(sheet, row, row.message, " " * 8 + clock(row.at).rjust(sheet.clock) * shown)
    else:
        sheet.put(f"+{span(row.wait)}".rjust(8 + sheet.clock), (), line=_GAP_LINE)


def _step(sheet: _Sheet, step: TraceStep) -> None:
    bad = bool(sheet.failure.trace) and step is sheet.failure.trace[-1]
    sheet.born.add(step.participant)
    at = sheet.places.get(step.participant, min(sheet.places.values(), default=0))
    gutter = f"  {'✕' if bad else ' '} {step.number:>2}  {clock(step.at):>{sheet.clock}}"
    mark = "✕" if bad else "●"
    for text in _words(step, sheet.width - 3):
        sheet.put(gutter, [*([(at, mark)] if mark else []), (at + 2, text)])
        gutter = mark = ""


def _words(step: TraceStep, room: int) -> list[str]:
    """Say in lines of *room* characters what was done, by whom, and where that led."""
    event = "time passes" if step.event == "advance" else plain(step.event)
    actor = f" ({plain(step.actor)})" if not step.cause and step.event != "advance" else ""
    source, target = plain(step.source), plain(step.target)
    goal = f"→ {target}"
    if not step.accepted:
        goal = f"refused in {source}"
    elif source == target:
        goal = f"stays in {source}"
    lines = [*fold(event + actor, room), *fold(goal, room, hang=2)]
    data = ", ".join(f"{plain(name)} {plain(value)}" for name, value in step.data)
    return lines + fold(data, room)


def _message(sheet: _Sheet, row: Happening, message: MessageTrace, gutter: str) -> None:
    start, end = (sheet.places[name] for name in (message.sender, message.receiver))
    length = abs(end - start) - 1
    cells, (low, high) = _arrow(row.kind, message, length, min(length, sheet.width - 1))
    label = _label(row.kind, message)
    fits = len(label) + 4 <= high - low
    lines = [f" {label} "] if fits else fold(label, sheet.width - 3)
    placed = []
    for text in lines:
        first = low + (high - low - len(text) + 1) // 2
        first = max(0 if fits else 1, min(first, length - len(text) - 1))
        placed.append((start + 1 + first if end > start else start - first - len(text), text))
    if not fits:
        for mark in placed:
            sheet.put("", [mark])
        placed = []
    _join(sheet, row.kind, message)
    sheet.put(gutter, [*_drawn(sheet, row.kind, message, cells), *placed])


def _label(kind: Kind, message: MessageTrace) -> str:
    """Return what stands on an arrow; the two halves of one message bear its number."""
    parted = arrives(message) and kind is not Kind.WHOLE
    label = plain(message.notice) + f" #{message.number}" * parted
    told_here = kind is not Kind.SENT or not arrives(message)
    note = remark(message)
    return f"{label}, {note}" if note and told_here else label


def _arrow(
    kind: Kind, message: MessageTrace, length: int, near: int
) -> tuple[list[str], tuple[int, int]]:
    """Return the cells from sender to receiver, and between which of them a label may stand.

    Args:
        kind: Whether it leaves, arrives or both.
        message: The message.
        length: Cells between the two.
        near: Cells between one of them and the document next to it.
    """
    heads = "▶▶" if message.doubled else "▶"
    if kind is Kind.WHOLE:
        return list("─" * (length - len(heads)) + heads), (0, near - len(heads))
    if kind is Kind.ARRIVED:
        first = length - near * 3 // 4
        body = " " * first + "╌" * (length - first - len(heads) - 1) + "─" + heads
        return list(body), (first, length - len(heads))
    tip = {"lost": "✕", "under way": "╌▷"}.get(message.fate, "╌╌")
    body = "─" * (near * 3 // 4) + tip
    return list(body.ljust(length)), (0, near * 3 // 4)


def _join(sheet: _Sheet, kind: Kind, message: MessageTrace) -> None:
    """Begin the lines of those that a message shows to be there."""
    sheet.born.add(message.sender)
    if kind is not Kind.SENT:
        sheet.born.add(message.receiver)


def _drawn(
    sheet: _Sheet, kind: Kind, message: MessageTrace, cells: Sequence[str]
) -> list[tuple[int, str]]:
    """Return *cells* as they are written over the lines of a row; lines they cross stay."""
    start, end = sheet.places[message.sender], sheet.places[message.receiver]
    step = 1 if end > start else -1
    lines = {at: name for name, at in sheet.places.items()}
    marks = []
    for i, cell in enumerate(cells, 1):
        at = start + step * i
        if at in lines and cell in "─╌":
            marks.append((at, "┼" if cell == "─" else _LINE))
        elif cell != " ":
            marks.append((at, cell if step > 0 else _TURNED.get(cell, cell)))
    if kind is not Kind.ARRIVED:
        marks.append((start, "├" if step > 0 else "┤"))
    return marks
