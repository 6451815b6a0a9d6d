"""Runs one case inside somebody's own test: what deviates is raised, in words for a person.

Nothing of pytest is needed here. What is raised are an ``AssertionError`` or a
``unittest.SkipTest``, which every test runner knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import assert_never
from unittest import SkipTest

from orderflow.conformance.scenarios import replay_command
from orderflow.conformance.subjects.subject import Answer, Outcome, Subject
from orderflow.conformance.suites.case import Case
from orderflow.conformance.suites.execute import Kind, Result, Run, Runner, Script, script_of
from orderflow.conformance.suites.explain import Explained, explain
from orderflow.conformance.suites.wording import counted
from orderflow.flows.loader import bundled, bundled_names
from orderflow.flows.model import ABSENT, Flow
from orderflow.flows.settings import Settings, defaults
from orderflow.simulator.machine import Plan, compile_plan
from orderflow.simulator.space import Space, search

MOST_STEPS = 12
"""Steps shown before the one that went wrong; of those before them there is but a count."""

MOST_DEVIATIONS = 5
"""Deviations of one case that are told; of the others there is but a count."""


class DeviationError(AssertionError):
    """A subject deviates from the flow.

    Attributes:
        checked: The case as it was run, and why what it answered is wrong.
    """

    def __init__(self, checked: Checked) -> None:
        super().__init__(_failure(checked))
        self.checked = checked


class UnjudgedError(AssertionError):
    """A case could not be judged, because some answer did not come. Never a pass.

    Attributes:
        checked: The case as it was run.
    """

    def __init__(self, checked: Checked) -> None:
        super().__init__(_unjudged(checked))
        self.checked = checked


class LeftOutError(SkipTest):
    """A subject cannot be asked for what a case needs; test runners count it as skipped.

    Attributes:
        checked: The case, which was not run.
    """

    def __init__(self, checked: Checked) -> None:
        super().__init__(f"left out: {plain(checked.run.why)}")
        self.checked = checked


@dataclass(frozen=True, slots=True)
class Checked:
    """One case as it was run in a test.

    Attributes:
        script: The case with what had to be asked.
        run: What it showed.
        flow: The flow the subject should follow.
        settings: Time limits.
        subject: Name of the subject's class.
        told: Why each deviation of the run is wrong, in its order.
        shown: Numbers of the steps that show the first deviation on an order of its own, the one
            that deviates last; () when nothing does.
    """

    script: Script
    run: Run
    flow: Flow
    settings: Settings
    subject: str
    told: tuple[Explained, ...] = ()
    shown: tuple[int, ...] = ()


Listener = Callable[[Checked], None]

_listener: ContextVar[Listener | None] = ContextVar("orderflow_listener", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tell *listener* of every case that is checked in the body, before anything is raised."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def check_case(case: Case, subject: Subject, flow: Flow, settings: Settings | None = None) -> Run:
    """Run *case* on *subject* and return what it showed, which is that the subject conforms.

    Args:
        case: What to do; what must come of it is taken from the flow, as it is today.
        subject: The system under test.
        flow: The flow it should follow, as a profile sees it.
        settings: Time limits; the usual ones when None.

    Raises:
        DeviationError: The subject deviates.
        UnjudgedError: Some answer did not come.
        LeftOutError: The subject cannot be asked for what the case needs.
        ScenarioError: The flow has no such step.
    """
    __tracebackhide__ = True
    checked = checked_run(case, subject, flow, settings or defaults())
    listener = _listener.get()
    if listener is not None:
        listener(checked)
    match checked.run.result:
        case Result.PASSED:
            return checked.run
        case Result.FAILED:
            raise DeviationError(checked)
        case Result.INDETERMINATE:
            raise UnjudgedError(checked)
        case Result.LEFT_OUT:
            raise LeftOutError(checked)
        case result:
            assert_never(result)


def checked_run(case: Case, subject: Subject, flow: Flow, settings: Settings) -> Checked:
    """Run *case* on *subject* and explain what deviates.

    What was refused on the way to the first deviation is left out of the steps that show it if the
    subject deviates without it as well, which takes another order to see.

    Raises:
        ScenarioError: The flow has no such step.
    """
    plan = _plan(flow, settings)
    script = script_of(case, plan)
    run = Runner(subject, flow).run(script)
    told = tuple(explain(script, each, plan, settings) for each in run.deviations)
    shown = _shown(script, run, plan, subject)
    return Checked(script, run, flow, settings, type(subject).__name__, told, shown)


def _shown(script: Script, run: Run, plan: Plan, subject: Subject) -> tuple[int, ...]:
    """Numbers of the steps that show the first deviation, as few as *subject* needs."""
    if not run.deviations:
        return ()
    first = run.deviations[0]
    taken = (*first.way, first.step)
    few = tuple(n for n in taken if n == first.step or not script.rehearsed[n].step.refused)
    if few == taken:
        return taken
    steps = tuple(script.case.steps[number] for number in few)
    lean = script_of(replace(script.case, steps=steps), plan)
    again = Runner(subject, plan.flow, resume=False).run(lean)
    same = any((each.step, each.kind) == (len(few) - 1, first.kind) for each in again.deviations)
    return few if same else taken


@lru_cache(maxsize=8)
def _plan(flow: Flow, settings: Settings) -> Plan:
    return compile_plan(flow, settings)


@lru_cache(maxsize=8)
def _space(flow: Flow, settings: Settings) -> Space:
    return search(flow, settings)


def in_words(kind: Kind) -> str:
    """What a kind of deviation means, one clause.

    >>> in_words(Kind.LOST)
    'it took the event, as it must, and yet the order is where it was'
    """
    return _IN_WORDS[kind]


_IN_WORDS = {
    Kind.ACCEPTED: "it took what the flow refuses",
    Kind.REFUSED: "it refused what the flow takes",
    Kind.MOVED: "it refused, as it must, and yet the order is elsewhere",
    Kind.LOST: "it took the event, as it must, and yet the order is where it was",
    Kind.ASTRAY: "it took the event, as it must, and the order went elsewhere",
    Kind.UNTIMELY: "after a wait the order is not where a timer should have put, or left, it",
    Kind.TRIGGER: "the shopper is shown another stage than the document makes",
}


def plain(text: str) -> str:
    r"""Return *text* with all that a terminal would act on spelled out, but for line ends.

    >>> print(plain("cleared \x1b[2J"))
    cleared \x1b[2J
    """
    return "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode()
        for char in text
    )


def shortest(checked: Checked) -> Case:
    """The case with nothing but the steps that show its first deviation.

    All of it when nothing deviates.
    """
    case = checked.script.case
    steps = tuple(case.steps[number] for number in checked.shown)
    return replace(case, steps=steps) if steps else case


def replay_of(checked: Checked) -> str:
    """The command that shows what the flow says to the steps up to the first deviation."""
    case = shortest(checked)
    acts = tuple(step.act for step in case.steps)
    space = _space(checked.flow, checked.settings)
    return replay_command(space, acts, case.start, word_for(checked.flow), checked.settings)


def word_for(flow: Flow) -> str:
    """How a command line names *flow*: its name when it ships, else its file."""
    ships = flow.name in bundled_names() and bundled(flow.name).digest == flow.digest
    return flow.name if ships else flow.source


def _failure(checked: Checked) -> str:
    case, (first, *others) = checked.script.case, checked.told
    deviation = checked.run.deviations[0]
    observed = first.observed[:1].upper() + first.observed[1:]
    lines = [
        f"{case.id}: {observed}; {first.expected} ({first.rule}, {checked.flow.name} flow).",
        "",
        f"{case.id}: {case.title}",
        *_played(checked, deviation.step),
        f"expected: {first.expected}",
        f"observed: {first.observed}",
        f"kind:     {in_words(deviation.kind)} ({deviation.kind}), step {deviation.step + 1}",
        f"rule:     {', '.join((first.rule, *first.also))}",
        *_also(checked, others),
        f"what the flow does: {replay_of(checked)}",
    ]
    return plain("\n".join(lines))


def _also(checked: Checked, others: list[Explained]) -> Iterator[str]:
    """What is wrong besides, one line each."""
    rest = zip(checked.run.deviations[1:], others, strict=True)
    for deviation, told in list(rest)[: MOST_DEVIATIONS - 1]:
        yield f"also:     step {deviation.step + 1}: {told.observed}; {told.expected} ({told.rule})"
    left = len(others) - MOST_DEVIATIONS + 1
    if left > 0:
        verb = "deviates" if left == 1 else "deviate"
        yield f"also:     {counted(left, 'more step', 'more steps')} of this case {verb}"


def _played(checked: Checked, upto: int) -> Iterator[str]:
    """The way of the order up to one step, a line each, and what the subject did there.

    What was refused on the way as it must be is counted only.
    """
    rehearsed = checked.script.rehearsed
    way = [number for number in range(upto) if not rehearsed[number].step.refused]
    shown = [*way[-MOST_STEPS:], upto]
    width = max(len(str(rehearsed[number].step.act)) for number in shown)
    if way[:-MOST_STEPS]:
        yield f"  ... {counted(len(way) - MOST_STEPS, 'step')} that went as they should"
    for number in shown:
        step, answer = rehearsed[number].step, checked.run.answers[number]
        led = f"is refused in {_place(step.then)}" if step.refused else f"-> {_place(step.then)}"
        line = f"{number + 1:>3}  {step.act!s:<{width}}  {led}"
        seen = "" if answer is None or number < upto else f"  <-- here the system {_seen(answer)}"
        yield line + seen
    if upto > len(way):
        more = counted(upto - len(way), "more step was", "more steps were")
        yield f"  ({more} refused on the way, as they must be, or not asked)"


def _seen(answer: Answer) -> str:
    """What a subject did, and where its order is then."""
    did = {Outcome.ACCEPTED: "took it", Outcome.REFUSED: "refused it"}
    shown = f", the order is in {_place(answer.status)}" if answer.status else ""
    said = f", saying: {answer.told}" if answer.told else ""
    return did.get(answer.outcome, "gave no clear answer") + shown + said


def _place(status: str) -> str:
    return "nothing" if status == ABSENT else status


def _unjudged(checked: Checked) -> str:
    case, answers = checked.script.case, checked.run.answers
    played = [number for number, answer in enumerate(answers) if answer is not None]
    lines = [
        f"{case.id} could not be judged: {checked.run.why}",
        "",
        f"{case.id}: {case.title}",
        *(_played(checked, played[-1]) if played else ("  nothing was played",)),
        "An answer that does not come is no pass and no deviation: see why it does not come.",
    ]
    return plain("\n".join(lines))
