"""``orderflow diff``: how two versions of a flow differ, and which test cases that concerns."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orderflow.cli.common import Inputs, View, flow_options, form_option, inputs
from orderflow.cli.naming import flow_named
from orderflow.cli.output import check_place, pour, say, whole
from orderflow.flows.files import is_file

if TYPE_CHECKING:
    from orderflow.conformance.suites.case import Suite
    from orderflow.flows.model import Flow
    from orderflow.reports.difference import Comparison
    from orderflow.simulator.machine import Plan

_file = click.Path(path_type=Path)
_USUAL = "pairs,illegal:classes"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the command line asked for; see the options for the meaning of each."""

    old: str
    new: str
    suite: Path | None
    form: str
    output: Path | None
    svg: Path | None
    dark: bool
    profile: str
    modules: tuple[str, ...]
    changes: tuple[str, ...]

    @property
    def view(self) -> View:
        """What to see of the flows."""
        return View(self.profile, self.modules, self.changes)

    @property
    def written(self) -> dict[str, Path]:
        """Files to be written, by the option that names them."""
        given = {"--output": self.output, "--svg": self.svg}
        return {option: path for option, path in given.items() if path is not None}


@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--suite",
    type=_file,
    metavar="FILE",
    help=f"Cases to look at, made for OLD; without it those of `orderflow suite OLD` ({_USUAL}).",
)
@form_option("text", "markdown", "json", "html")
@click.option(
    "-o", "--output", type=_file, metavar="FILE", help="Write there, not to standard output."
)
@click.option("--svg", type=_file, metavar="FILE", help="Draw both versions in one picture.")
@click.option("--dark", is_flag=True, help="Draw it for a dark page.")
@flow_options
def command(**given: Any) -> None:
    """Lay two versions of a flow side by side: what was added, is gone, or is otherwise now.

    OLD and NEW are flow files, or names of flows that ship. Beside every part that differs it is
    told which cases of a suite fail on a system that follows NEW, at which step and how, which ones
    pass but take what changed, and which transitions are new to all of them.

    \b
    orderflow diff seller my-store.yaml
    orderflow diff seller my-store.yaml --format html -o changes.html
    orderflow diff seller my-store.yaml --suite seller.suite.yaml --format markdown
    git show HEAD:my-store.yaml > old.yaml; orderflow diff old.yaml my-store.yaml --svg both.svg

    Exits with 0 when nothing differs, with 1 when something does, and with 2 when a file cannot be
    read.
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    chosen = Chosen(**given)
    told = _compared(chosen)
    if chosen.svg is not None:
        from orderflow.reports.difference_picture import difference_picture

        with whole(chosen.svg) as file:
            file.write(difference_picture(told.difference, dark=chosen.dark) + "\n")
    texts = _texts(told, chosen.form)
    if chosen.output is None:
        pour(texts)
    else:
        with whole(chosen.output) as file:
            file.writelines(texts)
        say(told.sentence, err=True)
    sys.exit(1 if told.difference.changes else 0)


def _compared(chosen: Chosen) -> Comparison:
    from orderflow.conformance.suites.affected import affected, untaken
    from orderflow.flows.difference import Fate, Part, difference
    from orderflow.reports.difference import Comparison
    from orderflow.simulator.machine import compile_plan

    was, now = _seen(chosen, chosen.old), _seen(chosen, chosen.new)
    old, new = was.flows[chosen.old], now.flows[chosen.new]
    plans = compile_plan(old, was.settings), compile_plan(new, now.settings)
    suite = _suite(chosen, was, plans[0])
    found = difference(old, new)
    fates = found.fates(Part.TRANSITION)
    added = [name for name, fate in fates.items() if fate is Fate.ADDED]
    return Comparison(
        old=chosen.old,
        new=chosen.new,
        difference=found,
        suite=str(chosen.suite) if chosen.suite else f"orderflow suite {shlex.quote(chosen.old)}",
        cases=len(suite.cases),
        affected=affected(suite, *plans, found.outdated),
        untaken=untaken(suite, plans[1], added),
        remedy=shlex.join(["orderflow", "suite", chosen.new]),
    )


def _seen(chosen: Chosen, word: str) -> Inputs:
    read = [Path(each) for each in (chosen.old, chosen.new) if is_file(Path(each))]
    read += [chosen.suite] if chosen.suite else []
    places = chosen.written
    checks = [partial(check_place, option, path, places, read) for option, path in places.items()]
    return inputs(chosen.view, [word], named=_one_flow, checks=checks)


def _one_flow(word: str) -> list[tuple[str, Flow]]:
    return [(word, flow_named(word))]


def _suite(chosen: Chosen, was: Inputs, plan: Plan) -> Suite:
    """The cases to look at: those of the file as the old version plays them, or the usual ones."""
    from orderflow.conformance.suites.generate import generate
    from orderflow.conformance.suites.graph import graph_of
    from orderflow.conformance.suites.suite_file import checked, load_suite
    from orderflow.simulator.space import search

    if chosen.suite is not None:
        return checked(load_suite(chosen.suite), plan.flow, plan, source=chosen.suite)
    graph = graph_of(search(plan.flow, was.settings))
    return generate(graph, _USUAL, named=chosen.old, settings=was.settings)


def _texts(told: Comparison, form: str) -> Iterator[str]:
    from orderflow.reports.difference import as_html, as_json, as_markdown, as_text

    if form == "text":
        return (f"{line}\n" for line in as_text(told))
    whole_text = {"markdown": as_markdown, "json": as_json, "html": as_html}[form]
    return iter([whole_text(told)])
