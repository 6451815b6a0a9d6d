"""Rules on chain orders, those of the store between a marketplace and a seller.

:data:`RULES` judge the chain order alone, :data:`DEAL_RULES` the whole sale.

Source: domain fact sheet "Conformance rules", section A.8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderflow.conformance.deal_record import DealFinding
from orderflow.conformance.deal_rule import (
    PAID,
    DealRule,
    Example,
    Role,
    Row,
    Suspicion,
    at_last,
    confirmed,
    gathered,
    unpaid,
)
from orderflow.conformance.record import Finding, Missing
from orderflow.conformance.rule import CHAIN, MARKETPLACE, SELLER, Rule, money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderflow.conformance.deal_record import DealOutcome, DealRecord, Party
    from orderflow.conformance.record import Outcome, Record

_RELEASED = (PAID, "waiting-seller-handling")
_LEVELS = {
    "canceled": frozenset({"cancel", "canceled", "window-to-change-seller", "replaced"}),
    "invoiced": frozenset({"invoice", "invoiced"}),
}
"""Where an order ended, and where the order above it may then be."""

_TELLS = {"cancel": "canceled", "canceled": "canceled", "invoiced": "invoiced"}
"""Statuses of a chain order of which the marketplace has been told, and the end they stand for."""

_CHAIN = (Role("chain", "chain"),)
_PAID = (
    Row(0, "chain", "order-created"),
    Row(1, "chain", "payment-pending"),
    Row(180, "chain", "payment-approved", "authorize_mkt_order"),
)


def _no_settlement(record: Record) -> Outcome:
    settlement = record.evidence.settlement
    if settlement is None:
        return Missing("whether the document has a settlement")
    if settlement == "pending":
        return ()
    place = record.first.get("invoiced", -1)
    seen = f"the chain document has a settlement of its own: {settlement}"
    return (Finding(place, seen, "money is settled in the marketplace order only"),)


def _no_modification(record: Record) -> Outcome:
    changes = record.evidence.changes
    if changes is None:
        return Missing("the modifications of the order")
    return tuple(
        Finding(
            record.step_at(change.at),
            f"the chain order was modified by {money(change.delta)}",
            "a chain order is not modified",
        )
        for change in changes
    )


def _paid_above(deal: DealRecord) -> DealOutcome:
    chains = (each for each in deal.parties if each.record.family == "chain")
    return gathered(found for each in chains for found in unpaid(deal, each, _RELEASED))


def _levels_agree(deal: DealRecord) -> DealOutcome:
    return confirmed(deal, _disagreements(deal))


def _disagreements(deal: DealRecord) -> Iterator[Suspicion | Missing]:
    for seller in deal.parties:
        allowed = _LEVELS.get(seller.record.last)
        if seller.record.family != "seller" or seller.dismissed_at is not None or allowed is None:
            continue
        uppers = deal.uppers(seller)
        if not any(each.record.family == "chain" for each in uppers):
            continue
        yield from _unheard(seller, uppers)
        absent = deal.unknown_above(seller)
        if absent:
            yield Missing(f"the order {absent}")


def _unheard(seller: Party, uppers: tuple[Party, ...]) -> Iterator[Suspicion]:
    """Each order that does not follow the one below it; one that is on its way tells nobody yet."""
    lower, end = seller, seller.record.last
    for upper in uppers:
        if upper.record.steps and upper.record.last not in _LEVELS[end]:
            yield _disagreement(lower, upper, seller)
        told = _TELLS.get(upper.record.last)
        if told is None:
            return
        lower, end = upper, told


def _disagreement(lower: Party, upper: Party, seller: Party) -> Suspicion:
    end, held = lower.record.last, upper.record.last
    expected = f"{upper.name} follows" + ("" if end == "invoiced" else " or changes its seller")
    seen = f"{lower.name} is {end} and {upper.name} stands in {held}"
    finding = DealFinding(upper.name, at_last(upper), seen, expected)
    return Suspicion((seller, lower, upper), finding)


RULES = (
    Rule(
        id="A-72",
        title="no settlement of a chain order",
        severity="info",
        families=CHAIN,
        statement="A chain document has no settlement of its own.",
        source=("seed", "ki-1167363"),
        explanation="The chain order shows a settlement, although the shopper paid the "
        "marketplace and a chain has no gateway. Whoever adds up payments counts this sale twice. "
        "Known cause: the platform shows a payment of 0 in chain orders (ki-1167363).",
        check=_no_settlement,
    ),
    Rule(
        id="A-73",
        title="no modification in a chain order",
        severity="error",
        families=CHAIN,
        statement="No modification is applied to a chain order.",
        source=("dp-ordmod",),
        explanation="The chain order was modified, which the platform supports between a "
        "marketplace and its seller only. The three documents of the sale now disagree on what "
        "was sold and for how much. Usual cause: an integration sent the change to every order "
        "of the sale, or asked the chain instead of the seller.",
        check=_no_modification,
    ),
)

EXAMPLES = {
    "A-72": Example(
        _CHAIN,
        (
            *_PAID,
            Row(7_200, "chain", "invoice", "verify_invoice:rest"),
            Row(7_201, "chain", "invoiced", "add_invoice_full:settled"),
        ),
    ),
    "A-73": Example(_CHAIN, (*_PAID, Row(3_600, "chain", "payment-approved", "modify_order:less"))),
}
"""For each rule a history that breaks it."""

_THREE = (
    Role("market", "marketplace"),
    Role("chain", "chain", "market"),
    Role("seller", "seller", "chain"),
)

DEAL_RULES = (
    DealRule(
        id="A-71",
        title="payment comes from above",
        severity="error",
        families=MARKETPLACE | CHAIN,
        needs=CHAIN,
        statement="A chain order comes to payment-approved or waiting-seller-handling no sooner "
        "than its marketplace order came to payment-approved.",
        source=("hc-flow", "H05"),
        explanation="The chain order was released before the marketplace had the money. A chain "
        "has no gateway: all it knows of the payment is what the marketplace says, so somebody "
        "said too much. The seller below goes ahead on its word, and may send goods that nobody "
        "pays for.",
        check=_paid_above,
        example=Example(
            _THREE[:2],
            (
                Row(0, "market", "payment-pending"),
                Row(0, "chain", "payment-pending"),
                Row(60, "chain", PAID, "authorize_mkt_order"),
                Row(7_259, "market", "approve-payment"),
                Row(7_260, "market", PAID),
            ),
        ),
    ),
    DealRule(
        id="A-74",
        title="all levels agree",
        severity="warning",
        families=MARKETPLACE | CHAIN | SELLER,
        needs=CHAIN | SELLER,
        statement="Once news has arrived, the chain and marketplace orders above a canceled seller "
        "order are in cancel, canceled, window-to-change-seller or replaced, and those above an "
        "invoiced one in invoice or invoiced.",
        source=("L16", "L02"),
        explanation="The seller order has ended and an order above it says something else. With "
        "three documents for one sale, whoever looks at the wrong one tells the shopper the wrong "
        "thing. Usual cause: the chain heard the news and did not pass it on.",
        check=_levels_agree,
        example=Example(
            _THREE,
            (
                Row(0, "market", PAID),
                Row(0, "chain", "invoice"),
                Row(0, "seller", "invoice"),
                Row(2, "chain", to="market", news="invoiced"),
                Row(3, "market", "invoice"),
                Row(4, "market", PAID, "add_invoice_partial"),
                Row(60, "seller", "invoiced", "add_invoice_full"),
                Row(60, "seller", to="chain", news="invoiced"),
                Row(61, "chain", "invoiced", "add_invoice_full"),
                Row(61, "chain", to="market", news="invoiced", lost=True),
                Row(65),
            ),
        ),
    ),
)
