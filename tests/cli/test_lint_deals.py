"""``orderflow lint`` tells everything that is wrong with a deal file at once, and of a deal that is
right who takes part, who tells whom, and what can never happen."""

import json
from pathlib import Path

import pytest

from orderflow.flows.deal_loader import bundled_deal, bundled_deal_names
from orderflow.flows.deal_reach import closed_steps, ways
from orderflow.flows.settings import defaults
from orderflow.simulator.deal_workload import DealWalk
from tests.cli.running import here, refused, run

__all__ = ["here"]

OWN = """\
deals:
  mine:
    title: My sale
    participants:
      shop: {flow: marketplace}
      store: {flow: seller, below: shop}
  yours:
    title: Your sale
    participants:
      shop: {flow: marketplace}
      store: {flow: own.yaml, below: shop}
"""
FLOW = "flow: own\nextends: seller\ntitle: Own\n"
BAD = """\
deals:
  mine:
    title: My sale
    participants:
      shop: {flow: marketplase}
      store: {flow: seller, below: shopp}
    mailbox: many
"""


def test_all_deals_of_a_file_are_told(here: Path) -> None:
    (here / "deals.yaml").write_text(OWN)
    (here / "own.yaml").write_text(FLOW)

    outcome = run("lint", "deals.yaml")

    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0] == "deal mine: shop (marketplace flow), store (seller flow below shop)"
    assert any(line.startswith("deal yours: ") for line in lines)
    assert lines[-1] == "no findings in 2 deals"


def test_one_deal_of_a_file_can_be_named(here: Path) -> None:
    (here / "deals.yaml").write_text(OWN)
    (here / "own.yaml").write_text(FLOW)

    assert "deal mine" not in run("lint", "deals.yaml:yours").out
    assert "deals.yaml:yours" in refused("lint", "deals.yaml:your")


def test_everything_wrong_with_a_deal_file_is_told_with_its_place(here: Path) -> None:
    (here / "bad.yaml").write_text(BAD)

    message = refused("lint", "bad.yaml")

    assert all(line.startswith("bad.yaml:") for line in message.splitlines())
    assert "bad.yaml:7:14: " in message
    assert {line.split(":")[1] for line in message.splitlines()} >= {"7"}


def test_a_flow_of_ones_own_in_a_deal_is_looked_at_too(here: Path) -> None:
    (here / "deals.yaml").write_text(OWN)
    row = "transitions:\n  - {id: X01, from: handling, on: request_cancle, to: handling}\n"
    (here / "own.yaml").write_text(FLOW + row)

    outcome = run("lint", "--format", "json", "deals.yaml")

    assert outcome.code == 1
    assert [row["check"] for row in json.loads(outcome.out)] == ["unknown-event"]


def test_the_deals_that_ship_have_a_name_together() -> None:
    told = [line for line in run("lint", "deals").out.splitlines() if line.startswith("deal ")]

    assert [line.split(":")[0] for line in told] == [f"deal {n}" for n in bundled_deal_names()]


def test_a_flow_and_a_deal_of_one_name_are_told_apart() -> None:
    assert run("lint", "complete").out == "no findings in 1 flow\n"
    assert run("lint", "deal:complete").out.startswith("deal complete: main (complete flow)")


@pytest.mark.parametrize("name", bundled_deal_names())
def test_what_is_said_to_be_closed_never_happens(name: str) -> None:
    deal = bundled_deal(name).view()
    known, closed = {way.link.id for way in ways(deal)}, closed_steps(deal)

    for sale in DealWalk(deal, 2, defaults()).sales(60):
        taken = {(each.participant, each.event.transition) for each in sale.events}
        assert not taken & closed
        assert all(message.link in known for message in sale.mailbox)


@pytest.mark.parametrize("name", bundled_deal_names())
def test_links_said_not_to_apply_are_those_that_no_news_takes(name: str) -> None:
    deal = bundled_deal(name).view()
    applying = {way.link.id for way in ways(deal)}
    idle = [link.id for link in deal.links if link.id not in applying]

    line = run("lint", f"deal:{name}").out.splitlines()[1]

    assert line == (
        f"  {len(applying)} of {len(deal.links)} links apply, {len(idle)} do not: {', '.join(idle)}"
    )


def test_a_document_that_nothing_connects_is_pointed_at(here: Path) -> None:
    (here / "own.yaml").write_text(OWN_FLOW)
    (here / "deals.yaml").write_text(STRANGE)

    outcome = run("lint", "deals.yaml")

    assert outcome.code in {1, 2}
    assert "deals.yaml" in outcome.out + outcome.err


OWN_FLOW = """\
flow: own
title: Own
initial: open
final: {success: [done], failure: []}
happy_path: [open, done]
states: {open: , done: }
transitions:
  - {id: T1, from: (none), on: place_order, to: open}
  - {id: T2, from: open, on: finish, to: done, actor: seller}
events: {finish: {actors: seller}}
"""
STRANGE = """\
deals:
  odd:
    title: Odd
    participants:
      shop: {flow: marketplace}
      other: {flow: own.yaml, below: shop}
"""
