"""Runs a suite on every mutant of its flow and counts which ones it notices.

A broken system does what the flow says until its break is met. So of each case only what comes
from there on is played, and no more than until order and time are as they should be again.
The sound system comes first: where it fails a case, nothing that the case finds means anything.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
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
        beginnings: The number of its first steps up to and with each: what begins alike has the
            same, in whichever case.
    """

    steps: tuple[Rehearsed, ...]
    positions: tuple[Position, ...]
    touches: dict[Cell, tuple[int, ...]]
    beginnings: tuple[int, ...]


class _Shown(NamedTuple):
    """What one step shows of a mutant that nothing was seen of until then.

    Attributes:
        attempt: What is known by it, None while that is nothing.
        at: Where the order stands then.
        alike: That is where it should.
    """

    attempt: _Attempt | None
    at: Position
    alike: bool


class _Attempt(NamedTuple):
    """What one case shows of one mutant.

    Attributes:
        kills: It fails.
        why: Why it could not be run to its end, else empty.
        settled: Right after the last touch it was as it should be: whatever a case does from there
            on, it shows no more.
    """

    kills: bool
    why: str = ""
    settled: bool = False


_Known = dict[int, _Shown]
"""What is known of one mutant, by what was done to it: many cases begin alike."""


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
        self._beginnings: dict[tuple[object, ...], int] = {}
        for script in scripts:
            self.add(script)

    def add(self, script: Script) -> None:
        """Put a case behind the others."""
        played = _played(script, self.plan, self._begun(script))
        for cell in played.touches:
            self._where.setdefault(cell, {})[len(self._played)] = None
        self._played.append(played)

    def _begun(self, script: Script) -> tuple[int, ...]:
        """The numbers of the beginnings of a case."""
        found: list[int] = []
        key: tuple[object, ...] = (script.case.start,)
        for step in script.rehearsed:
            key = (*(found[-1:] or key), step.step.act)
            found.append(self._beginnings.setdefault(key, len(self._beginnings)))
        return tuple(found)

    def notices(self, mutant: Mutant) -> bool:
        """Whether some case fails on *mutant*."""
        made, known = self.make(mutant, self.plan), _Known()
        settled: set[int] = set()
        for place in self._places(made.cells):
            played = self._played[place]
            until = played.beginnings[_last_touch(played, made.cells)]
            if until in settled:
                continue
            attempt = self._attempt(made, played, _touches(played, made.cells), known)
            if attempt.kills:
                return True
            if attempt.settled:
                settled.add(until)
        return False

    def _places(self, cells: tuple[Cell, ...]) -> list[int]:
        """The cases that touch one of *cells*."""
        return sorted({number for cell in cells for number in self._where.get(cell, ())})

    def killers(self, mutant: Mutant) -> tuple[int, str]:
        """The cases that fail on *mutant*, one bit each, and why one could not be run."""
        try:
            made = self.make(mutant, self.plan)
        except Exception as error:  # noqa: BLE001  # whatever breaks down, it is no kill
            return 0, _told(error)
        found, why, known = 0, "", _Known()
        for number in self._places(made.cells):
            played = self._played[number]
            attempt = self._attempt(made, played, _touches(played, made.cells), known)
            found |= attempt.kills << number
            why = why or attempt.why
        return found, why

    def _attempt(
        self, made: Broken, played: _Played, touches: Sequence[int], known: _Known
    ) -> _Attempt:
        try:
            return self._run(made.system, played, touches, known)
        except Exception as error:  # noqa: BLE001  # whatever breaks down, it is no kill
            return _Attempt(kills=False, why=_told(error))

    def _run(
        self, system: System, played: _Played, touches: Sequence[int], known: _Known
    ) -> _Attempt:
        number = touches[0]
        at, last = played.positions[number], len(played.steps)
        while number < last:
            shown = known.get(played.beginnings[number])
            if shown is None:
                shown = self._shown(system, played, number, at)
                known[played.beginnings[number]] = shown
            attempt, at, alike = shown
            if attempt is not None:
                return attempt
            number += 1
            if alike:  # on to where the break may show next
                place = bisect_left(touches, number)
                if place == len(touches):
                    return _Attempt(kills=False, settled=number == touches[-1] + 1)
                number = touches[place]
                at = played.positions[number]._replace(memory=at.memory)
        return _Attempt(kills=False)

    def _shown(self, system: System, played: _Played, number: int, at: Position) -> _Shown:
        """What a step shows of an order that stands where *at* says."""
        step = played.steps[number]
        outcome, after = system.fire(at, step.call)
        if outcome is Outcome.INDETERMINATE:
            return _Shown(_Attempt(kills=False, why="no answer"), after, alike=False)
        alike = after.alike(played.positions[number + 1])
        kills = self._deviates(system, step, outcome, after, alike=alike)
        return _Shown(_Attempt(kills=True) if kills else None, after, alike)

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


def _touches(played: _Played, cells: tuple[Cell, ...]) -> Sequence[int]:
    """Numbers of the steps that touch one of *cells*, in order."""
    if len(cells) == 1:
        return played.touches[cells[0]]
    return sorted({step for cell in cells for step in played.touches.get(cell, ())})


def _last_touch(played: _Played, cells: tuple[Cell, ...]) -> int:
    """Number of the last step that touches one of *cells*."""
    return max(played.touches[cell][-1] for cell in cells if cell in played.touches)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _played(script: Script, plan: Plan, beginnings: tuple[int, ...]) -> _Played:
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
    touched = {cell: tuple(found) for cell, found in touches.items()}
    return _Played(script.rehearsed, tuple(positions), touched, beginnings)


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
