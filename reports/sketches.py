"""The two small pictures of a failure: where it should have gone, and who did what when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise

from orderflow.conformance.verdict import Failure, TraceStep
from orderflow.reports.clock import clock, span
from orderflow.reports.marks import number, opening, safe_id, stage_name, tips
from orderflow.reports.metrics import text_width
from orderflow.reports.palette import LIGHT
from orderflow.reports.paths import node_lines
from orderflow.reports.words import clip

_GAP_WORTH_WRITING = 60_000
_WIDTH = 380
_BOX = 132
_STEP_MIN = 64.0
_ROW = 24
_LEFT = 96.0
_FULL = 1320.0


def sketch(failure: Failure, *, name: str) -> str:
    """Draw the failing step: its source, where the flow leads, and where the order went.

    Returns "" when the failure has no trace.
    """
    if not failure.trace:
        return ""
    step = failure.trace[-1]
    goals = []
    if failure.expected_target:
        stays = failure.expected_target == step.source
        goals.append((failure.expected_target, f"expected{': stays' * stays}", "hit"))
    observed = step.target if step.accepted else step.source
    agree = goals and failure.expected_target == observed
    if not agree:
        goals.append((observed, "observed", "bad"))
    else:
        goals = [(observed, "a rule broke", "bad")]
    height = 62 * len(goals) + 8
    middle = height / 2
    title = f"{clip(step.event.replace('_', ' '))} in {clip(step.source)}: " + ", ".join(
        f"{word} {clip(state)}" for state, word, _ in goals
    )
    ident = safe_id(name)
    parts = [opening("of-sketch", ident, (_WIDTH, height), title), tips(ident)]
    for i, (state, word, kind) in enumerate(goals):
        y = 35.0 + 62 * i
        start = middle + (12 * i - 6) * (len(goals) > 1)
        parts.append(_branch(ident, (start, y), word, kind))
        parts.append(_state(_WIDTH - _BOX - 2, y, state, kind))
    parts.append(_state(2, middle, step.source, "bad"))
    return "\n".join([*parts, "</svg>"])


def _branch(ident: str, heights: tuple[float, float], word: str, kind: str) -> str:
    start, end = heights
    left, right, bend = 2 + _BOX, _WIDTH - _BOX - 2, 2 + _BOX + 16
    colour = LIGHT.bad if kind == "bad" else LIGHT.hit
    dash = ' stroke-dasharray="6 4"' if kind == "bad" else ""
    shape = f"M{left} {number(start)}H{bend}V{number(end)}H{right}"
    text = f"✕ {word}" if kind == "bad" else word
    return (
        f'<path class="of-line of-line-{kind}" d="{shape}" fill="none" stroke="{colour}" '
        f'stroke-width="2.2" stroke-linejoin="round"{dash} marker-end="url(#{ident}-{kind})"/>'
        f'<text class="of-word-{kind}" x="{bend + 6}" y="{number(end - 7)}" font-size="11" '
        f'font-weight="bold" fill="{colour}">{escape(text)}</text>'
    )


def _state(x: float, y: float, state: str, kind: str) -> str:
    lines = node_lines(clip(state, 60))
    height = 30 + 14 * (len(lines) - 1)
    fill, stroke = (LIGHT.bad_fill, LIGHT.bad) if kind == "bad" else (LIGHT.hit_fill, LIGHT.hit)
    widest = max(text_width(line, 12, bold=True) for line in lines)
    size = min(12.0, 12.0 * (_BOX - 10) / max(widest, 1))
    spans = "".join(
        f'<tspan x="{number(x + _BOX / 2)}" '
        f'y="{number(y - 7 * (len(lines) - 1) + 4.2 + 14 * i)}">{escape(line)}</tspan>'
        for i, line in enumerate(lines)
    )
    return (
        f'<rect class="of-box-{kind}" x="{number(x)}" y="{number(y - height / 2)}" '
        f'width="{_BOX}" height="{height}" rx="5" fill="{fill}" stroke="{stroke}" '
        f'stroke-width="1.8"/><text class="of-name-{kind}" text-anchor="middle" '
        f'font-size="{number(size)}" font-weight="bold" fill="{LIGHT.ink}">{spans}</text>'
    )


def swimlanes(trace: Sequence[TraceStep], *, name: str) -> str:
    """Draw who acted when: actors as rows, stages on top, long waits written out.

    Returns "" for an empty trace.
    """
    if not trace:
        return ""
    actors = list(dict.fromkeys(step.actor for step in trace))
    places = _places(trace)
    width = places[-1] + 46
    height = 34 + _ROW * len(actors) + 30
    ident = safe_id(name)
    names = ", ".join(map(clip, actors))
    title = f"{len(trace)} steps by {names} in {span(trace[-1].at)} of simulated time"
    rows = {actor: 44.0 + _ROW * i for i, actor in enumerate(actors)}
    points = [(x, rows[step.actor]) for x, step in zip(places, trace, strict=True)]
    way = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    thread = (
        f'<polyline class="of-thread" points="{way}" fill="none" stroke="{LIGHT.never}" '
        f'stroke-width="1.3"/>'
    )
    beads = (
        f'<g class="of-bead" font-size="10" font-weight="bold" text-anchor="middle" '
        f'fill="{LIGHT.on_bad}">{"".join(_beads(trace, points))}</g>'
    )
    times = (
        f'<g class="of-count-hit" font-size="10.5" text-anchor="middle" '
        f'fill="{LIGHT.muted}">{"".join(_times(trace, places, height - 14))}</g>'
    )
    head = opening("of-lanes", ident, (width, height), title)
    parts = [head, _stages(trace, places), _actors(rows, width), thread, beads, times, "</svg>"]
    return "\n".join(filter(None, parts))


def _places(trace: Sequence[TraceStep]) -> list[float]:
    """Spread the steps over the page, with more room where a long wait is written out."""
    weights = [0.0]
    for before, step in pairwise(trace):
        weights.append(1.9 if step.at - before.at >= _GAP_WORTH_WRITING else 1.0)
    room = _FULL - _LEFT - 80
    unit = max(_STEP_MIN, min(120.0, room / max(sum(weights), 1.0)))
    places, x = [], _LEFT + 34
    for weight in weights:
        x += weight * unit
        places.append(x)
    return places


def _stages(trace: Sequence[TraceStep], places: Sequence[float]) -> str:
    rects, texts, start = [], [], 0
    for i in range(1, len(trace) + 1):
        if i < len(trace) and trace[i].stage == trace[start].stage:
            continue
        name = stage_name(trace[start].stage)
        if name:
            left, right = places[start] - 26, places[i - 1] + 26
            text = escape(_fit(name, right - left - 10))
            width = number(right - left)
            rects.append(f'<rect x="{number(left)}" y="4" width="{width}" height="19" rx="3"/>')
            texts.append(f'<text x="{number(left + 7)}" y="17">{text}</text>')
        start = i
    if not rects:
        return ""
    return (
        f'<g class="of-lane-stage" fill="{LIGHT.hit_fill}">{"".join(rects)}</g>'
        f'<g class="of-word-hit" font-size="11" font-weight="bold" fill="{LIGHT.hit}">'
        f"{''.join(texts)}</g>"
    )


def _fit(text: str, room: float) -> str:
    return text if text_width(text, 11, bold=True) <= room else text.split(" ", maxsplit=1)[0]


def _actors(rows: Mapping[str, float], width: float) -> str:
    names = "".join(
        f'<text x="{number(_LEFT)}" y="{number(y + 4)}">{escape(clip(actor, 14))}</text>'
        for actor, y in rows.items()
    )
    rules = "".join(f"M{number(_LEFT + 10)} {number(y)}H{number(width - 8)}" for y in rows.values())
    return (
        f'<g class="of-count-hit" font-size="12" text-anchor="end" fill="{LIGHT.muted}">{names}</g>'
        f'<path class="of-rule" d="{rules}" stroke="{LIGHT.line}" stroke-width="1"/>'
    )


def _beads(trace: Sequence[TraceStep], points: Sequence[tuple[float, float]]) -> Iterable[str]:
    for step, (x, y) in zip(trace, points, strict=True):
        bad = step is trace[-1]
        kind = "bad" if bad else "hit"
        fill = LIGHT.bad if bad else LIGHT.hit
        title = escape(f"{step.number} {clip(step.event)} by {clip(step.actor)}")
        yield (
            f'<g><title>{title}</title><circle class="of-tip-{kind}" cx="{number(x)}" '
            f'cy="{number(y)}" r="8.5" fill="{fill}"/>'
            f'<text x="{number(x)}" y="{number(y + 3.4)}">{step.number}</text></g>'
        )


def _times(trace: Sequence[TraceStep], places: Sequence[float], y: float) -> Iterable[str]:
    for i, step in enumerate(trace):
        yield f'<text x="{number(places[i])}" y="{number(y)}">{clock(step.at)}</text>'
        wait = step.at - trace[i - 1].at if i else 0
        if wait >= _GAP_WORTH_WRITING:
            middle = (places[i] + places[i - 1]) / 2
            yield (
                f'<text class="of-name-hit" x="{number(middle)}" y="{number(y)}" '
                f'font-weight="bold" fill="{LIGHT.ink}">+{span(wait)}</text>'
            )
