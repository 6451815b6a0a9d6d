"""A program that answers every line it reads with one line, started and stopped as needed."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
from collections.abc import Sequence
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
    """A program in a process of its own.

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
                self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a program"
            raise TargetError(self.words[0], f"cannot be started: {reason}") from None
        self._process, self._lines = process, queue.Queue()
        reader = threading.Thread(target=_pass_on, args=(process.stdout, self._lines), daemon=True)
        reader.start()

    def ask(self, line: bytes, seconds: float) -> bytes:
        """Write a line and return the line it answers with, without its end.

        Args:
            line: The question.
            seconds: Within which the answer must be there.

        Raises:
            SilenceError: There was none, or not in time, or it was too long.
        """
        process = self._process
        if process is None or process.stdin is None:
            raise SilenceError("the program is not running")
        if not self._lines.empty() and self._lines.get() is not None:
            self.stop()
            raise SilenceError("the program wrote a line that nobody asked for")
        try:
            process.stdin.write(line + b"\n")
            process.stdin.flush()
        except (OSError, ValueError):
            raise self._ended() from None
        try:
            answer = self._lines.get(timeout=seconds)
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
        """End it: its input is over, then it is asked to end, then made to. Give its exit code."""
        process, self._process = self._process, None
        if process is None:
            return None
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        for plea in (process.poll, process.terminate, process.kill):
            plea()
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(_GRACE_SECONDS)
        return None


def _pass_on(stream: IO[bytes], lines: queue.Queue[_Line]) -> None:
    """Hand on each line of *stream*, then None; stop at a line that is too long."""
    with stream:
        while True:
            line = stream.readline(LONGEST_LINE + 1)
            lines.put(line or None)
            if not line.endswith(b"\n"):
                return
