"""Whatever a flow, a system or a person named: in every file it is text, all of it can be seen, and
nothing acts on who reads it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from orderflow.conformance.baseline import compare
from orderflow.conformance.figures import SuiteFigures
from orderflow.conformance.verdict import Failure, TraceStep, Verdict
from orderflow.reports.cases import visible
from orderflow.reports.ctrf import render_ctrf
from orderflow.reports.jsonfile import read_json, render_json
from orderflow.reports.junit import render_junit
from orderflow.reports.markdown import LARGEST, render_summary
from orderflow.reports.story import story
from tests.reports.builders import HOSTILE
from tests.reports.small_verdicts import SHOP, the_failing, the_one_before

NASTY = (
    *("</script>", "{{ 7 * 7 }}", "{% raw %}", "|", "<img src=x onerror=alert(1)>", "]]>", "&amp;"),
    *(
        "```",
        "````\n# head",
        "**b**",
        "[a](javascript:b)",
        "![a](b)",
        "~~~",
        "- [ ] x",
        "http://a.b",
    ),
    *("\u202e\u2066\u200f", "\0", "\x1b[2J", "\x7f\x9b31m", "\r\n", "\u2028", "\ud800", "\ufffe"),
    *("n" * 10_000, "<!-- c -->", "\\", "\\|", "$(x)", "#1", "@a", "1. a", "\t"),
)
TEXT = st.one_of(
    st.sampled_from((*NASTY, HOSTILE)),
    st.lists(st.sampled_from(NASTY), max_size=4).map("".join),
    st.text(max_size=20),
)
STEPS = st.builds(
    TraceStep,
    number=st.just(1),
    at=st.integers(0, 10**9),
    **dict.fromkeys(("actor", "event", "source", "target", "transition"), TEXT),
    accepted=st.booleans(),
    data=st.tuples(st.tuples(TEXT, TEXT)),
)
FAILURES = st.builds(
    Failure,
    **{entry.name: TEXT for entry in fields(Failure) if entry.type == "str"},
    trace=st.lists(STEPS, max_size=2).map(tuple),
    shrunk_from=st.just(3),
    seen=st.just(1),
).map(lambda each: replace(each, deal="", severity="error"))
SUITES = st.builds(
    lambda name, why: SuiteFigures(name, 3, 1, 0, ((name, why),), ((why, name),), 1, 1, ()),
    TEXT,
    TEXT,
)


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    """Verdicts in which every text from outside may be anything."""
    name, step, target = draw(TEXT), draw(TEXT), draw(TEXT)
    flow = replace(
        SHOP,
        name=name,
        source=draw(TEXT),
        profile=draw(TEXT),
        transitions=((step, 0), ("T2", 1)),
        missing=((draw(TEXT), draw(TEXT)),),
        suite=draw(SUITES),
    )
    failures = tuple(draw(st.lists(FAILURES, max_size=2)))
    value = replace(the_failing(), flows=(flow,), failures=failures, target=target)
    return replace(value, command=draw(TEXT), version=draw(TEXT))


def printable(text: str) -> bool:
    return text.replace("\n", "").replace("\t", "").isprintable()


@given(verdicts())
def test_junit_is_xml_of_letters_that_can_be_seen(value: Verdict) -> None:
    text = render_junit(value, compare(value, the_one_before()))

    assert printable(text)
    root = ET.fromstring(text)  # noqa: S314  # ours
    assert {each.tag for each in root.iter()} <= {
        *("testsuites", "testsuite", "properties", "property", "testcase"),
        *("failure", "error", "skipped", "system-out"),
    }
    cases = {(each.get("classname"), each.get("name")) for each in root.iter("testcase")}
    flow = value.flows[0]
    assert (visible(f"orderflow.{flow.name}"), visible(flow.transitions[0][0])) in cases


@given(verdicts())
def test_ctrf_is_json_of_letters_that_can_be_seen(value: Verdict) -> None:
    text = render_ctrf(value, compare(value, the_one_before()))

    assert printable(text)
    json.loads(text)


@given(verdicts())
def test_json_holds_every_text_as_it_is(value: Verdict) -> None:
    assert read_json(render_json(value, changes=compare(value, the_one_before()))) == value


MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def drawn(text: str) -> set[str]:
    """What a reader of Markdown makes of *text*: the kinds of all its parts."""
    kinds: set[str] = set()
    for token in MARKDOWN.parse(text):
        kinds.add(token.type)
        kinds |= {child.type for child in token.children or ()}
    return kinds


PLAIN_PARTS = {
    *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "text"),
    *("table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close"),
    *("tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close", "fence", "softbreak"),
    "text_special",
}


@given(verdicts())
def test_the_summary_is_headings_tables_and_blocks_and_nothing_of_what_was_named(
    value: Verdict,
) -> None:
    text = render_summary(value, changes=compare(value, the_one_before()))

    assert printable(text)
    assert len(text.encode()) <= LARGEST
    assert drawn(text) <= PLAIN_PARTS
    tokens = MARKDOWN.parse(text)
    heads = sum(token.type == "heading_open" for token in tokens)
    assert heads == 1 + len(value.failures)


@given(verdicts())
def test_no_row_of_the_summary_has_a_cell_more_than_its_head(value: Verdict) -> None:
    tokens = MARKDOWN.parse(render_summary(value, changes=compare(value, the_one_before())))

    width, cells = 0, 0
    for token in tokens:
        if token.type == "thead_open":
            width = 0
        width += token.type == "th_open"
        cells = 0 if token.type == "tr_open" else cells + (token.type == "td_open")
        if token.type == "tr_close" and cells:
            assert cells == width


@given(FAILURES)
def test_a_story_is_letters_that_can_be_seen_but_for_the_command(failure: Failure) -> None:
    text = story(replace(failure, replay=""))

    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize("nasty", [*NASTY, HOSTILE], ids=range(len(NASTY) + 1))
def test_every_nasty_text_can_be_found_again(nasty: str) -> None:
    flow = replace(SHOP, name=nasty, transitions=((nasty, 0),))
    failure = replace(the_failing().failures[0], sentence=nasty, replay=nasty)
    value = replace(the_failing(), flows=(flow,), failures=(failure,))
    letters = re.sub(r"\W", "", nasty.encode("ascii", "ignore").decode())[:50]

    for text in (
        render_json(value),
        "".join(ET.fromstring(render_junit(value)).itertext()),  # noqa: S314  # ours
        render_ctrf(value),
        render_summary(value),
    ):
        assert letters in re.sub(r"\W", "", text)
