"""Facts of what a marketplace outside the platform hands in: orders, and that they are paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from orderflow.sandbox.evidence import MOST_ROWS, Facts, Sight, code_in, read, word
from orderflow.sandbox.placing_fields import has, named

if TYPE_CHECKING:
    from orderflow.sandbox.store import Held

_PLACED = (
    "marketplaceOrderId",
    "marketplaceServicesEndpoint",
    "marketplacePaymentValue",
    "isCreatedAsync",
    "items",
    "clientProfileData",
    "shippingData",
    "paymentData",
    "marketingData",
    "openTextField",
)
_SHOPPER = ("email", "firstName", "lastName", "documentType", "document", "phone")
_AUTHORIZED = ("marketplaceOrderId",)
_INTEGRATED = (
    "marketplaceOrderId",
    "marketplaceOrderStatus",
    "connectorEndpoint",
    "connectorName",
    "marketplacePaymentValue",
    "allowFranchises",
    "items",
    "clientProfileData",
    "shippingData",
    "invoiceData",
)
_UPDATED = ("marketplaceOrderId", "marketplaceOrderStatus", "connectorEndpoint", "connectorName")
_SAID = ("new", "approved")
_FAILED = 400


def placed_facts(sight: Sight) -> Facts:
    """POST of orders by a marketplace."""
    found = _facts(sight, _PLACED)
    absent = [name for order in orders(sight) for name in _absent_of_shopper(order)]
    return {**found, "missing": [*_texts(found), *dict.fromkeys(absent)]}


def authorized_facts(sight: Sight) -> Facts:
    """POST of the leave to handle an order, for which the marketplace has been paid."""
    return _facts(sight, _AUTHORIZED)


def integrated_facts(sight: Sight) -> Facts:
    """POST of an order to the order integration."""
    return {**_facts(sight, _INTEGRATED), "said": _said(sight)}


def updated_facts(sight: Sight) -> Facts:
    """PUT of a status to the order integration."""
    return {**_facts(sight, _UPDATED), "said": _said(sight)}


def _facts(sight: Sight, names: Iterable[str]) -> Facts:
    sent = orders(sight)
    absent = dict.fromkeys(n for n in names for each in sent or ({},) if not has(each, n))
    return {
        "missing": list(absent),
        "affiliate": word(sight.call.query.get("affiliateid")),
        "marketplace_order": sight.marks.of(marketplace_id(sight)),
        "orders": len(sent),
        "result": _result(sight),
    }


def _texts(found: Facts) -> list[object]:
    rows = found["missing"]
    return rows if isinstance(rows, list) else []


def _absent_of_shopper(order: Mapping[str, object]) -> list[str]:
    """Absent fields of a shopper who is there; one who is null has none."""
    shopper = named(order, "clientProfileData")
    return [name for name in _SHOPPER if not has(shopper, name)] if shopper else []


def _said(sight: Sight) -> str:
    said = str(named(_first(sight), "marketplaceOrderStatus")).lower()
    return said if said in _SAID else "other"


def _result(sight: Sight) -> str:
    """The code in the answer, of an error or of the order integration; empty for none."""
    failed = sight.given.status >= _FAILED
    return code_in(sight.given) if failed else word(sight.answered().get("code"))


def orders(sight: Sight) -> tuple[Mapping[str, object], ...]:
    """The orders in a body, be it one or an array."""
    sent = read(sight.call.body)
    rows = sent if isinstance(sent, list) else [sent]
    return tuple(each for each in rows[:MOST_ROWS] if isinstance(each, dict))


def _first(sight: Sight) -> Mapping[str, object]:
    return next(iter(orders(sight)), {})


def marketplace_id(sight: Sight) -> str:
    """What the marketplace calls the order that a call is about; empty when it names several."""
    if len(orders(sight)) != 1:
        return ""
    found = named(_first(sight), "marketplaceOrderId")
    known = isinstance(found, str | int) and not isinstance(found, bool)
    return str(found).strip() if known else ""


def found(sight: Sight) -> Held | None:
    """The order that a marketplace names by its own id."""
    name = marketplace_id(sight) if sight.operation in OPERATIONS and sight.key else ""
    if not name or sight.key is None:
        return None
    return sight.service.store.of_marketplace(name, sight.key.account)


OPERATIONS = frozenset(
    {
        "POST /api/fulfillment/pvt/orders",
        "POST /api/order-integration/orders",
        "PUT /api/order-integration/orders/status",
    }
)
"""Calls that name an order by the marketplace's id alone."""
