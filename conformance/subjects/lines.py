"""A program that answers every line it reads with one line, started and stopped as needed."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import IO

from orderflow.conformance.subjects.errors import TargetError

LONGEST_LINE = 1_000_000
"""Bytes of the longest answer that is read."""

_GRACE_SECONDS = 1.0
"""How long a program may take to end by itself, and again once it is asked to."""

_Line = bytes | None


class SilenceError(Exception):
    """A program gave no answer that can be used; says why. It is not running any more."""


class Program:
    """A program in a process of its own, with all that it starts itself.

    What it writes to stderr is passed through.

    Args:
        words: The program and its arguments; no shell is asked.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[_Line] = queue.Queue()

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, in place of the one that was there.

        Raises:
            TargetError: There is no such program.
        """
        self.stop()
        try:
            process = subprocess.Popen(  # noqa: S603  # to run what the user names is the task
                self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a program"
            raise TargetError(self.words[0], f"cannot be started: {reason}") from None
        self._process, self._lines = process, queue.Queue()
        reader = threading.Thread(target=_pass_on, args=(process.stdout, self._lines), daemon=True)
        reader.start()

    def ask(
        self, line: bytes, seconds: float, is_late: Callable[[bytes], bool] | None = None
    ) -> bytes:
        """Write a line and return the line it answers with, without its end.

        Args:
            line: The question.
            seconds: Within which the answer must be there.
            is_late: Whether a line answers an earlier question, and is to be passed over; None
                when nobody can tell, so that no line may be there that was not asked for.

        Raises:
            SilenceError: There was none, or not in time, or it was too long.
        """
        process = self._process
        if process is None or process.stdin is None:
            raise SilenceError("the program is not running")
        if is_late is None and not self._lines.empty() and self._lines.get() is not None:
            self.stop()
            raise SilenceError("the program wrote a line that nobody asked for")
        try:
            process.stdin.write(line + b"\n")
            process.stdin.flush()
        except (OSError, ValueError):
            raise self._ended() from None
        until = time.monotonic() + seconds
        answer = self._next(until, seconds)
        while is_late is not None and is_late(answer):
            answer = self._next(until, seconds)
        return answer

    def _next(self, until: float, seconds: float) -> bytes:
        """The next line it writes, if it is there by then, without its end."""
        try:
            answer = self._lines.get(timeout=max(until - time.monotonic(), 0))
        except queue.Empty:
            # Its answer may still come, and would be taken for that to the next question.
            self.stop()
            told = f"no answer within {seconds:g} s: slow, stuck, or its output not flushed"
            raise SilenceError(told) from None
        if answer is None:
            raise self._ended()
        if not answer.endswith(b"\n"):
            self.stop()
            raise SilenceError(f"a line without an end, or longer than {LONGEST_LINE} bytes")
        return answer.rstrip(b"\r\n")

    def _ended(self) -> SilenceError:
        code = self.stop()
        return SilenceError(f"the program ended (exit code {code}); see what it wrote to stderr")

    def stop(self) -> int | None:
        """End it: its input is over, then it is asked to end, then made to. Give its exit code.

        What it has started itself and left running is ended with it.
        """
        process, self._process = self._process, None
        if process is None:
            return None
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        code: int | None = None
        for plea in (None, signal.SIGTERM, signal.SIGKILL):
            _tell(process.pid, plea)
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(_GRACE_SECONDS)
                break
        _tell(process.pid, signal.SIGKILL)
        return code


def _tell(group: int, plea: signal.Signals | None) -> None:
    """Send a signal to all of a group that are still there."""
    if plea is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, plea)


def _pass_on(stream: IO[bytes], lines: queue.Queue[_Line]) -> None:
    """Hand on each line of *stream*, then None; stop at a line that is too long."""
    with stream:
        while True:
            line = stream.readline(LONGEST_LINE + 1)
            lines.put(line or None)
            if not line.endswith(b"\n"):
                return
