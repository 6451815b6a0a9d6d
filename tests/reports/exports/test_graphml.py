"""GraphML is read back by networkx as the same graph, with everything that was told."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings

from orderflow.flows.model import Flow, Profile
from orderflow.reports.exports.graphml import graphml
from orderflow.reports.exports.handles import status_names
from tests.reports.exports.flows import BUNDLED, TEXTS, flow_of, hostile_flows, shipped

SPACE = "{http://graphml.graphdrawing.org/xmlns}"
NMTOKEN = re.compile(r"[A-Za-z0-9._:-]+")


def kept(text: str) -> str:
    """What XML can hold of *text*: the rest is spelled out."""
    return "".join(
        char
        if char in "\t\n\r" or ((ord(char) >= 0x20 and not 0xD800 <= ord(char) <= 0xDFFF)
        and char not in "\ufffe\uffff")
        else char.encode("unicode_escape").decode()
        for char in text
    )  # fmt: skip


def read(flow: Flow) -> nx.MultiDiGraph[str]:
    graph: Any = nx.parse_graphml(graphml(flow), force_multigraph=True)
    assert isinstance(graph, nx.MultiDiGraph)
    return graph


def assert_reads_back(flow: Flow) -> None:
    graph = read(flow)
    named = {node: facts.get("name", "") for node, facts in graph.nodes(data=True)}
    steps = sorted(graph.edges(keys=True, data=True), key=lambda edge: int(edge[2][1:]))

    assert list(named.values()) == [kept(name) for name in status_names(flow)]
    for name, facts in zip(status_names(flow), graph.nodes.values(), strict=True):
        state = flow.state.get(name)
        assert facts["starred"] is (state is not None and state.starred)
        assert facts.get("note", "") == kept(state.note if state else "")
        assert (facts["kind"] in {"success", "failure", "closed"}) is (
            name in flow.final and name != "(none)"
        )
    assert [
        (
            named[source],
            named[target],
            facts["transition"],
            facts.get("event", ""),
            facts.get("actors", ""),
            facts.get("guard", ""),
            facts.get("held", ""),
            facts["automatic"],
        )
        for source, target, _, facts in steps
    ] == [
        (
            kept(step.source),
            kept(step.target),
            step.id,
            kept(step.event),
            " ".join(step.actors),
            " ".join(step.when),
            kept(step.held),
            step.automatic,
        )
        for step in flow.transitions
    ]


@pytest.mark.parametrize(("name", "profile", "modules"), BUNDLED)
def test_every_flow_that_ships_reads_back(
    name: str, profile: Profile, modules: tuple[str, ...]
) -> None:
    assert_reads_back(shipped(name, profile, modules))


@given(hostile_flows())
@settings(max_examples=80, deadline=None)
def test_whatever_a_flow_may_hold_reads_back(flow: Flow) -> None:
    assert_reads_back(flow)


def test_a_graph_tool_finds_statuses_by_their_names() -> None:
    graph = read(shipped("seller", Profile.DOCUMENTED, ()))

    assert graph.graph["flow"] == "seller"
    assert graph.nodes["handling"] == {
        "name": "handling",
        "kind": "status",
        "waits_for": "seller",
        "starred": False,
    }
    assert graph.nodes["window-to-cancel"]["timers"] == "cancellation_window:grace_period_over"
    assert graph.nodes["invoiced"]["kind"] == "success"
    assert nx.has_path(graph, "no-order", "invoiced")
    (full,) = (facts for *_, facts in graph.edges("invoice", data=True) if facts["row"] == "S12")
    assert (full["guard"], full["automatic"]) == ("invoiced_fully", True)


@pytest.mark.parametrize(
    "flow",
    [shipped("complete", Profile.LEGACY, ()), flow_of(tuple(dict.fromkeys(TEXTS)), TEXTS)],
    ids=["complete", "hostile"],
)
def test_ids_are_tokens_and_every_key_is_declared_with_its_type(flow: Flow) -> None:
    root = ET.fromstring(graphml(flow))  # noqa: S314 - our own text
    keys = {key.get("id"): key.get("for") for key in root.iter(f"{SPACE}key")}
    ids = [e.get("id", "") for tag in ("node", "edge") for e in root.iter(f"{SPACE}{tag}")]

    assert len(set(ids)) == len(ids)
    assert all(map(NMTOKEN.fullmatch, ids))
    assert max(map(len, ids)) <= 80
    assert {key.get("attr.type") for key in root.iter(f"{SPACE}key")} == {"string", "boolean"}
    for tag in ("graph", "node", "edge"):
        for element in root.iter(f"{SPACE}{tag}"):
            told = [data.get("key") for data in element.findall(f"{SPACE}data")]
            assert [keys[key] for key in told] == [tag] * len(told)


def test_what_the_eye_cannot_see_is_seen_in_the_file() -> None:
    text = graphml(flow_of(TEXTS[:-1], TEXTS))

    assert all(char.isprintable() or char == "\n" for char in text)
    assert "&#8238;paid" in text
    assert r"bell\x07 null\x00" in text
