"""What the marker ``orderflow`` says of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orderflow.flows.errors import OrderflowError, did_you_mean
from orderflow.flows.model import Profile
from orderflow.flows.settings import Given

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the markers of a test say together.

    Attributes:
        flow: Bundled flow or flow file; empty for the one of the options.
        cover: What cases are generated for; empty for that of the options.
        suite: Suite file that holds the cases; empty when they are generated.
        profile: Profile to view the flow in.
        modules: Optional modules that are switched on.
        settings: Limits and switches that are not the usual ones, in their own units.
        seed: Decides random cases.
    """

    flow: str = ""
    cover: str = ""
    suite: str = ""
    profile: str = str(Profile.DOCUMENTED)
    modules: tuple[str, ...] = ()
    settings: Mapping[str, Given] = field(default_factory=dict)
    seed: int = 0


_KNOWN = tuple(each.name for each in fields(Wanted))


def wanted_by(node: pytest.Item | pytest.Function) -> Wanted:
    """What the markers of a test say together: each thing as the nearest one says it.

    Raises:
        OrderflowError: They say what no marker can.
    """
    given: dict[str, Any] = {}
    wrong: list[str] = []
    for mark in reversed(list(node.iter_markers("orderflow"))):
        if mark.args:
            wrong.append(f"give names, such as flow={mark.args[0]!r}")
        given.update(mark.kwargs)
    wrong += _wrong(given)
    if wrong:
        raise OrderflowError(
            "\n".join(f"{node.nodeid}: marker orderflow: {told}" for told in wrong)
        )
    if "modules" in given:
        given["modules"] = tuple(given["modules"])
    return Wanted(**{name: _text(value) for name, value in given.items()})


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, Path | Profile) else value


def _wrong(given: Mapping[str, Any]) -> Iterator[str]:
    """What no marker can say."""
    for name, value in given.items():
        if name not in _KNOWN:
            yield f"unknown name {name!r}{did_you_mean(name, _KNOWN) or '; known: ' + _NAMES}"
        elif not _MEANT[name][0](value):
            yield f"{name}={value!r} is not {_MEANT[name][1]}"
    if "suite" in given:
        others = [name for name in given if name in _KNOWN and name != "suite"]
        if others:
            yield f"a suite says itself what it covers: leave out {', '.join(others)}"


def _is_text(value: object) -> bool:
    return isinstance(value, str | Path)


def _is_names(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_NAMES = ", ".join(_KNOWN)
_MEANT: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "flow": (_is_text, "a bundled flow or the path of a flow file"),
    "cover": (_is_text, "a list such as 'pairs,illegal'"),
    "suite": (_is_text, "the path of a suite file"),
    "profile": (lambda value: value in tuple(Profile), f"one of {', '.join(Profile)}"),
    "modules": (_is_names, "a list of modules"),
    "settings": (lambda value: isinstance(value, Mapping), "a mapping of settings"),
    "seed": (_is_count, "a whole number"),
}
