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
    return [_request(request) for request in held.order.requests]


def _request(request: CancellationRequest) -> dict[str, object]:
    return {
        "id": request.id,
        "reason": request.reason,
        "cancellationRequestDate": iso(request.at),
        "requestedByUser": request.by in _USERS,
        "deniedBySeller": request.denied,
        "deniedBySellerReason": request.deny_reason if request.denied else None,
        "cancellationRequestDenyDate": iso_or_null(request.denied_at),
    }
