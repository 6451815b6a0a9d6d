"""What a run of the simulator looks like to the rules and to the timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orderflow.conformance.record import Evidence, Record, Step
from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings
from orderflow.flows.timeline import Package, Shipment, Timeline, timeline
from orderflow.simulator.effects import COMPLETED, COMPLETING
from orderflow.simulator.events import Event
from orderflow.simulator.order import Order

BREATH_MS = 1_000
"""Virtual time between two steps, so that no two happen at once unless a timer leaves no time."""


def without_stuck(settings: Settings) -> dict[str, object]:
    """The limits of *settings* that judge a simulated order.

    Time is the run's to spend: an order that waits because nobody acts is not stuck. Being stuck
    is judged on recorded histories only.
    """
    return {name: value for name, value in settings.items() if not name.startswith("stuck_")}


def step_of(event: Event) -> Step:
    """One event as an entry of a record."""
    return Step(event.target, event.at, event.event, event.actor, event.transition)


def completes(flow: Flow) -> bool:
    """Whether orders of *flow* ever count as completed: if not, nothing follows from it."""
    return any(s.event == COMPLETING or s.target in COMPLETED for s in flow.transitions)


def evidence_of(order: Order, *, completes: bool = True) -> Evidence:
    """Everything an order document tells the rules.

    Args:
        order: The document.
        completes: Whether ``isCompleted`` means something in its flow, see :func:`completes`.
    """
    return Evidence(
        status=order.status,
        created_at=order.created_at,
        is_completed=order.is_completed if completes else None,
        value=order.value,
        totals=order.totals,
        items=order.items,
        invoices=order.invoices,
        requests=order.requests,
        cancellation=order.cancellation,
        has_cancellation=order.cancellation is not None,
        changes=order.changes,
        payment_denied=order.denied_payment,
        has_authorized_at=order.authorized_at is not None,
        authorized_at=order.authorized_at,
        has_invoiced_at=order.invoiced_at is not None,
        invoiced_at=order.invoiced_at,
        settlement=order.settlement,
    )


def record_of(  # everything a record is made of
    flow: Flow,
    order: Order,
    steps: Sequence[Step],
    settings: Mapping[str, object],
    now: int,
    *,
    completes: bool = True,
) -> Record:
    """An order of the simulator as a record.

    Args:
        flow: Flow it moves through.
        order: Its document.
        steps: Its events up to the document as steps, see :func:`step_of`.
        settings: Time limits of the run.
        now: Virtual time in ms.
        completes: See :func:`evidence_of`.
    """
    return Record(
        order_id=order.order_id,
        family=flow.family,
        steps=tuple(steps),
        evidence=evidence_of(order, completes=completes),
        flow=flow,
        settings=settings,  # type: ignore[arg-type]  # rules read durations and switches only
        over=order.status in flow.final,
        now=now,
    )


def shipment_of(order: Order) -> Shipment:
    """What the timeline needs to know of deliveries."""
    return Shipment(
        tuple(item.channel for item in order.items),
        tuple(item.estimate for item in order.items),
        tuple(
            Package(invoice.kind, len(invoice.events), invoice.finished)
            for invoice in order.invoices
        ),
    )


def timeline_of(order: Order, now: int, history: Sequence[str]) -> Timeline:
    """The five stages of *order* as the shopper sees them (reading ``std``)."""
    return timeline(order.status, shipment_of(order), now, history=history)
