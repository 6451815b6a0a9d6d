"""Lays one flow file over another: what it adds, replaces and removes (the key ``extends``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import BaseModel

from orderflow.flows.document import Loc, YamlDocument
from orderflow.flows.errors import Findings, Place
from orderflow.flows.model import Profile
from orderflow.flows.schema import (
    EdgeRow,
    EventRow,
    FlowFile,
    HappyPaths,
    LikeRow,
    OverlayFile,
    RefusedRow,
    RemoveRow,
    Row,
    StateRow,
    TimerRow,
)

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
ALL = ["all"]


@dataclass(frozen=True, slots=True)
class Declared(Generic[T]):
    """Something a flow file says, and where.

    Attributes:
        value: What it says.
        document: The file.
        loc: Where in the file.
        under: What it was laid over, when it gives only the differences.
    """

    value: T
    document: YamlDocument
    loc: Loc
    under: Declared[T] | None = None

    def place(self, *parts: str | int) -> Place:
        """Return where the value, or a part of it, is declared."""
        inherited = parts and not self.document.has((*self.loc, parts[0]))
        if inherited and self.under is not None:
            return self.under.place(*parts)
        return self.document.place((*self.loc, *parts))


@dataclass(frozen=True, slots=True)
class TimerKey:
    """A timer is told from others by its status and its event."""

    state: str
    fires: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A flow as its file and all files below it declare it, before rows are expanded.

    Attributes:
        heads: ``flow``, ``title``, ``seen_by`` and ``initial``.
        final: Statuses by ``success``, ``failure`` and ``closed``.
        happy_paths: Statuses by profile.
        states: States by name.
        transitions: Rows by id.
        refused: Refused rows by id.
        timers: Timer rows by status and event.
        diagram: Edges by id.
        events: Events of the flow's own by name.
        removed: Statuses an overlay took away, and where it did.
        family: See :class:`orderflow.flows.model.Flow`.
        texts: Text of the file, then of the one it extends, and so on.
    """

    heads: Mapping[str, Declared[str]] = field(default_factory=dict)
    final: Mapping[str, Declared[list[str]]] = field(default_factory=dict)
    happy_paths: Mapping[Profile, Declared[list[str]]] = field(default_factory=dict)
    states: Mapping[str, Declared[StateRow]] = field(default_factory=dict)
    transitions: Mapping[str, Declared[Row]] = field(default_factory=dict)
    refused: Mapping[str, Declared[RefusedRow]] = field(default_factory=dict)
    timers: Mapping[TimerKey, Declared[TimerRow]] = field(default_factory=dict)
    diagram: Mapping[str, Declared[EdgeRow]] = field(default_factory=dict)
    events: Mapping[str, Declared[EventRow]] = field(default_factory=dict)
    removed: Mapping[str, Place] = field(default_factory=dict)
    family: str = ""
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Layer:
    """One file about to be laid over *base*."""

    file: FlowFile | OverlayFile
    document: YamlDocument
    base: Draft
    findings: Findings

    @property
    def remove(self) -> RemoveRow:
        return self.file.remove if isinstance(self.file, OverlayFile) else RemoveRow()

    def declared(self, value: T, *loc: str | int, under: Declared[T] | None = None) -> Declared[T]:
        return Declared(value, self.document, loc, under)

    def left(self, kind: str, removed: list[str], base: Mapping[str, T]) -> dict[str, T]:
        """Return what of *base* is not *removed*, noting names that remove nothing."""
        if removed == ALL and "all" not in base:
            return {}
        for number, name in enumerate(removed):
            if name not in base:
                place = self.document.place(("remove", kind, number))
                self.findings.add_unknown(place, "name to remove", name, base)
        return {name: thing for name, thing in base.items() if name not in removed}

    def no_twins(self, names: Iterable[tuple[str, Loc]], what: str) -> None:
        """Note each name given twice in one file."""
        first: dict[str, Place] = {}
        for name, loc in names:
            place = self.document.place(loc)
            if name in first and name:
                text = f"{what} {name!r} is given twice; first at {first[name]}"
                self.findings.add(place, text, "duplicate-id")
            first.setdefault(name, place)


def lay(
    file: FlowFile | OverlayFile, document: YamlDocument, base: Draft, findings: Findings
) -> Draft:
    """Return *base* with what *file* says laid over it; *base* is empty for a flow of its own."""
    layer = _Layer(file, document, base, findings)
    gone = enumerate(layer.remove.states)
    taken = {name: document.place(("remove", "states", number)) for number, name in gone}
    return Draft(
        heads=dict(base.heads) | _heads(layer),
        final=dict(base.final) | _final(layer),
        happy_paths=dict(base.happy_paths) | _happy_paths(layer),
        states=_states(layer),
        transitions=_transitions(layer),
        refused=_rows(layer, "refused", file.refused, base.refused, lambda row: row.id),
        timers=_timers(layer),
        diagram=_rows(layer, "diagram", file.diagram, base.diagram, lambda row: row.edge),
        events=dict(base.events)
        | {
            name: layer.declared(row or EventRow(), "events", name)
            for name, row in file.events.items()
        },
        removed=dict(base.removed) | taken,
        family=base.family,
        texts=base.texts,
    )


def _heads(layer: _Layer) -> dict[str, Declared[str]]:
    given = {key: getattr(layer.file, key) for key in ("flow", "title", "seen_by", "initial")}
    return {key: layer.declared(value, key) for key, value in given.items() if value}


def _final(layer: _Layer) -> dict[str, Declared[list[str]]]:
    final = layer.file.final
    return {
        key: layer.declared(list(getattr(final, key)), "final", key)
        for key in ("success", "failure", "closed")
        if key in final.model_fields_set
    }


def _happy_paths(layer: _Layer) -> dict[Profile, Declared[list[str]]]:
    paths = layer.file.happy_path
    if "happy_path" not in layer.file.model_fields_set:
        return {}
    if not isinstance(paths, HappyPaths):
        return {Profile.DOCUMENTED: layer.declared(paths, "happy_path")}
    return {
        profile: layer.declared(list(getattr(paths, profile)), "happy_path", profile.value)
        for profile in Profile
        if profile in paths.model_fields_set
    }


def _over(below: M, above: BaseModel, *, but: Iterable[str] = ()) -> M:
    """Return *below* with the values that *above* was given."""
    given = above.model_fields_set - set(but)
    return below.model_copy(update={key: getattr(above, key) for key in given})


def _states(layer: _Layer) -> dict[str, Declared[StateRow]]:
    states = layer.left("states", layer.remove.states, layer.base.states)
    for name, given in layer.file.states.items():
        row, below = given or StateRow(), states.get(name)
        value = _over(below.value, row) if below else row
        states[name] = layer.declared(value, "states", name, under=below)
    return states


def _transitions(layer: _Layer) -> dict[str, Declared[Row]]:
    base, given = layer.base.transitions, layer.file.transitions
    rows = layer.left("transitions", layer.remove.transitions, base)
    layer.no_twins(
        ((row.id, ("transitions", n, "id")) for n, row in enumerate(given)), "transition id"
    )
    for number, row in enumerate(given):
        if isinstance(row, Row):
            rows[row.id or f"({number})"] = layer.declared(row, "transitions", number)
        elif row.like in base:
            value = _over(base[row.like].value, row, but=("like",))
            name = row.id or f"({number})"
            rows[name] = layer.declared(value, "transitions", number, under=base[row.like])
        else:
            _note_like(layer, row, number)
            nothing = Row.model_construct(id="", from_=[], on=[], to="")
            value = _over(nothing, row, but=("like",))
            rows[row.id or f"({number})"] = layer.declared(value, "transitions", number)
    return rows


def _note_like(layer: _Layer, row: LikeRow, number: int) -> None:
    place = layer.document.place(("transitions", number, "like"))
    layer.findings.add_unknown(place, "base row", row.like, layer.base.transitions)


def _rows(
    layer: _Layer,
    kind: str,
    given: list[M],
    base: Mapping[str, Declared[M]],
    key: Callable[[M], str],
) -> dict[str, Declared[M]]:
    rows = layer.left(kind, getattr(layer.remove, kind), base)
    layer.no_twins(((key(row), (kind, n)) for n, row in enumerate(given)), f"row in {kind!r}")
    added = {key(row): layer.declared(row, kind, number) for number, row in enumerate(given)}
    return rows | added


def _timers(layer: _Layer) -> dict[TimerKey, Declared[TimerRow]]:
    by_state = {key.state: key.state for key in layer.base.timers}
    left = layer.left("timers", layer.remove.timers, by_state)
    timers = {key: timer for key, timer in layer.base.timers.items() if key.state in left}
    twins: list[tuple[str, Loc]] = []
    for number, row in enumerate(layer.file.timers):
        for state in row.in_:
            timers[TimerKey(state, row.fires)] = layer.declared(row, "timers", number)
            twins.append((row.fires and f"{state}, {row.fires}", ("timers", number)))
    layer.no_twins(twins, "timer")
    return timers
