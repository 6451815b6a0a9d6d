"""The whole verdict on an integration as JSON, for other programs."""

from __future__ import annotations

import json
from dataclasses import asdict

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.rule import Sighting
from orderflow.conformance.integration.seen import Seen
from orderflow.conformance.integration.verdict import Judged, Verdict
from orderflow.reports.integration.evidence import evidence
from orderflow.reports.integration.sentence import verdict_sentence

SCHEMA = "orderflow/certification/1"
"""What the file is, and the version of its form."""

_MOST_BREACHES = 20
"""Breaches of one rule that the file tells; the rest is counted."""


def render_results(verdict: Verdict) -> str:
    """The verdict with the evidence of each breach; of a rule no more than twenty are told."""
    seen = Seen(verdict.lines)
    body = {
        "schema": SCHEMA,
        "suite": verdict.suite,
        "title": verdict.title,
        "passed": verdict.passed,
        "strict": verdict.strict,
        "sentence": verdict_sentence(verdict),
        "rules": [_judged(seen, each) for each in verdict.judged],
        "scenarios": [asdict(each) for each in verdict.played],
        "mistakes": [asdict(each) for each in verdict.mistakes],
        "happenings": list(verdict.happenings),
        "lines": len(verdict.lines),
        "seed": verdict.seed,
        "version": verdict.version,
        "digests": dict(verdict.digests),
        "command": verdict.command,
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def _judged(seen: Seen, judged: Judged) -> dict[str, object]:
    rule = judged.rule
    return {
        "id": rule.id,
        "title": rule.title,
        "statement": rule.statement,
        "source": list(rule.source),
        "severity": rule.severity,
        "outcome": judged.outcome,
        "kept": judged.kept,
        "broken": len(judged.breaches),
        "breaches": [_breach(seen, judged, each) for each in judged.breaches[:_MOST_BREACHES]],
    }


def _breach(seen: Seen, judged: Judged, breach: Sighting) -> dict[str, object]:
    return {
        "severity": judged.rule.severity_of(breach),
        "order": breach.order_id,
        "scenario": breach.scenario,
        "told": breach.told,
        "instead": breach.instead,
        "line": breach.lines[-1] if breach.lines else None,
        "evidence": [_line(each.line) for each in evidence(seen, breach)],
    }


def _line(line: Line) -> dict[str, object]:
    """A line without what says nothing."""
    return {name: value for name, value in asdict(line).items() if value not in ("", (), {}, None)}
