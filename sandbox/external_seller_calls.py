"""What the marketplace asks of a seller outside the platform: four calls and their bodies.

Source: domain fact sheet "HTTP surface", section 7.2; the bodies follow the reference of the
marketplace protocol for external sellers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from orderflow.sandbox.document import order_document
from orderflow.sandbox.document_names import dashed_mark, mark
from orderflow.sandbox.moments import iso
from orderflow.sandbox.placed import ADDRESS_FIELDS, SHOPPER_FIELDS
from orderflow.sandbox.store import Held

CallName = Literal["simulation", "placement", "fulfillment", "cancellation"]

_PATIENCE: Mapping[CallName, int] = {
    "simulation": 2_500,  # later means unavailable
    "placement": 20_000,  # of these three no source says how long (sandbox decision)
    "fulfillment": 20_000,
    "cancellation": 20_000,
}

_ITEM_FIELDS = (
    "id",
    "quantity",
    "seller",
    "commission",
    "freightCommission",
    "price",
    "bundleItems",
    "attachments",
    "priceTags",
    "measurementUnit",
    "isGift",
)
_JOURNEY_FIELDS = ("itemIndex", "selectedSla", "lockTTL", "shippingEstimate", "price")
_MARKETING_FIELDS = ("utmSource", "utmMedium", "utmCampaign", "utmiPart", "utmiCampaign")


@dataclass(frozen=True, slots=True)
class Seller:
    """A seller outside the platform, as it is registered in an account.

    Attributes:
        account: Account of the marketplace.
        id: Its id there.
        url: Its fulfillment endpoint, without a slash at the end.
        headers: (name, value) pairs that go with each call to it; they may be secret.
        endpoint: ``marketplaceServicesEndpoint``: where it reaches the marketplace.
    """

    account: str
    id: str
    url: str
    headers: tuple[tuple[str, str], ...]
    endpoint: str

    def __repr__(self) -> str:
        """Without the headers: values are logged."""
        return f"Seller({self.account!r}, {self.id!r})"


@dataclass(frozen=True, slots=True)
class Request:
    """One call to a seller, before it has a number.

    Attributes:
        name: Which of the four.
        path: Behind the seller's endpoint.
        body: JSON.
    """

    name: CallName
    path: str
    body: bytes

    @property
    def patience(self) -> int:
        """Ms of real time in which the answer must be there."""
        return _PATIENCE[self.name]


def request(name: CallName, held: Held, seller: Seller, seller_order_id: str) -> Request:
    """The call of that name about a marketplace order.

    Args:
        name: Which of the four.
        held: The marketplace's order.
        seller: Whom it is for.
        seller_order_id: What the seller calls the order; empty before it has said so.
    """
    match name:
        case "simulation":
            return Request(name, "/pvt/orderForms/simulation", _json(_simulation(held)))
        case "placement":
            return Request(name, "/pvt/orders", _json([_placement(held, seller)]))
        case "fulfillment":
            # the reference also demands the fields of a cancellation, by mistake (decision D-25)
            path = f"/pvt/orders/{quote(seller_order_id, safe='')}/fulfill"
            return Request(name, path, _json(_identity(held)))
        case "cancellation":
            path = f"/pvt/orders/{quote(seller_order_id, safe='')}/cancel"
            return Request(name, path, _json({**_identity(held), **_cancellation(held)}))


def headers_of(seller: Seller, held: Held, name: CallName, attempt: int) -> dict[str, str]:
    """What goes with a call; each attempt is an operation of its own."""
    return {
        "accept": "application/json",
        "content-type": "application/json",
        "x-vtex-operation-id": dashed_mark(held.order_id, name, str(attempt), "operation"),
        **{name.lower(): value for name, value in seller.headers},
    }


def _json(value: object) -> bytes:
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode("ascii")


def _identity(held: Held) -> dict[str, object]:
    return {"marketplaceOrderId": held.order_id, "marketplaceOrderGroup": held.group}


def _simulation(held: Held) -> dict[str, object]:
    shown = order_document(held, host="")
    return {
        **_some(_section(shown, "shippingData", "address"), ("postalCode", "country")),
        "items": [_some(item, ("id", "quantity", "seller")) for item in _rows(shown, "items")],
        "sc": shown["salesChannel"],
    }


def _placement(held: Held, seller: Seller) -> dict[str, object]:
    shown = order_document(held, host="")
    return {
        "marketplaceOrderId": held.order_id,
        "marketplaceServicesEndpoint": seller.endpoint,
        "marketplacePaymentValue": held.order.value,
        "items": [_item(item) for item in _rows(shown, "items")],
        "paymentData": None,  # the seller is paid by the marketplace
        "clientProfileData": _some(_section(shown, "clientProfileData"), SHOPPER_FIELDS),
        "shippingData": {
            "address": _some(_section(shown, "shippingData", "address"), ADDRESS_FIELDS),
            "logisticsInfo": [
                _some(journey, _JOURNEY_FIELDS)
                for journey in _rows(_section(shown, "shippingData"), "logisticsInfo")
            ],
            "updateStatus": "updated",
        },
        "marketingData": _marketing(_section(shown, "marketingData")),
        "openTextField": _section(shown, "openTextField").get("value"),
    }


def _item(item: Mapping[str, object]) -> dict[str, object]:
    return {**_some(item, _ITEM_FIELDS), "itemsAttachment": [], "unitMultiplier": 1}


def _marketing(found: Mapping[str, object]) -> dict[str, object]:
    return {**_some(found, _MARKETING_FIELDS), "utmiPage": found.get("utmipage")}


def _cancellation(held: Held) -> dict[str, object]:
    """What is said of the request; an order that falls without one gets an id all the same."""
    order = held.order
    asked, over = order.open_request, order.cancellation
    by_user = asked.by in ("shopper", "marketplace") if asked else False
    at = asked.at if asked else over.at if over else order.entered_at
    said = asked.reason if asked else over.reason if over else ""
    return {
        "cancellationRequestId": asked.id if asked else mark(held.order_id, "fall").lower(),
        "cancellationRequestDate": iso(at),
        "reason": said,
        "requestedByUser": by_user,
    }


def _some(found: Mapping[str, object], names: Iterable[str]) -> dict[str, object]:
    return {name: found.get(name) for name in names}


def _section(found: Mapping[str, object], *path: str) -> Mapping[str, object]:
    """The object behind *path*, an empty one where there is none."""
    for name in path:
        inner = found.get(name)
        found = inner if isinstance(inner, dict) else {}
    return found


def _rows(found: Mapping[str, object], name: str) -> tuple[Mapping[str, object], ...]:
    rows = found.get(name)
    return tuple(row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
