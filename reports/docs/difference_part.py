"""What sets one flow apart from another: statuses, and steps that lead elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from orderflow.flows.model import ABSENT, Flow


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An event that two flows take in the same status, to different ends.

    Attributes:
        status: Where both stand.
        event: What happens.
        here: Where it leads in the one.
        there: Where it leads in the other.
    """

    status: str
    event: str
    here: tuple[str, ...]
    there: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contrast:
    """One flow held against another, both by the same profile.

    Attributes:
        only_here: Statuses that the other does not have.
        only_there: Statuses that only the other has.
        new_events: Events that only this one takes.
        missing_events: Events that only the other takes.
        elsewhere: Events that lead elsewhere.
    """

    only_here: tuple[str, ...]
    only_there: tuple[str, ...]
    new_events: tuple[str, ...]
    missing_events: tuple[str, ...]
    elsewhere: tuple[Elsewhere, ...]


def contrast(flow: Flow, other: Flow) -> Contrast:
    """Hold *flow* against *other*."""
    here, there = (tuple(state.name for state in each.states) for each in (flow, other))
    events, others = (tuple(dict.fromkeys(s.event for s in f.transitions)) for f in (flow, other))
    return Contrast(
        only_here=tuple(name for name in here if name not in there),
        only_there=tuple(name for name in there if name not in here),
        new_events=tuple(name for name in events if name not in others),
        missing_events=tuple(name for name in others if name not in events),
        elsewhere=tuple(_elsewhere(flow, other)),
    )


def _elsewhere(flow: Flow, other: Flow) -> list[Elsewhere]:
    found = []
    for status, event in flow.leaving:
        if status != ABSENT and status not in other.state:
            continue
        here, there = (_targets(each, status, event) for each in (flow, other))
        if there and here != there:
            found.append(Elsewhere(status, event, here, there))
    return found


def _targets(flow: Flow, status: str, event: str) -> tuple[str, ...]:
    steps = flow.leaving.get((status, event), ())
    return tuple(sorted({step.target for step in steps}))
