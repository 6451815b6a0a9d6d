"""A part of a sandbox: one area's state, which hears of orders, time and answers from afar."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from orderflow.sandbox.held import Held
    from orderflow.sandbox.outbox import Message, Outcome
    from orderflow.sandbox.service import Service
    from orderflow.sandbox.store import Change


class Part:
    """State of one area of a sandbox.

    A part comes into being when it is asked for the first time, see
    :meth:`orderflow.sandbox.service.Service.part`, and is forgotten with
    :meth:`~orderflow.sandbox.service.Service.reset`.

    Args:
        service: The sandbox it belongs to.

    Attributes:
        name: Names the part in messages; no two parts have the same.
    """

    name: ClassVar[str]

    def __init__(self, service: Service) -> None:
        self.service = service

    def heard(self, change: Change) -> None:
        """A document took a step; nothing may happen to an order in here, see :meth:`due`."""

    def forgot(self, held: Held) -> None:
        """The store forgets a document: what is kept by its id is of no use any more."""

    def due(self, token: object) -> None:
        """The moment has come for which *token* was left with ``service.remind``."""

    def answered(self, message: Message, outcome: Outcome) -> None:
        """A message of this part was delivered, or could not be."""
