"""A whole sale on one virtual clock: several documents, and the messages between them."""

from __future__ import annotations

from collections.abc import Mapping

from orderflow.flows.deal import Deal, Participant
from orderflow.flows.model import ABSENT
from orderflow.flows.settings import Settings, defaults
from orderflow.simulator.clock import START
from orderflow.simulator.errors import RefusedEventError
from orderflow.simulator.machine import Plan, compile_plan
from orderflow.simulator.message import DealEvent, Delivery, Doubled, Lost, Message
from orderflow.simulator.order import Item, Order
from orderflow.simulator.reaction import Move, move_of
from orderflow.simulator.sale import EndlessNewsError, Sale
from orderflow.simulator.simulator import (
    SAMPLE_ITEMS,
    Chosen,
    Refused,
    Simulator,
    Tamper,
    choose,
    digest,
    new_order,
)

__all__ = ["DealEvent", "DealSimulator", "Delivery", "EndlessNewsError", "deal_plans"]

_NOTHING: Mapping[str, object] = {}


def deal_plans(deal: Deal, settings: Settings | None = None) -> dict[str, Plan]:
    """Compile the flows of *deal* once, for any number of sales; by participant."""
    by_flow: dict[tuple[str, str], Plan] = {}
    for each in deal.participants:
        if _text_of(each) not in by_flow:
            by_flow[_text_of(each)] = compile_plan(each.flow, settings or defaults())
    return {each.name: by_flow[_text_of(each)] for each in deal.participants}


def _text_of(participant: Participant) -> tuple[str, str]:
    """What tells flows apart: a faulty one may have the name of a sound one."""
    return participant.flow.name, participant.flow.digest


class DealSimulator:
    """Runs the documents of one sale and the messages between them.

    Args:
        deal: One profile of a deal (see :meth:`orderflow.flows.deal.Deal.view`).
        settings: Where time limits and messages find their length; the defaults when None.
        orders: The documents before placement, by participant; those missing hold *items*.
        items: What the order holds.
        now: Virtual time at the start, in ms.
        plans: See :func:`deal_plans`; compiled when None.
        deal_id: Identity of the sale; its documents are called ``order-1-market`` and so on.
        tamper: Changes a document after every step of it; None for a sound system.

    Attributes:
        simulators: One simulator a participant.
        events: Steps so far, of all participants, oldest first.
        log: The steps and what became of each message, oldest first.

    >>> from orderflow.flows.deal_loader import bundled_deal
    >>> simulator = DealSimulator(bundled_deal("marketplace-seller").view())
    >>> simulator.fire("market", "place_order").event.target
    'order-created'
    >>> simulator.deliver("market", "seller").effect
    'acted'
    >>> simulator.statuses
    {'market': 'order-created', 'seller': 'order-accepted'}
    """

    def __init__(  # noqa: PLR0913  # all but the deal have defaults, and none goes with another
        self,
        deal: Deal,
        *,
        settings: Settings | None = None,
        orders: Mapping[str, Order] | None = None,
        items: tuple[Item, ...] = SAMPLE_ITEMS,
        now: int = START,
        plans: Mapping[str, Plan] | None = None,
        deal_id: str = "order-1",
        tamper: Tamper | None = None,
    ) -> None:
        self.deal, self.deal_id = deal, deal_id
        self.settings = settings or defaults()
        plans = plans or deal_plans(deal, self.settings)
        given = orders or {}
        self.simulators = {
            each.name: Simulator(
                each.flow,
                order=given.get(each.name) or new_order(each.flow, f"{deal_id}-{each.name}", items),
                now=now,
                plan=plans[each.name],
                tamper=tamper,
            )
            for each in deal.participants
        }
        self._sale = Sale(deal, self.settings, self.simulators, now)
        self.events, self.log = self._sale.events, self._sale.log

    @property
    def now(self) -> int:
        """Virtual time in ms."""
        return self._sale.now

    @property
    def mailbox(self) -> tuple[Message, ...]:
        """All messages under way, oldest first."""
        return tuple(self._sale.mailbox.under_way)

    @property
    def dismissed(self) -> Mapping[str, int]:
        """Participants that another one has replaced, with the virtual time in ms."""
        return self._sale.roster.dismissed

    @property
    def statuses(self) -> dict[str, str]:
        """Where each document stands."""
        return {name: simulator.status for name, simulator in self.simulators.items()}

    @property
    def outside(self) -> frozenset[str]:
        """Participants that somebody else plays."""
        return self._sale.outside

    def play_outside(self, name: str, plan: Plan) -> None:
        """Let somebody else play *name*: messages for it wait until they are handed over.

        Args:
            name: The participant, which has not been placed yet.
            plan: Its flow with the time limits of whoever plays it.

        Raises:
            ValueError: There is no such participant, or it has been placed.
        """
        simulator = self._simulator(name)
        if simulator.events:
            raise ValueError(f"{name} has been placed already")
        self.simulators[name] = Simulator(
            simulator.flow,
            order=simulator.order,
            now=self.now,
            plan=plan,
            tamper=simulator.tamper,
        )
        self._sale.outside |= {name}

    def hand_over(self, message: Message) -> Delivery | None:
        """Let a message to one that somebody else plays arrive now; None when it has to wait.

        Raises:
            ValueError: It is not under way to such a one.
        """
        if message.receiver not in self.outside or message not in self.mailbox:
            raise ValueError(f"message {message.number} does not wait to be handed over")
        return self._sale.hand_over(message)

    def current(self, name: str) -> str:
        """The participant that handles the order of *name* now, empty when nobody does."""
        return next(iter(self._sale.roster.below(name)), "")

    def has_joined(self, name: str) -> bool:
        """Whether *name* is in the sale, or was."""
        return self._sale.roster.has_joined(name)

    def fire(
        self, participant: str, event: str, *, actor: str | None = None, **data: object
    ) -> DealEvent:
        """Let *event* happen to the document of *participant* now.

        Raises:
            RefusedEventError: The flow or the deal does not allow it here; nothing has changed.
            EventDataError: The data makes no sense; nothing has changed.
            ValueError: There is no such participant.
        """
        result = self.attempt(participant, event, data, actor=actor)
        if isinstance(result, Refused):
            allowed = tuple(other for other in self.accepts(participant) if other != event)
            raise RefusedEventError(event, result.status, allowed, result.reason)
        return result

    def accepts(self, participant: str) -> tuple[str, ...]:
        """Events that somebody may fire where the document of *participant* stands, sorted.

        Whether one of them goes through still depends on its guards, its data and the mailboxes.
        """
        simulator = self._simulator(participant)
        return tuple(event for event in simulator.accepts() if self.may(participant, event))

    def may(self, participant: str, event: str) -> bool:
        """Whether *event* is one of those that :meth:`accepts` tells.

        Raises:
            ValueError: There is no such participant.
        """
        simulator = self._simulator(participant)
        for branch in simulator.plan.branches.get((simulator.order.status, event), ()):
            if self.deal.is_free(participant, branch.step):
                return self.has_joined(participant)
        return False

    def attempt(
        self,
        participant: str,
        event: str,
        data: Mapping[str, object] = _NOTHING,
        *,
        actor: str | None = None,
    ) -> DealEvent | Refused:
        """Do as :meth:`fire`, with a refusal as a value.

        Raises:
            EventDataError: The data makes no sense; nothing has changed.
            ValueError: There is no such participant.
        """
        simulator = self._simulator(participant)
        order = simulator.order
        if order.status == ABSENT and not self.has_joined(participant):
            return Refused(event, order.status, f"{participant} has not been asked to take over")
        chosen = choose(simulator.plan, order, event, data, self.now, actor)
        return chosen if isinstance(chosen, Refused) else self.take(participant, chosen)

    def take(self, participant: str, chosen: Chosen) -> DealEvent | Refused:
        """Take a step that the flow allows the document of *participant* as it stands.

        Args:
            participant: Who has joined the sale.
            chosen: The step, see :func:`orderflow.simulator.simulator.choose`.
        """
        simulator, sale = self.simulators[participant], self._sale
        move = move_of(simulator.order, chosen, simulator.tamper)
        news = sale.roster.parcels(participant, move)
        why = self._why_not(participant, move) or sale.mailbox.why_full(news)
        if why:
            return Refused(move.step.event, move.before.status, why)
        happened = sale.take(participant, move, "call", news=news)
        sale.let_news_pass()
        return happened

    def _simulator(self, participant: str) -> Simulator:
        if participant not in self.simulators:
            known = ", ".join(self.simulators)
            raise ValueError(f"{participant!r} has no part in deal {self.deal.name}; {known} have")
        return self.simulators[participant]

    def _why_not(self, name: str, move: Move) -> str:
        """Why nobody may take a step that the flow allows, one clause; empty when they may.

        There may still be no room for its news.
        """
        step, without, roster = move.step, self.deal.without, self._sale.roster
        if not self.deal.is_free(name, step):
            never = without.get(step.id) or without.get(step.row)
            return never or f"it happens only when {self._tellers(name)} says so"
        if roster.changes(name, step.event) and not roster.newcomer(name, step.event):
            return "nobody waits to take over"
        asks_another = step.event == "seller_cancel" and move.after.change_seller
        if asks_another and self.deal.lower(name) and not self._sale.another(name):
            return "nobody waits who could handle the order instead"
        return ""

    def _tellers(self, name: str) -> str:
        return " or ".join(sender for sender, receiver in self.deal.channels if receiver == name)

    def deliverable(self) -> tuple[Message, ...]:
        """Messages that could arrive now, whether or not they are due, oldest first."""
        return self._sale.ready()

    def open_channels(self) -> tuple[tuple[str, str], ...]:
        """(sender, receiver) of every way on which a message could arrive now."""
        return tuple(dict.fromkeys(message.channel for message in self.deliverable()))

    def deliver(self, sender: str, receiver: str, position: int = 0) -> Delivery | Refused:
        """Let a message arrive now, due or not.

        Args:
            sender: Who sent it.
            receiver: Whom it is for.
            position: Which of those that could arrive, from 0; any but the first overtakes
                others, which is a fault.

        Raises:
            ValueError: There is no such way.
        """
        found = self._find(sender, receiver, position)
        return found if isinstance(found, Refused) else self._sale.deliver(found)

    def double(self, sender: str, receiver: str) -> Delivery | Refused:
        """Let the next message arrive now and a copy of it stay under way, which is a fault.

        Raises:
            ValueError: There is no such way.
        """
        found = self._find(sender, receiver, 0)
        if isinstance(found, Refused):
            return found
        self.log.append(Doubled(self.now, found))
        return self._sale.deliver(found, keep_copy=True)

    def lose(self, sender: str, receiver: str, position: int = 0) -> Lost | Refused:
        """Let a message vanish, which is a fault.

        Args:
            sender: Who sent it.
            receiver: Whom it is for.
            position: Which of those under way, from 0.

        Raises:
            ValueError: There is no such way.
        """
        waiting = self._between(sender, receiver)
        if position >= len(waiting):
            return self._no_message(sender, receiver, len(waiting))
        lost = Lost(self.now, waiting[position])
        self._sale.mailbox.take_out(lost.message)
        self.log.append(lost)
        self._sale.let_news_pass()
        return lost

    def _between(self, sender: str, receiver: str) -> tuple[Message, ...]:
        if (sender, receiver) not in self.deal.channels:
            known = ", ".join(f"{one}>{other}" for one, other in self.deal.channels)
            raise ValueError(f"no news goes {sender}>{receiver}; it goes {known}")
        return self._sale.mailbox.between(sender, receiver)

    def _find(self, sender: str, receiver: str, position: int) -> Message | Refused:
        waiting = self._between(sender, receiver)
        ready = [message for message in self._sale.ready() if message in waiting]
        if position < len(ready):
            return ready[position]
        return self._no_message(sender, receiver, len(waiting), len(ready))

    def _no_message(
        self, sender: str, receiver: str, under_way: int, ready: int | None = None
    ) -> Refused:
        why = f"{under_way} messages are under way"
        why += "" if ready is None else f", {ready} of which could arrive now"
        return Refused(f"{sender}>{receiver}", self.simulators[receiver].status, why)

    def advance(self, duration: int) -> tuple[DealEvent, ...]:
        """Let *duration* ms pass: time limits are over and messages arrive, in order.

        A message that had to wait, and no longer has to, arrives at once.

        Returns:
            What happened, oldest first.

        Raises:
            ValueError: *duration* is negative.
            EndlessNewsError: Messages or time limits set each other off for ever.
        """
        if duration < 0:
            raise ValueError(f"time does not run backwards: {duration} ms")
        before, until = len(self.events), self.now + duration
        self._sale.run(until)
        self._sale.move(until)
        return tuple(self.events[before:])

    def advance_to(self, at: int, *, hold: tuple[str, str] | None = None) -> None:
        """Let time pass until *at*, when whatever is due then has not happened yet.

        Args:
            at: Virtual time in ms; no time passes when it is over.
            hold: (sender, receiver) between which nothing arrives on the way.
        """
        if at > self.now:
            self._sale.run(at - 1, hold)
            self._sale.move(at)

    def next_due(self) -> int | None:
        """Virtual ms at which something happens by itself next, None when nothing does."""
        times = [max(message.due_at, self.now) for message in self.deliverable()]
        dues = [simulator.clock.next_due() for simulator in self.simulators.values()]
        return min(times + [due.at for due in dues if due], default=None)

    def history(self) -> tuple[DealEvent, ...]:
        """The steps so far, each with the digest of its document after it."""
        found = []
        for happened in self.events:
            document = self.simulators[happened.participant].documents[happened.event.seq - 1]
            found.append(happened._replace(event=happened.event._replace(digest=digest(document))))
        return tuple(found)
