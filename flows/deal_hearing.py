"""Checks what news means to those who hear it: that what it makes happen can happen there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from orderflow.flows.deal import SAME, TAKING_OVER, Told
from orderflow.flows.deal_draft import DealsDraft, Families
from orderflow.flows.deal_schema import HearRow, NoticeRow, WaitRow
from orderflow.flows.errors import Findings, Place
from orderflow.flows.model import ABSENT, Transition
from orderflow.flows.overlay import Declared

_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Happening:
    """One event that news makes happen.

    Attributes:
        event: Its name, or ``same``.
        choice: Data it comes with, or empty.
        sources: Where the hearer stands by then; empty when that cannot be told.
        steps: What can become of it there, whatever the profile.
    """

    event: str
    choice: str
    sources: tuple[str, ...]
    steps: tuple[Transition, ...]


def happenings(row: HearRow, family: str, families: Families) -> tuple[Happening, ...]:
    """Return what *row* makes happen to a document of *family*, one after the other."""
    found: list[Happening] = []
    sources = tuple(row.in_)
    for text in row.do:
        event, _, choice = text.partition(":")
        leaving = families.leaving(family, sources)
        steps = tuple(step for step in leaving if step.event == event)
        found.append(Happening(event, choice, sources, steps))
        sources = tuple(dict.fromkeys(step.target for step in steps))
    return tuple(found)


def told(row: HearRow, family: str, families: Families) -> tuple[Told, ...]:
    """Return what *row* makes happen; its actor counts where a transition lists it."""
    return tuple(
        Told(each.event, each.choice, row.as_ if _is_fired_by(row.as_, each.steps) else "")
        for each in happenings(row, family, families)
    )


def check_notices(draft: DealsDraft, families: Families, findings: Findings) -> None:
    """Note every hearing that names what is not there or makes happen what cannot."""
    for declared in draft.notices.values():
        for family, rows in declared.value.heard.items():
            if family not in families.flows:
                place = declared.document.place((*declared.loc, "heard", family), key=True)
                findings.add_unknown(place, "flow", family, families.flows)
                continue
            checks = _Checks(declared, family, draft, families, findings)
            checks.overlaps(rows)
            for number, row in enumerate(rows):
                checks.statuses(number, row)
                if isinstance(row, HearRow):
                    checks.row(number, row)


@dataclass(frozen=True, slots=True)
class _Checks:
    """Checks of what one piece of news means to one family."""

    notice: Declared[NoticeRow]
    family: str
    draft: DealsDraft
    families: Families
    findings: Findings

    def place(self, *parts: str | int) -> Place:
        return self.notice.place("heard", self.family, *parts)

    def statuses(self, number: int, row: HearRow | WaitRow) -> None:
        known = self.families.statuses(self.family)
        for position, name in enumerate(row.in_):
            if name not in known and name != ABSENT:
                place = self.place(number, "in", position)
                self.findings.add_unknown(place, f"{self.family} status", name, known)

    def overlaps(self, rows: Sequence[HearRow | WaitRow]) -> None:
        taken: dict[str, Place] = {}
        for number, row in enumerate(rows):
            for position, name in enumerate(row.in_):
                place = self.place(number, "in", position)
                if name in taken:
                    text = f"a row above says what happens in {name!r}, at {taken[name]}"
                    self.findings.add(place, f"{text}; only `needs` lets it go on", "heard-twice")
                elif isinstance(row, WaitRow) or not row.needs:
                    taken[name] = place

    def row(self, number: int, row: HearRow) -> None:
        if not row.do and not row.answer:
            text = "nothing happens here; give `do`, `answer` or `wait: true`"
            self.findings.add(self.place(number), text, "nothing-happens")
        for key, needed in (("refused", row.refused), ("as", row.as_)):
            if needed and not row.do:
                text = f"{key!r} means nothing without `do`"
                self.findings.add(self.place(number, key), text, "nothing-happens")
        for key, name in (("answer", row.answer), ("refused", row.refused)):
            if name and name not in {*self.draft.notices, *self.draft.misshapen}:
                place = self.place(number, key)
                self.findings.add_unknown(place, "notice", name, self.draft.notices)
        if all(name in (ABSENT, *self.families.statuses(self.family)) for name in row.in_):
            self.do(number, row)

    def do(self, number: int, row: HearRow) -> None:
        """Check that the events can happen one after the other, and to whom they can."""
        for position, each in enumerate(happenings(row, self.family, self.families)):
            if each.event == SAME:
                return  # what comes after depends on the news
            if not each.steps:
                self.impossible(self.place(number, "do", position), each)
                return
            self.left_to_others(self.place(number, "do", position), each)
        if row.as_ and row.do:
            self.actor(number, row)

    def left_to_others(self, place: Place, each: Happening) -> None:
        """Note an event that time alone brings, or somebody's decision."""
        timers = (timer for flow in self.families.flows[self.family] for timer in flow.timers)
        if any(timer.fires == each.event and timer.state in each.sources for timer in timers):
            text = f"{each.event!r} happens when a time limit is over, not because of news"
            self.findings.add(place, text, "timer-event")
        elif each.event == TAKING_OVER:
            text = f"{each.event!r} is somebody's decision; news cannot make it"
            self.findings.add(place, text, "decision")

    def actor(self, number: int, row: HearRow) -> None:
        steps = [s for each in happenings(row, self.family, self.families) for s in each.steps]
        if not _is_fired_by(row.as_, steps):
            actors = _some(actor for step in steps for actor in step.actors)
            text = f"{row.as_!r} fires none of these events here; {actors} can"
            self.findings.add(self.place(number, "as"), text, "actor-cannot-fire")

    def impossible(self, place: Place, each: Happening) -> None:
        known = self.families.events(self.family)
        if each.event not in known:
            self.findings.add_unknown(place, f"{self.family} event", each.event, known)
            return
        others = _some(step.event for step in self.families.leaving(self.family, each.sources))
        every = self.families.steps(self.family)
        sources = _some(step.source for step in every if step.event == each.event)
        text = f"no {self.family} transition takes {each.event!r} out of {_some(each.sources)}"
        text += f"; it can happen in {sources}; what can happen there: {others or 'nothing'}"
        self.findings.add(place, text, "cannot-happen")


def _is_fired_by(actor: str, steps: Iterable[Transition]) -> bool:
    return any(actor in step.actors for step in steps)


def _some(names: Iterable[str]) -> str:
    """Name the first of *names*, each once."""
    every = list(dict.fromkeys(names))
    more = ", ..." if len(every) > _MOST_NAMED else ""
    return ", ".join(every[:_MOST_NAMED]) + more
