"""``orderflow lint``: validate and analyse flow files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

import click

from orderflow.cli.common import form_option, found
from orderflow.cli.output import pour, say
from orderflow.flows.errors import FlowFileError, OrderflowError, Place, Problem
from orderflow.flows.loader import bundled_names


@click.command("lint")
@click.argument("flows", nargs=-1, metavar="[FLOW]...")
@click.option(
    "--vocabulary",
    is_flag=True,
    help="List where the published five-stage tables fall short, and how each place is read. "
    "They are nobody's to mend here: exits with 0.",
)
@form_option("text", "json")
def command(flows: tuple[str, ...], vocabulary: bool, form: str) -> None:
    """Validate flow files and analyse what they say, in every profile.

    FLOW is a flow file or the name of a bundled flow; without any, the four bundled flows are
    analysed. A file that cannot be read is reported with everything that is wrong with it.

    \b
    orderflow lint my-store.yaml
    orderflow lint --format json my-store.yaml another.yaml
    orderflow lint --vocabulary

    Exits with 1 when the analysis finds something, with 2 when a file cannot be read.
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    if vocabulary:
        if flows:
            raise click.UsageError("--vocabulary is about the published tables: it takes no FLOW")
        _tell_vocabulary(form)
        return
    wanted = tuple(dict.fromkeys(flows or bundled_names()))
    unreadable, findings = _analysed(wanted)
    if form == "json":
        _pour_json([*unreadable, *findings])
    else:
        for problem in unreadable:
            say(str(problem), err=True)
        for problem in findings:
            say(str(problem))
        if not unreadable:
            say(f"{_counted(len(findings), 'finding')} in {_counted(len(wanted), 'flow')}")
    sys.exit(2 if unreadable else 1 if findings else 0)


def _analysed(references: Iterable[str]) -> tuple[list[Problem], list[Problem]]:
    """What makes flows unreadable, and what the analysis finds in the others, each once."""
    from orderflow.flows.lint import lint

    unreadable: list[Problem] = []
    findings: list[Problem] = []
    for reference in references:
        try:
            findings += lint(found(reference))
        except FlowFileError as error:
            unreadable += error.problems
        except OrderflowError as error:
            unreadable.append(Problem(Place(reference), str(error), "no-such-flow"))
    return list(dict.fromkeys(unreadable)), list(dict.fromkeys(findings))


def _tell_vocabulary(form: str) -> None:
    from orderflow.flows.vocabulary_lint import vocabulary_lint

    findings = vocabulary_lint()
    if form == "json":
        _pour_json(findings)
        return
    for problem in findings:
        say(str(problem))
    numbers = {problem.check for problem in findings}
    say(f"{_counted(len(findings), 'finding')}, {len(numbers)} kinds, in the published tables")


def _pour_json(problems: Iterable[Problem]) -> None:
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
    pour([json.dumps(rows, indent=2) + "\n"])


def _counted(count: int, what: str) -> str:
    """A number and a noun: ``no findings``, ``1 finding``, ``2 findings``."""
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
