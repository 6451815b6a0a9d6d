"""``orderflow serve``: an order-management API on this machine, to point an integration at."""

from __future__ import annotations

import gc
import threading
import time
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orderflow.cli.common import seed_option
from orderflow.cli.output import Progress, say
from orderflow.cli.reach import HIGHEST_PORT, lines, reach_options
from orderflow.sandbox.usual import KEPT

if TYPE_CHECKING:
    from orderflow.sandbox.server import Sandbox
    from orderflow.sandbox.tls_front import Reach
    from orderflow.sandbox.trace_file import TraceFile

_SOON = 0.001
"""Seconds in which no rate can be told."""

_RARELY = (1_000, 5, 8_000)
"""Thresholds of the garbage collector: orders are not garbage, and looking at all of them again and
again takes a third of the time of a call that writes. The lower two keep what is looked at in one
go small, so that no call waits longer than a few ms for it."""


@click.command("serve")
@click.option(
    "--port",
    type=click.IntRange(0, HIGHEST_PORT),
    default=0,
    help="Port to listen on; any that is free when it is 0, which is usual.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. Only this machine reaches the usual one.",
)
@click.option("--account", default="sandbox", show_default=True, help="Name of the account.")
@click.option(
    "--db",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the sandbox in FILE, and go on where it stood. What was acknowledged outlives even "
    "kill -9; only a power cut may cost the latest calls. Nobody but you can read FILE.",
)
@click.option(
    "--keep",
    type=click.IntRange(0),
    default=KEPT,
    show_default=True,
    metavar="N",
    help="Sales to remember after they have ended, 0 for all: of more the one that ended first is "
    "forgotten, so that memory stays flat.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Refuse what the platform lets pass although it is a mistake; else it is written down.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME[:KEY=VALUE,…]",
    help="Switch a fault on, see orderflow faults; as http.apply_then_500:times=1. Repeatable.",
)
@click.option(
    "--trace",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write each call and delivery to FILE, a JSON object a line, without credentials and "
    "personal data.",
)
@click.option(
    "--allow-hook-host",
    "hosts",
    multiple=True,
    metavar="HOST",
    help="Also call HOST for hooks, sellers and marketplaces of your own; otherwise only this "
    "machine is called. Repeatable.",
)
@reach_options
@seed_option
def command(  # noqa: PLR0913  # one for each option
    *,
    port: int,
    host: str,
    account: str,
    db: Path | None,
    keep: int,
    strict: bool,
    faults: tuple[str, ...],
    trace: Path | None,
    hosts: tuple[str, ...],
    reach: Reach | None,
    seed: int,
) -> None:
    """Serve a sandbox of the platform's API until Ctrl-C.

    It holds an account whose orders move through the bundled flows: read them, handle, invoice,
    track and cancel them, and follow them by a feed, with the key and the token that it prints.
    Under /_sandbox/ it does what the real platform cannot: make an order in any status, turn the
    clock, fire any event, forget everything. Orders are kept in memory, or in the file of --db.
    Clients in which a host of the platform is written reach it by --proxy; it prints what to set.

    \b
    orderflow serve
    orderflow serve --port 8320 --account mystore --seed 7
    orderflow serve --db mystore.db
    orderflow serve --strict --fault http.apply_then_500:times=1 --trace calls.jsonl
    orderflow serve --tls 8443 --proxy 8444 --ca certificates

    \b
    curl -X POST URL/_sandbox/orders -d '{"status": "ready-for-handling"}'
    curl URL/api/oms/pvt/orders -H 'X-VTEX-API-AppKey: KEY' -H 'X-VTEX-API-AppToken: TOKEN'
    curl -X POST URL/_sandbox/clock/advance -d '{"minutes": 30}'
    curl URL/_sandbox/trace
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    from orderflow.sandbox.server import Sandbox

    sandbox = Sandbox(
        host=host,
        port=port,
        seed=seed,
        account=account,
        strict=strict,
        hosts=hosts,
        keep=keep,
        reach=reach,
        db=db,
    )
    gc.set_threshold(*_RARELY)
    _see(faults, trace, db)
    _run(sandbox, faults, trace)


def _see(faults: tuple[str, ...], trace: Path | None, db: Path | None) -> None:
    """Refuse what can be refused before a file is begun, or written to."""
    from orderflow.sandbox.fault_words import see_all
    from orderflow.sandbox.trace_file import see_writable

    if faults:
        see_all(faults)
    if trace is not None:
        if db is not None and realpath(trace) == realpath(db):
            raise click.UsageError(f"{trace}: a trace needs a file of its own, not that of --db")
        see_writable(trace)


def _run(sandbox: Sandbox, faults: tuple[str, ...], trace: Path | None) -> None:
    """Serve until Ctrl-C; whatever ends it, all that was opened is closed."""
    written: TraceFile | None = None
    try:
        _start(sandbox)
        for words in faults:
            sandbox.fail(words)
        written = None if trace is None else sandbox.write_trace(trace)
        gc.freeze()
        _greet(sandbox)
        threading.Event().wait()
    except KeyboardInterrupt:  # how this verb ends; SIGTERM comes as one, too
        say("stopped", err=True)
    finally:
        sandbox.stop()
        if written is not None:
            _close(written)


def _greet(sandbox: Sandbox) -> None:
    """Say all that a client needs."""
    say(f"ready: {sandbox.url} key: {sandbox.key.name} token: {sandbox.key.token}")
    for line in lines(sandbox.front) if sandbox.front else ():
        say(line)


def _close(written: TraceFile) -> None:
    """Close the trace; say what could not be written."""
    written.close()
    if written.trouble:
        say(written.trouble, err=True)


def _start(sandbox: Sandbox) -> None:
    """Start it; say what comes of the calls in its file."""
    began = time.monotonic()
    with Progress() as progress:
        sandbox.start(lambda done, count: progress.say(_redoing(done, count, began)))
    if sandbox.redone is not None and sandbox.redone.rows:
        found = sandbox.redone
        say(f"calls in the file: {found.rows}, done again: {found.done}", err=True)


def _redoing(done: int, count: int, began: float) -> str:
    """How far it is, and how fast it goes."""
    rate = done / max(time.monotonic() - began, _SOON)
    return f"doing again what is in the file: {done} of {count} calls, {rate:.0f}/s"
