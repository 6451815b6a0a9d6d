"""Sales brought to where a test wants them, by acts as one types them."""

from __future__ import annotations

from functools import cache

from orderflow.flows.deal import Deal
from orderflow.flows.deal_loader import bundled_deal
from orderflow.flows.settings import Settings
from orderflow.simulator.deal import DealSimulator, deal_plans
from orderflow.simulator.deal_scenario import parse_deal_acts, play_deal
from orderflow.simulator.machine import Plan
from orderflow.simulator.message import Delivery
from orderflow.simulator.order import Item
from orderflow.simulator.simulator import Refused

NAMES = (
    "marketplace-seller",
    "marketplace-chain-seller",
    "complete",
    "split-order",
    "seller-change",
)
# From nothing to a marketplace order that waits for its payment.
PLACED = "market.place_order settle market.complete_checkout market.open_flow settle "
ASKED = "{0}.complete_checkout {0}.await_authorization settle "
HANDLED = "{0}.confirm_reservation {0}.grace_period_over {0}.start_handling {0}.begin_preparation "
BILLED = "{0}.verify_invoice:rest {0}.add_invoice_full settle "

WAITING = PLACED + ASKED.format("seller")
PAID = WAITING + "market.payment_approved settle "
WINDOW = PAID + "seller.confirm_reservation "
READY = WINDOW + "seller.grace_period_over "
HANDLING = READY + "seller.start_handling seller.begin_preparation "

HAPPY = {
    "marketplace-seller": HANDLING + BILLED.format("seller") + "market.add_invoice_full",
    "marketplace-chain-seller": PLACED
    + "chain.complete_checkout chain.open_flow settle "
    + ASKED.format("seller")
    + "market.payment_approved settle "
    + HANDLED.format("seller")
    + BILLED.format("seller")
    + "chain.add_invoice_full settle market.add_invoice_full",
    "complete": "main.place_order main.complete_checkout main.open_flow "
    + ASKED.format("fulfillment")
    + "main.payment_approved "
    + HANDLED.format("fulfillment")
    + BILLED.format("fulfillment")
    + "main.add_invoice_full",
    "split-order": "order-a.place_order settle "
    "order-a.complete_checkout order-a.open_flow order-b.complete_checkout order-b.open_flow "
    "settle "
    + ASKED.format("seller-a")
    + ASKED.format("seller-b")
    + "order-a.payment_approved settle "
    + HANDLED.format("seller-a")
    + HANDLED.format("seller-b")
    + BILLED.format("seller-a")
    + BILLED.format("seller-b")
    + "order-a.add_invoice_full order-b.add_invoice_full",
    "seller-change": WINDOW
    + "seller.seller_cancel settle seller.finish_cancel "
    + "market.change_seller settle "
    + ASKED.format("substitute")
    + HANDLED.format("substitute")
    + BILLED.format("substitute")
    + "market.add_invoice_full",
}


@cache
def deal_of(name: str) -> Deal:
    """A bundled deal as documented."""
    return bundled_deal(name).view()


@cache
def plans_of(name: str) -> dict[str, Plan]:
    return deal_plans(deal_of(name))


def sale(
    name: str = "marketplace-seller",
    acts: str = "",
    *,
    value: int = 10_000,
    settings: Settings | None = None,
) -> DealSimulator:
    """A sale that went through *acts*, none of which was refused."""
    simulator = DealSimulator(
        deal_of(name),
        items=(Item("item-1", 1, value),),
        plans=None if settings else plans_of(name),
        settings=settings,
    )
    return go(simulator, acts)


def go(simulator: DealSimulator, acts: str) -> DealSimulator:
    """Play *acts*, none of which may be refused."""
    for act in parse_deal_acts(acts) if acts.strip() else ():
        result = play_deal(simulator, act)
        assert not isinstance(result, Refused), f"{act}: {result.reason}"
    return simulator


def refusal(simulator: DealSimulator, act: str) -> str:
    """Why *act* is refused."""
    (parsed,) = parse_deal_acts(act)
    result = play_deal(simulator, parsed)
    assert isinstance(result, Refused), result
    return result.reason


def story(simulator: DealSimulator, name: str) -> tuple[str, ...]:
    """Statuses that the document of *name* went through."""
    events = [each.event for each in simulator.events if each.participant == name]
    return tuple(event.target for event in events if event.target != event.source)


def arrivals(simulator: DealSimulator) -> list[tuple[str, str, str]]:
    """(receiver, notice, effect) of every message that arrived."""
    found = [entry for entry in simulator.log if isinstance(entry, Delivery)]
    return [(each.message.receiver, each.message.notice, each.effect) for each in found]
