"""``orderflow draw``: a flow as a picture, or as text for other tools."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from orderflow.cli.common import View, form_option, inputs
from orderflow.cli.naming import files_of, flow_named, kind_of
from orderflow.cli.output import STDOUT, check_place, pour, whole
from orderflow.flows.errors import OrderflowError
from orderflow.flows.model import Flow, Profile

_COLOURED = ("svg", "png")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the command line asked for; see the options for the meaning of each."""

    flow: str
    form: str
    output: Path
    dark: bool
    profile: str
    modules: tuple[str, ...]

    def refuse_what_does_not_fit(self) -> None:
        """Raise for options that mean nothing for the chosen format."""
        if self.dark and self.form not in _COLOURED:
            raise click.UsageError(f"--dark: only svg and png have colours, {self.form} has none")
        if self.form == "png" and self.output == STDOUT:
            raise click.UsageError("--format png: a PNG is no text; name a file with -o")


@click.command("draw")
@click.argument("flow", metavar="FLOW")
@form_option("svg", "mermaid", "dot", "graphml", "scxml", "png")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=STDOUT,
    help="File to write; stdout when left out, which a PNG cannot go to.",
)
@click.option("--dark", is_flag=True, help="Light lines on a dark ground: svg and png.")
@click.option(
    "--profile",
    type=click.Choice([str(profile) for profile in Profile]),
    default=str(Profile.DOCUMENTED),
    show_default=True,
    help="Body of evidence to follow.",
)
@click.option(
    "--module",
    "modules",
    multiple=True,
    metavar="NAME",
    help="Switch on an optional part of the platform, such as picking or wms. "
    "May be given several times.",
)
def command(**given: Any) -> None:
    """Draw FLOW, the name of a bundled flow or the path of a flow file.

    svg is one picture with its legend, readable without any CSS; png is the same in pixels. mermaid
    and dot are diagrams for pages and tools that draw them; a dashed or dotted line is taken by
    another actor than the platform. graphml and scxml tell everything about every transition, for
    graph tools and for tools that run state machines.

    \b
    orderflow draw seller -o seller.svg
    orderflow draw seller --dark -o seller-dark.svg
    orderflow draw marketplace --module picking --format mermaid
    orderflow draw chain --profile observed --format dot | dot -Tpdf -o chain.pdf
    orderflow draw complete --format graphml -o complete.graphml
    orderflow draw complete --format scxml -o complete.scxml
    orderflow draw my-store.yaml --format png -o my-store.png

    png needs an optional part: pip install 'orderflow-harness[png]'.
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    chosen = Chosen(**given)
    chosen.refuse_what_does_not_fit()
    places = {"-o": chosen.output}
    found = inputs(
        View(chosen.profile, chosen.modules, ()),
        [chosen.flow],
        named=_named,
        checks=[partial(check_place, "-o", chosen.output, places, files_of([chosen.flow]))],
    )
    (flow,) = found.flows.values()
    _write(chosen, flow)


def _named(word: str) -> Iterator[tuple[str, Flow]]:
    if kind_of(word) == "deal":
        raise OrderflowError(f"{word}: is a deal; draw shows one flow, such as seller")
    yield word, flow_named(word)


def _write(chosen: Chosen, flow: Flow) -> None:
    if chosen.form == "png":
        from orderflow.reports.exports.png import png

        picture = png(_text(chosen, flow))
        with whole(chosen.output) as file:
            file.buffer.write(picture)
    elif chosen.output == STDOUT:
        pour([_text(chosen, flow)])
    else:
        with whole(chosen.output) as file:
            file.write(_text(chosen, flow))


def _text(chosen: Chosen, flow: Flow) -> str:
    from orderflow.reports.exports.dot import dot
    from orderflow.reports.exports.graphml import graphml
    from orderflow.reports.exports.mermaid import mermaid
    from orderflow.reports.exports.picture import flow_svg
    from orderflow.reports.exports.scxml import scxml

    writers: dict[str, Callable[[Flow], str]] = {
        "mermaid": mermaid,
        "dot": dot,
        "graphml": graphml,
        "scxml": scxml,
    }
    writer = writers.get(chosen.form, partial(flow_svg, dark=chosen.dark))
    return writer(flow)
