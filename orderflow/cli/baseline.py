"""``--baseline`` and ``--fail-on``: an earlier run to lay a run beside, and what of it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from orderflow.conformance.baseline import Changes
    from orderflow.conformance.verdict import Failure, Verdict

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_MOST_GONE = 5
"""Failures of the earlier run that are told one by one."""


def baseline_options(command: Decorated) -> Decorated:
    """Add ``--baseline`` and ``--fail-on``."""
    for option in (
        click.option(
            "--fail-on",
            type=click.Choice(["any", "new"]),
            default="any",
            show_default=True,
            help="What makes the exit code 1: any failure, or only one that --baseline does not "
            "tell of. What could not be judged fails either way.",
        ),
        click.option(
            "--baseline",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="What --json wrote in an earlier run: every result tells which failures are new, "
            "known and fixed since.",
        ),
    ):
        command = option(command)
    return command


@dataclass(slots=True)
class Baseline:
    """An earlier run, as a command line names it.

    Attributes:
        path: Its verdict file, None when there is none.
        fail_on: ``any`` or ``new``.
        earlier: Its verdict, None until it is read.
    """

    path: Path | None = None
    fail_on: str = "any"
    earlier: Verdict | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """Files that are read."""
        return () if self.path is None else (self.path,)

    def refuse_mixtures(self) -> None:
        """Raise what makes no sense together.

        Raises:
            UsageError: Only new failures count, and nobody knows which are.
        """
        if self.fail_on == "new" and self.path is None:
            raise click.UsageError(
                "--fail-on new: what is known? Name an earlier --json: --baseline FILE"
            )

    def read(self) -> None:
        """Read the file, once: it may be a pipe.

        Raises:
            VerdictFileError: It cannot be read, or is no verdict.
        """
        from orderflow.reports.jsonfile import load_verdict

        if self.path is not None and self.earlier is None:
            self.earlier = load_verdict(self.path)

    def beside(self, verdict: Verdict) -> Changes | None:
        """Lay *verdict* beside the earlier run, None when there is none."""
        from orderflow.conformance.baseline import compare

        self.read()
        return None if self.earlier is None else compare(verdict, self.earlier)

    def excuses(self, verdict: Verdict, changes: Changes | None) -> bool:
        """Whether a verdict that is no pass shall not fail the run: all of it is known."""
        from orderflow.conformance.baseline import only_known

        if self.fail_on != "new" or changes is None or verdict.passed:
            return False
        return only_known(verdict, changes)


def excused(verdict: Verdict, baseline: Baseline) -> str:
    """Return what to say, loudly, of a run with known failures only."""
    count = sum(failure.severity == "error" or bool(failure.fault) for failure in verdict.failures)
    many = "failure is" if count == 1 else "failures are"
    return f"EXIT 0 ALL THE SAME: {count} {many} known from {baseline.path} (--fail-on new)"


def changed(changes: Changes) -> Iterator[str]:
    """What changed since the earlier run as lines for people."""
    yield changes.sentence
    yield from (f"  {note}" for note in changes.notes)
    yield from _gone("fixed", ((failure, "") for failure in changes.fixed), len(changes.fixed))
    doubtful = zip(changes.unasked, changes.reasons, strict=True)
    yield from _gone("not asked again", doubtful, len(changes.unasked))


def _gone(word: str, gone: Iterator[tuple[Failure, str]], count: int) -> Iterator[str]:
    for failure, why in islice(gone, _MOST_GONE):
        where = failure.deal or failure.flow
        yield f"  {word}: {failure.rule} ({where}): {failure.sentence}"
        if why:
            yield f"    {why}; to know: {failure.replay}" if failure.replay else f"    {why}"
    if count > _MOST_GONE:
        yield f"  {word}: {count - _MOST_GONE} more"
