"""Cuts the text of a suite into parts that can be read one after the other, each with its places.

A suite may hold 100,000 steps, which is far more than a YAML file may hold that is read at once.
So a file that is too big for that is cut where a case begins: memory is that of one part, and
whatever is wrong is still told with its line in the file. Anchors do not reach across parts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from orderflow.flows.document import Loc, Plain, YamlDocument
from orderflow.flows.errors import FlowFileError, Place, Problem
from orderflow.flows.loader import parse_yaml
from orderflow.flows.yaml_text import MAX_BYTES, one_problem

MOST_BYTES = 400_000_000
"""Largest suite that is read: some million steps."""

_AT_ONCE = 250_000
"""Bytes of cases after which a part ends."""

_CASES = re.compile(rb'^(?:cases:|[ ]+"cases":[ ]*\[)[ ]*(?:#[^\n]*)?\r?\n', re.MULTILINE)
_FIRST = re.compile(rb"(?:[ ]*(?:#[^\n]*)?\r?\n)*(?:([ ]*)- |([ ]+)\{)")
_BEHIND = re.compile(rb"^(?:[^\s#-]|-(?! ))", re.MULTILINE)
_JSON_END = re.compile(rb"\r?\n[ ]*\][ ]*\r?\n\}\s*\Z")


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines of a file as plain data.

    Attributes:
        data: All of it.
        source: Name of the file.
        document: The same with its places; None when they are not known.
        before: How many lines of the file stand before it.
    """

    data: Plain
    source: str
    document: YamlDocument | None = None
    before: int = 0

    def place(self, loc: Loc, *, key: bool = False) -> Place:
        """Where the value at *loc* stands in the file, see :meth:`YamlDocument.place`."""
        if self.document is None:
            return Place(self.source)
        return _moved(self.document.place(loc, key=key), self.before)


class Chunk(NamedTuple):
    """Some lines of a file that are not read yet.

    Attributes:
        text: The lines.
        source: Name of the file.
        before: How many lines stand before them.
    """

    text: bytes
    source: str
    before: int

    def read(self) -> Part:
        """Read it.

        Raises:
            FlowFileError: It is not YAML, or no text at all.
        """
        try:
            document = parse_yaml(self.text, source=self.source)
        except FlowFileError as error:
            moved = (
                Problem(_moved(each.place, self.before), each.text, each.check)
                for each in error.problems
            )
            raise FlowFileError(tuple(moved)) from None
        return Part(document.data, self.source, document, self.before)


class Chunks(NamedTuple):
    """The text of a suite in parts.

    Attributes:
        head: The file, or all of it that stands before its cases.
        cases: Lists of cases, in the order of the file; () when they stand in the head.
        cut: Whether the cases stand elsewhere than in the head.
    """

    head: Chunk
    cases: tuple[Chunk, ...]
    cut: bool


def chunks_of(text: bytes, source: str, before: int = 0) -> Chunks:
    """Cut a text that is too big to be read at once; leave others whole.

    Args:
        text: The whole file.
        source: Its name, for messages.
        before: How many lines stand before it, when it stands in a file of another kind.

    Raises:
        FlowFileError: It is too big, and there is no way to tell where its cases begin.
    """
    if len(text) <= MAX_BYTES:
        return Chunks(Chunk(text, source, before), (), cut=False)
    if len(text) > MOST_BYTES:
        told = f"has {len(text):,} bytes; at most {MOST_BYTES:,} are read"
        raise one_problem(Place(source), told, "too-big")
    key = _CASES.search(text)
    first = _FIRST.match(text, key.end()) if key else None
    if key is None or first is None:
        raise _uncut(text, source)
    head, is_json = text[: key.start()], first[2] is not None
    end = _JSON_END.search(text, max(key.end(), len(text) - 1_000)) if is_json else None
    if (is_json and end is None) or (not is_json and _BEHIND.search(text, key.end())):
        raise _uncut(text, source)
    if is_json:
        head += b"}"
    cases = text[key.end() : end.start() + 1 if end else len(text)]
    lines = before + text.count(b"\n", 0, key.end())
    return Chunks(
        Chunk(head, source, before),
        tuple(_cases(cases, re.escape(first[1] or first[2] or b""), source, lines)),
        cut=True,
    )


def json_part(text: bytes, source: str) -> Part | None:
    """The whole of a JSON text, which is read much faster than YAML; None when it is no JSON.

    JSON is YAML, too, and read as such where somebody has to be told a place.
    """
    if not text[:100].lstrip().startswith(b"{") or len(text) > MOST_BYTES:
        return None
    try:
        data = json.loads(
            text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant
        )
        if b"\\ud" in text.lower():  # half a character, maybe, which no file can hold
            json.dumps(data, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        return None
    return Part(data, source)


def _once(pairs: list[tuple[str, Plain]]) -> dict[str, Plain]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _cases(text: bytes, indent: bytes, source: str, before: int) -> Iterator[Chunk]:
    """Lists of cases, each long enough to be worth its reading."""
    begins = [
        each.start() for each in re.finditer(rb"^" + indent + rb"(?:- |\{)", text, re.MULTILINE)
    ]
    is_json = text[begins[0] :].lstrip().startswith(b"{")
    begin = 0
    for end in [*begins[1:], len(text)]:
        if end - begin < _AT_ONCE and end != len(text):
            continue
        part = text[begin:end]
        yield Chunk(_as_list(part) if is_json else part, source, before)
        before += part.count(b"\n")
        begin = end


def _as_list(part: bytes) -> bytes:
    """JSON objects as a list, each where it stood; YAML allows the comma behind the last one."""
    return b"[" + part[1:] + b"]"


def _uncut(text: bytes, source: str) -> FlowFileError:
    told = (
        f"has {len(text):,} bytes; more than {MAX_BYTES:,} are read if `cases` stands last "
        "and every case begins on a line of its own"
    )
    return one_problem(Place(source), told, "too-big")


def _moved(place: Place, before: int) -> Place:
    return Place(place.file, place.line + before, place.column) if place.line else place
