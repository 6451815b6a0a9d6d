"""Order modifications on their way: from the request, over two agreements, to the order.

A modification is ``preparing`` until what it comes to is known, then waits for everybody's
acknowledgement and confirmation, and happens to the order when it has them. Participants on the
platform agree by themselves; a seller outside it has to say so. Sandbox decisions: each of these
steps takes a second of virtual time; applying it is tried again twice, a minute apart.
Source: domain fact sheet "HTTP surface", section 8.2; help center, adapting your integration for
order modifications.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, NamedTuple

from orderflow.sandbox.changes_amendment import CURRENT, Amendment
from orderflow.sandbox.changes_applied import apply
from orderflow.sandbox.changes_asked import ChangeRequest
from orderflow.sandbox.changes_codes import MESSAGES, refused
from orderflow.sandbox.changes_request import (
    WAITS_FOR,
    GivenUp,
    Modification,
    Stage,
    given_up,
    logged,
    moved_to,
)
from orderflow.sandbox.changes_rules import (
    check_order,
    check_value,
    outcome_of,
    outside_seller,
)
from orderflow.sandbox.changes_settings import ChangeSettings, changed
from orderflow.sandbox.changes_shown import path_up, relatives
from orderflow.sandbox.dialect import DialectError, bad_request
from orderflow.sandbox.document_names import dashed_mark, upper_id
from orderflow.sandbox.order_statuses import CANCELED
from orderflow.sandbox.part import Part
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Change, Held
from orderflow.simulator.simulator import Refused

STEP = 1_000
"""Ms of virtual time that a step takes."""

_PAUSE = 60_000
_MOST_FAILURES = 3


class Turn(NamedTuple):
    """What a reminder is about: it means nothing once the modification has moved on."""

    account: str
    order_id: str
    request_id: str
    turn: int


class Changes(Part):
    """The modifications of all orders, and the settings of all accounts.

    Args:
        service: The sandbox.

    Attributes:
        on_hold: New modifications stay in their first stage until somebody moves them on.
        receipts: By account, order id and ``requestId``, the answers of the legacy operation.
    """

    name: ClassVar[str] = "changes"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.on_hold = False
        self.receipts: dict[tuple[str, str], dict[str, dict[str, object]]] = {}
        self._of: dict[tuple[str, str], dict[str, Modification]] = {}
        self._settings: dict[str, ChangeSettings] = {}

    def of(self, held: Held) -> tuple[Modification, ...]:
        """The modifications of a document, oldest first."""
        return tuple(self._of.get((held.account, held.order_id), {}).values())

    def find(self, held: Held, request_id: str) -> Modification:
        """One modification of a document.

        Raises:
            DialectError: It has none of that id.
        """
        found = self._of.get((held.account, held.order_id), {}).get(request_id)
        if found is None:
            raise refused("CHK0289", request_id)
        return found

    def is_busy(self, held: Held) -> bool:
        """Whether a modification of the order is under way, at any level."""
        names = relatives(held)
        documents = self.service.store.group(held.group, held.account)
        near = [each for each in documents if each.participant in names]
        return any(not change.is_over for each in near for change in self.of(each))

    def settings(self, account: str) -> ChangeSettings:
        """The settings of an account."""
        return self._settings.get(account, ChangeSettings())

    def set(self, account: str, sent: dict[str, object]) -> ChangeSettings:
        """Change the settings of an account.

        Raises:
            DialectError: They cannot be read; nothing has changed.
        """
        self._settings[account] = changed(self.settings(account), sent)
        return self._settings[account]

    def plan(self, held: Held, asked: ChangeRequest) -> Modification:
        """The modification as it would be made, which changes nothing.

        Raises:
            DialectError: The order cannot be modified like that.
        """
        settings = changed(self.settings(held.account), asked.settings)
        if not settings.api:
            raise bad_request("Order modifications by API are not enabled for this account")
        check_order(held, asked)
        if self.is_busy(held):
            raise refused("SalesOrderSystem014")
        number = str(len(self.of(held)) + 1)
        request_id = dashed_mark(held.order_id, "change request", number)
        return Modification(
            request_id,
            dashed_mark(held.order_id, "change workflow", number),
            held.order_id,
            held.account,
            self.service.now,
            asked.bare,
            outcome_of(held, asked, settings, request_id),
            settings,
        )

    def check_value(self, held: Held, change: Modification) -> None:
        """See that the order can be worth what it would be worth after *change*.

        Raises:
            DialectError: It cannot.
        """
        upper = upper_id(held)
        paid = self.service.store.find(upper, held.account) if upper else None
        check_value(held, paid or held, change.outcome, change.settings)

    def create(self, held: Held, asked: ChangeRequest) -> Modification:
        """Begin a modification.

        Raises:
            DialectError: The order cannot be modified like that; nothing has changed.
        """
        planned = replace(self.plan(held, asked), on_hold=self.on_hold)
        return self._go_on(logged(planned, "preparing", self.service.now, "Change requested"))

    def retry(self, held: Held, request_id: str, asked: ChangeRequest | None) -> None:
        """Begin a modification anew, with what is asked for now if something is.

        Raises:
            DialectError: It is over, or cannot be; nothing has changed.
        """
        change = self.find(held, request_id)
        if change.is_over:
            raise refused("SalesOrderSystem016")
        if asked is not None and not asked.is_empty:
            settings = changed(self.settings(held.account), asked.settings)
            outcome = outcome_of(held, asked, settings, request_id)
            change = replace(change, asked=asked.bare, outcome=outcome, settings=settings)
        begun = moved_to(change, "preparing", self.service.now, "Change retried")
        self._go_on(replace(begun, failures=0, on_hold=self.on_hold, missing=frozenset()))

    def cancel(self, held: Held, request_id: str, reason: str) -> None:
        """Begin to cancel a modification.

        Raises:
            DialectError: It is over or is being cancelled; no source gives the code.
        """
        change = self.find(held, request_id)
        if change.is_over or change.stage == "canceling":
            raise refused("CHK0124")
        now = self.service.now
        begun = moved_to(change, "canceling", now, "Cancellation requested")
        self._go_on(replace(begun, missing=frozenset(), given_up=GivenUp(now, True, reason)))

    def agree(self, held: Held, request_id: str, agreement: str) -> None:
        """Let the seller outside the platform agree to a modification of *held*.

        Saying something again has no effect.

        Raises:
            DialectError: There is no such agreement, or it is not what is waited for.
        """
        if agreement not in WAITS_FOR.values():
            raise refused("SalesOrderSystem035", agreement)
        change, seller = self.find(held, request_id), outside_seller(held)
        if WAITS_FOR.get(change.stage) == agreement and seller in change.missing:
            told = f"{agreement} received from {seller}"
            change = logged(change, change.stage, self.service.now, told, "Seller")
            self._agreed(held, replace(change, missing=change.missing - {seller}))
        elif change.stage == "preparing" or (change.stage, agreement) == (
            "waiting-acknowledgement",
            "Confirmation",
        ):
            raise refused("CHK0124")

    def move(self, held: Held, request_id: str, stage: Stage) -> Modification | Refused:
        """Bring a modification to a stage, where the clock leaves it alone.

        Returns:
            The modification; or why the order does not take it, after which nothing has changed.

        Raises:
            DialectError: There is none of that id, or it is over.
        """
        change = self.find(held, request_id)
        if change.is_over:
            raise refused("SalesOrderSystem016")
        if stage == "done":
            happened = self._apply(held, change)
            return happened if isinstance(happened, Refused) else self.find(held, request_id)
        if stage == "canceled":
            return self._keep(given_up(change, self.service.now, "Moved by hand", by_user=False))
        moved = moved_to(change, stage, self.service.now, "Moved by hand")
        return self._keep(replace(moved, on_hold=True, missing=self._all(held, stage)))

    def heard(self, change: Change) -> None:
        """A cancelled order has no use for its modifications."""
        if change.event.target in CANCELED:
            for each in self.of(change.held):
                if not each.is_over:
                    why = MESSAGES["SalesOrderSystem008"].rstrip(".")
                    self._keep(given_up(each, self.service.now, why, by_user=False))

    def forgot(self, held: Held) -> None:
        """Forget what is kept of a document."""
        self._of.pop((held.account, held.order_id), None)
        self.receipts.pop((held.account, held.order_id), None)

    def due(self, token: object) -> None:
        """Move a modification on, if it still stands where it did when that was planned."""
        if not isinstance(token, Turn):
            raise TypeError(f"no token of this part: {token!r}")
        held = self.service.store.find(token.order_id, token.account)
        kept = self._of.get((token.account, token.order_id), {}).get(token.request_id)
        if held is None or kept is None or kept.turn != token.turn or kept.on_hold:
            return
        if kept.stage == "preparing":
            self._prepare(held, kept)
        elif kept.stage == "canceling":
            self._keep(moved_to(kept, "canceled", self.service.now, "Change canceled"))
        elif kept.stage in WAITS_FOR:
            seller = outside_seller(held)
            self._agreed(held, replace(kept, missing=kept.missing & {seller}))

    def _prepare(self, held: Held, change: Modification) -> None:
        try:
            self.check_value(held, change)
        except DialectError as wrong:  # Source: help center: cancelled by the system, at once
            why = str(wrong).rstrip(".")
            self._keep(given_up(change, self.service.now, why, by_user=False))
            return
        self._enter(held, change, "waiting-acknowledgement", "Change prepared")

    def _enter(self, held: Held, change: Modification, stage: Stage, why: str) -> None:
        moved = moved_to(change, stage, self.service.now, why)
        self._go_on(replace(moved, missing=self._all(held, stage)))

    def _all(self, held: Held, stage: Stage) -> frozenset[str]:
        """Everybody who has to agree in *stage*: the document, those above it, and its seller."""
        if stage not in WAITS_FOR:
            return frozenset()
        return frozenset({*path_up(held), outside_seller(held)} - {""})

    def _agreed(self, held: Held, change: Modification) -> None:
        """Somebody has agreed: go on when nobody is missing."""
        if change.missing:
            self._keep(change)
        elif change.stage == "waiting-acknowledgement":
            self._enter(held, change, "waiting-confirmation", "Change acknowledged by everybody")
        else:
            happened = self._apply(held, change)
            if isinstance(happened, Refused):
                self._failed(change, happened)

    def _apply(self, held: Held, change: Modification) -> Refused | None:
        """Let the modification happen to the order."""
        outcome = change.outcome
        amendment = Amendment(
            CURRENT,
            change.request_id,
            change.at,
            change.asked.reason,
            outcome.lines,
            outcome.moved,
            outcome.discount,
            outcome.increment,
        )
        happened = apply(self.service, held, amendment)
        if happened is None:
            ended = moved_to(change, "done", self.service.now, "Change applied")
            self._keep(replace(ended, missing=frozenset()))
        return happened

    def _failed(self, change: Modification, why: Refused) -> None:
        failures = change.failures + 1
        told = (
            f"Automatic transition failed. Current retry counter is {failures}. "
            f"Failed with message: {why.reason}"
        )
        change = logged(change, change.stage, self.service.now, told)
        if failures >= _MOST_FAILURES:
            reason = MESSAGES["SalesOrderSystem017"]
            self._keep(given_up(change, self.service.now, reason, by_user=False))
        else:
            change = replace(change, failures=failures, turn=change.turn + 1, missing=frozenset())
            self._go_on(change, after=_PAUSE)

    def _go_on(self, change: Modification, after: int = STEP) -> Modification:
        """Keep *change*, and come back to it."""
        if not change.is_over:
            token = Turn(change.account, change.order_id, change.request_id, change.turn)
            self.service.remind(self.service.now + after, self, token)
        return self._keep(change)

    def _keep(self, change: Modification) -> Modification:
        kept = self._of.setdefault((change.account, change.order_id), {})
        kept[change.request_id] = change
        return change
