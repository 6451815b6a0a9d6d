"""Documents have the fields that clients read, in the reference's types, in every status."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from orderflow.sandbox.document import (
    group_document,
    list_row,
    order_document,
    pii_document,
    receipt,
)
from orderflow.sandbox.store import Held
from tests.sandbox.documents import HOST, held, placed, sale_of
from tests.simulator.sales import HANDLING, HAPPY, go

REFERENCE = Path(__file__).parents[2] / ".." / "shared" / "domain" / "openapi"
ORDERS = "/api/oms/pvt/orders"

# Source: domain fact sheet "What real clients send and read", section 3.3.
READ_BY_CLIENTS = {
    "": "orderId sequence status statusDescription value creationDate lastChange origin affiliateId"
    " salesChannel marketplaceOrderId sellerOrderId orderGroup hostname isCompleted"
    " allowCancellation allowEdition followUpEmail openTextField customData cancelReason"
    " authorizedDate invoicedDate packageAttachment changesAttachment storePreferencesData"
    " marketplace sellers ratesAndBenefitsData totals items clientProfileData shippingData"
    " paymentData marketingData cancellationData cancellationRequests",
    "customData": "customApps",
    "marketingData": "coupon",
    "storePreferencesData": "currencyCode",
    "marketplace": "name baseURL",
    "sellers.0": "id",
    "ratesAndBenefitsData": "rateAndBenefitsIdentifiers",
    "totals.0": "id value",
    "items.0": "uniqueId id productId ean refId name quantity seller sellerSku price listPrice"
    " sellingPrice tax isGift imageUrl measurementUnit unitMultiplier priceTags additionalInfo",
    "items.0.additionalInfo": "brandName dimension",
    "items.0.additionalInfo.dimension": "height width length weight cubicweight",
    "clientProfileData": "email firstName lastName document documentType phone corporatePhone"
    " corporateName isCorporate userProfileId",
    "shippingData.address": "receiverName addressType addressId street number complement reference"
    " neighborhood city state country postalCode",
    "shippingData.logisticsInfo.0": "itemIndex selectedSla deliveryCompany deliveryChannel"
    " selectedDeliveryChannel shippingEstimate shippingEstimateDate pickupPointId price"
    " sellingPrice deliveryIds",
    "shippingData.logisticsInfo.0.deliveryIds.0": "courierId courierName dockId warehouseId"
    " quantity",
    "paymentData": "transactions giftCards",
    "paymentData.transactions.0": "transactionId merchantName payments",
    "paymentData.transactions.0.payments.0": "id paymentSystem paymentSystemName value"
    " referenceValue installments group tid firstDigits lastDigits cardHolder dueDate"
    " connectorResponses",
    "paymentData.transactions.0.payments.0.connectorResponses": "Tid ReturnCode Message authId"
    " acquirer issuer",
    "packageAttachment": "packages",
}
PACKAGE = (
    "type invoiceNumber invoiceValue issuanceDate invoiceUrl courier trackingNumber trackingUrl"
    " courierStatus"
)
ROW_BEYOND_REFERENCE = (
    "lastChange hostname invoiceOutput invoiceInput isAllDelivered isAnyDelivered giftCardProviders"
    " orderFormId paymentApprovedDate readyForHandlingDate deliveryDates"
)

NOT_AS_THE_REFERENCE = {
    "status": "an incomplete order has none (fact sheet 3, section 2.1: may be null)",
    "statusDescription": "deprecated; no recorded answer for this status, and the reference's own"
    " order-group example has null",
    "marketingData.coupon": "null in the recorded order of the PII reference",
    "paymentData.transactions[].transactionId": "null in recorded affiliate orders (CA-28)",
    "paymentData.transactions[].payments[].id": "null in recorded affiliate orders (CA-28)",
    "paymentData.transactions[].payments[].tid": "no gateway took part in an affiliate's payment",
    "paymentData.transactions[].payments[].connectorResponses.Tid": "as tid",
    "paymentData.transactions[].payments[].connectorResponses.acquirer": "as tid",
    "paymentData.transactions[].payments[].connectorResponses.authId": "null until it is approved",
    "packageAttachment.packages[].courierStatus.deliveredDate": "null until it is delivered",
}
BEYOND_THE_REFERENCE = {
    "cancellationRequests": "guide, order group and PII version have it; a denial needs its ids",
    "items[].priceDefinition": "the reference's example and its text; its schema says"
    " priceDefinitions",
    "shippingData.logisticsInfo[].deliveryChannel": "the reference's example has it, and"
    " clients read it",
    "paymentData.transactions[].payments[].connectorResponses.issuer": "clients read it",
}


def every_document() -> Iterator[Held]:
    """All documents of all bundled deals at every step of the undisturbed way, and more."""
    for deal, acts in sorted(HAPPY.items()):
        sale = sale_of(deal)
        for act in acts.split():
            go(sale, act)
            yield from placed(sale)
    yield from out_of_the_ordinary()


def out_of_the_ordinary() -> Iterator[Held]:
    """An order without a status, one that is modified and cancelled, one that is returned."""
    yield held(sale_of("marketplace-seller", "market.place_order advance:5m"), "market")
    sale = sale_of("marketplace-seller", HANDLING)
    sale.fire("seller", "modify_order", delta=-500)
    yield held(go(sale, "settle"), "market")
    sale.fire("market", "request_cancel", actor="shopper")
    yield held(sale, "market")
    go(sale, "settle seller.accept_cancel settle market.finish_cancel")
    yield from placed(sale)
    sale = sale_of("complete", HAPPY["complete"])
    sale.fire("fulfillment", "update_tracking", number="T", movement="left")
    yield held(sale)
    sale.fire("fulfillment", "update_tracking", delivered=True)
    sale.fire("fulfillment", "add_return_invoice", value=100)
    yield held(sale)


@pytest.fixture(scope="module")
def drawn() -> list[dict[str, Any]]:
    """Get order, group, PII and list row of every document, as parsed JSON, drawn when it stood."""
    return [
        json.loads(
            json.dumps(
                {
                    "order": order_document(who, host=HOST),
                    "group": group_document(who, host=HOST),
                    "pii": pii_document(who),
                    "row": list_row(who),
                    "receipt": receipt(who, 0),
                }
            )
        )
        for who in every_document()
    ]


def at(document: Any, path: str) -> Any:
    """What stands at a dotted *path*, in which numbers are positions."""
    for name in path.split(".") if path else ():
        document = document[int(name)] if name.isdigit() else document[name]
    return document


def missing(document: Any) -> list[str]:
    """Fields that clients read and *document* lacks."""
    moved = not at(document, "shippingData.logisticsInfo.0.deliveryIds")  # to another seller
    return [
        f"{path}.{name}"
        for path, names in READ_BY_CLIENTS.items()
        for name in names.split()
        if not (moved and path.endswith("deliveryIds.0")) and name not in at(document, path)
    ]


def test_documents_of_many_statuses_are_looked_at(drawn: list[dict[str, Any]]) -> None:
    statuses = {each["order"]["status"] for each in drawn}

    assert statuses >= {
        None,
        "order-created",
        "payment-pending",
        "handling",
        "invoiced",
        "canceled",
    }
    assert len(statuses) >= 20


def test_every_field_that_clients_read_is_there_in_every_status(
    drawn: list[dict[str, Any]],
) -> None:
    for each in drawn:
        for version in ("order", "group", "pii"):
            assert missing(each[version]) == [], each["order"]["status"]


def test_a_field_that_is_taken_out_is_missed(drawn: list[dict[str, Any]]) -> None:
    broken = json.loads(json.dumps(drawn[-1]["order"]))
    del broken["shippingData"]["logisticsInfo"][0]["deliveryIds"][0]["dockId"]
    del broken["sequence"]

    assert missing(broken) == [".sequence", "shippingData.logisticsInfo.0.deliveryIds.0.dockId"]


def test_packages_and_rows_have_what_clients_read(drawn: list[dict[str, Any]]) -> None:
    packages = [p for each in drawn for p in each["order"]["packageAttachment"]["packages"]]

    assert {package["type"] for package in packages} == {"Output", "Input"}
    assert all(set(PACKAGE.split()) <= set(package) for package in packages)
    assert all(set(ROW_BEYOND_REFERENCE.split()) <= set(each["row"]) for each in drawn)


def test_dates_of_a_document_are_as_the_strictest_client_parses_them(
    drawn: list[dict[str, Any]],
) -> None:
    named = {
        name: value
        for each in drawn
        for name, value in {**each["order"], **each["row"]}.items()
        if name.endswith("Date") and value is not None
    }

    assert {"creationDate", "authorizedDate", "invoicedDate", "readyForHandlingDate"} <= set(named)
    assert all(len(v) == 33 and v.endswith("+00:00") for v in named.values())


class Reference:
    """The types of an answer, as the vendor's own document has them."""

    def __init__(self, path: str, method: str = "get") -> None:
        file = REFERENCE / "vtex-orders-api.json"
        if not file.exists():
            pytest.skip("the vendor's API document is not here")
        self.document = json.loads(file.read_text("utf-8"))
        answer = self.document["paths"][path][method]["responses"]["200"]["content"]
        self.schema = next(iter(answer.values()))["schema"]

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = at(self.document, schema["$ref"].removeprefix("#/").replace("/", "."))
        return schema

    def differences(
        self, value: Any, schema: Mapping[str, Any], path: str = ""
    ) -> Iterator[tuple[str, str]]:
        """(path, what is different) of *value*; ``type``, ``missing`` or ``beyond``."""
        schema = self.resolved(schema)
        if value is None and schema.get("nullable"):
            return
        kind = schema.get("type")
        if kind and not is_a(kind, value):
            yield path, "type"
        elif "enum" in schema and value not in schema["enum"]:
            yield path, "enum"
        elif isinstance(value, dict) and "properties" in schema:
            yield from self._of_object(value, schema, path)
        elif isinstance(value, list):
            for each in value:
                yield from self.differences(each, schema.get("items", {}), f"{path}[]")

    def _of_object(
        self, value: dict[str, Any], schema: Mapping[str, Any], path: str
    ) -> Iterator[tuple[str, str]]:
        start = f"{path}." if path else ""
        yield from (
            (f"{start}{n}", "missing") for n in schema.get("required", ()) if n not in value
        )
        for name, each in value.items():
            if name not in schema["properties"]:
                yield f"{start}{name}", "beyond"
            else:
                yield from self.differences(each, schema["properties"][name], f"{start}{name}")


def is_a(kind: str, value: object) -> bool:
    """Whether *value* has the JSON type *kind*; 1.0 is an integer, true is none."""
    if kind in ("integer", "number"):
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return kind == "number" or float(value).is_integer()
    kinds = {"string": str, "boolean": bool, "array": list, "object": dict}
    return isinstance(value, kinds[kind])


def test_get_order_differs_from_the_reference_where_it_is_written_down(
    drawn: list[dict[str, Any]],
) -> None:
    reference = Reference(f"{ORDERS}/{{orderId}}")

    found = {
        difference
        for each in drawn
        for difference in reference.differences(each["order"], reference.schema)
    }
    assert {path for path, what in found if what == "type"} == set(NOT_AS_THE_REFERENCE)
    assert {path for path, what in found if what == "beyond"} == set(BEYOND_THE_REFERENCE)
    assert {what for _, what in found} == {"type", "beyond"}


def test_get_order_has_every_field_at_the_top_of_the_reference(
    drawn: list[dict[str, Any]],
) -> None:
    reference = Reference(f"{ORDERS}/{{orderId}}")

    for each in drawn:
        assert set(reference.schema["properties"]) <= set(each["order"])


def test_a_row_of_the_list_has_all_fields_the_reference_requires(
    drawn: list[dict[str, Any]],
) -> None:
    reference = Reference(ORDERS)
    row = reference.resolved(reference.schema)["properties"]["list"]["items"]

    found = {d for each in drawn for d in reference.differences(each["row"], row)}
    beyond = {path for path, what in found if what == "beyond"}
    assert beyond == set(ROW_BEYOND_REFERENCE.split())
    assert {d for d in found if d[1] != "beyond"} == {
        ("status", "type"),
        ("statusDescription", "type"),
    }


def test_a_receipt_is_as_the_reference_has_it(drawn: list[dict[str, Any]]) -> None:
    reference = Reference(f"{ORDERS}/{{orderId}}/invoice", "post")

    for each in drawn:
        assert list(reference.differences(each["receipt"], reference.schema)) == []


def test_a_wrong_type_and_a_wrong_name_are_told_apart_from_the_reference(
    drawn: list[dict[str, Any]],
) -> None:
    reference = Reference(f"{ORDERS}/{{orderId}}")
    broken = json.loads(json.dumps(drawn[-1]["order"]))
    broken["value"] = "6980"
    broken["items"][0]["isGift"] = 0
    broken["origin"] = "marketplace"

    found = set(reference.differences(broken, reference.schema))
    assert {("value", "type"), ("items[].isGift", "type"), ("origin", "enum")} <= found
