"""``orderflow simulate``: histories from a seed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orderflow.cli.common import View, flow_options, form_option, inputs, seed_option
from orderflow.cli.output import STDOUT, OutputError, Progress, pour, same, say, whole, writable

if TYPE_CHECKING:
    from orderflow.flows.model import Flow
    from orderflow.flows.settings import Settings
    from orderflow.simulator.workload import History

_LINES_AT_ONCE = 2_000
_PROGRESS_EVERY = 10_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the command line asked for; see the options for the meaning of each."""

    flow: str
    orders: int
    seed: int
    profile: str
    modules: tuple[str, ...]
    changes: tuple[str, ...]
    defects: float
    form: str
    output: Path


@click.command("simulate")
@click.argument("flow")
@click.option(
    "--orders", type=click.IntRange(min=1), default=10, show_default=True, help="How many."
)
@seed_option
@flow_options
@click.option(
    "--defects",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="RATE",
    help="Share of orders to break, 0 to 1; the line that breaks a rule names it.",
)
@form_option("jsonl", "csv")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=STDOUT,
    help="File to write; stdout when left out.",
)
def command(**given: Any) -> None:
    """Write histories of orders that conform to FLOW, one event a line.

    Happy paths, cancellations, partial invoices, returns and failed creations are mixed; each
    order is as long as it is. Memory does not grow with --orders.

    \b
    orderflow simulate seller --orders 3
    orderflow simulate seller --orders 100000 --seed 7 -o orders.jsonl
    orderflow simulate complete --orders 1000 --format csv | head
    orderflow simulate my-store.yaml --profile observed
    orderflow simulate seller --orders 500 --defects 0.05 > controls.jsonl
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    chosen = Chosen(**given)
    flows, settings = inputs(
        View(chosen.profile, chosen.modules, chosen.changes),
        [chosen.flow],
        checks=[partial(_check_place, chosen)],
    )
    lines = _lines(chosen, flows[chosen.flow], settings)
    if chosen.output == STDOUT:
        pour(lines)
        return
    with whole(chosen.output) as file:
        for block in lines:
            file.write(block)
    say(f"{chosen.orders} orders written to {chosen.output}")


def _check_place(chosen: Chosen) -> None:
    if same(chosen.output, Path(chosen.flow)):
        raise OutputError(f"{chosen.output}: is the flow file; name another file")
    if chosen.output != STDOUT:
        writable(chosen.output)


def _lines(chosen: Chosen, flow: Flow, settings: Settings) -> Iterator[str]:
    """The file, in blocks of some thousand lines."""
    from orderflow.simulator.defects import Defects
    from orderflow.simulator.history import Writer
    from orderflow.simulator.space import search
    from orderflow.simulator.workload import Walk

    walk = Walk(search(flow, settings), chosen.seed)
    if isnan(chosen.defects):
        raise click.BadParameter("nan is no share of all orders", param_hint="--defects")
    defects = Defects(flow, chosen.defects, chosen.seed) if chosen.defects else None
    writer = Writer(walk, defects=defects)
    write = writer.jsonl if chosen.form == "jsonl" else writer.csv
    watched = chosen.output != STDOUT or not sys.stdout.isatty()
    with Progress() if watched else nullcontext() as progress:
        lines = write(_counted(walk.histories(chosen.orders), chosen.orders, progress))
        while block := "".join(islice(lines, _LINES_AT_ONCE)):
            yield block
    if defects is not None and defects.tried and not defects.broken:
        say(f"{chosen.flow}: --defects found nothing to break in these orders", err=True)


def _counted(
    histories: Iterable[History], orders: int, progress: Progress | None
) -> Iterator[History]:
    for history in histories:
        if progress is not None and history.number % _PROGRESS_EVERY == 0:
            progress.say(f"{history.number} of {orders} orders")
        yield history
