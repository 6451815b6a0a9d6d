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
        self._link = {link.id: link for link in deal.links}
        self._late: dict[tuple[str, str], None] = {}

    def another(self, name: str) -> bool:
        """Whether somebody could handle the order of *name* instead, and there is time for it."""
        in_time = self.settings.milliseconds("change_seller_window") > 0
        return in_time and self.roster.someone_waits(name)

    def take(self, name: str, move: Move, cause: str, told: Message | None = None) -> DealEvent:
        """Take a step, which *told* makes happen if it is given, and send its news."""
        parcels = self.roster.parcels(name, move, told.sender if told else "")
        newcomer = self.roster.newcomer(name, move.step.event)
        event = self.simulators[name].take(move.chosen, cause, move.after)
        happened = DealEvent(len(self.events) + 1, name, event, told.number if told else 0)
        self.events.append(happened)
        self.log.append(happened)
        if newcomer:
            self.roster.take_over(name, newcomer, self.now)
        for parcel in parcels:
            self._send(parcel, cause=happened.seq)
        return happened

    def _send(self, parcel: Parcel, *, cause: int, answers: int = 0) -> Message:
        sent = self.mailbox.send(parcel, self.now, cause=cause, answers=answers)
        self.log.append(Sent(sent))
        return sent

    def ready(self) -> tuple[Message, ...]:
        """Messages that could arrive now, oldest first.

        One that has to wait for its receiver may be overtaken; one whose own news finds no room
        holds up those behind it.
        """
        return tuple(message for message, _ in self._ready())

    def _ready(self) -> Iterator[tuple[Message, Reaction]]:
        """Each with what it would come to."""
        held = set()
        for message in self.mailbox.under_way:
            if message.channel in held or message.receiver in self.outside:
                continue
            reaction = self._meaning(message)
            if reaction is None:
                continue
            if self._crowded(message, reaction):
                held.add(message.channel)
            else:
                yield message, reaction

    def _meaning(self, message: Message) -> Reaction | None:
        """What *message* would come to if there is room for its news, None when it has to wait."""
        former = message.sender in self.roster.dismissed
        if former and self.deal.participant[message.sender].below == message.receiver:
            return IGNORED
        name = message.receiver
        simulator = self.simulators[name]
        who, another = self.deal.participant[name], self.another(name)
        hearer = Hearer(
            self.deal, who, simulator.plan, simulator.order, self.now, another, simulator.tamper
        )
        return react(hearer, message)

    def _crowded(self, message: Message, reaction: Reaction) -> bool:
        """Whether the news that *message* makes finds no room."""
        if not reaction.moves and not reaction.answer:
            return False
        parcels = [*self._answer(reaction, message)]
        for move in reaction.moves:
            parcels += self.roster.parcels(message.receiver, move, message.sender)
        return bool(self.mailbox.why_full(parcels))

    def _answer(self, reaction: Reaction, message: Message) -> tuple[Parcel, ...]:
        """What goes straight back; it takes the first link that carries such news."""
        if not reaction.answer:
            return ()
        link = next((link for link in self.deal.links if link.notice == reaction.answer), None)
        return (Parcel(link, message.receiver, message.sender),) if link else ()

    def deliver(self, message: Message, *, keep_copy: bool = False) -> Delivery:
        """Deliver *message*, and whatever takes no time and follows from it."""
        delivery = self._hear(message, keep_copy=keep_copy)
        self.let_news_pass()
        return delivery

    def hand_over(self, message: Message) -> Delivery | None:
        """Deliver *message* to one that is played by somebody else; None when it has to wait."""
        reaction = self._meaning(message)
        if reaction is None or self._crowded(message, reaction):
            return None
        delivery = self._come(message, reaction)
        self.let_news_pass()
        return delivery

    def _hear(self, message: Message, *, keep_copy: bool = False) -> Delivery:
        return self._come(message, self._meaning(message) or IGNORED, keep_copy=keep_copy)

    def _come(self, message: Message, reaction: Reaction, *, keep_copy: bool = False) -> Delivery:
        """Deliver *message*, which comes to *reaction*."""
        if keep_copy:
            self.mailbox.keep_copy(message)
        else:
            self.mailbox.take_out(message)
        place, cause = len(self.log), f"message {message.number}"
        events = tuple(
            self.take(message.receiver, move, cause, message).seq for move in reaction.moves
        )
        answers = tuple(
            self._send(parcel, cause=max(events, default=0), answers=message.number).number
            for parcel in self._answer(reaction, message)
        )
        delivery = Delivery(self.now, message, reaction.effect, events, answers)
        self.log.insert(place, delivery)
        return delivery

    def let_news_pass(self) -> None:
        """Deliver what travels in no time, and catch up on what found the mailbox full."""
        for _ in range(_MOST_HAPPENINGS):
            self._catch_up()
            found = next((each for each in self._ready() if self._in_no_time(each[0])), None)
            if found is None:
                return
            self._come(*found)
        raise EndlessNewsError(self.deal.name, self._last())

    def _in_no_time(self, message: Message) -> bool:
        return self.mailbox.travels_in_no_time(self._link[message.link])

    def _catch_up(self) -> None:
        late, self._late = self._late, {}
        for name, event in late:
            self._time_out(name, event)

    def _time_out(self, name: str, event: str) -> None:
        """Let a time limit be over; while its news finds no room it stays so."""
        simulator, who = self.simulators[name], self.deal.participant[name]
        order = simulator.order
        chosen = choose(simulator.plan, order, event, timer_data(event), self.now, "timer")
        if isinstance(chosen, Refused):
            return
        move = move_of(order, chosen, simulator.tamper)
        if not self.deal.takes(move.step) or self.deal.is_told(who, move.step):
            return
        if self.mailbox.why_full(self.roster.parcels(name, move)):
            self._late[name, event] = None
        else:
            self.take(name, move, "timer")

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
