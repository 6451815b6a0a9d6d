"""``orderflow simulate``: histories from a seed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import click

from orderflow.cli.common import (
    OutputError,
    flow_options,
    seed_option,
    settings_from,
    viewed,
    writable,
)
from orderflow.simulator.defects import Defects
from orderflow.simulator.history import Writer
from orderflow.simulator.space import search
from orderflow.simulator.workload import History, Walk

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
    output: Path | None


@click.command("simulate")
@click.argument("flow")
@click.option("--orders", type=click.IntRange(min=1), default=10, show_default=True)
@seed_option
@flow_options
@click.option(
    "--defects",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="RATE",
    help="Share of orders to break, each labelled with the rule it breaks.",
)
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File; stdout when left out.")
def command(**given: Any) -> None:
    r"""Write histories of orders that conform to FLOW, one event a line.

    Happy paths, cancellations, partial invoices, returns and failed creations are mixed; each
    order is as long as it is. Memory does not grow with --orders.

    \b
    orderflow simulate seller --orders 3
    orderflow simulate seller --orders 100000 --seed 7 -o orders.jsonl
    orderflow simulate complete --orders 1000 --format csv | head
    orderflow simulate seller --orders 500 --defects 0.05 > controls.jsonl
    """
    chosen = Chosen(**given)
    flow = viewed(chosen.flow, chosen.profile, chosen.modules)
    walk = Walk(search(flow, settings_from(chosen.changes)), chosen.seed)
    defects = Defects(flow, chosen.defects, chosen.seed) if chosen.defects else None
    writer = Writer(walk, defects=defects)
    lines = writer.jsonl if chosen.form == "jsonl" else writer.csv
    if chosen.output is None:
        _pour(lines(walk.histories(chosen.orders)), sys.stdout)
        return
    writable(chosen.output)
    part = chosen.output.with_name(f".{chosen.output.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            _pour(lines(_counted(walk.histories(chosen.orders), chosen.orders)), file)
        part.replace(chosen.output)
    except OSError as error:
        raise OutputError(f"{chosen.output}: cannot be written: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"{chosen.orders} orders written to {chosen.output}", err=True)


def _pour(lines: Iterator[str], file: TextIO) -> None:
    while block := "".join(islice(lines, _LINES_AT_ONCE)):
        file.write(block)
    file.flush()


def _counted(histories: Iterable[History], orders: int) -> Iterator[History]:
    shown = sys.stderr.isatty()
    for history in histories:
        if shown and history.number % _PROGRESS_EVERY == 0:
            click.echo(f"\r{history.number} of {orders} orders", nl=False, err=True)
        yield history
    if shown:
        click.echo("\r" + " " * 40 + "\r", nl=False, err=True)
