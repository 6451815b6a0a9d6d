"""Failures are told where they belong: new or known, flaky or not, one panel for each place."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

from orderflow.conformance.baseline import Changes
from orderflow.conformance.verdict import Failure, Verdict
from orderflow.reports.groups import is_flaky, shelves
from orderflow.reports.html import render_html
from orderflow.reports.pictures import (
    MOST_GHOSTS,
    coverage_svg,
    failure_svg,
    flow_picture,
    ghost_of,
)
from orderflow.reports.stages import stage_of_status
from tests.reports.builders import (
    a_warning,
    failing,
    flows_of,
    found,
    many_failures,
    partial_invoice,
    verdict,
    view,
    wrong_acceptance,
)
from tests.reports.test_html import Page

SVG = "{http://www.w3.org/2000/svg}"


def seen(text: str) -> str:
    return " ".join(" ".join(Page(text).text).split())


def rendered(value: Verdict, changes: Changes | None = None) -> str:
    return render_html(value, flows_of(value), changes=changes)


def flaky(failure: Failure) -> Failure:
    return replace(failure, tried=3, again=1)


def test_shelves_part_errors_flaky_ones_and_warnings() -> None:
    value = verdict((flaky(partial_invoice()), wrong_acceptance(), a_warning()))
    told = {
        shelf.title: [group.first.rule for group in shelf.groups] for shelf in shelves(value, {})
    }

    assert told == {"Failures": ["I-03"], "Flaky": ["A-17"], "Warnings": ["A-50"]}
    assert list(told) == ["Failures", "Flaky", "Warnings"]


def test_failure_that_always_came_again_is_not_flaky() -> None:
    assert not is_flaky(replace(partial_invoice(), tried=3, again=3))
    assert not is_flaky(partial_invoice())
    assert is_flaky(replace(partial_invoice(), tried=3, again=0))


def test_two_rules_at_one_transition_make_one_group() -> None:
    one = partial_invoice()
    two = replace(one, rule="A-39", identity="A-39/S11/rule", sentence="Something else broke, too.")
    other_kind = replace(one, kind="agreement", identity="A-40/S11/agreement")
    (shelf,) = shelves(verdict((one, two, other_kind)), {})

    assert [len(group.failures) for group in shelf.groups] == [2, 1]
    text = rendered(verdict((one, two, other_kind)))
    assert text.count('<article class="p-panel"') == 2
    assert "Something else broke, too." in seen(text)


def test_failures_without_a_transition_are_kept_apart() -> None:
    one = wrong_acceptance()
    other = replace(one, identity="I-04//refusal", rule="I-04")
    (shelf,) = shelves(verdict((one, other)), {})

    assert len(shelf.groups) == 2


def test_flaky_failure_says_in_how_many_tries_it_came_again() -> None:
    text = seen(rendered(verdict((flaky(partial_invoice()),))))

    assert "flaky: failed in 1 of 3 tries" in text
    assert "1 distinct failure , 1 flaky" in text
    steady = seen(rendered(verdict((replace(partial_invoice(), tried=3, again=3),))))
    assert "failed in 3 of 3 tries" in steady
    assert "flaky" not in steady


def test_changes_mark_every_failure_and_list_what_is_fixed() -> None:
    known, new = partial_invoice(), wrong_acceptance()
    changes = Changes(
        new=(new,),
        known=(known,),
        fixed=(replace(known, rule="A-99", sentence="It broke `then`."),),
        unasked=(replace(known, rule="A-98", flow="chain"),),
        reasons=("the flow chain was not checked",),
        notes=("The seed is another.",),
    )
    text = rendered(verdict((known, new)), changes)
    words = seen(text)
    panels = re.findall(r'<article class="p-panel".*?</article>', text, re.DOTALL)

    assert '<span class="p-mark p-mark-known">known</span>' in panels[0]
    assert '<span class="p-mark p-mark-new">new</span>' in panels[1]
    assert "p-mark-new" not in panels[0]
    assert "since the earlier run 1 new , 1 known , 1 fixed" in words
    for part in (
        "A-99",
        "It broke then .",
        "the flow chain was not checked",
        "The seed is another.",
    ):
        assert part in words


def test_page_without_an_earlier_run_says_nothing_of_one() -> None:
    text = rendered(failing())

    assert 'id="p-changes"' not in text
    assert '<span class="p-mark' not in text


def test_every_step_can_be_picked_and_only_the_failing_one_is() -> None:
    text = rendered(verdict((partial_invoice(),)))
    picks = [
        a
        for tag, a in Page(text).tags
        if tag == "input" and "name" in a and "pick" in str(a["name"])
    ]

    assert len(picks) == len(partial_invoice().trace)
    assert ["checked" in pick for pick in picks] == [False] * (len(picks) - 1) + [True]
    assert ".p-at:nth-child(10) :checked" in text
    assert ".p-at:nth-child(11)" not in text


def test_failing_step_names_the_rule_it_breaks_and_the_steps_their_data() -> None:
    text = seen(rendered(verdict((partial_invoice(),))))

    assert "breaks A-17 A partial invoice leads back to handling" in text
    assert "invoiced: 60.00, order value: 100.00" in text
    assert "window-to-cancel → ready-for-handling S07 +30 min 49 s" in text


def test_way_of_a_failure_marks_edges_and_statuses_by_step() -> None:
    flow, failure = view("seller"), partial_invoice()
    picture = flow_picture(flow, found(flow), (failure,), stage_of=stage_of_status)
    root = ET.fromstring(failure_svg(picture, failure, name="failure-1"))  # noqa: S314 - our own

    frames = {
        name
        for group in root.iter(f"{SVG}g")
        if group.get("class") == "of-frames"
        for rect in group
        for name in (rect.get("class") or "").split()
    }
    assert frames == {f"of-f{step.number}" for step in failure.trace[1:]}
    uses = [use.get("href") for use in root.iter(f"{SVG}use")]
    assert uses == [f"#flow-seller-{layer}" for layer in ("ground", "lines", "nodes", "labels")]
    base = coverage_svg(picture, (failure,))
    for use in uses:
        assert f'id="{(use or "")[1:]}"' in base


def test_coverage_picture_marks_every_broken_place_and_shares_none_of_it() -> None:
    flow = view("seller")
    failures = (partial_invoice(), wrong_acceptance())
    picture = flow_picture(flow, found(flow), failures, stage_of=stage_of_status)
    root = ET.fromstring(coverage_svg(picture, failures))  # noqa: S314 - our own text

    shared = [g for g in root.iter(f"{SVG}g") if (g.get("id") or "").startswith("flow-seller-")]
    assert len(shared) == 4
    inside = {id(each) for group in shared for each in group.iter()}
    bad = [
        e
        for e in root.iter()
        if "bad" in (e.get("class") or "") or "of-ghost" in (e.get("class") or "")
    ]
    outside = [each for each in bad if id(each) not in inside and each.get("d") != "M0 1L10 5L0 9z"]
    assert len([e for e in outside if "of-ghost" in (e.get("class") or "")]) == 2
    assert [e for e in bad if id(e) in inside] == []


def test_observed_steps_have_a_line_up_to_a_limit() -> None:
    flow, failures = view("seller"), many_failures(40)
    ghosts = {ghost_of(flow, failure) for failure in failures} - {None}
    picture = flow_picture(flow, found(flow), failures, stage_of=stage_of_status)

    assert len(ghosts) > MOST_GHOSTS
    assert sum(1 for edge in picture.layout.edges if edge.kind == "ghost") == MOST_GHOSTS
    for failure in failures[:20]:
        ET.fromstring(failure_svg(picture, failure, name="x"))  # noqa: S314 - our own text


def test_link_to_a_transition_is_there_only_when_its_row_is() -> None:
    stray = replace(partial_invoice(), transition="no such row", flow="elsewhere")
    page = Page(rendered(verdict((stray,))))

    assert {link[1:] for link in page.links} <= set(page.ids)
