"""A certification as JUnit XML: a case for each rule, and one for each scenario."""

from __future__ import annotations

from collections.abc import Iterator

from orderflow.conformance.integration.verdict import Judged, Played, Verdict
from orderflow.reports.cases import Case, CaseGroup, Outcome
from orderflow.reports.integration.sentence import verdict_sentence
from orderflow.reports.integration.text import breach_lines
from orderflow.reports.junit import render_groups

_TOLD = {
    "missed": "the integration did not reach what it should",
    "out-of-time": "the time ran out first",
    "not-run": "it was not run",
}


def render_junit(verdict: Verdict) -> str:
    """The document; a rule that was not observed counts as skipped, a warning as a remark."""
    return render_groups((_rules(verdict), _scenarios(verdict)))


def _rules(verdict: Verdict) -> CaseGroup:
    facts = (
        ("suite", verdict.suite),
        ("verdict", verdict_sentence(verdict)),
        ("seed", "" if verdict.seed is None else str(verdict.seed)),
        ("orderflow", verdict.version),
        *((f"digest.{name}", digest) for name, digest in verdict.digests),
    )
    failing = {each.rule.id for each in verdict.errors}
    cases = tuple(_case(each, failed=each.rule.id in failing) for each in verdict.judged)
    return CaseGroup(f"certify {verdict.suite}", facts, cases)


def _case(judged: Judged, *, failed: bool) -> Case:
    rule = judged.rule
    group, name = "orderflow.certify", f"{rule.id} {rule.title}"
    if judged.outcome == "not-observed":
        told = "not observed: no occasion in this run showed it"
        return Case(group, name, Outcome.SKIPPED, message=told)
    story = "\n".join(line for each in judged.breaches for line in breach_lines(rule, each))
    if failed:
        first = judged.breaches[0]
        return Case(group, name, Outcome.FAILED, rule.id, first.told, story)
    return Case(group, name, remarks=story)


def _scenarios(verdict: Verdict) -> CaseGroup:
    return CaseGroup("scenarios", (), tuple(_played(verdict)))


def _played(verdict: Verdict) -> Iterator[Case]:
    for each in verdict.played:
        yield _scenario(each)


def _scenario(played: Played) -> Case:
    group, name = "orderflow.scenarios", f"{played.name}: {played.title}"
    if played.ending == "reached":
        return Case(group, name)
    told = f"{_TOLD[played.ending]}{f': {played.why}' if played.why else ''}"
    if played.ending == "not-run":
        return Case(group, name, Outcome.SKIPPED, message=told)
    return Case(group, name, Outcome.FAILED, played.ending, told)
