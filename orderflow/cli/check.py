"""``orderflow check``: explore, judge, report."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from orderflow.cli.baseline import Baseline, baseline_options
from orderflow.cli.common import View, flow_options, inputs, seed_option
from orderflow.cli.coverage_options import (
    check_counted,
    check_coverage,
    coverage_options,
    required,
)
from orderflow.cli.fault_names import wanted
from orderflow.cli.naming import everything, files_of
from orderflow.cli.output import STDOUT, check_folder, check_place
from orderflow.cli.target import option_of, sidecar_of, sidecar_option, target_options
from orderflow.conformance.subjects.errors import without_password

_REPORT = Path("orderflow-report.html")
USUAL_CALLS = 1_000
"""Random calls to a system under test when nobody says how many."""

_STORAGE = "HYPOTHESIS_STORAGE_DIRECTORY"
_file = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the command line asked for; see the options for the meaning of each."""

    flows: tuple[str, ...]
    examples: int
    steps: int
    seed: int
    proof: bool
    faults: tuple[str, ...]
    profile: str
    modules: tuple[str, ...]
    changes: tuple[str, ...]
    report: Path
    json: Path | None
    junit: Path | None
    summary: Path | None
    ctrf: Path | None
    sidecar_css: Path | None
    traces: Path | None
    coverage: Path | None
    require: str
    target: str | None
    mapping: Path | None
    baseline: Baseline

    @property
    def results(self) -> dict[str, Path]:
        """Where each result goes, by the name of its option, apart from traces."""
        wanted = {
            "report": self.report,
            "json": self.json,
            "junit": self.junit,
            "summary": self.summary,
            "ctrf": self.ctrf,
            "sidecar_css": self.sidecar_css,
        }
        return {name: path for name, path in wanted.items() if path is not None}

    @property
    def quiet(self) -> bool:
        """Whether stdout is for one of the results."""
        return STDOUT in self.results.values()

    @property
    def again(self) -> str:
        """The command line that does the same again, whatever the defaults are by then."""
        words = ["orderflow", "check", *self.flows, "--seed", str(self.seed)]
        words += ["--examples", str(self.examples), "--steps", str(self.steps)]
        words += [] if self.proof else ["--no-prove"]
        for name in self.faults:
            words += ["--faults", name]
        words += ["--profile", self.profile]
        for module in self.modules:
            words += ["--module", module]
        for change in self.changes:
            words += ["--set", change]
        words += [] if self.target is None else ["--target", without_password(self.target)]
        words += [] if self.mapping is None else ["--mapping", str(self.mapping)]
        return shlex.join(words)


def _split(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """The names in *given*, some of which may be written with commas between them."""
    del ctx, param
    names = (name.strip() for text in given for name in text.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


@click.command("check")
@click.argument("flows", nargs=-1, metavar="[FLOW]...")
@click.option(
    "--examples",
    type=click.IntRange(min=0, max=100_000),
    default=200,
    show_default=True,
    help="Random runs for each flow and deal, after the planned tours.",
)
@click.option(
    "--steps",
    type=click.IntRange(min=1, max=1_000),
    default=40,
    show_default=True,
    help="Moves in each random run.",
)
@seed_option
@click.option(
    "--prove/--no-prove",
    "proof",
    default=True,
    help="Search every situation exhaustively, too: each flow alone in every profile, and the "
    "documents of each deal together. Usual.",
)
@click.option(
    "--faults",
    multiple=True,
    metavar="NAME[,NAME]...",
    callback=_split,
    help="Look for known defects, too, one at a time: names or profiles, as `orderflow faults` "
    "lists them. May be given several times.",
)
@flow_options
@click.option("--report", type=_file, default=_REPORT, show_default=True, help="HTML report.")
@sidecar_option
@click.option("--json", type=_file, help="The verdict as JSON.")
@click.option("--junit", type=_file, help="JUnit XML, for CI systems.")
@click.option("--summary", type=_file, help="Markdown, for a CI job's summary page.")
@click.option("--ctrf", type=_file, help="Common Test Report Format, for test dashboards.")
@click.option("--traces", type=_file, help="Folder for the failures as replayable files.")
@baseline_options
@coverage_options
@target_options
def command(**given: Any) -> None:
    """Explore flows and deals, judge every step by every rule, and write a report.

    FLOW is a flow or a deal: the name of one that ships, or a file; a deal file stands for all
    deals in it. Without any, all that ship are checked; "deals" stands for the deals among them.
    One of the results may go to stdout, which is written "-" and leaves out the words for people.

    \b
    orderflow check                       all flows and deals, report in orderflow-report.html
    orderflow check seller --seed 7       one flow, another seed
    orderflow check marketplace-seller    one deal: two documents and their messages
    orderflow check my-store.yaml --traces failures --junit junit.xml
    orderflow check --profile observed    as recorded orders behave
    orderflow check seller --module picking --set cancellation_window=60
    orderflow check deal:complete --faults message.lost
    orderflow check seller --json verdict.json --summary - > summary.md
    orderflow check seller --baseline verdict.json --fail-on new    what is known may stay
    orderflow check seller --coverage coverage.json --require transitions=100,pairs=95
    orderflow check seller --target http://127.0.0.1:8080 --mapping shop.yaml

    With --target it is that system that is tested: the suite `orderflow suite` makes of pairs of
    transitions and illegal events runs on it, then random orders, and its answers are judged. The
    suite is made of what the system can be asked for, and what lies beyond is named. A system that
    does not answer is exit 2.

    Exits with 1 when something breaks a rule, or less is covered than required; each failure comes
    with a command to see it again, each gap with one that covers it. With --fail-on new, failures
    that --baseline tells of do not count.
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    baseline = Baseline(given.pop("baseline"), given.pop("fail_on"))
    given["sidecar_css"] = sidecar_of(given["report"], wanted=given["sidecar_css"])
    chosen = Chosen(**given, baseline=baseline)
    refuse_mixtures(chosen)
    places = {option_of(name): path for name, path in chosen.results.items()}
    read = (*files_of(chosen.flows), *baseline.files)
    found = inputs(
        View(chosen.profile, chosen.modules, chosen.changes),
        chosen.flows or everything(),
        checks=[
            *(partial(check_place, name, path, places, read) for name, path in places.items()),
            *([partial(check_folder, "--traces", chosen.traces)] if chosen.traces else []),
            partial(check_coverage, chosen.coverage, chosen.results),
            partial(required, chosen.require),
            partial(wanted, chosen.faults),
            baseline.read,
        ],
    )
    check_counted(chosen.require, found.flows)

    if chosen.target is not None:
        from orderflow.cli.check_target import check_target

        sys.exit(0 if check_target(chosen, found, calls=_random_calls(chosen)) else 1)

    from orderflow.cli.results import run

    with _no_litter():
        passed = run(chosen, found)
    sys.exit(0 if passed else 1)


def refuse_mixtures(chosen: Chosen) -> None:
    """Raise what cannot be asked together.

    Raises:
        UsageError: A target and what is for our own flows only, a mapping without a target, or
            what needs an earlier run without one.
    """
    chosen.baseline.refuse_mixtures()
    if chosen.target is None and chosen.mapping is not None:
        raise click.UsageError("--mapping: says how to ask a system; name it with --target")
    if chosen.target is not None and len(chosen.flows) != 1:
        raise click.UsageError("--target: name the one flow that the system should follow")
    if chosen.target is not None and chosen.faults:
        raise click.UsageError("--faults: are switched on in our own flows, not in a target")


def _random_calls(chosen: Chosen) -> int:
    """How many random calls a system under test is asked for: a real one takes its time."""
    typed = click.get_current_context().get_parameter_source
    if {typed("examples"), typed("steps")} == {ParameterSource.DEFAULT}:
        return USUAL_CALLS
    return chosen.examples * chosen.steps


@contextmanager
def _no_litter() -> Iterator[None]:
    """Give Hypothesis a folder of its own to leave its notes in, gone at the end."""
    before = os.environ.get(_STORAGE)
    # A signal must not come between making the folder and knowing that it has to be removed.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    folder = tempfile.TemporaryDirectory(prefix="orderflow-")
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.environ[_STORAGE] = before or folder.name
        yield
    finally:
        if before is None:
            os.environ.pop(_STORAGE, None)
        folder.cleanup()
