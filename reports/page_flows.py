"""What a page shows of each flow and each deal, gathered from the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from orderflow.conformance.verdict import DealVerdict, Failure, FlowVerdict, Verdict
from orderflow.flows.deal import Deal
from orderflow.flows.model import Flow
from orderflow.reports.deal_diagram import deal_diagram
from orderflow.reports.deal_tables import (
    NewsRow,
    PropertyRow,
    SilentRow,
    all_steps,
    deal_shares,
    news_rows,
    property_rows,
    silent_rows,
)
from orderflow.reports.grouped import grouped
from orderflow.reports.page_text import drawn
from orderflow.reports.pictures import FlowPicture, broken_steps, coverage_svg
from orderflow.reports.tables import (
    Matrix,
    Share,
    StepGroup,
    StepRow,
    gaps,
    matrix,
    shares,
    step_groups,
)


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
        broken: Ids of the transitions at which something broke.
        picture: Its diagram, or "" when the flow is not at hand.
        left_out: What the page does not tell of it for lack of room.
        again: The command that tells it, or empty.
    """

    found: FlowVerdict
    failures: tuple[Failure, ...]
    warnings: tuple[Failure, ...]
    shares: tuple[Share, ...]
    matrix: Matrix
    groups: tuple[StepGroup, ...]
    gaps: tuple[StepRow, ...]
    broken: frozenset[str]
    picture: Markup
    left_out: tuple[str, ...] = ()
    again: str = ""


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
        left_out: What the page does not tell of it for lack of room.
        again: The command that tells it, or empty.
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
    left_out: tuple[str, ...] = ()
    again: str = ""


def flow_parts(
    verdict: Verdict,
    flows: Mapping[str, Flow],
    pictures: Mapping[str, FlowPicture],
    shown: Sequence[Failure],
) -> tuple[FlowPart, ...]:
    """Return the flows in the order of the verdict.

    Args:
        verdict: What the run found.
        flows: The flows at hand, by name.
        pictures: Their diagrams, by name.
        shown: Failures that have a panel; the diagrams mark them.
    """
    return tuple(
        _flow_part(verdict, found, flows.get(found.name), pictures.get(found.name), shown)
        for found in verdict.flows
    )


def deal_parts(verdict: Verdict, deals: Mapping[str, Deal]) -> tuple[DealPart, ...]:
    """Return the deals in the order of the verdict."""
    return tuple(_deal_part(verdict, deals.get(found.name), found) for found in verdict.deals)


def _flow_part(
    verdict: Verdict,
    found: FlowVerdict,
    flow: Flow | None,
    picture: FlowPicture | None,
    shown: Sequence[Failure],
) -> FlowPart:
    own = [f for f in verdict.failures if f.flow == found.name and not f.deal]
    marked = tuple(f for f in shown if f.flow == found.name and not f.deal and _is_error(f))
    errors, warnings = _parted(own)
    return FlowPart(
        found,
        errors,
        warnings,
        shares(flow, found),
        matrix(found),
        step_groups(flow, found),
        gaps(flow, found),
        frozenset(_broken(flow, errors)),
        drawn(coverage_svg(picture, marked) if picture else ""),
    )


def _deal_part(verdict: Verdict, deal: Deal | None, found: DealVerdict) -> DealPart:
    picture = deal_diagram(deal, found, name=f"deal-{found.name}-picture") if deal else ""
    errors, warnings = _parted([f for f in verdict.failures if f.deal == found.name])
    return DealPart(
        found,
        errors,
        warnings,
        all_steps(found, deal),
        deal_shares(found, deal),
        news_rows(deal, found),
        silent_rows(found),
        property_rows(found),
        drawn(grouped(picture)),
    )


def _is_error(failure: Failure) -> bool:
    return failure.severity == "error"


def _parted(failures: Sequence[Failure]) -> tuple[tuple[Failure, ...], tuple[Failure, ...]]:
    """Return the errors and the warnings."""
    errors = tuple(filter(_is_error, failures))
    return errors, tuple(failure for failure in failures if not _is_error(failure))


def _broken(flow: Flow | None, failures: Sequence[Failure]) -> Iterator[str]:
    for failure in failures:
        yield from broken_steps(flow, failure) if flow else filter(None, [failure.transition])
