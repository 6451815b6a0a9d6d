"""Configurations a second and bytes a configuration of the search of a whole deal, in one run.

Run it with ``python benchmarks/prove.py``. The limit it is held against is the bare search: the
same breadth-first loop over integers, with the same numbers of nodes and edges in the same sets
and lists, that looks up the steps of each node and asks nothing. Rounds are interleaved and the
median is quoted; time is processor time of this process, so other load counts little.
"""

from __future__ import annotations

import argparse
import statistics
import time
import tracemalloc
from array import array
from collections.abc import Callable
from typing import NamedTuple

from orderflow.conformance.deal_search import Search
from orderflow.flows.deal import Deal
from orderflow.flows.deal_loader import bundled_deal
from orderflow.flows.settings import defaults
from orderflow.simulator.product import NO_FAULTS, Faults, Product


class Subject(NamedTuple):
    """What is searched."""

    name: str
    deal: Deal
    faults: Faults


_ASTRAY = Faults(lost=True, doubled=True, reordered=True)


def searched(subject: Subject, limit: int) -> Search:
    """Everything anew: tables, configurations, properties, standstill."""
    product = Product(subject.deal, defaults(), faults=subject.faults)
    search = Search(product, limit)
    search.run()
    search.stuck()
    return search


class Graph(NamedTuple):
    """What the search walked through, with its steps at hand."""

    start: int
    deltas: dict[int, tuple[int, ...]]


def graph_of(search: Search) -> Graph:
    """Steps by configuration; equal ones shared, as the tables of the search share them."""
    shared: dict[tuple[int, ...], tuple[int, ...]] = {}
    found = {}
    for code in search.codes[: search.visited]:
        steps = tuple(search.product.deltas(code))
        found[code] = shared.setdefault(steps, steps)
    return Graph(search.product.start, found)


def bare(graph: Graph) -> int:
    """The same loop without meaning: the limit."""
    codes, numbers = [graph.start], {graph.start: 0}
    parents, targets, ends = array("I", [0]), array("I"), array("I", [0])
    for at, code in enumerate(codes):
        for delta in graph.deltas.get(code, ()):
            target = code + delta
            number = numbers.get(target)
            if number is None:
                number = numbers[target] = len(codes)
                codes.append(target)
                parents.append(at)
            targets.append(number)
        ends.append(len(targets))
    return len(codes)


def seconds(run: Callable[[], object]) -> float:
    """Processor time of one run."""
    began = time.process_time()
    run()
    return time.process_time() - began


def bytes_each(subject: Subject, limit: int) -> float:
    """Memory at its peak, by configuration; measured apart, for measuring slows the search."""
    tracemalloc.start()
    search = searched(subject, limit)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / len(search.codes)


def measure(subject: Subject, rounds: int, limit: int) -> str:
    """One line of the table."""
    search = searched(subject, limit)
    count, edges, graph = len(search.codes), search.edges, graph_of(search)
    ours, bares = [], []
    for _ in range(rounds):
        ours.append(seconds(lambda: searched(subject, limit)))
        bares.append(seconds(lambda: bare(graph)))
    rate, most = (count / statistics.median(found) for found in (ours, bares))
    return (
        f"{subject.name:40} {count:10,} {edges:10,} {rate:10,.0f} {most:10,.0f} {rate / most:6.2f}"
        f" {bytes_each(subject, limit // 4):8,.0f}"
    )


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="Configurations a second, as ratios.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=int, default=1_000_000)
    chosen = parser.parse_args()
    chain = bundled_deal("marketplace-chain-seller").view()
    subjects = (
        Subject("a second seller takes over", bundled_deal("seller-change").view(), NO_FAULTS),
        Subject("three levels", chain, NO_FAULTS),
        Subject("three levels, any message astray", chain, _ASTRAY),
    )
    print(f"searches of whole deals, median of {chosen.rounds} interleaved rounds")
    heads = ("visited", "steps", "per s", "bare per s", "ratio", "bytes")
    print(f"{'deal':40} {heads[0]:>10} {heads[1]:>10} {heads[2]:>10} {heads[3]:>10}", end=" ")
    print(f"{heads[4]:>6} {heads[5]:>8}")
    for subject in subjects:
        print(measure(subject, chosen.rounds, chosen.limit))


if __name__ == "__main__":
    main()
