"""One exchange over HTTP with somebody that the sandbox calls, careful with whoever that is.

No redirect is followed and no proxy is asked, the whole exchange has one deadline, and of an answer
no more is read than its beginning. A name of this machine is never looked up. The certificate of a
receiver on this machine is not verified, since it can hardly have one that others vouch for; that
of any other host is (sandbox decision).
"""

from __future__ import annotations

import asyncio
import ssl
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

import h11

from orderflow.sandbox.outbox import Message, Outcome, is_here

_MOST_READ = 65_536
"""Bytes of an answer's body after which its status is taken for the answer."""

_HIGHEST_STATUS = 599
_PIECE = 16_384
_HERE = ("127.0.0.1", "::1")
_PORTS = {"http": 80, "https": 443}


async def exchange(message: Message) -> Outcome:
    """Send *message* and wait for the whole answer, no longer than its patience."""
    try:
        async with asyncio.timeout(message.patience / 1_000):
            return await _exchanged(message)
    except TimeoutError:
        return Outcome(0, trouble="timeout")
    except ConnectionRefusedError:
        return Outcome(0, trouble="refused")
    except (OSError, ValueError, h11.ProtocolError):
        return Outcome(0, trouble="broken")


async def _exchanged(message: Message) -> Outcome:
    split = urlsplit(message.url)
    reader, writer = await _connected(split)
    try:
        talk = h11.Connection(h11.CLIENT)
        writer.write(_request(talk, message, split))
        return await _answer(talk, reader, message.keeps)
    finally:
        writer.transport.abort()  # all is said, or too late


async def _connected(split: SplitResult) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, scheme = split.hostname or "", split.scheme.lower()
    port = split.port or _PORTS[scheme]
    trust = _trust(is_here(host)) if scheme == "https" else None
    name = host if trust else None
    if host != "localhost":
        return await asyncio.open_connection(host, port, ssl=trust, server_hostname=name)
    first, second = _HERE
    try:
        return await asyncio.open_connection(first, port, ssl=trust, server_hostname=name)
    except ConnectionRefusedError:
        return await asyncio.open_connection(second, port, ssl=trust, server_hostname=name)


@lru_cache(maxsize=2)
def _trust(here: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if here:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _request(talk: h11.Connection, message: Message, split: SplitResult) -> bytes:
    target = (split.path or "/") + (f"?{split.query}" if split.query else "")
    headers = [
        ("Host", split.netloc.rpartition("@")[2]),
        *message.headers.items(),
        ("Content-Length", str(len(message.body))),
        ("Connection", "close"),
    ]
    begin = h11.Request(method=message.method, target=target, headers=headers)
    events = (begin, h11.Data(data=message.body), h11.EndOfMessage())
    return b"".join(talk.send(event) or b"" for event in events)


async def _answer(talk: h11.Connection, reader: asyncio.StreamReader, keeps: int) -> Outcome:
    status, body = 0, bytearray()
    while True:
        event = talk.next_event()
        if event is h11.NEED_DATA:
            talk.receive_data(await reader.read(_PIECE))
        elif isinstance(event, h11.Response):
            status = event.status_code
            if status > _HIGHEST_STATUS:
                raise h11.RemoteProtocolError(f"{status} is no status")
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) or not isinstance(
            event, h11.InformationalResponse
        ):
            return Outcome(status, bytes(body[:keeps]))
        if len(body) >= max(keeps, _MOST_READ):
            return Outcome(status, bytes(body[:keeps]))
