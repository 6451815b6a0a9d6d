"""Runs a suite on a system and sums up what it showed, as a check of a flow does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from orderflow.conformance.flow_check import flow_verdict, quiet
from orderflow.conformance.subjects.subject import Subject
from orderflow.conformance.suites.case import Suite
from orderflow.conformance.suites.execute import Result, Run, Runner, scripts_of
from orderflow.conformance.suites.findings import Found, System
from orderflow.conformance.suites.measured import measured
from orderflow.conformance.verdict import Failure, FlowVerdict, SuiteFigures


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
    progress: Callable[[str], None] = quiet,
) -> Tried:
    """Run *suite* on *subject*.

    Args:
        system: What is tested, and the flow it should follow.
        suite: Cases for that flow.
        subject: The system.
        progress: Told what is going on.

    Raises:
        ScenarioError: A case cannot be played on the flow.
    """
    plan = system.graph.space.plan
    runner, found = Runner(subject, plan.flow), Found(system)
    scripts = scripts_of(suite, plan)
    runs: list[Run] = []
    for number, script in enumerate(scripts, 1):
        progress(f"{plan.flow.name}: case {number} of {len(scripts)}, {script.case.id}")
        runs.append(runner.run(script))
        found.add(script, runs[-1])
    progress(f"{plan.flow.name}: shortening {len(found.sightings)} failures")
    failures = found.failures(runner)
    coverage = measured(runs, scripts, system.graph.space)
    verdict = flow_verdict(
        coverage, system.graph.space, system.settings, system.named, left_out=found.left_out
    )
    # Nobody asked the rules: a case that passes goes where the flow goes, which keeps them all.
    verdict = replace(verdict, suite=figures_of(suite, runs), rules=(), missing=())
    return Tried(verdict, failures, tuple(runs))


def figures_of(suite: Suite, runs: Sequence[Run]) -> SuiteFigures:
    """What running a suite showed, in figures."""

    def count(result: Result) -> int:
        return sum(run.result is result for run in runs)

    def why(result: Result) -> tuple[tuple[str, str], ...]:
        return tuple((run.case.id, run.why) for run in runs if run.result is result)

    return SuiteFigures(
        name=", ".join(each.cover for each in suite.guarantees) or suite.flow,
        cases=len(runs),
        passed=count(Result.PASSED),
        failed=count(Result.FAILED),
        indeterminate=why(Result.INDETERMINATE),
        left_out=why(Result.LEFT_OUT),
        orders=sum(run.orders for run in runs),
        calls=sum(run.calls for run in runs),
        guarantees=tuple((each.cover, each.sentence) for each in suite.guarantees),
        untried=sum(len(run.skipped) for run in runs if run.result is not Result.LEFT_OUT),
    )
