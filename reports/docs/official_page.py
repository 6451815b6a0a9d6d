"""The official drawings, edge by edge, beside what the flow files make of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orderflow.flows.evidence import decisions, source
from orderflow.flows.model import DiagramEdge, Flow, Profile, State, Transition
from orderflow.reports.docs.flavor import Flavor, Picture, opening, picture
from orderflow.reports.docs.markup import (
    LINE_BREAK,
    Md,
    code,
    codes,
    heading,
    joined,
    page,
    sentence,
    table,
    words,
)
from orderflow.reports.docs.subject import Subject, only_in

FOLDER = "official"
"""Folder of the pictures of official drawings."""


def official_page(subjects: Iterable[Subject], flavor: Flavor) -> str:
    """Return the page on the official drawings of *subjects* as Markdown."""
    return page(
        [
            opening(flavor),
            heading(1, words("The official drawings")),
            Md(
                "Each picture shows what the platform's own drawing of a flow shows, and nothing "
                "else: its boxes, by their official names, and its lines, by the number that they "
                "have in the flow files. Layout and dashes are those of our pictures; how the "
                "platform draws a line is in the tables, and nobody says what it means (D-26). The "
                "tables tell which transitions stand for a line, then what the flow files add to "
                "the drawing, and why."
            ),
            *(block for subject in subjects for block in _told(subject, flavor)),
        ]
    )


def _told(subject: Subject, flavor: Flavor) -> Iterator[Md]:
    flow = subject.flow
    yield heading(2, words(subject.title()))
    yield picture(flavor, Picture(f"{FOLDER}/{subject.folder}", in_words(subject)))
    edges = (_edge_cells(subject, edge) for edge in flow.diagram)
    yield table(("Line", "From", "To", "Drawn", "Label", "Transitions", "Remarks"), edges)
    yield heading(3, words(f"What the {flow.name} flow adds"))
    yield table(("Transition", "From", "Event", "To", "Why"), map(_added_cells, added(flow)))
    yield Md(f"Statuses without a box in the drawing: {codes(_without_box(flow)) or 'none'}.")


def in_words(subject: Subject) -> str:
    """Say in a paragraph what the picture of a drawing shows."""
    edges = "; ".join(
        f"{edge.id} from {edge.source} to {edge.target}" for edge in subject.flow.diagram
    )
    return f"The official drawing, in our layout: {subject.title()}. Lines: {edges}."


def official(flow: Flow) -> Flow:
    """Return the official drawing of *flow* as a flow: boxes as statuses, lines as transitions."""
    boxes = dict.fromkeys(name for edge in flow.diagram for name in (edge.source, edge.target))
    node = {state.name: state.node for state in flow.states if state.node}
    return Flow(
        name=flow.name,
        title=f"{flow.title or flow.name}: the official drawing",
        initial=next(iter(boxes), ""),
        states=tuple(map(State, boxes)),
        transitions=tuple(_as_step(flow, edge) for edge in flow.diagram),
        success=tuple(node[name] for name in flow.success if name in node),
        failure=tuple(node[name] for name in flow.failure if name in node),
        happy_paths=((Profile.DOCUMENTED, tuple(_path(flow, node, boxes))),),
        profile=Profile.DOCUMENTED,
    )


def _path(flow: Flow, node: dict[str, str], boxes: dict[str, None]) -> list[str]:
    path = dict(flow.happy_paths).get(Profile.DOCUMENTED, ())
    found = dict.fromkeys(node[name] for name in path if node.get(name) in boxes)
    first = [edge.source for edge in flow.diagram[:1] if edge.source not in found]
    return [*first, *found]


def _as_step(flow: Flow, edge: DiagramEdge) -> Transition:
    realised = _realising(flow, edge)
    actors = realised[0].actors if realised else ("platform",)
    name = f"{edge.id} {edge.label}".strip()
    return Transition(edge.id, edge.id, edge.source, name, edge.target, actors)


def _realising(flow: Flow, edge: DiagramEdge) -> tuple[Transition, ...]:
    return tuple(step for step in flow.transitions if edge.id in step.drawn)


def _edge_cells(subject: Subject, edge: DiagramEdge) -> tuple[Md, ...]:
    steps = _realising(subject.flow, edge)
    return (
        words(edge.id),
        words(edge.source),
        words(edge.target),
        words(edge.line),
        words(edge.label),
        joined((_named(step) for step in steps), LINE_BREAK),
        sentence(edge.note),
    )


def _named(step: Transition) -> Md:
    where = only_in(step)
    return Md(f"{words(step.id)} {code(step.event)}{words(f' ({where})') if where else ''}")


def added(flow: Flow) -> tuple[Transition, ...]:
    """Return the transitions of *flow* that stand for no line of the official drawing."""
    return tuple(step for step in flow.transitions if not step.drawn)


def _added_cells(step: Transition) -> tuple[Md, ...]:
    return (
        words(step.id),
        code(step.source),
        code(step.event),
        code(step.target),
        joined(_why(step), LINE_BREAK),
    )


def _why(step: Transition) -> Iterator[Md]:
    """Say why a transition is there: what was decided, else who tells of it."""
    for name in step.decisions:
        known = decisions().get(name)
        yield words(f"{name}: {known.question} {known.choice}" if known else name)
    if not step.decisions:
        yield words("; ".join(dict.fromkeys(map(_title, step.cites))))
    where = only_in(step)
    if where:
        yield words(f"only: {where}")
    if step.note:
        yield sentence(step.note)


def _title(key: str) -> str:
    """What a key stands for; a person's own flow cites what it likes."""
    try:
        return source(key).title
    except KeyError:
        return key


def _without_box(flow: Flow) -> list[str]:
    return [state.name for state in flow.states if not state.node]
