"""Which statuses of one document a piece of news comes from, and in which of another it acts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from orderflow.conformance.verdict import DealVerdict
from orderflow.flows.deal import Deal, Link, Participant, Towards
from orderflow.flows.model import ABSENT, Transition


@dataclass(frozen=True, slots=True)
class News:
    """What one document tells another with one notice.

    Attributes:
        notice: The notice.
        sender: Participant that sends it.
        receiver: Participant that hears it.
        links: Ids of the links that send it, () when it only answers other news.
        starts: Statuses its sender arrives at, or stands in, in the order of the flow.
        acts: Statuses in which its receiver does something about it;
            :data:`~orderflow.flows.model.ABSENT` when it brings the document into being.
        main: It belongs to the undisturbed sale.
        delivered: How often the links' news was delivered, in the whole deal.
    """

    notice: str
    sender: str
    receiver: str
    links: tuple[str, ...]
    starts: tuple[str, ...]
    acts: tuple[str, ...]
    main: bool
    delivered: int


def news_of(deal: Deal, found: DealVerdict) -> tuple[News, ...]:
    """Return all news that can pass between documents of *deal*, in the order of its links."""
    counts = dict(found.links)
    known: dict[tuple[str, str, str], News] = {}
    for link in deal.links:
        for sender in deal.participants:
            for receiver in _told(deal, link, sender):
                news = _news(deal, link, sender, receiver, counts.get(link.id, 0))
                if news is not None:
                    key = (news.notice, news.sender, news.receiver)
                    known[key] = _merged(known[key], news, deal) if key in known else news
    for news in tuple(known.values()):
        for answer in _answers(deal, news):
            key = (answer.notice, answer.sender, answer.receiver)
            known[key] = _merged(known[key], answer, deal) if key in known else answer
    return tuple(known.values())


def _told(deal: Deal, link: Link, sender: Participant) -> Iterable[Participant]:
    """Return who hears of a link's news from *sender*."""
    receivers: tuple[Participant, ...] = ()
    if not link.notice:
        return ()
    if link.towards is Towards.BELOW:
        receivers = deal.lower(sender.name)
    elif link.towards is Towards.ABOVE and sender.below:
        receivers = (deal.participant[sender.below],)
    elif link.towards is Towards.BESIDE:
        receivers = deal.beside(sender.name)
    elif link.towards is Towards.FORMER and any(each.joins for each in deal.lower(sender.name)):
        receivers = tuple(each for each in deal.lower(sender.name) if not each.joins)
    return tuple(each for each in receivers if not link.to or each.family == link.to)


def _news(
    deal: Deal, link: Link, sender: Participant, receiver: Participant, delivered: int
) -> News | None:
    steps = _makers(deal, link, sender)
    acts = _acts(deal, link.notice, receiver)
    if ABSENT in acts:
        # a document is made once: with the order above it, or when it takes over from another
        steps = tuple(
            step
            for step in steps
            if (step.event == receiver.joins if receiver.joins else step.creates)
        )
    if not steps or not acts:
        return None
    happy = receiver.flow.happy_path
    main = any(_forward(sender, step) for step in steps) and bool({*happy, ABSENT} & {*acts})
    return News(
        notice=link.notice,
        sender=sender.name,
        receiver=receiver.name,
        links=(link.id,),
        starts=_ordered(sender, {step.target for step in steps}),
        acts=acts,
        main=main,
        delivered=delivered,
    )


def _makers(deal: Deal, link: Link, sender: Participant) -> tuple[Transition, ...]:
    """Return the steps of *sender* that make a link's news, whatever they come with."""
    return tuple(
        step
        for step in sender.flow.transitions
        if deal.takes(step)
        and any(
            cause.fits(sender.family, step, next(iter(cause.choices), "")) for cause in link.causes
        )
    )


def _acts(deal: Deal, notice: str, receiver: Participant) -> tuple[str, ...]:
    rows = deal.notices[notice].heard.get(receiver.family, ())
    states = {state for row in rows if row.do or row.answer for state in row.statuses}
    return _ordered(receiver, states)


def _ordered(participant: Participant, states: set[str]) -> tuple[str, ...]:
    names = (ABSENT, *(state.name for state in participant.flow.states))
    return tuple(name for name in names if name in states)


def _forward(sender: Participant, step: Transition) -> bool:
    """Whether *step* takes the document further on its undisturbed way."""
    path = (ABSENT, *sender.flow.happy_path)
    if step.source not in path or step.target not in path:
        return False
    return path.index(step.source) < path.index(step.target)


def _answers(deal: Deal, news: News) -> Iterable[News]:
    """Return the news that goes straight back when *news* is heard."""
    receiver, sender = deal.participant[news.receiver], deal.participant[news.sender]
    for row in deal.notices[news.notice].heard.get(receiver.family, ()):
        states = _ordered(receiver, set(row.statuses))
        acts = _acts(deal, row.answer, sender) if row.answer else ()
        if states and acts:
            yield News(row.answer, receiver.name, sender.name, (), states, acts, False, 0)


def _merged(one: News, two: News, deal: Deal) -> News:
    sender = deal.participant[one.sender]
    return replace(
        one,
        links=(*one.links, *two.links),
        starts=_ordered(sender, {*one.starts, *two.starts}),
        main=one.main or two.main,
        delivered=one.delivered + two.delivered,
    )


def without_echoes(deal: Deal, news: Iterable[News]) -> tuple[tuple[News, ...], dict[str, str]]:
    """Leave out what is told between other documents of the same kinds in the same way.

    Returns:
        What is left, and by participant the one above it and that pair's model: a second seller
        says and hears what the first one does.
    """
    kept: list[News] = []
    models: dict[str, str] = {}
    seen: dict[tuple[object, ...], News] = {}
    for each in news:
        families = tuple(deal.participant[name].family for name in (each.sender, each.receiver))
        first = seen.setdefault((each.notice, *families, each.starts, each.acts), each)
        if first is each:
            kept.append(each)
            continue
        for own, model in ((each.sender, first.sender), (each.receiver, first.receiver)):
            if own != model and deal.participant[own].below:
                models.setdefault(own, model)
    return tuple(kept), models
