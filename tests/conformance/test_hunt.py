"""Every fault mode is found by the rules it says detect it, on the faulty system and not else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from orderflow.conformance.deal_drive import DealDriver
from orderflow.conformance.deal_observe import ground_of
from orderflow.conformance.drive import Driver, Start
from orderflow.conformance.faulty import FaultyDeal, FaultyFlow, deal_subject, flow_subject
from orderflow.conformance.hunt import broken_by, hunt, played
from orderflow.conformance.hunt_deal import broken_in, played_deal
from orderflow.conformance.prove import resting
from orderflow.conformance.rules import DEAL_RULES
from orderflow.conformance.verdict import Failure
from orderflow.flows.fault_loader import bundled_faults
from orderflow.flows.faults import Fault, FaultPlaceError
from orderflow.flows.settings import defaults
from orderflow.simulator.deal_scenario import parse_deal_acts
from orderflow.simulator.scenario import ADVANCE, parse_acts
from orderflow.simulator.space import search

BOOK = bundled_faults()
DETECTED = [name for name, fault in BOOK.faults.items() if fault.detects]
ON_SALES = frozenset(rule.id for rule in DEAL_RULES)
MODE = pytest.mark.parametrize("name", DETECTED)


@cache
def found(name: str) -> tuple[Failure, ...]:
    """What the mode breaks in the first flow and the first deal that show it."""
    fault = BOOK.faults[name]
    return hunt(
        fault,
        defaults(),
        flows=fault.flows[:1],
        deals=fault.deals[:1],
        enough=frozenset(fault.detects),
    )


def detecting(name: str) -> tuple[Failure, ...]:
    return tuple(each for each in found(name) if each.rule in BOOK.faults[name].detects)


def is_found_by_search_only(failure: Failure) -> bool:
    return failure.rule.startswith("I-") or BOOK.faults[failure.fault].news == "delayed"


@MODE
def test_the_rules_that_are_said_to_detect_a_mode_do(name: str) -> None:
    fault = BOOK.faults[name]

    assert {each.rule for each in found(name)} >= set(fault.detects)
    assert all(each.fault == name and name in each.identity for each in found(name))
    assert len({each.identity for each in found(name)}) == len(found(name))


@MODE
def test_the_scenario_of_a_finding_shows_it_again(name: str) -> None:
    for failure in detecting(name):
        if is_found_by_search_only(failure):
            continue
        if failure.deal:
            subject = deal_subject(BOOK.faults[name], failure.deal)
            assert (failure.rule, failure.participant) in shown_by_deal(subject, failure), failure
        else:
            faulty = flow_subject(BOOK.faults[name], failure.flow)
            assert failure.rule in shown_by_flow(faulty, failure), failure.sentence


def shown_by_flow(subject: FaultyFlow, failure: Failure) -> set[str]:
    space, acts = search(subject.flow, defaults()), parse_acts(" ".join(failure.acts))
    start = Start(replaceable=failure.replaceable)
    driver = played(subject, space, defaults(), acts, start)
    return {each.rule for each in broken_by(driver, subject.reference)}


def shown_by_deal(subject: FaultyDeal, failure: Failure) -> set[tuple[str, str]]:
    ground, sound = ground_of(subject.deal, defaults()), ground_of(subject.reference, defaults())
    driver = played_deal(subject, ground, parse_deal_acts(" ".join(failure.acts)))
    return {(each.rule, each.participant) for each in broken_in(driver, sound)}


@MODE
def test_the_sound_system_does_not_break_the_rule(name: str) -> None:
    for failure in detecting(name):
        if is_found_by_search_only(failure) or BOOK.faults[name].news:
            continue  # a message that goes wrong breaks the sound system: there is no other one
        if failure.deal:
            subject = deal_subject(BOOK.faults[name], failure.deal)
            ground = ground_of(subject.reference, defaults())
            driver = DealDriver(ground, judged=False)
            for act in parse_deal_acts(" ".join(failure.acts)):
                driver.act(act)
            seen = {(each.rule, each.participant) for each in broken_in(driver, ground)}
            assert (failure.rule, failure.participant) not in seen
        else:
            assert not breaks_sound_flow(flow_subject(BOOK.faults[name], failure.flow), failure)


def breaks_sound_flow(subject: FaultyFlow, failure: Failure) -> bool:
    space = search(subject.reference, defaults())
    driver = Driver(space, defaults(), judged=False)
    driver.begin(Start(replaceable=failure.replaceable))
    for act in parse_acts(" ".join(failure.acts)):
        if act.event == ADVANCE and driver.place not in resting(space):
            return False  # a sound order would not be waiting here
        driver.act(act)
    return failure.rule in {each.rule for each in broken_by(driver, subject.reference)}


@MODE
def test_the_command_line_that_shows_it_again_names_the_fault(name: str) -> None:
    for failure in found(name):
        if BOOK.faults[name].news == "delayed":
            assert failure.replay == ""
        elif BOOK.faults[name].news:
            assert failure.replay.startswith("orderflow replay --deal ")
        else:
            kind = f"--deal {failure.deal}" if failure.deal else f"--flow {failure.flow}"
            assert failure.replay.startswith(f"orderflow replay --fault {name} {kind} --")


def test_an_order_that_cannot_end_is_shown_where_it_cannot() -> None:
    stuck = [each for name in DETECTED for each in found(name) if each.rule == "I-10"]

    assert {each.fault for each in stuck} >= {"cancel.seller_stuck", "cancel.self_denial"}
    for failure in stuck:
        if failure.deal:
            continue
        subject = flow_subject(BOOK.faults[failure.fault], failure.flow)
        space, acts = search(subject.flow, defaults()), parse_acts(" ".join(failure.acts))
        start = Start(replaceable=failure.replaceable)
        driver = played(subject, space, defaults(), acts, start)
        assert driver.place in space.lost, failure.replay


def test_what_time_alone_breaks_waits_no_longer_than_it_must() -> None:
    (stuck,) = (each for each in found("payment.notification_lost") if each.rule == "A-24")

    assert stuck.acts[-2:] == ("approve_payment", "advance:14d")


def test_a_mode_that_no_rule_minds_breaks_nothing() -> None:
    fault = BOOK.faults["invoice.partial_rewrites_date"]

    assert not fault.detects
    assert hunt(fault, defaults()) == ()


def test_a_doubled_message_breaks_nothing() -> None:
    assert hunt(BOOK.faults["message.doubled"], defaults(), deals=["complete"]) == ()


@pytest.mark.parametrize("flow", ["chain", "complete", "marketplace"])
def test_without_a_fault_no_flow_breaks_anything(flow: str) -> None:
    sound = Fault("none", (), (), "", "Nothing is wrong.", flows=(flow,))

    assert hunt(sound, defaults()) == ()


def test_without_a_fault_no_deal_breaks_anything() -> None:
    sound = Fault("none", (), (), "", "Nothing is wrong.", deals=("complete",), news="reordered")

    assert hunt(sound, defaults()) == ()


def test_a_hunt_tells_the_same_twice() -> None:
    fault = BOOK.faults["cross.value_differs"]

    def once() -> tuple[Failure, ...]:
        return hunt(fault, defaults(), enough=frozenset({"A-53"}))

    assert once() == once()


def test_every_flow_that_shows_a_mode_breaks_the_rules_on_single_orders() -> None:
    told: list[str] = []
    for name in ("cancel.late_reason", "invoice.settlement_failed", "invoice.dirty_number"):
        fault = BOOK.faults[name]
        wanted = frozenset(fault.detects)
        for flow in fault.flows:
            seen = hunt(
                fault, defaults(), flows=[flow], deals=[], enough=wanted, progress=told.append
            )
            assert {each.rule for each in seen} >= wanted - ON_SALES, flow

    assert told[:2] == [
        "cancel.late_reason: marketplace flow",
        "cancel.late_reason: seller flow",
    ]


@pytest.mark.parametrize("subject", [flow_subject, deal_subject])
def test_a_flow_or_deal_that_does_not_show_a_mode_is_refused(
    subject: Callable[[Fault, str], object],
) -> None:
    with pytest.raises(FaultPlaceError):
        subject(BOOK.faults["cancel.self_denial"], "chain")
