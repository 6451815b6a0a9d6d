"""What a sale does by itself when nothing disturbs it: the platform moves it on.

A step belongs to that course when its flow calls it automatic, the platform or the checkout takes
it, and it is no sign of trouble; the check of an invoice belongs to it whoever the flow says looks
at it. Where such a step brings an answer, it is the good one (sandbox decision): the stock
is reserved, the money settled. An order that somebody has given the bad answer waits for somebody
to give it the good one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from orderflow.flows.deal import Deal, Participant
from orderflow.flows.model import Transition
from orderflow.simulator.deal import DealEvent, DealSimulator, EndlessNewsError
from orderflow.simulator.order import Order
from orderflow.simulator.simulator import Chosen, Refused, choose

_BY_ITSELF = frozenset({"platform", "checkout"})
_INVOICE_CHECK = frozenset({"add_invoice_full", "add_invoice_partial"})
TROUBLE = frozenset({"create_error", "cancel_order", "price_divergence"})
"""Events that the platform fires by itself only when something has gone wrong."""

_ANSWERS: Mapping[str, Mapping[str, object]] = {
    "confirm_reservation": {"stock": "reserved"},
    "add_invoice_full": {"settlement": "settled"},
}
_NOTHING: Mapping[str, object] = {}
ALL = "*"
"""Stands for every event of a participant."""

Waits = Collection[tuple[str, str]]
"""(participant, event) of steps that do not happen by themselves for now."""

_MOST_STEPS = 1_000
"""Steps a sale may take by itself at one moment; no real sale comes near."""


class Course:
    """The steps that sales of one deal take by themselves.

    Args:
        deal: One profile of a deal.
    """

    def __init__(self, deal: Deal) -> None:
        self._events = {each.name: _events(deal, each) for each in deal.participants}

    def moves(self, sale: DealSimulator, waits: Waits = ()) -> Iterator[DealEvent]:
        """Take one step after the other until the sale waits for somebody; each as it happens.

        Whoever stops listening leaves the sale where it is.

        Args:
            sale: The sale.
            waits: Steps to leave alone, :data:`ALL` for those of somebody who acts for himself.

        Raises:
            EndlessNewsError: The flows send the sale round in circles.
        """
        for _ in range(_MOST_STEPS):
            happened = self.move(sale, waits)
            if happened is None:
                return
            yield happened
        raise EndlessNewsError(sale.deal.name, sale.events[-1].event.event)

    def follow(self, sale: DealSimulator, name: str) -> None:
        """Take the steps of one that is left alone, as far as they follow from what it did.

        Raises:
            EndlessNewsError: Its flow sends it round in circles.
        """
        others = frozenset((each, ALL) for each in sale.simulators if each != name)
        for _ in self.moves(sale, others):
            pass

    def move(self, sale: DealSimulator, waits: Waits = ()) -> DealEvent | None:
        """Take the next step, None when the sale waits for somebody."""
        for name, event, chosen in self._possible(sale):
            if waits and ((name, event) in waits or (name, ALL) in waits):
                continue
            result = sale.take(name, chosen)
            if not isinstance(result, Refused):
                return result
        return None

    def would_move(self, sale: DealSimulator) -> bool:
        """Whether the flows allow a next step; there may still be no room for its news."""
        return next(self._possible(sale), None) is not None

    def _possible(self, sale: DealSimulator) -> Iterator[tuple[str, str, Chosen]]:
        """(participant, event, step) of the steps that the flows allow now, in order."""
        now = sale.now
        for name, simulator in sale.simulators.items():
            order = simulator.order
            for event in self._events[name].get(order.status, ()):
                data = _ANSWERS.get(event, _NOTHING)
                if data and _answered_badly(order, event):
                    continue
                chosen = choose(simulator.plan, order, event, data, now)
                if not isinstance(chosen, Refused):
                    yield name, event, chosen


def _events(deal: Deal, who: Participant) -> dict[str, tuple[str, ...]]:
    """By status, the events of the course that can come there, in the order of the flow."""
    found: dict[str, tuple[str, ...]] = {}
    for step in who.flow.transitions:
        if _by_itself(step) and deal.takes(step) and not deal.is_told(who, step):
            known = found.get(step.source, ())
            found[step.source] = known if step.event in known else (*known, step.event)
    return found


def _by_itself(step: Transition) -> bool:
    if not step.automatic or step.creates or step.event in TROUBLE:
        return False
    if step.source == step.target:  # it would be taken again and again
        return False
    return step.event in _INVOICE_CHECK or bool(_BY_ITSELF & set(step.actors))


def _answered_badly(order: Order, event: str) -> bool:
    if event == "confirm_reservation":
        return order.stock == "gone"
    return event == "add_invoice_full" and order.settlement == "refused"
