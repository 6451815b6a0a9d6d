"""``orderflow simulate``: histories from a seed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

import click

from orderflow.cli.common import (
    OutputError,
    flow_options,
    seed_option,
    settings_from,
    viewed,
    writable,
)
from orderflow.simulator.history import Writer
from orderflow.simulator.space import search
from orderflow.simulator.workload import History, Walk

_LINES_AT_ONCE = 2_000
_PROGRESS_EVERY = 10_000


@click.command("simulate")
@click.argument("flow")
@click.option("--orders", type=click.IntRange(min=1), default=10, show_default=True)
@seed_option
@flow_options
@click.option(
    "--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File; stdout when left out.")
def command(  # noqa: PLR0913  # one parameter for each option
    flow: str,
    orders: int,
    seed: int,
    profile: str,
    modules: tuple[str, ...],
    changes: tuple[str, ...],
    form: str,
    output: Path | None,
) -> None:
    """Write histories of orders that conform to FLOW, one event a line.

    Happy paths, cancellations, partial invoices, returns and failed creations are mixed; each
    order is as long as it is. Memory does not grow with --orders.

    \b
    orderflow simulate seller --orders 3
    orderflow simulate seller --orders 100000 --seed 7 -o orders.jsonl
    orderflow simulate complete --orders 1000 --format csv | head
    """
    space = search(viewed(flow, profile, modules), settings_from(changes))
    walk = Walk(space, seed)
    writer = Writer(walk)
    lines = writer.jsonl if form == "jsonl" else writer.csv
    if output is None:
        _pour(lines(walk.histories(orders)), sys.stdout)
        return
    writable(output)
    part = output.with_name(f".{output.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            _pour(lines(_counted(walk.histories(orders), orders)), file)
        part.replace(output)
    except OSError as error:
        raise OutputError(f"{output}: cannot be written: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"{orders} orders written to {output}", err=True)


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
