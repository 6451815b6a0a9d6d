"""Placing an order from a client, and the call that has it processed.

Source: Checkout API reference (place order, place order from an existing cart, process order);
domain fact sheets "HTTP surface", section 3, and "Timers, limits and numbers", T-05. The platform
asks for no credentials here and knows the account by the host; that the sandbox asks for a key is
a sandbox decision, and so is that an order waits for its payment after the callback: a payment
notification, or the event ``approve_payment``, lets it go on.
"""

from __future__ import annotations

from dataclasses import replace

from orderflow.sandbox.dialect import Answer, as_json, refusal
from orderflow.sandbox.document import order_document
from orderflow.sandbox.document_names import OWN_SELLER, mark
from orderflow.sandbox.order_statuses import NOT_AN_ORDER
from orderflow.sandbox.placed import Payment
from orderflow.sandbox.placing_fields import cents, word
from orderflow.sandbox.purchase import Carts, Parts, buy, parts_of, pay
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.sandbox.vendor.mistakes import body_of


def place_order(service: Service, call: Call) -> Answer:
    """200 with the orders; they are processed when the gateway calls back within five minutes."""
    given = body_of(service, call)
    channel = word(call.query, "sc") or word(given, "salesChannel") or "1"
    parts = parts_of(service, call.account, given, channel)
    return _placed(service, call, parts)


def place_order_of_cart(service: Service, call: Call) -> Answer:
    """Do as :func:`place_order` for a cart, which is empty afterwards (sandbox decision)."""
    given, cart = body_of(service, call), call.parameters["orderFormId"]
    carts = service.part(Carts)
    parts = carts.find(call.account, cart)
    if parts is None:
        raise refusal(404, "CHK0197", "Sorry. Could not process the requested orderForm.")
    worth, value = sum(part.value for part in parts), cents(given, "value")
    if value is not None and value != worth:
        raise refusal(400, "ORD009", "Payment value is different from order value")
    answer = _placed(service, call, tuple(replace(part, cart=cart) for part in parts))
    carts.drop(call.account, cart)
    return answer


def process_order(service: Service, call: Call) -> Answer:
    """200 once the orders of the group are processed; a second call changes nothing."""
    group = call.parameters["orderGroup"]
    found = service.store.group(group, call.account)
    if not found:
        raise refusal(404, "CHK0199", f"Order Group {group[:100]} not found")
    mine = [held for held in found if held.origin == "Marketplace"]
    if any(held.status in NOT_AN_ORDER for held in mine):
        raise refusal(400, "CHK0200", "Incompleted orders cannot change status")
    pay(service, mine)
    return Answer(200)


def _placed(service: Service, call: Call, parts: Parts) -> Answer:
    orders = buy(service, call.account, parts)
    answer = as_json(
        {
            "orderForm": None,
            "transactionData": _transaction(orders),
            "orders": [_order(held, call.host) for held in orders],
        }
    )
    return answer._replace(headers=_cookies(orders[0]))


def _order(held: Held, host: str) -> dict[str, object]:
    """One order of the answer: its document under the names that the Checkout API has."""
    return {
        **order_document(held, host=host),
        "state": held.status,
        "hostName": held.account,
        "merchantName": None,
        "storeId": OWN_SELLER,
        "changeData": None,
    }


def _transaction(orders: tuple[Held, ...]) -> dict[str, object]:
    group, account = orders[0].group, orders[0].account
    worth = sum(held.order.value for held in orders)
    payments = orders[0].placed.payments or (Payment("2", worth, worth),)
    return {
        "merchantTransactions": [
            {
                "id": account.upper(),
                "transactionId": mark(group, "transaction"),
                "merchantName": account.upper(),
                "payments": [_payment(each) for each in payments],
            }
        ],
        "receiverUri": f"https://{account}.vtexpayments.com.br/split/{group}/payments",
        "gatewayCallbackTemplatePath": f"/checkout/gatewayCallback/{group}/{{messageCode}}",
    }


def _payment(payment: Payment) -> dict[str, object]:
    empty = ("bin", "accountId", "tokenId", "giftCardRedemptionCode", "giftCardProvider")
    return {
        "paymentSystem": int(payment.system),
        "value": payment.value,
        "referenceValue": payment.reference,
        **dict.fromkeys((*empty, "giftCardId")),
    }


def _cookies(held: Held) -> tuple[tuple[str, str], ...]:
    """The cookies by which the platform knows the buyer again; here nobody has to send them."""
    names = ("Vtex_CHKO_Auth", "CheckoutDataAccess")
    return tuple(
        ("set-cookie", f"{name}={mark(held.group, name).lower()}; path=/; httponly")
        for name in names
    )


_CHECKOUT = "/api/checkout/pub"
ROUTES: tuple[Route, ...] = (
    Route("PUT", _CHECKOUT + "/orders", place_order),
    Route("POST", _CHECKOUT + "/orderForm/{orderFormId}/transaction", place_order_of_cart),
    Route("POST", _CHECKOUT + "/gatewayCallback/{orderGroup}", process_order),
)
