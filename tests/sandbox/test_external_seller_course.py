"""Whatever a seller outside answers and says, and whenever, its orders keep to the rules."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderflow.sandbox.store import Held
from tests.sandbox.outside_seller import DAY, HOUR, MINUTE, SELLER, Outside, broken_rules
from tests.sandbox.shop import ORDERS

_FINAL = {"invoiced", "canceled"}


def some_answer(chance: random.Random, outside: Outside, order_id: str, items: object) -> object:
    """A good answer to the oldest call more often than not."""
    path = outside.asked[0]
    if path.endswith("simulation"):
        return {"items": items}
    receipt = {"marketplaceOrderId": order_id, "orderId": outside.own_id, "receipt": None}
    good = [receipt] if path == "/pvt/orders" else receipt
    evaluating: list[object] = [None, {}] if path.endswith("cancel") else []
    return chance.choice([good, good, good, *evaluating, [], {"x": 1}, b"\xff"])


def one_thing(chance: random.Random, outside: Outside, held: Held) -> int:
    """Something happens to the order; the HTTP status of the answer, if a call was made."""
    shop, order_id = outside.shop, held.order_id
    what = chance.randrange(9)
    if outside.waiting and what < 4:
        items = [{"id": "item-1", "requestIndex": 0, "quantity": 1, "price": 1}]
        if chance.random() < 0.15:
            outside.tell(
                status=chance.choice([0, 404, 500]), trouble=chance.choice(["", "timeout"])
            )
        else:
            outside.tell(some_answer(chance, outside, order_id, items))
        return 200
    if what == 4 and held.status == "payment-pending":
        body = {"event": chance.choice(["payment_approved"] * 4 + ["deny_payment"])}
        return shop.call("POST", f"/_sandbox/orders/{order_id}/events", body).status
    if what == 5 and chance.random() < 0.4:
        return shop.call("POST", f"{ORDERS}/{order_id}/cancel", {"reason": "x"}).status
    if what == 6:
        kind = chance.choice(["Output"] * 4 + ["Input"])
        number = f"NF-{chance.randrange(5)}"
        return outside.invoice(held, chance.choice([2_500, 5_000, 10_000]), number, kind).status
    if what == 7 and chance.random() < 0.2:
        return shop.call("POST", f"/pvt/orders/{order_id}/cancel", {"reason": "x"}).status
    outside.pass_time(chance.choice([1_000, MINUTE, 31 * MINUTE, HOUR, DAY]))
    return 200


@pytest.mark.parametrize("seed", range(60))
def test_no_order_breaks_a_rule_and_no_call_fails(seed: int) -> None:
    chance = random.Random(seed)  # a test that can be repeated
    outside = Outside()
    held = outside.place()
    for _ in range(60):
        assert one_thing(chance, outside, held) in (200, 400, 409)
        order, seller = held.order, held.sale.simulators["seller"].order
        assert order.invoiced <= order.value
        assert {each.number for each in order.invoices} <= {each.number for each in seller.invoices}
        assert len(outside.waiting) <= 1
    assert not broken_rules(held), [(event.event, event.target) for event in held.events]


def test_the_random_sales_end_in_every_way_and_meet_trouble() -> None:
    ends, results = set(), set()
    for seed in range(60):
        chance = random.Random(seed)
        outside = Outside()
        held = outside.place()
        for _ in range(60):
            one_thing(chance, outside, held)
        ends.add(held.status)
        results |= {(call, result) for call, _, result in outside.log()}
    assert ends >= _FINAL
    assert results >= {
        ("simulation", "no"),
        ("placement", "failed"),
        ("fulfillment", "failed"),
        ("cancellation", "evaluating"),
        ("cancellation", "yes"),
        ("cancellation", "failed"),
    }


NAMES = (
    *("type", "items", "id", "price", "quantity", "invoiceNumber", "invoiceValue", "reason"),
    *("isDelivered", "events", "target", "description", "domain", "status", "text", "url"),
    *("marketplaceOrderId", "orderId", "requestIndex", "logisticsInfo", "name", "followers"),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(ANYTHING, ANYTHING)
def test_nothing_that_is_sent_or_answered_makes_it_fail(body: object, told: object) -> None:
    outside = Outside()
    held = outside.allowed()
    before = held.events
    order, shop = f"/pvt/orders/{held.order_id}", outside.shop
    for method, path in (
        ("POST", f"{order}/invoice"),
        ("POST", f"{order}/invoice/1"),
        ("POST", f"{order}/invoice/1/tracking"),
        ("POST", f"{order}/changes/x/send-agreement"),
        ("POST", "/api/do/notes"),
        ("POST", "/api/do/tasks"),
        ("PUT", "/api/do/tasks/x"),
        ("POST", "/api/do/tasks/x/comments"),
        ("POST", "/_sandbox/sellers"),
        ("POST", "/_sandbox/sellers/retry"),
    ):
        assert shop.call(method, path, body).status in (200, 201, 400, 403, 404, 409)
    assert held.events == before or held.order.invoices
    for answer in (body, told):
        other = outside.place()
        while outside.waiting:
            outside.tell(answer)
        assert other.status in ("waiting-for-authorization", "canceled", "payment-pending")


def test_a_seller_that_drops_out_leaves_room_for_another_one() -> None:
    outside = Outside()
    held = outside.taken("seller-change")
    outside.fire(held, "payment_approved")
    outside.tell(outside.receipt(held))
    assert (
        outside.shop.call("POST", f"/pvt/orders/{held.order_id}/cancel", {"reason": "x"}).status
        == 200
    )
    assert held.status == "window-to-change-seller"
    outside.fire(held, "change_seller")
    outside.pass_time(HOUR)
    assert held.status == "payment-approved"
    assert held.sale.statuses["substitute"] == "ready-for-handling"
    assert not outside.waiting


def test_two_accounts_have_their_own_sellers() -> None:
    outside = Outside()
    assert outside.shop.call("POST", "/_sandbox/keys", {"account": "second"}).status == 201
    made = outside.shop.call(
        "POST", "/_sandbox/orders", {"deal": "marketplace-seller", "account": "second"}
    )
    assert made.status == 201
    assert not outside.waiting
    there = {**SELLER, "account": "second", "url": "http://localhost:9002"}
    assert outside.shop.call("POST", "/_sandbox/sellers", there).status == 201
    outside.shop.call(
        "POST", "/_sandbox/orders", {"deal": "marketplace-seller", "account": "second"}
    )
    assert [message.url for message in outside.waiting] == [
        "http://localhost:9002/pvt/orderForms/simulation"
    ]
