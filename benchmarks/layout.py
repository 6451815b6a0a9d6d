"""How long a picture takes, beside a breadth-first walk through the same flow.

Absolute times depend on the machine; the ratio to a walk that looks at every transition once,
and to the force-directed layout of networkx (which routes no line and places no label), hardly
does.

    python benchmarks/layout.py
    python benchmarks/layout.py --states 40 --steps 90
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import deque
from collections.abc import Callable
from random import Random

import networkx as nx

from orderflow.flows.loader import bundled, bundled_names
from orderflow.flows.model import Flow, Profile, State, Transition
from orderflow.reports.layout import layout

ALL_MODULES = ("picking", "wms", "change-payment")
FORCED_ITERATIONS = 50
WALKS = 500
"""One walk is too short for the clock."""


def milliseconds(work: Callable[[], object]) -> float:
    """Time *work* once."""
    began = time.process_time_ns()
    work()
    return (time.process_time_ns() - began) / 1e6


def made_up(seed: int, states: int, steps: int) -> Flow:
    """Make a flow: half a chain, the rest hanging off it, and steps from anywhere to anywhere."""
    chance = Random(seed)
    names = [f"status-{i}" for i in range(states)]
    half = states // 2
    pairs = [(names[i - 1], names[i]) for i in range(1, half + 1)]
    pairs += [(chance.choice(names[:i]), names[i]) for i in range(half + 1, states)]
    while len(pairs) < steps:
        pairs.append((chance.choice(names), chance.choice(names)))
    return Flow(
        "made-up",
        "Made up",
        names[0],
        tuple(map(State, names)),
        tuple(Transition(f"T{i}", f"T{i}", a, f"event_{i}", b) for i, (a, b) in enumerate(pairs)),
        success=(names[half],),
    )


def walk(flow: Flow) -> int:
    """Look at every transition once, breadth first."""
    seen = {flow.initial}
    queue = deque(seen)
    looked = 0
    while queue:
        for step in flow.out.get(queue.popleft(), ()):
            looked += 1
            if step.target not in seen:
                seen.add(step.target)
                queue.append(step.target)
    return looked


def graph_of(flow: Flow) -> nx.DiGraph[str]:
    """Build the graph networkx lays out."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(state.name for state in flow.states)
    graph.add_edges_from((step.source, step.target) for step in flow.transitions)
    return graph


def compared(name: str, flow: Flow, rounds: int) -> tuple[float, str]:
    """Measure one flow, all contenders in turn; return our median and a line of the table."""
    graph = graph_of(flow)
    contenders: tuple[Callable[[], object], ...] = (
        lambda: layout(flow),
        lambda: [walk(flow) for _ in range(WALKS)],
        lambda: nx.spring_layout(graph, seed=1, iterations=FORCED_ITERATIONS),
    )
    times = [[milliseconds(work) for work in contenders] for _ in range(rounds)]
    ours, walks, spring = (statistics.median(column) for column in zip(*times, strict=True))
    size = f"{len(flow.states)}/{len(flow.transitions)}"
    line = f"{name:12} {size:>7} {ours:7.1f} {ours * WALKS / walks:8,.0f} {ours / spring:10.2f}"
    return ours, line


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="Time of pictures, as ratios.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--flows", type=int, default=9)
    parser.add_argument("--states", type=int, default=25)
    parser.add_argument("--steps", type=int, default=45)
    chosen = parser.parse_args()
    flows = {name: bundled(name).view(Profile.DOCUMENTED, ALL_MODULES) for name in bundled_names()}
    for seed in range(chosen.flows):
        flows[f"made up {seed}"] = made_up(seed, chosen.states, chosen.steps)
    print("processor time of a picture, in milliseconds, and as a ratio")
    print(f"{'flow':12} {'size':>7} {'ms':>7} {'to walk':>8} {'to spring':>10}")
    times = []
    for name, flow in flows.items():
        ours, line = compared(name, flow, chosen.rounds)
        print(line, flush=True)
        times += [ours] * name.startswith("made up")
    print(f"median of {len(times)} made-up flows: {statistics.median(times):.1f} ms")


if __name__ == "__main__":
    main()
