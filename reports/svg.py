"""Draws a layout as SVG that needs neither CSS nor script: every colour is an attribute too."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from html import escape

from orderflow.reports.geometry import Band, Edge, EdgeKind, Layout, Node, Rect, Words
from orderflow.reports.links import LABEL_SIZE, LINE_HEIGHT, words_width
from orderflow.reports.marks import FONT, box, number, safe_id, stage_name, step_numbers, way
from orderflow.reports.metrics import text_width
from orderflow.reports.palette import LIGHT, Palette
from orderflow.reports.paths import NODE_SIZE

CROSS = "✕ "
"""In front of the label of something that failed; drawn as two strokes, since few fonts have it."""
_CROSS_WIDTH = 13.0
_WIDE = 860.0
"""Wider pictures are scrolled rather than shrunk below this width."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a run found, as far as a picture shows it.

    Attributes:
        counts: How often each transition was taken; None when the picture is not of a run.
        entered: How often each status was entered.
        failing: Ids of transitions at which something broke.
        broken: Statuses in which something broke.
        trace: (source, target) of the steps of the shown counterexample, with their numbers.
        reached: Numbers of the steps that reached a status.
        last: Number of the step that broke the rule, 0 when there is none.
        steps: When not empty, numbers link to ``#`` + this + ``-`` + number.
    """

    counts: Mapping[str, int] | None = None
    entered: Mapping[str, int] | None = None
    failing: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    trace: tuple[tuple[tuple[str, str], tuple[int, ...]], ...] = ()
    reached: tuple[tuple[str, tuple[int, ...]], ...] = ()
    last: int = 0
    steps: str = ""


PLAIN = Coverage()


@dataclass(frozen=True, slots=True)
class Caption:
    """What a picture is called.

    Attributes:
        name: Makes ids unique in a page.
        title: Name of the picture.
        desc: The same facts in a sentence, for those who cannot see it.
        anchors: When not empty, labels link to ``#`` + this + ``-`` + transition id.
    """

    name: str
    title: str
    desc: str
    anchors: str = ""


@dataclass(frozen=True, slots=True)
class Layers:
    """The elements of one picture, the lowest layer first.

    Attributes:
        markers: Arrowheads that the lines refer to.
        ground: Background and stages.
        lines: Halos and lines.
        nodes: Statuses.
        labels: What happens along the lines, and the numbers of steps.
    """

    markers: str
    ground: str
    lines: str
    nodes: str
    labels: str


def svg_layers(
    layout: Layout,
    caption: Caption,
    *,
    coverage: Coverage = PLAIN,
    palette: Palette = LIGHT,
) -> Layers:
    """Draw *layout* like :func:`render_svg`, for a caller that draws more between the layers."""
    return _Drawing(layout, coverage, caption, palette).layers()


def render_svg(
    layout: Layout,
    caption: Caption,
    *,
    coverage: Coverage = PLAIN,
    palette: Palette = LIGHT,
) -> str:
    """Draw *layout* as one ``svg`` element.

    Args:
        layout: The picture.
        caption: What it is called.
        coverage: What a run found.
        palette: Colours of the attributes.
    """
    return _Drawing(layout, coverage, caption, palette).whole()


class _Drawing:
    """Collects the elements of one picture."""

    def __init__(
        self, layout: Layout, coverage: Coverage, caption: Caption, palette: Palette
    ) -> None:
        self.layout = layout
        self.coverage = coverage
        self.caption = caption
        self.name = safe_id(caption.name)
        self.traced = dict(coverage.trace)
        self.palette = palette

    def whole(self) -> str:
        """Return the complete ``svg`` element."""
        width, height = number(self.layout.width), number(self.layout.height)
        css = "of-picture of-wide" if self.layout.width > _WIDE else "of-picture"
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{css}" role="img" '
            f'aria-labelledby="{self.name}-t {self.name}-d" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="{FONT}">'
        )
        layers = self.layers()
        parts = [
            head,
            f'<title id="{self.name}-t">{escape(self.caption.title)}</title>',
            f'<desc id="{self.name}-d">{escape(self.caption.desc)}</desc>',
            layers.markers,
            layers.ground,
            layers.lines,
            layers.nodes,
            layers.labels,
            "</svg>",
        ]
        return "\n".join(part for part in parts if part)

    def layers(self) -> Layers:
        """Return the elements, layer by layer."""
        paper = box("of-paper", Rect(0, 0, self.layout.width, self.layout.height), 0)
        return Layers(
            self._markers(),
            "\n".join(
                [f'{paper} fill="{self.palette.paper}"/>', *map(self._band, self.layout.bands)]
            ),
            "\n".join(self._lines()),
            "\n".join(map(self._node, self.layout.nodes)),
            "\n".join([*map(self._label, self.layout.edges), *self._badges()]),
        )

    def _markers(self) -> str:
        colours = {"hit": self.palette.hit, "never": self.palette.never, "bad": self.palette.bad}
        marks = (
            f'<marker id="{self.name}-{kind}" markerUnits="userSpaceOnUse" markerWidth="9" '
            f'markerHeight="9" viewBox="0 0 10 10" refX="9.4" refY="5" orient="auto">'
            f'<path class="of-tip-{kind}" d="M0 1L10 5L0 9z" fill="{colour}"/></marker>'
            for kind, colour in colours.items()
        )
        return f"<defs>{''.join(marks)}</defs>"

    def _band(self, band: Band) -> str:
        rect = Rect(0, band.top, self.layout.width, band.bottom - band.top)
        shade = ""
        if band.stage % 2:
            shade = box("of-band", rect, 0) + f' fill="{self.palette.band}"/>'
        name = escape(stage_name(band.stage))
        text = (
            f'<text class="of-stage" x="12" y="{number(band.top + 15)}" font-size="11" '
            f'font-weight="bold" fill="{self.palette.muted}">{name}</text>'
        )
        return shade + text

    def _kind(self, edge: Edge) -> str:
        """Return ``bad``, ``hit`` or ``never``: the worst thing to be said of an edge."""
        if edge.kind is EdgeKind.GHOST or self.coverage.failing.intersection(edge.transitions):
            return "bad"
        counts = self.coverage.counts
        taken = counts is None or any(counts.get(name, 0) for name in edge.transitions)
        return "hit" if taken else "never"

    def _lines(self) -> Iterable[str]:
        """Draw halos first, then lines from harmless to failing."""
        for edge in self.layout.edges:
            if edge.kind is EdgeKind.GHOST or (edge.source, edge.target) not in self.traced:
                continue
            yield (
                f'<path class="of-halo{self._steps(edge)}" d="{way(edge.points)}" fill="none" '
                f'stroke="{self.palette.halo}" stroke-width="8" stroke-linecap="round"/>'
            )
        for wanted in ("never", "hit", "bad"):
            for edge in self.layout.edges:
                if self._kind(edge) == wanted:
                    yield self._line(edge, wanted)

    def _line(self, edge: Edge, kind: str) -> str:
        style = {
            "never": f'stroke="{self.palette.never}" stroke-width="1.4" stroke-dasharray="2 4"',
            "hit": f'stroke="{self.palette.hit}" stroke-width="1.5"',
            "bad": f'stroke="{self.palette.bad}" stroke-width="3"',
        }[kind]
        ghost = edge.kind is EdgeKind.GHOST
        if ghost:
            style += ' stroke-dasharray="7 5"'
        shape = "of-ghost" if ghost else f"of-line-{kind}"
        # lets a page find the line of a row in its table of transitions
        told = (
            f'data-way="{escape(f"{edge.source} {edge.target}")}" ' if self.caption.anchors else ""
        )
        line = (
            f'<path class="of-line {shape}{self._steps(edge)}" {told}d="{way(edge.points)}" '
            f'fill="none" {style} marker-end="url(#{self.name}-{kind})"/>'
        )
        if edge.kind is EdgeKind.ENTRY:
            x, y = edge.points[0]
            colour = {"hit": self.palette.hit, "bad": self.palette.bad}.get(
                kind, self.palette.never
            )
            line += (
                f'<circle class="of-tip-{kind}" cx="{number(x)}" cy="{number(y)}" r="5" '
                f'fill="{colour}"/>'
            )
        return line

    def _steps(self, edge: Edge) -> str:
        """Return classes that tell which steps of the trace an edge shows."""
        numbers = self.traced.get((edge.source, edge.target), ())
        if self._kind(edge) == "bad":
            numbers = (*numbers, *filter(None, [self.coverage.last]))
        return "".join([" of-traced" if numbers else "", *(f" of-s{n}" for n in numbers)])

    def _node(self, node: Node) -> str:
        entered = self.coverage.entered
        palette = self.palette
        if node.state in self.coverage.broken:
            kind, fill = "bad", palette.bad_fill
            stroke = f'stroke="{palette.bad}" stroke-width="2.6"'
        elif entered is None or entered.get(node.state, 0):
            kind, fill = "hit", palette.hit_fill
            stroke = f'stroke="{palette.hit}" stroke-width="1.5"'
        else:
            kind, fill = "never", palette.paper
            stroke = f'stroke="{palette.never}" stroke-width="1.5" stroke-dasharray="2 4"'
        rect, radius = node.rect, 5.0
        if node.final:
            radius = min(rect.height / 2, 17.0)
        body = f'{box(f"of-box-{kind}", rect, radius)} fill="{fill}" {stroke}/>'
        if node.final:
            inner = Rect(rect.x + 3, rect.y + 3, rect.width - 6, rect.height - 6)
            body += f'{box(f"of-ring-{kind}", inner, radius - 3)} fill="none" {stroke}/>'
        return body + self._name(node, kind)

    def _name(self, node: Node, kind: str) -> str:
        x, y = node.rect.middle
        colour = self.palette.never_text if kind == "never" else self.palette.ink
        first = y - 7.0 * (len(node.lines) - 1) + 4.4
        spans = "".join(
            f'<tspan x="{number(x)}" y="{number(first + 14 * i)}">{escape(line)}</tspan>'
            for i, line in enumerate(node.lines)
        )
        return (
            f'<text class="of-name-{kind}" text-anchor="middle" font-size="{NODE_SIZE}" '
            f'font-weight="bold" fill="{colour}">{_whole(node)}{spans}</text>'
        )

    def _label(self, edge: Edge) -> str:
        kind = self._kind(edge)
        rect = edge.label
        fill = self.palette.bad if kind == "bad" else self.palette.paper
        chip = f'{box(f"of-chip-{kind}", rect, 4)} fill="{fill}"/>'
        if kind == "bad":
            chip = f'{box("of-chip-bad", rect, 7)} fill="{fill}"/>'
        rows = [self._row(edge, i, line) for i, line in enumerate(edge.lines)]
        return chip + "".join(rows)

    def _row(self, edge: Edge, index: int, line: tuple[Words, ...]) -> str:
        """Draw one line of a label; each run links to its row in the table of transitions."""
        rect = edge.label
        gap = text_width(", ", LABEL_SIZE)
        cross = _CROSS_WIDTH if edge.kind is EdgeKind.GHOST else 0.0
        width = sum(map(words_width, line)) + gap * (len(line) - 1) + cross
        x = rect.x + 3
        if edge.align == "end":
            x = rect.right - 3 - width
        y = rect.y + LINE_HEIGHT * index + 11.2
        out: list[str] = []
        if cross:
            out.append(self._cross(x + 6, y - 4))
            x += cross
        for place, words in enumerate(line):
            last = place == len(line) - 1
            out.append(self._words(edge, words, x, y, comma=not last))
            x += words_width(words) + gap
        return "".join(out)

    def _words(self, edge: Edge, words: Words, x: float, y: float, *, comma: bool) -> str:
        kind = self._words_kind(edge, words)
        colour = {
            "hit": self.palette.ink,
            "never": self.palette.never_text,
            "bad": self.palette.on_bad,
        }[kind]
        text = words.text
        mark = ""
        shift = 0.0
        if text.startswith(CROSS):
            text = text.removeprefix(CROSS)
            shift = text_width(CROSS, LABEL_SIZE)
            mark = self._cross(x + 5, y - 4)
        whole = f"<title>{escape(words.whole)}</title>" if words.whole else ""
        suffix = ""
        if words.suffix:
            grey = colour if kind == "bad" else self.palette.muted
            suffix = (
                f'<tspan class="of-count-{kind}" dx="3.1" fill="{grey}">'
                f"{escape(words.suffix)}</tspan>"
            )
        body = (
            f'{mark}<text class="of-text-{kind}" x="{number(x + shift)}" y="{number(y)}" '
            f'font-size="{number(LABEL_SIZE)}" fill="{colour}">{whole}{escape(text)}{suffix}'
            f"{',' if comma else ''}</text>"
        )
        if not words.transitions or not self.caption.anchors:
            return body
        anchor = escape(f"#{self.caption.anchors}-{safe_id(words.transitions[0])}")
        return f'<a href="{anchor}" class="of-link" tabindex="-1">{body}</a>'

    def _words_kind(self, edge: Edge, words: Words) -> str:
        if self._kind(edge) == "bad":
            return "bad"
        counts = self.coverage.counts
        taken = counts is None or any(counts.get(name, 0) for name in words.transitions)
        return "hit" if taken else "never"

    def _cross(self, x: float, y: float) -> str:
        half, full = 3.2, 6.4
        way = f"M{number(x - half)} {number(y - half)}l{full} {full}m0 -{full}l-{full} {full}"
        return (
            f'<path class="of-cross" d="{way}" fill="none" stroke="{self.palette.on_bad}" '
            f'stroke-width="2" stroke-linecap="round"/>'
        )

    def _badges(self) -> Iterable[str]:
        """Number the statuses in the order the counterexample reached them."""
        known: Collection[str] = {node.state for node in self.layout.nodes}
        for state, numbers in self.coverage.reached:
            if state not in known:
                continue
            rect = self.layout.node(state).rect
            text = step_numbers(numbers)
            width = max(17.0, text_width(text, 10, bold=True) + 10)
            bad = self.coverage.last in numbers
            fill = self.palette.bad if bad else self.palette.ink
            chip = Rect(rect.x - 9, rect.y - 8, width, 17)
            kind = "bad" if bad else "step"
            colour = self.palette.on_bad if bad else self.palette.paper
            link = f'<a href="#{self.coverage.steps}-{numbers[0]}" class="of-link" tabindex="-1">'
            yield (
                f"{link if self.coverage.steps else '<g>'}"
                f'{box(f"of-badge-{kind}", chip, 8.5)} fill="{fill}"/>'
                f'<text class="of-badge-text-{kind}" x="{number(chip.middle[0])}" '
                f'y="{number(chip.y + 12)}" font-size="10" font-weight="bold" '
                f'text-anchor="middle" fill="{colour}">{text}</text>'
                f"{'</a>' if self.coverage.steps else '</g>'}"
            )


def _whole(node: Node) -> str:
    """Return the name of a status that is cut short in its box, for those who point at it."""
    if not node.lines or not node.lines[-1].endswith("…"):
        return ""
    return f"<title>{escape(node.state)}</title>"
