"""Why an event was refused, in words; worked out only when somebody asks."""

from __future__ import annotations

from typing import NamedTuple

from orderflow.flows.model import ABSENT
from orderflow.flows.vocabulary import PREDICATES
from orderflow.simulator.machine import Branch, Plan
from orderflow.simulator.order import Order


class Asked(NamedTuple):
    """An event put to an order, with all that decides whether it is taken.

    Attributes:
        plan: The compiled flow.
        order: The document as it is.
        drafted: The document with the event's data in it.
        event: Event name.
        now: Virtual time in ms.
        actor: Who fires it; anybody when None.
    """

    plan: Plan
    order: Order
    drafted: Order
    event: str
    now: int
    actor: str | None


def reason_of(asked: Asked) -> str:
    """Why the event is not taken, one clause: what each branch that leads on would have needed."""
    branches = asked.plan.branches.get((asked.order.status, asked.event))
    if branches is None:
        return _why_never(asked)
    return "; ".join(dict.fromkeys(_why_not(branch, asked) for branch in branches))


def _why_never(asked: Asked) -> str:
    flow, event = asked.plan.flow, asked.event
    for refusal in flow.refusals:
        if refusal.event == event:
            return f"never accepted in this flow ({refusal.code or refusal.row})"
    if event not in flow.events:
        return f"the {flow.name} flow has no such event"
    if asked.order.status == ABSENT:
        return "the order has not been placed"
    return "no transition takes it there"


def _why_not(branch: Branch, asked: Asked) -> str:
    step = branch.step
    left = asked.order.entered_at + (branch.wait or 0) - asked.now
    if branch.wait is not None and left > 0:
        return f"its time is over only in {-(-left // 1000)} s"
    if asked.actor is not None and asked.actor not in step.actors:
        return f"{step.row} is for {' or '.join(step.actors)}"
    named = zip(step.when, branch.guards, strict=False)  # a guard of `held` has no name
    failed = [name for name, holds in named if not holds(asked.drafted)]
    if failed:
        wanted = (PREDICATES[name].needs for name in failed)
        return f"{step.row} needs {', and '.join(wanted)}"
    return f"{step.row} needs a request made in {step.held}"
