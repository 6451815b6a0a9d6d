"""Facts of calls that read orders, and of those that cancel one or refuse to."""

from __future__ import annotations

from collections.abc import Mapping

from orderflow.sandbox.evidence import Facts, Sight, held_of, inner, number, objects, word
from orderflow.sandbox.moments import moment

_DATES = "creationdate:["
_BETWEEN = " TO "
_MOST_STATUSES = 50


def order_facts(sight: Sight) -> Facts:
    """GET of an order: the document as it is sent."""
    body = sight.answered()
    held = held_of(sight)
    changes = len(held.order.changes) if held else 0
    return {"shown": _shown(body, changes)} if "orderId" in body else {}


def _shown(body: Mapping[str, object], changes: int) -> Facts:
    status, complete = body.get("status"), body.get("isCompleted")
    journeys = objects(inner(body, "shippingData").get("logisticsInfo"))
    ids = [journey.get("deliveryIds") for journey in journeys]
    return {
        "status": None if status is None else word(status),
        "description": word(body.get("statusDescription")),
        "value": number(body.get("value")),
        "complete": complete is True,
        "changes": changes,
        "delivery_ids": any(ids),
        "changed_seller": bool(ids) and not any(ids),
    }


def list_facts(sight: Sight) -> Facts:
    """GET of a list of orders, and POST of its PII version."""
    asked = {**sight.call.query, **{name.lower(): each for name, each in sight.sent().items()}}
    statuses = str(asked.get("f_status") or asked.get("status") or "")
    return {
        "statuses": [word(each.strip()) for each in statuses.split(",")[:_MOST_STATUSES] if each],
        "page": number(asked.get("page")),
        "per_page": number(asked.get("per_page")),
        "span": _span(str(asked.get("f_creationdate") or "")),
        "rows": len(objects(sight.answered().get("list"))),
    }


def _span(given: str) -> int | None:
    """Ms from the first to the last date of creation that are asked for."""
    text = given.strip()
    if not text.lower().startswith(_DATES):
        return None
    first, mark, last = text[len(_DATES) :].rstrip("]").partition(_BETWEEN)
    try:
        return moment(last) - moment(first) if mark else None
    except (ValueError, OverflowError):
        return None


def cancel_facts(sight: Sight) -> Facts:
    """POST of a cancellation."""
    return {"reason": _said(sight.sent(), "reason")}


def deny_facts(sight: Sight) -> Facts:
    """POST of the refusal of a cancellation."""
    sent, held = sight.sent(), held_of(sight)
    wanted = sent.get("cancellationRequestId")
    requests = held.order.requests if held else ()
    known = next((each for each in requests if each.id == wanted), None)
    named = isinstance(wanted, str) and bool(wanted)
    return {
        "request": "known" if known else "unknown" if named else "",
        "reason": _said(sent, "denyReason"),
        "own": known is not None and known.by == "seller",
    }


def _said(sent: Mapping[str, object], name: str) -> bool:
    text = sent.get(name)
    return isinstance(text, str) and bool(text.strip())
