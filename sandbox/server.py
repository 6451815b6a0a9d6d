"""A running sandbox: the application behind a port, in a thread of this process."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from types import TracebackType

import uvicorn

from orderflow.flows.errors import OrderflowError
from orderflow.sandbox.account import AppKey
from orderflow.sandbox.answering import perform
from orderflow.sandbox.app import application
from orderflow.sandbox.control.clock import PATH as CLOCK
from orderflow.sandbox.courier import Courier
from orderflow.sandbox.dialect import Answer
from orderflow.sandbox.fault_line import Lines
from orderflow.sandbox.fault_words import switch_on
from orderflow.sandbox.journal import Journal, Redone, silent
from orderflow.sandbox.routes import Call
from orderflow.sandbox.service import Service
from orderflow.sandbox.store import Held
from orderflow.sandbox.tls_front import Front, Reach, shown_by
from orderflow.sandbox.trace_file import TraceFile
from orderflow.sandbox.usual import KEPT
from orderflow.sandbox.witness import Witness, attach
from orderflow.simulator.order import Item

_PATIENCE = 10.0
"""Seconds that starting, and stopping, may take."""

_GRACE = 2
"""Seconds for calls that are being answered when it stops."""

_BACKLOG = 128
_LOOK_AGAIN = 0.002
"""Seconds until it is seen whether the clock has been turned."""

_FAILED = 400


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
        strict: Whether to refuse what the platform lets pass although it is a mistake.
        hosts: Hosts beside this machine's own that may be called.
        keep: How many ended sales are remembered, 0 for all: of more the one that ended first is
            forgotten.
        reach: Ways in beside its own port: TLS, and a proxy for clients with a host of the platform
            written in them.
        db: File in which it is kept; only in memory when None. Then all that happens has to come
            by a call, or by the methods of this class while it runs.

    Attributes:
        service: What it knows; hold ``service.lock`` to use it while the sandbox runs. One that is
            kept in a file is made anew by each start.
        front: Those ways in while it runs, with what to set for clients; None without any.
        redone: What the start found in the file; None without one, and before.

    >>> with Sandbox() as sandbox:
    ...     sandbox.place(to="ready-for-handling").status
    'ready-for-handling'
    """

    def __init__(  # noqa: PLR0913  # all have defaults, and none goes with another
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        account: str = "sandbox",
        strict: bool = False,
        hosts: Collection[str] = (),
        keep: int = KEPT,
        reach: Reach | None = None,
        db: Path | None = None,
    ) -> None:
        self._new: Callable[[], Service] = partial(
            Service, seed=seed, account=account, strict=strict, hosts=frozenset(hosts), keep=keep
        )
        self.service = self._new()
        self.front: Front | None = None
        self.redone: Redone | None = None
        self._host, self._port, self._reach, self._db = host, port, reach, db
        self._socket: socket.socket | None = None
        self._server: _Announced | None = None
        self._thread: threading.Thread | None = None
        self._courier: Courier | None = None
        self._journal: Journal | None = None

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
            if self._db is not None:
                return self._place_by_call(deal, items, to)
            account = self.key.account
            held = self.service.store.place(deal=deal, account=account, items=items, to=to)[0]
            self.service.settle()
            return held

    def _place_by_call(self, deal: str, items: tuple[Item, ...] | None, to: str) -> Held:
        sent: dict[str, object] = {"deal": deal, "status": to}
        if items is not None:
            sent["items"] = [_sent_item(item) for item in items]
        made = json.loads(self._do("/_sandbox/orders", sent).body)["orders"]
        return self.service.order(made[0]["orderId"], self.key.account)

    def advance(self, milliseconds: int) -> None:
        """Turn the clock, and wait for the answers to what the sandbox sends meanwhile."""
        if milliseconds < 0:
            raise ValueError(f"time does not run backwards: {milliseconds} ms")
        with self.service.lock:
            given = self._do(CLOCK, {"milliseconds": milliseconds})
        while given.later is not None:
            with self.service.lock:
                if given.later() is not None:
                    return
            time.sleep(_LOOK_AGAIN)  # the courier brings what ends it, in its own thread

    def reset(self) -> None:
        """Forget everything but accounts and keys."""
        with self.service.lock:
            self._do("/_sandbox/reset", {})

    def fail(self, words: str) -> None:
        """Switch a fault on, see ``orderflow faults``.

        Args:
            words: ``NAME``, or ``NAME:KEY=VALUE,…``: ``http.apply_then_500:times=1``.

        Raises:
            OrderflowError: There is no such fault, or the values make no sense.
        """
        with self.service.lock:
            switch_on(self.service, [words])

    def write_trace(self, path: Path) -> TraceFile:
        """Write each line of the trace from now on behind what *path* holds; close it at the end.

        Raises:
            TraceFileError: The file cannot be opened.
        """
        with self.service.lock:
            return TraceFile(self.service, path)

    def witness(self) -> Witness:
        """Whoever sees what happens from now on, to judge it later.

        A sandbox that is kept in a file is to be running: each start makes it anew.
        """
        with self.service.lock:
            return attach(self.service)

    def _do(self, path: str, sent: dict[str, object]) -> Answer:
        """Make a call of the control API without the network.

        Raises:
            OrderflowError: It is refused.
        """
        if self._db is not None and self._journal is None:
            raise ValueError(f"start the sandbox first: it is kept in {self._db}")
        given = perform(self.service, Call("POST", path, body=json.dumps(sent).encode()))
        if given.status >= _FAILED:
            raise OrderflowError(json.loads(given.body)["error"])
        return given

    def start(self, told: Callable[[int, int], None] = silent) -> None:
        """Begin to listen; answers come from now on.

        Args:
            told: Hears how many of how many calls in the file have been done again.

        Raises:
            ListenError: The port is taken, or the address is not one of this machine.
            JournalError: The file cannot be used; says why, and what would work.
            AuthorityError: The certificate authority of :attr:`front` cannot be used.
            MissingTlsError: The extra ``tls`` is not installed.
        """
        self._socket = self._listen(self._port)
        self._port = int(self._socket.getsockname()[1])
        try:
            if self._reach is not None:
                self.front = self._front(self._reach)
            self._keep(told)
            self._serve(self._socket)
            self._courier = Courier(self.service)
            self._courier.start()
            if self.front is not None:
                self.front.start()
        except BaseException:
            self.stop()
            raise

    def _front(self, reach: Reach) -> Front:
        """The ways in, with their ports bound."""
        context, trusted = shown_by(reach)
        tls = self._listen(reach.tls)
        try:
            proxy = None if reach.proxy is None else self._listen(reach.proxy)
        except BaseException:
            tls.close()
            raise
        return Front((self._host, self._port), tls, proxy, context=context, trusted=trusted)

    def _keep(self, told: Callable[[int, int], None]) -> None:
        """Do again what is in the file, and write to it from now on."""
        if self._db is not None:
            self.service = self._new()
        # The courier comes later, but the clock waited for it when the calls were written.
        self.service.outbox.delivering = True
        if self._db is not None:
            self._journal = Journal(self.service, self._db, told)
            self.redone = self._journal.redone

    def _serve(self, listening: socket.socket) -> None:
        lines = Lines()
        server = self._server = _Announced(
            uvicorn.Config(
                application(self.service, lines),
                http="auto",
                ws="none",
                loop="auto",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,  # a client is found by its connection, not by what it says
                server_header=False,
                date_header=False,  # a wall clock; same seed, same bytes
                timeout_graceful_shutdown=_GRACE,
            )
        )
        lines.watch(server)
        self._thread = threading.Thread(
            target=server.run,
            kwargs={"sockets": [listening]},
            name="orderflow-sandbox",
            daemon=True,
        )
        self._thread.start()
        if not server.up.wait(_PATIENCE):
            raise ListenError(self._host, self._port, f"not up after {_PATIENCE:.0f} s")

    def stop(self) -> None:
        """Stop listening; a call that is being answered has a moment to end."""
        self._stop_serving()
        front, self.front = self.front, None
        if front is not None:  # after the last call: they come through it, too
            front.stop()
        courier, journal, listening = self._courier, self._journal, self._socket
        self._courier = self._journal = self._socket = None
        if courier is not None:  # after the last call: the clock does not wait without it
            courier.stop()
        self.service.outbox.delivering = False
        if journal is not None:
            with self.service.lock:
                journal.close()
        if listening is not None:
            listening.close()

    def _stop_serving(self) -> None:
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is not None and thread is not None:
            server.should_exit = True
            thread.join(_PATIENCE)
            if thread.is_alive():
                server.force_exit = True
                thread.join(_PATIENCE)

    def _listen(self, port: int) -> socket.socket:
        try:
            listening = socket.create_server(
                (self._host, port),
                family=socket.AF_INET6 if ":" in self._host else socket.AF_INET,
                backlog=_BACKLOG,
            )
            # What it accepts inherits this: without it each answer's body waits 40 ms for the
            # client to have heard of its head.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return listening
        except OSError as wrong:
            raise ListenError(self._host, port, wrong.strerror or str(wrong)) from wrong

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


def _sent_item(item: Item) -> dict[str, object]:
    """An item as the control API takes it."""
    if item != Item(item.id, item.quantity, item.price):
        raise ValueError(f"{item}: a sandbox in a file knows items by id, quantity and price only")
    return {"id": item.id, "quantity": item.quantity, "price": item.price}
