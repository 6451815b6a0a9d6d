"""A modification happens to an order: by the simulator's event, with its lines beside it."""

from __future__ import annotations

from orderflow.sandbox.changes_amendment import Amendment
from orderflow.sandbox.changes_rules import outside_seller
from orderflow.sandbox.changes_shown import MODIFIED, path_up
from orderflow.sandbox.course import Course
from orderflow.sandbox.external_seller_acts import Desk
from orderflow.sandbox.handled import bring_up, documents_to_seller
from orderflow.sandbox.held import Held
from orderflow.sandbox.service import Service
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.simulator import Refused


def leader(service: Service, held: Held) -> Held | None:
    """The document by which the order of *held* is modified, None when none takes it.

    It is that of whoever handles the order: the one who does leads, and those above hear of it.
    """
    path = documents_to_seller(service, held)
    return next((each for each in path if MODIFIED in each.sale.accepts(each.participant)), None)


def apply(service: Service, held: Held, amendment: Amendment) -> Refused | None:
    """Let a modification happen to the order of a document; None when it has happened.

    The order of a seller outside the platform changes with it: that seller is led to ``handling``
    first, as by its invoice (sandbox decision), and the marketplace's document hears of it.
    """
    seller = outside_seller(held)
    try:
        if seller:
            return service.store.work_on(held, lambda sale: _outside(sale, seller, held, amendment))
        leads = leader(service, held) or held
        happened = _inside(service, leads, amendment)
        if happened is not None and _waits_for_news(leads):
            _bring_up(service, leads)
            happened = _inside(service, leads, amendment)
        if happened is None and leads is not held:
            _bring_up(service, leads)
    except EventDataError as wrong:
        return Refused(MODIFIED, held.status, str(wrong))
    return happened


def _waits_for_news(leads: Held) -> bool:
    """Whether news of the modification before is all that is in the way."""
    taken = MODIFIED in leads.sale.accepts(leads.participant) and not leads.order.outputs
    return taken and any(each.event == MODIFIED for each in leads.sale.mailbox)


def _bring_up(service: Service, leads: Held) -> None:
    """Let the documents above hear at once what is under way to them."""
    names = {each.participant: each for each in service.store.group(leads.group, leads.account)}
    path = [names[name] for name in path_up(leads) if name in names]
    bring_up(service, tuple(reversed(path)))


def _inside(service: Service, held: Held, amendment: Amendment) -> Refused | None:
    seq = len(held.sale.events) + 1
    held.amendments[seq] = amendment  # before the step: listeners draw the document right after it
    happened = False
    try:
        result = service.fire(held, MODIFIED, {"delta": amendment.total})
        happened = not isinstance(result, Refused)
    finally:
        if not happened:
            del held.amendments[seq]
    return result if isinstance(result, Refused) else None


def _outside(sale: DealSimulator, seller: str, held: Held, amendment: Amendment) -> Refused | None:
    desk = Desk(sale, seller, Course(sale.deal))
    desk.prepare()
    happened = sale.attempt(seller, MODIFIED, {"delta": amendment.total})
    if isinstance(happened, Refused):
        return happened
    held.amendments[happened.seq] = amendment
    desk.speak()
    return None
