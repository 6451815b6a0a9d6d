"""Reading orders: Get order with its PII variant, and the orders of a group.

Source: domain fact sheet "HTTP surface", section 2.
"""

from __future__ import annotations

from orderflow.sandbox.dialect import Answer, as_json, order_not_found, written
from orderflow.sandbox.document import group_document, order_document, pii_document
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service


def get_order(service: Service, call: Call) -> Answer:
    """One order document; query parameters mean nothing here, though clients send some."""
    held = service.order(call.parameters["orderId"], call.account)
    host = call.host
    return Answer(
        200, service.drawn.of(held, "", host, lambda: written(order_document(held, host=host)))
    )


def get_order_with_personal_data(service: Service, call: Call) -> Answer:
    """One order document with the history of its flow."""
    held = service.order(call.parameters["orderId"], call.account)
    host = call.host
    return Answer(
        200, service.drawn.of(held, "PII", host, lambda: written(pii_document(held, host=host)))
    )


def get_group(service: Service, call: Call) -> Answer:
    """The documents of one checkout."""
    found = service.store.group(call.parameters["orderGroup"], call.account)
    if not found:
        raise order_not_found()
    return as_json([group_document(held, host=call.host) for held in found])
