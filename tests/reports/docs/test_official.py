"""The official drawings are shown edge by edge, and all that is added to them is accounted for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderflow.flows.loader import bundled
from orderflow.flows.model import Transition
from orderflow.reports.docs.flavor import Flavor
from orderflow.reports.docs.official_page import added, official, official_page
from orderflow.reports.exports.picture import flow_svg
from tests.reports.builders import NAMES
from tests.reports.docs.rendering import by_commonmark, plain, seen
from tests.reports.docs.sites import shipped, site, subject


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_has_the_official_edges_and_no_other(name: str) -> None:
    flow = bundled(name)

    drawn = official(flow)

    assert [(s.id, s.source, s.target) for s in drawn.transitions] == [
        (edge.id, edge.source, edge.target) for edge in flow.diagram
    ]
    ends = {place for edge in flow.diagram for place in (edge.source, edge.target)}
    assert {state.name for state in drawn.states} == ends
    assert all(f"{edge.id}" in flow_svg(drawn) for edge in flow.diagram)


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_counts_boxes_and_lines(name: str) -> None:
    flow = bundled(name)
    boxes = len({place for edge in flow.diagram for place in (edge.source, edge.target)})

    text = flow_svg(official(flow), drawing=True)

    assert f">{boxes} boxes, {len(flow.diagram)} lines<" in text
    assert "statuses" not in text
    assert "profile" not in text
    assert site(Flavor.PLAIN)[f"official/{name}.svg"].decode() == text


def test_the_undisturbed_order_runs_down_the_drawing() -> None:
    assert official(bundled("chain")).happy_path == (
        *("Order received", "Waiting for seller's confirmation", "Payment pending"),
        *("Payment approved", "Verifying invoice", "Invoiced"),
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_transition_stands_for_an_edge_or_is_told_as_an_addition(name: str) -> None:
    found = seen(by_commonmark(official_page([subject(name)], Flavor.PLAIN)))
    flow = bundled(name)

    edges = found.tables[flow.title][1:]
    extra = found.tables[f"What the {name} flow adds"][1:]
    assert [row[0] for row in edges] == [edge.id for edge in flow.diagram]
    assert [row[0] for row in extra] == [step.id for step in added(flow)]
    realised = {step.id for step in flow.transitions if step.drawn}
    assert {line.split()[0] for row in edges for line in row[5].splitlines()} == realised
    assert all(plain(row[4]) not in {"", "–"} for row in extra)  # noqa: RUF001


def test_decisions_are_told_with_what_was_decided() -> None:
    found = seen(by_commonmark(official_page([subject("seller")], Flavor.PLAIN)))

    why = {row[0]: row[4] for row in found.tables["What the seller flow adds"]}
    assert "D-08" in why["S16"]
    assert "ready-for-handling" in why["S16"]
    assert "grace" in why["S15b"]  # no decision: the source says it


def test_a_source_that_nobody_knows_is_named_as_it_is() -> None:
    one = subject("seller")
    step = Transition("X1", "X1", "handling", "hold", "handling", cites=("our-wiki",))
    own = replace(one, flow=replace(one.flow, transitions=(*one.flow.transitions, step)))

    assert "our-wiki" in official_page([own], Flavor.PLAIN)


def test_the_pages_of_all_flows_have_a_part_each() -> None:
    found = seen(by_commonmark(official_page(shipped(), Flavor.PLAIN)))

    assert [title for title in found.tables if "adds" not in title] == [
        bundled(name).title for name in NAMES
    ]
    assert len(found.pictures) == len(NAMES)
