"""The summary of an order's modifications: what it was, what came, went and was replaced.

``totals`` is an array of totals, as in the reference's example (its schema says an array of
arrays); the sum of all changes stands under both names, the one of the schema
(``totalChangeValueAggregated``) and the one of the example (``totalChangesValueAggregated``).
Source: Orders API, Get order modifications summary.
"""

from __future__ import annotations

from collections.abc import Iterable

from orderflow.sandbox.changes_amendment import Line
from orderflow.sandbox.changes_answers import logistics, number
from orderflow.sandbox.changes_request import Modification
from orderflow.sandbox.changes_shown import placed_lines
from orderflow.sandbox.changes_worked_out import Step
from orderflow.sandbox.document_goods import item_document, shipping
from orderflow.sandbox.held import Held
from orderflow.sandbox.moments import iso

_TOTALS = {
    "Items": "Items Total",
    "Discounts": "Discounts Total",
    "Shipping": "Shipping Total",
    "Tax": "Tax Total",
}

_ORDERS_ONLY = frozenset({"itemAttachment", "listPrice", "params", "serialNumbers"})
"""Fields of an item that the order document has and the summary does not."""


def summary(held: Held, changes: Iterable[Modification]) -> dict[str, object]:
    """The summary of the modifications of *held* that have been applied.

    Args:
        held: The document.
        changes: Its modifications, oldest first.
    """
    done = [change for change in changes if change.stage == "done"]
    steps = [step for change in done for step in change.outcome.steps]
    total = sum(change.outcome.total for change in done)
    return {
        "original": [_original(held, place, line) for place, line in enumerate(placed_lines(held))],
        "added": [_came(held, line) for s in steps if s.kind == "add" for line in s.comes],
        "removed": [_row(held, line) for s in steps if s.kind == "remove" for line in s.goes],
        "replaced": [_replaced(held, step) for step in steps if step.kind == "replace"],
        "manualDiscountValueAggregated": sum(change.outcome.discount for change in done),
        "manualIncrementValueAggregated": sum(change.outcome.increment for change in done),
        "totalChangeValueAggregated": total,
        "totalChangesValueAggregated": total,
        "totals": _totals(done),
        "lastChange": iso(max((change.log[-1].at for change in done), default=held.events[-1].at)),
    }


def _totals(done: list[Modification]) -> list[dict[str, object]]:
    sums = dict.fromkeys(_TOTALS, 0)
    for change in done:
        for name, cents in change.outcome.moved:
            sums[name] += cents
    return [
        {"id": name, "name": _TOTALS[name], "value": cents, "alternativeTotals": None}
        for name, cents in sums.items()
    ]


def _original(held: Held, place: int, line: Line) -> dict[str, object]:
    shown = item_document(held, line)
    return {
        **{name: shown[name] for name in shown if name not in _ORDERS_ONLY},
        "itemIndex": place,
        "totalQuantity": line.quantity,
        "manualPriceAppliedBy": None,
        "customTax": None,
        "marketingData": None,
        "deliveryIds": _delivery_ids(held, line),
    }


def _delivery_ids(held: Held, line: Line) -> list[dict[str, object]]:
    """Those of the order: everything comes from one warehouse here."""
    listed = shipping(held)["logisticsInfo"]
    first = listed[0] if isinstance(listed, list) and listed else {}
    return [
        {**each, "quantity": line.quantity, "totalListPrice": None}
        for each in first.get("deliveryIds", ())
    ]


def _row(held: Held, line: Line) -> dict[str, object]:
    shown = item_document(held, line)
    names = ("imageUrl", "detailUrl", "name", "refId")
    return {
        "id": line.id,
        "uniqueId": line.unique_id,
        "quantity": line.quantity,
        "price": line.price,
        "measurementUnit": line.unit,
        "unitMultiplier": number(line.multiplier),
        "sellingPrice": line.selling_price,
        "priceTags": [],
        **{name: shown[name] for name in names},
        "deliveryIds": _delivery_ids(held, line),
    }


def _came(held: Held, line: Line) -> dict[str, object]:
    return {**_row(held, line), "totalQuantity": line.quantity}


def _replaced(held: Held, step: Step) -> dict[str, object]:
    shipped = [logistics(each, step.comes[each.place]) for each in step.deliveries]
    return {
        "replaceType": step.type,
        "userInputType": step.type,
        "from": {"items": [_row(held, line) for line in step.goes], "shippingData": None},
        "to": {
            "items": [_came(held, line) for line in step.comes],
            "shippingData": {"logisticsInfo": shipped} if shipped else None,
        },
        "type": "UserInput",
    }
