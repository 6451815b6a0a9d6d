"""What rules and invariants object to, without leaving out what another one says better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from orderflow.conformance.invariants import stage_breaches
from orderflow.conformance.judge import applicable
from orderflow.conformance.mutation.rule_ways import Trail
from orderflow.conformance.observe import completes, evidence_of, without_stuck
from orderflow.conformance.prove import WAITING
from orderflow.conformance.record import Missing, Record
from orderflow.conformance.rule import Rule
from orderflow.conformance.rules import CATALOGUE, RULES
from orderflow.flows.model import Flow, Transition
from orderflow.flows.settings import LONGEST, Settings

_TIMED = tuple(RULES[each] for each in ("A-32", "A-62", "A-68", "A-84"))
"""Rules that an order breaks when a time limit does not end."""


@dataclass(frozen=True)
class Judge:
    """A flow that says what is right.

    Attributes:
        flow: The flow.
        settings: Time limits.
    """

    flow: Flow
    settings: Settings

    @cached_property
    def _limits(self) -> Mapping[str, object]:
        return without_stuck(self.settings)

    @cached_property
    def _every_limit(self) -> Mapping[str, object]:
        return dict(self.settings.items())

    @cached_property
    def _completes(self) -> bool:
        return completes(self.flow)

    @cached_property
    def patience(self) -> int:
        """Ms after which every limit on waiting is over."""
        names = [name for name in self.settings if name.startswith("stuck_")]
        names.append("marketplace_authorization")
        return min(2 * max(self.settings.milliseconds(name) for name in names), LONGEST)

    def rules(self, trail: Trail) -> tuple[str, ...]:
        """Ids of the rules that object to an order as it stands, information left out."""
        return _objecting(self._record(trail, trail.now, self._limits), CATALOGUE)

    def waiting(self, trail: Trail) -> tuple[str, ...]:
        """Ids of the rules that object when nothing happens to it for long."""
        late = self._record(trail, trail.now + self.patience, self._every_limit)
        return _objecting(late, WAITING)

    def overdue(self, trail: Trail) -> tuple[str, ...]:
        """Ids of the rules that object when no time limit ends its stay."""
        late = self._record(trail, trail.now + self.patience, self._limits)
        return _objecting(late, _TIMED)

    def invariants(self, before: Trail, after: Trail, step: Transition) -> tuple[str, ...]:
        """Ids of the invariants that object to a step."""
        if after.view is None:
            return ()
        earlier = before.view or after.view
        found = stage_breaches(earlier, after.view, step, self.flow, after.order, at=after.now)
        return tuple(dict.fromkeys(breach.invariant for breach in found))

    def _record(self, trail: Trail, now: int, limits: Mapping[str, object]) -> Record:
        return Record(
            order_id=trail.order.order_id,
            family=self.flow.family,
            steps=trail.steps,
            evidence=evidence_of(trail.order, completes=self._completes),
            flow=self.flow,
            settings=limits,  # type: ignore[arg-type]  # rules read numbers and switches
            over=trail.order.status in self.flow.final,
            now=now,
        )


def _objecting(record: Record, rules: tuple[Rule, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for check, rule, id_ in applicable(rules, record.family):
        outcome = check(record)
        if not outcome or isinstance(outcome, Missing):
            continue
        if any(rule.severity_of(finding) != "info" for finding in outcome):
            found.append(id_)
    return tuple(found)
