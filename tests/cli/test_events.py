"""``orderflow events`` tells of every event what a person needs to fire it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orderflow.cli.event_facts import TYPES, facts_of
from orderflow.flows.loader import bundled, bundled_names, load_events
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.inputs import accepted_names, draft
from orderflow.simulator.order import Invoice
from orderflow.simulator.simulator import new_order
from tests.cli.running import here, refused, run

__all__ = ["here"]


def test_every_name_that_may_come_with_an_event_has_a_type() -> None:
    assert {name for event in load_events() for name in accepted_names(event)} == TYPES.keys()


@pytest.mark.parametrize("name", bundled_names())
def test_the_statuses_are_those_in_which_the_flow_takes_the_event(name: str) -> None:
    flow = bundled(name).view()
    facts = facts_of(flow)

    assert tuple(each.name for each in facts) == flow.events
    for each in facts:
        assert set(each.statuses) == {s.source for s in flow.transitions if s.event == each.name}
        assert each.meaning
        assert each.actors


@pytest.mark.parametrize("name", bundled_names())
def test_every_example_can_be_sent_as_it_stands(name: str) -> None:
    flow = bundled(name).view()
    fresh = new_order(flow, "order-1")
    half = fresh._replace(invoices=(Invoice("order-1-1", "Output", fresh.value // 2, 0),))
    sent = 0
    for each in facts_of(flow):
        assert each.examples
        for _, data in each.examples:
            assert data.keys() <= {field.name for field in each.fields}
            order = half if each.name in {"add_return_invoice", "update_tracking"} else fresh
            draft(order, each.name, data, 0)
            sent += 1
    with pytest.raises(EventDataError):
        draft(fresh, "place_order", {"value": 5}, 0)

    assert sent > 20


def test_one_event_is_told_with_its_data_and_where_it_leads() -> None:
    told = run("events", "seller", "verify_invoice").out

    assert told.startswith("verify_invoice: fired by platform")
    assert "  value: whole cents, 1 or more; what the invoice comes to" in told
    assert 'example: {"value": 5000}   verify_invoice:part' in told
    assert (
        "in handling                         to invoice, by platform, when invoice_posted" in told
    )
    assert "documented call: POST /api/oms/pvt/orders/{orderId}/invoice" in told
    assert "request_cancel" not in told


def test_an_event_that_is_always_refused_says_so() -> None:
    told = run("events", "chain", "start_handling").out

    assert "the flow takes it nowhere: it is refused in every status." in told
    assert "fired by seller" in told


def test_the_list_has_every_event_of_the_flow_and_no_other() -> None:
    told = run("events", "chain").out
    named = {line.split()[0] for line in told.splitlines()[1:] if line[:1].islower()}

    assert named == set(bundled("chain").view().events)


def test_without_a_flow_all_that_ship_are_told() -> None:
    found = json.loads(run("events", "--format", "json").out)

    assert found["schema"] == "orderflow/events/1"
    assert [each["flow"] for each in found["flows"]] == list(bundled_names())


def test_a_program_gets_the_same() -> None:
    found = json.loads(run("events", "seller", "update_tracking", "--format", "json").out)
    (event,) = found["flows"][0]["events"]

    assert event["statuses"] == ["invoiced"]
    assert {"kind": "delivered", "data": {"delivered": True}} in event["examples"]
    assert {field["name"] for field in event["data"]} == accepted_names("update_tracking")


def test_an_event_of_a_flow_of_ones_own_is_there(here: Path) -> None:
    (here / "own.yaml").write_text(
        "flow: own\nextends: seller\ntitle: Own\n"
        "transitions:\n  - {id: X01, from: handling, on: put_on_hold, to: same, actor: seller}\n"
        "events:\n  put_on_hold: {actors: seller, meaning: The seller waits for goods.}\n"
    )
    told = run("events", "own.yaml", "put_on_hold").out

    assert "put_on_hold: fired by seller" in told
    assert "The seller waits for goods." in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("seller", "request_cancell"), "did you mean 'request_cancel'"),
        (("seler",), "did you mean 'seller'"),
        (("seller", "approve_payment"), "seller: no event 'approve_payment'"),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest(words: tuple[str, ...], told: str) -> None:
    assert told in refused("events", *words)
