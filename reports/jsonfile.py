"""The verdict as JSON, and back to the same value: the form other programs read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NoReturn, cast, get_args, get_origin, get_type_hints

from orderflow.conformance.baseline import Changes
from orderflow.conformance.verdict import Failure, Verdict
from orderflow.flows.errors import OrderflowError, Place, did_you_mean

SCHEMA = "orderflow/verdict/1"
"""What the file is, and the version of its form; any other form has another number."""

DERIVED = ("schema", "passed", "sentence", "changes", "shortened")
"""Keys of the file that are no part of the verdict: they follow from it and from an earlier one,
or say that it is not the whole."""

_LARGEST = 100_000_000
"""Bytes of the largest file that is read: a thousand failures take about three million."""

_LONGEST = 60
"""Letters of a wrong value that a message shows."""

_SELDOM = frozenset(
    ("participant", "cause", "deal", "participants", "messages", "fault", "deals", "faults")
) | {"target", "suite", "vector", "tried", "again", "unseen"}
"""What only sales, systems under test or counted runs have: left out where it says nothing, so
that a file without them reads as it always did."""


class VerdictFileError(OrderflowError):
    """A text that is not a verdict.

    Attributes:
        place: Where in which file, as far as a line is known.
        reason: What is wrong with it.
    """

    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place, self.reason = place, reason


def render_json(
    verdict: Verdict,
    *,
    compact: bool = False,
    changes: Changes | None = None,
    shortened: str = "",
) -> str:
    """Write *verdict*; the same verdict gives the same bytes.

    Args:
        verdict: What the run found.
        compact: All on one line, not one value a line.
        changes: The run laid beside an earlier one, stored under a key of its own.
        shortened: What was left out of *verdict* before, and how to get it; told before all else.
    """
    document: dict[str, Any] = {"schema": SCHEMA}
    document |= {"shortened": shortened} if shortened else {}
    document |= {"passed": verdict.passed, "sentence": verdict.sentence}
    if changes is not None:
        document["changes"] = _changed(changes)
    document |= _plain(verdict)
    if compact:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _changed(changes: Changes) -> dict[str, Any]:
    """Name the failures of this run, which stand in the file, and tell the others in short."""
    unasked = zip(changes.unasked, changes.reasons, strict=True)
    return {
        "new": [_name(failure) for failure in changes.new],
        "known": [_name(failure) for failure in changes.known],
        "fixed": [_name(failure) | _short(failure) for failure in changes.fixed],
        "unasked": [_name(each) | {"why": why} | _short(each) for each, why in unasked],
        "notes": list(changes.notes),
    }


def _name(failure: Failure) -> dict[str, str]:
    names = ("deal", "flow", "fault", "identity")
    values = {name: str(getattr(failure, name)) for name in names}
    return {name: value for name, value in values.items() if value or name in names[1::2]}


def _short(failure: Failure) -> dict[str, str]:
    names = ("rule", "severity", "sentence", "replay")
    return {name: str(getattr(failure, name)) for name in names}


def _plain(value: Any) -> Any:
    """Turn a value into what JSON can hold."""
    if is_dataclass(value):
        return {
            entry.name: _plain(getattr(value, entry.name))
            for entry in fields(value)
            if entry.name not in _SELDOM or getattr(value, entry.name) != entry.default
        }
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value


def load_verdict(path: Path) -> Verdict:
    """Read a verdict file.

    Raises:
        VerdictFileError: There is none, or it is damaged, shortened, or something else.
    """
    place = Place(str(path))
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        told = error.strerror if isinstance(error, OSError) else str(error)
        raise VerdictFileError(place, f"cannot be read: {told}") from None
    if len(raw) > _LARGEST:
        raise VerdictFileError(place, f"is larger than {_LARGEST // 1_000_000} MB")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise VerdictFileError(place, f"is not UTF-8: {error.reason}") from None
    return read_json(text, source=str(path), whole=True)


def read_json(text: str, *, source: str = "<text>", whole: bool = False) -> Verdict:
    """Read what :func:`render_json` wrote.

    Args:
        text: The file.
        source: What messages call it.
        whole: Whether one that says it was shortened is refused.

    Raises:
        VerdictFileError: The text is no such document; says where.
    """
    reader = _Reader(source)
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        place = Place(source, error.lineno, error.colno)
        raise VerdictFileError(place, f"is not JSON: {error.msg}") from None
    except (RecursionError, ValueError):  # nested without end, or a number of thousands of digits
        reader.refuse("the file", "is nested too deeply, or holds too long a number")
    if not isinstance(document, dict):
        reader.refuse("the file", f"is not an object, but {_kind(document)}")
    if document.get("schema") != SCHEMA:
        given = document.get("schema")
        said = f"is {_shown(given)}" if "schema" in document else "is missing"
        reader.refuse("schema", f"{said}; this version reads {SCHEMA!r}, which --json writes")
    if whole and document.get("shortened"):
        told = "is the part of a verdict that a page holds; --json FILE writes it whole"
        reader.refuse("the file", told)
    known = {name: value for name, value in document.items() if name not in DERIVED}
    return cast("Verdict", reader.built(Verdict, known, ""))


class _Reader:
    """Takes a document apart; says where what is wrong stands."""

    def __init__(self, source: str) -> None:
        self.source = source

    def refuse(self, where: str, reason: str) -> NoReturn:
        """Raise."""
        raise VerdictFileError(Place(self.source), f"{where or 'the file'} {reason}")

    def built(self, kind: Any, raw: object, where: str) -> Any:
        """*raw* as a value of type *kind*: a value class, a tuple, an enum or a plain value."""
        if isinstance(kind, type) and is_dataclass(kind):
            return self.value(kind, raw, where)
        if get_origin(kind) is UnionType:  # the only unions are "a value, or none"
            some = next(each for each in get_args(kind) if each is not NoneType)
            return None if raw is None else self.built(some, raw, where)
        if get_origin(kind) is tuple:
            return self.several(get_args(kind), raw, where)
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            known = [str(each) for each in kind]
            if raw not in known:
                self.refuse(where, f"is {_shown(raw)}, none of {', '.join(known)}")
            return kind(str(raw))
        if type(raw) is not kind:
            self.refuse(where, f"is {_shown(raw)}, not {_WORDS.get(kind, kind.__name__)}")
        return raw

    def value(self, kind: type, raw: object, where: str) -> Any:
        """*raw* as a value class; no key is missing and none is unknown."""
        if not isinstance(raw, dict):
            self.refuse(where, f"is not an object, but {_kind(raw)}")
        hints = _hints(kind)
        given = {
            name: self.built(hints[name], raw[name], f"{where}.{name}".lstrip("."))
            for name in hints
            if name in raw
        }
        missing = sorted(set(hints) - set(given) - _optional(kind))
        if missing:
            self.refuse(where, f"lacks {', '.join(missing)}")
        self.no_others(raw, hints, where)
        return kind(**given)

    def no_others(self, raw: Iterable[str], known: Iterable[str], where: str) -> None:
        """Refuse a key that is not among those *known*: another version may mean anything by it."""
        others = sorted(set(raw) - set(known))
        if others:
            hint = did_you_mean(others[0], known)
            self.refuse(where, f"has a key {_shown(others[0])} that {SCHEMA} does not know{hint}")

    def several(self, kinds: tuple[Any, ...], raw: object, where: str) -> tuple[Any, ...]:
        """*raw* as a tuple, of any length or of one entry for each of *kinds*."""
        if not isinstance(raw, list):
            self.refuse(where, f"is not a list, but {_kind(raw)}")
        if kinds[-1] is ...:
            kinds = (kinds[0],) * len(raw)
        if len(kinds) != len(raw):
            self.refuse(where, f"has {len(raw)} entries, not {len(kinds)}")
        pairs = enumerate(zip(kinds, raw, strict=True))
        return tuple(self.built(kind, entry, f"{where}[{i}]") for i, (kind, entry) in pairs)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _optional(kind: Any) -> frozenset[str]:
    return frozenset(entry.name for entry in fields(kind) if entry.default is not MISSING)


_WORDS: dict[type, str] = {str: "text", int: "a whole number", bool: "true or false"}


def _kind(raw: object) -> str:
    words: dict[type, str] = {dict: "an object", list: "a list", **_WORDS, float: "a number"}
    return "null" if raw is None else words[type(raw)]


def _shown(raw: object) -> str:
    """A value as it stands in the file, cut where it is long."""
    text = json.dumps(raw, ensure_ascii=True)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
