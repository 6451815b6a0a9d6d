"""One HTML file that answers what broke, how to see it again, and what was never tried.

It works with scripts blocked, with styles blocked, on paper and offline; every text from
outside is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import jinja2
from markupsafe import Markup, escape

from orderflow.conformance.verdict import Failure, FlowVerdict, Verdict
from orderflow.flows.model import Flow
from orderflow.reports.clock import clock, span
from orderflow.reports.jsonfile import render_json
from orderflow.reports.layout import StageOf
from orderflow.reports.marks import safe_id
from orderflow.reports.palette import DARK, LIGHT
from orderflow.reports.pictures import diagram
from orderflow.reports.sketches import sketch, swimlanes
from orderflow.reports.stages import stage_of_status
from orderflow.reports.tables import (
    SIGNS,
    Matrix,
    Share,
    StepGroup,
    StepRow,
    gaps,
    matrix,
    shares,
    step_groups,
    unjudged,
)

SHOWN_FAILURES = 6
"""So many failures get a diagram and a trace; of the rest the page lists what and how to repeat."""


@dataclass(frozen=True, slots=True)
class FailurePart:
    """One failure as the page shows it.

    Attributes:
        number: 1 for the first.
        failure: The failure.
        found: The flow it belongs to, None when the run did not cover it.
        picture: Diagram with the trace, or "".
        sketch: Small picture of the failing step, or "".
        lanes: Timeline of the trace, or "".
    """

    number: int
    failure: Failure
    found: FlowVerdict | None
    picture: Markup
    sketch: Markup
    lanes: Markup


@dataclass(frozen=True, slots=True)
class FlowPart:
    """One flow as the page shows it.

    Attributes:
        found: What the run found.
        failures: Its errors.
        warnings: Its warnings.
        shares: Coverage by dimension.
        matrix: Every status and event.
        groups: Its transitions.
        gaps: Transitions never exercised.
        picture: Its diagram, or "" when a failure shows it already.
    """

    found: FlowVerdict
    failures: tuple[Failure, ...]
    warnings: tuple[Failure, ...]
    shares: tuple[Share, ...]
    matrix: Matrix
    groups: tuple[StepGroup, ...]
    gaps: tuple[StepRow, ...]
    picture: Markup


def render_html(
    verdict: Verdict, flows: Mapping[str, Flow], *, stage_of: StageOf = stage_of_status
) -> str:
    """Return the whole page.

    Args:
        verdict: What the run found.
        flows: The flows by name, as the profile of the run sees them. A flow that is missing
            here has no diagram; its tables say what the verdict knows.
        stage_of: Stage of a status.
    """
    parts = tuple(
        _failure_part(verdict, flows, failure, number, stage_of)
        for number, failure in enumerate(verdict.failures[:SHOWN_FAILURES], 1)
    )
    drawn = {part.failure.flow for part in parts if part.picture}
    by_trouble = sorted(verdict.flows, key=lambda found: not _errors(verdict, found))
    context = {
        "verdict": verdict,
        "parts": parts,
        "longest": max((len(part.failure.trace) for part in parts), default=0),
        "rest": verdict.failures[SHOWN_FAILURES:],
        "tiles": tuple(_flow_part(verdict, flows, found, None) for found in verdict.flows),
        "flow_parts": tuple(
            _flow_part(verdict, flows, found, None if found.name in drawn else stage_of)
            for found in by_trouble
        ),
        "json": Markup(_script_safe(render_json(verdict, compact=True))),  # noqa: S704
        "unjudged": unjudged(verdict),
        "signs": SIGNS,
        "light": LIGHT,
        "dark": DARK,
    }
    return _environment().get_template("report.html.j2").render(context)


def _errors(verdict: Verdict, found: FlowVerdict) -> tuple[Failure, ...]:
    return tuple(failure for failure in verdict.errors if failure.flow == found.name)


def _failure_part(
    verdict: Verdict,
    flows: Mapping[str, Flow],
    failure: Failure,
    number: int,
    stage_of: StageOf,
) -> FailurePart:
    name = f"failure-{number}"
    found = next((found for found in verdict.flows if found.name == failure.flow), None)
    flow = flows.get(failure.flow)
    picture = ""
    if found is not None and flow is not None and failure.trace:
        picture = diagram(flow, found, (failure,), shown=failure, stage_of=stage_of, name=name)
    return FailurePart(
        number,
        failure,
        found,
        Markup(picture),  # noqa: S704 - drawn by us, every text in it escaped
        Markup(sketch(failure, name=f"{name}-sketch")),  # noqa: S704
        Markup(swimlanes(failure.trace, name=f"{name}-lanes")),  # noqa: S704
    )


def _flow_part(
    verdict: Verdict,
    flows: Mapping[str, Flow],
    found: FlowVerdict,
    stage_of: StageOf | None,
) -> FlowPart:
    """Gather one flow; without *stage_of* its diagram is left out."""
    flow = flows.get(found.name)
    failures = _errors(verdict, found)
    picture = ""
    if stage_of is not None and flow is not None:
        picture = diagram(
            flow, found, failures, shown=None, stage_of=stage_of, name=f"flow-{found.name}"
        )
    warnings = [f for f in verdict.failures if f.flow == found.name and f not in failures]
    return FlowPart(
        found,
        failures,
        tuple(warnings),
        shares(flow, found),
        matrix(found),
        step_groups(flow, found),
        gaps(flow, found),
        Markup(picture),  # noqa: S704
    )


def _script_safe(text: str) -> str:
    """Escape JSON for a ``script`` element: nothing in it can end the element or open a comment."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _coded(text: str) -> Markup:
    """Escape *text* and set what stands between back quotes as code."""
    pieces = [
        Markup("<code>{}</code>").format(piece) if i % 2 else escape(piece)
        for i, piece in enumerate(text.split("`"))
    ]
    return Markup("").join(pieces)


def _plain(text: str) -> str:
    return text.replace("`", "")


def _words(text: str) -> str:
    return text.replace("_", " ")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("orderflow.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        clock=clock, span=span, coded=_coded, plain=_plain, words=_words, safe_id=safe_id
    )
    return environment
