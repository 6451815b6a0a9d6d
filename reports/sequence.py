"""The failing trace of a sale as a picture: a line for each document, messages between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise

from orderflow.conformance.verdict import Failure, TraceStep
from orderflow.reports.clock import clock, span
from orderflow.reports.geometry import Point, Rect
from orderflow.reports.happenings import Kind, arrives, remark
from orderflow.reports.marks import (
    box,
    number,
    opening,
    safe_id,
    stage_name,
    tips,
    way,
    width_class,
)
from orderflow.reports.metrics import text_width
from orderflow.reports.palette import LIGHT
from orderflow.reports.sequence_plan import (
    HEAD,
    LINE,
    TEXT,
    Arrow,
    Plan,
    Row,
    broken,
    plan,
    shifted,
)
from orderflow.reports.words import plain

_WIDE = 860.0
_NOTE_LABEL = 84.0
_NOTE = 16.0


def sequence_view(failure: Failure, *, name: str, steps: str = "") -> str:
    """Draw the trace of *failure* with time running down; "" when it has none.

    Args:
        failure: A failure of a sale.
        name: Makes ids unique in a page.
        steps: When not empty, step numbers link to ``#`` + this + ``-`` + number.
    """
    if not failure.trace:
        return ""
    picture = plan(failure)
    ident = safe_id(name)
    notes = _notes(failure, picture)
    height = picture.bottom + 34 + _NOTE * len(notes)
    size = (picture.width, height)
    parts = [
        _opening(failure, ident, size, role="group" if steps else "img"),
        box("of-paper", Rect(0, 0, *size), 0) + f' fill="{LIGHT.paper}"/>',
        *_stages(picture),
        *_lines(picture),
        *_heads(failure, picture),
        *(_gap(row, picture) for row in picture.rows if row.happening.kind is Kind.GAP),
        *(_line(ident, arrow) for arrow in picture.arrows),
        *(_row(failure, row, steps) for row in picture.rows),
        *map(_label, picture.arrows),
        *_callout(failure, picture, notes),
        "</svg>",
    ]
    return "\n".join(filter(None, parts))


def sale_view(sale: Failure, *, name: str) -> str:
    """Draw a sale in which nothing is broken, in the shape of a trace; "" when it has no steps.

    Args:
        sale: The sale; of a failure it has the trace, the messages and the participants.
        name: Makes ids unique in a page.
    """
    if not sale.trace:
        return ""
    picture = plan(sale)
    ident = safe_id(name)
    size = (picture.width, picture.bottom + 16)
    title = f"{plain(sale.title)}: what the documents of {sale.deal} do"
    parts = [
        opening("of-picture of-sequence", ident, size, title, _happened(sale)),
        tips(ident, ("hit", "bad", "never")) + box("of-paper", Rect(0, 0, *size), 0),
        f' fill="{LIGHT.paper}"/>',
        *_stages(picture),
        *_lines(picture),
        *_heads(sale, picture),
        *(_gap(row, picture) for row in picture.rows if row.happening.kind is Kind.GAP),
        *(_line(ident, arrow) for arrow in picture.arrows),
        *(
            _box(row, row.happening.step, "", bad=False)
            if row.happening.step
            else _row(sale, row, "")
            for row in picture.rows
        ),
        *map(_label, picture.arrows),
        "</svg>",
    ]
    return "\n".join(filter(None, parts))


def _opening(failure: Failure, ident: str, size: tuple[float, float], *, role: str) -> str:
    wide = " of-wide" if size[0] > _WIDE else ""
    css = f"of-picture of-sequence{wide} {width_class(size[0])}"
    title = f"{plain(failure.title)}: what the documents of {failure.deal} did"
    head = opening(css, ident, size, title, _told(failure), role=role)
    return head + tips(ident, ("hit", "bad", "never"))


def _told(failure: Failure) -> str:
    """Tell the picture of a failure in words."""
    last = failure.trace[-1]
    broken_at = (
        f"Step {last.number} of {last.participant} breaks the rule: {plain(failure.observed)}."
    )
    return f"{_happened(failure)} {broken_at}"


def _happened(failure: Failure) -> str:
    """Tell in words what happens, whatever it breaks."""
    names = ", ".join(name for name, _ in failure.participants)
    parts = [f"{len(failure.trace)} steps of {names} in {span(failure.trace[-1].at)}."]
    for each in failure.messages:
        what = remark(each) or "acted on"
        parts.append(
            f"At {clock(each.sent_at)} {each.sender} sends {plain(each.notice)} "
            f"to {each.receiver}: {what}."
        )
    return " ".join(parts)


def _lines(picture: Plan) -> Iterable[str]:
    """Draw the line of each document, dotted where time passes."""
    gaps = [row.rect for row in picture.rows if row.happening.kind is Kind.GAP]
    marks = [picture.top, *(y for gap in gaps for y in (gap.y, gap.bottom)), picture.bottom]
    for x in picture.centres.values():
        for i, (start, end) in enumerate(pairwise(marks)):
            dots = ' stroke-dasharray="2 5"' if i % 2 else ""
            yield (
                f'<path class="of-thread" d="M{number(x)} {number(start)}V{number(end)}" '
                f'fill="none" stroke="{LIGHT.never}" stroke-width="1.4"{dots}/>'
            )


def _heads(failure: Failure, picture: Plan) -> Iterable[str]:
    flows = dict(failure.participants)
    for name, x in picture.centres.items():
        flow = plain(flows.get(name, ""))
        rect = Rect(x - 86, picture.top - 44, 172, 38)
        lines = broken(plain(name), 156, HEAD, bold=True)[:1] or [""]
        yield box("of-chip-hit", rect, 6) + f' fill="{LIGHT.paper}" fill-opacity="0"/>'
        yield _text("of-name-hit", (x, rect.y + 17), lines[0], LIGHT.ink, HEAD, bold=True)
        kind = broken(f"{flow} flow", 156, TEXT)[0] if flow else ""
        yield _text("of-count-hit", (x, rect.y + 32), kind, LIGHT.muted, TEXT)


def _text(css: str, at: Point, text: str, colour: str, size: float, *, bold: bool = False) -> str:
    heavy = ' font-weight="bold"' if bold else ""
    return (
        f'<text class="{css}" x="{number(at[0])}" y="{number(at[1])}" font-size="{number(size)}" '
        f'text-anchor="middle"{heavy} fill="{colour}">{escape(text)}</text>'
    )


def _stages(picture: Plan) -> Iterable[str]:
    """Shade every other stage of a document along its line and name each where it begins."""
    for name, x in picture.centres.items():
        own = [row for row in picture.rows if _step_of(row, name)]
        starts: list[tuple[int, float]] = []
        for row in own:
            stage = row.happening.step.stage if row.happening.step else 0
            if stage_name(stage) and (not starts or starts[-1][0] != stage):
                starts.append((stage, row.rect.y - 20))
        bounds = [*starts, (0, picture.bottom)]
        for (stage, y), (_, end) in pairwise(bounds):
            band = Rect(x - 96, y, 192, end - y)
            if stage % 2:
                yield box("of-band", band, 0) + f' fill="{LIGHT.band}"/>'
            yield (
                f'<text class="of-stage" x="{number(x - 76)}" y="{number(y + 13)}" '
                f'font-size="10" font-weight="bold" fill="{LIGHT.muted}">{stage_name(stage)}</text>'
            )


def _step_of(row: Row, name: str) -> bool:
    return row.happening.step is not None and row.happening.step.participant == name


def _gap(row: Row, picture: Plan) -> str:
    y = row.rect.middle[1]
    width = picture.width - 18
    return (
        f'<path class="of-rule" d="M84 {number(y)}H{number(width)}" fill="none" '
        f'stroke="{LIGHT.line}" stroke-width="1" stroke-dasharray="3 4"/>'
        f'<text class="of-name-hit" x="76" y="{number(y + 4)}" font-size="{number(TEXT)}" '
        f'font-weight="bold" text-anchor="end" fill="{LIGHT.ink}">+{_short(row.happening.wait)}'
        "</text>"
    )


def _short(wait: int) -> str:
    """Write a wait so that it fits beside the rows: its largest unit, rounded."""
    text = span(wait)
    if text_width(f"+{text}", TEXT, bold=True) <= 66:  # noqa: PLR2004 - the column's room
        return text
    return " ".join(text.split()[:2])


def _row(failure: Failure, row: Row, steps: str) -> str:
    if row.happening.step is not None:
        return _box(row, row.happening.step, steps, bad=row.happening.step is failure.trace[-1])
    if row.happening.message is None:
        return ""
    x, y = row.rect.middle
    return (
        f'{_time(row, y)}<circle class="of-box-never" cx="{number(x)}" cy="{number(y)}" r="6" '
        f'fill="{LIGHT.paper}" stroke="{LIGHT.never}" stroke-width="1.8"/>'
    )


def _time(row: Row, y: float) -> str:
    return (
        f'<text class="of-count-hit" x="76" y="{number(y + 4)}" font-size="{number(TEXT)}" '
        f'text-anchor="end" fill="{LIGHT.muted}">{clock(row.happening.at)}</text>'
    )


def _box(row: Row, step: TraceStep, steps: str, *, bad: bool) -> str:
    rect = row.rect
    kind = "bad" if bad else "hit" if step.accepted else "never"
    fill, stroke = {
        "bad": (LIGHT.bad_fill, f'stroke="{LIGHT.bad}" stroke-width="2.6"'),
        "hit": (LIGHT.hit_fill, f'stroke="{LIGHT.hit}" stroke-width="1.5"'),
        "never": (LIGHT.paper, f'stroke="{LIGHT.never}" stroke-width="1.5" stroke-dasharray="4 3"'),
    }[kind]
    data = "".join(f", {name} {value}" for name, value in step.data)
    title = escape(f"{step.number} {plain(step.event)} by {plain(step.actor)}{plain(data)}")
    x = rect.middle[0]
    texts = [
        _text(
            f"of-name-{kind}" if i < row.split else f"of-text-{'hit' if bad else kind}",
            (x, rect.y + 18 + LINE * i),
            line,
            LIGHT.ink if kind != "never" else LIGHT.never_text,
            TEXT + 0.5 * (i < row.split),
            bold=i < row.split,
        )
        for i, line in enumerate(row.lines)
    ]
    body = (
        f'{box(f"of-box-{kind} of-s{step.number}", rect, 5)} fill="{fill}" {stroke}>'
        f"<title>{title}</title></rect>"
    )
    return "".join([_time(row, rect.y + 13), body, *texts, _badge(rect, step, steps, bad=bad)])


def _badge(rect: Rect, step: TraceStep, steps: str, *, bad: bool) -> str:
    width = max(17.0, text_width(str(step.number), 10, bold=True) + 10)
    chip = Rect(rect.x - 9, rect.y - 8, width, 17)
    kind = "bad" if bad else "step"
    fill, colour = (LIGHT.bad, LIGHT.on_bad) if bad else (LIGHT.ink, LIGHT.paper)
    body = (
        f'{box(f"of-badge-{kind}", chip, 8.5)} fill="{fill}"/>'
        f'<text class="of-badge-text-{kind}" x="{number(chip.middle[0])}" '
        f'y="{number(chip.y + 12)}" font-size="10" font-weight="bold" text-anchor="middle" '
        f'fill="{colour}">{step.number}</text>'
    )
    if not steps:
        return f"<g>{body}</g>"
    return f'<a href="#{escape(steps)}-{step.number}" class="of-link" tabindex="-1">{body}</a>'


def _kind(arrow: Arrow) -> str:
    fate = arrow.message.fate
    return {"lost": "bad", "under way": "never"}.get(fate, "hit")


def _line(ident: str, arrow: Arrow) -> str:
    """Draw the way of a message and what becomes of it: heads, an open end or a cross."""
    kind = _kind(arrow)
    colour = {"hit": LIGHT.hit, "bad": LIGHT.bad, "never": LIGHT.never}[kind]
    quiet = arrow.message.fate in {"ignored", "refused", "under way"}
    dash = ' stroke-dasharray="6 4"' if quiet else ""
    head = f' marker-end="url(#{ident}-{kind})"' if arrives(arrow.message) else ""
    text = (
        f'<path class="of-line of-line-{kind}" d="{way(arrow.points)}" fill="none" '
        f'stroke="{colour}" stroke-width="1.8"{dash}{head}/>'
    )
    if arrow.message.doubled and arrives(arrow.message):
        (x, y), (goal, end) = shifted(arrow, 9)
        text += (
            f'<path class="of-line of-line-{kind}" '
            f'd="M{number(x)} {number(y)}L{number(goal)} {number(end)}" '
            f'fill="none" stroke="{colour}" stroke-width="1.8"{head}/>'
        )
    return text + _ending(arrow, colour, kind)


def _ending(arrow: Arrow, colour: str, kind: str) -> str:
    x, y = arrow.points[-1]
    before = arrow.points[-2][0]
    if arrow.message.fate == "lost":
        shape = f"M{number(x - 6)} {number(y - 6)}l12 12m0 -12l-12 12"
    elif arrow.message.fate == "under way":
        side = 1 if x > before else -1
        shape = f"M{number(x - 8 * side)} {number(y - 7)}L{number(x)} {number(y)}l{-9 * side} 3"
    else:
        return ""
    return (
        f'<path class="of-line of-line-{kind}" d="{shape}" fill="none" stroke="{colour}" '
        f'stroke-width="2.4" stroke-linecap="round"/>'
    )


def _label(arrow: Arrow) -> str:
    kind = {"bad": "of-word-bad", "never": "of-text-never", "hit": "of-text-hit"}[_kind(arrow)]
    colour = {"bad": LIGHT.bad, "never": LIGHT.never_text, "hit": LIGHT.ink}[_kind(arrow)]
    chip = f'{box("of-chip-hit", arrow.label, 4)} fill="{LIGHT.paper}" fill-opacity="0.94"/>'
    x = arrow.label.middle[0]
    return chip + _text(kind, (x, arrow.label.y + 11.8), arrow.text, colour, TEXT)


def _notes(failure: Failure, picture: Plan) -> list[tuple[str, str]]:
    """Return the lines below the last step: (word, text), the word only before the first."""
    room = picture.width - 2 * 18 - _NOTE_LABEL - 28
    lines: list[tuple[str, str]] = []
    for word, text in (("expected", failure.expected), ("observed", failure.observed)):
        for i, line in enumerate(broken(plain(text), room, TEXT + 1)):
            lines.append(("" if i else word, line))
    return lines


def _callout(failure: Failure, picture: Plan, notes: Sequence[tuple[str, str]]) -> Iterable[str]:
    """Say below the failing step what should have happened, and what did."""
    last = picture.rows[-1].rect
    for row in picture.rows:
        if row.happening.step is failure.trace[-1]:
            last = row.rect
    rect = Rect(18, picture.bottom + 6, picture.width - 36, 14 + _NOTE * len(notes))
    x = last.middle[0]
    yield (
        f'<path class="of-line of-line-bad" d="M{number(x)} {number(last.bottom)}'
        f'V{number(rect.y)}" fill="none" stroke="{LIGHT.bad}" stroke-width="2.6"/>'
    )
    stroke = f'stroke="{LIGHT.bad}" stroke-width="1.8"'
    yield f'{box("of-box-bad", rect, 6)} fill="{LIGHT.bad_fill}" {stroke}/>'
    colours = {"expected": ("of-word-hit", LIGHT.hit), "observed": ("of-word-bad", LIGHT.bad)}
    for i, (word, text) in enumerate(notes):
        y = number(rect.y + 19 + _NOTE * i)
        if word:
            css, colour = colours[word]
            mark = "✕ " if word == "observed" else ""
            yield (
                f'<text class="{css}" x="{number(rect.x + 14)}" y="{y}" font-size="12" '
                f'font-weight="bold" fill="{colour}">{mark}{word}</text>'
            )
        yield (
            f'<text class="of-text-hit" x="{number(rect.x + 14 + _NOTE_LABEL)}" y="{y}" '
            f'font-size="12" fill="{LIGHT.ink}">{escape(text)}</text>'
        )
