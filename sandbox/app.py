"""The sandbox as an ASGI application: bytes in, bytes out."""

from __future__ import annotations

import asyncio

from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from orderflow.sandbox.answering import Asked, answer
from orderflow.sandbox.control.clock import PATH as CLOCK
from orderflow.sandbox.control.clock import turned
from orderflow.sandbox.dialect import GENERIC, Answer, error
from orderflow.sandbox.service import Service

_MOST_BYTES = 1_048_576
"""Bytes of the longest body that is read (sandbox decision)."""

_LOOK_AGAIN = 0.002
"""Seconds until it is seen whether the clock has been turned."""


def application(service: Service) -> ASGIApp:
    """The application that answers for *service*."""

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            body = await _body(request)
        except ClientDisconnect:  # nobody is left to hear an answer
            return
        if body is None:
            given = error(413, GENERIC, f"The body is longer than {_MOST_BYTES} bytes")
        else:
            given = answer(service, _asked(request, body))
            if service.until is not None and request.scope["path"].rstrip("/") == CLOCK:
                given = await _turned(service)
        await _response(given)(scope, receive, send)

    return ServerErrorMiddleware(respond, handler=_broken)


async def _turned(service: Service) -> Answer:
    """Wait until the clock has been turned: somebody's answer to a notification may be due."""
    while service.until is not None:  # noqa: ASYNC110  # what ends it happens in any thread
        await asyncio.sleep(_LOOK_AGAIN)
    with service.lock:
        return turned(service)


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
    response = Response(given.body, given.status, dict(given.headers))
    if given.body:
        response.headers["content-type"] = given.media
    return response


async def _broken(request: Request, wrong: Exception) -> Response:
    """Our own mistake: no traceback in the answer, it goes to the log."""
    del request, wrong
    return _response(error(500, GENERIC, "An error has occurred"))
