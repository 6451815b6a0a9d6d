"""Command lines that show something again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from orderflow.conformance.drive import Start
from orderflow.conformance.shrink import Acts
from orderflow.flows.deal import Deal
from orderflow.flows.model import Profile
from orderflow.flows.settings import MILLISECONDS, Settings, defaults, load_settings
from orderflow.simulator.deal_scenario import Carry, DealAct, format_deal_acts
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
    flow = space.plan.flow
    options = _options(flow.profile, flow.modules, start, settings or defaults())
    words = ["orderflow", "replay", "--flow", named, *options]
    return shlex.join([*words, "--steps", format_acts(acts)])


def deal_replay_command(
    deal: Deal,
    acts: Iterable[DealAct | Carry],
    start: Start,
    named: str,
    settings: Settings | None = None,
) -> str:
    """The one-line command that plays *acts* on a sale again.

    Args:
        deal: The deal, as a profile sees it.
        acts: What to play.
        start: How the orders begin.
        named: How a command line names the deal.
        settings: Time limits of the run; the defaults when None.
    """
    profile, modules = view_of(deal)
    options = _options(profile, modules, start, settings or defaults())
    words = ["orderflow", "replay", "--deal", named, *options]
    return shlex.join([*words, "--steps", format_deal_acts(acts)])


def view_of(deal: Deal) -> tuple[Profile | None, tuple[str, ...]]:
    """Profile and modules that a deal is viewed in."""
    flows = [each.flow for each in deal.participants]
    modules = dict.fromkeys(name for flow in flows for name in flow.modules)
    return flows[0].profile, tuple(modules)


def _options(
    profile: Profile | None, modules: Iterable[str], start: Start, settings: Settings
) -> list[str]:
    words, usual = [], Start()
    if profile not in {None, Profile.DOCUMENTED}:
        words += ["--profile", str(profile)]
    for module in modules:
        words += ["--module", module]
    for name, value in changed(settings):
        words += ["--set", f"{name}={value}"]
    if start.items != usual.items:
        words += ["--items", format_items(start.items)]
    if not start.replaceable:
        words.append("--no-replacement")
    return words


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
