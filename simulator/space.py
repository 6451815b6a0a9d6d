"""Every situation an order can get into in one flow, found by exhaustive search.

A *configuration* is the status together with the answers to the facts the flow's guards ask
for, and what a denial would lead back to: amounts and times are left out, so there are few.
Each is represented by one real order document, and each edge by a real step of the simulator's
own code, so the graph cannot differ from what a run does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from orderflow.flows.errors import OrderflowError
from orderflow.flows.model import ABSENT, Flow
from orderflow.flows.settings import Settings
from orderflow.simulator.choices import choices, realise
from orderflow.simulator.clock import START
from orderflow.simulator.effects import Taken, commit
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.guards import FACT_READERS, facts_used
from orderflow.simulator.inputs import draft
from orderflow.simulator.machine import Plan, compile_plan
from orderflow.simulator.order import Order
from orderflow.simulator.simulator import new_order

Key = tuple[str, ...]
"""Identity of a configuration: status, status held before the request, answers to the facts."""

LIMIT = 200_000
"""Configurations after which a search gives up; the bundled flows have fewer than 500."""


class SpaceError(OrderflowError):
    """A flow whose configurations cannot be searched."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One step between configurations.

    Attributes:
        source: Number of the configuration before.
        event: Event name.
        choice: Data it comes with, see :mod:`orderflow.simulator.choices`.
        transition: Id of the transition taken.
        target: Number of the configuration after.
        timed: Time must pass for it.
    """

    source: int
    event: str
    choice: str
    transition: str
    target: int
    timed: bool = False


@dataclass(frozen=True)
class Space:
    """The configurations of one flow and the steps between them.

    Attributes:
        plan: The compiled flow.
        orders: One order document for each configuration; 0 and up to ``roots`` - 1 are unplaced.
        roots: Number of starting configurations.
        edges: All steps, in the order they were found.
        numbers: Configuration number by key.
        more: Facts that tell configurations apart although no guard asks for them.
    """

    plan: Plan
    orders: tuple[Order, ...]
    roots: int
    edges: tuple[Edge, ...]
    numbers: Mapping[Key, int]
    more: tuple[str, ...] = ()
    _paths: dict[int, Mapping[int, Edge]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """Names of the facts that tell configurations apart."""
        return _facts(self.plan.flow, self.more)

    @cached_property
    def out(self) -> tuple[tuple[Edge, ...], ...]:
        """Steps out of each configuration, those along the happy path first.

        Of several shortest ways a search finds the one that looks most usual.
        """
        path = self.plan.flow.happy_path
        happy = {(ABSENT, path[0]), *pairwise(path)} if path else set()
        table: list[list[Edge]] = [[] for _ in self.orders]
        for edge in self.edges:
            table[edge.source].append(edge)
        for row in table:
            row.sort(key=lambda edge: self._moves(edge) not in happy)
        return tuple(tuple(row) for row in table)

    def _moves(self, edge: Edge) -> tuple[str, str]:
        return self.orders[edge.source].status, self.orders[edge.target].status

    @cached_property
    def by_transition(self) -> dict[str, tuple[Edge, ...]]:
        """Steps that realise each transition."""
        table: dict[str, list[Edge]] = {}
        for edge in self.edges:
            table.setdefault(edge.transition, []).append(edge)
        return {name: tuple(edges) for name, edges in table.items()}

    @cached_property
    def lost(self) -> frozenset[int]:
        """Configurations from which no final status can be reached."""
        final = self.plan.flow.final
        back: dict[int, list[int]] = {}
        for edge in self.edges:
            back.setdefault(edge.target, []).append(edge.source)
        good = {number for number, order in enumerate(self.orders) if order.status in final}
        queue = list(good)
        while queue:
            for source in back.get(queue.pop(), ()):
                if source not in good:
                    good.add(source)
                    queue.append(source)
        return frozenset(range(len(self.orders))) - good

    def number(self, order: Order) -> int | None:
        """Configuration *order* is in, None when the search did not meet it."""
        return self.numbers.get(key_of(order, self.facts))

    def path(self, source: int, target: int) -> tuple[Edge, ...] | None:
        """A shortest way from one configuration to another, None when there is none."""
        back = self._paths.get(source)
        if back is None:
            back = self._paths[source] = self._search(source)
        steps: list[Edge] = []
        while target != source:
            edge = back.get(target)
            if edge is None:
                return None
            steps.append(edge)
            target = edge.source
        return tuple(reversed(steps))

    def way_to(self, transition: str) -> tuple[Edge, ...] | None:
        """A shortest way from nothing to having taken *transition*, None when there is none."""
        found: tuple[Edge, ...] | None = None
        for edge in self.by_transition.get(transition, ()):
            for root in range(self.roots):
                path = self.path(root, edge.source)
                if path is not None and (found is None or len(path) + 1 < len(found)):
                    found = (*path, edge)
        return found

    def _search(self, source: int) -> dict[int, Edge]:
        back: dict[int, Edge] = {}
        queue = deque([source])
        while queue:
            for edge in self.out[queue.popleft()]:
                if edge.target not in back and edge.target != source:
                    back[edge.target] = edge
                    queue.append(edge.target)
        return back


def _facts(flow: Flow, more: Iterable[str] = ()) -> tuple[str, ...]:
    used = facts_used(name for step in flow.transitions for name in step.when)
    return tuple(sorted({*used, "invoiced", *more}))


def key_of(order: Order, facts: Iterable[str]) -> Key:
    """Identity of the configuration *order* is in.

    Packages and returns count as far as the timeline and later steps see them: none, some, all.
    """
    request = order.open_request
    packages = ""
    for invoice in order.invoices:
        if invoice.kind == "Output":
            packages += (
                f"{bool(invoice.tracking_number):d}{bool(invoice.events):d}{invoice.finished:d}"
            )
            break  # the others are handled alike
    returned = order.returned
    returns = "all" if returned and returned >= order.invoiced else "some" if returned else "none"
    answers = (FACT_READERS[fact](order) for fact in facts)
    return (order.status, request.held if request else "", packages, returns, *answers)


def _roots(flow: Flow) -> tuple[Order, ...]:
    order = new_order(flow, "order-1")
    if any("replacement_on" in step.when for step in flow.transitions):
        return (order, order._replace(replaceable=False))
    return (order,)


class _Search:
    """The state of one breadth-first search."""

    def __init__(self, plan: Plan, more: tuple[str, ...]) -> None:
        self.plan, self.facts = plan, _facts(plan.flow, more)
        self.orders: list[Order] = []
        self.numbers: dict[Key, int] = {}
        self.edges: list[Edge] = []

    def add(self, order: Order) -> int:
        """Number of the configuration of *order*, a new one if it was not met before."""
        key = key_of(order, self.facts)
        number = self.numbers.setdefault(key, len(self.orders))
        if number == len(self.orders):
            self.orders.append(order)
        return number

    def expand(self, source: int) -> None:
        """Take every step out of configuration *source*."""
        order = self.orders[source]
        for event in self.plan.events_from.get(order.status, ()):
            for choice in choices(event, order):
                self.take(source, order, event, choice)

    def take(self, source: int, order: Order, event: str, choice: str) -> None:
        """Take one step, first as it is now, then once the timers are over."""
        data = realise(event, choice, order)
        waits = {b.wait or 0 for b in self.plan.branches[order.status, event]}
        for wait in sorted({0, *waits}):
            now = order.entered_at + wait
            try:
                drafted = draft(order, event, data, now)
            except EventDataError:  # an order like this cannot come with such data
                return
            branch = self.plan.find(order, drafted, event, now)
            if branch is not None:
                after = commit(drafted, Taken(branch.step, branch.step.actors[0], now, data))
                target = self.add(after)
                edge = Edge(source, event, choice, branch.step.id, target, branch.wait is not None)
                self.edges.append(edge)
                return


def search(
    flow: Flow, settings: Settings, *, limit: int = LIMIT, more: tuple[str, ...] = ()
) -> Space:
    """Return the whole space of *flow*.

    Args:
        flow: One profile of a flow.
        settings: Where the timers find their length.
        limit: Configurations after which to give up.
        more: Facts that are to tell configurations apart although no guard asks for them.

    Raises:
        SpaceError: There are more configurations than *limit*, or none but the unplaced order.
    """
    plan = compile_plan(flow, settings)
    work = _Search(plan, more)
    for order in _roots(flow):
        work.add(order._replace(entered_at=START))
    roots = len(work.orders)
    source = 0
    while source < len(work.orders):
        work.expand(source)
        source += 1
        if len(work.orders) > limit:
            raise SpaceError(f"the {flow.name} flow has more than {limit} configurations")
    if not work.edges:
        raise SpaceError(
            f"the {flow.name} flow never begins: no transition leads from {ABSENT} to a status"
        )
    return Space(plan, tuple(work.orders), roots, tuple(work.edges), work.numbers, more)


def reachable_statuses(space: Space) -> frozenset[str]:
    """Statuses some configuration of *space* is in."""
    return frozenset(order.status for order in space.orders) - {ABSENT}
