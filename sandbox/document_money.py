"""What an order document says of money: totals and payment. All of it in cents."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from orderflow.sandbox.changes_shown import moved
from orderflow.sandbox.document_names import digits, mark, payment_id, upper_id
from orderflow.sandbox.document_store import affiliate
from orderflow.sandbox.store import Held

_CARD = "2"

_NAMES = {
    "Items": "Total dos Itens",
    "Discounts": "Total dos Descontos",
    "Shipping": "Total do Frete",
    "Tax": "Total da Taxa",
}

_EMPTY = (
    "cardHolder cardNumber cvv2 expireMonth expireYear url giftCardId giftCardName"
    " giftCardCaption redemptionCode dueDate giftCardProvider giftCardAsDiscount koinUrl"
    " accountId parentAccountId bankIssuedInvoiceIdentificationNumber"
    " bankIssuedInvoiceIdentificationNumberFormatted bankIssuedInvoiceBarCodeNumber"
    " bankIssuedInvoiceBarCodeType billingAddress paymentOrigin"
)
_UNSAID: Mapping[str, object] = dict.fromkeys(_EMPTY.split())
"""Fields of a payment that are null by whatever it is made."""


def totals(held: Held) -> list[dict[str, object]]:
    """``totals[]``: always the four of the reference, which add up to the order's value."""
    placed, later = dict(held.order.totals), moved(held)
    return [
        {"id": name, "name": shown, "value": placed.get(name, 0) + later.get(name, 0)}
        for name, shown in _NAMES.items()
    ]


def placed_value(held: Held) -> int:
    """What the order was worth before it was modified."""
    order = held.order
    return order.value - sum(change.delta for change in order.changes)


def payment(held: Held) -> dict[str, object]:
    """``paymentData``: one transaction, with one payment unless more were sent.

    The document of whoever handles another store's order names no transaction: the affiliate
    answers for the value. Source: domain fact sheet "What real clients send and read", CA-28.
    """
    assumed = bool(upper_id(held))
    return {
        "giftCards": [],
        "transactions": [
            {
                "isActive": True,
                "transactionId": None if assumed else mark(held.group, "transaction"),
                "merchantName": held.account,
                "payments": payments(held),
            }
        ],
    }


def payment_name(held: Held) -> str:
    """``paymentSystemName``: by what the order is paid, several separated by commas."""
    return ",".join(str(each["paymentSystemName"]) for each in payments(held))


def payments(held: Held) -> list[dict[str, object]]:
    """``payments[]`` of the transaction."""
    if upper_id(held):
        return [_assumed_payment(held)]
    said = held.placed.payments
    if not said:
        return [{**_payment(held), **_card(held)}]
    whole = {"value": held.order.value, "referenceValue": placed_value(held)}
    return [
        {
            **_payment(held),
            **_means(held, each.system),
            "id": payment_id(held) if place == 0 else mark(held.group, "payment", str(place)),
            "installments": each.installments,
            **(
                whole if len(said) == 1 else {"value": each.value, "referenceValue": each.reference}
            ),
        }
        for place, each in enumerate(said)
    ]


def _means(held: Held, system: str) -> dict[str, object]:
    """What tells a means of payment: a card, or what the sandbox knows the number of only."""
    if system == _CARD:
        return _card(held)
    name = f"Payment system {system}"  # no source names them (sandbox decision)
    return {**_assumed(""), "paymentSystem": system, "paymentSystemName": name, "group": None}


def _assumed_payment(held: Held) -> dict[str, object]:
    return {**_payment(held), **_assumed(affiliate(held))}


def _card(held: Held) -> dict[str, object]:
    numbers, approved = _numbers(held.group), held.order.paid
    return {
        "paymentSystem": _CARD,
        "paymentSystemName": "Visa",
        "group": "creditCard",
        "firstDigits": "444433",
        "lastDigits": "1111",
        "tid": numbers.tid,
        "connectorResponses": {
            "Tid": numbers.tid,
            "ReturnCode": "200" if approved else None,
            "Message": "approved" if approved else None,
            "authId": numbers.authorization if approved else None,
            "acquirer": "Sandbox",
            "issuer": "Sandbox",
        },
    }


class _Numbers(NamedTuple):
    """What the bank calls a payment by card: its transaction, and that it was authorized."""

    tid: str
    authorization: str


@lru_cache(maxsize=4_096)  # an order is asked for more than once
def _numbers(group: str) -> _Numbers:
    return _Numbers(digits(8, group, "tid"), digits(6, group, "authorization"))


def _assumed(answers: str) -> dict[str, object]:
    """The value is assumed by the affiliate that *answers* for it."""
    return {
        "paymentSystem": "201",  # sandbox decision; must be a number as text
        "paymentSystemName": f"Assumed value by affiliate {answers}",
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
    return {
        "id": payment_id(held),
        "value": held.order.value,
        "referenceValue": placed_value(held),
        "installments": 1,
        **_UNSAID,
    }
