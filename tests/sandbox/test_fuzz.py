"""Whatever bytes a client sends, no order is half changed and the platform's side never breaks.

``ORDERFLOW_FUZZ=50`` makes fifty times as many calls, with others in them.
"""

from __future__ import annotations

import json
import os
import random

import pytest

from orderflow.sandbox.answering import Asked
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.routes import Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.vendor.catalogue import ROUTES
from tests.sandbox.changing import Desk, some
from tests.sandbox.fuzzing import DEEP, USUAL, a_body, a_place, answered, digest
from tests.sandbox.outside import hand_over
from tests.sandbox.shop import ORDERS

MORE = int(os.environ.get("ORDERFLOW_FUZZ", "1"))
CALLS = 20 * MORE
BROKEN = 500
REFUSED = 400
STATUSES = ("handling", "handling", "invoiced", "ready-for-handling")
WINDOW = "window-to-change-seller"
TASKS = "/api/do/tasks"
FILTER = {"type": "FromWorkflow", "status": ["handling", "canceled"]}


class World:
    """A sandbox with orders in some statuses."""

    def __init__(self) -> None:
        self.service = Service()
        self.begin_anew()

    def begin_anew(self) -> None:
        service = self.service
        service.reset()
        desk = Desk(service)
        held = [service.store.place(to=status)[0] for status in STATUSES]
        held += [
            desk.handled(),
            desk.handled(),
            service.store.place(deal="seller-change", to=WINDOW)[0],
        ]
        desk.call("POST", f"{ORDERS}/{held[1].order_id}/cancel", {"reason": "x"})
        number = held[2].order.invoices[0].number
        sent = {"trackingNumber": "T-1", "courier": "Mail", "trackingUrl": "http://localhost"}
        desk.call("PATCH", f"{ORDERS}/{held[2].order_id}/invoice/{number}", sent)
        desk.call("POST", "/api/orders/feed/config", {"filter": FILTER})
        desk.call("POST", TASKS, dict(USUAL)["/tasks"])
        tasks = json.loads(desk.call("GET", TASKS).body)["items"]
        change = desk.change(held[4], remove=[some("sku-2")])
        affiliated = hand_over(desk)
        ids = [each.order_id for each in (*held, affiliated)]
        self.names = {
            "orderId": ids,
            "changeOrderId": [held[4].order_id, held[5].order_id],
            "orderGroup": [held[0].group, held[4].group],
            "invoiceNumber": [number],
            "changeRequestId": [change],
            "taskId": [each["id"] for each in tasks],
        }

    def digest(self) -> str:
        return digest(self.service, self.service.accounts.names)

    def call(self, method: str, path: str, query: str = "", body: bytes = b"") -> Answer:
        service, key = self.service, self.service.accounts.first
        headers = {"x-vtex-api-appkey": key.name, "x-vtex-api-apptoken": key.token}
        asked = Asked(method, path, query, {"host": "localhost", **headers}, body)
        return answered(service, asked)


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def same(given: Answer, before: str, after: str) -> bool:
    """Whether an answer that says no has left every order as it was."""
    return given.status < REFUSED or before == after


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_nothing_breaks_and_what_is_refused_changes_nothing(world: World, route: Route) -> None:
    rng = random.Random(f"{MORE}/{route.method} {route.path}")
    world.begin_anew()
    before = world.digest()
    for _ in range(CALLS if route.writes else CALLS // 2):
        path, query = a_place(rng, route.path, world.names)
        body = a_body(rng, route.path) if route.writes else b""
        given = world.call(route.method, path, query, body)
        said = f"{route.method} {path!r} ? {query[:80]!r} with {body[:300]!r}: {given.status}"

        assert given.status < BROKEN, said
        assert b"Traceback" not in given.body, said
        after = world.digest()
        assert same(given, before, after), said
        before = after


def test_calls_that_make_sense_are_among_them(world: World) -> None:
    """Else nothing would be at stake."""
    done = 0
    for route in ROUTES:
        if route.writes:
            rng = random.Random(f"sense/{route.path}")
            world.begin_anew()
            for _ in range(10):
                path, query = a_place(rng, route.path, world.names)
                done += world.call(route.method, path, query, a_body(rng, route.path)).status < 400

    assert done >= 90


def test_an_order_that_a_refused_call_changes_would_be_noticed(world: World) -> None:
    world.begin_anew()
    before = world.digest()
    held = world.service.store.orders()[0]
    held.papers["NF-1"] = {"courier": "nobody"}

    assert not same(Answer(409), before, world.digest())


@pytest.mark.parametrize("body", [DEEP, b'{"a":' * 300_000, b"[" * 10_000 + b"]" * 10_000])
@pytest.mark.parametrize("route", [route for route in ROUTES if route.writes][:12:3])
def test_bodies_without_bottom_are_refused(world: World, route: Route, body: bytes) -> None:
    path, query = a_place(random.Random(0), route.path, world.names)

    given = world.call(route.method, path, query, body)

    assert given.status < BROKEN
    assert len(given.body) < 1_000


@pytest.mark.parametrize("path", ["/_sandbox/orders", "/_sandbox/clock/advance", "/_sandbox/keys"])
def test_the_control_api_does_not_break_either(world: World, path: str) -> None:
    rng = random.Random(path)
    world.begin_anew()
    for _ in range(CALLS):
        body = a_body(rng, path)
        given = world.call("POST", path, "", body)

        assert given.status < BROKEN, body[:300]
        if given.status >= REFUSED:
            assert isinstance(json.loads(given.body)["error"], str)
