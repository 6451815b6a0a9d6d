"""The sandbox as an ASGI application: bytes in, bytes out."""

from __future__ import annotations

import asyncio

from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.dialect import GENERIC, Answer, error
from orderflow.sandbox.fault_line import Lines
from orderflow.sandbox.service import Service

_MOST_BYTES = 1_048_576
"""Bytes of the longest body that is read (sandbox decision)."""

_MS = 1000
_NO_CONTENT = 204

_LOOK_AGAIN = 0.002
"""Seconds until it is seen whether an answer that has to wait is known."""


def application(service: Service, lines: Lines | None = None) -> ASGIApp:
    """The application that answers for *service*.

    Args:
        service: The sandbox.
        lines: The connections, for faults that close them; they stay open without it, and whoever
            called waits for an answer in vain.
    """

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await _respond(service, lines, scope, receive, send)
        except asyncio.CancelledError:  # the server stops, and has waited long enough
            try:
                await _hung_up(lines, scope, receive)
            except asyncio.CancelledError:  # its loop ends, too, and waits for this
                await _hung_up(lines, scope, receive)

    return ServerErrorMiddleware(respond, handler=_broken)


async def _respond(
    service: Service, lines: Lines | None, scope: Scope, receive: Receive, send: Send
) -> None:
    try:
        body = await _body(receive)
    except _GoneError:  # nobody is left to hear an answer
        return
    if body is None:
        given = error(413, GENERIC, f"The body is longer than {_MOST_BYTES} bytes")
    else:
        given = answer(service, _asked(scope, body))
        if given.later is not None:
            given = await _final(service, given)
    if given.delay:
        await asyncio.sleep(given.delay / _MS)
    if given.dropped:
        await _hung_up(lines, scope, receive)
        return
    head = {"type": "http.response.start", "status": given.status, "headers": _headers(given)}
    await send(head)
    await send({"type": "http.response.body", "body": given.body})


async def _hung_up(lines: Lines | None, scope: Scope, receive: Receive) -> None:
    """Close the connection, and wait until it is gone."""
    if lines is not None:
        await lines.hang_up(scope["client"])
    while (await receive())["type"] != "http.disconnect":
        pass


async def _final(service: Service, given: Answer) -> Answer:
    """Wait until the answer is known: whoever the sandbox calls may have to answer first."""
    while given.later is not None:
        with service.lock:
            found = given.later()
        if found is not None:
            return found
        await asyncio.sleep(_LOOK_AGAIN)  # what ends it happens in any thread
    return given


class _GoneError(Exception):
    """Whoever called has hung up."""


async def _body(receive: Receive) -> bytes | None:
    """The body, None when it is too long; it is read to its end, so that the answer arrives."""
    message = await receive()
    first: bytes = message.get("body", b"")
    if message["type"] == "http.request" and not message.get("more_body"):
        return first if len(first) <= _MOST_BYTES else None
    parts, size = [first], len(first)
    while message["type"] == "http.request" and message.get("more_body"):
        message = await receive()
        size += len(message.get("body", b""))
        if size <= _MOST_BYTES:
            parts.append(message.get("body", b""))
    if message["type"] == "http.disconnect":
        raise _GoneError
    return b"".join(parts) if size <= _MOST_BYTES else None


def _asked(scope: Scope, body: bytes) -> Asked:
    return Asked(
        scope["method"],
        scope["path"],
        scope["query_string"].decode("latin-1"),
        {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body,
    )


def _headers(given: Answer) -> list[tuple[bytes, bytes]]:
    """The headers as they are sent; a name may come twice."""
    found = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in given.headers]
    if given.body:
        found.append((b"content-type", given.media.encode("latin-1")))
    if given.status != _NO_CONTENT:
        found.append((b"content-length", str(len(given.body)).encode("ascii")))
    return found


async def _broken(request: Request, wrong: Exception) -> Response:
    """Our own mistake: no traceback in the answer, it goes to the log."""
    del request, wrong
    told = error(500, GENERIC, "An error has occurred")
    return Response(told.body, told.status, media_type=told.media)
