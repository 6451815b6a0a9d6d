"""What a failure lays over the diagram of its flow: where it stood, and what it did there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from orderflow.conformance.verdict import Failure
from orderflow.reports.geometry import Edge, EdgeKind, Layout, Node, Rect, Words
from orderflow.reports.links import LABEL_SIZE, LINE_HEIGHT, words_width
from orderflow.reports.marks import box, number, step_numbers
from orderflow.reports.marks import way as path
from orderflow.reports.metrics import text_width
from orderflow.reports.palette import LIGHT
from orderflow.reports.paths import NODE_SIZE
from orderflow.reports.svg import Coverage


def trace_lines(layout: Layout, way: Coverage, ident: str) -> str:
    """Draw the lines of the trace with a halo; the class ``of-s`` + number tells the steps.

    Args:
        layout: The lines of the failure.
        way: Its steps, and what is marked as broken: that is drawn by others.
        ident: Name of the picture whose arrowheads are used.
    """
    traced = dict(way.trace)
    paths = [
        f'<path class="{_steps(numbers)}" d="{path(edge.points)}"/>'
        for edge in layout.edges
        if edge.kind is not EdgeKind.GHOST and not way.failing.intersection(edge.transitions)
        for numbers in (traced.get((edge.source, edge.target), ()),)
        if numbers
    ]
    if not paths:
        return ""
    drawn = "".join(paths)
    dots = "".join(
        f'<circle class="of-tip-hit" cx="{number(x)}" cy="{number(y)}" r="5" fill="{LIGHT.hit}"/>'
        for edge in layout.edges
        if edge.kind is EdgeKind.ENTRY and not way.failing.intersection(edge.transitions)
        for x, y in edge.points[:1]
    )
    return (
        f'<g class="of-halo" fill="none" stroke="{LIGHT.halo}" stroke-width="8" '
        f'stroke-linecap="round">{drawn}</g>'
        f'<g class="of-line-hit" fill="none" stroke="{LIGHT.hit}" stroke-width="1.5" '
        f'marker-end="url(#{ident}-hit)">{drawn}</g>{dots}'
    )


def _steps(numbers: Iterable[int]) -> str:
    return " ".join(f"of-s{number}" for number in dict.fromkeys(numbers))


def badges(layout: Layout, way: Coverage) -> str:
    """Number the statuses in the order the trace reached them; each number leads to its step."""
    rects = {node.state: node.rect for node in layout.nodes}
    seen = [(rects[state], numbers) for state, numbers in way.reached if state in rects]
    groups = []
    for bad in (False, True):
        chips = [_badge(rect, n, way.steps) for rect, n in seen if (way.last in n) is bad]
        kind, fill = ("bad", LIGHT.bad) if bad else ("step", LIGHT.ink)
        if chips:
            groups.append(
                f'<g class="of-badge-{kind}" fill="{fill}" font-size="10" font-weight="bold" '
                f'text-anchor="middle">{"".join(chips)}</g>'
            )
    return "".join(groups)


def _badge(rect: Rect, numbers: tuple[int, ...], steps: str) -> str:
    text = step_numbers(numbers)
    width = max(17.0, text_width(text, 10, bold=True) + 10)
    x, y = rect.x - 9, rect.y - 8
    return (
        f'<a href="#{steps}-{numbers[0]}" tabindex="-1">'
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="17" rx="8.5"/>'
        f'<text x="{number(x + width / 2)}" y="{number(y + 12)}" fill="{LIGHT.paper}">{text}</text>'
        "</a>"
    )


def standing_boxes(layout: Layout, failure: Failure) -> str:
    """Frame each status in which the failure took a step; the classes tell which steps.

    A frame has the class ``of-f`` + number for every step that was taken there.
    """
    steps: dict[str, list[int]] = {}
    for step in failure.trace:
        steps.setdefault(step.source, []).append(step.number)
    frames = [
        f"{box(' '.join(f'of-f{n}' for n in steps[node.state]), node.rect, 5)}/>"
        for node in layout.nodes
        if node.state in steps
    ]
    if not frames:
        return ""
    head = f'<g class="of-frames" fill="none" stroke="{LIGHT.ink}" stroke-width="0">'
    return f"{head}{''.join(frames)}</g>"


def own_labels(layout: Layout, failure: Failure, failing: frozenset[str]) -> str:
    """Write what the failure did along its lines, to be shown where all else is faded.

    Args:
        layout: The lines of the failure.
        failure: The failure.
        failing: Ids of the transitions that are marked as broken; their labels show anyway.
    """
    taken = {step.transition for step in failure.trace if step.transition}
    texts = [
        f'<text x="{number(x)}" y="{number(y)}">{escape(words.text)}</text>'
        for edge in layout.edges
        if not failing.intersection(edge.transitions)
        for words, x, y in _placed(edge)
        if taken.intersection(words.transitions)
    ]
    visited = {step.target for step in failure.trace}
    names = [line for node in layout.nodes if node.state in visited for line in _name(node)]
    if names:
        head = f'<g font-size="{NODE_SIZE}" font-weight="bold" text-anchor="middle">'
        texts.append(f"{head}{''.join(names)}</g>")
    if not texts:
        return ""
    head = f'<g class="of-own" opacity="0" font-size="{number(LABEL_SIZE)}" fill="{LIGHT.ink}">'
    return f"{head}{''.join(texts)}</g>"


def _name(node: Node) -> Iterator[str]:
    x, y = node.rect.middle
    first = y - 7 * (len(node.lines) - 1) + 4.4
    for i, line in enumerate(node.lines):
        yield f'<text x="{number(x)}" y="{number(first + 14 * i)}">{escape(line)}</text>'


def _placed(edge: Edge) -> Iterator[tuple[Words, float, float]]:
    """Return the runs of a label and where each begins."""
    gap = text_width(", ", LABEL_SIZE)
    for i, line in enumerate(edge.lines):
        x = edge.label.x + 3
        if edge.align == "end":
            x = edge.label.right - 3 - _length(line, gap)
        for words in line:
            yield words, x, edge.label.y + LINE_HEIGHT * i + 11.2
            x += words_width(words) + gap


def _length(line: Iterable[Words], gap: float) -> float:
    widths = [words_width(words) for words in line]
    return sum(widths) + gap * (len(widths) - 1)
