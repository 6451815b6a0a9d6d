"""What must hold of the messages of a sale, whatever they say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from orderflow.conformance.invariants import Breach
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.deal_scenario import Carry, DealAct
from orderflow.simulator.message import DealEvent, Delivery, LogEntry, Message, Sent


class Wrong(NamedTuple):
    """A message that did not go as it should.

    Attributes:
        breach: What is wrong.
        participant: Who heard it.
        status: Where its receiver stands.
        notice: What it says.
    """

    breach: Breach
    participant: str
    status: str
    notice: str


class Post:
    """Watches the messages of one sale.

    Args:
        simulator: The sale.
    """

    def __init__(self, simulator: DealSimulator) -> None:
        self.simulator = simulator
        self._due: dict[tuple[str, str], int] = {}
        self._first: Message | None = None

    def look(self, act: DealAct | Carry) -> None:
        """Look at the mailbox before an act that lets the next message of a way arrive."""
        self._first = None
        if isinstance(act, Carry) and not act.fate and not act.position:
            channel = (act.sender, act.receiver)
            ways = (each for each in self.simulator.mailbox if each.channel == channel)
            self._first = next(ways, None)

    def wrong(self, act: DealAct | Carry, log: tuple[LogEntry, ...]) -> Iterator[Wrong]:
        """Whatever is wrong with the messages of an act that has been played."""
        heard: dict[int, Delivery] = {}
        for entry in log:
            if isinstance(entry, Delivery):
                heard[entry.message.number] = entry
                if entry.message in self.simulator.mailbox:
                    yield self._told(entry.message, "arrived and is still under way", _GONE)
            elif isinstance(entry, Sent):
                yield from self._in_turn(entry.message)
        for entry in log:
            if isinstance(entry, DealEvent) and entry.message:
                delivery = heard.get(entry.message)
                if delivery is None or entry.seq not in delivery.events:
                    yield self._unheard(entry)
        yield from self._overtaken(act, heard)

    def _in_turn(self, message: Message) -> Iterator[Wrong]:
        due = self._due.get(message.channel, message.due_at)
        self._due[message.channel] = max(due, message.due_at)
        if message.due_at < due:
            yield self._told(message, "is due before an earlier one", _IN_TURN)

    def _overtaken(self, act: DealAct | Carry, heard: dict[int, Delivery]) -> Iterator[Wrong]:
        """The first message of a way arrives first, unless its receiver cannot hear it yet."""
        first = self._first
        if first is None or not isinstance(act, Carry) or first.number in heard:
            return
        later = [d for d in heard.values() if d.message.channel == first.channel]
        family = self.simulator.deal.participant[first.receiver].family
        waits = self.simulator.deal.notices[first.notice].waits.get(family, frozenset())
        for delivery in later:
            if self._source(delivery) not in waits:
                yield self._told(first, "was overtaken", _IN_TURN)

    def _source(self, delivery: Delivery) -> str:
        """Where its receiver stood when a message arrived."""
        for number in delivery.events[:1]:
            return self.simulator.events[number - 1].event.source
        return self.simulator.simulators[delivery.message.receiver].status

    def _told(self, message: Message, seen: str, expected: str) -> Wrong:
        text = f"message {message.number} ({message.notice}) {seen}"
        name = message.receiver
        status = self.simulator.simulators[name].status
        return Wrong(Breach("I-07", text, expected), name, status, message.notice)

    def _unheard(self, entry: DealEvent) -> Wrong:
        text = f"{entry.event.event} names message {entry.message}, which brought no such step"
        breach = Breach("I-07", text, "a step that news makes happen follows its arrival")
        return Wrong(breach, entry.participant, entry.event.source, entry.event.event)


_GONE = "a message that has arrived is under way no more"
_IN_TURN = "messages of one way arrive in the order they were sent"
