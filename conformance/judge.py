"""Applies the rules to the history of one order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from orderflow.conformance.record import Missing
from orderflow.conformance.rule import ALL, Rule
from orderflow.conformance.rules import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Callable

    from orderflow.conformance.record import Finding, Outcome, Record
    from orderflow.conformance.rule import Severity

GRAVITY: dict[Severity, int] = {"info": 1, "warning": 2, "error": 3}
"""How grave a finding is: one never hides another that is graver."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of one order.

    Attributes:
        findings: Breaches with the rule that each one breaks, in the order of the rules.
        missing: Rules that could not be evaluated, each with what the record lacks.
        evaluated: Ids of the rules that could be, in the order of the rules.
    """

    findings: tuple[tuple[Rule, Finding], ...]
    missing: tuple[tuple[Rule, str], ...]
    evaluated: tuple[str, ...]

    def of(self, severity: Severity) -> tuple[tuple[Rule, Finding], ...]:
        """Return the findings of one severity; mild findings count as what they are milder to."""
        return tuple(
            (rule, finding)
            for rule, finding in self.findings
            if rule.severity_of(finding) == severity
        )

    @property
    def broken(self) -> tuple[str, ...]:
        """Ids of the rules that were broken, each once."""
        return tuple(dict.fromkeys(rule.id for rule, _ in self.findings))

    @property
    def conforms(self) -> bool:
        """Whether nothing that counts as an error was found."""
        return not self.of("error")


def judge(record: Record, rules: tuple[Rule, ...] = CATALOGUE) -> Judgement:
    """Judge one order by all rules that speak about its family of flows.

    Where a specific rule and a more general one object to the same thing, only the specific
    one is reported (see :func:`without_folded`).

    Raises:
        ValueError: The record's family is none of the four and not empty.
    """
    found: list[tuple[Rule, Finding]] = []
    missing: list[tuple[Rule, str]] = []
    evaluated: list[str] = []
    for check, rule, id_ in applicable(rules, record.family):
        outcome = check(record)
        if outcome:
            if isinstance(outcome, Missing):
                missing.append((rule, outcome.evidence))
                continue
            found += [(rule, finding) for finding in outcome]
        evaluated.append(id_)
    kept = without_folded(found) if len(found) > 1 else tuple(found)
    return Judgement(kept, tuple(missing), tuple(evaluated))


@lru_cache(maxsize=64)
def applicable(
    rules: tuple[Rule, ...], family: str
) -> tuple[tuple[Callable[[Record], Outcome], Rule, str], ...]:
    """Return (check, rule, id) of the rules that speak about a family.

    A flow of its own kind, whose family is empty, is judged by the rules for all families.

    Raises:
        ValueError: The family is none of the four and not empty.
    """
    if family and family not in ALL:
        raise ValueError(f"unknown family {family!r}; known: {', '.join(sorted(ALL))}")
    wanted = {family} if family else ALL
    return tuple((rule.check, rule, rule.id) for rule in rules if wanted <= rule.families)


def without_folded(found: list[tuple[Rule, Finding]]) -> tuple[tuple[Rule, Finding], ...]:
    """Drop the findings that a more specific rule has said better.

    First every finding goes whose rule is in ``folds`` of a rule that objects to the same
    step. Of what is left, every finding goes whose rule is in ``folds_anywhere`` of another.
    A finding never hides one that is graver than itself.
    """
    told: dict[tuple[str, int], int] = {}
    for rule, finding in found:
        grave = GRAVITY[rule.severity_of(finding)]
        for general in rule.folds:
            told[general, finding.step] = max(grave, told.get((general, finding.step), 0))
    left = [
        (rule, finding)
        for rule, finding in found
        if GRAVITY[rule.severity_of(finding)] > told.get((rule.id, finding.step), 0)
    ]
    causes: dict[str, int] = {}
    for rule, finding in left:
        grave = GRAVITY[rule.severity_of(finding)]
        for general in rule.folds_anywhere:
            causes[general] = max(grave, causes.get(general, 0))
    return tuple(
        (rule, finding)
        for rule, finding in left
        if GRAVITY[rule.severity_of(finding)] > causes.get(rule.id, 0)
    )
