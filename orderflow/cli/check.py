"""``orderflow check``: explore, judge, report."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from orderflow.cli.common import (
    OutputError,
    flow_options,
    seed_option,
    settings_from,
    stage_of,
    viewed,
    writable,
    write_whole,
)
from orderflow.conformance.check import Subject, check
from orderflow.conformance.explore import Budget
from orderflow.conformance.trace_file import render_trace
from orderflow.conformance.verdict import CellOutcome, FlowVerdict, Verdict
from orderflow.flows.errors import OrderflowError
from orderflow.flows.loader import bundled_names
from orderflow.reports.html import render_html
from orderflow.reports.jsonfile import render_json
from orderflow.reports.junit import render_junit
from orderflow.reports.markdown import render_summary
from orderflow.reports.story import story

_REPORT = Path("orderflow-report.html")
_STDOUT = Path("-")
_file = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the command line asked for; see the options for the meaning of each."""

    flows: tuple[str, ...]
    examples: int
    steps: int
    seed: int
    profile: str
    modules: tuple[str, ...]
    changes: tuple[str, ...]
    report: Path
    json: Path | None
    junit: Path | None
    summary: Path | None
    traces: Path | None

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file the run will write, apart from traces."""
        wanted = (self.report, self.json, self.junit, self.summary)
        return tuple(path for path in wanted if path is not None and path != _STDOUT)

    @property
    def again(self) -> str:
        """The command line that does the same again, whatever the defaults are by then."""
        words = ["orderflow", "check", *self.flows, "--seed", str(self.seed)]
        words += ["--examples", str(self.examples), "--steps", str(self.steps)]
        words += ["--profile", self.profile]
        for module in self.modules:
            words += ["--module", module]
        for change in self.changes:
            words += ["--set", change]
        return shlex.join(words)


@click.command("check")
@click.argument("flows", nargs=-1, metavar="[FLOW]...")
@click.option(
    "--examples",
    type=click.IntRange(min=0, max=100_000),
    default=200,
    show_default=True,
    help="Random runs for each flow, after the planned tours.",
)
@click.option(
    "--steps",
    type=click.IntRange(min=1, max=1_000),
    default=40,
    show_default=True,
    help="Moves in each random run.",
)
@seed_option
@flow_options
@click.option("--report", type=_file, default=_REPORT, show_default=True, help="HTML report.")
@click.option("--json", type=_file, help="The verdict as JSON; - for stdout.")
@click.option("--junit", type=_file, help="JUnit XML, for CI systems.")
@click.option("--summary", type=_file, help="Markdown, for a CI job's summary page.")
@click.option("--traces", type=_file, help="Folder for the failures as replayable files.")
def command(**given: Any) -> None:
    r"""Explore flows, judge every step by every rule, and write a report.

    FLOW is the name of a bundled flow (marketplace, seller, complete, chain) or a flow file;
    without any, the four bundled flows are checked.

    \b
    orderflow check                       all four, report in orderflow-report.html
    orderflow check seller --seed 7       one flow, another seed
    orderflow check my.yaml --junit out.xml --summary summary.md
    orderflow check --profile observed    as recorded orders behave

    Exits with 1 when something breaks a rule; each failure comes with a command to see it again.
    """
    chosen = Chosen(**given)
    for path in chosen.files:
        writable(path)
    if chosen.traces is not None and chosen.traces.exists() and not chosen.traces.is_dir():
        raise OutputError(f"{chosen.traces}: is a file; --traces wants a folder")
    subjects = _subjects(chosen)
    settings = settings_from(chosen.changes)
    with _Progress() as progress, _no_litter():
        verdict = check(
            subjects,
            budget=Budget(chosen.examples, chosen.steps, chosen.seed),
            settings=settings,
            command=chosen.again,
            progress=progress.say,
        )
        progress.say("writing the report")
        _write(verdict, subjects, chosen)
    if chosen.json != _STDOUT:
        click.echo(_told(verdict))
        click.echo(f"report: {chosen.report}")
        click.echo(f"{'PASS' if verdict.passed else 'FAIL'}: {verdict.sentence}")
    sys.exit(0 if verdict.passed else 1)


def _subjects(chosen: Chosen) -> tuple[Subject, ...]:
    found: dict[str, Subject] = {}
    for reference in dict.fromkeys(chosen.flows or bundled_names()):
        flow = viewed(reference, chosen.profile, chosen.modules)
        if flow.name in found:
            other = found[flow.name].reference
            raise OrderflowError(f"{reference}: a flow called {flow.name!r} came with {other}, too")
        found[flow.name] = Subject(flow, reference)
    return tuple(found.values())


def _write(verdict: Verdict, subjects: tuple[Subject, ...], chosen: Chosen) -> None:
    flows = {subject.flow.name: subject.flow for subject in subjects}
    write_whole(chosen.report, render_html(verdict, flows, stage_of=stage_of))
    if chosen.json == _STDOUT:
        click.echo(render_json(verdict), nl=False)
    elif chosen.json is not None:
        write_whole(chosen.json, render_json(verdict))
    if chosen.junit is not None:
        write_whole(chosen.junit, render_junit(verdict))
    if chosen.summary is not None:
        write_whole(chosen.summary, render_summary(verdict))
    if chosen.traces is not None:
        _write_traces(verdict, chosen.traces)


def _write_traces(verdict: Verdict, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror}") from None
    flows = {flow.name: flow for flow in verdict.flows}
    for failure in verdict.failures:
        name = f"{failure.flow}-{failure.identity}"
        safe = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)
        write_whole(folder / f"{safe}.trace.yaml", render_trace(failure, flows[failure.flow]))


def _told(verdict: Verdict) -> str:
    lines = [_line(flow) for flow in verdict.flows]
    for failure in verdict.failures:
        lines += ["", story(failure)]
    if verdict.failures:
        lines.append("")
    return "\n".join(lines)


def _line(flow: FlowVerdict) -> str:
    taken = sum(1 for _, count in flow.transitions if count)
    entered = sum(1 for _, count in flow.states if count)
    refused = sum(1 for *_, outcome in flow.cells if outcome is CellOutcome.REFUSED)
    illegal = refused + sum(1 for *_, outcome in flow.cells if outcome is CellOutcome.UNTRIED)
    return (
        f"{flow.name}: {taken} of {len(flow.transitions)} transitions, "
        f"{entered} of {len(flow.states)} states, {flow.pairs} of {flow.pairs_total} pairs, "
        f"{refused} of {illegal} illegal cells refused, {flow.steps} steps"
    )


@contextmanager
def _no_litter() -> Iterator[None]:
    """Give Hypothesis a folder of its own to leave its notes in, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="orderflow-") as folder:
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", folder)
        yield


class _Progress:
    """One line on stderr that says what is going on, when somebody can see it."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._began = time.monotonic()
        self._width = 0

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            click.echo("\r" + " " * self._width + "\r", nl=False, err=True)

    def say(self, text: str) -> None:
        """Replace the line."""
        if not self._shown:
            return
        line = f"{time.monotonic() - self._began:5.1f} s  {text}"
        click.echo("\r" + line.ljust(self._width), nl=False, err=True)
        self._width = len(line)
