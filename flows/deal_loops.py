"""Finds news that never ends: news that makes news, round and round, while nobody acts.

One message at a time is followed from document to document. A document whose status is not known
yet may stand wherever it would react; from then on its status is known, because only what it
hears moves it. When the same message comes by again with every document where it was, the
exchange has no end. Guards are not looked at, so what they alone would stop counts as endless.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

from orderflow.flows.deal import RELAYED, SAME, Deal, Hearing, Link, Participant, Towards
from orderflow.flows.model import Profile, Transition

MOST_MOMENTS = 20_000
"""Most messages that are followed, each with its own standing of the documents: about a second."""

Standing: TypeAlias = tuple[str, ...]
"""Status of each participant, empty while it is not known."""


@dataclass(frozen=True, slots=True)
class Message:
    """News under way.

    Attributes:
        sender: Participant that sent it.
        receiver: Participant that hears it.
        notice: Name of the news.
        event: Event that made it.
        choice: Data the event came with; None when it may be any, or does not travel along.
        via: Id of the link that carries it, or name of the news that it answers.
    """

    sender: str
    receiver: str
    notice: str
    event: str
    choice: str | None
    via: str


Moment: TypeAlias = tuple[Message, Standing]
Way: TypeAlias = tuple[tuple[Transition, str | None], ...]
"""Steps, one after the other, each with the data it comes with; None when that may be any."""


def endless(deal: Deal) -> tuple[Message, ...]:
    """Return messages that follow one another for ever, or () when no news goes on so.

    Every profile is looked at, with all optional modules. Where so many documents talk that there
    are more than ``MOST_MOMENTS`` moments to look at, the rest counts as coming to an end.
    """
    flows = [each.flow for each in deal.participants]
    parts = [state.module for flow in flows for state in flow.states]
    parts += [step.module for flow in flows for step in flow.transitions]
    modules = tuple(dict.fromkeys(filter(None, parts)))
    for profile in Profile:
        circle = _Exchange(deal.view(profile, modules)).circle()
        if circle:
            return circle
    return ()


@dataclass(frozen=True)
class _Exchange:
    """What the documents of one deal, seen in one profile, say to one another."""

    deal: Deal

    @cached_property
    def place(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.deal.names)}

    @cached_property
    def outgoing(self) -> dict[str, dict[tuple[str, str], tuple[Transition, ...]]]:
        """By participant, what can happen to it, by status and event."""
        table: dict[str, dict[tuple[str, str], tuple[Transition, ...]]] = {}
        for each in self.deal.participants:
            table[each.name] = {
                key: tuple(step for step in steps if self.deal.takes(step))
                for key, steps in each.flow.leaving.items()
            }
        return table

    @cached_property
    def telling(self) -> dict[str, tuple[tuple[Link, frozenset[str]], ...]]:
        """By family, the links that may have news of it, each with the data it asks for."""
        found: dict[str, tuple[tuple[Link, frozenset[str]], ...]] = {}
        for link in self.deal.links:
            wanted = frozenset(one for cause in link.causes for one in cause.choices)
            for family in {cause.family for cause in link.causes if link.notice}:
                found[family] = (*found.get(family, ()), (link, wanted or frozenset({""})))
        return found

    def circle(self) -> tuple[Message, ...]:
        """Return the messages of one circle, or ()."""
        unknown = ("",) * len(self.deal.names)
        waiting: list[Moment] = [(news, unknown) for news in self.first_news()]
        after: dict[Moment, tuple[Moment, ...]] = {}
        while waiting and len(after) < MOST_MOMENTS:
            moment = waiting.pop()
            if moment not in after:
                after[moment] = tuple(dict.fromkeys(self.following(*moment)))
                waiting.extend(after[moment])
        try:
            TopologicalSorter(after).prepare()
        except CycleError as error:
            found: list[Moment] = error.args[1]
            # What follows stands before what it follows, and the first once more at the end.
            return tuple(message for message, _ in reversed(found[1:]))
        return ()

    def first_news(self) -> Iterator[Message]:
        """Every message that somebody's act can set off."""
        for each in self.deal.participants:
            for steps in self.outgoing[each.name].values():
                for step in steps:
                    yield from self.news(each, step, None)

    @cached_property
    def _made(self) -> dict[tuple[str, str, str, str, str | None, str], tuple[Message, ...]]:
        """What :meth:`news` has found so far, by all that a link looks at."""
        return {}

    def news(
        self, participant: Participant, step: Transition, choice: str | None, teller: str = ""
    ) -> tuple[Message, ...]:
        """The messages that a step of *participant* makes, which news of *teller* made happen."""
        key = (participant.name, step.source, step.event, step.target, choice, teller)
        if key not in self._made:
            self._made[key] = tuple(self._making(participant, step, choice, teller))
        return self._made[key]

    def _making(
        self, participant: Participant, step: Transition, choice: str | None, teller: str
    ) -> Iterator[Message]:
        for link, wanted in self.telling.get(participant.family, ()):
            given = wanted if choice is None else {choice}
            if not any(link.fits(participant.family, step, one) for one in given):
                continue
            sent = choice if link.relays == "data" or self.repeats(link.notice) else None
            for each in self.hearers(participant, link):
                if link.to in {"", each.family} and (link.echo or each.name != teller):
                    event, via = step.event, link.id
                    yield Message(participant.name, each.name, link.notice, event, sent, via)

    def repeats(self, notice: str) -> bool:
        """Whether somebody does the same as the one that sends *notice*."""
        news = self.deal.notices.get(notice)
        rows = [row for heard in (news.heard.values() if news else ()) for row in heard]
        return any(told.event == SAME for row in rows for told in row.do)

    def hearers(self, sender: Participant, link: Link) -> tuple[Participant, ...]:
        """Participants that *link* can lead to."""
        if link.towards in {Towards.BELOW, Towards.FORMER}:
            return self.deal.lower(sender.name)
        if link.towards is Towards.ABOVE:
            return (self.deal.participant[sender.below],) if sender.below else ()
        return self.deal.beside(sender.name) if link.towards is Towards.BESIDE else ()

    def following(self, message: Message, standing: Standing) -> Iterator[Moment]:
        """What can follow when *message* is heard."""
        hearer = self.deal.participant[message.receiver]
        notice = self.deal.notices.get(message.notice)
        now = standing[self.place[hearer.name]]
        settled: set[str] = set()
        for hearing in notice.heard.get(hearer.family, ()) if notice else ():
            for status in hearing.statuses:
                if status not in settled and status == (now or status):
                    yield from self.reactions(message, hearing, status, standing)
            if hearing.needs is None:
                settled |= set(hearing.statuses)

    def reactions(
        self, message: Message, hearing: Hearing, status: str, standing: Standing
    ) -> Iterator[Moment]:
        """What can follow when the hearer stands in *status*."""
        hearer = self.deal.participant[message.receiver]
        back = Message(hearer.name, message.sender, "", "", None, message.notice)
        if hearing.refused:
            yield replace(back, notice=hearing.refused), self.at(standing, hearer, status)
        for way in self.ways(hearer, message, hearing, status):
            arrived = self.at(standing, hearer, way[-1][0].target if way else status)
            if hearing.answer and len(way) == len(hearing.do):
                yield replace(back, notice=hearing.answer), arrived
            for step, choice in way:
                for news in self.news(hearer, step, choice, message.sender):
                    yield news, arrived

    def ways(
        self, hearer: Participant, message: Message, hearing: Hearing, status: str
    ) -> list[Way]:
        """Every way in which the hearer can take the steps of *hearing*, as far as it can."""
        found: list[Way] = [()]
        for number, told in enumerate(hearing.do):
            event = message.event if told.event == SAME else told.event
            passed = told.event == SAME or told.choice == RELAYED
            choice = message.choice if passed else told.choice or None
            longer: list[Way] = []
            for way in found:
                here = way[-1][0].target if way else status
                steps = self.outgoing[hearer.name].get((here, event), ())
                if len(way) < number or not steps:
                    longer.append(way)  # the flow refuses the rest
                else:
                    longer += [(*way, (step, choice)) for step in steps]
            found = longer
        return found

    def at(self, standing: Standing, participant: Participant, status: str) -> Standing:
        """*standing* once *participant* stands in *status*."""
        place = self.place[participant.name]
        return (*standing[:place], status, *standing[place + 1 :])
