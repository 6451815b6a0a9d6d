"""A failure of a sale tells everything: who, which messages, how to see it again."""

from __future__ import annotations

import shlex
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from orderflow.conformance.deal_check import check_deal
from orderflow.conformance.deal_drive import DealDriver, deal_trouble_in, run_deal
from orderflow.conformance.deal_failure import (
    DealSighting,
    failure_of_deal,
    sighting_of,
    tell_deal,
)
from orderflow.conformance.deal_observe import ground_of
from orderflow.conformance.deal_ways import Ways
from orderflow.conformance.drive import Start
from orderflow.conformance.explore import Budget
from orderflow.conformance.prove_deal import Divergence, prove_deal
from orderflow.conformance.trace_file import load_trace, render_trace
from orderflow.conformance.verdict import Failure, MessageTrace
from orderflow.flows.errors import FlowFileError
from orderflow.flows.model import Profile
from orderflow.flows.settings import defaults
from orderflow.simulator.deal_scenario import parse_deal_acts
from orderflow.simulator.product import Faults, Step
from tests.conformance.deal_subjects import INVOICED, PAID, TWO, broken, deal_of, ground, sold, ways
from tests.conformance.subjects import PICKUP

LOST = f"{INVOICED} seller>market:lost"


def failure(acts: str, rule: str = "A-53", start: Start | None = None, seen: int = 3) -> Failure:
    """What a sale broke, as a failure."""
    driver = sold(acts, start=start)
    trouble = next(each for each in driver.troubles if each.rule == rule)
    sighting = DealSighting(trouble, parse_deal_acts(acts), start or Start(), seen, "lost")
    return failure_of_deal(sighting, ground(), ways(), TWO)


def told(divergence: Divergence, fault: str = "") -> Failure:
    """What the exhaustive search found, as a failure."""
    return failure_of_deal(sighting_of(divergence, ground(), fault), ground(), ways(), TWO)


@cache
def lossy() -> tuple[Divergence, ...]:
    """What an exhaustive search finds when messages can be lost."""
    search = prove_deal(
        deal_of(TWO), defaults(), faults=Faults(lost=True), spaces=ground().spaces, prompt=True
    )
    return search.divergences


def test_every_field_is_filled() -> None:
    found = failure(LOST)

    assert found.identity == "A-53/market/M06d/rule"
    assert (found.deal, found.participant, found.flow) == (TWO, "market", "marketplace")
    assert found.participants == (("market", "marketplace"), ("seller", "seller"))
    assert found.sentence.endswith(f"(A-53, {TWO} deal).")
    assert (found.seen, found.fault, found.severity, found.kind) == (3, "lost", "warning", "rule")
    assert len(found.acts) == len(found.statuses) == len(parse_deal_acts(LOST))
    assert found.title
    assert found.explanation
    assert found.source


def test_the_trace_goes_through_all_documents_in_order() -> None:
    found = failure(LOST)

    assert [step.number for step in found.trace] == [*range(1, len(found.trace) + 1)]
    assert {step.participant for step in found.trace} == {"market", "seller"}
    assert [step.at for step in found.trace] == sorted(step.at for step in found.trace)
    assert found.trace[0].at == 0
    placed = next(step for step in found.trace if step.participant == "seller")
    assert (placed.event, placed.cause, placed.stage) == ("place_order", 1, 1)


def test_messages_say_which_step_sent_them_and_which_they_made_happen() -> None:
    found = failure(LOST)

    by_notice = {each.notice: each for each in found.messages}
    order, lost = by_notice["order"], by_notice["invoiced"]
    assert (order.sender, order.receiver, order.sent, order.fate) == (
        "market",
        "seller",
        1,
        "acted",
    )
    heard = found.trace[order.heard[0] - 1]
    assert (heard.participant, heard.event, heard.cause) == ("seller", "place_order", order.number)
    assert (lost.fate, lost.arrived_at, lost.heard) == ("lost", -1, ())
    assert found.trace[lost.sent - 1].event == "add_invoice_full"


def messages(acts: str) -> tuple[MessageTrace, ...]:
    driver = sold(f"{acts}")
    trouble = replace(sold(LOST).troubles[0], act=1)
    sighting = DealSighting(trouble, parse_deal_acts(acts), Start())
    return tell_deal(trouble, driver, sighting=sighting, named=TWO).messages


def test_a_message_that_comes_twice_or_not_yet_is_told_so() -> None:
    twice = messages("market.place_order market>seller:doubled settle")[0]
    waiting = messages("market.place_order")[0]

    assert (twice.doubled, twice.fate, len(twice.heard)) == (True, "acted", 1)
    assert (waiting.fate, waiting.arrived_at) == ("under way", -1)


def test_refusals_and_time_that_passes_are_steps_of_the_trace() -> None:
    acts = "market.place_order seller.start_handling market>seller:lost advance:1m"
    driver = sold(acts)
    trouble = replace(sold(LOST).troubles[0], act=1)
    sighting = DealSighting(trouble, parse_deal_acts(acts), Start())

    trace = tell_deal(trouble, driver, sighting=sighting, named=TWO).trace

    assert [step.accepted for step in trace] == [True, False, True]
    assert (trace[1].participant, trace[1].event) == ("seller", "start_handling")
    assert (trace[2].event, trace[2].participant, trace[2].actor) == ("advance", "", "clock")
    assert trace[2].data == (("for", "1m"),)


def test_the_command_line_plays_the_same_again() -> None:
    found = failure(LOST, start=Start(PICKUP, replaceable=False))
    words = shlex.split(found.replay)

    assert words[:4] == ["orderflow", "replay", "--deal", TWO]
    assert words[-2] == "--steps"
    assert words[-1] == " ".join(found.acts)
    assert "A-53" in broken(sold(words[-1]))


def test_settings_are_part_of_the_command_line() -> None:
    slow = ground_of(deal_of(TWO), defaults().override({"message_delay": 7}))
    driver = run_deal(slow, parse_deal_acts(LOST), Start())
    sighting = DealSighting(driver.troubles[0], parse_deal_acts(LOST), Start())

    found = failure_of_deal(sighting, slow, Ways(slow), TWO)

    assert found.settings == (("message_delay", "7"),)
    assert "--set message_delay=7" in found.replay


@pytest.mark.parametrize("number", range(4))
def test_what_the_search_finds_shows_in_a_sale(number: int) -> None:
    divergence = lossy()[number]

    found = told(divergence, fault="lost")

    assert found.rule == divergence.rule
    assert "an exhaustive search finds" not in found.observed
    assert len(found.acts) <= len(divergence.steps)
    assert found.fault == "lost"
    if found.rule != "I-10":
        assert found.rule in broken(sold(" ".join(found.acts)))


def test_a_standstill_names_the_statuses() -> None:
    standstill = next(each for each in lossy() if each.rule == "I-10")

    found = told(standstill, fault="lost")

    assert "market in on-order-completed" in found.observed
    assert (found.participant, found.severity, found.kind) == ("market", "error", "invariant")


def test_what_no_run_shows_is_said_to_be_so() -> None:
    sound = tuple(Step("market", "place_order", taken=("M01",)) for _ in range(1))
    claim = Divergence("A-65", "market", "seller", ("canceled", "handling"), sound)

    found = told(claim)

    assert found.sentence == (
        "An exhaustive search finds market in canceled, seller in handling; a run of it takes "
        f"another turn; both sides end (A-65, {TWO} deal)."
    )
    assert found.rule == "A-65"
    assert found.acts == ("market.place_order",)
    assert found.participant == "seller"


def test_a_trace_file_of_a_sale_reads_back_and_plays_again(tmp_path: Path) -> None:
    verdict, _ = check_deal(deal_of(TWO), Budget(0, 1, 0, proof=False), defaults())
    found = failure(LOST, start=Start(PICKUP, replaceable=False))
    file = tmp_path / "lost.trace.yaml"
    file.write_text(render_trace(found, verdict), "utf-8")

    read = load_trace(file)

    assert (read.deal, read.flow, read.rule, read.fault) == (TWO, "", "A-53", "lost")
    assert (read.acts, read.profile) == ((), Profile.DOCUMENTED)
    assert tuple(str(act) for act in read.deal_acts) == found.acts
    assert read.statuses == found.statuses
    driver = run_deal(ground(), read.deal_acts, read.start)
    assert "A-53" in broken(driver)


def test_acts_of_nobody_say_where_everybody_stands() -> None:
    acts = f"{PAID} settle"
    driver: DealDriver = sold(acts)
    trouble = replace(sold(LOST).troubles[0], act=1)
    sighting = DealSighting(trouble, parse_deal_acts(acts), Start())

    statuses = tell_deal(trouble, driver, sighting=sighting, named=TWO).statuses

    assert statuses[0] == "order-created"
    assert statuses[1] == "order-accepted"
    assert statuses[-1] == "market=payment-approved seller=authorize-fulfillment"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("deal: x\nflow: y\nsteps: [market.place_order]\n", "exclude each other"),
        ("deal: x\nsteps: [place_order]\n", "is not an act"),
        ("deal: x\nsteps: ['market>seller:lost advance:1m']\n", "one act a step"),
        ("deal: ''\nsteps: ['market>seller']\n", "`deal` must be a text"),
        ("steps: [place_order]\n", "`flow` must be a text"),
    ],
)
def test_a_bad_trace_file_says_what_is_wrong(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "bad.trace.yaml"
    file.write_text(text, "utf-8")

    with pytest.raises(FlowFileError) as caught:
        load_trace(file)
    assert problem in str(caught.value)


def test_a_failure_replays_to_the_same_identity() -> None:
    identity = ("A-53", "market", "M06d")

    found = failure(f"{LOST} settle advance:1d")

    assert deal_trouble_in(sold(" ".join(found.acts)), identity) is not None
    assert found.shrunk_from > len(found.acts)
