"""The layout of a flow: a pure function from a :class:`~orderflow.flows.model.Flow` to numbers.

The undisturbed order runs straight down, everything else stands beside it
(:mod:`orderflow.reports.lanes`); lines run in channels between the lanes
(:mod:`orderflow.reports.routing`), share trunks into the same status, and carry their label next
to their source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from orderflow.flows.model import ABSENT, Flow
from orderflow.reports.geometry import Layout
from orderflow.reports.lanes import Board, Pair, place
from orderflow.reports.links import Labels, Link, links_of, plain_label
from orderflow.reports.paths import draw
from orderflow.reports.routing import grid_of, routes_of

StageOf = Callable[[str], int]
"""Stage (1 to 5) of a status, 0 when it has none."""


def no_stage(state: str) -> int:  # noqa: ARG001
    """Say that no status belongs to a stage: a picture without bands."""
    return 0


def layout(
    flow: Flow,
    *,
    labels: Labels = plain_label,
    ghosts: tuple[tuple[str, str], ...] = (),
    stage_of: StageOf = no_stage,
) -> Layout:
    """Lay out one profile of a flow.

    Args:
        flow: The flow, as one profile sees it.
        labels: Text and grey suffix for transitions that share source, event and target.
        ghosts: Steps (source, target) that were observed; drawn beside what the flow allows.
        stage_of: Stage of a status; rows of the spine are banded by it.
    """
    names = [state.name for state in flow.states]
    ends = [name for link in flow.transitions for name in (link.source, link.target)]
    ends += [name for ghost in ghosts for name in ghost]
    states = tuple(dict.fromkeys((*names, *(name for name in ends if name != ABSENT))))
    links = links_of(flow, labels, tuple(ghost for ghost in ghosts if ABSENT not in ghost))
    path = spine(flow)
    cells = place(_board(flow, states, path, links))
    grid = grid_of(cells)
    routes = routes_of(grid, links)
    stages = {cells[state][1]: stage_of(state) for state in path}
    return draw(flow, grid, routes, stages)


def spine(flow: Flow) -> tuple[str, ...]:
    """Return the statuses that run down the middle: the happy path, or the longest way to success.

    Without a declared path and without a success status that can be reached it is the longest
    way from the first status that goes forward only.
    """
    known = flow.state
    declared = tuple(dict.fromkeys(state for state in flow.happy_path if state in known))
    if declared or not flow.states:
        return declared
    # Imported here: a flow that declares its happy path is drawn without.
    import networkx as nx

    start = flow.initial if flow.initial in known else flow.states[0].name
    onward = _onward(flow)
    back = _back_edges(onward, start)
    avoided = set(flow.failure) - {start}
    # built in declared order: a subgraph view would iterate over a set
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(state for state in known if state not in avoided)
    graph.add_edges_from(
        pair
        for source, targets in onward.items()
        for pair in ((source, target) for target in targets)
        if pair not in back and avoided.isdisjoint(pair)
    )
    reached = {start} | nx.descendants(graph, start)
    goal = next((state for state in flow.success if state in reached), None)
    if goal is not None:
        reached &= {goal, *nx.ancestors(graph, goal)}
    graph.remove_nodes_from([state for state in graph if state not in reached])
    return tuple(nx.dag_longest_path(graph))


def _onward(flow: Flow) -> dict[str, list[str]]:
    """List by status where its transitions lead, itself left out."""
    onward: dict[str, dict[str, None]] = {state.name: {} for state in flow.states}
    for step in flow.transitions:
        if step.source != step.target and step.source in onward and step.target in onward:
            onward[step.source][step.target] = None
    return {state: list(targets) for state, targets in onward.items()}


def _back_edges(onward: Mapping[str, Sequence[str]], start: str) -> set[Pair]:
    """Find the edges that close a loop in a walk depth first, in declared order, from *start*."""
    back: set[Pair] = set()
    done: set[str] = set()
    for root in (start, *onward):
        path = {root: iter(onward[root])} if root not in done else {}
        while path:
            state = next(reversed(path))
            target = next(path[state], None)
            if target is None:
                del path[state]
                done.add(state)
            elif target in path:
                back.add((state, target))
            elif target not in done:
                path[target] = iter(onward[target])
    return back


def _board(
    flow: Flow, states: tuple[str, ...], path: tuple[str, ...], links: tuple[Link, ...]
) -> Board:
    pairs = tuple(
        dict.fromkeys(
            (link.source, link.target) for link in links if link.source not in {link.target, ABSENT}
        )
    )
    back = _back_edges(_onward(flow), path[0]) if path else set()
    rank = {state: row for row, state in enumerate(path)}
    upward = {
        (source, target)
        for source, target in pairs
        if source in rank and target in rank and rank[target] < rank[source]
    }
    hints = {state.name: (state.lane, state.row) for state in flow.states}
    asked = {state: hint for state, hint in hints.items() if hint != (None, None)}
    left = frozenset(state for state in states if state in flow.closed)
    return Board(states, path, pairs, frozenset(back | upward), asked, left)
