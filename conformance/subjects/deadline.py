"""Ends a request that takes longer than it may in all, however often a byte of it comes in time.

A time limit of the library is one for each read from the network: a system that sends one byte a
second would keep a test waiting for ever. So the connection is cut when the time is over.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_CONNECTED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})


class Deadline:
    """Cuts the one connection that a client has, if it is asked for, after so many seconds.

    Attributes:
        over: The time of the latest request was over before its end.
    """

    def __init__(self) -> None:
        self.over = False
        self._socket: socket.socket | None = None

    def note(self, name: str, info: Mapping[str, object]) -> None:
        """Take note of a connection; handed to the library as the ``trace`` of a request."""
        if name not in _CONNECTED:
            return
        find = getattr(info.get("return_value"), "get_extra_info", None)
        found = find("socket") if callable(find) else None
        self._socket = found if isinstance(found, socket.socket) else None
        if self.over:
            self._cut()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Cut the connection when the body takes longer."""
        self.over = False
        timer = threading.Timer(seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def _end(self) -> None:
        self.over = True
        self._cut()

    def _cut(self) -> None:
        """End the connection under the one who reads from it: there is no more to be read."""
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it has ended already
                # Not the method of a TLS socket, which would take the keys away from the reader.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
