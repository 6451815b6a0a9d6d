"""The integration as a program: started here, and stopped with all that it started itself."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import IO

from orderflow.flows.errors import OrderflowError

MOST_KEPT = 65_536
"""Bytes of its output that are kept, the latest."""

MASK = "***"
_PIECE = 4_096
_GRACE = 2.0
"""Seconds that it has to end when it is asked to."""

_LAST_WORDS = 0.5
"""Seconds in which what it still had to say arrives."""


class ChildError(OrderflowError):
    """The integration cannot be started.

    Attributes:
        command: Its first word.
    """

    def __init__(self, command: str, why: str) -> None:
        told = "behind -- write the program and its arguments, as in a shell"
        super().__init__(f"{command}: cannot be started: {why}; {told}")
        self.command = command


class Child:
    """A program in a process group of its own, whose output is kept.

    Args:
        words: The program and its arguments.
        environment: What it finds in its environment beside what is there.
        secrets: What is hidden wherever its output is shown.

    Attributes:
        starts: How often it was started.
    """

    def __init__(
        self, words: Sequence[str], environment: Mapping[str, str], secrets: Iterable[str] = ()
    ) -> None:
        self._words, self._environment = tuple(words), dict(environment)
        self._secrets = tuple(sorted((each for each in secrets if each), key=len, reverse=True))
        self._process: subprocess.Popen[bytes] | None = None
        self._tail = _Tail()
        self.starts = 0

    def start(self) -> None:
        """Start it, or start it once more.

        Raises:
            ChildError: There is no such program, or it may not be run.
        """
        self.stop()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # the user's own command line
                self._words,
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as wrong:
            why = getattr(wrong, "strerror", None) or str(wrong)
            raise ChildError(self._words[0], why) from None
        self.starts += 1
        assert_pipe = self._process.stdout
        if assert_pipe is not None:
            self._tail.read_from(assert_pipe)

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def code(self) -> int | None:
        """What it ended with, below 0 for the number of a signal; None while it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def output(self) -> str:
        """The end of what it has printed, without credentials."""
        return masked(self._tail.text, self._secrets)

    def stop(self) -> None:
        """End it with every process that it began."""
        process, self._process = self._process, None
        if process is None:
            return
        _end(process)
        self._tail.settle()


def masked(text: str, secrets: Iterable[str]) -> str:
    """*text* with every one of *secrets* hidden.

    >>> masked("token=ABCDEF", ["ABCDEF"])
    'token=***'
    """
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the whole group to end, and kill what is left of it."""
    _signal(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    _signal(process, signal.SIGKILL)  # also those that the program itself left behind
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


class _Tail:
    """The latest bytes that came through pipes, each read by a thread of its own."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._lock = threading.Lock()
        self._reader: threading.Thread | None = None

    def read_from(self, pipe: IO[bytes]) -> None:
        self._reader = threading.Thread(
            target=self._read, args=(pipe,), name="orderflow-integration", daemon=True
        )
        self._reader.start()

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe, contextlib.suppress(OSError, ValueError):
            while piece := os.read(pipe.fileno(), _PIECE):
                self._add(piece)

    def _add(self, piece: bytes) -> None:
        with self._lock:
            self._pieces.append(piece)
            self._size += len(piece)
            while self._size - len(self._pieces[0]) >= MOST_KEPT:
                self._size -= len(self._pieces.popleft())

    def settle(self) -> None:
        """Wait a moment for what is still in the pipe; who holds it open keeps it."""
        if self._reader is not None:
            self._reader.join(_LAST_WORDS)

    @property
    def text(self) -> str:
        with self._lock:
            data = b"".join(self._pieces)
        return data[-MOST_KEPT:].decode("utf-8", "replace")
