"""What a suite is worth: what became of each mutant, counted in the ways people ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from orderflow.conformance.mutation.mutant import Mutant, Operator, Sign
from orderflow.conformance.mutation.reach import Word

Key = TypeVar("Key")

APART = frozenset({Operator.COUNTER, Operator.HISTORY})
"""Operators that no count of the positive ones holds: few suites are made for them."""


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    """Some case fails on it."""
    SURVIVED = "survived"
    """No case fails on it, and one could be written that does."""
    EQUIVALENT = "equivalent"
    """Nothing can tell it from the flow."""
    UNDECIDED = "undecided"
    """No case fails on it, and the search for one came to no end."""
    ERROR = "error"
    """No case fails on it, and some could not be run to their end."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One mutant and what became of it.

    Attributes:
        id: Its id.
        operator: Its kind.
        sign: Whether it breaks what is allowed or what is forbidden.
        actors: Who fires the event in question; () when nobody would.
        says: What is wrong, in one clause.
        fate: What became of it.
        killers: The cases that fail on it, one bit each, the first case the lowest one.
        word: A shortest test that would fail on it; None when it is killed, or there is none.
        why: Why it is undecided or an error, else empty.
    """

    id: str
    operator: Operator
    sign: Sign
    actors: tuple[str, ...]
    says: str
    fate: Fate
    killers: int = 0
    word: Word | None = None
    why: str = ""

    @property
    def participant(self) -> str:
        """Who fires the event first of all, ``nobody`` when no one does."""
        return self.actors[0] if self.actors else "nobody"


def judged(
    mutant: Mutant, fate: Fate, killers: int = 0, *, word: Word | None = None, why: str = ""
) -> Judged:
    """*mutant* without its flow, and what became of it."""
    told = (mutant.id, mutant.operator, mutant.sign, mutant.actors, mutant.says)
    return Judged(*told, fate, killers, word, why)


def bits(mask: int) -> list[int]:
    """Places of the bits that are set.

    >>> bits(0b1010)
    [1, 3]
    """
    found = []
    while mask:
        found.append((mask & -mask).bit_length() - 1)
        mask &= mask - 1
    return found


@dataclass(frozen=True, slots=True)
class Tally:
    """Mutants of one sort, counted.

    Attributes:
        mutants: All of them.
        killed: Those some case fails on.
        equivalent: Those nothing can tell from the flow.
        undecided: Those of which nobody knows.
        errors: Those that no case fails on and that broke down.
    """

    mutants: int = 0
    killed: int = 0
    equivalent: int = 0
    undecided: int = 0
    errors: int = 0

    @property
    def score(self) -> float:
        """Share killed of all that some test could tell from the flow, 0 to 1; 1 of none.

        Those that broke down, and those nobody knows of, count as not killed.
        """
        real = self.mutants - self.equivalent
        return self.killed / real if real else 1.0


def tally_of(all_judged: Iterable[Judged]) -> Tally:
    """Count what became of them."""
    fates = [each.fate for each in all_judged]
    return Tally(
        len(fates),
        fates.count(Fate.KILLED),
        fates.count(Fate.EQUIVALENT),
        fates.count(Fate.UNDECIDED),
        fates.count(Fate.ERROR),
    )


@dataclass(frozen=True)
class Score:
    """What one suite is worth for one flow.

    Attributes:
        flow: How a command line names the flow.
        cases: Ids of the cases, in the order of the suite.
        reread: Whether the status was read again after each step.
        judged: Every mutant, in the order of the operators.
    """

    flow: str
    cases: tuple[str, ...]
    reread: bool
    judged: tuple[Judged, ...]

    @property
    def total(self) -> Tally:
        """All mutants."""
        return tally_of(self.judged)

    @cached_property
    def operators(self) -> dict[Operator, Tally]:
        """By kind, in the order in which the kinds are defined; those without mutants left out."""
        found = _by(self.judged, lambda each: each.operator)
        return {name: found[name] for name in Operator if name in found}

    @cached_property
    def signs(self) -> dict[Sign, Tally]:
        """By sign; counters and histories are left out of the positive ones."""
        usual = (each for each in self.judged if each.operator not in APART)
        found = _by(usual, lambda each: each.sign)
        return {sign: found.get(sign, Tally()) for sign in Sign}

    @cached_property
    def participants(self) -> dict[str, Tally]:
        """By who fires the event, in alphabetical order."""
        found = _by(self.judged, lambda each: each.participant)
        return {name: found[name] for name in sorted(found)}

    @property
    def survivors(self) -> tuple[Judged, ...]:
        """Mutants that no case fails on although one could."""
        return tuple(each for each in self.judged if each.fate is Fate.SURVIVED)

    @cached_property
    def kills(self) -> tuple[tuple[int, int], ...]:
        """Of each case the number of mutants it kills, and of those that no other case kills."""
        all_of, own = [0] * len(self.cases), [0] * len(self.cases)
        for each in self.judged:
            alone = each.killers.bit_count() == 1
            for place in bits(each.killers):
                all_of[place] += 1
                own[place] += alone
        return tuple(zip(all_of, own, strict=True))

    @property
    def redundant(self) -> tuple[str, ...]:
        """Ids of the cases that kill nothing that another one does not kill.

        Any one of them can be left out; leaving out several may cost kills they share.
        """
        pairs = zip(self.cases, self.kills, strict=True)
        return tuple(case for case, (_, own) in pairs if not own)

    def matrix(self) -> dict[str, tuple[str, ...]]:
        """Ids of the mutants that each case kills, by the id of the case."""
        table: dict[str, list[str]] = {case: [] for case in self.cases}
        for each in self.judged:
            for place in bits(each.killers):
                table[self.cases[place]].append(each.id)
        return {case: tuple(found) for case, found in table.items()}


def _by(all_judged: Iterable[Judged], key: Callable[[Judged], Key]) -> dict[Key, Tally]:
    rows: dict[Key, list[Judged]] = {}
    for each in all_judged:
        rows.setdefault(key(each), []).append(each)
    return {name: tally_of(row) for name, row in rows.items()}
