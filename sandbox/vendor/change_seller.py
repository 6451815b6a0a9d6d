"""Another seller for an order: the window in which one may be chosen, and the choice.

Source: domain fact sheet "HTTP surface", section 9 and decisions D-A18 and D-A19; the codes and
their messages: developer portal guide "Checkout error codes". No source says what a change answers;
that it is 200 without a body is a sandbox decision, and so is that a new window counts for orders
placed from then on. What cannot happen here: CHK0072 (interest rates), CHK0194 (old workflows),
CHK0047 (it leaves out the window, D-A19) and CHK0046 (says the same as CHK0192).
"""

from __future__ import annotations

from collections.abc import Iterator

from orderflow.sandbox.changes_shown import versions
from orderflow.sandbox.dialect import (
    GENERIC,
    Answer,
    DialectError,
    as_json,
    bad_request,
    refusal,
    required,
)
from orderflow.sandbox.document_names import seller_name
from orderflow.sandbox.placing_fields import cents, is_whole, listed, named, part, word
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.sandbox.vendor.mistakes import body_of
from orderflow.simulator.simulator import Refused

_WINDOW = "change_seller_window"
_DAY = 86_400_000
_LONGEST, _REFUSED_ABOVE = 30, 31
_STATUSES = ("window-to-change-seller", "payment-pending", "waiting-for-authorization")
_CARD = "2"


def get_window(service: Service, call: Call) -> Answer:
    """The window in days."""
    window = service.store.settings_of(call.account).milliseconds(_WINDOW)
    return as_json(window // _DAY)


def set_window(service: Service, call: Call) -> Answer:
    """201; 0 to 30 days, and 31, which the platform takes, counts as 30 (D-A18)."""
    given = body_of(service, call)
    required(given, "waitingTime")
    days = given["waitingTime"]
    if not is_whole(days, 0, _REFUSED_ABOVE):
        told = "Invalid value for time configuration in days. Max value: 31 days."
        raise refusal(400, "CHK0228", told)
    if days > _LONGEST:
        service.remark(call, "", f"a window of {days} days; the documented maximum is {_LONGEST}")
    service.store.tune(call.account, {_WINDOW: min(days, _LONGEST)})
    return Answer(201)


def change(service: Service, call: Call) -> Answer:
    """200: the order goes to the new seller, and the former one is out of it."""
    held = service.store.find(call.parameters["orderId"], call.account)
    if held is None:
        raise refusal(404, "CHK0201", "Order not found")
    given = body_of(service, call)
    newcomer = word(given, "newSellerId")
    if not newcomer:
        raise refusal(400, "CHK0162", "Invalid seller")
    cents(given, "marketplacePaymentValue")
    for refused in (*_of_order(held, newcomer), *_of_delivery(held, given)):
        raise refused
    if isinstance(service.fire(held, "change_seller"), Refused):
        told = f"There is no other seller for order {held.order_id}"
        raise refusal(400, GENERIC, told)
    held.seller_ids[held.sale.current(held.participant)] = newcomer
    return Answer(200)


def _of_order(held: Held, newcomer: str) -> Iterator[DialectError]:
    """Why the seller of an order cannot be changed as it stands."""
    if held.sale.deal.participant[held.participant].family != "marketplace":
        yield bad_request(f"Order {held.order_id} has no seller that could be changed")
        return
    if held.status not in _STATUSES:
        told = f"Change seller can only be done in state {', '.join(_STATUSES[:2])}"
        yield refusal(400, "CHK0165", f"{told} and {_STATUSES[2]}")
    if held.sale.current(held.participant) in held.sale.outside:
        told = "when current seller is external (Not VTEX)"
        yield _cannot("CHK0188", told)
    if newcomer == seller_name(held):
        yield _cannot("CHK0195", "to same seller")
    if versions(held) or held.order.changes:
        yield _cannot("CHK0187", "when order has changes")
    if held.order.settlement == "settled":
        yield _cannot("CHK0190", "when order has settlements")
    if dict(held.order.totals).get("Tax"):
        yield _cannot("CHK0193", "when order has taxes")
    payments = held.placed.payments
    if len(payments) > 1 and any(each.system != _CARD for each in payments):
        yield _cannot("CHK0192", "when order has split of payments without credit cards")


def _of_delivery(held: Held, given: dict[str, object]) -> Iterator[DialectError]:
    """Why it cannot be changed to a seller that delivers like that."""
    journeys = listed(part(given, "shippingData"), "logisticsInfo")
    places = [named(each, "itemIndex") for each in journeys]
    if any(place not in places for place in range(len(held.order.items))):
        yield _cannot("CHK0191", "without shipping information for all items")
    channels = {word(each, "selectedDeliveryChannel") for each in journeys}
    if "pickup-in-point" in channels:
        yield _cannot("CHK0189", "when the new order has pickup delivery")


def _cannot(code: str, why: str) -> DialectError:
    return refusal(400, code, f"Change seller cannot be done {why}")


_CHECKOUT = "/api/checkout/pvt"
_CONFIGURATION = _CHECKOUT + "/configuration/window-to-change-seller"
ROUTES: tuple[Route, ...] = (
    Route("GET", _CONFIGURATION, get_window),
    Route("POST", _CONFIGURATION, set_window),
    Route("PUT", _CHECKOUT + "/orders/{orderId}/sellers", change),
)
