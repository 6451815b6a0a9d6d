"""``orderflow serve``: an order-management API on this machine, to point an integration at."""

from __future__ import annotations

import threading

import click

from orderflow.cli.common import seed_option
from orderflow.cli.output import say

_HIGHEST_PORT = 65_535


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
@seed_option
def command(port: int, host: str, account: str, seed: int) -> None:
    """Serve a sandbox of the platform's API until Ctrl-C.

    It holds an account whose orders move through the bundled flows: read them, handle, invoice,
    track and cancel them, and follow them by a feed, with the key and the token that it prints.
    Under /_sandbox/ it does what the real platform cannot: make an order in any status, turn the
    clock, fire any event, forget everything. Orders are kept in memory.

    \b
    orderflow serve
    orderflow serve --port 8320 --account mystore --seed 7

    \b
    curl -X POST URL/_sandbox/orders -d '{"status": "ready-for-handling"}'
    curl URL/api/oms/pvt/orders -H 'X-VTEX-API-AppKey: KEY' -H 'X-VTEX-API-AppToken: TOKEN'
    curl -X POST URL/_sandbox/clock/advance -d '{"minutes": 30}'
    curl URL/_sandbox/trace
    """  # noqa: D301  # \b keeps click from filling the lines that follow
    from orderflow.sandbox.server import Sandbox

    with Sandbox(host=host, port=port, seed=seed, account=account) as sandbox:
        try:
            say(f"ready: {sandbox.url} key: {sandbox.key.name} token: {sandbox.key.token}")
            threading.Event().wait()
        except KeyboardInterrupt:  # how this verb ends; SIGTERM comes as one, too
            say("stopped", err=True)
