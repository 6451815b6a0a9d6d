"""The diagram of one flow as a run saw it, drawn once a page, and a failure's way laid over it.

The layers of the coverage picture have ids; the picture of a failure refers to them and adds only
what is its own, so that a page of many failures stays small.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from orderflow.conformance.verdict import Failure, FlowVerdict, TraceStep
from orderflow.flows.model import ABSENT, Flow, Transition
from orderflow.reports.geometry import Edge, EdgeKind, Layout, Words
from orderflow.reports.grouped import grouped
from orderflow.reports.layout import StageOf, layout
from orderflow.reports.links import LABEL_SIZE
from orderflow.reports.marks import number, opening, safe_id, width_class
from orderflow.reports.metrics import text_width
from orderflow.reports.overlays import badges, own_labels, standing_boxes, trace_lines
from orderflow.reports.palette import LIGHT
from orderflow.reports.paths import NODE_SIZE
from orderflow.reports.svg import CROSS, Caption, Coverage, Layers, svg_layers
from orderflow.reports.words import clip

MOST_GHOSTS = 8
"""So many observed steps that a flow does not have get a line of their own in its diagram."""


_BOX = re.compile(r"<rect [^<>]*/>")
_TO_THE_LEFT = {"end": 1.0, "middle": 0.5}
"""How much of a longer label goes to its left, by the way it is anchored."""
_LINE = f' stroke="{LIGHT.hit}" stroke-width="1.5"'
_NAME = f' text-anchor="middle" font-size="{NODE_SIZE}" font-weight="bold"'
_INK = f' fill="{LIGHT.ink}"'
_LABEL = f' font-size="{number(LABEL_SIZE)}"'


def failing_step(failure: Failure) -> TraceStep | None:
    """Return the step that broke the rule, None when the failure has no trace."""
    return failure.trace[-1] if failure.trace else None


def broken_steps(flow: Flow, failure: Failure) -> frozenset[str]:
    """Return the ids of the transitions a failure names: one by its id, or those of a row."""
    name = failure.transition
    if not name or name in flow.transition:
        return frozenset(filter(None, [name]))
    row = [step for step in flow.transitions if step.row == name]
    last = failing_step(failure)
    close = [step for step in row if last is not None and step.source == last.source]
    return frozenset(step.id for step in close or row)


def ghost_of(flow: Flow, failure: Failure) -> tuple[str, str] | None:
    """Return the step that was observed though the flow leads elsewhere, or None.

    None too when the very transition that is marked as broken leads where the order went: the
    flow itself is wrong then, and its own line shows it.
    """
    step = failing_step(failure)
    if step is None or ABSENT in {step.source, step.target}:
        return None
    marked = {flow.transition[name].target for name in broken_steps(flow, failure)}
    if step.target in marked:
        return None
    wrong_way = bool(failure.expected_target) and failure.expected_target != step.target
    unknown = step.accepted and not step.transition and step.event != "advance"
    if (wrong_way or unknown) and step.source != step.target:
        return step.source, step.target
    return None


@dataclass(frozen=True, slots=True)
class FlowPicture:
    """One flow laid out with what broke in it.

    Attributes:
        flow: The flow, as the profile of the run sees it.
        found: What the run found for it.
        layout: Its layout, in which observed steps that it does not have are lines, too.
        name: Makes ids unique in a page.
    """

    flow: Flow
    found: FlowVerdict
    layout: Layout
    name: str


def flow_picture(
    flow: Flow, found: FlowVerdict, failures: Iterable[Failure], *, stage_of: StageOf
) -> FlowPicture:
    """Lay out *flow* with the counts of a run.

    Args:
        flow: The flow, as the profile of the run sees it.
        found: What the run found for it.
        failures: Failures of the flow that a page shows.
        stage_of: Stage of a status.
    """
    counts = dict(found.transitions)

    def label(steps: tuple[Transition, ...]) -> tuple[str, str]:
        times = sum(counts.get(step.id, 0) for step in steps)
        return steps[0].event.replace("_", " "), f"×{times}"  # noqa: RUF001

    ghosts = tuple(dict.fromkeys(filter(None, (ghost_of(flow, each) for each in failures))))
    drawn = layout(flow, labels=label, ghosts=ghosts[:MOST_GHOSTS], stage_of=stage_of)
    return FlowPicture(flow, found, drawn, f"flow-{safe_id(found.name)}")


def coverage_svg(picture: FlowPicture, failures: tuple[Failure, ...]) -> str:
    """Draw what was exercised and every place where something broke; its layers have ids."""
    found, name = picture.found, picture.name
    counts = Coverage(counts=dict(found.transitions), entered=dict(found.states))
    caption = Caption(name, "", "", safe_id(found.name))
    base = svg_layers(_sound(picture.layout), caption, coverage=counts)
    failing = frozenset(step for each in failures for step in broken_steps(picture.flow, each))
    ghosts = {ghost_of(picture.flow, failure) for failure in failures}
    marks = svg_layers(
        _part(picture.layout, failing, ghosts),
        caption,
        coverage=replace(counts, failing=failing, broken=_broken(failures)),
    )
    parts = [
        _opening(
            picture,
            name,
            f"{_title(picture.flow)}: coverage of this run",
            _words(picture, failures),
        ),
        base.markers,
        f'<g id="{name}-ground">{base.ground}</g>',
        _lines(base.lines, name),
        marks.lines,
        _nodes_of(base.nodes, name),
        _nodes(picture, failures, counts).nodes,
        _labels(base.labels, name),
        marks.labels,
        "</svg>",
    ]
    return "\n".join(filter(None, parts))


def _lines(layer: str, name: str) -> str:
    """Group the lines; most are of transitions that were taken."""
    tip = f' marker-end="url(#{name}-hit)"'
    body = _lean(layer, ' class="of-line of-line-hit"', ' fill="none"', _LINE, tip)
    # a circle where orders begin has no border
    body = body.replace("<circle ", '<circle stroke="none" ')
    return f'<g id="{name}-lines" class="of-line-hit" fill="none"{_LINE}{tip}>{body}</g>'


def _nodes_of(layer: str, name: str) -> str:
    body = _boxes_first(_lean(layer, ' class="of-name-hit"', _NAME, _INK))
    return f'<g id="{name}-nodes" class="of-name-hit"{_NAME}{_INK}>{body}</g>'


def _labels(layer: str, name: str) -> str:
    needless = (' class="of-text-hit"', ' class="of-link"', ' fill-opacity="0.94"')
    body = _boxes_first(_lean(layer, *needless, _LABEL, _INK))
    return f'<g id="{name}-labels" class="of-text-hit"{_LABEL}{_INK}>{body}</g>'


def _boxes_first(layer: str) -> str:
    """Put the boxes before all texts, in groups: no text lies under the box of another."""
    boxes = "\n".join(_BOX.findall(layer))
    return f"{grouped(boxes)}{_BOX.sub('', layer)}"


def _lean(layer: str, *shared: str) -> str:
    """Leave out attributes that a group says for all of its elements, or that nobody needs.

    No text can be mistaken for one: quotes in texts are escaped.
    """
    for attribute in shared:
        layer = layer.replace(attribute, "")
    return layer


def failure_svg(picture: FlowPicture, failure: Failure, *, name: str) -> str:
    """Draw the way of one failure over the coverage picture of its flow.

    Args:
        picture: The flow; :func:`coverage_svg` of it must stand in the same page.
        failure: The failure, with a trace.
        name: Makes ids unique in a page; steps are found under ``#`` + this + ``-step-`` + number.
    """
    flow, found = picture.flow, picture.found
    failing, ghost = broken_steps(flow, failure), ghost_of(flow, failure)
    way = replace(
        _way(failure, ghost), counts=dict(found.transitions), failing=failing, steps=f"{name}-step"
    )
    own = _part(picture.layout, failing, {ghost}, dict(way.trace))
    caption = Caption(picture.name, "", "", safe_id(found.name))
    marked = _part(picture.layout, failing, {ghost})
    marks = svg_layers(marked, caption, coverage=replace(way, reached=()))
    uses = {
        layer: f'<use class="of-base-{layer}" href="#{picture.name}-{layer}"/>'
        for layer in ("ground", "lines", "nodes", "labels")
    }
    parts = [
        _opening(picture, name, f"{_title(flow)}: {failure.title}", _told(failure)),
        uses["ground"],
        uses["lines"],
        trace_lines(own, way, picture.name),
        marks.lines,
        uses["nodes"],
        _nodes(picture, (failure,), way).nodes,
        standing_boxes(picture.layout, failure),
        uses["labels"],
        own_labels(own, failure, failing),
        marks.labels,
        badges(picture.layout, way),
        "</svg>",
    ]
    return "\n".join(filter(None, parts))


def _opening(picture: FlowPicture, name: str, title: str, desc: str) -> str:
    size = (picture.layout.width, picture.layout.height)
    css = f"of-picture {width_class(size[0])}"
    return opening(css, safe_id(name), size, clip(title, 300), desc, role="group")


def _sound(drawn: Layout) -> Layout:
    """Return the picture as it is when nothing is wrong: without ghosts."""
    edges = tuple(edge for edge in drawn.edges if edge.kind is not EdgeKind.GHOST)
    return replace(drawn, edges=edges)


def _part(
    drawn: Layout,
    failing: frozenset[str],
    ghosts: set[tuple[str, str] | None],
    traced: Iterable[tuple[str, str]] = (),
) -> Layout:
    """Return only the lines of what broke, of these ghosts and of the steps in *traced*."""
    wanted = frozenset(traced)
    kept = []
    for edge in drawn.edges:
        pair = edge.source, edge.target
        if edge.kind is EdgeKind.GHOST:
            kept += [edge] if pair in ghosts else []
        elif pair in wanted or failing.intersection(edge.transitions):
            kept.append(_relabelled(edge, failing))
    return replace(drawn, edges=tuple(kept))


def _relabelled(edge: Edge, failing: frozenset[str]) -> Edge:
    """Return *edge* with a cross before what is in *failing*, and a label wide enough for it."""
    marked: set[tuple[str, ...]] = set()
    lines = tuple(tuple(_crossed(words, failing, marked) for words in line) for line in edge.lines)
    crosses = (sum(word.text.startswith(CROSS) for word in line) for line in lines)
    more = text_width(CROSS, LABEL_SIZE) * max(crosses, default=0)
    rect = edge.label
    left = rect.x - more * _TO_THE_LEFT.get(edge.align, 0.0)
    return replace(edge, lines=lines, label=replace(rect, x=left, width=rect.width + more))


def _crossed(words: Words, failing: frozenset[str], marked: set[tuple[str, ...]]) -> Words:
    """Put a cross before *words*, unless the line before has it: a long label takes two lines."""
    if words.transitions in marked or not failing.intersection(words.transitions):
        return words
    marked.add(words.transitions)
    return replace(words, text=f"{CROSS}{words.text}")


def _nodes(picture: FlowPicture, failures: Iterable[Failure], coverage: Coverage) -> Layers:
    """Draw the statuses in which something broke."""
    broken = _broken(failures)
    nodes = tuple(node for node in picture.layout.nodes if node.state in broken)
    part = replace(picture.layout, nodes=nodes, edges=(), bands=())
    return svg_layers(
        part, Caption(picture.name, "", ""), coverage=replace(coverage, broken=broken, reached=())
    )


def _broken(failures: Iterable[Failure]) -> frozenset[str]:
    return frozenset(step.source for step in map(failing_step, failures) if step is not None)


def _way(failure: Failure, ghost: tuple[str, str] | None) -> Coverage:
    """Return which steps of the trace an edge shows, and which reached a status."""
    numbers: dict[str, list[int]] = {}
    trace: dict[tuple[str, str], list[int]] = {}
    last = max((step.number for step in failure.trace), default=0)
    for step in failure.trace:
        if step.accepted and not (ghost and step.number == last):
            trace.setdefault((step.source, step.target), []).append(step.number)
        if step.source != step.target:
            numbers.setdefault(step.target, []).append(step.number)
    return Coverage(
        trace=tuple((pair, tuple(steps)) for pair, steps in trace.items()),
        reached=tuple((state, tuple(steps)) for state, steps in numbers.items()),
        last=last,
    )


def _told(failure: Failure) -> str:
    return f"{len(failure.trace)} steps; the list of steps beside it says the same."


def _title(flow: Flow) -> str:
    return flow.title or flow.name


def _words(picture: FlowPicture, failures: Iterable[Failure]) -> str:
    flow, found = picture.flow, picture.found
    taken = sum(1 for _, count in found.transitions if count)
    entered = sum(1 for _, count in found.states if count)
    text = (
        f"{len(picture.layout.nodes)} statuses from {flow.initial} to "
        f"{' or '.join(sorted(flow.final)) or 'no end'}. {taken} of {len(found.transitions)} "
        f"transitions and {entered} of {len(found.states)} statuses were exercised."
    )
    wrong = ", ".join(dict.fromkeys(clip(f.transition) for f in failures if f.transition))
    return text + (f" Failing: {wrong}." if wrong else "") + " The tables below say the same."
