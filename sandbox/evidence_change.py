"""Facts of order modifications, and of a seller's agreement to one."""

from __future__ import annotations

from orderflow.sandbox.evidence import Facts, Sight

_ASKED = ("remove", "replace", "add", "manualDiscountValue", "manualIncrementValue")
_ASKED_FORMERLY = ("itemsRemoved", "itemsAdded", "discountValue", "incrementValue")
_AGREEMENTS = ("Acknowledgment", "Confirmation")


def change_facts(sight: Sight) -> Facts:
    """PATCH of a modification; a retry of one, or its cancellation."""
    named = sight.call.parameters.get("changeRequestId") or sight.answered().get("requestId")
    return _facts(sight, named, _ASKED)


def former_change_facts(sight: Sight) -> Facts:
    """POST of a modification in the first version."""
    return _facts(sight, sight.sent().get("requestId"), _ASKED_FORMERLY)


def _facts(sight: Sight, named: object, kinds: tuple[str, ...]) -> Facts:
    sent = sight.sent()
    reason = sent.get("reason")
    return {
        "request_id": sight.marks.of(named) if isinstance(named, str) else "",
        "reason": isinstance(reason, str) and bool(reason.strip()),
        "asked": [name for name in kinds if sent.get(name)],
    }


def agreement_facts(sight: Sight) -> Facts:
    """POST of a seller's agreement."""
    said = sight.sent().get("agreementType")
    return {
        "request_id": sight.marks.of(sight.call.parameters.get("changeRequestId", "")),
        "agreement": said if said in _AGREEMENTS else "other",
    }
