"""The picture for documentation explains itself, and its words replace it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderflow.flows.model import ABSENT, Flow, Profile
from orderflow.reports.exports.alt import alt_text
from orderflow.reports.exports.arrows import other_actor
from orderflow.reports.exports.picture import flow_svg
from orderflow.reports.exports.trunks import Trunks
from orderflow.reports.exports.visible import visible
from orderflow.reports.geometry import Point
from orderflow.reports.layout import layout
from orderflow.reports.metrics import text_width
from orderflow.reports.palette import DARK, LIGHT
from tests.reports.builders import small_flow
from tests.reports.exports.flows import BUNDLED, LONG, TEXTS, flow_of, hostile_flows, shipped

SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {"svg", "title", "desc", "defs", "marker", "path", "rect", "circle", "g", "text", "tspan"}
LEGEND = {
    "the platform does it by itself": "solid",
    "another actor does it, named in grey": "dashed",
    "an order begins": "entry",
    "final status": "final",
    "stage of the shopper's timeline": "band",
}


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own text


def texts(root: ET.Element) -> list[str]:
    """What is written, each run with one blank between its parts."""
    return [" ".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def lines(root: ET.Element) -> list[ET.Element]:
    return [path for path in root.iter(f"{SVG}path") if path.get("class") == "line"]


def by_another(*events: str) -> Flow:
    """The small flow, in which the shopper does *events*."""
    steps = (
        replace(step, actors=("shopper",)) if step.event in events else step
        for step in small_flow().transitions
    )
    return replace(small_flow(), transitions=tuple(steps))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("name", "profile", "modules"), BUNDLED)
def test_a_picture_needs_nothing_beside_it(
    name: str, profile: Profile, modules: tuple[str, ...], dark: bool
) -> None:
    flow = shipped(name, profile, modules)
    root = parsed(flow_svg(flow, dark=dark))
    paper = root.find(f"{SVG}rect")

    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == flow.title
    assert root.findtext(f"{SVG}desc") == alt_text(flow)
    assert paper is not None
    assert paper.get("fill") == (DARK if dark else LIGHT).paper
    size = (root.get("width"), root.get("height"))
    assert (paper.get("x"), paper.get("y"), paper.get("width"), paper.get("height")) == (
        ("0", "0", *size)
    )
    assert not [e for e in root.iter() if {"style", "href"} & e.attrib.keys()]
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= ALLOWED
    assert all(e.get("fill") for tag in ("rect", "circle") for e in root.iter(f"{SVG}{tag}"))
    assert all("".join(e.itertext()).strip() for e in root.iter(f"{SVG}text"))
    assert "var(" not in flow_svg(flow, dark=dark)


@pytest.mark.parametrize(("name", "profile", "modules"), BUNDLED)
def test_every_line_status_and_actor_is_in_the_picture(
    name: str, profile: Profile, modules: tuple[str, ...]
) -> None:
    flow = shipped(name, profile, modules)
    root = parsed(flow_svg(flow))
    drawn = " ".join(texts(root)).replace("- ", "-")

    assert len(lines(root)) == len({(s.source, s.target) for s in flow.transitions})
    assert all(state.name in drawn.replace("-", "") or state.name in drawn.replace(" ", "")
               for state in flow.states)  # fmt: skip
    assert all(other_actor(step) in drawn for step in flow.transitions)
    assert set(LEGEND) <= set(texts(root))


def test_a_dash_means_another_actor() -> None:
    root = parsed(flow_svg(by_another("place", "pay", "expire")))
    dashed = [line for line in lines(root) if line.get("stroke-dasharray")]

    assert len(dashed) == 2  # `expire` shares its line with the platform's `cancel`
    assert {"pay shopper", "place shopper", "expire shopper", "ship"} <= set(texts(root))


def test_a_trunk_is_solid_where_a_solid_line_takes_it() -> None:
    steps = (
        replace(step, actors=("shopper",)) if step.id in {"T6", "T7"} else step
        for step in small_flow().transitions
    )
    drawn = lines(parsed(flow_svg(replace(small_flow(), transitions=tuple(steps)))))
    (dashed,) = (line for line in drawn if line.get("stroke-dasharray"))

    assert dashed.get("marker-end") is None
    assert all(line.get("marker-end") for line in drawn if line is not dashed)
    assert drawn.index(dashed) == 0


def test_the_legend_tells_of_nothing_that_is_not_there() -> None:
    plain = texts(parsed(flow_svg(small_flow())))
    all_others = texts(parsed(flow_svg(by_another(*small_flow().events))))
    shorter = replace(small_flow(), success=(), failure=())

    assert {LEGEND.get(text) for text in plain} - {None} == {"solid", "entry", "final"}
    assert "the platform does it by itself" not in all_others
    assert "another actor does it, named in grey" in all_others
    assert "final status" not in texts(parsed(flow_svg(shorter)))


def test_the_legend_stands_below_the_picture_and_inside_the_file() -> None:
    for flow in (small_flow(), shipped("complete", Profile.DOCUMENTED, ())):
        root = parsed(flow_svg(flow))
        legend = root.findall(f"{SVG}g")[-1]
        moved = re.fullmatch(r"translate\(([\d.]+) ([\d.]+)\)", legend.get("transform", ""))
        assert moved is not None
        items = [g.get("transform", "") for g in legend.findall(f"{SVG}g")]
        downs = [float(item.split()[1].rstrip(")")) for item in items]

        assert len(items) >= 3
        picture = layout(flow)
        assert float(moved[2]) >= picture.height
        assert float(moved[2]) + max(downs) + 16 <= float(root.get("height", "0"))


def test_the_legend_is_no_wider_than_the_file() -> None:
    root = parsed(flow_svg(by_another("pay")))
    legend = root.findall(f"{SVG}g")[-1]
    ends = [
        float(item.get("transform", "").removeprefix("translate(").split()[0])
        + 42
        + text_width(item.findtext(f"{SVG}text", ""), 11)
        for item in legend.findall(f"{SVG}g")
    ]

    assert len(ends) == 4
    assert max(ends) + 16 <= float(root.get("width", "0"))


def test_dark_and_light_differ_in_colours_only() -> None:
    flow = shipped("seller", Profile.DOCUMENTED, ())
    light, dark = flow_svg(flow), flow_svg(flow, dark=True)
    colour = re.compile(r"#[0-9a-f]{6}")

    assert colour.sub("", light) == colour.sub("", dark).replace("seller-dark-", "seller-")
    assert light != dark
    assert not set(colour.findall(light)) & set(colour.findall(dark))


@given(hostile_flows())
@settings(max_examples=40, deadline=None)
def test_whatever_a_flow_may_hold_is_text_in_the_picture(flow: Flow) -> None:
    svg = flow_svg(flow)
    root = parsed(svg)

    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= ALLOWED
    assert all(char.isprintable() or char == "\n" for char in svg)


def test_a_long_name_does_not_make_the_picture_endless() -> None:
    flow = flow_of((LONG, f"{LONG}er", "end"), (LONG.replace("-", "_"), LONG))
    root = parsed(flow_svg(flow))

    assert float(root.get("width", "0")) < 3_000
    assert len(flow_svg(flow)) < 30_000
    assert len({state.name for state in visible(flow).states}) == 3
    assert any("…" in text for text in texts(root))


def test_names_that_would_look_alike_stay_apart() -> None:
    flow = visible(flow_of(("a\x07", "a\\x07", "b"), ("go\x07",)))

    assert [state.name for state in flow.states] == [r"a\x07", r"a\x07 (2)", "b"]
    assert flow.initial == r"a\x07"
    assert flow.success == ("b",)
    assert {step.event for step in flow.transitions} == {r"go\x07"}


def test_a_flow_that_can_be_seen_stays_as_it_is() -> None:
    flow = shipped("seller", Profile.DOCUMENTED, ())

    assert visible(flow) is flow


# --- words


@pytest.mark.parametrize(("name", "profile", "modules"), BUNDLED)
def test_the_words_tell_every_line(name: str, profile: Profile, modules: tuple[str, ...]) -> None:
    flow = shipped(name, profile, modules)
    said = pairs_told(alt_text(flow))

    assert len(said) == len(set(said))
    assert set(said) == {(s.source, s.target) for s in flow.transitions}


def pairs_told(words: str) -> list[tuple[str, str]]:
    """Every (source, target) that the words speak of."""
    found: list[tuple[str, str]] = []
    for sentence in words.split(". "):
        if told := re.fullmatch(r"An undisturbed order runs through (.*)", sentence):
            found += pairwise(listed(told[1]))
        if told := re.fullmatch(r"An order begins in (.*)", sentence):
            found += [(ABSENT, target) for target in listed(told[1])]
        if told := re.fullmatch(r"Further lines lead (.*)", sentence):
            for part in told[1].split("; "):
                way = re.fullmatch(r"to (\S+) from (.*)", part)
                assert way, part
                found += [(source, way[1]) for source in listed(way[2])]
        if told := re.fullmatch(r"Some events keep the order in (.*)", sentence):
            found += [(name, name) for name in listed(told[1])]
    return found


def listed(words: str) -> list[str]:
    return re.split(", | and | or ", words)


def test_the_words_say_how_it_ends_and_what_it_is_of() -> None:
    words = alt_text(shipped("complete", Profile.OBSERVED, ("picking",)))

    assert words.startswith("State diagram: Complete flow, observed profile with picking: 22 ")
    assert "Success: invoiced. Failure: canceled. " in words
    assert "Closed without deciding the sale: replaced." in words
    assert "\n" not in words


def test_words_of_a_flow_without_an_end_promise_none() -> None:
    words = alt_text(replace(small_flow(), success=(), failure=(), initial="paid"))

    assert "Success" not in words
    assert "Failure" not in words


# --- trunks

_places = st.lists(
    st.tuples(st.sampled_from((0, 10, 20)), st.sampled_from((0, 40, 80, 120))),
    min_size=1,
    max_size=6,
)
"""Where lines leave, and along which track they go to (100, 200)."""


def way_of(start: tuple[int, int]) -> tuple[Point, ...]:
    """From the left, along a track, to the common goal."""
    x, y = start
    return ((float(x), float(y)), (50.0, float(y)), (50.0, 200.0), (100.0, 200.0))


def covered(points: tuple[Point, ...]) -> set[tuple[int, int]]:
    """The unit pieces of a line that goes upright or level, each by twice its middle."""
    found: set[tuple[int, int]] = set()
    for (x1, y1), (x2, y2) in pairwise(points):
        steps = int(abs(x2 - x1) + abs(y2 - y1))
        for step in range(steps):
            share = (2 * step + 1) / steps
            found.add((round(2 * x1 + (x2 - x1) * share), round(2 * y1 + (y2 - y1) * share)))
    return found


@given(_places)
def test_a_trunk_is_drawn_once_and_wholly(starts: list[tuple[int, int]]) -> None:
    whole = [way_of(start) for start in dict.fromkeys(starts)]
    trunks = Trunks()
    parts = [trunks.add(points) for points in whole]

    everything = set().union(*map(covered, whole))
    drawn = [covered(points) for points, _ in parts]
    assert set().union(*drawn) == everything
    assert sum(map(len, drawn)) - len(everything) <= 6 * len(parts)  # a curve each
    assert [tip for _, tip in parts] == [True, *[False] * (len(parts) - 1)]


def test_lines_to_another_goal_keep_their_trunk() -> None:
    trunks = Trunks()
    first = way_of((0, 0))
    other = (*first[:-1], (50.0, 220.0))

    assert trunks.add(first) == (first, True)
    assert trunks.add(other) == (other, True)


def test_hostile_texts_are_shown_spelled_out() -> None:
    root = parsed(flow_svg(flow_of(TEXTS[1:-2], TEXTS[1:-2])))
    drawn = " ".join(texts(root))

    for text in ("</script>", "<img src=x onerror=alert(1)>", "{{ 7 * 7 }}", r"\u202e", r"\x07"):
        assert text.split(" ")[0].split("-")[0] in drawn.replace("- ", "-")
