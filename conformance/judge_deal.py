"""Applies the cross-flow rules to the documents of one sale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orderflow.conformance.judge import GRAVITY
from orderflow.conformance.record import Missing
from orderflow.conformance.rules import DEAL_RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orderflow.conformance.deal_record import DealFinding, DealRecord
    from orderflow.conformance.deal_rule import DealRule
    from orderflow.conformance.rule import Severity

_Place = tuple[str, str, int | None]
"""Rule id, participant, and index of the step; None stands for all of its steps."""


@dataclass(frozen=True, slots=True)
class DealJudgement:
    """What the cross-flow rules say of one sale.

    Attributes:
        findings: Breaches with the rule that each one breaks, in the order of the rules.
        missing: Rules that could not be evaluated, each with what the record lacks.
        evaluated: Ids of the rules that could be, in the order of the rules.
    """

    findings: tuple[tuple[DealRule, DealFinding], ...]
    missing: tuple[tuple[DealRule, str], ...]
    evaluated: tuple[str, ...]

    def of(self, severity: Severity) -> tuple[tuple[DealRule, DealFinding], ...]:
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


def judge_deal(record: DealRecord, rules: tuple[DealRule, ...] = DEAL_RULES) -> DealJudgement:
    """Judge one sale by all rules that have something to judge in it.

    Where a specific rule and a more general one object to the same thing, only the specific
    one is reported (see :func:`without_folded`).
    """
    present = {party.record.family for party in record.parties}
    found: list[tuple[DealRule, DealFinding]] = []
    missing: list[tuple[DealRule, str]] = []
    evaluated: list[str] = []
    for rule in rules:
        if not rule.needs <= present:
            continue
        outcome = rule.check(record)
        if isinstance(outcome, Missing):
            missing.append((rule, outcome.evidence))
            continue
        found += [(rule, finding) for finding in outcome]
        evaluated.append(rule.id)
    return DealJudgement(without_folded(found), tuple(missing), tuple(evaluated))


def without_folded(
    found: Iterable[tuple[DealRule, DealFinding]],
) -> tuple[tuple[DealRule, DealFinding], ...]:
    """Drop the findings that a more specific rule has said better.

    A finding goes when its rule is in ``folds`` of a rule that objects to the same step of the
    same participant, or in ``folds_anywhere`` of one that objects to the same participant.
    A finding never hides one that is graver than itself.
    """
    told = tuple(found)
    hidden: dict[_Place, int] = {}
    for rule, finding in told:
        grave = GRAVITY[rule.severity_of(finding)]
        for place in _hides(rule, finding):
            hidden[place] = max(grave, hidden.get(place, 0))
    return tuple(
        (rule, finding)
        for rule, finding in told
        if GRAVITY[rule.severity_of(finding)]
        > max(hidden.get((rule.id, finding.party, step), 0) for step in (finding.step, None))
    )


def _hides(rule: DealRule, finding: DealFinding) -> Iterator[_Place]:
    for general in rule.folds:
        yield general, finding.party, finding.step
    for general in rule.folds_anywhere:
        yield general, finding.party, None
