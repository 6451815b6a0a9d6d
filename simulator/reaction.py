"""What a step would bring, and what a message means to the one that hears it; nothing is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from orderflow.flows.deal import RELAYED, SAME, Deal, Hearing, Need, Participant, Told
from orderflow.flows.model import Transition
from orderflow.simulator.choices import NONE, name_of, realise
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.inputs import OUTPUT_EVENTS
from orderflow.simulator.machine import Plan
from orderflow.simulator.message import Effect, Message
from orderflow.simulator.order import Invoice, Order
from orderflow.simulator.simulator import Chosen, Refused, Tamper, choose, committed

_INVOICING = OUTPUT_EVENTS | {"add_return_invoice"}


class Move(NamedTuple):
    """A step of a document that could be taken now.

    Attributes:
        before: The document as it is.
        chosen: The step.
        choice: Name of the data it comes with.
        after: The document as it will be.
        step: The transition, which *chosen* names, too.
    """

    before: Order
    chosen: Chosen
    choice: str
    after: Order
    step: Transition

    @property
    def data(self) -> Mapping[str, object]:
        """What the event comes with."""
        return self.chosen.taken.data

    @property
    def wanted_by(self) -> str:
        """Who wants the cancellation that the step is about, empty when it is about none."""
        asked = self.after.open_request
        if asked is not None:
            return asked.by
        return self.chosen.taken.asker if self.step.target == "cancel" else ""

    @property
    def invoice(self) -> Invoice | None:
        """The sale's invoice that the step verifies, or the return's that it adds."""
        old = {each.number for each in self.before.invoices if each.accepted}
        for each in reversed(self.after.outputs):
            if each.accepted and each.number not in old:
                return each
        if len(self.after.inputs) > len(self.before.inputs):
            return self.after.inputs[-1]
        return None


def move_of(order: Order, chosen: Chosen, tamper: Tamper | None = None) -> Move:
    """What taking the step that was chosen for *order* brings, *tamper* included."""
    taken = chosen.taken
    choice = choice_of(taken.transition.event, taken.data, order)
    return Move(order, chosen, choice, committed(order, chosen, tamper), taken.transition)


def choice_of(event: str, data: Mapping[str, object], order: Order) -> str:
    """Name of the *data* that comes with *event*, empty for none that has a name.

    >>> choice_of("notify_seller", {"seller": "past-window"}, Order("order-1", "chain"))
    'past'
    """
    if not data:
        return NONE
    if event == "modify_order":
        return _amount(data.get("delta"), 0, ("less", NONE, "more"))
    if event in _INVOICING and "value" in data:
        returns = event == "add_return_invoice"
        left = order.invoiced - order.returned if returns else order.value - order.invoiced
        return _amount(data["value"], left, ("part", "rest", "over"))
    return name_of(event, data, order)


def _amount(given: object, limit: int, names: tuple[str, str, str]) -> str:
    """The name of an amount below, at or above *limit*."""
    if not isinstance(given, int):
        return NONE
    return names[(given >= limit) + (given > limit)]


class Hearer(NamedTuple):
    """One that a message arrives at.

    Attributes:
        deal: The sale.
        participant: Who it is.
        plan: Its compiled flow.
        order: Its document.
        now: Virtual time in ms.
        another: Somebody waits who could handle the order instead of the one that does.
        tamper: What changes its document after every step, None for a sound system.
    """

    deal: Deal
    participant: Participant
    plan: Plan
    order: Order
    now: int
    another: bool
    tamper: Tamper | None = None


class Reaction(NamedTuple):
    """What a message would come to.

    Attributes:
        effect: In one word.
        moves: Steps the receiver would take, one after the other.
        answer: News that would go straight back, empty for none.
    """

    effect: Effect
    moves: tuple[Move, ...] = ()
    answer: str = ""


IGNORED = Reaction("ignored")


def react(hearer: Hearer, message: Message) -> Reaction | None:
    """What *message* would come to now, None when it has to wait."""
    notice = hearer.deal.notices[message.notice]
    family, status = hearer.participant.family, hearer.order.status
    if status in notice.waits.get(family, ()):
        return None
    for hearing in notice.heard.get(family, ()):
        if status in hearing.statuses and (not hearing.needs or _met(hearing.needs, hearer)):
            return (
                IGNORED if _known(hearer.order, hearing, message) else _do(hearer, hearing, message)
            )
    return IGNORED


def _met(need: Need, hearer: Hearer) -> bool:
    match need:
        case Need.ANOTHER_SELLER:
            return hearer.another


def _known(order: Order, hearing: Hearing, message: Message) -> bool:
    """Whether the receiver has the invoice, or the modification, that is relayed.

    Source: rule B-51; a repeated request for a modification has no further effect.
    """
    if message.copy and any(
        (told.event, told.choice) == ("modify_order", RELAYED) for told in hearing.do
    ):
        return True
    if not message.data or not order.invoices:
        return False
    relays = any(told.choice == RELAYED and told.event in _INVOICING for told in hearing.do)
    return relays and dict(message.data).get("number") in {each.number for each in order.invoices}


def _do(hearer: Hearer, hearing: Hearing, message: Message) -> Reaction:
    """The steps, up to the first that is refused, and what is answered to them."""
    moves: list[Move] = []
    order = hearer.order
    for told in hearing.do:
        chosen = _chosen(hearer, order, told, message)
        if chosen is None:
            break
        moves.append(move_of(order, chosen, hearer.tamper))
        order = moves[-1].after
    if hearing.do and not moves:
        return Reaction("refused", answer=hearing.refused)
    whole = len(moves) == len(hearing.do)
    return Reaction("acted", tuple(moves), hearing.answer if whole else "")


def _chosen(hearer: Hearer, order: Order, told: Told, message: Message) -> Chosen | None:
    """The step *told* of, for *order*; None when it cannot be taken."""
    event = message.event if told.event == SAME else told.event
    try:
        relayed = told.choice == RELAYED or told.event == SAME
        data = dict(message.data) if relayed else realise(event, told.choice, order)
        chosen = choose(hearer.plan, order, event, data, hearer.now)
    except (ValueError, EventDataError):
        return None
    if isinstance(chosen, Refused):
        return None
    step = chosen.taken.transition
    if not hearer.deal.takes(step):
        return None
    actor = told.actor if told.actor in step.actors else step.actors[0]
    if (actor, message.wanted_by) == (chosen.taken.actor, ""):
        return chosen
    taken = chosen.taken._replace(actor=actor, wanted_by=message.wanted_by)
    return chosen._replace(taken=taken)
