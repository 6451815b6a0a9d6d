"""What a pipeline asks of a certification: did it pass, of what, by which definitions."""

from __future__ import annotations

import json

from orderflow.conformance.integration.verdict import Verdict
from orderflow.reports.integration.sentence import verdict_sentence

SCHEMA = "orderflow/certificate/1"
"""What the file is, and the version of its form."""


def render_certificate(verdict: Verdict) -> str:
    """The certificate as JSON, one object over several lines."""
    body = {
        "schema": SCHEMA,
        "suite": verdict.suite,
        "passed": verdict.passed,
        "strict": verdict.strict,
        "sentence": verdict_sentence(verdict),
        "rules": {
            "kept": [each.rule.id for each in verdict.judged if each.outcome == "kept"],
            "broken": [
                {"id": each.rule.id, "severity": each.severity, "times": len(each.breaches)}
                for each in verdict.broken
            ],
            "notObserved": [each.rule.id for each in verdict.unseen],
        },
        "scenarios": {each.name: each.ending for each in verdict.played},
        "seed": verdict.seed,
        "version": verdict.version,
        "digests": dict(verdict.digests),
        "command": verdict.command,
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"
