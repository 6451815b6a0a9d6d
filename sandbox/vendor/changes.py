"""Order modifications: create, preview, follow, retry, cancel; their settings and summary.

Source: domain fact sheet "HTTP surface", section 8.2.
"""

from __future__ import annotations

from orderflow.sandbox.account import CANCEL_ORDER, CHANGE_ORDER, ORDERS_FULL_ACCESS, VIEW_ORDER
from orderflow.sandbox.changes import Changes
from orderflow.sandbox.changes_answers import created, details, history, preview
from orderflow.sandbox.changes_asked import read_request
from orderflow.sandbox.changes_codes import refused
from orderflow.sandbox.changes_summary import summary
from orderflow.sandbox.dialect import (
    Answer,
    DialectError,
    as_json,
    bad_request,
    forbidden,
    required,
    text_in,
)
from orderflow.sandbox.routes import Call, Route
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.sandbox.vendor.mistakes import body_of

_LONGEST = 1_000


def create(service: Service, call: Call) -> Answer:
    """202: the modification is on its way."""
    held = _held(service, call, "accountName")
    asked = read_request(body_of(service, call))
    return as_json(created(service.part(Changes).create(held, asked)), 202)


def show_preview(service: Service, call: Call) -> Answer:
    """200 with what a modification would come to; what would cancel it later is refused now."""
    held, changes = _held(service, call, ""), service.part(Changes)
    planned = changes.plan(held, read_request(body_of(service, call)))
    changes.check_value(held, planned)
    return as_json(preview(planned))


def show_history(service: Service, call: Call) -> Answer:
    """200 with all modifications of the order."""
    held = _held(service, call, "an")
    return as_json(history(service.part(Changes).of(held)))


def show_details(service: Service, call: Call) -> Answer:
    """200 with one modification, its status and its log."""
    held = _held(service, call, "an")
    return as_json(details(service.part(Changes).find(held, _request_id(call))))


def retry(service: Service, call: Call) -> Answer:
    """204: it begins anew, as it was or as the body says now."""
    held, sent = _held(service, call, "an"), body_of(service, call)
    asked = read_request(sent) if sent else None
    service.part(Changes).retry(held, _request_id(call), asked)
    return Answer(204)


def cancel(service: Service, call: Call) -> Answer:
    """200 with an empty body: the modification is being cancelled."""
    held, sent = _held(service, call, "an"), body_of(service, call)
    required(sent, "reason")
    reason = text_in(sent, "reason").strip()
    if not reason:
        raise bad_request("The field reason must not be empty")
    service.part(Changes).cancel(held, _request_id(call), reason[:_LONGEST])
    return Answer(200)


def show_settings(service: Service, call: Call) -> Answer:
    """200 with the settings of the account."""
    _check_account(service, call, "an")
    return as_json(service.part(Changes).settings(call.account).as_sent())


def set_settings(service: Service, call: Call) -> Answer:
    """200 with the settings afterwards; what is not sent stays."""
    _check_account(service, call, "an")
    return as_json(service.part(Changes).set(call.account, body_of(service, call)).as_sent())


def show_summary(service: Service, call: Call) -> Answer:
    """200 with what all applied modifications did to the order."""
    held = service.order(call.parameters["orderId"], call.account)
    return as_json(summary(held, service.part(Changes).of(held)))


def _request_id(call: Call) -> str:
    return call.parameters["changeRequestId"]


def _held(service: Service, call: Call, parameter: str) -> Held:
    """The order that a call is about.

    Raises:
        DialectError: The account has none of that id, or another account is named.
    """
    order_id = call.parameters["changeOrderId"]
    if parameter:
        _check_account(service, call, parameter, order_id)
    held = service.store.find(order_id, call.account)
    if held is None:
        raise refused("CHK0201")
    return held


def _check_account(service: Service, call: Call, parameter: str, order_id: str = "") -> None:
    """See that the account named in the query is that of the key.

    The reference requires it; that the platform does without it is a sandbox decision.
    """
    named = call.query.get(parameter.lower(), "")
    if not named:
        told = f"the query parameter {parameter} is missing; it names the account"
        service.remark(call, "", told, order_id)
    elif named != call.account:
        raise DialectError(forbidden(), f"the key belongs to account {call.account}")


_ORDERS = "/api/order-system/orders"
_OF = _ORDERS + "/{changeOrderId}/changes"
_ONE = _OF + "/{changeRequestId}"
_MAY = (ORDERS_FULL_ACCESS, CANCEL_ORDER, CHANGE_ORDER)
_MAY_SEE = (VIEW_ORDER, ORDERS_FULL_ACCESS)

ROUTES: tuple[Route, ...] = (
    Route("PATCH", _OF, create, _MAY),
    Route("GET", _OF, show_history, _MAY),
    Route("POST", _OF + "/preview", show_preview, _MAY, reads=True),
    Route("GET", _ONE, show_details, _MAY),
    Route("POST", _ONE + "/retry", retry, _MAY),
    Route("POST", _ONE + "/cancel", cancel, _MAY),
    Route("GET", _ORDERS + "/changes/settings", show_settings, _MAY_SEE),
    Route("PUT", _ORDERS + "/changes/settings", set_settings, _MAY),
    # The reference asks for "OMS Viewer", which the sandbox knows as "View order".
    Route("GET", "/api/orders/pvt/document/{orderId}/change-summary", show_summary, (VIEW_ORDER,)),
)
