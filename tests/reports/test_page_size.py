"""A page stays small and whole however much broke: what has no room is listed, then counted."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from orderflow.conformance.baseline import Changes
from orderflow.conformance.verdict import Verdict
from orderflow.reports.embedded import LIMIT, embedded
from orderflow.reports.html import render_html
from orderflow.reports.jsonfile import VerdictFileError, load_verdict, read_json, render_json
from orderflow.reports.panels import MOST_BESIDE, MOST_STEPS
from tests.reports.builders import (
    a_warning,
    failing,
    flows_of,
    joined,
    many_failures,
    partial_invoice,
    verdict,
    view,
)
from tests.reports.test_html import Page

_EMBEDDED = re.compile(
    r'<script type="application/json" id="orderflow-verdict"([^>]*)>(.*?)</script>', re.DOTALL
)


def shown(value: Verdict) -> str:
    return render_html(value, flows_of(value))


def one_flow(count: int) -> Verdict:
    return verdict(many_failures(count), flows=(view("seller"),))


def test_twenty_failures_make_less_than_half_a_megabyte() -> None:
    value = verdict(many_failures(20))
    text = shown(value)

    assert len(text.encode()) < 500_000
    assert len(re.findall(r'<article class="p-panel"', text)) >= 8
    for failure in value.failures:
        assert failure.replay in joined(text)


def test_no_kind_of_failure_goes_without_a_panel() -> None:
    text = shown(verdict((*many_failures(30), a_warning())))
    shelves = text[text.index('<div class="p-shelves') : text.index('<div class="p-panels')]

    for title in ("Failures", "Flaky", "Warnings"):
        assert f'<h2 class="p-shelf">{title} ' in shelves
    assert len(text.encode()) < 500_000


def test_twenty_failures_of_one_flow_have_a_panel_nearly_all() -> None:
    text = shown(one_flow(20))

    assert len(text.encode()) < 500_000
    assert len(re.findall(r'<article class="p-panel"', text)) >= 15


def test_five_thousand_failures_make_less_than_two_megabytes() -> None:
    value = verdict(many_failures(5000))
    started = time.process_time()
    text = shown(value)
    page = Page(text)

    assert time.process_time() - started < 30
    assert len(text.encode()) < 2_000_000
    assert page.unbalanced == []
    assert len(page.ids) == len(set(page.ids))
    listed = text.count('<code class="p-wrap">orderflow replay --flow seller')
    counted = re.search(r"too large: ([\d,]+) of seller", text)
    assert counted is not None
    panels = len(re.findall(r'<article class="p-panel"', text))
    assert listed > 1000
    # a command of a failure beside the first stands in a panel, all others in the list
    assert panels + listed + int(counted[1].replace(",", "")) == 5000


def test_listed_failures_say_whether_they_are_new_and_flaky() -> None:
    value = verdict(many_failures(60))
    changes = Changes(new=value.failures[-2:], known=value.failures[:-2])
    text = render_html(value, flows_of(value), changes=changes)
    listed = text[text.index('id="p-more"') : text.index('id="p-changes"')]

    assert listed.count('<span class="p-mark p-mark-new">new</span>') == 2
    assert listed.count('<span class="p-mark p-mark-known">known</span>') > 30
    for heading in ("<h3>Failures <small>", "<h3>Flaky <small>"):
        assert heading in listed
    assert "flaky: failed in 2 of 3 tries" in listed


def test_diagram_of_a_flow_is_drawn_once_and_used_by_every_panel() -> None:
    text = shown(one_flow(10))

    assert text.count('id="flow-seller-lines"') == 1
    assert text.count('href="#flow-seller-lines"') == text.count('<article class="p-panel"')
    labels = '<tspan class="of-count-hit"'
    assert text.count(labels) == shown(one_flow(0)).count(labels) > 40


def test_small_verdict_is_embedded_whole() -> None:
    value = verdict((partial_invoice(),), flows=(view("chain"),))
    text = shown(value)
    found = _EMBEDDED.search(text)

    assert found is not None
    assert found[1] == ""
    assert read_json(found[2]) == value


def test_large_verdict_is_embedded_in_part_and_the_page_says_what_is_missing() -> None:
    value = failing()
    text = shown(value)
    found = _EMBEDDED.search(text)

    assert found is not None
    assert "data-left-out=" in found[1]
    assert len(found[2].encode()) <= LIMIT
    inside = read_json(found[2])
    assert [each.identity for each in inside.failures] == [f.identity for f in value.failures]
    assert inside.failures[0].trace == value.failures[0].trace
    assert inside.flows[0].transitions == value.flows[0].transitions
    assert "shortened to 64,000 bytes: left out are cells, guards" in text
    assert "The same command with --json FILE writes it whole." in text


@pytest.mark.parametrize("count", [30, 300, 5000])
def test_embedded_part_never_exceeds_its_limit(count: int) -> None:
    value = verdict(many_failures(count))
    found = embedded(value, Changes(new=value.failures), value.failures[:5])

    assert len(found.json.encode()) <= LIMIT
    assert found.left_out


def test_verdict_with_no_small_part_is_not_embedded() -> None:
    value = replace(failing(), command="orderflow check " + "x" * LIMIT)
    text = shown(value)

    assert _EMBEDDED.search(text) is None
    assert "too large to be embedded" in text


def test_failures_at_one_place_share_a_panel_and_the_rest_is_listed() -> None:
    many = tuple(
        replace(partial_invoice(), identity=f"A-17/S11/{i}", replay=f"orderflow replay {i}.")
        for i in range(40)
    )
    text = shown(verdict(many))

    assert text.count('<article class="p-panel"') == 1
    assert f"{MOST_BESIDE} more at the same place" in text
    assert f"{40 - 1 - MOST_BESIDE} more, without diagram" in text
    for i in range(40):
        assert f"orderflow replay {i}.<" in text


def test_long_trace_shows_its_end_and_says_how_much_is_missing() -> None:
    base = partial_invoice()
    way = tuple(
        replace(base.trace[i % 9], number=i + 1, at=1000 * i) for i in range(MOST_STEPS + 49)
    )
    last = replace(base.trace[-1], number=len(way) + 1, at=1000 * len(way))
    text = shown(verdict((replace(base, trace=(*way, last)),)))

    assert "The first 50 steps are not shown" in text
    assert 'id="failure-1-step-50"' not in text
    assert 'id="failure-1-step-51"' in text
    assert f'id="failure-1-step-{last.number}"' in text
    page = Page(text)
    assert {link[1:] for link in page.links} <= set(page.ids)


def test_long_values_are_cut_with_the_limit_stated() -> None:
    base = partial_invoice()
    long = "x" * 10_000
    last = replace(base.trace[-1], data=(("body", long),), actor=long, event=long)
    failure = replace(
        base, sentence=long, expected=long, title=long, trace=(*base.trace[:-1], last), replay=long
    )
    text = shown(verdict((failure,), flows=(view("seller"),)))
    outside = _EMBEDDED.sub("", text)

    assert "(the first 300 of 10,000 characters)" in outside
    assert "(the first 600 of 10,000 characters)" in outside
    assert "(the first 4,000 of 10,000 characters)" in outside
    assert "x" * 4001 not in outside
    assert len(text) < 330_000


def test_shortened_verdict_says_so_before_all_else_and_how_to_get_it_whole() -> None:
    document = json.loads(embedded(failing(), None, failing().failures).json)

    assert list(document)[:2] == ["schema", "shortened"]
    assert document["shortened"].startswith("Left out: cells, guards")
    assert "--json FILE writes it whole" in document["shortened"]
    assert "shortened" not in json.loads(render_json(failing()))


def test_shortened_verdict_is_no_earlier_run_to_compare_with(tmp_path: Path) -> None:
    path = tmp_path / "from-a-page.json"
    path.write_text(embedded(failing(), None, failing().failures).json, "utf-8")

    with pytest.raises(VerdictFileError, match="part of a verdict that a page holds; --json FILE"):
        load_verdict(path)
    path.write_text(render_json(failing()), "utf-8")
    assert load_verdict(path) == failing()
