"""The document says what the order is: identity, status, money, dates, invoices, cancellation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderflow.sandbox.changes_shown import path_up
from orderflow.sandbox.document import (
    group_document,
    list_row,
    order_document,
    pii_document,
    receipt,
)
from orderflow.sandbox.moments import iso
from orderflow.sandbox.placed import Placed
from orderflow.sandbox.store import Held, Store
from orderflow.simulator.clock import START
from orderflow.simulator.deal import DealSimulator
from orderflow.simulator.order import Item
from orderflow.simulator.simulator import Refused
from tests.sandbox.documents import DAY, HOST, ITEMS, VALUE, held, placed, sale_of, steps_of
from tests.simulator.sales import HANDLING, HAPPY, PAID, PLACED, go

COMPLETE_HANDLING = HAPPY["complete"].split("fulfillment.verify_invoice")[0]


def shown(who: Held) -> Any:  # parsed JSON
    """Get order, as a client parses it."""
    return json.loads(json.dumps(order_document(who, host=HOST)))


def complete(acts: str = COMPLETE_HANDLING) -> Held:
    return held(sale_of("complete", acts))


def test_identities_lead_from_the_store_of_the_sale_to_the_seller_and_back() -> None:
    sale = sale_of("marketplace-seller", HANDLING)
    upper, lower = shown(held(sale, "market")), shown(held(sale, "seller"))

    assert upper["orderId"] == "v100001sbx-01"
    assert upper["sellerOrderId"] == lower["orderId"] == lower["sellerOrderId"]
    assert lower["marketplaceOrderId"] == upper["orderId"]
    assert upper["marketplaceOrderId"] == upper["affiliateId"] == ""
    assert lower["affiliateId"] == "SBX"
    assert upper["orderGroup"] == lower["orderGroup"] == "v100001sbx"
    assert (upper["origin"], lower["origin"]) == ("Marketplace", "Fulfillment")


@pytest.mark.parametrize("deal", ["marketplace-seller", "marketplace-chain-seller", "split-order"])
def test_the_ids_in_a_document_are_those_of_documents_of_its_group(deal: str) -> None:
    store = Store()
    (first, *_) = store.place(deal=deal)
    store.advance(DAY)
    found = {each.order_id: shown(each) for each in store.group(first.group)}

    assert len(found) == len(first.sale.deal.participants)
    lower = [each for each in found.values() if each["marketplaceOrderId"]]
    assert len(lower) == len([each for each in first.sale.deal.participants if each.below])
    for each in lower:
        assert found[each["marketplaceOrderId"]]["sellerOrderId"] == each["orderId"]
    assert len({each["clientProfileData"]["email"] for each in found.values()}) == 1


def test_what_came_with_an_invoice_stands_in_its_package() -> None:
    who = held(sale_of("complete", HAPPY["complete"]))
    number = who.order.invoices[0].number
    who.papers[number] = {"courier": "Post", "trackingUrl": "https://example.com/1"}
    who.papers["another"] = {"courier": "Nobody"}

    (package,) = shown(who)["packageAttachment"]["packages"]
    assert (package["courier"], package["trackingUrl"]) == ("Post", "https://example.com/1")
    assert package["invoiceValue"] == VALUE


def test_the_seller_that_took_over_is_the_one_that_is_named() -> None:
    before = shown(held(sale_of("seller-change", PAID), "market"))
    after = shown(held(sale_of("seller-change", HAPPY["seller-change"]), "market"))

    assert before["sellerOrderId"] == "00-v100001sbx-01"
    assert after["sellerOrderId"] == "01-v100001sbx-01"
    assert [each["sellers"][0]["id"] for each in (before, after)] == ["seller", "substitute"]
    assert after["items"][0]["seller"] == "substitute"


def test_a_store_that_ships_itself_is_its_own_seller() -> None:
    document = shown(complete())

    assert document["sellerOrderId"] == "00-v100001sbx-01"
    assert document["sellers"][0]["id"] == document["items"][0]["seller"] == "1"


def test_the_host_stands_in_every_endpoint() -> None:
    document = shown(complete())

    assert document["marketplaceServicesEndpoint"] == f"http://{HOST}/api/oms?an=sandbox"
    assert document["marketplace"]["baseURL"] == document["marketplaceServicesEndpoint"]
    assert document["sellers"][0]["fulfillmentEndpoint"].startswith(f"http://{HOST}/")


def test_status_dates_and_flags_follow_the_order() -> None:
    sale = sale_of("complete")
    seen: dict[str | None, Any] = {}
    for act in HAPPY["complete"].split():
        go(sale, act)
        document = shown(held(sale))
        seen[document["status"]] = document
        sale.advance(1)

    first, paid, last = seen["order-created"], seen["ready-for-handling"], seen["invoiced"]
    assert first["isCompleted"] is False
    assert first["authorizedDate"] is first["invoicedDate"] is None
    assert first["creationDate"] == first["lastChange"] == iso(START)
    assert paid["isCompleted"] is True
    assert paid["creationDate"] < paid["authorizedDate"] < paid["lastChange"]
    assert last["creationDate"] == first["creationDate"]
    assert last["authorizedDate"] < last["invoicedDate"] == last["lastChange"]
    assert last["statusDescription"] == "Faturado"
    assert first["statusDescription"] is None


def test_a_step_that_keeps_the_status_is_a_change_of_the_document() -> None:
    sale = sale_of("complete", HAPPY["complete"])
    sale.advance(DAY)
    sale.fire("fulfillment", "update_tracking", number="TRK-1")

    document = shown(held(sale))
    assert document["status"] == "invoiced"
    assert document["lastChange"] == iso(START + DAY + 30 * 60_000)
    assert document["invoicedDate"] < document["lastChange"]


def test_an_order_without_a_status_says_null() -> None:
    sale = sale_of("marketplace-seller", "market.place_order advance:5m")

    document = shown(held(sale, "market"))
    assert sale.statuses["market"] == "null"
    assert document["status"] is None
    assert document["isCompleted"] is False
    assert list_row(held(sale, "market"))["status"] is None


def test_there_is_no_document_of_what_has_not_been_placed() -> None:
    with pytest.raises(ValueError, match="has not been placed"):
        shown(held(sale_of("marketplace-seller"), "market"))


@pytest.mark.parametrize("deal", sorted(HAPPY))
def test_totals_add_up_to_the_value_and_are_always_four(deal: str) -> None:
    sale = sale_of(deal)
    for act in HAPPY[deal].split():
        go(sale, act)
        for who in placed(sale):
            document = shown(who)
            ids = [total["id"] for total in document["totals"]]
            assert ids == ["Items", "Discounts", "Shipping", "Tax"]
            assert sum(t["value"] for t in document["totals"]) == document["value"] == VALUE


@pytest.mark.parametrize(
    ("delta", "items", "discounts"), [(-500, VALUE, -500), (500, VALUE + 500, 0)]
)
def test_a_modification_moves_value_and_totals_and_leaves_a_record(
    delta: int, items: int, discounts: int
) -> None:
    sale = sale_of("marketplace-seller", HANDLING)
    sale.fire("seller", "modify_order", delta=delta)
    go(sale, "settle")

    document = shown(held(sale, "market"))
    assert document["value"] == VALUE + delta
    assert [total["value"] for total in document["totals"]] == [items, discounts, 0, 0]
    (change,) = document["changesAttachment"]["changesData"]
    assert change["incrementValue"] - change["discountValue"] == delta
    paid = document["paymentData"]["transactions"][0]["payments"][0]
    assert (paid["value"], paid["referenceValue"]) == (VALUE + delta, VALUE)


def test_items_and_logistics_stand_side_by_side() -> None:
    document = shown(complete())

    for place, item in enumerate(ITEMS):
        line, way = document["items"][place], document["shippingData"]["logisticsInfo"][place]
        assert (line["id"], line["quantity"], line["price"]) == (item.id, item.quantity, item.price)
        assert line["priceDefinition"]["total"] == item.quantity * item.price
        assert way["itemIndex"] == place
        assert way["selectedDeliveryChannel"] == way["deliveryChannel"] == item.channel
        assert way["shippingEstimateDate"] == iso(item.estimate or 0)
    assert [w["shippingEstimate"] for w in document["shippingData"]["logisticsInfo"]] == [
        "4d",
        "2d",
    ]
    assert document["shippingData"]["logisticsInfo"][1]["pickupStoreInfo"]["isPickupStore"] is True


def test_an_item_without_an_estimate_shows_none() -> None:
    document = shown(held(sale_of("complete", COMPLETE_HANDLING, items=(Item("1", 1, 100),))))

    (way,) = document["shippingData"]["logisticsInfo"]
    assert way["shippingEstimateDate"] is way["shippingEstimate"] is None


def test_invoices_become_packages_with_the_carriers_news() -> None:
    sale = sale_of("complete", HAPPY["complete"])
    invoiced = shown(held(sale))["packageAttachment"]["packages"]
    sale.fire("fulfillment", "update_tracking", number="TRK-1", movement="left", delivered=True)
    moved = shown(held(sale))["packageAttachment"]["packages"]

    assert [(p["type"], p["invoiceValue"], p["courierStatus"]) for p in invoiced] == [
        ("Output", VALUE, None)
    ]
    assert [i["itemIndex"] for i in invoiced[0]["items"]] in ([0, 1], [])
    assert moved[0]["trackingNumber"] == "TRK-1"
    assert moved[0]["courierStatus"]["finished"] is True
    assert moved[0]["courierStatus"]["deliveredDate"] == iso(sale.now)
    assert [move["description"] for move in moved[0]["courierStatus"]["data"]] == ["left"]


def test_a_return_is_a_package_with_a_refund() -> None:
    sale = sale_of("complete", HAPPY["complete"])
    sale.fire("fulfillment", "add_return_invoice", value=1_990, number="R-1")

    output, returned = shown(held(sale))["packageAttachment"]["packages"]
    assert output["restitutions"] == {}
    assert (returned["type"], returned["invoiceNumber"]) == ("Input", "R-1")
    assert returned["restitutions"]["Refund"]["value"] == 1_990


def test_a_part_invoiced_order_may_no_longer_be_cancelled() -> None:
    sale = sale_of("complete", COMPLETE_HANDLING)
    before = shown(held(sale))
    go(
        sale,
        "fulfillment.verify_invoice:part fulfillment.add_invoice_partial main.add_invoice_partial",
    )
    after = shown(held(sale))

    assert (before["status"], after["status"]) == ("handling", "handling")
    assert (before["allowCancellation"], after["allowCancellation"]) == (True, False)


def cancelled() -> DealSimulator:
    sale = sale_of("marketplace-seller", HANDLING)
    sale.fire("market", "request_cancel", actor="shopper", reason="too slow")
    return go(sale, "settle seller.accept_cancel settle market.finish_cancel")


def test_a_request_that_was_denied_stays_on_record_and_cancels_nothing() -> None:
    sale = sale_of("marketplace-seller", HANDLING)
    sale.fire("market", "request_cancel", actor="shopper", reason="changed my mind")
    go(sale, "settle")
    open_request = shown(held(sale, "seller"))["cancellationRequests"][0]
    sale.fire("seller", "deny_cancel", reason="on its way")

    document = shown(held(sale, "seller"))
    (request,) = document["cancellationRequests"]
    assert open_request["deniedBySeller"] is False
    assert open_request["deniedBySellerReason"] is None
    assert open_request["cancellationRequestDenyDate"] is None
    assert request["id"] == open_request["id"]
    assert request["deniedBySeller"] is True
    assert request["deniedBySellerReason"] == "on its way"
    assert document["cancellationData"] is document["cancelReason"] is None


def test_the_document_above_notes_why_the_seller_refused() -> None:
    sale = sale_of("marketplace-seller", HANDLING)
    sale.fire("market", "request_cancel", actor="shopper", reason="changed my mind")
    go(sale, "settle")
    sale.fire("seller", "deny_cancel", reason="on its way")
    go(sale, "settle")
    store = Store()
    (complete,) = store.place(to="handling")
    store.fire(complete, "request_cancel")
    store.fire(complete, "deny_cancel", {"reason": "on its way"})

    for who in (held(sale, "market"), complete):
        (request,) = shown(who)["cancellationRequests"]
        assert (request["deniedBySeller"], request["deniedBySellerReason"]) == (True, "on its way")


def test_the_order_of_a_seller_is_authorized_when_it_may_be_fulfilled() -> None:
    store = Store()
    market, seller = store.place(deal="marketplace-seller", to="payment-pending")
    assert shown(seller)["authorizedDate"] is None

    store.advance(DAY)
    store.fire(market, "payment_approved")
    store.advance(2 * DAY)
    (let_go,) = [each.at for each in seller.events if each.target == "authorize-fulfillment"]
    assert shown(seller)["authorizedDate"] == iso(let_go) > shown(market)["authorizedDate"]


def test_a_reason_comes_up_through_a_chain() -> None:
    store = Store()
    market, *_ = store.place(deal="marketplace-chain-seller", to="payment-approved")
    store.advance(3_600_000)
    seller = store.group(market.group)[-1]
    store.fire(market, "request_cancel")
    store.advance(3_610_000)
    assert not isinstance(store.fire(seller, "deny_cancel", {"reason": "on its way"}), Refused)
    store.advance(3_620_000)

    for who in store.group(market.group):
        (request,) = shown(who)["cancellationRequests"]
        assert request["deniedBySellerReason"] == "on its way"


def test_a_later_refusal_does_not_change_the_reason_of_an_earlier_one() -> None:
    store = Store()
    (complete,) = store.place(to="handling")
    for reason in ("on its way", "at the door"):
        store.fire(complete, "request_cancel")
        store.fire(complete, "deny_cancel", {"reason": reason})

    said = [each["deniedBySellerReason"] for each in shown(complete)["cancellationRequests"]]
    assert said == ["on its way", "at the door"]


def test_cancellation_data_has_capitals_in_get_order_only() -> None:
    who = held(cancelled(), "market")
    assert who.status == "canceled"

    capital = shown(who)["cancellationData"]
    small: Any = group_document(who, host=HOST)["cancellationData"]
    assert capital["RequestedByUser"] is small["requestedByUser"] is True
    assert capital["RequestedBySystem"] is small["requestedBySystem"] is False
    assert capital["Reason"] == small["reason"] == shown(who)["cancelReason"] == "too slow"
    assert capital["CancellationDate"] == small["cancellationDate"]
    assert small["cancellationRequestId"] == shown(who)["cancellationRequests"][-1]["id"]
    assert "CancellationRequestId" not in capital


def test_the_workflow_tells_every_status_once_and_in_order() -> None:
    who = held(cancelled(), "market")
    data: Any = pii_document(who)["workflowData"]

    (instance,) = data["instances"]
    assert data["mainFlowIndex"] == 0
    assert instance["name"] == "Marketplace"
    names = [step["stepName"] for step in instance["timeLine"]]
    assert names == [e.target for e in who.events if e.target != e.source]
    assert [step["date"] for step in instance["timeLine"]] == sorted(
        step["date"] for step in instance["timeLine"]
    )
    parents = {step["stepName"]: step["parentStepName"] for step in instance["timeLine"]}
    assert parents["order-created"] == "creating"
    assert parents["waiting-for-seller-decision"] == "authorizing"
    assert parents["waiting-for-authorization"] is None
    logic = [step["stepName"] for step in instance["logicTimeLine"]]
    assert logic == [
        "creating",
        "approving-transaction",
        "accepting-cancel",
        "authorizing",
        "canceling",
        "canceled",
    ]
    assert instance["currentLogicalStep"] == "canceled"


def test_a_complete_order_has_two_workflows_in_one_document() -> None:
    data: Any = pii_document(complete())["workflowData"]

    assert [each["name"] for each in data["instances"]] == ["Marketplace", "Fulfillment"]
    assert data["instances"][1]["currentStepName"] == "handling"


def test_the_pii_version_shows_the_real_address_and_small_letters() -> None:
    who = complete()
    plain, full = shown(who), json.loads(json.dumps(pii_document(who)))

    assert plain["clientProfileData"]["email"].endswith("b.ct.vtex.com.br")
    assert (
        plain["clientProfileData"]["email"].rsplit("-", 1)[0] == full["clientProfileData"]["email"]
    )
    assert full["state"] == full["status"] == plain["status"]
    assert full["itemMetadata"]["items"][0]["skuName"] == "Sandbox product 101"
    assert plain["itemMetadata"]["Items"][0]["SkuName"] == "Sandbox product 101"


def test_a_sellers_document_names_no_transaction() -> None:
    sale = sale_of("marketplace-seller", HANDLING)
    (own,) = shown(held(sale, "market"))["paymentData"]["transactions"]
    (assumed,) = shown(held(sale, "seller"))["paymentData"]["transactions"]

    assert own["transactionId"]
    assert own["payments"][0]["id"]
    assert assumed["transactionId"] is assumed["payments"][0]["id"] is None
    assert assumed["payments"][0]["paymentSystemName"] == "Assumed value by affiliate SBX"
    assert all(t["payments"][0]["paymentSystem"].isdigit() for t in (own, assumed))


def test_the_gateway_answers_with_the_approval_and_not_before() -> None:
    def answer(acts: str) -> Any:
        who = held(sale_of("marketplace-seller", acts), "market")
        return shown(who)["paymentData"]["transactions"][0]["payments"][0]["connectorResponses"]

    before, after = answer(PLACED), answer(HANDLING)
    assert before["authId"] is before["ReturnCode"] is None
    assert after["authId"]
    assert before["Tid"] == after["Tid"]


def test_the_same_order_has_the_same_bytes_and_another_one_another_shopper() -> None:
    one, other = complete(), complete()
    stranger = complete()
    stranger.group = "v100002sbx"

    assert shown(one) == shown(other)
    ours, theirs = shown(one), shown(stranger)
    assert ours["clientProfileData"]["email"] != theirs["clientProfileData"]["email"]
    assert ours["items"][0]["uniqueId"] != theirs["items"][0]["uniqueId"]
    assert ours["items"][0]["uniqueId"] != ours["items"][1]["uniqueId"]


def test_each_order_of_a_group_has_lines_of_its_own_and_the_same_ones_at_every_level() -> None:
    store = Store()
    said = tuple(Placed(ITEMS, lines=({"name": name}, {"name": name})) for name in ("one", "two"))
    (first, *_) = store.place(deal="split-order", to="payment-approved", parts=said)
    lines = [
        (path_up(each)[-1], [(line["uniqueId"], line["name"]) for line in shown(each)["items"]])
        for each in store.group(first.group)
    ]

    by_order = {order: [ids for name, ids in lines if name == order] for order, _ in lines}
    (ours, theirs) = by_order.values()
    assert len(ours) == len(theirs) == 2  # the marketplace's and the seller's
    assert ours[0] == ours[1]
    assert theirs[0] == theirs[1]
    assert len({unique_id for unique_id, _ in (*ours[0], *theirs[0])}) == 4
    assert [name for _, name in (*ours[0], *theirs[0])] == ["one", "one", "two", "two"]


def test_an_invoice_of_two_lines_with_one_sku_is_about_both() -> None:
    same = (Item("101", 2, 1_990), Item("102", 1, 500), Item("101", 1, 1_500))
    package = shown(held(sale_of("complete", HAPPY["complete"], items=same)))
    rows = package["packageAttachment"]["packages"][0]["items"]

    assert [(row["itemIndex"], row["quantity"], row["price"]) for row in rows] == [
        (0, 2, 1_990),
        (1, 1, 500),
        (2, 1, 1_500),
    ]


def test_a_row_of_the_list_agrees_with_the_document_at_every_step() -> None:
    for acts in steps_of(HAPPY["complete"]):
        who = complete(acts)
        document, row = shown(who), list_row(who)
        for name in ("orderId", "status", "sequence", "creationDate", "lastChange", "origin"):
            assert row[name] == document[name]
        assert row["totalValue"] == document["value"]
        assert row["orderIsComplete"] is document["isCompleted"]


def test_a_row_counts_deliveries_and_dates() -> None:
    sale = sale_of("complete", HAPPY["complete"])
    before = list_row(held(sale))
    sale.fire("fulfillment", "update_tracking", number="TRK-1", delivered=True)
    after = list_row(held(sale))

    assert before["totalItems"] == 3
    assert before["isAnyDelivered"] is before["isAllDelivered"] is False
    assert after["isAnyDelivered"] is after["isAllDelivered"] is True
    assert after["deliveryDates"] == [iso(sale.now)]
    assert len(str(after["invoiceOutput"])) > 4
    assert before["readyForHandlingDate"] == iso(START + 30 * 60_000)
    assert before["ShippingEstimatedDateMin"] == iso(START + 2 * DAY)
    assert before["ShippingEstimatedDate"] == iso(START + 4 * DAY)


def test_all_is_delivered_when_every_package_has_arrived() -> None:
    sale = sale_of("marketplace-seller", HANDLING)
    part = (
        "seller.verify_invoice:part seller.add_invoice_partial settle market.add_invoice_partial "
    )
    go(
        sale,
        part + "seller.verify_invoice:rest seller.add_invoice_full settle market.add_invoice_full",
    )
    seen = []
    for package in (1, 2):
        sale.fire("seller", "update_tracking", package=package, number="T", delivered=True)
        go(sale, "settle")
        row = list_row(held(sale, "seller"))
        seen.append((row["isAnyDelivered"], row["isAllDelivered"]))

    assert seen == [(True, False), (True, True)]


def test_a_step_that_keeps_the_status_is_no_step_of_the_workflow() -> None:
    sale = sale_of("complete", HAPPY["complete"])
    before: Any = pii_document(held(sale))["workflowData"]
    sale.advance(DAY)
    sale.fire("fulfillment", "update_tracking", number="TRK-1")
    after: Any = pii_document(held(sale))["workflowData"]

    assert after == before


def test_every_receipt_is_another_one() -> None:
    who = complete()
    first, same, again = receipt(who, 5), receipt(who, 5), receipt(who, 5, again=1)

    assert set(first) == {"date", "orderId", "receipt"}
    assert first == same != again
    assert (first["date"], first["orderId"]) == (iso(5), "v100001sbx-01")
