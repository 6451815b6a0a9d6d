"""Which pairs of statuses, and which rows with their events, a transition table allows in a record.

Source: domain fact sheets "Conformance rules", A-04, and "Order flows", decisions D-02, D-04,
D-11 and D-21.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orderflow.flows.model import Profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orderflow.flows.model import Flow, Transition

Pair = tuple[str, str]

Row = tuple[str, str, str]
"""(status before, event, status after)."""

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


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one flow's transition table, by their events.

    Attributes:
        known: All rows, those of legacy transitions included.
        starts: Statuses in which an order begins.
        limits: Rows that only a timer takes, with the setting that says how long it runs.
        ends: Statuses that a timer ends whatever the order is like, with the same settings.
        actors: Who may take each row.
        ahead: Where automatic rows lead on from each status, through other ones included.
    """

    known: frozenset[Row]
    starts: frozenset[str]
    limits: Mapping[Row, str]
    ends: Mapping[str, str]
    actors: Mapping[Row, frozenset[str]]
    ahead: Mapping[str, frozenset[str]]

    def between(self, before: str, after: str) -> tuple[str, ...]:
        """Events that lead from one status to another, sorted."""
        return tuple(sorted(row[1] for row in self.known if (row[0], row[2]) == (before, after)))

    def passes(self, before: str, event: str, after: str) -> bool:
        """Whether *event* leads there with automatic rows before or behind it."""
        nothing: frozenset[str] = frozenset()
        return any(
            after in self.ahead.get(target, nothing) | {target}
            and source in self.ahead.get(before, nothing) | {before}
            for source, name, target in self.known
            if name == event and source != target
        )


_KEPT: dict[int, tuple[Flow, Edges, Rows]] = {}
_KEPT_AT_MOST = 64


def edges_of(flow: Flow) -> Edges:
    """Return the pairs a flow allows; the answer for the latest flows is kept."""
    return _kept(flow)[1]


def rows_of(flow: Flow) -> Rows:
    """Return the rows of a flow; the answer for the latest flows is kept."""
    return _kept(flow)[2]


def _kept(flow: Flow) -> tuple[Flow, Edges, Rows]:
    # Keyed by identity: hashing a flow means hashing all its transitions.
    kept = _KEPT.get(id(flow))
    if kept is not None and kept[0] is flow:
        return kept
    if len(_KEPT) >= _KEPT_AT_MOST:
        _KEPT.clear()
    kept = _KEPT[id(flow)] = (flow, _work_out(flow), _rows(flow))
    return kept


def _rows(flow: Flow) -> Rows:
    names = {(timer.state, timer.fires): timer.after for timer in flow.timers}
    timed = {
        step: names[step.source, step.event]
        for step in flow.transitions
        if step.actors == ("timer",) and (step.source, step.event) in names
    }
    actors: dict[Row, frozenset[str]] = {}
    for step in flow.transitions:
        row = (step.source, step.event, step.target)
        actors[row] = actors.get(row, frozenset()).union(step.actors)
    limits = {(step.source, step.event, step.target): name for step, name in timed.items()}
    ahead = _ahead(flow.transitions)
    return Rows(
        known=frozenset(actors),
        starts=frozenset(step.target for step in flow.transitions if step.creates),
        limits={row: name for row, name in limits.items() if actors[row] == {"timer"}},
        ends={
            step.source: name
            for step, name in timed.items()
            if not step.when and not step.held and step.target != step.source
        },
        actors=actors,
        ahead={name: frozenset(_reached(name, ahead)) for name in ahead},
    )


def _ahead(steps: Iterable[Transition]) -> dict[str, set[str]]:
    """Where automatic steps lead from each status, one at a time."""
    found: dict[str, set[str]] = {}
    for step in steps:
        if step.automatic:
            found.setdefault(step.source, set()).add(step.target)
    return found


def _work_out(flow: Flow) -> Edges:
    current = [step for step in flow.transitions if not _is_legacy(step)]
    old = {(step.source, step.target) for step in flow.transitions if _is_legacy(step)}
    direct = frozenset((step.source, step.target) for step in current)
    ahead = _ahead(current)
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
