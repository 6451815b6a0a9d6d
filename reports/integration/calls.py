"""The calls of an integration as a picture: two lines, arrows between them, time running down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from orderflow.conformance.integration.line import Line
from orderflow.reports.clock import span
from orderflow.reports.geometry import Rect
from orderflow.reports.integration.evidence import Shown, answered, doing
from orderflow.reports.marks import box, number, opening, safe_id, tips, width_class
from orderflow.reports.metrics import text_width
from orderflow.reports.palette import LIGHT
from orderflow.reports.sequence_plan import cut

_WIDTH, _TOP, _ROW = 660.0, 56.0, 40.0
_LEFT, _RIGHT = 170.0, 520.0
_BOX = 150.0
_TEXT, _HEAD = 11.0, 12.5
_LEAST_GAP = 1000


def calls_view(shown: Sequence[Shown], *, name: str, order_id: str, title: str) -> str:
    """Draw what *shown* tells as one ``svg`` element, "" when it tells nothing.

    Args:
        shown: Lines of a trace, oldest first.
        name: Makes ids unique in a page.
        order_id: Order that it is about, empty for none.
        title: Name of the picture.
    """
    if not shown:
        return ""
    ident = safe_id(name)
    bottom = _TOP + _ROW * len(shown)
    size = (_WIDTH, bottom + 14)
    told = f"{len(shown)} lines of the trace, told in the table as well."
    about = f"{title}: what was called and answered" + (f", order {order_id}" if order_id else "")
    parts = [
        opening(f"of-picture of-sequence {width_class(_WIDTH)}", ident, size, about, told),
        tips(ident, ("hit", "bad", "never")),
        f'{box("of-paper", Rect(0, 0, *size), 0)} fill="{LIGHT.paper}"/>',
        *_lifelines(bottom),
        *(part for place, each in enumerate(shown) for part in _row(ident, shown, each, place)),
        "</svg>",
    ]
    return "\n".join(parts)


def _lifelines(bottom: float) -> Iterator[str]:
    for x, words in ((_LEFT, "your integration"), (_RIGHT, "the platform")):
        yield (
            f'<path class="of-thread" d="M{number(x)} {number(_TOP - 18)}V{number(bottom)}" '
            f'fill="none" stroke="{LIGHT.never}" stroke-width="1.4"/>'
        )
        yield _words((x, _TOP - 28), words, bold=True, size=_HEAD)


def _row(ident: str, shown: Sequence[Shown], each: Shown, place: int) -> Iterator[str]:
    y = _TOP + _ROW * place + _ROW / 2
    before = shown[place - 1].line if place else each.line
    waited = each.line.at - before.at
    if waited >= _LEAST_GAP or each.skipped:
        yield _gap(y - _ROW / 2, waited, each.skipped)
    if each.line.kind in {"call", "delivery"}:
        yield from _arrow(ident, each, y)
    else:
        yield _note(each, y)
    if each.decisive:
        yield _words((_WIDTH - 14, y + 4), "✕ broke here", kind="bad", anchor="end", bold=True)


def _gap(y: float, waited: int, skipped: int) -> str:
    told = [f"+{span(waited)}"] if waited >= _LEAST_GAP else []
    told += [f"{skipped} line{'s' * (skipped != 1)} left out"] if skipped else []
    return (
        f'<path class="of-rule" d="M10 {number(y)}H{number(_WIDTH - 10)}" fill="none" '
        f'stroke="{LIGHT.line}" stroke-width="1" stroke-dasharray="3 4"/>'
        + _words((12, y - 4), ", ".join(told), kind="count", anchor="start")
    )


def _arrow(ident: str, each: Shown, y: float) -> Iterator[str]:
    line = each.line
    kind = "bad" if each.decisive else "hit"
    start, end = (_LEFT, _RIGHT) if line.kind == "call" else (_RIGHT, _LEFT)
    colour = LIGHT.bad if each.decisive else LIGHT.hit
    thick = 2.4 if each.named else 1.6
    yield (
        f'<path class="of-line of-line-{kind}" d="M{number(start)} {number(y)}H{number(end)}" '
        f'fill="none" stroke="{colour}" stroke-width="{thick}" marker-end="url(#{ident}-{kind})"/>'
    )
    room = _RIGHT - _LEFT - 24
    told = answered(line)
    what = cut(doing(line), room - text_width(f" → {told}", _TEXT), _TEXT)
    middle = (_LEFT + _RIGHT) / 2
    yield _words((middle, y - 5), f"{what} → {told}", kind=kind, bold=each.decisive)
    if line.faults:
        yield _words((middle, y + 12), cut(f"fault {', '.join(line.faults)}", room, 10), kind="bad")


def _note(each: Shown, y: float) -> str:
    """Something that is no call: a step of the order, or what the scenario or the books say."""
    line = each.line
    x = _LEFT if line.kind in {"record", "client"} else _RIGHT
    rect = Rect(x - _BOX / 2, y - 14, _BOX, 28)
    kind = "bad" if each.decisive else "hit" if line.kind == "step" else "never"
    fill = {"bad": LIGHT.bad_fill, "hit": LIGHT.hit_fill, "never": LIGHT.paper}[kind]
    stroke = {"bad": LIGHT.bad, "hit": LIGHT.hit, "never": LIGHT.never}[kind]
    texts = _note_words(line)
    drawn = "".join(
        _words((x, y - 2 + 12 * place), cut(text, _BOX - 12, _TEXT), size=10.5, bold=place == 0)
        for place, text in enumerate(texts)
    )
    return (
        f'{box(f"of-box-{kind}", rect, 5)} fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>'
        + drawn
    )


def _note_words(line: Line) -> tuple[str, str]:
    if line.kind == "step":
        return doing(line), f"→ {line.after}"
    kind, _, rest = doing(line).partition(": ")
    return kind, rest


def _words(
    at: tuple[float, float],
    text: str,
    *,
    kind: str = "hit",
    anchor: str = "middle",
    size: float = _TEXT,
    bold: bool = False,
) -> str:
    css, colour = {
        "hit": ("of-text-hit", LIGHT.ink),
        "bad": ("of-word-bad", LIGHT.bad),
        "count": ("of-count-hit", LIGHT.muted),
    }[kind]
    heavy = ' font-weight="bold"' if bold else ""
    return (
        f'<text class="{css}" x="{number(at[0])}" y="{number(at[1])}" font-size="{number(size)}" '
        f'text-anchor="{anchor}"{heavy} fill="{colour}">{escape(text)}</text>'
    )
