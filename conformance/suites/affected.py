"""What a change of a flow means for the cases of a suite: which break, which it touches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from orderflow.conformance.suites.case import Case, Step, Suite
from orderflow.conformance.suites.rehearse import Rehearsal
from orderflow.simulator.machine import Plan
from orderflow.simulator.scenario import ScenarioError


@dataclass(frozen=True, slots=True)
class Affected:
    """One case that a change concerns.

    Attributes:
        case: The case, as the old flow plays it.
        step: Number of its first step that goes otherwise now, from 0; -1 when all go as before.
        was: What came of that step, such as ``handling``; empty when all go as before.
        now: What comes of it now.
        over: Ids of the changed transitions it takes, in the order in which it does.
    """

    case: Case
    step: int = -1
    was: str = ""
    now: str = ""
    over: tuple[str, ...] = ()

    @property
    def breaks(self) -> bool:
        """Whether the case fails on a system that follows the new flow."""
        return self.step >= 0


def affected(suite: Suite, old: Plan, new: Plan, changed: Collection[str]) -> tuple[Affected, ...]:
    """The cases of a suite that a change concerns, in the order of the suite.

    Args:
        suite: A suite that fits the old flow.
        old: The flow as it was, compiled.
        new: The flow as it is, compiled.
        changed: Ids of transitions of the old flow that are changed or gone.

    Raises:
        ScenarioError: A case cannot be played on the old flow.
    """
    found = (_played(case, old, new, changed) for case in suite.cases)
    return tuple(each for each in found if each.breaks or each.over)


def untaken(suite: Suite, new: Plan, added: Iterable[str]) -> tuple[str, ...]:
    """Those of the *added* transitions that no case takes on the new flow."""
    taken = {step.transition for case in suite.cases for step in _as_far_as(case, new)}
    return tuple(name for name in added if name not in taken)


def _played(case: Case, old: Plan, new: Plan, changed: Collection[str]) -> Affected:
    before, after = Rehearsal(old, case.start), Rehearsal(new, case.start)
    over: dict[str, None] = {}
    for number, step in enumerate(case.steps):
        was = before.play(step.act).step
        if was.transition in changed:
            over[was.transition] = None
        try:
            now = after.play(step.act).step
        except ScenarioError as error:
            return Affected(case, number, _told(was), str(error), tuple(over))
        if (was.then, was.refused, was.trigger) != (now.then, now.refused, now.trigger):
            return Affected(case, number, *_apart(was, now), tuple(over))
    return Affected(case, over=tuple(over))


def _as_far_as(case: Case, plan: Plan) -> Iterator[Step]:
    """The steps of a case as a flow plays them, up to the first that cannot be played."""
    rehearsal = Rehearsal(plan, case.start)
    for step in case.steps:
        try:
            yield rehearsal.play(step.act).step
        except ScenarioError:
            return


def _told(step: Step) -> str:
    return f"refused in {step.then}" if step.refused else step.then


def _apart(was: Step, now: Step) -> tuple[str, str]:
    if _told(was) != _told(now):
        return _told(was), _told(now)
    return was.trigger or "no stage", now.trigger or "no stage"
