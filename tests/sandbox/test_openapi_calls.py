"""Whatever a program sends that has read the description, the answer is one that it describes.

Schemathesis makes the calls from the document; every other one is about orders that are there.
``ORDERFLOW_FUZZ=50`` makes fifty times as many.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from orderflow.sandbox.answering import ALL, Asked, answer
from orderflow.sandbox.routes import Route
from orderflow.sandbox.service import Service
from tests.sandbox.fuzzing import answered

if TYPE_CHECKING:
    import requests
    from schemathesis import Case, Response

pytest.importorskip("schemathesis", reason="schemathesis is not installed")

MORE = int(os.environ.get("ORDERFLOW_FUZZ", "1"))
EXAMPLES = 10
STATUSES = ("ready-for-handling", "handling", "invoiced", "canceled")
FEW_ORDERS = 3
BASE = "http://localhost"


class World:
    """A sandbox with orders in it, and the names of things that are there."""

    def __init__(self) -> None:
        import schemathesis

        self.service = Service()
        described = json.loads(answer(self.service, Asked("GET", "/_sandbox/openapi.json")).body)
        found: list[Any] = list(schemathesis.openapi.from_dict(described).get_all_operations())
        every: list[Any] = [each.ok() for each in found]
        self.operations = {each.label: each for each in every}
        self.names: dict[str, tuple[str, ...]] = {}

    def call(self, case: Case[Any]) -> Response:
        """Make a call without a network: that of Schemathesis leaves streams open."""
        import requests
        from schemathesis import Response

        key = self.service.accounts.first
        headers = {"X-VTEX-API-AppKey": key.name, "X-VTEX-API-AppToken": key.token}
        kwargs = case.as_transport_kwargs(base_url=BASE, headers=headers)
        kwargs.pop("cookies", None)
        sent = requests.Request(**kwargs).prepare()
        given = answered(self.service, _asked(sent))
        found: dict[str, list[str]] = {"content-type": [given.media]} if given.body else {}
        for name, value in given.headers:
            found.setdefault(name, []).append(value)
        return Response(given.status, found, given.body, sent, elapsed=0.0, verify=False)

    def begin_anew(self) -> None:
        service = self.service
        service.reset()
        held = [service.store.place(to=status)[0] for status in STATUSES]
        orders = tuple(each.order_id for each in held)
        self.names = {"orderId": orders, "changeOrderId": orders, "orderGroup": (held[0].group,)}
        self.names["invoiceNumber"] = tuple(each.number for each in held[2].order.invoices)

    def prepared(self, case: Case[Any], here: bool) -> Case[Any]:
        """Let a call be about what is there, and not ask for more than the test has time for."""
        if here:
            known = {name: self.names[name] for name in case.path_parameters if name in self.names}
            for place, (name, values) in enumerate(known.items()):
                case.path_parameters[name] = values[place % len(values)]
        body = case.body
        count = body.get("count") if isinstance(body, dict) else None
        if isinstance(body, dict) and isinstance(count, int):
            body["count"] = min(count, FEW_ORDERS)
        return case


def _asked(sent: requests.PreparedRequest) -> Asked:
    split = urlsplit(sent.url or "")
    body: Any = sent.body or b""
    return Asked(
        sent.method or "",
        unquote(split.path),
        split.query,
        {name.lower(): str(value) for name, value in sent.headers.items()} | {"host": split.netloc},
        body.encode() if isinstance(body, str) else bytes(body),
    )


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.mark.parametrize("route", ALL.all, ids=lambda route: f"{route.method} {route.path}")
def test_answers_are_those_that_are_described(world: World, route: Route) -> None:
    import schemathesis
    from schemathesis import checks
    from schemathesis.specs.openapi import checks as described

    operation = world.operations[f"{route.method} {route.path}"]
    world.begin_anew()
    modes = schemathesis.GenerationMode
    cases = st.one_of(
        operation.as_strategy(generation_mode=modes.POSITIVE),
        operation.as_strategy(generation_mode=modes.NEGATIVE),
    )
    wanted = (
        checks.not_a_server_error,
        described.status_code_conformance,
        described.content_type_conformance,
        described.response_schema_conformance,
    )

    @seed(20_261_124)
    @settings(
        max_examples=EXAMPLES * MORE,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=(
            HealthCheck.too_slow,
            HealthCheck.filter_too_much,
            HealthCheck.data_too_large,
        ),
    )
    @given(case=cases, here=st.booleans())
    def calls(case: Case[Any], here: bool) -> None:
        response = world.call(world.prepared(case, here))

        case.validate_response(response, checks=list(wanted))
        assert b"Traceback" not in response.content
        for fault in tuple(world.service.faults.every):  # what one asked for strikes the next
            world.service.faults.switch_off(fault.number)

    calls()


def test_an_answer_that_is_not_described_is_noticed(world: World) -> None:
    operation = world.operations["GET /_sandbox/health"]
    case = operation.Case()
    response = world.call(case)
    described = operation.definition.raw["responses"]
    response.status_code = 418
    from schemathesis.specs.openapi import checks

    assert "418" not in described
    with pytest.raises(BaseExceptionGroup):
        case.validate_response(response, checks=[checks.status_code_conformance])


def test_orders_are_reached(world: World) -> None:
    world.begin_anew()
    name = "POST /api/oms/pvt/orders/{orderId}/start-handling"
    case = world.operations[name].Case(path_parameters={"orderId": "none"}, body={})

    assert world.call(case).status_code == 404
    assert world.call(world.prepared(case, here=True)).status_code == 204
