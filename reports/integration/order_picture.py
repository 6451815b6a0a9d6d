"""The way of one order on the graph of its flow, as far as a trace tells it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from orderflow.conformance.integration.line import Line
from orderflow.flows.errors import OrderflowError
from orderflow.flows.loader import bundled, bundled_names
from orderflow.flows.model import ABSENT, Flow
from orderflow.reports.geometry import Layout
from orderflow.reports.layout import layout
from orderflow.reports.marks import opening, width_class
from orderflow.reports.stages import stage_of_status
from orderflow.reports.svg import Caption, Coverage, svg_layers


def order_view(steps: Sequence[Line], *, name: str) -> str:
    """Draw the flow of an order with its steps, numbered; "" when its flow is not known.

    Args:
        steps: Lines of the kind ``step`` about one order, oldest first.
        name: Makes ids unique in a page.
    """
    drawn = _laid_out(steps[0].text("flow")) if steps else None
    if drawn is None:
        return ""
    flow, picture = drawn
    last = steps[-1]
    title = f"{flow.title or flow.name}: order {last.order_id} is in {last.after}"
    told = " → ".join(each.after for each in steps)
    layers = svg_layers(picture, Caption(name, title, told), coverage=_coverage(steps))
    size = (picture.width, picture.height)
    return "\n".join(
        (
            opening(f"of-picture {width_class(picture.width)}", name, size, title, told),
            layers.markers,
            layers.ground,
            layers.lines,
            layers.nodes,
            layers.labels,
            "</svg>",
        )
    )


@lru_cache(maxsize=16)
def _laid_out(name: str) -> tuple[Flow, Layout] | None:
    if name not in bundled_names():
        return None
    try:
        flow = bundled(name)
    except OrderflowError:
        return None
    return flow, layout(flow, stage_of=stage_of_status)


def _coverage(steps: Sequence[Line]) -> Coverage:
    trace: dict[tuple[str, str], list[int]] = {}
    reached: dict[str, list[int]] = {}
    for place, step in enumerate(steps, start=1):
        source = step.before or ABSENT
        trace.setdefault((source, step.after), []).append(place)
        if source != step.after:
            reached.setdefault(step.after, []).append(place)
    return Coverage(
        trace=tuple((pair, tuple(places)) for pair, places in trace.items()),
        reached=tuple((status, tuple(places)) for status, places in reached.items()),
    )
