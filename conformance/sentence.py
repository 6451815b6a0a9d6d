"""A verdict in one sentence: what broke, what nobody could judge, or what was shown to hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orderflow.conformance.figures import SuiteFigures
    from orderflow.conformance.verdict import Verdict


def sentence_of(verdict: Verdict) -> str:
    """The first failure's sentence; else what could not be judged; else what was shown to hold."""
    if verdict.errors or any(failure.fault for failure in verdict.failures):
        return (*verdict.errors, *verdict.failures)[0].sentence
    for suite in verdict.suites:
        if not suite.conforms:
            return _not_passed(suite)
    return _held(verdict)


def _not_passed(suite: SuiteFigures) -> str:
    """Why a suite that found no failure to tell has not passed all the same."""
    if suite.failed:
        return f"{_of(suite.failed, suite)} of {suite.name} {_verb(suite.failed, 'deviate')}."
    if suite.indeterminate:
        count, (case, why) = len(suite.indeterminate), suite.indeterminate[0]
        rest = f"; {suite.passed} passed" if suite.passed else ""
        return f"{_of(count, suite)} of {suite.name} could not be judged ({case}: {why}){rest}."
    if suite.left_out:
        case, why = suite.left_out[0]
        every = "The only case" if suite.cases == 1 else f"All {suite.cases} cases"
        were = "was" if suite.cases == 1 else "were"
        return f"{every} of {suite.name} {were} left out, nothing was tested ({case}: {why})."
    return f"The suite {suite.name} has no case, nothing was tested."


def _of(count: int, suite: SuiteFigures) -> str:
    return f"{count} of {suite.cases} case{'s' * (suite.cases != 1)}"


def _verb(count: int, verb: str) -> str:
    return verb if count != 1 else f"{verb}s"


def _held(verdict: Verdict) -> str:
    names = ", ".join(flow.name for flow in verdict.flows)
    taken = sum(1 for flow in verdict.flows for _, count in flow.transitions if count)
    total = sum(len(flow.transitions) for flow in verdict.flows)
    told = _suites(verdict)
    if verdict.flows or not verdict.deals:
        told.append(f"{taken} of {total} transitions of {names} exercised")
    if verdict.deals:
        told.append(_deals(verdict))
    if verdict.rules or not verdict.suites:
        held = " without a fault" if verdict.faults else ""
        count = len(verdict.rules)
        rules = "1 rule holds" if count == 1 else f"{count} rules and invariants hold"
        told.append(f"{rules}{held}")
    open_ended = [flow.name for flow in verdict.flows if flow.proof and not flow.proof.complete]
    open_ended += [
        deal.name for deal in verdict.deals if not all(proof.complete for proof in deal.proofs)
    ]
    search = f" The exhaustive search of {', '.join(open_ended)} is not finished."
    return "; ".join(told) + "." + (search if open_ended else "")


def _suites(verdict: Verdict) -> list[str]:
    """How many cases passed, and how many the system cannot be asked for."""
    if not verdict.suites:
        return []
    passed = sum(suite.passed for suite in verdict.suites)
    cases = sum(suite.cases for suite in verdict.suites)
    where = f" on {verdict.target}" if verdict.target else ""
    left_out = sum(len(suite.left_out) for suite in verdict.suites)
    rest = f", {left_out} left out" if left_out else ""
    return [f"{passed} of {cases} case{'s' * (cases != 1)} passed{where}{rest}"]


def _deals(verdict: Verdict) -> str:
    searched = [deal for deal in verdict.deals if deal.proofs]
    if not searched:
        count = len(verdict.deals)
        return f"{count} deal{'s' * (count != 1)} simulated"
    visited = sum(proof.configurations for deal in searched for proof in deal.proofs)
    proved = sum(all(proof.complete for proof in deal.proofs) for deal in searched)
    return f"{proved} deal{'s' * (proved != 1)} proved, {visited:,} configurations"
