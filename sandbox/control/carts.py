"""Carts, which a client can buy without having filled them."""

from __future__ import annotations

from orderflow.sandbox.control.asking import account_called, trouble
from orderflow.sandbox.dialect import Answer, DialectError, as_json, read_object
from orderflow.sandbox.placing_fields import word
from orderflow.sandbox.purchase import Carts, parts_of
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service


def fill(service: Service, call: Call) -> Answer:
    """Make a cart of what an order would be placed with: items, shopper, delivery, payment."""
    try:
        sent = read_object(call.body)
        account = account_called(service, word(sent, "account"))
        parts = parts_of(service, account, sent, word(sent, "salesChannel") or "1")
    except DialectError as wrong:
        status = wrong.answer.status
        raise trouble(status, str(wrong)) from wrong
    cart = service.part(Carts).add(account, parts)
    return as_json({"orderFormId": cart, "value": sum(part.value for part in parts)}, 201)


ROUTES: tuple[Route, ...] = (Route("POST", "/_sandbox/carts", fill),)
