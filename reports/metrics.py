"""How wide a text is, without a browser: Arial, Helvetica and Liberation Sans are equally wide."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import category, normalize

# Thousandths of the font size, U+0020 to U+007E. Source: hmtx table of Liberation Sans 2.
_REGULAR = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip
_OTHERS = {"×": 584, "…": 1000, "→": 1000, "·": 333, "✕": 900, "—": 1000, "–": 556}  # noqa: RUF001
_EMOJI = 1400
_FIRST = 0x20
_LONGEST = 200
_MOST_LINES = 4
_WIDE = 0x2E80
"""From here on (CJK and beyond) a character fills a whole square."""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of *text* in pixels at *size* pixels.

    >>> text_width("handling", 12.5, bold=True)
    52.1
    """
    table = _BOLD if bold else _REGULAR
    total = 0
    for char in text:
        place = ord(char) - _FIRST
        if 0 <= place < len(table):
            total += table[place]
        else:
            total += _other(char, table)
    return round(total * size / 1000, 1)


def _other(char: str, table: tuple[int, ...]) -> int:
    """Return the width of a character outside the table, rather too much than too little."""
    if char in _OTHERS:
        return _OTHERS[char]
    kind = category(char)
    if kind in {"Mn", "Me", "Cf"}:
        return 0
    place = ord(normalize("NFD", char)[0]) - _FIRST
    if 0 <= place < len(table):
        return table[place]
    if ord(char) >= _WIDE:
        return _EMOJI if ord(char) > 0xFFFF else 1000  # noqa: PLR2004
    return 1000 if kind in {"Lu", "So"} else 950


def pieces(word: str, limit: float, size: float, *, bold: bool = False) -> list[str]:
    """Break a word wider than *limit* into pieces that are not, between any two characters.

    >>> pieces("aaaaaaaa", 20, 10)
    ['aaa', 'aaa', 'aa']
    """
    found = [""]
    width = 0.0
    for char in word:
        step = text_width(char, size, bold=bold)
        if found[-1] and width + step > limit:
            found.append("")
            width = 0.0
        found[-1] += char
        width += step
    return found


def wrap(words: tuple[str, ...], limit: float, size: float, *, bold: bool = False) -> list[str]:
    """Put *words* (each with its own trailing blank or hyphen) on lines no wider than *limit*.

    A word wider than *limit* has a line of its own.

    >>> wrap(("invoice-", "after-", "cancellation-", "deny"), 140, 12.5, bold=True)
    ['invoice-after-', 'cancellation-deny']
    """
    lines = [""]
    for word in words:
        if lines[-1] and text_width((lines[-1] + word).rstrip(), size, bold=bold) > limit:
            lines.append("")
        lines[-1] += word
    return [line.rstrip() for line in lines]


def shortened(
    words: Sequence[str], limit: float, size: float, *, bold: bool = False, joint: str = " "
) -> list[str]:
    """Put *words* on a few lines no wider than *limit*, the last with an ellipsis if need be.

    >>> shortened(["a-", "b" * 30], 60, 10, joint="")
    ['a-', 'bbbbbbbbbb', 'bbbbbbbbbb', 'bbbbbbbbbb']
    """
    parts: list[str] = []
    for word in words:
        parts += pieces(word[:_LONGEST], limit, size, bold=bold)
        parts[-1] += joint
        if len(parts) > _LONGEST:
            break
    lines = wrap(tuple(parts), limit, size, bold=bold)
    if len(lines) <= _MOST_LINES and all(len(word) <= _LONGEST for word in words):
        return lines
    last = lines[:_MOST_LINES][-1]
    while last and text_width(f"{last}…", size, bold=bold) > limit:
        last = last[:-1]
    return [*lines[: _MOST_LINES - 1][: len(lines) - 1], f"{last}…"]
