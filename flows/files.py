"""Reads the bytes of a file a person named, and says in words why it cannot."""

from __future__ import annotations

from pathlib import Path

from orderflow.flows.errors import FlowFileError, Place
from orderflow.flows.yaml_text import check_size, one_problem


def read_file(path: Path) -> bytes:
    """Return the content of a file that is small enough to be worth parsing.

    Raises:
        FlowFileError: It is missing, not a plain file, too big, or may not be read.
    """
    try:
        refusal = _refusal(path)
        if refusal is not None:
            raise refusal
        check_size(path.stat().st_size, str(path))
        return path.read_bytes()
    except OSError as error:
        told = f"cannot be read: {error.strerror}"
        raise one_problem(Place(str(path)), told, "unreadable") from None


def is_file(path: Path) -> bool:
    """Whether there is a plain file at *path*, which may be any text at all."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _refusal(path: Path) -> FlowFileError | None:
    if path.is_file():
        return None
    if path.is_dir():
        return one_problem(Place(str(path)), "is a folder, not a file", "not-a-file")
    if path.exists():
        return one_problem(Place(str(path)), "is not a plain file", "not-a-file")
    return one_problem(Place(str(path)), "there is no such file", "no-such-file")
