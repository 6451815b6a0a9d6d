"""The e-mails of an order: what the store has written to the shopper.

One e-mail for each step that a shopper is told of; which those are, and their words, is a sandbox
decision. Source of the fields: Orders API, "Retrieve order conversation".
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from orderflow.sandbox.account import ORDERS_FULL_ACCESS
from orderflow.sandbox.dialect import Answer, as_json
from orderflow.sandbox.document_names import dashed_mark, mark, upper_id
from orderflow.sandbox.document_shopper import email, email_alias, full_name
from orderflow.sandbox.moments import iso
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.simulator.events import Event

_SUBJECTS: Mapping[str, str] = {
    "order-created": "We have received your order.",
    "payment-approved": "Your payment has been approved.",
    "invoiced": "Your order has been invoiced.",
    "canceled": "Your order has been canceled.",
}
"""What the store writes when an order enters a status."""

_FIRST_WORDS = 60


def get_conversation(service: Service, call: Call) -> Answer:
    """200 with the e-mails, oldest first; none for the order of another store's shopper."""
    held = service.order(call.parameters["orderId"], call.account)
    told = [] if upper_id(held) else [event for event in held.events if _is_told(event)]
    return as_json([_message(held, event) for event in told])


def _is_told(event: Event) -> bool:
    return event.target in _SUBJECTS and event.target != event.source


def _message(held: Held, event: Event) -> dict[str, object]:
    subject = _SUBJECTS[event.target]
    words = f"{subject} Order {held.order_id}."
    moment = iso(event.at)
    return {
        "id": f"{moment[:19].lower().replace(':', '-')}_{_digits(held, event)}",
        "from": _store(held),
        "to": [_shopper(held)],
        "subject": subject,
        "firstWords": words[:_FIRST_WORDS],
        "body": f"<!DOCTYPE html><html><body><p>{escape(words)}</p></body></html>",
        "hasAttachment": False,
        "attachmentNames": [],
        "date": moment,
    }


def _digits(held: Held, event: Event) -> str:
    return mark(held.order_id, str(event.seq), "message").lower()


def _store(held: Held) -> dict[str, object]:
    address = f"noreply@{held.account}.example.com"
    alias = dashed_mark(held.account, "alias")[:8]
    return _person(held, f"{address}-{alias}.ct.vtex.com.br", address, "no reply", None)


def _shopper(held: Held) -> dict[str, object]:
    return _person(held, email_alias(held), email(held), " ".join(full_name(held)), "Customer")


def _person(held: Held, alias: str, address: str, name: str, role: str | None) -> dict[str, object]:
    return {
        "conversationRelatedTo": held.order_id,
        "conversationSubject": "oms",
        "emailAlias": alias,
        "aliasMaskType": 0,
        "email": address,
        "name": name,
        "role": role,
    }


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        "/api/oms/pvt/orders/{orderId}/conversation-message",
        get_conversation,
        (ORDERS_FULL_ACCESS,),
    ),
)
