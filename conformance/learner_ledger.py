"""The tester's own books of the order that is asked about, to know what can be sent.

A choice such as ``verify_invoice:rest`` becomes an amount here. As long as the system does what
the flow says, the books are those of a sound order. Where it does something else they follow the
system: what it took is entered, and the status is the one it shows. So the same word always comes
with the same data, whatever the system is like.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from orderflow.conformance.drive import Start
from orderflow.conformance.learned import Letter
from orderflow.conformance.subjects.subject import ADVANCE, Answer, Call, Outcome
from orderflow.flows.model import Transition
from orderflow.simulator.choices import NONE, choices, realise
from orderflow.simulator.clock import START
from orderflow.simulator.effects import Taken, commit
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.inputs import draft
from orderflow.simulator.machine import Branch, Plan
from orderflow.simulator.order import Order
from orderflow.simulator.scenario import EARLY
from orderflow.simulator.simulator import new_order, timer_data


class Books(NamedTuple):
    """One order as the tester knows it.

    Attributes:
        order: Its document.
        now: Virtual time in ms.
    """

    order: Order
    now: int = START


class Ledger:
    """Keeps books by one flow.

    Args:
        plan: The compiled flow.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def opened(self, start: Start) -> Books:
        """The books of an order that is not placed."""
        order = new_order(self.plan.flow, "order-1", start.items, replaceable=start.replaceable)
        return Books(order)

    def call(self, books: Books, letter: Letter) -> Call | None:
        """What an input asks of the system now, with the status that the flow leads to.

        None when there is no such data for this order.
        """
        (event, choice), (order, now) = letter, books
        known = choices(event, order)
        if choice == EARLY:
            if not self._is_early(books, event):
                return None
            choice = NONE if NONE in known else known[0]
        elif choice not in known:
            return None
        data = realise(event, choice, order)
        wait = None if letter[1] == EARLY else self._wait(books, event, data)
        branch = self._branch(books, event, data, now + (wait or 0))
        leads_to = order.status if branch is None else branch.step.target
        if wait is None:
            return Call(event, data, leads_to=leads_to)
        return Call(ADVANCE, wait=wait, leads_to=leads_to)

    def _is_early(self, books: Books, event: str) -> bool:
        """Whether a timer, which is not over, alone fires *event* here."""
        order = books.order
        found = self.plan.branches.get((order.status, event), ())
        return bool(found) and all(
            each.wait is not None and books.now < order.entered_at + each.wait for each in found
        )

    def _wait(self, books: Books, event: str, data: Mapping[str, object]) -> int | None:
        """Ms until a timer fires *event*, None when it is not a timer that takes it."""
        order, now = books
        found = self.plan.branches.get((order.status, event), ())
        waits = sorted({each.wait for each in found if each.wait is not None})
        for at in (now, *(max(now, order.entered_at + wait) for wait in waits)):
            branch = self._branch(books, event, data, at)
            if branch is not None:
                return None if branch.wait is None else at - now
        return None

    def _branch(
        self, books: Books, event: str, data: Mapping[str, object], at: int
    ) -> Branch | None:
        """The step that *event* takes at the time *at*, None when the flow refuses it."""
        try:
            drafted = draft(books.order, event, data, at)
        except EventDataError:
            return None
        return self.plan.find(books.order, drafted, event, at)

    def after(self, books: Books, letter: Letter, call: Call, answer: Answer) -> Books:
        """The books after *answer* to *call*, which *letter* asked for."""
        order, now = books.order, books.now + call.wait
        stayed = answer.status == order.status
        waited = call.event == ADVANCE
        if (waited or answer.outcome is Outcome.REFUSED) and stayed:
            return Books(order, now)
        if answer.outcome is Outcome.REFUSED:
            return Books(order._replace(status=answer.status, entered_at=now), now)
        event = letter[0]
        data = timer_data(event) if waited else call.data
        return Books(self._entered(Books(order, now), event, data, answer.status), now)

    def _entered(self, books: Books, event: str, data: Mapping[str, object], status: str) -> Order:
        """The document after a system took *event* and shows *status*."""
        order, now = books
        try:
            drafted = draft(order, event, data, now)
        except EventDataError:
            drafted = order
        branch = self.plan.find(order, drafted, event, now)
        step = None if branch is None or branch.step.target != status else branch.step
        if step is None:  # not what the flow does: a step of the system's own
            step = Transition("", "", order.status, event, status)
        return commit(drafted, Taken(step, step.actors[0], now, data))
