"""What ``orderflow certify --list`` shows: suites and scenarios."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from orderflow.certify.scenario import Scenario
from orderflow.certify.scenario_file import library
from orderflow.certify.suite_file import scenarios_of
from orderflow.cli.output import pour, say
from orderflow.conformance.integration.suite import SUITES, Suite

_WIDTH, _HANG = 96, "    "


def show_list(form: str) -> None:
    """Print which suites and scenarios there are."""
    scenarios = library()
    if form == "json":
        pour([json.dumps(_plain(scenarios), indent=2, ensure_ascii=False) + "\n"])
    else:
        say("\n".join(_lines(scenarios)))


def _plain(scenarios: Sequence[Scenario]) -> Mapping[str, object]:
    return {
        "suites": [
            {
                "suite": suite.name,
                "title": suite.title,
                "roles": list(suite.roles),
                "strict": suite.strict,
                "rules": list(suite.rules),
                "scenarios": [each.name for each in scenarios_of(suite, scenarios)],
            }
            for suite in SUITES.values()
        ],
        "scenarios": [
            {
                "scenario": each.name,
                "title": each.title,
                "roles": list(each.roles),
                "shows": list(each.shows),
                "mistakes": list(each.mistakes),
            }
            for each in scenarios
        ],
    }


def _lines(scenarios: Sequence[Scenario]) -> Iterator[str]:
    yield "Suites, for --suite:"
    for suite in SUITES.values():
        yield from _suite(suite, scenarios)
    yield ""
    yield "Scenarios, for --scenario:"
    for each in scenarios:
        yield f"  {each.name} ({', '.join(each.roles)})"
        shown = f"{each.title}: {' '.join((*each.shows, *each.mistakes))}"
        yield from textwrap.wrap(shown, _WIDTH, initial_indent=_HANG, subsequent_indent=_HANG)


def _suite(suite: Suite, scenarios: Sequence[Scenario]) -> Iterator[str]:
    count = len(scenarios_of(suite, scenarios))
    strict = ", warnings fail, too" if suite.strict else ""
    yield f"  {suite.name}: {suite.title}"
    yield f"{_HANG}{len(suite.rules)} rules, {count} scenarios{strict}"
