"""Options of the verbs that test a system: which one, how to ask it, where the results go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from orderflow.conformance.subjects.subject import Subject

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

RESULTS: tuple[str, ...] = ("report", "json", "junit", "summary", "ctrf")
"""Options of which each names a file for one result."""

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
