"""Options of the verbs that test a system: which one, how to ask it, where the results go."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from orderflow.cli.output import STDOUT, OutputError, same, writable

if TYPE_CHECKING:
    from orderflow.conformance.subjects.subject import Subject

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

RESULTS: tuple[str, ...] = ("report", "json", "junit", "summary")
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
    """Add ``--report``, ``--json``, ``--junit``, ``--summary``, ``--traces``, and coverage."""
    from orderflow.cli.coverage_options import coverage_options

    command = coverage_options(command)
    for option in (
        click.option("--traces", type=_file, help="Folder for the failures as replayable files."),
        click.option("--summary", type=_file, help="Markdown, for a CI job's summary page."),
        click.option("--junit", type=_file, help="JUnit XML, for CI systems."),
        click.option("--json", type=_file, help="The verdict as JSON."),
        click.option("--report", type=_file, help="HTML report."),
    ):
        command = option(command)
    return command


def subject_from(
    target: str, mapping: Path | None = None, events: Iterable[str] = ()
) -> AbstractContextManager[Subject]:
    """Open the system that ``--target`` and ``--mapping`` name.

    Args:
        target: What was typed.
        mapping: How to ask it, None for the plain way.
        events: Events of the flow, which a mapping may name beside those of the vocabulary.

    Raises:
        OrderflowError: It cannot be had, or the mapping file is wrong.
    """
    from orderflow.conformance.subjects.target import open_subject

    return open_subject(target, mapping, events=events)


def check_place(option: str, path: Path, places: Mapping[str, Path], read: Iterable[Path]) -> None:
    """Make sure that a result can go where it should, and destroys nothing.

    Args:
        option: The option that names the place, such as ``--json``.
        path: The place.
        places: All places of the command line, by option.
        read: Files that the command reads.

    Raises:
        OutputError: Another result goes there, or it is read, or nothing can be written there.
    """
    first = next(name for name, place in places.items() if name == option or same(place, path))
    if first != option:
        raise OutputError(f"{option} {path}: {first} goes there, too")
    if any(same(each, path) for each in read):
        raise OutputError(f"{option} {path}: is read by this command; name another file")
    if path != STDOUT:
        writable(path)


def check_folder(option: str, folder: Path) -> None:
    """Make sure that there is, or can be, a folder to write to.

    Raises:
        OutputError: There cannot.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{option} {folder}: is a file; name a folder")
    home = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    if not home.is_dir() or not os.access(home, os.W_OK):
        raise OutputError(f"{option} {folder}: cannot be made in {home}")
