"""A flow as GraphML, for graph tools and libraries: one edge for each transition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orderflow.flows.model import ABSENT, Flow, Transition
from orderflow.reports.exports.handles import handles, status_names
from orderflow.reports.exports.marked import marked

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
)
_KEYS = {
    "graph": {
        "flow": "string",
        "title": "string",
        "profile": "string",
        "modules": "string",
        "initial": "string",
    },
    "node": {
        "name": "string",
        "kind": "string",
        "waits_for": "string",
        "starred": "boolean",
        "module": "string",
        "timers": "string",
        "note": "string",
    },
    "edge": {
        "transition": "string",
        "row": "string",
        "event": "string",
        "actors": "string",
        "guard": "string",
        "held": "string",
        "automatic": "boolean",
        "module": "string",
        "note": "string",
    },
}
"""Name and type of everything that is told, by what it is told of."""


def graphml(flow: Flow) -> str:
    """Return *flow*, as one profile sees it, as a GraphML document.

    Each transition is an edge; an edge has the transition's id as ``transition``, since its own id
    may hold letters, digits and a few signs only. Lists, such as ``actors``, are separated by
    blanks. ``kind`` of a node is ``absent`` before there is an order, then ``status``, or for a
    final one ``success``, ``failure`` or ``closed``. What is empty is left out.
    """
    ids = handles(status_names(flow))
    lines = [
        *_HEAD,
        *_declared(),
        '  <graph id="flow" edgedefault="directed">',
        *_data("graph", _of_flow(flow), "    "),
    ]
    for name, ident in ids.items():
        lines += [f'    <node id="{ident}">', *_data("node", _of_status(flow, name)), "    </node>"]
    for place, step in enumerate(flow.transitions, 1):
        ends = f'source="{ids[step.source]}" target="{ids[step.target]}"'
        lines += [f'    <edge id="t{place}" {ends}>', *_data("edge", _of_step(step)), "    </edge>"]
    return "\n".join([*lines, "  </graph>", "</graphml>"]) + "\n"


def _declared() -> Iterator[str]:
    for kind, keys in _KEYS.items():
        for name, form in keys.items():
            yield (
                f'  <key id="{kind}.{name}" for="{kind}" attr.name="{name}" attr.type="{form}"/>'
            )


def _data(kind: str, values: Mapping[str, str], margin: str = "      ") -> Iterator[str]:
    """Tell every value that there is; a key that was not declared is a :exc:`KeyError`."""
    for name in _KEYS[kind]:
        if values[name]:
            yield f'{margin}<data key="{kind}.{name}">{marked(values[name])}</data>'


def _of_flow(flow: Flow) -> Mapping[str, str]:
    return {
        "flow": flow.name,
        "title": flow.title,
        "profile": str(flow.profile or ""),
        "modules": " ".join(flow.modules),
        "initial": flow.initial,
    }


def _of_status(flow: Flow, name: str) -> Mapping[str, str]:
    state = flow.state.get(name)
    timers = (f"{timer.after}:{timer.fires}" for timer in flow.timers if timer.state == name)
    return {
        "name": name,
        "kind": kind_of(flow, name),
        "waits_for": state.waits_for if state else "",
        "starred": "true" if state and state.starred else "false",
        "module": state.module if state else "",
        "timers": " ".join(timers),
        "note": state.note if state else "",
    }


def _of_step(step: Transition) -> Mapping[str, str]:
    return {
        "transition": step.id,
        "row": step.row,
        "event": step.event,
        "actors": " ".join(step.actors),
        "guard": " ".join(step.when),
        "held": step.held,
        "automatic": "true" if step.automatic else "false",
        "module": step.module,
        "note": step.note,
    }


def kind_of(flow: Flow, name: str) -> str:
    """Return ``absent``, ``success``, ``failure``, ``closed`` or, while it goes on, ``status``."""
    if name == ABSENT:
        return "absent"
    ends = {"success": flow.success, "failure": flow.failure, "closed": flow.closed}
    return next((kind for kind, names in ends.items() if name in names), "status")
