"""A picture that cannot be read is caught, and for the right reason.

Each picture here is sound but for one thing; the checks know nothing of how pictures are made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from orderflow.reports.geometry import Edge, EdgeKind, Layout, Node, Point, Rect
from tests.reports.picture_checks import crossings, faults

BOXES = {
    "a": Rect(20, 20, 100, 60),
    "b": Rect(20, 220, 100, 60),
    "c": Rect(400, 20, 100, 60),
    "d": Rect(400, 220, 100, 60),
}


def line(source: str, target: str, points: tuple[Point, ...], label: Rect | None = None) -> Edge:
    x, y = points[0]
    box = label or Rect(x + 5, y - 7, 40, 14)
    return Edge(source, target, EdgeKind.STEP, (source + target,), points, box, (), "start")


def crossing_free() -> Layout:
    """Two lines fan out to the right, two run straight down."""
    nodes = tuple(
        Node(state, (state,), rect, int(rect.x > 300), int(rect.y > 200), final=False)
        for state, rect in BOXES.items()
    )
    edges = (
        line("a", "b", ((70, 80), (70, 220)), Rect(75, 95, 40, 14)),
        line("a", "c", ((120, 40), (400, 40))),
        line("a", "d", ((120, 60), (320, 60), (320, 240), (400, 240))),
        line("b", "d", ((120, 260), (400, 260))),
        line("c", "d", ((450, 80), (450, 220)), Rect(455, 95, 40, 14)),
    )
    return Layout(nodes, edges, (), 520, 300)


def swapped() -> Layout:
    """Two tracks stand the wrong way round: each is crossed by the other's stub."""
    shown = crossing_free()
    nodes = (*shown.nodes, Node("e", ("e",), Rect(400, 420, 100, 60), 1, 2, final=False))
    edges = (
        line("a", "e", ((120, 60), (320, 60), (320, 450), (400, 450))),
        line("a", "d", ((120, 40), (300, 40), (300, 250), (400, 250))),
    )
    return Layout(nodes, edges, (), 520, 500)


def unswapped() -> Layout:
    shown = swapped()
    edges = (
        line("a", "e", ((120, 60), (300, 60), (300, 450), (400, 450))),
        line("a", "d", ((120, 40), (320, 40), (320, 250), (400, 250))),
    )
    return replace(shown, edges=edges)


def with_edge(number: int, **change: object) -> Layout:
    shown = crossing_free()
    edges = list(shown.edges)
    edges[number] = replace(edges[number], **change)  # type: ignore[arg-type]
    return replace(shown, edges=tuple(edges))


def with_box(number: int, rect: Rect) -> Layout:
    shown = crossing_free()
    nodes = list(shown.nodes)
    nodes[number] = replace(nodes[number], rect=rect)
    return replace(shown, nodes=tuple(nodes))


def with_line(edge: Edge) -> Layout:
    shown = crossing_free()
    return replace(shown, edges=(*shown.edges, edge))


def crossed() -> Layout:
    """A line from b to c cannot but cross what runs from a to d."""
    label = Rect(125, 223, 40, 14)
    return with_line(line("b", "c", ((120, 230), (340, 230), (340, 50), (400, 50)), label))


BROKEN: dict[str, Callable[[], Layout]] = {
    "box_overlaps": lambda: with_box(3, Rect(400, 60, 100, 220)),
    "label_overlaps": lambda: with_edge(2, label=Rect(125, 45, 40, 14)),
    "label on a box": lambda: with_edge(0, label=Rect(75, 75, 40, 14)),
    "lines_through_boxes": lambda: with_line(
        line("a", "b", ((70, 20), (70, 10), (450, 10), (450, 270), (120, 270)))
    ),
    "lines_through_labels": lambda: with_edge(3, label=Rect(300, 100, 40, 14)),
    "outside": lambda: replace(crossing_free(), width=480.0),
    "loose_ends": lambda: with_edge(1, points=((120, 40), (390, 40))),
    "slanted": lambda: with_edge(1, points=((120, 40), (400, 44))),
    "far_labels": lambda: with_edge(1, label=Rect(200, 33, 40, 14)),
    "cramped": lambda: with_edge(2, points=((120, 60), (392, 60), (392, 240), (400, 240))),
    "mistaken": lambda: with_line(
        line("b", "c", ((120, 240), (323, 240), (323, 65), (400, 65)), Rect(125, 222, 40, 14))
    ),
    "touching": lambda: with_line(
        line("b", "c", ((120, 230), (320, 230), (320, 40), (400, 60)), Rect(125, 222, 40, 14))
    ),
    "removable": swapped,
}
CAUGHT_BY = {"label on a box": "label_overlaps", "slanted": "loose_ends"}


@pytest.mark.parametrize("sound", [crossing_free, unswapped])
def test_a_sound_picture_has_no_faults(sound: Callable[[], Layout]) -> None:
    assert faults(sound()) == {}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_picture_is_caught_for_the_right_reason(broken: str) -> None:
    assert CAUGHT_BY.get(broken, broken) in faults(BROKEN[broken]())


def test_crossings_are_points_in_which_lines_of_different_trunks_cross() -> None:
    assert crossings(crossing_free()) == set()
    assert crossings(swapped()) == {(300, 60), (320, 250)}
    assert crossings(unswapped()) == set()


def test_lines_into_one_point_share_a_trunk_and_do_not_cross() -> None:
    shown = with_line(line("b", "d", ((120, 230), (320, 230), (320, 240), (400, 240))))

    assert crossings(shown) == set()
    assert "mistaken" not in faults(shown)
    assert "touching" not in faults(shown)


def test_a_crossing_that_no_swap_removes_is_no_fault() -> None:
    assert crossings(crossed()) != set()
    assert "removable" not in faults(crossed())
