"""The sales that are shown really happen so, and their diagrams tell every step and message."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache

import pytest

from orderflow.conformance.verdict import MessageTrace
from orderflow.flows.deal_loader import bundled_deal
from orderflow.flows.settings import defaults
from orderflow.reports.docs.flavor import Flavor
from orderflow.reports.docs.pages import DEAL
from orderflow.reports.docs.pictures import darkened
from orderflow.reports.docs.sale import SEED, STORIES, Sale, sales_of
from orderflow.reports.docs.sale_page import diagram_of, sale_page
from orderflow.reports.palette import DARK, LIGHT
from orderflow.reports.sequence import sale_view
from orderflow.simulator.deal_workload import DealWalk
from tests.reports.builders import HOSTILE
from tests.reports.docs.rendering import by_commonmark, by_mermaid, plain, seen
from tests.reports.exports.node import needs_node

STORY_NAMES = [story.name for story in STORIES]


@cache
def sales() -> dict[str, Sale]:
    return {sale.story.name: sale for sale in sales_of(bundled_deal(DEAL).view())}


def events(name: str) -> list[tuple[str, str]]:
    return [(step.participant, step.event) for step in sales()[name].trace.trace]


def test_every_story_is_told_by_a_sale() -> None:
    assert list(sales()) == STORY_NAMES


def test_an_undisturbed_sale_goes_through_and_nobody_cancels() -> None:
    steps = sales()["undisturbed"].trace.trace

    assert {step.target for step in steps} >= {"invoiced", "handling", "payment-approved"}
    assert not [step for step in steps if "cancel" in step.event]


def test_a_cancellation_is_asked_for_and_answered_by_the_seller() -> None:
    for name, answer, end in (
        ("cancelled", "accept_cancel", "canceled"),
        ("refused", "deny_cancel", "invoiced"),
    ):
        happened = events(name)
        assert happened.index(("market", "request_cancel")) < happened.index(("seller", answer))
        assert ("seller", "request_cancel") in happened
        last = {step.participant: step.target for step in sales()[name].trace.trace}
        assert last == {"market": end, "seller": end}


@pytest.mark.parametrize("name", STORY_NAMES)
def test_a_sale_is_the_one_that_the_command_shows(name: str) -> None:
    sale = sales()[name]

    *_, same = DealWalk(bundled_deal(DEAL).view(), SEED, defaults()).sales(sale.number)

    assert [(e.participant, e.event.event) for e in same.events] == events(name)


def test_a_seed_in_which_nothing_fits_shows_nothing() -> None:
    deal = bundled_deal(DEAL).view()
    never = replace(
        deal,
        participants=tuple(
            replace(each, flow=replace(each.flow, success=(), failure=()))
            for each in deal.participants
        ),
    )

    assert list(sales_of(never)) == []


@pytest.mark.parametrize("name", STORY_NAMES)
def test_the_picture_shows_every_step_and_nothing_broken(name: str) -> None:
    sale = sales()[name]

    root = ET.fromstring(sale_view(sale.trace, name=name))  # noqa: S314 - our own text

    classes = [element.get("class", "") for element in root.iter()]
    assert sum("of-box-hit" in each for each in classes) == len(sale.trace.trace)
    assert not [each for each in " ".join(classes).split() if each.endswith("-bad")][1:]  # its tip
    told = root.findtext("{http://www.w3.org/2000/svg}desc") or ""
    assert all(message.notice in told for message in sale.trace.messages)
    assert "breaks" not in told


def test_a_dark_picture_differs_in_its_colours_only() -> None:
    light = sale_view(sales()["undisturbed"].trace, name="x")
    dark = darkened(light)

    assert LIGHT.ink not in dark
    assert LIGHT.paper not in dark
    assert DARK.paper in dark
    assert dark.replace(DARK.ink, LIGHT.ink).count("<") == light.count("<")
    assert darkened(f'<text fill="#000000">fill="{LIGHT.ink}</text>').endswith(
        f'fill="{LIGHT.ink}</text>'
    )


@pytest.mark.parametrize("name", STORY_NAMES)
def test_the_mermaid_diagram_has_a_line_for_every_step_and_message(name: str) -> None:
    sale = sales()[name]
    lines = [line.strip() for line in diagram_of(sale).splitlines()]

    assert lines[:3] == ["sequenceDiagram", "participant p1 as market", "participant p2 as seller"]
    assert sum(line.startswith("Note over ") for line in lines) == len(sale.trace.trace)
    arrows = [line for line in lines if ">>" in line or "--x" in line]
    assert len(arrows) == len(sale.trace.messages)


def test_hostile_names_do_not_end_a_line_of_the_diagram() -> None:
    sale = sales()["undisturbed"]
    steps = tuple(replace(step, event=f"end;\n{HOSTILE}#") for step in sale.trace.trace)

    text = diagram_of(replace(sale, trace=replace(sale.trace, trace=steps)))

    plain_lines = diagram_of(sale).count("\n")
    assert text.count("\n") == plain_lines
    assert not set("<>;{}%\"'").intersection(
        text.replace("->>", "").replace("#", "").replace(";", "").replace("--x", "")
    )


@needs_node
@pytest.mark.parametrize("name", STORY_NAMES)
def test_mermaid_reads_what_happened(name: str) -> None:
    sale = sales()[name]
    hostile = replace(sale.trace.trace[0], event=f"end; {HOSTILE}#")
    trace = replace(sale.trace, trace=(hostile, *sale.trace.trace[1:]))

    read = by_mermaid(diagram_of(replace(sale, trace=trace)))

    assert (read["type"], read["actors"]) == ("sequence", ["market", "seller"])
    arrows = [text for source, target, text in read["messages"] if source != target]
    assert arrows == [each.notice for each in _arrivals(sale)]
    assert len(read["messages"]) == len(sale.trace.trace) + len(arrows)


def _arrivals(sale: Sale) -> list[MessageTrace]:
    """The messages in the order in which they have an effect."""
    by_step = {number: each for each in sale.trace.messages for number in each.heard[:1]}
    idle = {each.sent: each for each in sale.trace.messages if not each.heard}
    numbers = range(1, len(sale.trace.trace) + 1)
    return [found[n] for n in numbers for found in (by_step, idle) if n in found]


def test_the_page_tells_every_message_and_every_link() -> None:
    deal = bundled_deal(DEAL).view()
    found = seen(by_commonmark(sale_page(deal, sales().values(), Flavor.PLAIN)))

    for sale in sales().values():
        rows = found.tables[sale.story.title][1:]
        assert [row[3] for row in rows] == [each.notice for each in sale.trace.messages]
        assert f"--orders {sale.number} --seed {SEED}" in found.words
    assert len(found.tables["Every link"]) == len(deal.links) + 1
    assert all(plain(link.says) in plain(found.words) for link in deal.links)
