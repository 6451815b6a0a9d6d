"""What the answer of a seller outside the platform comes to.

Answers are taken as a stranger's: whatever is in them, the outcome is one of four, and a note says
what was wrong. Source: domain fact sheet "HTTP surface", section 7.2.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal, TypeGuard

from orderflow.sandbox.external_seller_calls import CallName
from orderflow.sandbox.outbox import Outcome
from orderflow.simulator.order import Item, Order

_LONGEST = 60
_MOST_ID = 100


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer comes to.

    Attributes:
        result: ``yes``; ``no``: the seller has not got the goods; ``evaluating``: it thinks about
            a cancellation; ``failed``: there is no answer of use.
        note: What was wrong with the answer, empty for nothing.
        order_id: What the seller calls the order, empty where that is not said.
    """

    result: Literal["yes", "no", "evaluating", "failed"]
    note: str = ""
    order_id: str = ""


def read_answer(name: CallName, outcome: Outcome, order: Order, seller_order_id: str) -> Reading:
    """What the answer to a call comes to.

    Args:
        name: Which call.
        outcome: How its delivery went.
        order: The marketplace's order.
        seller_order_id: What the seller calls it; empty before it has said so.
    """
    if name == "simulation":
        return _simulated(outcome, order.items)
    bad = _no_answer(outcome)
    if bad:
        return Reading("failed", bad)
    try:
        body = json.loads(outcome.body) if outcome.body.strip() else None
    except (ValueError, RecursionError):
        return Reading("failed", "the body is not JSON")
    if name == "placement":
        return _placed(body, order.order_id)
    return _receipt(name, body, order.order_id, seller_order_id)


def _receipt(name: CallName, body: object, order_id: str, seller_order_id: str) -> Reading:
    """The seller has taken note; to a cancellation it says so only when it agrees."""
    note = _wrong_ids(body, order_id, seller_order_id)
    if name == "fulfillment":
        return Reading("yes", note)
    if not body:
        return Reading("evaluating")
    return Reading("yes" if _names(body, order_id, seller_order_id) else "failed", note)


def _no_answer(outcome: Outcome) -> str:
    """Why there is nothing to read, empty when there is something."""
    if outcome.trouble:
        return outcome.trouble[:_LONGEST]
    if outcome.status != HTTPStatus.OK:
        return f"answered {outcome.status}, 200 is expected"
    return ""


def _simulated(outcome: Outcome, items: tuple[Item, ...]) -> Reading:
    """Yes when each item is there in the quantity that was asked for."""
    bad = _no_answer(outcome)
    if bad:
        return Reading("no", bad)
    try:
        body = json.loads(outcome.body)
    except (ValueError, RecursionError):
        return Reading("no", "the body is not JSON")
    if not isinstance(body, dict):
        return Reading("no", "the body is not an object")
    for place, item in enumerate(items):
        short = _shortage(body, place, item)
        if short:
            return Reading("no", f"item {item.id}: {short}")
    return Reading("yes")


def _shortage(body: Mapping[str, object], place: int, item: Item) -> str:
    """What an item lacks, empty for nothing; stock counts only where it is told."""
    row = _row(body.get("items"), "requestIndex", place) or _row(body.get("items"), "id", item.id)
    if row is None:
        return "not in the answer"
    there = row.get("quantity")
    if not _is_whole(there) or there < item.quantity:
        return f"quantity {_short(there)}, {item.quantity} asked for"
    stock = (_row(body.get("logisticsInfo"), "itemIndex", place) or {}).get("stockBalance")
    if _is_whole(stock) and stock < item.quantity:
        return f"stockBalance {stock}, {item.quantity} asked for"
    price = row.get("price")
    return "" if _is_whole(price) and price >= 0 else f"price {_short(price)}"


def _placed(body: object, order_id: str) -> Reading:
    """Yes with the seller's id; a bare object in place of the array is let pass with a note."""
    notes = [] if isinstance(body, list) else ["the body is not an array"]
    rows = body if isinstance(body, list) else [body]
    found = [
        row for row in rows if isinstance(row, dict) and row.get("marketplaceOrderId") == order_id
    ]
    if not found:
        return Reading("failed", "; ".join([*notes, f"says nothing of order {order_id}"]))
    if len(found) > 1:
        notes.append(f"answers {len(found)} times, the first counts")
    given = found[0].get("orderId")
    if not isinstance(given, str | int) or isinstance(given, bool) or not str(given).strip():
        return Reading("failed", "; ".join([*notes, "orderId is missing"]))
    if len(str(given)) > _MOST_ID or not str(given).isprintable():
        told = f"orderId must have at most {_MOST_ID} printable characters"
        return Reading("failed", "; ".join([*notes, told]))
    if not found[0].get("followUpEmail"):
        notes.append("followUpEmail is missing")
    return Reading("yes", "; ".join(notes), str(given).strip())


def _wrong_ids(body: object, order_id: str, seller_order_id: str) -> str:
    """What is wrong with the ids in a receipt, empty for nothing."""
    if not isinstance(body, dict):
        return "the body is not an object"
    wrong = [
        f"{name} is {_short(body.get(name))}, {right} is right"
        for name, right in (("marketplaceOrderId", order_id), ("orderId", seller_order_id))
        if body.get(name) != right
    ]
    return "; ".join(wrong)


def _names(body: object, *ids: str) -> bool:
    """Whether a receipt names the order at all; the reference's own example swaps the ids."""
    found = body if isinstance(body, dict) else {}
    return any(found.get(name) in ids for name in ("marketplaceOrderId", "orderId"))


def _row(rows: object, name: str, wanted: object) -> Mapping[str, object] | None:
    """The first object among *rows* whose *name* is *wanted*."""
    if not isinstance(rows, list):
        return None
    return next((row for row in rows if isinstance(row, dict) and row.get(name) == wanted), None)


def _is_whole(found: object) -> TypeGuard[int]:
    return isinstance(found, int) and not isinstance(found, bool)


def _short(found: object) -> str:
    """A stranger's value for a note: ids and numbers alone, and cut short."""
    if isinstance(found, str | int | float):
        return repr(found)[:_LONGEST]
    return "missing" if found is None else "of a wrong type"
