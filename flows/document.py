"""A parsed YAML text as plain data that remembers where each value stood; no YAML library here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias, Union

from orderflow.flows.errors import Place

Plain: TypeAlias = Union[bool, int, float, str, "list[Plain]", "dict[str, Plain]", None]
"""What a YAML text holds: keys are always text, values those of the YAML 1.2 core schema."""

Loc: TypeAlias = tuple[str | int, ...]
"""Keys and list positions that lead from the top of a document to a value."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a document.

    Attributes:
        data: The value and all below it.
        line: Line it starts on, counted from 1.
        column: Column it starts in, counted from 1.
        children: Values directly below, by key or list position.
        keys: Line and column of each key of a mapping.
        size: How many values this one holds, itself included and aliases followed.
    """

    data: Plain
    line: int
    column: int
    children: Mapping[str | int, Node]
    keys: Mapping[str | int, tuple[int, int]]
    size: int = 1


_Gone: TypeAlias = "dict[str | int, _Gone]"
_ALL = -1
"""Marks what is gone as a whole; no list has this position."""


def _without(node: Node, gone: _Gone) -> Node:
    left = {
        part: _without(child, gone[part]) if part in gone else child
        for part, child in node.children.items()
        if _ALL not in gone.get(part, {})
    }
    if isinstance(node.data, dict):
        data: Plain = {str(part): child.data for part, child in left.items()}
        return replace(node, data=data, children=left)
    if isinstance(node.data, list):
        items: dict[str | int, Node] = dict(enumerate(left.values()))
        return replace(node, data=[child.data for child in items.values()], children=items)
    return node


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A parsed YAML text.

    Attributes:
        source: File name as the user gave it.
        root: The topmost value.
    """

    source: str
    root: Node

    @property
    def data(self) -> Plain:
        """The whole document as plain data."""
        return self.root.data

    def place(self, loc: Loc, *, key: bool = False) -> Place:
        """Return where the value at *loc* stands.

        Parts of *loc* that lead nowhere are skipped, so the place of something missing is
        that of the value it is missing from.

        Args:
            loc: Keys and list positions from the top.
            key: Return the place of the last key instead of its value's.
        """
        node, at = self.root, (self.root.line, self.root.column)
        for part in loc:
            child = node.children.get(part)
            if child is None:
                continue
            at = node.keys.get(part, (child.line, child.column)) if key else (0, 0)
            node = child
        return Place(self.source, *(at if key else (node.line, node.column)))

    def found(self, loc: Loc) -> Loc:
        """Return *loc* without the parts that lead nowhere."""
        node, parts = self.root, []
        for part in loc:
            child = node.children.get(part)
            if child is not None:
                parts.append(part)
                node = child
        return tuple(parts)

    def without(self, locs: Iterable[Loc]) -> YamlDocument:
        """Return the document without the values at *locs*; all others keep their places."""
        gone: _Gone = {}
        for loc in locs:
            below = gone
            for part in loc:
                below = below.setdefault(part, {})
            below[_ALL] = {}
        return YamlDocument(self.source, _without(self.root, gone))

    def has(self, loc: Loc) -> bool:
        """Whether there is a value at *loc*."""
        node = self.root
        for part in loc:
            child = node.children.get(part)
            if child is None:
                return False
            node = child
        return True
