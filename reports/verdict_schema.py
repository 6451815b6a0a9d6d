"""The JSON Schema of a verdict file, made from the values that a verdict consists of."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from orderflow.conformance.verdict import Verdict
from orderflow.reports.jsonfile import SCHEMA

_ATTRIBUTE = re.compile(r"^    (\w+): (.+(?:\n {8,}.+)*)", re.MULTILINE)
_PLAIN = {str: "string", int: "integer", bool: "boolean"}
_MARKUP = re.compile(r"``|(?<!\w)\*(?=\w)|(?<=\w)\*(?!\w)")

_TEXT = {"type": "string"}
_NAME = {"deal": _TEXT, "flow": _TEXT, "fault": _TEXT, "identity": _TEXT}
_SHORT = {"rule": _TEXT, "severity": _TEXT, "sentence": _TEXT, "replay": _TEXT}


def verdict_schema() -> dict[str, Any]:
    """Return the schema; a key that it does not name is not allowed."""
    definitions: dict[str, Any] = {}
    whole = _of_class(Verdict, definitions)
    derived = {
        "schema": {"const": SCHEMA, "description": "What the file is, in which version."},
        "shortened": {
            **_TEXT,
            "description": "What was left out where a page holds it in part, and how to get it. "
            "No file has it that --json writes.",
        },
        "passed": {"type": "boolean", "description": "Whether the run passed."},
        "sentence": {**_TEXT, "description": "The verdict in one sentence."},
        "changes": _changes(),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Verdict: the result of a run",
        "description": "What `orderflow check --json` and `orderflow suite --run --json` write.",
        **whole,
        "required": ["schema", "passed", "sentence", *whole["required"]],
        "properties": derived | whole["properties"],
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """Return ``verdict.schema.json``; ``python -m orderflow.reports.verdict_schema`` prints it."""
    return json.dumps(verdict_schema(), indent=2, ensure_ascii=False) + "\n"


def _changes() -> dict[str, Any]:
    """The schema of what is said of an earlier run."""
    named = _object(_NAME, ("flow", "identity"))
    gone = _object(_NAME | _SHORT, ("flow", "identity", *_SHORT))
    why = _object(_NAME | {"why": _TEXT} | _SHORT, ("flow", "identity", "why", *_SHORT))
    lists = {
        "new": (named, "Failures of this run that the earlier one did not tell."),
        "known": (named, "Failures that both runs tell."),
        "fixed": (gone, "Failures of the earlier run that this one would have met, and did not."),
        "unasked": (why, "Failures of the earlier run that this one need not have met, and why."),
        "notes": (_TEXT, "What makes the two runs hard to compare."),
    }
    properties = {
        name: {"type": "array", "items": items, "description": told}
        for name, (items, told) in lists.items()
    }
    told = "What changed since the run that --baseline names."
    return {**_object(properties, tuple(lists)), "description": told}


def _object(properties: dict[str, Any], required: tuple[str, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


def _of_class(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of one value class, each field told as its docstring tells it."""
    hints, told = get_type_hints(kind), _told(kind)
    entries = fields(kind)
    properties = {
        entry.name: {**_of(hints[entry.name], definitions), "description": told[entry.name]}
        for entry in entries
    }
    required = tuple(entry.name for entry in entries if entry.default is MISSING)
    head = cleandoc(kind.__doc__ or "").split("\n\n")[0]
    return {**_object(properties, required), "description": _words(head)}


def _told(kind: type) -> dict[str, str]:
    """What the docstring of a value class says of each field."""
    return {name: _words(text) for name, text in _ATTRIBUTE.findall(cleandoc(kind.__doc__ or ""))}


def _words(text: str) -> str:
    return " ".join(_MARKUP.sub("", text).split())


def _of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value of type *kind*."""
    if isinstance(kind, type) and is_dataclass(kind):
        if kind.__name__ not in definitions:
            definitions[kind.__name__] = {}  # its place, should it hold one of its own kind
            definitions[kind.__name__] = _of_class(kind, definitions)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if get_origin(kind) is UnionType:  # the only unions are "a value, or none"
        some = next(each for each in get_args(kind) if each is not NoneType)
        return {"anyOf": [_of(some, definitions), {"type": "null"}]}
    if get_origin(kind) is tuple:
        return _of_tuple(get_args(kind), definitions)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [str(each) for each in kind]}
    return {"type": _PLAIN[kind]}


def _of_tuple(kinds: tuple[Any, ...], definitions: dict[str, Any]) -> dict[str, Any]:
    if kinds[-1] is ...:
        return {"type": "array", "items": _of(kinds[0], definitions)}
    each = [_of(kind, definitions) for kind in kinds]
    return {"type": "array", "prefixItems": each, "items": False, "minItems": len(each)}


if __name__ == "__main__":
    sys.stdout.write(schema_text())
