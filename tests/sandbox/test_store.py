"""The store holds sales of the simulator on one clock, and shows them under the vendor's ids."""

from __future__ import annotations

import gc
import random
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderflow.flows.deal_loader import UnknownDealError
from orderflow.flows.model import ABSENT
from orderflow.flows.settings import defaults
from orderflow.sandbox.agenda import Agenda
from orderflow.sandbox.placed import Marketplace, Placed
from orderflow.sandbox.store import Change, Held, StatusOutOfReachError, Store
from orderflow.simulator.choices import choices, realise
from orderflow.simulator.clock import START
from orderflow.simulator.errors import EventDataError
from orderflow.simulator.events import Event
from orderflow.simulator.order import Item
from orderflow.simulator.simulator import Refused

GRACE = defaults().milliseconds("cancellation_window")
MINUTE = 60_000


def one(store: Store, to: str = "") -> Held:
    (held,) = store.place(to=to)
    return held


def taken(store: Store, held: Held, event: str, **data: object) -> Event:
    result = store.fire(held, event, data)
    assert isinstance(result, Event), result
    return result


def targets(held: Held) -> list[str]:
    return [event.target for event in held.events]


def test_an_order_that_nobody_disturbs_waits_for_its_payment() -> None:
    held = one(Store())

    assert targets(held) == [
        "order-created",
        "on-order-completed",
        "waiting-for-authorization",
        "payment-pending",
    ]


def test_the_platform_moves_a_complete_order_on_until_it_is_invoiced() -> None:
    store = Store()
    held = one(store)

    taken(store, held, "approve_payment")
    assert held.status == "window-to-cancel"
    store.advance(GRACE)
    assert held.status == "ready-for-handling"
    assert taken(store, held, "start_handling").order_id == held.order_id
    assert held.status == "handling"
    taken(store, held, "verify_invoice", value=4_000, number="A")
    assert (held.status, held.order.invoiced) == ("handling", 4_000)
    taken(store, held, "verify_invoice", value=6_000, number="B")

    assert (held.status, held.order.invoiced) == ("invoiced", 10_000)
    assert [each.number for each in held.order.outputs] == ["A", "B"]


def test_a_step_of_the_instance_inside_is_told_as_a_step_of_the_document() -> None:
    store = Store()
    held = one(store, "ready-for-handling")
    heard: list[Change] = []
    store.listen(heard.append)

    step = taken(store, held, "start_handling")

    assert (step.flow, step.source, step.target) == (
        "complete",
        "ready-for-handling",
        "start-handling",
    )
    assert [(each.event.source, each.event.target) for each in heard] == [
        ("ready-for-handling", "start-handling"),
        ("start-handling", "handling"),
    ]
    assert all(each.held is held for each in heard)


def test_a_listener_sees_the_document_as_it_stands_after_each_step() -> None:
    store = Store()
    seen: list[tuple[str, str]] = []
    store.listen(lambda change: seen.append((change.event.target, change.held.status)))

    one(store)

    assert ("order-created", "order-created") in seen
    assert seen[-1] == ("payment-pending", "payment-pending")


def test_a_cancellation_may_be_denied_or_granted() -> None:
    store = Store()
    denied, granted = one(store, "handling"), one(store, "handling")
    for held in (denied, granted):
        taken(store, held, "request_cancel", reason="changed my mind")
        assert held.status == "waiting-for-seller-decision"

    taken(store, denied, "deny_cancel", reason="shipped")
    taken(store, granted, "accept_cancel")

    assert denied.status == "handling"
    assert denied.order.requests[-1].denied
    assert denied.sale.simulators["fulfillment"].order.requests[-1].deny_reason == "shipped"
    assert granted.status == "canceled"


def test_a_refusal_changes_nothing_and_tells_nobody() -> None:
    store = Store()
    held = one(store, "ready-for-handling")
    heard: list[Change] = []
    store.listen(heard.append)
    before = held.order, held.events

    refused = store.fire(held, "verify_invoice", {"value": 10_000})

    assert isinstance(refused, Refused)
    assert refused.status == "ready-for-handling"
    assert (held.order, held.events) == before
    assert heard == []


def test_news_that_was_due_is_told_although_the_event_is_refused() -> None:
    store, told, moments = Store(), list[Change](), iter([False, True, True])
    store.listen(told.append)
    _, (market, *_) = (
        store.place(deal="marketplace-chain-seller", to="payment-approved") for _ in range(2)
    )
    store.advance(MINUTE, lambda: next(moments))  # it stops between the first sale and the second
    before = len(told)

    refused = store.fire(market, "start_handling")

    assert isinstance(refused, Refused)
    assert len(told) > before  # else nothing was due
    for held in store.group(market.group):
        assert [change.event.target for change in told if change.held is held] == targets(held)


def test_data_without_sense_changes_nothing() -> None:
    store = Store()
    held = one(store, "handling")
    taken(store, held, "verify_invoice", value=1, number="A")
    before = held.order

    with pytest.raises(EventDataError, match="invoice 'A' is there already"):
        store.fire(held, "verify_invoice", {"value": 1, "number": "A"})

    assert held.order == before


def test_time_passes_for_all_sales_together_in_the_order_of_what_is_due() -> None:
    store = Store()
    first, second = one(store), one(store)
    taken(store, second, "approve_payment")
    store.advance(MINUTE)
    taken(store, first, "approve_payment")

    changes = store.advance(GRACE)

    assert [(each.held.order_id, each.event.at - START) for each in changes] == [
        (second.order_id, GRACE),
        (first.order_id, GRACE + MINUTE),
    ]
    assert store.now == START + MINUTE + GRACE


@pytest.mark.parametrize("pieces", [2, 7, 1_000])
def test_it_does_not_matter_in_how_many_pieces_time_passes(pieces: int) -> None:
    whole, cut = Store(), Store()
    for store in (whole, cut):
        for to in ("payment-approved", "window-to-cancel", "waiting-for-seller-decision"):
            store.place(
                deal="marketplace-seller" if to == "payment-approved" else "complete", to=to
            )
    week = 7 * 86_400_000

    at_once = [each.event for each in whole.advance(week)]
    bit_by_bit = [each.event for _ in range(pieces) for each in cut.advance(week // pieces)]

    assert at_once
    assert bit_by_bit == at_once


@pytest.mark.parametrize("deal", ["complete", "marketplace-chain-seller", "seller-change"])
@settings(max_examples=15)
@given(seed=st.integers(0, 2**32))
def test_whatever_happens_nothing_that_is_due_is_left_for_later(deal: str, seed: int) -> None:
    chance, store = random.Random(seed), Store()
    sale = store.place(deal=deal)[0].sale
    for _ in range(40):
        if chance.random() < 0.3:
            store.advance(chance.choice([0, MINUTE, GRACE, 48 * GRACE]))
        else:
            held = chance.choice(store.orders())
            event = chance.choice(sale.accepts(held.participant) or ("finish_cancel",))
            choice = chance.choice(choices(event, held.order))
            with suppress(EventDataError):
                store.fire(held, event, realise(event, choice, held.order, chance.randint))
        due = sale.next_due()
        assert due is None or due > store.now
        assert store.advance(0) == ()


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        Store().advance(-1)


def test_an_order_that_is_brought_somewhere_began_earlier_and_no_time_passes() -> None:
    store = Store()
    other = one(store, "window-to-cancel")
    store.advance(MINUTE)

    held = one(store, "ready-for-handling")

    assert held.status == "ready-for-handling"
    assert held.order.created_at == store.now - GRACE
    assert held.order.entered_at == store.now == START + MINUTE
    assert other.status == "window-to-cancel"


def test_an_order_stays_where_it_was_brought_until_time_passes() -> None:
    store = Store()
    held = one(store, "order-created")
    one(store)
    assert held.status == "order-created"

    store.advance(0)

    assert held.status == "payment-pending"


def test_an_event_moves_an_order_on_from_where_it_was_brought() -> None:
    store = Store()
    held = one(store, "invoice")

    assert isinstance(store.fire(held, "settlement_failed"), Event)
    assert held.status == "invoice"
    store.advance(86_400_000)
    assert held.status == "invoice"
    taken(store, held, "add_invoice_full", settlement="settled")

    assert held.status == "invoiced"


def test_the_rest_of_a_sale_moves_on_where_the_document_rests() -> None:
    store = Store()

    invoiced, canceled = one(store, "invoiced"), one(store, "canceled")

    assert invoiced.sale.statuses == {"main": "invoiced", "fulfillment": "invoiced"}
    assert canceled.sale.statuses == {"main": "canceled", "fulfillment": "canceled"}
    taken(store, invoiced, "add_return_invoice", value=500)
    assert invoiced.order.returned == 500


def test_news_that_had_to_wait_arrives_as_soon_as_it_can() -> None:
    store = Store()
    market, seller = store.place(deal="marketplace-seller", to="invoice")
    taken(store, market, "settlement_failed")
    taken(store, seller, "update_tracking", number="TR-1")
    store.advance(MINUTE)
    assert market.order.outputs[0].tracking_number == ""

    taken(store, market, "add_invoice_full", settlement="settled")

    assert market.status == "invoiced"
    assert market.order.outputs[0].tracking_number == "TR-1"


def test_a_seller_document_can_be_found_once_it_has_been_placed() -> None:
    store = Store()
    assert [each.order_id for each in store.place(deal="marketplace-seller")] == ["v100001sbx-01"]
    assert store.find("00-v100001sbx-01") is None

    store.advance(MINUTE)

    seller = store.find("00-v100001sbx-01")
    assert seller is not None
    assert (seller.origin, seller.sequence) == ("Fulfillment", "100002")
    assert seller.status == "waiting-ffmt-authorization"
    assert store.group("v100001sbx") == (store.find("v100001sbx-01"), seller)


@pytest.mark.parametrize(
    ("deal", "ids"),
    [
        ("complete", {"v100001sbx-01": "Marketplace"}),
        ("marketplace-seller", {"v100001sbx-01": "Marketplace", "00-v100001sbx-01": "Fulfillment"}),
        (
            "marketplace-chain-seller",
            {
                "v100001sbx-01": "Marketplace",
                "00-v100001sbx-01": "Chain",
                "00-00-v100001sbx-01": "Fulfillment",
            },
        ),
        (
            "split-order",
            {
                "v100001sbx-01": "Marketplace",
                "v100001sbx-02": "Marketplace",
                "00-v100001sbx-01": "Fulfillment",
                "00-v100001sbx-02": "Fulfillment",
            },
        ),
    ],
)
def test_documents_are_named_after_the_one_above(deal: str, ids: dict[str, str]) -> None:
    store = Store()
    store.place(deal=deal)
    store.advance(MINUTE)

    assert {each.order_id: each.origin for each in store.group("v100001sbx")} == ids


def test_a_seller_that_takes_over_has_an_id_of_its_own() -> None:
    store = Store()
    market, *_ = store.place(deal="seller-change", to="window-to-change-seller")
    assert store.find("01-v100001sbx-01") is None

    taken(store, market, "change_seller")
    store.advance(MINUTE)

    assert store.find("01-v100001sbx-01") is not None


def test_orders_are_found_by_id_and_sequence_in_their_account_only() -> None:
    store = Store()
    (held,) = store.place(account="shop")

    assert store.find(held.order_id, "shop") is held
    assert store.find("seq100001", "shop") is held
    assert store.find(held.order_id) is None
    assert store.find("seq100001") is None
    assert store.group(held.group) == ()
    assert store.orders() == ()
    assert store.orders("shop") == (held,)


def test_the_newest_order_comes_first() -> None:
    store = Store()
    first = one(store)
    early = one(store, "ready-for-handling")
    store.advance(MINUTE)
    last = one(store)

    assert store.orders() == (last, first, early)


def test_every_order_holds_what_was_bought() -> None:
    store = Store()
    items = (Item("a", 2, 150), Item("b", 1, 7))

    (held,) = store.place(items=items, to="invoiced")

    assert held.order.items == items
    assert held.order.value == held.order.invoiced == 307


def test_the_sample_item_is_to_arrive_after_it_was_bought() -> None:
    held = one(Store(), "ready-for-handling")

    (item,) = held.order.items
    assert item.estimate is not None
    assert held.order.created_at is not None
    assert item.estimate - held.order.created_at == 4 * 86_400_000


def test_what_cannot_be_placed_leaves_nothing_behind() -> None:
    store = Store()

    with pytest.raises(ValueError, match="at least one item"):
        store.place(items=())
    with pytest.raises(UnknownDealError):
        store.place(deal="barter")
    with pytest.raises(StatusOutOfReachError):
        store.place(to="handeling")

    assert store.orders() == ()
    assert one(store).order_id == "v100001sbx-01"


def test_reset_begins_again_and_keeps_the_listeners() -> None:
    store = Store(seed=3)
    heard: list[Change] = []
    store.listen(heard.append)
    old = one(store, "ready-for-handling")
    chance = store.rng.random()
    store.advance(MINUTE)
    heard.clear()

    store.reset()

    assert (store.now, store.orders(), store.find(old.order_id)) == (START, (), None)
    assert store.rng.random() == chance
    with pytest.raises(ValueError, match="not in this store"):
        store.fire(old, "start_handling")
    assert one(store).order_id == old.order_id
    assert [each.event.target for each in heard][:1] == ["order-created"]


def test_an_order_of_another_store_is_not_taken_for_ones_own() -> None:
    store, other = Store(), Store()
    one(store)

    with pytest.raises(ValueError, match="not in this store"):
        store.fire(one(other), "approve_payment")


def test_the_same_calls_give_the_same_history() -> None:
    def story() -> list[str]:
        store = Store(seed=7)
        lines: list[str] = []
        store.listen(lambda change: lines.append(repr(change.event)))
        one(store, "invoiced")
        store.place(deal="split-order", to="payment-approved")
        store.advance(86_400_000)
        return lines

    assert story() == story()


def test_nothing_is_shown_before_it_is_placed() -> None:
    store = Store()
    for deal in ("complete", "marketplace-chain-seller", "seller-change"):
        placed = store.place(deal=deal)
        assert placed
        assert all(held.status != ABSENT for held in (*placed, *store.orders()))


# What was said of an order


def test_every_document_knows_what_was_said_of_its_order() -> None:
    store = Store()
    parts = tuple(Placed(items=(Item(name, 1, 500),), seller=name) for name in ("a", "b"))
    documents = store.place(deal="split-order", to="payment-approved", parts=parts)

    assert [held.placed.seller for held in documents] == ["a", "b", "a", "b"]
    assert [held.order.items[0].id for held in documents] == ["a", "b", "a", "b"]
    assert documents[0].seller_ids == {"seller-a": "a", "seller-b": "b"}


def test_totals_beside_the_items_are_part_of_the_value() -> None:
    part = Placed(items=(Item("a", 2, 500),), totals=(("Shipping", 70), ("Discounts", -20)))
    (held,) = Store().place(to="invoiced", parts=(part,))

    assert held.order.totals == (("Items", 1_000), ("Shipping", 70), ("Discounts", -20))
    assert held.order.value == held.order.invoiced == 1_050


def test_an_order_of_a_marketplace_is_found_by_its_name_and_placed_once() -> None:
    store = Store()
    part = Placed(marketplace=Marketplace("MKP", "7", "http://localhost:1"))

    (held,) = store.place(deal="external-marketplace", parts=(part,))

    assert held.order_id == "MKP-7"
    assert store.of_marketplace("7") is store.find("MKP-7") is held
    with pytest.raises(ValueError, match="MKP-7 already"):
        store.place(deal="external-marketplace", parts=(part,))
    assert store.orders() == (held,)


# Steps that wait


def test_a_step_that_is_held_back_waits_until_it_is_released() -> None:
    store = Store()
    (held,) = store.place(waits=[("main", "complete_checkout")])
    store.advance(MINUTE)
    assert held.status == "order-created"

    store.release(held, "complete_checkout")

    assert held.status == "payment-pending"


def test_a_step_can_be_held_back_later_and_others_happen() -> None:
    store = Store()
    held = one(store)
    store.hold(held, "authorize_dispatch")
    store.hold(held, "confirm_reservation", "fulfillment")
    taken(store, held, "approve_payment")
    assert held.status == "authorize-fulfillment"

    store.release(held, "confirm_reservation", "fulfillment")

    assert held.status == "window-to-cancel"


def test_a_time_limit_does_not_wait() -> None:
    store = Store()
    (held,) = store.place(waits=[("main", "complete_checkout")])

    store.advance(5 * MINUTE)
    store.release(held, "complete_checkout")

    assert held.status == "null"


def test_settings_of_an_account_count_for_its_next_orders() -> None:
    store = Store()
    early = one(store, "window-to-cancel")
    store.tune("sandbox", {"cancellation_window": 5})
    late = one(store, "window-to-cancel")
    (other,) = store.place(account="other", to="window-to-cancel")

    store.advance(5 * MINUTE)

    assert [held.status for held in (early, late, other)] == [
        "window-to-cancel",
        "ready-for-handling",
        "window-to-cancel",
    ]
    store.reset()
    assert store.settings_of("sandbox") == defaults()


# Forgetting


def test_the_sale_that_finished_first_is_forgotten_wholly() -> None:
    store = Store(keep=2)
    gone: list[str] = []
    store.on_forget(lambda held: gone.append(held.order_id))
    waiting, first = one(store), one(store, "invoiced")
    others = [one(store, status) for status in ("canceled", "invoiced")]

    assert gone == [first.order_id]
    assert store.forgotten == 1
    assert set(map(id, store.orders())) == set(map(id, (*others, waiting)))
    assert store.find(first.order_id) is store.find(f"seq{first.sequence}") is None
    assert store.group(first.group) == ()
    with pytest.raises(ValueError, match="not in this store"):
        store.fire(first, "update_tracking", {"number": "T"})


def test_a_sale_is_finished_when_all_its_documents_are() -> None:
    store = Store(keep=1)
    first = store.place(deal="marketplace-seller", to="canceled")
    assert {held.status for held in first} == {"canceled", "waiting-ffmt-authorization"}
    one(store, "invoiced")
    one(store, "invoiced")
    assert store.find(first[0].order_id) is first[0]

    store.advance(MINUTE)

    one(store, "invoiced")
    assert store.find(first[0].order_id) is store.find(first[1].order_id) is None


def test_what_is_forgotten_takes_no_memory() -> None:
    store = Store(keep=5)
    tracemalloc.start()
    try:
        for _ in range(200):
            one(store, "canceled")
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(200):
            one(store, "canceled")
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert grown < 200 * 60


def test_an_order_that_went_through_its_life_takes_less_than_20_kilobytes() -> None:
    store = Store()
    one(store, "invoiced")
    tracemalloc.start()
    try:
        for _ in range(200):
            one(store, "invoiced")
        gc.collect()
        taken_up = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert taken_up < 200 * 20_000


def test_nothing_is_forgotten_unless_it_is_asked_for() -> None:
    store = Store()
    for _ in range(5):
        one(store, "invoiced")

    assert (store.forgotten, len(store.orders())) == (0, 5)


def test_what_comes_is_the_same_whether_or_not_what_is_over_is_forgotten() -> None:
    def story(keep: int) -> list[str]:
        store = Store(keep=keep)
        lines: list[str] = []
        store.listen(lambda change: lines.append(repr(change.event)))
        for number in range(30):
            one(store, ("invoiced", "window-to-cancel", "canceled", "payment-pending")[number % 4])
            store.advance(MINUTE * number)
        return lines

    assert story(1) == story(0)


def test_moments_that_are_of_no_use_any_more_do_not_pile_up() -> None:
    agenda = Agenda()
    rung: list[int] = []
    agenda.remind(7, lambda: rung.append(7))
    for number in range(9_000):
        agenda.expect(5 + number, number)
        agenda.tidy(1, lambda at, _: at == 8_500)

    assert len(agenda) < 1_500
    moments = [agenda.pop() for _ in range(len(agenda))]
    assert [at for at, _, call in moments if call] == [7]
    assert 8_500 in [at for at, _, _ in moments]
