"""One HTML file that answers what broke, how to see it again, and what was never tried.

It works with scripts blocked, with styles blocked, on paper and offline; every text from
outside is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

import jinja2
from markupsafe import Markup, escape

from orderflow.conformance.verdict import DealVerdict, Failure, FlowVerdict, Verdict
from orderflow.flows.deal import Deal
from orderflow.flows.model import Flow
from orderflow.reports.clock import clock, span
from orderflow.reports.deal_diagram import deal_diagram
from orderflow.reports.deal_tables import (
    FaultGroup,
    NewsRow,
    PropertyRow,
    SilentRow,
    all_steps,
    by_fault,
    deal_shares,
    news_rows,
    property_rows,
    silent_rows,
)
from orderflow.reports.jsonfile import render_json
from orderflow.reports.layout import StageOf
from orderflow.reports.marks import safe_id
from orderflow.reports.palette import DARK, LIGHT
from orderflow.reports.pictures import diagram
from orderflow.reports.sequence import sequence_view
from orderflow.reports.sketches import sketch, swimlanes
from orderflow.reports.stages import stage_of_status
from orderflow.reports.story import story
from orderflow.reports.suite_words import guarantee_head, not_passed, suite_sentence
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
        found: The flow it belongs to, None when the run did not cover it, or it is of a deal.
        picture: Diagram with the trace, or the sequence of a deal, or "".
        sketch: Small picture of the failing step, or "".
        lanes: Timeline of the trace, or "".
        text: A deal's failure as plain text.
        headline: The heading of the page tells it already.
    """

    number: int
    failure: Failure
    found: FlowVerdict | None
    picture: Markup
    sketch: Markup
    lanes: Markup
    text: str = ""
    headline: bool = False


@dataclass(frozen=True, slots=True)
class DealPart:
    """One deal as the page shows it.

    Attributes:
        found: What the run found.
        failures: Its errors.
        warnings: Its warnings.
        steps: How many transitions were taken, of those that can be.
        shares: Coverage by document, and of the links.
        news: All news that can pass.
        silent: Transitions that cannot happen.
        properties: What the exhaustive searches say of each property.
        picture: Its diagram, or "" when the deal is not at hand.
    """

    found: DealVerdict
    failures: tuple[Failure, ...]
    warnings: tuple[Failure, ...]
    steps: Share
    shares: tuple[Share, ...]
    news: tuple[NewsRow, ...]
    silent: tuple[SilentRow, ...]
    properties: tuple[PropertyRow, ...]
    picture: Markup


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


@dataclass(frozen=True, slots=True)
class Tabs:
    """The failures under one fault, of which the first ones are shown in full.

    Attributes:
        name: The fault, empty for none.
        what: What it is.
        parts: Its failures that have a panel.
    """

    name: str
    what: str
    parts: tuple[FailurePart, ...]


def render_html(
    verdict: Verdict,
    flows: Mapping[str, Flow],
    *,
    stage_of: StageOf = stage_of_status,
    deals: Mapping[str, Deal] = MappingProxyType({}),
    faults: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return the whole page.

    Args:
        verdict: What the run found.
        flows: The flows by name, as the profile of the run sees them. A flow that is missing
            here has no diagram; its tables say what the verdict knows.
        stage_of: Stage of a status.
        deals: The deals by name, as the profile of the run sees them.
        faults: What each fault is, by its name.
    """
    groups = by_fault(verdict, faults)
    parts = _failure_parts(verdict, flows, groups, stage_of)
    context = {
        "verdict": verdict,
        "parts": parts,
        "tabs": tuple(tab for tab in _tabs(groups, parts) if tab.parts),
        "rest": _ordered(groups)[SHOWN_FAILURES:],
        "deal_parts": _deal_parts(verdict, deals),
        "light": LIGHT,
        "dark": DARK,
    }
    context |= _flow_context(verdict, flows, parts, stage_of) | _facts(verdict, parts)
    return _environment().get_template("report.html.j2").render(context)


def _flow_context(
    verdict: Verdict,
    flows: Mapping[str, Flow],
    parts: Sequence[FailurePart],
    stage_of: StageOf,
) -> dict[str, object]:
    """Return the flows: as tiles, and as sections, those with errors first."""
    drawn = {part.failure.flow for part in parts if part.picture and not part.failure.deal}
    by_trouble = sorted(verdict.flows, key=lambda found: not _errors(verdict, found))
    return {
        "tiles": tuple(_flow_part(verdict, flows, found, None) for found in verdict.flows),
        "flow_parts": tuple(
            _flow_part(verdict, flows, found, None if found.name in drawn else stage_of)
            for found in by_trouble
        ),
    }


def _facts(verdict: Verdict, parts: Sequence[FailurePart]) -> dict[str, object]:
    return {
        "longest": max((len(part.failure.trace) for part in parts), default=0),
        "sales": bool(verdict.deals) or any(failure.deal for failure in verdict.failures),
        "json": Markup(_script_safe(render_json(verdict, compact=True))),  # noqa: S704
        "unjudged": unjudged(verdict),
        "signs": SIGNS,
    }


def _ordered(groups: Iterable[FaultGroup]) -> tuple[Failure, ...]:
    return tuple(failure for group in groups for failure in group.failures)


def _failure_parts(
    verdict: Verdict,
    flows: Mapping[str, Flow],
    groups: Iterable[FaultGroup],
    stage_of: StageOf,
) -> tuple[FailurePart, ...]:
    """Return the panels of the first failures, fault by fault."""
    parts = [
        _sale_part(failure, number)
        if failure.deal
        else _failure_part(verdict, flows, failure, number, stage_of)
        for number, failure in enumerate(_ordered(groups)[:SHOWN_FAILURES], 1)
    ]
    if parts and parts[0].failure == verdict.failures[0]:
        parts[0] = replace(parts[0], headline=True)
    return tuple(parts)


def _tabs(groups: Iterable[FaultGroup], parts: Sequence[FailurePart]) -> Iterable[Tabs]:
    rest = list(parts)
    for group in groups:
        count = len(group.failures)
        yield Tabs(group.name, group.what, tuple(rest[:count]))
        del rest[:count]


def _deal_parts(verdict: Verdict, deals: Mapping[str, Deal]) -> tuple[DealPart, ...]:
    """Return the deals, those with errors first."""
    by_trouble = sorted(verdict.deals, key=lambda found: not _deal_errors(verdict, found))
    return tuple(_deal_part(verdict, deals.get(found.name), found) for found in by_trouble)


def _errors(verdict: Verdict, found: FlowVerdict) -> tuple[Failure, ...]:
    return tuple(f for f in verdict.errors if f.flow == found.name and not f.deal)


def _deal_errors(verdict: Verdict, found: DealVerdict) -> tuple[Failure, ...]:
    return tuple(failure for failure in verdict.errors if failure.deal == found.name)


def _deal_part(verdict: Verdict, deal: Deal | None, found: DealVerdict) -> DealPart:
    picture = deal_diagram(deal, found, name=f"deal-{found.name}-picture") if deal else ""
    errors = _deal_errors(verdict, found)
    own = tuple(f for f in verdict.failures if f.deal == found.name)
    return DealPart(
        found,
        errors,
        tuple(failure for failure in own if failure not in errors),
        all_steps(found, deal),
        deal_shares(found, deal),
        news_rows(deal, found),
        silent_rows(found),
        property_rows(found),
        Markup(picture),  # noqa: S704 - drawn by us, every text in it escaped
    )


def _sale_part(failure: Failure, number: int) -> FailurePart:
    """Show a failure of a deal: who said what to whom instead of one flow's diagram."""
    name = f"failure-{number}"
    picture = sequence_view(failure, name=name, steps=f"{name}-step")
    return FailurePart(
        number,
        failure,
        None,
        Markup(picture),  # noqa: S704 - drawn by us, every text in it escaped
        Markup(sketch(failure, name=f"{name}-sketch")),  # noqa: S704
        Markup(""),
        story(failure),
    )


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
    own = [f for f in verdict.failures if f.flow == found.name and not f.deal]
    warnings = [f for f in own if f not in failures]
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
    environment.filters.update(
        suite_sentence=suite_sentence, guarantee_head=guarantee_head, not_passed=not_passed
    )
    return environment
