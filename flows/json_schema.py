"""JSON Schemas as plain data: made readable, and asked which keys they allow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

JsonSchema: TypeAlias = dict[str, Any]


def without_noise(node: Any) -> Any:
    """Return a schema without pydantic's titles and defaults, which tell nothing new."""
    if isinstance(node, list):
        return [without_noise(part) for part in node]
    if not isinstance(node, dict):
        return node
    # A dict under "title" is the schema of the key `title`, not a title.
    noise = {"default"} if isinstance(node.get("title"), dict) else {"default", "title"}
    return {key: without_noise(part) for key, part in node.items() if key not in noise}


def known_keys(schema: JsonSchema, loc: Iterable[str | int]) -> frozenset[str]:
    """Return the keys that *schema* allows in the mapping at *loc*, whichever union member it is.

    Parts of *loc* that lead nowhere, such as union tags, are skipped.
    """
    here = _alternatives(schema, schema)
    for part in loc:
        below = [child for node in here for child in _below(node, part)]
        here = [one for child in below for one in _alternatives(schema, child)] or here
    return frozenset(key for node in here for key in node.get("properties", ()))


def _alternatives(schema: JsonSchema, node: JsonSchema) -> list[JsonSchema]:
    others = [*node.get("anyOf", ()), *node.get("oneOf", ())]
    others += [node[key] for key in ("then", "else") if key in node]
    if "$ref" in node:
        others.append(schema["$defs"][node["$ref"].rsplit("/", 1)[-1]])
    return [node, *(one for other in others for one in _alternatives(schema, other))]


def _below(node: JsonSchema, part: str | int) -> list[JsonSchema]:
    if isinstance(part, int):
        return [node["items"]] if "items" in node else []
    named = node.get("properties", {}).get(part)
    rest = node.get("additionalProperties")
    if named is not None:
        return [named]
    return [rest] if isinstance(rest, dict) else []
