"""Reads what somebody sends to place an order: items, shopper, address, delivery, payment.

Whatever is left out, the order document makes up (sandbox decision), and what the sandbox has no
use for is ignored. There is no catalogue: an item costs what is sent for it, or what was set for
it (see :mod:`orderflow.sandbox.prices`), or else an amount made from its id.
Source of codes and messages: developer portal guide "Checkout error codes" (2026-05-21).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orderflow.sandbox.dialect import bad_request, refusal
from orderflow.sandbox.placed import (
    ADDRESS_FIELDS,
    MOST_CENTS,
    SHOPPER_FIELDS,
    Fields,
    Payment,
)
from orderflow.sandbox.placing_fields import (
    cents,
    checked,
    is_whole,
    kept,
    listed,
    named,
    part,
    word,
)
from orderflow.simulator.order import Channel, Item

_MOST_ITEMS = 200
_MOST_UNITS = 10**6
_LONGEST_TEXT, _MOST_COORDINATES = 2_000, 2
_DAY = 86_400_000
_UNITS = {"bd": _DAY, "d": _DAY, "h": 3_600_000, "m": 60_000}
"""Length of each unit of a shipping estimate; a business day counts as a day (sandbox decision)."""

_USUAL_ESTIMATE = 4 * _DAY
_LONGEST_ESTIMATE = 400 * _DAY

_PROFILE = (*SHOPPER_FIELDS, "customerClass", "customerCode")
_ADDRESS = (*ADDRESS_FIELDS, "geoCoordinates")
_LINE = (
    "commission",
    "freightCommission",
    "isGift",
    "bundleItems",
    "attachments",
    "itemAttachment",
    "priceTags",
)
_SECTIONS = (
    "marketingData",
    "openTextField",
    "customData",
    "clientPreferencesData",
    "invoiceData",
    "giftRegistryData",
    "callCenterOperatorData",
)

Price = Callable[[str], int]
"""What one unit of an SKU costs, in cents."""


@dataclass(frozen=True, slots=True)
class Codes:
    """With which codes an operation refuses what it is sent.

    Attributes:
        no_items: There is no item.
        item_id: The id of an item.
        quantity: How many of it.
        price: Its price.
        seller: Its seller.
        shipping: Anything about its delivery.
        profile: Anything about the shopper.
        payment: Anything about the payment.
    """

    no_items: str
    item_id: str
    quantity: str
    price: str
    seller: str
    shipping: str
    profile: str
    payment: str


CHECKOUT = Codes("ORD005", "CHK0022", "CHK0023", "CHK0025", "CHK0024", "ORD006", "ORD007", "ORD020")
FULFILLMENT = Codes(
    "FMT0026", "FMT0039", "FMT0038", "FMT0041", "FMT0040", "FMT001", "FMT0045", "FMT0042"
)


@dataclass(frozen=True, slots=True)
class Ordered:
    """One item as it was sent.

    Attributes:
        item: The order line.
        seller: Id of its seller, ``1`` when none was sent.
        fields: What else was said of it.
        journey: What was said of how it travels.
        shipping: Cents for that.
    """

    item: Item
    seller: str
    fields: Fields
    journey: Fields
    shipping: int


def profile_of(given: object, codes: Codes) -> Fields:
    """The fields of ``clientProfileData``."""
    return _texts(part(given, "clientProfileData"), _PROFILE, codes.profile)


def address_of(given: object, codes: Codes) -> Fields:
    """The fields of the address: ``shippingData.address``, or the first that is selected."""
    shipping = part(given, "shippingData")
    address = part(shipping, "address")
    if not address:
        address = next(iter(listed(shipping, "selectedAddresses")), {})
    return _texts(address, _ADDRESS, codes.shipping)


def sections_of(given: object) -> Fields:
    """The sections of a body that stand in the document as they were sent.

    A text that was sent for one is its ``value``, as ``openTextField`` has it.

    Raises:
        DialectError: One is neither an object nor a text.
    """
    found: dict[str, object] = {}
    for name in _SECTIONS:
        section = kept(given, name)
        if isinstance(section, str):
            section = {"value": section}
        if section is not None and not isinstance(section, dict):
            raise bad_request(f"The field {name} must be an object")
        if section is not None:
            found[name] = section
    return found


def payments_of(given: object, codes: Codes) -> tuple[Payment, ...]:
    """The payments in ``paymentData``, which may be left out."""
    found = []
    for each in listed(part(given, "paymentData"), "payments"):
        system, value = word(each, "paymentSystem"), cents(each, "value")
        parts = cents(each, "installments")
        if not system.isascii() or not system.isdecimal() or value is None:
            raise refusal(400, codes.payment, "Invalid payment system or payment value")
        reference = cents(each, "referenceValue")
        found.append(Payment(system, value, value if reference is None else reference, parts or 1))
    if len(found) > _MOST_ITEMS:
        raise refusal(400, codes.payment, "Invalid payment")
    return tuple(found)


def items_of(given: object, codes: Codes, price: Price, now: int) -> tuple[Ordered, ...]:
    """The items in ``items``, with what ``shippingData.logisticsInfo`` says of each.

    Args:
        given: The body.
        codes: How to say no.
        price: What an item costs for which no price was sent.
        now: Virtual time in ms, from which shipping estimates count.

    Raises:
        DialectError: There is none, or one of them makes no sense.
    """
    lines = listed(given, "items")
    if not lines:
        raise refusal(400, codes.no_items, "The purchase cannot be done without items")
    if len(lines) > _MOST_ITEMS:
        raise refusal(400, "FMT0104", "Too many items in request")
    journeys = _journeys(given, len(lines), codes)
    return tuple(
        _ordered(line, journeys.get(place, {}), codes, price, now)
        for place, line in enumerate(lines)
    )


def _ordered(
    line: Mapping[str, object], journey: Mapping[str, object], codes: Codes, price: Price, now: int
) -> Ordered:
    sku, seller = checked(line, "id", codes.item_id), checked(line, "seller", codes.seller)
    if not sku:
        raise refusal(400, codes.item_id, "Invalid id for item")
    quantity = named(line, "quantity")
    if not is_whole(quantity, 1, _MOST_UNITS):
        raise refusal(400, codes.quantity, "Invalid quantity for item")
    sent = named(line, "price")
    if sent is not None and not is_whole(sent, 0, MOST_CENTS):
        raise refusal(400, codes.price, "Invalid price for item")
    item = Item(
        sku,
        quantity,
        sent if isinstance(sent, int) else price(sku),
        _channel(journey, codes),
        now + _estimate(journey, codes),
    )
    known = {name: found for name in _LINE if (found := kept(line, name)) is not None}
    return Ordered(item, seller or "1", known, _journey(journey), _shipping(journey, codes))


def _journeys(given: object, count: int, codes: Codes) -> dict[int, Mapping[str, object]]:
    """What ``logisticsInfo`` says, by position of the item; the order counts without an index."""
    found: dict[int, Mapping[str, object]] = {}
    for place, each in enumerate(listed(part(given, "shippingData"), "logisticsInfo")):
        index = named(each, "itemIndex")
        index = place if index is None else index
        if not is_whole(index, 0, count - 1):
            raise refusal(400, codes.shipping, f"Invalid item index in logisticsInfo {place}")
        found[index] = each
    return found


def _channel(journey: Mapping[str, object], codes: Codes) -> Channel:
    """How an item travels; ``delivery`` when nothing was said."""
    known: dict[str, Channel] = {
        "": "delivery",
        "delivery": "delivery",
        "pickup-in-point": "pickup-in-point",
    }
    found = checked(journey, "selectedDeliveryChannel", codes.shipping)
    if found not in known:
        told = "selectedDeliveryChannel must be delivery or pickup-in-point"
        raise refusal(400, codes.shipping, told)
    return known[found]


def _estimate(journey: Mapping[str, object], codes: Codes) -> int:
    """Ms until an item is to arrive, as in ``7d``, ``5bd``, ``4h`` or ``30m``."""
    text = checked(journey, "shippingEstimate", codes.shipping)
    if not text:
        return _USUAL_ESTIMATE
    found = re.fullmatch(r"(\d{1,6})(bd|d|h|m)", text, re.ASCII)
    length = int(found[1]) * _UNITS[found[2]] if found else _LONGEST_ESTIMATE + 1
    if length > _LONGEST_ESTIMATE:
        told = "shippingEstimate must be a length of time such as 7d, 5bd, 4h or 30m"
        raise refusal(400, codes.shipping, told)
    return length


def _shipping(journey: Mapping[str, object], codes: Codes) -> int:
    found = named(journey, "price")
    if found is not None and not is_whole(found, 0, MOST_CENTS):
        raise refusal(400, codes.shipping, "Invalid price in logisticsInfo")
    return found if isinstance(found, int) else 0


def _journey(journey: Mapping[str, object]) -> Fields:
    """What stands in the document as it was sent."""
    names = ("selectedSla", "lockTTL", "shippingEstimate")
    said: dict[str, object] = {name: word(journey, name) for name in names if word(journey, name)}
    price = named(journey, "price")
    if isinstance(price, int):
        said |= {"price": price, "listPrice": price, "sellingPrice": price}
    window = kept(journey, "deliveryWindow")
    return {**said, "deliveryWindow": window} if isinstance(window, dict) else said


def _texts(given: Mapping[str, object], names: tuple[str, ...], code: str) -> Fields:
    return dict(_sent(given, names, code))


def _sent(
    given: Mapping[str, object], names: tuple[str, ...], code: str
) -> Iterator[tuple[str, object]]:
    """Those of *names* that were sent and are not null: texts, flags and coordinates."""
    for name in names:
        value = named(given, name)
        if value is None:
            continue
        if name == "isCorporate" and isinstance(value, bool):
            yield name, value
        elif name == "geoCoordinates":
            yield name, _coordinates(value, code)
        elif isinstance(value, str) and len(value) <= _LONGEST_TEXT:
            yield name, value
        else:
            raise refusal(400, code, f"The {name} field is invalid")


def _coordinates(given: object, code: str) -> list[float]:
    """Longitude and latitude, whether they were sent as an array or by name."""
    if isinstance(given, dict):
        given = [named(given, "longitude"), named(given, "latitude")]
    every: list[Any] = given if isinstance(given, list) else [math.nan]
    try:
        found = [float(each) for each in every]
    except (TypeError, ValueError, OverflowError) as wrong:
        raise refusal(400, code, "The geoCoordinates field is invalid") from wrong
    if len(found) > _MOST_COORDINATES or not all(map(math.isfinite, found)):
        raise refusal(400, code, "The geoCoordinates field is invalid")
    return found
