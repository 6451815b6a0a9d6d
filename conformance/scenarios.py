"""Command lines that show something again."""

from __future__ import annotations

import shlex

from orderflow.conformance.drive import Start
from orderflow.conformance.shrink import Acts
from orderflow.flows.model import Profile
from orderflow.simulator.scenario import Act, format_acts, format_items
from orderflow.simulator.space import Space


def replay_command(space: Space, acts: Acts, start: Start, named: str) -> str:
    """The one-line command that plays *acts* again.

    Args:
        space: The flow's configurations.
        acts: What to play.
        start: How the order begins.
        named: How a command line names the flow.
    """
    flow, usual = space.plan.flow, Start()
    words = ["orderflow", "replay", "--flow", named]
    if flow.profile not in {None, Profile.DOCUMENTED}:
        words += ["--profile", str(flow.profile)]
    for module in flow.modules:
        words += ["--module", module]
    if start.items != usual.items:
        words += ["--items", format_items(start.items)]
    if not start.replaceable:
        words.append("--no-replacement")
    return shlex.join([*words, "--steps", format_acts(acts)])


def cover_command(space: Space, transition: str, named: str) -> str:
    """The command that takes *transition*, or empty when no order gets there."""
    way = space.way_to(transition)
    if way is None:
        return ""
    root = way[0].source
    start = Start(replaceable=space.orders[root].replaceable)
    acts = tuple(Act(edge.event, edge.choice) for edge in way)
    return replay_command(space, acts, start, named)
