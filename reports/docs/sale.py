"""Sales of marketplace and seller to show: drawn from a seed, picked by what happens in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from orderflow.conformance.verdict import Failure, MessageTrace, TraceStep
from orderflow.flows.deal import Deal
from orderflow.flows.model import ABSENT
from orderflow.flows.settings import defaults
from orderflow.reports.stages import stage_of_status
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.deal_workload import DealWalk
from orderflow.simulator.message import DealEvent, Delivery, Sent

SEED = 1
"""Decides which sales there are to pick from."""

_MOST = 200
"""Sales that are looked at; with the bundled flows far fewer are enough."""


@dataclass(frozen=True, slots=True)
class Story:
    """A kind of sale that is worth showing.

    Attributes:
        name: Short name, for files and links.
        title: What happens.
        told: The same in a sentence.
        fits: Whether a sale is of this kind.
    """

    name: str
    title: str
    told: str
    fits: Callable[[Deal, DealSimulator], bool]


@dataclass(frozen=True, slots=True)
class Sale:
    """A simulated sale that tells a story.

    Attributes:
        story: The story.
        number: Which sale of the seed it is, counted from 1.
        trace: Its steps and messages, in the shape in which pictures of sales are drawn.
    """

    story: Story
    number: int
    trace: Failure


def _undisturbed(deal: Deal, sale: DealSimulator) -> bool:
    happy = {p.name: set(pairwise((ABSENT, *p.flow.happy_path))) for p in deal.participants}
    steps = ((e.participant, (e.event.source, e.event.target)) for e in sale.events)
    return _ended(deal, sale, success=True) and all(pair in happy[name] for name, pair in steps)


def _ended(deal: Deal, sale: DealSimulator, *, success: bool) -> bool:
    ends = {p.name: p.flow.success if success else p.flow.failure for p in deal.participants}
    return all(status in ends[name] for name, status in sale.statuses.items())


def _accepted(deal: Deal, sale: DealSimulator) -> bool:
    return _answered(sale, "accept_cancel") and _ended(deal, sale, success=False)


def _denied(deal: Deal, sale: DealSimulator) -> bool:
    return _answered(sale, "deny_cancel") and _ended(deal, sale, success=True)


def _answered(sale: DealSimulator, answer: str) -> bool:
    """Whether each document was asked to cancel once, and the seller gave that answer itself."""
    asked = [e.participant for e in sale.events if e.event.event == "request_cancel"]
    given = [(e.participant, e.message) for e in sale.events if e.event.event == answer]
    return sorted(asked) == sorted(sale.statuses) and ("seller", 0) in given


STORIES = (
    Story(
        "undisturbed",
        "An undisturbed sale",
        "Nobody cancels, the stock is there, and one invoice is over the whole value.",
        _undisturbed,
    ),
    Story(
        "cancelled",
        "A cancellation that the seller accepts",
        "The window in which nobody is asked is over, so the seller decides, and agrees.",
        _accepted,
    ),
    Story(
        "refused",
        "A cancellation that the seller refuses",
        "The seller is asked and refuses; both documents go on from where they were.",
        _denied,
    ),
)


def sales_of(deal: Deal, seed: int = SEED) -> Iterator[Sale]:
    """Find the first sale of *seed* for each story; a story that none tells is left out.

    Args:
        deal: One profile of a deal of marketplace and seller.
        seed: Decides which sales there are.
    """
    open_stories = {story.name: story for story in STORIES}
    found: dict[str, Sale] = {}
    for number, sale in enumerate(DealWalk(deal, seed, defaults()).sales(_MOST), 1):
        fitting = [story for story in open_stories.values() if story.fits(deal, sale)]
        for story in fitting[:1]:
            found[story.name] = Sale(story, number, _trace(deal, sale, story))
            del open_stories[story.name]
        if not open_stories:
            break
    return (found[story.name] for story in STORIES if story.name in found)


def _trace(deal: Deal, sale: DealSimulator, story: Story) -> Failure:
    """The sale in the shape of a counterexample, of which nothing is said to be broken."""
    start = sale.events[0].event.at
    steps = tuple(_step(happened, start) for happened in sale.events)
    return Failure(
        identity=story.name, rule="", title=story.title, severity="", kind="", flow="",
        transition="", sentence=story.told, expected="", observed="", explanation="", source="",
        trace=steps, shrunk_from=0, seen=1, expected_target="", replay="", deal=deal.name,
        participants=tuple((each.name, each.flow.name) for each in deal.participants),
        messages=_messages(sale, start),
    )  # fmt: skip


def _step(happened: DealEvent, start: int) -> TraceStep:
    event = happened.event
    return TraceStep(
        happened.seq,
        event.at - start,
        event.actor,
        event.event,
        event.source,
        event.target,
        transition=event.transition,
        stage=stage_of_status(event.target),
        participant=happened.participant,
        cause=happened.message,
    )


def _messages(sale: DealSimulator, start: int) -> tuple[MessageTrace, ...]:
    found: dict[int, MessageTrace] = {}
    for entry in sale.log:
        if isinstance(entry, Sent):
            each = entry.message
            at = each.sent_at - start
            found[each.number] = MessageTrace(
                each.number, each.link, each.notice, each.sender, each.receiver, each.cause, at,
                "under way",
            )  # fmt: skip
        elif isinstance(entry, Delivery):
            known = found[entry.message.number]
            found[known.number] = replace(
                known, fate=entry.effect, arrived_at=entry.at - start, heard=entry.events
            )
    return tuple(found.values())
