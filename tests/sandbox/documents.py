"""Documents of sales that went through acts as one types them, as the store would keep them."""

from __future__ import annotations

from orderflow.sandbox.held import Held, order_ids, origin_of
from orderflow.simulator.clock import START
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.order import Item
from tests.simulator.sales import deal_of, go, plans_of

HOST = "127.0.0.1:8080"
DAY = 86_400_000
ITEMS = (
    Item("101", 2, 1_990, estimate=START + 4 * DAY),
    Item("102", 1, 3_000, "pickup-in-point", START + 2 * DAY),
)
VALUE = 6_980


def sale_of(
    name: str = "complete", acts: str = "", items: tuple[Item, ...] = ITEMS
) -> DealSimulator:
    """A sale of *items* that went through *acts*."""
    return go(DealSimulator(deal_of(name), items=items, plans=plans_of(name)), acts)


def held(sale: DealSimulator, participant: str = "main") -> Held:
    """The document of *participant*, called as the store would call it."""
    return Held(
        order_id=order_ids(sale.deal, "v100001sbx")[participant],
        group="v100001sbx",
        sequence="100001",
        participant=participant,
        sale=sale,
        account="sandbox",
        origin=origin_of(sale.deal.participant[participant].flow.family),
    )


def placed(sale: DealSimulator) -> tuple[Held, ...]:
    """The documents of *sale* that the store shows."""
    return tuple(
        held(sale, each.name)
        for each in sale.deal.participants
        if sale.simulators[each.name].events and not (sale.deal.instant and each.below)
    )


def steps_of(acts: str) -> list[str]:
    """Every beginning of *acts* that is not empty."""
    words = acts.split()
    return [" ".join(words[: place + 1]) for place in range(len(words))]
