"""A trace in a file: one JSON object a line, written as it happens.

Each line is handed to the operating system before the call is answered, so a sandbox that is killed
loses none. This is the one place of a sandbox that looks at the clock on the wall.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from orderflow.flows.errors import OrderflowError
from orderflow.sandbox.moments import iso
from orderflow.sandbox.service import Service
from orderflow.sandbox.trace import Traced

_MS = 1000
_MOST_BEGUN = 200
"""Calls whose beginning is remembered; more are never under way at once."""


class TraceFileError(OrderflowError):
    """A trace cannot be written where it was told to.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"cannot write the trace to {path}: {why}")
        self.path = path


def see_writable(path: Path) -> None:
    """See whether a trace can be written to *path*; nothing is left there.

    Raises:
        TraceFileError: It cannot.
    """
    absent = not path.exists()
    try:
        path.open("a").close()
        if absent:
            path.unlink()
    except OSError as wrong:
        raise TraceFileError(path, wrong.strerror or str(wrong)) from wrong


class TraceFile:
    """Writes what happens in a sandbox behind what a file holds already.

    Args:
        service: The sandbox.
        path: The file; it is made when it is missing.

    Attributes:
        trouble: Why nothing is written any more, empty while all is well: a full disk stops the
            trace and not the sandbox.

    Raises:
        TraceFileError: The file cannot be opened.
    """

    def __init__(self, service: Service, path: Path) -> None:
        self._service, self._path, self.trouble = service, path, ""
        try:
            self._file: TextIO = path.open("a", encoding="utf-8", buffering=1, newline="\n")
        except OSError as wrong:
            raise TraceFileError(path, wrong.strerror or str(wrong)) from wrong
        self._begun: dict[int, float] = {}
        service.trace.listeners.append(self._write)
        service.trace.beginning.append(self._begin)

    def _begin(self, number: int) -> None:
        """A call begins to be answered; those that are in no trace are forgotten in time."""
        self._begun[number] = time.monotonic()
        if len(self._begun) > _MOST_BEGUN:
            del self._begun[next(iter(self._begun))]

    def _write(self, record: Traced) -> None:
        if self.trouble:
            return
        now = time.monotonic()
        took = (now - self._begun.get(record.number, now)) * _MS
        line = {
            **record.body(),
            "at": iso(record.at),
            "wall": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "took": round(took, 3),
        }
        try:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        except (OSError, ValueError) as wrong:
            self.trouble = str(TraceFileError(self._path, str(wrong)))

    def close(self) -> None:
        """Stop writing."""
        trace = self._service.trace
        if self._write in trace.listeners:
            trace.listeners.remove(self._write)
            trace.beginning.remove(self._begin)
        try:
            self._file.close()
        except OSError as wrong:
            self.trouble = str(TraceFileError(self._path, str(wrong)))
