"""What items cost, and what the store does about an order that says otherwise."""

from __future__ import annotations

from orderflow.sandbox.control.asking import account_called, body_of, listed, text, trouble
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.placed import MOST_CENTS
from orderflow.sandbox.placing_fields import is_whole
from orderflow.sandbox.prices import RULES, Prices
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service

_MOST_PRICES, _LONGEST_ID = 10_000, 100


def set_prices(service: Service, call: Call) -> Answer:
    """Set prices and the rule for others.

    ``{"prices": {"sku-1": 2499, "sku-2": null}, "divergence": "task"}``: null takes an item out of
    sale, and the rule is ``deny``, ``task`` (a person decides) or ``authorize``.
    """
    sent = body_of(call, ("account", "prices", "divergence"))
    account = account_called(service, text(sent, "account"))
    rule, prices = text(sent, "divergence"), sent.get("prices") or {}
    if rule and rule not in RULES:
        raise trouble(400, f"no rule {rule!r}; there are: {listed(RULES)}")
    if not isinstance(prices, dict) or len(prices) > _MOST_PRICES:
        raise trouble(400, 'prices: write {"sku-1": 2499}, in cents')
    for sku, price in prices.items():
        if not 0 < len(sku) <= _LONGEST_ID or not (price is None or is_whole(price, 1, MOST_CENTS)):
            raise trouble(400, "prices: each is a whole number of cents above 0, or null")
    known = service.part(Prices)
    for sku, price in prices.items():
        known.set(account, sku, price)
    if rule:
        known.rules[account] = RULES[rule]
    return Answer(204)


ROUTES: tuple[Route, ...] = (Route("POST", "/_sandbox/prices", set_prices),)
