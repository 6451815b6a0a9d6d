"""What was heard in one scenario: how often each operation was called, and what books say."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from orderflow.conformance.integration.line import Line

if TYPE_CHECKING:
    from orderflow.certify.stage import Stage


class Hearing:
    """Counts the lines of one scenario, from now on.

    Args:
        stage: Where it is played.
        scenario: Its name.
    """

    def __init__(self, stage: Stage, scenario: str) -> None:
        self._stage, self._scenario = stage, scenario
        self._looked = stage.count
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._books: dict[tuple[str, str], object] = {}

    def count(self, kind: str, pattern: str, order_id: str = "") -> int:
        """How often calls, or deliveries, were made to operations of that pattern.

        Args:
            kind: ``call`` or ``delivery``.
            pattern: With ``*`` for any text.
            order_id: Order they are about, any when empty.
        """
        self._look()
        return sum(
            many
            for (of_kind, operation, about), many in self._counts.items()
            if of_kind == kind and order_id in ("", about) and fnmatchcase(operation, pattern)
        )

    def record(self, order_id: str, what: str) -> object:
        """What the integration's books say of an order at last; None when they say nothing."""
        self._look()
        return self._books.get((order_id, what))

    @property
    def tells_records(self) -> bool:
        """Whether the integration has told anything of its books."""
        self._look()
        return bool(self._books)

    def _look(self) -> None:
        lines = self._stage.since(self._looked)
        self._looked += len(lines)
        for line in lines:
            if line.scenario != self._scenario:
                continue
            if line.kind in ("call", "delivery"):
                self._counts[line.kind, operation_of(line), line.order_id] += 1
            elif line.kind == "record":
                self._books[line.order_id, line.text("what")] = line.facts.get("value")


def operation_of(line: Line) -> str:
    """Method and path with names for what varies; as it was called where there is no route."""
    return line.operation or f"{line.method} {line.path}"
