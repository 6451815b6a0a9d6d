"""A certification as a short Markdown summary, made for ``$GITHUB_STEP_SUMMARY``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orderflow.conformance.integration.verdict import Verdict
from orderflow.reports.integration.sentence import verdict_sentence
from orderflow.reports.markdown import escaped
from orderflow.reports.words import clip, plain

_MOST = 30
_LONGEST = 400
_NO_SCENARIOS: Mapping[str, tuple[str, ...]] = {}


def render_summary(
    verdict: Verdict, scenarios_for: Mapping[str, tuple[str, ...]] = _NO_SCENARIOS
) -> str:
    """The sentence, a row for each broken rule, the scenarios, and what was not observed.

    Args:
        verdict: What came of judging.
        scenarios_for: By rule, the names of scenarios that can show it.
    """
    return "\n".join(_lines(verdict, scenarios_for)) + "\n"


def _lines(verdict: Verdict, scenarios_for: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    word = "✅ PASS" if verdict.passed else "❌ FAIL"
    yield f"## {word}: {_text(verdict_sentence(verdict))}"
    yield ""
    kept = sum(each.outcome == "kept" for each in verdict.judged)
    yield (
        f"Suite {_text(verdict.suite)}: {kept} rules kept, {len(verdict.broken)} broken, "
        f"{len(verdict.unseen)} not observed; {len(verdict.played) - len(verdict.unreached)} of "
        f"{len(verdict.played)} scenarios reached."
    )
    if verdict.broken:
        yield from ("", "| rule | severity | what it did | instead |", "| --- | --- | --- | --- |")
        for judged in verdict.broken[:_MOST]:
            first = judged.breaches[0]
            times = f" ({len(judged.breaches)} times)" if len(judged.breaches) > 1 else ""
            yield (
                f"| {judged.rule.id} {_text(judged.rule.title)} | {judged.severity} "
                f"| {_text(first.told)}{times} | {_text(first.instead)} |"
            )
        if len(verdict.broken) > _MOST:
            yield f"| {len(verdict.broken) - _MOST} more | | | |"
    if verdict.unreached:
        yield from ("", "| scenario | ending | why |", "| --- | --- | --- |")
        for played in verdict.unreached[:_MOST]:
            yield f"| {_text(played.name)} | {played.ending} | {_text(played.why)} |"
    for told in verdict.happenings[:_MOST]:
        yield from ("", _text(told))
    if verdict.unseen:
        names = [_unseen(each.rule.id, scenarios_for) for each in verdict.unseen]
        yield from ("", f"Not observed: {', '.join(names)}.")
    yield from ("", f"Again: `{verdict.command.replace('`', '')}`")


def _unseen(rule_id: str, scenarios_for: Mapping[str, tuple[str, ...]]) -> str:
    names = scenarios_for.get(rule_id, ())
    return f"{rule_id} ({escaped(names[0])})" if names else rule_id


def _text(text: str) -> str:
    return escaped(clip(plain(text), _LONGEST))
