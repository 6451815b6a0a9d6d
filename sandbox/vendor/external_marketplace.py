"""A seller on the platform for a marketplace outside it: simulation, placement, authorisation.

Source: domain fact sheet "HTTP surface", section 7.1; reference "Marketplace Protocol - External
Marketplace Orders" and, for orders in an array, the older integration guide for marketplaces.
"""

from __future__ import annotations

from collections.abc import Mapping

from orderflow.sandbox.dialect import (
    Answer,
    DialectError,
    as_json,
    bad_request,
    order_not_found,
    read_json,
    refusal,
)
from orderflow.sandbox.document import receipt
from orderflow.sandbox.document_shopper import email_alias
from orderflow.sandbox.moments import iso
from orderflow.sandbox.order_statuses import CANCELED
from orderflow.sandbox.outside_order import (
    Offer,
    affiliate_of,
    authorize,
    differing,
    marketplace_order_id,
    read_offer,
    refuse_known,
    take,
)
from orderflow.sandbox.placed import Marketplace
from orderflow.sandbox.placing_fields import has, named, part, word
from orderflow.sandbox.prices import Prices
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held

_BEFORE = frozenset({"waiting-ffmt-authorization", "waiting-for-manual-authorization"})
_EXPECTED = ("isCreatedAsync", "paymentData", "marketingData", "openTextField")
_EXPECTED_OF_SHOPPER = ("email", "firstName", "lastName", "documentType", "document", "phone")
_SHOWN = ("items", "clientProfileData", "shippingData", "paymentData")
_MOST_ORDERS = 100


def place(service: Service, call: Call) -> Answer:
    """200 with what was sent and the seller's id; an array is answered by an array.

    All orders of an array are placed, or none.
    """
    affiliate, sent = affiliate_of(call.query), _orders(call)
    offers = [_offer(service, call, affiliate, given) for given in sent]
    names = [offer.marketplace.order_id for offer in offers]
    if len(set(names)) < len(names):
        told = "The request order with marketplace order id is in the array more than once"
        raise refusal(400, "FMT009", told)
    for given in sent:
        _see_all_is_there(service, call, given)
    by_hand = [
        _waits_for_a_person(service, call, offer, given)
        for offer, given in zip(offers, sent, strict=True)
    ]
    placed = [
        take(service, call.account, offer, by_hand=manual)
        for offer, manual in zip(offers, by_hand, strict=True)
    ]
    answers = [_taken(held, given) for held, given in zip(placed, sent, strict=True)]
    return as_json(answers if isinstance(read_json(call.body), list) else _single(answers[0], sent))


def fulfill(service: Service, call: Call) -> Answer:
    """201: the marketplace has been paid, the seller may begin."""
    affiliate = affiliate_of(call.query)
    held = service.store.find(call.parameters["orderId"], call.account)
    marketplace = held.placed.marketplace if held else None
    if held is None or marketplace is None or marketplace.affiliate != affiliate:
        raise order_not_found()
    sent = read_json(call.body) if call.body.strip() else {}
    first = sent[0] if isinstance(sent, list) and sent else sent
    if word(first, "marketplaceOrderId") not in ("", marketplace.order_id):
        raise refusal(400, "FMT0071", "Marketplace id do not match with original order")
    if not authorize(service, held):
        raise _cannot_authorize(held)
    return as_json(_authorized(service, held, marketplace), 201)


def _cannot_authorize(held: Held) -> DialectError:
    """400; a client that authorises twice knows it by the code.

    Source: domain fact sheet "What real clients send and read", CR-59.
    """
    if held.status in _BEFORE | CANCELED:
        told = f"Order {held.order_id} is in a invalid state to approve payment"
        return refusal(400, "CHK0242", told)
    return refusal(400, "CHK0231", "A communication error with workflow system has occurred")


def _authorized(service: Service, held: Held, marketplace: Marketplace) -> dict[str, object]:
    """The answer of the reference, and the receipt of the guide, in one."""
    return {
        "status": "success",
        "message": "Order authorized successfully",
        "marketplaceOrderId": marketplace.order_id,
        **receipt(held, service.now),
        "details": {
            "createdAt": iso(service.now),
            "marketplaceOrderId": marketplace.order_id,
            "status": held.status,
        },
    }


def _orders(call: Call) -> list[dict[str, object]]:
    """The orders in a body, be it one or an array."""
    sent = read_json(call.body)
    orders = sent if isinstance(sent, list) else [sent]
    if not orders or orders == [{}]:
        told = "Cannot be created an empty order. Please send an order or check your input request"
        raise refusal(400, "FMT0026", told)
    objects = [each for each in orders if isinstance(each, dict)]
    if len(orders) > _MOST_ORDERS or len(objects) < len(orders):
        raise bad_request(f"The request body must be an array of at most {_MOST_ORDERS} orders")
    return objects


def _offer(service: Service, call: Call, affiliate: str, given: dict[str, object]) -> Offer:
    endpoint = named(given, "marketplaceServicesEndpoint")
    if not isinstance(endpoint, str) or not endpoint.strip():
        told = "The endpoint to marketplace's service has not been provided"
        raise refusal(400, "FMT0070", told)
    marketplace = Marketplace(affiliate, marketplace_order_id(given), endpoint.strip())
    refuse_known(service, call.account, marketplace)
    channel = word(call.query, "sc") or "1"
    return read_offer(service, call.account, given, marketplace, channel)


def _waits_for_a_person(
    service: Service, call: Call, offer: Offer, given: Mapping[str, object]
) -> bool:
    """Whether a person decides about the price of an order.

    Raises:
        DialectError: The order is refused for its price.
    """
    if not offer.differs:
        return False
    rule = service.part(Prices).rules.get(call.account, "deny")
    if rule == "deny" or named(given, "isCreatedAsync") is not True:
        raise differing(offer)
    return rule == "task"


def _see_all_is_there(service: Service, call: Call, given: Mapping[str, object]) -> None:
    """A connector sends every parameter, null when it is empty, and an endpoint that is reached.

    Source: developer portal guide "How to update a canceled order's status" (rule B-56).
    """
    shopper = part(given, "clientProfileData")
    missing = [name for name in _EXPECTED if not has(given, name)]
    missing += [name for name in _EXPECTED_OF_SHOPPER if not has(shopper, name)]
    order_id = word(given, "marketplaceOrderId")
    if missing:
        told = f"not sent: {', '.join(missing)}; send null for what is empty"
        service.remark(call, "", told, order_id)
    wrong = service.outbox.wrong_with(str(named(given, "marketplaceServicesEndpoint")).strip())
    if wrong:
        told = f"marketplaceServicesEndpoint cannot be called, so it is told nothing: {wrong}"
        service.remark(call, "", told, order_id)


def _taken(held: Held, given: Mapping[str, object]) -> dict[str, object]:
    marketplace = held.placed.marketplace
    return {
        "marketplaceOrderId": marketplace.order_id if marketplace else "",
        "orderId": held.order_id,
        "followUpEmail": email_alias(held),
        **{name: named(given, name) for name in _SHOWN},
    }


def _single(answer: dict[str, object], sent: list[dict[str, object]]) -> dict[str, object]:
    """What the reference answers to an order that is in no array."""
    return {
        **answer,
        "status": "success",
        "message": "Order placed successfully",
        "orderData": sent[0],
    }


_FULFILLMENT = "/api/fulfillment/pvt/orders"
ROUTES: tuple[Route, ...] = (
    Route("POST", _FULFILLMENT, place),
    Route("POST", _FULFILLMENT + "/{orderId}/fulfill", fulfill),
)
