"""The deals that a sandbox knows: those of the simulator, and one of which it sees a part."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from orderflow.flows.deal import Deal
from orderflow.flows.deal_loader import UnknownDealError, bundled_deal, bundled_deal_names

EXTERNAL_MARKETPLACE = "external-marketplace"
"""Name of the deal of a seller whose marketplace is outside the platform."""


SELLER = "seller"
"""Its only participant."""

FINISH_CANCEL = "finish_cancel"
"""The step of it that waits for the marketplace's answer to a cancellation."""


def deal_names() -> tuple[str, ...]:
    """Every name that :func:`deal_called` knows."""
    return (*bundled_deal_names(), EXTERNAL_MARKETPLACE)


def deal_called(name: str) -> Deal:
    """The deal of that name.

    Raises:
        UnknownDealError: There is none.

    >>> deal_called("external-marketplace").names
    ('seller',)
    """
    if name == EXTERNAL_MARKETPLACE:
        return _external_marketplace()
    if name not in bundled_deal_names():
        raise UnknownDealError(name, deal_names())
    return bundled_deal(name)


@cache
def _external_marketplace() -> Deal:
    """The seller's part of a sale of marketplace and seller.

    The marketplace has no document here; what it says arrives as calls, so nothing is told.
    """
    whole = bundled_deal("marketplace-seller")
    seller = replace(whole.participant["seller"], below="")
    title = "A seller of a marketplace outside the platform"
    return replace(whole, name=EXTERNAL_MARKETPLACE, title=title, participants=(seller,), told={})
