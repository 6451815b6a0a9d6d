"""What several verbs share: their options, which flow is meant, and which settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import click

from orderflow.cli.naming import all_named
from orderflow.cli.output import say
from orderflow.flows.deal import Deal
from orderflow.flows.errors import OrderflowError
from orderflow.flows.model import Flow, Profile
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


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run is about.

    Attributes:
        flows: The viewed flows by the words that named them.
        deals: The viewed deals by the words that name each of them alone.
        settings: Time limits and switches.
        elsewhere: The flows by the same words, as the other profiles see them.
    """

    flows: dict[str, Flow]
    deals: dict[str, Deal]
    settings: Settings
    elsewhere: dict[str, tuple[Flow, ...]] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The words, for a message."""
        return ", ".join((*self.flows, *self.deals))

    @property
    def every_flow(self) -> tuple[Flow, ...]:
        """All flows, those of the deals included."""
        own = (each.flow for deal in self.deals.values() for each in deal.participants)
        return (*self.flows.values(), *own)

    def seen(self, view: View, settings: Settings) -> Inputs:
        """The same, as *view* shows it."""
        profile, modules = Profile(view.profile), tuple(sorted(set(view.modules)))
        flows = {word: flow.view(profile, modules) for word, flow in self.flows.items()}
        deals = {word: deal.view(profile, modules) for word, deal in self.deals.items()}
        others = [each for each in Profile if each != profile]
        elsewhere = {
            word: tuple(
                seen
                for seen in (flow.view(each, modules) for each in others)
                if seen.transitions != flows[word].transitions
            )
            for word, flow in self.flows.items()
        }
        return Inputs(flows, deals, settings, elsewhere)

    def add(self, word: str, found: Flow | Deal) -> None:
        """Note what *word* stands for; a report can tell one from another by name.

        Raises:
            OrderflowError: Another word stands for one of that name.
        """
        of_its_kind = self.flows if isinstance(found, Flow) else self.deals
        for other, known in of_its_kind.items():
            if known.name == found.name and word != other:
                kind = "flow" if isinstance(found, Flow) else "deal"
                told = f"{word}: a {kind} called {found.name!r} came with {other}, too"
                raise OrderflowError(told)
        if isinstance(found, Flow):
            self.flows[word] = found
        else:
            self.deals[word] = found


def inputs(
    view: View,
    words: Iterable[str],
    *,
    named: Callable[[str], Iterable[tuple[str, Flow | Deal]]] = all_named,
    checks: Iterable[Callable[[], object]] = (),
) -> Inputs:
    """Everything a run needs, or everything that is wrong with it at once.

    Args:
        view: What to see of each flow, and the settings.
        words: What a person named.
        named: Finds what a word stands for, see :func:`orderflow.cli.naming.all_named`.
        checks: Called to raise what else is wrong, such as a place where nothing can be written.

    Raises:
        OrderflowError: Tells each thing that is wrong once.
    """
    errors: list[OrderflowError] = []
    read = Inputs({}, {}, defaults())
    settings = defaults()  # until the wanted ones are known to be good
    for word in dict.fromkeys(words):
        with noted(errors):
            for each, found in named(word):
                read.add(each, found)
    with noted(errors):
        _refuse_unknown_modules(read, view.modules)
    with noted(errors):
        settings = settings_from(view.changes)
    for check in checks:
        with noted(errors):
            check()
    refuse(errors)
    seen = read.seen(view, settings)
    _tell_unread(seen, view.changes)
    return seen


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


def _tell_unread(seen: Inputs, changes: Iterable[str]) -> None:
    """Say which changed settings make no difference to what is *seen*, or to the rules on it."""
    read = {timer.after for flow in seen.every_flow for timer in flow.timers} | _READ_BY_RULES
    for deal in seen.deals.values():
        read |= {link.delay for link in deal.links if not deal.instant}
    for name in dict.fromkeys(change.partition("=")[0] for change in changes):
        if name not in read:
            say(f"--set {name}: nothing in {seen.words} depends on it", err=True)


def _refuse_unknown_modules(read: Inputs, modules: Iterable[str]) -> None:
    """Raise for each module that nothing of what was *read* has."""
    modules_of = [state.module for flow in read.every_flow for state in flow.states]
    modules_of += [step.module for flow in read.every_flow for step in flow.transitions]
    known = sorted({name for name in modules_of if name})
    offer = f"modules: {', '.join(known)}" if known else "it has none"
    wrong = [name for name in modules if name not in known] if read.words else []
    if wrong:
        raise OrderflowError(
            "\n".join(f"{read.words}: no module {name!r}; {offer}" for name in wrong)
        )
