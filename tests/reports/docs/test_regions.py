"""A marked region of a page is filled in place; nothing else of the page ever changes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderflow.flows.errors import FlowFileError
from orderflow.flows.loader import bundled
from orderflow.reports.docs.fill import fill
from orderflow.reports.docs.flavor import Flavor
from orderflow.reports.docs.flow_parts import PARTS
from orderflow.reports.docs.pictures import Form
from orderflow.reports.docs.regions import filled, is_marked, regions
from orderflow.reports.docs.subject import subjects
from tests.reports.builders import NAMES
from tests.reports.docs.rendering import by_commonmark, seen
from tests.reports.docs.sites import hostile

OPEN, END = "<!-- orderflow:seller.summary -->", "<!-- /orderflow -->"
_line = st.one_of(
    st.sampled_from(
        ["", "```", "~~~", "text", "# h", "`x`", "\x0c", "\u2028", "   ", "<!-- c -->"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n<{"), max_size=10),
)
_lines = st.lists(_line, max_size=6)


def simply(flow: str, part: str) -> str:
    return f"{flow} {part}\nsecond line\n"


def filled_simply(text: str) -> str:
    return filled(text, simply, flows=("seller",), file="page.md")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_region_is_filled_with_the_line_ends_of_its_page(end: str) -> None:
    text = end.join(["# Mine", OPEN, "old", END, "more"])

    assert filled_simply(text) == end.join(
        ["# Mine", OPEN, "", "seller summary", "second line", "", END, "more"]
    )


@given(_lines, _lines, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_all_else_stays_byte_by_byte(
    before: list[str], after: list[str], end: str, closed: bool
) -> None:
    head = "".join(f"{line}{end}" for line in before)
    tail = end + end.join(after) if closed else ""
    text = f"{head}{OPEN}{end}{END}{tail}"
    if not is_marked(f"{head}{OPEN}"):  # the page shows the mark in a block of code
        assert filled_simply(text) == text
        return

    found = filled_simply(text)

    assert found.startswith(f"{head}{OPEN}{end}")
    assert found.endswith(f"{END}{tail}")
    assert filled_simply(found) == found
    assert f"seller summary{end}" in found


def test_a_mark_of_bytes_at_the_beginning_stays() -> None:
    assert filled_simply(f"\ufeff{OPEN}\n{END}\n").startswith(f"\ufeff{OPEN}\n\nseller")


def test_mdx_has_marks_of_its_own() -> None:
    text = "{/* orderflow:seller.summary */}\nold\n{/* /orderflow */}\n"

    assert filled_simply(text).count("seller summary") == 1


@pytest.mark.parametrize(
    "text",
    [
        f"```\n{OPEN}\n```\n",
        f"~~~~\n{OPEN}\n~~~\n~~~~\n",
        f"Write `{OPEN}` and `{END}`.\n",
        "<!-- orderflow is a tool -->\n<!-- another:comment -->\n",
    ],
)
def test_marks_in_code_and_other_comments_do_not_count(text: str) -> None:
    assert filled_simply(text) == text


def test_all_that_is_wrong_is_told_at_once_with_its_place() -> None:
    text = f"""{END}
  <!-- orderflow:seler.diagram -->
{OPEN}
{END}
see {OPEN}
<!-- orderflow:seller.diagrams -->
"""

    with pytest.raises(FlowFileError) as caught:
        filled_simply(text)

    told = [str(problem) for problem in caught.value.problems]
    assert [line.split(" ")[0] for line in told] == [
        *("page.md:1:1:", "page.md:2:3:", "page.md:3:1:", "page.md:5:5:"),
        *("page.md:6:1:", "page.md:6:1:"),
    ]
    assert "none is open" in told[0]
    assert "did you mean 'seller.diagram'?" in told[1]
    assert f"parts: {', '.join(PARTS)}" in told[1]
    assert "the region of line 2 must end first" in told[2]
    assert "line of its own" in told[3]
    assert any("never ends" in line for line in told[4:])


@pytest.mark.parametrize("part", PARTS)
def test_every_part_can_stand_alone(part: str) -> None:
    text = f"<!-- orderflow:chain.{part} -->\n{END}\n"

    html = by_commonmark(fill(text, [bundled("chain")], root="docs/"))

    found = seen(html)
    assert len(found.words) > 20 or found.pictures
    assert all(href.startswith("docs/") for href in found.links), found.links
    assert all(src.startswith("docs/chain/") for src, _ in found.pictures)
    assert found.ids == []


def test_two_flows_can_be_filled_into_one_page() -> None:
    text = "".join(f"<!-- orderflow:{name}.statuses -->\n{END}\n\n" for name in NAMES)

    found = fill(text, map(bundled, NAMES))

    assert [region.flow for region in regions(found, flows=NAMES)] == list(NAMES)
    assert "`authorize-fulfillment`" in found


def test_without_pictures_a_diagram_is_text_and_without_pages_nothing_is_linked() -> None:
    text = f"<!-- orderflow:chain.diagram -->\n{END}\n<!-- orderflow:chain.statuses -->\n{END}\n"

    found = fill(text, [bundled("chain")], forms=[Form.DOT])

    assert "```mermaid\nflowchart TB" in found
    assert "](" not in found
    assert "chain.svg" in fill(text, [bundled("chain")], forms=[Form.SVG])


@pytest.mark.parametrize("flavor", Flavor)
def test_a_region_needs_nothing_of_the_rest_of_the_page(flavor: Flavor) -> None:
    text = f"<!-- orderflow:seller.diagram -->\n{END}\n"

    found = fill(text, [bundled("seller")], flavor=flavor, root="x/")

    assert "ThemedImage" not in found
    assert "x/seller/seller.svg" in found


def test_a_flow_with_a_hostile_name_is_filled_by_the_name_of_its_folder() -> None:
    flow = hostile()
    (subject,) = subjects([flow])
    text = f"<!-- orderflow:{subject.folder}.summary -->\n{END}\n"

    found = fill(text, [flow])

    assert not {"script", "img"} & {*seen(by_commonmark(found)).tags}
    assert re.findall("<!-- /orderflow -->", found) == [END]
