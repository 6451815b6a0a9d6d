"""A grouped picture shows the same shapes in the same order with the same paint."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from orderflow.reports.deal_diagram import deal_diagram
from orderflow.reports.grouped import grouped
from orderflow.reports.sequence import sequence_view
from tests.reports.deals import deals_of, deals_verdict, race

VALUE = deals_verdict(race())
PICTURES = [
    deal_diagram(deals_of(VALUE)[VALUE.deals[0].name], VALUE.deals[0], name="x"),
    sequence_view(race(), name="x"),
]


def painted(text: str) -> list[dict[str, str]]:
    """All shapes with their attributes, those of the groups around them included."""
    shapes: list[dict[str, str]] = []

    def walk(element: ET.Element, inherited: dict[str, str]) -> None:
        if element.tag.endswith("}g"):
            inherited = inherited | element.attrib
        else:
            shapes.append(
                {**inherited, **element.attrib, "tag": element.tag, "text": str(element.text)}
            )
        for child in element:
            walk(child, inherited if element.tag.endswith("}g") else {})

    walk(ET.fromstring(text.replace("\n</svg>", "</svg>")), {})  # noqa: S314 - our own text
    return [{k: v.strip() for k, v in shape.items()} for shape in shapes]


@pytest.mark.parametrize("picture", PICTURES, ids=["deal", "sequence"])
def test_grouping_changes_nothing_but_the_size(picture: str) -> None:
    small = grouped(picture)

    assert painted(small) == painted(picture)
    assert len(small) <= len(picture)
    assert grouped(small) == small


def test_diagram_of_a_deal_becomes_much_smaller() -> None:
    assert len(grouped(PICTURES[0])) < 0.8 * len(PICTURES[0])


def test_short_runs_and_lines_of_two_shapes_are_left_alone() -> None:
    two = '<path d="M0 0" fill="#fff"/>\n' * 2
    pairs = '<text x="1" fill="#fff">one</text><text x="1" fill="#000">two</text>\n' * 4
    mixed = '<rect x="1" fill="#fff"/><text x="1" fill="#000">two</text>\n' * 4

    assert grouped(two) == two
    assert grouped(pairs) == pairs
    assert grouped(mixed) == mixed


def test_what_a_shape_holds_keeps_its_own_paint() -> None:
    line = '<text x="1" fill="#fff"><title>a &gt; b</title><tspan fill="#000">b</tspan></text>\n'

    assert grouped(line * 3) == (
        '<g fill="#fff">'
        + '<text x="1"><title>a &gt; b</title><tspan fill="#000">b</tspan></text>' * 3
        + "</g>\n"
    )


def test_unlike_neighbours_stay_apart() -> None:
    text = "\n".join(f'<path d="M{i} 0" fill="#{i % 2}"/>' for i in range(8))

    assert grouped(text) == text
