"""Facts of a step of an order, and on its first step of the order itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderflow.flows.model import ABSENT
from orderflow.sandbox.evidence import MOST_ROWS, Facts, word
from orderflow.sandbox.trace import shown_path

if TYPE_CHECKING:
    from orderflow.sandbox.store import Held
    from orderflow.simulator.events import Event


def step_facts(held: Held, event: Event) -> Facts:
    """What happened, through whom, and what the order is worth afterwards."""
    order = held.order
    found: Facts = {
        "event": event.event,
        "actor": event.actor,
        "cause": event.cause,
        "participant": held.participant,
        "flow": held.flow.name,
        "group": shown_path(held.group),
        "value": order.value,
        "complete": order.is_completed,
    }
    if event.source == ABSENT:
        marketplace = held.placed.marketplace
        found["items"] = [
            {"id": word(item.id), "quantity": item.quantity, "price": item.price}
            for item in order.items[:MOST_ROWS]
        ]
        found["affiliate"] = word(marketplace.affiliate) if marketplace else ""
    return found
