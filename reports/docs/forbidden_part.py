"""What an order of a flow must not do, as far as it is worth knowing; the choice is computed.

Worth knowing is what somebody can try, and what would be an error whoever tried it: calls that
the platform documents and that the flow does not take where the order stands, and rules of the
severity ``error`` whose sentence says what must not be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from orderflow.conformance.deal_rule import DealRule
from orderflow.conformance.rule import Rule
from orderflow.conformance.rules import PROFILES
from orderflow.reports.docs.subject import Subject

_FORBIDS = re.compile(r"\b(?:no|not|never|nothing|neither|nobody)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RefusedCall:
    """A call that an order does not take in some statuses.

    Attributes:
        call: Method and path.
        events: What it means elsewhere in the flow.
        statuses: Where it is not taken: statuses of the undisturbed order, and final ones.
    """

    call: str
    events: tuple[str, ...]
    statuses: tuple[str, ...]


def refused_calls(subject: Subject) -> tuple[RefusedCall, ...]:
    """The documented calls of the flow, and where each is not taken.

    Calls that an order takes in no status are left out, and those that create one.
    """
    seen = subject.seen
    meant: dict[str, dict[str, set[str]]] = {}
    for step in seen.transitions:
        kind = subject.events.get(step.event)
        for endpoint in kind.endpoints if kind and not step.creates else ():
            if endpoint.serves(seen.family, step.source):
                events = meant.setdefault(endpoint.call, {})
                events.setdefault(step.event, set()).add(step.source)
    shown = [*seen.happy_path, *(s.name for s in seen.states if s.name in seen.final)]
    return tuple(
        RefusedCall(call, tuple(events), _without(shown, set().union(*events.values())))
        for call, events in meant.items()
    )


def _without(names: list[str], taken: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name not in taken))


def forbidding_rules(family: str) -> Iterator[Rule | DealRule]:
    """The errors among the rules of a family of flows that say what must not be, by id."""
    for rule in PROFILES["audit"]:
        speaks = rule.severity == "error" and family in rule.families
        if speaks and _FORBIDS.search(rule.statement):
            yield rule
