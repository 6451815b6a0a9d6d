"""``orderflow lint``: validate and analyse flow files and deal files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

import click

from orderflow.cli.common import form_option
from orderflow.cli.deal_facts import facts, lint_deal
from orderflow.cli.naming import all_named, everything
from orderflow.cli.output import pour, say
from orderflow.flows.deal import Deal
from orderflow.flows.errors import FlowFileError, OrderflowError, Place, Problem
from orderflow.flows.loader import bundled_names
from orderflow.flows.model import Flow


@dataclass(slots=True)
class Analysis:
    """What was found out so far.

    Attributes:
        flows: How many flows were analysed.
        deals: The deals that were.
        unreadable: What makes files unreadable.
        findings: What the analysis finds in the others.
    """

    flows: int = 0
    deals: list[Deal] = field(default_factory=list)
    unreadable: dict[Problem, None] = field(default_factory=dict)
    findings: dict[Problem, None] = field(default_factory=dict)

    @property
    def counted(self) -> str:
        """How much was found, and in what."""
        what = [_counted(self.flows, "flow")] if self.flows or not self.deals else []
        what += [_counted(len(self.deals), "deal")] if self.deals else []
        return f"{_counted(len(self.findings), 'finding')} in {' and '.join(what)}"


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
    """Validate flow files and deal files, and analyse what they say, in every profile.

    FLOW is a flow or a deal: a file, or the name of one that ships. Without any, all that ship are
    analysed; "deals" stands for the deals among them. A file that cannot be read is reported with
    everything that is wrong with it. Of each deal that is named it is told who takes part, which
    links apply, and which rows of its flows nobody can ever take.

    \b
    orderflow lint my-store.yaml
    orderflow lint deals
    orderflow lint marketplace-seller
    orderflow lint --format json my-store.yaml another.yaml
    orderflow lint --vocabulary

    Exits with 1 when the analysis finds something, with 2 when a file cannot be read.
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    if vocabulary:
        if flows:
            raise click.UsageError("--vocabulary is about the published tables: it takes no FLOW")
        _tell_vocabulary(form)
        return
    analysis = _analysed(dict.fromkeys(flows or everything()))
    if form == "json":
        _pour_json([*analysis.unreadable, *analysis.findings])
    else:
        _tell(analysis, named=bool(flows))
    sys.exit(2 if analysis.unreadable else 1 if analysis.findings else 0)


def _tell(analysis: Analysis, *, named: bool) -> None:
    for deal in analysis.deals if named else ():
        for line in facts(deal):
            say(line)
    for problem in analysis.unreadable:
        say(str(problem), err=True)
    for problem in analysis.findings:
        say(str(problem))
    if not analysis.unreadable:
        say(analysis.counted)


def _analysed(words: Iterable[str]) -> Analysis:
    analysis = Analysis()
    for word in words:
        try:
            for _, found in all_named(word):
                _analyse(analysis, found)
        except FlowFileError as error:
            analysis.unreadable |= dict.fromkeys(error.problems)
        except OrderflowError as error:
            problem = Problem(Place(word), str(error), "no-such-flow")
            analysis.unreadable[problem] = None
    return analysis


def _analyse(analysis: Analysis, found: Flow | Deal) -> None:
    from orderflow.flows.lint import lint

    if isinstance(found, Flow):
        analysis.flows += 1
        analysis.findings |= dict.fromkeys(lint(found))
        return
    analysis.deals.append(found)
    flows = {each.flow.source: each.flow for each in found.participants}
    own = (flow for flow in flows.values() if flow.name not in bundled_names())
    analysis.findings |= dict.fromkeys(problem for flow in own for problem in lint(flow))
    analysis.findings |= dict.fromkeys(lint_deal(found))


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
