"""The page says what the verdict says, runs nothing from outside and asks for nothing."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from orderflow.conformance.baseline import Changes
from orderflow.conformance.verdict import CellOutcome, TraceStep, Verdict
from orderflow.flows.model import ABSENT
from orderflow.reports.html import render_html
from tests.reports.builders import (
    HOSTILE,
    failing,
    flows_of,
    found,
    joined,
    lacking,
    partial_invoice,
    passing,
    small_flow,
    verdict,
)

_VOID = {"meta", "input", "br", "img", "hr", "link"}


class Page(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.tags.append((tag, known))
        self.ids += [known["id"] or ""] if "id" in known else []
        self.links += [known["href"] or ""] if "href" in known else []
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"script", "style"}:
            self.text.append(data)


def page(value: Verdict) -> Page:
    return Page(render_html(value, flows_of(value)))


@pytest.mark.parametrize("value", [failing(), passing()], ids=["failing", "passing"])
def test_page_is_well_formed_and_its_links_lead_somewhere(value: Verdict) -> None:
    shown = page(value)

    assert shown.unbalanced == []
    assert shown.open == []
    assert len(shown.ids) == len(set(shown.ids))
    assert {link[1:] for link in shown.links if link.startswith("#")} <= set(shown.ids)


@pytest.mark.parametrize("value", [failing(), passing()], ids=["failing", "passing"])
def test_page_asks_for_nothing_and_styles_nothing_inline(value: Verdict) -> None:
    shown = page(value)

    assert all(link.startswith("#") for link in shown.links)
    assert not [tag for tag, attributes in shown.tags if "src" in attributes or tag == "link"]
    assert not [tag for tag, attributes in shown.tags if "style" in attributes]
    assert not [
        tag for tag, attributes in shown.tags if any(a.startswith("on") for a in attributes)
    ]


@pytest.mark.parametrize("value", [failing(), passing()], ids=["failing", "passing"])
def test_same_verdict_gives_same_bytes(value: Verdict) -> None:
    assert render_html(value, flows_of(value)) == render_html(value, flows_of(value))


def test_page_of_four_flows_stays_below_half_a_megabyte() -> None:
    value = failing()

    assert len(render_html(value, flows_of(value)).encode()) < 500_000


def test_title_and_heading_are_the_sentence() -> None:
    value = failing()
    text = render_html(value, flows_of(value))

    said = value.sentence.replace("`", "")
    assert f"<title>FAIL: {said}</title>" in text
    assert "After a partial invoice the order went to <code>invoiced</code>" in text


def test_page_holds_the_failure_and_the_way_back_to_it() -> None:
    value = failing()
    text = joined(" ".join(page(value).text))

    for failure in value.failures:
        for part in (failure.title, failure.rule, failure.source, failure.replay):
            assert part in text
        for step in failure.trace:
            assert step.event.replace("_", " ") in text
    assert "shrunk from 41" in text
    assert "+30 min" in text


def test_every_transition_has_an_anchor_and_its_count() -> None:
    value = failing()
    ids = set(page(value).ids)

    for flow in flows_of(value).values():
        assert {f"{flow.name}-{step.row}" for step in flow.transitions} <= ids
    assert "seller-S14-waiting-ffmt-authorization" in ids


def test_every_status_and_failure_has_an_anchor() -> None:
    value = failing()
    ids = set(page(value).ids)

    for flow in flows_of(value).values():
        assert {f"{flow.name}-in-{state.name}" for state in flow.states} <= ids
    assert {f"failure-{number}" for number in range(1, 4)} <= ids


def test_gaps_are_listed_with_the_command_that_covers_them() -> None:
    value = failing()
    text = joined(" ".join(page(value).text))

    for result in value.flows:
        for never in result.never:
            assert never.command in text


def test_matrix_tells_all_five_outcomes_apart_without_colour() -> None:
    value = failing()
    cells = [outcome for result in value.flows for _, _, outcome in result.cells]
    text = render_html(value, flows_of(value))

    assert set(cells) == set(CellOutcome)
    for css, outcome in (
        ("e", CellOutcome.EXERCISED),
        ("n", CellOutcome.NOT_EXERCISED),
        ("d", CellOutcome.DIVERGES),
        ("u", CellOutcome.UNTRIED),
    ):
        assert text.count(f'<td class="{css}">') == cells.count(outcome)
    assert text.count("<td>·</td>") == cells.count(CellOutcome.REFUSED)
    assert text.count("<i> diverges</i>") == cells.count(CellOutcome.DIVERGES)


def test_ghost_is_drawn_although_the_flow_has_no_such_step() -> None:
    text = render_html(failing(), flows_of(failing()))

    assert text.count("of-ghost") > 2
    assert "of-badge-bad" in text


def hostile() -> Verdict:
    """A verdict in which every text wants to be more than text."""
    failure = replace(
        partial_invoice(),
        rule=HOSTILE,
        title=HOSTILE,
        sentence=f"`{HOSTILE}` {HOSTILE}",
        expected=HOSTILE,
        observed=HOSTILE,
        explanation=HOSTILE,
        source=HOSTILE,
        replay=HOSTILE,
        flow="shop",
        transition="T4",
        expected_target=HOSTILE,
        trace=(
            TraceStep(1, 0, HOSTILE, HOSTILE, ABSENT, "new", True, "T1", 1),
            TraceStep(2, 9, HOSTILE, HOSTILE, "new", HOSTILE, True, "", 2, ((HOSTILE, HOSTILE),)),
        ),
    )
    flow = replace(small_flow(), title=HOSTILE)
    result = replace(
        found(flow, skip=frozenset({"T5"})), digest=HOSTILE, source=HOSTILE, profile=HOSTILE
    )
    return replace(
        verdict((failure,)),
        flows=(result,),
        settings=((HOSTILE, HOSTILE),),
        rules=(HOSTILE,),
        command=HOSTILE,
        version=HOSTILE,
    )


def test_characters_no_page_can_hold_are_replaced() -> None:
    bad = "zero \0 half \ud800 escape \x1b turned \u202e end"
    failure = replace(partial_invoice(), sentence=bad, title=bad, expected=bad, replay=bad)
    text = render_html(verdict((failure,)), {})

    assert "\0" not in text
    assert "zero \ufffd half ? escape" in text
    assert text.encode("utf-8").decode("utf-8") == text


def test_earlier_failures_with_hostile_text_stay_text() -> None:
    bad = replace(partial_invoice(), rule=HOSTILE, flow=HOSTILE, sentence=HOSTILE, identity=HOSTILE)
    changes = Changes(fixed=(bad,), unasked=(bad,), reasons=(HOSTILE,), notes=(HOSTILE,))
    shown = Page(render_html(passing(), {}, changes=changes))

    assert [tag for tag, _ in shown.tags if tag == "img"] == []
    assert sum(1 for tag, _ in shown.tags if tag == "script") == 2
    assert shown.unbalanced == []
    assert " ".join(shown.text).count("{{ 7 * 7 }}") >= 5


def test_very_long_names_do_not_blow_up_the_page() -> None:
    long = "x" * 10_000
    failure = replace(
        partial_invoice(),
        rule=long,
        identity=long,
        transition=long,
        flow="seller",
        title=long,
        source=long,
        trace=tuple(
            replace(step, actor=long, event=long, data=((long, long),))
            for step in partial_invoice().trace
        ),
    )
    value = verdict((failure,))
    text = render_html(value, flows_of(value))

    assert len(text) < 600_000
    shown = Page(text)
    assert shown.unbalanced == []
    assert max(map(len, " ".join(shown.text).split())) < 700


def test_hostile_text_stays_text() -> None:
    value = hostile()
    text = render_html(value, {"shop": replace(small_flow(), title=HOSTILE)})
    shown = Page(text)

    assert [tag for tag, _ in shown.tags if tag == "img"] == []
    assert sum(1 for tag, _ in shown.tags if tag == "script") == 2
    assert shown.unbalanced == []
    assert "{{ 7 * 7 }}" in " ".join(shown.text)
    assert "alert(1)" in " ".join(shown.text)


def test_flow_that_is_not_at_hand_has_tables_and_no_picture() -> None:
    value = failing()

    shown = Page(render_html(value, {}))

    assert "of-picture" not in {a.get("class") for _, a in shown.tags}
    assert "not in the flow at hand" in " ".join(shown.text)


def test_verdict_on_nothing_has_a_page() -> None:
    value = replace(passing(), flows=())

    assert "PASS" in render_html(value, {})


def test_failures_counted_only_are_told() -> None:
    value = failing()
    flows = tuple(replace(result, left_out=3) for result in value.flows)
    text = " ".join(page(replace(value, flows=flows)).text)

    assert "12 more distinct failures with longer traces, counted only." in text


def test_rules_not_judged_are_told_with_the_evidence_they_lack() -> None:
    feed, call = ("A-09", "feed <items>"), ("A-17", "the call")
    value = lacking(passing(), seller=(feed, call), chain=(feed,))
    shown = page(value)

    # A-17 was judged in other flows, A-09 in none
    text = " ".join(shown.text)
    assert "2 not judged, evidence missing" in text
    assert "A-09 (feed <items>), A-17 (the call) in seller" in text
    assert ("details", {"id": "p-unjudged"}) in shown.tags
    assert "not judged" not in " ".join(page(passing()).text)
