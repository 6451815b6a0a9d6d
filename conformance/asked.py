"""Whether a run asked at least what showed a failure in an earlier run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from orderflow.conformance.figures import ProofFigures, SuiteFigures
from orderflow.conformance.verdict import CellOutcome, DealVerdict, Failure, FlowVerdict, Verdict

Found = TypeVar("Found", FlowVerdict, DealVerdict)

_BUDGET = ("examples", "moves", "exhaustive search")
"""What stands among the settings of a run and says how much of it there was."""

_ASKED = frozenset({CellOutcome.EXERCISED, CellOutcome.REFUSED, CellOutcome.DIVERGES})


class Asked:
    """Two runs side by side: what of the earlier one does the later one ask again?"""

    def __init__(self, verdict: Verdict, earlier: Verdict) -> None:
        """Compare a run with an *earlier* one."""
        self.now, self.before = verdict, earlier
        self._flows = {flow.name: flow for flow in verdict.flows}
        self._deals = {deal.name: deal for deal in verdict.deals}
        self._old_flows = {flow.name: flow for flow in earlier.flows}
        self._old_deals = {deal.name: deal for deal in earlier.deals}
        own = (failure for failure in verdict.failures if not failure.fault)
        self._mild = {_owner(failure) for failure in own if failure.severity != "error"}
        self._differs = self._differs_in()

    @property
    def notes(self) -> tuple[str, ...]:
        """What makes the runs hard to compare, in sentences."""
        return tuple(self._noted())

    def _noted(self) -> Iterator[str]:
        now, before = self.now, self.before
        if now.target != before.target:
            yield f"The earlier run tested {_what(before)}, this one {_what(now)}."
        if now.version != before.version:
            yield f"The earlier run was one of orderflow {before.version}, this is {now.version}."
        yield from (note for flow in now.flows for note in _on(flow, self._old_flows))
        yield from (note for deal in now.deals for note in _on(deal, self._old_deals))

    def _differs_in(self) -> str:
        """In what the two runs as a whole differ so that the later one may have asked less."""
        now, before = self.now, self.before
        if bool(now.target) != bool(before.target):
            return f"the earlier run tested {_what(before)}, this one {_what(now)}"
        if _limits(now) != _limits(before):
            return "other settings"
        return ""

    def doubt(self, failure: Failure) -> str:
        """Why this run need not have met a *failure* of the earlier one; empty if it must have."""
        if failure.tried and failure.again < failure.tried:
            return f"it came in {failure.again} of {failure.tried} tries then"
        if self._differs:
            return self._differs
        if failure.deal:
            return self._of_deal(failure)
        return self._of_flow(failure)

    def _of_flow(self, failure: Failure) -> str:
        now, old = self._flows.get(failure.flow), self._old_flows.get(failure.flow)
        if now is None or old is None:
            return f"{failure.flow} was not checked"
        if (now.profile, sorted(now.modules)) != (old.profile, sorted(old.modules)):
            return f"{failure.flow} was viewed otherwise"
        if failure.fault:
            return self._fault_asked(failure)
        suite = _less_of_suite(now.suite, old.suite)
        if suite:
            return suite
        if now.suite is not None and now.digest != old.digest:
            return f"the text of {failure.flow}, by which it was judged, has changed"
        searched = _less_searched(_searches(now), _searches(old))
        return searched or self._of_both(failure, now, old) or _not_reached(failure, now)

    def _of_deal(self, failure: Failure) -> str:
        now, old = self._deals.get(failure.deal), self._old_deals.get(failure.deal)
        if now is None or old is None:
            return f"{failure.deal} was not checked"
        if now.profile != old.profile:
            return f"{failure.deal} was viewed otherwise"
        if failure.fault:
            return self._fault_asked(failure)
        if not self._searched(old) <= self._searched(now):
            return "its configurations were not all searched"
        return self._of_both(failure, now, old)

    def _searched(self, found: DealVerdict) -> set[str]:
        """What was wrong with messages, empty for nothing, in each search that was finished."""
        own = (proof for proof in found.proofs if proof.fault not in self.before.faults)
        return {proof.fault for proof in own if proof.complete}

    def _fault_asked(self, failure: Failure) -> str:
        asked = failure.fault in self.now.faults
        return "" if asked else f"the fault {failure.fault} was not switched on"

    def _of_both(
        self, failure: Failure, now: FlowVerdict | DealVerdict, old: FlowVerdict | DealVerdict
    ) -> str:
        """What holds of flows and deals alike: chance, rules, and what was counted only."""
        less = self._less_of_chance()
        if less:
            return less
        if failure.rule in dict(now.missing):
            return f"{failure.rule} could not be judged"
        if failure.rule in old.rules and failure.rule not in now.rules:
            return f"{failure.rule} was not asked"
        if now.left_out and (failure.severity != "error" or _owner(failure) not in self._mild):
            return f"{now.left_out} more of {now.name} were counted only: it may be among them"
        return ""

    def _less_of_chance(self) -> str:
        now, before = _budget(self.now), _budget(self.before)
        chance = before[0] or self.before.suites
        if chance and self.now.seed != self.before.seed:
            return f"other random runs: seed {self.now.seed} now, {self.before.seed} then"
        if any(mine < other for mine, other in zip(now, before, strict=True)):
            return "a smaller budget"
        return ""


def _on(found: Found, earlier: Mapping[str, Found]) -> Iterator[str]:
    """What there is to note on one flow or deal."""
    old = earlier.get(found.name)
    if old is None:
        yield f"The earlier run did not ask about {found.name}."
        return
    if old.digest != found.digest:
        yield f"The text of {found.name} has changed since."
    if old.left_out:
        yield (
            f"The earlier run only counted {old.left_out} more of {found.name}: what is new there "
            "may be among them."
        )


def _owner(failure: Failure) -> tuple[str, str]:
    return failure.deal, "" if failure.deal else failure.flow


def _what(verdict: Verdict) -> str:
    return verdict.target or "the simulator"


def _limits(verdict: Verdict) -> dict[str, str]:
    return {name: value for name, value in verdict.settings if name not in _BUDGET}


def _budget(verdict: Verdict) -> tuple[int, int, bool]:
    given = dict(verdict.settings)
    examples, moves = (_count(given.get(name, "")) for name in _BUDGET[:2])
    return examples, moves, given.get(_BUDGET[2]) == "on"


def _count(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _less_of_suite(now: SuiteFigures | None, old: SuiteFigures | None) -> str:
    """What of a suite that was run then was not run, or could not be judged, now."""
    if old is None:
        return ""
    if now is None or now.name != old.name or now.cases < old.cases:
        return "other cases were run"
    if now.indeterminate:
        return "cases could not be judged"
    less = len(now.left_out) > len(old.left_out) or now.untried > old.untried
    return "more was left out" if less else ""


def _searches(found: FlowVerdict) -> tuple[ProofFigures, ...]:
    """The exhaustive searches of a flow: in its own view, and in the profiles that differ."""
    own = () if found.proof is None else (found.proof,)
    return own + tuple(figures for _, figures in found.elsewhere)


def _less_searched(now: tuple[ProofFigures, ...], old: tuple[ProofFigures, ...]) -> str:
    # A profile that is missing now sees what another one sees, which was searched.
    if old and not now:
        return "no exhaustive search"
    if all(each.complete for each in old) and not all(each.complete for each in now):
        return "the exhaustive search is not finished"
    return ""


def _not_reached(failure: Failure, now: FlowVerdict) -> str:
    """Why the place of a failure was not reached: its transition, or its status and event."""
    if failure.transition:
        taken = dict(now.transitions).get(failure.transition)
        return f"{failure.transition} was not taken" if taken == 0 else ""
    if not failure.trace:
        return ""
    last = failure.trace[-1]
    cells = {(state, event): outcome for state, event, outcome in now.cells}
    outcome = cells.get((last.source, last.event))
    if outcome is None or outcome in _ASKED:
        return ""
    return f"{last.event} was not tried in {last.source}"
