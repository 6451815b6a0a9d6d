"""Plays acts on a system under test, and tells where it differs from the flow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orderflow.cli.replayed import ORDER, Played, Replayed, Wrong, broken_by
from orderflow.conformance.subjects.subject import ADVANCE, Answer, Outcome, Subject
from orderflow.conformance.suites.case import Case, Step
from orderflow.conformance.suites.execute import (
    Deviation,
    Kind,
    Result,
    Run,
    Runner,
    Script,
    script_of,
)
from orderflow.conformance.suites.explain import explain
from orderflow.conformance.suites.rehearse import Rehearsed
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings
from orderflow.simulator.machine import Plan, compile_plan

if TYPE_CHECKING:
    from orderflow.conformance.trace_file import TraceFile


def play_on(subject: Subject, trace: TraceFile, flow: Flow, settings: Settings) -> Replayed:
    """Play the acts of *trace* on *subject* and judge each.

    What must be refused and is not is told; the acts behind it are played on another order, which
    is led there without it.

    Raises:
        ScenarioError: An act cannot be played on the flow.
    """
    plan = compile_plan(flow, settings)
    steps = tuple(Step(act, "") for act in trace.acts)
    script = script_of(Case("replay", "", "", steps, trace.start), plan)
    run = Runner(subject, flow).run(script)
    wrong = tuple(_wrong(script, each, plan, settings) for each in run.deviations)
    answers = tuple(map(_played, script.rehearsed, run.answers))
    ends = [step.status for step in answers if step.status]
    return Replayed(
        run.result is Result.PASSED,
        (*_lines(script, run, wrong), *_end(script, run, wrong, trace.rule)),
        answers,
        wrong,
        ((ORDER, ends[-1]),) if ends else (),
        run.why,
    )


def _wrong(script: Script, deviation: Deviation, plan: Plan, settings: Settings) -> Wrong:
    told = explain(script, deviation, plan, settings)
    seen = told.observed, told.expected, told.rule, told.also
    return Wrong("error", deviation.step + 1, *seen)


def _played(each: Rehearsed, answer: Answer | None) -> Played:
    """One act for programs."""
    if answer is None:
        return Played(str(each.step.act), "", None, expected=each.step.then)
    known = answer.outcome is not Outcome.INDETERMINATE
    took = answer.outcome is Outcome.ACCEPTED if known else None
    act, then = str(each.step.act), each.step.then
    return Played(act, answer.status, took, answer.told, then, answer.trigger)


def _lines(script: Script, run: Run, wrong: tuple[Wrong, ...]) -> Iterator[str]:
    """The acts for people, and under each what is wrong with it."""
    moved = {each.step for each in run.deviations if each.kind is not Kind.TRIGGER}
    last = max((number for number, answer in enumerate(run.answers) if answer), default=-1)
    for number, each in enumerate(script.rehearsed):
        yield _line(number, each, run)
        yield from (found.line for found in wrong if found.step == number + 1)
        if number in moved and number < last:
            yield "another order is led here without this step, for what is behind it"


def _line(number: int, each: Rehearsed, run: Run) -> str:
    """One act for people: what was asked, what the system did, where its order stands."""
    answer = run.answers[number]
    waits = each.call.event == ADVANCE
    data = " ".join(f"{name}={value}" for name, value in each.call.data.items())
    what = f"{each.step.act} {data}".rstrip()
    if answer is None:
        return f"{number + 1:>3}  {what}  not played"
    did = "time passed" if waits else str(answer.outcome)
    said = f" ({answer.told})" if answer.told else ""
    ahead = f"; nobody saw {each.step.then}" if number in run.unseen else ""
    where = answer.status or "an unknown status"
    return f"{number + 1:>3}  {what}  {did}{said}, now in {where}{ahead}"


def _end(script: Script, run: Run, wrong: tuple[Wrong, ...], rule: str) -> Iterator[str]:
    """What is to be said behind the acts."""
    reached = bool(run.answers) and run.answers[-1] is not None
    if not reached and wrong:
        yield "the order is not where the flow has it, so what is behind is not played"
    if rule and reached and not run.why and rule not in broken_by(wrong):
        yield f"{rule}, which the file is about, is not broken"
    if run.why:
        yield f"could not be judged: {run.why}"
    if run.result is Result.PASSED:
        yield f"conforms: the order stands in {script.rehearsed[-1].step.then}"
