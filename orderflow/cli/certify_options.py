"""The options of ``orderflow certify``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from orderflow.cli.reach import HIGHEST_PORT

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_file = click.Path(path_type=Path, dir_okay=False)
_Seconds = click.FloatRange(0, 86_400, min_open=True)


class _Config(click.ParamType):  # type: ignore[type-arg]  # generic in its stubs only
    """``TEMPLATE=FILE``."""

    name = "TEMPLATE=FILE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Path, Path]:
        """The two paths."""
        if isinstance(value, tuple):
            return value
        source, sign, target = str(value).partition("=")
        if not (source and sign and target):
            self.fail("write TEMPLATE=FILE: what to fill in, and where it goes", param, ctx)
        return Path(source), Path(target)


def options_of_run(command: Decorated) -> Decorated:
    """Add how the run goes, and how long it may take."""
    for option in (
        click.option(
            "--interleave", is_flag=True, help="Play all scenarios at once, on one clock."
        ),
        click.option(
            "--patience",
            type=click.FloatRange(0, 1_000, min_open=True),
            default=1.0,
            show_default=True,
            metavar="FACTOR",
            help="Wait so much longer than the scenarios say, for what is slow.",
        ),
        click.option(
            "--timeout",
            type=_Seconds,
            default=600.0,
            show_default=True,
            metavar="SECONDS",
            help="All is over after this, whatever the integration does.",
        ),
        click.option(
            "--quiet-for",
            type=_Seconds,
            default=1.0,
            show_default=True,
            metavar="SECONDS",
            help="Without a call for so long, an integration that polls no feed is at rest.",
        ),
        click.option(
            "--time-scale",
            type=click.FloatRange(0, 100_000, min_open=True),
            default=60.0,
            show_default=True,
            metavar="FACTOR",
            help="How much shorter the integration's pauses are here: at 60, a minute is a second. "
            "1 for one that knows nothing of ORDERFLOW_TIME_SCALE.",
        ),
        click.option(
            "--config",
            "configs",
            type=_Config(),
            multiple=True,
            help="Fill ${ORDERFLOW_URL} and the like into TEMPLATE, and write FILE before COMMAND "
            "is started. Repeatable.",
        ),
        click.option(
            "--port",
            type=click.IntRange(0, HIGHEST_PORT),
            default=0,
            help="Port of the sandbox; any that is free when it is 0, which is usual.",
        ),
        click.option(
            "--strict", is_flag=True, help="Warnings fail, too; as the suite says otherwise."
        ),
    ):
        command = option(command)
    return command


def address_options(command: Decorated) -> Decorated:
    """Add where an integration listens."""
    for option in (
        click.option(
            "--tell-url",
            default="",
            metavar="URL",
            help="Where it is told what its own people do, such as a sale of its marketplace; "
            "/tell at ORDERFLOW_PORT otherwise.",
        ),
        click.option(
            "--seller-url",
            default="",
            metavar="URL",
            help="Where it is called as a seller; /seller at ORDERFLOW_PORT otherwise.",
        ),
        click.option(
            "--hook-url",
            default="",
            metavar="URL",
            help="Configure a hook that tells all news to URL; the integration does so otherwise.",
        ),
        click.option(
            "--listen",
            type=click.IntRange(0, HIGHEST_PORT),
            default=0,
            metavar="PORT",
            help="Port of this machine on which the integration listens; any that is free for "
            "COMMAND otherwise.",
        ),
    ):
        command = option(command)
    return command


def result_options(report: Path) -> Callable[[Decorated], Decorated]:
    """Add where results go, and what is judged without a run."""

    def added(command: Decorated) -> Decorated:
        for option in (
            click.option(
                "--from-trace",
                type=_file,
                metavar="FILE",
                help="Judge what orderflow serve --trace, or --trace of this command, has written.",
            ),
            click.option(
                "--trace", type=_file, metavar="FILE", help="Each call and step, a JSON line each."
            ),
            click.option(
                "--certificate",
                type=_file,
                metavar="FILE",
                help="What was certified, with versions and digests, for a pipeline to look at.",
            ),
            click.option("--badge", type=_file, metavar="FILE", help="SVG badge."),
            click.option("--summary", type=_file, metavar="FILE", help="Markdown summary."),
            click.option("--junit", type=_file, metavar="FILE", help="JUnit XML."),
            click.option("--json", type=_file, metavar="FILE", help="The whole verdict."),
            click.option(
                "--report", type=_file, default=report, show_default=True, help="HTML report."
            ),
        ):
            command = option(command)
        return command

    return added
