"""Scenarios that somebody wrote down: sequences in a YAML file that every suite can begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from orderflow.conformance.drive import Start
from orderflow.conformance.suites.case import Guarantee
from orderflow.conformance.suites.draft import Draft, Walk
from orderflow.conformance.suites.graph import Graph
from orderflow.conformance.suites.practice import Practice
from orderflow.conformance.suites.wording import counted
from orderflow.flows.document import Loc, Plain, YamlDocument
from orderflow.flows.errors import Findings
from orderflow.flows.loader import load_yaml
from orderflow.simulator.order import Item
from orderflow.simulator.scenario import ADVANCE, Act, ScenarioError, parse_acts, parse_items

_KEYS = ("id", "title", "tags", "items", "replaceable", "steps")


def scenarios(graph: Graph, path: Path) -> Draft:
    """Read the scenarios of a file.

    Raises:
        FlowFileError: Tells everything that is wrong with the file, what the flow cannot play
            included.
    """
    return parse_scenarios(graph, load_yaml(path))


def parse_scenarios(graph: Graph, document: YamlDocument) -> Draft:
    """Read the scenarios of a parsed file.

    Raises:
        FlowFileError: As in :func:`scenarios`.
    """
    reader = _Reader(graph, document)
    walks = tuple(reader.walks())
    reader.findings.refuse()
    cover = f"scenario:{document.source}"
    tags = {tag for walk in walks for tag in walk.tags}
    figures = (("scenarios", len(walks)), ("requirements", len(tags)))
    told = f"It is no system that goes wrong in {counted(len(walks), 'scenario')} written by hand."
    return Draft(cover, walks, Guarantee(cover, told, figures))


class _Reader:
    """Reads one file and notes what is wrong with it."""

    def __init__(self, graph: Graph, document: YamlDocument) -> None:
        self.graph, self.document = graph, document
        self.findings, self.practice = Findings(), Practice(graph)
        self.events = (*graph.space.plan.flow.events, ADVANCE)
        self.ids: dict[str, Loc] = {}

    def walks(self) -> Iterator[Walk]:
        """The scenarios that can be read and played."""
        data = self.document.data
        rows = data.get("scenarios") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(rows, list) or not rows:
            self._note((), "a list called 'scenarios' is missing", "no-scenarios")
            return
        self._unknown((), data, ("scenarios",))
        for number, row in enumerate(rows):
            loc: Loc = ("scenarios", number)
            if not isinstance(row, dict):
                self._note(loc, "a scenario is a mapping with an id and steps", "not-a-scenario")
                continue
            self._unknown(loc, row, _KEYS)
            walk = self._walk(loc, row)
            if walk is not None:
                yield walk

    def _walk(self, loc: Loc, row: dict[str, Plain]) -> Walk | None:
        before = len(self.findings.problems)
        name = self._id(loc, row)
        title = self._text(loc, row, "title")
        start = Start(self._items(loc, row), self._replaceable(loc, row))
        tags, acts = self._tags(loc, row), self._acts(loc, row)
        if len(self.findings.problems) > before:
            return None
        played = len(self.practice.walk(start, acts))
        if played < len(acts):
            why = self.practice.trouble(start, acts)
            self._note((*loc, "steps", played), f"cannot be played: {why}", "unplayable")
            return None
        return Walk(f"{name}: {title}" if title else name, start, acts, tags)

    def _note(self, loc: Loc, text: str, check: str) -> None:
        self.findings.add(self.document.place(loc), text, check)

    def _unknown(self, loc: Loc, row: dict[str, Plain], known: tuple[str, ...]) -> None:
        for key in row:
            if key not in known:
                place = self.document.place((*loc, key), key=True)
                self.findings.add_unknown(place, "key", key, known)

    def _text(self, loc: Loc, row: dict[str, Plain], key: str) -> str:
        found = row.get(key, "")
        if not isinstance(found, str):
            self._note((*loc, key), f"{key!r} has to be a text; put quotes around it", "not-a-text")
            return ""
        return found

    def _id(self, loc: Loc, row: dict[str, Plain]) -> str:
        name, before = self._text(loc, row, "id"), len(self.findings.problems)
        if not name and before == len(self.findings.problems) and not row.get("id"):
            self._note((*loc, "id"), "a scenario needs an 'id'", "no-id")
        elif name in self.ids:
            first = self.document.place(self.ids[name])
            self._note((*loc, "id"), f"id {name!r} is given twice; first at {first}", "double-id")
        self.ids.setdefault(name, (*loc, "id"))
        return name

    def _items(self, loc: Loc, row: dict[str, Plain]) -> tuple[Item, ...]:
        written = self._text(loc, row, "items")
        try:
            return parse_items(written) if written else Start().items
        except ScenarioError as error:
            self._note((*loc, "items"), str(error), "not-items")
            return Start().items

    def _replaceable(self, loc: Loc, row: dict[str, Plain]) -> bool:
        found = row.get("replaceable", True)
        if not isinstance(found, bool):
            self._note((*loc, "replaceable"), "'replaceable' is true or false", "not-a-switch")
        return found is True

    def _tags(self, loc: Loc, row: dict[str, Plain]) -> tuple[str, ...]:
        found = row.get("tags", [])
        if not isinstance(found, list) or not all(isinstance(tag, str) for tag in found):
            self._note((*loc, "tags"), "'tags' is a list of texts, such as [A-17]", "not-tags")
            return ()
        return tuple(sorted({str(tag) for tag in found}))

    def _acts(self, loc: Loc, row: dict[str, Plain]) -> tuple[Act, ...]:
        found = row.get("steps")
        if not isinstance(found, list) or not found:
            told = "a scenario needs 'steps': a list such as [place_order, request_cancel]"
            self._note((*loc, "steps"), told, "no-steps")
            return ()
        acts = [self._act((*loc, "steps", number), step) for number, step in enumerate(found)]
        return tuple(act for act in acts if act is not None)

    def _act(self, loc: Loc, written: Plain) -> Act | None:
        try:
            first, *rest = parse_acts(str(written))
        except ScenarioError as error:
            self._note(loc, str(error).removeprefix("act 1: "), "not-an-act")
            return None
        if rest:
            self._note(loc, f"{written!r} is more than one act; write one a step", "not-an-act")
            return None
        if first.event not in self.events:
            place = self.document.place(loc)
            self.findings.add_unknown(place, "event", first.event, self.events)
            return None
        return first
