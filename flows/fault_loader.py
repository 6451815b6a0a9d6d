"""Reads fault files, and makes the faulty flow or deal that a mode stands for.

The shape of a fault file is checked when it is read, and all that is wrong is told at once, with
its place. What a mode lays over a flow or a deal is checked, by the same loaders that read such
files, when it is first asked for; its places are those of the fault file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import cast, get_args

from orderflow.flows.deal import Deal, Participant
from orderflow.flows.deal_loader import bundled_deal, bundled_deal_names, parse_deals
from orderflow.flows.document import Loc, Node, Plain, YamlDocument
from orderflow.flows.errors import Findings
from orderflow.flows.expand import digest
from orderflow.flows.fault_part import text_of
from orderflow.flows.faults import Fault, FaultBook, FaultPlaceError, LeftOut, News, Part, Tampering
from orderflow.flows.files import read_file
from orderflow.flows.loader import bundled, bundled_names, load_yaml, parse_flow, parse_yaml
from orderflow.flows.model import Flow
from orderflow.flows.origin import FOLDER

__all__ = ["bundled_faults", "faulty_deal", "faulty_flow", "parse_faults"]

_FILE = "orderflow/flows/faults.yaml"
_FAULT = (
    *("fault", "issue", "area", "says", "where", "flows", "links", "document"),
    *("news", "detects", "misses", "decisions"),
)
_LEFT_OUT = ("fault", "issue", "area", "why", "says", "decisions")
_OVER_DEALS = ("links", "remove_links", "notices", "told", "without")


@cache
def bundled_faults() -> FaultBook:
    """Return the modes that come with orderflow."""
    return parse_faults(read_file(FOLDER / "faults.yaml"), source=_FILE)


def parse_faults(
    text: str | bytes, *, source: str = "<text>", functions: Iterable[str] | None = None
) -> FaultBook:
    """Read fault modes from the text of a fault file.

    Args:
        text: The text; bytes have to be UTF-8.
        source: File name for messages.
        functions: Names of the functions that change documents; any name when None. What there is
            lies a floor above: ``tampering.TAMPERINGS``.

    Raises:
        FlowFileError: Tells everything that is wrong with the file.
    """
    known = None if functions is None else tuple(functions)
    return _Reading(parse_yaml(text, source=source), known).book()


def faulty_flow(fault: Fault, name: str, *, base: str = "") -> Flow:
    """Return the bundled flow that a mode breaks, with all its profiles.

    Args:
        fault: The mode.
        name: Family of the flow, or a participant of a deal.
        base: Family of the flow of that participant; *name* when empty.

    Raises:
        FlowFileError: What the mode lays over the flow cannot be used.
    """
    family = base or name
    part = fault.overlays.get(name) or fault.overlays.get(family)
    return bundled(family) if part is None else _overlaid(family, part, fault.source)


def faulty_deal(fault: Fault, name: str) -> Deal:
    """Return the bundled deal that a mode breaks, with all profiles of its flows.

    Raises:
        FaultPlaceError: The mode is not shown by that deal.
        FlowFileError: What the mode lays over the deal or its flows cannot be used.
    """
    if name not in fault.deals:
        raise FaultPlaceError(fault, name)
    deal = _relinked(name, fault.links, fault.source) if fault.links else bundled_deal(name)
    people = tuple(_broken(fault, each) for each in deal.participants)
    if people == deal.participants:
        return deal
    texts = (deal.digest, *(each.flow.digest for each in people))
    return replace(deal, participants=people, digest=digest(texts))


def _broken(fault: Fault, who: Participant) -> Participant:
    return replace(who, flow=faulty_flow(fault, who.name, base=who.family))


@cache
def _overlaid(family: str, part: Part, source: str) -> Flow:
    text = _headed({"flow": family, "extends": family}, part)
    return parse_flow(text, source=source)


@cache
def _relinked(name: str, part: Part, source: str) -> Deal:
    data = load_yaml(FOLDER / "deals.yaml").data
    rows = data["deals"] if isinstance(data, dict) else None
    row = rows[name] if isinstance(rows, dict) else None
    (deal,) = parse_deals(_headed({"deals": {name: row}}, part), source=source)
    return deal


def _headed(head: dict[str, Plain], part: Part) -> str:
    """Return *part* with more keys in front, and every line of it where it was."""
    written = json.dumps(head)[:-1]
    return f"{written},{part.text[1:]}"


@dataclass(slots=True)
class _Reading:
    """One fault file being read."""

    document: YamlDocument
    functions: tuple[str, ...] | None
    findings: Findings = field(default_factory=Findings)

    def book(self) -> FaultBook:
        """Return what the file says, or tell all that is wrong with it."""
        top = self.keys((), ("faults", "left_out", "profiles"))
        faults = {
            name: self.fault(("faults", name), name)
            for name in self.keys(("faults",), None, "faults" in top)
        }
        left_out = {
            name: self.left_out(("left_out", name), name)
            for name in self.keys(("left_out",), None, "left_out" in top)
        }
        profiles = {
            name: self.names(("profiles", name), (*faults, *left_out), "fault")
            for name in self.keys(("profiles",), None, "profiles" in top)
        }
        for name in faults.keys() & left_out.keys():
            place = self.document.place(("left_out", name), key=True)
            self.findings.add(place, f"{name!r} is shown as well", "duplicate-id")
        self.findings.refuse()
        return FaultBook(faults, left_out, profiles)

    def fault(self, loc: Loc, name: str) -> Fault:
        """Return one mode."""
        given = self.keys(loc, _FAULT)
        where = self.keys((*loc, "where"), ("flows", "deals"), "where" in given)
        flows = (*loc, "where", "flows"), bundled_names(), "flow"
        deals = (*loc, "where", "deals"), bundled_deal_names(), "deal"
        return Fault(
            name=name,
            faults=self.names((*loc, "fault")),
            issues=self.names((*loc, "issue")),
            area=self.word((*loc, "area")),
            says=self.word((*loc, "says")),
            flows=self.names(*flows) if "flows" in where else (),
            deals=self.names(*deals) if "deals" in where else (),
            overlays=self.overlays((*loc, "flows")) if "flows" in given else {},
            links=self.links((*loc, "links")) if "links" in given else None,
            document=self.document_rows((*loc, "document")) if "document" in given else (),
            news=self.news((*loc, "news")) if "news" in given else "",
            detects=self.names((*loc, "detects")) if "detects" in given else (),
            misses=self.words((*loc, "misses")) if "misses" in given else {},
            decisions=self.names((*loc, "decisions")) if "decisions" in given else (),
            source=self.document.source,
        )

    def left_out(self, loc: Loc, name: str) -> LeftOut:
        """Return one mode that is not shown."""
        given = self.keys(loc, _LEFT_OUT)
        return LeftOut(
            name=name,
            faults=self.names((*loc, "fault")),
            area=self.word((*loc, "area")),
            why=self.word((*loc, "why")),
            issues=self.names((*loc, "issue")) if "issue" in given else (),
            says=self.word((*loc, "says")) if "says" in given else "",
            decisions=self.names((*loc, "decisions")) if "decisions" in given else (),
        )

    def overlays(self, loc: Loc) -> dict[str, Part]:
        """Return what is laid over flows, by family or participant."""
        people = {name for deal in bundled_deal_names() for name in bundled_deal(deal).names}
        found = {}
        for name in self.keys(loc, (*bundled_names(), *sorted(people))):
            self.keys((*loc, name), None)
            found[name] = self.part((*loc, name))
        return found

    def links(self, loc: Loc) -> Part:
        """Return what is laid over a deal."""
        self.keys(loc, _OVER_DEALS)
        return self.part(loc)

    def part(self, loc: Loc) -> Part:
        """Return a part of the file as a text of its own."""
        node = self.node(loc)
        return Part(text_of(node), node.line) if node else Part("{}", 1)

    def document_rows(self, loc: Loc) -> tuple[Tampering, ...]:
        """Return what is changed in documents."""
        node = self.node(loc)
        if node is None or not isinstance(node.data, list):
            self.wrong(loc, "is a list of rows such as {status: [cancel], do: drop-reason}")
            return ()
        return tuple(self.tampering((*loc, number)) for number in range(len(node.data)))

    def tampering(self, loc: Loc) -> Tampering:
        """Return one row of what is changed in documents."""
        given = self.keys(loc, ("flow", "on", "status", "do"))
        does = self.word((*loc, "do"))
        if self.functions is not None and does and does not in self.functions:
            place = self.document.place((*loc, "do"))
            self.findings.add_unknown(place, "document function", does, self.functions)
        return Tampering(
            does,
            self.word((*loc, "flow")) if "flow" in given else "",
            self.names((*loc, "on")) if "on" in given else (),
            self.names((*loc, "status")) if "status" in given else (),
        )

    def news(self, loc: Loc) -> News:
        """Return what goes wrong with messages."""
        word = self.word(loc)
        if word and word not in get_args(News):
            choices = [each for each in get_args(News) if each]
            self.findings.add_unknown(self.document.place(loc), "message fault", word, choices)
            return ""
        return cast("News", word)

    def node(self, loc: Loc) -> Node | None:
        """Return the value at *loc*, None when there is none."""
        node: Node | None = self.document.root
        for part in loc:
            node = node.children.get(part) if node else None
        return node

    def wrong(self, loc: Loc, text: str) -> None:
        """Note that what stands at *loc*, or is missing there, should be something else."""
        name = loc[-1] if loc else "a fault file"
        check = "missing-key" if self.node(loc) is None else "wrong-type"
        self.findings.add(self.document.place(loc), f"{name} {text}", check)

    def keys(self, loc: Loc, known: Iterable[str] | None, given: object = True) -> tuple[str, ...]:
        """Return the keys of the mapping at *loc*, noting unknown ones; () when it is not given."""
        node = self.node(loc)
        if not given:
            return ()
        if node is None or not isinstance(node.data, dict):
            self.wrong(loc, "is a mapping")
            return ()
        names = tuple(node.data)
        for name in names if known is not None else ():
            if name not in (known or ()):
                place = self.document.place((*loc, name), key=True)
                self.findings.add_unknown(place, "key", name, known or ())
        return tuple(name for name in names if known is None or name in known)

    def word(self, loc: Loc) -> str:
        """Return the text at *loc*."""
        node = self.node(loc)
        if node is not None and isinstance(node.data, str) and node.data:
            return node.data
        self.wrong(loc, "is a text")
        return ""

    def words(self, loc: Loc) -> dict[str, str]:
        """Return the texts of the mapping at *loc*."""
        return {name: self.word((*loc, name)) for name in self.keys(loc, None)}

    def names(
        self, loc: Loc, known: Iterable[str] | None = None, kind: str = "name"
    ) -> tuple[str, ...]:
        """Return the texts of the list at *loc*, noting those that are not *known*."""
        node = self.node(loc)
        if node is None or not isinstance(node.data, list):
            self.wrong(loc, "is a list of names")
            return ()
        found = tuple(self.word((*loc, number)) for number in range(len(node.data)))
        for number, name in enumerate(found):
            if known is not None and name and name not in known:
                place = self.document.place((*loc, number))
                self.findings.add_unknown(place, kind, name, known)
        return found
