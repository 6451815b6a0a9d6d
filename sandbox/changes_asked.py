"""What a client asks for with an order modification, once its body can be read.

Source: domain fact sheet "HTTP surface", section 8.2. What else a body may hold (custom data,
client profiles, price tags) is accepted and has no effect (sandbox decision).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from orderflow.sandbox.changes_codes import refused
from orderflow.sandbox.dialect import bad_request, required, text_in
from orderflow.sandbox.placed import MOST_CENTS

Kind = Literal["add", "remove", "replace"]

_MOST_UNITS = 10**9
_MOST_MULTIPLIER = 10**6
_LONGEST_ID, _LONGEST_REASON = 100, 5_000
_MOST_ITEMS = 1_000
"""Items in one request; no real one comes near (sandbox decision)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One item of an operation, as it was named.

    Attributes:
        id: SKU.
        quantity: Units, at least 1.
        unique_id: Line that is meant, empty when it was not said.
        price: Cents, None when it was not said.
        unit: Unit of measure, empty when it was not said.
        multiplier: Units of measure in one unit, None when it was not said.
    """

    id: str
    quantity: int
    unique_id: str = ""
    price: int | None = None
    unit: str = ""
    multiplier: float | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an item that comes is to be shipped.

    Attributes:
        place: Which of the items that come, from 0.
        sla: Shipping method.
        channel: ``delivery`` or ``pickup-in-point``.
        address_id: Where to.
        price: Cents for the shipping.
    """

    place: int
    sla: str
    channel: Literal["delivery", "pickup-in-point"]
    address_id: str
    price: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a modification.

    Attributes:
        kind: What it does.
        goes: Items that go.
        comes: Items that come.
        deliveries: How those are shipped.
    """

    kind: Kind
    goes: tuple[Wanted, ...] = ()
    comes: tuple[Wanted, ...] = ()
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """A modification as it was asked for.

    Attributes:
        reason: Why.
        operations: Removals, replacements, additions: they happen in this order.
        discount: Cents to take off by hand.
        increment: Cents to put on by hand.
        settings: Settings for this request only, as sent.
    """

    reason: str
    operations: tuple[Operation, ...] = ()
    discount: int = 0
    increment: int = 0
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.operations or self.discount or self.increment)

    @property
    def bare(self) -> ChangeRequest:
        """The request without what its settings were read from."""
        return replace(self, settings={})


def read_request(sent: dict[str, object]) -> ChangeRequest:
    """The request in a body.

    Raises:
        DialectError: It cannot be read.
    """
    required(sent, "reason")
    reason = text_in(sent, "reason").strip()
    if not 0 < len(reason) <= _LONGEST_REASON:
        raise bad_request(f"The field reason must have 1 to {_LONGEST_REASON} characters")
    operations = tuple(_operations(sent))
    by_hand = [sent, *_incoming(sent)]
    request = ChangeRequest(
        reason,
        operations,
        sum(_cents(each, "manualDiscountValue") for each in by_hand),
        sum(_cents(each, "manualIncrementValue") for each in by_hand),
        _object(sent, "settings"),
    )
    items = sum(len(each.goes) + len(each.comes) for each in operations)
    if items > _MOST_ITEMS or max(request.discount, request.increment) > MOST_CENTS:
        raise bad_request(f"A change has at most {_MOST_ITEMS} items and {MOST_CENTS} cents")
    return request


def _operations(sent: dict[str, object]) -> Iterator[Operation]:
    for each in _objects(sent, "remove"):
        yield Operation("remove", goes=_items(each))
    for each in _objects(sent, "replace"):
        required(each, "from", "to")
        goes, comes = _object(each, "from"), _object(each, "to")
        yield Operation("replace", _items(goes), _items(comes), _deliveries(comes))
    for each in _objects(sent, "add"):
        yield Operation("add", comes=_items(each), deliveries=_deliveries(each))


def _incoming(sent: dict[str, object]) -> Iterator[dict[str, object]]:
    """The items that come, as sent: manual values may stand at each of them."""
    for each in _objects(sent, "replace"):
        yield from _objects(_object(each, "to"), "items")
    for each in _objects(sent, "add"):
        yield from _objects(each, "items")


def _items(given: dict[str, object]) -> tuple[Wanted, ...]:
    required(given, "items")
    found = tuple(_item(each) for each in _objects(given, "items"))
    if not found:
        raise refused("CHK0022")
    return found


def _item(given: dict[str, object]) -> Wanted:
    name = given.get("id")
    if not isinstance(name, str) or not is_name(name):
        raise refused("CHK0022")
    quantity = _whole(given.get("quantity"))
    if quantity is None or not 1 <= quantity <= _MOST_UNITS:
        raise refused("CHK0023")
    price = None if given.get("price") is None else _cents(given, "price")
    return Wanted(
        name,
        quantity,
        text_in(given, "uniqueId")[:_LONGEST_ID],
        price,
        text_in(given, "measurementUnit")[:20],
        _multiplier(given.get("unitMultiplier")),
    )


def is_name(given: str) -> bool:
    r"""Whether *given* can name something: not too long, and no text that has no bytes.

    >>> is_name("sku-1"), is_name(""), is_name("\ud800")
    (True, False, False)
    """
    alone = any("\ud800" <= letter <= "\udfff" for letter in given)  # half of a pair
    return 0 < len(given) <= _LONGEST_ID and not alone


def _multiplier(given: object) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise bad_request("The field unitMultiplier must be a number")
    if not 0 < given <= _MOST_MULTIPLIER or not math.isfinite(given):
        raise bad_request(f"unitMultiplier must be above 0 and at most {_MOST_MULTIPLIER}")
    return float(given)


def _deliveries(given: dict[str, object]) -> tuple[Delivery, ...]:
    return tuple(
        _delivery(each) for each in _objects(_object(given, "shippingData"), "logisticsInfo")
    )


def _delivery(given: dict[str, object]) -> Delivery:
    required(given, "itemIndex", "selectedSla", "selectedDeliveryChannel", "addressId", "price")
    place = _whole(given["itemIndex"])
    if place is None:
        raise bad_request("The field itemIndex must be a whole number")
    channel = text_in(given, "selectedDeliveryChannel")
    if channel not in ("delivery", "pickup-in-point"):
        raise bad_request("selectedDeliveryChannel must be delivery or pickup-in-point")
    return Delivery(
        place,
        text_in(given, "selectedSla")[:100],
        "delivery" if channel == "delivery" else "pickup-in-point",
        text_in(given, "addressId")[:100],
        _cents(given, "price"),
    )


def _objects(given: dict[str, object], name: str) -> list[dict[str, object]]:
    """The objects called *name*; a single one counts as a list of one."""
    found = given.get(name)
    if found is None:
        return []
    listed: list[object] = found if isinstance(found, list) else [found]
    objects = [each for each in listed if isinstance(each, dict)]
    if len(objects) != len(listed):
        raise bad_request(f"The field {name} must hold objects")
    return objects


def _object(given: dict[str, object], name: str) -> dict[str, object]:
    found = given.get(name)
    if found is None or found == []:
        return {}
    if not isinstance(found, dict):
        raise bad_request(f"The field {name} must be an object")
    return found


def _cents(given: dict[str, object], name: str) -> int:
    """The cents called *name*, 0 when absent."""
    value = _whole(0 if given.get(name) is None else given[name])
    if value is None or value > MOST_CENTS:
        raise bad_request(f"The field {name} must be a whole number of cents")
    if value < 0:  # Source: timer sheet, T-44.
        raise refused("CHK0098")
    return value


def _whole(given: object) -> int | None:
    if isinstance(given, bool):
        return None
    if isinstance(given, float):
        return int(given) if given.is_integer() else None
    return given if isinstance(given, int) else None
