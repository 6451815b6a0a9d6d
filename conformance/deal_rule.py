"""What a cross-flow rule is, the example it is explained by, and the measures such rules share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orderflow.conformance.deal_record import DealFinding, DealRecord, Party
from orderflow.conformance.record import Evidence, Missing, Record, Step
from orderflow.conformance.rule import COMPLETE, MARKETPLACE, NO_NOW, NO_START, span, tolerance
from orderflow.simulator.order import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from orderflow.conformance.deal_record import DealOutcome
    from orderflow.conformance.rule import Severity

PAID = "payment-approved"
"""Where an order comes to when its payment is approved."""

PAYING = MARKETPLACE | COMPLETE
"""Families whose documents the shopper pays."""

CHANGED_BY = -1_000
"""Cents by which a modification in an example moves the value of its order."""

TOO_EARLY = Missing("time enough after the last step for news to arrive")
NO_DELAY = Missing("the setting deal_delay")


@dataclass(frozen=True, slots=True)
class Role:
    """One participant of an example.

    Attributes:
        name: Its name.
        family: Family of its flow.
        above: Participant it was ordered by, empty for the first.
        dismissed: Seconds after the beginning at which another seller took its place, None while
            it counts.
    """

    name: str
    family: str
    above: str = ""
    dismissed: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an example: a step, a piece of news, or the end of the record.

    Attributes:
        at: Seconds after the beginning.
        party: Who takes the step or sends the news; empty at the end of the record.
        status: Where the step leads, empty for news.
        event: What led there, with its data behind a colon; empty when that does not matter.
        to: Who is told, empty for a step.
        news: What it is told.
        lost: The news never arrives.
    """

    at: int
    party: str = ""
    status: str = ""
    event: str = ""
    to: str = ""
    news: str = ""
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A short history that breaks one rule, for people to look at.

    Attributes:
        roles: Participants, upper ones first.
        rows: What happens, oldest first. A record that ends with a row of nobody is known to
            have no news under way there.
    """

    roles: tuple[Role, ...]
    rows: tuple[Row, ...]

    @property
    def ended(self) -> int | None:
        """Seconds at which nothing was under way any more, None when that is not known."""
        last = self.rows[-1]
        return None if last.party else last.at

    def steps_of(self, name: str) -> tuple[Row, ...]:
        """Rows in which a participant takes a step."""
        return tuple(row for row in self.rows if row.party == name and row.status)


@dataclass(frozen=True, slots=True, eq=False)
class DealRule:
    """One promise that the documents of every sale keep together.

    Attributes:
        id: Ours for good, such as ``A-65``.
        title: Six words at most.
        severity: How bad a breach is.
        families: Families of flows it speaks about.
        statement: The rule in one sentence.
        source: Citation keys of the domain fact sheets.
        explanation: What a breach means, why it matters, and what usually causes it.
        check: Judges one sale.
        example: A sale that breaks this rule.
        needs: Families without which it has nothing to judge.
        folds: More general rules whose finding *at the same step* this rule's finding replaces.
        folds_anywhere: Rules whose findings *anywhere in the same document* are but a
            consequence of what this rule found there.
        mild: Severity of a finding that is marked mild.
    """

    id: str
    title: str
    severity: Severity
    families: frozenset[str]
    statement: str
    source: tuple[str, ...]
    explanation: str
    check: Callable[[DealRecord], DealOutcome]
    example: Example
    needs: frozenset[str] = frozenset()
    folds: tuple[str, ...] = ()
    folds_anywhere: tuple[str, ...] = ()
    mild: Severity = "warning"

    def severity_of(self, finding: DealFinding) -> Severity:
        """Return how bad one finding of this rule is."""
        return self.mild if finding.mild and self.severity == "error" else self.severity


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What breaks a rule unless news is still under way between *parties*."""

    parties: tuple[Party, ...]
    finding: DealFinding


def quiet(deal: DealRecord, parties: Iterable[Party]) -> bool | Missing:
    """Whether no news can be under way any more between some documents.

    A record from outside does not know; there, all news has arrived once ``deal_delay`` has
    passed since the last thing that happened to any of them.
    """
    if deal.waiting is not None:
        return deal.waiting == 0
    if deal.now is None:
        return NO_NOW
    delay = None if deal.settings is None else deal.settings.get("deal_delay")
    if delay is None:
        return NO_DELAY
    latest = max((at for party in parties for at in _moments(party)), default=deal.now)
    return True if latest + delay <= deal.now else TOO_EARLY


def _moments(party: Party) -> Iterable[int]:
    """Time of the last step, and of the dismissal."""
    if party.record.steps:
        yield party.record.steps[-1].at
    if party.dismissed_at is not None:
        yield party.dismissed_at


def gathered(outcomes: Iterable[DealFinding | Missing]) -> DealOutcome:
    """Report what was found; without findings, the first thing that was missing."""
    found: list[DealFinding] = []
    missing: Missing | None = None
    for each in outcomes:
        if isinstance(each, Missing):
            missing = missing or each
        else:
            found.append(each)
    return tuple(found) or missing or ()


def confirmed(deal: DealRecord, suspicions: Iterable[Suspicion | Missing]) -> DealOutcome:
    """Report what is suspicious and can no longer be put right by news under way."""
    return gathered(_confirmed(deal, suspicions))


def _confirmed(
    deal: DealRecord, suspicions: Iterable[Suspicion | Missing]
) -> Iterable[DealFinding | Missing]:
    for each in suspicions:
        calm = each if isinstance(each, Missing) else quiet(deal, each.parties)
        if isinstance(calm, Missing):
            yield calm
        elif calm and isinstance(each, Suspicion):
            yield each.finding


def slack(deal: DealRecord, *parties: Party) -> int:
    """Allowed difference in ms between the clocks of some documents of a sale."""
    given = None if deal.settings is None else deal.settings.get("tolerance")
    return max(tolerance(each.record) for each in parties) if given is None else given


def unpaid(
    deal: DealRecord,
    lower: Party,
    statuses: tuple[str, ...],
    by_hand: Callable[[Record, int], bool] = lambda _record, _step: False,
) -> Iterable[DealFinding | Missing]:
    """Report that *lower* was in one of some statuses before the order at the top was paid.

    Args:
        deal: The sale.
        lower: The document in question.
        statuses: What it may be in only afterwards.
        by_hand: Whether a person took the risk, so that the step at this index is but mild.
    """
    came = lower.record.first
    step = min((came[each] for each in statuses if each in came), default=None)
    top = next(
        (each for each in reversed(deal.uppers(lower)) if each.record.family in PAYING), None
    )
    absent = deal.unknown_above(lower)
    if step is not None and top is not None:
        yield from _compared(deal, (top, lower), step, by_hand)
    elif step is not None and absent:
        yield Missing(f"the order {absent}")
    elif step is None and not lower.record.whole:
        yield NO_START


def _compared(
    deal: DealRecord, pair: tuple[Party, Party], step: int, by_hand: Callable[[Record, int], bool]
) -> Iterable[DealFinding | Missing]:
    """Compare the payment of an upper order with a step of a lower one, which must not be first.

    What a record without its beginning shows first may have happened before.
    """
    top, lower = pair
    paid, at = top.record.first.get(PAID), lower.record.steps[step].at
    lead = None if paid is None else top.record.steps[paid].at - at
    if lead is not None and lead <= slack(deal, top, lower):
        if not lower.record.whole:
            yield NO_START
        return
    if not top.record.whole:
        yield NO_START
        return
    seen = f"{lower.name} came to {lower.record.statuses[step]} "
    seen += "and" if lead is None else f"{span(lead)} before"
    seen += f" {top.name} {'never ' if lead is None else ''}came to {PAID}"
    mild = by_hand(lower.record, step)
    yield DealFinding(lower.name, step, seen, f"{top.name} is paid first", mild)


def at_last(party: Party) -> int:
    """Index of the step with which a document came to where it stands, -1 when it has none."""
    stays = party.record.stays
    return stays[-1][0] if stays else -1


def deal_of(example: Example) -> DealRecord:
    """Return an example as the record of a sale."""
    ended = None if example.ended is None else example.ended * 1_000
    parties = tuple(
        Party(
            role.name,
            history_of(example, role),
            role.above,
            None if role.dismissed is None else role.dismissed * 1_000,
        )
        for role in example.roles
    )
    return DealRecord("example", parties, waiting=None if ended is None else 0, now=ended)


def history_of(example: Example, role: Role) -> Record:
    """Return what an example tells of one participant as the record of an order.

    The data of an event that is ``settled`` or ``refused`` is its settlement, and every
    ``modify_order`` a modification.
    """
    rows = example.steps_of(role.name)
    named = [row.event.partition(":") for row in rows]
    settlement = next(
        (choice for _, _, choice in reversed(named) if choice in {"settled", "refused"}), "pending"
    )
    changes = tuple(
        Change(f"change-{place}", row.at * 1_000, CHANGED_BY, row.status)
        for place, (row, (event, _, _)) in enumerate(zip(rows, named, strict=True), 1)
        if event == "modify_order"
    )
    steps = tuple(
        Step(row.status, row.at * 1_000, event or None)
        for row, (event, _, _) in zip(rows, named, strict=True)
    )
    known = Evidence(changes=changes, settlement=settlement)
    now = None if example.ended is None else example.ended * 1_000
    return Record(role.name, role.family, steps, known, now=now)
