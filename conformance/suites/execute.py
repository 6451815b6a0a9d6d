"""Runs cases on a subject and says where it deviates from the flow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from orderflow.conformance.subjects.subject import (
    ADVANCE,
    LOOK,
    Answer,
    Call,
    Outcome,
    Subject,
    abilities_of,
)
from orderflow.conformance.suites.case import Case, Suite
from orderflow.conformance.suites.rehearse import Rehearsed, rehearse
from orderflow.conformance.suites.shown import Deviation, Kind, Result, Run
from orderflow.flows.model import Flow, Transition
from orderflow.simulator.choices import NONE, every_choice
from orderflow.simulator.machine import Plan
from orderflow.simulator.scenario import Act

__all__ = [
    "Deviation",
    "Kind",
    "Result",
    "Run",
    "Runner",
    "Script",
    "script_of",
    "scripts_of",
    "verdict_of",
    "way_to",
]


@dataclass(frozen=True, slots=True)
class Script:
    """A case with what to ask of a subject at each step.

    Attributes:
        case: The case, with what the flow says now.
        rehearsed: Its steps as the simulator played them.
    """

    case: Case
    rehearsed: tuple[Rehearsed, ...]


def script_of(case: Case, plan: Plan) -> Script:
    """Rehearse a case.

    Raises:
        ScenarioError: An event cannot come with its choice as the order stands then.
    """
    rehearsed = rehearse(plan, case.start, (step.act for step in case.steps))
    return Script(replace(case, steps=tuple(each.step for each in rehearsed)), rehearsed)


def scripts_of(suite: Suite, plan: Plan) -> tuple[Script, ...]:
    """Rehearse all cases of a suite, see :func:`script_of`."""
    return tuple(script_of(case, plan) for case in suite.cases)


def way_to(script: Script, deviation: Deviation) -> tuple[Act, ...]:
    """All that the order did which deviates, the step that went wrong last.

    Played again from the start, it leads to that step without those that went wrong before it.
    """
    return tuple(script.rehearsed[n].step.act for n in (*deviation.way, deviation.step))


def verdict_of(rehearsed: Rehearsed, answer: Answer, *, reread: bool = True) -> Kind | None:
    """How an answer that is known differs from what the flow says; None when it does not.

    Args:
        rehearsed: The step as it should go.
        answer: What the subject answered.
        reread: Look at the status it shows, too, and not only at whether it said yes or no.
    """
    step = rehearsed.step
    if rehearsed.call.event != ADVANCE and (answer.outcome is Outcome.REFUSED) != step.refused:
        return Kind.ACCEPTED if step.refused else Kind.REFUSED
    if not reread:
        return None
    if answer.status != step.then:
        return _elsewhere(rehearsed, answer.status)
    if answer.trigger is not None and answer.trigger != step.trigger:
        return Kind.TRIGGER
    return None


def _elsewhere(rehearsed: Rehearsed, status: str) -> Kind:
    """How an order went wrong that is in *status*, where it must not be."""
    if rehearsed.call.event == ADVANCE:
        return Kind.UNTIMELY
    if rehearsed.step.refused:
        return Kind.MOVED
    return Kind.LOST if status == rehearsed.source else Kind.ASTRAY


class Runner:
    """Runs cases on one subject.

    Args:
        subject: The system under test.
        flow: The flow it should follow.
        reread: Compare the status it shows, and not only whether it says yes or no.
        resume: After a step that had to be refused has gone wrong, go on with the ones behind it
            on another order, so that one run tells of all of them.
    """

    def __init__(
        self, subject: Subject, flow: Flow, *, reread: bool = True, resume: bool = True
    ) -> None:
        self.subject, self.reread, self.resume = subject, reread, resume
        self.abilities = abilities_of(subject)
        alone = [s for s in flow.transitions if self.abilities.awaits(s.event, s.source)]
        self.restless = frozenset(step.source for step in alone)
        """Statuses that an order may leave by itself while it is asked something else."""
        self.onwards = _onwards(alone)
        """By status, where an order in it may have gone on to by itself until it is read."""

    def run(self, script: Script) -> Run:
        """Run one case."""
        why = self._out_of_reach(script)
        if why:
            skipped = tuple(range(len(script.rehearsed)))
            return Run(script.case, Result.LEFT_OUT, skipped=skipped, why=why, orders=0)
        return _Playing(self, script).run()

    def call(self, rehearsed: Rehearsed) -> Call | None:
        """What to ask of the subject; None when it cannot be asked for it."""
        call, leads_to = rehearsed.call, rehearsed.step.then
        told = replace(call, leads_to=leads_to, onwards=self.onwards.get(leads_to, frozenset()))
        rests = rehearsed.source not in self.restless
        if call.event == ADVANCE:  # a time limit is never over where an order does not stay
            return told if self.abilities.turns_clock and rests else None
        if rehearsed.step.refused and not rests:
            return None
        if self._awaits(rehearsed) and not rehearsed.step.refused:
            usual = _is_usual(rehearsed)
            return Call(LOOK, leads_to=leads_to, onwards=told.onwards) if usual else None
        return told if self.abilities.can(call.event, rehearsed.source) else None

    def _awaits(self, rehearsed: Rehearsed) -> bool:
        """Whether the subject does the event of a step by itself there."""
        return self.abilities.awaits(rehearsed.call.event, rehearsed.source)

    def verdict(self, rehearsed: Rehearsed, answer: Answer) -> Kind | None:
        """Do as :func:`verdict_of`; an order that has gone on by itself is no deviation."""
        kind = verdict_of(rehearsed, answer, reread=self.reread)
        went = kind in {Kind.ASTRAY, Kind.UNTIMELY} and self.gone_on(rehearsed, answer)
        return None if went else kind

    def gone_on(self, rehearsed: Rehearsed, answer: Answer) -> bool:
        """Whether the order is where it can only have gone on to by itself after a step."""
        then = rehearsed.step.then
        return answer.status != then and answer.status in self.onwards.get(then, ())

    def ahead(self, script: Script, number: int, status: str) -> int | None:
        """Number of the step behind *number* at which an order in *status* is by itself already.

        None when the case asks for something before, or ends before.
        """
        for later in range(number + 1, len(script.rehearsed)):
            each = script.rehearsed[later]
            if not each.step.refused and not self._awaits(each):
                return None
            if not each.step.refused and each.step.then == status:
                return later
        return None

    def _out_of_reach(self, script: Script) -> str:
        """Why the case cannot be run at all, empty when it can."""
        for each in script.rehearsed:
            if not each.step.refused and self.call(each) is None:
                return self._why_not(each)
        probes = [each for each in script.rehearsed if each.step.refused]
        if probes and all(self.call(each) is None for each in probes):
            return f"it cannot be asked for {probes[0].call.event} in {probes[0].source}"
        return ""

    def _why_not(self, each: Rehearsed) -> str:
        """Why a step that must be taken cannot be asked for."""
        if each.call.event != ADVANCE:
            chosen = self._awaits(each)
            return f"it cannot be asked for {each.step.act if chosen else each.call.event}"
        if each.source in self.restless:
            return f"{each.step.act} needs time to pass in {each.source}, which it leaves by itself"
        return f"{each.step.act} needs time to pass, and nothing turns its clock"


def _is_usual(rehearsed: Rehearsed) -> bool:
    """Whether a step comes with what a system brings by itself when nobody chooses."""
    known = every_choice(rehearsed.step.act.event)
    return rehearsed.step.act.choice in {NONE, *known[:1]}


def _onwards(alone: Iterable[Transition]) -> dict[str, frozenset[str]]:
    """Statuses that steps nobody asks for lead to from each status, one after the other."""
    steps: dict[str, set[str]] = {}
    for step in alone:
        if step.target != step.source:
            steps.setdefault(step.source, set()).add(step.target)
    found: dict[str, frozenset[str]] = {}
    for status in steps:
        met, queue = set[str](), [status]
        while queue:
            new = steps.get(queue.pop(), set()) - met
            met |= new
            queue += sorted(new)
        found[status] = frozenset(met)
    return found


class _Playing:
    """One case being run.

    Attributes:
        answers: What was answered to each step.
        skipped: Steps that cannot be asked for.
        unseen: Steps of which nobody saw where they led.
        way: Numbers of the steps that the order of the moment has taken.
        found: Where the subject differs.
        why: Why nothing more is known, empty as long as something is.
        late: It is because the order went on by itself before it could be asked.
        orders: New orders so far.
        calls: Calls so far.
    """

    def __init__(self, runner: Runner, script: Script) -> None:
        self.runner, self.script = runner, script
        self.answers: list[Answer | None] = [None] * len(script.rehearsed)
        self.skipped: list[int] = []
        self.unseen: list[int] = []
        self.way: list[int] = []
        self.found: list[Deviation] = []
        self.why, self.late = "", False
        self.orders = self.calls = 0

    def run(self) -> Run:
        """Play all steps, as far as they can be played."""
        number, sound = 0, self._begin()
        while sound and number < len(self.script.rehearsed):
            kind = self._step(number)
            if self.why:
                break
            if kind not in {None, Kind.TRIGGER}:  # with another stage it stands where it must
                if not (self.script.rehearsed[number].step.refused and self.runner.resume):
                    break
                sound = number + 1 < len(self.script.rehearsed) and self._again(number)
            number += 1
        result = Result.PASSED
        if self.found:
            result = Result.FAILED
        elif self.why:
            result = Result.LEFT_OUT if self.late else Result.INDETERMINATE
        return Run(
            self.script.case,
            result,
            tuple(sorted(self.found, key=lambda each: each.step)),
            tuple(self.answers),
            tuple(self.skipped),
            self.why,
            self.orders,
            self.calls,
            tuple(self.unseen),
        )

    def _begin(self) -> bool:
        """Prepare an order; False when nobody knows whether there is one."""
        self.orders += 1
        answer = self.runner.subject.begin(self.script.case.start)
        if answer.outcome is not Outcome.ACCEPTED:
            self.why = f"no new order: {answer.told or answer.outcome}"
        return not self.why

    def _step(self, number: int) -> Kind | None:
        """Play one step; say how the subject differs, None when it does not."""
        rehearsed = self.script.rehearsed[number]
        call = self.runner.call(rehearsed)
        if call is None:
            self.skipped.append(number)
            return None
        answer = self._asked(number, call)
        if answer is None:
            return None
        kind = self.runner.verdict(rehearsed, answer)
        if kind is Kind.REFUSED and answer.status in self.runner.onwards.get(rehearsed.source, ()):
            told = f"it left {rehearsed.source} by itself before it could be asked for {call.event}"
            self.why, self.late = told, True
            return None
        known = {(each.step, each.kind) for each in self.found}
        if kind is not None and (number, kind) not in known:
            self._deviates(number, kind, answer)
        elif kind is None and self.runner.reread and self.runner.gone_on(rehearsed, answer):
            self._gone_on(number, answer)
        self.way.append(number)
        return kind

    def _deviates(self, number: int, kind: Kind, answer: Answer, way: Iterable[int] = ()) -> None:
        source = self.script.rehearsed[number].source
        self.found.append(Deviation(number, kind, source, answer, (*self.way, *way)))

    def _gone_on(self, number: int, answer: Answer) -> None:
        """Judge the stage shown of an order that is ahead: at the step to which it has gone on."""
        self.unseen.append(number)
        steps, there = self.script.rehearsed, self.runner.ahead(self.script, number, answer.status)
        if there is None or answer.trigger in {None, steps[there].step.trigger}:
            return
        way = (each for each in range(number, there) if not steps[each].step.refused)
        self._deviates(there, Kind.TRIGGER, answer, way)

    def _asked(self, number: int, call: Call) -> Answer | None:
        """The answer to a call; None when there is none, and nobody knows what happened."""
        self.calls += 1
        answer = self.answers[number] = self.runner.subject.fire(call)
        known = answer.outcome is not Outcome.INDETERMINATE
        if not known or (self.runner.reread and not answer.status):
            self.why = f"step {number + 1}, {call.event}: {answer.told or 'no answer'}"
            return None
        return answer

    def _again(self, upto: int) -> bool:
        """Lead another order to where the step *upto* was; False when it does not get there."""
        if not self._begin():
            return False
        self.way.clear()
        for number, rehearsed in enumerate(self.script.rehearsed[:upto]):
            call = None if rehearsed.step.refused else self.runner.call(rehearsed)
            if call is None:
                continue
            self.calls += 1
            answer = self.runner.subject.fire(call)
            kind = self.runner.verdict(rehearsed, answer)
            if answer.outcome is Outcome.INDETERMINATE or kind not in {None, Kind.TRIGGER}:
                return False
            self.way.append(number)
        return True
