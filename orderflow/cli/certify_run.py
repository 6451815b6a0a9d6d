"""What ``orderflow certify`` does once it is known what is asked for: run, judge, write, tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orderflow.certify.certification import Certified, Wanted, certify, from_trace
from orderflow.certify.run import Limits
from orderflow.certify.scenario import Scenario
from orderflow.certify.scenario_file import find_scenario, library
from orderflow.certify.stage import Addresses
from orderflow.certify.suite_file import find_suite, scenarios_of
from orderflow.cli.common import noted, refuse
from orderflow.cli.output import STDOUT, Progress, check_place, pour, say, whole
from orderflow.conformance.integration.suite import Suite
from orderflow.flows.errors import OrderflowError
from orderflow.flows.files import is_file
from orderflow.reports.integration.text import text_lines
from orderflow.reports.integration.write import rendered

if TYPE_CHECKING:
    from orderflow.cli.certify import Chosen


def run(chosen: Chosen) -> bool:
    """Certify as the command line asks; return whether the integration conforms.

    Raises:
        OrderflowError: Something is wrong with what was asked for; nothing has been started.
        KeyboardInterrupt: It was broken off; what had been judged so far has been written.
    """
    suite, scenarios = _asked(chosen)
    if chosen.from_trace is not None:
        done = Certified(from_trace(suite, chosen.from_trace, chosen.again))
    else:
        done = _certified(chosen, suite, scenarios)
    _publish(chosen, suite, done)
    if done.interrupted is not None:
        raise done.interrupted
    return done.verdict.passed


def _asked(chosen: Chosen) -> tuple[Suite, tuple[Scenario, ...]]:
    """The suite and the scenarios that are meant, or all that is wrong with what was asked for.

    Raises:
        OrderflowError: Tells all of it.
    """
    errors: list[OrderflowError] = []
    suite: Suite | None = None
    scenarios: list[Scenario] = []
    with noted(errors):
        suite = find_suite(chosen.suite)
    for word in dict.fromkeys(chosen.scenarios):
        with noted(errors):
            scenarios.append(find_scenario(word))
    places = {f"--{name}": path for name, path in chosen.results.items()}
    if chosen.trace is not None:
        places["--trace"] = chosen.trace
    for option, path in places.items():
        with noted(errors):
            check_place(option, path, places, _read(chosen))
    refuse(errors)
    if suite is None:
        raise OrderflowError(f"no suite {chosen.suite!r}")
    suite = replace(suite, strict=suite.strict or chosen.strict)
    found = tuple(scenarios) or scenarios_of(suite)
    if chosen.from_trace is None:
        _see_playable(chosen, suite, found)
    return suite, found


def _read(chosen: Chosen) -> tuple[Path, ...]:
    """Files that are read."""
    named = (chosen.suite, *chosen.scenarios)
    files = [Path(each) for each in named if is_file(Path(each))]
    files += [source for source, _ in chosen.configs]
    return (*files, *([chosen.from_trace] if chosen.from_trace else []))


def _see_playable(chosen: Chosen, suite: Suite, scenarios: tuple[Scenario, ...]) -> None:
    """Refuse a run that could show nothing.

    Raises:
        OrderflowError: There is no scenario.
        UsageError: Nobody said where the integration listens.
    """
    if not scenarios:
        told = "no scenario shows one of its rules to an integration of its roles"
        raise OrderflowError(f"{suite.name}: {told}; name one by --scenario")
    somewhere = chosen.words or chosen.listen
    if "seller" in suite.roles and not somewhere and not chosen.seller_url:
        raise click.UsageError(
            f"{suite.name}: say where the seller listens, by --seller-url, --listen or as COMMAND"
        )
    if "marketplace" in suite.roles and not somewhere and not chosen.tell_url:
        raise click.UsageError(
            f"{suite.name}: say where it is told of sales, by --tell-url, --listen or as COMMAND"
        )


def _certified(chosen: Chosen, suite: Suite, scenarios: tuple[Scenario, ...]) -> Certified:
    if chosen.trace is not None:
        with whole(chosen.trace):  # what an earlier run wrote is none of this one
            pass
    wanted = Wanted(
        suite,
        scenarios,
        chosen.words,
        seed=chosen.seed,
        port=chosen.port,
        listen=chosen.listen,
        addresses=Addresses("", chosen.hook_url, chosen.seller_url, chosen.tell_url),
        limits=Limits(chosen.timeout, chosen.patience, chosen.time_scale),
        quiet=chosen.quiet_for,
        interleave=chosen.interleave,
        configs=chosen.configs,
        trace=chosen.trace,
        again=chosen.again,
    )
    with Progress() as progress:
        return certify(wanted, progress.say, lambda words: _announce(chosen, words))


def _announce(chosen: Chosen, words: str) -> None:
    """Say where the sandbox is, to whoever starts the integration by hand."""
    if not chosen.words:
        say(words, err=True)
        say(f"waiting for the first call, {chosen.timeout:g} s at most", err=True)


def _publish(chosen: Chosen, suite: Suite, done: Certified) -> None:
    verdict, shows = done.verdict, _shown_by(suite)
    texts = {name: rendered(verdict, name, shows, done.output) for name in chosen.results}
    with ExitStack() as opened:  # all files, or none
        for name, path in chosen.results.items():
            if path != STDOUT:
                file = opened.enter_context(whole(path))
                file.write(texts[name])
                file.flush()
    pour(texts[name] for name, path in chosen.results.items() if path == STDOUT)
    if chosen.quiet:
        return
    if chosen.form == "json":
        pour([rendered(verdict, "json", shows, done.output)])
    else:
        say("\n".join(text_lines(verdict, shows)))
    places = (f"{name}: {path}" for name, path in chosen.results.items())
    say("\n".join(places), err=True)


def _shown_by(
    suite: Suite, known: Iterable[Scenario] | None = None
) -> Mapping[str, tuple[str, ...]]:
    """By rule, the names of scenarios that can show it to an integration of this suite."""
    every = [each for each in (known or library()) if set(each.roles) & set(suite.roles)]
    return {rule: tuple(each.name for each in every if rule in each.shows) for rule in suite.rules}
