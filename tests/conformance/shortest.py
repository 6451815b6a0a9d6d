"""The shortest way to break a rule, found by trying everything, breadth first.

Nothing here asks the shrinker or the paths of the space: it is what their results are held to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from orderflow.conformance.invariants import stage_breaches
from orderflow.conformance.judge import judge
from orderflow.conformance.observe import evidence_of, timeline_of
from orderflow.conformance.record import Record, Step
from orderflow.flows.settings import defaults
from orderflow.flows.timeline import Timeline
from orderflow.simulator.choices import choices, realise
from orderflow.simulator.clock import START
from orderflow.simulator.effects import Taken, commit
from orderflow.simulator.inputs import draft
from orderflow.simulator.machine import Plan
from orderflow.simulator.order import Order
from orderflow.simulator.simulator import new_order
from orderflow.simulator.space import Space, key_of

SECOND = 1_000
LIMITS = {name: ms for name, ms in defaults().items() if not name.startswith("stuck_")}

Identity = tuple[str, str]
"""Rule and transition."""


class Node(NamedTuple):
    """An order and how it got there."""

    order: Order
    now: int
    steps: tuple[Step, ...] = ()
    view: Timeline | None = None
    breached: frozenset[Identity] = frozenset()


def shortest(space: Space, identity: Identity, *, deepest: int) -> int | None:
    """Number of events in the shortest run that breaks *identity*, None beyond *deepest*."""
    plan = space.plan
    queue = deque([Node(new_order(plan.flow, "order-1"), START)])
    if any("replacement_on" in step.when for step in plan.flow.transitions):
        queue.append(Node(new_order(plan.flow, "order-1", replaceable=False), START))
    seen = set()
    while queue:
        node = queue.popleft()
        if len(node.steps) == deepest:
            continue
        for after in followers(plan, node):
            order, visited = after.order, frozenset(step.status for step in after.steps)
            facts = (*key_of(order, space.facts), order.denied_payment, order.is_completed)
            mark = (facts, visited, after.steps[-1].transition)
            if mark in seen:
                continue
            seen.add(mark)
            if identity in after.breached or identity in rules_broken(plan, after):
                return len(after.steps)
            queue.append(after)
    return None


def followers(plan: Plan, node: Node) -> Iterator[Node]:
    """Everything that can happen next, with every kind of data."""
    order = node.order
    for event in plan.events_from.get(order.status, ()):
        for choice in choices(event, order):
            data = realise(event, choice, order)
            for wait in sorted({b.wait or 0 for b in plan.branches[order.status, event]}):
                now = max(node.now + SECOND, order.entered_at + wait)
                drafted = draft(order, event, data, now)
                branch = plan.find(order, drafted, event, now)
                if branch is not None:
                    taken = Taken(branch.step, branch.step.actors[0], now, data)
                    yield extended(plan, node, commit(drafted, taken), taken)
                    break


def extended(plan: Plan, node: Node, order: Order, taken: Taken) -> Node:
    step = taken.transition
    entry = Step(step.target, taken.now, step.event, taken.actor, step.id)
    steps = (*node.steps, entry)
    view = timeline_of(order, taken.now, [each.status for each in steps])
    found = stage_breaches(node.view or view, view, step, plan.flow, order, at=taken.now)
    breached = node.breached | {(breach.invariant, step.id) for breach in found}
    return Node(order, taken.now, steps, view, breached)


def rules_broken(plan: Plan, node: Node) -> set[Identity]:
    record = Record(
        order_id="order-1",
        family=plan.flow.family,
        steps=node.steps,
        evidence=evidence_of(node.order),
        flow=plan.flow,
        settings=LIMITS,  # type: ignore[arg-type]  # rules read durations and switches only
        over=node.order.status in plan.flow.final,
        now=node.now,
    )
    found = judge(record).findings
    return {(rule.id, node.steps[finding.step].transition or "") for rule, finding in found}
