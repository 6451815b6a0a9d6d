"""The picture of a flow for documentation: one SVG file that explains itself, light or dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from math import ceil

from orderflow.flows.model import Flow, Transition
from orderflow.reports.exports.alt import alt_text, facts_of
from orderflow.reports.exports.arrows import other_actor
from orderflow.reports.exports.handles import handles
from orderflow.reports.exports.legend import Item, items_of, legend_of
from orderflow.reports.exports.trunks import Points, Trunks
from orderflow.reports.exports.visible import visible
from orderflow.reports.geometry import (
    Band,
    Edge,
    EdgeKind,
    Layout,
    Node,
    Rect,
    Words,
)
from orderflow.reports.layout import layout
from orderflow.reports.links import LABEL_SIZE, LINE_HEIGHT, words_width
from orderflow.reports.marks import FONT, box, number, stage_name, way
from orderflow.reports.metrics import text_width
from orderflow.reports.palette import DARK, LIGHT, Palette
from orderflow.reports.paths import NODE_SIZE
from orderflow.reports.stages import stage_of_status

__all__ = ["alt_text", "flow_svg"]

_HEAD = 62.0
_MARGIN = 16.0
_TITLE_SIZE = 17.0
_FACTS_SIZE = 11.5


def flow_svg(flow: Flow, *, dark: bool = False, drawing: bool = False) -> str:
    """Draw *flow*, as one profile sees it, as an SVG file.

    A dashed line is taken by another actor than the platform, who is named in grey: ours, since
    the official drawings do not say what their dashes mean. The background is opaque and the
    legend part of the picture; every colour is an attribute, so neither CSS nor a font of the page
    is needed. Names longer than 80 characters are cut; control characters are spelled out.

    Args:
        flow: The flow.
        dark: Light lines on a dark ground.
        drawing: The flow stands for a drawing of the platform's: it has boxes and lines.
    """
    seen = visible(flow)
    picture = layout(seen, labels=_label, stage_of=stage_of_status)
    facts = facts_of(seen, drawing=drawing)
    page = _Page(seen, picture, DARK if dark else LIGHT, facts)
    return page.whole(alt_text(flow, drawing=drawing))


def _label(steps: tuple[Transition, ...]) -> tuple[str, str]:
    """The event in words, and the actor who causes it when that is not the platform."""
    actors = dict.fromkeys(filter(None, map(other_actor, steps)))
    return steps[0].event.replace("_", " "), ", ".join(actors)


class _Page:
    """The pieces of one picture."""

    def __init__(self, flow: Flow, picture: Layout, palette: Palette, facts: str) -> None:
        self.flow = flow
        self.picture = picture
        self.palette = palette
        title = text_width(flow.title or flow.name, _TITLE_SIZE, bold=True)
        self.facts = facts
        head = max(title, text_width(facts, _FACTS_SIZE))
        # whole pixels, so that no row of a PNG is half there
        self.width = ceil(max(picture.width, head + 2 * _MARGIN))
        self.dashed = {
            edge: all(other_actor(flow.transition[name]) for name in edge.transitions)
            for edge in picture.edges
        }
        name = handles([flow.name], kind="flow")[flow.name]
        self.name = f"{name}-dark" if palette is DARK else name

    def whole(self, words: str) -> str:
        """Return the complete file; *words* say the same as the picture."""
        legend, below = legend_of(self._items(), self.palette, self.width - 2 * _MARGIN)
        height = ceil(_HEAD + self.picture.height + below)
        parts = [
            self._opening(height, words),
            box("paper", Rect(0, 0, self.width, height), 0) + f' fill="{self.palette.paper}"/>',
            *self._head(),
            f'<g transform="translate(0 {number(_HEAD)})">',
            *map(self._band, self.picture.bands),
            *self._lines(),
            *map(self._node, self.picture.nodes),
            *map(self._words_of, self.picture.edges),
            "</g>",
            f'<g transform="translate({number(_MARGIN)} {number(height - below)})">',
            *legend,
            "</g>",
            "</svg>",
        ]
        return "\n".join(part for part in parts if part) + "\n"

    def _opening(self, height: float, words: str) -> str:
        wide, high = number(self.width), number(height)
        title = escape(self.flow.title or self.flow.name)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
            f'aria-labelledby="{self.name}-t {self.name}-d" width="{wide}" height="{high}" '
            f'viewBox="0 0 {wide} {high}" font-family="{FONT}">\n'
            f'<title id="{self.name}-t">{title}</title>\n'
            f'<desc id="{self.name}-d">{escape(words)}</desc>\n'
            f'<defs><marker id="{self.name}-tip" markerUnits="userSpaceOnUse" markerWidth="9" '
            f'markerHeight="9" viewBox="0 0 10 10" refX="9.4" refY="5" orient="auto">'
            f'<path d="M0 1L10 5L0 9z" fill="{self.palette.hit}"/></marker></defs>'
        )

    def _head(self) -> Iterator[str]:
        yield (
            f'<text x="{number(_MARGIN)}" y="28" font-size="{number(_TITLE_SIZE)}" '
            f'font-weight="bold" fill="{self.palette.ink}">'
            f"{escape(self.flow.title or self.flow.name)}</text>"
        )
        yield (
            f'<text x="{number(_MARGIN)}" y="46" font-size="{number(_FACTS_SIZE)}" '
            f'fill="{self.palette.muted}">{escape(self.facts)}</text>'
        )

    def _band(self, band: Band) -> str:
        rect = Rect(0, band.top, self.width, band.bottom - band.top)
        shade = ""
        if band.stage % 2:
            shade = box("band", rect, 0) + f' fill="{self.palette.band}"/>'
        return shade + (
            f'<text x="{number(_MARGIN)}" y="{number(band.top + 16)}" font-size="11" '
            f'font-weight="bold" fill="{self.palette.muted}">'
            f"{escape(stage_name(band.stage))}</text>"
        )

    def _lines(self) -> Iterator[str]:
        """Draw each trunk once: solid where a solid line takes it, and on top of the dashes."""
        trunks = Trunks()
        edges = sorted(self.picture.edges, key=lambda edge: self.dashed[edge])
        drawn = [self._line(edge, *trunks.add(edge.points)) for edge in edges]
        yield from reversed(drawn)

    def _line(self, edge: Edge, points: Points, whole: bool) -> str:
        dash = ' stroke-dasharray="6 4"' if self.dashed[edge] else ""
        tip = f' marker-end="url(#{self.name}-tip)"' if whole else ""
        line = (
            f'<path class="line" d="{way(points)}" fill="none" stroke="{self.palette.hit}" '
            f'stroke-width="1.5"{dash}{tip}/>'
        )
        if edge.kind is EdgeKind.ENTRY:
            x, y = points[0]
            line += f'<circle cx="{number(x)}" cy="{number(y)}" r="5" fill="{self.palette.hit}"/>'
        return line

    def _node(self, node: Node) -> str:
        palette, rect = self.palette, node.rect
        radius = min(rect.height / 2, 17.0) if node.final else 5.0
        stroke = f'stroke="{palette.hit}" stroke-width="1.5"'
        body = f'{box("status", rect, radius)} fill="{palette.hit_fill}" {stroke}/>'
        if node.final:
            inner = Rect(rect.x + 3, rect.y + 3, rect.width - 6, rect.height - 6)
            body += f'{box("ring", inner, radius - 3)} fill="none" {stroke}/>'
        x, y = rect.middle
        first = y - 7.0 * (len(node.lines) - 1) + 4.4
        spans = "".join(
            f'<tspan x="{number(x)}" y="{number(first + 14 * i)}">{escape(line)}</tspan>'
            for i, line in enumerate(node.lines)
        )
        return body + (
            f'<text text-anchor="middle" font-size="{NODE_SIZE}" font-weight="bold" '
            f'fill="{palette.ink}">{spans}</text>'
        )

    def _words_of(self, edge: Edge) -> str:
        middle = edge.label.middle[1]
        shades = (band for band in self.picture.bands if band.top <= middle < band.bottom)
        shaded = any(band.stage % 2 for band in shades)
        ground = self.palette.band if shaded else self.palette.paper
        chip = f'{box("chip", edge.label, 4)} fill="{ground}" fill-opacity="0.94"/>'
        rows = (self._row(edge, i, line) for i, line in enumerate(edge.lines))
        return chip + "".join(rows)

    def _row(self, edge: Edge, index: int, line: tuple[Words, ...]) -> str:
        """Draw one line of a label."""
        gap = text_width(", ", LABEL_SIZE)
        x = edge.label.x + 3
        if edge.align == "end":
            width = sum(map(words_width, line)) + gap * (len(line) - 1)
            x = edge.label.right - 3 - width
        y = edge.label.y + LINE_HEIGHT * index + 11.2
        out = []
        for place, words in enumerate(line):
            comma = "," if place < len(line) - 1 else ""
            out.append(self._run(words, x, y, comma))
            x += words_width(words) + gap
        return "".join(out)

    def _run(self, words: Words, x: float, y: float, comma: str) -> str:
        actor = ""
        if words.suffix:
            actor = (
                f'<tspan dx="3.1" fill="{self.palette.muted}">{escape(words.suffix)}{comma}</tspan>'
            )
            comma = ""
        return (
            f'<text x="{number(x)}" y="{number(y)}" font-size="{number(LABEL_SIZE)}" '
            f'fill="{self.palette.ink}">{escape(words.text)}{comma}{actor}</text>'
        )

    def _items(self) -> tuple[Item, ...]:
        kinds: Mapping[str, bool] = {
            "solid": not all(self.dashed.values()),
            "dashed": any(self.dashed.values()),
            "entry": any(edge.kind is EdgeKind.ENTRY for edge in self.picture.edges),
            "final": any(node.final for node in self.picture.nodes),
            "band": bool(self.picture.bands),
        }
        return items_of(kinds)
