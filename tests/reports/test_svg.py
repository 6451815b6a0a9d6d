"""A picture shows what was exercised, what was not and where it broke, without any CSS."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from orderflow.reports.layout import layout
from orderflow.reports.metrics import text_width, wrap
from orderflow.reports.palette import DARK, LIGHT
from orderflow.reports.pictures import broken_steps, failure_svg, flow_picture, ghost_of
from orderflow.reports.sketches import sketch, swimlanes
from orderflow.reports.stages import stage_of_status
from orderflow.reports.svg import Caption, Coverage, render_svg
from tests.reports.builders import (
    HOSTILE,
    a_warning,
    found,
    partial_invoice,
    small_flow,
    view,
    wrong_acceptance,
)

SVG = "{http://www.w3.org/2000/svg}"
CAPTION = Caption("shop", "Shop", "Four statuses")


def drawn(coverage: Coverage) -> ET.Element:
    return ET.fromstring(  # noqa: S314 - our own text
        render_svg(layout(small_flow()), CAPTION, coverage=coverage)
    )


def classes(root: ET.Element, tag: str) -> list[str]:
    return [element.get("class", "") for element in root.iter(f"{SVG}{tag}")]


def test_picture_has_a_name_a_size_and_plain_colours() -> None:
    root = drawn(Coverage())

    assert root.get("role") == "img"
    assert float(root.get("width", "0")) > 0
    assert root.findtext(f"{SVG}title") == "Shop"
    assert root.findtext(f"{SVG}desc") == "Four statuses"
    assert not [element for element in root.iter() if "style" in element.attrib]
    assert all(
        element.get("stroke")
        for element in root.iter(f"{SVG}path")
        if element.get("d") and "of-line" in element.get("class", "")
    )
    assert all(m.get("markerUnits") == "userSpaceOnUse" for m in root.iter(f"{SVG}marker"))


def test_never_exercised_is_dotted_and_says_so() -> None:
    counts = {step.id: 3 for step in small_flow().transitions} | {"T4": 0}
    root = drawn(Coverage(counts=counts, entered={"new": 3, "paid": 3, "canceled": 3}))

    dotted = [p for p in root.iter(f"{SVG}path") if "of-line-never" in p.get("class", "")]
    assert len(dotted) == 1
    assert dotted[0].get("stroke-dasharray")
    assert classes(root, "text").count("of-text-never") == 1
    assert "of-box-never" in classes(root, "rect")


def test_one_event_of_a_shared_line_can_be_unexercised() -> None:
    counts = {step.id: 3 for step in small_flow().transitions} | {"T7": 0}
    root = drawn(Coverage(counts=counts))

    assert not [c for c in classes(root, "path") if "of-line-never" in c]
    assert classes(root, "text").count("of-text-never") == 1


def test_failing_line_is_drawn_last_and_thick() -> None:
    root = drawn(Coverage(counts={}, failing=frozenset({"T4"})))

    lines = [p for p in root.iter(f"{SVG}path") if "of-line " in p.get("class", "")]
    assert "of-line-bad" in lines[-1].get("class", "")
    assert lines[-1].get("stroke-width") == "3"


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_come_from_the_palette(palette: object) -> None:
    assert palette in {LIGHT, DARK}
    text = render_svg(layout(small_flow()), CAPTION, palette=DARK if palette is DARK else LIGHT)

    assert (DARK.hit if palette is DARK else LIGHT.hit) in text


def test_hostile_names_stay_text() -> None:
    text = render_svg(layout(small_flow()), Caption(HOSTILE, HOSTILE, HOSTILE, HOSTILE))

    root = ET.fromstring(text)  # noqa: S314 - our own text
    assert root.findtext(f"{SVG}title") == HOSTILE
    assert "<script" not in text


def test_trace_is_haloed_and_numbered() -> None:
    flow = view("seller")
    failure = partial_invoice()
    picture = flow_picture(flow, found(flow), (failure,), stage_of=stage_of_status)
    root = ET.fromstring(failure_svg(picture, failure, name="x"))  # noqa: S314 - our own text

    moved = [step for step in failure.trace if step.source != step.target]
    groups = {g.get("class"): g for g in root.iter(f"{SVG}g")}
    badges = [
        text.text
        for kind in ("of-badge-step", "of-badge-bad")
        for text in groups[kind].iter(f"{SVG}text")
    ]
    assert badges == [str(step.number) for step in moved]
    assert groups["of-badge-bad"].findtext(f".//{SVG}text") == str(failure.trace[-1].number)
    halos = [path.get("class") for path in groups["of-halo"].iter(f"{SVG}path")]
    assert halos == [f"of-s{step.number}" for step in moved[:-1]]
    assert len([c for c in classes(root, "path") if "of-ghost" in c]) == 1


def test_observed_step_is_a_ghost_only_when_it_led_astray() -> None:
    flow = view("seller")

    assert ghost_of(flow, partial_invoice()) == ("invoice", "invoiced")
    assert ghost_of(flow, wrong_acceptance()) == ("order-accepted", "start-handling")
    assert ghost_of(flow, a_warning()) is None


def test_wrong_flow_shows_its_own_line_instead_of_a_ghost() -> None:
    flow = view("seller")
    steps = tuple(
        replace(step, target="invoiced") if step.row == "S11" else step for step in flow.transitions
    )

    assert ghost_of(replace(flow, transitions=steps), partial_invoice()) is None


def test_row_named_by_a_failure_means_the_step_it_broke_at() -> None:
    failure = partial_invoice(row="S14")
    last = replace(failure.trace[-1], source="authorize-fulfillment", target="canceled")
    failure = replace(failure, trace=(*failure.trace[:-1], last))

    assert broken_steps(view("seller"), failure) == {"S14@authorize-fulfillment"}


def test_sketch_and_timeline_need_a_trace() -> None:
    assert sketch(a_warning(), name="x") == ""
    assert swimlanes((), name="x") == ""
    assert "+30 min" in swimlanes(partial_invoice().trace, name="x")
    for word in ("invoice", "handling", "invoiced"):
        assert word in sketch(partial_invoice(), name="x")


def test_width_grows_with_weight_and_unknown_characters_have_one() -> None:
    assert text_width("handling", 12) < text_width("handling", 12, bold=True)
    assert text_width("\u6f22\u5b57", 10) == 20.0
    assert text_width("", 12) == 0.0


def test_wrapping_keeps_every_word() -> None:
    words = ("invoice-", "after-", "cancellation-", "deny")

    assert "".join(wrap(words, 90, 12.5)) == "invoice-after-cancellation-deny"
