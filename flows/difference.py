"""How two versions of a flow differ, part by part: added, removed, changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from orderflow.flows.model import Flow, Refusal, State, Timer, Transition


class Fate(StrEnum):
    """What became of a part of a flow."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Part(StrEnum):
    """What a flow is made of, in the order in which changes are told."""

    FLOW = "flow"
    STATUS = "status"
    TRANSITION = "transition"
    TIMER = "timer"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that is said otherwise now.

    Attributes:
        what: Key of the flow file, such as ``when``.
        before: What the old version says; empty for nothing.
        after: What the new version says; empty for nothing.
    """

    what: str
    before: str
    after: str

    @property
    def behaves(self) -> bool:
        """Whether an order can tell; titles, notes and sources are for readers."""
        return self.what not in _FOR_READERS


@dataclass(frozen=True, slots=True)
class Change:
    """One part that is not as it was.

    Attributes:
        part: What kind of part it is.
        name: Its name: a status, a transition id, ``STATUS: EVENT`` of a timer, an event.
        fate: What became of it.
        says: What the part is about, such as ``handling, request_cancel, cancel``.
        details: What is said otherwise, for a changed one.
    """

    part: Part
    name: str
    fate: Fate
    says: str = ""
    details: tuple[Detail, ...] = ()

    @property
    def about(self) -> str:
        """What it *says*; empty when the details tell just that."""
        told = {text for each in self.details for text in (each.before, each.after)}
        return "" if self.says in told else self.says

    @property
    def was_called(self) -> str:
        """Its name in the old version."""
        return next((each.before for each in self.details if each.what == "id"), self.name)

    @property
    def behaves(self) -> bool:
        """Whether an order can tell."""
        return self.fate is not Fate.CHANGED or any(each.behaves for each in self.details)


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs between two versions of a flow, seen in one profile.

    Attributes:
        old: The flow as it was.
        new: The flow as it is.
        changes: What differs: the flow itself, statuses, transitions, timers, refusals.
    """

    old: Flow
    new: Flow
    changes: tuple[Change, ...]

    @property
    def behaves(self) -> bool:
        """Whether an order can tell the two apart."""
        return any(change.behaves for change in self.changes)

    def fates(self, part: Part) -> dict[str, Fate]:
        """What became of each changed part of one kind, by name; changes for readers left out."""
        return {each.name: each.fate for each in self.changes if each.part is part and each.behaves}

    @property
    def outdated(self) -> tuple[str, ...]:
        """Ids, in the old version, of transitions that are gone or that an order can tell apart."""
        steps = [each for each in self.changes if each.part is Part.TRANSITION and each.behaves]
        return tuple(each.was_called for each in steps if each.fate is not Fate.ADDED)

    def count(self, part: Part, fate: Fate) -> int:
        """How many parts of one kind met one fate."""
        return sum(change.part is part and change.fate is fate for change in self.changes)


def difference(old: Flow, new: Flow) -> Difference:
    """Compare two flows, or two versions of one; both should be viewed in the same profile.

    Transitions are matched by id. One that keeps source, event, target and conditions under
    another id is the same one renamed.
    """
    renamed = _renamed(old, new)
    before = {renamed.get(step.id, step.id): step for step in old.transitions}
    changes = (
        *_flow_changes(old, new),
        *_changes(Part.STATUS, old.state, new.state, _final_facts(old), _final_facts(new)),
        *_changes(Part.TRANSITION, before, new.transition),
        *_changes(Part.TIMER, _timers(old), _timers(new)),
        *_changes(Part.REFUSAL, _refusals(old), _refusals(new)),
    )
    return Difference(old, new, changes)


_FOR_READERS = frozenset(
    {"id", "row", "title", "seen by", "node", "note", "source", "decision", "drawn"}
    | {"lane", "happy path", "profile", "module", "entry"}
)
_KEYS = {
    "source": "from",
    "event": "on",
    "target": "to",
    "actors": "actor",
    "profiles": "profile",
    "cites": "source",
    "decisions": "decision",
    "waits_for": "waits for",
}
"""How a flow file calls what the model calls otherwise."""

Facts = Mapping[str, Mapping[str, str]]


def _facts(thing: State | Transition | Timer | Refusal) -> dict[str, str]:
    """What a part says, by the key of the flow file."""
    return {
        _KEYS.get(each.name, each.name): _text(getattr(thing, each.name))
        for each in dataclasses.fields(thing)
        if each.compare and each.name != "name"
    }


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value)))
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _changes(
    part: Part,
    before: Mapping[str, State]
    | Mapping[str, Transition]
    | Mapping[str, Timer]
    | Mapping[str, Refusal],
    after: Mapping[str, State]
    | Mapping[str, Transition]
    | Mapping[str, Timer]
    | Mapping[str, Refusal],
    more_before: Facts | None = None,
    more_after: Facts | None = None,
) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        if name not in before:
            yield Change(part, name, Fate.ADDED, _says(after[name]))
        elif name not in after:
            yield Change(part, name, Fate.REMOVED, _says(before[name]))
        else:
            was = _facts(before[name]) | dict((more_before or {}).get(name, {}))
            now = _facts(after[name]) | dict((more_after or {}).get(name, {}))
            details = tuple(_details(was, now))
            if details:
                yield Change(part, name, Fate.CHANGED, _says(after[name]), details)


def _details(was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Detail]:
    for key in dict.fromkeys((*was, *now)):
        if was.get(key, "") != now.get(key, ""):
            yield Detail(key, was.get(key, ""), now.get(key, ""))


def _says(thing: State | Transition | Timer | Refusal) -> str:
    if isinstance(thing, Transition):
        return f"{thing.source}, {thing.event}, {thing.target}"
    if isinstance(thing, Timer):
        return f"after {thing.after}"
    return thing.note


def _final_facts(flow: Flow) -> dict[str, dict[str, str]]:
    kinds = (("success", flow.success), ("failure", flow.failure), ("closed", flow.closed))
    return {name: {"final": kind} for kind, names in kinds for name in names}


def _timers(flow: Flow) -> dict[str, Timer]:
    return {f"{timer.state}: {timer.fires}": timer for timer in flow.timers}


def _refusals(flow: Flow) -> dict[str, Refusal]:
    return {refusal.event: refusal for refusal in flow.refusals}


def _flow_changes(old: Flow, new: Flow) -> Iterator[Change]:
    was, now = _flow_facts(old), _flow_facts(new)
    details = tuple(_details(was, now))
    if details:
        yield Change(Part.FLOW, new.name, Fate.CHANGED, details=details)


def _flow_facts(flow: Flow) -> dict[str, str]:
    return {
        "title": flow.title,
        "seen by": flow.seen_by,
        "initial": flow.initial,
        "happy path": ", ".join(flow.happy_path),
    }


def _renamed(old: Flow, new: Flow) -> dict[str, str]:
    """New id of each old transition that is there under another one only, by its old id."""
    gone = [step for step in old.transitions if step.id not in new.transition]
    come = [step for step in new.transitions if step.id not in old.transition]
    homes = _by_meaning(come)
    found: dict[str, str] = {}
    for step in gone:
        waiting = homes.get(_meaning(step), [])
        if waiting:
            found[step.id] = waiting.pop(0)
    return found


def _by_meaning(steps: Iterable[Transition]) -> dict[Hashable, list[str]]:
    table: dict[Hashable, list[str]] = {}
    for step in steps:
        table.setdefault(_meaning(step), []).append(step.id)
    return table


def _meaning(step: Transition) -> Hashable:
    return (step.source, step.event, step.target, step.when, step.held)
