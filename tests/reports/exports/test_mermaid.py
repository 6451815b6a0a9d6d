"""A Mermaid diagram says what the flow says, to Mermaid itself."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings

from orderflow.flows.model import ABSENT, Flow, Profile
from orderflow.reports.exports.arrows import arrows
from orderflow.reports.exports.handles import shown, status_names
from orderflow.reports.exports.mermaid import mermaid
from tests.reports.builders import small_flow
from tests.reports.exports.flows import BUNDLED, TEXTS, flow_of, hostile_flows, shipped
from tests.reports.exports.node import Readers, needs_node, running


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with running() as program:
        yield program


def drawn(text: str) -> str:
    """What Mermaid shows of a text it has read: it keeps numbered signs until it draws."""
    marked = (
        text.replace("\ufb02\xb0\xb0", "&#").replace("\ufb02\xb0", "&").replace("\xb6\xdf", ";")
    )
    return html.unescape(marked)


def assert_says_the_same(flow: Flow, readers: Readers) -> None:
    read = readers.read("mermaid", mermaid(flow))
    assert "error" not in read, (read, mermaid(flow))
    ids = [node[0] for node in read["nodes"]]
    names = dict(zip(ids, status_names(flow), strict=True))
    found = [
        (
            names[source],
            names[target],
            tuple(drawn(words).strip() for words in re.split("<br/?>", text)),
            {"dotted": True, "normal": False}[stroke],
        )
        for source, target, text, stroke in read["edges"]
    ]

    assert found == [
        (arrow.source, arrow.target, tuple(map(visible, arrow.labels)), arrow.dashed)
        for arrow in arrows(flow)
    ]
    for ident, text, kind, classes in read["nodes"]:
        name = names[ident]
        final = name in flow.final and name != ABSENT
        assert drawn(text) == ("" if name == ABSENT else visible(name))
        assert kind == ("circle" if name == ABSENT else "stadium" if final else "square")
        assert ("ends" in classes) == (name in flow.final)
    assert drawn(read["title"]) == visible(flow.title or flow.name)


def visible(text: str) -> str:
    return shown(text).strip()


@needs_node
@pytest.mark.parametrize(("name", "profile", "modules"), BUNDLED)
def test_mermaid_reads_every_flow_that_ships(
    name: str, profile: Profile, modules: tuple[str, ...], readers: Readers
) -> None:
    assert_says_the_same(shipped(name, profile, modules), readers)


@needs_node
def test_mermaid_reads_every_hostile_text(readers: Readers) -> None:
    names = tuple(dict.fromkeys(TEXTS))

    assert_says_the_same(flow_of(names, TEXTS, title=TEXTS[0]), readers)


@needs_node
@given(flow=hostile_flows())
@settings(max_examples=60, deadline=None)
def test_mermaid_reads_whatever_a_flow_may_hold(flow: Flow, readers: Readers) -> None:
    assert_says_the_same(flow, readers)


@needs_node
def test_mermaid_refuses_what_we_avoid(readers: Readers) -> None:
    assert "error" in readers.read("mermaid", "flowchart TB\n  end --> paid\n")
    assert "error" in readers.read("mermaid", "flowchart TB\n  a -->|say (no)| b\n")


def test_a_small_flow_reads_well() -> None:
    steps = tuple(
        replace(step, actors=("shopper",)) if step.event in {"place", "pay"} else step
        for step in small_flow().transitions
    )

    assert mermaid(replace(small_flow(), transitions=steps)) == (
        "flowchart TB\n"
        "  accTitle: Shop\n"
        '  start((" "))\n'
        '  s_new["new"]\n'
        '  s_paid["paid"]\n'
        '  s_shipped(["shipped"])\n'
        '  s_canceled(["canceled"])\n'
        '  start -.->|"place"| s_new\n'
        '  s_new -.->|"pay"| s_paid\n'
        '  s_paid -->|"refund"| s_new\n'
        '  s_paid -->|"ship"| s_shipped\n'
        '  s_paid -->|"note"| s_paid\n'
        '  s_new -->|"cancel<br/>expire"| s_canceled\n'
        '  s_paid -->|"cancel"| s_canceled\n'
        "  classDef ends stroke-width:3px\n"
        "  class s_shipped,s_canceled ends\n"
    )


def test_a_guard_is_told_where_it_decides_the_way() -> None:
    text = mermaid(shipped("seller", Profile.DOCUMENTED, ()))

    assert '|"confirm reservation (stock reserved)"| s_window_to_cancel' in text
    assert '|"confirm reservation (stock gone)"| s_authorize_fulfillment' in text
    assert '|"deny cancel (was handling)"| s_handling' in text
    assert '|"add invoice full"| s_invoiced' in text


def test_ids_stay_when_a_status_is_added_elsewhere() -> None:
    some = flow_of(("new", "paid", "sent"), ("go",))
    more = flow_of(("new", "checked", "paid", "sent"), ("go",))

    kept = [line for line in mermaid(some).splitlines() if '["' in line]
    assert kept
    assert set(kept) <= set(mermaid(more).splitlines())


@given(hostile_flows())
@settings(max_examples=60, deadline=None)
def test_nothing_of_a_name_gets_out_of_its_quotes(flow: Flow) -> None:
    harmless = re.compile(
        r'flowchart TB|  accTitle: [^"<>{}|`]*|  \w+(\(\(" "\)\)|\(\["[^"<>`]*"\]\)|\["[^"<>`]*"\])'
        r'|  \w+ -\.?->\|"(?:[^"<>`]|<br/>)*"\| \w+|  classDef ends stroke-width:3px'
        r"|  class [\w,]+ ends"
    )

    lines = mermaid(flow).split("\n")
    assert lines.pop() == ""
    assert [line for line in lines if not harmless.fullmatch(line)] == []
    assert max(map(len, lines)) < 40_000
