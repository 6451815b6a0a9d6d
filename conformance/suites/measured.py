"""What the cases of a suite exercised of a system, counted as a run of the simulator is.

Nothing counts that was not answered as it must be: a case shows no more than what the system said
and showed at each of its steps. What lies behind an answer (which transition, whose act, what the
guards judged) is taken from the rehearsal, since the system shows its status only.
"""

from __future__ import annotations

from collections.abc import Iterable

from orderflow.conformance.coverage import Coverage
from orderflow.conformance.subjects.subject import Answer, Outcome
from orderflow.conformance.suites.execute import Result, Run, Script
from orderflow.conformance.suites.rehearse import Rehearsal, Rehearsed
from orderflow.flows.model import ABSENT
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.events import Event
from orderflow.simulator.inputs import draft
from orderflow.simulator.order import Order
from orderflow.simulator.scenario import ADVANCE
from orderflow.simulator.space import Space

SCENARIO = "scenario"
"""Covers of pinned scenarios begin with it."""


def measured(runs: Iterable[Run], scripts: Iterable[Script], space: Space) -> Coverage:
    """Count what *runs* exercised.

    Args:
        runs: Cases as they were run.
        scripts: The same cases as they were rehearsed, in any order.
        space: Configurations of their flow.

    Raises:
        KeyError: A case was run of which there is no script.
    """
    known = {script.case.id: script for script in scripts}
    coverage, names = Coverage(), dict[str, str]()
    for run in runs:
        script, case = known[run.case.id], run.case
        good = _Count(coverage, space, script, run).play()
        for tag in case.tags:
            coverage.tags[tag] = coverage.tags.get(tag, True) and run.result is Result.PASSED
        if case.cover.startswith(SCENARIO):
            name = case.title or case.id
            if names.setdefault(name, case.id) != case.id:
                name = f"{name} ({case.id})"
            coverage.scenarios[name] = good, len(script.rehearsed)
    return coverage


class _Count:
    """Counts one run, step by step, beside another rehearsal of its case."""

    def __init__(self, coverage: Coverage, space: Space, script: Script, run: Run) -> None:
        self.coverage, self.space, self.script, self.run = coverage, space, script, run
        self.rehearsal = Rehearsal(space.plan, script.case.start)
        self.last = ""

    def play(self) -> int:
        """Count all steps; return how many went as they must."""
        self.coverage.orders += self.run.orders
        wrong = {deviation.step for deviation in self.run.deviations}
        answered = [number for number, answer in enumerate(self.run.answers) if answer is not None]
        unsure = answered[-1:] if self.run.why else []
        good = 0
        for number, (rehearsed, answer) in enumerate(
            zip(self.script.rehearsed, self.run.answers, strict=False)
        ):
            before, now = self.rehearsal.simulator.order, self.rehearsal.simulator.now
            first = len(self.rehearsal.simulator.events)
            self.rehearsal.play(rehearsed.step.act)
            if number in wrong:
                self.coverage.wrong.add(_cell(rehearsed))
            elif answer is not None and not answer.asked:
                good += 1  # the answer is right, and says nothing of the system
            elif answer is not None and number not in unsure and _as_it_must(rehearsed, answer):
                good += 1
                self._good(rehearsed, answer, first)
                if rehearsed.step.refused:
                    self._guards(rehearsed, before, now)
        return good

    def _good(self, rehearsed: Rehearsed, answer: Answer, first: int) -> None:
        coverage, step = self.coverage, rehearsed.step
        if answer.trigger:
            coverage.triggers[answer.trigger] += 1
        if step.refused:
            coverage.steps += 1
            if answer.outcome is Outcome.REFUSED and answer.status == step.then:
                coverage.refused[rehearsed.source, step.act.event] += 1
        documents = self.rehearsal.simulator.documents
        for number, event in enumerate(rehearsed.events, first):
            self._taken(event)
            before = documents[number - 1] if number else self._unplaced()
            self._sides(event.event, before, dict(event.data), event.at)

    def _unplaced(self) -> Order:
        return Rehearsal(self.space.plan, self.script.case.start).simulator.order

    def _taken(self, event: Event) -> None:
        coverage = self.coverage
        coverage.steps += 1
        coverage.transitions[event.transition] += 1
        coverage.actors[event.actor] += 1
        if event.target != event.source:
            coverage.states[event.target] += 1
        if self.last and event.source != ABSENT:
            coverage.pairs[self.last, event.transition] += 1
        self.last = event.transition

    def _guards(self, rehearsed: Rehearsed, before: Order, now: int) -> None:
        """Count what the guards made of what was refused."""
        if rehearsed.call.event != ADVANCE:
            self._sides(rehearsed.call.event, before, dict(rehearsed.call.data), now)

    def _sides(self, event: str, before: Order, data: dict[str, object], now: int) -> None:
        branches = self.space.plan.branches.get((before.status, event), ())
        if not branches:
            return
        try:
            drafted = draft(before, event, data, now)
        except EventDataError:  # refused before any guard was asked
            return
        for branch in branches:
            for name, holds in zip(branch.step.when, branch.guards, strict=False):
                self.coverage.guard(branch.step.id, name, holds(drafted))


def _as_it_must(rehearsed: Rehearsed, answer: Answer) -> bool:
    """Whether an answer that nobody found wrong is one.

    An order may have gone on by itself until its status was read, but not after a refusal.
    """
    if answer.outcome is Outcome.INDETERMINATE:
        return False
    return not rehearsed.step.refused or answer.status in {"", rehearsed.step.then}


def _cell(rehearsed: Rehearsed) -> tuple[str, str]:
    """Status and event in which a deviation lies."""
    event = rehearsed.step.act.event
    if event == ADVANCE and rehearsed.events:
        event = rehearsed.events[0].event
    return rehearsed.source, event
