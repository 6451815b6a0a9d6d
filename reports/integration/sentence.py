"""The verdict on an integration in one sentence, as a person would say it."""

from __future__ import annotations

from orderflow.conformance.integration.rule import Sighting
from orderflow.conformance.integration.verdict import Judged, Verdict
from orderflow.reports.words import plain

_MOST_TOGETHER = 4


def verdict_sentence(verdict: Verdict) -> str:
    """What matters most of a verdict.

    The worst breach with the rules it breaks, else what was not reached, else how much was kept.
    """
    if verdict.errors:
        return _breach(verdict, verdict.errors[0])
    seen = sum(each.outcome != "not-observed" for each in verdict.judged)
    if not seen:
        return f"Nothing was seen of your integration that a rule of {verdict.suite} speaks of."
    if verdict.unreached:
        first = verdict.unreached[0]
        why = f": {plain(first.why)}" if first.why else ""
        return (
            f"Your integration breaks no rule that was seen, and falls short in "
            f"{len(verdict.unreached)} of {_many(len(verdict.played), 'scenario')}, "
            f"first in {first.name}{why}."
        )
    kept = f"Your integration keeps all {seen} rules of {verdict.suite} that were seen"
    warned = len(verdict.broken)
    if warned:
        kept = (
            f"Your integration keeps {seen - warned} of the {seen} rules of {verdict.suite} that "
            f"were seen, with {_many(warned, 'warning')}"
        )
    unseen = len(verdict.unseen)
    return f"{kept}; {unseen} {'was' if unseen == 1 else 'were'} not observed."


def _breach(verdict: Verdict, worst: Judged) -> str:
    breach = worst.breaches[0]
    ids = sorted((worst.rule.id, *together(verdict, worst, breach)))
    titles = {each.name: each.title for each in verdict.played}
    title = plain(titles.get(breach.scenario, ""))
    when = f"; seen when {title[0].lower()}{title[1:]}" if title else ""
    more = sum(each.rule.id not in ids for each in verdict.errors)
    rest = f" It breaks {_many(more, 'more rule')}." if more else ""
    return f"Your integration {plain(breach.told)} ({', '.join(ids)}){when}.{rest}"


def together(verdict: Verdict, worst: Judged, breach: Sighting) -> tuple[str, ...]:
    """Ids of other rules that the same deed breaks: those with the same decisive line."""
    deed = breach.lines[-1:]
    found = [
        each.rule.id
        for each in verdict.broken
        if each is not worst and any(other.lines[-1:] == deed for other in each.breaches)
    ]
    return tuple(found[:_MOST_TOGETHER])


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"
