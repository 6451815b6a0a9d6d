"""Where everything of a sequence view stands: lines of documents, rows of steps, messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from orderflow.conformance.verdict import Failure, MessageTrace, TraceStep
from orderflow.reports.geometry import Point, Rect
from orderflow.reports.happenings import Happening, Kind, arrives, columns, happenings, remark
from orderflow.reports.metrics import text_width, wrap
from orderflow.reports.words import jointed, plain

TEXT = 11.0
HEAD = 12.5
LINE = 14.0
_BOX = 172.0
_LEFT = 92.0
_MARGIN = 18.0
_TOP = 62.0
_BETWEEN = 26.0
_GAP = 40.0
_CHANNEL = 96.0
_PLACES = (0.5, 0.38, 0.62, 0.27, 0.73, 0.17, 0.83)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the picture: a step, a gap, or a message that made nothing happen.

    Attributes:
        happening: What happens in it.
        rect: Box of the step, mark of the arrival; the whole row for a gap.
        lines: Text of the box, event first.
        split: How many of the lines are the event.
    """

    happening: Happening
    rect: Rect
    lines: tuple[str, ...] = ()
    split: int = 0


@dataclass(frozen=True, slots=True)
class Arrow:
    """One message.

    Attributes:
        message: The message.
        points: Its way, from the box that sent it.
        label: Place of its text.
        text: Its text.
    """

    message: MessageTrace
    points: tuple[Point, ...]
    label: Rect
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A sequence view as numbers.

    Attributes:
        centres: Middle of each document's line, left to right.
        rows: Rows from the top.
        arrows: Messages in the order they were sent.
        top: Where the lines begin.
        bottom: Where they end.
        width: Width of the picture.
    """

    centres: dict[str, float]
    rows: tuple[Row, ...]
    arrows: tuple[Arrow, ...]
    top: float
    bottom: float
    width: float


def plan(failure: Failure) -> Plan:
    """Give everything of a trace its place."""
    names = columns(failure)
    centres, width = _columns(names, failure.messages)
    rows, bottom = _rows(failure, centres)
    arrows = _arrows(failure, rows, centres)
    return Plan(centres, rows, arrows, _TOP, bottom, width)


def broken(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """Break *text* at blanks, hyphens and underscores; what is still too wide is cut short."""
    lines = wrap(jointed(text), room, size, bold=bold)
    return [cut(line, room, size, bold=bold) for line in lines if line]


def cut(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Return *text*, or as much of it as fits *room* and an ellipsis."""
    if text_width(text, size, bold=bold) <= room:
        return text
    while text and text_width(f"{text}…", size, bold=bold) > room:
        text = text[:-1]
    return f"{text}…"


def label_of(message: MessageTrace) -> str:
    """Return what stands on an arrow."""
    note = remark(message)
    text = plain(message.notice) + (f", {note}" if note else "")
    return cut(text, 260, TEXT)


def _columns(
    names: Sequence[str], messages: Iterable[MessageTrace]
) -> tuple[dict[str, float], float]:
    """Leave so much room between two lines as the widest label there needs."""
    place = {name: i for i, name in enumerate(names)}
    rooms = [_CHANNEL] * len(names)
    for message in messages:
        start, end = place[message.sender], place[message.receiver]
        channel = start if end > start else start - 1
        wanted = text_width(label_of(message), TEXT) + 44
        rooms[channel] = max(rooms[channel], wanted)
    centres, x = {}, _LEFT
    for name, room in zip(names, rooms, strict=True):
        centres[name] = round(x + _BOX / 2, 1)
        x += _BOX + room
    width = x - (rooms[-1] if rooms else 0) + _MARGIN
    return centres, round(width, 1)


def _rows(failure: Failure, centres: dict[str, float]) -> tuple[tuple[Row, ...], float]:
    rows: list[Row] = []
    y = _TOP + 20
    for happening in happenings(failure):
        if happening.step is not None:
            row = _box(happening, happening.step, centres, y)
        elif happening.kind is Kind.GAP:
            row = Row(happening, Rect(0, y - _BETWEEN / 2, 0, _GAP))
        elif _stands_alone(happening):
            receiver = happening.message.receiver if happening.message else ""
            row = Row(happening, Rect(centres[receiver] - 6, y, 12, 12))
        else:
            continue
        rows.append(row)
        y = row.rect.bottom + (_BETWEEN if happening.kind is not Kind.GAP else _BETWEEN / 2)
    return tuple(rows), y - _BETWEEN / 2


def _stands_alone(happening: Happening) -> bool:
    message = happening.message
    if message is None or not arrives(message) or happening.kind is Kind.SENT:
        return False
    return not any(number > message.sent for number in message.heard)


def _box(happening: Happening, step: TraceStep, centres: dict[str, float], y: float) -> Row:
    room = _BOX - 20
    event = "time passes" if step.event == "advance" else plain(step.event).replace("_", " ")
    head = broken(event, room, TEXT + 0.5, bold=True)
    source, target = plain(step.source), plain(step.target)
    goal = f"→ {target}"
    if not step.accepted:
        goal = f"refused in {source}"
    elif source == target:
        goal = f"stays in {source}"
    lines = (*head, *broken(goal, room, TEXT))
    centre = centres.get(step.participant, next(iter(centres.values()), _LEFT))
    rect = Rect(centre - _BOX / 2, y, _BOX, 14 + LINE * len(lines))
    return Row(happening, rect, lines, len(head))


def _arrows(failure: Failure, rows: Sequence[Row], centres: dict[str, float]) -> tuple[Arrow, ...]:
    boxes = {row.happening.step.number: row.rect for row in rows if row.happening.step}
    marks = {row.happening.message.number: row.rect for row in rows if row.happening.message}
    ports: dict[tuple[int, bool], int] = {}
    ways: list[tuple[MessageTrace, tuple[Point, ...]]] = []
    for message in failure.messages:
        start = boxes.get(message.sent)
        if start is None:
            continue
        right = centres[message.receiver] > centres[message.sender]
        port = ports.setdefault((message.sent, right), 0)
        ports[message.sent, right] += 1
        begin = (start.right if right else start.x, start.bottom - 8 - 10 * port)
        later = [number for number in message.heard if number > message.sent and number in boxes]
        goal = boxes[min(later)] if later else marks.get(message.number)
        ways.append((message, _way(message, begin, goal, centres)))
    labels = _labels(ways, [row.rect for row in rows])
    return tuple(
        Arrow(message, points, labels[message.number], label_of(message))
        for message, points in ways
    )


def _labels(
    ways: Sequence[tuple[MessageTrace, tuple[Point, ...]]], boxes: Iterable[Rect]
) -> dict[int, Rect]:
    """Place the text of short lines above them, then that of the others where there is room."""
    taken = list(boxes)
    found: dict[int, Rect] = {}
    for message, points in sorted(ways, key=lambda each: arrives(each[0])):
        width = text_width(label_of(message), TEXT) + 10
        if arrives(message):
            label = _label(points, width, taken)
        else:
            middle = sum(x for x, _ in points) / len(points)
            label = Rect(middle - width / 2, points[0][1] - 17, width, 16)
        taken.append(label)
        found[message.number] = label
    return found


def _way(
    message: MessageTrace, begin: Point, goal: Rect | None, centres: dict[str, float]
) -> tuple[Point, ...]:
    """Go down in the first channel only: in the row of its end no other document has a box."""
    start, end = centres[message.sender], centres[message.receiver]
    side = 1 if end > start else -1
    beyond = sorted((x for x in centres.values() if side * (x - start) > 0), key=lambda x: side * x)
    first = beyond[0] - side * _BOX / 2
    if goal is None:
        half = begin[0] + (first - begin[0]) * 0.82
        return (begin, (half, begin[1] + 20))
    x = goal.right if side < 0 else goal.x
    y = goal.middle[1]
    if beyond[0] == end and goal.width >= _BOX:
        return (begin, (x, y))
    return (begin, (first, y), (x, y))


def _label(points: tuple[Point, ...], width: float, taken: Sequence[Rect]) -> Rect:
    """Find a place on the first part of the way where no other label is."""
    (x, y), (goal, end) = points[:2]
    spots = [
        Rect(x + (goal - x) * t - width / 2, y + (end - y) * t - 8, width, 16) for t in _PLACES
    ]
    free = (spot for spot in spots if not any(spot.overlaps(other) for other in taken))
    return next(free, spots[0])


def shifted(arrow: Arrow, by: float) -> tuple[Point, Point]:
    """Return a stub that ends *by* pixels before *arrow* does: its second head."""
    (x, y), (goal, end) = arrow.points[-2:]
    length = max(((goal - x) ** 2 + (end - y) ** 2) ** 0.5, 1.0)
    near, nearer = 1 - (by + 1) / length, 1 - by / length
    return (
        (x + (goal - x) * near, y + (end - y) * near),
        (x + (goal - x) * nearer, y + (end - y) * nearer),
    )
