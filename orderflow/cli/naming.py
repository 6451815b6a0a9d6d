"""Which flows and deals a person means by a word: a name that ships, or a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal, TypeVar

from orderflow.flows.deal import Deal
from orderflow.flows.deal_loader import bundled_deal_names, find_deal, load_deals
from orderflow.flows.errors import (
    FlowFileError,
    OrderflowError,
    Place,
    Problem,
    UnknownFlowError,
    did_you_mean,
)
from orderflow.flows.files import is_file
from orderflow.flows.loader import bundled_names, find_flow, load_yaml
from orderflow.flows.model import Flow
from orderflow.simulator.choices import every_choice

ALL_DEALS = "deals"
"""Stands for all deals that ship."""

Kind = Literal["flow", "deal"]
Found = TypeVar("Found")

_DEAL = "deal:"
"""Begins the name of a deal that a flow shares."""

_PARTS_OF_DEALS = frozenset({"deals", "links", "notices", "told"})
"""Keys of which a deal file has at least one, and a flow file none."""


class UnknownNameError(OrderflowError):
    """A word that is neither the name of a flow or a deal nor a file.

    Attributes:
        name: What was asked for.
    """

    def __init__(self, name: str) -> None:
        flows, deals = bundled_names(), bundled_deal_names()
        hint = did_you_mean(name, (*flows, *deals)) or "."
        super().__init__(
            f"no flow or deal {name!r}{hint} Flows: {', '.join(flows)}. Deals: {', '.join(deals)}. "
            "For one of your own give the path of its .yaml file."
        )
        self.name = name


def everything() -> tuple[str, ...]:
    """The words for all that ships, flows first."""
    return (*bundled_names(), *map(word_for, bundled_deal_names()))


def word_for(deal: str) -> str:
    """What to type for a bundled deal where a flow might be meant as well."""
    return f"{_DEAL}{deal}" if deal in bundled_names() else deal


def flow_named(word: str) -> Flow:
    """The bundled flow or flow file a person named.

    Raises:
        OrderflowError: There is none, or its file is wrong.
    """
    return _read(word, "a flow file", find_flow)


def deal_named(word: str) -> Deal:
    """The bundled deal, or the deal of a file, that a person named.

    Raises:
        OrderflowError: There is none, or its file is wrong.
    """
    return _read(word, "a deal file", _deal)


def _deal(word: str) -> Deal:
    return find_deal(word.removeprefix(_DEAL), choices_of=every_choice)


def _read(word: str, kind: str, reader: Callable[[str], Found]) -> Found:
    if word and _is_folder(word):
        problem = Problem(Place(word), f"is a folder; name {kind} in it", "not-a-file")
        raise FlowFileError((problem,))
    return reader(word)


def _is_folder(word: str) -> bool:
    try:
        return Path(word).is_dir()
    except OSError:  # such as a name longer than any file's
        return False


def all_named(word: str) -> Iterator[tuple[str, Flow | Deal]]:
    """Every flow or deal that *word* stands for, each with a word for it alone.

    A deal file stands for all deals in it.

    Raises:
        OrderflowError: It stands for nothing, or its file is wrong.
    """
    if word == ALL_DEALS and not is_file(Path(word)):
        for name in bundled_deal_names():
            yield name, deal_named(name)
    elif kind_of(word) == "flow":
        try:
            yield word, flow_named(word)
        except UnknownFlowError:
            raise UnknownNameError(word) from None
    elif is_file(Path(word)):
        deals = load_deals(Path(word), choices_of=every_choice)
        for deal in deals:
            yield (word if len(deals) == 1 else f"{word}:{deal.name}"), deal
    else:
        yield word.removeprefix(_DEAL), deal_named(word)


def kind_of(word: str) -> Kind:
    """Whether *word* means a flow, which it does in doubt, or a deal."""
    if word in bundled_names():
        return "flow"
    if word in bundled_deal_names() or word.startswith(_DEAL):
        return "deal"
    if is_file(Path(word)):
        return "deal" if _holds_deals(Path(word)) else "flow"
    path, _, name = word.rpartition(":")
    return "deal" if name and path and is_file(Path(path)) else "flow"


def _holds_deals(path: Path) -> bool:
    """Whether a file is about deals; one that cannot be read is about nothing."""
    try:
        data = load_yaml(path).data
    except FlowFileError:
        return False
    return isinstance(data, dict) and "flow" not in data and bool(_PARTS_OF_DEALS & data.keys())


def files_of(words: Iterable[str]) -> Iterator[Path]:
    """Paths that *words* may lead to."""
    for word in words:
        yield Path(word)
        path, _, name = word.rpartition(":")
        if path and name:
            yield Path(path)
