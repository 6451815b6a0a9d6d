"""The machine-readable history in an order document: ``workflowData`` of the PII version.

Source: domain fact sheet "Order flows", section 2.3, a recorded order of the marketplace flow.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from orderflow.sandbox.document_names import dashed_mark, mark
from orderflow.sandbox.moments import iso
from orderflow.sandbox.store import Held
from orderflow.simulator.events import Event

_NAMES = {
    "marketplace": "Marketplace",
    "complete": "Marketplace",
    "seller": "Fulfillment",
    "chain": "Chain",
}

_LOGICAL_STEPS = {
    "order-created": "creating",
    "on-order-completed": "creating",
    "payment-pending": "approving-transaction",
    "approve-payment": "approving-transaction",
    "payment-approved": "approving-transaction",
    "request-cancel": "accepting-cancel",
    "waiting-for-seller-decision": "authorizing",
    "cancel": "canceling",
    "canceled": "canceled",
    "window-to-change-seller": "window-to-change-seller",
    "handling": "handling",
    "invoice": "invoice",
    "invoiced": "invoiced",
}
"""The logical step of a status. No source names one for the others, so they have none."""


def workflow_data(held: Held) -> dict[str, object]:
    """``workflowData``: one instance, or two for a document that goes through two flows.

    ``steps[]`` stays empty: the step graph of one flow only is known.
    """
    instances = [_instance(held, held.participant, held.events)]
    if held.sale.deal.instant:
        for lower in held.sale.deal.lower(held.participant):
            events = held.sale.simulators[lower.name].events
            instances += [_instance(held, lower.name, events)] if events else []
    return {"instances": instances, "mainFlowIndex": 0}


def entered(events: Iterable[Event]) -> tuple[Event, ...]:
    """The steps that led to another status, oldest first."""
    return tuple(event for event in events if event.target != event.source)


def _instance(held: Held, participant: str, events: Iterable[Event]) -> dict[str, object]:
    steps = entered(events)
    logical = [_LOGICAL_STEPS.get(step.target) for step in steps]
    last = steps[-1]
    return {
        "id": dashed_mark(held.order_id, participant, "workflow"),
        "name": _NAMES[last.flow],
        "currentStepName": last.target,
        "currentStepDescription": last.target,
        "lastChange": iso(last.at),
        "isInError": participant in held.stuck,
        "isInAutomaticRetry": False,
        "creationDate": iso(steps[0].at),
        "owner": mark(held.account, "owner"),
        "version": "1.12",
        "timeLine": [
            {"stepName": step.target, "date": iso(step.at), "parentStepName": parent}
            for step, parent in zip(steps, logical, strict=True)
        ],
        "logicTimeLine": _logical_time_line(steps),
        "steps": [],
        "currentLogicalStep": next((step for step in reversed(logical) if step), None),
    }


def _logical_time_line(steps: Iterable[Event]) -> list[dict[str, object]]:
    """When each logical step began; a status without one continues the last."""
    known = [step for step in steps if step.target in _LOGICAL_STEPS]
    begun = groupby(known, key=lambda step: _LOGICAL_STEPS[step.target])
    return [{"stepName": name, "date": iso(next(group).at)} for name, group in begun]
