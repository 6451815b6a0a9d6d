"""How an order of a flow is cancelled: where at once, where somebody is asked, where never."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from orderflow.conformance.rule import REQUESTS, Rule
from orderflow.conformance.rules import answers, cancellation
from orderflow.flows.graph import leading_to
from orderflow.flows.model import Flow, Transition


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The ways in which orders of a flow are cancelled, by the usual profile.

    Attributes:
        at_once: Steps after which the order can only end without a sale, from where nobody
            was asked.
        asks: Steps by which somebody asks, and another one decides.
        answers: Steps out of the statuses in which the answer is waited for.
        never: Statuses in which nobody can ask: no request is taken there.
    """

    at_once: tuple[Transition, ...]
    asks: tuple[Transition, ...]
    answers: tuple[Transition, ...]
    never: tuple[str, ...]


def cancellation_of(flow: Flow) -> Cancellation:
    """Find how orders of one profile of a flow are cancelled.

    What counts is where a step leads: a status from which no sale comes about any more. Whoever
    asks and does not get there at once waits for an answer.
    """
    lost = _lost(flow)
    moves = [step for step in flow.transitions if step.source != step.target and not step.creates]
    asks = [step for step in moves if step.event in REQUESTS and step.target not in lost]
    waiting = _waiting(flow, asks, lost)
    fresh = [step for step in moves if step.source not in lost | waiting]
    ends = [step for step in fresh if step.target in lost]
    begun = {step.source for step in moves if step.event in REQUESTS} | waiting | lost | flow.final
    return Cancellation(
        at_once=tuple(ends),
        asks=tuple(step for step in asks if step.source not in waiting),
        answers=tuple(step for step in moves if step.source in waiting),
        never=tuple(state.name for state in flow.states if state.name not in begun),
    )


def _lost(flow: Flow) -> frozenset[str]:
    """Statuses from which the sale can only fail."""
    saved = leading_to(flow, (*flow.success, *flow.closed))
    failing = leading_to(flow, flow.failure)
    return failing - saved


def _waiting(flow: Flow, asks: list[Transition], lost: frozenset[str]) -> frozenset[str]:
    """Statuses in which an answer is waited for: where a request leads by itself."""
    found: set[str] = set()
    open_states = [step.target for step in asks]
    while open_states:
        name = open_states.pop()
        if name in found:
            continue
        found.add(name)
        open_states += [
            step.target
            for step in flow.out.get(name, ())
            if step.actors == ("platform",) and step.automatic and step.target not in lost
        ]
    return frozenset(found)


def cancellation_rules(family: str) -> Iterator[Rule]:
    """The rules on cancellations for a family of flows, by id."""
    every = (*cancellation.RULES, *answers.RULES)
    return (rule for rule in sorted(every, key=lambda rule: rule.id) if family in rule.families)
