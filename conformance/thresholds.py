"""How much of each dimension must be covered, and what is told when it is not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from orderflow.conformance.vector import DIMENSIONS, FROM_CASES, Dimension, Vector
from orderflow.flows.errors import OrderflowError, did_you_mean
from orderflow.flows.settings import Settings

if TYPE_CHECKING:
    from orderflow.conformance.reach import Reach

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)\s*%?", re.ASCII)
_ALL = 100
_MOST_NAMED = 12
_MOST_COMMANDS = 3


@dataclass(frozen=True, slots=True)
class Threshold:
    """So much of one dimension must be covered.

    Attributes:
        dimension: Its name.
        percent: 0 to 100.
    """

    dimension: str
    percent: Fraction

    def __str__(self) -> str:
        """As it is typed."""
        return f"{self.dimension}={_number(self.percent)}"


class ThresholdError(OrderflowError):
    """Thresholds that make no sense.

    Attributes:
        problems: Everything that is wrong with them.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def parse_thresholds(text: str) -> tuple[Threshold, ...]:
    """Read ``transitions=100 pairs=95``, with blanks or commas between them.

    Raises:
        ThresholdError: Tells of everything that is not written so.

    >>> [str(each) for each in parse_thresholds("transitions=100, pairs=97.5")]
    ['transitions=100', 'pairs=97.5']
    """
    pairs = [word.partition("=") for word in re.findall(r"[^\s,]+", text)]
    if not pairs:
        raise ThresholdError(("no threshold; write DIMENSION=PERCENT, such as transitions=100",))
    wrong = [
        f"{''.join(pair)!r} is no threshold; write DIMENSION=PERCENT, such as transitions=100"
        for pair in pairs
        if not pair[1]
    ]
    return _thresholds([(name, given) for name, mark, given in pairs if mark], wrong)


def thresholds_of(percent: Mapping[str, float]) -> tuple[Threshold, ...]:
    """Thresholds by the names of their dimensions.

    Raises:
        ThresholdError: Tells of every name and number that makes no sense.
    """
    return _thresholds([(name, str(given)) for name, given in percent.items()], [])


def _thresholds(pairs: Iterable[tuple[str, str]], wrong: list[str]) -> tuple[Threshold, ...]:
    found: dict[str, Threshold] = {}
    for name, given in pairs:
        match = _PERCENT.fullmatch(given)
        if name not in DIMENSIONS:
            hint = did_you_mean(name, DIMENSIONS) or "."
            wrong.append(f"no dimension {name!r}{hint} Dimensions: {', '.join(DIMENSIONS)}.")
        elif name in found:
            wrong.append(f"{name} is there twice")
        elif match is None or Fraction(match[1]) > _ALL:
            wrong.append(f"{name}={given}: {given!r} is not a percentage from 0 to 100")
        else:
            found[name] = Threshold(name, Fraction(match[1]))
    if wrong:
        raise ThresholdError(tuple(wrong))
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Unmet:
    """A threshold that a vector does not reach.

    Attributes:
        vector: The vector.
        threshold: The threshold.
        dimension: What the vector knows of it.
    """

    vector: Vector
    threshold: Threshold
    dimension: Dimension

    @property
    def sentence(self) -> str:
        """What is covered, and what was wanted."""
        found, wanted = self.dimension, f"{_number(self.threshold.percent)} % wanted"
        if not found.total and found.name in FROM_CASES:
            return f"{self.vector.view}: no case brings {found.name} along, {wanted}"
        if found not in self.vector.dimensions:
            return f"{self.vector.view}: {found.name} was not counted, {wanted}"
        share = _floored(Fraction(_ALL * len(found.covered), max(found.total, 1)))
        return f"{self.vector.view}: {found.name} {found.figure}, {share} % covered, {wanted}"


def unmet(vector: Vector, thresholds: Iterable[Threshold]) -> tuple[Unmet, ...]:
    """The thresholds that *vector* does not reach, in their order.

    A dimension that was not counted at all is not reached, either.
    """
    known = {dimension.name: dimension for dimension in vector.dimensions}
    found: list[Unmet] = []
    for threshold in thresholds:
        counted = known.get(threshold.dimension)
        if threshold.percent and (counted is None or not counted.reaches(threshold.percent)):
            found.append(Unmet(vector, threshold, counted or Dimension(threshold.dimension)))
    return tuple(found)


def told_unmet(
    lacks: Unmet, reach: Reach | None = None, settings: Settings | None = None
) -> tuple[str, ...]:
    """Lines for people: what was wanted, what is missing, the commands that cover the first ones.

    Args:
        lacks: What was not reached.
        reach: What there is to cover in the flow; without it there are no commands.
        settings: Time limits of the run; the defaults when None.
    """
    found = lacks.dimension
    lines = [lacks.sentence]
    if found.missing:
        rest = len(found.missing) - _MOST_NAMED
        more = f" and {rest} more" if rest > 0 else ""
        lines.append(f"  missing: {', '.join(_named(found))}{more}")
    for item in found.missing[:_MOST_COMMANDS] if reach else ():
        command = reach.command(found.name, item, lacks.vector.source, settings) if reach else ""
        if command:
            lines.append(f"  {item}: {command}")
    return tuple(lines)


def _named(found: Dimension) -> Iterable[str]:
    """The first missing items, scenarios with how far they got."""
    got = {item: f"{item} ({passed} of {steps} steps)" for item, passed, steps in found.progress}
    return (got.get(item, item) for item in found.missing[:_MOST_NAMED])


def _number(percent: Fraction) -> str:
    return f"{float(percent):.6f}".rstrip("0").rstrip(".")


def _floored(percent: Fraction) -> str:
    """One digit behind the point, rounded down: 100 means all."""
    return _number(Fraction(int(10 * percent), 10))
