"""The shortest thing one can do to an order that shows a break, or the proof that there is none.

Sound and broken system are asked the same, side by side, from every moment at which they may
first differ. Two pairs of positions that no guard, timer or stage can tell apart count as one, so
that the search ends. Data is made of the sound order only, as in a test. Where a guard may be wrong
by a cent, amounts a cent beside what is left are asked, too, and tell positions apart.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from orderflow.conformance.mutation.cents import beside, closest
from orderflow.conformance.mutation.mutant import Mutant
from orderflow.conformance.mutation.position import Position, trigger_at
from orderflow.conformance.mutation.reach import Moment, Reach, Word, walked_closely
from orderflow.conformance.mutation.system import Broken, Cell, System, broken
from orderflow.conformance.subjects.subject import ADVANCE, Call, Outcome
from orderflow.conformance.suites.rehearse import rehearse
from orderflow.simulator.choices import NONE, choices, realise
from orderflow.simulator.machine import Plan
from orderflow.simulator.order import Order
from orderflow.simulator.scenario import EARLY, Act, ScenarioError, duration
from orderflow.simulator.simulator import Refused, choose, timer_data
from orderflow.simulator.space import Space, key_of

LIMIT = 20_000
"""Pairs of positions after which a search gives up."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A search that came to no end.

    Attributes:
        why: What stopped it.
    """

    why: str


class Asked:
    """Acts, as a sound order makes calls of them.

    Args:
        plan: The sound flow, compiled.
        close: Ask amounts a cent beside what is left, too.
    """

    def __init__(self, plan: Plan, *, close: bool = False) -> None:
        self.plan, self.close = plan, close

    def everything(self, at: Position) -> Iterator[tuple[Act, Call]]:
        """All that can be asked about a sound order."""
        for event in self.plan.flow.events:
            yield from self.event(at, event)
        yield from self.waiting(at)

    def cell(self, at: Position, cell: Cell) -> Iterator[tuple[Act, Call]]:
        """All that touches one cell."""
        if at.order.status == cell[0] and cell[1]:
            yield from self.event(at, cell[1])
            yield from self.waiting(at)

    def event(self, at: Position, event: str) -> Iterator[tuple[Act, Call]]:
        """All kinds of data *event* can come with now."""
        row = self.plan.branches.get((at.order.status, event), ())
        waits = [branch.wait for branch in row if branch.wait is not None]
        if waits:
            yield Act(event, EARLY), Call(event, timer_data(event) or self._usual(at, event))
        if waits and len(waits) == len(row):
            return  # whatever else is sent means waiting
        for act in self._acts(event, at.order):
            data = realise(event, act.choice, at.order, act.draw)
            if not waits or not self._is_for_timer(at, event, data, min(waits)):
                yield act, Call(event, data)

    def _acts(self, event: str, order: Order) -> Iterator[Act]:
        yield from (Act(event, choice) for choice in choices(event, order))
        if self.close:
            yield from closest(event, order)

    @staticmethod
    def _usual(at: Position, event: str) -> dict[str, object]:
        known = choices(event, at.order)
        return realise(event, known[0] if NONE not in known else NONE, at.order)

    def _is_for_timer(self, at: Position, event: str, data: dict[str, object], wait: int) -> bool:
        """Whether *data* is what a time limit brings, so that the act means waiting for it."""
        now = choose(self.plan, at.order, event, data, at.now)
        if not isinstance(now, Refused):
            return False
        late = choose(self.plan, at.order, event, data, at.order.entered_at + wait)
        return not isinstance(late, Refused)

    def waiting(self, at: Position) -> Iterator[tuple[Act, Call]]:
        """Waiting until a time limit is over, and until just before."""
        since = at.order.entered_at
        for wait, event in self.plan.alarms.get(at.order.status, ()):
            left = since + wait - at.now
            row = self.plan.branches[at.order.status, event]
            if left > 1:
                yield Act(ADVANCE, duration(left - 1)), Call(ADVANCE, wait=left - 1)
            if left > 0:
                pure = all(branch.wait is not None for branch in row) and len(row) == 1
                act = Act(event) if pure else Act(ADVANCE, duration(left))
                yield act, Call(ADVANCE, wait=left)

    def key(self, at: Position, facts: tuple[str, ...]) -> object:
        """What two positions share that nothing that can be asked tells apart."""
        order = at.order
        alarms = self.plan.alarms.get(order.status, ())
        over = tuple(at.now >= order.entered_at + wait for wait, _ in alarms)
        return key_of(order, facts), at.trail, over, beside(order) if self.close else ()


def differs(call: Call, sound: tuple[Outcome, Position], other: tuple[Outcome, Position]) -> bool:
    """Whether yes or no, or the status shown then, differs."""
    if call.event != ADVANCE and sound[0] is not other[0]:
        return True
    return sound[1].order.status != other[1].order.status


@dataclass
class _Pair:
    """Sound and broken order after the same acts."""

    sound: Position
    other: Position
    word: Word


@dataclass
class _Side:
    """The search for one mutant.

    Attributes:
        asked: Makes calls of acts.
        sound: The sound system.
        made: The broken one.
        facts: Facts by which documents are told apart.
        limit: Pairs after which to give up.
        accepted: Whether a word really shows the break.
    """

    asked: Asked
    sound: System
    made: Broken
    facts: tuple[str, ...]
    limit: int
    accepted: Callable[[Word], bool]
    queue: list[tuple[int, int, _Pair, bool]] = field(default_factory=list)
    seen: set[object] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=count)
    doubted: Word | None = None

    def put(self, pair: _Pair, *, first: bool) -> None:
        """Keep *pair* for later; those with the shortest way come first."""
        entry = (len(pair.word.acts), next(self.numbers), pair, first)
        heapq.heappush(self.queue, entry)

    def run(self, moments: Iterator[Moment]) -> Word | Undecided | None:
        """Search from *moments*, which come nearest first."""
        statuses = {status for status, _ in self.made.cells}
        near = (m for m in moments if m.position.order.status in statuses)
        coming = next(near, None)
        while coming is not None or self.queue:
            while coming is not None and (
                not self.queue or len(coming.word.acts) <= self.queue[0][0]
            ):
                self.put(_Pair(coming.position, coming.position, coming.word), first=True)
                coming = next(near, None)
            _, _, pair, first = heapq.heappop(self.queue)
            found = self.expand(pair, first=first)
            if found is not None:
                return found
            if len(self.seen) > self.limit:
                return Undecided(f"more than {self.limit} pairs of positions")
        if self.doubted is not None:
            return Undecided("no act can say what would show it")
        return None

    def expand(self, pair: _Pair, *, first: bool) -> Word | None:
        """Ask both everything; the word when they differ, and keep those that have parted."""
        if first and self._shows(pair) and self._good(pair.word):
            return pair.word
        for act, call in self._inputs(pair.sound, first=first):
            sound = self.sound.fire(pair.sound, call)
            other = self.made.system.fire(pair.other, call)
            word = Word(pair.word.start, (*pair.word.acts, act))
            new = _Pair(sound[1], other[1], word)
            if differs(call, sound, other) or self._shows(new):
                if self._good(word):
                    return word
                continue
            if not self._merged(new):
                self._keep(new)
        return None

    def _good(self, word: Word) -> bool:
        good = bool(word.acts) and self.accepted(word)
        if not good:
            self.doubted = word
        return good

    def _inputs(self, at: Position, *, first: bool) -> Iterator[tuple[Act, Call]]:
        if not first:
            yield from self.asked.everything(at)
            return
        for cell in self.made.cells:
            yield from self.asked.cell(at, cell)

    def _shows(self, pair: _Pair) -> bool:
        """Whether another stage is shown."""
        showing = self.made.system.showing
        if showing is None and pair.sound.alike(pair.other):
            return False
        return trigger_at(pair.sound) != self.made.system.trigger(pair.other)

    def _merged(self, pair: _Pair) -> bool:
        """Whether both stand alike again: that is where another moment begins."""
        return pair.sound.alike(pair.other)

    def _keep(self, pair: _Pair) -> None:
        keys = (self.asked.key(each, self.facts) for each in (pair.sound, pair.other))
        key = (*keys, pair.other.memory, self._apart(pair))
        if key not in self.seen:
            self.seen.add(key)
            self.put(pair, first=False)

    @staticmethod
    def _apart(pair: _Pair) -> tuple[int, ...]:
        """In what the amounts of the two documents differ, and how far their times."""
        sound, other = pair.sound.order, pair.other.order
        amounts = (
            (sound.value, other.value),
            (sound.invoiced, other.invoiced),
            (sound.returned, other.returned),
        )
        late = other.entered_at - sound.entered_at
        return (late, *((one > two) - (one < two) for one, two in amounts))


@dataclass(frozen=True)
class Product:
    """Looks for what tells a mutant from the sound flow.

    Attributes:
        space: The configurations of the flow.
        limit: Pairs of positions after which a search gives up.
    """

    space: Space
    limit: int = LIMIT
    _reach: list[Reach] = field(default_factory=list, compare=False, repr=False)
    _close: list[Moment] = field(default_factory=list, compare=False, repr=False)

    def word(self, mutant: Mutant) -> Word | Undecided | None:
        """A shortest word that tells *mutant* from the flow; None when there is none."""
        plan, close = self.space.plan, mutant.quirk is not None and bool(mutant.quirk.guard)
        made, asked = broken(mutant, plan), Asked(plan, close=close)
        side = _Side(
            asked,
            System(plan),
            made,
            self.space.facts,
            self.limit,
            lambda word: shows(plan, made.system, word),
        )
        if not close:
            return side.run(self._usually(made.system))
        found = side.run(self._closely(asked))
        if found is None and any(map(self._is_modified, self._close)):
            return Undecided("an invoiced order can be modified, and no act names each amount")
        return found

    def _usually(self, system: System) -> Iterator[Moment]:
        if not self._reach:
            self._reach.append(Reach(self.space))
        return self._reach[0].moments(system)

    def _closely(self, asked: Asked) -> Iterator[Moment]:
        """All moments that a cent tells apart, nearest first."""
        if not self._close:
            facts = self.space.facts
            found = walked_closely(self.space, asked.everything, lambda at: asked.key(at, facts))
            self._close.extend(found)
        return iter(self._close)

    def _is_modified(self, moment: Moment) -> bool:
        """Whether the value of an order with invoices can change, by whatever amount."""
        order, now = moment.position.order, moment.position.now
        if not order.invoiced:
            return False
        known = choices("modify_order", order)
        asked = (realise("modify_order", choice, order) for choice in known)
        taken = (choose(self.space.plan, order, "modify_order", data, now) for data in asked)
        return not all(isinstance(each, Refused) for each in taken)


def shows(plan: Plan, system: System, word: Word) -> bool:
    """Whether a test that does what *word* says fails on *system*, at its last act or before."""
    try:
        steps = rehearse(plan, word.start, word.acts)
    except ScenarioError:
        return False
    at = system.begin(word.start)
    for each in steps:
        outcome, at = system.fire(at, each.call)
        if each.call.event != ADVANCE and (outcome is Outcome.REFUSED) != each.step.refused:
            return True
        if at.status != each.step.then or system.trigger(at) != each.step.trigger:
            return True
    return False
