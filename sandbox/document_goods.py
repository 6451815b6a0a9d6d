"""What an order document says of its goods: items, what they are, and how they travel."""

from __future__ import annotations

from functools import lru_cache

from orderflow.sandbox.changes_amendment import Line
from orderflow.sandbox.changes_shown import lines, placed_lines
from orderflow.sandbox.document_names import digits, product_name, seller_name
from orderflow.sandbox.document_shopper import address
from orderflow.sandbox.moments import iso_or_null
from orderflow.sandbox.placed import NO_FIELDS
from orderflow.sandbox.store import Held

_DAY_MS = 86_400_000
_PICKUP_POINT = "1_sandbox"


def items(held: Held, shown: tuple[Line, ...]) -> list[dict[str, object]]:
    """``items[]``, one for each line that is *shown*."""
    return [item_document(held, line) for line in shown]


def item_document(held: Held, line: Line) -> dict[str, object]:
    """One of ``items[]``."""
    return {
        "uniqueId": line.unique_id,
        "id": line.id,
        "productId": line.id,
        "ean": _ean(line.id),
        "lockId": f"00-{held.group}",
        "itemAttachment": {"content": {}, "name": None},
        "attachments": [],
        "quantity": line.quantity,
        "seller": seller_name(held),
        "name": product_name(line.id),
        "refId": f"REF-{line.id}",
        **_prices(line),
        **_additions(),
        "imageUrl": f"https://{held.account}.vteximg.com.br/arquivos/ids/{line.id}.jpg",
        "detailUrl": f"/{line.id}/p",
        "sellerSku": line.id,
        "additionalInfo": _additional_info(),
        "measurementUnit": line.unit,
        "unitMultiplier": line.multiplier,
        "isGift": False,
        **(held.placed.line(_place(held, line)) if held.placed.lines else NO_FIELDS),
    }


def _place(held: Held, line: Line) -> int:
    """Where a line stood when the order was placed, -1 for one that came later."""
    ids = (each.unique_id for each in placed_lines(held))
    return next((place for place, known in enumerate(ids) if known == line.unique_id), -1)


def _prices(line: Line) -> dict[str, object]:
    """What a line costs; nothing is discounted or taxed (sandbox decision)."""
    selling_price = line.selling_price
    return {
        "price": line.price,
        "listPrice": line.price,
        "sellingPrice": selling_price,
        "manualPrice": None,
        "costPrice": line.price,
        "shippingPrice": None,
        "tax": 0,
        "commission": 0,
        "freightCommission": 0,
        "rewardValue": 0,
        "priceTags": [],
        "priceValidUntil": None,
        "priceDefinition": {
            "sellingPrices": [{"value": selling_price, "quantity": line.quantity}],
            "calculatedSellingPrice": selling_price,
            "total": line.value,
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


@lru_cache(maxsize=4_096)  # orders are for the same goods
def _ean(sku: str) -> str:
    return digits(13, sku, "ean")


def item_metadata(held: Held, shown: tuple[Line, ...]) -> dict[str, object]:
    """``itemMetadata`` of the lines that are *shown*, with the capital letters of Get order."""
    seller = seller_name(held)
    return {
        "Items": [
            {
                "Id": line.id,
                "Seller": seller,
                "Name": product_name(line.id),
                "SkuName": product_name(line.id),
                "ProductId": line.id,
                "RefId": f"REF-{line.id}",
                "Ean": _ean(line.id),
                "ImageUrl": f"https://{held.account}.vteximg.com.br/arquivos/ids/{line.id}.jpg",
                "DetailUrl": f"/{line.id}/p",
                "AssemblyOptions": [],
            }
            for line in shown
        ]
    }


def shipping(held: Held, shown: tuple[Line, ...] = ()) -> dict[str, object]:
    """``shippingData``: address, and one entry of ``logisticsInfo`` an item.

    Args:
        held: The document.
        shown: Its lines, where they are known already.
    """
    whereto = address(held)
    return {
        "id": "shippingData",
        "address": whereto,
        "logisticsInfo": [
            _logistics(held, place, line, str(whereto["addressId"]))
            for place, line in enumerate(shown or lines(held))
        ],
        "trackingHints": None,
        "selectedAddresses": [whereto],
        "contactInformation": [],
    }


def _logistics(held: Held, place: int, line: Line, address_id: str) -> dict[str, object]:
    pickup = line.channel == "pickup-in-point"
    return {
        "itemIndex": place,
        "selectedSla": "Pickup" if pickup else "Normal",
        "lockTTL": "10d",
        "price": 0,
        "listPrice": 0,
        "sellingPrice": 0,
        "deliveryWindow": None,
        "deliveryCompany": "Sandbox carrier",
        "shippingEstimate": _estimate(held, line),
        "shippingEstimateDate": iso_or_null(line.estimate),
        "slas": [],
        "shipsTo": ["BRA"],
        "deliveryIds": [] if _was_moved(held) else [_delivery(held, line)],
        "deliveryChannels": [{"id": line.channel, "stockBalance": 0}],
        "deliveryChannel": line.channel,
        "selectedDeliveryChannel": line.channel,
        "pickupStoreInfo": _pickup_store(pickup=pickup),
        "addressId": address_id,
        "versionId": None,
        "entityId": None,
        "polygonName": None,
        "pickupPointId": _PICKUP_POINT if pickup else None,
        "transitTime": None,
        **(held.placed.journey(_place(held, line)) if held.placed.logistics else NO_FIELDS),
    }


def _was_moved(held: Held) -> bool:
    """Whether another seller has taken over, whose order tells how the goods travel.

    Source: domain fact sheet "HTTP surface", section 9.
    """
    dismissed = held.sale.dismissed
    return bool(dismissed) and any(
        each.name in dismissed for each in held.sale.deal.lower(held.participant)
    )


def _estimate(held: Held, line: Line) -> str | None:
    """Days from placement to the estimate, such as ``4d``; None for an item without one."""
    if line.estimate is None or held.order.created_at is None:
        return None
    return f"{max(0, -(-(line.estimate - held.order.created_at) // _DAY_MS))}d"


def _delivery(held: Held, line: Line) -> dict[str, object]:
    return {
        "courierId": "1",
        "courierName": "Sandbox carrier",
        "dockId": "1",
        "warehouseId": "1_1",
        "quantity": line.quantity,
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
