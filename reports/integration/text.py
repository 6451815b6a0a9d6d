"""A certification for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from orderflow.conformance.integration.rule import IntegrationRule, Sighting
from orderflow.conformance.integration.verdict import Judged, Verdict
from orderflow.reports.integration.sentence import verdict_sentence
from orderflow.reports.words import plain

_WIDTH = 96
_MOST_TOLD = 3
_NO_SCENARIOS: Mapping[str, tuple[str, ...]] = {}


def text_lines(
    verdict: Verdict, scenarios_for: Mapping[str, tuple[str, ...]] = _NO_SCENARIOS
) -> tuple[str, ...]:
    """The verdict in lines of at most 96 characters, commands excepted; the sentence last.

    Args:
        verdict: What came of judging.
        scenarios_for: By rule, the names of scenarios that can show it.
    """
    return tuple(_lines(verdict, scenarios_for))


def _lines(verdict: Verdict, scenarios_for: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for judged in verdict.broken:
        yield from _rule(verdict, judged)
        yield ""
    for played in verdict.unreached:
        why = f": {plain(played.why)}" if played.why else ""
        yield from _wrapped(f"scenario {played.name}: {played.ending}{why}")
    if verdict.unreached:
        yield ""
    for mistake in verdict.mistakes:
        yield from _wrapped(f"{mistake.code}: {plain(mistake.message)} (line {mistake.lines[0]})")
    for happening in verdict.happenings:
        yield from _wrapped(plain(happening))
    if verdict.mistakes or verdict.happenings:
        yield ""
    yield from _unseen(verdict, scenarios_for)
    word = "PASS" if verdict.passed else "FAIL"
    yield from _wrapped(f"{word}: {verdict_sentence(verdict)}")


def _rule(verdict: Verdict, judged: Judged) -> Iterator[str]:
    rule = judged.rule
    word = "✕" if judged in verdict.errors else "!"
    yield f"{word} {rule.id} {rule.title} ({judged.severity})"
    for breach in judged.breaches[:_MOST_TOLD]:
        yield from breach_lines(rule, breach)
    more = len(judged.breaches) - _MOST_TOLD
    if more > 0:
        yield f"  and {more} more time{'s' * (more != 1)}"


def breach_lines(rule: IntegrationRule, breach: Sighting) -> tuple[str, ...]:
    """What one breach was, and what would have been right."""
    where = [f"order {plain(breach.order_id)}"] if breach.order_id else []
    where += [f"scenario {breach.scenario}"] if breach.scenario else []
    where += [f"line {breach.lines[-1]}"] if breach.lines else []
    return (
        *_wrapped(f"it {plain(breach.told)} [{', '.join(where)}]", "  "),
        *_wrapped(f"instead: {plain(breach.instead)}", "    "),
        *_wrapped(f"why: {plain(rule.explanation)}", "    "),
    )


def _unseen(verdict: Verdict, scenarios_for: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    if not verdict.unseen:
        return
    ran = {each.name for each in verdict.played}
    yield f"not observed: {len(verdict.unseen)} of {len(verdict.judged)} rules"
    for judged in verdict.unseen:
        rule = judged.rule
        names = [name for name in scenarios_for.get(rule.id, ()) if name not in ran]
        hint = f"; --scenario {names[0]} may show it" if names else ""
        yield from _wrapped(f"{rule.id} {rule.title}{hint}", "  ")
    yield ""


def _wrapped(text: str, indent: str = "") -> list[str]:
    hang = indent + "  "
    return textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=hang, break_long_words=False
    )
