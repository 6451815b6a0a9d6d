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
    if not held.order.requests:
        return []
    found = zip(held.order.requests, _why_denied(held, held.participant), strict=True)
    return [_request(request, reason) for request, reason in found]


def _why_denied(held: Held, participant: str) -> tuple[str, ...]:
    """Why each request of a document was refused, in the words of whoever refused it.

    A refusal travels without its reason, and both documents note who refused (fact sheet "Order
    flows", row L11). So a refused request has the words of the last refusal below that is not
    later; of several at one moment the first that is left.
    """
    below = [
        (request.denied_at, reason)
        for lower in held.sale.deal.lower(participant)
        for request, reason in zip(
            held.sale.simulators[lower.name].order.requests,
            _why_denied(held, lower.name),
            strict=True,
        )
        if request.denied_at is not None
    ]
    found = []
    for request in held.sale.simulators[participant].order.requests:
        until = request.denied_at
        heard = [each for each in below if until is not None and each[0] <= until]
        said = max(heard, key=lambda each: each[0], default=(0, ""))  # the first of the latest
        if heard:
            below.remove(said)
        found.append(said[1] or request.deny_reason)
    return tuple(found)


def _request(request: CancellationRequest, reason: str) -> dict[str, object]:
    return {
        "id": request.id,
        "reason": request.reason,
        "cancellationRequestDate": iso(request.at),
        "requestedByUser": request.by in _USERS,
        "deniedBySeller": request.denied,
        "deniedBySellerReason": reason if request.denied else None,
        "cancellationRequestDenyDate": iso_or_null(request.denied_at),
    }
