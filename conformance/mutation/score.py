"""Runs a suite on every mutant of its flow and counts which ones it notices.

A broken system does what the flow says until its break is met. So of each case only what comes
from there on is played, and no more than until order and time are as they should be again.
The sound system comes first: where it fails a case, nothing that the case finds means anything.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from orderflow.conformance.mutation.mutant import Mutant
from orderflow.conformance.mutation.operators import mutants
from orderflow.conformance.mutation.position import Position, trigger_at
from orderflow.conformance.mutation.product import Product, Undecided
from orderflow.conformance.mutation.system import Broken, Cell, System, broken
from orderflow.conformance.mutation.tally import Fate, Judged, Score, judged
from orderflow.conformance.subjects.inside import Inside
from orderflow.conformance.subjects.subject import ADVANCE, Answer, Outcome
from orderflow.conformance.suites.case import Case, Suite
from orderflow.conformance.suites.execute import Result, Runner, Script, script_of, verdict_of
from orderflow.conformance.suites.graph import Graph
from orderflow.conformance.suites.rehearse import Rehearsed
from orderflow.flows.errors import OrderflowError
from orderflow.simulator.machine import Plan
from orderflow.simulator.scenario import ScenarioError

Make = Callable[[Mutant, Plan], Broken]
Progress = Callable[[str], None]


class MutationError(OrderflowError):
    """A suite that cannot be measured, because a sound system fails it."""


@dataclass(frozen=True)
class _Played:
    """A case as a sound system plays it.

    Attributes:
        steps: Its steps.
        positions: Where the order stands before each step, and after the last one.
        touches: Numbers of the steps that touch each cell.
    """

    steps: tuple[Rehearsed, ...]
    positions: tuple[Position, ...]
    touches: dict[Cell, tuple[int, ...]]


class _Attempt(NamedTuple):
    """What one case shows of one mutant.

    Attributes:
        kills: It fails.
        why: Why it could not be run to its end, else empty.
    """

    kills: bool
    why: str = ""


def sound_scripts(suite: Suite, plan: Plan) -> tuple[Script, ...]:
    """The cases of *suite*, each of which a sound system passes.

    Raises:
        MutationError: It does not pass some; names each of them.
    """
    found: list[Script] = []
    wrong: list[str] = []
    runner = Runner(Inside(plan), plan.flow)
    for case in suite.cases:
        try:
            script = script_of(case, plan)
        except ScenarioError as error:
            wrong.append(f"{case.id}: {error}")
            continue
        result = runner.run(script).result
        trouble = _unlike(case, script.case)
        if not trouble and result is not Result.PASSED:
            trouble = f"{result} on the simulator itself"
        if trouble:
            wrong.append(f"{case.id}: {trouble}")
        found.append(script)
    if wrong:
        first = f"{suite.flow}: a system that follows the flow does not pass the suite, "
        raise MutationError(first + "so its score means nothing\n  " + "\n  ".join(wrong))
    return tuple(found)


def _unlike(wanted: Case, real: Case) -> str:
    """How what a case expects differs from what the flow does; empty when it does not."""
    for number, (one, two) in enumerate(zip(wanted.steps, real.steps, strict=True), 1):
        if (one.then, one.refused) != (two.then, two.refused):
            expects = f"{'refused' if one.refused else 'taken'} and then {one.then}"
            does = f"{'refused' if two.refused else 'taken'} and then {two.then}"
            return f"step {number}, {one.act}, expects {expects}; the flow: {does}"
        if one.trigger and one.trigger != two.trigger:
            return f"step {number}, {one.act}, expects {one.trigger}; the flow: {two.trigger}"
    return ""


class Bench:
    """A suite, ready to be run on mutants.

    Args:
        scripts: Its cases, which a sound system passes.
        plan: The sound flow, compiled.
        reread: Look at the status after each step, and not only at whether it was taken.
        make: Makes a system of a mutant.
    """

    def __init__(
        self,
        scripts: Iterable[Script],
        plan: Plan,
        *,
        reread: bool = True,
        make: Make = broken,
    ) -> None:
        self.plan, self.reread, self.make = plan, reread, make
        self._played: list[_Played] = []
        self._where: dict[Cell, dict[int, None]] = {}
        for script in scripts:
            self.add(script)

    def add(self, script: Script) -> None:
        """Put a case behind the others."""
        played = _played(script, self.plan)
        for cell in played.touches:
            self._where.setdefault(cell, {})[len(self._played)] = None
        self._played.append(played)

    def notices(self, mutant: Mutant) -> bool:
        """Whether some case fails on *mutant*."""
        made = self.make(mutant, self.plan)
        return any(self._attempt(made, self._played[place]).kills for place in self._places(made))

    def _places(self, made: Broken) -> list[int]:
        """The cases that touch a cell in which it is broken."""
        return sorted({number for cell in made.cells for number in self._where.get(cell, ())})

    def killers(self, mutant: Mutant) -> tuple[int, str]:
        """The cases that fail on *mutant*, one bit each, and why one could not be run."""
        try:
            made = self.make(mutant, self.plan)
        except Exception as error:  # noqa: BLE001  # whatever breaks down, it is no kill
            return 0, _told(error)
        found, why = 0, ""
        for number in self._places(made):
            attempt = self._attempt(made, self._played[number])
            found |= attempt.kills << number
            why = why or attempt.why
        return found, why

    def _attempt(self, made: Broken, played: _Played) -> _Attempt:
        touches = sorted({step for cell in made.cells for step in played.touches.get(cell, ())})
        try:
            return self._run(made.system, played, touches)
        except Exception as error:  # noqa: BLE001  # whatever breaks down, it is no kill
            return _Attempt(kills=False, why=_told(error))

    def _run(self, system: System, played: _Played, touches: list[int]) -> _Attempt:
        number = touches[0]
        at, last = played.positions[number], len(played.steps)
        while number < last:
            step = played.steps[number]
            outcome, at = system.fire(at, step.call)
            if outcome is Outcome.INDETERMINATE:
                return _Attempt(kills=False, why="no answer")
            number += 1
            usual = played.positions[number]
            alike = at.alike(usual)
            if self._deviates(system, step, outcome, at, alike=alike):
                return _Attempt(kills=True)
            if alike:  # on to where the break may show next
                place = bisect_left(touches, number)
                number = touches[place] if place < len(touches) else last
                at = played.positions[number]._replace(memory=at.memory)
        return _Attempt(kills=False)

    def _deviates(
        self, system: System, step: Rehearsed, outcome: Outcome, at: Position, *, alike: bool
    ) -> bool:
        if alike and system.showing is None:
            refused = outcome is Outcome.REFUSED
            return step.call.event != ADVANCE and refused != step.step.refused
        answer = Answer(outcome, at.order.status)
        if verdict_of(step, answer, reread=self.reread) is not None:
            return True
        return self.reread and system.trigger(at) != step.step.trigger


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _played(script: Script, plan: Plan) -> _Played:
    system = System(plan)
    positions = [system.begin(script.case.start)]
    touches: dict[Cell, dict[int, None]] = {}
    for number, step in enumerate(script.rehearsed):
        _, at = system.fire(positions[-1], step.call)
        if (at.status, trigger_at(at)) != (step.step.then, step.step.trigger):
            raise MutationError(f"{script.case.id}: step {number + 1} cannot be played again")
        positions.append(at)
        for cell in _touched(step, plan):
            touches.setdefault(cell, {})[number] = None
    return _Played(
        script.rehearsed, tuple(positions), {cell: tuple(found) for cell, found in touches.items()}
    )


def _touched(step: Rehearsed, plan: Plan) -> Iterator[Cell]:
    """Cells at which a break would show in *step*, and the status it leads to."""
    yield step.step.then, ""
    if step.call.event != ADVANCE:
        yield step.source, step.call.event
        return
    for status in (step.source, *(event.target for event in step.events)):
        for _, event in plan.alarms.get(status, ()):
            yield status, event


def score(
    suite: Suite,
    graph: Graph,
    *,
    reread: bool = True,
    only: Iterable[Mutant] | None = None,
    make: Make = broken,
    progress: Progress = lambda _: None,
) -> Score:
    """Run *suite* on the mutants of its flow.

    Args:
        suite: The suite.
        graph: The graph of its flow.
        reread: Look at the status after each step, and not only at whether it was taken.
        only: Mutants to try; all when None.
        make: Makes a system of a mutant.
        progress: Told now and then how far it is.

    Raises:
        MutationError: A sound system does not pass the suite.
    """
    plan = graph.space.plan
    bench = Bench(sound_scripts(suite, plan), plan, reread=reread, make=make)
    product = Product(graph.space)
    found: list[Judged] = []
    for mutant in mutants(graph) if only is None else only:
        found.append(_judged(mutant, bench, product))
        if len(found) % 1_000 == 0:
            progress(f"{suite.flow}: {len(found)} mutants")
    cases = tuple(case.id for case in suite.cases)
    return Score(suite.flow, cases, reread, tuple(found))


def _judged(mutant: Mutant, bench: Bench, product: Product) -> Judged:
    killers, why = bench.killers(mutant)
    if killers:
        return judged(mutant, Fate.KILLED, killers)
    if why:
        return judged(mutant, Fate.ERROR, why=why)
    try:
        word = product.word(mutant)
    except Exception as error:  # noqa: BLE001  # whatever breaks down, it is not equivalent
        return judged(mutant, Fate.ERROR, why=_told(error))
    if word is None:
        return judged(mutant, Fate.EQUIVALENT)
    if isinstance(word, Undecided):
        return judged(mutant, Fate.UNDECIDED, why=word.why)
    return judged(mutant, Fate.SURVIVED, word=word)
