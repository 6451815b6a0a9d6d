"""Reading a trace: one JSON object a line, as ``orderflow serve --trace`` writes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import cast, get_args

from orderflow.conformance.integration.line import Kind, Line
from orderflow.flows.errors import OrderflowError

_KINDS = frozenset(get_args(Kind))
_MS = 1000
_LONGEST = 1_000_000
"""Characters of the longest line that is read."""


class TraceError(OrderflowError):
    """A trace that cannot be read.

    Attributes:
        problems: Each thing that is wrong, with file and line.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


_MOST_PROBLEMS = 20


def read_trace(path: Path) -> tuple[Line, ...]:
    """The lines of a trace; their numbers are those of the file's lines.

    Raises:
        TraceError: The file cannot be read, or is no trace; tells every line that is wrong.
    """
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            return parse_trace(file, source=str(path))
    except OSError as wrong:
        raise TraceError([f"{path}: {wrong.strerror or wrong}"]) from wrong
    except UnicodeDecodeError as wrong:
        raise TraceError([f"{path}: is not UTF-8; a trace is written by serve --trace"]) from wrong


def parse_trace(lines: Iterable[str], *, source: str = "<trace>") -> tuple[Line, ...]:
    """The lines of a trace; empty ones are passed over.

    Raises:
        TraceError: One of them is none; tells the first of what is wrong.
    """
    found: list[Line] = []
    problems: list[str] = []
    first: float | None = None
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            raw = _raw(text)
            wall = _time(raw, "wall")
            first = wall if first is None else first
            found.append(_line(number, raw, wall - first))
        except ValueError as wrong:
            problems.append(f"{source}:{number}: {wrong}")
            if len(problems) == _MOST_PROBLEMS:
                break
    if problems:
        raise TraceError(problems)
    return tuple(found)


def _raw(text: str) -> dict[str, object]:
    if len(text) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST} characters")
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise ValueError(f"not JSON: {wrong}; a cut last line may be deleted") from wrong
    if not isinstance(raw, dict):
        raise ValueError("not a JSON object; a line of a trace begins with {")
    return raw


def _line(place: int, raw: dict[str, object], wall: float) -> Line:
    kind = raw.get("kind")
    if kind not in _KINDS:
        raise ValueError(f"kind {kind!r} is none; there are {', '.join(sorted(_KINDS))}")
    facts = raw.get("facts", {})
    if not isinstance(facts, dict):
        raise ValueError("facts must be an object")
    return Line(
        number=place,
        kind=cast("Kind", kind),
        at=round(_time(raw, "at")),
        wall=round(wall, 3),
        took=_figure(raw, "took"),
        status=round(_figure(raw, "status")),
        faults=tuple(_texts(raw, "faults")),
        query=tuple(_pairs(raw)),
        facts=facts,
        **{name: _text(raw, name) for name in _TEXTS},
    )


_TEXTS = (
    "scenario",
    "operation",
    "method",
    "path",
    "key",
    "order_id",
    "before",
    "after",
    "trouble",
)


def _text(raw: dict[str, object], name: str) -> str:
    found = raw.get(name, "")
    if not isinstance(found, str):
        raise ValueError(f"{name} must be a text, not {found!r}"[:200])
    return found


def _figure(raw: dict[str, object], name: str) -> float:
    found = raw.get(name, 0)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ValueError(f"{name} must be a number, not {found!r}"[:200])
    return float(found)


def _time(raw: dict[str, object], name: str) -> float:
    """A moment in ms since the Unix epoch."""
    found = _text(raw, name)
    try:
        moment = datetime.fromisoformat(found)
    except ValueError as wrong:
        raise ValueError(f"{name} must be a time such as 2024-01-01T00:00:00+00:00") from wrong
    if moment.tzinfo is None:
        raise ValueError(f"{name} must have an offset, such as +00:00")
    return moment.timestamp() * _MS


def _texts(raw: dict[str, object], name: str) -> Iterator[str]:
    found = raw.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ValueError(f"{name} must be a list of texts")
    yield from found


def _pairs(raw: dict[str, object]) -> Iterator[tuple[str, str]]:
    found = raw.get("query", [])
    if not isinstance(found, list):
        raise ValueError("query must be a list of pairs")
    for each in found:
        if not isinstance(each, list) or [type(part) for part in each] != [str, str]:
            raise ValueError("query must be a list of pairs of texts")
        yield each[0], each[1]
