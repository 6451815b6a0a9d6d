"""Refusals of what somebody asks for, with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable

from orderflow.flows.errors import OrderflowError


class ProblemsError(OrderflowError):
    """Something that cannot be done as it was asked for.

    Attributes:
        problems: Each thing that is wrong.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))
