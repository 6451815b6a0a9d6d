"""Says at the end of a test run what the cases showed and covered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from orderflow.conformance.suites.execute import Result
from orderflow.conformance.suites.pytest_case import plain
from orderflow.conformance.suites.wording import counted
from orderflow.conformance.vector import FROM_CASES, Vector
from orderflow.pytesting.covered import COVERED, Covered

if TYPE_CHECKING:
    import pytest

SIMULATOR = "the simulator itself"
"""What was tested when nobody named a system."""

_WORDS = {
    Result.PASSED: "passed",
    Result.FAILED: "failed",
    Result.INDETERMINATE: "could not be judged",
    Result.LEFT_OUT: "left out",
}
_MOST_REASONS = 5
_STEP = re.compile(r"^step \d+, ")  # at which step it was makes no other reason of it

Told = Mapping[str, str]
"""What a report tells of one case, see :mod:`orderflow.pytesting.cases`."""


def write(reporter: pytest.TerminalReporter) -> None:
    """Write the section; nothing when there is nothing to say."""
    lines = [*figures(cases_in(reporter)), *_covered(reporter.config.stash.get(COVERED, Covered()))]
    if lines:
        reporter.section("orderflow")
        for line in lines:
            reporter.line(plain(line))


def cases_in(reporter: pytest.TerminalReporter) -> list[Told]:
    """What the reports of a run tell of cases, whichever process ran them."""
    found: list[Told] = []
    for category, reports in reporter.stats.items():
        for report in reports:
            # a test that is run again is reported again, and only the last time counts
            if category != "rerun" and getattr(report, "when", "") == "call":
                found += _told(getattr(report, "user_properties", ()))
    return found


def _told(properties: Iterable[tuple[str, object]]) -> Iterator[Told]:
    """The cases of one test, each of which begins with its flow."""
    case: dict[str, str] = {}
    for name, value in properties:
        head, _, tail = str(name).partition(".")
        if head != "orderflow":
            continue
        if tail == "flow" and case:
            yield case
            case = {}
        case[tail] = str(value)
    if "result" in case:
        yield case


def figures(cases: Iterable[Told]) -> Iterator[str]:
    """How many cases showed what, a line for each flow and system, and why some showed nothing."""
    groups: dict[tuple[str, str], list[Told]] = {}
    for case in cases:
        groups.setdefault((case["flow"], case["subject"]), []).append(case)
    for (flow, subject), found in sorted(groups.items()):
        counts = Counter(case["result"] for case in found)
        told = ", ".join(f"{counts[kind]} {word}" for kind, word in _WORDS.items() if counts[kind])
        yield f"{flow}: {counted(len(found), 'case')} on {subject}: {told}"
        yield from _reasons(found)
        unseen = sum(int(case.get("unseen", 0)) for case in found)
        if unseen:
            steps = counted(unseen, "step")
            yield f"  {steps} not seen: the order had gone on by itself before it was read"
        if subject == SIMULATOR:
            yield "  no system of yours was tested: see --orderflow-target and orderflow_subject"


def _reasons(cases: Iterable[Told]) -> Iterator[str]:
    """Why cases showed nothing, what is most frequent first."""
    why = Counter((_WORDS[Result(case["result"])], case["why"]) for case in cases if "why" in case)
    ordered = sorted(why.items(), key=lambda item: (-item[1], item[0]))
    for (word, reason), count in ordered[:_MOST_REASONS]:
        yield f"  {count} {word}: {reason}"
    rest = sum(count for _, count in ordered[_MOST_REASONS:])
    if rest:
        yield f"  {rest} more for other reasons"


def _covered(covered: Covered) -> Iterator[str]:
    for vector in covered.vectors:
        yield f"{vector.view} covered: {_figures(vector)}"
    if covered.lacks:
        yield "not as required:"
        yield from (f"  {line}" for line in covered.lacks)


def _figures(vector: Vector) -> str:
    counted = [each for each in vector.dimensions if each.total or each.name not in FROM_CASES]
    return ", ".join(f"{each.name} {len(each.covered)} of {each.total}" for each in counted)
