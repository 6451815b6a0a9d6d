"""A check takes every step the flow has, tries every step it has not, and says so exactly."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from orderflow.conformance import flow_check as checking
from orderflow.conformance.check import FlowTask, check
from orderflow.conformance.drive import Driver, Start
from orderflow.conformance.invariants import INVARIANTS
from orderflow.conformance.rules import RULES
from orderflow.conformance.scenarios import cover_command
from orderflow.conformance.shrink import run
from orderflow.conformance.verdict import CellOutcome, Never, Verdict
from orderflow.flows.loader import parse_flow
from orderflow.flows.model import ABSENT, Flow, Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.scenario import parse_acts
from orderflow.simulator.space import search
from tests.conformance.subjects import (
    AUTHORIZED,
    EXAMPLES,
    NAMES,
    PLACED,
    SMALL,
    checked,
    driven,
    space_of,
    view,
)

MODULES = {
    "marketplace": ("change-payment", "picking"),
    "seller": ("picking", "wms"),
    "complete": ("picking",),
}
SHOP = """\
flow: shop
title: Shop
seen_by: nobody
initial: order-created
final: {success: [shipped], failure: [dropped]}
states:
  order-created: {waits_for: shopper}
  bought: {waits_for: shopper}
  paid: {waits_for: seller}
  lost: {waits_for: seller}
  shipped: {}
  dropped: {}
transitions:
  - {id: T1, from: (none), on: place_order, to: order-created, actor: shopper}
  - {id: T2, from: order-created, on: complete_checkout, to: bought, actor: checkout}
  - {id: T3, from: bought, on: payment_approved, to: paid, actor: gateway}
  - {id: T4, from: paid, on: start_handling, to: shipped, actor: seller}
  - {id: T5, from: bought, on: cancel_order, to: dropped, actor: shopper}
  - {id: T6, from: bought, on: start_handling, to: shipped, actor: seller, when: invoiced_fully}
  - {id: T7, from: lost, on: cancel_order, to: dropped, actor: shopper}
"""


def shop() -> Flow:
    return parse_flow(SHOP).view()


def verdict_of(*names: str) -> Verdict:
    subjects = [FlowTask(view(name), name) for name in names]
    return check(subjects, budget=SMALL, command="orderflow check")


@pytest.mark.parametrize("profile", [str(profile) for profile in Profile])
@pytest.mark.parametrize("name", NAMES)
def test_a_bundled_flow_keeps_its_promises_in_every_corner(name: str, profile: str) -> None:
    found, failures = checked(name, profile)

    assert [f.sentence for f in failures if f.severity == "error"] == []
    assert profile == "legacy" or failures == ()
    assert [step for step, count in found.transitions if not count] == []
    assert found.never == ()
    assert found.pairs == found.pairs_total > 0
    outcomes = {outcome for *_, outcome in found.cells}
    assert outcomes <= {CellOutcome.EXERCISED, CellOutcome.REFUSED, CellOutcome.DIVERGES}
    assert CellOutcome.DIVERGES not in outcomes


@pytest.mark.parametrize("name", MODULES)
def test_modules_switched_on_break_nothing(name: str) -> None:
    found, failures = checked(name, modules=MODULES[name])

    assert [f.sentence for f in failures if f.severity == "error"] == []
    assert found.modules == MODULES[name]
    assert {never.reason for never in found.never} <= {"unreachable"}
    assert found.pairs == found.pairs_total


@pytest.mark.parametrize("name", NAMES)
def test_counts_add_up(name: str) -> None:
    found, _ = checked(name)

    taken, flow = dict(found.transitions), view(name)
    assert found.steps == sum(taken.values()) + found.refused
    assert found.orders == sum(taken[s.id] for s in flow.transitions if s.source == ABSENT)
    assert sum(count for _, count in found.actors) == sum(taken.values())
    for status, entered in found.states:
        steps = [s for s in flow.transitions if s.target == status != s.source]
        assert entered == sum(taken[step.id] for step in steps), status


def test_both_sides_of_a_guard_are_counted_on_the_document_with_the_data_in_it() -> None:
    driver = driven(f"{AUTHORIZED} confirm_reservation:gone")
    reserved = next(s for s in view("seller").transitions if s.when == ("stock_reserved",))

    assert driver.coverage.guards[reserved.id, "stock_reserved"] == [1, 0]

    driver.begin()
    driven(f"{AUTHORIZED} confirm_reservation:reserved", driver=driver)

    assert driver.coverage.guards[reserved.id, "stock_reserved"] == [1, 1]


@pytest.mark.parametrize("name", NAMES)
def test_every_guard_is_seen_to_hold_and_most_are_seen_to_fail(name: str) -> None:
    found, _ = checked(name)

    assert [(step, what) for step, what, true, _ in found.guards if not true] == []
    failing = [(step, what) for step, what, _, false in found.guards if false]
    assert len(failing) * 2 > len(found.guards)


def test_what_was_never_taken_comes_with_its_reason() -> None:
    found, failures = checking.check_flow(shop(), SMALL, defaults())

    assert failures == ()
    assert found.never == (
        Never("T6", "guard never true", ""),
        Never("T7", "unreachable", ""),
    )
    untried = {status for status, _, outcome in found.cells if outcome is CellOutcome.UNTRIED}
    assert untried == {"lost"}


def test_what_the_budget_did_not_reach_comes_with_a_command_that_reaches_it() -> None:
    idle = Driver(space_of("marketplace"), defaults())

    found = checking.flow_verdict(idle.coverage, idle.space, defaults(), "marketplace").never

    assert len(found) == len(idle.space.by_transition) == len(view("marketplace").transitions)
    for never in found:
        assert never.reason == "budget"
        words = shlex.split(never.command)
        assert words[:4] == ["orderflow", "replay", "--flow", "marketplace"]
        replaced = "--no-replacement" not in words
        driver = Driver(idle.space, defaults())
        driver.begin(Start(replaceable=replaced))
        for act in parse_acts(words[words.index("--steps") + 1]):
            driver.act(act)
        assert driver.simulator.events[-1].transition == never.transition


def test_what_only_another_profile_breaks_is_found_and_says_so() -> None:
    text = """
extends: chain
flow: hasty
transitions:
  - {id: X1, from: invoiced, on: cancel_order, to: cancel, actor: marketplace, profile: observed,
     source: [obs]}
"""
    flow = parse_flow(text)
    usual, observed = flow.view(), flow.view(Profile.OBSERVED)
    budget = replace(SMALL, examples=0, proof=True)

    alone, sound = checking.check_flow(usual, budget, defaults(), reference="hasty.yaml")
    found, failures = checking.check_flow(
        usual, budget, defaults(), reference="hasty.yaml", others=(observed,)
    )

    assert (sound, alone.elsewhere) == ((), ())
    assert [profile for profile, _ in found.elsewhere] == ["observed"]
    assert failures
    assert {each.flow for each in failures} == {"hasty"}
    assert {each.transition for each in failures} == {"X1"}
    assert "observed profile" in failures[0].sentence
    assert "--profile observed" in failures[0].replay


def test_a_flow_with_names_of_its_own_is_checked_like_any_other() -> None:
    found, failures = checking.check_flow(shop(), SMALL, defaults())

    assert failures == ()
    assert found.pairs == found.pairs_total == 4


def test_the_verdict_names_the_rules_that_were_evaluated_and_no_others() -> None:
    seller, both = verdict_of("seller"), verdict_of("seller", "marketplace")

    needs_what_no_simulated_order_has = {"A-09", "A-11"}
    assert needs_what_no_simulated_order_has.isdisjoint(both.rules)
    assert set(INVARIANTS) <= set(seller.rules)
    catalogue = [*RULES, *INVARIANTS]
    assert list(both.rules) == [each for each in catalogue if each in both.rules]
    assert set(seller.rules) < set(both.rules)
    for each in set(seller.rules) & set(RULES):
        assert "seller" in RULES[each].families


def test_a_changed_setting_is_part_of_every_command() -> None:
    limits = defaults().override({"cancellation_window": 45, "allow_cancel_after_return": True})
    space = search(view("seller"), limits)
    flow = view(str(EXAMPLES[0]))

    verdict = check([FlowTask(flow, "seller")], budget=SMALL, settings=limits)

    typed = (("cancellation_window", "45"), ("allow_cancel_after_return", "true"))
    assert {*typed} <= {*verdict.settings}
    for command in (cover_command(space, "S06", "seller", limits), verdict.failures[0].replay):
        for name, value in typed:
            assert f"--set {name}={value}" in command
    assert {*verdict.failures[0].settings} == {*typed}


@pytest.mark.parametrize("window", ["cancellation_window", "change_seller_window"])
@pytest.mark.parametrize("name", ["marketplace", "complete"])
def test_a_window_of_no_length_hides_no_step(name: str, window: str) -> None:
    limits = defaults().override({window: 0})

    found, failures = checking.check_flow(view(name), replace(SMALL, proof=True), limits)

    assert failures == ()
    assert found.never == ()
    assert found.pairs == found.pairs_total


def test_failures_are_told_gravest_first_and_shortest_first() -> None:
    name = next(str(path) for path in EXAMPLES if path.stem == "stage-goes-backwards")

    _, failures = checked(name)

    order = [(failure.severity != "error", len(failure.trace)) for failure in failures]
    assert len(failures) > 1
    assert order == sorted(order)
    assert len({failure.identity for failure in failures}) == len(failures)


def test_failures_beyond_the_most_that_are_shown_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = next(str(path) for path in EXAMPLES if path.stem == "stage-goes-backwards")
    everything = checked(name)[1]
    monkeypatch.setattr(checking, "MOST_FAILURES", 1)

    found, failures = checking.check_flow(view(name), SMALL, defaults(), reference=name)

    assert failures[0] == everything[0]
    assert (len(failures), found.left_out) == (1, len(everything) - 1)


def test_an_order_that_left_a_final_status_is_told_once() -> None:
    name = next(str(path) for path in EXAMPLES if path.stem == "out-of-canceled")

    _, failures = checked(name)

    told = {failure.rule for failure in failures if failure.transition == "X01"}
    assert "A-12" in told
    assert "I-06" not in told


def test_progress_says_what_is_going_on() -> None:
    said: list[str] = []

    checking.check_flow(shop(), replace(SMALL, proof=True), defaults(), progress=said.append)

    assert len(said) == 5
    assert all(text.startswith("shop: ") for text in said)


def test_the_same_run_can_be_played_from_its_acts_alone() -> None:
    driver = driven(PLACED)

    again = run(driver.space, defaults(), parse_acts(PLACED), driver.start)

    assert again.simulator.history() == driver.simulator.history()
