"""What a rule is, and the sets of statuses and the measures that rules share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from orderflow.conformance.record import Finding, Missing
from orderflow.flows.errors import OrderflowError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from orderflow.conformance.record import Outcome, Record

Severity = Literal["error", "warning", "info"]
"""``error``: impossible according to an authoritative source. ``warning``: sources disagree, or
real platforms are known to do it. ``info``: worth reporting."""

MARKETPLACE = frozenset(["marketplace"])
SELLER = frozenset(["seller"])
COMPLETE = frozenset(["complete"])
CHAIN = frozenset(["chain"])
ALL = MARKETPLACE | SELLER | COMPLETE | CHAIN
"""The four families of flows."""

CREATE = frozenset(
    {
        "",
        "null",
        "order-created",
        "order-completed",
        "on-order-completed",
        "on-order-completed-ffm",
        "order-accepted",
        "order-create-error",
        "order-creation-error",
    }
)
"""Statuses of an order that is being created; the empty status means ``null``."""

PAYWAIT = frozenset(
    {
        "waiting-for-authorization",
        "payment-pending",
        "waiting-for-order-authorization",
        "approve-payment",
        "window-to-change-payment",
        "waiting-ffmt-authorization",
        "waiting-for-manual-authorization",
        "waiting-for-fulfillment",
        "waiting-for-mkt-authorization",
    }
)
"""Statuses before the order is paid, or known by the seller to be."""

FULFIL = frozenset(
    {
        "authorize-fulfillment",
        "window-to-cancel",
        "ready-for-handling",
        "start-handling",
        "handling",
        "ready-for-invoicing",
        "invoice",
    }
)
"""Statuses of an order that is being handled."""

ASK = frozenset(["request-cancel", "waiting-for-seller-decision", "cancellation-requested"])
"""Statuses in which a cancellation request waits for its answer."""

CANC = ASK | {"cancel", "canceled"}
"""Statuses of a cancellation."""

REQUESTS = frozenset(["request_cancel", "cancel_order", "seller_cancel"])
"""Events by which somebody asks for a cancellation. Every other way to ``cancel`` is no request."""

TOLERANCE_MS = 60_000
"""Allowed difference in ms between two clocks when the settings do not name one."""

NO_START = Missing("the beginning of the history")
NO_INVOICES = Missing("the invoices of the order")
NO_NOW = Missing("the time at which the record was taken")


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One promise that every order history keeps. Two rules are equal only if they are the same.

    Attributes:
        id: Ours for good, such as ``A-12``.
        title: Six words at most.
        severity: How bad a breach is.
        families: Families of flows it speaks about.
        statement: The rule in one sentence.
        source: Citation keys of the domain fact sheets.
        explanation: What a breach means, why it matters, and what usually causes it.
        check: Judges one record.
        folds: More general rules whose finding *at the same step* this rule's finding replaces.
        folds_anywhere: Rules whose findings *anywhere in the record* are but a consequence of
            what this rule found.
        mild: Severity of a finding that is marked mild.
    """

    id: str
    title: str
    severity: Severity
    families: frozenset[str]
    statement: str
    source: tuple[str, ...]
    explanation: str
    check: Callable[[Record], Outcome]
    folds: tuple[str, ...] = ()
    folds_anywhere: tuple[str, ...] = ()
    mild: Severity = "warning"

    def severity_of(self, finding: Finding) -> Severity:
        """Return how bad one finding of this rule is."""
        return self.mild if finding.mild and self.severity == "error" else self.severity


class UnknownRuleError(OrderflowError):
    """A rule id that the catalogue does not have.

    Attributes:
        id: What was asked for.
        nearest: Ids that look like it.
    """

    def __init__(self, id: str, nearest: tuple[str, ...]) -> None:  # noqa: A002 - the rule's own word
        hint = f"; did you mean {' or '.join(nearest)}?" if nearest else ""
        super().__init__(f"there is no rule {id!r}{hint}")
        self.id, self.nearest = id, nearest


def money(cents: int) -> str:
    """Write cents as an amount.

    >>> money(6000)
    '60.00'
    """
    return f"{cents / 100:.2f}"


def span(duration_ms: int) -> str:
    """Write a duration in its largest fitting unit.

    >>> span(2 * 86_400_000), span(90_000)
    ('2 days', '1.5 minutes')
    """
    for unit, size in (("day", 86_400_000), ("hour", 3_600_000), ("minute", 60_000)):
        if duration_ms >= size:
            count = f"{duration_ms / size:.1f}".removesuffix(".0")
            return f"{count} {unit}{'' if count == '1' else 's'}"
    return f"{duration_ms / 1000:g} seconds"


def moved(record: Record, stay: int) -> str:
    """Say how the order came to a stay: ``the order went from handling to invoice``."""
    if not stay:
        return f"the order started in {record.path[0] or 'null'}"
    return f"the order went from {record.path[stay - 1] or 'null'} to {record.path[stay] or 'null'}"


def breach(record: Record, stay: int, expected: str, *, mild: bool = False) -> Finding:
    """Report that the order should not have come to a stay the way it did."""
    return Finding(record.step_of(stay), moved(record, stay), expected, mild)


def setting(record: Record, name: str) -> int | None:
    """Read a duration in ms or a switch (0 or 1), None when the record has no such setting."""
    return None if record.settings is None else record.settings.get(name)


def tolerance(record: Record) -> int:
    """Return the allowed difference in ms between times that may come from different clocks.

    It is the setting ``tolerance``. Without it a simulated record, which names the transition
    of every step, has one clock and no tolerance.
    """
    given = setting(record, "tolerance")
    if given is not None:
        return given
    simulated = bool(record.steps) and record.steps[0].transition is not None
    return 0 if simulated else TOLERANCE_MS


def overstays(
    record: Record, stays: Iterable[int], limit_name: str, expected: str, *, mild: bool = False
) -> Outcome:
    """Report every one of some stays that lasts longer than a limit of the settings allows.

    An open stay is measured up to ``record.now``.
    """
    limit = setting(record, limit_name)
    if limit is None:
        return Missing(f"the setting {limit_name}")
    missing: Outcome = ()
    found: list[Finding] = []
    for stay in stays:
        spent = record.spent(stay)
        if spent is None:
            missing = NO_NOW
        elif spent > limit + tolerance(record):
            seen = f"the order was in {record.path[stay]} for {span(spent)}"
            found.append(Finding(record.step_of(stay), seen, expected, mild))
    return tuple(found) or missing


def was_in(record: Record, statuses: Iterable[str], at: int) -> bool:
    """Whether the order may have been in one of some statuses at a time.

    Both ends of a stay count: steps of the same moment have an order that times do not show.
    """
    slack, last = tolerance(record), len(record.path) - 1
    for status in statuses:
        for stay in record.visits.get(status, ()):
            left = at if stay == last else record.entered(stay + 1) + slack
            if record.entered(stay) - slack <= at <= left:
                return True
    return False


def never_before(record: Record, late: Iterable[str], early: Iterable[str]) -> int | None:
    """Find the first step in one of the *late* statuses that none of the *early* ones preceded.

    Returns:
        Index of the step, None when there is none.
    """
    first = record.first
    start = min([first[name] for name in late if name in first], default=None)
    if start is None or any(first.get(name, start) < start for name in early):
        return None
    return start


def unprepared(
    record: Record, late: frozenset[str], early: tuple[str, ...], expected: str
) -> Outcome:
    """Report the first step in a *late* status that no *early* status preceded.

    On a record without its beginning the early status may have been cut off.
    """
    if late.isdisjoint(record.first):
        return ()
    step = never_before(record, late, early)
    if step is None:
        return ()
    if not record.whole:
        return NO_START
    seen = f"the order reached {record.statuses[step]} without having been in {' or '.join(early)}"
    return (Finding(step, seen, expected),)
