"""An order on the graph of its flow: where it has been, in which steps, and where it stands."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from orderflow.flows.model import Flow
from orderflow.reports.geometry import Layout, Rect
from orderflow.reports.layout import layout
from orderflow.reports.marks import box, opening, width_class
from orderflow.reports.palette import LIGHT
from orderflow.reports.stages import stage_of_status
from orderflow.reports.svg import Caption, Coverage, svg_layers
from orderflow.sandbox.held import Held
from orderflow.simulator.events import Event

STEP = "step"
"""Beginning of the anchors of an order's steps: ``step-1`` for the first."""

_NAME = "flow"
_ROOM = 5.0


def order_graph(held: Held) -> str:
    """Draw the flow of a document with its steps, as one ``svg`` element."""
    return _picture(held.flow, held.order_id, held.status, held.events)


@lru_cache(maxsize=64)  # a page that is looked at asks for the same picture every second
def _picture(flow: Flow, order_id: str, status: str, events: tuple[Event, ...]) -> str:
    drawn = _laid_out(flow)
    title = f"{flow.title or flow.name}: order {order_id} is in {status}"
    told = f"{len(events)} steps so far; the history says the same in words."
    layers = svg_layers(drawn, Caption(_NAME, title, told), coverage=_coverage(events))
    size = (drawn.width, drawn.height)
    css = f"of-picture {width_class(drawn.width)}"
    return "\n".join(
        (
            opening(css, _NAME, size, title, told, role="group"),
            layers.markers,
            layers.ground,
            layers.lines,
            layers.nodes,
            _here(drawn, status),
            layers.labels,
            "</svg>",
        )
    )


@lru_cache(maxsize=64)
def _laid_out(flow: Flow) -> Layout:
    return layout(flow, stage_of=stage_of_status)


def _coverage(events: tuple[Event, ...]) -> Coverage:
    """What the steps of an order are in a picture: its way, with the numbers of the steps."""
    trace: dict[tuple[str, str], list[int]] = {}
    reached: dict[str, list[int]] = {}
    for event in events:
        trace.setdefault((event.source, event.target), []).append(event.seq)
        if event.source != event.target:
            reached.setdefault(event.target, []).append(event.seq)
    return Coverage(
        counts=Counter(event.transition for event in events),
        entered=Counter(event.target for event in events),
        trace=tuple((pair, tuple(steps)) for pair, steps in trace.items()),
        reached=tuple((status, tuple(steps)) for status, steps in reached.items()),
        steps=STEP,
    )


def _here(drawn: Layout, status: str) -> str:
    """Frame the status in which the order stands."""
    found = next((node.rect for node in drawn.nodes if node.state == status), None)
    if found is None:
        return ""
    frame = Rect(
        found.x - _ROOM, found.y - _ROOM, found.width + 2 * _ROOM, found.height + 2 * _ROOM
    )
    css = "s-here"
    return f'{box(css, frame, 9)} fill="none" stroke="{LIGHT.ink}" stroke-width="3"/>'
