"""What a rule judges: the history of one order, with whatever evidence came with it.

A record can come from the simulator, which knows everything, or from a file recorded
elsewhere, which knows little: evidence that is missing is ``None``, and a rule that needs
it answers :class:`Missing`, never "passed".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orderflow.flows.model import Flow
    from orderflow.simulator.order import (
        Cancellation,
        CancellationRequest,
        Change,
        Invoice,
        Item,
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a history: at *at* the order was (again) in *status*.

    Attributes:
        status: API status; ``null`` for an incomplete order.
        at: Milliseconds since the Unix epoch.
        event: What led here, None when the record does not say.
        actor: Who did it, None when the record does not say.
        transition: Id of the transition taken, None when the record does not say.
        last_state: Status before, as a feed or hook item states it; None elsewhere.
    """

    status: str
    at: int
    event: str | None = None
    actor: str | None = None
    transition: str | None = None
    last_state: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the order beside its statuses. ``None`` means "the record does not say".

    Attributes:
        status: ``status`` of the order document.
        created_at: ``creationDate`` in ms.
        is_completed: ``isCompleted``.
        value: Order value in cents at the end of the record.
        totals: (id, cents) pairs of ``totals[]``.
        items: Order lines.
        invoices: Invoices in the order they were posted.
        requests: ``cancellationRequests[]``.
        cancellation: ``cancellationData``; use ``has_cancellation`` to tell "none" from unknown.
        has_cancellation: Whether ``cancellationData`` is filled.
        changes: Applied modifications, oldest first.
        payment_denied: The gateway refused the payment.
        has_authorized_at: Whether ``authorizedDate`` is filled.
        authorized_at: ``authorizedDate`` in ms.
        has_invoiced_at: Whether ``invoicedDate`` is filled.
        invoiced_at: ``invoicedDate`` in ms.
        settlement: ``pending``, ``settled`` or ``refused``.
        workflow: (status, ms) pairs of ``workflowData`` of the main instance.
    """

    status: str | None = None
    created_at: int | None = None
    is_completed: bool | None = None
    value: int | None = None
    totals: tuple[tuple[str, int], ...] | None = None
    items: tuple[Item, ...] | None = None
    invoices: tuple[Invoice, ...] | None = None
    requests: tuple[CancellationRequest, ...] | None = None
    cancellation: Cancellation | None = None
    has_cancellation: bool | None = None
    changes: tuple[Change, ...] | None = None
    payment_denied: bool | None = None
    has_authorized_at: bool | None = None
    authorized_at: int | None = None
    has_invoiced_at: bool | None = None
    invoiced_at: int | None = None
    settlement: str | None = None
    workflow: tuple[tuple[str, int], ...] | None = None


@dataclass(frozen=True)
class Record:
    """The history of one order and its evidence.

    Attributes:
        order_id: The order.
        family: ``marketplace``, ``seller``, ``complete``, ``chain``, or empty for a flow
            of its own kind, to which only the rules for all flows apply.
        steps: The history, oldest first, repeated statuses included.
        flow: Transition table to judge against, None when there is none.
        settings: Durations in ms by name, for the rules that measure time.
        whole: The record starts with the order's first status (it was not truncated).
        over: The order is known to have ended: no further step will come.
        now: Time the record was taken, None when unknown.
        evidence: What else is known.
    """

    order_id: str
    family: str
    steps: tuple[Step, ...]
    evidence: Evidence
    flow: Flow | None = None
    settings: Mapping[str, int] | None = None
    whole: bool = True
    over: bool = False
    now: int | None = None

    @cached_property
    def statuses(self) -> tuple[str, ...]:
        """Status of each step, repeated ones included."""
        return tuple(step.status for step in self.steps)

    @cached_property
    def stays(self) -> tuple[tuple[int, str], ...]:
        """(index of the first step, status) of each stay: equal neighbours are one stay."""
        found: list[tuple[int, str]] = []
        for index, status in enumerate(self.statuses):
            if not found or found[-1][1] != status:
                found.append((index, status))
        return tuple(found)

    @cached_property
    def first(self) -> dict[str, int]:
        """Index of the first step with each status."""
        found: dict[str, int] = {}
        for index, status in enumerate(self.statuses):
            found.setdefault(status, index)
        return found

    @cached_property
    def path(self) -> tuple[str, ...]:
        """Status of each stay: the history with equal neighbours merged."""
        return tuple([status for _, status in self.stays])

    @cached_property
    def visits(self) -> dict[str, tuple[int, ...]]:
        """Numbers of the stays in each status, as indexes into :attr:`path`."""
        found: dict[str, tuple[int, ...]] = {}
        for stay, status in enumerate(self.path):
            found[status] = (*found[status], stay) if status in found else (stay,)
        return found

    @cached_property
    def last(self) -> str:
        """The last status, empty when the record has no step."""
        return self.steps[-1].status if self.steps else ""

    @cached_property
    def outputs(self) -> tuple[Invoice, ...] | None:
        """Invoices of type ``Output``, None when the record does not know the invoices."""
        invoices = self.evidence.invoices
        return invoices and tuple([each for each in invoices if each.kind == "Output"])

    @cached_property
    def inputs(self) -> tuple[Invoice, ...] | None:
        """Invoices of type ``Input`` (returns), None when the record does not know the invoices."""
        invoices = self.evidence.invoices
        return invoices and tuple([each for each in invoices if each.kind == "Input"])

    def step_of(self, stay: int) -> int:
        """Index of the step with which a stay began."""
        return self.stays[stay][0]

    def entered(self, stay: int) -> int:
        """Time in ms at which a stay began."""
        return self.steps[self.stays[stay][0]].at

    def spent(self, stay: int) -> int | None:
        """Length of a stay in ms, None when it is open and the record has no :attr:`now`."""
        if stay + 1 < len(self.stays):
            return self.entered(stay + 1) - self.entered(stay)
        return None if self.now is None else self.now - self.entered(stay)

    def step_at(self, at: int) -> int:
        """Index of the last step taken at or before the time *at*, -1 when there is none."""
        for index in range(len(self.steps) - 1, -1, -1):
            if self.steps[index].at <= at:
                return index
        return -1


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of a rule.

    Attributes:
        step: Index into ``record.steps`` of the step that broke the rule, -1 when none alone did.
        observed: What was seen, one clause: ``the order went from invoice to ready-for-handling``.
        expected: What the rule asks for, one clause: ``a partial invoice leads back to handling``.
        mild: Report it as a warning although the rule is an error (sources disagree there).
    """

    step: int
    observed: str
    expected: str
    mild: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """A rule could not be evaluated: the record lacks *evidence* (named in words)."""

    evidence: str


Outcome = tuple[Finding, ...] | Missing
"""What a rule says of a record: () when it holds, findings when it does not, or what is missing."""
