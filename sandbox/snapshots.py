"""A sandbox as it was, to go back to as often as wanted.

A snapshot holds orders, clock, feeds, hooks, faults and whatever else the parts of a sandbox know.
It does not hold the trace and the mistakes, which tell what clients did, nor accounts and keys. It
lives in memory and is forgotten by a reset.

What never changes, such as flows, deals and functions, is not copied but pointed to; the copy is
pickled bytes that never leave the process, as bytes are small and quick to bring back.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import BuiltinFunctionType, FunctionType
from typing import TYPE_CHECKING

from orderflow.sandbox.account import AppKey
from orderflow.sandbox.course import Course
from orderflow.sandbox.ways import Ways
from orderflow.simulator.machine import Plan

if TYPE_CHECKING:
    from orderflow.sandbox.service import Service

MOST_KEPT = 20
"""Snapshots that are kept at once (sandbox decision)."""

_NEVER_CHANGES = (FunctionType, BuiltinFunctionType, AppKey, Course, Ways, Plan)
_FLOWS = "orderflow.flows."

_OF_THE_SERVICE = (
    *("strict", "queues", "interactions", "receipts", "_parts", "_listening", "_soon"),
    *("until", "turned"),
)
_STAYS_IN_STORE = frozenset({"_listeners", "_mourners", "_ways", "settings", "seed", "_start"})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A sandbox at one moment.

    Attributes:
        name: What it was called.
        at: Virtual time in ms.
        orders: How many documents there were.
    """

    name: str
    at: int
    orders: int
    _bytes: bytes = field(repr=False)
    _shared: tuple[object, ...] = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes it takes."""
        return len(self._bytes)


def take(service: Service, name: str) -> Snapshot:
    """Keep *service* as it is now."""
    store = {key: each for key, each in vars(service.store).items() if key not in _STAYS_IN_STORE}
    state = {
        "service": {key: vars(service)[key] for key in _OF_THE_SERVICE},
        "store": store,
        "waiting": dict(service.outbox.waiting),
    }
    written, shared = io.BytesIO(), _Shared((service, service.store, service.accounts))
    _Writer(written, shared).dump(state)
    orders = sum(len(service.store.orders(account)) for account in service.accounts.names)
    return Snapshot(name, service.now, orders, written.getvalue(), tuple(shared.every))


def restore(service: Service, snapshot: Snapshot) -> None:
    """Make *service* as it was when *snapshot* was taken.

    What was on its way then is sent once more, under its old number.
    """
    state: Mapping[str, dict[str, object]] = _Reader(snapshot).load()
    service.forget_orders()
    vars(service.store).update(state["store"])
    vars(service).update(state["service"])
    waiting = service.outbox.waiting
    waiting.clear()
    waiting.update(state["waiting"])  # type: ignore[arg-type]  # as it was taken out of there
    for told in service.outbox.changed:
        told()


class _Shared:
    """The objects that a snapshot points to."""

    def __init__(self, every: tuple[object, ...]) -> None:
        self.every = list(every)
        self._places = {id(each): place for place, each in enumerate(every)}

    def place(self, each: object) -> int | None:
        """Where *each* stands, None when it is copied."""
        known = self._places.get(id(each))
        if known is not None:
            return known
        if not isinstance(each, _NEVER_CHANGES) and not type(each).__module__.startswith(_FLOWS):
            return None
        self.every.append(each)
        self._places[id(each)] = len(self.every) - 1
        return len(self.every) - 1


class _Writer(pickle.Pickler):
    """Copies what may change."""

    def __init__(self, written: io.BytesIO, shared: _Shared) -> None:
        super().__init__(written, pickle.HIGHEST_PROTOCOL)
        self._shared = shared

    def persistent_id(self, each: object) -> int | None:
        """Point to what is shared."""
        return self._shared.place(each)


class _Reader(pickle.Unpickler):
    """Brings it back."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(io.BytesIO(snapshot._bytes))  # noqa: SLF001  # its other half
        self._shared = snapshot._shared  # noqa: SLF001

    def persistent_load(self, place: int) -> object:
        """What was pointed to."""
        return self._shared[place]
