"""Every document of a cancelled sale says who wanted it: whoever did, not whoever passed it on.

Source: Orders API, ``cancellationData`` of Get order; that the documents of a sale agree is a
sandbox decision, which known issue 1249934 (flags overwritten when both sides are merged) implies.
"""

from __future__ import annotations

import pytest

from tests.simulator.sales import ASKED, HANDLING, PAID, PLACED, WAITING, WINDOW, go, sale

SELLER, SYSTEM = "requestedBySellerNotification", "requestedBySystem"
USER, PAYMENT = "requestedByUser", "requestedByPaymentNotification"

ASKED_OFF = "market.request_cancel settle seller.accept_cancel settle"
RESERVED = "fulfillment.confirm_reservation "
PAYS = "market.payment_approved settle "
BEGUN = "main.place_order main.complete_checkout main.open_flow "
DISPATCHED = BEGUN + ASKED.format("fulfillment") + "main.payment_approved "
CHAINED = PLACED + "chain.complete_checkout chain.open_flow settle " + ASKED.format("seller")


@pytest.mark.parametrize(
    ("name", "acts", "origin"),
    [
        ("marketplace-seller", WAITING + "seller.seller_cancel settle", SELLER),
        ("marketplace-seller", PAID + "seller.seller_cancel settle", SELLER),
        ("marketplace-seller", WAITING + "advance:31d settle", SYSTEM),
        ("marketplace-seller", PAID + "advance:31d settle", SYSTEM),
        ("marketplace-seller", WAITING + "market.cancel_order settle", USER),
        ("marketplace-seller", WAITING + "market.deny_payment settle", PAYMENT),
        ("marketplace-seller", WINDOW + "market.request_cancel settle", USER),
        ("marketplace-seller", HANDLING + ASKED_OFF, USER),
        ("complete", DISPATCHED + "fulfillment.seller_cancel", SELLER),
        ("complete", DISPATCHED + "advance:31d", SYSTEM),
        ("complete", DISPATCHED + RESERVED + "fulfillment.seller_cancel", SELLER),
        ("marketplace-chain-seller", CHAINED + "market.cancel_order settle", USER),
        ("marketplace-chain-seller", CHAINED + "market.deny_payment settle", PAYMENT),
        ("marketplace-chain-seller", CHAINED + "seller.seller_cancel settle", SELLER),
        ("marketplace-chain-seller", CHAINED + "advance:31d settle", SYSTEM),
        ("marketplace-chain-seller", CHAINED + PAYS + "seller.seller_cancel settle", SELLER),
    ],
)
def test_all_documents_say_whose_cancellation_it_was(name: str, acts: str, origin: str) -> None:
    cancelled = sale(name, acts)

    found = {
        who: simulator.order.cancellation and simulator.order.cancellation.origins
        for who, simulator in cancelled.simulators.items()
    }
    assert found == dict.fromkeys(found, (origin,))


@pytest.mark.parametrize("actor", ["shopper", "marketplace", "seller"])
def test_a_request_is_passed_on_in_the_name_of_whoever_made_it(actor: str) -> None:
    asked = sale(acts=HANDLING)
    asked.fire("market", "request_cancel", actor=actor)
    go(asked, "settle")

    orders = [simulator.order for simulator in asked.simulators.values()]
    assert [[each.by for each in order.requests] for order in orders] == [[actor], [actor]]
    assert {order.requests[-1].reason for order in orders} == {f"asked for by the {actor}"}
    assert asked.simulators["seller"].events[-1].actor == "marketplace"
