"""Holds a parsed document against the models of :mod:`orderflow.flows.schema`, in words."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from orderflow.flows.document import YamlDocument
from orderflow.flows.errors import Findings, did_you_mean
from orderflow.flows.json_schema import JsonSchema, known_keys
from orderflow.flows.schema import CHOICES, FlowFile, OverlayFile

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_SAID = {
    "string_too_short": ("is empty", "empty-text"),
    "string_too_long": ("is longer than 200 characters", "too-long"),
    "too_short": ("names nothing; leave the key out or name something", "empty-list"),
    "too_long": ("names more than 200 things", "too-long"),
}
_MOST_HINTS = 200
_MOST_ERRORS = 1000


def read_shape(document: YamlDocument, findings: Findings) -> FlowFile | OverlayFile | None:
    """Return *document* as a flow file, or None after noting everything wrong with its shape."""
    data = document.data
    if not isinstance(data, dict):
        text = f"a flow file is a mapping of keys such as flow, states; this is {kind_of(data)}"
        findings.add(document.place(()), text, "wrong-type")
        return None
    model = OverlayFile if "extends" in data else FlowFile
    try:
        return model.model_validate(data)
    except ValidationError as error:
        note_errors(error, model, document, findings)
        return None


def note_errors(
    error: ValidationError, model: type[BaseModel], document: YamlDocument, findings: Findings
) -> None:
    """Note each of pydantic's errors, in our words and at its place in *document*."""
    details = error.errors(include_url=False)
    findings.uncounted += len(details[_MOST_ERRORS:])
    for number, detail in enumerate(details[:_MOST_ERRORS]):
        at_key = detail["type"] == "extra_forbidden" or detail["loc"][-1:] == ("[key]",)
        keys = _keys(model, detail) if number < _MOST_HINTS else frozenset[str]()
        text, check = _explain(detail, keys)
        findings.add(document.place(detail["loc"], key=at_key), text, check)


def kind_of(value: object) -> str:
    """Name the kind of a plain value, as a person would.

    >>> kind_of([1, 2])
    'a list'
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"{value}".lower()
    if isinstance(value, (int, float)):
        return f"the number {value}"[:40]
    if isinstance(value, str):
        return f"the text {value!r}" if len(value) < _MOST_HINTS else "a long text"
    return "a list" if isinstance(value, list) else "a mapping"


@cache
def _schema_of(model: type[BaseModel]) -> JsonSchema:
    return model.model_json_schema()


def _keys(model: type[BaseModel], detail: ErrorDetails) -> frozenset[str]:
    if detail["type"] != "extra_forbidden":
        return frozenset()
    return known_keys(_schema_of(model), detail["loc"][:-1])


def _explain(detail: ErrorDetails, keys: frozenset[str]) -> tuple[str, str]:
    """Return what is wrong and the short name of the check."""
    given, kind = detail["input"], detail["type"]
    names = [part for part in detail["loc"] if isinstance(part, str)]
    last = next((name for name in reversed(names) if not name.startswith(("<", "["))), "")
    if kind == "missing":
        return f"{last!r} is missing", "missing-key"
    if kind == "extra_forbidden":
        if given is None and " " in last:
            hint = "; a text with a comma in it needs quotes here"
        else:
            hint = did_you_mean(last, sorted(keys)) or f"; known: {', '.join(sorted(keys))}"
        return f"unknown key {last!r}{hint if keys else ''}", "unknown-key"
    if kind == "not_a_choice":
        word = str(detail.get("ctx", {})["kind"])
        hint = did_you_mean(str(given), CHOICES[word]) or f"; known: {', '.join(CHOICES[word])}"
        return f"unknown {word} {given!r}{hint}", f"unknown-{word}"
    if kind in _WANTED:
        return _wrong_type(last, _WANTED[kind], given), "wrong-type"
    if kind in _SAID:
        return f"{last!r} {_SAID[kind][0]}", _SAID[kind][1]
    told = detail["msg"].removeprefix("Input ")
    check = "out-of-range" if kind.endswith("_than_equal") else kind.replace("_", "-")
    return f"{last!r}: {told}", check


def _wrong_type(key: str, wanted: str, given: object) -> str:
    text = f"{key!r} takes {wanted}, not {kind_of(given)}"
    if given is None and wanted == "text":
        text += '; the status null is written in quotes: "null"'
    elif wanted == "text" and isinstance(given, (bool, int, float)):
        text += "; put it in quotes"
    return text
