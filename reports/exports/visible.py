"""A flow as a picture can show it: names of bounded length in which nothing is invisible."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from orderflow.flows.model import Flow
from orderflow.reports.exports.handles import shown, status_names


def visible(flow: Flow) -> Flow:
    """Return *flow* with every name and event as a picture shows it.

    Statuses stay apart: of two that would look the same, the second one gets a number.
    """
    names = _apart(status_names(flow))
    events = {event: shown(event) for event in flow.events}
    if all(shown(name) == name for name in (*names, *events, flow.title, flow.name)):
        return flow

    def called(statuses: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(names.get(status, status) for status in statuses)

    return replace(
        flow,
        name=shown(flow.name),
        title=shown(flow.title),
        initial=names.get(flow.initial, flow.initial),
        states=tuple(replace(state, name=names[state.name]) for state in flow.states),
        transitions=tuple(
            replace(
                step,
                source=names[step.source],
                target=names[step.target],
                event=events[step.event],
            )
            for step in flow.transitions
        ),
        success=called(flow.success),
        failure=called(flow.failure),
        closed=called(flow.closed),
        happy_paths=tuple((profile, called(path)) for profile, path in flow.happy_paths),
    )


def _apart(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    taken: set[str] = set()
    for place, name in enumerate(names):
        text = shown(name)
        found[name] = text if text not in taken else f"{text} ({place})"
        taken.add(found[name])
    return found
