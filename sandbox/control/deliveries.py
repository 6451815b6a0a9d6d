"""What is on its way to others, and how its delivery went."""

from __future__ import annotations

import base64
import binascii

from orderflow.sandbox.control.asking import body_of, text, trouble, whole
from orderflow.sandbox.dialect import Answer, as_json
from orderflow.sandbox.outbox import Message, Outcome
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service

_HIGHEST_STATUS = 599


def waiting(service: Service, call: Call) -> Answer:
    """The messages whose outcome is not known yet, oldest first."""
    del call
    return as_json({"deliveries": [_facts(each) for each in service.outbox.waiting.values()]})


def told(service: Service, call: Call) -> Answer:
    """Tell how a delivery went; ``{"status": 200}``, or ``{"trouble": "timeout"}``.

    The clock goes on when it waited for nothing else. An outcome that is told twice, or after a
    reset, means nothing.
    """
    sent = body_of(call, ("status", "body", "trouble"))
    number = call.parameters["number"]
    if not number.isdecimal() or len(number) > len(str(1 << 60)):
        raise trouble(400, "a delivery has a number")
    try:
        body = base64.b64decode(text(sent, "body"), validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise trouble(400, "body must be Base64") from wrong
    status = whole(sent, "status", 0, most=_HIGHEST_STATUS)
    service.deliver(int(number), Outcome(status, body, text(sent, "trouble")))
    return Answer(204)


def _facts(message: Message) -> dict[str, object]:
    return {
        "number": message.number,
        "part": message.part,
        "method": message.method,
        "url": message.address,
    }


ROUTES: tuple[Route, ...] = (
    Route("GET", "/_sandbox/deliveries", waiting),
    Route("POST", "/_sandbox/deliveries/{number}", told),
)
