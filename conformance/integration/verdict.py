"""What came of judging an integration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from orderflow.conformance.integration.line import Line
from orderflow.conformance.integration.rule import IntegrationRule, Sighting
from orderflow.conformance.rule import Severity

Outcome = Literal["broken", "kept", "not-observed"]

Ending = Literal["reached", "missed", "out-of-time", "not-run", "skipped"]
"""How a scenario went: the integration reached what it should; it did not, though it had its
time; the wall clock's limit came first; there was no time to begin it; or it would have been told
something where it does not listen, so its rules are not observed."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a trace says of one rule.

    Attributes:
        rule: The rule.
        outcome: ``broken`` when one breach was seen, ``not-observed`` when there was no occasion.
        breaches: Occasions on which it was broken, in the order of the trace.
        kept: On how many occasions it was kept.
    """

    rule: IntegrationRule
    outcome: Outcome
    breaches: tuple[Sighting, ...] = ()
    kept: int = 0

    @property
    def severity(self) -> Severity | None:
        """How bad the worst breach is, None without one."""
        found = {self.rule.severity_of(each) for each in self.breaches}
        return next((each for each in ("error", "warning", "info") if each in found), None)


@dataclass(frozen=True, slots=True)
class Played:
    """How one scenario went.

    Attributes:
        name: Name of the scenario.
        title: What happens in it, in a few words.
        ending: See :data:`Ending`.
        why: What was not reached, empty when all was.
        shows: Rules that it can show.
        order_ids: Orders it placed.
    """

    name: str
    title: str
    ending: Ending
    why: str = ""
    shows: tuple[str, ...] = ()
    order_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake seen in real clients that this one makes, too.

    Attributes:
        code: Its number in the fact sheet "What real clients send and read": ``CM-34``.
        message: What was wrong, in the sandbox's words.
        lines: Numbers of the lines that show it.
    """

    code: str
    message: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole result of a certification.

    Attributes:
        suite: Name of the suite.
        title: What the suite asks for, in a few words.
        judged: One of each rule of the suite, in the order of their ids.
        played: How the scenarios went, in the order in which they ran; empty for a recorded trace.
        mistakes: Mistakes of real clients, by their number.
        happenings: What befell the integration, or it did, that no rule speaks of: it ended, it
            flooded, it called what is not simulated. One sentence each.
        lines: The trace.
        seed: Decides everything that chance decides; None for a recorded trace.
        version: Version of orderflow.
        digests: SHA-256 of ``suite``, ``scenarios`` and ``trace``.
        command: The command line that asks again.
        strict: Whether warnings fail, too.
    """

    suite: str
    title: str
    judged: tuple[Judged, ...]
    played: tuple[Played, ...]
    mistakes: tuple[Mistake, ...]
    happenings: tuple[str, ...]
    lines: tuple[Line, ...]
    seed: int | None
    version: str
    digests: tuple[tuple[str, str], ...]
    command: str
    strict: bool = False

    @property
    def broken(self) -> tuple[Judged, ...]:
        """Rules that were broken, worst first."""
        order = ("error", "warning", "info", None)
        found = [each for each in self.judged if each.outcome == "broken"]
        return tuple(sorted(found, key=lambda each: order.index(each.severity)))

    @property
    def errors(self) -> tuple[Judged, ...]:
        """Rules whose breach fails the certification."""
        bad = ("error", "warning") if self.strict else ("error",)
        return tuple(each for each in self.broken if each.severity in bad)

    @property
    def unseen(self) -> tuple[Judged, ...]:
        """Rules for which there was no occasion."""
        return tuple(each for each in self.judged if each.outcome == "not-observed")

    @property
    def unreached(self) -> tuple[Played, ...]:
        """Scenarios in which the integration did not do what it should."""
        return tuple(each for each in self.played if each.ending not in ("reached", "skipped"))

    @property
    def passed(self) -> bool:
        """Whether the integration conforms: no error, every scenario reached, something seen."""
        seen = any(each.outcome == "kept" for each in self.judged)
        return seen and not self.errors and not self.unreached
