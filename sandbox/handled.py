"""Who handles an order that a marketplace has sold, and how news of it comes up at once.

What is sent about a marketplace's order, or that of one in between, is about what its seller does:
it happens to the seller's document, and the documents above hear of it while the call is answered.
Source: domain fact sheet "HTTP surface", section 4 (an invoice is taken in `payment-approved` of a
marketplace's order).
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from orderflow.sandbox.external_seller import ExternalSellers
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.simulator.deal import DealSimulator

_MOST_NEWS = 100
"""Messages that may have to arrive before the one that is waited for; no real sale comes near."""


def documents_to_seller(service: Service, held: Held) -> tuple[Held, ...]:
    """The document, the one below it and so on, down to that of whoever handles the order.

    Only the document itself when nobody below has one.
    """
    if held.sale.deal.instant:
        return (held,)
    found = [held]
    documents = {each.participant: each for each in service.store.group(held.group, held.account)}
    while True:
        name = held.sale.current(found[-1].participant)
        below = documents.get(name) or service.part(ExternalSellers).document(found[-1])
        if below is None or below in found:
            break
        found.append(below)
    return tuple(found)


def bring_up(service: Service, documents: tuple[Held, ...]) -> None:
    """Let the news that is under way between *documents* arrive, from the lowest one upwards."""
    for above, below in reversed(tuple(pairwise(documents))):
        arrives = partial(_arrives, channel=(below.participant, above.participant))
        for _ in range(_MOST_NEWS):
            if not service.store.work_on(above, arrives):
                break


def _arrives(sale: DealSimulator, channel: tuple[str, str]) -> bool:
    """Let the next message of *channel* arrive; false when there is none that could."""
    if channel not in sale.open_channels():
        return False
    sale.deliver(*channel)
    return True
