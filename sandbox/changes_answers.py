"""What clients read of order modifications: request, details, history, preview, summary.

Names and pictures of items are as synthetic as in the order document, and of what an item that
comes could have more, nothing is known: it is null. ``add`` and ``remove`` stand where the
reference puts them, with the schema its text gives them (its types say strings).
Source: Orders API; domain fact sheet "HTTP surface", section 8.2 and decision D-A16.
"""

from __future__ import annotations

from collections.abc import Iterable

from orderflow.sandbox.changes_amendment import Line
from orderflow.sandbox.changes_asked import ChangeRequest, Delivery
from orderflow.sandbox.changes_request import Modification
from orderflow.sandbox.changes_worked_out import Outcome, Step
from orderflow.sandbox.document_names import product_name
from orderflow.sandbox.moments import iso

_NAMES = {
    "ManualValues": "Manual Values Total",
    "Items": "Items Total",
    "Shipping": "Shipping Total",
}
_UNKNOWN = (
    "productId productRefId refId ean name skuName modalType parentItemIndex parentAssemblyBinding"
    " priceValidUntil manualPrice manualPriceAppliedBy preSaleDate productCategoryIds seller"
    " imageUrl detailUrl availability manufacturerCode priceDefinition"
)
_INFO = (
    "dimension brandName brandId offeringInfo offeringType offeringTypeId categoriesIds"
    " productClusterId commercialConditionId"
)
_UNKNOWN_JOURNEY = (
    "shippingEstimate shippingEstimateDate lockTTL polygonName transitTime pickupPointId"
    " pickupDistance deliveryWindow"
)
_LISTS = "components bundleItems attachments attachmentOfferings offerings priceTags"


def created(change: Modification) -> dict[str, object]:
    """The answer to a new request; its values are not known yet, as in published samples."""
    return {**_identity(change), **_content(change), **_frame(change, change.settings.as_sent())}


def details(change: Modification) -> dict[str, object]:
    """One modification with its status and log.

    ``inProgress`` and ``finished`` both tell whether it is over (decision D-A16).
    """
    systems: dict[str, object] = {
        "customPaymentSystemsAllowed": list(change.settings.payment_systems)
    }
    shown = {
        **_identity(change),
        "status": change.stage,
        "inProgress": not change.is_over,
        "finished": change.is_over,
        **_content(change),
        "replace": _content(change)["replace"] or [],
        **_frame(change, systems),
        "logs": _log(change),
    }
    if change.given_up is not None:
        shown["cancellationData"] = {
            "requestedByUser": change.given_up.by_user,
            "reason": change.given_up.reason,
            "cancellationDate": iso(change.given_up.at),
        }
    return shown


def _log(change: Modification) -> list[dict[str, object]]:
    """Newest first, as in published samples."""
    return [
        {
            "date": iso(line.at),
            "message": line.message,
            "source": line.source,
            "status": line.status,
        }
        for line in reversed(change.log)
    ]


def history(changes: Iterable[Modification]) -> dict[str, object]:
    """All requests of an order, oldest first; ``add`` and ``remove`` are objects here."""
    return {"requests": [_request(change) for change in changes], "actions": []}


def _request(change: Modification) -> dict[str, object]:
    systems: dict[str, object] = {
        "customPaymentSystemsAllowed": list(change.settings.payment_systems)
    }
    content = _content(change)
    for name in ("add", "remove"):
        listed = content[name]
        content[name] = listed[0] if isinstance(listed, list) else None
    content["replace"] = content["replace"] or []
    return {**_identity(change), **content, **_frame(change, systems)}


def preview(change: Modification) -> dict[str, object]:
    """What a request would come to, with its values."""
    shown = {
        "reason": change.asked.reason,
        **_values(change.asked, change.outcome),
        **_operations(change.outcome.steps),
    }
    return {**shown, **_frame(change, change.settings.as_sent())}


def _identity(change: Modification) -> dict[str, object]:
    return {"requestId": change.request_id, "workflowId": change.workflow_id}


def _content(change: Modification) -> dict[str, object]:
    if change.is_prepared:
        values = _values(change.asked, change.outcome)
    else:
        values = {**_by_hand(change.asked), "totalChangeValue": 0, "totals": []}
    return {"reason": change.asked.reason, **values, **_operations(change.outcome.steps)}


def _frame(change: Modification, settings: dict[str, object]) -> dict[str, object]:
    return {
        "date": iso(change.at),
        "origin": {
            "account": change.account,
            "orderId": change.order_id,
            "component": "MarketplaceComponent",  # the only one that the reference shows
        },
        "settings": settings,
    }


def _by_hand(asked: ChangeRequest) -> dict[str, object]:
    return {"manualDiscountValue": asked.discount, "manualIncrementValue": asked.increment}


def _values(asked: ChangeRequest, outcome: Outcome) -> dict[str, object]:
    sums = {
        "ManualValues": outcome.increment - outcome.discount,
        "Items": outcome.items,
        "Shipping": outcome.shipping,
    }
    return {
        **_by_hand(asked),
        "totalChangeValue": outcome.total,
        "totals": [
            {"id": name, "name": _NAMES[name], "value": cents} for name, cents in sums.items()
        ],
    }


def _operations(steps: tuple[Step, ...]) -> dict[str, object]:
    added = [_to(step) for step in steps if step.kind == "add"]
    removed = [_from(step) for step in steps if step.kind == "remove"]
    replaced = [{"from": _from(step), "to": _to(step)} for step in steps if step.kind == "replace"]
    return {"add": added or None, "remove": removed or None, "replace": replaced or None}


def _from(step: Step) -> dict[str, object]:
    return {
        "paymentData": {"transactions": []},
        "items": [_goes(line) for line in step.goes],
        "shippingData": {"logisticsInfo": []},
    }


def _goes(line: Line) -> dict[str, object]:
    return {
        "id": line.id,
        "quantity": line.quantity,
        "price": line.price,
        "measurementUnit": line.unit,
        "unitMultiplier": number(line.multiplier),
        "sellingPrice": line.selling_price,
        "name": product_name(line.id),
        "detailUrl": f"/{line.id}/p",
        "imageUrl": None,
    }


def _to(step: Step) -> dict[str, object]:
    return {
        "items": [_comes(line) for line in step.comes],
        "paymentData": {"transactions": []},
        "receiptData": None,
        "shippingData": {
            "logisticsInfo": [logistics(each, step.comes[each.place]) for each in step.deliveries]
        },
    }


def _comes(line: Line) -> dict[str, object]:
    nothing: dict[str, object] = {name: None for name in _UNKNOWN.split()}  # noqa: C420  # typed
    lists: dict[str, object] = {name: [] for name in _LISTS.split()}
    return {
        "uniqueId": line.unique_id,
        "id": line.id,
        **nothing,
        **lists,
        "assemblies": [],
        "tax": 0,
        "price": line.price,
        "listPrice": line.price,
        "sellingPrice": line.selling_price,
        "rewardValue": 0,
        "isGift": False,
        "additionalInfo": dict.fromkeys(_INFO.split()),
        "productCategories": {},
        "quantity": line.quantity,
        "sellerChain": [None],
        "measurementUnit": line.unit,
        "unitMultiplier": number(line.multiplier),
    }


def logistics(delivery: Delivery, line: Line) -> dict[str, object]:
    """How an item that comes is shipped."""
    return {
        "itemIndex": delivery.place,
        "selectedSla": delivery.sla,
        "selectedDeliveryChannel": delivery.channel,
        "addressId": delivery.address_id,
        "slas": [_sla(delivery)],
        "shipsTo": [],
        "itemId": line.id,
        "deliveryChannels": [],
        "sellingPrice": delivery.price,
        "dockEstimate": None,
        "deliveryCompany": None,
        **_journey(delivery),
    }


def _sla(delivery: Delivery) -> dict[str, object]:
    return {
        "id": delivery.sla,
        "deliveryChannel": delivery.channel,
        "name": delivery.sla,
        "availableDeliveryWindows": [],
        "tax": 0,
        **_journey(delivery),
    }


def _journey(delivery: Delivery) -> dict[str, object]:
    """What a shipping method and the choice of it have in common."""
    unknown: dict[str, object] = {name: None for name in _UNKNOWN_JOURNEY.split()}  # noqa: C420
    store: dict[str, object] = {
        "friendlyName": None,
        "address": None,
        "additionalInfo": None,
        "dockId": None,
    }
    return {
        "price": delivery.price,
        "listPrice": delivery.price,
        "deliveryIds": [],
        "pickupStoreInfo": {"isPickupStore": False, **store},
        **unknown,
    }


def number(value: float) -> float | int:
    """*value*, without a fraction when it has none."""
    return int(value) if value == int(value) else value
