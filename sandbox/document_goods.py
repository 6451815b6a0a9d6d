"""What an order document says of its goods: items, what they are, and how they travel."""

from __future__ import annotations

from orderflow.sandbox.document_names import digits, mark, seller_name
from orderflow.sandbox.document_shopper import address
from orderflow.sandbox.moments import iso_or_null
from orderflow.sandbox.store import Held
from orderflow.simulator.order import Item

_DAY_MS = 86_400_000
_PICKUP_POINT = "1_sandbox"


def items(held: Held) -> list[dict[str, object]]:
    """``items[]``, in the order of the order lines."""
    return [_item(held, place, item) for place, item in enumerate(held.order.items)]


def _item(held: Held, place: int, item: Item) -> dict[str, object]:
    return {
        "uniqueId": mark(held.group, "item", str(place)),
        "id": item.id,
        "productId": item.id,
        "ean": _ean(item),
        "lockId": f"00-{held.group}",
        "itemAttachment": {"content": {}, "name": None},
        "attachments": [],
        "quantity": item.quantity,
        "seller": seller_name(held),
        "name": f"Sandbox product {item.id}",
        "refId": f"REF-{item.id}",
        **_prices(item),
        **_additions(),
        "imageUrl": f"https://{held.account}.vteximg.com.br/arquivos/ids/{item.id}.jpg",
        "detailUrl": f"/{item.id}/p",
        "sellerSku": item.id,
        "additionalInfo": _additional_info(),
        "measurementUnit": "un",
        "unitMultiplier": 1.0,
        "isGift": False,
    }


def _prices(item: Item) -> dict[str, object]:
    """What a line costs; nothing is discounted or taxed (sandbox decision)."""
    return {
        "price": item.price,
        "listPrice": item.price,
        "sellingPrice": item.price,
        "manualPrice": None,
        "costPrice": item.price,
        "shippingPrice": None,
        "tax": 0,
        "commission": 0,
        "freightCommission": 0,
        "rewardValue": 0,
        "priceTags": [],
        "priceValidUntil": None,
        "priceDefinition": {
            "sellingPrices": [{"value": item.price, "quantity": item.quantity}],
            "calculatedSellingPrice": item.price,
            "total": item.price * item.quantity,
            "reason": None,
        },
    }


def _additions() -> dict[str, object]:
    """What may hang on an item; nothing does."""
    return {
        "components": [],
        "bundleItems": [],
        "params": [],
        "offerings": [],
        "attachmentOfferings": [],
        "assemblies": [],
        "preSaleDate": None,
        "taxCode": None,
        "parentItemIndex": None,
        "parentAssemblyBinding": None,
        "callCenterOperator": None,
        "serialNumbers": None,
    }


def _additional_info() -> dict[str, object]:
    return {
        "brandName": "Sandbox",
        "brandId": "2000000",
        "categoriesIds": "/1/",
        "categories": [{"id": 1, "name": "Samples"}],
        "productClusterId": "1",
        "commercialConditionId": "1",
        "dimension": {
            "cubicweight": 1.0,
            "height": 10.0,
            "length": 10.0,
            "weight": 10.0,
            "width": 10.0,
        },
        "offeringInfo": None,
        "offeringType": None,
        "offeringTypeId": None,
    }


def _ean(item: Item) -> str:
    return digits(13, item.id, "ean")


def item_metadata(held: Held) -> dict[str, object]:
    """``itemMetadata``, with the capital letters of Get order."""
    return {
        "Items": [
            {
                "Id": item.id,
                "Seller": seller_name(held),
                "Name": f"Sandbox product {item.id}",
                "SkuName": f"Sandbox product {item.id}",
                "ProductId": item.id,
                "RefId": f"REF-{item.id}",
                "Ean": _ean(item),
                "ImageUrl": f"https://{held.account}.vteximg.com.br/arquivos/ids/{item.id}.jpg",
                "DetailUrl": f"/{item.id}/p",
                "AssemblyOptions": [],
            }
            for item in held.order.items
        ]
    }


def shipping(held: Held) -> dict[str, object]:
    """``shippingData``: address, and one entry of ``logisticsInfo`` an item."""
    whereto = address(held)
    return {
        "id": "shippingData",
        "address": whereto,
        "logisticsInfo": [
            _logistics(held, place, item, str(whereto["addressId"]))
            for place, item in enumerate(held.order.items)
        ],
        "trackingHints": None,
        "selectedAddresses": [address(held)],
        "contactInformation": [],
    }


def _logistics(held: Held, place: int, item: Item, address_id: str) -> dict[str, object]:
    pickup = item.channel == "pickup-in-point"
    return {
        "itemIndex": place,
        "selectedSla": "Pickup" if pickup else "Normal",
        "lockTTL": "10d",
        "price": 0,
        "listPrice": 0,
        "sellingPrice": 0,
        "deliveryWindow": None,
        "deliveryCompany": "Sandbox carrier",
        "shippingEstimate": _estimate(held, item),
        "shippingEstimateDate": iso_or_null(item.estimate),
        "slas": [],
        "shipsTo": ["BRA"],
        "deliveryIds": [_delivery(held, item)],
        "deliveryChannels": [{"id": item.channel, "stockBalance": 0}],
        "deliveryChannel": item.channel,
        "selectedDeliveryChannel": item.channel,
        "pickupStoreInfo": _pickup_store(pickup=pickup),
        "addressId": address_id,
        "versionId": None,
        "entityId": None,
        "polygonName": None,
        "pickupPointId": _PICKUP_POINT if pickup else None,
        "transitTime": None,
    }


def _estimate(held: Held, item: Item) -> str | None:
    """Days from placement to the estimate, such as ``4d``; None for an item without one."""
    if item.estimate is None or held.order.created_at is None:
        return None
    return f"{max(0, -(-(item.estimate - held.order.created_at) // _DAY_MS))}d"


def _delivery(held: Held, item: Item) -> dict[str, object]:
    return {
        "courierId": "1",
        "courierName": "Sandbox carrier",
        "dockId": "1",
        "warehouseId": "1_1",
        "quantity": item.quantity,
        "accountCarrierName": held.account,
        "kitItemDetails": [],
    }


def _pickup_store(*, pickup: bool) -> dict[str, object]:
    return {
        "additionalInfo": None,
        "address": None,
        "dockId": None,
        "friendlyName": "Sandbox pickup point" if pickup else None,
        "isPickupStore": pickup,
    }
