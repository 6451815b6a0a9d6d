"""``--min-score``: how much a suite has to notice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orderflow.conformance.mutation.mutant import Operator, Sign
from orderflow.conformance.mutation.tally import APART, Score, Tally
from orderflow.flows.errors import OrderflowError, did_you_mean

NAMES = (*map(str, Sign), *map(str, Operator))
"""What a gate can be about."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A score that must be reached.

    Attributes:
        name: A sign or an operator.
        least: The score, 0 to 1.
    """

    name: str
    least: float


@dataclass(frozen=True, slots=True)
class Reached:
    """What one flow reached of a gate.

    Attributes:
        flow: The flow.
        gate: The gate.
        tally: What was counted.
    """

    flow: str
    gate: Gate
    tally: Tally

    @property
    def met(self) -> bool:
        """Whether it is enough; a sign without a single mutant shows nothing."""
        shows = self.tally.mutants > 0 or self.gate.name in set(Operator)
        return shows and self.tally.score >= self.gate.least


def parse_gates(words: Iterable[str], operators: Iterable[Operator] = ()) -> tuple[Gate, ...]:
    """Read gates such as ``positive=0.99``, several of which may stand in a word, with commas.

    Args:
        words: As they were typed.
        operators: Kinds of break that are tried; all when empty.

    Raises:
        OrderflowError: Tells of every one that is not written so.
    """
    parts = [part.strip() for word in words for part in word.split(",")]
    tried = set(operators) or set(Operator)
    wrong: list[str] = []
    gates: list[Gate] = []
    for part in parts:
        name, _, given = part.partition("=")
        least = _share(given)
        if name not in NAMES:
            hint = did_you_mean(name, NAMES) or "."
            wrong.append(f"--min-score {part}: no score {name!r}{hint} Scores: {', '.join(NAMES)}")
        elif least is None:
            wrong.append(f"--min-score {part}: write NAME=SHARE with a share from 0 to 1")
        elif name in set(Operator) and name not in tried:
            wrong.append(f"--min-score {part}: --operator leaves {name} out")
        else:
            gates.append(Gate(name, least))
    if wrong:
        raise OrderflowError("\n".join(wrong))
    return tuple(gates)


def _share(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if 0 <= found <= 1 else None


def reached(score: Score, gates: Iterable[Gate]) -> tuple[Reached, ...]:
    """What *score* reaches of each gate."""
    tallies: dict[str, Tally] = {str(name): tally for name, tally in score.signs.items()}
    tallies |= {str(name): tally for name, tally in score.operators.items()}
    return tuple(Reached(score.flow, gate, tallies.get(gate.name, Tally())) for gate in gates)


def left_out() -> str:
    """The operators that no gate on a sign counts, in words."""
    return " and ".join(name for name in Operator if name in APART)
