"""Reads parts of a YAML document that people wrote, and notes at its place whatever is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from orderflow.flows.document import Loc, Plain, YamlDocument
from orderflow.flows.errors import Findings, Place, did_you_mean

_UNITS = {"second": 1_000, "minute": 60_000, "hour": 3_600_000, "day": 86_400_000}
_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*(second|minute|hour|day)s?")
_LONGEST_SPAN = 3_650 * _UNITS["day"]
_MOST_TEXT = 2_000


@dataclass(slots=True)
class Reader:
    """A document that is being read.

    Attributes:
        document: What stands in the file.
        findings: What is wrong with it.
    """

    document: YamlDocument
    findings: Findings = field(default_factory=Findings)

    def place(self, loc: Loc, *, key: bool = False) -> Place:
        """Where the value at *loc* stands."""
        return self.document.place(loc, key=key)

    def note(self, loc: Loc, text: str, check: str = "invalid", *, key: bool = False) -> None:
        """Note what is wrong at *loc*."""
        self.findings.add(self.place(loc, key=key), text, check)

    def keys(
        self, loc: Loc, value: Plain, known: Sequence[str], needed: Iterable[str] = ()
    ) -> Mapping[str, Plain] | None:
        """*value* as a mapping with no keys but *known*; None after noting that it is none."""
        if not isinstance(value, dict):
            self.note(loc, f"takes a mapping with {', '.join(known)}", "wrong-type")
            return None
        for name in value:
            if name not in known:
                self.unknown((*loc, name), "key", name, known, key=True)
        for name in needed:
            if name not in value:
                self.note(loc, f"{name!r} is missing", "missing-key")
        return value

    def unknown(
        self, loc: Loc, kind: str, name: str, known: Iterable[str], *, key: bool = False
    ) -> None:
        """Note a word that is none of *known*."""
        self.findings.add_unknown(self.place(loc, key=key), kind, name[:100], tuple(known))

    def text(self, loc: Loc, value: Plain, *, empty: bool = False) -> str:
        """*value* as a text, which may be empty only when said so."""
        if not isinstance(value, str):
            told = "put it in quotes" if isinstance(value, int | float) else "write a text"
            self.note(loc, f"{_last(loc)} takes a text; {told}", "wrong-type")
            return ""
        if not value and not empty:
            self.note(loc, f"{_last(loc)} is empty", "empty-text")
        if len(value) > _MOST_TEXT:
            self.note(loc, f"{_last(loc)} is longer than {_MOST_TEXT} characters", "too-long")
        return value

    def texts(self, loc: Loc, value: Plain) -> tuple[str, ...]:
        """*value* as texts, in their order; one text stands for itself."""
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list):
            self.note(loc, f"{_last(loc)} takes a list of texts", "wrong-type")
            return ()
        return tuple(self.text((*loc, place), each) for place, each in enumerate(value))

    def one_of(self, loc: Loc, value: Plain, kind: str, known: Sequence[str]) -> str:
        """*value* as one of the words *known*, the first of them after noting that it is none."""
        word = self.text(loc, value)
        if word in known:
            return word
        if word:
            self.unknown(loc, kind, word, known)
        return known[0]

    def some_of(self, loc: Loc, value: Plain, kind: str, known: Sequence[str]) -> tuple[str, ...]:
        """*value* as words of *known*; others are noted and left out."""
        found = self.texts(loc, value)
        for place, word in enumerate(found):
            if word and word not in known:
                at = (*loc, place) if isinstance(value, list) else loc
                self.unknown(at, kind, word, known)
        return tuple(word for word in dict.fromkeys(found) if word in known)

    def whole(self, loc: Loc, value: Plain, *, least: int = 0, most: int = 10**9) -> int:
        """*value* as a whole number, *least* after noting that it is none."""
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            told = f"{_last(loc)} takes a whole number from {least} to {most}"
            self.note(loc, told, "out-of-range")
            return least
        return value

    def seconds(self, loc: Loc, value: Plain, *, most: float) -> float:
        """*value* as a number of seconds above 0, 1 after noting that it is none."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            told = f"{_last(loc)} takes a number of seconds above 0, up to {most:g}"
            self.note(loc, told, "out-of-range")
            return 1.0
        return float(value)

    def span(self, loc: Loc, value: Plain) -> int:
        """*value*, such as ``2 hours``, in ms of virtual time."""
        found = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None:
            told = f"{_last(loc)} takes a length of time, such as 90 seconds, 2 hours or 3 days"
            self.note(loc, told, "wrong-type")
            return 0
        ms = round(float(found[1]) * _UNITS[found[2]])
        if not 0 < ms <= _LONGEST_SPAN:
            self.note(loc, f"{_last(loc)} takes more than nothing, up to 3650 days", "out-of-range")
        return min(ms, _LONGEST_SPAN)

    def counts(self, loc: Loc, value: Plain) -> Mapping[str, int]:
        """*value* as numbers by name."""
        if not isinstance(value, dict):
            self.note(loc, f"{_last(loc)} takes a mapping of numbers", "wrong-type")
            return {}
        return {name: self.whole((*loc, name), each) for name, each in value.items()}


def nearest(name: str, known: Iterable[str]) -> str:
    """A clause that names the word nearest to *name*, or all there are.

    >>> nearest("placee", ["place", "wait"])
    "; did you mean 'place'?"
    """
    words = tuple(known)
    return did_you_mean(name, words) or f"; there are {', '.join(words)}"


def _last(loc: Loc) -> str:
    names = [part for part in loc if isinstance(part, str)]
    return repr(names[-1]) if names else "the file"
