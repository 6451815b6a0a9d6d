"""Bytes between a client and the sandbox, in both directions, until one of them has done."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

_PIECE = 65_536
_PATIENCE = 2.0
"""Seconds in which a closed connection has to be gone."""


@dataclass(frozen=True, slots=True)
class Line:
    """A connection: what comes in, and what goes out."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


@asynccontextmanager
async def line_to(host: str, port: int) -> AsyncIterator[Line]:
    """A connection to *port*, closed in the end.

    Raises:
        OSError: Nobody listens there.
    """
    line = Line(*await asyncio.open_connection(host, port))
    try:
        yield line
    finally:
        await hang_up(line)


@asynccontextmanager
async def line_on(
    accepted: socket.socket, context: ssl.SSLContext | None, patience: float
) -> AsyncIterator[Line]:
    """A connection that was accepted, decrypted if there is a *context*, closed in the end.

    Args:
        accepted: Taken over.
        context: Certificate to show, None to show none.
        patience: Seconds for the client to agree on how to encrypt.

    Raises:
        OSError: The client does not take the certificate, or does not speak TLS.
    """
    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else answers wait 40 ms
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_accepted_socket(
        lambda: protocol,
        accepted,
        ssl=context,
        ssl_handshake_timeout=patience if context else None,
    )
    line = Line(reader, asyncio.StreamWriter(transport, protocol, reader, loop))
    try:
        yield line
    finally:
        await hang_up(line)


async def relay(client: Line, server: Line) -> None:
    """Carry what they say until the server has closed its side."""
    up = asyncio.create_task(_carry(client, server))
    try:
        await _carry(server, client)
    finally:
        up.cancel()
        await asyncio.wait([up])


async def _carry(speaker: Line, listener: Line) -> None:
    """Carry what *speaker* says; that it has ended, or is gone, is told as well."""
    with suppress(OSError):
        while piece := await speaker.reader.read(_PIECE):
            listener.writer.write(piece)
            await listener.writer.drain()  # no faster than it is taken
    with suppress(OSError, RuntimeError):  # it may be gone already
        if listener.writer.can_write_eof():
            listener.writer.write_eof()


async def drain(line: Line) -> None:
    """Say that no more comes, and let the other side end: closed earlier it might lose the last."""
    with suppress(OSError, RuntimeError):
        line.writer.write_eof()
        async with asyncio.timeout(_PATIENCE):
            while await line.reader.read(_PIECE):
                pass


async def hang_up(line: Line) -> None:
    """Close a connection after what was written to it, at once if that takes long."""
    try:
        line.writer.close()
        async with asyncio.timeout(_PATIENCE):
            await line.writer.wait_closed()
    except OSError:  # TimeoutError is one
        pass
    finally:
        line.writer.transport.abort()
