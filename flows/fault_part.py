"""Writes a part of a YAML document as a text of its own, with everything in the line it had."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from orderflow.flows.document import Node


def text_of(node: Node) -> str:
    r"""Return a mapping as YAML text that begins in line 1 and keeps every line below it.

    What a loader says of the text is then true of the document it was cut from.

    >>> from orderflow.flows.loader import parse_yaml
    >>> text_of(parse_yaml("over:\n  it:\n  - all").root.children["over"])
    '{\n"it":\n["all"]}'
    """
    writer = _Writer()
    writer.write(node)
    return "".join(writer.parts)


@dataclass(slots=True)
class _Writer:
    """Writes nodes as flow-style YAML, moving on to the line of each."""

    parts: list[str] = field(default_factory=list)
    line: int = 1

    def go_to(self, line: int) -> None:
        """Begin new lines until *line* is reached; one that is past stays past."""
        if line > self.line:
            self.parts.append("\n" * (line - self.line))
            self.line = line

    def write(self, node: Node) -> None:
        """Write a value."""
        if isinstance(node.data, dict):
            self._mapping(node)
        elif isinstance(node.data, list):
            self._list(node)
        else:
            self.go_to(node.line)
            self.parts.append(json.dumps(node.data))

    def _mapping(self, node: Node) -> None:
        self.parts.append("{")
        for number, (key, child) in enumerate(node.children.items()):
            self.parts.append(", " if number else "")
            self.go_to(node.keys.get(key, (0, 0))[0])
            self.parts.append(f"{json.dumps(str(key))}:")
            before = len(self.parts)
            self.write(child)
            self.parts[before] = _apart(self.parts[before])
        self.parts.append("}")

    def _list(self, node: Node) -> None:
        self.go_to(node.line)
        self.parts.append("[")
        for number, child in enumerate(node.children.values()):
            self.parts.append(", " if number else "")
            self.write(child)
        self.parts.append("]")


def _apart(text: str) -> str:
    """Return *text* with a blank before it, unless a new line does."""
    return text if text.startswith("\n") else f" {text}"
