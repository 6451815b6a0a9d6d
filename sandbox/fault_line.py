"""The connections of running servers, so that a fault can close one without an answer."""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

import uvicorn

_MOST_TURNS = 100
"""Turns of the event loop until a closed connection is gone."""


class _Connection(Protocol):
    """What every HTTP protocol of uvicorn knows of its connection."""

    client: tuple[str, int] | None
    transport: asyncio.Transport


class Lines:
    """The connections of the servers that have been named."""

    def __init__(self) -> None:
        self._servers: list[uvicorn.Server] = []

    def watch(self, server: uvicorn.Server) -> None:
        """Take the connections of *server* from now on."""
        self._servers.append(server)

    async def hang_up(self, client: tuple[str, int] | None) -> None:
        """Close the connection of *client*, as the server knows it, without another byte."""
        for connection in self._of(client):
            connection.transport.close()
        for _ in range(_MOST_TURNS):  # else the server would answer 500 while it is closing
            if not self._of(client):
                return
            await asyncio.sleep(0)

    def _of(self, client: tuple[str, int] | None) -> list[_Connection]:
        every = (each for server in self._servers for each in server.server_state.connections)
        known = (cast("_Connection", each) for each in every)
        return [each for each in known if client is not None and each.client == client]
