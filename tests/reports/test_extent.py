"""A page of many failures leaves out what passed, says so, and keeps what explains a failure."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from orderflow.conformance.verdict import Verdict
from orderflow.flows.model import Flow
from orderflow.reports.extent import EXTENTS, deal_within, flow_within
from orderflow.reports.html import render_html
from orderflow.reports.page_flows import deal_parts, flow_parts
from tests.reports.builders import (
    failing,
    flows_of,
    joined,
    many_failures,
    partial_invoice,
    verdict,
)
from tests.reports.deals import deals_of, failing_deals
from tests.reports.large_verdicts import everything, ten_flows
from tests.reports.test_html import Page

ALL_IN_ONE = everything((0, 20, 0, 0))
SPREAD = everything((5, 5, 5, 5))
TEN, TEN_FLOWS = ten_flows()
LARGE = [
    pytest.param(ALL_IN_ONE, flows_of(ALL_IN_ONE), id="everything, one flow fails"),
    pytest.param(SPREAD, flows_of(SPREAD), id="everything, all flows fail"),
    pytest.param(TEN, TEN_FLOWS, id="ten flows, all fail"),
]


def shown(value: Verdict, flows: dict[str, Flow]) -> str:
    return render_html(value, flows, deals=deals_of(value))


def section(text: str, name: str) -> str:
    """What the page tells of one flow or deal."""
    start = text.index(f'<section class="p-flow" id="{name}"')
    return re.split(r'<section class="p-flow"|id="p-run"', text[start + 1 :])[0]


@pytest.mark.parametrize(("value", "flows"), LARGE)
def test_page_stays_below_half_a_megabyte(value: Verdict, flows: dict[str, Flow]) -> None:
    text = shown(value, flows)

    assert len(text.encode()) < 500_000
    assert len(re.findall(r'<article class="p-panel"', text)) >= 6
    for failure in value.failures:
        assert failure.replay in joined(text)
    assert 'id="orderflow-verdict"' in text


@pytest.mark.parametrize(("value", "flows"), LARGE)
def test_no_link_and_no_drawing_leads_nowhere(value: Verdict, flows: dict[str, Flow]) -> None:
    page = Page(shown(value, flows))

    assert page.unbalanced == []
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    uses = {str(attributes["href"]) for tag, attributes in page.tags if tag == "use"}
    assert uses
    assert {use[1:] for use in uses} <= set(page.ids)


def test_label_that_shares_a_line_with_a_broken_one_is_no_link_without_its_row() -> None:
    value = replace(SPREAD, failures=(*SPREAD.failures[:5], *many_failures(40)[20:]))
    text = shown(value, flows_of(value))
    page = Page(text)

    assert len(re.findall(r'class="of-text-bad" [^<]*>seller cancel<', text)) > 0
    assert "Left out here" in section(text, "seller")
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


@pytest.mark.parametrize(("value", "flows"), LARGE)
def test_panels_keep_their_diagram_and_the_rows_of_their_steps(
    value: Verdict, flows: dict[str, Flow]
) -> None:
    text = shown(value, flows)
    panels = re.findall(r'<article class="p-panel".*?</article>', text, re.DOTALL)
    rows = set(re.findall(r'<t(?:body|r) id="([^"]+)"', text))

    for panel in panels:
        assert 'class="of-base-lines"' in panel
        broken = re.search(r'<p class="p-muted p-ids">.*?<a href="#([^"]+)"', panel)
        assert broken is not None
        assert broken[1] in rows
    steps = re.findall(r'<p class="p-move">[^<]*<a href="#([^"]+)"', panels[0])
    assert len(steps) == (9 if value is ALL_IN_ONE else 0)
    assert rows.issuperset(steps)


def test_what_is_left_out_is_said_with_the_command_that_shows_it() -> None:
    text = shown(ALL_IN_ONE, flows_of(ALL_IN_ONE))

    passed = section(text, "complete")
    assert '<table class="p-matrix' not in passed
    assert "<svg" in passed
    assert "Left out here" in passed
    assert "every status × every event" in passed  # noqa: RUF001
    assert "orderflow check complete --seed 8271" in joined(passed)
    deal = section(text, "deal-complete")
    assert "<h3>All news" not in deal
    assert "the table of its" in deal
    assert "orderflow check deal:complete" in joined(text)


def test_command_for_a_flow_of_ones_own_names_its_file_and_keeps_the_options() -> None:
    text = joined(shown(TEN, TEN_FLOWS))

    wanted = "orderflow check &#39;flows of mine/seller-1.yaml&#39; --seed 8271 --module picking"
    assert wanted in text


def test_transitions_that_were_never_taken_stay_listed() -> None:
    value = verdict(many_failures(20), skip=frozenset({"C25", "S20p"}))
    part = flow_parts(value, flows_of(value), {}, value.failures)[2]
    brief = flow_within(EXTENTS[-1], part, value, value.failures)

    assert part.found.name == "complete"
    assert [group.row for group in brief.groups] == ["C25"]
    assert "the transitions, those" not in brief.left_out[1]
    assert brief.left_out[1].endswith("those that were taken and broke nothing")


@pytest.mark.parametrize("value", [failing(), failing_deals()], ids=["flows", "deals"])
def test_page_with_room_leaves_nothing_out(value: Verdict) -> None:
    text = shown(value, flows_of(value))

    assert "Left out here" not in text
    assert text.count('<table class="p-matrix') == len(value.flows)
    assert text.count("<h3>All news") == len(value.deals)


def test_each_extent_tells_less_than_the_one_before() -> None:
    value = ALL_IN_ONE
    flows = flow_parts(value, flows_of(value), {}, value.failures)
    deals = deal_parts(value, deals_of(value))

    told = [
        (
            extent.embedded,
            sum(
                len(each.groups) + len(each.matrix.rows)
                for each in (flow_within(extent, part, value, value.failures) for part in flows)
            ),
            sum(
                len(each.news) + len(each.picture)
                for each in (deal_within(extent, part, value) for part in deals)
            ),
        )
        for extent in EXTENTS
    ]
    assert told == sorted(told, reverse=True)
    assert len(set(told)) == len(EXTENTS)


def test_last_extent_draws_no_more_what_passed_and_still_what_failed() -> None:
    text = shown(ALL_IN_ONE, flows_of(ALL_IN_ONE))
    value = ALL_IN_ONE
    deal = deal_parts(value, deals_of(value))[0]

    brief = deal_within(EXTENTS[-1], deal, value)
    assert deal.picture
    assert not brief.picture
    assert "the diagram" in brief.left_out
    assert '<g id="flow-seller-lines"' in text


def test_rows_that_a_trace_takes_stay_in_the_table() -> None:
    value = verdict((partial_invoice(),))
    part = flow_parts(value, flows_of(value), {}, value.failures)[1]
    brief = flow_within(EXTENTS[-1], part, value, value.failures)

    taken = {step.transition for step in partial_invoice().trace if step.transition}
    assert {group.row for group in brief.groups} == taken | {"S11"}
    assert brief.matrix.rows == ()
    assert brief.left_out[1].startswith("33 of the 43 transitions")
