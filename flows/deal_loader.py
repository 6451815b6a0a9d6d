"""Reads deals: the files that say which documents a sale has and what they tell each other.

``links.yaml`` is the base of every deal; a deal file may add to it, replace parts and leave parts
out. Whatever is wrong is told at once, with its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from orderflow.flows.deal import (
    Answer,
    Deal,
    Hearing,
    Link,
    Need,
    Notice,
    Participant,
    Towards,
)
from orderflow.flows.deal_check import (
    ChoicesOf,
    cause_of,
    check_cast,
    check_choices,
    check_exceptions,
    check_hearers,
    check_links,
)
from orderflow.flows.deal_draft import DealsDraft, Families, families_of, lay_deals, lay_links
from orderflow.flows.deal_hearing import check_notices, told
from orderflow.flows.deal_loops import endless
from orderflow.flows.deal_schema import (
    NO_DELAY,
    DealRow,
    HearRow,
    LinkRow,
    NoticeRow,
    WaitRow,
    read_deals_shape,
    read_links_shape,
)
from orderflow.flows.errors import Findings, FlowFileError, OrderflowError, Place, did_you_mean
from orderflow.flows.expand import digest
from orderflow.flows.files import is_file, read_file
from orderflow.flows.loader import bundled, bundled_names, known_durations, load_flow, parse_yaml
from orderflow.flows.model import Flow
from orderflow.flows.origin import BUNDLED, FOLDER, Origin, find_base
from orderflow.flows.overlay import Declared
from orderflow.flows.yaml_text import checked_text

__all__ = [
    "UnknownDealError",
    "bundled_deal",
    "bundled_deal_names",
    "find_deal",
    "load_deals",
    "parse_deals",
]

_LINKS = "orderflow/flows/links.yaml"
_DEALS = "orderflow/flows/deals.yaml"


class UnknownDealError(OrderflowError):
    """A name that is no deal.

    Attributes:
        name: What was asked for.
        known: What would have worked, in the same form.
    """

    def __init__(self, name: str, known: tuple[str, ...], *, several: bool = False) -> None:
        if several:
            told = f"{name} holds several deals; name one: {', '.join(known)}"
        else:
            hint = did_you_mean(name, known) or "."
            told = f"no deal {name!r}{hint} There are: {', '.join(known)}. For a deal of your own "
            told += "give the path of its .yaml file, or PATH:NAME when it holds several."
        super().__init__(told)
        self.name, self.known = name, known


def bundled_deal_names() -> tuple[str, ...]:
    """Return the names of the deals that come with orderflow."""
    return tuple(_bundled_deals())


def bundled_deal(name: str) -> Deal:
    """Return one of the deals that come with orderflow, with all profiles of its flows.

    Raises:
        UnknownDealError: There is no bundled deal of that name.
    """
    deals = _bundled_deals()
    if name not in deals:
        raise UnknownDealError(name, tuple(deals))
    return deals[name]


def find_deal(name_or_path: str, *, choices_of: ChoicesOf | None = None) -> Deal:
    """Return the bundled deal of that name, or read it from a file.

    Args:
        name_or_path: A bundled name; the path of a file that holds one deal; or ``PATH:NAME``.
        choices_of: See :func:`parse_deals`.

    Raises:
        UnknownDealError: It is none of these, or the file holds several deals and none is named.
        FlowFileError: It is a file with something wrong in it.
    """
    if name_or_path in _bundled_deals():
        return bundled_deal(name_or_path)
    path, name = _path_and_name(name_or_path)
    if not path:
        raise UnknownDealError(name_or_path, bundled_deal_names())
    deals = {deal.name: deal for deal in load_deals(Path(path), choices_of=choices_of)}
    every = tuple(f"{path}:{each}" for each in deals)
    if name and name not in deals:
        raise UnknownDealError(name_or_path, every)
    if not name and len(deals) > 1:
        raise UnknownDealError(path, every, several=True)
    return deals[name] if name else next(iter(deals.values()))


def load_deals(path: Path, *, choices_of: ChoicesOf | None = None) -> tuple[Deal, ...]:
    """Read the deal file at *path*; see :func:`parse_deals`."""
    text = read_file(path)
    return parse_deals(text, source=str(path), folder=path.parent, choices_of=choices_of)


def parse_deals(
    text: str | bytes,
    *,
    source: str = "<text>",
    folder: Path | None = None,
    choices_of: ChoicesOf | None = None,
) -> tuple[Deal, ...]:
    """Read deals from the text of a deal file.

    Args:
        text: The text; bytes have to be UTF-8.
        source: File name for messages.
        folder: Where the path of a flow file starts; None allows bundled flows only.
        choices_of: Tells what data an event can come with; without it, the names of such data
            are not checked. What there is lies a floor above: ``choices.every_choice``.

    Raises:
        FlowFileError: Tells everything that is wrong with the file.
    """
    return _Reading(checked_text(text, source), Origin(source, folder), choices_of).deals()


@cache
def _bundled_deals() -> dict[str, Deal]:
    text = checked_text(read_file(FOLDER / "deals.yaml"), _DEALS)
    deals = _Reading(text, Origin(_DEALS, FOLDER), None, is_bundled=True).deals()
    return {deal.name: deal for deal in deals}


@cache
def _links_text() -> str:
    return checked_text(read_file(FOLDER / "links.yaml"), _LINKS)


@cache
def _links_draft() -> DealsDraft:
    document, findings = parse_yaml(_links_text(), source=_LINKS), Findings()
    draft = lay_links(read_links_shape(document), document, DealsDraft(), findings)
    findings.refuse()
    return draft


def _path_and_name(text: str) -> tuple[str, str]:
    """Split ``PATH`` or ``PATH:NAME``; both are empty when it is neither."""
    endings = (".yaml", ".yml")
    if text.endswith(endings) or is_file(Path(text)):
        return text, ""
    path, _, name = text.rpartition(":")
    if name and (path.endswith(endings) or (path and is_file(Path(path)))):
        return path, name
    return "", ""


@dataclass(slots=True)
class _Reading:
    """One deal file being read."""

    text: str
    origin: Origin
    choices_of: ChoicesOf | None
    is_bundled: bool = False
    findings: Findings = field(default_factory=Findings)
    flows: dict[str, Flow | None] = field(default_factory=dict)

    def deals(self) -> tuple[Deal, ...]:
        """Return the deals of the file, or tell all that is wrong with it."""
        document = parse_yaml(self.text, source=self.origin.source)
        shape = read_deals_shape(document, self.findings)
        if shape is None:
            self.findings.refuse()
            raise FlowFileError(())
        sound, file = shape
        draft = lay_deals(file, sound, _links_draft(), self.findings)
        draft = replace(draft, misshapen=_names(document.data) - _names(sound.data))
        if self.is_bundled:
            draft = replace(draft, below=None)
        if document.data == sound.data and not draft.deals:
            text = "there is no deal here; a deal has a title and participants"
            self.findings.add(document.place(("deals",)), text, "no-deals")
        deals = tuple(self.checked(draft))
        self.findings.refuse()
        return deals

    def checked(self, draft: DealsDraft) -> Iterator[Deal]:
        """Check everything, and give the deals that can be told apart at all."""
        flows = {name: self.flows_of(deal) for name, deal in draft.deals.items()}
        casts = {name: _cast(deal.value, flows[name]) for name, deal in draft.deals.items()}
        everybody = [each for cast in casts.values() for each in cast]
        families = families_of(map(bundled, bundled_names()), everybody)
        check_links(draft, families, known_durations(), self.findings)
        check_notices(draft, families, self.findings)
        check_hearers(draft, casts.values(), families, self.findings)
        check_exceptions(draft, families, self.findings)
        if self.choices_of is not None:
            check_choices(draft, self.choices_of, self.findings)
        common = _common(draft, families)
        for name, declared in draft.deals.items():
            if check_cast(declared, flows[name], self.findings):
                deal = self.deal(declared.value, replace(common, name=name), casts[name])
                self.no_loop(deal, declared, draft)
                yield deal

    def deal(self, row: DealRow, common: Deal, cast: tuple[Participant, ...]) -> Deal:
        """Return the deal of *row*, with the links and news of *common*."""
        texts = (self.text, _links_text(), *(each.flow.digest for each in cast))
        return replace(
            common,
            title=row.title,
            participants=cast,
            without={**common.without, **row.without},
            mailbox=row.mailbox,
            instant=row.instant,
            source=self.origin.source,
            digest=digest(texts),
        )

    def flows_of(self, deal: Declared[DealRow]) -> dict[str, Flow]:
        """Return the flows of a deal by participant, without those that cannot be read."""
        found = {}
        for name, row in deal.value.participants.items():
            flow = self.flow(row.flow, deal.place("participants", name, "flow"))
            if flow is not None:
                found[name] = flow
        return found

    def flow(self, name: str, place: Place) -> Flow | None:
        """Return the flow that *name* stands for, or None after noting why there is none."""
        if name in BUNDLED:
            return bundled(name)
        path = find_base(name, self.origin)
        if isinstance(path, str):
            self.findings.add(place, path, "unknown-flow")
            return None
        if name not in self.flows:
            self.flows[name] = None
            try:
                self.flows[name] = load_flow(path)
            except FlowFileError as error:
                self.findings.problems.extend(error.problems)
        if self.flows[name] is None:
            text = f"{name!r}, which this deal uses, cannot be used"
            self.findings.add(place, text, "broken-flow")
        return self.flows[name]

    def no_loop(self, deal: Deal, declared: Declared[DealRow], draft: DealsDraft) -> None:
        """Note news of *deal* that never ends, at what this file adds to it, else at the deal."""
        circle = endless(deal)
        if not circle:
            return
        carried = (draft.links.get(each.via) or draft.notices.get(each.via) for each in circle)
        given = (each.place() for each in carried if each and draft.is_given(each))
        where = min(given, default=declared.place())
        way = " -> ".join(f"{each.via} ({each.sender} to {each.receiver})" for each in circle)
        text = f"news of deal {deal.name!r} never ends, though nobody acts: {way} -> and so on; "
        text += "it ends where a document hears it and nothing happens, or moves on for good"
        self.findings.add(where, text, "endless-news")


def _names(data: object) -> frozenset[str]:
    """Names of the news that a deal file gives."""
    rows = data.get("notices") if isinstance(data, dict) else None
    return frozenset(rows) if isinstance(rows, dict) else frozenset()


def _cast(row: DealRow, flows: dict[str, Flow]) -> tuple[Participant, ...]:
    return tuple(
        Participant(name, flows[name], each.below, each.beside, each.joins)
        for name, each in row.participants.items()
        if name in flows
    )


def _common(draft: DealsDraft, families: Families) -> Deal:
    """Return what the deals of a file have in common, as a deal without participants."""
    notices = {name: _notice(name, each.value, families) for name, each in draft.notices.items()}
    return Deal(
        name="",
        title="",
        participants=(),
        links=tuple(_link(link.value) for link in draft.links.values()),
        notices=notices,
        told={family: frozenset(names.value) for family, names in draft.told.items()},
        without={name: why.value for name, why in draft.without.items()},
    )


def _notice(name: str, row: NoticeRow, families: Families) -> Notice:
    heard, waits = {}, {}
    for family, rows in row.heard.items():
        here = [each for each in rows if isinstance(each, HearRow)]
        heard[family] = tuple(_hearing(each, family, families) for each in here)
        kept = [name for each in rows if isinstance(each, WaitRow) for name in each.in_]
        waits[family] = frozenset(kept)
    return Notice(name, row.says, heard, waits)


def _hearing(row: HearRow, family: str, families: Families) -> Hearing:
    needs = Need(row.needs) if row.needs else None
    does = told(row, family, families)
    return Hearing(tuple(row.in_), does, row.answer, row.refused, needs)


def _link(row: LinkRow) -> Link:
    owed = Answer(tuple(row.answer.in_), row.answer.within) if row.answer else None
    return Link(
        id=row.id,
        rows=tuple(row.rows),
        says=row.says,
        causes=tuple(cause_of(cause) for cause in row.cause),
        notice=row.notice,
        towards=Towards(row.towards),
        to=row.to,
        relays=row.relays,
        delay="" if row.delay == NO_DELAY else row.delay,
        at_most=row.at_most,
        echo=row.echo,
        carrier=tuple(row.carrier),
        answer=owed,
        sources=tuple(row.sources),
        decisions=tuple(row.decisions),
    )
