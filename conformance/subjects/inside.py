"""The simulator as a subject: what a system does that follows a flow to the letter."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from orderflow.conformance.drive import Start
from orderflow.conformance.observe import timeline_of
from orderflow.conformance.subjects.subject import ADVANCE, LOOK, Answer, Call, Outcome
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.machine import Plan
from orderflow.simulator.order import Order
from orderflow.simulator.simulator import Refused, Simulator, Tamper, new_order

Shows = Callable[[Order, int, Sequence[str]], str]
"""Trigger shown for a document, at a virtual time in ms, with the statuses it has been in."""


def trigger_of(order: Order, now: int, statuses: Sequence[str]) -> str:
    """Trigger of the stage an order is in; empty while it has none or when it is over."""
    stages = timeline_of(order, now, statuses).stages
    return next((each.trigger for each in reversed(stages) if each.slot != "todo"), "")


class Inside:
    """A :class:`~orderflow.conformance.subjects.subject.Subject` in this process.

    Args:
        plan: The compiled flow it follows; a plan that differs from the flow is a faulty system.
        tamper: Changes the document after every step; None for a sound system.
        shows: How the stages are read off a document; None for a system that shows none.

    Attributes:
        simulator: Holds the order.
    """

    def __init__(
        self, plan: Plan, *, tamper: Tamper | None = None, shows: Shows | None = trigger_of
    ) -> None:
        self.plan, self.tamper, self.shows = plan, tamper, shows
        self.begin(Start())

    def begin(self, start: Start) -> Answer:
        """Prepare another order."""
        order = new_order(self.plan.flow, "order-1", start.items, replaceable=start.replaceable)
        self.simulator = Simulator(self.plan.flow, order=order, plan=self.plan, tamper=self.tamper)
        return self._answer(Outcome.ACCEPTED)

    def fire(self, call: Call) -> Answer:
        """Let something happen."""
        if call.event == LOOK:
            return self._answer(Outcome.ACCEPTED)
        if call.event == ADVANCE:
            self.simulator.advance(call.wait)
            return self._answer(Outcome.ACCEPTED)
        try:
            result = self.simulator.attempt(call.event, call.data)
        except EventDataError as error:
            return self._answer(Outcome.REFUSED, str(error))
        if isinstance(result, Refused):
            return self._answer(Outcome.REFUSED, result.reason)
        return self._answer(Outcome.ACCEPTED)

    def _answer(self, outcome: Outcome, told: str = "") -> Answer:
        simulator = self.simulator
        if self.shows is None:
            return Answer(outcome, simulator.status, told)
        statuses = [event.target for event in simulator.events]
        trigger = self.shows(simulator.order, simulator.now, statuses) if statuses else ""
        return Answer(outcome, simulator.status, told, trigger)
