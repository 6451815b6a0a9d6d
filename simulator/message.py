"""What the history of a sale is made of: steps of its documents, and messages between them."""

from __future__ import annotations

from typing import Literal, NamedTuple

from orderflow.simulator.events import Data, Event

Effect = Literal["acted", "ignored", "refused"]
"""What a message came to: its receiver did or answered something; nothing, where it stood; or
nothing, because its flow did not allow the step."""


class Message(NamedTuple):
    """News under way from one participant of a sale to another.

    Attributes:
        number: 1 for the first message of the sale; a copy keeps the number.
        link: Id of the link that sends it.
        notice: What it says.
        sender: Participant it comes from.
        receiver: Participant it goes to.
        sent_at: Virtual time in ms.
        due_at: When it arrives, if nothing goes wrong and its receiver need not wait.
        cause: Number of the step that made it, 0 when an earlier message made it by itself.
        answers: Number of the message it answers, 0 for none.
        event: Event of the step that made it.
        choice: Name of the data that event came with.
        data: What is relayed, as sorted (name, value) pairs.
        wanted_by: Who wants the cancellation that it is about, empty when it is about none.
        copy: It has been delivered before.
    """

    number: int
    link: str
    notice: str
    sender: str
    receiver: str
    sent_at: int
    due_at: int
    cause: int = 0
    answers: int = 0
    event: str = ""
    choice: str = ""
    data: Data = ()
    wanted_by: str = ""
    copy: bool = False

    @property
    def channel(self) -> tuple[str, str]:
        """(sender, receiver)."""
        return self.sender, self.receiver


class DealEvent(NamedTuple):
    """A step of one document of a sale.

    Attributes:
        seq: 1 for the first step of the sale.
        participant: Whose document it is.
        event: The step; its ``cause`` is ``call``, ``timer`` or a message such as ``message 3``.
        message: Number of the message that made it happen, 0 for none.
    """

    seq: int
    participant: str
    event: Event
    message: int = 0


class Sent(NamedTuple):
    """A message sets out."""

    message: Message


class Delivery(NamedTuple):
    """A message arrives.

    Attributes:
        at: Virtual time in ms.
        message: The message.
        effect: What came of it.
        events: Numbers of the steps it made happen.
        answers: Numbers of the messages that went straight back.
    """

    at: int
    message: Message
    effect: Effect
    events: tuple[int, ...] = ()
    answers: tuple[int, ...] = ()


class Lost(NamedTuple):
    """A message vanishes on its way: a fault."""

    at: int
    message: Message


class Doubled(NamedTuple):
    """A message is about to arrive, and a copy of it stays under way: a fault."""

    at: int
    message: Message


LogEntry = DealEvent | Sent | Delivery | Lost | Doubled
"""One line of the log of a sale; what a message makes happen follows its arrival."""
