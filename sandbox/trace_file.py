"""A trace in a file: one JSON object a line, written as it happens.

Each line is handed to the operating system before the call is answered, so a sandbox that is killed
loses none. What is empty in a line is left out of it; ``orderflow certify --from-trace`` reads it.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TextIO

from orderflow.conformance.integration.line import Line
from orderflow.flows.errors import OrderflowError
from orderflow.sandbox.moments import iso
from orderflow.sandbox.service import Service
from orderflow.sandbox.witness import Witness, attach, dismiss

_TEXTS = ("scenario", "operation", "method", "path", "key", "order_id", "before", "after")


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
        service: The sandbox; it gets a witness that keeps nothing if it has none.
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
        self._witness = attach(service, 0)
        self._witness.listeners.append(self._write)

    def _write(self, line: Line) -> None:
        if self.trouble:
            return
        try:
            self._file.write(_text(written(line, self._witness)) + "\n")
        except (OSError, ValueError) as wrong:
            self.trouble = str(TraceFileError(self._path, str(wrong)))

    def close(self) -> None:
        """Stop writing."""
        if self._write in self._witness.listeners:
            self._witness.listeners.remove(self._write)
            dismiss(self._service)
        try:
            self._file.close()
        except OSError as wrong:
            self.trouble = str(TraceFileError(self._path, str(wrong)))


def _text(value: object) -> str:
    """*value* as JSON, legible where it can be: a lone surrogate has no bytes of its own."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return text


def written(line: Line, witness: Witness) -> dict[str, object]:
    """A line as a file has it, without what is empty; both times are those of the world."""
    began = witness.began + timedelta(milliseconds=line.wall)
    found: dict[str, object] = {
        "number": line.number,
        "kind": line.kind,
        "at": iso(line.at),
        "wall": began.isoformat(timespec="microseconds"),
        "took": line.took,
        **{name: getattr(line, name) for name in _TEXTS},
        "status": line.status,
        "faults": list(line.faults),
        "query": [list(pair) for pair in line.query],
        "trouble": line.trouble,
        "facts": dict(line.facts),
    }
    kept = ("took", "status") if line.kind in ("call", "delivery") else ()
    return {name: value for name, value in found.items() if value or name in kept}
