"""The verdict in the Common Test Report Format, one JSON document for dashboards and CI actions."""

from __future__ import annotations

import json
from typing import Any

from orderflow.conformance.baseline import Changes, key_of
from orderflow.conformance.verdict import Failure, Verdict
from orderflow.reports.cases import Case, CaseGroup, Outcome, case_groups, visible

SPEC_VERSION = "0.1.0"
"""Version of the format. Source: github.com/ctrf-io/ctrf, schema/ctrf.schema.json"""

_STATUS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.ERROR: "other",
    Outcome.SKIPPED: "skipped",
}


def render_ctrf(verdict: Verdict, changes: Changes | None = None) -> str:
    """Return the document; the same cases as in JUnit.

    The format asks for times; a verdict knows none, so that the same seed gives the same bytes:
    all of them are 0. A case that could not be judged has the status ``other``.
    """
    groups = case_groups(verdict, changes)
    since = changes.words if changes else {}
    document = {
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        "generatedBy": "orderflow",
        "results": {
            "tool": {"name": "orderflow", "version": visible(verdict.version)},
            "summary": _summary(groups),
            "tests": [
                _case(group, case, [since.get(key_of(each), "") for each in case.failures])
                for group in groups
                for case in group.cases
            ],
            "extra": _extra(verdict, changes),
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _summary(groups: tuple[CaseGroup, ...]) -> dict[str, int]:
    """How many cases ended in which way; nothing is ever pending."""
    counts = {
        status: sum(group.count(outcome) for group in groups) for outcome, status in _STATUS.items()
    }
    every = sum(len(group.cases) for group in groups)
    return {"tests": every, "pending": 0, **counts, "start": 0, "stop": 0}


def _extra(verdict: Verdict, changes: Changes | None) -> dict[str, Any]:
    """What the format has no field for."""
    extra: dict[str, Any] = {
        "verdict": "passed" if verdict.passed else "failed",
        "sentence": visible(verdict.sentence),
        "command": visible(verdict.command),
        "seed": verdict.seed,
    }
    if verdict.target:
        extra["target"] = visible(verdict.target)
    if changes is not None:
        extra["baseline"] = changes.sentence
    return extra


def _case(group: CaseGroup, case: Case, since: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": visible(case.name) or "(no name)",
        "status": _STATUS[case.outcome],
        "duration": 0,
        "suite": [visible(group.name)],
    }
    if case.message:
        told["message"] = visible(case.message)
    if case.text or case.remarks:
        told["trace"] = visible(case.text or case.remarks)
    if case.failures:
        told["tags"] = [visible(rule) for rule in dict.fromkeys(f.rule for f in case.failures)]
        pairs = zip(case.failures, since, strict=True)
        told["extra"] = {"failures": [_failure(failure, word) for failure, word in pairs]}
    return told


def _failure(failure: Failure, since: str) -> dict[str, Any]:
    told: dict[str, Any] = {"identity": visible(failure.identity)}
    if since:
        told["baseline"] = since
    if failure.tried:
        told |= {"tried": failure.tried, "again": failure.again}
    return told | {"replay": visible(failure.replay)}
