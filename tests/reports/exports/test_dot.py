"""A DOT graph says what the flow says: to a small reader of ours, and to Graphviz itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from orderflow.flows.model import ABSENT, Flow, Profile
from orderflow.reports.exports.arrows import arrows
from orderflow.reports.exports.dot import dot
from orderflow.reports.exports.handles import handles, shown, status_names
from tests.reports.exports.flows import BUNDLED, TEXTS, flow_of, hostile_flows, shipped
from tests.reports.exports.node import Readers, needs_node, running

QUOTED = r'"(?:[^"\\\n]|\\.)*"'
BOX = re.compile(rf"  ({QUOTED}) \[(.*)\];")
LINE = re.compile(rf"  ({QUOTED}) -> ({QUOTED}) \[(.*)\];")
ATTRIBUTE = re.compile(rf"(\w+)=({QUOTED}|[\w.]+)(?:, |$)")


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with running() as program:
        yield program


def text_of(quoted: str) -> tuple[str, ...]:
    """The lines that Graphviz draws of a quoted label. Source: Graphviz, escString and lexer."""
    inside = quoted[1:-1].replace(r"\"", '"')
    ends_of_line = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], inside)
    return tuple(ends_of_line.replace("&amp;", "&").split("\n"))


def attributes(text: str) -> dict[str, str]:
    found = ATTRIBUTE.findall(text)
    assert "".join(f"{key}={value}, " for key, value in found) == f"{text}, "
    return dict(found)


def read(text: str) -> tuple[dict[str, dict[str, str]], list[tuple[str, str, dict[str, str]]]]:
    """Boxes and lines of a graph; every line of the text must be understood."""
    head, label, *rest, end, empty = text.split("\n")
    assert re.fullmatch(rf"digraph {QUOTED} \{{", head)
    assert re.fullmatch(rf"  label={QUOTED};", label)
    assert (end, empty) == ("}", "")
    boxes: dict[str, dict[str, str]] = {}
    lines: list[tuple[str, str, dict[str, str]]] = []
    for row in rest[3:]:
        if found := LINE.fullmatch(row):
            lines.append((found[1][1:-1], found[2][1:-1], attributes(found[3])))
        else:
            box = BOX.fullmatch(row)
            assert box, row
            boxes[box[1][1:-1]] = attributes(box[2])
    return boxes, lines


def assert_says_the_same(flow: Flow) -> None:
    boxes, lines = read(dot(flow))
    ids = handles(status_names(flow))
    names = {ident: name for name, ident in ids.items()}

    assert list(boxes) == list(ids.values())
    for name, ident in ids.items():
        words = () if name == ABSENT else (shown(name),)
        final = name in flow.final and name != ABSENT
        assert text_of(boxes[ident]["label"]) == (words or ("",))
        assert (boxes[ident].get("peripheries") == "2") == final
    assert [
        (names[source], names[target], text_of(facts["label"]), facts.get("style") == "dashed")
        for source, target, facts in lines
    ] == [
        (arrow.source, arrow.target, tuple(map(shown, arrow.labels)), arrow.dashed)
        for arrow in arrows(flow)
    ]


@pytest.mark.parametrize(("name", "profile", "modules"), BUNDLED)
def test_every_flow_that_ships_reads_back(
    name: str, profile: Profile, modules: tuple[str, ...]
) -> None:
    assert_says_the_same(shipped(name, profile, modules))


@given(hostile_flows())
@settings(max_examples=80, deadline=None)
def test_whatever_a_flow_may_hold_reads_back(flow: Flow) -> None:
    assert_says_the_same(flow)


@needs_node
@pytest.mark.parametrize(("name", "profile", "modules"), BUNDLED)
def test_graphviz_reads_every_flow_that_ships(
    name: str, profile: Profile, modules: tuple[str, ...], readers: Readers
) -> None:
    assert_graphviz_draws(shipped(name, profile, modules), readers)


@needs_node
def test_graphviz_draws_every_hostile_text(readers: Readers) -> None:
    assert_graphviz_draws(flow_of(tuple(dict.fromkeys(TEXTS)), TEXTS, title=TEXTS[0]), readers)


def assert_graphviz_draws(flow: Flow, readers: Readers) -> None:
    read = readers.read("dot", dot(flow))
    assert "error" not in read, read
    ids = handles(status_names(flow))
    names = {ident: name for name, ident in ids.items()}

    assert [names[node[0]] for node in read["nodes"]] == list(ids)
    for ident, words, borders in read["nodes"]:
        name = names[ident]
        assert words == ([] if name == ABSENT or not name else [shown(name)])
        assert borders == ("2" if name in flow.final else "1")
    found = sorted(
        (names[source], names[target], tuple(words), style == "dashed")
        for source, target, words, style in read["edges"]
    )
    assert found == sorted(
        (arrow.source, arrow.target, tuple(filter(None, map(shown, arrow.labels))), arrow.dashed)
        for arrow in arrows(flow)
    )
