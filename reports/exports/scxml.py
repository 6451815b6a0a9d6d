"""A flow as SCXML, the W3C's format for state machines. Source: W3C SCXML 1.0, September 2015."""

from __future__ import annotations

from collections.abc import Iterator

from orderflow.flows.model import Flow, Transition
from orderflow.reports.exports.graphml import kind_of
from orderflow.reports.exports.handles import handles, status_names
from orderflow.reports.exports.marked import attributes, marked

NAMESPACE = "urn:orderflow:flow"
"""Namespace of what SCXML has no word for (sandbox decision)."""

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<!-- Guards are the names in of:when and of:held: this file says what is allowed. An -->",
    "<!-- interpreter that does not ask them takes the first transition of an event. -->",
)
_OPENING = f'xmlns="http://www.w3.org/2005/07/scxml" xmlns:of="{NAMESPACE}" version="1.0"'


def scxml(flow: Flow) -> str:
    """Return *flow*, as one profile sees it, as an SCXML document.

    Transitions keep the order of the flow; one that keeps the status has no ``target``, since it
    neither leaves nor enters it. A final status that nothing leaves is a ``final``; one in which
    something may still happen, such as a return, is a ``state`` with ``of:ends``. Names that
    SCXML does not allow have another one and keep their own in ``of:name``.
    """
    ids = handles(status_names(flow))
    events = handles(flow.events, kind="event")
    named = handles([flow.name], kind="flow")[flow.name]
    first = next(iter(ids.values()), "")
    start = first if first not in flow.state else ids.get(flow.initial, first)
    facts = {
        "initial": start,
        "name": named,
        "of:name": flow.name if named != flow.name else "",
        "of:title": flow.title,
        "of:profile": str(flow.profile or ""),
        "of:modules": " ".join(flow.modules),
    }
    lines = [*_HEAD, f"<scxml {_OPENING}{attributes(facts)}>"]
    for name, ident in ids.items():
        lines += _state(flow, name, ident, (ids, events))
    return "\n".join([*lines, "</scxml>"]) + "\n"


def _state(
    flow: Flow, name: str, ident: str, known: tuple[dict[str, str], dict[str, str]]
) -> Iterator[str]:
    """One status with its timers and all that leaves it."""
    steps = flow.out.get(name, ())
    state = flow.state.get(name)
    kind = kind_of(flow, name)
    facts = {
        "of:name": name if ident != name else "",
        "of:ends": kind if kind not in {"absent", "status"} else "",
        "of:waits-for": state.waits_for if state else "",
        "of:starred": "true" if state and state.starred else "",
        "of:module": state.module if state else "",
    }
    tag = "final" if name in flow.final and not steps else "state"
    inside = [*_timers(flow, name), *(_transition(step, *known) for step in steps)]
    head = f'  <{tag} id="{ident}"{attributes(facts)}'
    yield from [f"{head}>", *inside, f"  </{tag}>"] if inside else [f"{head}/>"]


def _timers(flow: Flow, name: str) -> Iterator[str]:
    for timer in flow.timers:
        if timer.state == name:
            after, fires = marked(timer.after), marked(timer.fires)
            yield f'    <of:timer after="{after}" fires="{fires}"/>'


def _transition(step: Transition, ids: dict[str, str], events: dict[str, str]) -> str:
    event = events[step.event]
    facts = {
        "event": event,
        "target": ids[step.target] if step.target != step.source else "",
        "of:event": step.event if event != step.event else "",
        "of:id": step.id,
        "of:actors": " ".join(step.actors),
        "of:when": " ".join(step.when),
        "of:held": step.held,
        "of:automatic": "true" if step.automatic else "",
        "of:module": step.module,
    }
    return f"    <transition{attributes(facts)}/>"
