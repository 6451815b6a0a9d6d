"""What a deal is: the documents of one sale, and the news that travels between them.

A *link* says what happening makes news, and who is told; a *notice* says what that news means
to the one who hears it, which depends on where it stands. Rows ``L..`` and decisions ``D-..`` are
those of the fact sheet on order flows, section 7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import assert_never

from orderflow.flows.model import Flow, Profile, State, Transition

RELAYED = "relayed"
"""Choice that stands for what came with the news: an amount, a tracking number."""

SAME = "same"
"""Event that stands for the one that made the news."""


TAKING_OVER = "change_seller"
"""Event with which somebody takes over, where the deal does not say otherwise."""


class Towards(StrEnum):
    """Who is told."""

    BELOW = "below"
    """Whoever handles the order for the sender."""
    ABOVE = "above"
    """Whoever the sender handles the order for."""
    BESIDE = "beside"
    """The other orders of the group."""
    FORMER = "former"
    """The one that handled the order before."""
    OUTSIDE = "outside"
    """A store that is not on the platform; it has no document here."""
    NOBODY = "nobody"
    """Nobody: it is known that no news is sent."""


class Need(StrEnum):
    """What else must be so for news to be taken this way."""

    ANOTHER_SELLER = "another-seller"
    """Somebody waits who could handle the order instead."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A step that makes news. What is empty may be anything.

    Attributes:
        family: Family of flows of the one that takes the step.
        events: Event names.
        sources: Statuses it stood in.
        targets: Statuses it arrived at, coming from another one.
        choices: Data the event came with, see :mod:`orderflow.simulator.choices`.
    """

    family: str
    events: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()

    def fits(self, family: str, step: Transition, choice: str) -> bool:
        """Whether a document of *family* that takes *step* makes this news."""
        return (
            family == self.family
            and (not self.events or step.event in self.events)
            and (not self.sources or step.source in self.sources)
            and (not self.targets or (step.target in self.targets and step.target != step.source))
            and (not self.choices or choice in self.choices)
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is owed.

    Attributes:
        statuses: Where the one who owes it stands until it is given.
        within: Setting that says how long that may take.
    """

    statuses: tuple[str, ...]
    within: str


@dataclass(frozen=True, slots=True)
class Link:
    """One way for what happens to one document to reach another.

    Attributes:
        id: Unique name.
        rows: Rows ``L..`` it stands for; () for what is a sandbox decision.
        says: The link in one sentence.
        causes: Steps that make the news.
        notice: Name of the news, empty when none is sent.
        towards: Who is told.
        to: Family of the one that is told, empty for any that can hear it.
        relays: What travels along: ``invoice`` (the one just verified), ``data`` (what came with
            the event) or nothing.
        delay: Setting that says how long it travels, empty inside one document.
        at_most: How many of it may be under way between two documents at once; 0 for any number.
        echo: It is also sent to the one whose own news made the step happen.
        carrier: Calls that carry it, () inside the platform.
        answer: The answer owed, None when none is.
        sources: Citation keys.
        decisions: Decisions ``D-..`` or ``sandbox decision``.
    """

    id: str
    rows: tuple[str, ...]
    says: str
    causes: tuple[Cause, ...]
    notice: str
    towards: Towards
    to: str = ""
    relays: str = ""
    delay: str = "message_delay"
    at_most: int = 0
    echo: bool = True
    carrier: tuple[str, ...] = ()
    answer: Answer | None = None
    sources: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()

    def fits(self, family: str, step: Transition, choice: str) -> bool:
        """Whether a document of *family* that takes *step* has news to send."""
        return any(cause.fits(family, step, choice) for cause in self.causes)


@dataclass(frozen=True, slots=True)
class Told:
    """An event that news makes happen.

    Attributes:
        event: Its name, or :data:`SAME`.
        choice: Data it comes with, :data:`RELAYED`, or empty.
        actor: Who counts as its actor, empty for the most usual one.
    """

    event: str
    choice: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What news means to one that stands in one of *statuses*.

    Attributes:
        statuses: Where it stands.
        do: What happens, one after the other.
        answer: News that goes straight back, empty for none.
        refused: News that goes back when the flow refuses the first event; without it the news
            has no effect then.
        needs: What else must be so.
    """

    statuses: tuple[str, ...]
    do: tuple[Told, ...] = ()
    answer: str = ""
    refused: str = ""
    needs: Need | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A piece of news.

    Attributes:
        name: Its name.
        says: What it says, in the words of the sender.
        heard: By family of the hearer, what it means; the first that fits counts. Where nothing
            fits the news has no effect.
        waits: By family, statuses in which it is kept until the hearer stands elsewhere.
    """

    name: str
    says: str
    heard: Mapping[str, tuple[Hearing, ...]]
    waits: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Participant:
    """One document of a sale.

    Attributes:
        name: Unique name in the deal.
        flow: The flow it moves through.
        below: Participant it handles the order for, empty for none.
        beside: Participant of whose group it is, empty for none.
        joins: Event of the one above with which it takes over, empty when it is there from the
            beginning.
    """

    name: str
    flow: Flow
    below: str = ""
    beside: str = ""
    joins: str = ""

    @property
    def family(self) -> str:
        """Family of its flow; a flow of its own kind is a family of its own."""
        return self.flow.family or self.flow.name


@dataclass(frozen=True)
class Deal:
    """The documents of one sale and the links between them.

    Attributes:
        name: Its name.
        title: What a report calls it.
        participants: Its documents, upper ones before those below them.
        links: All links that may apply.
        notices: News by name.
        told: By family, events and ids of transitions that only happen because of news.
        without: By row or id of a transition, why no document of the deal takes it.
        mailbox: Messages that may be under way from one document to another at once.
        instant: The participants are parts of one document: news travels in no time.
        source: File it was read from.
        digest: Digest of its text, links included.
    """

    name: str
    title: str
    participants: tuple[Participant, ...]
    links: tuple[Link, ...]
    notices: Mapping[str, Notice]
    told: Mapping[str, frozenset[str]] = field(default_factory=dict)
    without: Mapping[str, str] = field(default_factory=dict)
    mailbox: int = 6
    instant: bool = False
    source: str = ""
    digest: str = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the participants."""
        return tuple(each.name for each in self.participants)

    @cached_property
    def participant(self) -> dict[str, Participant]:
        """Participants by name."""
        return {each.name: each for each in self.participants}

    @cached_property
    def channels(self) -> tuple[tuple[str, str], ...]:
        """(sender, receiver) of every way a message can go."""
        found: dict[tuple[str, str], None] = {}
        for each in self.participants:
            for other in (each.below, *(other.name for other in self.beside(each.name))):
                if other:
                    found |= {(other, each.name): None, (each.name, other): None}
        return tuple(found)

    @cached_property
    def _lower(self) -> dict[str, tuple[Participant, ...]]:
        found: dict[str, list[Participant]] = {}
        for each in self.participants:
            found.setdefault(each.below, []).append(each)
        return {name: tuple(below) for name, below in found.items()}

    def lower(self, name: str) -> tuple[Participant, ...]:
        """Participants below *name*, in the order of the file."""
        return self._lower.get(name, ())

    @cached_property
    def handling(self) -> Mapping[str, tuple[str, ...]]:
        """By participant, those who handle its order at first, in the order of the file."""
        return {
            name: tuple(each.name for each in self.lower(name) if not each.joins)
            for name in self.names
        }

    @cached_property
    def waiting(self) -> Mapping[str, tuple[Participant, ...]]:
        """By participant, those who may take over, in the order of the file."""
        return {name: tuple(each for each in self.lower(name) if each.joins) for name in self.names}

    @cached_property
    def taking_over(self) -> Mapping[str, frozenset[str]]:
        """By participant, its events with which somebody else handles its order from then on."""
        usual = frozenset({TAKING_OVER})
        joins = {name: {each.joins for each in self.lower(name)} - {""} for name in self.names}
        return {name: frozenset(events) or usual for name, events in joins.items()}

    def beside(self, name: str) -> tuple[Participant, ...]:
        """The other participants of the group of *name*."""
        own = self.participant[name]
        group = own.beside or name
        members = (each for each in self.participants if (each.beside or each.name) == group)
        return tuple(each for each in members if each.name != name)

    @cached_property
    def at_once(self) -> frozenset[str]:
        """Ids of the links whose news travels in no time."""
        return frozenset(link.id for link in self.links if self.instant or not link.delay)

    @cached_property
    def _news(self) -> dict[tuple[str, str, str], tuple[Transition, tuple[tuple[Link, str], ...]]]:
        """What :meth:`news_of` has found so far; with the step, as a changed one keeps its id."""
        return {}

    def news_of(self, name: str, step: Transition, choice: str) -> tuple[tuple[Link, str], ...]:
        """What is told when *name* takes *step*, and to whom it means something.

        Args:
            name: Participant.
            step: What it does.
            choice: Name of the data that comes with it, see :mod:`orderflow.simulator.choices`.

        Returns:
            Pairs of a link and a participant, in the order of the links. Of those below *name*
            they have all that handle its order at any time.
        """
        key = (name, step.id, choice)
        known = self._news.get(key)
        if known is not None and known[0] is step:
            return known[1]
        family = self.participant[name].family
        found = tuple(
            (link, each.name)
            for link in self.links
            if link.notice and link.fits(family, step, choice)
            for each in self._reached(name, link.towards)
            if link.to in {"", each.family} and each.family in self.notices[link.notice].heard
        )
        self._news[key] = (step, found)
        return found

    def _reached(self, name: str, towards: Towards) -> tuple[Participant, ...]:
        match towards:
            case Towards.BELOW | Towards.FORMER:
                return self.lower(name)
            case Towards.ABOVE:
                above = self.participant[name].below
                return (self.participant[above],) if above else ()
            case Towards.BESIDE:
                return self.beside(name)
            case Towards.OUTSIDE | Towards.NOBODY:
                return ()
            case _:
                assert_never(towards)

    @cached_property
    def _free(self) -> dict[tuple[str, str], tuple[Transition, bool]]:
        """What :meth:`is_free` has found so far; with the step, as in :meth:`news_of`."""
        return {}

    def is_free(self, name: str, step: Transition) -> bool:
        """Whether *step* can happen to participant *name*, and does so without news, too."""
        known = self._free.get((name, step.id))
        if known is None or known[0] is not step:
            free = self.takes(step) and not self.is_told(self.participant[name], step)
            known = self._free[name, step.id] = (step, free)
        return known[1]

    def takes(self, step: Transition) -> bool:
        """Whether *step* can happen to a participant of this deal at all."""
        return step.id not in self.without and step.row not in self.without

    def is_told(self, participant: Participant, step: Transition) -> bool:
        """Whether *step* of a participant only happens because of news."""
        told = self.told.get(participant.family, frozenset())
        placed = step.creates and bool(participant.below or participant.beside)
        return placed or bool(told & {step.event, step.id, step.row})

    def view(self, profile: Profile = Profile.DOCUMENTED, modules: tuple[str, ...] = ()) -> Deal:
        """The deal with every flow as one profile sees it.

        A module is switched on in the flows that have it.
        """
        seen = []
        for each in self.participants:
            parts: tuple[State | Transition, ...] = (*each.flow.states, *each.flow.transitions)
            have = {part.module for part in parts}
            own = tuple(name for name in modules if name in have)
            seen.append(replace(each, flow=each.flow.view(profile, own)))
        return replace(self, participants=tuple(seen))
