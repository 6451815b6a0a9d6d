"""Orders that connectors hand in to be integrated: taken at once, judged afterwards, told about.

What a connector hands in is worked off at the end of its call, in its order (sandbox decision: the
platform says no more than that it is asynchronous), and the result is told to its endpoint once.
Source: domain fact sheet "HTTP surface", section 7.3 (codes) and decision D-A14; developer portal
guides "New Order Integration" and "Update Order Status".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from orderflow.sandbox.dialect import DialectError, bad_request
from orderflow.sandbox.document_names import dashed_mark
from orderflow.sandbox.findings import Finding
from orderflow.sandbox.marketplaces import below, message_for
from orderflow.sandbox.outbox import Message, Outcome
from orderflow.sandbox.outside_order import (
    authorize,
    differing,
    read_offer,
    refuse_known,
    take,
)
from orderflow.sandbox.part import Part
from orderflow.sandbox.placed import Marketplace
from orderflow.sandbox.placing_fields import listed, named, part
from orderflow.sandbox.prices import Prices
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held

INTEGRATED, APPROVED, ENQUEUED = "SOI001", "SOI002", "SOI003"
NO_SLA, DIFFERS, INVALID_CART, INVALID = "EOI002", "EOI003", "EOI004", "EOI005"
DUPLICATE, NOT_INTEGRATED, OUT_OF_STATUS, WAITS_FOR_SELLER = "EOI007", "EOI008", "EOI009", "EOI011"

_MESSAGES = {
    INTEGRATED: "Order integrated successfully",
    APPROVED: "Order approved successfully",
    ENQUEUED: "Order successfully enqueued",
    NO_SLA: "There are no SLAs or items available to fulfill this order",
    DIFFERS: "The order total payment value differs from what is expected by the seller",
    INVALID_CART: "This order's cart is invalid",
    INVALID: "A validation error occurred while trying to process the order",
    DUPLICATE: "The order specified already exists in VTEX",
    NOT_INTEGRATED: "The order cannot be approved because it's not integrated in VTEX yet",
    OUT_OF_STATUS: "This order is out of the valid status to approve",
    WAITS_FOR_SELLER: "The order was integrated with a price divergence and waits for the seller",
}
"""What each code says. The successes are worded as in the guide, the errors after its table."""

_RESULT_OF = {
    "FMT002": NO_SLA,
    "FMT003": NO_SLA,
    "FMT004": NO_SLA,
    "FMT005": NO_SLA,
    "FMT007": DIFFERS,
    "FMT009": DUPLICATE,
    "FMT0026": INVALID_CART,
    "FMT0039": INVALID_CART,
    "FMT0060": DUPLICATE,
}
"""What a refusal of the order comes to; any other is a validation error."""

_OK = 200
_WAITING, _BY_HAND = "waiting-ffmt-authorization", "waiting-for-manual-authorization"

Flow = Literal["PlaceOrder", "ApproveOrder"]


@dataclass(frozen=True, slots=True)
class Handed:
    """Something that a connector handed in.

    Attributes:
        flow: What is to be done.
        account: The seller.
        order_id: What the marketplace calls the order.
        endpoint: Where the result is told.
        approved: The order is paid.
        affiliate: Empty where it is not said.
        body: The order, as it was sent.
        sales_channel: Trade policy.
    """

    flow: Flow
    account: str
    order_id: str
    endpoint: str
    approved: bool
    affiliate: str = ""
    body: Mapping[str, object] | None = None
    sales_channel: str = "1"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it.

    Attributes:
        flow: What was to be done.
        code: ``SOI..`` for success, ``EOI..`` for an error.
        order_id: What the seller calls the order, empty when there is none.
        errors: (code, description) of each error.
    """

    flow: Flow
    code: str
    order_id: str = ""
    errors: tuple[tuple[str, str], ...] = ()


class Integration(Part):
    """Works off what connectors hand in."""

    name: ClassVar[str] = "integration"

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self._operations = 0

    def hand_in(self, handed: Handed) -> None:
        """Have it worked off when the call is over."""
        self.service.soon(self, handed)

    def due(self, token: object) -> None:
        """Work it off and tell the connector."""
        if not isinstance(token, Handed):
            raise TypeError(f"{token!r} was not handed in by a connector")
        self._operations += 1
        for result in _results(self.service, token):
            self._tell(token, result)

    def answered(self, message: Message, outcome: Outcome) -> None:
        """A result is told once; a connector that did not take it has made a mistake."""
        if outcome.status != _OK:
            service = self.service
            got = outcome.status or outcome.trouble
            told = f"the connector's notification endpoint answered {got} instead of 200"
            service.findings.append(
                Finding("", told, service.calls, service.now, order_id=message.token)
            )

    def _tell(self, handed: Handed, result: Result) -> None:
        if not handed.endpoint or self.service.outbox.wrong_with(handed.endpoint):
            return
        operation = dashed_mark(handed.account, "operation", str(self._operations))
        body = envelope(handed.account, result, handed.order_id, operation)
        path = "order-integration/notification/processing-result"
        url = below(handed.endpoint, path)
        url += ("&" if "?" in url else "?") + f"an={handed.account}"
        sent = json.dumps(body, separators=(",", ":")).encode("ascii")
        self.service.outbox.send(message_for(self.name, result.order_id, url, sent))


def envelope(
    account: str | None, result: Result, order_id: str | None = None, operation: str | None = None
) -> dict[str, object]:
    """The body of every answer and notification of the order integration."""
    fields = {"mainOrderId": result.order_id, "franchiseOrderId": None}
    source = "Order Integration" if result.flow == "ApproveOrder" else "Fulfillment"
    return {
        "marketplaceOrderId": order_id,
        "accountName": account,
        "code": result.code,
        "flow": result.flow,
        "success": result.code.startswith("S"),
        "operationId": operation,
        "errors": [
            {"source": source, "code": code, "description": told} for code, told in result.errors
        ]
        or None,
        "fields": fields if result.order_id else None,
        "message": _MESSAGES[result.code],
    }


def _results(service: Service, handed: Handed) -> tuple[Result, ...]:
    """What comes of something: of an order that is paid for, two things."""
    if handed.flow == "ApproveOrder":
        return (_update(service, handed),)
    try:
        held = _integrate(service, handed)
    except DialectError as refused:
        return (refusal_of(handed.flow, refused),)
    done = Result("PlaceOrder", INTEGRATED, held.order_id)
    return (done, _approve(service, held)) if handed.approved else (done,)


def _integrate(service: Service, handed: Handed) -> Held:
    given = handed.body or {}
    marketplace = Marketplace(handed.affiliate, handed.order_id, handed.endpoint)
    refuse_known(service, handed.account, marketplace)
    _refuse_contradiction(given)
    offer = read_offer(service, handed.account, given, marketplace, handed.sales_channel)
    rule = service.part(Prices).rules.get(handed.account, "deny")
    settled = offer.allowed(_rate(given)) or rule == "authorize"
    if not settled and rule == "deny":
        raise differing(offer)
    return take(service, handed.account, offer, by_hand=not settled)


def _refuse_contradiction(given: Mapping[str, object]) -> None:
    """A marketplace does not deliver what the shopper collects. Source: the guide, scenario 9."""
    shipping = part(given, "shippingData")
    journeys = listed(shipping, "logisticsInfo")
    channels = [named(each, "selectedDeliveryChannel") for each in journeys]
    if named(shipping, "isFob") is True and "pickup-in-point" in channels:
        raise bad_request("isFob cannot be true when the delivery type is pickup-in-point")


def _rate(given: Mapping[str, object]) -> float:
    """The part of its value that an order may differ by."""
    found = named(given, "priceDivergenceAllowanceRate")
    if found is None:
        return 0.0
    if not isinstance(found, int | float) or isinstance(found, bool) or not 0 <= found <= 1:
        raise bad_request("The field priceDivergenceAllowanceRate must be a rate from 0 to 1")
    return float(found)


def _update(service: Service, handed: Handed) -> Result:
    held = service.store.of_marketplace(handed.order_id, handed.account)
    if held is None:
        return Result("ApproveOrder", NOT_INTEGRATED)
    if not handed.approved:  # nothing to do for one that is new
        return Result("ApproveOrder", INTEGRATED, held.order_id)
    return _approve(service, held)


def _approve(service: Service, held: Held) -> Result:
    if held.status == _BY_HAND:
        return Result("ApproveOrder", WAITS_FOR_SELLER, held.order_id)
    if held.status == _WAITING and authorize(service, held):
        return Result("ApproveOrder", APPROVED, held.order_id)
    return Result("ApproveOrder", OUT_OF_STATUS, held.order_id)


def refusal_of(flow: Flow, refused: DialectError) -> Result:
    """What the refusal of an order comes to."""
    told = json.loads(refused.answer.body)["error"]
    result = _RESULT_OF.get(told["code"], INVALID)
    return Result(flow, result, errors=((told["code"], told["message"]),))
