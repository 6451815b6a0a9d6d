"""Every operation of the control API."""

from __future__ import annotations

from orderflow.sandbox.control import clock, deliveries, inside, orders
from orderflow.sandbox.routes import Route

ROUTES: tuple[Route, ...] = (*inside.ROUTES, *clock.ROUTES, *orders.ROUTES, *deliveries.ROUTES)
"""By method and path; none of them asks for a key."""
