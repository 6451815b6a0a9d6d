"""Suites that are plain to see, of which the score must not depend on any generator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache

from orderflow.conformance.drive import Start
from orderflow.conformance.mutation.score import score
from orderflow.conformance.mutation.tally import Score
from orderflow.conformance.suites.case import Case, Suite
from orderflow.conformance.suites.draft import Walk
from orderflow.conformance.suites.generate import generate
from orderflow.conformance.suites.graph import Graph, graph_of
from orderflow.conformance.suites.rehearse import rehearse
from orderflow.flows.loader import bundled, parse_flow
from orderflow.flows.settings import defaults
from orderflow.simulator.scenario import ADVANCE, EARLY, Act, ScenarioError, duration
from orderflow.simulator.space import search

SMALL = """
flow: small
title: A flow to break
initial: placed
final: {success: [invoiced], failure: [canceled]}
states: {placed: {}, handling: {}, cancel: {}, invoiced: {}, canceled: {}, archived: {}}
transitions:
  - {id: T1, from: (none), on: place_order, to: placed, actor: shopper}
  - {id: T2, from: placed, on: start_handling, to: handling, actor: seller}
  - {id: T3, from: placed, on: user_cancel, to: cancel, actor: shopper}
  - {id: T4, from: handling, on: modify_order, to: same, actor: seller}
  - {id: T5, from: handling, on: deny_cancel, to: placed, actor: seller}
  - {id: T6, from: handling, on: add_invoice_full, to: invoiced, actor: seller,
     when: [invoiced_fully]}
  - {id: T7, from: cancel, on: finish_cancel, to: canceled, actor: platform}
  - {id: T8, from: archived, on: open_flow, to: placed, actor: platform}
  - {id: T9, from: placed, on: window_ended, to: handling, actor: timer}
timers:
  - {in: placed, after: cancellation_window, fires: window_ended}
"""


@cache
def graph(name: str) -> Graph:
    return graph_of(search(bundled(name).view(), defaults()))


@cache
def small() -> Graph:
    return graph_of(search(parse_flow(SMALL).view(), defaults()))


def suite_of(graph: Graph, walks: Iterator[Walk] | list[Walk], cover: str = "plain") -> Suite:
    plan = graph.space.plan
    cases = []
    for number, walk in enumerate(walks, 1):
        steps = tuple(each.step for each in rehearse(plan, walk.start, walk.acts))
        cases.append(Case(f"{cover}-{number:03}", walk.title, cover, steps, walk.start))
    flow = plan.flow
    return Suite(flow.name, flow.digest, str(flow.profile), tuple(cases))


def arcs(graph: Graph) -> Iterator[Walk]:
    """Every arc."""
    for arc in graph.arcs:
        start, way = graph.access(arc.source)
        yield Walk(f"{arc.transition}", start, (*(each.act for each in way), arc.act))


def pairs(graph: Graph) -> Iterator[Walk]:
    """Every two arcs in a row."""
    for one in graph.arcs:
        start, way = graph.access(one.source)
        for two in graph.out[one.target]:
            acts = (*(each.act for each in way), one.act, two.act)
            yield Walk(f"{one.transition} {two.transition}", start, acts)


def refused(graph: Graph) -> Iterator[Walk]:
    """Every refused input of every node, and what is too early for each time limit."""
    for node, status in enumerate(graph.status):
        start, way = graph.access(node)
        acts = [each.act for each in way]
        acts += [Act(*each) for each in graph.refused[node]]
        alarms = graph.space.plan.alarms.get(status, ())
        acts += [Act(event, EARLY) for _, event in alarms]
        acts += [Act(ADVANCE, duration(wait - 1)) for wait, _ in sorted(alarms)[:1]]
        if len(acts) > len(way):
            yield Walk(f"refused in {status}", start, tuple(acts))


def spoilt(graph: Graph) -> Iterator[Walk]:
    """Every arc, right after everything that is refused where it begins."""
    for arc in graph.arcs:
        start, way = graph.access(arc.source)
        probes = (Act(*each) for each in graph.refused[arc.source])
        acts = (*(each.act for each in way), *probes, arc.act)
        yield Walk(f"refused, and then {arc.transition}", start, acts)


def closely(graph: Graph) -> Iterator[Walk]:
    """Every refused input a cent beside the border, and at nodes a cent beside it."""
    for node, status in enumerate(graph.status):
        start, way = graph.access(node)
        usual = [each.act for each in way]
        probes = [Act(*each) for each in graph.refused[node]]
        for acts in ([*usual, *map(beside, probes)], [*map(beside, usual), *probes]):
            with suppress(ScenarioError):  # what is left of the order may be too little
                rehearse(graph.space.plan, start, acts)
                yield Walk(f"refused by a cent in {status}", start, tuple(acts))


def beside(act: Act) -> Act:
    """The act with an amount a cent beside all that is left."""
    return replace(act, percent={"over": 0, "part": 100}.get(act.choice, act.percent))


def full(graph: Graph) -> Suite:
    """What a thorough suite holds."""
    walks = (*pairs(graph), *refused(graph), *spoilt(graph), *closely(graph))
    return suite_of(graph, list(walks))


def only(act: str) -> Walk:
    """A new order and one act."""
    return Walk(act, Start(), (Act(act),))


@cache
def usual(name: str) -> tuple[Graph, Suite, Score]:
    """The suite that is made when nobody says, and what it is worth."""
    here = graph(name)
    suite = generate(here, named=name)
    return here, suite, score(suite, here)
