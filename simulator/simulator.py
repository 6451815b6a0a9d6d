"""One order moving through one flow on a virtual clock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import NamedTuple

from orderflow.flows.model import Flow
from orderflow.flows.settings import Settings, defaults
from orderflow.simulator.clock import START, Clock
from orderflow.simulator.effects import Taken, commit
from orderflow.simulator.errors import EndlessTimersError, RefusedEventError
from orderflow.simulator.events import Event
from orderflow.simulator.guards import facts_used
from orderflow.simulator.inputs import draft
from orderflow.simulator.machine import Plan, compile_plan
from orderflow.simulator.order import Item, Order
from orderflow.simulator.refusal import Asked, reason_of

Tamper = Callable[[Order, Order, Taken], Order]
"""Makes a faulty document of the one before a step, the one after it, and the step."""

_NOTHING: Mapping[str, object] = {}

MOST_TIMERS = 2_000
"""Timers that may fire in one advance; no real order waits for so many."""

SAMPLE_ITEMS = (Item("item-1", 1, 10_000),)
"""What an order holds when nobody says otherwise: one item of 100.00."""


class Refused(NamedTuple):
    """An event the simulator did not take; the order is as it was.

    Attributes:
        event: Event name.
        status: Status the order stayed in.
        why: The reason, or all that decided, from which :attr:`reason` is told when asked for.
    """

    event: str
    status: str
    why: str | Asked

    @property
    def reason(self) -> str:
        """Why it was refused, one clause."""
        return self.why if isinstance(self.why, str) else reason_of(self.why)


class Chosen(NamedTuple):
    """A step that an order can take now.

    Attributes:
        taken: The step, with its actor and what comes with it.
        drafted: The document the guards judged, with the event's data in it.
    """

    taken: Taken
    drafted: Order


def choose(
    plan: Plan,
    order: Order,
    event: str,
    data: Mapping[str, object],
    now: int,
    actor: str | None = None,
) -> Chosen | Refused:
    """Find the step that *event* would take *order* through at the time *now*; take none.

    Raises:
        EventDataError: The data makes no sense.
    """
    if (order.status, event) not in plan.branches:
        return Refused(event, order.status, Asked(plan, order, order, event, now, actor))
    drafted = draft(order, event, data, now)
    branch = plan.find(order, drafted, event, now, actor)
    if branch is None:
        return Refused(event, order.status, Asked(plan, order, drafted, event, now, actor))
    return Chosen(Taken(branch.step, actor or branch.step.actors[0], now, data), drafted)


def committed(order: Order, chosen: Chosen, tamper: Tamper | None = None) -> Order:
    """The document after the step that was chosen for *order*, *tamper* included."""
    after = commit(chosen.drafted, chosen.taken)
    return after if tamper is None else tamper(order, after, chosen.taken)


def timer_data(event: str) -> Mapping[str, object]:
    """What comes with *event* when a timer fires it."""
    # The only time limit at creation is that of the gateway's callback (timer T-05).
    return {"cause": "callback"} if event == "create_error" else _NOTHING


def new_order(
    flow: Flow, order_id: str, items: tuple[Item, ...] = SAMPLE_ITEMS, **more: object
) -> Order:
    """Return an order that has not been placed, worth the sum of its *items*.

    Raises:
        ValueError: There is no item, or the order is worth nothing.
    """
    value = sum(item.quantity * item.price for item in items)
    if value < 1:
        raise ValueError("an order needs at least one item and a value of at least one cent")
    settles = any("settlement" in facts_used(step.when) for step in flow.transitions)
    order = Order(
        order_id, flow.name, items=items, totals=(("Items", value),), value=value, settles=settles
    )
    return order._replace(**more) if more else order  # type: ignore[arg-type]  # caller's names


def digest(order: Order) -> str:
    """16 hexadecimal digits that two equal documents share."""
    return hashlib.blake2b(repr(order).encode(), digest_size=8).hexdigest()


class Simulator:
    """Runs one order through *flow* and remembers every step.

    Args:
        flow: One profile of a flow (see :meth:`orderflow.flows.model.Flow.view`).
        settings: Where the timers find their length; the defaults when None.
        order: The order before placement; a sample order when None.
        now: Virtual time at the start, in ms.
        plan: A plan compiled before, to save compiling it for every order.
        tamper: Changes the document after every step; None for a sound system.

    Attributes:
        order: The order document as it stands; each step puts a new one here.
        events: The history so far, oldest first, without digests; see :meth:`history`.
        documents: The document after each event, parallel to ``events``.
        drafted: The document the guards judged last, with the event's data in it.

    >>> from orderflow.flows.loader import bundled
    >>> simulator = Simulator(bundled("seller").view())
    >>> simulator.fire("place_order").target
    'order-accepted'
    """

    __slots__ = (
        "_armed",
        "clock",
        "documents",
        "drafted",
        "events",
        "flow",
        "order",
        "plan",
        "tamper",
    )

    def __init__(
        self,
        flow: Flow,
        *,
        settings: Settings | None = None,
        order: Order | None = None,
        now: int = START,
        plan: Plan | None = None,
        tamper: Tamper | None = None,
    ) -> None:
        self.flow = flow
        self.tamper = tamper
        self.plan = plan or compile_plan(flow, settings or defaults())
        self.order = order or new_order(flow, "order-1")
        self.drafted = self.order
        self.clock: Clock[str] = Clock(now)
        self.events: list[Event] = []
        self.documents: list[Order] = []
        self._armed: list[int] = []

    @property
    def status(self) -> str:
        """Status the order stands in; ``(none)`` before placement."""
        return self.order.status

    @property
    def now(self) -> int:
        """Virtual time in ms."""
        return self.clock.now

    def accepts(self) -> tuple[str, ...]:
        """Events that some transition out of the current status takes, sorted.

        Whether one of them goes through still depends on its guards and its data.
        """
        return self.plan.events_from.get(self.order.status, ())

    def fire(self, event: str, *, actor: str | None = None, **data: object) -> Event:
        """Let *event* happen now.

        Args:
            event: Event name.
            actor: Who fires it; the most usual actor of the transition when None.
            **data: What comes with it, see :mod:`orderflow.simulator.inputs`.

        Raises:
            RefusedEventError: The flow does not allow it here; nothing has changed.
            EventDataError: The data makes no sense; nothing has changed.
        """
        result = self.attempt(event, data, actor=actor)
        if isinstance(result, Refused):
            allowed = tuple(other for other in self.accepts() if self._may_come(other, event))
            raise RefusedEventError(event, self.order.status, allowed, result.reason)
        return result

    def _may_come(self, other: str, refused: str) -> bool:
        """Whether *other* could go through now, as far as its timer and *refused* tell."""
        branches = self.plan.branches[self.order.status, other]
        opens = min(self.order.entered_at + (branch.wait or 0) for branch in branches)
        return other != refused and self.clock.now >= opens

    def attempt(
        self,
        event: str,
        data: Mapping[str, object] = _NOTHING,
        *,
        actor: str | None = None,
        cause: str = "call",
    ) -> Event | Refused:
        """Do as :meth:`fire`, with a refusal as a value.

        Raises:
            EventDataError: The data makes no sense; nothing has changed.
        """
        chosen = choose(self.plan, self.order, event, data, self.clock.now, actor)
        if isinstance(chosen, Refused):
            if isinstance(chosen.why, Asked):
                self.drafted = chosen.why.drafted
            return chosen
        return self.take(chosen, cause)

    def take(self, chosen: Chosen, cause: str = "call", after: Order | None = None) -> Event:
        """Take the step that was chosen for the order as it stands.

        Args:
            chosen: The step.
            cause: What makes it happen.
            after: What it makes of the document, where that is known: :func:`committed`.
        """
        (step, actor, now, data, _), self.drafted = chosen
        self.order = after or committed(self.order, chosen, self.tamper)
        happened = Event(
            len(self.events) + 1,
            now,
            self.order.order_id,
            self.flow.name,
            step.source,
            step.event,
            step.target,
            actor,
            step.id,
            cause,
            tuple(sorted(data.items())) if data else (),
        )
        self.events.append(happened)
        self.documents.append(self.order)
        if step.target != step.source:
            self._rearm(step.target)
        return happened

    def _rearm(self, status: str) -> None:
        """Drop the timers of the status left and start those of the status entered."""
        clock = self.clock
        for number in self._armed:
            clock.cancel(number)
        self._armed.clear()
        for wait, event in self.plan.alarms.get(status, ()):
            self._armed.append(clock.schedule(clock.now + wait, event))

    def advance(self, duration: int) -> tuple[Event, ...]:
        """Let *duration* ms pass, firing every timer that is over by then, in order.

        Returns:
            What happened, oldest first.

        Raises:
            ValueError: *duration* is negative.
            EndlessTimersError: Timers set each other off for ever.
        """
        if duration < 0:
            raise ValueError(f"time does not run backwards: {duration} ms")
        until = self.clock.now + duration
        fired: list[Event] = []
        while (due := self.clock.pop(until)) is not None:
            happened = self._timer(due.what)
            if happened is None:
                continue
            fired.append(happened)
            if len(fired) > MOST_TIMERS:
                raise EndlessTimersError(self.flow.name, due.what, self.order.status)
        self.clock.move_to(until)
        return tuple(fired)

    def advance_to_next(self) -> tuple[Event, ...]:
        """Let time pass until the next timer is over; () and no time when none runs."""
        due = self.clock.next_due()
        return () if due is None else self.advance(due.at - self.clock.now)

    def _timer(self, event: str) -> Event | None:
        result = self.attempt(event, timer_data(event), actor="timer", cause="timer")
        return None if isinstance(result, Refused) else result

    def history(self) -> tuple[Event, ...]:
        """The history so far, each event with the digest of the document after it."""
        return tuple(
            event._replace(digest=digest(document))
            for event, document in zip(self.events, self.documents, strict=True)
        )
