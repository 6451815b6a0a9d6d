"""How wide a text is, without a browser: Arial, Helvetica and Liberation Sans are equally wide."""

from __future__ import annotations

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
_OTHERS = {"×": 584, "…": 1000, "→": 1000, "·": 333, "✕": 900}  # noqa: RUF001
_FIRST = 0x20
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
            total += _OTHERS.get(char, 1000 if ord(char) >= _WIDE else 650)
    return round(total * size / 1000, 1)


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
