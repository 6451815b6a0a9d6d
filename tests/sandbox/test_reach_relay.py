"""What is carried between two is all of it, in order, no faster than it is taken, and ends."""

from __future__ import annotations

import asyncio
from typing import cast

from orderflow.sandbox.tls_relay import Line, line_to, relay

_SECONDS = 5


class Taker:
    """The far end of a connection; it takes nothing after the first piece unless it is *quick*."""

    def __init__(self, *, quick: bool = True) -> None:
        self.taken, self.quick = b"", quick
        self.full, self.ended = asyncio.Event(), asyncio.Event()

    def write(self, piece: bytes) -> None:
        self.taken += piece

    async def drain(self) -> None:
        if not self.quick:
            self.full.set()
            await asyncio.Event().wait()

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.ended.set()


def line(taker: Taker, said: bytes | None = None) -> Line:
    """A connection whose other side has said that and no more, or says nothing yet."""
    reader = asyncio.StreamReader()
    if said is not None:
        reader.feed_data(said)
        reader.feed_eof()
    return Line(reader, cast("asyncio.StreamWriter", taker))


def test_everything_arrives_and_the_end_of_it_too() -> None:
    async def carried() -> tuple[Taker, Taker]:
        client, server = Taker(), Taker()
        answering = line(server)
        task = asyncio.create_task(relay(line(client, b"asked" * 50_000), answering))
        async with asyncio.timeout(_SECONDS):
            await server.ended.wait()
            answering.reader.feed_data(b"answered" * 50_000)
            answering.reader.feed_eof()
            await task
        return client, server

    client, server = asyncio.run(carried())

    assert server.taken == b"asked" * 50_000
    assert client.taken == b"answered" * 50_000
    assert client.ended.is_set()


def test_no_more_is_fetched_while_nothing_is_taken() -> None:
    async def carried() -> int:
        client = Taker(quick=False)
        task = asyncio.create_task(relay(line(client), line(Taker(), b"x" * 1_000_000)))
        async with asyncio.timeout(_SECONDS):
            await client.full.wait()
        for _ in range(100):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return len(client.taken)

    assert asyncio.run(carried()) <= 65_536


def test_a_client_that_is_gone_leaves_no_connection_behind() -> None:
    async def heard() -> bytes:
        until: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def sandbox(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            until.set_result(await reader.read())  # to the end
            writer.close()

        async with await asyncio.start_server(sandbox, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            async with asyncio.timeout(_SECONDS), line_to("127.0.0.1", port) as server:
                await relay(line(Taker(), b"GET /half a requ"), server)
        return await until

    assert asyncio.run(heard()) == b"GET /half a requ"
