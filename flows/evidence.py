"""What flows and rules rest on: the sources they cite, and the decisions where sources disagree.

Source: domain fact sheet "Order flows", sections 0.1 and 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast

from orderflow.flows.loader import parse_yaml

Authority = Literal["highest", "high", "medium", "low", "behaviour", "none"]


@dataclass(frozen=True, slots=True)
class Source:
    """Something public that facts are taken from.

    Attributes:
        key: How flow files and rules cite it.
        title: What it is.
        authority: How much its word counts where sources disagree; ``behaviour`` is evidence of
            what really happens, ``none`` is no source at all but a choice made here.
    """

    key: str
    title: str
    authority: Authority


@dataclass(frozen=True, slots=True)
class Decision:
    """What is followed where sources disagree or are silent.

    Attributes:
        id: How flow files and rules name it.
        question: What the sources do not agree on.
        choice: What is followed.
        why: What tipped the scales.
    """

    id: str
    question: str
    choice: str
    why: str


@cache
def sources() -> Mapping[str, Source]:
    """All sources by key, in the order of the file; ``ki-N`` stands for every known issue."""
    rows = _rows("sources")
    return MappingProxyType({key: Source(key=key, **row) for key, row in rows.items()})


@cache
def decisions() -> Mapping[str, Decision]:
    """All decisions by id, in the order of the file."""
    rows = _rows("decisions")
    return MappingProxyType({name: Decision(id=name, **row) for name, row in rows.items()})


def source(key: str) -> Source:
    """The source that *key* cites; where in it is left out.

    Raises:
        KeyError: There is none.

    >>> source("ki-416936").title
    'Public known issue number 416936'
    >>> source("diag-mkt dm4").key
    'diag-mkt'
    """
    key = key.partition(" ")[0]
    family, _, number = key.rpartition("-")
    if number.isdecimal():
        whole = sources()[f"{family}-N"]
        return Source(key, whole.title.replace("number N", f"number {number}"), whole.authority)
    return sources()[key]


def _rows(name: str) -> dict[str, dict[str, Any]]:
    file = f"{name}.yaml"
    text = Path(__file__).with_name(file).read_text("utf-8")
    data = cast("dict[str, dict[str, dict[str, Any]]]", parse_yaml(text, source=file).data)
    return data[name]
