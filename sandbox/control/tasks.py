"""What people of a store decide about its tasks; the platform has a page of its Admin for it."""

from __future__ import annotations

from orderflow.sandbox.control.asking import body_of, text, trouble
from orderflow.sandbox.dialect import Answer, as_json
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.task_list import TaskList
from orderflow.simulator.simulator import Refused


def decide(service: Service, call: Call) -> Answer:
    """Approve or reject what a task of the platform asks; ``{"decision": "approve"}``."""
    decision, found = text(body_of(call, ("decision",)), "decision"), service.part(TaskList)
    if decision not in ("approve", "reject"):
        raise trouble(400, 'write {"decision": "approve"} or {"decision": "reject"}')
    task = found.tasks.get(call.parameters["taskId"])
    if task is None:
        raise trouble(404, "no such task; GET /api/do/tasks lists them")
    if not task.kind:
        raise trouble(409, "the platform asks nothing in this task")
    if task.status == "Closed":
        raise trouble(409, "the task is closed")
    refused = found.decide(task, "approve" if decision == "approve" else "reject")
    if isinstance(refused, Refused):
        raise trouble(409, f"{refused.event} is refused in {refused.status}: {refused.reason}")
    return as_json({"taskId": task.id, "orderId": task.order_id, "status": "Closed"})


ROUTES: tuple[Route, ...] = (Route("POST", "/_sandbox/tasks/{taskId}", decide),)
"""A task stays as it was when the order refuses what is decided."""
