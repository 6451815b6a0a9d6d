"""Messages under way between the documents of one sale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from orderflow.flows.deal import Deal, Link
from orderflow.flows.settings import Settings
from orderflow.simulator.events import Data
from orderflow.simulator.message import Message


class Parcel(NamedTuple):
    """A message before it sets out.

    Attributes:
        link: The link that sends it.
        sender: Participant it comes from.
        receiver: Participant it goes to.
        event: Event of the step that makes it.
        choice: Name of the data that event came with.
        data: What is relayed.
        wanted_by: Who wants the cancellation that it is about, empty for none.
    """

    link: Link
    sender: str
    receiver: str
    event: str = ""
    choice: str = ""
    data: Data = ()
    wanted_by: str = ""


class Mailbox:
    """All messages under way in one sale.

    Attributes:
        under_way: The messages, oldest first.
    """

    __slots__ = ("_deal", "_number", "_settings", "under_way")

    def __init__(self, deal: Deal, settings: Settings) -> None:
        self._deal, self._settings = deal, settings
        self._number = 0
        self.under_way: list[Message] = []

    def between(self, sender: str, receiver: str) -> tuple[Message, ...]:
        """Messages under way from *sender* to *receiver*, oldest first."""
        return tuple(each for each in self.under_way if each.channel == (sender, receiver))

    def why_full(self, parcels: Iterable[Parcel]) -> str:
        """Why *parcels* cannot all set out now, one clause; empty when they can."""
        parcels = tuple(parcels)
        if not parcels or (not self.under_way and len(parcels) == 1):
            return ""
        boxes: Counter[tuple[str, str]] = Counter()
        links: Counter[tuple[str, str, str]] = Counter()
        for link, sender, receiver, *_ in parcels:
            waiting = self.between(sender, receiver)
            boxes[sender, receiver] += 1
            if len(waiting) + boxes[sender, receiver] > self._deal.mailbox:
                return f"the mailbox from {sender} to {receiver} holds {len(waiting)} messages"
            links[link.id, sender, receiver] += 1
            same = sum(each.link == link.id for each in waiting)
            if link.at_most and same + links[link.id, sender, receiver] > link.at_most:
                return f"news of {link.id} is still under way from {sender} to {receiver}"
        return ""

    def send(self, parcel: Parcel, now: int, *, cause: int = 0, answers: int = 0) -> Message:
        """Let *parcel* set out; it never arrives before what was sent the same way earlier."""
        link, sender, receiver, event, choice, data, wanted_by = parcel
        due = now
        if link.delay and not self._deal.instant:
            before = (each.due_at for each in self.between(sender, receiver))
            due = max((now + self._settings.milliseconds(link.delay), *before))
        self._number += 1
        sent = Message(
            self._number,
            link.id,
            link.notice,
            sender,
            receiver,
            now,
            due,
            cause,
            answers,
            event,
            choice,
            data,
            wanted_by,
        )
        self.under_way.append(sent)
        return sent

    def take_out(self, message: Message) -> None:
        """Forget *message*."""
        del self.under_way[self.under_way.index(message)]

    def keep_copy(self, message: Message) -> None:
        """Leave a copy of *message* where it was."""
        self.under_way[self.under_way.index(message)] = message._replace(copy=True)
