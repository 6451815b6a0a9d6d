"""From a trace to what it says of each rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.rule import IntegrationRule
from orderflow.conformance.integration.seen import Seen
from orderflow.conformance.integration.verdict import Judged, Mistake


def judge(rules: Iterable[IntegrationRule], lines: Iterable[Line]) -> tuple[Judged, ...]:
    """What *lines* say of each of *rules*, in the order of the rules."""
    seen = Seen(tuple(in_time(lines)))
    return tuple(_judged(rule, seen) for rule in rules)


def in_time(lines: Iterable[Line]) -> Iterator[Line]:
    """Lines but for those that come when their scenario is over.

    An integration may go on with an order that is not there any more; nothing is to be learned of
    that.
    """
    over: set[str] = set()
    for line in lines:
        if line.scenario and line.scenario in over:
            continue
        yield line
        if line.kind == "end":
            over.add(line.scenario)


def _judged(rule: IntegrationRule, seen: Seen) -> Judged:
    sightings = tuple(rule.check(seen))
    breaches = tuple(each for each in sightings if not each.kept)
    good = len(sightings) - len(breaches)
    if breaches:
        return Judged(rule, "broken", breaches, good)
    return Judged(rule, "kept" if good else "not-observed", (), good)


def mistakes(lines: Iterable[Line]) -> tuple[Mistake, ...]:
    """Mistakes of real clients that the sandbox saw in the calls, by their number."""
    found: dict[str, tuple[str, list[int]]] = {}
    for line in lines:
        for row in line.rows("mistakes"):
            code = row.text("code")
            if code:
                found.setdefault(code, (row.text("message"), []))[1].append(line.number)
    return tuple(
        Mistake(code, message, tuple(numbers)) for code, (message, numbers) in sorted(found.items())
    )
