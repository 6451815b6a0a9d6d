"""Holds a suite against the flow as it is now: does every case still lead where the file says?

The flow may have changed since a suite was made, or somebody has edited the suite. Either way a
case that says something else than the flow must be told before any system is measured by it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from orderflow.conformance.suites.case import Case, Step, Suite
from orderflow.conformance.suites.generate import COVER_HELP
from orderflow.conformance.suites.rehearse import Rehearsal
from orderflow.conformance.suites.wording import counted
from orderflow.flows.errors import FlowFileError, OrderflowError, Place, did_you_mean
from orderflow.flows.files import is_file
from orderflow.flows.loader import find_flow, load_events
from orderflow.flows.model import Flow, Profile
from orderflow.flows.settings import Settings, defaults
from orderflow.simulator.choices import NONE, every_choice
from orderflow.simulator.machine import Plan, compile_plan
from orderflow.simulator.scenario import ADVANCE, EARLY, Act, ScenarioError

_MOST_TOLD = 200
_SWITCH: Mapping[str, bool] = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Misfit:
    """Where a case says something else than the flow.

    Attributes:
        case: Number of the case in its suite, from 0.
        id: Its id.
        step: Number of the step in it, from 0.
        act: What is done there.
        told: What differs.
    """

    case: int
    id: str
    step: int
    act: Act
    told: str

    def __str__(self) -> str:
        """Case, step and what differs."""
        return f"case {self.id} step {self.step + 1}, {self.act}: {self.told}"


class SuiteError(OrderflowError):
    """A suite that does not fit its flow.

    Attributes:
        misfits: The first step of each case that differs, in the order of the suite.
        changed: The flow is not the one the suite was made for.
    """

    def __init__(
        self, suite: Suite, flow: Flow, misfits: tuple[Misfit, ...], places: Iterable[str] = ()
    ) -> None:
        self.misfits, self.changed = misfits, suite.digest != flow.digest
        before = [*places] or [""] * len(misfits)
        told = [f"{at}{each}" for at, each in zip(before, misfits, strict=True)]
        if len(told) > _MOST_TOLD:
            left = len(told) - _MOST_TOLD
            told[_MOST_TOLD:] = [counted(left, "more case does not fit", "more cases do not fit")]
        super().__init__("\n".join([*told, _advice(suite, flow)]))


def checked(suite: Suite, flow: Flow, plan: Plan, *, source: Path | None = None) -> Suite:
    """Return *suite* with the transitions its steps take in the flow as it is now.

    Args:
        suite: The suite.
        flow: One profile of its flow.
        plan: The same, compiled.
        source: File it was read from, to say where a case stands.

    Raises:
        SuiteError: A step is not taken or refused as the suite says, or leads elsewhere; tells of
            every case of which that is true.
    """
    declined = (refusal.event for refusal in flow.refusals)
    known = frozenset({ADVANCE, *flow.events, *declined, *load_events()})
    cases: list[Case] = []
    misfits: list[Misfit] = []
    for number, case in enumerate(suite.cases):
        found = _rehearsed(case, plan, known)
        if isinstance(found, Case):
            cases.append(found)
        else:
            step, told = found
            misfits.append(Misfit(number, case.id, step, case.steps[step].act, told))
    if misfits:
        places = [] if source is None else _places(source, misfits)
        raise SuiteError(suite, flow, tuple(misfits), places)
    return replace(suite, cases=tuple(cases))


def suite_plan(suite: Suite, *, folder: Path | None = None) -> tuple[Flow, Plan]:
    """The flow a suite is for as the suite sees it, and the same compiled with its settings.

    Args:
        suite: The suite.
        folder: Where a path of a flow file may start, beside where we stand.

    Raises:
        OrderflowError: There is no such flow or no such setting.
    """
    beside = None if folder is None else folder / suite.flow
    named = str(beside) if beside is not None and is_file(beside) else suite.flow
    flow = find_flow(named).view(Profile(suite.profile), suite.modules)
    return flow, compile_plan(flow, settings_of(suite))


def fitting_flow(suite: Suite, *, folder: Path | None = None) -> Flow:
    """The flow a suite is for, see :func:`suite_plan`, when every case still fits it.

    Raises:
        OrderflowError: There is no such flow or no such setting.
        SuiteError: A case does not fit.
    """
    flow, plan = suite_plan(suite, folder=folder)
    checked(suite, flow, plan)
    return flow


def settings_of(suite: Suite) -> Settings:
    """The usual settings with what the suite changes.

    Raises:
        OrderflowError: A name or a value is wrong.
    """
    return defaults().override({name: _value(name, text) for name, text in suite.settings})


def _value(name: str, text: str) -> float | bool:
    if text in _SWITCH:
        return _SWITCH[text]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    raise OrderflowError(f"setting {name}: {text!r} is not a number, true or false")


def _rehearsed(case: Case, plan: Plan, known: frozenset[str]) -> Case | tuple[int, str]:
    """The case as the flow plays it, or number of the first step that differs, and how."""
    rehearsal = Rehearsal(plan, case.start)
    steps: list[Step] = []
    for number, step in enumerate(case.steps):
        unknown = _unknown(step.act, known)
        if unknown:
            return number, unknown
        try:
            now = rehearsal.play(step.act).step
        except ScenarioError as error:
            return number, str(error)
        if (now.then, now.refused, now.trigger) != (step.then, step.refused, step.trigger):
            return number, _difference(step, now)
        steps.append(now)
    return replace(case, steps=tuple(steps))


def _unknown(act: Act, known: frozenset[str]) -> str:
    """What is wrong with an act that no flow knows, empty when nothing is."""
    if act.event not in known:
        return f"{act.event!r} is not an event{did_you_mean(act.event, sorted(known))}"
    offered = {NONE, EARLY, *every_choice(act.event)}
    if act.event != ADVANCE and act.choice not in offered:
        return f"it may come with {', '.join(sorted(offered - {NONE}))}"
    return ""


def _difference(said: Step, now: Step) -> str:
    if said.refused != now.refused:
        leads = f"is refused in {now.then}" if now.refused else f"leads to {now.then}"
        return f"now {leads}; the suite says {'refused' if said.refused else said.then}"
    if said.then != now.then:
        leads = "is refused in" if now.refused else "leads to"
        return f"now {leads} {now.then}; the suite says {said.then}"
    shown, wanted = now.trigger or "no stage", said.trigger or "no stage"
    return f"now shows {shown}; the suite says {wanted}"


def _places(source: Path, misfits: Iterable[Misfit]) -> list[str]:
    """What to write before each misfit: where it stands in the file."""
    from orderflow.conformance.suites.suite_file import places_of

    try:
        places = places_of(source)
    except FlowFileError:  # JSON on one line that is too long to say where in it
        return [f"{source}: "] * len(list(misfits))
    return [f"{_place(places[each.case], each.step, source)}: " for each in misfits]


def _place(steps: tuple[Place, ...], number: int, source: Path) -> Place:
    return steps[number] if number < len(steps) else Place(str(source))


def _advice(suite: Suite, flow: Flow) -> str:
    """How to come by a suite that fits."""
    if suite.digest == flow.digest:
        why = f"{suite.flow} is what the suite was generated from, so the suite was edited"
    else:
        made = suite.digest or "an unknown one"
        why = f"{suite.flow} has changed: the suite is for {made}, now it is {flow.digest}"
    return f"{why}; generate it anew: {_command(suite)}"


def _command(suite: Suite) -> str:
    words = ["orderflow", "suite", suite.flow]
    named = {name.partition(":")[0] for name, _ in COVER_HELP}
    every = dict.fromkeys(each.cover for each in suite.guarantees)
    covers = [cover for cover in every if cover.partition(":")[0] in named]
    words += ["--cover", ",".join(covers)] if covers else []
    words += ["--profile", suite.profile]
    for module in suite.modules:
        words += ["--module", module]
    for name, value in suite.settings:
        words += ["--set", f"{name}={value}"]
    return shlex.join(words)
