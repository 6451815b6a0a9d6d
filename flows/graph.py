"""Walks over a flow: which statuses can be reached, and from which a status can be reached."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import networkx as nx

from orderflow.flows.model import Flow


def reachable(flow: Flow, starts: Iterable[str]) -> frozenset[str]:
    """Return *starts* and every status that some steps of *flow* lead to from there."""
    graph = _graph(flow)
    return _closure(graph, [name for name in starts if name in graph])


def leading_to(flow: Flow, goals: Iterable[str]) -> frozenset[str]:
    """Return *goals* and every status from which some steps of *flow* lead there."""
    graph = _graph(flow)
    return _closure(graph.reverse(copy=False), [name for name in goals if name in graph])


def _graph(flow: Flow) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(state.name for state in flow.states)
    graph.add_edges_from((step.source, step.target) for step in flow.transitions)
    return graph


def _closure(graph: nx.DiGraph[str], starts: list[str]) -> frozenset[str]:
    return frozenset(chain.from_iterable(nx.bfs_layers(graph, starts)))
