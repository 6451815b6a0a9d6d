"""How a step of one document of a sale spreads to the others, and in which order.

What is due at the same time happens in one order: messages before time limits, messages by their
number, time limits in the order of the participants.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from orderflow.flows.deal import Deal
from orderflow.flows.errors import OrderflowError
from orderflow.flows.settings import Settings
from orderflow.simulator.mailbox import Mailbox, Parcel
from orderflow.simulator.message import DealEvent, Delivery, LogEntry, Message, Sent
from orderflow.simulator.reaction import IGNORED, Hearer, Move, Reaction, move_of, react
from orderflow.simulator.roster import Roster
from orderflow.simulator.simulator import Refused, Simulator, choose, timer_data

_MOST_HAPPENINGS = 10_000
"""Steps and messages that one advance may bring; no real sale comes near."""


class EndlessNewsError(OrderflowError):
    """Messages or time limits of a sale set each other off without end.

    Attributes:
        deal: Name of the deal.
        last: What happened last, one clause.
    """

    def __init__(self, deal: str, last: str) -> None:
        super().__init__(
            f"deal {deal}: messages and time limits set each other off without end, at last "
            f"{last}; look for a link that answers its own news"
        )
        self.deal, self.last = deal, last


class _TimeOver(NamedTuple):
    """The time limit of a participant that is over first."""

    participant: str


class _Arrival(NamedTuple):
    """A message that could arrive now.

    Attributes:
        message: The message.
        reaction: What it would come to.
        news: What the first step of that would send.
    """

    message: Message
    reaction: Reaction
    news: tuple[Parcel, ...] = ()


class Sale:
    """Where the documents of a sale stand, and what is under way between them.

    Args:
        deal: One profile of a deal.
        settings: Where messages find their length.
        simulators: One simulator a participant.
        now: Virtual time in ms.

    Attributes:
        mailbox: The messages under way.
        roster: Who is in the sale.
        outside: Participants that somebody else plays: no message reaches them by itself.
        events: Steps so far, oldest first.
        log: The steps and what became of each message, oldest first.
    """

    def __init__(
        self, deal: Deal, settings: Settings, simulators: dict[str, Simulator], now: int
    ) -> None:
        self.deal, self.settings, self.simulators, self.now = deal, settings, simulators, now
        self.mailbox = Mailbox(deal, settings)
        self.roster = Roster(deal)
        self.outside: frozenset[str] = frozenset()
        self.events: list[DealEvent] = []
        self.log: list[LogEntry] = []
        self._late: dict[tuple[str, str], None] = {}

    def another(self, name: str) -> bool:
        """Whether somebody could handle the order of *name* instead, and there is time for it."""
        if not self.roster.someone_waits(name):
            return False
        return self.settings.milliseconds("change_seller_window") > 0

    def take(
        self,
        name: str,
        move: Move,
        cause: str,
        told: Message | None = None,
        news: tuple[Parcel, ...] | None = None,
    ) -> DealEvent:
        """Take a step, which *told* makes happen if it is given, and send its *news*, if known."""
        if news is None:
            news = self.roster.parcels(name, move, told.sender if told else "")
        newcomer = self.roster.newcomer(name, move.step.event)
        event = self.simulators[name].take(move.chosen, cause, move.after)
        happened = DealEvent(len(self.events) + 1, name, event, told.number if told else 0)
        self.events.append(happened)
        self.log.append(happened)
        if newcomer:
            self.roster.take_over(name, newcomer, self.now)
        for parcel in news:
            self._send(parcel, happened.seq)
        return happened

    def _send(self, parcel: Parcel, cause: int, answers: int = 0) -> Message:
        sent = self.mailbox.send(parcel, self.now, cause=cause, answers=answers)
        self.log.append(Sent(sent))
        return sent

    def ready(self) -> tuple[Message, ...]:
        """Messages that could arrive now, oldest first.

        One that has to wait for its receiver may be overtaken; one whose own news finds no room
        holds up those behind it.
        """
        return tuple(each.message for each in self._ready()) if self.mailbox.under_way else ()

    def _ready(self) -> Iterator[_Arrival]:
        """Each with what it would come to."""
        held = set()
        for message in self.mailbox.under_way:
            if message.channel in held or message.receiver in self.outside:
                continue
            arrival = self._arrival(message)
            if arrival is None:
                continue
            if self._crowded(arrival):
                held.add(message.channel)
            else:
                yield arrival

    def _arrival(self, message: Message) -> _Arrival | None:
        """What *message* would come to if there is room for its news, None when it has to wait."""
        reaction = self._meaning(message)
        if reaction is None:
            return None
        news: tuple[Parcel, ...] = ()
        if reaction.moves:
            news = self.roster.parcels(message.receiver, reaction.moves[0], message.sender)
        return _Arrival(message, reaction, news)

    def _meaning(self, message: Message) -> Reaction | None:
        name, sender = message.receiver, message.sender
        if sender in self.roster.dismissed and self.deal.participant[sender].below == name:
            return IGNORED
        simulator = self.simulators[name]
        who, another = self.deal.participant[name], self.another(name)
        hearer = Hearer(
            self.deal, who, simulator.plan, simulator.order, self.now, another, simulator.tamper
        )
        return react(hearer, message)

    def _crowded(self, arrival: _Arrival) -> bool:
        """Whether the news that a message makes finds no room."""
        message, reaction, news = arrival
        parcels = [*news]
        if reaction.answer:
            parcels += self._answer(reaction, message)
        for move in reaction.moves[1:]:
            parcels += self.roster.parcels(message.receiver, move, message.sender)
        return bool(parcels) and bool(self.mailbox.why_full(parcels))

    def _answer(self, reaction: Reaction, message: Message) -> tuple[Parcel, ...]:
        """What goes straight back; it takes the first link that carries such news."""
        link = next((link for link in self.deal.links if link.notice == reaction.answer), None)
        return (Parcel(link, message.receiver, message.sender),) if link else ()

    def deliver(self, message: Message, *, keep_copy: bool = False) -> Delivery:
        """Deliver *message*, and whatever takes no time and follows from it."""
        delivery = self._hear(message, keep_copy=keep_copy)
        self.let_news_pass()
        return delivery

    def hand_over(self, message: Message) -> Delivery | None:
        """Deliver *message* to one that is played by somebody else; None when it has to wait."""
        arrival = self._arrival(message)
        if arrival is None or self._crowded(arrival):
            return None
        delivery = self._come(arrival)
        self.let_news_pass()
        return delivery

    def _hear(self, message: Message, *, keep_copy: bool = False) -> Delivery:
        arrival = self._arrival(message) or _Arrival(message, IGNORED)
        return self._come(arrival, keep_copy=keep_copy)

    def _come(self, arrival: _Arrival, *, keep_copy: bool = False) -> Delivery:
        """Deliver a message, with what it comes to."""
        message, reaction, news = arrival
        if keep_copy:
            self.mailbox.keep_copy(message)
        else:
            self.mailbox.take_out(message)
        place, cause = len(self.log), f"message {message.number}"
        events: tuple[int, ...] = ()
        for move in reaction.moves:
            # what any but the first sends depends on who handles the order by then
            known = None if events else news
            events += (self.take(message.receiver, move, cause, message, known).seq,)
        answers: tuple[int, ...] = ()
        for parcel in self._answer(reaction, message) if reaction.answer else ():
            answers += (self._send(parcel, max(events, default=0), message.number).number,)
        delivery = Delivery(self.now, message, reaction.effect, events, answers)
        self.log.insert(place, delivery)
        return delivery

    def let_news_pass(self) -> None:
        """Deliver what travels in no time, and catch up on what found the mailbox full."""
        for _ in range(_MOST_HAPPENINGS):
            if self._late:
                self._catch_up()
            found = self._prompt()
            if found is None:
                return
            self._come(found)
        raise EndlessNewsError(self.deal.name, self._last())

    def _prompt(self) -> _Arrival | None:
        """The first message that could arrive now and travels in no time."""
        at_once, under_way = self.deal.at_once, self.mailbox.under_way
        # spares looking at what is under way for longer
        if not under_way or at_once.isdisjoint([each.link for each in under_way]):
            return None
        return next((each for each in self._ready() if each.message.link in at_once), None)

    def _catch_up(self) -> None:
        late, self._late = self._late, {}
        for name, event in late:
            self._time_out(name, event)

    def _time_out(self, name: str, event: str) -> None:
        """Let a time limit be over; while its news finds no room it stays so."""
        simulator = self.simulators[name]
        order = simulator.order
        chosen = choose(simulator.plan, order, event, timer_data(event), self.now, "timer")
        if isinstance(chosen, Refused):
            return
        move = move_of(order, chosen, simulator.tamper)
        if not self.deal.is_free(name, move.step):
            return
        news = self.roster.parcels(name, move)
        if self.mailbox.why_full(news):
            self._late[name, event] = None
        else:
            self.take(name, move, "timer", news=news)

    def run(self, until: int, hold: tuple[str, str] | None = None) -> None:
        """Let everything happen that is due by *until*, but for messages on the way *hold*."""
        for _ in range(_MOST_HAPPENINGS):
            at, what = self._next(until, hold)
            if what is None:
                return
            self.move(at)
            if isinstance(what, Message):
                self._hear(what)
            else:
                due = self.simulators[what.participant].clock.pop(at)
                if due is not None:
                    self._time_out(what.participant, due.what)
            self.let_news_pass()
        raise EndlessNewsError(self.deal.name, self._last())

    def _next(
        self, until: int, hold: tuple[str, str] | None
    ) -> tuple[int, Message | _TimeOver | None]:
        """What happens first, and when; None when nothing does."""
        first: tuple[int, Message | _TimeOver | None] = (until + 1, None)
        for name, simulator in self.simulators.items():
            due = simulator.clock.next_due()
            if due is not None and due.at < first[0]:
                first = (due.at, _TimeOver(name))
        limit = min(first[0], until)
        ready = ((max(each.due_at, self.now), each) for each in self.ready())
        for at, message in sorted(ready, key=lambda pair: (pair[0], pair[1].number)):
            if at <= limit and message.channel != hold:
                return at, message
        return first

    def move(self, at: int) -> None:
        """Move time to *at*; what is due before has happened."""
        self.now = at
        for simulator in self.simulators.values():
            simulator.clock.move_to(at)

    def _last(self) -> str:
        if not self.events:
            return "before the first step"
        last = self.events[-1]
        return f"{last.event.event} of {last.participant}"
