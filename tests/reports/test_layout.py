"""The picture of a flow is readable: boxes, labels and lines keep out of each other's way."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.flows.loader import bundled
from orderflow.flows.model import ABSENT, Flow, Profile, State, Transition
from orderflow.reports.geometry import Edge, EdgeKind, Layout, Point, Rect
from orderflow.reports.layout import layout, spine
from orderflow.reports.stages import stage_of_status

NAMES = ("marketplace", "seller", "complete", "chain")
MODULES = ("picking", "wms", "change-payment")
CASES = [
    pytest.param(name, profile, modules, id=f"{name}-{profile}-{'all' if modules else 'plain'}")
    for name in NAMES
    for profile in Profile
    for modules in ((), MODULES)
]


def counted(steps: tuple[Transition, ...]) -> tuple[str, str]:
    """Label as a report does: event and count."""
    return steps[0].event.replace("_", " "), "\u00d7312"


@cache
def picture(name: str, profile: Profile, modules: tuple[str, ...] = ()) -> Layout:
    return layout(view(name, profile, modules), labels=counted, stage_of=stage_of_status)


@cache
def view(name: str, profile: Profile, modules: tuple[str, ...] = ()) -> Flow:
    return bundled(name).view(profile, modules)


def segments(edge: Edge) -> list[tuple[Point, Point]]:
    return list(zip(edge.points, edge.points[1:], strict=False))


def crosses(rect: Rect, segment: tuple[Point, Point]) -> bool:
    """Whether a line runs through the inside of a box."""
    (x1, y1), (x2, y2) = segment
    inner = Rect(rect.x + 1, rect.y + 1, rect.width - 2, rect.height - 2)
    line = Rect(min(x1, x2), min(y1, y2), abs(x1 - x2), abs(y1 - y2))
    return (
        line.x < inner.right
        and line.right > inner.x
        and line.y < inner.bottom
        and line.bottom > inner.y
    )


def box_overlaps(shown: Layout) -> list[tuple[str, str]]:
    return [
        (one.state, two.state)
        for one, two in combinations(shown.nodes, 2)
        if one.rect.overlaps(two.rect)
    ]


def label_overlaps(shown: Layout) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [
        (*one.transitions, "and", *two.transitions)
        for one, two in combinations(shown.edges, 2)
        if one.label.overlaps(two.label)
    ]
    found += [
        (*edge.transitions, "on", node.state)
        for edge in shown.edges
        for node in shown.nodes
        if edge.label.overlaps(node.rect)
    ]
    return found


def lines_through_boxes(shown: Layout) -> list[tuple[str, ...]]:
    return [
        (*edge.transitions, "through", node.state)
        for edge in shown.edges
        for node in shown.nodes
        for segment in segments(edge)
        if crosses(node.rect, segment)
    ]


def lines_through_labels(shown: Layout) -> list[tuple[str, ...]]:
    """Lines that run lengthwise under a label of another line."""
    return [
        (*edge.transitions, "under", *other.transitions)
        for edge in shown.edges
        for other in shown.edges
        if edge is not other and edge.kind is not EdgeKind.GHOST
        for segment in segments(edge)
        if crosses(other.label, segment)
    ]


@pytest.mark.parametrize(("name", "profile", "modules"), CASES)
def test_boxes_keep_apart(name: str, profile: Profile, modules: tuple[str, ...]) -> None:
    assert box_overlaps(picture(name, profile, modules)) == []


@pytest.mark.parametrize(("name", "profile", "modules"), CASES)
def test_labels_keep_apart(name: str, profile: Profile, modules: tuple[str, ...]) -> None:
    assert label_overlaps(picture(name, profile, modules)) == []


@pytest.mark.parametrize(("name", "profile", "modules"), CASES)
def test_no_line_runs_through_a_box(name: str, profile: Profile, modules: tuple[str, ...]) -> None:
    assert lines_through_boxes(picture(name, profile, modules)) == []


@pytest.mark.parametrize(("name", "profile", "modules"), CASES)
def test_no_line_runs_under_the_label_of_another(
    name: str, profile: Profile, modules: tuple[str, ...]
) -> None:
    assert lines_through_labels(picture(name, profile, modules)) == []


@pytest.mark.parametrize(("name", "profile", "modules"), CASES)
def test_everything_is_inside_the_picture(
    name: str, profile: Profile, modules: tuple[str, ...]
) -> None:
    shown = picture(name, profile, modules)
    page = Rect(0, 0, shown.width, shown.height)
    rects = [node.rect for node in shown.nodes] + [edge.label for edge in shown.edges]
    points = [point for edge in shown.edges for point in edge.points]

    assert all(r.x >= 0 and r.y >= 0 and r.right <= page.right for r in rects)
    assert all(r.bottom <= page.bottom for r in rects)
    assert all(0 <= x <= page.right and 0 <= y <= page.bottom for x, y in points)


@pytest.mark.parametrize(("name", "profile", "modules"), CASES)
def test_every_transition_is_drawn_once(
    name: str, profile: Profile, modules: tuple[str, ...]
) -> None:
    flow = view(name, profile, modules)
    shown = picture(name, profile, modules)

    drawn = [name for edge in shown.edges for name in edge.transitions]
    assert sorted(drawn) == sorted(flow.transition)
    assert [node.state for node in shown.nodes] == sorted(
        (node.state for node in shown.nodes), key=[node.state for node in shown.nodes].index
    )


@pytest.mark.parametrize("name", NAMES)
def test_happy_path_runs_straight_down(name: str) -> None:
    flow = bundled(name).view()
    shown = picture(name, Profile.DOCUMENTED)

    tops = [shown.node(state).rect.y for state in flow.happy_path]
    assert {shown.node(state).lane for state in flow.happy_path} == {0}
    assert tops == sorted(tops)


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("name", NAMES)
def test_pictures_fit_a_screen(name: str, profile: Profile) -> None:
    shown = picture(name, profile)

    assert shown.width <= 1060
    assert shown.height <= 1250


@pytest.mark.parametrize("name", NAMES)
def test_lines_into_one_status_share_a_trunk(name: str) -> None:
    shown = picture(name, Profile.DOCUMENTED)

    doors: dict[str, set[Point]] = {}
    for edge in shown.edges:
        if edge.kind is EdgeKind.STEP:
            doors.setdefault(edge.target, set()).add(edge.points[-1])
    assert max(len(points) for points in doors.values()) <= 4
    assert len(doors["cancel"]) <= 3


def test_ghost_has_a_line_of_its_own() -> None:
    flow = bundled("seller").view()
    shown = layout(flow, ghosts=(("invoice", "invoiced"), ("handling", "canceled")))

    ghosts = [edge for edge in shown.edges if edge.kind is EdgeKind.GHOST]
    assert [(edge.source, edge.target) for edge in ghosts] == [
        ("invoice", "invoiced"),
        ("handling", "canceled"),
    ]
    steps = {edge.points for edge in shown.edges if edge.kind is EdgeKind.STEP}
    assert not steps & {edge.points for edge in ghosts}
    assert label_overlaps(shown) == []
    assert lines_through_boxes(shown) == []


def test_status_nobody_declared_gets_a_box() -> None:
    flow = bundled("seller").view()

    shown = layout(flow, ghosts=(("invoice", "lost in space"),))

    assert shown.node("lost in space").rect.width > 0


def test_hints_of_the_flow_file_override() -> None:
    states = (State("a"), State("b"), State("c", lane=-1, row=0))
    steps = (Transition("T1", "T1", "a", "go", "b"), Transition("T2", "T2", "b", "go", "c"))
    flow = Flow("x", "x", "a", states, steps, success=("b",))

    node = layout(flow).node("c")

    assert (node.lane, node.row) == (-1, 0)


def test_spine_without_a_declared_path_is_the_longest_way_to_success() -> None:
    names = ("a", "b", "c", "d", "x")
    steps = (("a", "d"), ("a", "b"), ("b", "c"), ("c", "b"), ("c", "d"), ("b", "x"), ("x", "d"))
    flow = Flow(
        "x",
        "x",
        "a",
        tuple(State(name) for name in names),
        tuple(Transition(f"T{i}", f"T{i}", s, "go", t) for i, (s, t) in enumerate(steps)),
        success=("d",),
        failure=("x",),
    )

    assert spine(flow) == ("a", "b", "c", "d")


_SCRIPT = """
from dataclasses import replace
from orderflow.flows.loader import bundled
from orderflow.flows.model import Profile
from orderflow.reports.layout import layout
from orderflow.reports.svg import Caption, render_svg
for name in ("marketplace", "seller", "complete", "chain"):
    for profile in Profile:
        flow = bundled(name).view(profile)
        for variant in (flow, replace(flow, happy_paths=())):
            print(render_svg(layout(variant), Caption(name, name, name)))
"""


def test_svg_is_the_same_in_two_processes() -> None:
    root = str(Path(__file__).resolve().parents[2])

    def drawn(seed: str) -> bytes:
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root}
        run = [sys.executable, "-c", _SCRIPT]
        return subprocess.run(run, env=env, check=True, capture_output=True).stdout

    assert drawn("1") == drawn("4711")


@st.composite
def small_flows(draw: st.DrawFn) -> Flow:
    """Build any flow of up to nine statuses, sensible or not."""
    names = [f"state-{i}" for i in range(draw(st.integers(1, 9)))]
    ends = st.sampled_from(names)
    steps = draw(
        st.lists(
            st.tuples(st.sampled_from([ABSENT, *names]), st.sampled_from(["go", "stop"]), ends),
            max_size=24,
        )
    )
    return Flow(
        name="any",
        title="Any",
        initial=draw(ends),
        states=tuple(State(name) for name in names),
        transitions=tuple(
            Transition(f"T{i}", f"T{i}", source, event, target)
            for i, (source, event, target) in enumerate(steps)
        ),
        success=tuple(draw(st.lists(ends, max_size=2, unique=True))),
        failure=tuple(draw(st.lists(ends, max_size=2, unique=True))),
        closed=tuple(draw(st.lists(ends, max_size=1))),
    )


@given(flow=small_flows(), data=st.data())
def test_any_flow_has_a_picture(flow: Flow, data: st.DataObject) -> None:
    ends = st.sampled_from([*flow.state, "unheard-of"])
    ghosts = data.draw(st.lists(st.tuples(ends, ends), max_size=2, unique=True))

    shown = layout(flow, labels=counted, ghosts=tuple(ghosts), stage_of=lambda name: len(name) % 3)

    assert box_overlaps(shown) == []
    assert label_overlaps(shown) == []
    assert lines_through_boxes(shown) == []
    assert sorted(name for edge in shown.edges for name in edge.transitions) == sorted(
        flow.transition
    )
