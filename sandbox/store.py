"""The orders of a sandbox: sales of the simulator under the names of the vendor's world.

An order document here is a document of a simulated sale; nothing about the flow is decided in
this module. All sales share one virtual clock, in ms since the Unix epoch. Each keeps its own time
until something happens to it, so that ten thousand quiet orders cost nothing when the clock turns.
"""

from __future__ import annotations

import heapq
import random
from bisect import insort
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from orderflow.flows.deal_loader import bundled_deal
from orderflow.flows.model import ABSENT
from orderflow.flows.settings import Settings, defaults
from orderflow.sandbox.course import Course
from orderflow.sandbox.held import Change, Held, order_ids, origin_of
from orderflow.sandbox.ways import Act, StatusOutOfReachError, Way, Ways, play
from orderflow.simulator.clock import START
from orderflow.simulator.deal import DealEvent, DealSimulator, EndlessNewsError
from orderflow.simulator.events import Event
from orderflow.simulator.order import Item
from orderflow.simulator.simulator import SAMPLE_ITEMS, Refused, new_order

__all__ = ["Change", "Held", "StatusOutOfReachError", "Store"]

_FIRST_SEQUENCE = 100_001
_DELIVERY = 4 * 86_400_000
"""Ms from the purchase to the shipping estimate of items that have none (sandbox decision)."""

_MOST_ROUNDS = 1_000
"""Rounds of steps and news that one moment may bring; no real sale comes near."""

_NOTHING: Mapping[str, object] = {}

_ALARMS = 1 << 60
"""Numbers of alarms begin here, those of sales at 0: what falls due together goes by number."""


def _never() -> bool:
    return False


@dataclass(slots=True)
class _Entry:
    """A sale of the store.

    Attributes:
        number: 0 for the first sale.
        sale: The sale.
        ways: What its deal can do, and does by itself.
        documents: What the store shows of it, by participant.
        told: How many of its steps the listeners have heard of.
        due: When to look at it next, None when nothing comes by itself.
    """

    number: int
    sale: DealSimulator
    ways: Ways
    documents: dict[str, Held]
    told: int = 0
    due: int | None = None


class Store:
    """All orders of a sandbox, in memory.

    Args:
        seed: Where chance begins.
        now: Virtual time at the start, in ms.
        settings: Where time limits and messages find their length; the defaults when None.

    Attributes:
        now: Virtual time in ms.
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
        self, *, seed: int = 0, now: int = START, settings: Settings | None = None
    ) -> None:
        self.seed, self.settings, self._start = seed, settings or defaults(), now
        self._listeners: list[Callable[[Change], None]] = []
        self._ways: dict[str, Ways] = {}
        self.reset()

    def reset(self) -> None:
        """Forget all orders and begin again; listeners stay."""
        self.now, self.rng = self._start, random.Random(self.seed)
        self._sequence = _FIRST_SEQUENCE
        self._entries: list[_Entry] = []
        self._entry_of: dict[str, _Entry] = {}
        self._by_id: dict[tuple[str, str], Held] = {}
        self._by_group: dict[tuple[str, str], list[Held]] = {}
        self._by_date: dict[str, list[tuple[int, str]]] = {}
        self._due: list[tuple[int, int]] = []
        self._alarms: dict[int, Callable[[], None]] = {}
        self._last_alarm = _ALARMS

    def remind(self, at: int, call: Callable[[], None]) -> None:
        """Let *call* happen when it is *at* (virtual ms), after what befalls the orders then.

        Of two at the same moment the one asked for first goes first. A moment that is over comes
        with the next turn of the clock.
        """
        self._last_alarm += 1
        self._alarms[self._last_alarm] = call
        heapq.heappush(self._due, (at, self._last_alarm))

    def listen(self, heard: Callable[[Change], None]) -> None:
        """Let *heard* know of every change from now on, as it happens; it must change nothing."""
        self._listeners.append(heard)

    def place(
        self,
        *,
        deal: str = "complete",
        account: str = "sandbox",
        items: tuple[Item, ...] | None = None,
        to: str = "",
    ) -> tuple[Held, ...]:
        """Begin a new sale.

        Args:
            deal: Name of a bundled deal.
            account: Account that sees its documents.
            items: What the order holds; a sample item, which has a shipping estimate, when None.
            to: Status to bring the main document to, on the shortest way that is not unusual.
                The sale began as long ago as that takes, so no time passes for the others.
                Where the document would leave the status by itself, the sale stands still until
                time passes or an event happens to it. When empty, the sale goes as far as it does
                by itself.

        Returns:
            The documents that have been placed so far, the main one first.

        Raises:
            UnknownDealError: There is no such deal.
            StatusOutOfReachError: The main document does not get there; nothing has changed.
            ValueError: There is no item, or the order is worth nothing.
        """
        ways = self._ways_of(deal)
        way = ways.to(to) if to else Way((Act(ways.deal.names[0], "place_order"),), 0)
        began = self.now - way.duration
        entry = self._begin(ways, account, _sample(began) if items is None else items, began)
        for act in way.acts:
            play(entry.sale, act, ways.course)
            self._tell(entry)
        if way.rests:
            self._move_on(entry)
        else:
            entry.due = self.now
            self._remind(entry)
        return self._placed(entry)

    def _ways_of(self, name: str) -> Ways:
        if name not in self._ways:
            deal = bundled_deal(name).view()
            self._ways[name] = Ways(deal, self.settings, Course(deal))
        return self._ways[name]

    def _begin(self, ways: Ways, account: str, items: tuple[Item, ...], now: int) -> _Entry:
        deal, ids = ways.deal, order_ids(ways.deal, f"v{self._sequence}sbx")
        orders = {
            each.name: new_order(each.flow, ids[each.name], items) for each in deal.participants
        }
        sale = DealSimulator(
            deal,
            settings=self.settings,
            orders=orders,
            now=now,
            plans=ways.plans,
            deal_id=f"v{self._sequence}sbx",
        )
        documents = self._documents(sale, account, ids)
        entry = _Entry(len(self._entries), sale, ways, documents)
        self._entries.append(entry)
        self._entry_of[sale.deal_id] = entry
        return entry

    def _documents(
        self, sale: DealSimulator, account: str, ids: Mapping[str, str]
    ) -> dict[str, Held]:
        """One for each participant that has a document of its own."""
        papers: dict[str, Mapping[str, object]] = {}
        found: dict[str, Held] = {}
        for each in sale.deal.participants:
            if sale.deal.instant and each.below:
                continue  # an instance inside the document above (decision D-12)
            found[each.name] = Held(
                order_id=ids[each.name],
                group=sale.deal_id,
                sequence=f"{self._sequence:06d}",
                participant=each.name,
                sale=sale,
                account=account,
                origin=origin_of(each.family),
                papers=papers,
            )
            self._sequence += 1
        return found

    def _placed(self, entry: _Entry) -> tuple[Held, ...]:
        return tuple(held for held in entry.documents.values() if held.status != ABSENT)

    def find(self, order_id: str, account: str = "sandbox") -> Held | None:
        """The document of that id, or of that sequence when *order_id* is ``seq100001``."""
        return self._by_id.get((account, order_id))

    def group(self, group: str, account: str = "sandbox") -> tuple[Held, ...]:
        """The documents of a group that have been placed, in the order of placement."""
        return tuple(self._by_group.get((account, group), ()))

    def orders(self, account: str = "sandbox") -> tuple[Held, ...]:
        """All documents that have been placed, newest first."""
        return tuple(
            self._by_id[account, order_id]
            for _, order_id in reversed(self._by_date.get(account, ()))
        )

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
        result = self._attempt(held, event, data, actor)
        if isinstance(result, Refused):
            return result
        own = held.sale.events[result.seq - 1 :]
        steps = [each.event for each in own if each.participant == held.participant]
        self._tell(entry)
        self._move_on(entry)
        return next((step for step in steps if step.event == event), result.event)

    def _entry(self, held: Held) -> _Entry:
        entry = self._entry_of.get(held.group)
        if entry is None or entry.sale is not held.sale:
            raise ValueError(
                f"order {held.order_id} is not in this store (any more); place another"
            )
        return entry

    def _catch_up(self, entry: _Entry) -> None:
        """Bring the sale to the present; nothing was due in between."""
        entry.sale.advance(self.now - entry.sale.now)

    def _attempt(
        self, held: Held, event: str, data: Mapping[str, object], actor: str | None
    ) -> DealEvent | Refused:
        sale, names = held.sale, [held.participant]
        if sale.deal.instant:
            names += [each.name for each in sale.deal.lower(held.participant)]
        for name in names:
            if event in sale.accepts(name):
                result = sale.attempt(name, event, data, actor=actor)
                if not isinstance(result, Refused):
                    return result
        return sale.attempt(held.participant, event, data, actor=actor)

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
        while self._due and self._due[0][0] <= until:
            if pause():
                return
            at, number = heapq.heappop(self._due)
            if number > _ALARMS:
                self.now = max(at, self.now)
                self._alarms.pop(number)()
                continue
            entry = self._entries[number]
            if entry.due == at:  # else it is due at another time by now
                self.now = at
                self._catch_up(entry)
                self._tell(entry)
                self._move_on(entry)
        if not pause():
            self.now = until

    def _move_on(self, entry: _Entry) -> None:
        """Let the platform take the sale as far as it goes by itself, and see when it goes on."""
        sale = entry.sale
        for _ in range(_MOST_ROUNDS):
            for _ in entry.ways.course.moves(sale):
                self._tell(entry)
            entry.due = sale.next_due()
            if entry.due is None or entry.due > self.now:
                self._remind(entry)
                return
            self._catch_up(entry)  # news that had to wait, and no longer has to
            self._tell(entry)
        raise EndlessNewsError(sale.deal.name, sale.events[-1].event.event)

    def _remind(self, entry: _Entry) -> None:
        if entry.due is not None:
            heapq.heappush(self._due, (entry.due, entry.number))

    def _tell(self, entry: _Entry) -> None:
        """Tell the listeners what has happened to the documents of a sale since the last time."""
        while entry.told < len(entry.sale.events):
            happened = entry.sale.events[entry.told]
            entry.told += 1
            held = entry.documents.get(happened.participant)
            if held is None:
                continue
            if happened.event.source == ABSENT:
                self._show(held, happened.event.at)
            change = Change(held, happened.event)
            for heard in self._listeners:
                heard(change)

    def _show(self, held: Held, at: int) -> None:
        """Let a document that has just been placed be found."""
        account = held.account
        self._by_id[account, held.order_id] = held
        self._by_id[account, f"seq{held.sequence}"] = held
        self._by_group.setdefault((account, held.group), []).append(held)
        insort(self._by_date.setdefault(account, []), (at, held.order_id))


def _sample(began: int) -> tuple[Item, ...]:
    return tuple(replace(item, estimate=began + _DELIVERY) for item in SAMPLE_ITEMS)
