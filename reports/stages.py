"""The stage a status belongs to when it is shown: the furthest that has begun for the shopper."""

from __future__ import annotations

from functools import cache

from orderflow.flows.timeline import Shipment, timeline


@cache
def stage_of_status(status: str) -> int:
    """Return 1 to 5, or 0 when the shopper sees no stages.

    >>> stage_of_status("payment-pending"), stage_of_status("canceled")
    (2, 0)
    """
    stages = timeline(status, Shipment(), 0).stages
    return max((stage.number for stage in stages if stage.slot != "todo"), default=0)
