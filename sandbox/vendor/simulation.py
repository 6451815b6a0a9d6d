"""Simulating a cart: what its items would cost, and how they would travel.

There is no catalogue and no carrier: every item is there unless it was taken out of sale, costs
what was set for it or an amount made from its id, and travels for nothing in four days (sandbox
decisions). Source: reference "Marketplace Protocol - External Marketplace Orders"; domain fact
sheet "HTTP surface", section 7.1.
"""

from __future__ import annotations

from collections.abc import Mapping

from orderflow.sandbox.dialect import Answer, as_json, refusal
from orderflow.sandbox.placing_fields import checked, is_whole, kept, listed, named, word
from orderflow.sandbox.prices import Prices
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.vendor.mistakes import body_of

_MOST_ITEMS, _MOST_UNITS = 200, 10**6
_CHANNELS = {"delivery": "Normal", "pickup-in-point": "Pickup"}
_AVAILABLE, _GONE = "available", "withoutStock"
_ESTIMATE = "4d"

Row = dict[str, object]


def simulate(service: Service, call: Call) -> Answer:
    """200 with the cart as it would be; nothing is kept of it."""
    given = body_of(service, call)
    items = [
        _item(service, call.account, place, each)
        for place, each in enumerate(listed(given, "items"))
    ]
    if len(items) > _MOST_ITEMS:
        raise refusal(400, "FMT0104", "Too many items in request")
    return as_json(
        {
            "items": items,
            "ratesAndBenefitsData": {"rateAndBenefitsIdentifiers": [], "teaser": []},
            "paymentData": {"installmentOptions": [], "paymentSystems": [], "payments": []},
            "selectableGifts": [],
            "marketingData": kept(given, "marketingData"),
            "country": word(given, "country") or None,
            "postalCode": word(given, "postalCode") or None,
            "geoCoordinates": kept(given, "geoCoordinates") or [],
            "logisticsInfo": [_logistics(place, each) for place, each in enumerate(items)],
            "messages": [_message(each) for each in items if each["availability"] == _GONE],
            "purchaseConditions": {"itemPurchaseConditions": [_condition(each) for each in items]},
            "pickupPoints": [],
            "subscriptionData": None,
            "totals": [{"id": "Items", "name": "Total dos Itens", "value": _total(items)}],
            "itemMetadata": {"items": [_metadata(each) for each in items]},
        }
    )


def _item(service: Service, account: str, place: int, given: Mapping[str, object]) -> Row:
    sku, quantity = checked(given, "id", "CHK0022"), named(given, "quantity")
    if not sku:
        raise refusal(400, "CHK0022", "Invalid id for item")
    if not is_whole(quantity, 1, _MOST_UNITS):
        raise refusal(400, "CHK0023", "Invalid quantity for item")
    seller = checked(given, "seller", "CHK0024") or "1"
    prices = service.part(Prices)
    sold = prices.sells(account, sku)
    price = prices.of(account, sku) if sold else 0
    return {
        "id": sku,
        "requestIndex": place,
        "quantity": quantity,
        "seller": seller,
        "sellerChain": [seller],
        "tax": 0,
        "priceValidUntil": None,
        "price": price,
        "listPrice": price,
        "rewardValue": 0,
        "sellingPrice": price,
        "offerings": [],
        "priceTags": [],
        "measurementUnit": "un",
        "unitMultiplier": 1.0,
        "parentItemIndex": None,
        "parentAssemblyBinding": None,
        "availability": _AVAILABLE if sold else _GONE,
        "priceDefinition": {
            "calculatedSellingPrice": price,
            "total": price * quantity,
            "sellingPrices": [{"value": price, "quantity": quantity}],
        },
    }


def _logistics(place: int, item: Row) -> Row:
    sold = item["availability"] == _AVAILABLE
    return {
        "itemIndex": place,
        "addressId": None,
        "selectedSla": None,
        "selectedDeliveryChannel": None,
        "quantity": item["quantity"],
        "shipsTo": ["BRA"],
        "slas": _slas(item) if sold else [],
        "deliveryChannels": [{"id": channel} for channel in _CHANNELS],
    }


def _slas(item: Row) -> list[Row]:
    return [
        {
            "id": name,
            "deliveryChannel": channel,
            "name": name,
            "deliveryIds": [
                {
                    "courierId": "1",
                    "warehouseId": "1_1",
                    "dockId": "1",
                    "courierName": "Sandbox carrier",
                    "quantity": item["quantity"],
                    "kitItemDetails": [],
                }
            ],
            "shippingEstimate": _ESTIMATE,
            "shippingEstimateDate": None,
            "lockTTL": "10d",
            "availableDeliveryWindows": [],
            "deliveryWindow": None,
            "price": 0,
            "listPrice": 0,
            "tax": 0,
            "pickupStoreInfo": {
                "isPickupStore": channel != "delivery",
                "friendlyName": None,
                "address": None,
                "additionalInfo": None,
                "dockId": None,
            },
            "pickupPointId": None,
            "pickupDistance": 0,
            "polygonName": None,
            "transitTime": _ESTIMATE,
        }
        for channel, name in _CHANNELS.items()
    ]


def _message(item: Row) -> Row:
    """Source: developer portal guide "Checkout error codes", orderForm codes."""
    told = f"The item {item['id']} has no inventory"
    return {"messageId": _GONE, "messageText": told, "messageType": "error"}


def _condition(item: Row) -> Row:
    names = ("id", "seller", "sellerChain", "price", "listPrice")
    slas = _slas(item) if item["availability"] == _AVAILABLE else []
    return {**{name: item[name] for name in names}, "slas": slas}


def _metadata(item: Row) -> Row:
    return {"id": item["id"], "seller": item["seller"], "assemblyOptions": []}


def _total(items: list[Row]) -> int:
    prices = (each["priceDefinition"] for each in items)
    return sum(each["total"] for each in prices if isinstance(each, dict))


ROUTES: tuple[Route, ...] = (
    Route("POST", "/api/checkout/pub/orderForms/simulation", simulate, reads=True),
)
