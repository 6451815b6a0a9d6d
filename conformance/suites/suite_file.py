"""Suites as files: read from YAML or JSON, with everything that is wrong told at its place.

Transition ids are not in a file: which transition a step takes is found out by rehearsing it, see
:func:`~orderflow.conformance.suites.suite_check.checked`. What JSON says of concrete calls is for
other readers, and is worked out anew here. The shape is described in ``suite.schema.json``.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from orderflow.conformance.drive import Start
from orderflow.conformance.suites.case import Case, Guarantee, Step, Suite
from orderflow.conformance.suites.suite_check import (
    SuiteError,
    checked,
    fitting_flow,
    settings_of,
    suite_plan,
)
from orderflow.conformance.suites.suite_parts import Chunk, Chunks, Part, chunks_of, json_part
from orderflow.conformance.suites.suite_text import FORMAT, case_trace, render_suite
from orderflow.flows.document import Loc
from orderflow.flows.errors import Findings, FlowFileError, Place, did_you_mean
from orderflow.flows.files import is_file, read_file
from orderflow.flows.model import Profile
from orderflow.flows.yaml_text import one_problem
from orderflow.simulator.scenario import Act, ScenarioError, parse_acts, parse_items

__all__ = [
    "FORMAT",
    "SuiteError",
    "case_trace",
    "checked",
    "fitting_flow",
    "is_suite_file",
    "load_suite",
    "parse_suite",
    "places_of",
    "render_suite",
    "settings_of",
    "suite_plan",
]

_OF_SUITE = (
    *("format", "flow", "digest", "profile", "modules", "settings", "cost", "guarantees"),
    "cases",
)
_OF_GUARANTEE = ("cover", "says", "figures")
_OF_CASE = ("id", "title", "cover", "items", "replaceable", "tags", "order", "steps")
_OF_STEP = ("do", "then", "refused", "stage", "call")
_USUAL = Start()
_BEGINS = re.compile(
    rb"""^\s*(?:\{\s*)?["']?format["']?\s*:\s*["']?orderflow-suite-""", re.MULTILINE
)
_PEEK = 4_096


class Row(NamedTuple):
    """One case as it stands in a file.

    Attributes:
        part: The part of the file it is in.
        loc: Where in it.
        data: What stands there.
    """

    part: Part
    loc: Loc
    data: object


def load_suite(path: Path) -> Suite:
    """Read a suite from a YAML or JSON file.

    Raises:
        FlowFileError: It cannot be read, or is not a suite; says all that is wrong.
    """
    return parse_suite(_read(path), str(path))


def parse_suite(text: str | bytes, source: str = "<text>", *, first_line: int = 1) -> Suite:
    """Read a suite from YAML or JSON.

    Args:
        text: The text; bytes have to be UTF-8.
        source: File name for messages.
        first_line: Line of that file on which the text begins.

    Raises:
        FlowFileError: It is not a suite; says all that is wrong.
    """
    plain = _bytes(text)
    head = json_part(plain, source)
    if head is not None:
        with suppress(FlowFileError):
            return _Reader(source).suite(head)
    chunks = chunks_of(plain, source, first_line - 1)
    return _Reader(source).suite(chunks.head.read(), chunks)


def is_suite_file(path: Path) -> bool:
    """Whether there is a file at *path* that says it is a suite."""
    try:
        if not is_file(path):
            return False
        with path.open("rb") as file:
            return _BEGINS.search(file.read(_PEEK)) is not None
    except OSError:
        return False


def places_of(path: Path) -> tuple[tuple[Place, ...], ...]:
    """Where the steps of each case stand in a suite that can be read."""
    chunks = chunks_of(_read(path), str(path))
    found = []
    for row in _rows(chunks.head.read(), (each.read() for each in chunks.cases), cut=chunks.cut):
        steps = row.data.get("steps") if isinstance(row.data, dict) else None
        count = len(steps) if isinstance(steps, list) else 0
        found.append(tuple(row.part.place((*row.loc, "steps", n)) for n in range(count)))
    return tuple(found)


def _read(path: Path) -> bytes:
    if not is_file(path):
        return read_file(path)  # says why it cannot be read
    try:
        return path.read_bytes()
    except OSError as error:
        raise one_problem(
            Place(str(path)), f"cannot be read: {error.strerror}", "unreadable"
        ) from None


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def _rows(head: Part, parts: Iterable[Part], *, cut: bool) -> Iterator[Row]:
    """The cases of a file, wherever they stand in it."""
    if not cut and isinstance(head.data, dict):
        cases = head.data.get("cases")
        for number, each in enumerate(cases if isinstance(cases, list) else ()):
            yield Row(head, ("cases", number), each)
    for part in parts:
        for number, each in enumerate(part.data if isinstance(part.data, list) else ()):
            yield Row(part, (number,), each)


def _unknown(suite: Suite) -> Suite:
    """*suite* without what it promised: its cases are not those the promises were made for."""
    told = "Nothing is known: cases were added, changed or taken out since the suite was made."
    kept = tuple(Guarantee(each.cover, told) for each in suite.guarantees)
    return dataclasses.replace(suite, guarantees=kept)


class _Reader:
    """Collects everything that is wrong with one suite."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.findings = Findings()
        self.ids: dict[str, Place] = {}

    def suite(self, head: Part, chunks: Chunks | None = None) -> Suite:
        """The suite of a file.

        Args:
            head: What stands before the cases, or everything.
            chunks: Where the cases stand, unless they are in the head.
        """
        data, cut = head.data, chunks is not None and chunks.cut
        if not isinstance(data, dict):
            self.wrong(head, (), "a suite is a mapping with `format`, `flow` and `cases`")
            self.findings.refuse()
            raise FlowFileError(())
        self.keys(head, (), data, _OF_SUITE)
        if data.get("format") != FORMAT:
            self.wrong(head, ("format",), f"`format` must be {FORMAT}, which this version reads")
        if not cut and not isinstance(data.get("cases"), list):
            self.wrong(head, ("cases",), "`cases` must be a list, one entry for each case")
        self.cost(head, data)
        rows = _rows(head, self.parts(chunks.cases if chunks else ()), cut=cut)
        found = Suite(
            flow=self.text(head, (), data, "flow"),
            digest=self.text(head, (), data, "digest", usual=""),
            profile=self.profile(head, data),
            modules=self.names(head, (), data, "modules"),
            settings=self.settings(head, data),
            guarantees=self.guarantees(head, data),
            cases=tuple(case for row in rows if (case := self.case(row)) is not None),
        )
        self.findings.refuse()
        cost = {"orders": found.cost.orders, "calls": found.cost.calls}
        return found if data.get("cost") == cost else _unknown(found)

    def parts(self, chunks: Iterable[Chunk]) -> Iterator[Part]:
        """The parts that can be read; what is wrong with the others is noted."""
        for chunk in chunks:
            try:
                yield chunk.read()
            except FlowFileError as error:
                self.findings.problems.extend(error.problems)

    def wrong(self, part: Part, loc: Loc, text: str, *, key: bool = False) -> None:
        self.findings.add(part.place(loc, key=key), text, "suite")

    def keys(
        self, part: Part, loc: Loc, data: Mapping[str, object], known: tuple[str, ...]
    ) -> None:
        for name in data.keys() - set(known):
            hint = did_you_mean(name, known) or f"; known: {', '.join(known)}"
            self.wrong(part, (*loc, name), f"unknown key {name!r}{hint}", key=True)

    def text(
        self,
        part: Part,
        loc: Loc,
        data: Mapping[str, object],
        key: str,
        *,
        usual: str | None = None,
    ) -> str:
        """The text under *key*, which may be missing, or empty, when there is a usual one."""
        given = data.get(key, usual)
        if not isinstance(given, str) or (usual is None and not given):
            self.wrong(part, (*loc, key), f"`{key}` must be a text")
            return ""
        return given

    def names(self, part: Part, loc: Loc, data: Mapping[str, object], key: str) -> tuple[str, ...]:
        given = data.get(key, [])
        if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
            self.wrong(part, (*loc, key), f"`{key}` must be a list of names")
            return ()
        return tuple(str(name) for name in given)

    def profile(self, head: Part, data: Mapping[str, object]) -> str:
        given = data.get("profile")
        if not isinstance(given, str) or given not in set(Profile):
            self.wrong(head, ("profile",), f"`profile` must be one of {', '.join(Profile)}")
        return str(given)

    def settings(self, head: Part, data: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
        given = data.get("settings", {})
        if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
            told = '`settings` must map names to texts, such as {limit: "30"}'
            self.wrong(head, ("settings",), told)
            return ()
        return tuple((name, str(value)) for name, value in given.items())

    def cost(self, head: Part, data: Mapping[str, object]) -> None:
        """Look at the cost, which is written for people: what counts is what the cases take."""
        given = data.get("cost", {"orders": 0, "calls": 0})
        if (
            not isinstance(given, dict)
            or given.keys() != {"orders", "calls"}
            or not all(_is_count(count) for count in given.values())
        ):
            self.wrong(head, ("cost",), "`cost` must say {orders: COUNT, calls: COUNT}")

    def guarantees(self, head: Part, data: Mapping[str, object]) -> tuple[Guarantee, ...]:
        given = data.get("guarantees", [])
        if not isinstance(given, list):
            self.wrong(head, ("guarantees",), "`guarantees` must be a list")
            return ()
        found = (self.guarantee(head, number, each) for number, each in enumerate(given))
        return tuple(each for each in found if each is not None)

    def guarantee(self, head: Part, number: int, data: object) -> Guarantee | None:
        loc: Loc = ("guarantees", number)
        if not isinstance(data, dict):
            self.wrong(head, loc, "a guarantee is a mapping with `cover` and `says`")
            return None
        self.keys(head, loc, data, _OF_GUARANTEE)
        figures = data.get("figures", {})
        if not isinstance(figures, dict) or not all(map(_is_count, figures.values())):
            self.wrong(head, (*loc, "figures"), "`figures` must map names to counts")
            figures = {}
        return Guarantee(
            self.text(head, loc, data, "cover"),
            self.text(head, loc, data, "says"),
            tuple(figures.items()),
        )

    def case(self, row: Row) -> Case | None:
        part, loc, data = row
        if not isinstance(data, dict):
            self.wrong(part, loc, "a case is a mapping with `id`, `title`, `cover` and `steps`")
            return None
        self.keys(part, loc, data, _OF_CASE)
        if not isinstance(data.get("order", []), list):
            self.wrong(part, (*loc, "order"), "`order` must be a list of items")
        return Case(
            id=self.id(part, loc, data),
            title=self.text(part, loc, data, "title", usual=""),
            cover=self.text(part, loc, data, "cover"),
            steps=tuple(self.steps(part, loc, data.get("steps"))),
            start=self.start(part, loc, data),
            tags=self.names(part, loc, data, "tags"),
        )

    def id(self, part: Part, loc: Loc, data: Mapping[str, object]) -> str:
        found, place = self.text(part, loc, data, "id"), part.place((*loc, "id"))
        first = self.ids.setdefault(found, place)
        if found and first is not place:
            self.wrong(part, (*loc, "id"), f"case {found!r} is given twice; first at {first}")
        return found

    def start(self, part: Part, loc: Loc, data: Mapping[str, object]) -> Start:
        replaceable, items = data.get("replaceable", True), data.get("items")
        if not isinstance(replaceable, bool):
            self.wrong(part, (*loc, "replaceable"), "`replaceable` must be true or false")
            replaceable = True
        if "items" not in data:
            return _USUAL if replaceable else Start(replaceable=False)
        try:
            return Start(parse_items(items if isinstance(items, str) else ""), replaceable)
        except ScenarioError as error:
            self.wrong(part, (*loc, "items"), str(error))
            return _USUAL

    def steps(self, part: Part, loc: Loc, data: object) -> Iterator[Step]:
        """The steps of a case; the stage of each is that of the one before if it does not say."""
        if not isinstance(data, list) or not data:
            told = "`steps` must list at least one step, such as {do: place_order, then: STATUS}"
            self.wrong(part, (*loc, "steps"), told)
            return
        trigger = ""
        for number, row in enumerate(data):
            step = _step(row, trigger)
            if isinstance(step, Step):
                trigger = step.trigger
                yield step
            else:
                self.wrong(part, (*loc, "steps", number), step)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _step(row: object, trigger: str) -> Step | str:
    """A step, or what is wrong with it."""
    shape = "a step is {do: ACT, then: STATUS} or {do: ACT, refused: STATUS}, with a `stage` if any"
    if not isinstance(row, dict):
        return shape
    unknown = sorted(row.keys() - set(_OF_STEP))
    if unknown:
        return f"unknown key {unknown[0]!r} of a step; {shape}"
    refused, act, stage = "refused" in row, row.get("do"), row.get("stage", trigger)
    status = row.get("refused") if refused else row.get("then")
    if not (
        isinstance(act, str) and isinstance(stage, str) and isinstance(row.get("call", {}), dict)
    ):
        return shape
    if not isinstance(status, str) or not status or (refused and "then" in row):
        return shape
    try:
        return Step(_act(act), status, refused, stage)
    except ScenarioError as error:
        return str(error)


@lru_cache(maxsize=4_096)
def _act(text: str) -> Act:
    act, *more = parse_acts(text)
    if more:
        raise ScenarioError(f"{text!r}: one act a step")
    return act
