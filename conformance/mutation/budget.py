"""The strongest part of a suite that fits into a number of calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from orderflow.conformance.mutation.operators import mutants
from orderflow.conformance.mutation.score import Bench, sound_scripts
from orderflow.conformance.mutation.tally import bits
from orderflow.conformance.suites.case import Guarantee, Suite
from orderflow.conformance.suites.graph import Graph

BUDGET = "budget"
"""Name of the guarantee of a part of a suite."""


def strongest(suite: Suite, graph: Graph, calls: int) -> Suite:
    """The cases of *suite* that notice the most broken systems within *calls* calls.

    The case that notices the most new ones per call is taken first, and so on. Unless all cases
    fit, what the generators promised holds no longer: the only promise is how many of the mutants
    that the whole suite notices are left.

    Args:
        suite: The suite.
        graph: The graph of its flow.
        calls: Calls that may be made; making a new order is none.

    Raises:
        MutationError: A sound system does not pass the suite.
    """
    plan = graph.space.plan
    bench = Bench(sound_scripts(suite, plan), plan)
    kills, whole = _kills(bench, graph, len(suite.cases))
    prices = [max(case.calls, 1) for case in suite.cases]
    kept = _within(kills, prices, calls)
    if suite.cost.calls <= calls:
        kept = list(range(len(suite.cases)))
    noticed = 0
    for place in kept:
        noticed |= kills[place]
    guarantee = _guarantee(calls, noticed.bit_count(), whole)
    others = suite.guarantees if len(kept) == len(suite.cases) else ()
    cases = tuple(suite.cases[place] for place in kept)
    return replace(suite, cases=cases, guarantees=(*others, guarantee))


def _kills(bench: Bench, graph: Graph, cases: int) -> tuple[list[int], int]:
    """Mutants each case kills, one bit each, and how many all cases kill together."""
    columns: list[list[int]] = [[] for _ in range(cases)]
    number = 0
    for mutant in mutants(graph):
        killers, _ = bench.killers(mutant)
        if killers:
            for place in bits(killers):
                columns[place].append(number)
            number += 1
    return [_mask(column, number) for column in columns], number


def _mask(places: Sequence[int], size: int) -> int:
    """The whole number whose bits at *places* are set."""
    data = bytearray(size // 8 + 1)
    for place in places:
        data[place // 8] |= 1 << place % 8
    return int.from_bytes(data, "little")


def _within(kills: Sequence[int], prices: Sequence[int], calls: int) -> list[int]:
    """Places of the cases to keep, in order."""
    kept: set[int] = set()
    left, noticed = calls, 0
    while True:
        open_to_choice = [
            (-(kills[place] & ~noticed).bit_count() / prices[place], place)
            for place in range(len(kills))
            if place not in kept and prices[place] <= left
        ]
        if not open_to_choice or min(open_to_choice)[0] == 0:
            return sorted(kept)
        _, best = min(open_to_choice)
        kept.add(best)
        left -= prices[best]
        noticed |= kills[best]


def _guarantee(calls: int, noticed: int, whole: int) -> Guarantee:
    sentence = (
        f"Within {calls} calls, {noticed} of the {whole} broken systems that all cases together "
        "notice are still noticed; a subject that passes is none of those."
    )
    return Guarantee(BUDGET, sentence, (("mutants noticed", noticed), ("of", whole)))
