"""What a run has exercised so far, counted."""

from __future__ import annotations

from collections import Counter

from orderflow.conformance.invariants import INVARIANTS
from orderflow.conformance.judge import Judgement
from orderflow.conformance.rules import RULES
from orderflow.conformance.verdict import CellOutcome
from orderflow.flows.model import ABSENT, Flow


class Coverage:
    """Counters of one flow's run.

    Attributes:
        transitions: Times each transition was taken, by id.
        states: Times each status was entered.
        pairs: Times one transition followed another, by both ids.
        refused: Times each (status, event) was refused as it must be.
        wrong: (status, event) cells in which a failure lies.
        guards: Times each (transition, predicate) was [false, true].
        triggers: Times each timeline trigger was shown.
        actors: Times each actor acted.
        tags: Whether every case with a tag passed, by tag; only cases bring tags along.
        scenarios: (steps passed, steps) of each pinned scenario, by its name.
        rules: Ids of the rules that were evaluated on some order.
        missing: What evidence a rule lacked, by its id, where it could not be evaluated.
        orders: Orders placed.
        steps: Events taken or refused; time that passes counts only by the timers it fires.
    """

    def __init__(self) -> None:
        self.transitions: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self.pairs: Counter[tuple[str, str]] = Counter()
        self.refused: Counter[tuple[str, str]] = Counter()
        self.wrong: set[tuple[str, str]] = set()
        self.guards: dict[tuple[str, str], list[int]] = {}
        self.triggers: Counter[str] = Counter()
        self.actors: Counter[str] = Counter()
        self.tags: dict[str, bool] = {}
        self.scenarios: dict[str, tuple[int, int]] = {}
        self.rules: set[str] = set()
        self.missing: dict[str, str] = {}
        self.orders = 0
        self.steps = 0

    def guard(self, transition: str, predicate: str, holds: bool) -> None:
        """Count one evaluation of a guard."""
        self.guards.setdefault((transition, predicate), [0, 0])[holds] += 1

    def judged(self, judgement: Judgement) -> None:
        """Note which rules were evaluated, and what the others lacked."""
        self.rules.update(judgement.evaluated)
        for rule, evidence in judgement.missing:
            self.missing.setdefault(rule.id, evidence)

    def unjudged(self) -> tuple[tuple[str, str], ...]:
        """Rules never evaluated and the evidence they lack, in catalogue order."""
        return tuple(
            (name, self.missing[name])
            for name in RULES
            if name in self.missing and name not in self.rules
        )

    def evaluated(self) -> tuple[str, ...]:
        """Ids of the rules and invariants that were put to the test, in catalogue order."""
        met = {
            "invariant": bool(self.triggers),
            "agreement": bool(self.transitions),
            "refusal": bool(self.refused),
        }
        invariants = (known.id for known in INVARIANTS.values() if met[known.kind])
        return (*(name for name in RULES if name in self.rules), *invariants)

    def cells(self, flow: Flow) -> tuple[tuple[str, str, CellOutcome], ...]:
        """The outcome of every (status, event), in the order of the flow."""
        taken = {(s.source, s.event) for s in flow.transitions if self.transitions[s.id]}
        statuses = (ABSENT, *(state.name for state in flow.states))
        return tuple(
            (status, event, self._cell(flow, (status, event), taken))
            for status in statuses
            for event in flow.events
        )

    def _cell(self, flow: Flow, cell: tuple[str, str], taken: set[tuple[str, str]]) -> CellOutcome:
        if cell in self.wrong:
            return CellOutcome.DIVERGES
        if cell in flow.leaving:
            return CellOutcome.EXERCISED if cell in taken else CellOutcome.NOT_EXERCISED
        return CellOutcome.REFUSED if self.refused[cell] else CellOutcome.UNTRIED
