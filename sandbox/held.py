"""One document of a simulated sale under the names of the vendor's world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from orderflow.flows.deal import Deal
from orderflow.flows.model import Flow
from orderflow.sandbox.changes_amendment import Amendment
from orderflow.sandbox.placed import UNSAID, Marketplace, Placed
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.events import Event
from orderflow.simulator.order import Order

_ORIGINS = {"seller": "Fulfillment", "chain": "Chain"}
"""``origin`` of a document by its flow; the others are the marketplace's, a complete order too."""

_LET_GO = "authorize-fulfillment"


@dataclass(slots=True)
class Held:
    """One document of a sale, as the store keeps it.

    Attributes:
        order_id: ``v100001sbx-01``; ``-02`` for the second order of a group; ``00-`` before the id
            of the order above for one below it, ``01-`` for one that takes over from it (ids of
            the documented form; which document gets which is a sandbox decision). An order of a
            marketplace outside the platform has the id that its placement says.
        group: Order group, shared by all documents of one checkout.
        sequence: Six digits.
        participant: Name in the deal.
        sale: Of which it is a part; its own clock may lag behind that of the store.
        account: Account that sees it.
        origin: ``Marketplace``, ``Fulfillment`` or ``Chain``.
        papers: By invoice number, what came with an invoice and the simulator has no use for;
            one object for all documents of an order, from its marketplace to its seller.
        placed: What was said of the order when it was placed.
        seller_ids: By participant, the id of a seller that has another one than the participant's
            name; one object for all documents of a sale.
        seller_order_ids: By participant, what a seller outside the platform calls the order; one
            object for all documents of a sale.
        amendments: By number of the sale's step, what came with a modification; one object for all
            documents of a sale.
        stuck: Participants whose workflow is blocked by an error; one object for all documents of
            a sale.
    """

    order_id: str
    group: str
    sequence: str
    participant: str
    sale: DealSimulator
    account: str
    origin: str
    papers: dict[str, Mapping[str, object]] = field(default_factory=dict)
    placed: Placed = UNSAID
    seller_ids: dict[str, str] = field(default_factory=dict)
    seller_order_ids: dict[str, str] = field(default_factory=dict)
    amendments: dict[int, Amendment] = field(default_factory=dict)
    stuck: set[str] = field(default_factory=set)

    @property
    def order(self) -> Order:
        """The document as it stands."""
        return self.sale.simulators[self.participant].order

    @property
    def status(self) -> str:
        """Where it stands."""
        return self.order.status

    @property
    def flow(self) -> Flow:
        """The flow it moves through."""
        return self.sale.simulators[self.participant].flow

    @property
    def events(self) -> tuple[Event, ...]:
        """Its steps, oldest first."""
        return tuple(self.sale.simulators[self.participant].events)

    @property
    def authorized_at(self) -> int | None:
        """``authorizedDate`` in ms, None before: when it was paid; a seller's, when it was let go.

        Published samples of sellers' orders have a date; that it is this one is a sandbox decision.
        """
        order = self.order
        if order.authorized_at is not None or self.origin != "Fulfillment":
            return order.authorized_at
        events = self.sale.simulators[self.participant].events
        return next((each.at for each in events if each.target == _LET_GO), None)


class Change(NamedTuple):
    """A document took a step: from ``event.source`` to ``event.target``.

    Attributes:
        held: The document, as it stands right after the step and the news that took no time.
        event: The step; it may have kept the status.
    """

    held: Held
    event: Event


def order_ids(deal: Deal, group: str, marketplace: Marketplace | None = None) -> dict[str, str]:
    """Order id of each participant of a sale; see :class:`Held` for their forms."""
    ids: dict[str, str] = {}
    rank: dict[str, int] = {}
    for each in deal.participants:
        place = rank.get(each.below, 0)
        rank[each.below] = place + 1
        if not each.below:
            outside = marketplace.seller_order_id if marketplace else ""
            ids[each.name] = outside or f"{group}-{place + 1:02d}"
        else:
            ids[each.name] = ids[each.below] if deal.instant else f"{place:02d}-{ids[each.below]}"
    return ids


def origin_of(family: str) -> str:
    """``origin`` of the documents of a family of flows.

    Source: Orders API, Get order (``origin``).
    """
    return _ORIGINS.get(family, "Marketplace")
