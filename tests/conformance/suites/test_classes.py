"""Refusals are tried in every data class, and every step is taken right after them."""

from __future__ import annotations

import pytest

from orderflow.conformance.suites.case import Case
from orderflow.conformance.suites.classes import illegal_classes
from orderflow.conformance.suites.generate import generate
from orderflow.conformance.suites.graph import Graph
from orderflow.conformance.suites.practice import Practice, walkable
from orderflow.conformance.suites.rehearse import rehearse
from orderflow.flows.loader import bundled_names
from tests.conformance.mutation.plain_suites import graph


def cases(name: str) -> tuple[Case, ...]:
    return generate(graph(name), "illegal:classes", named=name).cases


def always_refused(here: Graph, status: str) -> set[str]:
    """Events that no order of a status takes."""
    taken = {arc.event for arc in here.arcs if here.status[arc.source] == status}
    nodes = [node for node, each in enumerate(here.status) if each == status]
    return {event for node in nodes for event, _ in here.refused[node]} - taken


@pytest.mark.parametrize("name", bundled_names())
def test_every_input_that_a_data_class_refuses_is_tried_there(name: str) -> None:
    here = walkable(graph(name))
    practice, tried = Practice(here), set()
    for case in cases(name):
        for stride in practice.walk(case.start, (step.act for step in case.steps)):
            if stride.step.refused:
                tried.add((stride.source, stride.step.act.event, stride.step.act.choice))

    wanted = {(node, *each) for node, row in enumerate(here.refused) for each in row}
    assert wanted - tried == set()


@pytest.mark.parametrize("name", bundled_names())
def test_every_step_is_taken_right_after_all_that_its_status_refuses(name: str) -> None:
    here, done = graph(name), set()
    for case in cases(name):
        refused: set[str] = set()
        for each in rehearse(here.space.plan, case.start, (step.act for step in case.steps)):
            if each.step.refused:
                refused.add(each.step.act.event)
                continue
            if always_refused(here, each.source) <= refused:
                done.add(each.step.transition)
            refused = set()

    assert walkable(here).by_transition.keys() - done == set()


def test_the_draft_is_the_same_again_and_says_what_it_shows() -> None:
    here = walkable(graph("seller"))
    once, again = illegal_classes(here), illegal_classes(here)

    assert once == again
    figures = dict(once.guarantee.figures)
    assert figures["refusals in data classes"] == sum(map(len, here.refused))
    assert figures["steps right after refusals"] == len(here.by_transition)
