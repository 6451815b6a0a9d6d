"""Shoppers, e-mails, payments and the old feed: each shows what the orders say."""

from __future__ import annotations

from typing import Any

import pytest

from orderflow.sandbox.account import VIEW_ORDER
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.sandbox.vendor import feed_two
from orderflow.sandbox.vendor.feed_two import OldFeeds
from tests.sandbox.shop import DOCUMENTS, ORDERS, Shop, code, invoice

OWN = "/api/oms/user/orders"
OLD_FEED = "/api/oms/pvt/feed/orders/status"


@pytest.fixture
def shop() -> Shop:
    return Shop()


def client_of(shop: Shop, held: Held) -> str:
    """The shopper's own address, which only the PII version shows."""
    found: Any = shop.get(f"{DOCUMENTS}/{held.order_id}")
    return str(found["clientProfileData"]["email"])


def own(shop: Shop, query: str = "") -> list[str]:
    found: Any = shop.get(f"{OWN}?{query}")
    return [row["orderId"] for row in found["list"]]


# Ids and paths


@pytest.mark.parametrize("order_id", ["v100001sbx-02", "seq999999", "ABC-1234567890123456", "0"])
def test_an_order_that_is_not_there_is_404_in_dialect(shop: Shop, order_id: str) -> None:
    shop.place("handling")

    assert code(shop.call("GET", f"{ORDERS}/{order_id}")) == (404, "OMS007")


def test_ids_have_digits_and_no_more_than_a_long_holds(shop: Shop) -> None:
    held = shop.place("payment-approved", deal="marketplace-chain-seller")

    for each in shop.service.store.group(held.group):  # CR-12
        digits = "".join(letter for letter in each.order_id if letter.isdigit())
        assert 1 <= len(digits) <= 18


def test_the_copy_of_a_seller_is_found_by_the_id_that_the_order_names(shop: Shop) -> None:
    held = shop.place("payment-approved", deal="marketplace-seller")

    found = shop.get(f"{ORDERS}/{shop.document(held)['sellerOrderId']}")  # CR-11

    assert isinstance(found, dict)
    assert (found["origin"], found["marketplaceOrderId"]) == ("Fulfillment", held.order_id)


# Shoppers


def test_a_shopper_sees_the_own_orders_with_what_was_bought(shop: Shop) -> None:
    held, other = shop.place("handling"), shop.place("ready-for-handling")
    client = client_of(shop, held)

    assert own(shop, f"clientEmail={client}") == [held.order_id]
    assert own(shop, f"clientEmail={client.upper()}") == [held.order_id]
    assert own(shop) == [other.order_id, held.order_id]
    assert own(shop, "clientEmail=nobody@example.com") == []
    found: Any = shop.get(f"{OWN}?clientEmail={client}")
    assert [(item["id"], item["quantity"]) for item in found["list"][0]["items"]] == [("sku-1", 1)]
    assert found["paging"] == {"total": 1, "pages": 1, "currentPage": 1, "perPage": 15}


def test_the_parameters_of_a_buyer_portal_are_taken(shop: Shop) -> None:
    held, other = shop.place("handling"), shop.place("ready-for-handling")
    both = [other.order_id, held.order_id]

    assert own(shop, "status=handling") == [held.order_id]
    assert own(shop, "status=handling&status=ready-for-handling") == both
    assert own(shop, "creation_date=[2020-01-01T00:00:00.000Z+TO+*]") == both
    assert own(shop, "creation_date=creationDate:[*+TO+2020-01-01T00:00:00.000Z]") == []
    assert own(shop, f"text={held.order_id}") == [held.order_id]
    assert own(shop, "my_pending_approvals=false&purchase_agent_id=") == both
    assert own(shop, "my_pending_approvals=true") == []
    assert own(shop, "purchase_agent_id=1&purchase_agent_id=2") == []
    assert own(shop, "per_page=1&page=2") == [held.order_id]


def test_one_order_of_a_shopper_is_the_document_and_nobody_elses(shop: Shop) -> None:
    held = shop.place("handling")
    client = client_of(shop, held)

    assert shop.get(f"{OWN}/{held.order_id}?clientEmail={client}") == shop.document(held)
    assert shop.get(f"{OWN}/{held.order_id}") == shop.document(held)
    assert code(shop.call("GET", f"{OWN}/{held.order_id}?clientEmail=x@example.com")) == (
        404,
        "OMS007",
    )


# E-mails


def subjects(shop: Shop, held: Held) -> list[str]:
    found: Any = shop.get(f"{ORDERS}/{held.order_id}/conversation-message")
    return [message["subject"] for message in found]


def test_a_shopper_is_written_to_at_each_stage(shop: Shop) -> None:
    held = shop.place("invoiced")
    lost = shop.place("canceled")

    assert len(subjects(shop, held)) == 3
    assert subjects(shop, held)[-1] == "Your order has been invoiced."
    assert subjects(shop, lost)[-1] == "Your order has been canceled."
    found: Any = shop.get(f"{ORDERS}/{held.order_id}/conversation-message")
    assert len({message["id"] for message in found}) == len(found)
    assert found[0]["to"][0]["email"] == client_of(shop, held)
    assert [message["date"] for message in found] == sorted(message["date"] for message in found)


def test_the_seller_of_a_marketplaces_order_has_no_conversation(shop: Shop) -> None:
    held = shop.place("payment-approved", deal="marketplace-seller")
    seller = shop.service.order(f"00-{held.order_id}", held.account)
    shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice())
    shop.service.advance(3_600_000)

    assert (held.status, seller.status) == ("invoiced", "invoiced")
    assert subjects(shop, held) != []
    assert subjects(shop, seller) == []


def test_only_full_access_opens_conversations(shop: Shop) -> None:
    held = shop.place("handling")
    shop.key = shop.service.accounts.add("sandbox", [VIEW_ORDER])

    assert shop.call("GET", f"{ORDERS}/{held.order_id}/conversation-message").status == 403


# Payments


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("payment-pending", "Authorizing"),
        ("handling", "Approved"),
        ("invoiced", "Finished"),
        ("canceled", "Canceled"),
    ],
)
def test_a_transaction_stands_where_its_order_says(shop: Shop, status: str, expected: str) -> None:
    held = shop.place(status)

    found: Any = shop.get(f"{ORDERS}/{held.order_id}/payment-transaction")

    paid: Any = shop.document(held)["paymentData"]
    assert found["status"] == expected
    assert found["transactionId"] == paid["transactions"][0]["transactionId"]
    assert found["payments"][0]["value"] == held.order.value


def test_the_order_of_another_store_has_no_transaction_here(shop: Shop) -> None:
    held = shop.place("payment-approved", deal="marketplace-seller")

    path = f"{ORDERS}/00-{held.order_id}/payment-transaction"
    assert code(shop.call("GET", path)) == (404, "001")
    assert shop.call("GET", f"{ORDERS}/nobody/payment-transaction").status == 404


# The old feed


def old(shop: Shop, query: str = "maxLot=20") -> list[dict[str, str]]:
    found = shop.get(f"{OLD_FEED}?{query}")
    assert isinstance(found, list)
    return found


def test_the_old_feed_tells_each_change_until_it_is_confirmed(shop: Shop) -> None:
    held = shop.place("ready-for-handling")
    assert old(shop) == []
    shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")

    items = old(shop)

    assert [(each["orderId"], each["status"]) for each in items] == [
        (held.order_id, "start-handling"),
        (held.order_id, "handling"),
    ]
    assert all(each["commitToken"].startswith("Fulfillment##{") for each in items)
    assert set(items[0]) == {"orderId", "status", "commitToken"}
    assert old(shop) == []
    sent = [{"commitToken": items[0]["commitToken"]}]
    assert shop.call("POST", f"{OLD_FEED}/confirm", sent).status == 200
    shop.service.advance(300_000)
    assert [each["status"] for each in old(shop)] == ["handling"]


def test_a_single_token_is_taken_without_an_array(shop: Shop) -> None:
    old(shop)
    shop.place("ready-for-handling")
    (*_, item) = old(shop)

    sent = {"commitToken": item["commitToken"]}
    assert shop.call("POST", f"{OLD_FEED}/confirm", sent).status == 200
    shop.service.advance(300_000)
    assert item["status"] not in [each["status"] for each in old(shop)]


@pytest.mark.parametrize("sent", [[], {}, [{}], [{"commitToken": 7}], "text", [["x"]]])
def test_a_confirmation_without_tokens_is_refused(shop: Shop, sent: object) -> None:
    assert shop.call("POST", f"{OLD_FEED}/confirm", sent).status == 400


@pytest.mark.parametrize("token", ["", "x", "Marketplace##", 'Marketplace##["x"]', "a##{}"])
def test_a_token_that_is_not_live_is_confirmed_without_effect(shop: Shop, token: str) -> None:
    assert shop.call("POST", f"{OLD_FEED}/confirm", [{"commitToken": token}]).status == 200


@pytest.mark.parametrize("query", ["maxLot=0", "maxLot=101", "maxLot=x"])
def test_a_lot_of_the_old_feed_has_limits(shop: Shop, query: str) -> None:
    assert shop.call("GET", f"{OLD_FEED}?{query}").status == 400
    assert shop.call("GET", OLD_FEED + "/").status == 200


def test_keys_have_old_feeds_of_their_own(shop: Shop) -> None:
    other = Shop(shop.service, shop.service.accounts.add("elsewhere"))
    old(shop)
    old(other)  # both begin
    shop.place("handling")

    assert old(shop) != []
    assert old(other) == []


def waiting(shop: Shop) -> list[str]:
    """Keys whose old feed is kept."""
    return [each.key.name for each in shop.service.part(OldFeeds)._queues.values()]


def test_an_old_feed_that_nobody_reads_ends_and_begins_anew(shop: Shop) -> None:
    old(shop)
    held = shop.place("ready-for-handling")
    (token, *_) = [each["commitToken"] for each in old(shop)]
    shop.service.advance(345_600_000 - 1)
    shop.place("handling")
    assert len(waiting(shop)) == 1

    shop.service.advance(1)
    shop.call("POST", f"{ORDERS}/{held.order_id}/start-handling")

    assert waiting(shop) == []
    assert old(shop) == []  # it begins with this call
    shop.place("handling")
    assert token not in [each["commitToken"] for each in old(shop)] != []


def test_an_old_feed_that_is_only_filled_does_not_grow_for_ever(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_two, "_MOST_WAITING", 20)
    old(shop)
    for _ in range(6):
        shop.place("invoiced")
        for queue in shop.service.part(OldFeeds)._queues.values():
            assert queue.feed.facts(shop.service.now).quantity <= 21

    assert waiting(shop) == []
    assert old(shop) == []


# Determinism


def test_the_same_calls_give_the_same_bytes() -> None:
    def played(seed: int) -> list[bytes]:
        shop = Shop(Service(seed=seed))
        shop.call("GET", OLD_FEED)
        held = shop.place("handling")
        shop.call("POST", f"{ORDERS}/{held.order_id}/invoice", invoice())
        paths = (
            f"{ORDERS}/{held.order_id}/conversation-message",
            f"{ORDERS}/{held.order_id}/payment-transaction",
            OWN,
            OLD_FEED,
        )
        return [shop.call("GET", path).body for path in paths]

    assert played(1) == played(1)
    assert played(1)[3] != played(2)[3]
