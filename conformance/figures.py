"""How far an exhaustive search went, and what running a suite showed, in figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProofFigures:
    """How far an exhaustive search of one flow went.

    Attributes:
        situations: Situations visited.
        steps: Steps between them.
        depth: Steps to the farthest one.
        complete: Nothing was left out.
        stuck: Statuses an order can be in with no way to a final one.
    """

    situations: int
    steps: int
    depth: int
    complete: bool
    stuck: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What the search shows, in one sentence."""
        reach = f"{self.situations:,} situations and {self.steps:,} steps, {self.depth} deep"
        if not self.complete:
            return f"not finished after {reach}: nothing is shown beyond them"
        if self.stuck:
            return f"all of {reach}; no way to a final status from {', '.join(self.stuck)}"
        return f"all of {reach}; a final status can always be reached"


@dataclass(frozen=True, slots=True)
class SuiteFigures:
    """What running a suite showed.

    Attributes:
        name: Its name: what it covers, or its file.
        cases: Cases it has.
        passed: Those that passed.
        failed: Those that showed a deviation.
        indeterminate: (case id, why) of those that could not be judged. Never a pass.
        left_out: (case id, why) of those that the system cannot be asked for. Never a pass.
        orders: New orders.
        calls: Calls about them.
        guarantees: (cover, what is known of a system that passes).
        untried: Refusals within cases that the system cannot be asked for.
        unseen: Steps of which nobody saw where they led, because the order had gone on by itself.
    """

    name: str
    cases: int
    passed: int
    failed: int
    indeterminate: tuple[tuple[str, str], ...]
    left_out: tuple[tuple[str, str], ...]
    orders: int
    calls: int
    guarantees: tuple[tuple[str, str], ...]
    untried: int = 0
    unseen: int = 0

    @property
    def conforms(self) -> bool:
        """Whether some case passed, none failed and all that were run could be judged."""
        return bool(self.passed) and not self.failed and not self.indeterminate
