"""Makes a picture smaller: neighbours that are painted alike say it once, in a group."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

_SHAPE = re.compile(r"<(path|circle|rect|text)( [^<>]*?)(?:/>|>(?!</\1>).*</\1>)")
_PAINT = re.compile(
    r" (?:class|fill|fill-opacity|stroke|stroke-[a-z]+|marker-end|font-[a-z]+|text-anchor)"
    r'="[^"<>]*"'
)
_WORTH_IT = 3


def grouped(svg: str) -> str:
    r"""Return *svg* with runs of shapes and texts of the same paint in groups; it looks the same.

    A run is at least three lines of one shape or text each, as our pictures are written.

    >>> print(grouped('<path d="M0 0" fill="#fff"/>\n' * 3))
    <g fill="#fff"><path d="M0 0"/><path d="M0 0"/><path d="M0 0"/></g>
    <BLANKLINE>
    """
    runs = groupby(svg.split("\n"), key=_paint)
    return "\n".join(line for paint, lines in runs for line in _written(paint, tuple(lines)))


def _paint(line: str) -> str:
    """Return how the one shape or text of *line* is painted, empty for any other line."""
    shape = _SHAPE.fullmatch(line)
    if shape is None or f"</{shape[1]}><" in line:  # a second one stands behind it
        return ""
    return "".join(sorted(_PAINT.findall(shape[2])))


def _written(paint: str, lines: tuple[str, ...]) -> Iterable[str]:
    if not paint or len(lines) < _WORTH_IT:
        return lines
    return (f"<g{paint}>{''.join(map(_bare, lines))}</g>",)


def _bare(line: str) -> str:
    """Leave out the paint of the outermost element."""
    tag, end, content = line.partition(">")
    return _PAINT.sub("", tag) + end + content
