"""The exhaustive search visits everything and finds what is wrong by a shortest way."""

from __future__ import annotations

from pathlib import Path

import pytest

from orderflow.conformance.drive import Start
from orderflow.conformance.prove import Proof, prove
from orderflow.conformance.shrink import run
from orderflow.flows.loader import bundled, bundled_names, load_flow, parse_flow
from orderflow.flows.model import Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.scenario import parse_acts
from orderflow.simulator.space import Space, SpaceError, search

BROKEN = sorted((Path(__file__).parents[2] / "examples" / "broken").glob("*.yaml"))

DEAD_END = """
flow: dead-end
title: A flow with a trap
initial: placed
final: {success: [done]}
states: {placed: {}, trap: {}, done: {}}
transitions:
  - {id: D1, from: (none), on: place_order, to: placed, actor: shopper}
  - {id: D2, from: placed, on: finish_cancel, to: done, actor: platform}
  - {id: D3, from: placed, on: open_flow, to: trap, actor: platform}
  - {id: D4, from: trap, on: modify_order, to: same, actor: seller}
"""


def space_of(name: str, profile: Profile = Profile.DOCUMENTED) -> Space:
    return search(bundled(name).view(profile), defaults())


def proof_of_file(path: Path) -> tuple[Space, Proof]:
    """Of the first situations only: what is wrong with these flows lies near the beginning."""
    space = search(load_flow(path).view(), defaults())
    return space, prove(space, defaults(), limit=2_500)


@pytest.mark.parametrize("name", bundled_names())
def test_every_situation_of_a_bundled_flow_keeps_every_rule(name: str) -> None:
    space = space_of(name)
    proof = prove(space, defaults())

    assert proof.holds
    assert proof.counterexamples == ()
    assert proof.fired == len(space.plan.flow.transitions)
    assert proof.situations > len(space.orders) - space.roots


@pytest.mark.parametrize("name", ["marketplace", "complete", "chain"])
def test_the_observed_profile_keeps_every_rule(name: str) -> None:
    assert prove(space_of(name, Profile.OBSERVED), defaults()).counterexamples == ()


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_flow_is_found_out(path: Path) -> None:
    wanted = path.read_text("utf-8").split()[2]
    _, proof = proof_of_file(path)

    assert not proof.holds
    assert wanted in {found.rule for found in proof.counterexamples}


@pytest.mark.parametrize("path", BROKEN[:4], ids=lambda path: path.stem)
def test_a_counterexample_breaks_its_rule_when_it_is_played(path: Path) -> None:
    space, proof = proof_of_file(path)

    for found in proof.counterexamples:
        start = Start(replaceable=space.orders[found.root].replaceable)
        driver = run(space, defaults(), found.acts, start)
        assert (found.rule, found.transition) in {t.identity for t in driver.troubles}


def test_a_dead_end_is_named() -> None:
    space = search(parse_flow(DEAD_END).view(), defaults())

    proof = prove(space, defaults())

    assert proof.stuck == ("trap",)
    assert [(found.rule, found.transition) for found in proof.counterexamples] == [("I-10", "D3")]
    assert not proof.holds


def test_a_search_that_had_to_stop_claims_nothing() -> None:
    proof = prove(space_of("seller"), defaults(), limit=100)

    assert not proof.complete
    assert not proof.holds
    assert proof.situations == 100


def test_a_driven_order_that_can_no_longer_end_is_told_as_well() -> None:
    space = search(parse_flow(DEAD_END).view(), defaults())
    driver = run(space, defaults(), parse_acts("place_order open_flow modify_order"), Start())

    assert [trouble.identity for trouble in driver.troubles] == [("I-10", "D3")]


def test_an_order_that_is_lost_from_the_start_is_told() -> None:
    text = """
flow: never-paid
title: A flow nobody can finish
initial: open
final: {success: [done]}
states: {open: {}, done: {}}
transitions:
  - {id: N1, from: (none), on: place_order, to: open, actor: shopper}
  - {id: N2, from: open, on: finish_cancel, to: done, actor: platform, when: paid}
"""
    space = search(parse_flow(text).view(), defaults())
    driver = run(space, defaults(), parse_acts("place_order"), Start())

    found = [(each.rule, each.transition) for each in prove(space, defaults()).counterexamples]
    assert found == [trouble.identity for trouble in driver.troubles] == [("I-10", "N1")]


@pytest.mark.parametrize(
    "transitions", ["[]", "[{id: X, from: open, on: finish_cancel, to: done, actor: platform}]"]
)
def test_a_flow_that_never_begins_is_refused(transitions: str) -> None:
    text = f"""
flow: unborn
title: No order is ever placed
initial: open
final: {{success: [done]}}
states: {{open: {{}}, done: {{}}}}
transitions: {transitions}
"""
    with pytest.raises(SpaceError, match="the unborn flow never begins"):
        search(parse_flow(text).view(), defaults())
