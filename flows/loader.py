"""Reads YAML and flow files: the one doorway through which YAML enters.

YAML is data here: nothing in it is executed, its values are those of YAML 1.2 (``on``, ``NO``
and ``30:00`` are text), and whatever is wrong with a file is told at once, with its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn

import yaml

from orderflow.flows.document import Node, Plain, YamlDocument
from orderflow.flows.errors import (
    Findings,
    FlowFileError,
    Place,
    Problem,
    UnknownFlowError,
)
from orderflow.flows.expand import expand
from orderflow.flows.files import is_file, read_file
from orderflow.flows.model import Endpoint, EventKind, Flow
from orderflow.flows.origin import BUNDLED, FOLDER, Origin, bundled_origin, find_base, origin_of
from orderflow.flows.overlay import Draft, lay
from orderflow.flows.partial import sound_part
from orderflow.flows.references import check_references
from orderflow.flows.schema import OverlayFile
from orderflow.flows.shape import read_shape
from orderflow.flows.yaml_text import checked_text, one_problem, plain_value

__all__ = [
    "YamlDocument",
    "bundled",
    "bundled_names",
    "find_flow",
    "known_durations",
    "load_events",
    "load_flow",
    "load_yaml",
    "parse_flow",
    "parse_yaml",
]

MAX_DEPTH = 64
"""Deepest nesting: far more than any flow needs, far less than what exhausts the stack."""

MAX_VALUES = 200_000
"""Most values in a document, each counted again wherever an alias repeats it."""

_NO_BASE = frozenset({"unknown-base", "broken-base"})
_DURATION_UNITS = frozenset({"seconds", "minutes", "hours", "days"})
# The pure Python parser, of which some platforms have nothing faster, gives the same events.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str | bytes, *, source: str = "<text>") -> YamlDocument:
    """Read one YAML document as plain data that knows its places.

    Keys are always text, as written: ``null:`` and ``404:`` are the keys "null" and "404".

    Args:
        text: The document; bytes have to be UTF-8.
        source: File name for messages.

    Raises:
        FlowFileError: It is not YAML, or uses what is not accepted here: duplicate keys, tags,
            merge keys, several documents, tabs, unbounded size, depth or aliases.
    """
    plain = checked_text(text, source)
    reader = _Reader(source)
    root = None
    try:
        root = reader.document(yaml.parse(plain, Loader=_LOADER))
    except yaml.YAMLError as error:
        reader.findings.problems.append(_syntax_problem(error, plain, source))
    reader.findings.refuse()
    if root is None or root.data is None:
        raise one_problem(Place(source), "the file is empty", "empty")
    return YamlDocument(source, root)


def load_yaml(path: Path) -> YamlDocument:
    """Read the YAML file at *path*; see :func:`parse_yaml`."""
    return parse_yaml(read_file(path), source=str(path))


def parse_flow(text: str | bytes, *, source: str = "<text>", folder: Path | None = None) -> Flow:
    """Read a flow from the text of a flow file.

    Args:
        text: The text; bytes have to be UTF-8.
        source: File name for messages.
        folder: Where a path under ``extends`` starts; None allows bundled flows only.

    Raises:
        FlowFileError: Tells everything that is wrong with the file.
    """
    return expand(_draft(text, Origin(source, folder)), load_events())


def load_flow(path: Path) -> Flow:
    """Read the flow file at *path*; see :func:`parse_flow`."""
    return expand(_draft(read_file(path), origin_of(path)), load_events())


@cache
def bundled(name: str) -> Flow:
    """Return one of the flows that come with orderflow, with all its profiles.

    Raises:
        UnknownFlowError: There is no bundled flow of that name.
    """
    if name not in BUNDLED:
        raise UnknownFlowError(name, BUNDLED)
    return expand(_bundled_draft(name), load_events())


def bundled_names() -> tuple[str, ...]:
    """Return the names of the flows that come with orderflow."""
    return BUNDLED


def find_flow(name_or_path: str) -> Flow:
    """Return the bundled flow of that name, or read the file at that path.

    Raises:
        UnknownFlowError: It is neither.
        FlowFileError: It is a file with something wrong in it.
    """
    if name_or_path in BUNDLED:
        return bundled(name_or_path)
    if not name_or_path.endswith((".yaml", ".yml")) and not is_file(Path(name_or_path)):
        raise UnknownFlowError(name_or_path, BUNDLED)
    return load_flow(Path(name_or_path))


@cache
def load_events() -> Mapping[str, EventKind]:
    """Return the common event vocabulary (``events.yaml``) by event name."""
    events = {}
    for name, row in _catalogue("events").items():
        meaning, mark = str(row.get("meaning") or ""), str(row.get("mark") or "invented")
        calls = tuple(_endpoints(row.get("endpoints")))
        events[name] = EventKind(name, _texts(row.get("actors")), meaning, mark, calls)
    return MappingProxyType(events)


def _texts(value: Plain) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _endpoints(rows: Plain) -> Iterator[Endpoint]:
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            yield Endpoint(str(row["call"]), _texts(row.get("flows")), _texts(row.get("in")))


@cache
def known_durations() -> frozenset[str]:
    """Return the names of the settings that measure time: what a timer's ``after`` may say."""
    rows = _catalogue("settings")
    return frozenset(name for name, row in rows.items() if row.get("unit") in _DURATION_UNITS)


def _catalogue(name: str) -> dict[str, dict[str, Plain]]:
    """Return the rows of ``NAME.yaml`` in this folder, which stand under the key *name*."""
    data = load_yaml(FOLDER / f"{name}.yaml").data
    rows = data.get(name) if isinstance(data, dict) else None
    found = rows.items() if isinstance(rows, dict) else ()
    return {key: row for key, row in found if isinstance(row, dict)}


@cache
def _bundled_draft(name: str) -> Draft:
    return _draft(read_file(FOLDER / f"{name}.yaml"), bundled_origin(name))


def _draft(text: str | bytes, origin: Origin) -> Draft:
    plain = checked_text(text, origin.source)
    document = parse_yaml(plain, source=origin.source)
    findings, base = Findings(), Draft()
    file = read_shape(document, findings)
    if file is None:
        document, file = sound_part(document)
    if isinstance(file, OverlayFile):
        base = _base(file.extends, document, origin, findings)
    if file is None or any(problem.check in _NO_BASE for problem in findings.problems):
        findings.refuse()
        raise FlowFileError(())
    draft = lay(file, document, base, findings)
    check_references(draft, findings)
    findings.refuse()
    family = origin.bundled or base.family
    return replace(draft, family=family, texts=(plain, *base.texts))


def _base(extends: str, document: YamlDocument, origin: Origin, findings: Findings) -> Draft:
    """Return the draft that *extends* names, or an empty one after noting why there is none."""
    if extends in BUNDLED and extends != origin.bundled:
        return _bundled_draft(extends)
    place, path = document.place(("extends",)), find_base(extends, origin)
    if isinstance(path, str):
        findings.add(place, path, "unknown-base")
        return Draft()
    try:
        return _draft(read_file(path), origin_of(path, origin.trail))
    except FlowFileError as error:
        findings.add(place, f"{extends!r}, which this file extends, cannot be used", "broken-base")
        findings.problems.extend(error.problems)
        return Draft()


def _syntax_problem(error: yaml.YAMLError, text: str, source: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    if not isinstance(error, yaml.MarkedYAMLError) or mark is None:
        return Problem(Place(source), f"is not YAML: {error}".splitlines()[0], "not-yaml")
    place = Place(source, mark.line + 1, mark.column + 1)
    line = text.split("\n")[mark.line] if mark.line <= text.count("\n") else ""
    if "\t" in line[: len(line) - len(line.lstrip())] or line[mark.column :].startswith("\t"):
        return Problem(place, "a tab stands where YAML wants spaces", "tab")
    told = f"is not YAML: {error.problem}"
    if error.context and error.context_mark is not None:
        told += f" ({error.context} from line {error.context_mark.line + 1})"
    return Problem(place, told, "not-yaml")


def _at(event: yaml.Event) -> tuple[int, int]:
    """Return line and column where *event* starts, both counted from 1."""
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)


@dataclass(slots=True)
class _Reader:
    """Builds nodes from parser events, counting depth and values on the way.

    Recursion is safe: it goes no deeper than ``MAX_DEPTH``.
    """

    source: str
    findings: Findings = field(default_factory=Findings)
    anchors: dict[str, Node | None] = field(default_factory=dict)
    values: int = 0

    def document(self, events: Iterator[yaml.Event]) -> Node | None:
        """Return the only document's topmost value, or None when there is no document."""
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self.stop(event, "a second document starts here; a file holds one", "documents")
                root = self.node(next(events), events, 0)
        return root

    def node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        """Return the value that starts with *event*."""
        if depth > MAX_DEPTH:
            self.stop(event, f"is nested more than {MAX_DEPTH} levels deep", "too-deep")
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        self.count(event, 1)
        anchor = self.anchor(event)
        if isinstance(event, yaml.ScalarEvent):
            node = self.scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self.sequence(event, events, depth)
        else:
            node = self.mapping(event, events, depth)
        if anchor is not None:
            self.anchors[anchor] = node
        return node

    def anchor(self, event: yaml.Event) -> str | None:
        """Return the event's anchor, noting a tag; until its value is read it stands for none."""
        tag = getattr(event, "tag", None)
        if tag is not None:
            told = f"the tag {tag!r} is not accepted: a file here holds plain values only"
            self.note(event, told, "tag")
        name: str | None = getattr(event, "anchor", None)
        if name is not None:
            self.anchors[name] = None
        return name

    def alias(self, event: yaml.AliasEvent) -> Node:
        """Return the value an alias stands for, at the alias's own place."""
        name = event.anchor or ""
        node = self.anchors.get(name)
        if node is None:
            inside = name in self.anchors
            why = "stands inside its own anchor" if inside else "has no anchor before it"
            self.stop(event, f"alias *{name} {why}", "alias")
        self.count(event, node.size)
        line, column = _at(event)
        return replace(node, line=line, column=column)

    def scalar(self, event: yaml.ScalarEvent) -> Node:
        """Return a scalar: quoted ones are text, plain ones what they look like."""
        data = event.value if event.style else plain_value(event.value)
        return self.made(event, data, {}, {})

    def sequence(
        self, event: yaml.SequenceStartEvent, events: Iterator[yaml.Event], depth: int
    ) -> Node:
        """Return a list."""
        items: list[Node] = []
        for part in events:
            if isinstance(part, yaml.SequenceEndEvent):
                break
            items.append(self.node(part, events, depth + 1))
        return self.made(event, [item.data for item in items], dict(enumerate(items)), {})

    def mapping(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        """Return a mapping; of a key given twice the first one counts."""
        children: dict[str | int, Node] = {}
        keys: dict[str | int, tuple[int, int]] = {}
        for part in events:
            if isinstance(part, yaml.MappingEndEvent):
                break
            key = self.key(part, keys)
            value = self.node(next(events), events, depth + 1)
            if key not in keys:
                children[key] = value
                keys[key] = _at(part)
        return self.made(event, {str(k): c.data for k, c in children.items()}, children, keys)

    def key(self, event: yaml.Event, keys: Mapping[str | int, tuple[int, int]]) -> str:
        """Return the text of a key, noting what cannot be one."""
        if not isinstance(event, yaml.ScalarEvent):
            self.stop(event, "a key is plain text, not a list, a mapping or an alias", "bad-key")
        self.count(event, 1)
        anchor = self.anchor(event)
        name = event.value
        if anchor is not None:
            self.anchors[anchor] = self.made(event, name, {}, {})
        if name == "<<" and not event.style:
            self.note(event, "merge keys are not accepted; write the keys out", "merge-key")
        elif name in keys:
            first = Place(self.source, *keys[name])
            self.note(event, f"key {name!r} is given twice; first at {first}", "duplicate-key")
        return name

    def made(
        self,
        event: yaml.Event,
        data: Plain,
        children: Mapping[str | int, Node],
        keys: Mapping[str | int, tuple[int, int]],
    ) -> Node:
        """Return a node at the place of *event*."""
        size = 1 + sum(child.size for child in children.values())
        return Node(data, *_at(event), children, keys, size)

    def count(self, event: yaml.Event, values: int) -> None:
        """Count *values*, stopping before an alias bomb goes off."""
        self.values += values
        if self.values > MAX_VALUES:
            told = f"holds more than {MAX_VALUES:,} values once its aliases are followed"
            self.stop(event, told, "too-many-values")

    def note(self, event: yaml.Event, text: str, check: str) -> None:
        """Note a problem at *event*."""
        self.findings.add(Place(self.source, *_at(event)), text, check)

    def stop(self, event: yaml.Event, text: str, check: str) -> NoReturn:
        """Note a problem at *event* after which nothing can be read."""
        self.note(event, text, check)
        self.findings.refuse()
        raise FlowFileError(())
