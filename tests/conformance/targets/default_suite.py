"""The default suite of the seller flow, ready to be run on any system."""

from __future__ import annotations

from functools import cache

from orderflow.conformance.subjects.subject import Subject
from orderflow.conformance.suites.execute import Runner, Script, scripts_of
from orderflow.conformance.suites.generate import generate
from orderflow.conformance.suites.graph import Graph, graph_of
from orderflow.flows.loader import bundled
from orderflow.flows.settings import defaults
from orderflow.simulator.space import search

FLOW = bundled("seller").view()


@cache
def graph() -> Graph:
    return graph_of(search(FLOW, defaults()))


@cache
def scripts() -> tuple[Script, ...]:
    """All cases, as the simulator plays them."""
    return scripts_of(generate(graph(), named="seller"), graph().space.plan)


def runner(subject: Subject) -> Runner:
    return Runner(subject, FLOW)
