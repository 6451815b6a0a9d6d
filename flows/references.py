"""Checks that every name a flow file uses is declared somewhere in it or in a file below it."""

from __future__ import annotations

from collections.abc import Iterable

from orderflow.flows.errors import Findings, Place
from orderflow.flows.expand import SAME, expand_row
from orderflow.flows.model import ABSENT
from orderflow.flows.overlay import Declared, Draft
from orderflow.flows.schema import Previous, Row

MAX_TRANSITIONS = 20_000
"""Most transitions the rows of a flow may stand for."""


def check_references(draft: Draft, findings: Findings) -> None:
    """Note every status and diagram edge that is used and not declared, and ids that clash."""
    if _too_many(draft, findings):
        return
    _reserved_names(draft, findings)
    _heads(draft, findings)
    _final_once(draft, findings)
    for row in draft.transitions.values():
        _row(row, draft, findings)
    for key, timer in draft.timers.items():
        _status(key.state, timer.place("in", timer.value.in_.index(key.state)), draft, findings)
    _expanded_ids(draft, findings)


def _too_many(draft: Draft, findings: Findings) -> bool:
    """Note a draft whose rows name so many sources, events and targets that it cannot be meant."""
    total = 0
    for declared in draft.transitions.values():
        row = declared.value
        targets = len(row.to.previous) if isinstance(row.to, Previous) else 1
        total += len(row.from_) * len(row.on) * targets
        if total > MAX_TRANSITIONS:
            text = f"the rows up to here stand for more than {MAX_TRANSITIONS:,} transitions"
            findings.add(declared.place(), text, "too-many-transitions")
            return True
    return False


def _status(name: str, place: Place, draft: Draft, findings: Findings) -> None:
    if name in draft.states:
        return
    if name in draft.removed:
        text = f"status {name!r} is used here but removed at {draft.removed[name]}"
        findings.add(place, text, "unknown-status")
    else:
        findings.add_unknown(place, "status", name, draft.states)


def _statuses(declared: Declared[list[str]], draft: Draft, findings: Findings) -> None:
    for number, name in enumerate(declared.value):
        _status(name, declared.place(number), draft, findings)


def _reserved_names(draft: Draft, findings: Findings) -> None:
    for name, state in draft.states.items():
        if name in {ABSENT, SAME}:
            text = f"{name!r} cannot name a status: it has a meaning of its own in transitions"
            findings.add(state.document.place(state.loc, key=True), text, "reserved-name")


def _heads(draft: Draft, findings: Findings) -> None:
    # A name whose shape is wrong is told already, and empty or missing here.
    if "initial" in draft.heads:
        _status(draft.heads["initial"].value, draft.heads["initial"].place(), draft, findings)
    for names in (*draft.final.values(), *draft.happy_paths.values()):
        _statuses(names, draft, findings)


def _final_once(draft: Draft, findings: Findings) -> None:
    ends: dict[str, str] = {}
    for kind, names in draft.final.items():
        for number, name in enumerate(names.value):
            if ends.setdefault(name, kind) != kind:
                text = f"status {name!r} is final as {ends[name]!r} and as {kind!r}"
                findings.add(names.place(number), text, "final-twice")


def _row(declared: Declared[Row], draft: Draft, findings: Findings) -> None:
    row = declared.value
    for number, source in enumerate(row.from_):
        if source != ABSENT:
            _status(source, declared.place("from", number), draft, findings)
    for number, edge in enumerate(row.drawn):
        if edge not in draft.diagram:
            place = declared.place("drawn", number)
            findings.add_unknown(place, "diagram edge", edge, draft.diagram)
    if isinstance(row.to, Previous):
        for number, target in enumerate(row.to.previous):
            _status(target, declared.place("to", "previous", number), draft, findings)
    elif row.to and row.to != SAME:
        _status(row.to, declared.place("to"), draft, findings)
    elif row.to and ABSENT in row.from_:
        text = f"an order that does not exist yet has no status to keep: {ABSENT!r} to {SAME!r}"
        findings.add(declared.place("to"), text, "unknown-status")


def _expanded_ids(draft: Draft, findings: Findings) -> None:
    """Note rows such as ``S1@a`` whose id is also that of a part of row ``S1``."""
    owner: dict[str, str] = {}
    for row in draft.transitions.values():
        for name in _ids(row):
            if owner.setdefault(name, row.value.id) != row.value.id:
                text = f"id {name!r} is also that of a part of row {owner[name]!r}"
                findings.add(row.place("id"), text, "duplicate-id")


def _ids(declared: Declared[Row]) -> Iterable[str]:
    row = declared.value
    return (step.id for step in expand_row(declared, {})) if row.id and row.to else ()
