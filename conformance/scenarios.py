"""Command lines that show something again."""

from __future__ import annotations

import shlex

from orderflow.conformance.drive import Start
from orderflow.conformance.shrink import Acts
from orderflow.flows.model import Profile
from orderflow.flows.settings import MILLISECONDS, Settings, defaults, load_settings
from orderflow.simulator.scenario import Act, format_acts, format_items
from orderflow.simulator.space import Space


def changed(settings: Settings) -> tuple[tuple[str, str], ...]:
    """(name, value) of the settings that are not the usual ones, as typed after ``--set``.

    >>> changed(defaults().override({"cancellation_window": 90, "change_seller_window": 0.5}))
    (('cancellation_window', '90'), ('change_seller_window', '0.5'))
    """
    usual, known = defaults(), load_settings()
    return tuple(
        (name, _typed(value, known[name].unit))
        for name, value in settings.items()
        if value != usual[name]
    )


def _typed(value: object, unit: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, int) or unit not in MILLISECONDS:
        return str(value)
    # a setting is kept in whole ms, and repr() of a float reads back as the same float
    whole, rest = divmod(value, MILLISECONDS[unit])
    return repr(value / MILLISECONDS[unit]) if rest else str(whole)


def replay_command(
    space: Space, acts: Acts, start: Start, named: str, settings: Settings | None = None
) -> str:
    """The one-line command that plays *acts* again.

    Args:
        space: The flow's configurations.
        acts: What to play.
        start: How the order begins.
        named: How a command line names the flow.
        settings: Time limits of the run; the defaults when None.
    """
    flow, usual = space.plan.flow, Start()
    words = ["orderflow", "replay", "--flow", named]
    if flow.profile not in {None, Profile.DOCUMENTED}:
        words += ["--profile", str(flow.profile)]
    for module in flow.modules:
        words += ["--module", module]
    for name, value in changed(settings or defaults()):
        words += ["--set", f"{name}={value}"]
    if start.items != usual.items:
        words += ["--items", format_items(start.items)]
    if not start.replaceable:
        words.append("--no-replacement")
    return shlex.join([*words, "--steps", format_acts(acts)])


def cover_command(
    space: Space, transition: str, named: str, settings: Settings | None = None
) -> str:
    """The command that takes *transition*, or empty when no order gets there."""
    way = space.way_to(transition)
    if way is None:
        return ""
    root = way[0].source
    start = Start(replaceable=space.orders[root].replaceable)
    acts = tuple(Act(edge.event, edge.choice) for edge in way)
    return replay_command(space, acts, start, named, settings)
