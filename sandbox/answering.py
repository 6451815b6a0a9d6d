"""From a request to its answer: route, credentials, permission, handler, trace."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple
from urllib.parse import parse_qsl

from orderflow.flows.errors import OrderflowError
from orderflow.sandbox import watch
from orderflow.sandbox.account import AppKey
from orderflow.sandbox.control import catalogue as control
from orderflow.sandbox.control.asking import trouble
from orderflow.sandbox.dialect import (
    GENERIC,
    Answer,
    DialectError,
    bad_request,
    error,
    forbidden,
    unauthorized,
)
from orderflow.sandbox.evidence import Sight
from orderflow.sandbox.fault_modes import operation
from orderflow.sandbox.fault_striking import struck
from orderflow.sandbox.limits import limited, with_headers
from orderflow.sandbox.page_origin import is_foreign
from orderflow.sandbox.routes import Absent, Call, Found, Routes
from orderflow.sandbox.service import Service
from orderflow.sandbox.trace import Traced, shown_path, shown_query
from orderflow.sandbox.vendor.catalogue import ROUTES

ALL = Routes((*ROUTES, *control.ROUTES))
"""Every route there is."""

_CONTROL = "/_sandbox"
_MOST_UNKNOWN, _LONGEST = 1_000, 200
_SEVERAL = frozenset({"status", "purchase_agent_id"})
"""Parameters that may come more than once. Source: Orders API, "Retrieve user's orders"."""

_MOST_PARAMETERS = 200


_NONE: Mapping[str, str] = {}


class Asked(NamedTuple):
    """A request as it came in.

    Attributes:
        method: Upper-case method.
        path: Decoded path; of a request in absolute form, with scheme and host.
        query: Query string, as sent.
        headers: By lower-case name.
        body: Bytes of the body.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = _NONE
    body: bytes = b""


def answer(service: Service, asked: Asked) -> Answer:
    """Answer one request; requests of several threads are answered one after the other."""
    with service.lock:
        service.begin()
        host, path = _target(asked)
        query = _query(asked.query) if asked.query else {}
        found = ALL.find(asked.method, path)
        if isinstance(found, Absent):
            call = Call(asked.method, path, query=query, body=asked.body, host=host)
            return _absent(service, call, found, asked)
        key = None if path.startswith(_CONTROL) else _key(service, asked)
        call = Call(asked.method, path, key, found.parameters, query, asked.body, host)
        if path.startswith(_CONTROL):
            if is_foreign(asked.method, asked.headers):
                return trouble(403, "a page of another site may change nothing here").answer
            return _handled(service, call, found)
        if service.witness is not None:
            service.witness.arrived(call, operation(found.route), asked.headers)
        if key is None:
            watch.without_credentials(service, call)
            return _traced(service, call, unauthorized(path), "")
        before = _status(service, call)
        return _traced(service, call, _allowed(service, call, found), before)


def _key(service: Service, asked: Asked) -> AppKey | None:
    """Whose credentials came with the call."""
    cookie = asked.headers.get("cookie")
    return service.accounts.find(asked.headers, _cookies(cookie) if cookie else {}, service.now)


def _allowed(service: Service, call: Call, found: Found) -> Answer:
    """The handler's answer, or 403."""
    key = call.key
    if key is None or not key.may(found.route.permissions) or _elsewhere(service, key, call.host):
        return forbidden()
    refused, left = limited(service, call, found.route)
    given = refused or _watched(service, call, found)
    return with_headers(service, given, left)


def _watched(service: Service, call: Call, found: Found) -> Answer:
    """The answer, as the faults that are switched on let it be."""
    try:
        watch.before(service, call)
    except DialectError as refused:
        return refused.answer
    if not service.faults.every:
        return _seen(service, call, found)
    kept = partial(perform, service)
    return struck(service, call, found.route, partial(_seen, service, call, found), kept)


def _seen(service: Service, call: Call, found: Found) -> Answer:
    """What the handler gives, before a fault changes or hides it."""
    given = _handled(service, call, found)
    return given if service.witness is None else service.witness.done(given)


def _handled(service: Service, call: Call, found: Found) -> Answer:
    journal = service.journal if found.route.writes else None
    if journal is None:
        return _done(service, call, found)
    try:
        journal(call)
    except DialectError as refused:  # it could not be written, so it does not happen
        return refused.answer
    given = _done(service, call, found)
    journal.answered(given)
    return given


def _done(service: Service, call: Call, found: Found) -> Answer:
    try:
        given = found.route.handler(service, call)
        if found.route.writes:  # else what is done again would be settled at another call
            service.settle()
        return given
    except DialectError as refused:
        return refused.answer
    except OrderflowError as wrong:  # what a client sent makes no sense to the order
        return bad_request(str(wrong)).answer
    finally:
        if found.route.writes:
            service.wrote(call, apart=found.route.apart)


def perform(service: Service, call: Call) -> Answer:
    """Do what a call says that no client made; it is written like those of clients.

    Raises:
        ValueError: There is no such operation.
    """
    found = ALL.find(call.method, call.path)
    if isinstance(found, Absent):
        raise ValueError(f"no operation {call.method} {call.path}")
    return _handled(service, call._replace(parameters=found.parameters), found)


def replay(service: Service, call: Call) -> Answer:
    """Do once more what a call did that was written to a journal, without writing it again.

    Raises:
        ValueError: There is no such operation.
    """
    journal, service.journal = service.journal, None
    try:
        return perform(service, call)
    finally:
        service.journal = journal


def _absent(service: Service, call: Call, absent: Absent, asked: Asked) -> Answer:
    """No route: counted, so that one sees what a client calls that is not simulated."""
    if call.path.startswith(_CONTROL):
        return trouble(404, f"no {call.method} {call.path[:_LONGEST]} here").answer
    if service.witness is not None:
        service.witness.arrived(call, "", asked.headers)
    watch.without_route(service, call)
    name = f"{call.method} {shown_path(call.path)}"[:_LONGEST]
    room = len(service.not_simulated) < _MOST_UNKNOWN or name in service.not_simulated
    service.not_simulated[name if room else "(others)"] += 1
    if not absent.methods:
        told = error(404, GENERIC, "The sandbox does not simulate this operation")
    else:
        told = error(405, GENERIC, f"The resource does not support the method {call.method[:20]}")
        told = told._replace(headers=(("allow", ", ".join(absent.methods)),))
    return _traced(service, call, told, "")


def _target(asked: Asked) -> tuple[str, str]:
    """Host that was named, and the path without a trailing slash."""
    host, path = asked.headers.get("host", ""), asked.path
    scheme, mark, rest = path.partition("://")
    if mark and scheme.lower() in ("http", "https"):  # what some clients send to a proxy
        host, _, path = rest.partition("/")
    return host, "/" + path.strip("/")


def _query(text: str) -> dict[str, str]:
    """The first value of each parameter, by lower-case name; real clients mix cases.

    Where the platform takes several values of one name, they are joined by commas.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:  # more parameters than any client sends
        return {}
    found: dict[str, str] = {}
    for name, value in pairs:
        lower = name.lower()
        if lower not in found:
            found[lower] = value
        elif lower in _SEVERAL:
            found[lower] += f",{value}"
    return found


def _cookies(header: str) -> dict[str, str]:
    pairs = (each.strip().partition("=") for each in header.split(";"))
    return {name.lower(): value for name, _, value in pairs if name}


def _elsewhere(service: Service, key: AppKey, host: str) -> bool:
    """Whether the first label of the host names another account than that of the key."""
    label = host.partition(".")[0].partition(":")[0].lower()
    return label in service.accounts.names and label != key.account


def _status(service: Service, call: Call) -> str:
    """Status of the order that a call is about, empty when it is about none."""
    held = service.about(call)
    return "" if held is None else held.status


class _Known(NamedTuple):
    """What is known of a call before its answer is.

    Attributes:
        number: Its number.
        before: Status of its order before.
        faults: Names of the faults that struck.
        sight: What a witness has seen of it so far, None when there is no witness.
    """

    number: int
    before: str
    faults: tuple[str, ...]
    sight: Sight | None


def _traced(service: Service, call: Call, given: Answer, before: str) -> Answer:
    """Write the call down, once it is known what it is answered."""
    sight = None if service.witness is None else service.witness.leave()
    known = _Known(service.calls, before, tuple(service.faults.fired), sight)
    later = given.later
    if later is None:
        _write(service, call, given, known)
        return given

    def final() -> Answer | None:
        found = later()
        if found is not None:
            _write(service, call, found, known)
        return found

    return given._replace(later=final)


def _write(service: Service, call: Call, given: Answer, known: _Known) -> None:
    key = call.key
    service.trace.append(
        Traced(
            number=known.number,
            at=service.now,
            method=call.method[:_LONGEST],
            path=shown_path(call.path),
            status=given.status,
            account=key.account if key else "",
            key=key.masked if key else "",
            order_id=shown_path(call.parameters.get("orderId", "")),
            before=known.before,
            after=_status(service, call),
            faults=known.faults,
            query=shown_query(call.query),
        )
    )
    if known.sight is not None and service.witness is not None:
        service.witness.answered(known.sight, given)
