"""Orders placed while a known defect is on go wrong as it says; all others stay sound."""

from __future__ import annotations

import json

import pytest

from orderflow.flows.fault_loader import bundled_faults
from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.deals import deal_names
from orderflow.sandbox.fault_modes import modes
from orderflow.sandbox.fault_orders import deal_under, deals_broken_by
from orderflow.sandbox.service import Service
from tests.sandbox.shop import ORDERS, Shop, invoice

DAY = 86_400_000


@pytest.fixture
def shop() -> Shop:
    return Shop(Service(seed=5))


def fail(shop: Shop, *names: str) -> None:
    for name in names:
        sent = json.dumps({"fault": name}).encode()
        assert answer(shop.service, Asked("POST", "/_sandbox/faults", "", {}, sent)).status == 201


def test_every_defect_breaks_the_deals_that_the_register_names() -> None:
    of_orders = [mode for mode in modes().values() if mode.deals]

    assert len(of_orders) > 35
    for mode in of_orders:
        assert set(bundled_faults().faults[mode.name].deals) <= set(mode.deals), mode.name


def test_no_defect_leaves_a_deal_as_it_is() -> None:
    for name in deal_names():
        assert deal_under(name, ()) == (deal_under(name, ())[0], None)
        for fault in bundled_faults().faults:
            deal, tamper = deal_under(name, (fault,))
            changed = deal != deal_under(name, ())[0] or tamper is not None
            assert changed == (name in deals_broken_by(fault)), (fault, name)


def test_a_notification_that_is_lost_leaves_the_order_waiting(shop: Shop) -> None:
    before = shop.place("payment-pending")
    fail(shop, "payment.notification_lost")
    after = shop.place("payment-pending")
    path = "/payments/1/payment-notification"

    given = [
        shop.call("POST", f"{ORDERS}/{held.order_id}{path}").status for held in (before, after)
    ]

    assert given == [200, 200]
    assert before.status != "payment-pending"
    assert after.status == "payment-pending"


def test_an_order_made_wrong_stays_so_when_the_fault_is_off(shop: Shop) -> None:
    fail(shop, "create.stuck_after_completed")
    wrong = shop.place("", deal="marketplace-seller")
    answer(shop.service, Asked("DELETE", "/_sandbox/faults"))
    right = shop.place("", deal="marketplace-seller")
    shop.service.advance(DAY)

    assert wrong.status == "on-order-completed"
    assert right.status != wrong.status


def test_a_defect_of_documents_shows_in_what_is_read(shop: Shop) -> None:
    sound = shop.place("handling")
    fail(shop, "invoice.rounding_cent")
    held = shop.place("handling")
    for each in (sound, held):
        shop.call("POST", f"{ORDERS}/{each.order_id}/invoice", invoice())

    assert [sum(i.value for i in each.order.invoices) for each in (sound, held)] == [10_000, 9_999]


def test_of_two_defects_of_a_flow_the_later_one_is_shown(shop: Shop) -> None:
    one, two = "create.stuck_after_completed", "payment.notification_lost"

    assert deal_under("complete", (one, two))[0] == deal_under("complete", (two,))[0]
    assert deal_under("complete", (two, one))[0] == deal_under("complete", (one,))[0]
    assert deal_under("complete", (one, "cancel.seller_stuck"))[0].digest


def test_a_status_out_of_reach_is_told(shop: Shop) -> None:
    fail(shop, "create.stuck_after_completed")
    sent = b'{"deal": "marketplace-seller", "status": "handling"}'

    given = answer(shop.service, Asked("POST", "/_sandbox/orders", "", {}, sent))

    assert given.status == 400
    assert "there are:" in json.loads(given.body)["error"]


def test_every_defect_lets_orders_be_placed_and_live_for_a_month(shop: Shop) -> None:
    for mode in (each for each in modes().values() if each.deals):
        shop.service.reset()
        fail(shop, mode.name)
        for deal in mode.deals[:2]:
            held = shop.place("", deal=deal)
            shop.service.advance(31 * DAY)
            assert held.status, mode.name
