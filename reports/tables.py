"""The tables of a report as plain rows: coverage by dimension, matrix, transitions, gaps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orderflow.conformance.verdict import CellOutcome, Dimension, FlowVerdict, Never, Verdict
from orderflow.flows.model import Flow, Transition

SIGNS: dict[CellOutcome, tuple[str, str, str]] = {
    CellOutcome.EXERCISED: ("e", "✓", "allowed and exercised"),
    CellOutcome.NOT_EXERCISED: ("n", "0", "allowed, never exercised"),
    CellOutcome.REFUSED: ("r", "·", "refused as it must be"),
    CellOutcome.DIVERGES: ("d", "✕", "diverges"),
    CellOutcome.UNTRIED: ("u", "", "not allowed, not tried"),
}
"""Short class, sign and words of each outcome of a cell."""

NAMES = {
    "states": "statuses",
    "transitions": "transitions",
    "pairs": "transition pairs",
    "cells": "forbidden cells refused",
    "guards": "guards, both ways",
    "triggers": "stage triggers",
    "actors": "actors",
    "tags": "requirements",
    "scenarios": "scenarios",
}
"""What a table calls each dimension of the coverage vector."""


@dataclass(frozen=True, slots=True)
class Share:
    """How much of something was covered.

    Attributes:
        name: What is counted.
        done: How many were covered.
        total: How many there are.
        missing: Names of those that were not, where that helps.
        unreachable: (name, why) of those that no order reaches; they are not in *total*.
    """

    name: str
    done: int
    total: int
    missing: tuple[str, ...] = ()
    unreachable: tuple[tuple[str, str], ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return self.done >= self.total

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means all."""
        return 100 if self.total == 0 else 100 * self.done // self.total


def shares(flow: Flow | None, found: FlowVerdict) -> tuple[Share, ...]:
    """Return the coverage of one flow by dimension: the vector, where it was counted."""
    finals = flow.final if flow else frozenset()
    ended = _share("final statuses", [pair for pair in found.states if pair[0] in finals])
    if not found.vector:
        return (*_counted(found), ended)
    return (*map(_share_of, found.vector), ended)


def _share_of(dimension: Dimension) -> Share:
    """One dimension of the vector, scenarios with how far they got."""
    got = {
        item: f"{item} ({passed} of {steps} steps)" for item, passed, steps in dimension.progress
    }
    return Share(
        NAMES[dimension.name],
        len(dimension.covered),
        dimension.total,
        tuple(got.get(item, item) for item in dimension.missing),
        dimension.unreachable,
    )


def _counted(found: FlowVerdict) -> tuple[Share, ...]:
    """The same of a verdict without a vector, as far as its counts tell."""
    tried = [(s, e) for s, e, outcome in found.cells if outcome is CellOutcome.REFUSED]
    untried = [(s, e) for s, e, outcome in found.cells if outcome is CellOutcome.UNTRIED]
    sides = [
        (f"{name} at {step} never {answer}", times)
        for step, name, true, false in found.guards
        for answer, times in (("true", true), ("false", false))
    ]
    return (
        _share(NAMES["states"], found.states),
        _share(NAMES["transitions"], found.transitions),
        Share(NAMES["pairs"], found.pairs, found.pairs_total),
        Share(
            NAMES["cells"],
            len(tried),
            len(tried) + len(untried),
            tuple(f"{event} in {state}" for state, event in untried),
        ),
        _share(NAMES["guards"], sides),
        _share(NAMES["triggers"], found.triggers),
        _share(NAMES["actors"], found.actors),
    )


def _share(name: str, counted: Iterable[tuple[str, int]]) -> Share:
    pairs = tuple(counted)
    missing = tuple(thing for thing, times in pairs if not times)
    return Share(name, len(pairs) - len(missing), len(pairs), missing)


@dataclass(frozen=True, slots=True)
class Matrix:
    """What is known of every status and event.

    Attributes:
        events: Column heads.
        rows: Status and its cells; None where there is no such cell.
    """

    events: tuple[str, ...]
    rows: tuple[tuple[str, tuple[CellOutcome | None, ...]], ...]


def matrix(found: FlowVerdict) -> Matrix:
    """Arrange the cells of one flow as a table."""
    events = tuple(dict.fromkeys(event for _, event, _ in found.cells))
    states = tuple(dict.fromkeys(state for state, _, _ in found.cells))
    known = {(state, event): outcome for state, event, outcome in found.cells}
    rows = tuple((s, tuple(known.get((s, event)) for event in events)) for s in states)
    return Matrix(events, rows)


@dataclass(frozen=True, slots=True)
class StepRow:
    """One transition and what a run made of it.

    Attributes:
        id: Its id.
        step: The transition, None when the flow at hand does not have it.
        count: Times taken.
        never: Why it was not, None when it was taken.
    """

    id: str
    step: Transition | None
    count: int
    never: Never | None


@dataclass(frozen=True, slots=True)
class StepGroup:
    """The transitions that come from one row of the flow file.

    Attributes:
        row: Id of the row.
        rows: Its transitions.
    """

    row: str
    rows: tuple[StepRow, ...]


def step_groups(flow: Flow | None, found: FlowVerdict) -> tuple[StepGroup, ...]:
    """Return the transitions of one flow, by row of the flow file."""
    never = {gap.transition: gap for gap in found.never}
    known = flow.transition if flow else {}
    groups: dict[str, list[StepRow]] = {}
    for name, count in found.transitions:
        step = known.get(name)
        row = step.row if step else name
        groups.setdefault(row, []).append(StepRow(name, step, count, never.get(name)))
    return tuple(StepGroup(row, tuple(rows)) for row, rows in groups.items())


def gaps(flow: Flow | None, found: FlowVerdict) -> tuple[StepRow, ...]:
    """Return the transitions never exercised, each with the reason and the command."""
    known = flow.transition if flow else {}
    return tuple(StepRow(gap.transition, known.get(gap.transition), 0, gap) for gap in found.never)


def unjudged(verdict: Verdict) -> tuple[str, ...]:
    """Return a text for each rule that a flow or deal could not judge, with the evidence it lacks.

    A rule that others could judge names those that could not.
    """
    lacks: dict[str, dict[str, None]] = {}
    where: dict[str, list[str]] = {}
    judged = [(found.name, found.missing) for found in verdict.flows]
    judged += [(found.name, found.missing) for found in verdict.deals]
    for name, missing in judged:
        for rule, evidence in missing:
            lacks.setdefault(rule, {})[evidence] = None
            where.setdefault(rule, []).append(name)
    return tuple(
        f"{rule} ({'; '.join(lacks[rule])})"
        + (f" in {', '.join(dict.fromkeys(where[rule]))}" if rule in verdict.rules else "")
        for rule in sorted(lacks)
    )
