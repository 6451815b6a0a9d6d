"""The cross-flow rules as a search of a deal asks them: of two documents at one moment.

Each says of a pair of orders what the rule of the same id says of their histories; that they
agree is shown by tests that replay what a search finds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orderflow.conformance.rule import CHAIN, COMPLETE, MARKETPLACE, SELLER
from orderflow.flows.model import ABSENT
from orderflow.simulator.order import Order

LEFT = frozenset({"cancel", "canceled"})
_ASKED = frozenset({"request-cancel", "waiting-for-seller-decision"})
_ENDING = LEFT | {"window-to-change-seller", "replaced"}
_INVOICING = frozenset({"invoice", "invoiced"})
_CHAIN_PAID = frozenset({"payment-approved", "waiting-seller-handling"})
_SELLING = MARKETPLACE | COMPLETE


@dataclass(frozen=True, slots=True)
class Sight:
    """Two documents of a sale at one moment.

    Attributes:
        upper: The one above.
        lower: The one below.
        dismissed: Another seller has taken the place of the lower one.
    """

    upper: Order
    lower: Order
    dismissed: bool


@dataclass(frozen=True, slots=True)
class Property:
    """One thing that must hold for two documents of a sale.

    Attributes:
        rule: Id of the rule.
        above: Families of the upper document.
        below: Families of the lower document.
        quiet: It is asked only when no message is under way.
        top: The upper document is the sale's first, however far above; else the next one above.
        broken: Whether it does not hold.
    """

    rule: str
    above: frozenset[str]
    below: frozenset[str]
    quiet: bool
    top: bool
    broken: Callable[[Sight], bool]


def _counts(broken: Callable[[Sight], bool]) -> Callable[[Sight], bool]:
    """Ask only of a lower order whose place nobody has taken; the others are for A-69."""
    return lambda s: not s.dismissed and s.upper.status != ABSENT and broken(s)


def _both_end(sight: Sight) -> bool:
    if ABSENT in {sight.upper.status, sight.lower.status}:
        return False
    if sight.upper.status == "canceled" and sight.lower.status not in LEFT:
        return True
    return sight.lower.status == "canceled" and sight.upper.status not in _ENDING


def _levels_agree(sight: Sight) -> bool:
    if sight.lower.status == "canceled":
        return sight.upper.status not in _ENDING
    return _invoicing(sight)


def _invoicing(sight: Sight) -> bool:
    return sight.lower.status == "invoiced" and sight.upper.status not in _INVOICING


def _racing(sight: Sight) -> bool:
    return sight.lower.status == "invoiced" and sight.upper.status == "request-cancel"


def _unmirrored(sight: Sight) -> bool:
    return _invoicing(sight) and not _racing(sight)  # which is A-70


def _unpaired(sight: Sight) -> bool:
    return sight.lower.status == "cancellation-requested" and sight.upper.status not in _ASKED


def _still_in(sight: Sight) -> bool:
    return sight.dismissed and sight.lower.status not in LEFT | {ABSENT}


def _unpaid(*statuses: str) -> Callable[[Sight], bool]:
    return lambda sight: sight.lower.status in statuses and not sight.upper.paid


PROPERTIES = (
    Property("A-28", _SELLING, SELLER, False, True, _unpaid("authorize-fulfillment")),
    Property("A-38", _SELLING, SELLER, False, True, _unpaid("handling")),
    Property("A-53", MARKETPLACE, SELLER, True, False, _counts(_unmirrored)),
    Property("A-53", COMPLETE | CHAIN, SELLER, True, False, _counts(_invoicing)),
    Property("A-58", _SELLING | CHAIN, SELLER, True, False, _counts(_unpaired)),
    Property("A-65", _SELLING | CHAIN, SELLER | CHAIN, True, False, _counts(_both_end)),
    Property("A-69", MARKETPLACE, SELLER, True, False, _still_in),
    Property("A-70", MARKETPLACE, SELLER | CHAIN, True, False, _counts(_racing)),
    Property("A-71", MARKETPLACE, CHAIN, False, True, _unpaid(*_CHAIN_PAID)),
    Property("A-74", CHAIN, SELLER, True, False, _counts(_levels_agree)),
    Property("A-74", MARKETPLACE, CHAIN, True, True, _counts(_levels_agree)),
)
"""Every property, in the order of the rules."""
