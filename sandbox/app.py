"""The sandbox as an ASGI application: bytes in, bytes out."""

from __future__ import annotations

import asyncio

from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.dialect import GENERIC, Answer, error
from orderflow.sandbox.fault_line import Lines
from orderflow.sandbox.service import Service

_MOST_BYTES = 1_048_576
"""Bytes of the longest body that is read (sandbox decision)."""

_MS = 1000

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
        request = Request(scope, receive)
        try:
            body = await _body(request)
        except ClientDisconnect:  # nobody is left to hear an answer
            return
        if body is None:
            given = error(413, GENERIC, f"The body is longer than {_MOST_BYTES} bytes")
        else:
            given = await _final(service, answer(service, _asked(request, body)))
        if given.delay:
            await asyncio.sleep(given.delay / _MS)
        if given.dropped:
            await _hung_up(lines, scope, receive)
            return
        await _response(given)(scope, receive, send)

    return ServerErrorMiddleware(respond, handler=_broken)


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


async def _body(request: Request) -> bytes | None:
    """The body, None when it is too long; it is read to its end, so that the answer arrives."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size <= _MOST_BYTES:
            parts.append(part)
    return b"".join(parts) if size <= _MOST_BYTES else None


def _asked(request: Request, body: bytes) -> Asked:
    return Asked(
        request.method,
        request.scope["path"],
        request.scope["query_string"].decode("latin-1"),
        {name.lower(): value for name, value in request.headers.items()},
        body,
    )


def _response(given: Answer) -> Response:
    response = Response(given.body, given.status)
    for name, value in given.headers:  # a name may come twice
        response.headers.append(name, value)
    if given.body:
        response.headers["content-type"] = given.media
    return response


async def _broken(request: Request, wrong: Exception) -> Response:
    """Our own mistake: no traceback in the answer, it goes to the log."""
    del request, wrong
    return _response(error(500, GENERIC, "An error has occurred"))
