"""How ``orderflow serve`` is reached by clients with a host written in them: options, and lines."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from orderflow.sandbox.tls_front import Front, Reach

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

HIGHEST_PORT = 65_535
_TLS, _PROXY, _FOLDER = "tls", "proxy", "ca"


def reach_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--tls``, ``--proxy`` and ``--ca``, which *command* gets as ``reach``."""

    @wraps(command)
    def reached(*arguments: object, **options: Any) -> object:
        asked = (options.pop(_TLS), options.pop(_PROXY), options.pop(_FOLDER))
        return command(*arguments, **options, reach=_reach(*asked))

    wished: Callable[..., Any] = reached
    for option in (
        click.option(
            "--ca",
            type=click.Path(path_type=Path, file_okay=False),
            metavar="DIR",
            help="Folder in which the certificate authority is kept, and made when it is not "
            "there; with your cached files when it is not named. Clients trust "
            "DIR/orderflow-ca.pem. It is good for hosts of the platform and this machine only.",
        ),
        _port_option(
            "--proxy",
            "Be the proxy of clients, too, on PORT or any that is free: hosts of the platform are "
            "the sandbox then, and all others are refused. Brings --tls.",
        ),
        _port_option("--tls", "Speak TLS, too, on PORT or any that is free."),
    ):
        wished = option(wished)
    return wished


def _port_option(name: str, told: str) -> Callable[[Decorated], Decorated]:
    """An option that may name a port."""
    ports = click.IntRange(0, HIGHEST_PORT)
    return click.option(name, type=ports, is_flag=False, flag_value=0, metavar="[PORT]", help=told)


def _reach(tls: int | None, proxy: int | None, folder: Path | None) -> Reach | None:
    """What the options ask for."""
    if tls is None and proxy is None:
        if folder is not None:
            raise click.UsageError("--ca is for --tls or --proxy: give one of them, too")
        return None
    from orderflow.sandbox.tls_front import Reach

    return Reach(tls=tls or 0, proxy=proxy, folder=folder)


def lines(front: Front) -> Iterator[str]:
    """What somebody has to know who points a client at *front*."""
    yield f"https: {front.https_url} trust: {front.trusted.absolute()}"
    if front.proxy_url is not None:
        yield f"proxy: {front.proxy_url} for hosts of the platform only"
    words = (f"{name}={shlex.quote(value)}" for name, value in front.environment.items())
    yield f"export {' '.join(words)}"
