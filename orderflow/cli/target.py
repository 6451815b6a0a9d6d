"""Options of the verbs that test a system: which one, how to ask it, where the results go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from orderflow.cli.output import STDOUT

if TYPE_CHECKING:
    from orderflow.conformance.subjects.subject import Subject

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

RESULTS: tuple[str, ...] = ("report", "json", "junit", "summary", "ctrf", "sidecar_css")
"""Options of which each names a file for one result; the last by naming the first."""

_file = click.Path(path_type=Path)


def target_options(command: Decorated) -> Decorated:
    """Add ``--target`` and ``--mapping``."""
    for option in (
        click.option(
            "--mapping",
            type=_file,
            metavar="FILE",
            help="How events become requests of a URL, and answers statuses; without it the URL "
            "is asked in the plain way.",
        ),
        click.option(
            "--target",
            metavar="TARGET",
            help="System to test: a URL, 'command:./program --args', module:callable, or a "
            "mapping file that names its own URL.",
        ),
    ):
        command = option(command)
    return command


def option_of(name: str) -> str:
    """Return the option that fills the parameter *name*.

    >>> option_of("sidecar_css")
    '--sidecar-css'
    """
    return f"--{name.replace('_', '-')}"


def sidecar_option(command: Decorated) -> Decorated:
    """Add ``--sidecar-css``."""
    return click.option(
        "--sidecar-css",
        is_flag=True,
        help="Write the styles of the HTML report beside it, too, under its name with .css, for "
        "servers that block styles within a page, as Jenkins does.",
    )(command)


def sidecar_of(report: Path | None, *, wanted: bool) -> Path | None:
    """Return where the styles of *report* go, None when they are not *wanted* as a file.

    Raises:
        UsageError: There is no report that they could be beside.
    """
    if not wanted:
        return None
    if report is None or report == STDOUT:
        raise click.UsageError("--sidecar-css: goes beside the report; name it with --report FILE")
    return report.with_suffix(".css")


def run_result_options(command: Decorated) -> Decorated:
    """Add where results go, ``--baseline``, ``--fail-on``, and coverage."""
    from orderflow.cli.baseline import baseline_options
    from orderflow.cli.coverage_options import coverage_options

    command = baseline_options(coverage_options(command))
    for option in (
        click.option("--traces", type=_file, help="Folder for the failures as replayable files."),
        click.option("--ctrf", type=_file, help="Common Test Report Format, for test dashboards."),
        click.option("--summary", type=_file, help="Markdown, for a CI job's summary page."),
        click.option("--junit", type=_file, help="JUnit XML, for CI systems."),
        click.option("--json", type=_file, help="The verdict as JSON."),
        sidecar_option,
        click.option("--report", type=_file, help="HTML report."),
    ):
        command = option(command)
    return command


def subject_from(
    target: str,
    mapping: Path | None = None,
    events: Iterable[str] = (),
    statuses: Iterable[str] = (),
) -> AbstractContextManager[Subject]:
    """Open the system that ``--target`` and ``--mapping`` name.

    Args:
        target: What was typed.
        mapping: How to ask it, None for the plain way.
        events: Events of the flow, which a mapping may name beside those of the vocabulary.
        statuses: Statuses of the flow, which a mapping may name beside those of the platform.

    Raises:
        OrderflowError: It cannot be had, or the mapping file is wrong.
    """
    from orderflow.conformance.subjects.target import open_subject

    return open_subject(target, mapping, events=events, statuses=statuses)
