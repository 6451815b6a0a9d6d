"""The search finds a shortest word that tells a mutant from its flow, and none where none is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderflow.conformance.drive import Start
from orderflow.conformance.mutation.mutant import Mutant, Operator, Sign
from orderflow.conformance.mutation.operators import mutants
from orderflow.conformance.mutation.product import Asked, Product, Undecided, shows
from orderflow.conformance.mutation.reach import Word
from orderflow.conformance.mutation.system import System, broken
from orderflow.conformance.suites.graph import Graph, graph_of
from orderflow.flows.loader import bundled, parse_flow
from orderflow.flows.model import Flow
from orderflow.flows.settings import defaults
from orderflow.simulator.space import Space, search
from tests.conformance.mutation.plain_suites import SMALL, small

LENGTH = 4
OFTEN = {Operator.MOVED, Operator.ACCEPT, Operator.SWAP}


@pytest.fixture(scope="module")
def here() -> Graph:
    return small()


TINY = """
flow: tiny
title: A flow small enough to try everything
initial: placed
final: {success: [done]}
states: {placed: {}, handling: {}, done: {}, lost: {}}
transitions:
  - {id: T1, from: (none), on: place_order, to: placed, actor: shopper}
  - {id: T2, from: placed, on: start_handling, to: handling, actor: timer}
  - {id: T3, from: handling, on: modify_order, to: same, actor: seller}
  - {id: T4, from: handling, on: open_flow, to: placed, actor: seller}
  - {id: T5, from: handling, on: update_tracking, to: done, actor: seller}
  - {id: T6, from: handling, on: finish_cancel, to: done, actor: seller}
  - {id: T7, from: lost, on: finish_cancel, to: done, actor: seller}
timers:
  - {in: placed, after: cancellation_window, fires: start_handling}
"""


def parts_after(space: Space, other: System, most: int) -> int | None:
    """The number of acts after which both can answer differently, None when *most* do not do.

    Every word is tried, and no two positions are taken for one.
    """
    asked, sound = Asked(space.plan), System(space.plan)
    layer = [(sound.begin(Start()), other.begin(Start()))]
    for length in range(1, most + 1):
        later = []
        for one, two in layer:
            for _, call in asked.everything(one):
                yes, after = sound.fire(one, call)
                no, there = other.fire(two, call)
                told = (yes, after.status, sound.trigger(after))
                if told != (no, there.status, other.trigger(there)):
                    return length
                later.append((after, there))
        layer = later
    return None


def test_it_agrees_with_trying_everything() -> None:
    graph = graph_of(search(parse_flow(TINY).view(), defaults()))
    told = {"near": 0, "far": 0, "never": 0}
    for number, mutant in enumerate(mutants(graph)):
        if mutant.operator in OFTEN and number % 9:
            continue
        found = Product(graph.space).word(mutant)
        other = broken(mutant, graph.space.plan).system
        length = parts_after(graph.space, other, LENGTH)

        assert not isinstance(found, Undecided), mutant.id
        if length is not None:
            assert isinstance(found, Word), mutant.id
            assert len(found.acts) == length, mutant.id
            told["near"] += 1
        elif found is not None:
            assert len(found.acts) > LENGTH, mutant.id
            told["far"] += 1
        else:
            told["never"] += 1
    assert min(told.values()) > 0, told


def test_every_word_it_finds_shows_the_break(here: Graph) -> None:
    for mutant in mutants(here):
        found = Product(here.space).word(mutant)
        if isinstance(found, Word):
            assert shows(here.space.plan, broken(mutant, here.space.plan).system, found), mutant.id
            sound = System(here.space.plan)
            assert not shows(here.space.plan, sound, found), mutant.id


def changed(flow: Flow, step: str, **new: object) -> Mutant:
    """The mutant in which *step* is another one."""
    old = flow.transition[step]
    steps = tuple(replace(s, **new) if s is old else s for s in flow.transitions)  # type: ignore[arg-type]  # of a test
    cell = (old.source, old.event)
    return Mutant(
        "made", Operator.REDIRECT, Sign.POSITIVE, cell, step, old.actors, "made",
        replace(flow, transitions=steps),
    )  # fmt: skip


def test_a_step_no_order_can_take_may_lead_anywhere(here: Graph) -> None:
    flow = here.space.plan.flow

    assert Product(here.space).word(changed(flow, "T8", target="canceled")) is None
    assert Product(here.space).word(changed(flow, "T7", target="placed")) is not None


TWINS = SMALL.replace(
    "deny_cancel, to: placed", "deny_cancel, to: placed, when: [no_output_invoice]"
)


def test_a_guard_that_always_holds_may_be_left_out() -> None:
    space = search(parse_flow(TWINS).view(), defaults())
    flow = space.plan.flow

    assert flow.transition["T5"].when
    assert Product(space).word(changed(flow, "T5", when=())) is None
    assert isinstance(Product(space).word(changed(flow, "T6", when=())), Word)


def test_the_same_flow_is_no_mutant() -> None:
    space = search(bundled("seller").view(), defaults())
    step = space.plan.flow.transitions[0]

    assert Product(space).word(changed(space.plan.flow, step.id, note="read me")) is None


def test_a_search_that_may_not_go_on_is_not_taken_for_the_end() -> None:
    space = search(bundled("marketplace").view(), defaults())
    found = {each.id: each for each in mutants(graph_of(space))}
    hidden = found["M11/lost-update"]

    assert Product(space).word(hidden) is None
    stopped = Product(space, limit=3).word(hidden)
    assert isinstance(stopped, Undecided)
    assert "3 pairs" in stopped.why
