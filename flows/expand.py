"""Turns the rows of a flow file into the values of :mod:`orderflow.flows.model`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from orderflow.flows.errors import Place
from orderflow.flows.model import (
    ALL_PROFILES,
    DiagramEdge,
    EventKind,
    Flow,
    Line,
    Profile,
    Refusal,
    State,
    Timer,
    Transition,
)
from orderflow.flows.overlay import Declared, Draft
from orderflow.flows.schema import EdgeRow, EventRow, Previous, RefusedRow, Row, StateRow

SAME = "same"
"""What a row writes under ``to`` when the step keeps the status."""

Actors = Mapping[str, tuple[str, ...]]
"""Who can fire an event, by event."""


def expand(draft: Draft, vocabulary: Mapping[str, EventKind]) -> Flow:
    """Return the flow that a checked *draft* declares.

    Args:
        draft: A draft whose names all exist.
        vocabulary: The common events, for the actors of rows that name none.
    """
    own = tuple(_event(name, row.value) for name, row in draft.events.items())
    actors = {kind.name: kind.actors for kind in (*vocabulary.values(), *own)}
    head = {key: declared.value for key, declared in draft.heads.items()}
    final = {key: tuple(declared.value) for key, declared in draft.final.items()}
    return Flow(
        name=head["flow"],
        title=head["title"],
        initial=head["initial"],
        states=tuple(_state(name, state) for name, state in draft.states.items()),
        transitions=tuple(
            step for row in draft.transitions.values() for step in expand_row(row, actors)
        ),
        family=draft.family,
        seen_by=head.get("seen_by", ""),
        success=final.get("success", ()),
        failure=final.get("failure", ()),
        closed=final.get("closed", ()),
        happy_paths=tuple(
            (profile, tuple(path.value))
            for profile, path in draft.happy_paths.items()
            if path.value
        ),
        refusals=tuple(_refusal(row) for row in draft.refused.values()),
        timers=_timers(draft),
        diagram=tuple(_edge(row) for row in draft.diagram.values()),
        source=draft.heads["flow"].document.source,
        digest=digest(draft.texts),
        own_events=own,
        places=tuple(_places(draft)),
    )


def digest(texts: Iterable[str]) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of *texts*.

    Line ends count as one newline, so that a checkout on Windows gives the same digest.
    """
    plain = (text.replace("\r\n", "\n").replace("\r", "\n") for text in texts)
    return hashlib.sha256("\0".join(plain).encode()).hexdigest()[:16]


def expand_row(declared: Declared[Row], actors: Actors) -> list[Transition]:
    """Return one transition for each source, event and target of a row, in that order."""
    row, place = declared.value, declared.place()
    targets = row.to.previous if isinstance(row.to, Previous) else [row.to]
    steps = []
    for source in row.from_:
        for event in row.on:
            for target in targets:
                name = row.id
                name += f"@{source}" if len(row.from_) > 1 else ""
                name += f":{event}" if len(row.on) > 1 else ""
                name += f">{target}" if len(targets) > 1 else ""
                ends = (source, event, source if target == SAME else target)
                steps.append(_step(row, name, ends, actors, place))
    return steps


def _step(
    row: Row, name: str, ends: tuple[str, str, str], actors: Actors, place: Place
) -> Transition:
    source, event, target = ends
    return Transition(
        id=name,
        row=row.id,
        source=source,
        event=event,
        target=target,
        actors=tuple(row.actor) or actors.get(event) or ("platform",),
        when=tuple(row.when),
        held=target if isinstance(row.to, Previous) else "",
        automatic=row.automatic,
        undoes=tuple(row.undoes),
        profiles=_profiles(row.profile),
        module=row.module,
        drawn=tuple(row.drawn),
        cites=tuple(row.source),
        decisions=tuple(row.decision),
        note=row.note,
        place=place,
    )


def _profiles(names: list[str]) -> frozenset[Profile]:
    return frozenset(Profile(name) for name in names) or ALL_PROFILES


def _event(name: str, row: EventRow) -> EventKind:
    return EventKind(name, tuple(row.actors), row.meaning)


def _state(name: str, declared: Declared[StateRow]) -> State:
    row = declared.value
    return State(
        name=name,
        node=row.node,
        waits_for=row.waits_for,
        starred=row.starred,
        entry=row.entry,
        profiles=_profiles(row.profile),
        module=row.module,
        lane=row.layout.lane,
        row=row.layout.row,
        note=row.note,
        place=declared.document.place(declared.loc, key=True),
    )


def _refusal(declared: Declared[RefusedRow]) -> Refusal:
    row = declared.value
    cites = tuple(row.source)
    return Refusal(row.id, row.event, row.code, row.http, cites, row.note, declared.place())


def _timers(draft: Draft) -> tuple[Timer, ...]:
    return tuple(
        Timer(key.state, declared.value.after, key.fires, declared.place())
        for key, declared in draft.timers.items()
    )


def _edge(declared: Declared[EdgeRow]) -> DiagramEdge:
    row = declared.value
    line = Line(row.line)
    return DiagramEdge(row.edge, row.from_, row.to, row.label, line, row.note, declared.place())


def _places(draft: Draft) -> Iterable[tuple[str, Place]]:
    yield "initial", draft.heads["initial"].place()
    for key, names in draft.final.items():
        yield f"final.{key}", names.place()
    for profile, path in draft.happy_paths.items():
        yield f"happy_path.{profile}", path.place()
