"""A running sandbox: the application behind a port, in a thread of this process."""

from __future__ import annotations

import socket
import threading
from types import TracebackType

import uvicorn

from orderflow.flows.errors import OrderflowError
from orderflow.sandbox.account import AppKey
from orderflow.sandbox.app import application
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.simulator.order import Item

_PATIENCE = 10.0
"""Seconds that starting, and stopping, may take."""

_GRACE = 2
"""Seconds for calls that are being answered when it stops."""

_BACKLOG = 128


class ListenError(OrderflowError):
    """The sandbox cannot listen where it was told to.

    Attributes:
        host: Address.
        port: Port.
    """

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(f"cannot listen on {host}:{port}: {why}; port 0 takes any that is free")
        self.host, self.port = host, port


class _Announced(uvicorn.Server):
    """Says when it is up, so that nobody has to ask again and again."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


class Sandbox:
    """An order-management API to point an integration at.

    Args:
        host: Address to listen on; only this machine reaches the usual one.
        port: Port, 0 for any that is free.
        seed: Decides everything that chance decides.
        account: Name of the account that is there from the beginning.

    Attributes:
        service: What it knows; hold ``service.lock`` to use it while the sandbox runs.

    >>> with Sandbox() as sandbox:
    ...     sandbox.place(to="ready-for-handling").status
    'ready-for-handling'
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        account: str = "sandbox",
    ) -> None:
        self.service = Service(seed=seed, account=account)
        self._host, self._port = host, port
        self._socket: socket.socket | None = None
        self._server: _Announced | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it listens; port 0 until it runs."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def key(self) -> AppKey:
        """The key that may do everything."""
        return self.service.accounts.first

    @property
    def headers(self) -> dict[str, str]:
        """The headers that carry the credentials of :attr:`key`."""
        return {"X-VTEX-API-AppKey": self.key.name, "X-VTEX-API-AppToken": self.key.token}

    def place(
        self,
        *,
        deal: str = "complete",
        items: tuple[Item, ...] | None = None,
        to: str = "",
    ) -> Held:
        """Make a sale and return its main document.

        Args:
            deal: Name of a bundled deal.
            items: What is bought; a sample when None.
            to: Status to bring the main document to; where it comes by itself when empty.

        Raises:
            OrderflowError: There is no such deal, or the status cannot be reached.
        """
        with self.service.lock:
            account = self.key.account
            return self.service.store.place(deal=deal, account=account, items=items, to=to)[0]

    def advance(self, milliseconds: int) -> None:
        """Turn the clock."""
        with self.service.lock:
            self.service.store.advance(milliseconds)

    def reset(self) -> None:
        """Forget everything but accounts and keys."""
        with self.service.lock:
            self.service.reset()

    def start(self) -> None:
        """Begin to listen; answers come from now on.

        Raises:
            ListenError: The port is taken, or the address is not one of this machine.
        """
        self._socket = self._listen()
        self._port = int(self._socket.getsockname()[1])
        self._server = _Announced(
            uvicorn.Config(
                application(self.service),
                http="h11",
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,  # a wall clock; same seed, same bytes
                timeout_graceful_shutdown=_GRACE,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self._socket]},
            name="orderflow-sandbox",
            daemon=True,
        )
        self._thread.start()
        if not self._server.up.wait(_PATIENCE):
            self.stop()
            raise ListenError(self._host, self._port, f"not up after {_PATIENCE:.0f} s")

    def stop(self) -> None:
        """Stop listening; a call that is being answered has a moment to end."""
        server, thread, listening = self._server, self._thread, self._socket
        self._server = self._thread = self._socket = None
        if server is not None and thread is not None:
            server.should_exit = True
            thread.join(_PATIENCE)
            if thread.is_alive():
                server.force_exit = True
                thread.join(_PATIENCE)
        if listening is not None:
            listening.close()

    def _listen(self) -> socket.socket:
        try:
            return socket.create_server(
                (self._host, self._port),
                family=socket.AF_INET6 if ":" in self._host else socket.AF_INET,
                backlog=_BACKLOG,
            )
        except OSError as wrong:
            raise ListenError(self._host, self._port, wrong.strerror or str(wrong)) from wrong

    def __enter__(self) -> Sandbox:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Stop."""
        del kind, error, where
        self.stop()
