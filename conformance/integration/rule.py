"""What a rule on an integration is, and what it sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from orderflow.conformance.rule import Severity

if TYPE_CHECKING:
    from orderflow.conformance.integration.line import Line
    from orderflow.conformance.integration.seen import Seen

Part = Literal["feed", "hook", "erp", "marketplace", "seller", "every"]
"""Which kind of integration a rule is for: sections B.1 to B.6 of the domain fact sheet."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One occasion on which a rule was kept, or broken.

    Attributes:
        kept: Which of both.
        lines: Numbers of the trace's lines that show it, the decisive one last.
        order_id: Order it is about, empty for none.
        told: What the integration did, one clause without its subject: ``commits the feed item
            before start handling worked``. Empty when the rule was kept.
        instead: What would have been right, naming the call. Empty when the rule was kept.
        mild: Whether it counts as a warning where the rule is an error.
        scenario: Where it was seen, empty outside of any.
    """

    kept: bool
    lines: tuple[int, ...]
    order_id: str = ""
    told: str = ""
    instead: str = ""
    mild: bool = False
    scenario: str = ""


Check = Callable[["Seen"], Iterable[Sighting]]
"""Tells every occasion on which a rule could be seen; none when it could not be."""


@dataclass(frozen=True, slots=True, eq=False)
class IntegrationRule:
    """One duty of an integration.

    Attributes:
        id: Ours for good, such as ``B-04``.
        title: Seven words at most, as a command: ``Commit only after processing``.
        part: Which kind of integration it is for.
        severity: How bad a breach is.
        statement: The duty in one sentence.
        source: Citation keys of the domain fact sheets.
        explanation: Why it matters: what happens in a real store when it is broken.
        check: Sees it.
        mistakes: Numbers of mistakes seen in real clients that break it, such as ``CM-02``.
    """

    id: str
    title: str
    part: Part
    severity: Severity
    statement: str
    source: tuple[str, ...]
    explanation: str
    check: Check
    mistakes: tuple[str, ...] = ()

    def severity_of(self, sighting: Sighting) -> Severity:
        """How bad one breach is."""
        return "warning" if sighting.mild and self.severity == "error" else self.severity


def kept(*lines: Line, order_id: str = "") -> Sighting:
    """The rule was kept, as *lines* show; the last one decides."""
    last = lines[-1]
    numbers = tuple(each.number for each in lines)
    return Sighting(True, numbers, order_id or last.order_id, scenario=last.scenario)


def broken(
    *lines: Line, told: str, instead: str, order_id: str = "", mild: bool = False
) -> Sighting:
    """The rule was broken, as *lines* show; the last one decides."""
    last = lines[-1]
    return Sighting(
        False,
        tuple(each.number for each in lines),
        order_id or last.order_id,
        told,
        instead,
        mild,
        last.scenario,
    )
