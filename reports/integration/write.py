"""Writing everything that a certification is told by."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from orderflow.conformance.integration.verdict import Verdict
from orderflow.reports.integration.badge import render_badge
from orderflow.reports.integration.certificate import render_certificate
from orderflow.reports.integration.junit import render_junit
from orderflow.reports.integration.page import render_page
from orderflow.reports.integration.results import render_results
from orderflow.reports.integration.summary import render_summary

RESULTS = ("report", "json", "junit", "summary", "badge", "certificate")
"""Results by the names of the options that ask for them."""


def rendered(
    verdict: Verdict,
    name: str,
    scenarios_for: Mapping[str, tuple[str, ...]],
    output_tail: str = "",
) -> str:
    """The result of that name, as it is written to a file.

    Args:
        verdict: What came of judging.
        name: One of :data:`RESULTS`.
        scenarios_for: By rule, the names of scenarios that can show it.
        output_tail: The end of what the integration wrote, without credentials.
    """
    makers: Mapping[str, Callable[[], str]] = {
        "report": lambda: render_page(verdict, scenarios_for, output_tail),
        "json": lambda: render_results(verdict),
        "junit": lambda: render_junit(verdict),
        "summary": lambda: render_summary(verdict, scenarios_for),
        "badge": lambda: render_badge(verdict),
        "certificate": lambda: render_certificate(verdict),
    }
    return makers[name]()
