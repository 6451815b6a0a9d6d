"""Decides whether all of a system was learned: by the words of a suite, and how strong those are.

A learner is only as good as what it is asked to explain. With a few random words it stops at a
machine of two states and is content. So the words of our suite are played on the system, each to
its end; and what all words together would have noticed is measured, by putting every single fault
into the flow.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

from orderflow.conformance.learned import Kind, Letter, Machine, Strength, Word
from orderflow.conformance.learned_difference import agreed, suspects
from orderflow.conformance.learner_answers import Answers, Known
from orderflow.conformance.suites.case import Cost

LENGTH = 12
"""Inputs of a random word."""

POSITIVE = 0.99
"""Share of faults in what the flow takes that must be noticed."""

_ORDERS_A_CELL, _CALLS_A_STEP = 2.2, 3.3
"""Orders for each cell, and calls for each step on the way to one, measured on the bundled flows:
a cell is asked once for what it does and about once more for where it leads."""


def suite_words(expected: Machine) -> Iterator[Word]:
    """Every refused input of every state on one order, and every two steps after each other.

    The words of the pairs and of the illegal matrix, for the machine that the inputs show. What is
    refused must leave nothing behind: it is refused once more after all others, and each step is
    taken right after all of them.
    """
    for state, way in enumerate(expected.ways):
        row = tuple(zip(expected.alphabet, expected.cells[state], strict=True))
        refused = tuple(letter for letter, cell in row if cell.output.kind is Kind.REFUSED)
        if refused:
            yield (*way, *refused, *refused)
        for letter, cell in row:
            if cell.output.kind is Kind.TAKEN:
                yield from _followed((*way, letter), expected, cell.target)
                if refused:
                    yield (*way, *refused, letter)


def _followed(word: Word, expected: Machine, state: int) -> Iterator[Word]:
    """*word* with each step out of *state* behind it, or alone when there is none."""
    row = zip(expected.alphabet, expected.cells[state], strict=True)
    steps = [letter for letter, cell in row if cell.output.kind is Kind.TAKEN]
    yield from ((*word, letter) for letter in steps)
    if not steps:
        yield word


def random_words(alphabet: Sequence[Letter], count: int, seed: int) -> Iterator[Word]:
    """So many words of inputs picked by chance."""
    chance = random.Random(seed)
    for _ in range(count):
        yield tuple(chance.choice(alphabet) for _ in range(LENGTH))


class Oracle:
    """Looks for a word that the system answers otherwise than what was learned of it.

    Args:
        answers: The system, with all it answered.
        words: Words to try.
        expected: The flow, to make sure of every difference; None to try the words alone.

    Attributes:
        rounds: Times it was asked.
        latest: What was learned when it was asked last.
    """

    def __init__(
        self,
        answers: Answers,
        words: Iterable[Word],
        expected: Machine | None,
    ) -> None:
        self.answers, self.words, self.expected = answers, tuple(words), expected
        self.rounds = 0
        self.latest: Machine | None = None

    @property
    def states(self) -> int:
        """Number of states that were learned when it was asked last."""
        return 0 if self.latest is None else len(self.latest.status)

    def counterexample(self, machine: Machine) -> Word | None:
        """A word that *machine* does not explain, None when no word of ours is one."""
        self.rounds += 1
        self.latest = machine
        for word in self._all(machine):
            found = self._unexplained(machine, word)
            if found is not None:
                return found
        return None

    def _all(self, machine: Machine) -> Iterator[Word]:
        for word in self.words:
            yield word
            if self.expected is not None:
                yield from self._without_surprises(word, self.expected)
        if self.expected is not None:
            yield from suspects(machine, self.expected)
            if machine != self.expected:  # what it refuses leaves nothing behind either
                yield from suite_words(machine)

    def _without_surprises(self, word: Word, expected: Machine) -> Iterator[Word]:
        """*word* without what is not refused as it should be: behind that, the rest was not asked.

        The answers to one word show what has to be left out of the next one.
        """
        while (shorter := _refused_only(word, self.answers.root, expected)) != word:
            yield shorter
            word = shorter

    def _unexplained(self, machine: Machine, word: Word) -> Word | None:
        answers = self.answers.ask(word)
        for place, (said, seen) in enumerate(zip(machine.run(word), answers, strict=True)):
            if said != seen:
                return word[: place + 1]
        return None


def _refused_only(word: Word, root: Known, expected: Machine) -> Word:
    """*word* without the inputs that the flow refuses, and of which something else has come."""
    known: Known | None = root
    state, kept = 0, list[Letter]()
    for letter in word:
        cell = expected.cell(state, letter)
        behind = None if known is None else known.next.get(letter)
        surprises = behind is not None and behind.output not in {None, cell.output}
        if cell.output.kind is Kind.REFUSED and surprises:
            continue
        kept.append(letter)
        known, state = behind, cell.target
    return tuple(kept)


def strength(answers: Answers, expected: Machine) -> Strength:
    """How many single faults in the flow the words that were asked would have noticed.

    A fault in a step leads it to another state, or nowhere. A fault in a refusal takes the input,
    to any status, or refuses it and moves to another status all the same, or is spoilt by it, so
    that one step right behind it goes wrong. What lies behind a difference does not count: the
    system was not where the flow is.
    """
    asked = _asked(answers, expected)
    positive, negative = [0, 0], [0, 0]
    for state, row in enumerate(expected.cells):
        for place, cell in enumerate(row):
            seen = asked.get((state, place), [])
            if cell.output.kind is Kind.TAKEN:
                noticed, every = _steps_noticed(cell.target, seen, expected)
                positive[0] += noticed
                positive[1] += every
            elif cell.output.kind is Kind.REFUSED:
                every = len(set(expected.status)) * 2 - 1
                negative[0] += every if seen else 0
                negative[1] += every
    spoilt = _spoilt_noticed(answers.root, expected), _spoilt(expected)
    return Strength((positive[0], positive[1]), (negative[0], negative[1]), spoilt)


def _spoilt(expected: Machine) -> int:
    """How many pairs there are of a refusal and a step of the same state."""
    kinds = ([cell.output.kind for cell in row] for row in expected.cells)
    return sum(row.count(Kind.REFUSED) * row.count(Kind.TAKEN) for row in kinds)


def _spoilt_noticed(root: Known, expected: Machine) -> int:
    """How many of them were asked one after the other, with nothing but refusals between.

    What was not refused at all has been noticed as well.
    """
    steps = [
        [
            x
            for x, cell in zip(expected.alphabet, row, strict=True)
            if cell.output.kind is Kind.TAKEN
        ]
        for row in expected.cells
    ]
    found: set[tuple[int, Letter, Letter]] = set()
    stack: list[tuple[Known, int, frozenset[Letter]]] = [(root, 0, frozenset())]
    while stack:
        known, state, refused = stack.pop()
        for letter, behind in known.next.items():
            cell = expected.cell(state, letter)
            taken = cell.output.kind is Kind.TAKEN
            if behind.output is None or Kind.IMPOSSIBLE in {behind.output.kind, cell.output.kind}:
                continue
            if taken:
                found.update((state, each, letter) for each in refused)
            elif behind.output != cell.output:
                found.update((state, letter, each) for each in steps[state])
            if behind.output == cell.output:
                stack.append((behind, cell.target, frozenset() if taken else refused | {letter}))
    return len(found)


def _asked(answers: Answers, expected: Machine) -> dict[tuple[int, int], list[Known]]:
    """What was answered, by the state the flow is in and the place of the input."""
    found: dict[tuple[int, int], list[Known]] = {}
    for _, state, known in agreed(answers.root, expected):
        for letter, behind in known.next.items():
            if behind.output is not None and behind.output.kind is not Kind.IMPOSSIBLE:
                found.setdefault((state, expected.place[letter]), []).append(behind)
    return found


def _steps_noticed(target: int, seen: Sequence[Known], expected: Machine) -> tuple[int, int]:
    """Of the faults in a step to *target*: how many are noticed, and how many there are."""
    status, others = expected.status[target], range(len(expected.status))
    noticed = 0
    for other in others:
        if other == target:
            noticed += bool(seen)  # the step refused instead, which the answer itself shows
        elif expected.status[other] != status:
            noticed += bool(seen)
        else:
            noticed += any(_apart(known, target, other, expected) for known in seen)
    return noticed, len(others)


def _apart(known: Known, one: int, other: int, expected: Machine) -> bool:
    """Whether what was asked behind *known* tells two states of the flow apart."""
    stack = [(known, one, other)]
    while stack:
        known, one, other = stack.pop()
        for letter, behind in known.next.items():
            first, second = expected.cell(one, letter), expected.cell(other, letter)
            if first.output != second.output:
                return True
            stack.append((behind, first.target, second.target))
    return False


def weaknesses(found: Strength, left_out: Iterable[str], hidden: Sequence[str]) -> Iterator[str]:
    """Why no success can be claimed, as far as what was asked is too weak.

    Args:
        found: What all that was asked would have noticed.
        left_out: Why inputs could not be asked for.
        hidden: States of the flow that no order got to.
    """
    for reason in left_out:
        yield f"part of the flow could not be asked: {reason}"
    if hidden:
        yield f"no order got to {len(hidden)} states of the flow in the way of the flow"
    what = (
        ("takes", found.positive, POSITIVE),
        ("refuses", found.negative, 1.0),
        ("takes right after a refusal", found.spoilt, 1.0),
    )
    for (does, (noticed, every), wanted), share in zip(what, found.shares, strict=True):
        if share < wanted:
            yield (
                f"of the faults in what the flow {does} only {noticed:,} of {every:,} would have "
                "been noticed"
            )


def expected_cost(expected: Machine) -> Cost:
    """About what learning takes when the system does what the flow says."""
    ways = [
        len(expected.ways[state]) + 1
        for state, row in enumerate(expected.cells)
        for cell in row
        if cell.output.kind is not Kind.IMPOSSIBLE
    ]
    return Cost(round(len(ways) * _ORDERS_A_CELL), round(sum(ways) * _CALLS_A_STEP))
