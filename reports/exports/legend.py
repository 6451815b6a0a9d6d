"""The legend at the foot of a picture: what its lines and boxes mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from orderflow.reports.marks import number
from orderflow.reports.metrics import text_width
from orderflow.reports.palette import Palette

_SIZE = 11.0
_SAMPLE = 34.0
_GAP = 22.0
_ROW = 22.0
_ABOVE = 14.0
_WORDS = {
    "solid": "the platform does it by itself",
    "dashed": "another actor does it, named in grey",
    "entry": "an order begins",
    "final": "final status",
    "band": "stage of the shopper's timeline",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One sample with its meaning.

    Attributes:
        kind: ``solid``, ``dashed``, ``entry``, ``final`` or ``band``.
        words: What it means.
    """

    kind: str
    words: str

    @property
    def width(self) -> float:
        """Room for sample and words, in pixels."""
        return _SAMPLE + 8 + text_width(self.words, _SIZE)


def items_of(present: Mapping[str, bool]) -> tuple[Item, ...]:
    """Return the items for what is *present* in the picture."""
    return tuple(Item(kind, words) for kind, words in _WORDS.items() if present[kind])


def legend_of(
    items: tuple[Item, ...], palette: Palette, width: float
) -> tuple[tuple[str, ...], float]:
    """Draw *items* in rows of at most *width*, from the origin down; return them and the height."""
    parts = [
        f'<path d="M0 0.5H{number(width)}" fill="none" stroke="{palette.line}" stroke-width="1"/>'
    ]
    x, y = 0.0, _ABOVE
    for item in items:
        if x and x + item.width > width:
            x, y = 0.0, y + _ROW
        parts.append(f'<g transform="translate({number(x)} {number(y)})">')
        parts += _drawn(item, palette)
        parts.append("</g>")
        x += item.width + _GAP
    return tuple(parts), y + _ROW + _ABOVE / 2


def _drawn(item: Item, palette: Palette) -> Iterator[str]:
    """One item, 16 pixels high."""
    paint = f'stroke="{palette.hit}" stroke-width="1.5"'
    if item.kind == "final":
        yield f'<rect x="1" y="1" width="32" height="14" rx="7" fill="{palette.hit_fill}" {paint}/>'
        yield f'<rect x="4" y="4" width="26" height="8" rx="4" fill="none" {paint}/>'
    elif item.kind == "band":
        yield (
            f'<rect x="0.5" y="0.5" width="33" height="15" fill="{palette.band}" '
            f'stroke="{palette.line}"/><text x="4" y="11.6" font-size="9.5" font-weight="bold" '
            f'fill="{palette.muted}">1 … 5</text>'
        )
    else:
        dash = ' stroke-dasharray="6 4"' if item.kind == "dashed" else ""
        yield (
            f'<path d="M1 8H26" fill="none" {paint}{dash}/>'
            f'<path d="M25 4.4L34 8L25 11.6z" fill="{palette.hit}"/>'
        )
        if item.kind == "entry":
            yield f'<circle cx="5" cy="8" r="5" fill="{palette.hit}"/>'
    yield (
        f'<text x="{number(_SAMPLE + 8)}" y="12" font-size="{number(_SIZE)}" '
        f'fill="{palette.muted}">{item.words}</text>'
    )
