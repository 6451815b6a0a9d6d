"""The shortest way of a sale to a status: what has to be done, and how much time must pass.

The search plays real sales, one step further each time, and takes as one what stands alike; so a
way that it finds can be gone.
"""

from __future__ import annotations

import copy
import heapq
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from orderflow.flows.deal import Deal
from orderflow.flows.errors import OrderflowError, did_you_mean
from orderflow.flows.model import ABSENT
from orderflow.flows.settings import Settings
from orderflow.sandbox.course import TROUBLE, Course
from orderflow.simulator.choices import choices, realise
from orderflow.simulator.clock import START
from orderflow.simulator.deal import DealSimulator, deal_plans
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.guards import FACT_READERS, facts_used
from orderflow.simulator.simulator import Refused, Tamper

_MOST_SITUATIONS = 600
"""Situations after which a search gives up; every status of the bundled deals comes earlier."""

_UNUSUAL = {
    **dict.fromkeys(("request_cancel", "cancel_order"), 12),
    **dict.fromkeys(("seller_cancel", "deny_payment", "authorize_manually"), 13),
    **dict.fromkeys(("create_error", "price_divergence"), 14),
}
"""How many usual acts a way may have more to avoid one of these."""

_LONG_WAIT = 86_400_000
"""A wait of more ms than this, a day, is for an answer that does not come."""

_AFTERWARDS = frozenset({"update_tracking", "add_return_invoice", "modify_order"})
"""Events that never change a status, so that no way needs them."""

WAIT = "(wait)"
"""Stands for the event of an act that is to let time pass until something is due."""

GO_ON = "(go on)"
"""Stands for the event of an act that is the next step of the sale by itself."""


class Act(NamedTuple):
    """One thing to do with a sale.

    Attributes:
        participant: Whose document it happens to; empty when it is the whole sale.
        event: Event name, :data:`WAIT` or :data:`GO_ON`.
        choice: Data it comes with, see :mod:`orderflow.simulator.choices`.
    """

    participant: str = ""
    event: str = WAIT
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """How a sale gets its main document to a status.

    Attributes:
        acts: What to do, one after the other; nothing else happens in between.
        duration: Ms that pass.
        rests: The main document stays there when the sale goes on by itself.
    """

    acts: tuple[Act, ...]
    duration: int
    rests: bool = True


class StatusOutOfReachError(OrderflowError):
    """The main document of a deal cannot be brought to a status and left there.

    Attributes:
        status: What was asked for.
        deal: Name of the deal.
        why: The reason, one clause.
        choices: Statuses to ask for instead, sorted.
    """

    def __init__(self, status: str, deal: str, why: str, choices: tuple[str, ...]) -> None:
        hint = did_you_mean(status, choices)
        super().__init__(
            f"status {status!r} {why} in deal {deal}{hint}; there are: {', '.join(choices)}"
        )
        self.status, self.deal, self.why, self.choices = status, deal, why, choices


class _Situation(NamedTuple):
    """Where a sale stands after some acts, to be looked at in the order of *cost* and *number*."""

    cost: int
    number: int
    acts: tuple[Act, ...]
    sale: DealSimulator


class Ways:
    """Ways of the sales of one deal, searched as far as they are asked for.

    Args:
        deal: One profile of a deal; its first participant has the main document.
        settings: Where time limits and messages find their length.
        course: What its sales do by themselves.
        tamper: What a fault does to documents after each step, None for nothing.
    """

    def __init__(
        self, deal: Deal, settings: Settings, course: Course, tamper: Tamper | None = None
    ) -> None:
        self.deal, self.course, self.tamper = deal, course, tamper
        self.plans = deal_plans(deal, settings)
        self._main = deal.names[0]
        self._facts = {
            each.name: facts_used(name for step in each.flow.transitions for name in step.when)
            for each in deal.participants
        }
        begin = DealSimulator(deal, settings=settings, plans=self.plans)
        self._shared = (deal, begin.settings, *self.plans.values(), *deal.links)
        self._queue: list[_Situation] = [_Situation(0, 0, (), begin)]
        self._pushed = 0
        self._known: set[tuple[object, ...]] = set()
        self._found: dict[str, _Situation] = {}
        self._ways: dict[str, Way] = {}
        self._passed: set[str] = set()

    def to(self, status: str) -> Way:
        """The least unusual way to *status*, and of those the shortest.

        Raises:
            StatusOutOfReachError: No way that was looked at ends there.
        """
        drawn = _drawn(self.deal)
        if status not in drawn:
            why = "is none of a main document"
            raise StatusOutOfReachError(status, self.deal.name, why, tuple(sorted(drawn)))
        while status not in self._found and self._queue and len(self._known) < _MOST_SITUATIONS:
            self._expand(heapq.heappop(self._queue))
        if status not in self._found:
            passed = "is left the moment it is entered"
            why = passed if status in self._passed else "was reached on no way that was tried"
            reachable = tuple(sorted(set(self._found) - {ABSENT}))
            raise StatusOutOfReachError(status, self.deal.name, why, reachable)
        if status not in self._ways:
            self._ways[status] = self._way(self._found[status])
        return self._ways[status]

    def _way(self, there: _Situation) -> Way:
        """The way to a situation, and whether the main document rests in it."""
        sale = self._copy(there.sale)
        deque(self.course.moves(sale), maxlen=0)
        rests = sale.statuses[self._main] == there.sale.statuses[self._main]
        return Way(there.acts, there.sale.now - START, rests)

    def _expand(self, here: _Situation) -> None:
        """Try everything that can be done there, unless the like of it has been looked at.

        Cheaper situations come first, so the first one met in a status is the end of its way.
        """
        self._found.setdefault(here.sale.statuses[self._main], here)
        key = self._key(here.sale)
        if key in self._known:
            return
        self._known.add(key)
        for act in self._acts(here.sale):
            sale = self._copy(here.sale)
            if play(sale, act, self.course):
                self._pushed += 1
                cost = here.cost + _cost(act, sale.now - here.sale.now)
                there = _Situation(cost, self._pushed, (*here.acts, act), sale)
                self._passed |= _targets(sale, len(here.sale.events), self._main)
                heapq.heappush(self._queue, there)

    def _key(self, sale: DealSimulator) -> tuple[object, ...]:
        """What tells situations apart: amounts and times do not."""
        documents = tuple(
            (simulator.status, tuple(FACT_READERS[fact](simulator.order) for fact in facts))
            for simulator, facts in zip(sale.simulators.values(), self._facts.values(), strict=True)
        )
        news = tuple((each.channel, each.link, each.choice) for each in sale.mailbox)
        return (documents, news, tuple(sale.dismissed))

    def _copy(self, sale: DealSimulator) -> DealSimulator:
        """A sale that stands alike and goes its own way; what never changes is shared."""
        fixed: list[object] = [*self._shared, *sale.events, *sale.log, *sale.mailbox]
        for simulator in sale.simulators.values():
            fixed += [simulator.flow, simulator.order, simulator.drafted]
            fixed += [*simulator.events, *simulator.documents]
        return copy.deepcopy(sale, {id(each): each for each in fixed})

    def _acts(self, sale: DealSimulator) -> Iterator[Act]:
        """Everything that could be done, usual things first.

        Where the sale would move on by itself only the trouble that keeps it from doing so counts.
        """
        moving = self.course.would_move(sale)
        if moving:
            yield Act(event=GO_ON)
        offers = ((name, event) for name in self.deal.names for event in sale.accepts(name))
        for name, event in sorted(offers, key=lambda offer: offer[1] in _UNUSUAL):
            if event not in _AFTERWARDS and (event in TROUBLE or not moving):
                kinds = choices(event, sale.simulators[name].order)
                # an order of one cent has no part, so ways for all orders take the whole
                for choice in sorted(kinds, key=lambda kind: kind == "part"):
                    yield Act(name, event, choice)
        if not moving and sale.next_due() is not None:
            yield Act()


def _targets(sale: DealSimulator, known: int, name: str) -> frozenset[str]:
    """Statuses that the document of *name* has entered since step *known* of the sale."""
    new = sale.events[known:]
    return frozenset(each.event.target for each in new if each.participant == name)


def _cost(act: Act, waited: int) -> int:
    return _UNUSUAL.get(act.event, 14 if waited > _LONG_WAIT else 1)


def _drawn(deal: Deal) -> frozenset[str]:
    """Statuses of the main document that some chain of steps leads to, news and guards aside."""
    found, queue = {ABSENT}, [ABSENT]
    steps = [step for step in deal.participants[0].flow.transitions if deal.takes(step)]
    for status in queue:
        new = {step.target for step in steps if step.source == status} - found
        found |= new
        queue += sorted(new)
    return frozenset(found - {ABSENT})


def play(sale: DealSimulator, act: Act, course: Course) -> bool:
    """Do *act* with *sale*; False when the sale does not allow it and is as it was."""
    if act.event == GO_ON:
        return course.move(sale) is not None
    if act.event == WAIT:
        due = sale.next_due()
        sale.advance(0 if due is None else due - sale.now)
        return due is not None
    order = sale.simulators[act.participant].order
    if act.choice not in choices(act.event, order):
        return False
    try:
        result = sale.attempt(act.participant, act.event, realise(act.event, act.choice, order))
    except EventDataError:  # an order like this cannot come with such data
        return False
    return not isinstance(result, Refused)
