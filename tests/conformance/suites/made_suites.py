"""Suites made by hand from the graph of a flow: every arc, and everything that is refused."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import NamedTuple

from orderflow.conformance.drive import Start
from orderflow.conformance.scenarios import changed
from orderflow.conformance.suites.case import Case, Guarantee, Suite
from orderflow.conformance.suites.execute import Script, script_of
from orderflow.conformance.suites.graph import Graph, graph_of
from orderflow.conformance.suites.rehearse import rehearse
from orderflow.flows.loader import bundled
from orderflow.flows.model import Flow, Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.machine import Plan
from orderflow.simulator.scenario import Act, parse_acts, parse_items
from orderflow.simulator.space import search


class Made(NamedTuple):
    """A suite with what it was made from."""

    suite: Suite
    graph: Graph

    @property
    def plan(self) -> Plan:
        return self.graph.space.plan

    @property
    def flow(self) -> Flow:
        return self.plan.flow


@cache
def made(
    name: str,
    profile: str = "documented",
    modules: tuple[str, ...] = (),
    settings: tuple[tuple[str, int], ...] = (),
) -> Made:
    """One case for each step of a flow, and one for all that each node refuses."""
    flow = bundled(name).view(Profile(profile), modules)
    limits = defaults().override(dict(settings))
    graph = graph_of(search(flow, limits))
    suite = Suite(name, flow.digest, profile, (), (), modules, changed(limits))
    return Made(replace(suite, cases=_cases(graph), guarantees=_PROMISES), graph)


def case_of(plan: Plan, number: str, steps: str, items: str = "") -> Case:
    """A case from acts as they are typed."""
    start = Start(parse_items(items)) if items else Start()
    return _case(plan, number, start, parse_acts(steps))


_PROMISES = (
    Guarantee("arcs", "A subject that passes takes every step.", (("steps", 43), ("data", 2))),
    Guarantee("illegal", 'None takes: what it "should" not, ever.'),
)


def _cases(graph: Graph) -> tuple[Case, ...]:
    plan, found = graph.space.plan, []
    for arc in graph.arcs:
        start, way = graph.access(arc.source)
        acts = (*(each.act for each in way), arc.act)
        found.append(_case(plan, f"arcs-{arc.number:03}", start, acts, tags=("R-1", arc.event)))
    for node, inputs in enumerate(graph.refused):
        start, way = graph.access(node)
        acts = (*(each.act for each in way), *(Act(*each) for each in inputs))
        if acts:
            found.append(_case(plan, f"illegal-{node:03}", start, acts))
    return tuple(found)


def _case(
    plan: Plan, number: str, start: Start, acts: tuple[Act, ...], tags: tuple[str, ...] = ()
) -> Case:
    steps = tuple(each.step for each in rehearse(plan, start, acts))
    cover, title = number.rpartition("-")[0], f"{len(acts)} steps, up to {acts[-1]}"
    return Case(number, title, cover, steps, start, tags)


def scripts(suite: Suite, plan: Plan) -> tuple[Script, ...]:
    return tuple(script_of(case, plan) for case in suite.cases)
