"""The errors people see: each says what is wrong, where, and what would have worked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

_MOST_CHOICES = 500
_LONGEST_NAME = 100
_MOST_PROBLEMS = 200
_MOST_KNOWN = 8


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a file.

    Attributes:
        file: File name as the user gave it.
        line: Line, counted from 1; 0 when the whole file is meant.
        column: Column, counted from 1; 0 when the whole line is meant.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """``file:line:column``, without the parts that are unknown."""
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n)]
        return ":".join(parts)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a file.

    Attributes:
        place: Where it stands.
        text: What is wrong and, if known, what would have worked.
        check: Short name of the check that found it, such as ``unknown-key``.
    """

    place: Place
    text: str
    check: str = "invalid"

    def __str__(self) -> str:
        """``file:line:column: text [check]``: the form editors and CI systems link."""
        return f"{self.place}: {self.text} [{self.check}]"


class OrderflowError(Exception):
    """Anything a user can cause and mend. The command line turns it into exit code 2."""


class FlowFileError(OrderflowError):
    """A file that cannot be used, with everything that is wrong with it.

    Attributes:
        problems: All findings, in file order.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class UnknownFlowError(OrderflowError):
    """A name that is neither a bundled flow nor a file.

    Attributes:
        name: What was asked for.
        known: Names of the bundled flows.
    """

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        hint = did_you_mean(name, known) or "."
        super().__init__(
            f"no flow {name!r}{hint} Bundled flows: {', '.join(known)}. "
            "For a flow of your own give the path of its .yaml file."
        )
        self.name, self.known = name, known


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """Return a clause naming the choice nearest to *name*, or nothing.

    >>> did_you_mean("handeling", ["handling", "invoice"])
    "; did you mean 'handling'?"
    """
    known = list(choices)
    if len(name) > _LONGEST_NAME or len(known) > _MOST_CHOICES:
        return ""
    near = get_close_matches(name.lower(), [choice.lower() for choice in known], n=1, cutoff=0.6)
    found = [choice for choice in known if near and choice.lower() == near[0]]
    return f"; did you mean '{found[0]}'?" if found else ""


def _known(choices: Iterable[str]) -> str:
    """Return a clause naming the first of *choices*, or nothing when there are none."""
    names = list(choices)
    more = ", ..." if len(names) > _MOST_KNOWN else ""
    return f"; known: {', '.join(names[:_MOST_KNOWN])}{more}" if names else ""


@dataclass(slots=True)
class Findings:
    """Gathers what is wrong with a file, so that all of it is told at once.

    Attributes:
        problems: What was found, in any order.
        uncounted: How many problems more there are, of which nothing is noted.
    """

    problems: list[Problem] = field(default_factory=list)
    uncounted: int = 0

    def add(self, place: Place, text: str, check: str) -> None:
        """Note one problem."""
        self.problems.append(Problem(place, text, check))

    def add_unknown(self, place: Place, kind: str, name: str, choices: Iterable[str]) -> None:
        """Note a name that is none of *choices*, with the nearest of them, else with the first."""
        # Looking for the nearest name is slow: past the first screens nobody reads it.
        hint = ""
        if len(self.problems) < _MOST_PROBLEMS:
            hint = did_you_mean(name, choices) or _known(choices)
        self.add(place, f"unknown {kind} {name!r}{hint}", f"unknown-{kind.replace(' ', '-')}")

    def refuse(self) -> None:
        """Raise what was gathered, in file order.

        Raises:
            FlowFileError: Anything was gathered.
        """
        if not self.problems:
            return
        every = sorted(set(self.problems))
        told, rest = every[:_MOST_PROBLEMS], len(every[_MOST_PROBLEMS:]) + self.uncounted
        if rest:
            told.append(Problem(told[-1].place, f"{rest} more problems follow", "too-many"))
        raise FlowFileError(tuple(told))
