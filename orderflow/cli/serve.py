"""``orderflow serve``: an order-management API on this machine, to point an integration at."""

from __future__ import annotations

import gc
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orderflow.cli.common import seed_option
from orderflow.cli.output import Progress, say

if TYPE_CHECKING:
    from orderflow.sandbox.server import Sandbox

_HIGHEST_PORT = 65_535

_SOON = 0.001
"""Seconds in which no rate can be told."""

_RARELY = (50_000, 20, 50)
"""Thresholds of the garbage collector: orders are not garbage, and looking at all of them again and
again takes a third of the time of a call that writes."""


@click.command("serve")
@click.option(
    "--port",
    type=click.IntRange(0, _HIGHEST_PORT),
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
@seed_option
def command(port: int, host: str, account: str, db: Path | None, seed: int) -> None:
    """Serve a sandbox of the platform's API until Ctrl-C.

    It holds an account whose orders move through the bundled flows: read them, handle, invoice,
    track and cancel them, and follow them by a feed, with the key and the token that it prints.
    Under /_sandbox/ it does what the real platform cannot: make an order in any status, turn the
    clock, fire any event, forget everything. Orders are kept in memory, or in the file of --db.

    \b
    orderflow serve
    orderflow serve --port 8320 --account mystore --seed 7
    orderflow serve --db mystore.db

    \b
    curl -X POST URL/_sandbox/orders -d '{"status": "ready-for-handling"}'
    curl URL/api/oms/pvt/orders -H 'X-VTEX-API-AppKey: KEY' -H 'X-VTEX-API-AppToken: TOKEN'
    curl -X POST URL/_sandbox/clock/advance -d '{"minutes": 30}'
    curl URL/_sandbox/trace
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    from orderflow.sandbox.server import Sandbox

    sandbox = Sandbox(host=host, port=port, seed=seed, account=account, db=db)
    gc.set_threshold(*_RARELY)
    try:
        _start(sandbox)
        gc.freeze()
        say(f"ready: {sandbox.url} key: {sandbox.key.name} token: {sandbox.key.token}")
        threading.Event().wait()
    except KeyboardInterrupt:  # how this verb ends; SIGTERM comes as one, too
        say("stopped", err=True)
    finally:
        sandbox.stop()


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
