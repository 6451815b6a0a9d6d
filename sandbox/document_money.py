"""What an order document says of money: totals, payment, modifications. All of it in cents."""

from __future__ import annotations

from orderflow.sandbox.document_names import (
    AFFILIATE,
    dashed_mark,
    digits,
    mark,
    payment_id,
    upper_id,
)
from orderflow.sandbox.moments import iso
from orderflow.sandbox.store import Held
from orderflow.simulator.order import Change

_NAMES = {
    "Items": "Total dos Itens",  # codespell:ignore itens
    "Discounts": "Total dos Descontos",
    "Shipping": "Total do Frete",
    "Tax": "Total da Taxa",
}


def totals(held: Held) -> list[dict[str, object]]:
    """``totals[]``: always the four of the reference, which add up to the order's value.

    What a modification adds is in ``Items``, what it takes away in ``Discounts`` (sandbox decision:
    the reference has no total for it).
    """
    sums = dict.fromkeys(_NAMES, 0)
    for name, cents in held.order.totals:
        modified = "Discounts" if cents < 0 else "Items"
        sums[name if name in sums else modified] += cents
    return [{"id": name, "name": _NAMES[name], "value": sums[name]} for name in _NAMES]


def placed_value(held: Held) -> int:
    """What the order was worth before it was modified."""
    return held.order.value - sum(change.delta for change in held.order.changes)


def payment(held: Held) -> dict[str, object]:
    """``paymentData``: one transaction with one payment.

    The document of whoever handles another store's order names no transaction: the affiliate
    answers for the value. Source: domain fact sheet "What real clients send and read", CA-28.
    """
    assumed = bool(upper_id(held))
    paid = _assumed() if assumed else _card(held)
    return {
        "giftCards": [],
        "transactions": [
            {
                "isActive": True,
                "transactionId": None if assumed else mark(held.group, "transaction"),
                "merchantName": held.account,
                "payments": [{**_payment(held), **paid}],
            }
        ],
    }


def payment_name(held: Held) -> str:
    """``paymentSystemName``: by what the order is paid."""
    return str((_assumed() if upper_id(held) else _card(held))["paymentSystemName"])


def _card(held: Held) -> dict[str, object]:
    tid = digits(8, held.group, "tid")
    approved = held.order.paid
    return {
        "paymentSystem": "2",
        "paymentSystemName": "Visa",
        "group": "creditCard",
        "firstDigits": "444433",
        "lastDigits": "1111",
        "tid": tid,
        "connectorResponses": {
            "Tid": tid,
            "ReturnCode": "200" if approved else None,
            "Message": "approved" if approved else None,
            "authId": digits(6, held.group, "authorization") if approved else None,
            "acquirer": "Sandbox",
            "issuer": "Sandbox",
        },
    }


def _assumed() -> dict[str, object]:
    return {
        "paymentSystem": "201",  # sandbox decision; must be a number as text
        "paymentSystemName": f"Assumed value by affiliate {AFFILIATE}",
        "group": "promissory",
        "firstDigits": None,
        "lastDigits": None,
        "tid": None,
        "connectorResponses": dict.fromkeys(
            ("Tid", "ReturnCode", "Message", "authId", "acquirer", "issuer")
        ),
    }


def _payment(held: Held) -> dict[str, object]:
    """One entry of ``payments[]`` without what depends on the means of payment."""
    empty = (
        "cardHolder cardNumber cvv2 expireMonth expireYear url giftCardId giftCardName"
        " giftCardCaption redemptionCode dueDate giftCardProvider giftCardAsDiscount koinUrl"
        " accountId parentAccountId bankIssuedInvoiceIdentificationNumber"
        " bankIssuedInvoiceIdentificationNumberFormatted bankIssuedInvoiceBarCodeNumber"
        " bankIssuedInvoiceBarCodeType billingAddress paymentOrigin"
    )
    return {
        "id": payment_id(held),
        "value": held.order.value,
        "referenceValue": placed_value(held),
        "installments": 1,
        **dict.fromkeys(empty.split()),
    }


def changes(held: Held) -> dict[str, object] | None:
    """``changesAttachment``: applied modifications; None before the first."""
    if not held.order.changes:
        return None
    return {
        "id": "changeAttachment",
        "changesData": [_change(held, change) for change in held.order.changes],
    }


def _change(held: Held, change: Change) -> dict[str, object]:
    return {
        "reason": "",
        "discountValue": max(0, -change.delta),
        "incrementValue": max(0, change.delta),
        "itemsAdded": [],
        "itemsRemoved": [],
        "receipt": {
            "date": iso(change.at),
            "orderId": held.order_id,
            "receipt": dashed_mark(held.order_id, change.id),
        },
    }
