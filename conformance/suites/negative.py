"""Suites of what a flow refuses: events out of place, data that guards refuse, and time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from orderflow.conformance.drive import Start
from orderflow.conformance.suites.case import Guarantee
from orderflow.conformance.suites.draft import Draft, Walk
from orderflow.conformance.suites.graph import Arc, Graph, Input
from orderflow.conformance.suites.practice import Practice
from orderflow.conformance.suites.wording import counted, way_of
from orderflow.flows.model import ABSENT
from orderflow.simulator.choices import NONE, choices, realise
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.inputs import draft
from orderflow.simulator.order import Order
from orderflow.simulator.scenario import ADVANCE, EARLY, Act, duration
from orderflow.simulator.space import Edge

Refusal = tuple[object, ...]
"""What makes two refusals the same: status and event, and where guards decide, all they said."""

OVER, PART = "over", "part"
_BESIDE = {OVER: 0, PART: 100}
"""The percent at which an amount lies a cent beside all that is left, by choice."""
"""Amounts that are too high, and that leave some: see :mod:`orderflow.simulator.choices`."""


class _Spot(NamedTuple):
    """A configuration, the way to it, and what it refuses."""

    start: Start
    way: tuple[Edge, ...]
    node: int
    refused: dict[Refusal, Input]


def illegal(graph: Graph, *, single: bool = False) -> Draft:
    """Every event where it is refused, every reason of the guards, and what time refuses.

    Args:
        graph: The graph.
        single: One order for each refusal, so that each case says one thing.
    """
    practice = Practice(graph)
    walks: list[Walk] = []
    cells: set[tuple[str, str]] = set()
    refusals = 0
    for spot in sorted(_chosen(_spots(graph, practice)), key=lambda spot: len(spot.way)):
        probes = tuple(_closest(graph, spot.node, *each) for each in spot.refused.values())
        cells |= {(graph.status[spot.node], act.event) for act in probes}
        refusals += len(probes)
        groups = [(each,) for each in probes] if single else [probes]
        walks += [_probing(graph, practice, spot, group) for group in groups]
    timing = timers(graph)
    told = (
        "In each status it refuses each event that the flow refuses there, and each kind of data "
        "that a guard stops, and stays where it was; no timer fires 1 ms early or late. Each was "
        "tried on one order: a system that takes it on another only, say after two invoices, is "
        "not excluded."
    )
    figures = (("refused cells", len(cells)), ("refusals", refusals), *timing.guarantee.figures)
    cover = "illegal:single" if single else "illegal"
    return Draft(cover, (*walks, *timing.walks), Guarantee(cover, told, figures))


def _probing(graph: Graph, practice: Practice, spot: _Spot, probes: tuple[Act, ...]) -> Walk:
    """Go there, try what is refused, and go on as if nothing had happened."""
    acts = (*_way_to(practice, spot, probes), *probes)
    status = graph.status[spot.node]
    where = "a new order" if status == ABSENT else status
    what = f"{probes[0]}" if len(probes) == 1 else counted(len(probes), "refusal")
    for arc in sorted(graph.out[spot.node], key=lambda arc: (arc.timed, _is_loop(graph, arc))):
        strides = practice.walk(spot.start, (*acts, arc.act))
        if len(strides) > len(acts) and strides[-1].step.transition == arc.transition:
            return Walk(f"{where}: {what}", spot.start, (*acts, arc.act))
    return Walk(f"{where}: {what}", spot.start, acts)


def _way_to(practice: Practice, spot: _Spot, probes: tuple[Act, ...]) -> tuple[Act, ...]:
    """The way to *spot*, all but one cent invoiced if *probes* are refused there just as well."""
    usual = tuple(Act(edge.event, edge.choice) for edge in spot.way)
    nearly = _nearly_all(usual)
    tried = practice.walk(spot.start, (*nearly, *probes))[len(usual) :]
    refused = len(tried) == len(probes) and all(each.step.refused for each in tried)
    return nearly if refused else usual


def _closest(graph: Graph, node: int, event: str, choice: str) -> Act:
    """What is refused in *node*, by one cent where guards decide: who rounds takes that."""
    guarded = (graph.status[node], event) in graph.space.plan.branches
    return Act(event, choice, _BESIDE.get(choice, 50) if guarded else 50)


def _nearly_all(way: tuple[Act, ...]) -> tuple[Act, ...]:
    """*way* with all but one cent as the last part: who rounds takes that for the rest."""
    last = max((place for place, act in enumerate(way) if act.choice == PART), default=None)
    if last is None:
        return way
    return (*way[:last], replace(way[last], percent=100), *way[last + 1 :])


def _is_loop(graph: Graph, arc: Arc) -> bool:
    return graph.status[arc.source] == graph.status[arc.target]


def _spots(graph: Graph, practice: Practice) -> Iterator[_Spot]:
    """All configurations an order can be in; the one with the shortest way first."""
    space = graph.space
    found: dict[int, tuple[int, tuple[Edge, ...]]] = {}
    for root in range(space.roots):
        for number, way in _ways(graph, root).items():
            if number not in found or len(way) < len(found[number][1]):
                found[number] = root, way
    for number, (root, way) in sorted(found.items(), key=lambda item: (len(item[1][1]), item[0])):
        start = Start(replaceable=space.orders[root].replaceable)
        strides = practice.walk(start, (Act(edge.event, edge.choice) for edge in way))
        taken = [edge.transition for edge in way]
        if [each.step.transition for each in strides] == taken:
            yield _Spot(start, way, graph.node_of[number], _refused(graph, number))


def _ways(graph: Graph, root: int) -> dict[int, tuple[Edge, ...]]:
    """A shortest way from one configuration to each other one, by arcs of the graph only."""
    known = {(arc.source, *arc.input) for arc in graph.arcs}
    found: dict[int, tuple[Edge, ...]] = {root: ()}
    queue = [root]
    for place in queue:
        for edge in graph.space.out[place]:
            arc = (graph.node_of[place], edge.event, edge.choice)
            if edge.target not in found and arc in known:
                found[edge.target] = (*found[place], edge)
                queue.append(edge.target)
    return found


def _refused(graph: Graph, number: int) -> dict[Refusal, Input]:
    """What configuration *number* refuses, by why; the first of what is refused alike."""
    found: dict[Refusal, Input] = {}
    order, plan = graph.space.orders[number], graph.space.plan
    for event, choice in graph.refused[graph.node_of[number]]:
        branches = plan.branches.get((order.status, event), ())
        if choice == NONE and branches and all(each.wait is not None for each in branches):
            continue  # there is no asking for it: only time could bring it about
        reason = _reason(graph, number, event, choice) if branches else _sense(order, event, choice)
        found.setdefault((order.status, event, *reason), (event, choice))
    return found


def _sense(order: Order, event: str, choice: str) -> tuple[object, ...]:
    """Whether the data makes sense: who refuses nonsense may still take the event in that status.

    There is nothing to track before there is a package, whatever the status.
    """
    try:
        draft(order, event, realise(event, choice, order), order.entered_at)
    except EventDataError:
        return ("no such data",)
    return ()


def _reason(graph: Graph, number: int, event: str, choice: str) -> tuple[object, ...]:
    """The kind of data, and what each guard of each branch says to it."""
    order, plan = graph.space.orders[number], graph.space.plan
    known = choices(event, order)
    usual = known[0] if NONE not in known else NONE
    data = realise(event, usual if choice == EARLY else choice, order)
    try:
        drafted = draft(order, event, data, order.entered_at)
    except EventDataError:
        return (choice, "no such data")
    branches = plan.branches[order.status, event]
    said = tuple(tuple(holds(drafted) for holds in each.guards) for each in branches)
    return (choice, said)


def _chosen(spots: Iterable[_Spot]) -> Iterator[_Spot]:
    """Few of *spots* that refuse everything together, each with what only it is needed for."""
    waiting = list(spots)
    seen: set[Refusal] = set()
    while True:
        best = max(waiting, key=lambda spot: len(spot.refused.keys() - seen))
        new = {why: what for why, what in best.refused.items() if why not in seen}
        if not new:
            return
        seen |= new.keys()
        yield best._replace(refused=new)


def timers(graph: Graph) -> Draft:
    """For each time limit: nothing happens 1 ms before it is over, and then it does."""
    practice, walks = Practice(graph), []
    limits = set()
    for arc in graph.arcs:
        if arc.timed:
            walks.append(_waiting(graph, practice, arc))
            limits.add(arc.transition)
    told = "No timer fires 1 ms early or late, or can be fired before its time, on the order tried."
    figures = (("time limits", len(limits)),)
    return Draft("timers", tuple(walks), Guarantee("timers", told, figures))


def _waiting(graph: Graph, practice: Practice, arc: Arc) -> Walk:
    """Wait until 1 ms before the time of *arc*, try to hurry it, and wait 1 ms more."""
    start, way = graph.access(arc.source)
    branches = graph.space.plan.branches[graph.status[arc.source], arc.event]
    wait = next(each.wait or 0 for each in branches if each.step.id == arc.transition)
    almost = (Act(ADVANCE, duration(wait - 1)),) if wait > 1 else ()
    acts = (*(each.act for each in way), *almost)
    early = Act(arc.event, EARLY)
    hasty = (graph.status[arc.source], arc.event) not in graph.untried
    if hasty and practice.walk(start, (*acts, early))[-1].step.refused:
        acts = (*acts, early)
    title = f"{way_of(graph, way[-1:])}: not before {duration(wait)}"
    return Walk(title, start, (*acts, Act(ADVANCE, "1ms")))
