"""The lines of a picture before they have a place: transitions merged, their labels measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orderflow.flows.model import ABSENT, Flow, Transition
from orderflow.reports.geometry import EdgeKind, Words
from orderflow.reports.metrics import shortened, text_width

LABEL_SIZE = 11.0
LINE_HEIGHT = 13.0
_LABEL_WIDTH = 134.0
_SEPARATOR = ", "

Labels = Callable[[tuple[Transition, ...]], tuple[str, str]]
"""Text and grey suffix for transitions that share source, event and target."""


def plain_label(steps: tuple[Transition, ...]) -> tuple[str, str]:
    """Name the event of *steps* in words, without a suffix."""
    return steps[0].event.replace("_", " "), ""


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """One line to be drawn; two links are equal only when they are the same object.

    Attributes:
        source: Status left, :data:`~orderflow.flows.model.ABSENT` for an entry.
        target: Status reached.
        kind: What it stands for.
        transitions: Ids of its transitions, in the order of the flow.
        lines: Its label, line by line.
        width: Width of the label.
        height: Height of the label.
    """

    source: str
    target: str
    kind: EdgeKind
    transitions: tuple[str, ...]
    lines: tuple[tuple[Words, ...], ...]
    width: float
    height: float


def links_of(flow: Flow, labels: Labels, ghosts: tuple[tuple[str, str], ...]) -> tuple[Link, ...]:
    """Merge the transitions of *flow* into one link for each pair of statuses; ghosts come last."""
    merged: dict[tuple[str, str], dict[str, list[Transition]]] = {}
    for step in flow.transitions:
        events = merged.setdefault((step.source, step.target), {})
        events.setdefault(step.event, []).append(step)
    links: list[Link] = []
    for (source, target), events in merged.items():
        words: list[Words] = []
        for steps in events.values():
            text, suffix = labels(tuple(steps))
            words.append(Words(text, suffix, tuple(step.id for step in steps)))
        links.append(_link(source, target, _kind(source, target), tuple(words)))
    for source, target in ghosts:
        words = [Words("observed", "", ())]
        links.append(_link(source, target, EdgeKind.GHOST, tuple(words)))
    return tuple(links)


def words_width(words: Words) -> float:
    """Return the drawn width of one run of label text."""
    text = f"{words.text} {words.suffix}" if words.suffix else words.text
    return text_width(text, LABEL_SIZE)


def _kind(source: str, target: str) -> EdgeKind:
    if source == ABSENT:
        return EdgeKind.ENTRY
    return EdgeKind.LOOP if source == target else EdgeKind.STEP


def _link(source: str, target: str, kind: EdgeKind, words: tuple[Words, ...]) -> Link:
    lines = _lines(words)
    gap = text_width(_SEPARATOR, LABEL_SIZE)
    widths = [sum(map(words_width, line)) + gap * (len(line) - 1) for line in lines]
    # a ghost's label is a bold chip with a cross in front
    extra = 20.0 if kind is EdgeKind.GHOST else 6.0
    ids = tuple(name for word in words for name in word.transitions)
    width = round(max(widths) + extra, 1)
    return Link(source, target, kind, ids, lines, width, LINE_HEIGHT * len(lines) + 2)


def _lines(words: tuple[Words, ...]) -> tuple[tuple[Words, ...], ...]:
    lines: list[list[Words]] = []
    room = 0.0
    for part in (piece for whole in words for piece in _broken(whole)):
        width = words_width(part) + text_width(_SEPARATOR, LABEL_SIZE)
        if not lines or width > room:
            lines.append([])
            room = _LABEL_WIDTH
        lines[-1].append(part)
        room -= width
    return tuple(map(tuple, lines))


def _broken(words: Words) -> list[Words]:
    """Break words too wide for a line into as few as can be; text without an end is cut short."""
    if words_width(words) <= _LABEL_WIDTH:
        return [words]
    texts = _halves(words) or shortened(words.text.split(" "), _LABEL_WIDTH, LABEL_SIZE)
    whole = words.text if texts[-1].endswith("…") else ""
    return [
        Words(text, "" if i < len(texts) else words.suffix, words.transitions, whole)
        for i, text in enumerate(texts, 1)
    ]


def _halves(words: Words) -> list[str]:
    """Break text at the blank nearest the middle, or not at all if that is not enough."""
    blanks = [i for i, char in enumerate(words.text) if char == " "]
    if not blanks:
        return []
    middle = (len(words.text) + len(words.suffix)) / 2
    cut = min(blanks, key=lambda i: (abs(i - middle), i))
    halves = [words.text[:cut], words.text[cut + 1 :]]
    widths = (text_width(half, LABEL_SIZE) for half in halves)
    return halves if max(widths) <= _LABEL_WIDTH else []
