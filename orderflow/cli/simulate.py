"""``orderflow simulate``: histories of orders, or of whole sales, from a seed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from orderflow.cli.common import Inputs, View, flow_options, form_option, inputs, seed_option
from orderflow.cli.naming import files_of
from orderflow.cli.output import STDOUT, OutputError, Progress, pour, same, say, whole, writable
from orderflow.flows.errors import OrderflowError

if TYPE_CHECKING:
    from orderflow.flows.deal import Deal
    from orderflow.flows.model import Flow
    from orderflow.flows.settings import Settings

Counted = TypeVar("Counted")

_LINES_AT_ONCE = 2_000
_PROGRESS_EVERY = 1_000


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
    "--orders",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="How many orders, or sales.",
)
@seed_option
@flow_options
@click.option(
    "--defects",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="RATE",
    help="Share of orders to break, 0 to 1; the line that breaks a rule names it. Not for sales.",
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

    FLOW is a flow or a deal: the name of one that ships, or a file. A deal gives whole sales: the
    steps of all their documents in the order in which they happened, and what made them happen.

    Happy paths, cancellations, partial invoices, returns and failed creations are mixed; each
    order is as long as it is. Memory does not grow with --orders.

    \b
    orderflow simulate seller --orders 3
    orderflow simulate marketplace-seller --orders 100 --seed 7 -o sales.jsonl
    orderflow simulate deal:complete --orders 3     the sale, where a flow bears the same name
    orderflow simulate seller --orders 100000 --seed 7 -o orders.jsonl
    orderflow simulate complete --orders 1000 --format csv | head
    orderflow simulate my-store.yaml --profile observed
    orderflow simulate seller --orders 500 --defects 0.05 > controls.jsonl
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    chosen = Chosen(**given)
    if isnan(chosen.defects):
        raise click.BadParameter("nan is no share of all orders", param_hint="--defects")
    found = inputs(
        View(chosen.profile, chosen.modules, chosen.changes),
        [chosen.flow],
        checks=[partial(_check_place, chosen)],
    )
    lines = _lines(chosen, found)
    if chosen.output == STDOUT:
        pour(lines)
        return
    with whole(chosen.output) as file:
        for block in lines:
            file.write(block)
    what = "sales" if found.deals else "orders"
    say(f"{chosen.orders} {what} written to {chosen.output}")


def _check_place(chosen: Chosen) -> None:
    if any(same(chosen.output, path) for path in files_of([chosen.flow])):
        raise OutputError(f"{chosen.output}: is the flow file; name another file")
    if chosen.output != STDOUT:
        writable(chosen.output)


def _lines(chosen: Chosen, found: Inputs) -> Iterator[str]:
    """The file, in blocks of some thousand lines."""
    watched = chosen.output != STDOUT or not sys.stdout.isatty()
    with Progress() if watched else nullcontext() as progress:
        if found.deals:
            lines = _of_sales(chosen, _one_of(found.deals), found.settings, progress)
        else:
            lines = _of_orders(chosen, found.flows[chosen.flow], found.settings, progress)
        while block := "".join(islice(lines, _LINES_AT_ONCE)):
            yield block


def _one_of(deals: Mapping[str, Deal]) -> Deal:
    if len(deals) > 1:
        raise OrderflowError(f"several deals to simulate; name one: {', '.join(deals)}")
    return next(iter(deals.values()))


def _of_sales(
    chosen: Chosen, deal: Deal, settings: Settings, progress: Progress | None
) -> Iterator[str]:
    from orderflow.simulator.deal_workload import DealWalk, deal_csv
    from orderflow.simulator.history import deal_lines

    if chosen.defects:
        told = (
            "--defects breaks single orders; `orderflow faults` lists what can go wrong in a sale"
        )
        raise OrderflowError(f"{chosen.flow}: {told}")
    write = deal_lines if chosen.form == "jsonl" else deal_csv
    sales = DealWalk(deal, chosen.seed, settings).sales(chosen.orders)
    yield from write(_counted(sales, chosen, progress))


def _of_orders(
    chosen: Chosen, flow: Flow, settings: Settings, progress: Progress | None
) -> Iterator[str]:
    from orderflow.simulator.defects import Defects
    from orderflow.simulator.history import Writer
    from orderflow.simulator.space import search
    from orderflow.simulator.workload import Walk

    walk = Walk(search(flow, settings), chosen.seed)
    defects = Defects(flow, chosen.defects, chosen.seed) if chosen.defects else None
    writer = Writer(walk, defects=defects)
    write = writer.jsonl if chosen.form == "jsonl" else writer.csv
    yield from write(_counted(walk.histories(chosen.orders), chosen, progress))
    if defects is not None and defects.tried and not defects.broken:
        say(f"{chosen.flow}: --defects found nothing to break in these orders", err=True)


def _counted(
    histories: Iterable[Counted], chosen: Chosen, progress: Progress | None
) -> Iterator[Counted]:
    for number, history in enumerate(histories, 1):
        if progress is not None and number % _PROGRESS_EVERY == 0:
            progress.say(f"{number} of {chosen.orders} done")
        yield history
