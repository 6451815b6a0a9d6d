"""A sequence view shows every step, every message and what became of it, and where it broke."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.conformance.verdict import Failure, MessageTrace, TraceStep
from orderflow.reports.geometry import Rect
from orderflow.reports.happenings import Kind
from orderflow.reports.sequence import sequence_view
from orderflow.reports.sequence_plan import plan
from tests.reports.builders import HOSTILE
from tests.reports.deals import chain, hostile_race, lost_cancel, race, split
from tests.reports.test_story import IDS, MESSAGES, SALES, STEPS, sale

SVG = "{http://www.w3.org/2000/svg}"


def drawn(failure: Failure, name: str = "x") -> ET.Element:
    return ET.fromstring(sequence_view(failure, name=name))  # noqa: S314 - our own text


def texts(root: ET.Element) -> str:
    return " ".join(" ".join(each.itertext()) for each in root.iter(f"{SVG}text"))


def classes(root: ET.Element, tag: str) -> list[str]:
    return [element.get("class", "") for element in root.iter(f"{SVG}{tag}")]


@pytest.mark.parametrize("failure", SALES, ids=IDS)
def test_picture_names_itself_and_tells_the_same_in_words(failure: Failure) -> None:
    root = drawn(failure, name="failure 1")

    assert root.get("role") == "img"
    linked = sequence_view(failure, name="x", steps="x-step")
    assert ET.fromstring(linked).get("role") == "group"  # noqa: S314 - our own text
    assert root.get("aria-labelledby") == "failure-1-t failure-1-d"
    told = root.findtext(f"{SVG}desc") or ""
    for message in failure.messages:
        assert f"{message.sender} sends {message.notice} to {message.receiver}" in told
    assert not [element for element in root.iter() if "style" in element.attrib]


@pytest.mark.parametrize("failure", SALES, ids=IDS)
def test_every_step_is_a_numbered_box_and_the_last_one_is_bad(failure: Failure) -> None:
    root = drawn(failure)

    numbers = [t.text for t in root.iter(f"{SVG}text") if "of-badge" in t.get("class", "")]
    assert numbers == [str(step.number) for step in failure.trace]
    assert classes(root, "rect").count(f"of-box-bad of-s{failure.trace[-1].number}") == 1
    assert "✕ observed" in texts(root)
    assert "expected" in texts(root)


@pytest.mark.parametrize("failure", SALES, ids=IDS)
def test_no_message_runs_through_a_box_and_no_label_hides_another(failure: Failure) -> None:
    picture = plan(failure)
    boxes = [row.rect for row in picture.rows if row.happening.kind is Kind.STEP]

    labels = [arrow.label for arrow in picture.arrows]
    assert not [1 for i, one in enumerate(labels) for two in labels[:i] if one.overlaps(two)]
    for arrow in picture.arrows:
        inside = [spot for spot in along(arrow.points) if any(within(spot, box) for box in boxes)]
        assert inside == [], arrow.text


def along(points: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    """Points on a way, without its ends."""
    spots = []
    for (x, y), (goal, end) in pairwise(points):
        spots += [(x + (goal - x) * t / 40, y + (end - y) * t / 40) for t in range(1, 40)]
    return spots


def within(spot: tuple[float, float], box: Rect) -> bool:
    return box.x + 1 < spot[0] < box.right - 1 and box.y + 1 < spot[1] < box.bottom - 1


def test_what_became_of_a_message_shows_without_colour() -> None:
    text = sequence_view(lost_cancel(), name="x")

    assert "cancel-request, lost" in text
    assert "authorized, twice" in text
    heads = text.count("marker-end")
    single = replace(
        lost_cancel(), messages=tuple(replace(m, doubled=False) for m in lost_cancel().messages)
    )
    assert heads == sequence_view(single, name="x").count("marker-end") + 1
    assert "l12 12m0 -12l-12 12" in text


def test_message_under_way_has_an_open_end() -> None:
    arrow = next(arrow for arrow in plan(race()).arrows if arrow.message.fate == "under way")

    assert "invoiced, under way" in texts(drawn(race()))
    assert plan(race()).centres["market"] < arrow.points[-1][0] < plan(race()).centres["seller"]


def test_long_waits_are_written_out() -> None:
    assert "+30 min 50 s" in texts(drawn(race()))
    assert "+29 days" in texts(drawn(race()))


def test_numbers_link_to_the_steps() -> None:
    text = sequence_view(chain(), name="x", steps="failure-1-step")

    assert 'href="#failure-1-step-5"' in text
    assert "href" not in sequence_view(chain(), name="x")


def test_picture_needs_a_trace() -> None:
    assert sequence_view(replace(race(), trace=()), name="x") == ""


def test_four_documents_fit_a_page() -> None:
    assert plan(split()).width <= 1280


def test_hostile_texts_stay_text() -> None:
    text = sequence_view(hostile_race(), name=HOSTILE, steps=HOSTILE)

    ET.fromstring(text)  # noqa: S314 - our own text
    assert "<script" not in text
    assert "<img" not in text


@given(st.lists(STEPS, min_size=1, max_size=4), st.lists(MESSAGES, max_size=4))
def test_any_sale_can_be_drawn(steps: list[TraceStep], sent: list[MessageTrace]) -> None:
    text = sequence_view(sale(steps, sent), name="x")

    assert text == sequence_view(sale(steps, sent), name="x")
    assert text.startswith("<svg")
