"""The file of a sandbox: what it was begun with, and a row for each call that changed it.

It is a SQLite database with a write-ahead log, so a row that was written outlives the process,
whatever ends it. A power cut may cost the latest rows, never the file: a row is handed to the
operating system at once, and only a checkpoint waits for the disk.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from orderflow.sandbox.journal_identity import (
    APPLICATION,
    HEADER,
    Identity,
    JournalError,
    see_header,
    uri,
)

_TABLES = (
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE calls (
        number INTEGER PRIMARY KEY, course INTEGER NOT NULL, now INTEGER NOT NULL,
        calls INTEGER NOT NULL, sent INTEGER NOT NULL, head TEXT NOT NULL, body BLOB NOT NULL
    )""",
)
_INSERT = "INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?)"
_SELECT = "SELECT number, course, now, calls, sent, head, body FROM calls ORDER BY number"
_DELETE = "DELETE FROM calls WHERE number = ?"
_END = "INSERT OR REPLACE INTO facts VALUES ('end', ?)"
_ENDED = "SELECT max(value) FROM facts WHERE name = 'end'"

_IN_USE = "another sandbox is kept in it; stop that one, or name another file"
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_LOG = 8_192
"""Pages, of 4 KB, in the log when they are brought into the file: that waits for the disk, and so
does the call that it falls on."""

_PRIMARY = 0xFF
"""The bits of an error code that are left when its details are taken off."""

_open: set[tuple[int, int]] = set()
"""Device and inode of the files that are open in this process.

Nobody here may open one of them even to look at it: to close it again would end all locks that
this process has on it. Source: sqlite.org/howtocorrupt.html, 2.2.
"""
_guard = threading.Lock()

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Row:
    """A call, and where the sandbox stood when it came.

    Attributes:
        number: 1 for the first.
        course: Checksum of all that had happened before.
        now: Virtual time in ms.
        calls: How many calls there had been, this one and those that only read included.
        sent: How many messages had been sent.
        head: The call without its body, as JSON.
        body: Bytes of its body.
    """

    number: int
    course: int
    now: int
    calls: int
    sent: int
    head: str
    body: bytes


@dataclass(frozen=True, slots=True)
class End:
    """Where the sandbox stood after row *number*, when it was closed."""

    number: int
    course: int
    now: int


class JournalFile:
    """The file while it is open; nobody else can read or write it.

    Args:
        path: The file; it is made when it is absent or empty.
        identity: What the sandbox is begun with.

    Attributes:
        path: Where it really is.

    Raises:
        JournalError: It cannot be used. A file that is not for this sandbox is left as it is,
            byte by byte.
    """

    def __init__(self, path: Path, identity: Identity) -> None:
        self.path = _file_at(path)
        self._claim = _claimed(self.path)
        self._inodes = {self.path: self._claim.place[1]}
        try:
            see_header(self.path, os.pread(self._claim.handle, HEADER, 0), identity)
            self._link = _connected(self.path, identity)
        except BaseException:
            _let_go(self._claim)
            raise

    def append(self, row: Row) -> None:
        """Write *row*; when this returns, it outlives the process.

        Raises:
            JournalError: It cannot be written, the disk is full for example; there is no such row.
        """
        self._see_it_is_there()
        values = (row.number, row.course, row.now, row.calls, row.sent, row.head, row.body)
        self._tried(lambda: self._link.execute(_INSERT, values))
        if len(self._inodes) == 1:
            with suppress(OSError):
                log = self.path.with_name(self.path.name + "-wal")
                self._inodes[log] = log.stat().st_ino

    def _see_it_is_there(self) -> None:
        """Writing to a file without a name succeeds, and is lost: so look for the name."""
        for path, inode in self._inodes.items():
            try:
                same = path.stat().st_ino == inode
            except OSError:
                same = False
            if not same:
                raise JournalError(path, "was moved or deleted while a sandbox is kept in it")

    def rows(self) -> Iterator[Row]:
        """All rows, the first one first.

        Raises:
            JournalError: The file is damaged.
        """
        with closing(self._tried(lambda: self._link.execute(_SELECT))) as found:
            while (values := self._tried(found.fetchone)) is not None:
                yield self._row(values)

    def count(self) -> int:
        """How many rows there are."""
        return int(str(self._one("SELECT count(*) FROM calls")))

    def end(self) -> End | None:
        """Where the sandbox stood when the file was closed, None when it never was."""
        text = self._one(_ENDED)
        return None if text is None else End(*map(int, str(text).split()))

    def drop(self, numbers: Iterable[int]) -> None:
        """Remove the rows with these *numbers*: all of them, or none when that is not possible."""
        wanted = [(number,) for number in numbers]
        if wanted:
            with suppress(JournalError):
                self._tried(lambda: self._drop(wanted))

    def close(self, end: End | None = None) -> None:
        """Leave one file, without a log beside it; what does not fit into it stays in the log.

        Args:
            end: Where the sandbox stands, None when that is not known.
        """
        with suppress(JournalError):
            if end is not None:
                text = f"{end.number} {end.course} {end.now}"
                self._tried(lambda: self._link.execute(_END, (text,)))
        with suppress(sqlite3.Error):
            self._link.close()
        _let_go(self._claim)

    def _drop(self, wanted: list[tuple[int]]) -> None:
        self._link.execute("BEGIN IMMEDIATE")
        self._link.executemany(_DELETE, wanted)
        self._link.execute("COMMIT")

    def _one(self, asked: str) -> object:
        return self._tried(lambda: self._link.execute(asked).fetchone()[0])

    def _tried(self, act: Callable[[], ResultT]) -> ResultT:
        """What *act* gives; trouble of the database becomes ours, and nothing is left half done."""
        try:
            return act()
        except sqlite3.Error as wrong:
            if self._link.in_transaction:
                with suppress(sqlite3.Error):
                    self._link.rollback()
            raise JournalError(self.path, _told(wrong)) from wrong

    def _row(self, values: tuple[object, ...]) -> Row:
        """The row that *values* stand for."""
        number, course, now, calls, sent, head, body = values
        if (
            isinstance(number, int)
            and isinstance(course, int)
            and isinstance(now, int)
            and isinstance(calls, int)
            and isinstance(sent, int)
            and isinstance(head, str)
            and isinstance(body, bytes)
        ):
            return Row(number, course, now, calls, sent, head, body)
        raise JournalError(self.path, f"row {number} is damaged")


def _file_at(path: Path) -> Path:
    """Where *path* leads; a new file is its owner's alone: calls may carry secrets."""
    try:
        found = path.resolve()
        with suppress(FileExistsError):
            os.close(os.open(found, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        if stat.S_ISREG(found.stat().st_mode):
            return found
    except (OSError, RuntimeError) as wrong:  # RuntimeError: links that lead in a circle
        why = getattr(wrong, "strerror", None) or str(wrong)
        raise JournalError(path, f"cannot be made: {why}") from wrong
    raise JournalError(path, "is no file; name one, or a new one")


@dataclass(frozen=True, slots=True)
class _Claim:
    """That a file is ours.

    Attributes:
        handle: Open file.
        place: Device and inode.
    """

    handle: int
    place: tuple[int, int]


def _claimed(path: Path) -> _Claim:
    """Make a file ours.

    The database locks it, too, but loses its locks when anything in this process closes the file.
    """
    found = path.stat()
    place = found.st_dev, found.st_ino
    with _guard:
        if place in _open:
            raise JournalError(path, _IN_USE)
        try:
            handle = os.open(path, os.O_RDWR)
        except OSError as wrong:
            raise JournalError(path, f"cannot be opened: {wrong.strerror}") from wrong
        claim = _Claim(handle, place)
        _open.add(place)
    if not _locked(handle):
        _let_go(claim)
        raise JournalError(path, _IN_USE)
    return claim


def _locked(handle: int) -> bool:
    """Lock the file against other processes, where that does not disturb the database's locks."""
    if sys.platform == "linux":
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _let_go(claim: _Claim) -> None:
    with _guard:
        _open.discard(claim.place)
        os.close(claim.handle)


def _connected(path: Path, identity: Identity) -> sqlite3.Connection:
    """The database, locked for this process; begun when it is new."""
    try:
        link = sqlite3.connect(
            uri(path, "mode=rw"),
            uri=True,
            isolation_level=None,
            timeout=0,
            check_same_thread=False,  # the lock of the service is held whenever it is used
        )
    except sqlite3.Error as wrong:
        raise JournalError(path, _told(wrong)) from wrong
    try:
        _begin(link, path, identity)
    except sqlite3.Error as wrong:
        link.close()
        raise JournalError(path, _told(wrong)) from wrong
    except BaseException:
        link.close()
        raise
    return link


def _begin(link: sqlite3.Connection, path: Path, identity: Identity) -> None:
    link.execute("PRAGMA locking_mode = EXCLUSIVE")
    link.execute("BEGIN EXCLUSIVE")
    mark = link.execute("PRAGMA user_version").fetchone()[0]
    if mark not in (0, identity.mark):  # begun by another one since its header was looked at
        raise JournalError(path, _IN_USE)
    if not mark:
        link.execute(f"PRAGMA application_id = {APPLICATION}")
        link.execute(f"PRAGMA user_version = {identity.mark}")
        for table in _TABLES:
            link.execute(table)
        link.executemany("INSERT INTO facts VALUES (?, ?)", identity.facts.items())
    link.execute("COMMIT")
    link.execute("PRAGMA journal_mode = WAL")
    link.execute("PRAGMA synchronous = NORMAL")
    link.execute(f"PRAGMA wal_autocheckpoint = {_LOG}")


def _told(wrong: sqlite3.Error) -> str:
    """What went wrong, with what would work."""
    if getattr(wrong, "sqlite_errorcode", 0) & _PRIMARY in _BUSY:
        return _IN_USE
    return str(wrong)
