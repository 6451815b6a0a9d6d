"""The picture of a flow is readable: boxes, labels and lines keep out of each other's way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.flows.loader import bundled
from orderflow.flows.model import ABSENT, Flow, Profile, State, Transition
from orderflow.reports.geometry import EdgeKind, Layout, Point
from orderflow.reports.layout import layout, spine
from orderflow.reports.stages import stage_of_status
from orderflow.reports.svg import Caption, render_svg
from tests.reports.picture_checks import faults

NAMES = ("marketplace", "seller", "complete", "chain")
MODULES = ("picking", "wms", "change-payment")
CASES = [
    pytest.param(name, profile, modules, id=f"{name}-{profile}-{'all' if modules else 'plain'}")
    for name in NAMES
    for profile in Profile
    for modules in ((), MODULES)
]


Hints = Iterable[tuple[str, tuple[int | None, int | None]]]
NO_HINT = (None, None)


def counted(steps: tuple[Transition, ...]) -> tuple[str, str]:
    """Label as a report does: event and count."""
    return steps[0].event.replace("_", " "), "\u00d7312"


@cache
def picture(name: str, profile: Profile, modules: tuple[str, ...] = ()) -> Layout:
    return layout(view(name, profile, modules), labels=counted, stage_of=stage_of_status)


@cache
def view(name: str, profile: Profile, modules: tuple[str, ...] = ()) -> Flow:
    return bundled(name).view(profile, modules)


@pytest.mark.parametrize(("name", "profile", "modules"), CASES)
def test_pictures_are_readable(name: str, profile: Profile, modules: tuple[str, ...]) -> None:
    assert faults(picture(name, profile, modules)) == {}


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

    assert shown.width <= 1020
    assert shown.height <= 1100


@pytest.mark.parametrize(("name", "profile", "modules"), CASES)
def test_no_box_is_taller_than_the_lines_of_its_fuller_side(
    name: str, profile: Profile, modules: tuple[str, ...]
) -> None:
    shown = picture(name, profile, modules)

    for node in shown.nodes:
        rect = node.rect
        touched = [
            y
            for edge in shown.edges
            for state, (x, y) in ((edge.source, edge.points[0]), (edge.target, edge.points[-1]))
            if state == node.state and x in {rect.x, rect.right}
        ]
        spread = max(touched, default=0) - min(touched, default=0)
        assert rect.height <= max(32 + 14 * (len(node.lines) - 1), spread + 26), node.state


def test_lines_on_one_side_leave_the_box_no_taller_than_they_need() -> None:
    steps = [("a", f"b{i}") for i in range(3)] + [("a", "a")]
    flow = shape(steps, path=("a",))
    node = layout(flow, labels=counted).node("a")

    assert node.rect.height <= 2 * 18 + 2 * 9 + 8


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
    assert faults(shown) == {}


def test_status_nobody_declared_gets_a_box() -> None:
    flow = bundled("seller").view()

    shown = layout(flow, ghosts=(("invoice", "lost in space"),))

    assert shown.node("lost in space").rect.width > 0


def shape(
    pairs: Iterable[tuple[str, str]], *, path: tuple[str, ...] = (), hints: Hints = ()
) -> Flow:
    """Build a flow from the pairs of statuses its steps join."""
    pairs = tuple(pairs)
    asked = dict(hints)
    names = dict.fromkeys(name for pair in pairs for name in pair)
    states = tuple(
        State(name, lane=asked.get(name, NO_HINT)[0], row=asked.get(name, NO_HINT)[1])
        for name in names
    )
    steps = tuple(Transition(f"T{i}", f"T{i}", s, "go", t) for i, (s, t) in enumerate(pairs))
    paths = ((Profile.DOCUMENTED, path),) if path else ()
    return Flow("x", "x", next(iter(names)), states, steps, happy_paths=paths)


FORK = (("a", "b"), ("b", "c"), ("a", "d"), ("b", "d"))


def cells(flow: Flow) -> dict[str, tuple[int, int]]:
    shown = layout(flow, labels=counted)
    assert faults(shown) == {}
    return {node.state: (node.lane, node.row) for node in shown.nodes}


@pytest.mark.parametrize("hint", [(-1, 0), (1, 2), (-1, 2)])
def test_a_hint_of_the_flow_file_overrides(hint: tuple[int, int]) -> None:
    assert cells(shape(FORK, path=("a", "b", "c"), hints={"d": hint}.items()))["d"] == hint


@pytest.mark.parametrize("hint", [(-1, None), (None, 2)])
def test_half_a_hint_leaves_the_other_half_to_the_layout(
    hint: tuple[int | None, int | None],
) -> None:
    cell = cells(shape(FORK, path=("a", "b", "c"), hints={"d": hint}.items()))["d"]

    assert all(asked in {None, got} for asked, got in zip(hint, cell, strict=True))


def test_a_hint_takes_a_status_off_the_spine() -> None:
    found = cells(shape(FORK, path=("a", "b", "c"), hints={"b": (1, 1)}.items()))

    assert found["b"] == (1, 1)
    assert (found["a"][0], found["c"][0]) == (0, 0)


def test_two_statuses_that_ask_for_one_cell_stand_apart_the_first_has_it() -> None:
    found = cells(shape(FORK, path=("a", "b"), hints={"c": (1, 0), "d": (1, 0)}.items()))

    assert found["c"] == (1, 0)
    assert found["d"] != (1, 0)


@pytest.mark.parametrize("hint", [(10**6, 10**6), (-(10**6), 0), (0, 10**9), (50, -7)])
def test_an_absurd_hint_means_the_outermost_place(hint: tuple[int, int]) -> None:
    flow = shape(FORK, path=("a", "b", "c"), hints={"d": hint}.items())
    shown = layout(flow, labels=counted)

    assert faults(shown) == {}
    assert shown.width < 900
    assert shown.height < 500


def test_names_without_an_end_are_cut_short_and_break_no_picture() -> None:
    name, event = "x" * 10_000, "word " * 2_000
    flow = shape((("a", name), (name, "a"), ("a", "b")))
    steps = (Transition("T9", "T9", "a", event, "b"), *flow.transitions)
    shown = layout(replace(flow, transitions=steps), labels=counted)

    assert faults(shown) == {}
    assert shown.width < 900
    assert shown.node(name).lines[-1].endswith("…")
    cut = [words for edge in shown.edges for line in edge.lines for words in line if words.whole]
    assert {words.whole for words in cut} == {event.replace("_", " ")}
    drawn = render_svg(shown, Caption("x", "x", "x"))
    assert f"<title>{name}</title>" in drawn
    assert f"<title>{event}</title>" in drawn


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

    assert faults(shown) == {}
    assert sorted(name for edge in shown.edges for name in edge.transitions) == sorted(
        flow.transition
    )
