"""Measures the rules: which broken flows do they notice, and by which rule?

What a broken flow does is judged in two ways: by the sound flow, which is right, and by the broken
flow itself, which is all there is when nobody has the right one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from orderflow.conformance.drive import Driver, Start
from orderflow.conformance.mutation.mutant import Mutant
from orderflow.conformance.mutation.rule_judge import Judge
from orderflow.conformance.mutation.rule_ways import (
    Difference,
    Ground,
    Trail,
    decide,
    ends_in_time,
    followed,
    onward,
    rests,
)
from orderflow.conformance.prove import prove
from orderflow.conformance.rules import RULES
from orderflow.simulator.scenario import Act
from orderflow.simulator.space import Key, search


@dataclass(frozen=True, slots=True)
class Depth:
    """How far a break is followed before everything is searched.

    Attributes:
        places: Configurations in which it is tried.
        behind: Configurations behind it that are judged.
    """

    places: int
    behind: int


FAR = Depth(1_000, 400)
"""For a judge that is right: more than any bundled flow has."""

NEAR = Depth(4, 8)
"""For a broken flow that judges itself: most breaks go unnoticed, so the score is a lower bound."""

THE_FLOW = "I-09"
"""The invariant that compares with the flow itself, and says nothing of the rules."""

NO_WAY_OUT = "I-10"


class Killer(StrEnum):
    """What notices a broken flow."""

    RULE = "rule"
    """An A-rule: histories and documents of orders are enough."""
    INVARIANT = "invariant"
    """An invariant on two moments of a run, and no A-rule."""
    FLOW = "flow"
    """The comparison with the flow itself, and nothing else."""
    NOTHING = "nothing"
    """Nothing: it survives."""
    EQUIVALENT = "equivalent"
    """No run can tell it from the sound flow."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """What objects to a broken flow at the first place where something does.

    Attributes:
        rules: Ids of all rules that object there.
        invariants: Ids of the invariants that object where no rule does.
        steps: Steps of the run that shows it; 0 when nothing objects.
    """

    rules: tuple[str, ...] = ()
    invariants: tuple[str, ...] = ()
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one broken flow.

    Attributes:
        mutant: The broken flow.
        killer: What noticed it.
        noticed: By which rules and where.
        refuses: It shows in nothing but refusals of what should be taken, and no rule notices.
        itself: What is noticed when the broken flow is judged by itself; None when that was not
            asked for or it is equivalent.
    """

    mutant: Mutant
    killer: Killer
    noticed: Noticed = Noticed()
    refuses: bool = False
    itself: Noticed | None = None


def measure(
    ground: Ground, mutants: Iterable[Mutant], *, itself: bool = True, everything: bool = True
) -> Iterator[Outcome]:
    """Give what becomes of each broken flow, in their order.

    Args:
        ground: The sound flow.
        mutants: Broken flows made of it.
        itself: Whether to judge each by itself, too.
        everything: Whether to search every situation of those that no rule objects to near the
            break.
    """
    sound = Judge(ground.flow, ground.settings)
    usual = _usual(ground, sound)
    for mutant in mutants:
        subject = _Subject(ground, mutant, usual)
        if subject.equivalent:
            yield Outcome(mutant, Killer.EQUIVALENT)
            continue
        noticed = subject.noticed(sound, FAR)
        refuses = not noticed.rules and subject.refuses
        if everything and not noticed.rules and not refuses:  # a refusal makes no history
            noticed = subject.searched() or noticed
        own = Judge(mutant.flow, ground.settings)
        alone = subject.noticed(own, NEAR) if itself else None
        yield Outcome(mutant, subject.killer(noticed), noticed, refuses, alone)


def _usual(ground: Ground, judge: Judge) -> frozenset[tuple[str, str]]:
    """(rule, status) of what a sound order breaks by waiting where nothing takes it on."""
    found: set[tuple[str, str]] = set()
    for status, places in ground.by_status.items():
        for place in places:
            trail = ground.trail(place)
            if rests(ground.space.plan, trail):
                found |= {(rule, status) for rule in judge.waiting(trail)}
    return frozenset(found)


class _Subject:
    """One broken flow, with the differences that were found so far."""

    def __init__(self, ground: Ground, mutant: Mutant, usual: frozenset[tuple[str, str]]) -> None:
        self.ground, self.mutant, self.usual = ground, mutant, usual
        self.plan, cells = ground.broken(mutant)
        self._more = ground.differences(self.plan, cells)
        self._found: list[Difference] = []
        self._ends: set[Key] = set()

    def differences(self) -> Iterator[Difference]:
        """What it decides otherwise than the sound flow, nearest first."""
        yield from self._found
        for each in self._more:
            self._found.append(each)
            yield each

    @property
    def equivalent(self) -> bool:
        """Whether it decides nothing otherwise."""
        return next(self.differences(), None) is None

    @property
    def refuses(self) -> bool:
        """Whether it takes nothing that the sound flow refuses or takes otherwise."""
        return not any(each.taken for each in self.differences())

    def noticed(self, judge: Judge, depth: Depth) -> Noticed:
        """What objects at the break, or else behind it."""
        starts: list[Trail] = []
        weaker = Noticed()
        for each in islice(self.differences(), depth.places):
            before = self.ground.trail(each.place)
            after = self._broken(before, each)
            rules = judge.rules(after) if each.taken else ()
            rules = rules or self._waiting(judge, after)
            if rules:
                return Noticed(rules, (), len(after.steps))
            if each.taken and not weaker.steps:
                step = self.mutant.flow.transition[after.steps[-1].transition or ""]
                weaker = _noted(judge.invariants(before, after, step), after)
            starts.append(after)
        weaker = weaker if weaker.steps else self._stuck(starts)
        if not any(each.taken for each in islice(self._found, depth.places)):
            return weaker
        found = self._behind(judge, starts, depth.behind)
        return found if found.rules or not weaker.steps else weaker

    def _broken(self, before: Trail, difference: Difference) -> Trail:
        """The order after the event; the same where it is refused."""
        decision = decide(self.plan, before, difference.event, difference.choice)
        return before if decision is None else followed(before, decision)

    def _waiting(self, judge: Judge, trail: Trail) -> tuple[str, ...]:
        """Rules that object to an order that nothing takes on, unless sound orders wait so, too."""
        sound = self.ground.space.plan
        if not trail.steps:
            return ()
        if ends_in_time(sound, trail) and not ends_in_time(self.plan, trail):
            return judge.overdue(trail)
        if judge.flow is not self.ground.flow or not rests(self.plan, trail):
            return ()  # whether an order hangs is asked only where the right flow is known
        status = trail.order.status
        return tuple(each for each in judge.waiting(trail) if (each, status) not in self.usual)

    def _stuck(self, starts: Iterable[Trail]) -> Noticed:
        found = next((trail for trail in starts if trail.steps and not self._can_end(trail)), None)
        return Noticed() if found is None else _noted((NO_WAY_OUT,), found)

    def _can_end(self, trail: Trail) -> bool:
        """Whether the order can still reach a final status."""
        queue, known = [trail], {self.ground.key(trail)}
        for here in queue:  # grows while it is walked
            if here.order.status in self.plan.flow.final or self.ground.key(here) in self._ends:
                self._ends.add(self.ground.key(trail))
                return True
            for there in onward(self.plan, here):
                key = self.ground.key(there)
                if key not in known:
                    known.add(key)
                    queue.append(there)
        return False

    def _behind(self, judge: Judge, starts: list[Trail], most: int) -> Noticed:
        """What objects to what comes after the break, each configuration visited once."""
        queue, known = list(starts), {self.ground.key(each) for each in starts}
        weaker = Noticed()
        for before in queue:  # grows while it is walked
            for after in onward(self.plan, before):
                rules = judge.rules(after)
                if rules:
                    return Noticed(rules, (), len(after.steps))
                if not weaker.steps:
                    step = self.mutant.flow.transition[after.steps[-1].transition or ""]
                    weaker = _noted(judge.invariants(before, after, step), after)
                key = self.ground.key(after)
                if key in known:
                    continue
                known.add(key)
                if len(known) > most + len(starts):
                    return weaker
                queue.append(after)
        return weaker

    def searched(self) -> Noticed | None:
        """What the exhaustive search finds; None when no rule objects."""
        sound, settings = self.ground.space, self.ground.settings
        # A guard that is not asked must not make orders alike that the sound flow tells apart.
        space = search(self.mutant.flow, settings, more=sound.facts)
        proof = prove(space, settings, reference=sound.plan.flow, first=RULES.keys())
        for found in proof.counterexamples:
            if found.rule in RULES and found.severity != "info":
                return Noticed((found.rule,), (), len(found.acts))
        return None

    def killer(self, noticed: Noticed) -> Killer:
        """What notices it: a rule, an invariant, or only a comparison with the flow."""
        if noticed.rules:
            return Killer.RULE
        if noticed.invariants:
            return Killer.INVARIANT
        return Killer.FLOW if self._differs() else Killer.NOTHING

    def _differs(self) -> bool:
        """Whether a run of it is seen to differ from what the sound flow decides."""
        driver = Driver(self.ground.space, self.ground.settings, subject=self.plan)
        for each in self.differences():
            path = self.ground.path(each.place)
            root = path[0].source if path else each.place
            driver.begin(Start(replaceable=self.ground.space.orders[root].replaceable))
            if not driver.follow(path):
                continue
            driver.act(Act(each.event, each.choice))
            if any(trouble.rule == THE_FLOW for trouble in driver.troubles):
                return True
        return False


def _noted(invariants: tuple[str, ...], trail: Trail) -> Noticed:
    return Noticed((), invariants, len(trail.steps)) if invariants else Noticed()
