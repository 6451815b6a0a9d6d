"""``check --target``: the default suite and random orders, on a system under test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from orderflow.cli.common import Inputs
from orderflow.cli.output import say
from orderflow.cli.suite_run import Places, Running, Target
from orderflow.conformance.suites.generate import DEFAULT_COVERS, generate

if TYPE_CHECKING:
    from orderflow.cli.check import Chosen


def check_target(chosen: Chosen, found: Inputs, *, calls: int) -> bool:
    """Run the default suite and *calls* random calls, write every result and tell it.

    Args:
        chosen: What the command line asked for.
        found: The viewed flow, and the settings.
        calls: Random calls after the suite.

    Raises:
        UsageError: A deal was named.
    """
    if found.deals:
        raise click.UsageError("--target: a system is checked against one flow, not a deal")
    ((named, flow),) = found.flows.items()
    running = Running(
        named,
        flow,
        found.settings,
        Target(chosen.target, chosen.mapping),
        chosen.again,
        chosen.seed,
    )
    graph = running.graph()
    covers = DEFAULT_COVERS + (f",random:{calls}" if calls else "")
    suite = generate(graph, covers, named=named, seed=chosen.seed, settings=found.settings)
    cost = suite.cost
    say(f"{len(suite.cases)} cases: {cost.orders} orders, {cost.calls} calls", err=True)
    places = Places(chosen.results, chosen.traces, chosen.coverage, chosen.require, chosen.modules)
    return running.run(suite, places, graph)
