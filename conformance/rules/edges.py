"""Which pairs of statuses a transition table allows to follow each other in a record.

Source: domain fact sheets "Conformance rules", A-04, and "Order flows", decisions D-02, D-04,
D-11 and D-21.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orderflow.flows.model import Profile

if TYPE_CHECKING:
    from orderflow.flows.model import Flow, Transition

Pair = tuple[str, str]

UNDOCUMENTED = frozenset(
    {
        "window-to-change-payment",
        "waiting-for-fulfillment",
        "ready-for-invoicing",
        "release-to-fulfillment",
        "order-completed",
        "waiting-for-order-authorization",
    }
)
"""Statuses for which the sources tell no edges (D-21): a record may hold them anywhere."""

ACCEPTED: frozenset[Pair] = frozenset(
    [
        ("order-accepted", "waiting-ffmt-authorization"),  # D-02
        ("on-order-completed", "payment-pending"),  # D-04
        ("cancellation-requested", "invoice"),  # D-11
        ("waiting-for-seller-decision", "invoice"),
        ("", "null"),
        ("null", "order-created"),
        ("null", "on-order-completed"),
        ("null", "waiting-for-authorization"),
        ("null", "order-accepted"),
        ("null", "on-order-completed-ffm"),
        ("null", "waiting-ffmt-authorization"),
    ]
)
"""Steps that records of real orders show although a profile of the flow may not have them."""

LEGACY: frozenset[Pair] = frozenset(
    [
        ("request-cancel", "payment-pending"),
        ("waiting-for-seller-decision", "payment-pending"),
    ]
)
"""Where the old diagrams send a denied request (D-01)."""


@dataclass(frozen=True, slots=True)
class Edges:
    """The pairs of statuses one flow allows.

    Attributes:
        direct: Pairs that one transition joins.
        contracted: Pairs joined by one transition and automatic ones after it.
        legacy: Pairs that only legacy transitions join.
        known: Statuses that some transition leaves or reaches.
    """

    direct: frozenset[Pair]
    contracted: frozenset[Pair]
    legacy: frozenset[Pair]
    known: frozenset[str]

    def accepts(self, pair: Pair) -> bool:
        """Whether a record that may leave steps out can show this pair."""
        if pair in self.contracted or pair in ACCEPTED:
            return True
        return any(status in UNDOCUMENTED and status not in self.known for status in pair)


_KEPT: dict[int, tuple[Flow, Edges]] = {}
_KEPT_AT_MOST = 64


def edges_of(flow: Flow) -> Edges:
    """Return the pairs a flow allows; the answer for the latest flows is kept."""
    # Keyed by identity: hashing a flow means hashing all its transitions.
    kept = _KEPT.get(id(flow))
    if kept is not None and kept[0] is flow:
        return kept[1]
    if len(_KEPT) >= _KEPT_AT_MOST:
        _KEPT.clear()
    edges = _work_out(flow)
    _KEPT[id(flow)] = (flow, edges)
    return edges


def _work_out(flow: Flow) -> Edges:
    current = [step for step in flow.transitions if not _is_legacy(step)]
    old = {(step.source, step.target) for step in flow.transitions if _is_legacy(step)}
    direct = frozenset((step.source, step.target) for step in current)
    ahead: dict[str, set[str]] = {}
    for step in current:
        if step.automatic:
            ahead.setdefault(step.source, set()).add(step.target)
    contracted = frozenset((a, c) for a, b in direct for c in _reached(b, ahead))
    known = frozenset(status for pair in direct | old for status in pair)
    return Edges(direct, contracted, (LEGACY | old) - direct, known)


def _is_legacy(step: Transition) -> bool:
    return step.profiles == {Profile.LEGACY}


def _reached(start: str, ahead: dict[str, set[str]]) -> set[str]:
    """Return every status automatic steps lead to, *start* included."""
    found, waiting = {start}, [start]
    while waiting:
        for status in ahead.get(waiting.pop(), ()):
            if status not in found:
                found.add(status)
                waiting.append(status)
    return found


def leads_to(flow: Flow, status: str) -> str:
    """Say where a flow leads from a status: ``from cancel the flow leads to canceled``."""
    targets = dict.fromkeys(step.target for step in flow.out.get(status, ()))
    targets.pop(status, None)
    if not targets:
        return f"nothing follows {status or 'null'}"
    return f"from {status} the flow leads to {' or '.join(targets)}"
