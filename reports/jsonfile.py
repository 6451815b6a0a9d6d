"""The verdict as JSON, and back to the same value: the form other programs read."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints

from orderflow.conformance.verdict import Verdict
from orderflow.flows.errors import OrderflowError

SCHEMA = "orderflow/verdict/1"

_SELDOM = frozenset(
    ("participant", "cause", "deal", "participants", "messages", "fault", "deals", "faults")
) | {"target", "suite", "vector"}
"""What only sales, systems under test or counted runs have: left out where it says nothing, so
that a file without them reads as it always did."""


class VerdictFileError(OrderflowError):
    """A text that is not a verdict.

    Attributes:
        reason: What is wrong with it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"not a verdict of schema {SCHEMA}: {reason}")
        self.reason = reason


def render_json(verdict: Verdict, *, compact: bool = False) -> str:
    """Write *verdict*, one value a line unless *compact*; the same verdict gives the same bytes."""
    document = {"schema": SCHEMA, "passed": verdict.passed, "sentence": verdict.sentence}
    document |= _plain(verdict)
    if compact:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


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


def read_json(text: str) -> Verdict:
    """Read what :func:`render_json` wrote.

    Raises:
        VerdictFileError: The text is no such document.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise VerdictFileError(f"line {error.lineno}: {error.msg}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise VerdictFileError("its schema is missing or another")
    try:
        return cast("Verdict", _built(Verdict, document, "verdict"))
    except ValueError as error:
        raise VerdictFileError(str(error)) from error


def _built(kind: Any, raw: object, where: str) -> Any:
    """Turn JSON into a value of type *kind*: a value class, a tuple, an enum or a plain value."""
    if isinstance(kind, type) and is_dataclass(kind):
        return _value(kind, raw, where)
    if get_origin(kind) is UnionType:  # the only unions are "a value, or none"
        some = next(each for each in get_args(kind) if each is not NoneType)
        return None if raw is None else _built(some, raw, where)
    if get_origin(kind) is tuple:
        return _tuple(get_args(kind), raw, where)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(str(raw))
    if type(raw) is not kind:
        raise VerdictFileError(f"{where} is {raw!r}, not of type {kind.__name__}")
    return raw


def _value(kind: type, raw: object, where: str) -> Any:
    if not isinstance(raw, dict):
        raise VerdictFileError(f"{where} is not an object")
    hints = get_type_hints(kind)
    known = [name for name in hints if name in raw]
    given = {name: _built(hints[name], raw[name], f"{where}.{name}") for name in known}
    optional = {entry.name for entry in fields(kind) if entry.default is not MISSING}
    missing = sorted(set(hints) - set(given) - optional)
    if missing:
        raise VerdictFileError(f"{where} lacks {', '.join(missing)}")
    return kind(**given)


def _tuple(kinds: tuple[Any, ...], raw: object, where: str) -> tuple[Any, ...]:
    if not isinstance(raw, list):
        raise VerdictFileError(f"{where} is not a list")
    if kinds[-1] is ...:
        kinds = (kinds[0],) * len(raw)
    if len(kinds) != len(raw):
        raise VerdictFileError(f"{where} has {len(raw)} entries, not {len(kinds)}")
    pairs = enumerate(zip(kinds, raw, strict=True))
    return tuple(_built(kind, entry, f"{where}[{i}]") for i, (kind, entry) in pairs)
