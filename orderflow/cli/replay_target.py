"""Plays acts on a system under test, and tells where it differs from the flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderflow.cli.output import say
from orderflow.conformance.subjects.subject import ADVANCE, Subject
from orderflow.conformance.suites.case import Case, Step
from orderflow.conformance.suites.execute import Deviation, Result, Run, Runner, Script, script_of
from orderflow.conformance.suites.explain import explain
from orderflow.conformance.suites.rehearse import Rehearsed
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings
from orderflow.simulator.machine import Plan, compile_plan

if TYPE_CHECKING:
    from orderflow.conformance.trace_file import TraceFile


def play_on(subject: Subject, trace: TraceFile, flow: Flow, settings: Settings) -> bool:
    """Play the acts of *trace* on *subject* and tell each; return whether all is as it should be.

    Raises:
        ScenarioError: An act cannot be played on the flow.
    """
    plan = compile_plan(flow, settings)
    steps = tuple(Step(act, "") for act in trace.acts)
    script = script_of(Case("replay", "", "", steps, trace.start), plan)
    run = Runner(subject, flow, resume=False).run(script)
    wrong = {each.step: each for each in run.deviations}
    for number, each in enumerate(script.rehearsed):
        say(_line(number, each, run))
        if number in wrong:
            say(_why(script, wrong[number], plan, settings))
    if run.why:
        say(f"could not be judged: {run.why}")
    if run.result is Result.PASSED:
        say(f"conforms: the order stands in {script.rehearsed[-1].step.then}")
    return run.result is Result.PASSED


def _line(number: int, each: Rehearsed, run: Run) -> str:
    """One act: what was asked, what the system did, where its order stands."""
    answer = run.answers[number]
    waits = each.call.event == ADVANCE
    data = " ".join(f"{name}={value}" for name, value in each.call.data.items())
    what = f"{each.step.act} {data}".rstrip()
    if answer is None:
        return f"{number + 1:>3}  {what}  not played"
    did = "time passed" if waits else str(answer.outcome)
    said = f" ({answer.told})" if answer.told else ""
    return f"{number + 1:>3}  {what}  {did}{said}, now in {answer.status or 'an unknown status'}"


def _why(script: Script, deviation: Deviation, plan: Plan, settings: Settings) -> str:
    told = explain(script, deviation, plan, settings)
    also = f"; also {', '.join(told.also)}" if told.also else ""
    return f"error: {told.observed}; {told.expected} ({told.rule}{also})"
