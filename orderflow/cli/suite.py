"""``orderflow suite``: test cases with a guarantee, written or run."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from orderflow.cli.baseline import Baseline
from orderflow.cli.common import View, flow_options, form_option, inputs, seed_option
from orderflow.cli.naming import files_of
from orderflow.cli.output import (
    STDOUT,
    OutputError,
    Progress,
    check_folder,
    check_place,
    pour,
    say,
    whole,
)
from orderflow.cli.suite_make import (
    Cases,
    Opener,
    Rates,
    adjusted,
    covers_of,
    from_file,
    generated,
    no_system,
    told,
)
from orderflow.cli.target import (
    RESULTS,
    option_of,
    run_result_options,
    sidecar_of,
    target_options,
)
from orderflow.conformance.subjects.errors import without_password
from orderflow.conformance.suites.generate import COVER_HELP, DEFAULT_COVERS, RESET_COST
from orderflow.conformance.suites.limited import Reach
from orderflow.conformance.suites.suite_file import is_suite_file, render_suite
from orderflow.conformance.suites.wording import counted
from orderflow.simulator.scenario import ScenarioError, milliseconds

_OF_RUN = ("target", "mapping", *RESULTS, "traces", "coverage", "require", "baseline", "fail_on")
"""Options that mean something only when the suite is run."""

_IN_FILE = ("cover", "seed", "profile", "modules", "changes")
"""Options that say what a SUITE-FILE says itself."""

_COVERS = "\n".join(f"{name:<16}{about}" for name, about in COVER_HELP)

_HELP = f"""Generate test cases for a flow, or read them from a file, and run them on a system.

A case is what is done to one order, step by step, and where each step must lead. FLOW is the name
of a flow that ships, or the file of your own; SUITE-FILE is what this command wrote before. What
it costs to run the cases, and what is known of a system that passes, is told before anything runs.

\b
orderflow suite seller > seller.yaml
orderflow suite seller --cover transitions -o seller.suite.yaml
orderflow suite seller --format pytest -o test_seller.py
orderflow suite seller --cover states,timers --format json -o seller.json
orderflow suite my-store.yaml --cover pairs --profile observed -o my-store.suite.yaml
orderflow suite seller --budget 200 --latency 300ms --order-cost 5s
orderflow suite seller --cover pairs,illegal,kill -o strong.suite.yaml
orderflow suite seller.suite.yaml --run
orderflow suite seller.suite.yaml --run --target http://127.0.0.1:8080 --junit junit.xml

What can be covered; several are separated by commas:

\b
{_COVERS}

A scenario file holds sequences of your own. Steps are written as behind `orderflow replay --steps`;
title, tags, which name the requirements a sequence is for, and items may be left out:

\b
scenarios:
  - id: early-cancel
    title: Canceled before it is authorized
    tags: [REQ-7]
    items: 2x5000
    steps: [place_order, complete_checkout, await_authorization, request_cancel, finish_cancel]

Without --run the suite is written: YAML for people, JSON with concrete calls for a runner in any
language, or a pytest module. With --run it is run on the system that --target names, or on our
own simulator. A SUITE-FILE is held against its flow first; when the flow has changed, every case
that does not fit any more is named.

Exits with 1 when the system deviates.
"""


def _in_ms(ctx: click.Context, param: click.Parameter, given: str) -> int:
    """A length of time as it is typed in a scenario, in ms."""
    try:
        return milliseconds(given)
    except ScenarioError as error:
        raise click.BadParameter(str(error), ctx, param) from None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the command line asked for; see the options for the meaning of each."""

    flow: str
    cover: str
    budget: int | None
    seed: int
    latency: int
    order_cost: int
    form: str
    output: Path | None
    wants_run: bool
    profile: str
    modules: tuple[str, ...]
    changes: tuple[str, ...]
    of_run: Mapping[str, Any]

    @property
    def rates(self) -> Rates:
        """What a system is said to take its time for."""
        return Rates(self.latency, self.order_cost)

    @property
    def goes_to(self) -> Path | None:
        """Where the suite is written, None for nowhere."""
        return self.output or (None if self.wants_run else STDOUT)

    @property
    def places(self) -> dict[str, Path]:
        """Where each result goes, by its option."""
        written = {"-o": self.goes_to, **{option_of(name): self.of_run[name] for name in RESULTS}}
        return {option: path for option, path in written.items() if path is not None}

    @property
    def again(self) -> str:
        """The command line that does the same again, without where the results go."""
        words = ["orderflow", "suite", self.flow]
        if not is_suite_file(Path(self.flow)):
            words += ["--cover", self.cover, "--seed", str(self.seed), "--profile", self.profile]
            words += [word for name in self.modules for word in ("--module", name)]
            words += [word for change in self.changes for word in ("--set", change)]
        words += ["--budget", str(self.budget)] if self.budget else []
        for name in ("target", "mapping"):
            value = self.of_run[name]
            words += [f"--{name}", without_password(str(value))] if value is not None else []
        return shlex.join([*words, "--run"])


@click.command("suite", help=_HELP)
@click.argument("flow", metavar="FLOW|SUITE-FILE")
@click.option(
    "--cover",
    default=DEFAULT_COVERS,
    show_default=True,
    metavar="NAME[,NAME]...",
    help="What the cases are to cover, see above.",
)
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    metavar="CALLS",
    help="Keep the cases that together notice the most broken systems within so many calls.",
)
@seed_option
@click.option(
    "--latency",
    callback=_in_ms,
    metavar="TIME",
    default="50ms",
    show_default=True,
    help="What a call takes, for the estimate.",
)
@click.option(
    "--order-cost",
    callback=_in_ms,
    metavar="TIME",
    default="2s",
    show_default=True,
    help="What a new order takes, for the estimate. When this or --latency is given, their "
    f"ratio decides where a long case is better than two; else an order counts as {RESET_COST} "
    "calls.",
)
@form_option("yaml", "json", "pytest")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="File to write the suite to; stdout when left out, nowhere with --run.",
)
@click.option("--run", "wants_run", is_flag=True, help="Run the cases.")
@target_options
@run_result_options
@flow_options
def command(**given: Any) -> None:
    """Generate test cases, or read them, and write or run them."""
    of_run = {name: given.pop(name) for name in _OF_RUN}
    of_run["baseline"] = Baseline(of_run["baseline"], of_run.pop("fail_on"))
    beside = of_run["sidecar_css"] and given["wants_run"]
    of_run["sidecar_css"] = sidecar_of(of_run["report"], wanted=beside)
    chosen = Chosen(**given, of_run=of_run)
    typed = _typed(click.get_current_context())
    _refuse(chosen, typed)
    with ExitStack() as opened:
        cases = _cases(chosen, _opener(chosen, opened), reset_cost=_reset_cost(chosen, typed))
        if cases.reach is None:
            say("\n".join(told(cases.suite, chosen.rates)), err=True)
            _write(chosen.goes_to or STDOUT, chosen, cases)
            return
        measures = not typed & {"latency", "order_cost"}
        sys.exit(0 if _conforms(chosen, cases, cases.reach, measures=measures) else 1)


def _opener(chosen: Chosen, opened: ExitStack) -> Opener:
    """How to open the system that is tested, which stays open until the command is over."""
    if not chosen.wants_run:
        return no_system

    from orderflow.cli.suite_run import Target

    target = Target(chosen.of_run["target"], chosen.of_run["mapping"])
    return lambda plan: opened.enter_context(target.opened(plan))


def _typed(ctx: click.Context) -> frozenset[str]:
    """Names of the options that were typed."""
    sources = {name: ctx.get_parameter_source(name) for name in ctx.params}
    return frozenset(n for n, source in sources.items() if source is ParameterSource.COMMANDLINE)


def _refuse(chosen: Chosen, typed: frozenset[str]) -> None:
    """Raise what makes no sense together, before anything is read."""
    if not chosen.wants_run and typed & set(_OF_RUN):
        options = ", ".join(f"--{name}" for name in _OF_RUN if name in typed).replace("_", "-")
        raise click.UsageError(f"{options}: the suite is only written; add --run")
    chosen.of_run["baseline"].refuse_mixtures()
    if chosen.of_run["mapping"] is not None and chosen.of_run["target"] is None:
        raise click.UsageError("--mapping: says how to ask a system; name it with --target")
    if chosen.wants_run and chosen.output is None and "form" in typed:
        raise click.UsageError("--format: no suite is written; say where with -o")
    if chosen.wants_run and chosen.output == STDOUT:
        raise click.UsageError("-o -: what the run shows goes to stdout; name a file")
    if typed & set(_IN_FILE) and is_suite_file(Path(chosen.flow)):
        named = {"modules": "module", "changes": "set"}
        options = ", ".join(f"--{named.get(name, name)}" for name in _IN_FILE if name in typed)
        raise click.UsageError(f"{chosen.flow} says itself what is in it: leave out {options}")


def _reset_cost(chosen: Chosen, typed: frozenset[str]) -> int:
    """What a new order costs, in calls."""
    if not typed & {"latency", "order_cost"}:
        return RESET_COST
    return max(1, round(chosen.order_cost / max(chosen.latency, 1)))


def _cases(chosen: Chosen, opened: Opener, *, reset_cost: int) -> Cases:
    """The suite that was asked for, or everything that is wrong with the command line."""
    checks = list(_checks(chosen))
    if is_suite_file(Path(chosen.flow)):
        found = from_file(Path(chosen.flow), checks, opened)
        for option, path in chosen.places.items():
            check_place(option, path, {option: path}, files_of([found.word]))
        return found if chosen.budget is None else adjusted(found, chosen.budget)
    view = View(chosen.profile, chosen.modules, chosen.changes)
    covers = partial(covers_of, chosen.cover)
    seen = inputs(view, [chosen.flow], checks=[*checks, covers])
    with Progress() as progress:
        progress.say("generating cases")
        found = generated(
            seen, chosen.flow, covers(), seed=chosen.seed, reset_cost=reset_cost, opened=opened
        )
    found = found if chosen.budget is None else adjusted(found, chosen.budget)
    return found.promising_less


def _checks(chosen: Chosen) -> Iterator[partial[Any]]:
    """What can be known to be wrong before any work is done."""
    from orderflow.cli.coverage_options import check_coverage, required

    mapping, traces = chosen.of_run["mapping"], chosen.of_run["traces"]
    baseline = chosen.of_run["baseline"]
    scenarios = (word.partition(":")[2].strip() for word in chosen.cover.split(","))
    words = (chosen.flow, *(word for word in scenarios if word))
    read = (*files_of(words), *([mapping] if mapping else []), *baseline.files)
    for option, path in chosen.places.items():
        yield partial(check_place, option, path, chosen.places, read)
    if traces is not None:
        yield partial(check_folder, "--traces", traces)
    results = {option.lstrip("-"): path for option, path in chosen.places.items()}
    yield partial(check_coverage, chosen.of_run["coverage"], results)
    yield partial(required, chosen.of_run["require"])
    yield partial(baseline.read)


def _write(path: Path, chosen: Chosen, cases: Cases) -> None:
    """Write the suite.

    Raises:
        OutputError: It cannot be written there.
    """
    if chosen.form == "pytest":
        from orderflow.conformance.suites.pytest_file import render_pytest

        text = render_pytest(cases.suite)
    else:
        text = render_suite(cases.suite, "json" if chosen.form == "json" else "yaml", cases.plan)
    if path == STDOUT:
        pour([text])
        return
    with whole(path) as file:
        file.write(text)
    say(f"{counted(len(cases.suite.cases), 'case')} written to {path}", err=True)
    if chosen.form == "pytest" and not re.fullmatch(r"test_.*\.py|.*_test\.py", path.name):
        say(f"pytest finds test_*.py by itself; of this file tell it: pytest {path}", err=True)


def _conforms(chosen: Chosen, cases: Cases, reach: Reach, *, measures: bool) -> bool:
    """Tell what the suite costs, write it where that is wanted, run it; whether all conforms."""
    from orderflow.cli.suite_run import Running, Target, places_of

    if not cases.suite.cases:
        why = "".join(f"; {reason}" for reason in reach.lost.reasons)
        raise OutputError(f"{chosen.flow}: there is no case to run{why}")
    target = Target(chosen.of_run["target"], chosen.of_run["mapping"])
    flow = cases.plan.flow
    running = Running(cases.word, flow, cases.settings, target, chosen.again)
    running.announce(cases.suite, reach, chosen.rates, measures=measures)
    if chosen.goes_to is not None:
        _write(chosen.goes_to, chosen, cases)
    return running.run(cases.runnable, places_of(chosen.of_run, flow.modules), reach)
