"""One order moving through one flow on a virtual clock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from orderflow.flows.model import ABSENT, Flow
from orderflow.flows.settings import Settings, defaults
from orderflow.simulator.clock import START, Clock
from orderflow.simulator.effects import Taken, commit
from orderflow.simulator.errors import RefusedEventError
from orderflow.simulator.events import Event
from orderflow.simulator.inputs import draft
from orderflow.simulator.machine import Branch, Plan, compile_plan
from orderflow.simulator.order import Item, Order

_NOTHING: Mapping[str, object] = {}

SAMPLE_ITEMS = (Item("item-1", 1, 10_000),)
"""What an order holds when nobody says otherwise: one item of 100.00."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An event the simulator did not take; the order is as it was.

    Attributes:
        event: Event name.
        status: Status the order stayed in.
        reason: Why, one clause.
    """

    event: str
    status: str
    reason: str


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
    order = Order(order_id, flow.name, items=items, totals=(("Items", value),), value=value)
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

    __slots__ = ("_armed", "clock", "documents", "drafted", "events", "flow", "order", "plan")

    def __init__(
        self,
        flow: Flow,
        *,
        settings: Settings | None = None,
        order: Order | None = None,
        now: int = START,
        plan: Plan | None = None,
    ) -> None:
        self.flow = flow
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
            raise RefusedEventError(event, self.order.status, self.accepts(), result.reason)
        return result

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
        before = self.order
        if (before.status, event) not in self.plan.branches:
            return Refused(event, before.status, self._why_unknown(event))
        drafted = self.drafted = draft(before, event, data, self.clock.now)
        branch = self.plan.find(before, drafted, event, self.clock.now, actor)
        if branch is None:
            return Refused(event, before.status, self._why_not(event, drafted, actor))
        return self._take(branch, drafted, actor or branch.step.actors[0], data, cause)

    def _take(
        self, branch: Branch, drafted: Order, actor: str, data: Mapping[str, object], cause: str
    ) -> Event:
        step, now = branch.step, self.clock.now
        self.order = commit(drafted, Taken(step, actor, now, data))
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
        for number in self._armed:
            self.clock.cancel(number)
        self._armed = []
        for event in self.plan.events_from.get(status, ()):
            for branch in self.plan.branches[status, event]:
                if branch.wait is not None:
                    self._armed.append(self.clock.schedule(self.clock.now + branch.wait, event))

    def advance(self, duration: int) -> tuple[Event, ...]:
        """Let *duration* ms pass, firing every timer that is over by then, in order.

        Returns:
            What happened, oldest first.

        Raises:
            ValueError: *duration* is negative.
        """
        if duration < 0:
            raise ValueError(f"time does not run backwards: {duration} ms")
        until = self.clock.now + duration
        fired = []
        while (due := self.clock.pop(until)) is not None:
            happened = self._timer(due.what)
            if happened is not None:
                fired.append(happened)
        self.clock.move_to(until)
        return tuple(fired)

    def advance_to_next(self) -> tuple[Event, ...]:
        """Let time pass until the next timer is over; () and no time when none runs."""
        due = self.clock.next_due()
        return () if due is None else self.advance(due.at - self.clock.now)

    def _timer(self, event: str) -> Event | None:
        # The only time limit at creation is that of the gateway's callback (timer T-05).
        data = {"cause": "callback"} if event == "create_error" else _NOTHING
        result = self.attempt(event, data, actor="timer", cause="timer")
        return None if isinstance(result, Refused) else result

    def history(self) -> tuple[Event, ...]:
        """The history so far, each event with the digest of the document after it."""
        return tuple(
            replace(event, digest=digest(document))
            for event, document in zip(self.events, self.documents, strict=True)
        )

    def _why_unknown(self, event: str) -> str:
        for refusal in self.flow.refusals:
            if refusal.event == event:
                return f"never accepted in this flow ({refusal.code or refusal.row})"
        if event not in self.flow.events:
            return f"the {self.flow.name} flow has no such event"
        if self.order.status == ABSENT:
            return "the order has not been placed"
        return "no transition takes it there"

    def _why_not(self, event: str, drafted: Order, actor: str | None) -> str:
        reasons = []
        for branch in self.plan.branches[self.order.status, event]:
            opens = self.order.entered_at + (branch.wait or 0)
            if self.clock.now < opens:
                reasons.append(f"its time is over only in {(opens - self.clock.now) // 1000} s")
                continue
            failed = [
                n for n, g in zip(branch.step.when, branch.guards, strict=False) if not g(drafted)
            ]
            if failed:
                reasons.append(f"{branch.step.row} needs {' and '.join(failed)}")
            elif branch.step.held and not branch.guards[-1](drafted):
                reasons.append(f"{branch.step.row} needs a request made in {branch.step.held}")
            elif actor is not None and actor not in branch.step.actors:
                reasons.append(f"{branch.step.row} is for {' or '.join(branch.step.actors)}")
        return "; ".join(dict.fromkeys(reasons)) or "no transition takes it there"
