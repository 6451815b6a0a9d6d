"""``check --target``: the default suite and random orders, on a system under test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from orderflow.cli.common import Inputs
from orderflow.cli.suite_make import Rates
from orderflow.cli.suite_run import Places, Running, Target
from orderflow.conformance.suites.generate import DEFAULT_COVERS, generate
from orderflow.conformance.suites.graph import graph_of
from orderflow.conformance.suites.limited import Reach
from orderflow.simulator.space import search

if TYPE_CHECKING:
    from orderflow.cli.check import Chosen

_USUAL = Rates(50, 2_000)
"""What a system is taken to need when not even one case can be begun on it."""


def check_target(chosen: Chosen, found: Inputs, *, calls: int) -> bool:
    """Run the default suite and *calls* random calls, write every result and tell it.

    Args:
        chosen: What the command line asked for.
        found: The viewed flow, and the settings.
        calls: Random calls after the suite.

    Raises:
        UsageError: A deal was named.
        TargetError: The system cannot be had, or does not answer.
    """
    if found.deals:
        raise click.UsageError("--target: a system is checked against one flow, not a deal")
    ((named, flow),) = found.flows.items()
    target = Target(chosen.target, chosen.mapping)
    running = Running(named, flow, found.settings, target, chosen.again, chosen.seed)
    graph = graph_of(search(flow, found.settings))
    covers = DEFAULT_COVERS + (f",random:{calls}" if calls else "")
    with target.opened(graph.space.plan) as subject:
        reach = Reach.of(graph, subject)
        suite = generate(
            reach.graph, covers, named=named, seed=chosen.seed, settings=found.settings
        )
        suite = reach.lost.promised(suite)
        running.announce(suite, reach, _USUAL, measures=True)
        places = Places(
            chosen.results,
            chosen.traces,
            chosen.coverage,
            chosen.require,
            chosen.modules,
            chosen.baseline,
        )
        return running.run(suite, places, reach)
