"""Order modifications from behind the counter: see them, move one on, hold new ones."""

from __future__ import annotations

from orderflow.sandbox.changes import Changes
from orderflow.sandbox.changes_answers import details
from orderflow.sandbox.changes_request import STAGES, Stage
from orderflow.sandbox.control.asking import body_of, listed, order_called, text, trouble
from orderflow.sandbox.dialect import Answer, as_json
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.simulator.simulator import Refused


def changes(service: Service, call: Call) -> Answer:
    """The modifications of an order, oldest first."""
    held = _held(service, call)
    return as_json({"changes": [details(each) for each in service.part(Changes).of(held)]})


def move(service: Service, call: Call) -> Answer:
    """Bring a modification to a stage, where the clock leaves it alone; ``{"to": "done"}``.

    ``done`` applies it to the order at once. A retry lets the clock move it again.
    """
    held, wanted = _held(service, call), text(body_of(call, ("to",)), "to")
    stages: dict[str, Stage] = {str(each): each for each in STAGES}
    stage = stages.get(wanted)
    if stage is None:
        raise trouble(400, f"to: {wanted!r} is no stage; there are: {listed(STAGES)}")
    request_id = call.parameters["changeRequestId"]
    part = service.part(Changes)
    known = next((each for each in part.of(held) if each.request_id == request_id), None)
    if known is None:
        raise trouble(404, f"order {held.order_id} has no change {request_id[:100]!r}")
    if known.is_over:
        raise trouble(409, f"change {request_id} is {known.stage}: it stays so")
    moved = part.move(held, request_id, stage)
    if isinstance(moved, Refused):
        raise trouble(409, f"the order does not take it in {moved.status}: {moved.reason}")
    return as_json(details(moved))


def hold(service: Service, call: Call) -> Answer:
    """Let new modifications wait in their first stage, or no longer; ``{"hold": true}``."""
    wanted = body_of(call, ("hold",)).get("hold")
    if not isinstance(wanted, bool):
        raise trouble(400, 'write {"hold": true}, or false')
    service.part(Changes).on_hold = wanted
    return as_json({"hold": wanted})


def _held(service: Service, call: Call) -> Held:
    return order_called(service, call.parameters["orderId"], call.query.get("account", ""))


ROUTES: tuple[Route, ...] = (
    Route("POST", "/_sandbox/changes", hold),
    Route("GET", "/_sandbox/orders/{orderId}/changes", changes),
    Route("POST", "/_sandbox/orders/{orderId}/changes/{changeRequestId}", move),
)
