"""Which news of a deal can go where, and what can happen to none of its documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from orderflow.flows.deal import SAME, Deal, Link, Notice, Participant, Towards
from orderflow.flows.model import Transition

_NOBODY_SAYS = "it happens only when another document says so, and none ever does"


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which news can go.

    Attributes:
        link: The link that carries it.
        sender: Participant that sends it.
        receiver: Participant that can do something about it.
    """

    link: Link
    sender: Participant
    receiver: Participant


@dataclass(frozen=True, slots=True)
class Closed:
    """A row of a flow of which nothing can happen to a participant.

    Attributes:
        participant: Its name.
        row: The row, or the id of a single transition of it.
        why: One sentence, or a clause.
    """

    participant: str
    row: str
    why: str


def ways(deal: Deal) -> tuple[Way, ...]:
    """Every way in which news can go in *deal*, in the order of the links."""
    return tuple(
        Way(link, sender, receiver)
        for link in deal.links
        for sender in deal.participants
        if link.notice and any(_can_send(deal, link, sender, s) for s in sender.flow.transitions)
        for receiver in _told(deal, link, sender)
        if link.to in {"", receiver.family} and receiver.family in deal.notices[link.notice].heard
    )


def _can_send(deal: Deal, link: Link, sender: Participant, step: Transition) -> bool:
    choices = {choice for cause in link.causes for choice in cause.choices} or {""}
    return deal.takes(step) and any(link.fits(sender.family, step, each) for each in choices)


def _told(deal: Deal, link: Link, sender: Participant) -> tuple[Participant, ...]:
    if link.towards in {Towards.BELOW, Towards.FORMER}:
        return deal.lower(sender.name)
    if link.towards is Towards.ABOVE:
        return (deal.participant[sender.below],) if sender.below else ()
    return deal.beside(sender.name) if link.towards is Towards.BESIDE else ()


def closed(deal: Deal) -> tuple[Closed, ...]:
    """What can happen to no participant, in the order of the flows.

    Guards are not looked at: more may turn out to be closed when the deal is searched.
    """
    known = ways(deal)
    found: dict[Closed, None] = {}
    for each in deal.participants:
        heard = frozenset(_events_heard(deal, each, known))
        reasons = {step: _why(deal, each, step, heard) for step in each.flow.transitions}
        partly = {step.row for step, why in reasons.items() if not why}
        for step, why in reasons.items():
            if why:
                found[Closed(each.name, step.id if step.row in partly else step.row, why)] = None
    return tuple(found)


def _why(deal: Deal, each: Participant, step: Transition, heard: frozenset[tuple[str, str]]) -> str:
    """Why *step* never happens to a participant, empty when it may."""
    why = deal.without.get(step.id) or deal.without.get(step.row, "")
    if not why and deal.is_told(each, step) and not _is_said(step, heard):
        return _NOBODY_SAYS
    return why


def closed_steps(deal: Deal) -> frozenset[tuple[str, str]]:
    """(participant, transition id) of what :func:`closed` tells."""
    rows = {(each.participant, each.row) for each in closed(deal)}
    return frozenset(
        (each.name, step.id)
        for each in deal.participants
        for step in each.flow.transitions
        if {(each.name, step.row), (each.name, step.id)} & rows
    )


def _is_said(step: Transition, heard: frozenset[tuple[str, str]]) -> bool:
    return (step.source, step.event) in heard or ("", step.event) in heard


def _events_heard(
    deal: Deal, hearer: Participant, known: tuple[Way, ...]
) -> Iterator[tuple[str, str]]:
    """(status, event) of what news makes happen; the status is empty where it may be any."""
    for way in known:
        if way.receiver == hearer:
            yield from _events(deal.notices[way.link.notice], way, deal)
    for notice in _answers(deal):
        for hearing in deal.notices[notice].heard.get(hearer.family, ()):
            yield from (("", told.event) for told in hearing.do)


def _events(notice: Notice, way: Way, deal: Deal) -> Iterator[tuple[str, str]]:
    said = {event for cause in way.link.causes for event in cause.events}
    said = said or {step.event for step in way.sender.flow.transitions if deal.takes(step)}
    for hearing in notice.heard.get(way.receiver.family, ()):
        for number, told in enumerate(hearing.do):
            for event in said if told.event == SAME else {told.event}:
                for status in hearing.statuses if number == 0 else ("",):
                    yield status, event


def _answers(deal: Deal) -> tuple[str, ...]:
    """Names of the news that only goes straight back."""
    rows = (row for n in deal.notices.values() for heard in n.heard.values() for row in heard)
    names = dict.fromkeys(name for row in rows for name in (row.answer, row.refused) if name)
    return tuple(name for name in names if name in deal.notices)
