"""``--coverage`` and ``--require``: the options, and what can be wrong with what they are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from orderflow.cli.output import STDOUT, OutputError, same, writable
from orderflow.conformance.thresholds import Threshold, parse_thresholds
from orderflow.conformance.vector import DIMENSIONS
from orderflow.conformance.vector_file import read_vectors
from orderflow.flows.errors import OrderflowError
from orderflow.flows.model import Flow

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def coverage_options(command: Decorated) -> Decorated:
    """Add ``--coverage`` and ``--require``."""
    for option in (
        click.option(
            "--require",
            default="",
            metavar="DIMENSION=PERCENT[,...]",
            help="Exit with 1 when less of a flow is covered, such as transitions=100,pairs=95. "
            f"Dimensions: {', '.join(DIMENSIONS)}. With --coverage, all runs count.",
        ),
        click.option(
            "--coverage",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Add what is covered to FILE, which other runs and processes may add to as well.",
        ),
    ):
        command = option(command)
    return command


def check_coverage(path: Path | None, results: Mapping[str, Path]) -> None:
    """Make sure that coverage can be added to the file at *path*, before any work is done.

    Raises:
        OrderflowError: It cannot, or it is damaged, or a result goes there, too.
    """
    if path is None:
        return
    if path == STDOUT:
        raise OutputError("--coverage -: name a file; it is read, and then added to")
    for name, place in results.items():
        if same(place, path):
            raise OutputError(f"--coverage {path}: --{name} goes there, too")
    writable(path)
    if path.exists():
        read_vectors(path)


def required(text: str) -> tuple[Threshold, ...]:
    """What ``--require`` asks for, () when it is not there.

    Raises:
        ThresholdError: It is not written as it must be.
    """
    return parse_thresholds(text) if text else ()


def check_counted(require: str, flows: Mapping[str, Flow]) -> None:
    """Make sure that there is something of which anything can be required.

    Raises:
        OrderflowError: There is no flow.
    """
    if require and not flows:
        raise OrderflowError("--require: no flow to check, and deals have no coverage vector")
