"""Statuses that several areas of a sandbox take together."""

from __future__ import annotations

from orderflow.flows.model import ABSENT, INCOMPLETE

CANCELED = frozenset({"cancel", "canceled"})
"""The order is cancelled, or is about to be."""

ASKED_TO_CANCEL = frozenset({"cancellation-requested", "waiting-for-seller-decision"})
"""Somebody has to answer a cancellation request; an invoice refuses it."""

CREATION_ERRORS = frozenset({"order-create-error", "order-creation-error"})
"""The order could not be made."""

NOT_AN_ORDER = CREATION_ERRORS | {ABSENT, INCOMPLETE}
"""The order has no status for the platform: it is incomplete."""
