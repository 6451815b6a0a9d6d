"""The catalogue of status strings: what each one means, and what a string met outside is.

Source: domain fact sheet "Order flows", section 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast

from orderflow.flows.loader import parse_yaml
from orderflow.flows.model import INCOMPLETE

FILE = "statuses.yaml"

Kind = Literal["alias", "misspelling", "pseudo"]


@dataclass(frozen=True, slots=True)
class FurtherRow:
    """One more row of the help center's table for a status, under a condition.

    Attributes:
        once: What has to have happened.
        label: Name in the Admin from then on.
        my_account: Name the shopper reads from then on.
    """

    once: str
    label: str
    my_account: str


@dataclass(frozen=True, slots=True)
class RowWithoutString:
    """A row of the help center's table that prints no API string.

    Attributes:
        label: Name in the Admin.
        my_account: Name the shopper reads, or empty.
        viewed_by: Flows whose stores see it.
        means: API status it tells of.
        sources: Source keys.
    """

    label: str
    my_account: str
    viewed_by: tuple[str, ...]
    means: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """One API status.

    Attributes:
        name: API string, verbatim; ``null`` for an order without a status.
        label: Name in the Admin, or empty.
        my_account: Name the shopper reads, or empty.
        viewed_by: Flows whose stores see it, as the status table says.
        starred: Neither modification nor cancellation is accepted; the platform moves on.
        behaviour: What it means, in one line.
        sources: Source keys.
        in_feed_list: A feed or hook filter offers it.
        in_status_table: The help center's table has it.
        decisions: Numbered decisions (``D-..``) about it.
        further: More rows of that table for the same string.
    """

    name: str
    label: str
    my_account: str
    viewed_by: tuple[str, ...]
    starred: bool
    behaviour: str
    sources: tuple[str, ...]
    in_feed_list: bool
    in_status_table: bool
    decisions: tuple[str, ...] = ()
    further: tuple[FurtherRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Alias:
    """A known string that is not itself an API status.

    Attributes:
        text: The string.
        kind: Another spelling, a slip, or the name of a step.
        means: Statuses it stands for, most likely first; empty for a ``pseudo`` status.
        where: Where it was seen.
        sources: Source keys.
    """

    text: str
    kind: Kind
    means: tuple[str, ...]
    where: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A string no source mentions.

    Attributes:
        text: The string.
        nearest: The most similar known status, or empty when none is close.
    """

    text: str
    nearest: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the sources call a status, or something like one.

    Attributes:
        statuses: API statuses by name, in the order of the file.
        rows_without_string: Rows of the help center's table that print no string.
        aliases: Other strings by text.
    """

    statuses: Mapping[str, Status]
    rows_without_string: tuple[RowWithoutString, ...]
    aliases: Mapping[str, Alias]


@cache
def catalogue() -> Catalogue:
    """Return the catalogue, which is read once."""
    text = Path(__file__).with_name(FILE).read_text("utf-8")
    data = cast("dict[str, Any]", parse_yaml(text, source=FILE).data)
    statuses = {name: _status(name, row) for name, row in data["statuses"].items()}
    aliases = {name: Alias(text=name, **_frozen(row)) for name, row in data["strings"].items()}
    return Catalogue(
        statuses=MappingProxyType(statuses),
        rows_without_string=tuple(
            RowWithoutString(**_frozen(row)) for row in data["rows_without_string"]
        ),
        aliases=MappingProxyType(aliases),
    )


@lru_cache(maxsize=1024)  # a recorded history repeats few strings; a near match takes long
def resolve(text: str | None) -> Status | Alias | Unknown:
    """Say what *text*, met where a status is expected, is.

    >>> resolve("invoiced").label
    'Invoiced'
    >>> resolve("canceling").means
    ('cancel',)
    >>> resolve("invoicd").nearest
    'invoiced'
    """
    known = catalogue()
    name = INCOMPLETE if text is None else text
    found = known.statuses.get(name) or known.aliases.get(name)
    if found is not None:
        return found
    near = get_close_matches(name[:80], known.statuses, n=1)
    return Unknown(text=name, nearest=near[0] if near else "")


def _status(name: str, row: dict[str, Any]) -> Status:
    further = tuple(FurtherRow(**each) for each in row.get("further", ()))
    return Status(name=name, **{**_frozen(row), "further": further})


def _frozen(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in row.items()}
