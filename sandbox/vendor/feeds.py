"""Feed v3: its configuration, reading and committing, and the test of an expression.

Source: domain fact sheet "HTTP surface", section 5.
"""

from __future__ import annotations

from orderflow.sandbox.dialect import (
    GENERIC,
    Answer,
    DialectError,
    as_json,
    bad_request,
    refusal,
    required,
    text_in,
)
from orderflow.sandbox.feed import Feed
from orderflow.sandbox.feed_config import config_remarks, parse_config, parse_handles, parse_lot
from orderflow.sandbox.filters import FilterError
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service
from orderflow.sandbox.vendor.mistakes import body_of, committed

_MIXED = ("filter.type ", "filter.disableSingleFire ")
"""Remarks on a filter without a type, or with what belongs to the other one."""

_USUAL_LOT = "10"
"""What a read without ``maxlot`` gives: the parameter is required, real clients leave it out
(sandbox decision)."""


def get_config(service: Service, call: Call) -> Answer:
    """200 with the configuration, 404 without one."""
    return as_json(_feed(service, call).body(service.now))


def set_config(service: Service, call: Call) -> Answer:
    """200; 409 when the two kinds of filter are mixed."""
    sent = body_of(service, call)
    try:
        settings, wanted = parse_config(sent)
    except FilterError as wrong:
        raise _refused(wrong) from wrong
    for told in config_remarks(sent):
        service.remark(call, "CM-33" if told.startswith(_MIXED) else "", told)
    service.queues.configure(call.caller, settings, wanted, service.now)
    return Answer(200)


def delete_config(service: Service, call: Call) -> Answer:
    """200, 404 without a configuration."""
    if not service.queues.delete(call.caller):
        raise _none()
    return Answer(200)


def read(service: Service, call: Call) -> Answer:
    """200 with at most ``maxlot`` items, each under a new handle; 404 without a configuration."""
    feed = _feed(service, call)
    if not call.query.get("maxlot"):
        service.remark(call, "CM-34", "the feed is read without maxlot, which is required")
    try:
        lot = parse_lot(call.query.get("maxlot") or _USUAL_LOT)
    except FilterError as wrong:
        raise _refused(wrong) from wrong
    return as_json([item.body() for item in feed.read(service.now, lot)])


def commit(service: Service, call: Call) -> Answer:
    """200, also when a handle is not live any more."""
    feed = _feed(service, call)
    try:
        handles = parse_handles(body_of(service, call))
    except FilterError as wrong:
        raise _refused(wrong) from wrong
    live = feed.live(handles, service.now)
    committed(service, call, live)
    late = len(set(handles)) - len(live)
    if late:
        told = f"{late} of the handles are over: commit before the visibility time-out"
        service.remark(call, "CM-05", told)
    feed.commit(handles, service.now)
    return Answer(200)


def try_expression(service: Service, call: Call) -> Answer:
    """200 with true or false."""
    sent = body_of(service, call)
    required(sent, "Expression", "Document")
    expression, document = text_in(sent, "Expression"), text_in(sent, "Document")
    from orderflow.sandbox.expression import ExpressionError, try_out  # as filters import it

    try:
        return as_json(try_out(expression, document, now=service.now))
    except ExpressionError as wrong:
        raise bad_request(str(wrong)) from wrong


def _feed(service: Service, call: Call) -> Feed:
    feed = service.queues.of(call.caller, service.now)
    if feed is None:
        raise _none()
    return feed


def _none() -> DialectError:
    return refusal(404, GENERIC, "There is no feed configuration for this app key")


def _refused(wrong: FilterError) -> DialectError:
    return refusal(wrong.http, wrong.code, str(wrong))
