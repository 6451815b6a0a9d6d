"""The orders of a sandbox: sales of the simulator under the names of the vendor's world.

An order document here is a document of a simulated sale; nothing about the flow is decided in
this module. All sales share one virtual clock, in ms since the Unix epoch. Each keeps its own time
until something happens to it, so that ten thousand quiet orders cost nothing when the clock turns.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Mapping
from typing import TypeVar

from orderflow.flows.model import ABSENT
from orderflow.flows.settings import Given, Settings, defaults
from orderflow.sandbox.agenda import Agenda
from orderflow.sandbox.course import ALL, Course, Waits
from orderflow.sandbox.fault_orders import deal_under
from orderflow.sandbox.held import Change, Held
from orderflow.sandbox.placed import UNSAID, Placed
from orderflow.sandbox.sales import Entry, Opening, attempt, open_sale, with_items
from orderflow.sandbox.shelf import Shelf
from orderflow.sandbox.ways import Act, StatusOutOfReachError, Way, Ways, play
from orderflow.simulator.clock import START
from orderflow.simulator.deal import DealSimulator, EndlessNewsError
from orderflow.simulator.events import Event
from orderflow.simulator.machine import Plan
from orderflow.simulator.order import Item
from orderflow.simulator.simulator import Refused

_T = TypeVar("_T")

__all__ = ["Change", "Held", "StatusOutOfReachError", "Store"]

_FIRST_SEQUENCE = 100_001
_MOST_ROUNDS = 1_000
"""Rounds of steps and news that one moment may bring; no real sale comes near."""

_NOTHING: Mapping[str, object] = {}


def _never() -> bool:
    return False


class Store:
    """All orders of a sandbox, in memory.

    Args:
        seed: Where chance begins.
        now: Virtual time at the start, in ms.
        settings: Where time limits and messages find their length; the defaults when None.
        keep: How many finished sales to keep, 0 for all; beyond it the one that finished first is
            forgotten, so that memory stays flat (sandbox decision).

    Attributes:
        now: Virtual time in ms.
        faults: Names of the known defects that orders placed from now on have.
        forgotten: Documents that have been forgotten.
        rng: The chance of this sandbox; begins anew with :meth:`reset`.
        settings: The settings.

    >>> store = Store()
    >>> held, = store.place(to="ready-for-handling")
    >>> store.fire(held, "start_handling").target
    'start-handling'
    >>> held.order_id, held.status
    ('v100001sbx-01', 'handling')
    """

    def __init__(
        self, *, seed: int = 0, now: int = START, settings: Settings | None = None, keep: int = 0
    ) -> None:
        self.seed, self.settings, self._start = seed, settings or defaults(), now
        self.keep = keep
        self._listeners: list[Callable[[Change], None]] = []
        self._mourners: list[Callable[[Held], None]] = []
        self._ways: dict[tuple[str, Settings, tuple[str, ...]], Ways] = {}
        self.reset()

    def reset(self) -> None:
        """Forget all orders and begin again; listeners stay."""
        self.now, self.rng = self._start, random.Random(self.seed)
        self.faults: tuple[str, ...] = ()
        self._sequence = _FIRST_SEQUENCE
        self._opened, self.forgotten = 0, 0
        self._entries: dict[int, Entry] = {}
        self._entry_of: dict[str, Entry] = {}
        self._finished: deque[Entry] = deque()
        self._shelf = Shelf()
        self._tuned: dict[str, Settings] = {}
        self._agenda = Agenda()

    def drop(self) -> list[object]:
        """Do as :meth:`reset`; what it returns is what was forgotten, to let it go from its end."""
        forgotten: list[object] = [*self._entries.values(), self._shelf, self._agenda]
        self.reset()
        return forgotten

    def remind(self, at: int, call: Callable[[], None]) -> None:
        """Let *call* happen when it is *at* (virtual ms), after what befalls the orders then.

        Of two at the same moment the one asked for first goes first. A moment that is over comes
        with the next turn of the clock.
        """
        self._agenda.remind(at, call)

    def listen(self, heard: Callable[[Change], None]) -> None:
        """Let *heard* know of every change from now on, as it happens; it must change nothing."""
        self._listeners.append(heard)

    def on_forget(self, told: Callable[[Held], None]) -> None:
        """Let *told* know of every document that is forgotten, while it can still be found."""
        self._mourners.append(told)

    def tune(self, account: str, changes: Mapping[str, Given]) -> None:
        """Change settings of an account, for the orders that are placed from now on.

        Raises:
            SettingError: Names every setting that is unknown or cannot take its value.
        """
        self._tuned[account] = self.settings_of(account).override(changes)

    def settings_of(self, account: str) -> Settings:
        """The settings that a new order of *account* would have."""
        return self._tuned.get(account, self.settings)

    def place(
        self,
        *,
        deal: str = "complete",
        account: str = "sandbox",
        items: tuple[Item, ...] | None = None,
        to: str = "",
        parts: tuple[Placed, ...] = (),
        waits: Waits = (),
    ) -> tuple[Held, ...]:
        """Begin a new sale.

        Args:
            deal: Name of a bundled deal, or of one in :mod:`orderflow.sandbox.deals`.
            account: Account that sees its documents.
            items: What the order holds; a sample item, which has a shipping estimate, when None.
            to: Status to bring the main document to, on the shortest way that is not unusual.
                The sale began as long ago as that takes, so no time passes for the others.
                Where the document would leave the status by itself, the sale stands still until
                time passes or an event happens to it. When empty, the sale goes as far as it does
                by itself.
            parts: What was said of the orders of the sale, in their order; a last one that is
                missing is as the one before. Its items go before *items*.
            waits: (participant, event) of steps that do not happen by themselves until
                :meth:`release`.

        Returns:
            The documents that have been placed so far, the main one first.

        Raises:
            UnknownDealError: There is no such deal.
            StatusOutOfReachError: The main document does not get there; nothing has changed.
            ValueError: There is no item, the order is worth nothing, or its id is taken.
        """
        settings = self.settings_of(account)
        ways = self._ways_of(deal, settings)
        way = ways.to(to) if to else Way((Act(ways.deal.names[0], "place_order"),), 0)
        began = self.now - way.duration
        said = with_items(parts or (UNSAID,), items, began)
        entry = self._begin(Opening(ways, settings, said, account, self._sequence, began))
        entry.waits = frozenset(waits)
        for act in way.acts:
            play(entry.sale, act, ways.course)
            self._tell(entry)
        if way.rests:
            self._move_on(entry)
        else:
            entry.due = self.now
            self._remind(entry)
        return self._placed(entry)

    def _ways_of(self, name: str, settings: Settings) -> Ways:
        known = (name, settings, self.faults)
        if known not in self._ways:
            found, tamper = deal_under(name, self.faults)
            deal = found.view()
            self._ways[known] = Ways(deal, settings, Course(deal), tamper)
        return self._ways[known]

    def _begin(self, opening: Opening) -> Entry:
        taken = [each for each in opening.ids.values() if self.find(each, opening.account)]
        if taken:
            raise ValueError(f"there is an order {taken[0]} already")
        sale, documents = open_sale(opening)
        self._sequence += len(documents)
        entry = self._entries[self._opened] = Entry(self._opened, sale, opening.ways, documents)
        self._opened += 1
        self._entry_of[sale.deal_id] = entry
        return entry

    def _placed(self, entry: Entry) -> tuple[Held, ...]:
        return tuple(held for held in entry.documents.values() if held.status != ABSENT)

    def find(self, order_id: str, account: str = "sandbox") -> Held | None:
        """The document of that id, or of that sequence when *order_id* is ``seq100001``."""
        return self._shelf.find(order_id, account)

    def of_marketplace(self, marketplace_order_id: str, account: str = "sandbox") -> Held | None:
        """The newest order that a marketplace outside the platform calls so."""
        return self._shelf.of_marketplace(marketplace_order_id, account)

    def group(self, group: str, account: str = "sandbox") -> tuple[Held, ...]:
        """The documents of a group that have been placed, in the order of placement."""
        return self._shelf.group(group, account)

    def orders(self, account: str = "sandbox") -> tuple[Held, ...]:
        """All documents that have been placed, newest first."""
        return self._shelf.orders(account)

    def hold(self, held: Held, event: str, participant: str = "") -> None:
        """Let a step not happen by itself until :meth:`release`.

        Args:
            held: A document of the sale.
            event: The step, :data:`orderflow.sandbox.course.ALL` for every one.
            participant: Whose step, the document's own when empty.
        """
        entry = self._entry(held)
        entry.waits |= {(participant or held.participant, event)}

    def play_outside(self, held: Held, participant: str, plan: Plan) -> None:
        """Let somebody outside play a participant of a sale, which has not been placed yet.

        It has no document here, nothing reaches it and it does nothing until :meth:`work_on`
        makes it; its time limits are those of *plan*.
        """
        entry = self._entry(held)
        entry.sale.play_outside(participant, plan)
        entry.waits |= {(participant, ALL)}
        entry.documents.pop(participant, None)

    def work_on(self, held: Held, work: Callable[[DealSimulator], _T]) -> _T:
        """Do *work* on the sale of a document now, and let the platform move it on after it."""
        entry = self._entry(held)
        self._catch_up(entry)
        try:
            return work(entry.sale)
        finally:
            self._tell(entry)
            self._move_on(entry)

    def release(self, held: Held, event: str, participant: str = "") -> None:
        """Let a step that was held back happen by itself again, now if it can."""
        entry = self._entry(held)
        entry.waits -= {(participant or held.participant, event)}
        self._catch_up(entry)
        self._tell(entry)
        self._move_on(entry)

    def fire(
        self,
        held: Held,
        event: str,
        data: Mapping[str, object] = _NOTHING,
        *,
        actor: str | None = None,
    ) -> Event | Refused:
        """Let *event* happen to a document now, and the platform move the sale on after it.

        In a document with two instances it happens to the one that takes it.

        Returns:
            The step, of the document itself if it shows one of that name; or the refusal, after
            which everything is as it was.

        Raises:
            EventDataError: The data makes no sense; nothing has changed.
            ValueError: The store does not hold this document (any more).
        """
        entry = self._entry(held)
        self._catch_up(entry)
        self._tell(entry)  # what was due has happened, even if the event is refused
        result = attempt(held, event, data, actor)
        if isinstance(result, Refused):
            return result
        own = held.sale.events[result.seq - 1 :]
        steps = [each.event for each in own if each.participant == held.participant]
        self._tell(entry)
        self._move_on(entry)
        return next((step for step in steps if step.event == event), result.event)

    def _entry(self, held: Held) -> Entry:
        entry = self._entry_of.get(held.group)
        if entry is None or entry.sale is not held.sale:
            raise ValueError(
                f"order {held.order_id} is not in this store (any more); place another"
            )
        return entry

    def _catch_up(self, entry: Entry) -> None:
        """Bring the sale to the present, which it may have reached with nothing left to do."""
        if entry.sale.now < self.now or (entry.due is not None and entry.due <= self.now):
            entry.sale.advance(self.now - entry.sale.now)

    def advance(self, ms: int, pause: Callable[[], bool] = _never) -> tuple[Change, ...]:
        """Let *ms* pass for all sales together.

        Args:
            ms: How long.
            pause: Asked before each moment at which something is due; if it says so, the clock
                stands still before that moment is over, and :attr:`now` tells where.

        Returns:
            What changed, in the order in which it was due.

        Raises:
            ValueError: *ms* is negative.
        """
        if ms < 0:
            raise ValueError(f"time does not run backwards: {ms} ms")
        found: list[Change] = []
        self._listeners.append(found.append)
        try:
            self._run(self.now + ms, pause)
        finally:
            self._listeners.remove(found.append)
        return tuple(found)

    def _run(self, until: int, pause: Callable[[], bool]) -> None:
        while (at := self._agenda.next_at()) is not None and at <= until:
            if pause():
                return
            at, number, call = self._agenda.pop()
            if call is not None:
                self.now = max(at, self.now)
                call()
            elif self._is_due(at, number):
                entry = self._entries[number]
                self.now = at
                self._catch_up(entry)
                self._tell(entry)
                self._move_on(entry)
        if not pause():
            self.now = until

    def _move_on(self, entry: Entry) -> None:
        """Let the platform take the sale as far as it goes by itself, and see when it goes on."""
        sale = entry.sale
        for _ in range(_MOST_ROUNDS):
            for _ in entry.ways.course.moves(sale, entry.waits):
                self._tell(entry)
            entry.due = sale.next_due()
            if entry.due is None or entry.due > self.now:
                self._remind(entry)
                self._let_go(entry)
                return
            self._catch_up(entry)  # news that had to wait, and no longer has to
            self._tell(entry)
        raise EndlessNewsError(sale.deal.name, sale.events[-1].event.event)

    def _remind(self, entry: Entry) -> None:
        if entry.due is not None:
            self._agenda.expect(entry.due, entry.number)
            self._agenda.tidy(len(self._entries), self._is_due)

    def _is_due(self, at: int, number: int) -> bool:
        """Whether a sale is to be looked at then; it may have been put off, or forgotten."""
        entry = self._entries.get(number)
        return entry is not None and entry.due == at

    def _let_go(self, entry: Entry) -> None:
        """See whether the sale is over, and forget the oldest one if there are too many."""
        if not self.keep or entry.finished or not entry.is_over:
            return
        entry.finished = True
        self._finished.append(entry)
        if len(self._finished) > self.keep:
            self._forget(self._finished.popleft())

    def _forget(self, entry: Entry) -> None:
        for held in entry.documents.values():
            if held.status == ABSENT:
                continue
            for told in self._mourners:
                told(held)
            self._shelf.take_away(held)
            self.forgotten += 1
        del self._entries[entry.number], self._entry_of[entry.sale.deal_id]

    def _tell(self, entry: Entry) -> None:
        """Tell the listeners what has happened to the documents of a sale since the last time."""
        for happened in entry.sale.events[entry.told :]:
            entry.told += 1
            held = entry.documents.get(happened.participant)
            if held is None:
                continue
            if happened.event.source == ABSENT:
                self._shelf.show(held, happened.event.at)
            change = Change(held, happened.event)
            for heard in self._listeners:
                heard(change)
        entry.forget_drafts()
