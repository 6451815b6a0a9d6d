"""One order modification on its way: where it stands, who still has to agree, what was logged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from orderflow.sandbox.changes_asked import ChangeRequest
from orderflow.sandbox.changes_settings import ChangeSettings
from orderflow.sandbox.changes_worked_out import Outcome

Stage = Literal[
    "preparing",
    "waiting-acknowledgement",
    "waiting-confirmation",
    "canceling",
    "done",
    "canceled",
]
"""Where a modification stands. Source: domain fact sheet "HTTP surface", section 8.2."""

STAGES: tuple[Stage, ...] = get_args(Stage)
OVER: frozenset[Stage] = frozenset({"done", "canceled"})

Agreement = Literal["Acknowledgment", "Confirmation"]
WAITS_FOR: dict[Stage, Agreement] = {
    "waiting-acknowledgement": "Acknowledgment",
    "waiting-confirmation": "Confirmation",
}
"""What every participant has to say before a modification leaves a stage."""

_MOST_LOGGED = 50
"""Lines of the log that a modification keeps; older ones go (sandbox decision)."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One line of the log of a modification."""

    at: int
    message: str
    source: str
    status: Stage


@dataclass(frozen=True, slots=True)
class GivenUp:
    """``cancellationData`` of a modification."""

    at: int
    by_user: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Modification:
    """An order modification on its way, or over.

    Attributes:
        request_id: What clients call it.
        workflow_id: What its log calls it.
        order_id: Order it is about.
        account: Account of the order.
        at: Virtual time in ms at which it was asked for.
        asked: What was asked for.
        outcome: What it comes to.
        settings: Settings under which it was asked for.
        stage: Where it stands.
        missing: Participants that have not agreed in this stage.
        log: Latest lines, oldest first.
        given_up: Why it is cancelled, None if it is not.
        on_hold: The clock does not move it on.
        failures: Attempts to apply it that failed, since it was asked for or retried.
        turn: Grows with every move; a reminder of an earlier turn means nothing.
    """

    request_id: str
    workflow_id: str
    order_id: str
    account: str
    at: int
    asked: ChangeRequest
    outcome: Outcome
    settings: ChangeSettings
    stage: Stage = "preparing"
    missing: frozenset[str] = frozenset()
    log: tuple[Logged, ...] = field(default=())
    given_up: GivenUp | None = None
    on_hold: bool = False
    failures: int = 0
    turn: int = 0

    @property
    def is_over(self) -> bool:
        """Nothing comes of it any more."""
        return self.stage in OVER

    @property
    def is_prepared(self) -> bool:
        """What it comes to is known: shown are 0 and nothing before that."""
        return self.stage in ("waiting-acknowledgement", "waiting-confirmation", "done")


def moved_to(change: Modification, stage: Stage, now: int, why: str) -> Modification:
    """*change* in another stage, and a line about it."""
    return replace(logged(change, stage, now, why), stage=stage, turn=change.turn + 1)


def logged(
    change: Modification, stage: Stage, now: int, message: str, source: str = "Workflow Engine"
) -> Modification:
    """*change* with one more line in its log."""
    lines = (*change.log, Logged(now, message, source, stage))
    return replace(change, log=lines[-_MOST_LOGGED:])


def given_up(change: Modification, now: int, reason: str, *, by_user: bool) -> Modification:
    """*change* cancelled."""
    ended = moved_to(change, "canceled", now, "Change canceled")
    return replace(ended, given_up=GivenUp(now, by_user, reason), missing=frozenset())
