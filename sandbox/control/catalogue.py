"""Every operation of the control API."""

from __future__ import annotations

from orderflow.sandbox.control import (
    carts,
    changes,
    clock,
    deliveries,
    description,
    faults,
    hooks,
    inside,
    limits,
    orders,
    page,
    prices,
    records,
    sellers,
    snapshots,
    tasks,
    traces,
)
from orderflow.sandbox.routes import Route

ROUTES: tuple[Route, ...] = (
    *inside.ROUTES,
    *clock.ROUTES,
    *orders.ROUTES,
    *page.ROUTES,
    *carts.ROUTES,
    *prices.ROUTES,
    *deliveries.ROUTES,
    *description.ROUTES,
    *hooks.ROUTES,
    *changes.ROUTES,
    *sellers.ROUTES,
    *tasks.ROUTES,
    *faults.ROUTES,
    *limits.ROUTES,
    *snapshots.ROUTES,
    *traces.ROUTES,
    *records.ROUTES,
)
"""By method and path; none of them asks for a key."""
