"""How a sale of the store begins: the simulator's documents, and what is shown of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from orderflow.flows.deal import Deal, Participant
from orderflow.flows.model import ABSENT, Flow
from orderflow.flows.settings import Settings
from orderflow.sandbox.changes_amendment import Amendment
from orderflow.sandbox.held import Held, order_ids, origin_of
from orderflow.sandbox.placed import Placed
from orderflow.sandbox.ways import Ways
from orderflow.simulator.deal import DealEvent, DealSimulator
from orderflow.simulator.order import Item, Order
from orderflow.simulator.simulator import SAMPLE_ITEMS, Refused, new_order

_DELIVERY = 4 * 86_400_000
"""Ms from the purchase to the shipping estimate of items that have none (sandbox decision)."""

NO_WAITS: frozenset[tuple[str, str]] = frozenset()


@dataclass(slots=True)
class Entry:
    """A sale of the store.

    Attributes:
        number: 0 for the first sale.
        sale: The sale.
        ways: What its deal can do, and does by itself.
        documents: What the store shows of it, by participant.
        told: How many of its steps the listeners have heard of.
        due: When to look at it next, None when nothing comes by itself.
        waits: Steps that do not happen by themselves for now.
        finished: It has been seen that it is over.
    """

    number: int
    sale: DealSimulator
    ways: Ways
    documents: dict[str, Held]
    told: int = 0
    due: int | None = None
    waits: frozenset[tuple[str, str]] = NO_WAITS
    finished: bool = False

    def forget_drafts(self) -> None:
        """Let go of what each document was before it became what it is: nobody asks for it."""
        for simulator in self.sale.simulators.values():
            simulator.documents.clear()

    @property
    def is_over(self) -> bool:
        """Whether all that was placed stands at its end."""
        return all(
            simulator.status == ABSENT or simulator.status in simulator.flow.final
            for name, simulator in self.sale.simulators.items()
            if name not in self.sale.outside
        )


@dataclass(frozen=True, slots=True)
class Opening:
    """All that a new sale is made of.

    Attributes:
        ways: What its deal can do.
        settings: Where time limits and messages find their length.
        parts: What was said of its orders, with items; a last one that is missing is as the one
            before.
        account: Account that sees its documents.
        sequence: Number of its first document.
        began: Virtual time in ms at which it begins.
    """

    ways: Ways
    settings: Settings
    parts: tuple[Placed, ...]
    account: str
    sequence: int
    began: int

    @property
    def group(self) -> str:
        """The order group."""
        return f"v{self.sequence}sbx"

    @property
    def ids(self) -> dict[str, str]:
        """Order id by participant."""
        return order_ids(self.ways.deal, self.group, self.parts[0].marketplace)


def with_items(
    parts: tuple[Placed, ...], items: tuple[Item, ...] | None, began: int
) -> tuple[Placed, ...]:
    """*parts* with *items* where there are none, or with a sample that has an estimate."""
    if items is None:
        items = tuple(replace(item, estimate=began + _DELIVERY) for item in SAMPLE_ITEMS)
    return tuple(part if part.items else replace(part, items=items) for part in parts)


def open_sale(opening: Opening) -> tuple[DealSimulator, dict[str, Held]]:
    """The sale, and the documents that are shown of it, by participant.

    Raises:
        ValueError: There is no item, or an order is worth nothing.
    """
    deal, ids = opening.ways.deal, opening.ids
    said = _said_of(deal, opening.parts)
    orders = {
        each.name: _new_order(each.flow, ids[each.name], said[each.name])
        for each in deal.participants
    }
    sale = DealSimulator(
        deal,
        settings=opening.settings,
        orders=orders,
        now=opening.began,
        plans=opening.ways.plans,
        deal_id=opening.group,
        tamper=opening.ways.tamper,
    )
    return sale, _documents(opening, sale, said)


def attempt(
    held: Held, event: str, data: Mapping[str, object], actor: str | None
) -> DealEvent | Refused:
    """Let *event* happen to a document, or to the one of its two instances that takes it.

    Raises:
        EventDataError: The data makes no sense; nothing has changed.
    """
    sale, names = held.sale, [held.participant]
    if sale.deal.instant:
        names += [each.name for each in sale.deal.lower(held.participant)]
    for name in names:
        if sale.may(name, event):
            result = sale.attempt(name, event, data, actor=actor)
            if not isinstance(result, Refused):
                return result
    return sale.attempt(held.participant, event, data, actor=actor)


def _documents(
    opening: Opening, sale: DealSimulator, said: Mapping[str, Placed]
) -> dict[str, Held]:
    """One for each participant that has a document of its own."""
    deal, ids = sale.deal, opening.ids
    shown = [each for each in deal.participants if not (deal.instant and each.below)]
    papers: dict[str, dict[str, Mapping[str, object]]] = {}
    seller_ids = {
        each.name: said[each.name].seller
        for each in shown
        if each.below and not each.joins and said[each.name].seller
    }
    seller_order_ids: dict[str, str] = {}
    amendments: dict[int, Amendment] = {}
    stuck: set[str] = set()
    return {
        each.name: Held(
            order_id=ids[each.name],
            group=sale.deal_id,
            sequence=f"{sequence:06d}",
            participant=each.name,
            sale=sale,
            account=opening.account,
            origin=origin_of(each.family),
            papers=papers.setdefault(_top(deal, each), {}),
            placed=said[each.name],
            seller_ids=seller_ids,
            seller_order_ids=seller_order_ids,
            amendments=amendments,
            stuck=stuck,
        )
        for sequence, each in enumerate(shown, start=opening.sequence)
    }


def _top(deal: Deal, who: Participant) -> str:
    """Name of the participant that has sold the order which *who* handles."""
    while who.below:
        who = deal.participant[who.below]
    return who.name


def _said_of(deal: Deal, parts: tuple[Placed, ...]) -> dict[str, Placed]:
    """By participant, what was said of the order it handles."""
    found: dict[str, Placed] = {}
    rank = 0
    for each in deal.participants:
        if each.below:
            found[each.name] = found[each.below]
        else:
            found[each.name] = parts[min(rank, len(parts) - 1)]
            rank += 1
    return found


def _new_order(flow: Flow, order_id: str, said: Placed) -> Order:
    if not said.totals:
        return new_order(flow, order_id, said.items)
    goods = said.value - sum(cents for _, cents in said.totals)
    totals = (("Items", goods), *said.totals)
    return new_order(flow, order_id, said.items, value=said.value, totals=totals)
