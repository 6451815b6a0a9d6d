"""The payment transaction of an order.

Source: Orders API, "Retrieve payment transaction"; the statuses are those of the help center's
article "Transaction flow in Payments".
"""

from __future__ import annotations

from collections.abc import Mapping

from orderflow.sandbox.account import VIEW_ORDER
from orderflow.sandbox.dialect import GENERIC, Answer, as_json, refusal
from orderflow.sandbox.document_money import payment
from orderflow.sandbox.document_names import upper_id
from orderflow.sandbox.order_statuses import CANCELED
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.sandbox.vendor.fields import objects

_NOT_HERE = frozenset(
    {"giftCardProvider", "giftCardAsDiscount", "koinUrl", "accountId", "parentAccountId"}
    | {"bankIssuedInvoiceIdentificationNumber", "bankIssuedInvoiceIdentificationNumberFormatted"}
    | {"bankIssuedInvoiceBarCodeNumber", "bankIssuedInvoiceBarCodeType"}
    | {"billingAddress", "paymentOrigin"}
)
"""What a payment has in the order document, and not in the transaction."""

_CONNECTOR = ("Tid", "ReturnCode", "Message", "authId")


def get_transaction(service: Service, call: Call) -> Answer:
    """200 with the transaction; 404 for the order of another store, which is not paid here.

    The reference says that orders of the Fulfillment kind are not supported, and not what they
    get; that it is 404 is a sandbox decision.
    """
    held = service.order(call.parameters["orderId"], call.account)
    if upper_id(held) or held.origin != "Marketplace":
        raise refusal(404, GENERIC, "Only marketplace orders have a payment transaction here")
    found = next(objects(payment(held)["transactions"]))
    payments = [_payment(each) for each in objects(found["payments"])]
    return as_json(
        {
            "status": _status(held),
            "isActive": found["isActive"],
            "transactionId": found["transactionId"],
            "merchantName": found["merchantName"],
            "payments": payments,
        }
    )


def _payment(shown: Mapping[str, object]) -> dict[str, object]:
    """A payment of the order document, with the fields that it has here."""
    known = shown["connectorResponses"]
    told = known if isinstance(known, dict) else {}
    answers = {name: value for name, value in told.items() if name in _CONNECTOR}
    kept = {name: value for name, value in shown.items() if name not in _NOT_HERE}
    return {**kept, "connectorResponses": answers}


def _status(held: Held) -> str:
    """Where the transaction stands, as far as the order tells (sandbox decision)."""
    order = held.order
    if held.status in CANCELED or order.denied_payment:
        return "Canceled"
    if not order.paid:
        return "Authorizing"
    return "Finished" if held.status == "invoiced" else "Approved"


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        "/api/oms/pvt/orders/{orderId}/payment-transaction",
        get_transaction,
        (VIEW_ORDER,),
    ),
)
