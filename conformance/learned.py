"""What was learned of a system: the machine it is, what that cost, and how far to believe it.

A :class:`Machine` is the table of what a system does in each situation with each input. The flow
itself, seen through the same inputs, is a machine, too (:mod:`orderflow.conformance.learned_flow`),
so that the two can be laid side by side.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

Letter = tuple[str, str]
"""One input: an event and the kind of data it comes with, see ``suites.graph.Input``."""

Word = tuple[Letter, ...]
"""What is done to one order from its beginning, in this order."""


class Kind(StrEnum):
    """What came of an input."""

    TAKEN = "taken"
    REFUSED = "refused"
    IMPOSSIBLE = "impossible"
    """There is no such data for an order like this, so nothing was asked: no rest can be invoiced
    when all is."""


@dataclass(frozen=True, slots=True)
class Output:
    """What came of one input.

    Attributes:
        kind: Whether it was taken.
        status: Where the order stands afterwards; empty when nothing was asked.
    """

    kind: Kind
    status: str = ""

    def __str__(self) -> str:
        """Such as ``taken, then invoiced``."""
        return f"{self.kind}, then {self.status}" if self.status else str(self.kind)


IMPOSSIBLE = Output(Kind.IMPOSSIBLE)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one state does with one input.

    Attributes:
        output: What came of it.
        target: Number of the state the order is in afterwards.
    """

    output: Output
    target: int


@dataclass(frozen=True)
class Machine:
    """What a system does, as a table.

    States are numbered as they are met from state 0, the order that is not placed, so that two
    machines that behave alike and have no state too many are equal.

    Attributes:
        alphabet: The inputs.
        status: Status of each state; several may share one and yet behave differently later.
        cells: What each state does with each input, in the order of *alphabet*.
    """

    alphabet: tuple[Letter, ...]
    status: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Name of each state: its status, numbered from the second state of that status on."""
        met: Counter[str] = Counter()
        names = []
        for status in self.status:
            met[status] += 1
            names.append(status if met[status] == 1 else f"{status} ({met[status]})")
        return tuple(names)

    @cached_property
    def place(self) -> dict[Letter, int]:
        """Place of each input in the alphabet."""
        return {letter: place for place, letter in enumerate(self.alphabet)}

    def cell(self, state: int, letter: Letter) -> Cell:
        """What *state* does with *letter*."""
        return self.cells[state][self.place[letter]]

    def run(self, word: Iterable[Letter]) -> Iterator[Output]:
        """What comes of each input of *word*, from the beginning."""
        state = 0
        for letter in word:
            cell = self.cell(state, letter)
            yield cell.output
            state = cell.target

    def steps(self) -> Iterator[tuple[int, Letter, Cell]]:
        """All that is taken: state, input, and what comes of it."""
        for state, row in enumerate(self.cells):
            for letter, cell in zip(self.alphabet, row, strict=True):
                if cell.output.kind is Kind.TAKEN:
                    yield state, letter, cell

    @cached_property
    def ways(self) -> tuple[Word, ...]:
        """A shortest way to each state."""
        ways: dict[int, Word] = {0: ()}
        queue = deque([0])
        while queue:
            state = queue.popleft()
            for letter, cell in zip(self.alphabet, self.cells[state], strict=True):
                if cell.target not in ways:
                    ways[cell.target] = (*ways[state], letter)
                    queue.append(cell.target)
        return tuple(ways[state] for state in range(len(self.status)))


Table = Callable[[int, Letter], tuple[Output, int]]
"""What comes of an input in a state, and the state after, numbered in any way."""


def machine_from(
    alphabet: Sequence[Letter], status_of: Sequence[str], table: Table, first: int = 0
) -> Machine:
    """The machine of a table whose states are numbered anyhow, its states numbered as they are met.

    Args:
        alphabet: The inputs.
        status_of: Status of each state of the table.
        table: What each state does.
        first: State of an order that is not placed.
    """
    number = {first: 0}
    queue = deque([first])
    rows: list[tuple[Cell, ...]] = []
    while queue:
        state = queue.popleft()
        row = []
        for letter in alphabet:
            output, target = table(state, letter)
            if target not in number:
                number[target] = len(number)
                queue.append(target)
            row.append(Cell(output, number[target]))
        rows.append(tuple(row))
    return Machine(tuple(alphabet), tuple(status_of[state] for state in number), tuple(rows))


@dataclass(frozen=True, slots=True)
class Figures:
    """What learning took.

    Attributes:
        orders: New orders.
        calls: Calls about them.
        rounds: Times the oracle was asked whether what was learned so far is all.
        repeats: Orders begun again because an answer had not come.
    """

    orders: int
    calls: int
    rounds: int
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class Strength:
    """Which single faults, put into the flow, all that was asked would have noticed.

    Attributes:
        positive: (noticed, all) of the faults in a step that the flow takes.
        negative: (noticed, all) of the faults in what the flow refuses.
        spoilt: (noticed, all) of the faults in a step that only a refusal right before it brings.
    """

    positive: tuple[int, int]
    negative: tuple[int, int]
    spoilt: tuple[int, int]

    @property
    def shares(self) -> tuple[float, ...]:
        """The three as shares, 0 to 1; 1 of nothing."""
        counts = (self.positive, self.negative, self.spoilt)
        return tuple(noticed / every if every else 1.0 for noticed, every in counts)


@dataclass(frozen=True, slots=True)
class Row:
    """One cell in which a system differs from the flow, as it was seen.

    Attributes:
        status: Status of the order.
        letter: What is done to it.
        says: What the flow says must come of it.
        does: What the system does.
        word: A shortest sequence that was asked and shows it, *letter* included.
    """

    status: str
    letter: Letter
    says: Output
    does: Output
    word: Word


@dataclass(frozen=True)
class Difference:
    """How a system differs from the flow, as far as it was asked.

    Attributes:
        rows: Differing cells, those with a short sequence first.
        unknown: Statuses the system has shown that the flow never gets to with these inputs.
        missing: Statuses of the flow that the system has never shown.
        hidden: Names of the flow's states that no order got to in the way of the flow, so that
            nothing could be compared there.
    """

    rows: tuple[Row, ...] = ()
    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def none(self) -> bool:
        """Whether no difference was seen."""
        return not self.rows and not self.unknown


@dataclass(frozen=True)
class Learned:
    """The result of learning.

    Attributes:
        machine: What the system does as far as it was learned; None when it was stopped before.
            What is not claimed may be wrong in any cell.
        expected: What the flow does with the same inputs, with no state too many.
        difference: How the two differ, as far as it was seen.
        seen: (status, input, what came of it) of all that was taken, or moved the order, once each.
        figures: What it took.
        strength: How strong all that was asked was.
        reasons: Why no success is claimed; empty when it is.
        clash: A word that was answered in two ways, with both answers; None when there is none.
    """

    machine: Machine | None
    expected: Machine
    difference: Difference
    seen: tuple[tuple[str, Letter, Output], ...]
    figures: Figures
    strength: Strength
    reasons: tuple[str, ...] = ()
    clash: tuple[Word, Output, Output] | None = None

    @property
    def claim(self) -> bool:
        """Whether *machine* is claimed to be what the system does with these inputs."""
        return not self.reasons and self.machine is not None

    @property
    def equal(self) -> bool:
        """Whether the system is claimed to do what the flow says."""
        return self.claim and self.machine == self.expected
