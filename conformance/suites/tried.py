"""Runs a suite on a system and sums up what it showed, as a check of a flow does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from orderflow.conformance.drive import Start
from orderflow.conformance.flow_check import flow_verdict, quiet
from orderflow.conformance.subjects.subject import (
    Abilities,
    Answer,
    Call,
    Outcome,
    Subject,
    abilities_of,
)
from orderflow.conformance.suites.case import Suite
from orderflow.conformance.suites.execute import Result, Run, Runner, Script, scripts_of
from orderflow.conformance.suites.findings import Found, System
from orderflow.conformance.suites.limited import BEYOND, Beyond
from orderflow.conformance.suites.measured import measured
from orderflow.conformance.suites.trial import SILENT_ORDERS, silent
from orderflow.conformance.verdict import Failure, FlowVerdict, Never, SuiteFigures

OUT_OF_REACH = "the system cannot be asked for it"
"""Why a transition was never exercised that the flow has."""

_SILENCE = f"{SILENT_ORDERS} orders in a row got no answer, so nothing more was asked"


@dataclass(frozen=True, slots=True)
class Tried:
    """What a suite showed of a system.

    Attributes:
        verdict: Coverage and figures.
        failures: What is wrong, what takes fewest steps to see first.
        runs: Each case as it was run, in the order of the suite.
    """

    verdict: FlowVerdict
    failures: tuple[Failure, ...]
    runs: tuple[Run, ...]


def try_out(
    system: System,
    suite: Suite,
    subject: Subject,
    *,
    lost: Beyond | None = None,
    progress: Callable[[str], None] = quiet,
) -> Tried:
    """Run *suite* on *subject*.

    Args:
        system: What is tested, and the flow it should follow.
        suite: Cases for that flow.
        subject: The system.
        lost: What of the flow the system cannot be asked for; None when nobody knows.
        progress: Told what is going on.

    A system that gives no answer any more, a few orders in a row, is not asked any further: the
    cases that are left could not be judged.

    Raises:
        ScenarioError: A case cannot be played on the flow.
    """
    plan = system.graph.space.plan
    runner, found = Runner(subject, plan.flow), Found(system)
    scripts = scripts_of(suite, plan)
    runs: list[Run] = []
    silence = 0
    for number, script in enumerate(scripts, 1):
        progress(f"{plan.flow.name}: case {number} of {len(scripts)}, {script.case.id}")
        if silence == SILENT_ORDERS:
            runs.append(_not_run(script))
            continue
        runs.append(runner.run(script))
        found.add(script, runs[-1])
        if runs[-1].result is not Result.LEFT_OUT:
            silence = silence + 1 if silent(runs[-1]) else 0
    if silence == SILENT_ORDERS:
        runner = Runner(_Gone(abilities_of(subject)), plan.flow)
    failures = found.failures(runner, progress=lambda what: progress(f"{plan.flow.name}: {what}"))
    coverage = measured(runs, scripts, system.graph.space)
    verdict = flow_verdict(
        coverage, system.graph.space, system.settings, system.named, left_out=found.left_out
    )
    # Nobody asked the rules: a case that passes goes where the flow goes, which keeps them all.
    never = tuple(_reached(each, lost) for each in verdict.never)
    suited = figures_of(suite, runs)
    verdict = replace(verdict, suite=suited, never=never, rules=(), missing=())
    return Tried(verdict, failures, tuple(runs))


def _reached(never: Never, lost: Beyond | None) -> Never:
    """*never* without a command that could not bring it about either."""
    if lost is None or never.transition not in lost.transitions:
        return never
    return replace(never, reason=OUT_OF_REACH, command="")


class _Gone:
    """A system that does not answer any more, and is not asked."""

    def __init__(self, abilities: Abilities) -> None:
        self.abilities = abilities

    def begin(self, start: Start) -> Answer:
        """Say that there is no new order."""
        del start
        return Answer(Outcome.INDETERMINATE, "", _SILENCE)

    def fire(self, call: Call) -> Answer:
        """Say that there is no answer."""
        del call
        return Answer(Outcome.INDETERMINATE, "", _SILENCE)


def _not_run(script: Script) -> Run:
    """A case that there was no asking for any more."""
    return Run(script.case, Result.INDETERMINATE, why=f"not run: {_SILENCE}", orders=0)


def figures_of(suite: Suite, runs: Sequence[Run]) -> SuiteFigures:
    """What running a suite showed, in figures."""

    def count(result: Result) -> int:
        return sum(run.result is result for run in runs)

    def why(result: Result) -> tuple[tuple[str, str], ...]:
        return tuple((run.case.id, run.why) for run in runs if run.result is result)

    return SuiteFigures(
        name=", ".join(e.cover for e in suite.guarantees if e.cover != BEYOND) or suite.flow,
        cases=len(runs),
        passed=count(Result.PASSED),
        failed=count(Result.FAILED),
        indeterminate=why(Result.INDETERMINATE),
        left_out=why(Result.LEFT_OUT),
        orders=sum(run.orders for run in runs),
        calls=sum(run.calls for run in runs),
        guarantees=tuple((each.cover, each.sentence) for each in suite.guarantees),
        untried=sum(len(run.skipped) for run in runs if run.result is not Result.LEFT_OUT),
        unseen=sum(len(run.unseen) for run in runs),
    )
