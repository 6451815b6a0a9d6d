"""Tables of the keys of a file format, made from its JSON Schema while the site is built."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from sphinx.application import Sphinx

Schema = Mapping[str, Any]

_MOST_CHOICES = 12


class SchemaTables(Directive):
    """``{of-schema} orderflow.flows:flow.schema.json``: a section of keys for each object."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Parse the tables as the page's own Markdown."""
        package, _, name = self.arguments[0].partition(":")
        schema = json.loads(files(package).joinpath(name).read_text("utf-8"))
        lines = list(tables(schema))
        holder = nodes.section()
        holder.document = self.state.document
        self.state.nested_parse(StringList(lines, source=name), self.content_offset, holder, 1)
        return holder.children


def tables(schema: Schema) -> Iterator[str]:
    """Markdown of all objects of *schema*, the whole file first."""
    yield from _object("The file", schema)
    for name, part in sorted(schema.get("$defs", {}).items()):
        if "properties" in part:
            yield from _object(name, part)


def _object(name: str, part: Schema) -> Iterator[str]:
    if "properties" not in part:
        return
    yield f"**{name}**"
    yield ""
    if part.get("description"):
        yield _cell(part["description"])
        yield ""
    yield from ("| key | takes | meaning |", "| --- | --- | --- |")
    required = set(part.get("required", ()))
    for key, value in part["properties"].items():
        must = " (required)" if key in required else ""
        yield f"| `{key}`{must} | {_cell(takes(value))} | {_cell(value.get('description', ''))} |"
    yield ""


def takes(value: Schema | bool) -> str:
    """What a key may hold, in a few words.

    >>> takes({"type": "array", "items": {"type": "string"}})
    'list of text'
    """
    if isinstance(value, bool):
        return "anything" if value else "nothing"
    if "$ref" in value:
        return str(value["$ref"]).rpartition("/")[2]
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        shown = [f"`{each}`" for each in value["enum"][:_MOST_CHOICES]]
        return ", ".join(shown) + (", …" if len(value["enum"]) > _MOST_CHOICES else "")
    for key in ("anyOf", "oneOf"):
        if key in value:
            return " or ".join(dict.fromkeys(takes(each) for each in value[key]))
    return _of_type(value)


def _of_type(value: Schema) -> str:
    kind = value.get("type", "anything")
    if kind == "array":
        places = value.get("prefixItems")
        if places:
            return f"list of {len(places)}: {', '.join(map(takes, places))}"
        return f"list of {takes(value.get('items', True))}"
    if kind == "object" and isinstance(value.get("additionalProperties"), dict):
        return f"mapping of names to {takes(value['additionalProperties'])}"
    names = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    kinds = kind if isinstance(kind, list) else [kind]
    return " or ".join(names.get(each, each) for each in kinds)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known."""
    app.add_directive("of-schema", SchemaTables)
    return {"parallel_read_safe": True}
