"""The vendor's published API documents: which operations there are, and how bodies must look."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "domain" / "openapi"
METHODS = ("get", "post", "put", "patch", "delete")
CALLED = "vtex-external-seller-fulfillment.json"
"""What the sandbox calls, and a seller answers."""


@dataclass(frozen=True)
class Operation:
    """One operation of a document.

    Attributes:
        method: Upper-case method.
        path: As it is published.
        document: The whole document.
    """

    method: str
    path: str
    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        """``POST /api/orders/{}/cancel``: what names it here and in the sandbox."""
        return named(self.method, self.path)

    @property
    def spec(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.document["paths"][self.path][self.method.lower()]
        return found

    def request(self) -> Mapping[str, Any] | None:
        """The schema of the body, None without one."""
        content = self.spec.get("requestBody", {}).get("content", {})
        return next((self.resolved(each["schema"]) for each in content.values()), None)

    def example(self) -> Any:
        """A body with all its fields."""
        content = self.spec.get("requestBody", {}).get("content", {})
        given = [each["example"] for each in content.values() if "example" in each]
        schema = self.request()
        return given[0] if given else None if schema is None else self._example(schema)

    def _example(self, schema: Mapping[str, Any]) -> Any:
        schema = self.resolved(schema)
        if "example" in schema:
            return schema["example"]
        if schema.get("type") == "array":
            return [self._example(schema.get("items", {}))]
        if "properties" in schema:
            return {name: self._example(each) for name, each in schema["properties"].items()}
        return {"integer": 1, "number": 1, "boolean": True, "object": {}}.get(
            schema.get("type", ""), "text"
        )

    def answer(self, status: int) -> Mapping[str, Any] | None:
        """The schema of an answer's body, None when none is published."""
        content = self.spec["responses"].get(str(status), {}).get("content", {})
        return next((each["schema"] for each in content.values() if "schema" in each), None)

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema itself, when it only names another one."""
        while "$ref" in schema:
            found: Any = self.document
            for name in schema["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            schema = found
        return schema

    def differences(
        self, value: Any, schema: Mapping[str, Any], path: str = ""
    ) -> Iterator[tuple[str, str]]:
        """(path, what is different) of *value*: ``type``, ``enum``, ``missing`` or ``beyond``."""
        schema = self.resolved(schema)
        if value is None and schema.get("nullable"):
            return
        kind = schema.get("type")
        if kind and not is_a(kind, value):
            yield path, "null" if value is None else "type"
        elif "enum" in schema and value not in schema["enum"]:
            yield path, "enum"
        elif isinstance(value, dict) and "properties" in schema:
            yield from self._of_object(value, schema, path)
        elif isinstance(value, list):
            for each in value:
                yield from self.differences(each, schema.get("items", {}), f"{path}[]")

    def _of_object(
        self, value: dict[str, Any], schema: Mapping[str, Any], path: str
    ) -> Iterator[tuple[str, str]]:
        start = f"{path}." if path else ""
        required = schema.get("required", ())
        yield from ((f"{start}{name}", "missing") for name in required if name not in value)
        for name, each in value.items():
            if name not in schema["properties"]:
                yield f"{start}{name}", "beyond"
            else:
                yield from self.differences(each, schema["properties"][name], f"{start}{name}")


def is_a(kind: str, value: object) -> bool:
    """Whether *value* has the JSON type *kind*; 1.0 is an integer, true is none."""
    if kind in ("integer", "number"):
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return kind == "number" or float(value).is_integer()
    kinds = {"string": str, "boolean": bool, "array": list, "object": dict}
    return isinstance(value, kinds[kind])


def named(method: str, path: str) -> str:
    """Names an operation by its method and path, whatever its parameters are called."""
    return f"{method} {re.sub(r'{[^}]*}', '{}', path.rstrip('/'))}"


@cache
def operations() -> dict[str, Operation]:
    """Every operation that a caller of the platform is offered, by name.

    Skips the test when the documents are not here.
    """
    files = sorted(FOLDER.glob("*.json"))
    if not files:
        pytest.skip("the vendor's API documents are not here")
    found = {}
    for file in files:
        document = json.loads(file.read_text("utf-8"))
        for path, each in document["paths"].items() if file.name != CALLED else ():
            for method in METHODS:
                if method in each:
                    one = Operation(method.upper(), path, document)
                    found[one.name] = one
    return found
