"""What a page says of stages, cancellation, bans and differences is found out, not written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderflow.flows.loader import bundled, parse_flow
from orderflow.flows.model import Flow
from orderflow.flows.timeline import DELIVERY, PICKUP, Shipment, timeline
from orderflow.reports.docs.cancel_part import cancellation_of, cancellation_rules
from orderflow.reports.docs.difference_part import Elsewhere, contrast
from orderflow.reports.docs.flavor import Flavor
from orderflow.reports.docs.flow_parts import PARTS, View, kinds
from orderflow.reports.docs.forbidden_part import forbidding_rules, refused_calls
from orderflow.reports.docs.stages_part import package_table, stage_rows, without_stages
from orderflow.reports.docs.subject import Subject, only_in
from tests.reports.builders import NAMES
from tests.reports.docs.sites import subject


def ids(steps: object) -> set[str]:
    assert isinstance(steps, tuple)
    return {step.id for step in steps}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("channel", [DELIVERY, PICKUP])
def test_every_stage_of_every_status_is_in_the_table(name: str, channel: str) -> None:
    told = {(row.number, row.slot): row for row in stage_rows(subject(name))}

    assert len(told) == 15
    for state in bundled(name).view().states:
        shown = timeline(state.name, Shipment((channel,), (1,)), 0)
        for stage in () if shown.canceling else shown.stages:
            row = told[stage.number, stage.slot]
            assert state.name in row.statuses
            assert stage == (row.pickup if channel == PICKUP else row.delivery)


def test_a_stage_is_brought_about_by_the_steps_into_it() -> None:
    told = {(row.number, row.slot): ids(row.steps) for row in stage_rows(subject("complete"))}

    assert told[1, "doing"] == {"C01"}
    assert told[2, "doing"] == {"C04"}
    assert told[3, "doing"] == {"C06", "C06d"}
    assert told[3, "done"] == told[4, "doing"] == {"C15"}
    assert told[5, "doing"] == set()


def test_packages_decide_the_last_stages() -> None:
    text = package_table()

    assert text.count("5 Ship order") == text.count("5 Pickup") == 1
    assert text.count("5 Shipping order") == text.count("5 Ready for pickup") == 1
    assert text.count("5 Order shipped") == text.count("5 Picked up") == 1


def test_what_ends_or_is_cancelled_is_told_apart() -> None:
    told = [
        line.replace("<code>", "").replace("</code>", "")
        for line in without_stages(subject("complete"))
    ]

    assert any("replaced</a> shows no stages: Replaced" in line for line in told)
    assert any("cancel</a> keeps the stages" in line and "Canceling" in line for line in told)
    assert any("request-cancel</a> keeps the stages that were reached." in line for line in told)


def test_cancellation_tells_who_is_asked_and_who_is_not() -> None:
    found = cancellation_of(bundled("seller").view())

    assert {"S13", "S15", "S22", "S24@window-to-cancel"} <= ids(found.at_once)
    assert ids(found.asks) == {"S16", "S17", "S24r@ready-for-handling", "S24r@handling"}
    assert ids(found.answers) == {
        *("S18", "S19>ready-for-handling", "S19>handling", "S20", "S20p", "S21"),
    }
    assert "start-handling" in found.never
    assert not {"window-to-cancel", "invoiced", "cancel", "cancellation-requested"} & {*found.never}


def test_an_answer_is_waited_for_behind_steps_of_the_platform_too() -> None:
    found = cancellation_of(bundled("marketplace").view())

    assert {"M14", "M15", "M15p", "M16", "M17"} <= ids(found.answers)
    assert not {"M15", "M17"} & ids(found.at_once)


def test_an_order_that_nobody_can_cancel_is_told_as_such() -> None:
    flow = bundled("seller").view()
    kept = tuple(step for step in flow.transitions if "cancel" not in step.event)

    found = cancellation_of(replace(flow, transitions=kept))

    assert found.asks == ()
    assert "window-to-cancel" in found.never


def test_rules_on_cancellation_are_those_of_the_family() -> None:
    seller, chain = ({rule.id for rule in cancellation_rules(name)} for name in ("seller", "chain"))

    assert {"A-54", "A-55", "A-57"} <= seller
    assert "A-57" not in chain


def test_a_call_is_refused_where_no_step_takes_what_it_means() -> None:
    calls = {each.call.rpartition("/")[2]: each for each in refused_calls(subject("seller"))}

    assert calls["cancel"].events == ("request_cancel", "accept_cancel", "seller_cancel")
    assert set(calls["cancel"].statuses) == {
        *("order-accepted", "on-order-completed-ffm", "start-handling", "invoice"),
        *("invoiced", "canceled"),
    }
    assert "ready-for-handling" not in calls["start-handling"].statuses
    assert "handling" in calls["start-handling"].statuses


def test_rules_that_forbid_are_errors_of_the_family() -> None:
    chain = {rule.id: rule for rule in forbidding_rules("chain")}

    assert {"A-12", "A-37", "A-73"} <= set(chain)
    assert not {"A-39", "A-77", "A-01", "A-76"} & set(chain)
    assert {rule.severity for rule in chain.values()} == {"error"}


def test_differences_are_statuses_events_and_other_ends() -> None:
    found = contrast(bundled("chain").view(), bundled("complete").view())

    assert found.only_here == ()
    assert "handling" in found.only_there
    assert found.new_events == ("authorize_mkt_order",)
    assert Elsewhere("invoice", "add_invoice_partial", ("payment-approved",), ("handling",)) in (
        found.elsewhere
    )
    assert contrast(bundled("chain"), bundled("chain")).elsewhere == ()


def test_a_flow_of_ones_own_is_compared_and_described() -> None:
    flow = parse_flow(OWN)

    found = contrast(flow.view(), bundled("seller").view())
    told = Subject(flow, "own")

    assert found.only_here == ("on-hold",)
    assert list(kinds(flow, flow.state["on-hold"])) == ["waits for seller"]
    assert "hold" in told.events
    assert only_in(flow.state["on-hold"]) == ""
    assert only_in(flow.state["ready-for-invoicing"]) == "module picking"
    assert only_in(flow.transition["S01"]) == "documented, legacy"


OWN = """
flow: own
extends: seller
events: {hold: {actors: [seller], meaning: The seller has to ask.}}
states: {on-hold: {waits_for: seller}}
transitions:
  - {id: X1, from: handling, on: hold, to: on-hold, actor: seller}
"""


TINY = """
flow: tiny
title: Tiny
initial: open
final: {success: [done]}
happy_path: [open, done]
states: {open: , done: }
transitions:
  - {id: T1, from: (none), on: place_order, to: open}
  - {id: T2, from: open, on: verify_invoice, to: done}
"""


def part(text: str, name: str) -> str:
    return PARTS[name](Subject(parse_flow(text), "tiny"), View(Flavor.PLAIN, "", "tiny/"))


def test_numbers_and_ends_of_a_tiny_flow_are_sentences() -> None:
    assert "2 statuses and 2 transitions." in part(TINY, "summary")
    assert "An undisturbed order takes 1 step from" in part(TINY, "summary")
    aimless = TINY.replace("happy_path: [open, done]\n", "")
    assert "An undisturbed order ends in" in part(aimless, "summary")


def test_a_flow_that_always_shows_stages_does_not_say_that_none_is_without() -> None:
    assert part(TINY, "stages").endswith("|")
    assert "shows no stages" in part(OWN, "stages")


def test_kinds_of_statuses() -> None:
    flow: Flow = bundled("complete")

    told = {name: "; ".join(kinds(flow, flow.state[name])) for name in flow.state}
    assert told["order-created"] == "first; passed through; takes no change and no cancellation"
    assert told["invoiced"] == "final, sale made"
    assert told["replaced"] == "final, closed"
    assert told["handling"] == "waits for seller"
