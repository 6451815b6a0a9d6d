"""What an order document says of its cancellation, and of those who asked for one.

Source: domain fact sheet "HTTP surface", section 2.1; the two spellings are its decision D-A10.
"""

from __future__ import annotations

from orderflow.sandbox.moments import iso, iso_or_null
from orderflow.sandbox.store import Held
from orderflow.simulator.order import CancellationRequest

_ORIGINS = (
    "requestedByUser",
    "requestedBySystem",
    "requestedBySellerNotification",
    "requestedByPaymentNotification",
)
_USERS = frozenset({"shopper", "marketplace"})


def cancellation(held: Held) -> dict[str, object] | None:
    """``cancellationData`` in lower case, with the request it answers; None while there is none."""
    over = held.order.cancellation
    if over is None:
        return None
    asked = held.order.open_request
    return {
        **{origin: origin in over.origins for origin in _ORIGINS},
        "reason": over.reason,
        "cancellationDate": iso(over.at),
        "cancellationRequestId": asked.id if asked else None,
    }


def capital_cancellation(held: Held) -> dict[str, object] | None:
    """``cancellationData`` as Get order spells it, without the request."""
    lower = cancellation(held)
    if lower is None:
        return None
    del lower["cancellationRequestId"]
    return {name[0].upper() + name[1:]: value for name, value in lower.items()}


def requests(held: Held) -> list[dict[str, object]]:
    """``cancellationRequests[]``, oldest first."""
    return [_request(held, request) for request in held.order.requests]


def _said_below(held: Held, participant: str, request: CancellationRequest) -> str:
    """Why the seller refused; its refusal travels without its reason.

    Both documents note who refused (fact sheet "Order flows", row L11).
    """
    if request.denied_at is None:
        return ""
    reasons = [
        other.deny_reason or _said_below(held, lower.name, other)
        for lower in held.sale.deal.lower(participant)
        for other in held.sale.simulators[lower.name].order.requests
        if other.denied_at is not None and other.denied_at <= request.denied_at
    ]
    return reasons[-1] if reasons else ""


def _request(held: Held, request: CancellationRequest) -> dict[str, object]:
    reason = _said_below(held, held.participant, request) or request.deny_reason
    return {
        "id": request.id,
        "reason": request.reason,
        "cancellationRequestDate": iso(request.at),
        "requestedByUser": request.by in _USERS,
        "deniedBySeller": request.denied,
        "deniedBySellerReason": reason if request.denied else None,
        "cancellationRequestDenyDate": iso_or_null(request.denied_at),
    }
