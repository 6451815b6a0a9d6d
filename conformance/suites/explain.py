"""Says why an answer is wrong: which rule it breaks, in words a person can act on.

The document of a foreign system is not to be seen. What its answers imply is judged instead: the
books of the sound order up to the step that went wrong, and then that step as the system took it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from orderflow.conformance.judge import judge
from orderflow.conformance.observe import completes, record_of, step_of, without_stuck
from orderflow.conformance.record import Finding, Step
from orderflow.conformance.rule import Rule
from orderflow.conformance.subjects.subject import ADVANCE
from orderflow.conformance.suites.execute import Deviation, Kind, Script
from orderflow.conformance.suites.rehearse import Rehearsal, Rehearsed
from orderflow.flows.loader import load_events
from orderflow.flows.model import ABSENT, Flow, Transition
from orderflow.flows.settings import Settings
from orderflow.simulator.effects import Taken, commit
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.inputs import draft
from orderflow.simulator.machine import Plan
from orderflow.simulator.order import Order
from orderflow.simulator.refusal import Asked, reason_of
from orderflow.simulator.scenario import duration

_GENERAL = ("A-04", "A-82")
"""Rules that hold a step against the transition table, and leave the reason to the others."""

_ANY = "I-09"
_BY_KIND = {Kind.MOVED: "I-08", Kind.TRIGGER: "I-05"}
"""Invariants that say what is wrong where no rule on histories does; I-09 for the rest."""

_CAUSES = {
    Kind.ACCEPTED: "the status, or what the step needs, is not looked at before it is taken",
    Kind.REFUSED: "the step is missing, the system asks for more than the flow, or what it is sent "
    "has another form than it expects",
    Kind.MOVED: "the status is written before the checks are made, and not put back",
    Kind.LOST: "it is answered before the status is written, or the status is read from a copy "
    "that is behind",
    Kind.ASTRAY: "the step is made to lead elsewhere, or another one follows at once",
    Kind.UNTIMELY: "the timer is not started, has another limit, or is not stopped by what came "
    "before",
    Kind.TRIGGER: "the stage is kept beside the document, and not made from its status, packages "
    "and dates",
}
"""What usually is behind a deviation, as programmers find it."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Why an answer is wrong.

    Attributes:
        rule: Id of the rule or invariant it breaks.
        observed: What the system did, one clause.
        expected: What it should have done, one clause.
        transition: Id of the transition it should have taken, empty when it should have refused.
        cell: (status, event) in which it lies.
        also: Ids of other rules that it breaks.
        why: What was done, what the flow allows there, and what usually is behind it; empty where
            the rule says more about it.
    """

    rule: str
    observed: str
    expected: str
    transition: str
    cell: tuple[str, str]
    also: tuple[str, ...] = ()
    why: str = ""


def explain(script: Script, deviation: Deviation, plan: Plan, settings: Settings) -> Explained:
    """Say which rule an answer breaks, and what it should have been.

    Args:
        script: The case that was run.
        deviation: Where the subject differs.
        plan: The flow it should follow, compiled.
        settings: Time limits.
    """
    scene = _Scene(script, deviation, plan)
    observed, expected = scene.told()
    rules = scene.broken(settings) if deviation.kind in _JUDGED else ()
    errors = [rule.id for rule, finding in rules if rule.severity_of(finding) == "error"]
    also = tuple(dict.fromkeys(rule.id for rule, _ in rules))
    rule = next((each for each in errors if each not in _GENERAL), "")
    rule = rule or _BY_KIND.get(deviation.kind, _ANY)
    for known, finding in rules:
        if known.id == rule:
            expected = f"{finding.expected}; {expected}"
            break
    rest = tuple(each for each in also if each not in {rule, *_GENERAL})
    why = scene.explanation() if rule in {*_BY_KIND.values(), _ANY} else ""
    return Explained(rule, observed, expected, scene.transition, scene.cell, rest, why)


_JUDGED = frozenset({Kind.ACCEPTED, Kind.ASTRAY, Kind.UNTIMELY})
"""Deviations that put an order where the flow does not."""


class _Scene:
    """The moment at which a subject went wrong."""

    def __init__(self, script: Script, deviation: Deviation, plan: Plan) -> None:
        self.deviation, self.plan = deviation, plan
        self.here: Rehearsed = script.rehearsed[deviation.step]
        self.rehearsal = Rehearsal(plan, script.case.start)
        for each in script.rehearsed[: deviation.step]:
            if not each.step.refused:
                self.rehearsal.play(each.step.act)

    @property
    def flow(self) -> Flow:
        return self.plan.flow

    @property
    def event(self) -> str:
        """Event that was asked for, that of the timer when time was let pass."""
        happened = self.here.events
        return happened[-1].event if happened else self.here.step.act.event

    @property
    def cell(self) -> tuple[str, str]:
        return self.here.source, self.event

    @property
    def transition(self) -> str:
        return self.here.step.transition

    @property
    def what(self) -> str:
        """The call as a person says it: event, and the data that matters."""
        data = " ".join(f"{name}={value}" for name, value in self.here.call.data.items())
        return f"{self.event} ({data})" if data else self.event

    def told(self) -> tuple[str, str]:
        """What was observed, and what was expected."""
        source, status = self.here.source, self.deviation.answer.status
        then, where = self.here.step.then, f"in {self.here.source}"
        by = f" by {self.transition}" if self.transition else ""
        match self.deviation.kind:
            case Kind.ACCEPTED:
                left = f"the order is in {status}" if status != source else "the order stays there"
                told = f"the system took {self.what} {where}; {left}", f"{where} {self._why()}"
            case Kind.REFUSED:
                said = f" ({self.deviation.answer.told})" if self.deviation.answer.told else ""
                taken = f"{where} {self.event} is taken, and leads to {then}{by}"
                told = f"the system refused {self.what} {where}{said}", taken
            case Kind.MOVED:
                seen = f"the system refused {self.what} {where}, and yet the order is in {status}"
                told = seen, "a refused event changes nothing"
            case Kind.LOST:
                seen = f"the system took {self.what} {where}, and the order is still there"
                told = seen, f"it leads to {then}{by}"
            case Kind.ASTRAY:
                told = f"{where}, {self.what} led to {status}", f"it leads to {then}{by}"
            case Kind.UNTIMELY:
                still = f"still in {status}" if status == source else f"in {status}"
                seen = f"after {duration(self.here.call.wait)} {where} the order is {still}"
                told = seen, f"it is in {then} then{by}"
            case Kind.TRIGGER:
                shown, wanted = self.deviation.answer.trigger, self.here.step.trigger
                seen = f"in {status}, the shopper is shown {shown or 'no stage'}"
                told = seen, f"the document makes it {wanted or 'no stage'}"
            case kind:
                assert_never(kind)
        return told

    def explanation(self) -> str:
        """What was done, what the flow allows there, and the usual cause, a sentence each."""
        here, source = self.here, self.here.source
        where = "Before an order was placed" if source == ABSENT else f"In {source}"
        waited = here.call.event == ADVANCE
        did = f"{duration(here.call.wait)} passed" if waited else f"{self.what} was asked"
        events = ", ".join(self.plan.events_from.get(source, ())) or "no event at all"
        by = f" by {self.transition}" if self.transition else ""
        leads = f"; {self.event} leads to {here.step.then}{by}" if here.events else ""
        allowed = f"There the flow takes {events}{leads}"
        return f"{where}, {did}. {allowed}. Usual cause: {_CAUSES[self.deviation.kind]}."

    def _why(self) -> str:
        """Why the flow refuses the event, one clause."""
        order, now = self.rehearsal.simulator.order, self.rehearsal.simulator.now
        try:
            drafted = draft(order, self.here.call.event, self.here.call.data, now)
        except EventDataError as error:
            return f"it is refused: {error}"
        asked = Asked(self.plan, order, drafted, self.event, now, None)
        return f"{self.event} is refused: {reason_of(asked)}"

    def broken(self, settings: Settings) -> tuple[tuple[Rule, Finding], ...]:
        """Rules that the order breaks as the system has it, graver findings first."""
        simulator = self.rehearsal.simulator
        now = simulator.now + self.here.call.wait
        status = self.deviation.answer.status
        event = None if self.here.call.event == ADVANCE else self.event
        steps = [step_of(each) for each in simulator.events]
        if status != self.here.source or event is not None:
            steps.append(Step(status, now, event, self._actor if event else None))
        record = record_of(
            self.flow,
            self._implied(now),
            steps,
            without_stuck(settings),
            now,
            completes=completes(self.flow),
        )
        found = [
            (rule, finding)
            for rule, finding in judge(record).findings
            if rule.severity_of(finding) != "info"
        ]
        found.sort(key=lambda each: each[0].severity_of(each[1]) != "error")
        return tuple(found)

    @property
    def _actor(self) -> str:
        steps = (step for step in self.flow.transitions if step.event == self.event)
        step = next(steps, None)
        if step is not None:
            return step.actors[0]
        kind = load_events().get(self.event)
        return kind.actors[0] if kind and kind.actors else "platform"

    def _implied(self, now: int) -> Order:
        """The document of an order that has taken the step as the system took it."""
        order, status = self.rehearsal.simulator.order, self.deviation.answer.status
        call, actor = self.here.call, self._actor
        if call.event == ADVANCE:
            return order if status == order.status else order._replace(status=status)
        step = Transition("?", "?", order.status, call.event, status, (actor,))
        try:
            drafted = draft(order, call.event, call.data, now)
        except EventDataError:
            drafted = order
        return commit(drafted, Taken(step, actor, now, call.data))
