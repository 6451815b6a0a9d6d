"""A difference reads the same in every form, marks everything that differs, and hides nothing."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html import unescape

import pytest

from orderflow.conformance.suites.affected import affected
from orderflow.conformance.suites.generate import generate
from orderflow.conformance.suites.graph import graph_of
from orderflow.flows.difference import Fate, difference
from orderflow.flows.loader import bundled
from orderflow.flows.model import Flow, State, Transition
from orderflow.flows.settings import defaults
from orderflow.reports.difference import Comparison, as_html, as_json, as_markdown, as_text
from orderflow.reports.difference_picture import SIGNS, difference_picture
from orderflow.simulator.machine import compile_plan
from orderflow.simulator.space import search

CHAIN = bundled("chain").view()
HOSTILE = "</script><img src=x onerror=1>|{{ 7*7 }}`\u202e\"'"
GONE = CHAIN.transitions[-1]
HOLD = Transition("X01", "X01", "payment-approved", "put_on_hold", "on-hold", actors=("seller",))


def store(title: str = "My store", hold: str = "on-hold") -> Flow:
    """The chain with one step more, one less and one that leads elsewhere."""
    steps = [step for step in CHAIN.transitions if step is not GONE]
    steps[5] = replace(steps[5], target="canceled")
    more = replace(HOLD, target=hold)
    return replace(
        CHAIN, title=title, states=(*CHAIN.states, State(hold)), transitions=(*steps, more)
    )


def comparison(new: Flow, name: str = "my-store.yaml") -> Comparison:
    plans = compile_plan(CHAIN, defaults()), compile_plan(new, defaults())
    suite = generate(graph_of(search(CHAIN, defaults())), "transitions", named="chain")
    found = difference(CHAIN, new)
    told = affected(suite, *plans, found.outdated)
    cases = len(suite.cases)
    return Comparison("chain", name, found, "the suite", cases, told, ("X01",), "orderflow suite")


def test_picture_marks_every_label_of_what_differs() -> None:
    found = difference(CHAIN, store())
    picture = ET.fromstring(difference_picture(found))  # noqa: S314  # our own
    texts = ["".join(each.itertext()) for each in picture.iter("{http://www.w3.org/2000/svg}text")]

    marked = {sign: [t for t in texts if t.startswith(f"{sign} ")][1:] for sign in SIGNS.values()}

    assert f"{SIGNS[Fate.ADDED]} put on hold" in marked[SIGNS[Fate.ADDED]]
    assert f"{SIGNS[Fate.REMOVED]} {GONE.event.replace('_', ' ')}" in marked[SIGNS[Fate.REMOVED]]
    moved = CHAIN.transitions[5].event.replace("_", " ")
    assert f"{SIGNS[Fate.ADDED]} {moved}" in marked[SIGNS[Fate.ADDED]]
    assert f"{SIGNS[Fate.REMOVED]} {moved}" in marked[SIGNS[Fate.REMOVED]]
    assert any(text == "on-hold" for text in texts)


def test_picture_of_two_that_are_the_same_marks_nothing_but_its_legend() -> None:
    picture = difference_picture(difference(CHAIN, CHAIN))

    assert [picture.count(f">{sign} ") for sign in SIGNS.values()] == [1, 1, 1]


@pytest.mark.parametrize("dark", [False, True])
def test_picture_needs_no_style_and_is_the_same_twice(dark: bool) -> None:
    found = difference(CHAIN, store())
    picture = difference_picture(found, dark=dark)

    assert "style=" not in picture
    assert "var(" not in picture
    assert picture == difference_picture(found, dark=dark)


def test_every_form_tells_every_part_and_every_case() -> None:
    told = comparison(store())
    forms = ["\n".join(as_text(told)), as_markdown(told), as_json(told), as_html(told)]

    assert told.breaking
    for form in forms:
        plain = form.replace("\\", "").replace("&#39;", "'")
        for change in told.difference.changes:
            assert change.name in plain
        for each in told.affected:
            assert each.case.id in plain
        assert told.sentence in plain


def test_json_reads_back_with_its_format_first() -> None:
    told = comparison(store())
    data = json.loads(as_json(told))

    assert next(iter(data)) == "format"
    assert data["format"] == "orderflow-difference/1"
    assert data["behaves_alike"] is False
    assert len(data["changes"]) == len(told.difference.changes)
    assert len(data["suite"]["breaking"]) == len(told.breaking)


def test_sentence_says_when_nothing_or_only_words_differ() -> None:
    assert comparison(CHAIN).sentence == "chain and my-store.yaml are the same."
    assert "in words only" in comparison(replace(CHAIN, title="Another")).sentence


def test_what_differs_is_not_told_twice() -> None:
    noted = replace(CHAIN.states[0], note="Quite another note.")
    told = comparison(replace(CHAIN, states=(noted, *CHAIN.states[1:])))

    assert as_markdown(told).count("Quite another note.") == 1
    assert "\n".join(as_text(told)).count("Quite another note.") == 1
    assert as_html(told).count("Quite another note.") == 1


def test_hostile_text_stays_text() -> None:
    told = comparison(store(HOSTILE, f"on-hold{HOSTILE}"), HOSTILE)
    page, markdown = as_html(told), as_markdown(told)

    assert "<img" not in page
    assert "</script" not in page
    assert HOSTILE in unescape(page)
    assert re.search(r"(?<!\\)<img", markdown) is None
    assert "\u202e" not in markdown
    ET.fromstring(difference_picture(told.difference))  # noqa: S314  # our own
