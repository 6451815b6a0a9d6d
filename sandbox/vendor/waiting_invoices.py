"""Invoices that were taken before their seller may handle the order.

A marketplace's order takes an invoice as soon as it is paid; its seller's document may still be
waiting for the time in which the shopper can cancel to be over. The invoice waits with it, and is
dropped when that document is cancelled (sandbox decision).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from orderflow.sandbox.order_statuses import CANCELED
from orderflow.sandbox.part import Part
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Change, Held

_READY = "ready-for-handling"


class WaitingInvoices(Part):
    """What is to be done once a document is ready for handling, by account and order id."""

    name: ClassVar[str] = "waiting-invoices"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self._work: dict[tuple[str, str], list[tuple[str, int, Callable[[], object]]]] = {}

    def add(self, seller: Held, number: str, value: int, work: Callable[[], object]) -> None:
        """Do *work* for invoice *number* once *seller* is ready for handling."""
        self._work.setdefault(_place(seller), []).append((number, value, work))

    def numbers(self, seller: Held) -> tuple[str, ...]:
        """Numbers of the invoices that wait for *seller*."""
        return tuple(number for number, _, _ in self._work.get(_place(seller), ()))

    def value(self, seller: Held) -> int:
        """Cents of the invoices that wait for *seller*."""
        return sum(value for _, value, _ in self._work.get(_place(seller), ()))

    def heard(self, change: Change) -> None:
        """Let the invoices happen when the call, or the moment, is over."""
        place = _place(change.held)
        if place not in self._work:
            return
        if change.event.target == _READY:
            self.service.soon(self, place)
        elif change.event.target in CANCELED:
            del self._work[place]

    def due(self, token: object) -> None:
        """The document is ready."""
        for _, _, work in self._work.pop(token, ()) if isinstance(token, tuple) else ():
            work()


def _place(held: Held) -> tuple[str, str]:
    return (held.account, held.order_id)
