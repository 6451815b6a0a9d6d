"""Marked regions of a page that a person writes, and filling them; all else stays as it is.

A region begins with ``<!-- orderflow:seller.diagram -->`` and ends with ``<!-- /orderflow -->``,
each on a line of its own; in MDX, which has no such comments, with
``{/* orderflow:seller.diagram */}`` and ``{/* /orderflow */}``. Marks inside of code do not count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from orderflow.flows.errors import Findings, Place, did_you_mean
from orderflow.reports.docs.flow_parts import PARTS

_MARK = re.compile(r"(?:<!--|\{/\*)\s*(/?orderflow)\b:?\s*(\S*?)\s*(?:-->|\*/\})")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_END = "/orderflow"
_SHOWN = 60

Filling = Callable[[str, str], str]
"""Returns what stands in a region, by the names of flow and part, with lines that end in LF."""


@dataclass(frozen=True, slots=True)
class Region:
    """A marked region.

    Attributes:
        flow: Name of the flow.
        part: Name of the part.
        start: Number of the line that opens it, counted from 0.
        end: Number of the line that ends it.
    """

    flow: str
    part: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Mark:
    """A mark as it was found."""

    line: int
    column: int
    ends: bool
    name: str
    alone: bool


def filled(text: str, filling: Filling, *, flows: Iterable[str], file: str = "<text>") -> str:
    """Return *text* with every region filled anew; filling it again changes nothing.

    Args:
        text: The page.
        filling: Says what stands in a region.
        flows: Names of the flows that there are.
        file: Name of the page, for messages.

    Raises:
        FlowFileError: Tells of every mark that is wrong, with its place.
    """
    lines = text.splitlines(keepends=True)
    lines = _joined(lines)
    for region in reversed(regions(text, flows=flows, file=file)):
        ending = _ending(lines[region.start])
        body = filling(region.flow, region.part).rstrip("\n").split("\n")
        lines[region.start + 1 : region.end] = [f"{each}{ending}" for each in ["", *body, ""]]
    return "".join(lines)


def regions(text: str, *, flows: Iterable[str], file: str = "<text>") -> tuple[Region, ...]:
    """Return the regions of *text*, first to last.

    Raises:
        FlowFileError: Tells of every mark that is wrong, with its place.
    """
    known = tuple(flows)
    findings = Findings()
    found: list[Region] = []
    opened: _Mark | None = None
    for mark in _marks(text):
        place = Place(file, mark.line + 1, mark.column + 1)
        if not mark.alone:
            findings.add(place, "a mark stands on a line of its own", "region")
        elif mark.ends and opened is None:
            findings.add(place, "ends a region, and none is open", "region")
        elif mark.ends and opened is not None:
            flow, _, part = opened.name.rpartition(".")
            found.append(Region(flow, part, opened.line, mark.line))
            opened = None
        elif opened is not None:
            told = f"the region of line {opened.line + 1} must end first: <!-- {_END} -->"
            findings.add(place, told, "region")
        else:
            opened = mark
            wrong = _wrong_name(mark.name, known)
            if wrong:
                findings.add(place, wrong, "unknown-region")
    if opened is not None:
        place = Place(file, opened.line + 1, opened.column + 1)
        findings.add(place, f"this region never ends; write <!-- {_END} -->", "region")
    findings.refuse()
    return tuple(found)


def _wrong_name(name: str, flows: tuple[str, ...]) -> str:
    """Say what is wrong with the name of a region; empty when nothing is."""
    flow, _, part = name.rpartition(".")
    if flow in flows and part in PARTS:
        return ""
    near = did_you_mean(name, [f"{flow}.{part}" for flow in flows for part in PARTS]) or ";"
    return (
        f"unknown region {name[:_SHOWN]!r}{near} write FLOW.PART, "
        f"flows: {', '.join(flows)}; parts: {', '.join(PARTS)}"
    )


def _marks(text: str) -> Iterator[_Mark]:
    fence = ""
    for number, line in enumerate(_joined(text.splitlines(keepends=True))):
        opening = _FENCE.match(line)
        if fence:
            closes = opening and opening[1].startswith(fence) and not opening[2].strip()
            fence = "" if closes else fence
            continue
        if opening and "`" not in opening[2]:
            fence = opening[1]
            continue
        for found in _MARK.finditer(line):
            if line[: found.start()].count("`") % 2 == 0:  # else it is shown, as code
                alone = line.strip().removeprefix("\ufeff") == found[0]
                yield _Mark(number, found.start(), found[1] == _END, found[2], alone)


def _joined(lines: list[str]) -> list[str]:
    """Undo breaks at signs that are no line end in a file, such as a form feed."""
    whole: list[str] = []
    for line in lines:
        if whole and not whole[-1].endswith(("\n", "\r")):
            whole[-1] += line
        else:
            whole.append(line)
    return whole


def _ending(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :] or "\n"


def is_marked(text: str) -> bool:
    """Whether a page has any mark.

    >>> is_marked("<!-- orderflow:seller.diagram -->"), is_marked("orderflow: a tool")
    (True, False)
    """
    return any(True for _ in _marks(text))
