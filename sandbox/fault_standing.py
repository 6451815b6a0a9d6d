"""What faults change for as long as they are switched on."""

from __future__ import annotations

from orderflow.flows.fault_loader import bundled_faults
from orderflow.sandbox.fault_part import Faults
from orderflow.sandbox.feed import Delivery
from orderflow.sandbox.list_index import ListIndex
from orderflow.sandbox.service import Service

_LAG = 60_000
"""Ms by which the list of orders lags behind."""


def stand(service: Service) -> None:
    """Make the orders, feeds and lists of *service* as its faults say."""
    faults = service.faults
    of_orders = bundled_faults().faults
    names = (fault.setting.name for fault in faults.every)
    service.store.faults = tuple(dict.fromkeys(name for name in names if name in of_orders))
    feed = ("feed.duplicate", "feed.disorder", "feed.short_batch")
    service.queues.deliver(Delivery(*(_chance(faults, name) for name in feed)))
    lag = faults.delay("list.stale_status", _LAG) if faults.on("list.stale_status") else 0
    index = service.part(ListIndex)
    if index.lag != lag:
        index.lag = lag


def _chance(faults: Faults, name: str) -> float:
    given = (fault.setting.chance for fault in faults.every if fault.setting.name == name)
    return max(given, default=0.0)
