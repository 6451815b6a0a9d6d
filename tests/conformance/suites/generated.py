"""Graphs of bundled and of very small flows, and machines made of them that can be broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from orderflow.conformance.suites.draft import Draft, Walk
from orderflow.conformance.suites.graph import Graph, graph_of
from orderflow.flows.loader import bundled, bundled_names, parse_flow
from orderflow.flows.model import Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.scenario import Act
from orderflow.simulator.space import search

NAMES = tuple(bundled_names())
VIEWS = tuple((name, str(profile)) for name in NAMES for profile in Profile)

HEAD = """\
flow: shop
title: Shop
seen_by: nobody
initial: bought
final: {success: [shipped], failure: [dropped]}
states:
  bought: {waits_for: shopper}
  shipped: {waits_for: shopper}
  dropped: {}
transitions:
  - {id: T1, from: (none), on: place_order, to: bought, actor: shopper}
"""
STOCK = f"""\
{HEAD}\
  - {{id: T2, from: bought, on: confirm_reservation, to: bought, actor: seller}}
  - {{id: T3, from: bought, on: start_handling, to: shipped, actor: seller, when: stock_reserved}}
  - {{id: T4, from: bought, on: cancel_order, to: dropped, actor: shopper}}
  - {{id: T5, from: shipped, on: request_cancel, to: dropped, actor: shopper}}
"""
"""A flow in which the same status hides whether there is stock."""

LOOP = f"""\
{HEAD}\
  - {{id: T2, from: bought, on: start_handling, to: shipped, actor: seller}}
  - {{id: T3, from: shipped, on: request_cancel, to: bought, actor: shopper}}
  - {{id: T4, from: shipped, on: cancel_order, to: dropped, actor: shopper}}
"""
"""A flow with a circle."""

APART = f"""\
{HEAD}\
  - {{id: T2, from: bought, on: start_handling, to: shipped, actor: seller}}
  - {{id: T3, from: shipped, on: request_cancel, to: bought, actor: shopper}}
  - {{id: T4, from: bought, on: replace_order, to: bought, actor: shopper, when: replacement_on}}
"""
"""A flow in which orders of stores with and without replacement never come to be alike."""

TIMERS = f"""\
{HEAD}\
  - {{id: T2, from: bought, on: grace_period_over, to: shipped, actor: timer}}
  - {{id: T3, from: bought, on: authorization_timeout, to: dropped, actor: timer}}
  - {{id: T4, from: bought, on: cancel_order, to: dropped, actor: shopper}}
timers:
  - {{in: bought, after: cancellation_window, fires: grace_period_over}}
  - {{in: bought, after: marketplace_authorization, fires: authorization_timeout}}
"""
"""A flow with a timer that another one always forestalls."""


@cache
def graph(name: str, profile: str = "documented") -> Graph:
    return graph_of(search(bundled(name).view(Profile(profile)), defaults()))


@cache
def small(text: str) -> Graph:
    return graph_of(search(parse_flow(text).view(), defaults()))


@dataclass(frozen=True)
class Machine:
    """What each state does with each input: whether it takes it, and the state after.

    Attributes:
        labels: What is shown of each state.
        rows: (taken, state after) by input; others are refused.
        root: Where an order begins.
    """

    labels: tuple[str, ...]
    rows: tuple[dict[tuple[str, str], tuple[bool, int]], ...]
    root: int

    def changed(self, state: int, key: tuple[str, str], does: tuple[bool, int]) -> Machine:
        rows = [dict(row) for row in self.rows]
        rows[state][key] = does
        return replace(self, rows=tuple(rows))

    def answers(self, acts: Iterable[Act], *, blind: bool) -> tuple[tuple[bool, str], ...]:
        state, found = self.root, []
        for act in acts:
            taken, state = self.rows[state].get((act.event, act.choice), (False, state))
            found.append((taken, "" if blind else self.labels[state]))
        return tuple(found)


def machine_of(graph: Graph) -> Machine:
    """The machine a graph without timers and with one beginning stands for."""
    rows: list[dict[tuple[str, str], tuple[bool, int]]] = [{} for _ in graph.status]
    for arc in graph.arcs:
        rows[arc.source][arc.input] = True, arc.target
    for node, refused in enumerate(graph.refused):
        rows[node].update(dict.fromkeys(refused, (False, node)))
    return Machine(graph.status, tuple(rows), graph.roots[0][0])


def redirected(machine: Machine) -> Iterator[Machine]:
    """Every machine of the same size in which one input leads elsewhere, or is answered wrongly."""
    for state, row in enumerate(machine.rows):
        for key, (taken, target) in row.items():
            for other in range(len(machine.rows)):
                for answer in (True, False):
                    if (answer, other) != (taken, target):
                        yield machine.changed(state, key, (answer, other))


def grown(machine: Machine) -> Iterator[Machine]:
    """Every machine with one state more: a copy that one step leads to, and that does one wrong."""
    new = len(machine.rows)
    for state, row in enumerate(machine.rows):
        for key, (taken, target) in row.items():
            copied = (*machine.rows, dict(machine.rows[target]))
            wider = replace(machine, labels=(*machine.labels, machine.labels[target]), rows=copied)
            detour = wider.changed(state, key, (taken, new))
            for inner, (does, to) in machine.rows[target].items():
                for other in range(new):
                    if other != to:
                        yield detour.changed(new, inner, (does, other))


def equivalent(one: Machine, other: Machine, *, blind: bool) -> bool:
    """Whether no inputs that *one* knows show a difference; found by searching both at once."""
    seen, queue = {(one.root, other.root)}, [(one.root, other.root)]
    for first, second in queue:
        for key, (taken, target) in one.rows[first].items():
            took, to = other.rows[second].get(key, (False, second))
            if took != taken or (not blind and one.labels[target] != other.labels[to]):
                return False
            if (target, to) not in seen:
                seen.add((target, to))
                queue.append((target, to))
    return True


def passes(machine: Machine, wrong: Machine, walks: Iterable[Walk], *, blind: bool) -> bool:
    """Whether *wrong* answers all walks as *machine* does."""
    return all(
        machine.answers(walk.acts, blind=blind) == wrong.answers(walk.acts, blind=blind)
        for walk in walks
    )


def price(draft: Draft, reset_cost: int) -> int:
    """Calls of a draft, and the price of its orders."""
    return sum(len(walk.acts) + reset_cost for walk in draft.walks)
