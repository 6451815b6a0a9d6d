"""Ways to the sandbox for clients that cannot be told another URL: TLS, and a proxy.

A client that takes a host and a port is given the port that speaks TLS; one in which a host of the
platform is written is given the proxy, where those hosts are the sandbox. What comes in goes on to
the sandbox's own port as it is, so all of them are answered alike.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from orderflow.flows.errors import OrderflowError
from orderflow.sandbox.proxy import Forward, Refusal, asked
from orderflow.sandbox.tls_names import ADDRESSES, HERE
from orderflow.sandbox.tls_relay import Line, drain, line_on, line_to, relay

_PATIENCE = 10.0
"""Seconds for a client to say what it wants, and for all connections to end."""

_MOST_HEAD = 65_536
_A_MOMENT = 0.1
_HELLO = b"\x16"
"""First byte of a client that begins to speak TLS. Source: RFC 8446, section 5.1 (handshake)."""

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # they are recognised, not bound

_TRUST = ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
"""Variables that real clients read."""

_Answering = Callable[[Line], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Reach:
    """How the sandbox can be reached beside its own port.

    Attributes:
        tls: Port that speaks TLS, 0 for any that is free.
        proxy: Port of the proxy, 0 for any that is free; no proxy when None.
        folder: Where the certificate authority is kept; with this user's cached files when None.
    """

    tls: int = 0
    proxy: int | None = None
    folder: Path | None = None


class MissingTlsError(OrderflowError):
    """What certificates are made with is not installed."""

    def __init__(self) -> None:
        super().__init__("TLS needs the extra tls: pip install 'orderflow-harness[tls]'")


def shown_by(reach: Reach) -> tuple[ssl.SSLContext, Path]:
    """A certificate to show, and the file for clients to trust.

    Raises:
        MissingTlsError: The extra ``tls`` is not installed.
        AuthorityError: The folder cannot be used.
    """
    try:
        from orderflow.sandbox.authority import authority_in, usual_folder
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "cryptography":
            raise
        raise MissingTlsError from missing
    authority = authority_in(reach.folder or usual_folder())
    return authority.context(), authority.file


class Front:
    """The ports beside the sandbox's own, while they are open.

    Args:
        plain: Host and port of the sandbox.
        tls: Socket that listens for clients that speak TLS.
        proxy: Socket that listens for clients of the proxy, if there is one.
        context: Certificate to show.
        trusted: File for clients to trust.

    Attributes:
        trusted: File for clients to trust.
    """

    def __init__(
        self,
        plain: tuple[str, int],
        tls: socket.socket,
        proxy: socket.socket | None,
        *,
        context: ssl.SSLContext,
        trusted: Path,
    ) -> None:
        self.trusted = trusted
        self._host, self._plain = plain
        self._tls, self._proxy, self._context = tls, proxy, context
        self._up = threading.Event()
        self._busy: set[asyncio.Task[None]] = set()
        self._ended: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="orderflow-front", daemon=True)

    @property
    def https_url(self) -> str:
        """Where it speaks TLS."""
        return f"https://{self._address(_port(self._tls))}"

    @property
    def proxy_url(self) -> str | None:
        """Where the proxy is, None without one."""
        return None if self._proxy is None else f"http://{self._address(_port(self._proxy))}"

    @property
    def environment(self) -> dict[str, str]:
        """What to set for a client, so that it trusts the sandbox and finds the proxy."""
        trusted, proxy = str(self.trusted.absolute()), self.proxy_url
        found: dict[str, str] = {name: trusted for name in _TRUST}  # noqa: C420  # typed
        if proxy is not None:
            found["HTTPS_PROXY"] = found["HTTP_PROXY"] = proxy
            found["NO_PROXY"] = ",".join((HERE, *ADDRESSES))
            found |= {name.lower(): found[name] for name in _PROXIES}  # they win over the others
        return found

    def _address(self, port: int) -> str:
        return f"[{self._host}]:{port}" if ":" in self._host else f"{self._host}:{port}"

    def start(self) -> None:
        """Begin to answer; the sandbox itself has to be up."""
        self._thread.start()
        self._up.wait(_PATIENCE)

    def stop(self) -> None:
        """Close all connections and both ports; the sandbox should have stopped before."""
        loop, ended = self._loop, self._ended
        if loop is not None and ended is not None and self._thread.is_alive():
            with suppress(RuntimeError):  # it ends by itself just now
                loop.call_soon_threadsafe(ended.set)
            self._thread.join(_PATIENCE)
        for listening in (self._tls, self._proxy):
            if listening is not None:
                listening.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        tasks = [asyncio.create_task(self._accept(self._tls, self._decrypted, self._context))]
        if self._proxy is not None:
            tasks.append(asyncio.create_task(self._accept(self._proxy, self._proxied)))
        self._up.set()
        await self._ended.wait()
        for task in (*tasks, *self._busy):
            task.cancel()
        await asyncio.wait([*tasks, *self._busy])

    async def _accept(
        self, listening: socket.socket, respond: _Answering, context: ssl.SSLContext | None = None
    ) -> None:
        listening.setblocking(False)
        while True:
            try:
                accepted, _ = await asyncio.get_running_loop().sock_accept(listening)
            except OSError:  # too many connections, for the moment
                await asyncio.sleep(_A_MOMENT)
                continue
            task = asyncio.create_task(_answered(accepted, context, respond))
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)

    async def _decrypted(self, client: Line) -> None:
        await self._handed_on(client, self._plain)

    async def _proxied(self, client: Line) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                head = await client.reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            wish: object = Refusal(431, "Request Header Fields Too Large", "the head is too long")
        else:
            wish = asked(head, self._own())
        if isinstance(wish, Refusal):
            await _refused(client, wish)
        elif isinstance(wish, Forward):
            await self._handed_on(client, self._plain, wish.head)
        else:
            await self._tunnelled(client)

    async def _tunnelled(self, client: Line) -> None:
        """Let the client speak with the sandbox, in TLS or not, as it begins."""
        client.writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        async with asyncio.timeout(_PATIENCE):
            first = await client.reader.read(_MOST_HEAD)
        port = _port(self._tls) if first.startswith(_HELLO) else self._plain
        if first:
            await self._handed_on(client, port, first)

    async def _handed_on(self, client: Line, port: int, first: bytes = b"") -> None:
        async with line_to(_ANY.get(self._host, self._host), port) as server:
            server.writer.write(first)
            await relay(client, server)

    def _own(self) -> tuple[int, ...]:
        listening = (self._tls, self._proxy)
        return (self._plain, *(_port(each) for each in listening if each is not None))


def _port(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


async def _answered(
    accepted: socket.socket, context: ssl.SSLContext | None, respond: _Answering
) -> None:
    """Answer whoever has connected, and close the connection."""
    with suppress(OSError, asyncio.IncompleteReadError):  # the client is gone, or trusts us not
        async with line_on(accepted, context, _PATIENCE) as client:
            await respond(client)


async def _refused(client: Line, why: Refusal) -> None:
    body = f"orderflow sandbox: {why.told}\n".encode()
    head = (
        f"HTTP/1.1 {why.status} {why.reason}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    client.writer.write(head.encode() + body)
    await drain(client)
