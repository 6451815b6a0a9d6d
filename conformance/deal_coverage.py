"""What the simulated sales of a deal have exercised so far, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from orderflow.conformance.invariants import INVARIANTS
from orderflow.conformance.rules import DEAL_RULES, RULES

if TYPE_CHECKING:
    from orderflow.conformance.deal_rule import DealRule
    from orderflow.conformance.rule import Rule
    from orderflow.simulator.message import DealEvent

_ORDER = tuple(sorted((*RULES, *(rule.id for rule in DEAL_RULES))))


class DealCoverage:
    """Counters of one deal's run.

    Attributes:
        transitions: Times each (participant, transition) was taken.
        links: Times the news of each link was delivered.
        deals: Sales begun.
        steps: Steps taken or refused.
        refused: Those that were refused.
        rules: Ids of the rules that were evaluated on some sale.
        missing: What evidence a rule lacked, by its id, where it could not be evaluated.
    """

    def __init__(self) -> None:
        self.transitions: Counter[tuple[str, str]] = Counter()
        self.links: Counter[str] = Counter()
        self.deals = self.steps = self.refused = 0
        self.rules: set[str] = set()
        self.missing: dict[str, str] = {}

    def step(self, happened: DealEvent, *, first: bool) -> None:
        """Count a step; it is the *first* of its sale or not."""
        self.steps += 1
        self.deals += first
        self.transitions[happened.participant, happened.event.transition] += 1

    def judged(
        self, evaluated: Iterable[str], missing: Iterable[tuple[Rule | DealRule, str]]
    ) -> None:
        """Note which rules were evaluated, and what the others lacked."""
        self.rules.update(evaluated)
        for rule, evidence in missing:
            self.missing.setdefault(rule.id, evidence)

    @property
    def delivered(self) -> int:
        """Messages delivered."""
        return self.links.total()

    def evaluated(self) -> tuple[str, ...]:
        """Ids of the rules and invariants that were put to the test, in catalogue order."""
        met = {
            "invariant": bool(self.transitions),
            "agreement": bool(self.transitions),
            "refusal": bool(self.refused),
        }
        invariants = (known.id for known in INVARIANTS.values() if met[known.kind])
        return (*(name for name in _ORDER if name in self.rules), *invariants)

    def unjudged(self) -> tuple[tuple[str, str], ...]:
        """Rules never evaluated and the evidence they lack, in catalogue order."""
        return tuple(
            (name, self.missing[name])
            for name in _ORDER
            if name in self.missing and name not in self.rules
        )
