"""Where results go: text and data for stdout, words for stderr, and files written whole."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import click

from orderflow.flows.errors import OrderflowError

STDOUT = Path("-")
"""The path that means standard output."""


class OutputError(OrderflowError):
    """A result cannot be written where it should go."""


def shown(text: str) -> str:
    r"""Return *text* with all that a terminal would act on spelled out, but for line ends.

    >>> print(shown("cleared \x1b[2J\nto the end"))
    cleared \x1b[2J
    to the end
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode()
        for char in text
    )


def say(text: str, *, err: bool = False) -> None:
    """Print a line, or several, for people to read.

    Raises:
        OutputError: Nothing can be written there, because the disk is full for example.
    """
    with _standard_output():
        click.echo(shown(text), err=err)


def pour(texts: Iterable[str]) -> None:
    """Write data to stdout as it stands, in UTF-8 wherever that is.

    Raises:
        OutputError: Nothing can be written there.
    """
    stream = sys.stdout.buffer
    for text in texts:
        data = text.encode("utf-8", "backslashreplace")
        with _standard_output():
            stream.write(data)
    with _standard_output():
        stream.flush()


@contextmanager
def _standard_output() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # not trouble: the reader has had enough, as `head` does
        raise
    except OSError as error:
        unread()  # or the interpreter tries again when it ends, and fails with a code of its own
        raise OutputError(f"standard output: cannot be written: {error.strerror}") from None


def unread() -> None:
    """Throw away what stands in stdout's buffer and all that follows: nobody can have it."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Progress:
    """One line on stderr that says what is going on, when somebody can see it."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._began = time.monotonic()
        self._width = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._width:
            click.echo("\r" + " " * self._width + "\r", nl=False, err=True)

    def say(self, text: str) -> None:
        """Replace the line."""
        if self._shown:
            line = f"{time.monotonic() - self._began:5.1f} s  {shown(text)}"
            click.echo("\r" + line.ljust(self._width), nl=False, err=True)
            self._width = len(line)


def same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, or would; `/dev/null` has room for everybody."""
    try:
        return one.resolve() == other.resolve() and _replaceable(one)
    except OSError:  # such as a name too long for any file
        return False


def writable(path: Path) -> None:
    """Make sure that a file can be written at *path*, before any work is done.

    Raises:
        OutputError: It cannot; says why.
    """
    with _file_output(path):
        folder = path.parent
        if path.is_dir():
            raise OutputError(f"{path}: is a folder; name a file")
        if not folder.is_dir():
            raise OutputError(f"{path}: there is no folder {folder}")
        if path.exists() and not os.access(path, os.W_OK):
            raise OutputError(f"{path}: may not be overwritten")
        if _replaceable(path):
            part = _part(path)
            try:
                part.open("x").close()
            finally:
                part.unlink(missing_ok=True)


@contextmanager
def whole(path: Path) -> Iterator[TextIO]:
    """Open a text file that appears at *path* complete, or not at all.

    What stood there before is replaced when the body is left without an exception. A device or
    a pipe is written to directly; of a link, the file it leads to is replaced.

    Raises:
        OutputError: It cannot be written.
    """
    with _file_output(path):
        if not _replaceable(path):
            with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                yield file
            return
        part = _part(path)
        try:
            with part.open("x", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                yield file
            if path.exists():
                part.chmod(path.stat().st_mode & 0o777)
            part.replace(path.resolve())
        finally:
            part.unlink(missing_ok=True)


def _replaceable(path: Path) -> bool:
    """Whether *path* is a plain file or nothing yet, and not `/dev/null`."""
    return path.is_file() or not path.exists()


def _part(path: Path) -> Path:
    """The file beside *path* in which its new content grows."""
    target = path.resolve()
    return target.with_name(f".{target.name[:100]}.{os.getpid()}.part")


@contextmanager
def _file_output(path: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from None


def check_place(option: str, path: Path, places: Mapping[str, Path], read: Iterable[Path]) -> None:
    """Make sure that a result can go where it should, and destroys nothing.

    Args:
        option: The option that names the place, such as ``--json``.
        path: The place.
        places: All places of the command line, by option.
        read: Files that the command reads.

    Raises:
        OutputError: Another result goes there, or it is read, or nothing can be written there.
    """
    first = next(name for name, place in places.items() if name == option or same(place, path))
    if first != option:
        raise OutputError(f"{option} {path}: {first} goes there, too")
    if any(same(each, path) for each in read):
        raise OutputError(f"{option} {path}: is read by this command; name another file")
    if path != STDOUT:
        writable(path)


def check_folder(option: str, folder: Path) -> None:
    """Make sure that there is, or can be, a folder to write to.

    Raises:
        OutputError: There cannot.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{option} {folder}: is a file; name a folder")
    home = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    if not home.is_dir() or not os.access(home, os.W_OK):
        raise OutputError(f"{option} {folder}: cannot be made in {home}")
