"""``orderflow lint``: validate and analyse flow files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from orderflow.flows.errors import FlowFileError, Problem
from orderflow.flows.lint import lint
from orderflow.flows.loader import bundled, bundled_names, load_flow
from orderflow.flows.vocabulary_lint import vocabulary_lint


@click.command("lint")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@click.option(
    "--vocabulary",
    is_flag=True,
    help="Report the statuses that fall through the published five-stage tables.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(files: tuple[Path, ...], vocabulary: bool, form: str) -> None:
    r"""Validate flow files and analyse what they say, in every profile.

    Without FILE the four bundled flows are analysed. A file that cannot be read is reported with
    everything that is wrong with it.

    \b
    orderflow lint my-flow.yaml
    orderflow lint --format json flows/*.yaml
    orderflow lint --vocabulary

    Exits with 1 when the analysis finds something, with 2 when a file cannot be read.
    """
    found: list[Problem] = []
    unreadable: list[Problem] = []
    if vocabulary:
        found += vocabulary_lint()
    elif files:
        for file in files:
            try:
                found += lint(load_flow(file))
            except FlowFileError as error:
                unreadable += error.problems
    else:
        for name in bundled_names():
            found += lint(bundled(name))
    _print([*unreadable, *found], form)
    if form == "text":
        count = len(files) or len(bundled_names())
        what = "the five-stage vocabulary" if vocabulary else f"{count} flow files"
        click.echo(f"{what}: {len(unreadable) + len(found)} findings", err=True)
    sys.exit(2 if unreadable else 1 if found else 0)


def _print(problems: list[Problem], form: str) -> None:
    if form == "json":
        rows = [
            {
                "file": problem.place.file,
                "line": problem.place.line,
                "column": problem.place.column,
                "check": problem.check,
                "text": problem.text,
            }
            for problem in problems
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for problem in problems:
        click.echo(str(problem))
