"""What several verbs share: which flow, which settings, and writing files whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from orderflow.flows.errors import OrderflowError
from orderflow.flows.loader import find_flow
from orderflow.flows.model import Flow, Profile, State, Transition
from orderflow.flows.settings import Settings, defaults
from orderflow.flows.timeline import Shipment, timeline

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class OutputError(OrderflowError):
    """A result cannot be written where it should go."""


def flow_options(command: Decorated) -> Decorated:
    """Add ``--profile``, ``--module`` and ``--set``."""
    for option in (
        click.option(
            "--set",
            "changes",
            multiple=True,
            metavar="NAME=NUMBER",
            help="Change a time limit or switch, in its own unit: --set cancellation_window=60.",
        ),
        click.option(
            "--module",
            "modules",
            multiple=True,
            metavar="NAME",
            help="Switch on an optional part of the platform, such as picking or wms.",
        ),
        click.option(
            "--profile",
            type=click.Choice([str(profile) for profile in Profile]),
            default=str(Profile.DOCUMENTED),
            show_default=True,
            help="Body of evidence to follow.",
        ),
    ):
        command = option(command)
    return command


def seed_option(command: Decorated) -> Decorated:
    """Add ``--seed``."""
    return click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="Decides everything that chance decides: same seed, same bytes.",
    )(command)


def viewed(reference: str, profile: str, modules: tuple[str, ...]) -> Flow:
    """The view of the flow a person named.

    Raises:
        OrderflowError: There is no such flow, its file is wrong, or it has no such module.
    """
    flow = find_flow(reference)
    parts: tuple[State | Transition, ...] = (*flow.states, *flow.transitions)
    known = {part.module for part in parts if part.module}
    for module in modules:
        if module not in known:
            offer = ", ".join(sorted(known)) or "it has none"
            raise OrderflowError(f"{reference}: no module {module!r}; modules: {offer}")
    return flow.view(Profile(profile), tuple(sorted(set(modules))))


def settings_from(changes: Iterable[str]) -> Settings:
    """The default settings with ``NAME=NUMBER`` changes.

    Raises:
        OrderflowError: A change is not written so, or its name or number is wrong.
    """
    wanted: dict[str, int | float | bool] = {}
    for change in changes:
        name, mark, given = change.partition("=")
        if not mark:
            raise OrderflowError(
                f"--set {change}: write NAME=NUMBER, such as cancellation_window=60"
            )
        if given in {"true", "false"}:
            wanted[name] = given == "true"
            continue
        try:
            wanted[name] = float(given) if "." in given else int(given)
        except ValueError:
            raise OrderflowError(f"--set {change}: {given!r} is not a number") from None
    return defaults().override(wanted)


def stage_of(status: str) -> int:
    """Stage (1 to 5) an order in *status* has reached, 0 when it shows none."""
    stages = timeline(status, Shipment(("delivery",)), 0).stages
    return max((stage.number for stage in stages if stage.slot != "todo"), default=0)


def writable(path: Path) -> None:
    """Make sure that a file can be written at *path*, before any work is done.

    Raises:
        OutputError: It cannot; says why.
    """
    folder = path.parent
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; name a file")
    if not folder.is_dir():
        raise OutputError(f"{path}: there is no folder {folder}")
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from None
    os.close(handle)
    Path(name).unlink()


def write_whole(path: Path, text: str) -> None:
    """Write *text* to *path*, or nothing at all.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from None
