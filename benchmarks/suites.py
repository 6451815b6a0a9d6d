"""Length and making of test suites, beside the shortest there can be and beside a random walk.

Run it with ``python benchmarks/suites.py``. What a suite costs is its calls, and for each order
as many calls as a new order is worth. No suite that covers the same costs less than the flow of
least cost that the tours are made of, so the first ratio is 1 at best. The random walk takes any
legal step, begins another order after 40 calls or where there is no step, and stops when it has
covered the same, on the graph alone; the median of several seeds is quoted, with ">" when some
gave up before. Time is processor time of this process.
"""

from __future__ import annotations

import argparse
import statistics
import time
from random import Random
from typing import NamedTuple

from orderflow.conformance.suites.case import Suite
from orderflow.conformance.suites.generate import RESET_COST, generate
from orderflow.conformance.suites.graph import Arc, Graph, graph_of
from orderflow.conformance.suites.sequences import routes_through
from orderflow.flows.errors import OrderflowError
from orderflow.flows.loader import bundled, bundled_names
from orderflow.flows.settings import defaults
from orderflow.simulator.space import search

COMPARED = (("transitions", 1), ("pairs", 2))
OTHERS = (
    *("states", "switch:2", "switch:3", "illegal", "illegal:single", "timers", "illegal:classes"),
    *("pairs,illegal", "pairs,illegal:classes"),
    *("hsi", "hsi-blind", "random:1000", "weighted:1000", "hsi:1", "hsi-blind:1"),
)
MOST_CALLS = 200_000
"""Calls after which a random walk is given up."""

LONGEST = 40
"""Calls after which a random walk begins another order: some statuses are never left."""


class Made(NamedTuple):
    """A suite and the seconds it took to make."""

    suite: Suite
    seconds: float


def made(graph: Graph, cover: str, name: str, rounds: int = 1) -> Made:
    """Make a suite, some times over; the median of the time counts."""
    found = [timed(graph, cover, name) for _ in range(rounds)]
    return Made(found[0].suite, statistics.median(each.seconds for each in found))


def timed(graph: Graph, cover: str, name: str) -> Made:
    """Make a suite once."""
    began = time.process_time()
    suite = generate(graph, cover, named=name)
    return Made(suite, time.process_time() - began)


def price(orders: int, calls: int) -> int:
    """What a suite costs, in calls."""
    return calls + RESET_COST * orders


class Wandered(NamedTuple):
    """What a random walk cost, and whether it has taken all sequences for it."""

    price: int
    done: bool


def wandered(graph: Graph, length: int, wanted: int, seed: int) -> Wandered:
    """Walk at random until all sequences are taken, or the calls are used up."""
    chance = Random(seed)
    seen: set[tuple[int, ...]] = set()
    orders = calls = 0
    while calls < MOST_CALLS:
        node, _ = chance.choice(graph.roots)
        orders += 1
        last: tuple[Arc, ...] = ()
        for _ in range(LONGEST):
            if not graph.out[node]:
                break
            arc = chance.choice(graph.out[node])
            node, calls = arc.target, calls + 1
            last = (*last, arc)[-length:]
            if len(last) == length:
                seen.add(tuple(each.number for each in last))
                if len(seen) == wanted:
                    return Wandered(price(orders, calls), done=True)
    return Wandered(price(orders, calls), done=False)


def compared(graph: Graph, name: str, rounds: int, seeds: int) -> list[str]:
    """A line for each suite that is planned to be the shortest."""
    lines = []
    for cover, length in COMPARED:
        suite, seconds = made(graph, cover, name, rounds)
        routes = routes_through(graph, length, RESET_COST)
        ours, least = price(suite.cost.orders, suite.cost.calls), routes.least or 0
        wanted = sum(1 if length == 1 else len(graph.out[arc.target]) for arc in graph.arcs)
        walks = [wandered(graph, length, wanted, seed) for seed in range(seeds)]
        walk = statistics.median(each.price for each in walks) / ours
        sign = " " if all(each.done for each in walks) else ">"
        lines.append(
            f"{name:12} {cover:14} {suite.cost.orders:7,} {suite.cost.calls:9,} {seconds:8.2f}"
            f" {ours / least:9.3f} {sign}{walk:9.1f}"
        )
    return lines


def sized(graph: Graph, name: str) -> list[str]:
    """A line for each other suite."""
    lines = []
    for cover in OTHERS:
        try:
            suite, seconds = made(graph, cover, name)
        except OrderflowError as error:
            lines.append(f"{name:12} {cover:14} {str(error).partition(';')[0]}")
            continue
        cost = suite.cost
        lines.append(f"{name:12} {cover:14} {cost.orders:7,} {cost.calls:9,} {seconds:8.2f}")
    return lines


def main() -> None:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(description="Length of suites, as ratios.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=5)
    chosen = parser.parse_args()
    views = {name: bundled(name).view() for name in bundled_names()}
    graphs = {name: graph_of(search(flow, defaults())) for name, flow in views.items()}
    heads = f"{'flow':12} {'suite':14} {'orders':>7} {'calls':>9} {'seconds':>8}"
    print(f"beside the least there can be, and a random walk (median of {chosen.seeds} seeds)")
    print(f"a new order counts as {RESET_COST} calls")
    print(f"{heads} {'to least':>9} {'walk to us':>10}")
    for name, graph in graphs.items():
        print(*compared(graph, name, chosen.rounds, chosen.seeds), sep="\n", flush=True)
    print(f"\nall other suites\n{heads}")
    for name, graph in graphs.items():
        print(*sized(graph, name), sep="\n", flush=True)


if __name__ == "__main__":
    main()
