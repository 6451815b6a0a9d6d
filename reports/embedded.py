"""The verdict inside the page: whole where it is small, shortened to a limit where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from orderflow.conformance.baseline import Changes
from orderflow.conformance.verdict import Failure, FlowVerdict, Verdict
from orderflow.reports.jsonfile import render_json

LIMIT = 64_000
"""Bytes that the verdict may take inside a page."""

WHOLE = "The same command with --json FILE writes it whole"
"""How to get what is left out."""

_STEP = 100
"""Bytes that a step takes at the least."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """The verdict as it stands in a page.

    Attributes:
        json: A verdict file, safe inside a ``script`` element, or "" when none is small enough.
        left_out: What the file of ``--json`` has and this has not, empty when it is whole.
        limit: Bytes it was shortened to.
    """

    json: str
    left_out: str
    limit: int


def embedded(
    verdict: Verdict, changes: Changes | None, shown: tuple[Failure, ...], limit: int = LIMIT
) -> Embedded:
    """Return as much of *verdict* as *limit* bytes allow.

    Args:
        verdict: What the run found.
        changes: The run laid beside an earlier one.
        shown: The failures whose steps matter most.
        limit: Bytes it may take, at most :data:`LIMIT`.
    """
    for value, kept, left_out in _ever_less(verdict, changes, shown):
        if _least_size(value) > limit:
            continue
        shortened = f"Left out: {left_out}. {WHOLE}." if left_out else ""
        text = render_json(value, compact=True, changes=kept, shortened=shortened)
        text = _script_safe(text)
        if len(text.encode("utf-8", "replace")) <= limit:
            return Embedded(text, left_out, limit)
    return Embedded("", "all of it", limit)


def _ever_less(
    verdict: Verdict, changes: Changes | None, shown: tuple[Failure, ...]
) -> Iterator[tuple[Verdict, Changes | None, str]]:
    """Return the verdict, then without what the tables of the page tell, then with less yet."""
    yield verdict, changes, ""
    flows = tuple(replace(flow, vector=(), cells=(), guards=()) for flow in verdict.flows)
    deals = tuple(replace(deal, transitions=(), silent=(), links=()) for deal in verdict.deals)
    less = replace(verdict, flows=flows, deals=deals)
    tables = "cells, guards and the items of each dimension"
    if deals:
        tables += ", transitions and links of deals"
    yield less, changes, tables
    known = set(map(id, shown))
    brief = tuple(each if id(each) in known else _brief(each) for each in verdict.failures)
    yield replace(less, failures=brief), changes, f"{tables}; the steps of further failures"
    few = tuple(failure for failure in verdict.failures if id(failure) in known)
    failures = f"{tables}; further failures"
    yield replace(less, failures=few), None, failures
    brief = tuple(map(_brief, few))
    failures += "; the steps of the others"
    yield replace(less, failures=brief), None, failures
    flows = tuple(_uncounted(flow) for flow in flows)
    least = replace(less, flows=flows, failures=brief)
    yield least, None, f"{failures}; what was counted of each flow"


def _uncounted(flow: FlowVerdict) -> FlowVerdict:
    return replace(flow, transitions=(), states=(), triggers=(), actors=(), never=())


def _least_size(verdict: Verdict) -> int:
    """Return a size below that of the file, without writing thousands of failures to find out."""
    return sum(
        len(each.sentence) + len(each.replay) + _STEP * len(each.trace) for each in verdict.failures
    )


def _brief(failure: Failure) -> Failure:
    return replace(failure, trace=(), messages=(), acts=(), statuses=())


def _script_safe(text: str) -> str:
    """Escape JSON for a ``script`` element: nothing in it can end the element or open a comment."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
