"""What several verbs share: their options, which flow is meant, and which settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from orderflow.cli.output import say
from orderflow.flows.errors import FlowFileError, OrderflowError, Place, Problem
from orderflow.flows.loader import find_flow
from orderflow.flows.model import Flow, Profile, State, Transition
from orderflow.flows.settings import SettingError, Settings, defaults

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_READ_BY_RULES = frozenset(
    {"allow_cancel_after_return", "cancellation_window", "change_seller_window"}
    | {"marketplace_authorization", "seller_answer"}
)
"""Settings that rules ask for when they judge a simulated order."""

_SWITCH = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class View:
    """What ``--profile``, ``--module`` and ``--set`` ask for.

    Attributes:
        profile: Body of evidence to follow.
        modules: Optional parts of the platform that are switched on.
        changes: ``NAME=VALUE`` for each setting that is not as usual.
    """

    profile: str
    modules: tuple[str, ...]
    changes: tuple[str, ...]


def flow_options(command: Decorated) -> Decorated:
    """Add ``--profile``, ``--module`` and ``--set``."""
    for option in (
        click.option(
            "--set",
            "changes",
            multiple=True,
            metavar="NAME=VALUE",
            help="Change a time limit, in its own unit, or a switch: --set cancellation_window=60. "
            "May be given several times.",
        ),
        click.option(
            "--module",
            "modules",
            multiple=True,
            metavar="NAME",
            help="Switch on an optional part of the platform, such as picking or wms. "
            "May be given several times.",
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


def form_option(*forms: str) -> Callable[[Decorated], Decorated]:
    """Add ``--format`` with these *forms*, of which the first one is usual."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        default=forms[0],
        show_default=True,
        help="How to write the result.",
    )


def found(reference: str) -> Flow:
    """The bundled flow or flow file a person named.

    Raises:
        OrderflowError: There is none, or its file is wrong.
    """
    if reference and _is_folder(reference):
        told = "is a folder; name a flow file in it"
        raise FlowFileError((Problem(Place(reference), told, "not-a-file"),))
    return find_flow(reference)


def _is_folder(reference: str) -> bool:
    try:
        return Path(reference).is_dir()
    except OSError:  # such as a name longer than any file's
        return False


def viewed(reference: str, profile: str, modules: Iterable[str]) -> Flow:
    """The view of the flow a person named.

    Raises:
        OrderflowError: There is no such flow, or its file is wrong.
    """
    flow = found(reference)
    return flow.view(Profile(profile), tuple(sorted(set(modules))))


def settings_from(changes: Iterable[str]) -> Settings:
    """The default settings with ``NAME=VALUE`` changes.

    Raises:
        OrderflowError: Tells of every change that is not written so, or whose name or value is
            wrong.
    """
    wanted: dict[str, float | bool] = {}
    wrong: list[str] = []
    for change in changes:
        name, mark, given = change.partition("=")
        value = _value(given)
        if not mark:
            wrong.append(f"--set {change}: write NAME=VALUE, such as cancellation_window=60")
        elif value is None:
            wrong.append(f"--set {change}: {given!r} is not a number, true or false")
        else:
            wanted[name] = value
    settings = defaults()
    try:
        settings = settings.override(wanted)
    except SettingError as error:
        wrong += [f"--set: {problem}" for problem in error.problems]
    if wrong:
        raise OrderflowError("\n".join(wrong))
    return settings


def _value(given: str) -> float | bool | None:
    """The number or switch that *given* stands for, None when it is neither."""
    if given in _SWITCH:
        return _SWITCH[given]
    for kind in (int, float):
        try:
            return kind(given)
        except ValueError:
            continue
    return None


def inputs(
    view: View, references: Iterable[str], *, checks: Iterable[Callable[[], None]] = ()
) -> tuple[dict[str, Flow], Settings]:
    """Everything a run needs, or everything that is wrong with it at once.

    Args:
        view: What to see of each flow, and the settings.
        references: What a person named.
        checks: Called to raise what else is wrong, such as a place where nothing can be written.

    Returns:
        The viewed flows by the words that named them, and the settings.

    Raises:
        OrderflowError: Tells each thing that is wrong once.
    """
    errors: list[OrderflowError] = []
    flows: dict[str, Flow] = {}
    settings = defaults()  # until the wanted ones are known to be good
    for reference in dict.fromkeys(references):
        with noted(errors):
            _add(flows, reference, viewed(reference, view.profile, view.modules))
    with noted(errors):
        _refuse_unknown_modules(flows, view.modules)
    with noted(errors):
        settings = settings_from(view.changes)
    for check in checks:
        with noted(errors):
            check()
    refuse(errors)
    _tell_unread(flows, view.changes)
    return flows, settings


@contextmanager
def noted(errors: list[OrderflowError]) -> Iterator[None]:
    """Add what goes wrong in the body to *errors*, so that all of it can be told at once."""
    try:
        yield
    except OrderflowError as error:
        errors.append(error)


def refuse(errors: Iterable[OrderflowError]) -> None:
    """Raise *errors* as one, each line once; do nothing when there is none.

    Raises:
        OrderflowError: There is at least one.
    """
    lines = dict.fromkeys(line for error in errors for line in str(error).splitlines())
    if lines:
        raise OrderflowError("\n".join(lines))


def _tell_unread(flows: Mapping[str, Flow], changes: Iterable[str]) -> None:
    """Say which changed settings make no difference to *flows*, or to the rules on them."""
    read = {timer.after for flow in flows.values() for timer in flow.timers} | _READ_BY_RULES
    for name in dict.fromkeys(change.partition("=")[0] for change in changes):
        if name not in read:
            say(f"--set {name}: nothing in {', '.join(flows)} depends on it", err=True)


def _refuse_unknown_modules(flows: Mapping[str, Flow], modules: Iterable[str]) -> None:
    """Raise for each module that none of *flows*, by the words that named them, has."""
    parts = [part for name in flows for part in _parts(found(name)) if part.module]
    known = sorted({part.module for part in parts})
    offer = f"modules: {', '.join(known)}" if known else "it has none"
    wrong = [name for name in modules if name not in known] if flows else []
    if wrong:
        asked = ", ".join(flows)
        raise OrderflowError("\n".join(f"{asked}: no module {name!r}; {offer}" for name in wrong))


def _parts(flow: Flow) -> tuple[State | Transition, ...]:
    return (*flow.states, *flow.transitions)


def _add(flows: dict[str, Flow], reference: str, flow: Flow) -> None:
    """Note a flow under the words that named it; a report can tell one from another by name."""
    for other, known in flows.items():
        if known.name == flow.name:
            raise OrderflowError(f"{reference}: a flow called {flow.name!r} came with {other}, too")
    flows[reference] = flow
