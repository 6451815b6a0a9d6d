"""The first version of modifications: at once, once per request id, in the documented words."""

from __future__ import annotations

import json

import pytest

from orderflow.sandbox.store import Held
from tests.sandbox.changing import HOUR, VALUE, Desk, some, why
from tests.sandbox.shop import ORDERS, invoice

SOLD = {"id": "sku-2", "price": 500, "quantity": 1}
NEW = {"id": "sku-9", "price": 700, "quantity": 2}
IN_HANDLING = (
    "It is only allowed to register an order modification when the order is in handling: "
    "status = handling, waiting for fulfillment or ready for invoicing"
)
IN_PAYMENT_APPROVED = (
    "It is only allowed to register a modification in the order when the payment is approved - "
    "status = payment-approved"
)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def seen(desk: Desk, held: Held) -> list[dict[str, object]]:
    """``changesData`` of the document."""
    attachment = desk.document(held)["changesAttachment"]
    if attachment is None:
        return []
    assert isinstance(attachment, dict)
    found: list[dict[str, object]] = attachment["changesData"]
    return found


def test_the_value_moves_by_what_the_client_worked_out(desk: Desk) -> None:
    held = desk.handled()
    status, items = held.status, desk.lines(held)
    given = desk.legacy(
        held, discountValue=500, incrementValue=1_400, itemsRemoved=[SOLD], itemsAdded=[NEW]
    )
    receipt = json.loads(given.body)
    document = desk.document(held)

    assert given.status == 200
    assert document["value"] == VALUE + 900
    assert sum(desk.totals(held).values()) == VALUE + 900
    assert (held.status, desk.lines(held)) == (status, items)
    assert seen(desk, held) == [
        {
            "reason": "wanted",
            "discountValue": 500,
            "incrementValue": 1_400,
            "itemsAdded": [{**NEW, "name": "Sandbox product sku-9", "unitMultiplier": None}],
            "itemsRemoved": [{**SOLD, "name": "Sandbox product sku-2", "unitMultiplier": None}],
            "receipt": receipt,
        }
    ]


def test_the_marketplace_hears_of_it(desk: Desk) -> None:
    held = desk.handled()
    desk.legacy(held, discountValue=500, itemsRemoved=[SOLD])
    desk.service.advance(HOUR)
    market = desk.market_of(held)

    assert desk.document(market)["value"] == VALUE - 500
    assert seen(desk, market)[0]["itemsRemoved"] == seen(desk, held)[0]["itemsRemoved"]


def test_a_request_id_counts_once(desk: Desk) -> None:
    held = desk.handled()
    first = desk.legacy(held, "one", discountValue=100)
    again = desk.legacy(held, "one", discountValue=999, reason="")
    desk.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice(VALUE - 100))
    late = desk.legacy(held, "one", discountValue=100)

    assert first.body == again.body == late.body
    assert [first.status, again.status, late.status] == [200, 200, 200]
    assert len(seen(desk, held)) == 1


def test_a_request_id_may_be_used_for_another_order(desk: Desk) -> None:
    one, other = desk.handled(), desk.handled()

    assert desk.legacy(one, "one", discountValue=1).status == 200
    assert desk.legacy(other, "one", discountValue=1).status == 200
    assert desk.document(other)["value"] == VALUE - 1


def test_a_refused_request_id_may_be_sent_again(desk: Desk) -> None:
    held = desk.handled()
    assert desk.legacy(held, "one", discountValue=VALUE + 1).status == 400

    assert desk.legacy(held, "one", discountValue=1).status == 200


def test_fifty_are_enough(desk: Desk) -> None:
    held = desk.handled()
    answers = [desk.legacy(held, f"r-{n}", discountValue=1) for n in range(51)]

    assert [each.status for each in answers] == [200] * 50 + [400]
    assert why(answers[50])[2] == "Max allowed modifications for order exceeded: 50"
    assert desk.document(held)["value"] == VALUE - 50


def test_a_marketplace_order_is_modified_in_payment_approved(desk: Desk) -> None:
    """Whoever handles the order leads: its document changes, too."""
    held = desk.handled()
    market = desk.market_of(held)
    given = desk.legacy(market, incrementValue=5)
    receipt = json.loads(given.body)

    assert given.status == 200
    assert receipt["orderId"] == market.order_id
    for each in (market, held):
        assert desk.document(each)["value"] == VALUE + 5
        assert len(seen(desk, each)) == 1


def test_a_marketplace_order_that_nobody_handles_yet_is_not_modified(desk: Desk) -> None:
    assert refused(desk, desk.sold(), discountValue=1) == "Invalid modification for order"


def refused(desk: Desk, held: Held, **body: object) -> str:
    """The message with which a request is refused, after which everything is as before."""
    before = [desk.document(each) for each in desk.service.store.group(held.group)]
    given = desk.legacy(held, **body)
    assert [desk.document(each) for each in desk.service.store.group(held.group)] == before
    status, code, message = why(given)
    assert (status, code) == (400, "001")
    return message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"reason": ""}, "Field reason not set"),
        ({"reason": None}, "Field reason not set"),
        ({"discountValue": -1}, "The modification value needs to be greater or equal than zero"),
        ({"incrementValue": -1}, "The modification value needs to be greater or equal than zero"),
        (
            {"itemsAdded": [{**NEW, "price": -1}]},
            "The modification value needs to be greater or equal than zero",
        ),
        ({"itemsRemoved": [NEW]}, "Invalid id for item"),
        ({"itemsRemoved": [{**SOLD, "id": ""}]}, "Invalid id for item"),
        (
            {"itemsRemoved": [{**SOLD, "quantity": 2}]},
            "Invalid quantity to remove from item sku-2",
        ),
        ({"itemsRemoved": [SOLD, SOLD]}, "Invalid quantity to remove from item sku-2"),
        (
            {"itemsRemoved": [{**SOLD, "quantity": 0}]},
            "Invalid quantity to remove from item sku-2",
        ),
        ({"discountValue": VALUE + 1}, "The value of the modification exceeds the order's price"),
        ({"discountValue": "1"}, "The field discountValue must be a whole number of cents"),
        ({"itemsAdded": {}}, "The field itemsAdded must be an array of at most 1000 objects"),
        ({"itemsAdded": ["sku-1"]}, "The field itemsAdded must hold objects"),
        ({"itemsAdded": [{"id": "sku-1"}]}, "Required fields are missing: price, quantity"),
        ({"request_id": ""}, "requestId must have 1 to 100 characters"),
        ({"request_id": "\ud800"}, "requestId must have 1 to 100 characters"),
        ({"request_id": 7}, "The field requestId must be a string"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_in_the_documented_words(
    desk: Desk, body: dict[str, object], message: str
) -> None:
    assert refused(desk, desk.handled(), **body) == message


def test_what_is_gone_cannot_go_again(desk: Desk) -> None:
    held = desk.handled()
    desk.legacy(held, "one", itemsRemoved=[SOLD], discountValue=500)
    assert refused(desk, held, request_id="two", itemsRemoved=[SOLD]) == (
        "Invalid quantity to remove from item sku-2"
    )
    assert desk.legacy(held, "three", itemsAdded=[SOLD], incrementValue=500).status == 200

    assert desk.legacy(held, "four", itemsRemoved=[SOLD], discountValue=500).status == 200


def test_orders_elsewhere_are_refused_in_the_documented_words(desk: Desk) -> None:
    early = desk.below(desk.sold())
    chain = desk.sold(deal="marketplace-chain-seller")
    incomplete = desk.sold("null")
    handled = desk.handled()
    late = desk.market_of(handled)
    desk.call("POST", f"{ORDERS}/{handled.order_id}/invoice", invoice(VALUE))
    desk.service.advance(HOUR)
    complete = desk.sold("handling", "complete")

    assert refused(desk, early) == IN_HANDLING
    assert refused(desk, handled) == IN_HANDLING
    assert refused(desk, late) == IN_PAYMENT_APPROVED
    assert refused(desk, chain) == "It is not allowed to make modifications to chain orders"
    assert refused(desk, incomplete) == f"Workflow not found for order {incomplete.order_id}"
    assert refused(desk, complete) == "Invalid modification for order"


def test_the_versions_do_not_mix(desk: Desk) -> None:
    held = desk.handled()
    desk.change(held, manualDiscountValue=1)
    desk.finish()

    assert refused(desk, held, discountValue=1) == "Invalid modification for order"


def test_a_modification_of_the_other_version_under_way_is_in_the_way(desk: Desk) -> None:
    held = desk.handled()
    desk.change(held, remove=some("sku-1"))

    assert refused(desk, held, discountValue=1) == "Invalid modification for order"


def test_a_partly_invoiced_order_is_not_modified(desk: Desk) -> None:
    held = desk.handled()
    desk.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice(100))

    assert refused(desk, held, discountValue=1) == "Invalid modification for order"


def test_that_it_is_switched_off_is_remarked_and_a_strict_sandbox_refuses_it(desk: Desk) -> None:
    held = desk.handled()
    assert desk.legacy(held, discountValue=1).status == 200
    assert "2026-03-01" in desk.service.findings[-1].message
    desk.service.strict = True

    assert desk.legacy(held, "two", discountValue=1).status == 400
    assert desk.document(held)["value"] == VALUE - 1


def test_an_order_that_is_not_there(desk: Desk) -> None:
    given = desk.call("POST", f"{ORDERS}/none-01/changes", {"requestId": "1"})

    assert why(given)[:2] == (404, "OMS007")
